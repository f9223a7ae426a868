/*
 * One mail to a mail server (RFC 5321), by libcurl. libcurl speaks the protocol; what it was about to do when it
 * failed, and what the server said then, is read from its log of the dialogue.
 */
#include "mail/target.h"

#include "base/file.h"
#include "fetch/curl.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    CONNECT_MS = 10000,
    WHOLE_MS = 60000, /* also where a server accepts slowly */
    SECRET_MAX = 16 * 1024,
};

struct smtp {
    const struct mail_settings *settings;
    CURL *curl;
    struct str rest; /* of the mail under way */
    const atomic_bool *stop;
    enum mail_step step;
    bool over;       /* it says goodbye: the reply to that does not count */
    int code;        /* of the last reply */
    char reply[256]; /* and its last line */
    char error[CURL_ERROR_SIZE];
};

static bool stopped(const struct smtp *smtp)
{
    return smtp->stop != NULL && *smtp->stop;
}

enum err smtp_create(const struct mail_settings *settings, struct smtp **ret_smtp)
{
    curl_ready();
    struct smtp *smtp = calloc(1, sizeof *smtp);
    if (smtp == NULL)
        return ERR_MEMORY;
    smtp->settings = settings;
    *ret_smtp = smtp;
    return ERR_OK;
}

/* libcurl says goodbye on a connection that it has kept, and would wait two minutes for an answer: so it finds
 * that none can come. */
void smtp_rest(struct smtp *smtp)
{
    curl_socket_t fd;
    if (smtp->curl == NULL)
        return;
    if (curl_easy_getinfo(smtp->curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD)
        shutdown(fd, SHUT_RD);
    curl_easy_cleanup(smtp->curl);
    smtp->curl = NULL;
}

void smtp_destroy(struct smtp *smtp)
{
    if (smtp == NULL)
        return;
    smtp_rest(smtp);
    free(smtp);
}

/* ---- the dialogue ---- */

/* What a command begins; a sign-in's later lines do not begin one, and leave the step as it is. */
static void command_note(struct smtp *smtp, struct str line)
{
    static const struct {
        struct str command;
        enum mail_step step;
    } steps[] = {
        {STR_INIT("EHLO"), MAIL_GREETING}, {STR_INIT("HELO"), MAIL_GREETING},
        {STR_INIT("STARTTLS"), MAIL_TLS},  {STR_INIT("AUTH"), MAIL_SIGN_IN},
        {STR_INIT("MAIL"), MAIL_SENDER},   {STR_INIT("RCPT"), MAIL_RECIPIENT},
        {STR_INIT("DATA"), MAIL_CONTENT},
    };
    struct str word = str_sub(line, 0, str_find(line, ' '));
    word = str_trim(word);
    smtp->over = smtp->over || str_eq(word, STR("QUIT"));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (str_eq(word, steps[i].command))
            smtp->step = steps[i].step;
}

/* Keeps what people can read of it. */
static void reply_note(struct smtp *smtp, struct str line)
{
    size_t n = 0;
    int code = 0;
    if (smtp->over)
        return;
    line = str_trim(line);
    for (size_t i = 0; i < 3 && i < line.n && ascii_digit(line.p[i]); i++)
        code = code * 10 + (line.p[i] - '0');
    for (size_t i = 0; i < line.n && n < sizeof smtp->reply - 1; i++)
        smtp->reply[n++] = line.p[i] >= ' ' && line.p[i] <= '~' ? line.p[i] : '?';
    smtp->reply[n] = '\0';
    smtp->code = code;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static int dialogue(CURL *curl, curl_infotype type, char *bytes, size_t n, void *arg)
{
    struct smtp *smtp = arg;
    (void)curl;
    if (type == CURLINFO_HEADER_OUT)
        command_note(smtp, (struct str){bytes, n});
    else if (type == CURLINFO_HEADER_IN)
        reply_note(smtp, (struct str){bytes, n});
    return 0;
}

/* libcurl asks at least once a second. NOLINTNEXTLINE(bugprone-easily-swappable-parameters) */
static int progress(void *arg, curl_off_t down, curl_off_t got, curl_off_t up, curl_off_t sent)
{
    const struct smtp *smtp = arg;
    (void)down, (void)got, (void)up, (void)sent;
    return stopped(smtp);
}

static size_t content_give(char *to, size_t size, size_t n, void *arg)
{
    struct smtp *smtp = arg;
    struct str piece = str_sub(smtp->rest, 0, size * n);
    for (size_t i = 0; i < piece.n; i++)
        to[i] = piece.p[i];
    smtp->rest = str_from(smtp->rest, piece.n);
    return piece.n;
}

/* ---- one mail ---- */

/* The first option that was not accepted. */
static CURLcode mail_set(struct smtp *smtp, struct op *op, struct curl_slist *recipients)
{
    const struct mail_settings *settings = smtp->settings;
    CURL *curl = smtp->curl;
    CURLcode bad = CURLE_OK;
    struct str host = settings->from;
    (void)str_cut(&host, '@');
    /* The path is the name that we greet with: that of our own domain. */
    struct str url = arena_printf(op->arena, "%.*s/%.*s", STR_ARG(settings->url), STR_ARG(host));
    struct str from = arena_printf(op->arena, "<%.*s>", STR_ARG(settings->from));
    if (url.p == NULL || from.p == NULL)
        return CURLE_OUT_OF_MEMORY;
#define SET(option, value) (bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value))
    curl_easy_reset(curl); /* but the connection stays */
    SET(CURLOPT_ERRORBUFFER, smtp->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET(CURLOPT_PROXY, ""); /* none, whatever the environment says */
    SET(CURLOPT_URL, url.p);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)WHOLE_MS);
    SET(CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)WHOLE_MS / 1000); /* to the goodbye, too */
    SET(CURLOPT_USE_SSL,
        str_eq(settings->tls, STR("none")) ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
    if (settings->ca_file.n > 0)
        SET(CURLOPT_CAINFO, settings->ca_file.p);
    SET(CURLOPT_MAIL_FROM, from.p);
    SET(CURLOPT_MAIL_RCPT, recipients);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_READFUNCTION, content_give);
    SET(CURLOPT_READDATA, smtp);
    SET(CURLOPT_VERBOSE, 1L);
    SET(CURLOPT_DEBUGFUNCTION, dialogue);
    SET(CURLOPT_DEBUGDATA, smtp);
    SET(CURLOPT_NOPROGRESS, 0L);
    SET(CURLOPT_XFERINFOFUNCTION, progress);
    SET(CURLOPT_XFERINFODATA, smtp);
    /* A name server that does not answer must not hold up a stop either. */
    SET(CURLOPT_QUICK_EXIT, 1L);
    return bad;
}

/* The secret may have been replaced since the last connection, as access tokens are every hour. */
static enum err sign_in_set(struct smtp *smtp, struct op *op, CURLcode *bad_option)
{
    const struct mail_settings *settings = smtp->settings;
    CURL *curl = smtp->curl;
    CURLcode bad = CURLE_OK;
    struct str secret;
    if (settings->user.n == 0)
        return ERR_OK;
    enum err err = file_read(op, settings->secret_file, SECRET_MAX, &secret);
    if (err != ERR_OK)
        return err;
    SET(CURLOPT_USERNAME, settings->user.p);
    if (str_eq(settings->method, STR("xoauth2"))) {
        SET(CURLOPT_XOAUTH2_BEARER, secret.p);
        SET(CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
    } else {
        SET(CURLOPT_PASSWORD, secret.p);
        if (str_eq(settings->method, STR("plain")))
            SET(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN");
        else if (str_eq(settings->method, STR("login")))
            SET(CURLOPT_LOGIN_OPTIONS, "AUTH=LOGIN");
    }
#undef SET
    *bad_option = bad;
    return ERR_OK;
}

/* What a refusal for good means: by its enhanced code (RFC 3463), or without one by its plain code (RFC 5321,
 * section 4.2.3). The first row that it starts with counts. */
static enum mail_verdict refusal_read(const char *reply, bool content)
{
    static const struct {
        struct str code;
        enum mail_verdict recipient, content; /* at RCPT TO; of the mail */
    } refusals[] = {
        {STR_INIT("5.1.7"), MAIL_NOT_THERE, MAIL_REJECTED}, /* the sender's address, … */
        {STR_INIT("5.1.8"), MAIL_NOT_THERE, MAIL_REJECTED}, /* … and its domain */
        {STR_INIT("5.1."), MAIL_NO_ADDRESS, MAIL_NO_ADDRESS},
        {STR_INIT("5.2.2"), MAIL_AGAIN, MAIL_AGAIN},       /* a mailbox that is full exists */
        {STR_INIT("5.2.3"), MAIL_REJECTED, MAIL_REJECTED}, /* too large for it, … */
        {STR_INIT("5.3.4"), MAIL_REJECTED, MAIL_REJECTED}, /* … or for the server */
        {STR_INIT("5.2."), MAIL_NO_ADDRESS, MAIL_NO_ADDRESS},
        {STR_INIT("5.6."), MAIL_REJECTED, MAIL_REJECTED},
        {STR_INIT("5."), MAIL_NOT_THERE, MAIL_REJECTED}, /* routes, protocols, policies */
        {STR_INIT("552"), MAIL_AGAIN, MAIL_AGAIN},       /* full */
        {STR_INIT("501"), MAIL_NO_ADDRESS, MAIL_REJECTED},
        {STR_INIT("550"), MAIL_NO_ADDRESS, MAIL_REJECTED},
        {STR_INIT("551"), MAIL_NO_ADDRESS, MAIL_REJECTED},
        {STR_INIT("553"), MAIL_NO_ADDRESS, MAIL_REJECTED},
        {STR_INIT("556"), MAIL_NO_ADDRESS, MAIL_REJECTED}, /* a domain without mail (RFC 7504) */
        {STR_INIT("5"), MAIL_NOT_THERE, MAIL_REJECTED},
    };
    struct str text = str_of(reply), enhanced = str_from(text, 4);
    size_t i = 0, last = sizeof refusals / sizeof refusals[0] - 1;
    text = str_starts(enhanced, STR("5.")) ? enhanced : text;
    while (i < last && !str_starts(text, refusals[i].code))
        i++;
    return content ? refusals[i].content : refusals[i].recipient;
}

/* What is refused or breaks once the recipient was named is about this mail, for all that we know: so it must
 * not hold up others. If it was about the server, the next mail shows that. */
static enum mail_verdict verdict_of(const struct smtp *smtp, CURLcode code)
{
    bool answered =
        code != CURLE_OPERATION_TIMEDOUT && code != CURLE_RECV_ERROR && code != CURLE_GOT_NOTHING;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return MAIL_BROKEN_OFF;
    if (smtp->step < MAIL_RECIPIENT)
        return MAIL_UNREACHABLE;
    return answered && smtp->code >= 500 ? refusal_read(smtp->reply, smtp->step == MAIL_CONTENT)
                                         : MAIL_AGAIN;
}

static enum err unreachable(struct mail_report *ret_report, enum mail_step step, const char *said)
{
    *ret_report = (struct mail_report){.verdict = MAIL_UNREACHABLE, .step = step};
    snprintf(ret_report->said, sizeof ret_report->said, "%s", said);
    return ERR_OK;
}

enum err smtp_send(struct smtp *smtp, struct op *op, const struct mail_letter *letter,
                   struct mail_report *ret_report)
{
    struct str recipient = arena_printf(op->arena, "<%.*s>", STR_ARG(letter->to));
    CURLcode bad_option = CURLE_OK;
    if (smtp->curl == NULL)
        smtp->curl = curl_easy_init();
    struct curl_slist *recipients =
        recipient.p == NULL || smtp->curl == NULL ? NULL : curl_slist_append(NULL, recipient.p);
    if (recipients == NULL)
        return ERR_MEMORY;
    CURLcode code = mail_set(smtp, op, recipients);
    enum err err = code == CURLE_OK ? sign_in_set(smtp, op, &bad_option) : ERR_OK;
    if (err != ERR_OK) {
        curl_slist_free_all(recipients);
        if (err == ERR_MEMORY)
            return err;
        (void)unreachable(ret_report, MAIL_SIGN_IN, op->detail);
        op_forget(op);
        return ERR_OK;
    }
    smtp->rest = letter->content;
    smtp->stop = letter->stop;
    smtp->step = MAIL_CONNECT;
    smtp->over = false;
    smtp->code = 0;
    smtp->reply[0] = smtp->error[0] = '\0';
    code = code != CURLE_OK ? code : bad_option;
    if (code == CURLE_OK)
        code = curl_easy_perform(smtp->curl);
    curl_slist_free_all(recipients);
    if (code == CURLE_OUT_OF_MEMORY)
        return ERR_MEMORY;
    *ret_report = (struct mail_report){.verdict = MAIL_ACCEPTED, .step = MAIL_CONTENT};
    if (code == CURLE_OK)
        return ERR_OK;

    /* The server's own words where it refused; else what libcurl says. */
    bool refused = smtp->code >= 400 && code != CURLE_OPERATION_TIMEDOUT;
    ret_report->step = code == CURLE_USE_SSL_FAILED ? MAIL_TLS : smtp->step;
    ret_report->verdict = verdict_of(smtp, code);
    snprintf(ret_report->said, sizeof ret_report->said, "%s",
             ret_report->verdict == MAIL_BROKEN_OFF ? "this server stops"
             : refused                              ? smtp->reply
             : smtp->error[0] != '\0'               ? smtp->error
                                                    : curl_easy_strerror(code));
    smtp_rest(smtp); /* what is left of the dialogue is nobody's */
    return ERR_OK;
}
