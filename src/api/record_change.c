#include "api/record_change.h"

#include "api/api.h"
#include "api/change.h"
#include "base/container.h"
#include "core/form.h"
#include "form/pattern.h"
#include "model/receipt.h"

/* ---- judging, on the read lane ---- */

enum err record_form(struct call *call, const struct record *record, const struct form **ret_form)
{
    struct form_cache *forms = core_forms(api_core(call->api));
    const struct form_head *head = workspace_form(record->workspace, record->task.form);
    *ret_form = NULL;
    if (head == NULL)
        return ERR_OK;
    *ret_form = form_cache_take(forms, head);
    return *ret_form != NULL ? ERR_OK : form_cache_load(forms, call->db, &call->op, head, ret_form);
}

/* 409 with a code, so that a client can distinguish it from others. */
static enum err refuse_second_person(struct call *call)
{
    struct json_writer *json = &call->json;
    struct str detail = str_of(call->op.detail);
    call->note.detail = detail;
    json_begin_object(json, NULL);
    json_put_text(json, "type", STR("about:blank"));
    json_put_text(json, "title", STR("Conflict"));
    json_put_i64(json, "status", 409);
    json_put_text(json, "detail", detail);
    json_put_text(json, "code", STR("needs_second_person"));
    json_end(json);
    if (buf_err(&call->body) != ERR_OK)
        return ERR_MEMORY;
    (void)call_answer(call, 409, STR("application/problem+json"), NULL, 0);
    return ERR_ANSWERED;
}

enum err record_change_judge_by(struct record_change *change, struct db *db)
{
    struct call *call = change->call;
    buf_clear(&call->body);
    json_writer_init(&call->json, &call->body);
    call->db = db;
    enum right right = change->reads_only ? RIGHT_READ : RIGHT_WRITE;
    enum err err = change->any_key ? record_find_by_any_key(call, right, &change->record)
                                   : record_find(call, right, &change->record);
    form_release(call->form);
    call->form = NULL;
    if (err == ERR_OK)
        err = record_form(call, &change->record, &call->form);
    if (err != ERR_OK)
        return err;
    faults_init(&change->faults, call->op.arena);
    faults_init(&change->warnings, call->op.arena);
    pattern_allow(&call->op, change->work == 0 ? PATTERN_WORK_MAX : change->work);
    change->by = (struct task_change_by){
        .op = &call->op,
        .directory = call->directory,
        .workspace = change->record.workspace,
        .form = call->form == NULL ? &form_default : call->form,
        .caller = call->caller,
        .before = &change->record.task,
        .faults = &change->faults,
        .warnings = &change->warnings,
    };
    change->changed =
        (struct task_changed){.task = change->record.task, .workspace = change->record.workspace};
    change->undoes = 0;
    err = change->judge(change);
    if (err == ERR_CONFLICT && change->changed.needs_second_person)
        return refuse_second_person(call);
    return call_judged(call, err, &change->faults);
}

static enum err judge_run(struct core_read *read, struct db *db)
{
    return record_change_judge_by(container_of(read, struct record_change, read), db);
}

enum err record_change_judge(struct record_change *change)
{
    change->read = (struct core_read){.op = &change->call->op, .run = judge_run};
    enum err err = core_read_wait(api_core(change->call->api), &change->read);
    change->call->db = NULL;
    return err;
}

/* ---- storing, and the answer ---- */

void record_change_prepare(struct record_change *change)
{
    struct call *call = change->call;
    change->save = (struct task_change){
        .op = &call->op,
        .directory = call->directory,
        .form = change->by.form,
        .before = &change->record.task,
        .after = change->changed.task,
        .actor_id = call->caller->id,
        .closes = change->changed.closes,
        .reopens = change->changed.reopens,
        .affirms = change->changed.affirms,
        .undoes = change->undoes,
        .notes = {change->note,
                  {"dueReason", change->changed.due_reason},
                  {"origin", call->origin}},
    };
}

enum err record_change_save(struct record_change *change)
{
    record_change_prepare(change);
    return core_task_change(api_core(change->call->api), &change->save);
}

/* The receipt of an event, in the arena; absent when out of memory. */
static struct str receipt_text(struct record_change *change)
{
    const struct event *event = &change->save.written;
    struct buf buf;
    buf_init(&buf, 1024);
    buf_receipt(&buf, change->record.workspace->domain->key, event->seq, &event->hash);
    struct str text =
        buf_err(&buf) == ERR_OK ? arena_str(change->call->op.arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    return text;
}

enum err record_change_headers(struct record_change *change, struct http_header headers[2],
                               size_t *ret_n)
{
    size_t n = 0;
    headers[n++] = call_etag(change->call, change->save.after.version);
    if (change->save.written.seq > 0)
        headers[n++] = (struct http_header){STR("Bzctrl-Receipt"), receipt_text(change)};
    *ret_n = n;
    return headers[0].value.p == NULL || headers[n - 1].value.p == NULL ? ERR_MEMORY : ERR_OK;
}

enum err record_change_answer(struct record_change *change)
{
    struct call *call = change->call;
    struct http_header headers[2];
    size_t n;
    buf_clear(&call->body);
    json_writer_init(&call->json, &call->body);
    call_put_task(call, NULL, &change->save.after);
    enum err err = record_change_headers(change, headers, &n);
    if (err == ERR_OK)
        err = buf_err(&call->body);
    return err == ERR_OK ? call_answer(call, 200, STR("application/json"), headers, n) : err;
}

enum err record_change_run(struct record_change *change)
{
    enum err err = record_change_judge(change);
    if (err == ERR_OK)
        err = record_change_save(change);
    return err == ERR_OK ? record_change_answer(change) : err;
}
