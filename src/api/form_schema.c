/* What a form asks of a report: GET …/forms/{name}/schema. */
#include "model/form_schema.h"

#include "api/api.h"
#include "api/form_call.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/hash.h"
#include "model/form_json.h"

enum { SCHEMA_MAX = 8 * 1024 * 1024, ETAG_BYTES = 12 };

/* The rules of the version that form_call_read() has read. */
static enum err form_of_version(struct op *op, const struct form_call *state, struct form *ret_form)
{
    struct faults faults;
    const struct form_place place = {.name = state->name, .version = state->version.version};
    faults_init(&faults, op->arena);
    enum err err = form_read(op, op->arena, state->version.document, &place, &faults, ret_form);
    return err == ERR_SYNTAX || err == ERR_INVALID
               ? op_fail(op, ERR_CORRUPT, "version %lld of the form %.*s cannot be read",
                         (long long)state->version.version, STR_ARG(state->name))
               : err;
}

/* Writes it on the read lane, so that the network thread need not. */
static enum err schema_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    const struct form_call *state = call->state;
    struct form form;
    struct buf id;
    enum err err = form_call_read(read, db);
    if (err == ERR_OK)
        err = form_of_version(read->op, state, &form);
    if (err != ERR_OK)
        return err;
    buf_init(&id, 1024);
    buf_printf(&id, "%.*s/bzctrl-core-api/api/v1/workspaces/%.*s/forms/%.*s/schema?version=%lld",
               STR_ARG(api_public_url(call->api)), STR_ARG(state->workspace->key),
               STR_ARG(state->name), (long long)state->version.version);
    struct str language = call_query(call, "language");
    const struct form_schema schema = {.form = &form,
                                       .workspace = state->workspace,
                                       .directory = call->directory,
                                       .id = buf_str(&id),
                                       .language = language};
    buf_clear(&call->body);
    buf_form_schema(&call->body, &schema);
    err = buf_err(&id) != ERR_OK ? buf_err(&id) : buf_err(&call->body);
    buf_finish(&id);
    return err;
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

static void schema_done(struct core_read *read)
{
    struct call *call = call_of_read(read);
    if (!form_call_got(read))
        return;
    struct http_header etag = schema_etag(call);
    if (etag.value.p == NULL) {
        call_fail(call, ERR_MEMORY);
    } else if (call_client_has(call, etag.value)) {
        buf_clear(&call->body);
        call_answer(call, 304, STR_NONE, &etag, 1);
    } else {
        call_answer(call, 200, STR("application/schema+json"), &etag, 1);
    }
}

/* ?version= asks for an older one, ?language= for the language of titles. */
void form_schema(struct call *call)
{
    static const char *const parameters[] = {"version", "language", NULL};
    if (!call_query_accept(call, parameters))
        return;
    struct form_call *state = form_call_find(call);
    if (state == NULL || !form_call_version(call, state))
        return;
    struct str language = call_query(call, "language");
    if (language.p != NULL && !language_valid(language))
        call_fail_status(call, 400, "language is a language tag such as nl or pt-BR.");
    else
        call_read(call, schema_run, schema_done);
}
