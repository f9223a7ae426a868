#include "fetch/fetch.h"

#include "fetch/curl.h"

#include <curl/curl.h>

#include <stdlib.h>

enum {
    HEAD_MAX = 64 * 1024,    /* of an answer */
    CONNECT_TIMEOUT = 10000, /* milliseconds */
    BODY_KEPT = 1024 * 1024, /* of the buffer, between exchanges */
};

struct fetch {
    CURL *curl;
    struct buf body;
    size_t body_max, head;
    bool large; /* the answer is larger than asked for */
    char error[CURL_ERROR_SIZE];
};

enum err fetch_create(struct fetch **ret_fetch)
{
    curl_ready();
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (fetch == NULL)
        return ERR_MEMORY;
    buf_init(&fetch->body, FETCH_BODY_MAX);
    fetch->curl = curl_easy_init();
    if (fetch->curl == NULL) {
        free(fetch);
        return ERR_MEMORY;
    }
    *ret_fetch = fetch;
    return ERR_OK;
}

void fetch_destroy(struct fetch *fetch)
{
    if (fetch == NULL)
        return;
    curl_easy_cleanup(fetch->curl);
    buf_finish(&fetch->body);
    free(fetch);
}

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetch *fetch = arg;
    fetch->large = size * n > fetch->body_max - fetch->body.n;
    if (!fetch->large)
        buf_bytes(&fetch->body, bytes, size * n);
    return !fetch->large && buf_err(&fetch->body) == ERR_OK ? size * n : 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is libcurl's */
static size_t take_head(char *bytes, size_t size, size_t n, void *arg)
{
    struct fetch *fetch = arg;
    (void)bytes;
    fetch->head += size * n;
    return fetch->head <= HEAD_MAX ? size * n : 0;
}

/* libcurl asks at least once a second. NOLINTNEXTLINE(bugprone-easily-swappable-parameters) */
static int progress(void *arg, curl_off_t down, curl_off_t got, curl_off_t up, curl_off_t sent)
{
    const struct fetch_options *options = arg;
    (void)down, (void)got, (void)up, (void)sent;
    return options->ends(options->ends_arg);
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

static bool request_headers(struct op *op, const struct fetch_request *request,
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
static CURLcode request_set(struct fetch *fetch, const struct fetch_options *options,
                            const struct fetch_request *request, struct curl_slist *headers)
{
    CURL *curl = fetch->curl;
    CURLcode bad = CURLE_OK;
#define SET(option, value) (bad = bad != CURLE_OK ? bad : curl_easy_setopt(curl, option, value))
    curl_easy_reset(curl);
    SET(CURLOPT_ERRORBUFFER, fetch->error);
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
    SET(CURLOPT_WRITEDATA, fetch);
    SET(CURLOPT_HEADERFUNCTION, take_head);
    SET(CURLOPT_HEADERDATA, fetch);
    if (options->ends != NULL) {
        SET(CURLOPT_NOPROGRESS, 0L);
        SET(CURLOPT_XFERINFOFUNCTION, progress);
        SET(CURLOPT_XFERINFODATA, (void *)(uintptr_t)options);
        /* A name server that does not answer must not hold it up either. */
        SET(CURLOPT_QUICK_EXIT, 1L);
    }
    if (options->socket.p != NULL) {
        SET(CURLOPT_UNIX_SOCKET_PATH, options->socket.p);
        SET(CURLOPT_PROXY, "");
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
static const char *header_of(struct fetch *fetch, const char *name)
{
    struct curl_header *header;
    return curl_easy_header(fetch->curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? header->value
               : "";
}

static enum err read_answer(struct fetch *fetch, struct op *op, struct fetch_answer *ret_answer)
{
    struct fetch_answer answer = {.body = buf_str(&fetch->body)};
    long status = 0;
    curl_off_t wait = 0;
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(fetch->curl, CURLINFO_RETRY_AFTER, &wait);
    answer.status = (int)status;
    answer.retry_after = wait > 0 && wait < 86400 ? (int64_t)wait * 1000 : 0;
    int64_t date = (int64_t)curl_getdate(header_of(fetch, "Date"), NULL);
    answer.date = date > 0 ? date * 1000 : 0;
    struct str type = str_of(header_of(fetch, "Content-Type"));
    type = str_trim(str_cut(&type, ';'));
    struct str ending = str_from(type, type.n > 5 ? type.n - 5 : 0);
    answer.json = str_eq_case(type, STR("application/json")) || str_eq_case(ending, STR("+json"));
    answer.problem = str_eq_case(type, STR("application/problem+json"));
    answer.location = arena_str(op->arena, str_of(header_of(fetch, "Location")));
    answer.receipt = arena_str(op->arena, str_of(header_of(fetch, "Bzctrl-Receipt")));
    if (answer.location.p == NULL || answer.receipt.p == NULL)
        return ERR_MEMORY;
    *ret_answer = answer;
    return ERR_OK;
}

static enum err exchange_failed(struct fetch *fetch, struct op *op,
                                const struct fetch_request *request, CURLcode code)
{
    static const struct {
        CURLcode code;
        enum err err;
    } errors[] = {
        {CURLE_OUT_OF_MEMORY, ERR_MEMORY},          {CURLE_PEER_FAILED_VERIFICATION, ERR_CORRUPT},
        {CURLE_SSL_CACERT_BADFILE, ERR_SETTINGS},   {CURLE_URL_MALFORMAT, ERR_SETTINGS},
        {CURLE_UNSUPPORTED_PROTOCOL, ERR_SETTINGS},
    };
    if (buf_err(&fetch->body) == ERR_MEMORY)
        return ERR_MEMORY;
    if (fetch->head > HEAD_MAX || fetch->large || buf_err(&fetch->body) != ERR_OK)
        return op_fail(op, ERR_CORRUPT, "the answer of %.100s is too large", request->url.p);
    enum err err = ERR_UNAVAILABLE;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].code == code)
            err = errors[i].err;
    return err == ERR_MEMORY
               ? err
               : op_fail(op, err, "%.100s: %.140s", request->url.p,
                         fetch->error[0] != '\0' ? fetch->error : curl_easy_strerror(code));
}

enum err fetch_exchange(struct fetch *fetch, struct op *op, const struct fetch_options *options,
                        const struct fetch_request *request, struct fetch_answer *ret_answer)
{
    struct curl_slist *headers = NULL;
    fetch->head = 0;
    fetch->large = false;
    fetch->body_max = options->body_max == 0 ? FETCH_BODY_MAX : options->body_max;
    fetch->error[0] = '\0';
    if (fetch->body.capacity > BODY_KEPT)
        buf_finish(&fetch->body);
    buf_clear(&fetch->body);
    CURLcode code = CURLE_OUT_OF_MEMORY;
    if (request_headers(op, request, &headers))
        code = request_set(fetch, options, request, headers);
    if (code == CURLE_OK)
        code = curl_easy_perform(fetch->curl);
    enum err err = code == CURLE_OK ? read_answer(fetch, op, ret_answer)
                                    : exchange_failed(fetch, op, request, code);
    /* What was borrowed for this exchange. */
    curl_easy_setopt(fetch->curl, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(fetch->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    return err;
}

bool fetch_sent(const struct fetch *fetch)
{
    long size = 0;
    curl_easy_getinfo(fetch->curl, CURLINFO_REQUEST_SIZE, &size);
    return size > 0;
}
