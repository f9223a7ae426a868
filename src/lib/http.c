#include "lib/http.h"

#include <curl/curl.h>

#include <pthread.h>
#include <stdlib.h>

enum {
    HEAD_MAX = 64 * 1024,    /* of an answer */
    CONNECT_TIMEOUT = 10000, /* milliseconds */
    BODY_KEPT = 1024 * 1024, /* of the buffer, between exchanges */
};

struct http {
    CURL *curl;
    struct buf body;
    size_t head;
    char error[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

/* Safe with other users of libcurl, since it counts its calls. */
static void curl_begin(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum err http_create(struct http **ret_http)
{
    pthread_once(&curl_once, curl_begin);
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL)
        return ERR_MEMORY;
    buf_init(&http->body, HTTP_BODY_MAX);
    http->curl = curl_easy_init();
    if (http->curl == NULL) {
        free(http);
        return ERR_MEMORY;
    }
    *ret_http = http;
    return ERR_OK;
}

void http_destroy(struct http *http)
{
    if (http == NULL)
        return;
    curl_easy_cleanup(http->curl);
    buf_finish(&http->body);
    free(http);
}

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct http *http = arg;
    buf_bytes(&http->body, bytes, size * n);
    return buf_err(&http->body) == ERR_OK ? size * n : 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static size_t take_head(char *bytes, size_t size, size_t n, void *arg)
{
    struct http *http = arg;
    (void)bytes;
    http->head += size * n;
    return http->head <= HEAD_MAX ? size * n : 0;
}

/* libcurl asks at least once a second. NOLINTNEXTLINE(bugprone-easily-swappable-parameters) */
static int progress(void *arg, curl_off_t down, curl_off_t got, curl_off_t up, curl_off_t sent)
{
    const volatile sig_atomic_t *cancelled = arg;
    (void)down, (void)got, (void)up, (void)sent;
    return *cancelled != 0;
}

/* ---- the request ---- */

static bool add_header(struct op *op, struct curl_slist **list, const char *name, struct str value)
{
    if (value.p == NULL)
        return true;
    struct str line = arena_printf(op->arena, "%s: %.*s", name, STR_ARG(value));
    struct curl_slist *longer = line.p == NULL ? NULL : curl_slist_append(*list, line.p);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool request_headers(struct op *op, const struct http_request *request,
                            struct curl_slist **list)
{
    struct str key = STR_NONE;
    if (request->idempotency_key.p != NULL)
        key = arena_printf(op->arena, "\"%.*s\"", STR_ARG(request->idempotency_key));
    return (request->idempotency_key.p == NULL || key.p != NULL) &&
           add_header(op, list, "Content-Type", request->content_type) &&
           add_header(op, list, "Idempotency-Key", key) && add_header(op, list, "Expect", STR(""));
}

/* CURLcode of the first option that was not accepted. */
static CURLcode request_set(struct http *http, const struct http_options *options,
                            const struct http_request *request, struct curl_slist *headers)
{
    CURL *curl = http->curl;
    CURLcode bad = CURLE_OK;
#define SET(option, value) (bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value))
    curl_easy_reset(curl);
    SET(CURLOPT_ERRORBUFFER, http->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    /* An answer that a proxy repeats must not be mistaken for the answer to the next report. */
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_USERAGENT, "libbzctrl/" BZCTRL_VERSION);
    SET(CURLOPT_URL, request->url.p);
    SET(CURLOPT_CUSTOMREQUEST, request->method.p);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT);
    SET(CURLOPT_TIMEOUT_MS, (long)options->timeout);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, http);
    SET(CURLOPT_HEADERFUNCTION, take_head);
    SET(CURLOPT_HEADERDATA, http);
    if (options->cancelled != NULL) {
        SET(CURLOPT_NOPROGRESS, 0L);
        SET(CURLOPT_XFERINFOFUNCTION, progress);
        SET(CURLOPT_XFERINFODATA, (void *)(uintptr_t)options->cancelled);
    }
    if (options->ca_file.p != NULL)
        SET(CURLOPT_CAINFO, options->ca_file.p);
    if (request->body.p != NULL) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
        SET(CURLOPT_POSTFIELDS, request->body.p);
    }
    if (request->bearer.p != NULL) {
        SET(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        SET(CURLOPT_XOAUTH2_BEARER, request->bearer.p);
    }
    if (request->user.p != NULL) {
        SET(CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, request->user.p);
        SET(CURLOPT_PASSWORD, request->password.p);
    }
#undef SET
    return bad;
}

/* ---- the answer ---- */

/* The only header with that name; "" (static) if there is none. */
static const char *header_of(struct http *http, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(http->curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? header->value
               : "";
}

static enum err read_answer(struct http *http, struct op *op, struct http_answer *ret_answer)
{
    struct http_answer answer = {.body = buf_str(&http->body)};
    long status = 0;
    curl_off_t wait = 0;
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &wait);
    answer.status = (int)status;
    answer.retry_after = wait > 0 && wait < 86400 ? (int64_t)wait * 1000 : 0;
    int64_t date = (int64_t)curl_getdate(header_of(http, "Date"), NULL);
    answer.date = date > 0 ? date * 1000 : 0;
    struct str type = str_of(header_of(http, "Content-Type"));
    type = str_trim(str_cut(&type, ';'));
    struct str ending = str_from(type, type.n > 5 ? type.n - 5 : 0);
    answer.json = str_eq_case(type, STR("application/json")) || str_eq_case(ending, STR("+json"));
    answer.problem = str_eq_case(type, STR("application/problem+json"));
    answer.location = arena_str(op->arena, str_of(header_of(http, "Location")));
    answer.receipt = arena_str(op->arena, str_of(header_of(http, "Bzctrl-Receipt")));
    if (answer.location.p == NULL || answer.receipt.p == NULL)
        return ERR_MEMORY;
    *ret_answer = answer;
    return ERR_OK;
}

static enum err exchange_failed(struct http *http, struct op *op,
                                const struct http_request *request, CURLcode code)
{
    static const struct {
        CURLcode code;
        enum err err;
    } errors[] = {
        {CURLE_OUT_OF_MEMORY, ERR_MEMORY},          {CURLE_PEER_FAILED_VERIFICATION, ERR_CORRUPT},
        {CURLE_SSL_CACERT_BADFILE, ERR_SETTINGS},   {CURLE_URL_MALFORMAT, ERR_SETTINGS},
        {CURLE_UNSUPPORTED_PROTOCOL, ERR_SETTINGS},
    };
    if (buf_err(&http->body) == ERR_MEMORY)
        return ERR_MEMORY;
    if (http->head > HEAD_MAX || buf_err(&http->body) != ERR_OK)
        return op_fail(op, ERR_CORRUPT, "the answer of %.100s is too large", request->url.p);
    enum err err = ERR_UNAVAILABLE;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].code == code)
            err = errors[i].err;
    return err == ERR_MEMORY
               ? err
               : op_fail(op, err, "%.100s: %.140s", request->url.p,
                         http->error[0] != '\0' ? http->error : curl_easy_strerror(code));
}

enum err http_exchange(struct http *http, struct op *op, const struct http_options *options,
                       const struct http_request *request, struct http_answer *ret_answer)
{
    struct curl_slist *headers = NULL;
    http->head = 0;
    http->error[0] = '\0';
    if (http->body.capacity > BODY_KEPT)
        buf_finish(&http->body);
    buf_clear(&http->body);
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (request_headers(op, request, &headers))
        code = request_set(http, options, request, headers);
    if (code == CURLE_OK)
        code = curl_easy_perform(http->curl);
    enum err err = code == CURLE_OK ? read_answer(http, op, ret_answer)
                                    : exchange_failed(http, op, request, code);
    curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return err;
}

bool http_sent(const struct http *http)
{
    long size = 0;
    curl_easy_getinfo(http->curl, CURLINFO_REQUEST_SIZE, &size);
    return size > 0;
}
