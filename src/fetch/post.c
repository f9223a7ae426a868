#include "fetch/post.h"

#include "base/clock.h"
#include "fetch/curl.h"

#include <curl/curl.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_KEPT = 1024 /* idle, for the next event */ };

struct poster {
    CURLM *multi;
    const struct networks *allow;
};

struct transfer {
    struct post *post;
    const struct poster *poster;
    CURL *curl;
    struct curl_slist *headers;
    bool https, refused, long_head, enough;
    size_t head, read, kept;
    int64_t begun_at; /* clock_ticks() */
    char answer[POST_ANSWER_KEPT];
    char error[CURL_ERROR_SIZE];
};

enum err poster_create(const struct poster_options *options, struct poster **ret_poster)
{
    curl_ready();
    struct poster *poster = calloc(1, sizeof *poster);
    if (poster == NULL)
        return ERR_MEMORY;
    poster->allow = options->allow;
    poster->multi = curl_multi_init();
    if (poster->multi == NULL) {
        free(poster);
        return ERR_MEMORY;
    }
    curl_multi_setopt(poster->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    *ret_poster = poster;
    return ERR_OK;
}

void poster_destroy(struct poster *poster)
{
    if (poster == NULL)
        return;
    curl_multi_cleanup(poster->multi);
    free(poster);
}

/* ---- what libcurl asks ---- */

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct transfer *transfer = arg;
    struct address address;
    bool allowed = false;
    (void)purpose;
    if (address_of_socket(&to->addr, &address))
        allowed = networks_contain(transfer->poster->allow, &address) ||
                  (transfer->https && address_is_public(&address));
    transfer->refused = !allowed;
    if (!allowed)
        return CURL_SOCKET_BAD;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct transfer *transfer = arg;
    size_t room = sizeof transfer->answer - transfer->kept, length = size * n;
    size_t kept = length < room ? length : room;
    for (size_t i = 0; i < kept; i++)
        transfer->answer[transfer->kept++] = bytes[i];
    transfer->read += length;
    transfer->enough = transfer->read > POST_ANSWER_READ;
    return transfer->enough ? 0 : length;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static size_t take_head(char *bytes, size_t size, size_t n, void *arg)
{
    struct transfer *transfer = arg;
    (void)bytes;
    transfer->head += size * n;
    transfer->long_head = transfer->head > POST_ANSWER_HEAD;
    return transfer->long_head ? 0 : size * n;
}

/* ---- one ---- */

static CURLcode transfer_set(struct transfer *transfer)
{
    CURL *curl = transfer->curl;
    const struct post *post = transfer->post;
    CURLcode bad = CURLE_OK;
#define SET(option, value) (bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value))
    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a look-up that hangs holds up nobody else, and no stop */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_USERAGENT, "bzctrl/" BZCTRL_VERSION);
    SET(CURLOPT_URL, post->url);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.n);
    SET(CURLOPT_POSTFIELDS, post->body.p);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)POST_CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)POST_TIMEOUT_MS);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, take_head);
    SET(CURLOPT_HEADERDATA, transfer);
#undef SET
    return bad;
}

static void transfer_destroy(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->headers);
    free(transfer);
}

enum err poster_start(struct poster *poster, struct post *post)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL)
        return ERR_MEMORY;
    transfer->post = post;
    transfer->poster = poster;
    transfer->https = str_starts(str_of(post->url), STR("https://"));
    transfer->begun_at = clock_ticks();
    transfer->curl = curl_easy_init();
    bool ok = transfer->curl != NULL;
    for (size_t i = 0; ok && post->headers[i] != NULL; i++) {
        struct curl_slist *longer = curl_slist_append(transfer->headers, post->headers[i]);
        ok = longer != NULL;
        transfer->headers = ok ? longer : transfer->headers;
    }
    if (!ok || transfer_set(transfer) != CURLE_OK ||
        curl_multi_add_handle(poster->multi, transfer->curl) != CURLM_OK) {
        transfer_destroy(transfer);
        return ERR_MEMORY;
    }
    post->transfer = transfer;
    return ERR_OK;
}

void post_drop(struct poster *poster, struct post *post)
{
    if (post->transfer == NULL)
        return;
    curl_multi_remove_handle(poster->multi, post->transfer->curl);
    transfer_destroy(post->transfer);
    post->transfer = NULL;
}

/* Makes a text of bytes that may be anything. */
static struct str printable(char *bytes, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t step = utf8_step((struct str){bytes + i, n - i});
        if (step == 0 && n - i < 4 && n == POST_ANSWER_KEPT)
            return (struct str){bytes, i}; /* the end of what is kept */
        if (step == 0 || bytes[i] == '\0')
            bytes[i] = '?';
        i += step == 0 ? 1 : step;
    }
    return (struct str){bytes, n};
}

static void transfer_end(struct transfer *transfer, CURLcode code)
{
    struct post *post = transfer->post;
    long status = 0;
    curl_off_t wait = 0;
    post->ms = clock_ticks() - transfer->begun_at;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->curl, CURLINFO_RETRY_AFTER, &wait);
    post->answer = printable(transfer->answer, transfer->kept);
    if (code == CURLE_OK || transfer->enough) {
        post->status = (int)status;
        wait = wait < POST_RETRY_AFTER_MAX ? wait : POST_RETRY_AFTER_MAX;
        post->retry_after = wait > 0 ? (int64_t)wait * 1000 : 0;
    } else if (transfer->refused)
        post->error = transfer->https
                          ? "the name leads to a private address, which --webhook-allow can allow"
                          : "without TLS only addresses are called that --webhook-allow allows";
    else if (transfer->long_head)
        post->error = "the head of the answer is too long";
    else
        post->error = transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code);
}

/* ---- all of them ---- */

void poster_work(struct poster *poster, int64_t ms)
{
    int running;
    curl_multi_poll(poster->multi, NULL, 0, (int)ms, NULL);
    curl_multi_perform(poster->multi, &running);
}

void poster_wake(struct poster *poster)
{
    curl_multi_wakeup(poster->multi);
}

struct post *poster_next(struct poster *poster)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(poster->multi, &left)) != NULL) {
        char *private = NULL;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct transfer *transfer = (struct transfer *)(void *)private;
        transfer_end(transfer, message->data.result);
        return transfer->post;
    }
    return NULL;
}
