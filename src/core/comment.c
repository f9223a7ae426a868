#include "core/comment.h"

#include "base/container.h"
#include "base/id.h"
#include "store/inbox.h"

enum { PAYLOAD_MAX = 8 * 1024 * 1024, BODY_MAX = 4 * 1024 * 1024 };

/* How many more comments the record has that are not deleted. */
static struct task_counts counts_of(const struct comment_save *save)
{
    int64_t more = save->before == NULL ? 1 : save->deletes ? -1 : 0;
    return save->comment.internal ? (struct task_counts){.internal = more}
                                  : (struct task_counts){.comments = more};
}

/* ERR_OUTDATED unless the comment still is what it was when it was judged. */
static enum err before_expect(const struct comment_save *save, struct batch *batch)
{
    struct comment now;
    if (save->before == NULL)
        return ERR_OK;
    enum err err = store_comment_get(batch_db(batch), save->part.change.op, save->before->task_id,
                                     save->before->id, &now);
    return err == ERR_OK && now.version != save->before->version ? ERR_OUTDATED : err;
}

/* Fills in what only the event knows, and stores the comment. */
static enum err comment_store(struct comment_save *save, struct batch *batch)
{
    struct comment *comment = &save->comment;
    const struct event *event = &save->part.event;
    struct op *op = save->part.change.op;
    comment->last_seq = event->seq;
    if (save->before != NULL) {
        comment->version = save->before->version + 1;
        if (save->deletes)
            comment->deleted_at = event->at;
        else
            comment->edited_at = event->at;
        return store_comment_put(batch_db(batch), op, comment);
    }
    comment->seq = event->seq;
    comment->version = 1;
    comment->created_at = event->at;
    comment->edited_at = comment->deleted_at = TIME_NONE;
    return store_comment_add(batch_db(batch), op, comment);
}

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct comment_save *save = container_of(change, struct comment_save, part.change);
    struct part_change *part = &save->part;
    struct comment *comment = &save->comment;
    enum err err = part_change_begin(part, batch);
    if (err == ERR_OK && !part->replayed)
        err = before_expect(save, batch);
    if (err != ERR_OK || part->replayed)
        return err;

    if (save->before == NULL) {
        comment->id = id_next();
        comment->task_id = part->task_id;
        comment->author_id = part->actor_id;
    }
    struct buf text;
    buf_init(&text, PAYLOAD_MAX);
    buf_comment_changes(&text, save->before, save->deletes ? NULL : comment, part->directory);
    struct task_counts more = counts_of(save);
    err = part_change_event(part, batch, STR("task.commented"), &text, &more);
    if (err == ERR_OK)
        err = comment_store(save, batch);
    if (err == ERR_OK)
        err = store_mentions_put(batch_db(batch), change->op, comment);
    if (err != ERR_OK || save->before != NULL)
        return err;

    struct json_writer json;
    buf_init(&text, BODY_MAX);
    json_writer_init(&json, &text);
    json_put_comment(&json, comment, part->directory);
    struct str etag = arena_printf(change->op->arena, "\"%lld\"", (long long)comment->version);
    return part_answer(part, batch, "comments", comment->id, etag, &text);
}

enum err comment_save(struct core *core, struct comment_save *save)
{
    return part_change_wait(core, &save->part, save_apply);
}
