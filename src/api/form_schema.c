/* What a form asks of a report: GET …/forms/{name}/schema and /sample. */
#include "model/form_schema.h"

#include "api/api.h"
#include "api/form_call.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/task.h"
#include "base/hash.h"
#include "base/id.h"
#include "model/form_json.h"
#include "model/form_sample.h"
#include "model/judge.h"
#include "model/pattern.h"
#include "json/write.h"

enum { SAMPLE_MAX = 2 * 1024 * 1024, ETAG_BYTES = 12 };

/* ---- the schema ---- */

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
               : op_fail(op, ERR_CONFLICT, "There is nothing that this form would take now: %.*s",
                         STR_ARG(str_sub(faults.items[0].detail, 0, 150)));
}

static void answer_add(struct call *call, const struct form_call *state, struct str body,
                       struct buf *line)
{
    struct buf *answer = &call->body, url;
    buf_init(&url, 1024);
    buf_printf(&url, "%.*s/bzctrl-core-api/api/v1/task/add-task?form=%.*s",
               STR_ARG(api_public_url(call->api)), STR_ARG(state->name));
    BUF_LIT(line, "curl -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' "
                  "-d ");
    buf_shell_word(line, body);
    buf_char(line, ' ');
    buf_shell_word(line, buf_str(&url));
    buf_finish(&url);
    buf_clear(answer);
    BUF_LIT(answer, "{\"body\":");
    buf_add(answer, body);
    BUF_LIT(answer, ",\"curl\":");
    buf_json_string(answer, buf_str(line));
    buf_char(answer, '}');
}

static enum err sample_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    const struct form_call *state = call->state;
    struct form form;
    struct buf body, line;
    buf_init(&body, SAMPLE_MAX);
    buf_init(&line, SAMPLE_MAX);
    enum err err = form_call_read(read, db);
    if (err == ERR_OK)
        err = form_of_version(read->op, state, &form);
    if (err == ERR_OK)
        err = buf_form_sample(&body, &(struct form_sample){.op = read->op,
                                                           .form = &form,
                                                           .workspace = state->workspace,
                                                           .directory = call->directory,
                                                           .caller = call->caller,
                                                           .number = id_next()});
    if (err == ERR_OK)
        err = sample_judge(call, &form, buf_str(&body));
    if (err == ERR_OK) {
        answer_add(call, state, buf_str(&body), &line);
        err = buf_err(&line) != ERR_OK ? buf_err(&line) : buf_err(&call->body);
    }
    buf_finish(&line);
    buf_finish(&body);
    return err;
}

static void sample_done(struct core_read *read)
{
    if (form_call_got(read))
        call_answer_json(call_of_read(read), 200);
}

void form_sample(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    const struct form_call *state = form_call_find(call);
    if (state == NULL)
        return;
    if (state->head != NULL && state->head->disabled)
        call_fail_status(call, 409, "The form %.*s is disabled: no report is judged by it.",
                         STR_ARG(state->name));
    else
        call_read(call, sample_run, sample_done);
}
