#include "mail/send.h"

#include "mail/target.h"
#include "model/email.h"

#include <stdlib.h>

struct mail_sender {
    const struct mail_settings *settings;
    struct smtp *smtp; /* NULL: a folder */
};

/* ---- the settings ---- */

static bool one_of(struct str value, const char *const *words)
{
    while (*words != NULL && !str_eq(value, str_of(*words)))
        words++;
    return *words != NULL;
}

/* smtp:// or smtps://, a host and maybe a port: no user, path, query or blank. */
static bool server_url(struct str url)
{
    struct str host = str_from(url, str_starts(url, STR("smtps://")) ? 8 : 7);
    for (size_t i = 0; i < host.n; i++)
        if (host.p[i] <= ' ' || host.p[i] > '~' || str_find(STR("/@?#\"<>\\"), host.p[i]) < 8)
            return false;
    return host.n > 0 && (str_starts(url, STR("smtp://")) || str_starts(url, STR("smtps://")));
}

static bool is_maildir(const struct mail_settings *settings)
{
    return str_starts(settings->url, STR("maildir:"));
}

enum err mail_settings_check(struct op *op, const struct mail_settings *settings)
{
    static const char *const methods[] = {"auto", "plain", "login", "xoauth2", NULL};
    static const char *const tls[] = {"required", "none", NULL};
    if (!one_of(settings->method, methods))
        return op_fail(op, ERR_SYNTAX,
                       "--mail-auth must be auto, plain, login or xoauth2, not \"%.*s\"",
                       STR_ARG(settings->method));
    if (!one_of(settings->tls, tls))
        return op_fail(op, ERR_SYNTAX, "--mail-tls must be required or none, not \"%.*s\"",
                       STR_ARG(settings->tls));
    if (settings->url.n == 0)
        return ERR_OK;
    if (!email_valid(settings->from))
        return op_fail(op, ERR_SYNTAX,
                       "--mail-url needs --mail-from, the e-mail address that mail comes from");
    if (is_maildir(settings))
        return settings->url.n > 8 ? ERR_OK
                                   : op_fail(op, ERR_SYNTAX, "--mail-url maildir: needs a folder");
    if (!server_url(settings->url))
        return op_fail(op, ERR_SYNTAX,
                       "--mail-url must be smtp://HOST:PORT, smtps://HOST:PORT or maildir:FOLDER, "
                       "not \"%.*s\"",
                       STR_ARG(settings->url));
    if ((settings->user.n > 0) != (settings->secret_file.n > 0))
        return op_fail(op, ERR_SYNTAX, "--mail-user and --mail-password-file need each other");
    if (settings->user.n > 0 && str_eq(settings->tls, STR("none")) &&
        str_starts(settings->url, STR("smtp://")))
        return op_fail(op, ERR_SYNTAX,
                       "--mail-tls none would send the password of --mail-user readably");
    return ERR_OK;
}

bool mail_allows(const struct mail_settings *settings, struct str address)
{
    struct str rest = settings->allow, domain = address;
    (void)str_cut(&domain, '@');
    if (rest.p == NULL)
        return true;
    while (rest.p != NULL) {
        struct str one = str_trim(str_cut(&rest, ','));
        if (one.n > 0 && str_eq_case(one, domain))
            return true;
    }
    return false;
}

/* ---- sending ---- */

enum err mail_sender_create(const struct mail_settings *settings, struct mail_sender **ret_sender)
{
    struct mail_sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL)
        return ERR_MEMORY;
    sender->settings = settings;
    enum err err = is_maildir(settings) ? ERR_OK : smtp_create(settings, &sender->smtp);
    if (err != ERR_OK) {
        free(sender);
        return err;
    }
    *ret_sender = sender;
    return ERR_OK;
}

void mail_sender_destroy(struct mail_sender *sender)
{
    if (sender == NULL)
        return;
    smtp_destroy(sender->smtp);
    free(sender);
}

void mail_sender_rest(struct mail_sender *sender)
{
    if (sender->smtp != NULL)
        smtp_rest(sender->smtp);
}

enum err mail_send(struct mail_sender *sender, struct op *op, const struct mail_letter *letter,
                   struct mail_report *ret_report)
{
    return sender->smtp == NULL
               ? maildir_send(op, str_from(sender->settings->url, 8), letter, ret_report)
               : smtp_send(sender->smtp, op, letter, ret_report);
}

struct str mail_report_say(const struct mail_settings *settings, struct arena *arena,
                           const struct mail_report *report)
{
    static const char *const steps[MAIL_STEPS] = {
        [MAIL_CONNECT] = "the connection failed",
        [MAIL_GREETING] = "the server did not greet back",
        [MAIL_TLS] = "the connection could not be encrypted",
        [MAIL_SIGN_IN] = "the sign-in (--mail-user, --mail-password-file) failed",
        [MAIL_SENDER] = "the sender (--mail-from) was refused",
        [MAIL_RECIPIENT] = "the recipient was refused",
        [MAIL_CONTENT] = "the mail itself was not accepted",
    };
    return arena_printf(arena, "%.*s: %s: %s", STR_ARG(settings->url),
                        is_maildir(settings) ? "the folder cannot be written" : steps[report->step],
                        report->said);
}
