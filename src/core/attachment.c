#include "core/attachment.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/id.h"

enum {
    CHUNKS_AT_ONCE = 16,         /* in one transaction: 1 MiB */
    UNFINISHED_MS = 3600 * 1000, /* so long bytes wait for their attachment */
    PAYLOAD_MAX = 64 * 1024,
};

/* ---- the bytes ---- */

struct content_write {
    struct change change;
    const struct attachment_add *add;
    int64_t id;
    size_t from; /* of the bytes: what this transaction begins with */
};

static enum err content_apply(struct change *change, struct batch *batch)
{
    struct content_write *write = container_of(change, struct content_write, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    const struct attachment *attachment = &write->add->sent;
    size_t at = write->from;
    enum err err = ERR_OK;
    batch_writes(batch, change);
    if (at == 0)
        err = store_content_add(db, op, write->id, attachment->size, &attachment->sha256,
                                clock_now() + UNFINISHED_MS);
    for (int i = 0; i < CHUNKS_AT_ONCE && err == ERR_OK && at < write->add->bytes.n; i++) {
        err = store_chunk_add(db, op, write->id, (int64_t)(at / CONTENT_CHUNK),
                              str_sub(write->add->bytes, at, CONTENT_CHUNK));
        at += CONTENT_CHUNK;
    }
    return err;
}

/* Each transaction is apart: should the disk be full, reports do not fail with it. */
static enum err content_store(struct core *core, struct attachment_add *add)
{
    struct content_write write = {
        .change = {.op = add->part.change.op, .apart = true, .apply = content_apply},
        .add = add,
        .id = id_next()};
    enum err err = ERR_OK;
    for (; err == ERR_OK && write.from < add->bytes.n;
         write.from += (size_t)CHUNKS_AT_ONCE * CONTENT_CHUNK)
        err = core_change_wait(core, &write.change);
    add->content_id = write.id;
    add->stored = true;
    return err;
}

/* ---- the attachment ---- */

/* The record may have got the same bytes since, or have lost those that were found. `same`: also
 * under the same name; then that is the attachment. */
static enum err content_take(struct attachment_add *add, struct batch *batch, bool *ret_same)
{
    struct attachment found, *attachment = &add->attachment;
    struct op *op = add->part.change.op;
    *attachment = add->sent;
    attachment->content_id = add->content_id;
    enum err err = store_attachment_find(batch_db(batch), op, add->part.task_id,
                                         &attachment->sha256, attachment->name, &found);
    *ret_same = err == ERR_OK && str_eq(found.name, attachment->name);
    if (*ret_same)
        *attachment = found;
    else if (err == ERR_OK)
        attachment->content_id = found.content_id;
    else if (err == ERR_NOT_FOUND && add->stored)
        err = store_content_keep(batch_db(batch), op, attachment->content_id);
    return err == ERR_NOT_FOUND ? ERR_OUTDATED : err;
}

static enum err attachment_write(struct attachment_add *add, struct batch *batch)
{
    struct part_change *part = &add->part;
    struct attachment *attachment = &add->attachment;
    struct buf payload;
    attachment->id = id_next();
    attachment->task_id = part->task_id;
    attachment->author_id = part->actor_id;
    buf_init(&payload, PAYLOAD_MAX);
    buf_attachment_changes(&payload, NULL, attachment);
    enum err err = part_change_event(part, batch, STR("task.attached"), &payload,
                                     &(struct task_counts){.attachments = 1});
    if (err != ERR_OK)
        return err;
    attachment->seq = attachment->last_seq = part->event.seq;
    attachment->created_at = part->event.at;
    attachment->deleted_at = TIME_NONE;
    return store_attachment_add(batch_db(batch), part->change.op, attachment);
}

static enum err add_apply(struct change *change, struct batch *batch)
{
    struct attachment_add *add = container_of(change, struct attachment_add, part.change);
    struct part_change *part = &add->part;
    struct json_writer json;
    struct str etag;
    struct buf body;
    bool same;
    enum err err = part_change_begin(part, batch);
    if (err != ERR_OK || part->replayed)
        return err;
    change->op->now = clock_now(); /* the bytes took their time */
    err = content_take(add, batch, &same);
    if (err == ERR_OK && !same)
        err = attachment_write(add, batch);
    if (err == ERR_OK)
        err = attachment_etag(change->op->arena, &add->attachment, &etag);
    if (err != ERR_OK)
        return err;
    buf_init(&body, PAYLOAD_MAX);
    json_writer_init(&json, &body);
    json_put_attachment(&json, &add->attachment, part->directory);
    return part_answer(part, batch, "attachments", add->attachment.id, etag, &body);
}

enum err attachment_add(struct core *core, struct attachment_add *add)
{
    enum err err = add->content_id == 0 ? content_store(core, add) : ERR_OK;
    return err == ERR_OK ? part_change_wait(core, &add->part, add_apply) : err;
}

/* ---- deleting ---- */

static enum err delete_apply(struct change *change, struct batch *batch)
{
    struct attachment_delete *del = container_of(change, struct attachment_delete, part.change);
    struct attachment *attachment = &del->attachment;
    struct op *op = change->op;
    struct attachment now;
    enum err err = part_change_begin(&del->part, batch);
    if (err == ERR_OK)
        err = store_attachment_get(batch_db(batch), op, attachment->task_id, attachment->id, &now);
    if (err == ERR_OK && now.last_seq != attachment->last_seq)
        err = ERR_OUTDATED;
    if (err != ERR_OK)
        return err;
    struct buf text;
    buf_init(&text, PAYLOAD_MAX);
    buf_attachment_changes(&text, &now, NULL);
    err = part_change_event(&del->part, batch, STR("task.attached"), &text,
                            &(struct task_counts){.attachments = -1});
    if (err != ERR_OK)
        return err;
    now.last_seq = del->part.event.seq;
    now.deleted_at = del->part.event.at;
    err = store_attachment_delete(batch_db(batch), op, &now);
    return err == ERR_OK ? store_content_let_go(batch_db(batch), op, now.content_id, op->now) : err;
}

enum err attachment_delete(struct core *core, struct attachment_delete *del)
{
    return part_change_wait(core, &del->part, delete_apply);
}

/* ---- dropping bytes ---- */

struct content_drop {
    struct change change;
    bool more;
};

static enum err drop_apply(struct change *change, struct batch *batch)
{
    struct content_drop *drop = container_of(change, struct content_drop, change);
    batch_writes(batch, change);
    return store_contents_drop(batch_db(batch), change->op, change->op->now, CHUNKS_AT_ONCE,
                               &drop->more);
}

enum err core_contents_drop(struct core *core, struct op *op, bool *ret_more)
{
    struct content_drop drop = {.change = {.op = op, .apply = drop_apply}};
    op->now = clock_now();
    enum err err = core_change_wait(core, &drop.change);
    if (err == ERR_OK)
        *ret_more = drop.more;
    return err;
}
