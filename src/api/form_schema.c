/* What a form asks of a report: GET …/forms/{name}/schema and /sample. */
#include "form/form_schema.h"

#include "api/api.h"
#include "api/form_call.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/hash.h"
#include "base/id.h"
#include "form/form_json.h"
#include "form/form_sample.h"
#include "form/judge.h"
#include "form/pattern.h"
#include "model/draft_json.h"
#include "model/task_encode.h"

enum { SAMPLE_MAX = 2 * 1024 * 1024, ETAG_BYTES = 12 };

/* ---- the schema ---- */

/* The rules of a stored version. */
static enum err form_of_version(struct op *op, struct str name, const struct form_version *version,
                                struct form *ret_form)
{
    struct faults faults;
    const struct form_place place = {.name = name, .version = version->version};
    faults_init(&faults, op->arena);
    enum err err = form_read(op, op->arena, version->document, &place, &faults, ret_form);
    return err == ERR_SYNTAX || err == ERR_INVALID
               ? op_fail(op, ERR_CORRUPT, "version %lld of the form %.*s cannot be read",
                         (long long)version->version, STR_ARG(name))
               : err;
}

/* Of the very bytes: they change with the form's version, and with the program's. */
static struct http_header schema_etag(struct call *call)
{
    const struct sha256 hash = sha256(buf_str(&call->body));
    struct buf text;
    buf_init(&text, 64);
    buf_char(&text, '"');
    buf_hex(&text, hash.bytes, ETAG_BYTES);
    buf_char(&text, '"');
    struct http_header header = {STR("ETag"), arena_str(call->op.arena, buf_str(&text))};
    buf_finish(&text);
    return header;
}

/* Its address; `version` 0: it is not stored yet. */
static struct str schema_id(struct call *call, const struct form_named *named, int64_t version)
{
    struct str id = arena_printf(
        call->op.arena, "%.*s/bzctrl-core-api/api/v1/workspaces/%.*s/forms/%.*s/schema",
        STR_ARG(api_public_url(call->api)), STR_ARG(named->workspace->key), STR_ARG(named->name));
    return version == 0 || id.p == NULL
               ? id
               : arena_printf(call->op.arena, "%.*s?version=%lld", STR_ARG(id), (long long)version);
}

/* ?version= asks for an older one, ?language= for the language of titles. */
enum err form_schema(struct call *call)
{
    static const char *const parameters[] = {"version", "language", NULL};
    struct form_named named;
    struct form_version version;
    struct form form;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = form_find(call, &named);
    if (err != ERR_OK)
        return err;
    struct str language = call_query(call, "language");
    if (language.p != NULL && !language_valid(language))
        return call_refuse(call, 400, "language must be a language tag such as nl or pt-BR.");
    err = form_read_version(call, &named, &version);
    if (err == ERR_OK)
        err = form_of_version(&call->op, named.name, &version, &form);
    if (err != ERR_OK)
        return err;

    struct str id = schema_id(call, &named, version.version);
    if (id.p == NULL)
        return ERR_MEMORY;
    buf_form_schema(&call->body, &(struct form_schema){.form = &form,
                                                       .workspace = named.workspace,
                                                       .directory = call->directory,
                                                       .id = id,
                                                       .language = language});
    if (buf_err(&call->body) != ERR_OK)
        return buf_err(&call->body);
    struct http_header etag = schema_etag(call);
    if (etag.value.p == NULL)
        return ERR_MEMORY;
    if (!call_client_has(call, etag.value))
        return call_answer(call, 200, STR("application/schema+json"), &etag, 1);
    buf_clear(&call->body);
    return call_answer(call, 304, STR_NONE, &etag, 1);
}

/* ---- the sample ---- */

/* As one word of a shell. */
static void buf_shell_word(struct buf *buf, struct str text)
{
    buf_char(buf, '\'');
    while (text.p != NULL) {
        buf_add(buf, str_cut(&text, '\''));
        if (text.p != NULL)
            BUF_LIT(buf, "'\\''");
    }
    buf_char(buf, '\'');
}

/* Would the judge take it from this caller? */
static enum err sample_judge(struct call *call, const struct form *form, struct str body)
{
    struct op *op = &call->op;
    struct task_draft draft;
    struct judged judged;
    struct faults faults;
    faults_init(&faults, op->arena);
    enum err err = task_decode(op, body, &draft);
    pattern_allow(op, PATTERN_WORK_MAX);
    if (err == ERR_OK)
        err = task_judge(op, &draft, form, NULL, call->directory, call->caller, &faults, NULL,
                         &judged);
    return err != ERR_INVALID
               ? err
               : op_fail(op, ERR_CONFLICT, "No report would pass this form now: %.*s",
                         STR_ARG(str_sub(faults.items[0].detail, 0, 150)));
}

/* {"body": the report, "curl": the line that sends it}. */
static enum err encode_sample(struct call *call, const struct form_named *named, struct str body)
{
    struct buf line;
    struct str url =
        arena_printf(call->op.arena, "%.*s/bzctrl-core-api/api/v1/task/add-task?form=%.*s",
                     STR_ARG(api_public_url(call->api)), STR_ARG(named->name));
    if (url.p == NULL)
        return ERR_MEMORY;
    buf_init(&line, SAMPLE_MAX);
    BUF_LIT(&line, "curl -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' "
                   "-d ");
    buf_shell_word(&line, body);
    buf_char(&line, ' ');
    buf_shell_word(&line, url);
    json_begin_object(&call->json, NULL);
    json_put_raw(&call->json, "body", body);
    json_put_text(&call->json, "curl", buf_str(&line));
    json_end(&call->json);
    enum err err = buf_err(&line);
    buf_finish(&line);
    return err;
}

/* A sample is shown only if a report like it would be accepted from this caller; else
 * ERR_CONFLICT. */
static enum err sample_make(struct call *call, const struct form_named *named,
                            const struct form *form, struct buf *body)
{
    enum err err = buf_form_sample(body, &(struct form_sample){.op = &call->op,
                                                               .form = form,
                                                               .workspace = named->workspace,
                                                               .directory = call->directory,
                                                               .caller = call->caller,
                                                               .number = id_next()});
    return err == ERR_OK ? sample_judge(call, form, buf_str(body)) : err;
}

enum err form_sample(struct call *call)
{
    struct form_named named;
    struct form_version version;
    struct form form;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = form_find(call, &named);
    if (err == ERR_OK && named.head != NULL && named.head->disabled)
        err = call_refuse(call, 409, "The form %.*s is disabled and accepts no reports.",
                          STR_ARG(named.name));
    if (err == ERR_OK)
        err = form_read_version(call, &named, &version);
    if (err == ERR_OK)
        err = form_of_version(&call->op, named.name, &version, &form);
    if (err != ERR_OK)
        return err;

    struct buf body;
    buf_init(&body, SAMPLE_MAX);
    err = sample_make(call, &named, &form, &body);
    if (err == ERR_OK)
        err = encode_sample(call, &named, buf_str(&body));
    buf_finish(&body);
    return err == ERR_OK ? call_answer_json(call, 200) : err;
}

/* ---- before it is stored ---- */

enum err form_encode_preview(struct call *call, const struct form_named *named,
                             const struct form *form)
{
    struct json_writer *json = &call->json;
    json_put_begin(json, "schema");
    buf_form_schema(json->buf, &(struct form_schema){.form = form,
                                                     .workspace = named->workspace,
                                                     .directory = call->directory,
                                                     .id = schema_id(call, named, 0)});
    struct buf body;
    buf_init(&body, SAMPLE_MAX);
    enum err err = sample_make(call, named, form, &body);
    if (err == ERR_OK)
        json_put_raw(json, "sample", buf_str(&body));
    else if (err == ERR_CONFLICT)
        json_put_null(json, "sample");
    buf_finish(&body);
    if (err == ERR_CONFLICT)
        op_forget(&call->op);
    return err == ERR_CONFLICT ? ERR_OK : err;
}
