/* The web app's files and openapi.json, out of the executable. */
#include "api/api.h"
#include "api/embed.h"
#include "api/handlers.h"
#include "api/query.h"
#include "json/write.h"

static const struct embedded_file *file_find(struct str name)
{
    for (unsigned i = 0; i < embedded_file_count; i++)
        if (str_eq(name, str_of(embedded_files[i].name)))
            return &embedded_files[i];
    return NULL;
}

/* What a browser may do with our pages: only what comes from this server, in no frame. */
#define CONTENT_SECURITY_POLICY                                                                    \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "                    \
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "               \
    "frame-ancestors 'none'"

static void file_answer(struct call *call, const struct embedded_file *file)
{
    struct str etag = str_of(file->etag);
    struct http_header headers[8] = {
        {STR("ETag"), etag},
        /* The names carry no version, so a browser asks each time and gets a 304. */
        {STR("Cache-Control"), STR("no-cache")},
        {STR("Content-Security-Policy"), STR(CONTENT_SECURITY_POLICY)},
        {STR("Referrer-Policy"), STR("no-referrer")},
        {STR("Cross-Origin-Opener-Policy"), STR("same-origin")},
        {STR("Cross-Origin-Resource-Policy"), STR("same-origin")},
    };
    size_t n = 6;
    if (str_starts(api_public_url(call->api), STR("https:")))
        headers[n++] =
            (struct http_header){STR("Strict-Transport-Security"), STR("max-age=31536000")};

    if (call_client_has(call, etag)) {
        call_answer(call, 304, STR_NONE, headers, n);
        return;
    }
    buf_bytes(&call->body, file->begin, (size_t)(file->end - file->begin));
    call_answer(call, 200, str_of(file->content_type), headers, n);
}

void app_file(struct call *call)
{
    struct str name = call->parameters[0];
    const struct embedded_file *file = file_find(name.n == 0 ? STR("index.html") : name);
    if (file == NULL || str_eq(name, STR("openapi.json"))) {
        call_fail_status(call, 404, "The web app has no file of that name; it begins at /app/.");
        return;
    }
    file_answer(call, file);
}

void openapi_get(struct call *call)
{
    static const char *const parameters[] = {NULL};
    const struct embedded_file *file = file_find(STR("openapi.json"));
    if (!call_query_accept(call, parameters))
        return;
    if (file == NULL)
        call_fail(call, ERR_NOT_FOUND);
    else
        file_answer(call, file);
}

void app_redirect(struct call *call)
{
    const struct http_header location = {STR("Location"), STR("/app/")};
    call_answer(call, 308, STR_NONE, &location, 1);
}

void app_config(struct call *call)
{
    BUF_LIT(&call->body, "{\"environment\":");
    buf_json_string(&call->body, api_environment(call->api));
    BUF_LIT(&call->body, ",\"version\":");
    buf_json_string(&call->body, STR(BZCTRL_VERSION));
    BUF_LIT(&call->body, ",\"publicUrl\":");
    buf_json_string(&call->body, api_public_url(call->api));
    BUF_LIT(&call->body, "}");
    call_answer_json(call, 200);
}
