#include "core/erasure.h"

#include "core/task_index.h"

#include "base/clock.h"
#include "base/container.h"
#include "json/read.h"
#include "json/write.h"
#include "json/writer.h"
#include "model/email.h"
#include "model/task_field.h"
#include "store/attachment.h"
#include "store/bulk_change.h"
#include "store/comment.h"
#include "store/erasure.h"
#include "store/request.h"

enum { ROWS_AT_ONCE = 256 };

enum err erasure_prepare(struct person_save *save)
{
    struct op *op = save->op;
    if (person_is_last_admin(save->directory, save->before))
        return op_fail(op, ERR_CONFLICT,
                       "%.*s is the last enabled admin; make another account an admin first.",
                       STR_ARG(save->before->email));
    save->erase = true;
    save->settings = (struct person_settings){
        .email = arena_printf(op->arena, "erased-%lld" EMAIL_ERASED, (long long)save->before->id),
        .disabled = true,
    };
    return save->settings.email.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* ---- a step ---- */

struct step {
    struct change change;
    struct erasure erasure; /* as it is afterwards */
    const int64_t *ids;     /* of rows that name the address */
    size_t n;
    enum erasure_stage stage;
    struct str email;
};

static enum err texts_mask(struct arena *arena, struct str email, struct str_list *texts,
                           bool *changed)
{
    struct str *items = ARENA_ARRAY(arena, struct str, texts->n);
    enum err err = items == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < texts->n && err == ERR_OK; i++) {
        items[i] = texts->items[i];
        err = email_mask(arena, email, &items[i], changed);
    }
    texts->items = items;
    return err;
}

/* Does JSON, or what has been kept of it, name the address? In the JSON itself an escape can hide
 * it, or be letters before it. */
static enum err json_names(struct arena *arena, struct str json, struct str email, bool *ret_named)
{
    bool escaped = str_find(json, '\\') < json.n;
    struct str plain = escaped ? json_unescape(arena, json) : json;
    if (escaped && plain.p == NULL)
        return ERR_MEMORY;
    *ret_named = email_named(plain, email);
    return ERR_OK;
}

/* Takes the address out of the texts and names in some JSON. All else keeps its bytes. */
struct json_mask {
    struct arena *arena;
    struct str email;
    struct buf buf;
    const char *done; /* the end of what is in `buf` */
    size_t names;     /* how many were replaced; no two are the same afterwards */
};

static enum err mask_text(struct json_mask *mask, struct str raw, struct str text, bool name)
{
    bool named = false;
    enum err err = email_mask(mask->arena, mask->email, &text, &named);
    if (err != ERR_OK || !named)
        return err;
    if (name && ++mask->names > 1)
        text = arena_printf(mask->arena, "%.*s %zu", STR_ARG(text), mask->names);
    if (text.p == NULL)
        return ERR_MEMORY;
    buf_bytes(&mask->buf, mask->done, (size_t)(raw.p - mask->done));
    buf_json_string(&mask->buf, text);
    mask->done = raw.p + raw.n;
    return ERR_OK;
}

static enum err mask_json(struct json_mask *mask, const struct json *json)
{
    bool inside = json->kind == JSON_LIST || json->kind == JSON_OBJECT;
    enum err err =
        json->name.p == NULL ? ERR_OK : mask_text(mask, json->raw_name, json->name, true);
    if (err == ERR_OK && json->kind == JSON_TEXT)
        err = mask_text(mask, json->raw, json->text, false);
    for (const struct json *each = inside ? json->first : NULL; each != NULL && err == ERR_OK;
         each = each->next)
        err = mask_json(mask, each);
    return err;
}

static enum err object_mask(struct op *op, struct str email, struct str *object, bool *changed)
{
    bool named = false;
    const struct json *json;
    enum err err = json_names(op->arena, *object, email, &named);
    if (err != ERR_OK || !named)
        return err;
    err = json_read_written(op, op->arena, *object, &json);
    if (err != ERR_OK)
        return err;
    struct json_mask mask = {.arena = op->arena, .email = email, .done = object->p};
    buf_init(&mask.buf, 3 * object->n);
    err = mask_json(&mask, json);
    buf_bytes(&mask.buf, mask.done, (size_t)(object->p + object->n - mask.done));
    if (err != ERR_OK) {
        buf_finish(&mask.buf);
        return err;
    }
    *changed = true;
    return buf_move(&mask.buf, op->arena, object);
}

/* Takes the address out of a record's texts. */
static enum err record_erase(struct db *db, struct op *op, int64_t id, struct str email)
{
    struct task task;
    enum err err = store_task_get_by_id(db, op, id, &task);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err != ERR_OK)
        return err;
    bool changed = false;
    for (size_t i = 0; i < TASK_FIELDS && err == ERR_OK; i++) {
        enum task_field_kind kind = task_fields[i].kind;
        if (kind == TASK_FIELD_TEXT)
            err = email_mask(op->arena, email, task_field_of(&task, &task_fields[i]), &changed);
        else if (kind == TASK_FIELD_OBJECT)
            err = object_mask(op, email, task_field_of(&task, &task_fields[i]), &changed);
        else if (kind == TASK_FIELD_TEXTS)
            err = texts_mask(op->arena, email, task_field_of(&task, &task_fields[i]), &changed);
    }
    if (err != ERR_OK || !changed)
        return err;
    task.version++;
    return store_task_put(db, op, &task);
}

/* Its newest event says what its text is: it goes even if it has come since the events were looked
 * through. */
static enum err comment_erase(struct db *db, struct op *op, int64_t id, struct str email)
{
    struct comment comment;
    bool changed = false;
    enum err err = store_comment_get_by_id(db, op, id, &comment);
    if (err == ERR_OK && comment.text.p != NULL)
        err = email_mask(op->arena, email, &comment.text, &changed);
    if (err == ERR_OK && changed) {
        comment.version++;
        err = store_comment_put(db, op, &comment);
        if (err == ERR_OK)
            err = store_event_erase_of(db, op, comment.task_id, comment.last_seq);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* In "jan@example.com.eml" the ending would make the address a longer one. */
static enum err name_mask(struct arena *arena, struct str email, struct str *name, bool *changed)
{
    enum err err = email_mask(arena, email, name, changed);
    size_t dot = name->n;
    while (dot > 0 && name->p[dot - 1] != '.')
        dot--;
    if (err != ERR_OK || *changed || dot == 0)
        return err;
    struct str stem = str_sub(*name, 0, dot - 1), ending = str_from(*name, dot - 1);
    err = email_mask(arena, email, &stem, changed);
    if (err == ERR_OK && *changed)
        *name = arena_printf(arena, "%.*s%.*s", STR_ARG(stem), STR_ARG(ending));
    return name->p == NULL ? ERR_MEMORY : err;
}

static enum err attachment_erase(struct db *db, struct op *op, int64_t id, struct str email)
{
    struct attachment attachment;
    bool changed = false;
    enum err err = store_attachment_get_by_id(db, op, id, &attachment);
    if (err == ERR_OK)
        err = name_mask(op->arena, email, &attachment.name, &changed);
    if (err == ERR_OK && changed)
        err = store_attachment_rename(db, op, id, attachment.name);
    if (err == ERR_OK && changed)
        err = store_event_erase_of(db, op, attachment.task_id, attachment.seq);
    if (err == ERR_OK && changed)
        err = store_event_erase_of(db, op, attachment.task_id, attachment.last_seq);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err event_erase(struct db *db, struct op *op, int64_t place, struct str email)
{
    struct str payload;
    bool named = false;
    enum err err = store_event_payload(db, op, place, &payload);
    if (err == ERR_OK)
        err = json_names(op->arena, payload, email, &named);
    return err == ERR_OK && named ? store_event_erase_at(db, op, place) : err;
}

/* A verdict that names the address says no more than its record and its status. */
static enum err verdict_erase(struct db *db, struct op *op, int64_t id, struct str email)
{
    static const char *const kept[] = {"key", "status"};
    struct str text;
    const struct json *json;
    struct buf buf;
    struct json_writer writer;
    bool named = false;
    enum err err = store_bulk_verdict_text(db, op, id, &text);
    if (err == ERR_OK)
        err = json_names(op->arena, text, email, &named);
    if (err == ERR_OK && named)
        err = json_read(op, op->arena, text, &json);
    if (err != ERR_OK || !named)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    buf_init(&buf, text.n);
    json_writer_init(&writer, &buf);
    json_begin_object(&writer, NULL);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        json_put_raw(&writer, kept[i], json_member(json, str_of(kept[i]))->raw);
    json_end(&writer);
    err = buf_move(&buf, op->arena, &text);
    return err == ERR_OK ? store_bulk_verdict_put(db, op, id, text) : err;
}

/* The account's own, and whatever else names the address. */
static enum err request_erase(const struct step *step, struct db *db, struct op *op, int64_t id)
{
    struct logged_request request;
    enum err err = store_request_get(db, op, id, &request);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    const struct str texts[] = {request.body, request.problem, request.path,
                                request.idempotency_key};
    bool named = request.account_id == step->erasure.account_id;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && !named && err == ERR_OK; i++)
        err = json_names(op->arena, texts[i], step->email, &named);
    return err == ERR_OK && named ? store_request_erase(db, op, id) : err;
}

static enum err row_erase(const struct step *step, struct db *db, struct op *op, int64_t id)
{
    switch (step->stage) {
    case ERASE_EVENTS:
        return event_erase(db, op, id, step->email);
    case ERASE_RECORDS:
        return record_erase(db, op, id, step->email);
    case ERASE_COMMENTS:
        return comment_erase(db, op, id, step->email);
    case ERASE_ATTACHMENTS:
        return attachment_erase(db, op, id, step->email);
    case ERASE_BULKS:
        return verdict_erase(db, op, id, step->email);
    case ERASE_REQUESTS:
        return request_erase(step, db, op, id);
    case ERASE_SIGN_INS:
    case ERASE_DONE:
        break;
    }
    return ERR_OK;
}

static enum err step_apply(struct change *change, struct batch *batch)
{
    struct step *step = container_of(change, struct step, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct arena_mark mark = arena_mark(op->arena);
    enum err err = ERR_OK;
    bool more = false;
    batch_writes(batch, change);
    for (size_t i = 0; i < step->n && err == ERR_OK; i++) {
        err = row_erase(step, db, op, step->ids[i]);
        arena_rewind(op->arena, mark);
    }
    if (step->stage == ERASE_SIGN_INS && err == ERR_OK) {
        err = store_sign_ins_erase(db, op, step->erasure.account_id, &more);
        step->erasure.stage = more ? ERASE_SIGN_INS : ERASE_DONE;
    }
    return err == ERR_OK ? store_erasure_progress(db, op, &step->erasure) : err;
}

enum err erasure_step(struct core *core, struct db *db, struct op *op, bool *ret_more)
{
    struct step step = {.change = {.op = op, .apply = step_apply, .apart = true}};
    struct erasure_rows rows = {0};
    op->now = clock_now();
    enum err err = store_erasure_next(db, op, &step.erasure);
    *ret_more = err == ERR_OK;
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    step.stage = step.erasure.stage;
    step.email = step.erasure.email;
    /* The records are done: the index still has their words of before, even where it forgets them. */
    if (step.stage == ERASE_REQUESTS && step.erasure.after == 0)
        err = task_index_rebuild(core_task_index(core), op);
    if (err != ERR_OK)
        return err;
    if (step.stage != ERASE_SIGN_INS) {
        err = store_erasure_find(db, op, &step.erasure, ROWS_AT_ONCE, &rows);
        if (err != ERR_OK)
            return err;
        step.ids = rows.ids;
        step.n = rows.n;
        step.erasure.after = rows.more ? rows.last : 0;
        step.erasure.stage = rows.more ? step.stage : step.stage + 1;
    }
    return core_change_wait(core, &step.change);
}
