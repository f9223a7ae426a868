#include "api/bulk_work.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/problem.h"
#include "base/container.h"
#include "core/form_cache.h"
#include "form/pattern.h"
#include "model/key.h"

#include <stdlib.h>

enum {
    VERDICT_BYTES = 2 * BULK_VERDICT_MAX, /* with what is around the problem */
    VERDICTS_MAX = BULK_RECORDS_MAX * VERDICT_BYTES,
};

/* ---- the state ---- */

static void forms_release(struct bulk_work *work)
{
    for (size_t i = 0; i < work->piece_n; i++)
        form_release(work->piece[i].form);
    work->piece_n = 0;
}

static void work_let_go(struct call *call)
{
    struct bulk_work *work = call->state;
    forms_release(work);
    buf_finish(&work->verdicts);
}

enum err bulk_work_create(struct call *call, struct bulk_work **ret_work)
{
    struct bulk_work *work = ARENA_NEW(call->op.arena, struct bulk_work);
    if (work != NULL)
        work->lines = ARENA_ARRAY(call->op.arena, struct bulk_line, BULK_RECORDS_MAX);
    if (work == NULL || work->lines == NULL)
        return ERR_MEMORY;
    work->call = call;
    work->work_left = BULK_PATTERN_WORK_MAX;
    buf_init(&work->verdicts, VERDICTS_MAX);
    call->state = work;
    call->let_go = work_let_go;
    *ret_work = work;
    return ERR_OK;
}

void bulk_work_settle(struct bulk_work *work, struct bulk_line *line, struct str verdict)
{
    line->at = work->verdicts.n;
    line->n = verdict.n;
    buf_add(&work->verdicts, verdict);
}

const struct bulk_line *bulk_line_of(struct record_change *change)
{
    return container_of(change, struct bulk_judged, change)->line;
}

/* ---- judging a piece, on the read lane ---- */

/* Two keys of a call can be of the same record, when it was moved. */
static const struct bulk_line *line_same(const struct bulk_work *work, const struct bulk_line *line,
                                         int64_t task_id)
{
    for (size_t i = 0; i < work->n; i++)
        if (&work->lines[i] != line && work->lines[i].task_id == task_id)
            return &work->lines[i];
    return NULL;
}

static enum err judge(struct record_change *change)
{
    struct bulk_judged *judged = container_of(change, struct bulk_judged, change);
    int64_t task_id = change->record.task.id;
    const struct bulk_line *same = line_same(judged->work, judged->line, task_id);
    if (same != NULL)
        return op_fail(&change->call->op, ERR_CONFLICT,
                       "This is the record that the call also names as %.*s; it is changed once.",
                       STR_ARG(same->key));
    judged->line->task_id = task_id;
    return judged->work->judge(change);
}

/* What PATCH would answer with this error is the verdict. An error of the machine is returned. */
static enum err judged_refuse(struct bulk_judged *judged, enum err err)
{
    struct call *call = judged->change.call;
    judged->status = err == ERR_ANSWERED ? call->answer.status : problem_status(err);
    if (judged->status >= 500)
        return err;
    if (err != ERR_ANSWERED) {
        buf_clear(&call->body);
        problem_encode(&call->body, judged->status, str_of(call->op.detail), NULL);
    }
    if (call->body.n > BULK_VERDICT_MAX) {
        buf_clear(&call->body);
        problem_encode(
            &call->body, judged->status,
            STR("There is more wrong with this record than fits here; a PATCH of it with "
                "?dryRun=true says all."),
            NULL);
    }
    err = buf_err(&call->body);
    return err == ERR_OK ? arena_copy(call->op.arena, buf_str(&call->body), &judged->problem) : err;
}

static enum err line_judge(struct bulk_work *work, struct db *db, struct bulk_line *line)
{
    struct call *call = work->call;
    struct bulk_judged *judged = &work->piece[work->piece_n];
    int64_t allowed = work->work_left < PATTERN_WORK_MAX ? work->work_left : PATTERN_WORK_MAX;
    *judged = (struct bulk_judged){
        .work = work,
        .line = line,
        .status = 200,
        .change = {.call = call,
                   .any_key = true,
                   .judge = judge,
                   .draft = work->draft,
                   .note = work->note,
                   .work = allowed > 0 ? allowed : 1},
    };
    op_forget(&call->op);
    call->parameters[0] = line->key;
    line->task_id = 0;
    pattern_allow(&call->op, judged->change.work);
    enum err err = record_change_judge_by(&judged->change, db);
    work->work_left -= judged->change.work - pattern_allowed(&call->op);
    judged->form = call->form;
    call->form = NULL;
    work->piece_n++;
    return err == ERR_OK ? ERR_OK : judged_refuse(judged, err);
}

/* An undo gives each record the parent that it had, judged by what is stored: two in one piece could close a circle
 * that neither closes alone. */
static bool ends_piece(const struct bulk_work *work)
{
    const struct bulk_judged *judged = &work->piece[work->piece_n - 1];
    int64_t parent_id = judged->change.changed.task.parent_id;
    return work->undoes && judged->status == 200 && parent_id != 0 &&
           parent_id != judged->change.record.task.parent_id;
}

/* A piece is of one domain. It ends, too, once it has taken so much memory, or so much work of the
 * forms' patterns, that others should have theirs. */
static enum err piece_judge(struct core_read *read, struct db *db)
{
    struct bulk_work *work = container_of(read, struct bulk_work, read);
    size_t before = work->call->op.arena->total, i = work->next;
    int64_t domain_id = work->order[i]->domain_id;
    enum err err = ERR_OK;
    forms_release(work); /* of a run before this one */
    work->work_left = work->work;
    do
        err = line_judge(work, db, work->order[i++]);
    while (err == ERR_OK && !ends_piece(work) && i < work->order_n &&
           work->piece_n < BULK_PIECE_RECORDS && work->order[i]->domain_id == domain_id &&
           work->call->op.arena->total - before < BULK_PIECE_BYTES &&
           work->work - work->work_left < PATTERN_WORK_MAX);
    return err;
}

/* ---- the verdicts ---- */

/* The key that the record has; a change that moves it is still to give it another. */
static enum err record_key(struct call *call, const struct record *record, struct str *ret_key)
{
    struct buf buf;
    buf_init(&buf, KEY_MAX + 32);
    buf_record_key(&buf, record->workspace->key, record->task.number);
    return buf_move(&buf, call->op.arena, ret_key);
}

/* A verdict, or its beginning when a change is made: the core ends it then. */
static enum err verdict_make(struct bulk_judged *judged, bool writes, struct str *ret_verdict)
{
    struct record_change *change = &judged->change;
    struct call *call = change->call;
    struct buf buf;
    struct json_writer json;
    struct str key;
    uint64_t changed = 0;
    enum err err = ERR_OK;
    buf_init(&buf, VERDICT_BYTES);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_put_text(&json, "key", judged->line->key);
    json_put_i64(&json, "status", judged->status);
    if (judged->status != 200)
        json_put_raw(&json, "problem", judged->problem);
    else {
        if (change->save.event.payload.p != NULL)
            err = record_changed_add(&call->op, &change->save.event, &changed);
        json_put_changed(&json, changed);
    }
    if (judged->status == 200 && !writes && err == ERR_OK) {
        err = record_key(call, &change->record, &key);
        if (err == ERR_OK && !str_eq(key, judged->line->key))
            json_put_text(&json, "movedTo", key);
        json_put_i64(&json, "version", change->record.task.version);
    }
    json_end(&json);
    if (writes)
        buf_cut(&buf, buf.n - 1);
    if (err != ERR_OK) {
        buf_finish(&buf);
        return err;
    }
    return buf_move(&buf, call->op.arena, ret_verdict);
}

/* ---- a piece ---- */

/* Prepares what is to be written of a line that was judged. */
static enum err record_make(struct bulk_work *work, struct bulk_judged *judged,
                            struct bulk_record *record)
{
    bool writes = false;
    if (judged->status == 200) {
        record_change_prepare(&judged->change);
        enum err err = core_task_change_prepare(&judged->change.save);
        if (err != ERR_OK)
            err = judged_refuse(judged, err);
        if (err != ERR_OK)
            return err;
        writes =
            judged->status == 200 && judged->change.save.event.payload.p != NULL && !work->dry_run;
    }
    *record = (struct bulk_record){
        .place = judged->line - work->lines,
        .key = judged->line->key,
        .change = writes ? &judged->change.save : NULL,
        .verdict_id = judged->line->undoes == NULL ? 0 : judged->line->undoes->id,
    };
    return verdict_make(judged, writes, &record->judged);
}

static enum err piece_once(struct bulk_work *work)
{
    struct call *call = work->call;
    struct core *core = api_core(call->api);
    struct bulk_piece piece = {.op = &call->op,
                               .bulk_id = work->bulk_id,
                               .domain_id = work->order[work->next]->domain_id,
                               .undoes = work->undoes,
                               .items = work->records};
    work->read = (struct core_read){.op = &call->op, .run = piece_judge};
    enum err err = core_read_wait(core, &work->read);
    call->db = NULL;
    for (; piece.n < work->piece_n && err == ERR_OK; piece.n++)
        err = record_make(work, &work->piece[piece.n], &work->records[piece.n]);
    if (err == ERR_OK && !work->dry_run)
        err = core_bulk_piece(core, &piece);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < piece.n; i++)
        bulk_work_settle(work, work->piece[i].line,
                         work->dry_run ? work->records[i].judged : work->records[i].verdict.text);
    work->next += piece.n;
    work->work = work->work_left;
    return buf_err(&work->verdicts);
}

/* What it was judged by can change before it is written: then it is judged again, by what is in force
 * then, with the rights that the caller has by that. */
static enum err piece_run(struct bulk_work *work)
{
    struct call *call = work->call;
    struct arena_mark mark = arena_mark(call->op.arena);
    struct judging judging = {0};
    enum err err;
    do {
        forms_release(work);
        arena_rewind(call->op.arena, mark);
        call_refresh_directory(call);
        err = call_expect_caller(call);
        if (err == ERR_OK)
            err = piece_once(work);
    } while (judge_again(&judging, &call->op, err));
    forms_release(work);
    arena_rewind(call->op.arena, mark);
    call->note.detail = STR_NONE; /* they lay above the mark */
    call->note.faults = NULL;
    return err;
}

/* ---- all of it ---- */

static int order_cmp(const void *a, const void *b)
{
    const struct bulk_line *left = *(struct bulk_line *const *)a;
    const struct bulk_line *right = *(struct bulk_line *const *)b;
    return left->domain_id != right->domain_id
               ? (left->domain_id > right->domain_id) - (left->domain_id < right->domain_id)
               : (left > right) - (left < right);
}

enum err bulk_work_run(struct bulk_work *work)
{
    enum err err = ERR_OK;
    work->order = ARENA_ARRAY(work->call->op.arena, struct bulk_line *, work->n);
    if (work->order == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < work->n; i++)
        if (work->lines[i].n == 0)
            work->order[work->order_n++] = &work->lines[i];
    qsort(work->order, work->order_n, sizeof(struct bulk_line *), order_cmp);
    work->work = work->work_left;
    while (work->next < work->order_n && err == ERR_OK)
        err = piece_run(work);
    if (err == ERR_OUTDATED) /* not to be run from the top: some of it may be done */
        err = ERR_UNAVAILABLE;
    return work->next > 0 && err != ERR_MEMORY ? ERR_OK : err;
}

/* A line that the work did not come to. */
static void put_unreached(struct json_writer *json, const struct bulk_line *line)
{
    json_begin_object(json, NULL);
    json_put_text(json, "key", line->key);
    json_put_i64(json, "status", 503);
    json_put_begin(json, "problem");
    problem_encode(
        json->buf, 503,
        STR("The server stopped before it came to this record; send the call again, with "
            "the same Idempotency-Key if it has one."),
        NULL);
    json_end(json);
}

enum err bulk_work_answer(struct bulk_work *work, bool repeated)
{
    static const struct http_header header = {STR_INIT("Idempotent-Replayed"), STR_INIT("true")};
    struct call *call = work->call;
    struct json_writer *json = &call->json;
    buf_clear(&call->body);
    json_writer_init(json, &call->body);
    json_begin_object(json, NULL);
    if (!work->dry_run)
        json_put_id(json, "bulkId", work->bulk_id);
    json_begin_list(json, "items");
    for (size_t i = 0; i < work->n; i++) {
        const struct bulk_line *line = &work->lines[i];
        if (line->n == 0)
            put_unreached(json, line);
        else
            json_put_raw(json, NULL, str_sub(buf_str(&work->verdicts), line->at, line->n));
    }
    json_end(json);
    json_end(json);
    enum err err = buf_err(&call->body);
    return err == ERR_OK ? call_answer(call, 200, STR("application/json"), &header, repeated) : err;
}
