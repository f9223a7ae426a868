#include "core/part.h"

#include "base/container.h"
#include "model/event_json.h"
#include "model/key.h"
#include "model/receipt.h"
#include "store/history.h"

enum err part_change_wait(struct core *core, struct part_change *part, change_apply_fn *apply)
{
    part->change.domain_id = part->workspace->domain->id;
    part->change.key = part->key.key.p != NULL ? &part->key : NULL;
    part->change.apply = apply;
    return core_change_wait(core, &part->change);
}

/* Moves what was built into the arena. */
static enum err text_take(struct op *op, struct buf *buf, struct str *ret_text)
{
    enum err err = buf_err(buf);
    if (err == ERR_OK)
        err = arena_copy(op->arena, buf_str(buf), ret_text);
    buf_finish(buf);
    return err;
}

enum err part_change_begin(struct part_change *part, struct batch *batch)
{
    struct op *op = part->change.op;
    const struct workspace *workspace = part->workspace;
    struct history_record stored;
    int64_t task_version, parent_id;
    part->replayed = false;
    part->event.seq = 0;
    enum err err = batch_directory_expect_begun(batch, op, part->directory);
    if (err == ERR_OK && part->key.key.p != NULL)
        err = idempotency_find(batch, op, &part->key, &part->replayed, &part->answer);
    if (err != ERR_OK || part->replayed)
        return err;

    /* Only what is read under the lock stays as it is until the commit. */
    err = batch_hold_domain(batch, op, workspace->domain->id);
    if (err == ERR_OK)
        err = store_record_get(batch_db(batch), op, part->task_id, &stored);
    if (err == ERR_OK && !str_eq(stored.workspace_key, workspace->key))
        err = ERR_OUTDATED;
    if (err == ERR_OK)
        err = store_task_version(batch_db(batch), op, part->task_id, &task_version, &parent_id);
    if (err != ERR_OK)
        return err;
    struct buf key;
    buf_init(&key, KEY_MAX + 32);
    buf_record_key(&key, workspace->key, stored.number);
    part->last_seq = stored.last_seq;
    part->version = task_version + 1;
    return text_take(op, &key, &part->record_key);
}

enum err part_change_event(struct part_change *part, struct batch *batch, struct str action,
                           struct buf *payload, const struct task_counts *more)
{
    struct op *op = part->change.op;
    part->event = (struct event){
        .domain_id = part->workspace->domain->id,
        .actor_id = part->actor_id,
        .action = action,
        .key = part->record_key,
        .task_id = part->task_id,
        .previous_seq = part->last_seq,
        .version = part->version,
    };
    buf_event_origin(payload, part->origin);
    enum err err = text_take(op, payload, &part->event.payload);
    if (err == ERR_OK)
        err = batch_append_event(batch, op, &part->event);
    return err == ERR_OK ? store_task_count(batch_db(batch), op, part->task_id, part->event.seq,
                                            part->event.at, more)
                         : err;
}

enum err part_answer(struct part_change *part, struct batch *batch, const char *folder, int64_t id,
                     struct str etag, struct buf *body)
{
    struct op *op = part->change.op;
    struct answer *answer = &part->answer;
    struct str location =
        arena_printf(op->arena, "%.*s/bzctrl-core-api/api/v1/tasks/%.*s/%s/%lld",
                     STR_ARG(part->public_url), STR_ARG(part->record_key), folder, (long long)id);
    struct str receipt = STR_NONE;
    struct buf text;
    bool changed = part->event.seq > 0;
    *answer = (struct answer){.status = changed ? 201 : 200};
    enum err err = text_take(op, body, &answer->body);
    buf_init(&text, KEY_MAX + 128);
    if (changed)
        buf_receipt(&text, part->workspace->domain->key, part->event.seq, &part->event.hash);
    if (err == ERR_OK)
        err = text_take(op, &text, &receipt);
    else
        buf_finish(&text);
    if (err == ERR_OK && (location.p == NULL || etag.p == NULL))
        err = ERR_MEMORY;
    if (err != ERR_OK)
        return err;
    answer->headers[answer->header_count++] = (struct answer_header){STR("Location"), location};
    answer->headers[answer->header_count++] = (struct answer_header){STR("ETag"), etag};
    if (changed)
        answer->headers[answer->header_count++] =
            (struct answer_header){STR("Bzctrl-Receipt"), receipt};
    return part->key.key.p == NULL ? ERR_OK : idempotency_bind(batch, op, &part->key, answer);
}
