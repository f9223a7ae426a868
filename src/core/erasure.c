#include "core/erasure.h"

#include "base/clock.h"
#include "base/container.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/meeting.h"
#include "core/request_log.h"
#include "core/task_index.h"
#include "json/read.h"
#include "json/write.h"
#include "json/writer.h"
#include "model/email.h"
#include "model/key.h"
#include "model/task_fold.h"
#include "store/answer.h"
#include "store/attachment.h"
#include "store/bulk_change.h"
#include "store/comment.h"
#include "store/erasure.h"
#include "store/event.h"
#include "store/meeting.h"
#include "store/request.h"
#include "store/rule.h"
#include "store/view.h"
#include "store/webhook_delivery.h"

enum {
    ROWS_READ = 256, /* in one statement, which locks nothing */
    /* Of a transaction, which locks the domains that it writes to: everybody who reports there waits.
     * A record is always done as a whole. */
    ROWS_AT_ONCE = 32,
    BYTES_AT_ONCE = 8 * 1024 * 1024,
    EVENT_BYTES = 1024, /* that count for an event, besides its payload */
    PAYLOAD_MAX = 8 * 1024 * 1024,
    REQUESTS_SETTLE_MS = 3 * REQUEST_LOG_PERIOD_MS,
    EVENTS_BYTES = 512 * 1024 * 1024, /* one event, parsed */
};

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
    struct erasure erasure; /* as it is after all rows */
    struct erasure_row *rows;
    size_t n;
    size_t bytes; /* of the events that this transaction has read */
    enum erasure_stage stage;
    struct str email;
    const struct directory *directory;
    struct {
        int64_t domain_id, seq;
    } erased[ROWS_AT_ONCE]; /* events of administration */
    size_t erased_count;
};

static const int64_t nothing_forced[2];

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
    bool files;       /* texts may be the names of files */
};

static enum err mask_text(struct json_mask *mask, struct str raw, struct str text, bool name)
{
    bool named = false;
    enum err err = mask->files ? name_mask(mask->arena, mask->email, &text, &named)
                               : email_mask(mask->arena, mask->email, &text, &named);
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

static enum err object_mask(struct op *op, struct str email, bool files, struct str *object,
                            bool *changed)
{
    struct json_mask mask = {.arena = op->arena, .email = email, .done = object->p, .files = files};
    const struct json *json;
    struct arena tree; /* parsed, an object takes forty times its bytes */
    arena_init(&tree, EVENTS_BYTES);
    buf_init(&mask.buf, 3 * object->n);
    enum err err = json_read_written(op, &tree, *object, &json);
    if (err == ERR_OK)
        err = mask_json(&mask, json);
    arena_finish(&tree);
    buf_bytes(&mask.buf, mask.done, (size_t)(object->p + object->n - mask.done));
    if (err != ERR_OK || mask.done == object->p) {
        buf_finish(&mask.buf);
        return err;
    }
    *changed = true;
    return buf_move(&mask.buf, op->arena, object);
}

/* Takes the address out of a record's texts. */
static enum err record_mask(struct op *op, struct str email, struct task *task, bool *changed)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < TASK_FIELDS && err == ERR_OK; i++) {
        enum task_field_kind kind = task_fields[i].kind;
        if (kind == TASK_FIELD_TEXT)
            err = email_mask(op->arena, email, task_field_of(task, &task_fields[i]), changed);
        else if (kind == TASK_FIELD_OBJECT)
            err = object_mask(op, email, false, task_field_of(task, &task_fields[i]), changed);
        else if (kind == TASK_FIELD_TEXTS)
            err = texts_mask(op->arena, email, task_field_of(task, &task_fields[i]), changed);
    }
    return err;
}

/* Adds the events that an event says were erased, since it is erased now and says it no more. */
static enum err listed_add(struct op *op, const struct event *event, struct json_writer *list)
{
    const struct json *json, *pair;
    if (!str_eq(event->action, STR("task.erased")))
        return ERR_OK;
    enum err err = json_read_written(op, op->arena, event->payload, &json);
    if (err != ERR_OK)
        return err;
    pair = json->kind == JSON_OBJECT ? json_member(json, STR("erased")) : NULL;
    const struct json *one = pair != NULL && pair->kind == JSON_LIST && pair->n == 2 &&
                                     pair->first->next->kind == JSON_LIST
                                 ? pair->first->next->first
                                 : NULL;
    for (; one != NULL; one = one->next)
        json_put_raw(list, NULL, one->raw);
    return ERR_OK;
}

/* Erases the record's events that name the address, or are `forced`, and writes their seqs. */
static enum err events_erase(struct step *step, struct db *db, const struct task *task,
                             int64_t domain_id, const int64_t forced[2], struct json_writer *list,
                             size_t *n)
{
    struct arena arena;
    struct op op = {.arena = &arena};
    int64_t seq = task->last_seq;
    enum err err = ERR_OK;
    arena_init(&arena, EVENTS_BYTES);
    while (seq > 0 && err == ERR_OK) {
        struct event event;
        bool named = false;
        arena_reset(&arena);
        err = store_event_get(db, &op, domain_id, seq, &event);
        if (err == ERR_OK)
            step->bytes += EVENT_BYTES + event.payload.n;
        if (err == ERR_OK && event.payload.p != NULL)
            err = json_names(&arena, event.payload, step->email, &named);
        named = named || (err == ERR_OK && event.payload.p != NULL &&
                          (seq == forced[0] || seq == forced[1]));
        if (err == ERR_OK && named) {
            err = listed_add(&op, &event, list);
            json_put_i64(list, NULL, seq);
            ++*n;
        }
        if (err == ERR_OK && named)
            err = store_event_erase_of(db, &op, task->id, seq);
        seq = err == ERR_OK && event.previous_seq < seq ? event.previous_seq : 0;
    }
    if (err != ERR_OK)
        op_say(step->change.op, "%s", op.detail);
    arena_finish(&arena);
    return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
}

/* Erases the address from a record and its events. One more event says which, and what the record is
 * now, so that both can be proved. */
static enum err record_erase(struct step *step, struct batch *batch, int64_t id,
                             const int64_t forced[2])
{
    struct op *op = step->change.op;
    struct db *db = batch_db(batch);
    struct task task;
    struct buf buf;
    struct json_writer json;
    size_t n = 0;
    bool changed = false;
    enum err err = store_task_get_by_id(db, op, id, &task);
    if (err == ERR_OK)
        err = record_mask(op, step->email, &task, &changed);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    const struct workspace *workspace =
        directory_workspace_by_id(step->directory, task.workspace_id);
    if (workspace == NULL)
        return ERR_OUTDATED;
    struct event event = {
        .domain_id = workspace->domain->id,
        .action = STR("task.erased"),
        .task_id = id,
        .previous_seq = task.last_seq,
        .version = ++task.version,
    };
    buf_init(&buf, PAYLOAD_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "erased");
    json_put_null(&json, NULL);
    json_begin_list(&json, NULL);
    err = events_erase(step, db, &task, event.domain_id, forced, &json, &n);
    json_end(&json);
    json_end(&json);
    json_put_task_snapshot(&json, &task, step->directory);
    json_end(&json);
    if (err == ERR_OK)
        err = buf_move(&buf, op->arena, &event.payload);
    else
        buf_finish(&buf);
    buf_init(&buf, KEY_MAX + 32);
    buf_record_key(&buf, workspace->key, task.number);
    if (err == ERR_OK)
        err = buf_move(&buf, op->arena, &event.key);
    else
        buf_finish(&buf);
    if (err != ERR_OK || (n == 0 && !changed))
        return err;
    err = batch_append_event(batch, op, &event);
    task.last_seq = event.seq;
    task.updated_at = event.at;
    return err == ERR_OK ? store_task_put(db, op, &task) : err;
}

/* Its newest event says what its text is: it goes even if it has come since the events were looked
 * through. */
static enum err comment_erase(struct step *step, struct batch *batch, int64_t id)
{
    struct db *db = batch_db(batch);
    struct op *op = step->change.op;
    struct str email = step->email;
    struct comment comment;
    bool changed = false;
    enum err err = store_comment_get_by_id(db, op, id, &comment);
    if (err == ERR_OK && comment.text.p != NULL)
        err = email_mask(op->arena, email, &comment.text, &changed);
    if (err == ERR_OK && changed) {
        comment.version++;
        err = store_comment_put(db, op, &comment);
        const int64_t forced[2] = {comment.last_seq};
        if (err == ERR_OK)
            err = record_erase(step, batch, comment.task_id, forced);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err attachment_erase(struct step *step, struct batch *batch, int64_t id)
{
    struct db *db = batch_db(batch);
    struct op *op = step->change.op;
    struct str email = step->email;
    struct attachment attachment;
    bool changed = false;
    enum err err = store_attachment_get_by_id(db, op, id, &attachment);
    if (err == ERR_OK)
        err = name_mask(op->arena, email, &attachment.name, &changed);
    if (err == ERR_OK && changed)
        err = store_attachment_rename(db, op, id, attachment.name);
    const int64_t forced[2] = {attachment.seq, attachment.last_seq};
    if (err == ERR_OK && changed)
        err = record_erase(step, batch, attachment.task_id, forced);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Of administration; the events of a step that were erased are said by one more event for each chain. */
static enum err event_erase(struct step *step, struct batch *batch, int64_t place)
{
    struct op *op = step->change.op;
    struct event event;
    bool named = false;
    enum err err = store_event_at(batch_db(batch), op, place, &event);
    if (err == ERR_OK)
        step->bytes += EVENT_BYTES + event.payload.n;
    if (err == ERR_OK && event.payload.p != NULL)
        err = json_names(op->arena, event.payload, step->email, &named);
    if (err != ERR_OK || !named)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    if (event.task_id != 0)
        return record_erase(step, batch, event.task_id, nothing_forced);
    step->erased[step->erased_count].domain_id = event.domain_id;
    step->erased[step->erased_count++].seq = event.seq;
    return store_event_erase_at(batch_db(batch), op, place);
}

/* {"erased":[null,[3,5]]} in each chain; they come chain by chain. */
static enum err erased_say(const struct step *step, struct batch *batch)
{
    struct op *op = step->change.op;
    enum err err = ERR_OK;
    for (size_t i = 0; i < step->erased_count && err == ERR_OK;) {
        int64_t domain_id = step->erased[i].domain_id;
        const struct domain *domain = directory_domain_by_id(step->directory, domain_id);
        struct buf buf;
        struct json_writer json;
        struct str payload = STR_NONE;
        if (domain == NULL && domain_id != 0)
            return ERR_OUTDATED;
        buf_init(&buf, PAYLOAD_MAX);
        json_writer_init(&json, &buf);
        json_begin_object(&json, NULL);
        json_begin_list(&json, "erased");
        json_put_null(&json, NULL);
        json_begin_list(&json, NULL);
        for (; i < step->erased_count && step->erased[i].domain_id == domain_id; i++)
            json_put_i64(&json, NULL, step->erased[i].seq);
        json_end(&json);
        json_end(&json);
        json_end(&json);
        err = buf_move(&buf, op->arena, &payload);
        if (err == ERR_OK)
            err = admin_event_add(batch, op, domain_id,
                                  domain == NULL ? STR(EVENT_ROOT) : domain->key, 0,
                                  STR("admin.erased"), payload);
    }
    return err;
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

/* A person's own views go; others' lose the address. */
static enum err view_erase(const struct step *step, struct db *db, struct op *op, int64_t id)
{
    struct view view;
    bool changed = false;
    enum err err = store_view_get(db, op, id, &view);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    if (view.account_id == step->erasure.account_id)
        return store_view_drop(db, op, id);
    err = email_mask(op->arena, step->email, &view.name, &changed);
    if (err == ERR_OK)
        err = texts_mask(op->arena, step->email, &view.query, &changed);
    if (err == ERR_OK)
        err = texts_mask(op->arena, step->email, &view.columns, &changed);
    view.version++;
    return err == ERR_OK && changed ? store_view_put(db, op, &view) : err;
}

/* The answer to a key is repeated without the address. */
static enum err answer_erase(const struct step *step, struct db *db, struct op *op, int64_t id)
{
    struct stored_answer stored;
    bool changed = false;
    enum err err = store_answer_get(db, op, id, &stored);
    struct str *body = &stored.answer.body;
    if (err == ERR_OK && str_starts(*body, STR("{")))
        err = object_mask(op, step->email, true, body, &changed);
    if (err == ERR_OK && changed)
        err = store_answer_put_body(db, op, id, *body);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* What a session begins with, and its minutes. */
static enum err session_erase(const struct step *step, struct batch *batch, int64_t id)
{
    struct op *op = step->change.op;
    struct meeting_session session;
    bool changed = false;
    enum err err = store_meeting_session_get(batch_db(batch), op, id, &session);
    if (err == ERR_OK && session.since.p != NULL)
        err = object_mask(op, step->email, false, &session.since, &changed);
    if (err == ERR_OK && session.minutes.p != NULL)
        err = object_mask(op, step->email, false, &session.minutes, &changed);
    if (err == ERR_OK && changed)
        err = core_meeting_minutes_put(batch, op, &session);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err meeting_erase(const struct step *step, struct batch *batch, int64_t id)
{
    struct op *op = step->change.op;
    struct meeting meeting;
    bool changed = false;
    enum err err = store_meeting_get(batch_db(batch), op, id, &meeting);
    if (err == ERR_OK)
        err = email_mask(op->arena, step->email, &meeting.name, &changed);
    if (err == ERR_OK && changed) {
        meeting.version++;
        err = store_meeting_put(batch_db(batch), op, &meeting);
        if (err == ERR_OK)
            err = admin_state_add(batch, op, STATE_MEETING, id, 0);
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err note_erase(const struct step *step, struct db *db, struct op *op, int64_t id)
{
    struct meeting_note note;
    bool changed = false;
    enum err err = store_meeting_note_get(db, op, id, &note);
    if (err == ERR_OK)
        err = email_mask(op->arena, step->email, &note.text, &changed);
    if (err == ERR_OK && changed)
        err = store_meeting_note_put(db, op, &note);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* One that waits is sent without the address; of one that is over nothing is kept. */
static enum err delivery_erase(const struct step *step, struct db *db, struct op *op, int64_t id)
{
    struct delivery delivery;
    bool changed = false;
    enum err err = store_delivery_by_id(db, op, id, &delivery);
    const struct str texts[] = {delivery.request, delivery.answer, delivery.error};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && !changed && err == ERR_OK; i++)
        if (texts[i].p != NULL)
            err = json_names(op->arena, texts[i], step->email, &changed);
    if (err != ERR_OK || !changed)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    if (delivery.state != DELIVERY_WAITING)
        delivery.request = STR_NONE;
    else
        err = object_mask(op, step->email, false, &delivery.request, &changed);
    return err == ERR_OK
               ? store_delivery_texts_put(db, op, id, delivery.request, STR_NONE, STR_NONE)
               : err;
}

/* Its filter then selects nothing, and nobody gets the records instead. */
static enum err rule_erase(const struct step *step, struct batch *batch, int64_t id)
{
    struct op *op = step->change.op;
    struct str name, document;
    bool changed = false;
    enum err err = store_rule_texts(batch_db(batch), op, id, &name, &document);
    if (err == ERR_OK)
        err = email_mask(op->arena, step->email, &name, &changed);
    if (err == ERR_OK)
        err = object_mask(op, step->email, false, &document, &changed);
    if (err != ERR_OK || !changed)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    err = store_rule_erase(batch_db(batch), op, id, name, document);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_RULE, id, 0) : err;
}

static enum err row_erase(struct step *step, struct batch *batch, int64_t id)
{
    switch (step->stage) {
    case ERASE_EVENTS:
        return event_erase(step, batch, id);
    case ERASE_RECORDS:
        return record_erase(step, batch, id, nothing_forced);
    case ERASE_COMMENTS:
        return comment_erase(step, batch, id);
    case ERASE_ATTACHMENTS:
        return attachment_erase(step, batch, id);
    case ERASE_BULKS:
        return verdict_erase(batch_db(batch), step->change.op, id, step->email);
    case ERASE_REQUESTS:
        return request_erase(step, batch_db(batch), step->change.op, id);
    case ERASE_VIEWS:
        return view_erase(step, batch_db(batch), step->change.op, id);
    case ERASE_ANSWERS:
        return answer_erase(step, batch_db(batch), step->change.op, id);
    case ERASE_MEETINGS:
        return meeting_erase(step, batch, id);
    case ERASE_SESSIONS:
        return session_erase(step, batch, id);
    case ERASE_NOTES:
        return note_erase(step, batch_db(batch), step->change.op, id);
    case ERASE_DELIVERIES:
        return delivery_erase(step, batch_db(batch), step->change.op, id);
    case ERASE_RULES:
        return rule_erase(step, batch, id);
    case ERASE_SIGN_INS:
    case ERASE_DONE:
        break;
    }
    return ERR_OK;
}

/* Locks the domains of the rows, in the order of all nodes: rows come in any. */
static enum err domains_hold(const struct step *step, struct batch *batch)
{
    enum err err = ERR_OK;
    for (int64_t last = 0, next = -1; err == ERR_OK && next != 0; last = next) {
        next = 0;
        for (size_t i = 0; i < step->n; i++) {
            int64_t id = step->rows[i].domain_id;
            if (id > last && (next == 0 || id < next))
                next = id;
        }
        if (next != 0)
            err = batch_hold_domain(batch, step->change.op, next);
    }
    return err;
}

static enum err step_apply(struct change *change, struct batch *batch)
{
    struct step *step = container_of(change, struct step, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct arena_mark mark = arena_mark(op->arena);
    struct erasure after = step->erasure;
    bool more = false;
    enum err err = batch_directory_expect_begun(batch, op, step->directory);
    if (err == ERR_OK)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = domains_hold(step, batch);
    step->erased_count = step->bytes = 0;
    for (size_t i = 0; i < step->n && err == ERR_OK; i++) {
        err = row_erase(step, batch, step->rows[i].id);
        arena_rewind(op->arena, mark);
        if (step->bytes > BYTES_AT_ONCE && i + 1 < step->n) {
            after.stage = step->stage;
            after.after = step->rows[i].id;
            break;
        }
    }
    if (err == ERR_OK)
        err = erased_say(step, batch);
    if (step->stage == ERASE_SIGN_INS && err == ERR_OK) {
        err = store_sign_ins_erase(db, op, step->erasure.account_id, &more);
        after.stage = more ? ERASE_SIGN_INS : ERASE_VIEWS;
    }
    return err == ERR_OK ? store_erasure_progress(db, op, &after) : err;
}

/* One step of this one. */
static enum err step_make(struct core *core, struct db *db, struct op *op,
                          const struct erasure *erasure, int64_t *ret_wait_ms)
{
    struct step step = {.change = {.op = op, .apply = step_apply, .apart = true},
                        .erasure = *erasure,
                        .stage = erasure->stage,
                        .email = erasure->email};
    struct erasure_rows rows = {0};
    enum err err;
    *ret_wait_ms = 0;
    if (step.stage == ERASE_REQUESTS && step.erasure.after == 0) {
        /* A request that came before the erasure may be on its way to the table, on any node. */
        const int64_t settled_at = step.erasure.erased_at + REQUESTS_SETTLE_MS;
        if (op->now < settled_at) {
            *ret_wait_ms = settled_at - op->now;
            return ERR_OK;
        }
        /* The records are done: the index still has their words of before, even where it forgets
         * them. */
        bool forgotten;
        task_index_purge(core_task_index(core), step.erasure.account_id, &forgotten);
        if (!forgotten)
            return ERR_OK;
    }
    if (step.stage != ERASE_SIGN_INS) {
        err = store_erasure_find(db, op, &step.erasure, ROWS_READ, &rows);
        if (err != ERR_OK)
            return err;
        if (rows.n > ROWS_AT_ONCE) {
            rows.n = ROWS_AT_ONCE;
            rows.last = rows.items[ROWS_AT_ONCE - 1].id;
            rows.more = true;
        }
        step.rows = rows.items;
        step.n = rows.n;
        step.erasure.after = rows.more ? rows.last : 0;
        step.erasure.stage = rows.more ? step.stage : step.stage + 1;
    }
    step.directory = core_directory(core);
    err = core_change_wait(core, &step.change);
    directory_release(step.directory);
    return err == ERR_OUTDATED ? ERR_OK : err; /* the next step does it */
}

/* An erasure that fails, or has to wait, holds up no other: that counts when no other gets any further. */
enum err erasure_step(struct core *core, struct db *db, struct op *op, int64_t *ret_wait_ms)
{
    struct arena_mark mark = arena_mark(op->arena);
    struct erasure erasure = {0};
    enum err failed = ERR_OK;
    *ret_wait_ms = ERASURE_NONE;
    for (;;) {
        struct op each = {.arena = op->arena, .now = clock_now()};
        int64_t wait_ms = 0;
        arena_rewind(op->arena, mark);
        enum err err = store_erasure_next(db, op, erasure.account_id, &erasure);
        if (err != ERR_OK)
            return err == ERR_NOT_FOUND ? failed : err;
        err = step_make(core, db, &each, &erasure, &wait_ms);
        if (err != ERR_OK)
            op_say(op, "%s", each.detail);
        failed = failed == ERR_OK ? err : failed;
        if (*ret_wait_ms < 0 || wait_ms < *ret_wait_ms)
            *ret_wait_ms = wait_ms;
        if (err == ERR_OK && wait_ms == 0) {
            op_forget(op);
            return ERR_OK;
        }
    }
}
