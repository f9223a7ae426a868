/* The web app's files, openapi.json and its page, out of the executable; and short addresses. */
#include "api/api.h"
#include "api/embed.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/percent.h"
#include "model/key.h"

#include <string.h>

static const struct embedded_file *file_find(struct str name)
{
    for (unsigned i = 0; i < embedded_file_count; i++)
        if (str_eq(name, str_of(embedded_files[i].name)))
            return &embedded_files[i];
    return NULL;
}

/* The content security policy of our pages: only content from this server, and no frames. */
#define CONTENT_SECURITY_POLICY                                                                    \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "                    \
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "               \
    "frame-ancestors 'none'"

/* A big file is copied as the client takes it. */
static enum err file_more(struct call *call, bool *ret_last)
{
    struct str *rest = call->state;
    struct str piece = str_sub(*rest, 0, CALL_PIECE);
    buf_add(&call->body, piece);
    *rest = str_from(*rest, piece.n);
    *ret_last = rest->n == 0;
    return ERR_OK;
}

/* Does the client say that it can unpack this? A quality of 0 says that it must not be sent. */
static bool accepts(const struct call *call, struct str wanted)
{
    struct str list = http_header_get(call->request, STR("accept-encoding"));
    while (list.p != NULL) {
        struct str quality = str_cut(&list, ',');
        struct str coding = str_trim(str_cut(&quality, ';'));
        if (str_eq_case(coding, wanted)) {
            struct str rest = str_trim(quality);
            while (rest.n > 0 && strchr("qQ=0.", rest.p[0]) != NULL)
                rest = str_from(rest, 1);
            return quality.p == NULL || rest.n > 0;
        }
    }
    return false;
}

static const char *const coding_names[CODING_COUNT] = {
    [CODING_GZIP] = "gzip",
    [CODING_BROTLI] = "br",
};

/* The smallest that the client can unpack: browsers take Brotli over TLS and from the same machine. */
static enum coding coding_choose(const struct call *call)
{
    enum coding coding = CODING_BROTLI;
    while (coding != CODING_NONE && !accepts(call, str_of(coding_names[coding])))
        coding--;
    return coding;
}

static enum err file_answer(struct call *call, const struct embedded_file *file)
{
    enum coding coding = coding_choose(call);
    const struct embedded_content *content = &file->contents[coding];
    struct str etag = str_of(content->etag);
    struct http_header headers[9] = {
        {STR("ETag"), etag},
        {STR("Vary"), STR("Accept-Encoding")},
        /* A browser asks for a name without a hash each time, and gets a 304. */
        {STR("Cache-Control"),
         file->hashed ? STR("public, max-age=31536000, immutable") : STR("no-cache")},
        {STR("Content-Security-Policy"), STR(CONTENT_SECURITY_POLICY)},
        {STR("Referrer-Policy"), STR("no-referrer")},
        {STR("Cross-Origin-Opener-Policy"), STR("same-origin")},
        {STR("Cross-Origin-Resource-Policy"), STR("same-origin")},
    };
    size_t n = 7;
    if (str_starts(api_public_url(call->api), STR("https:")))
        headers[n++] =
            (struct http_header){STR("Strict-Transport-Security"), STR("max-age=31536000")};

    if (call_client_has(call, etag))
        return call_answer(call, 304, STR_NONE, headers, n);
    struct str *rest = ARENA_NEW(call->op.arena, struct str);
    if (rest == NULL)
        return ERR_MEMORY;
    *rest = (struct str){content->begin, (size_t)(content->end - content->begin)};
    if (coding != CODING_NONE)
        headers[n++] = (struct http_header){STR("Content-Encoding"), str_of(coding_names[coding])};
    call->state = rest;
    return call_answer_stream(call, 200, str_of(file->content_type), headers, n,
                              &(struct call_stream){.more = file_more,
                                                    .state_size = sizeof *rest,
                                                    .length = (int64_t)rest->n});
}

/* What lies on the way of a mail encodes the '#' of a record's link; `rest` is what follows it. */
static enum err encoded_link_redirect(struct call *call, struct str rest)
{
    struct buf buf;
    buf_init(&buf, CALL_ANSWER_MAX);
    buf_add(&buf, api_public_path(call->api));
    BUF_LIT(&buf, "/app/#");
    buf_percent(&buf, rest, STR("/"));
    struct http_header location = {.name = STR("Location")};
    enum err err = buf_move(&buf, call->op.arena, &location.value);
    return err == ERR_OK ? call_answer(call, 308, STR_NONE, &location, 1) : err;
}

/* GET /t/{key}, an address without a '#', which not every mail system leaves alone. It says nothing
 * about whether there is such a record: the web app asks that, once somebody is signed in. */
enum err record_short_link(struct call *call)
{
    struct str workspace;
    int64_t number;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = key_read_record(call->op.arena, call->parameters[0], &workspace, &number);
    if (err == ERR_SYNTAX)
        return call_refuse(call, 404,
                           "This is not the key of a record, such as EXA-CON-BUS-WOR-03.");
    if (err != ERR_OK)
        return err;
    struct buf buf;
    buf_init(&buf, CALL_ANSWER_MAX);
    buf_printf(&buf, "%.*s/app/#/todo/", STR_ARG(api_public_url(call->api)));
    buf_record_key(&buf, workspace, number);
    struct http_header location = {.name = STR("Location")};
    err = buf_move(&buf, call->op.arena, &location.value);
    return err == ERR_OK ? call_answer(call, 302, STR_NONE, &location, 1) : err;
}

/* The page for browsers that ask for none of the languages that there are is in the server's. */
static struct str page_name(const struct call *call)
{
    static const struct str names[LANGUAGE_COUNT] = {
        [LANGUAGE_EN] = STR_INIT("index.html"),
        [LANGUAGE_NL] = STR_INIT("index.nl.html"),
    };
    return names[core_language(api_core(call->api), LANGUAGE_UNSET)];
}

enum err app_file(struct call *call)
{
    struct str name = call->parameters[0];
    if (str_starts(name, STR("#/")))
        return encoded_link_redirect(call, str_from(name, 1));
    const struct embedded_file *file = file_find(name.n == 0 ? page_name(call) : name);
    if (file == NULL || str_eq(name, STR("openapi.json")) || str_eq(name, STR("docs.html")))
        return call_refuse(call, 404, "The web app has no such file; it starts at /app/.");
    return file_answer(call, file);
}

/* A file that has an address of its own. */
static enum err single_file(struct call *call, struct str name)
{
    enum err err = call_query_accept(call, NULL);
    const struct embedded_file *file = file_find(name);
    if (err == ERR_OK && file == NULL)
        err = ERR_NOT_FOUND;
    return err == ERR_OK ? file_answer(call, file) : err;
}

enum err openapi_get(struct call *call)
{
    return single_file(call, STR("openapi.json"));
}

enum err docs_get(struct call *call)
{
    return single_file(call, STR("docs.html"));
}

static enum err page_redirect(struct call *call, const char *page)
{
    struct http_header location = {
        STR("Location"),
        arena_printf(call->op.arena, "%.*s%s", STR_ARG(api_public_path(call->api)), page)};
    return location.value.p == NULL ? ERR_MEMORY : call_answer(call, 308, STR_NONE, &location, 1);
}

enum err docs_redirect(struct call *call)
{
    return page_redirect(call, "/bzctrl-core-api/api/v1/docs");
}

enum err app_redirect(struct call *call)
{
    return page_redirect(call, "/app/");
}

enum err app_config(struct call *call)
{
    struct json_writer *json = &call->json;
    const struct api_sign_in *sign_in = api_sign_in(call->api);
    json_begin_object(json, NULL);
    json_put_text(json, "environment", api_environment(call->api));
    json_put_text(json, "version", STR(BZCTRL_VERSION));
    json_put_text(json, "publicUrl", api_public_url(call->api));
    json_put_flag(json, "passwords", sign_in->passwords);
    if (sign_in->provider == NULL) {
        json_put_null(json, "singleSignOn");
    } else {
        json_begin_object(json, "singleSignOn");
        json_put_text(json, "label", sign_in->label.n > 0 ? sign_in->label : STR_NONE);
        json_put_text(json, "help", sign_in->help.n > 0 ? sign_in->help : STR_NONE);
        json_end(json);
    }
    json_put_flag(json, "firstRun", !directory_has_people(call->directory));
    json_end(json);
    return call_answer_json(call, 200);
}
