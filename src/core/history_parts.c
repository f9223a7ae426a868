#include "core/history_parts.h"

#include "json/read.h"
#include "model/email.h"
#include "store/attachment.h"
#include "store/comment.h"
#include "store/event.h"
#include "store/history.h"

#include <inttypes.h>

enum {
    COMMENTS_AT_ONCE = 16, /* each of which can have 256 KiB */
    ATTACHMENTS_AT_ONCE = 64,
};

/* A comment or an attachment, as far as both are alike. */
struct part {
    const char *what; /* "comment"; the member of its events' payloads, too */
    struct str action;
    int64_t id, task_id, seq, last_seq;
    int64_t author_id, created_at, deleted_at;
};

static struct part part_of_comment(const struct comment *c)
{
    return (struct part){"comment",   STR("task.commented"), c->id,         c->task_id,   c->seq,
                         c->last_seq, c->author_id,          c->created_at, c->deleted_at};
}

static struct part part_of_attachment(const struct attachment *a)
{
    return (struct part){"attachment", STR("task.attached"), a->id,         a->task_id,   a->seq,
                         a->last_seq,  a->author_id,         a->created_at, a->deleted_at};
}

static enum err part_broken(struct op *op, const struct part *part, const char *fault)
{
    op_say(op, "%s %" PRId64 ": %s", part->what, part->id, fault);
    return ERR_CORRUPT;
}

/* ---- events ---- */

/* What a payload says there is after it; NULL when the payload is erased, or is of another kind. */
static enum err after_read(struct op *op, struct str payload, const char *member,
                           const struct json **ret_before, const struct json **ret_after)
{
    const struct json *json = NULL;
    *ret_before = *ret_after = NULL;
    if (payload.p == NULL)
        return ERR_OK;
    enum err err = json_read(op, op->arena, payload, &json);
    if (err != ERR_OK)
        return err == ERR_SYNTAX ? ERR_CORRUPT : err;
    const struct json *sides =
        json != NULL && json->kind == JSON_OBJECT ? json_member(json, str_of(member)) : NULL;
    if (sides == NULL || sides->kind != JSON_LIST || sides->n != 2)
        return op_fail(op, ERR_CORRUPT, "an event of a %s has another payload", member);
    *ret_before = sides->first;
    *ret_after = sides->first->next;
    return ERR_OK;
}

static struct str member_text(const struct json *object, const char *name)
{
    const struct json *member =
        object->kind == JSON_OBJECT ? json_member(object, str_of(name)) : NULL;
    return member == NULL ? STR_NONE : json_text(member);
}

static bool member_is_raw(const struct json *object, const char *name, struct str raw)
{
    const struct json *member = json_member(object, str_of(name));
    return member != NULL && str_eq(member->raw, raw);
}

static int64_t side_id(const struct json *side)
{
    uint64_t id = 0;
    if (side == NULL || !str_to_u64(member_text(side, "id"), INT64_MAX, &id))
        return 0;
    return (int64_t)id;
}

/* An event that a part names must be one of its kind, and of its record. */
static enum err event_of_part(struct db *db, struct op *op, const struct part *part, int64_t seq,
                              struct event *ret_event)
{
    struct history_record record;
    enum err err = store_record_get(db, op, part->task_id, &record);
    if (err == ERR_OK)
        err = store_event_get(db, op, record.domain_id, seq, ret_event);
    if (err == ERR_NOT_FOUND)
        return part_broken(op, part, "its event is missing");
    if (err == ERR_OK &&
        (ret_event->task_id != part->task_id || !str_eq(ret_event->action, part->action)))
        return part_broken(op, part, "the event that it names is of something else");
    return err;
}

/* Its first and its newest event. *ret_after is what the newest says there is now: NULL when that is
 * erased. */
static enum err part_check(struct db *db, struct op *op, const struct part *part,
                           int64_t changed_at, const struct json **ret_after)
{
    struct event first = {0}, last = {0};
    const struct json *before, *after;
    enum err err = event_of_part(db, op, part, part->seq, &first);
    if (err == ERR_OK)
        err = event_of_part(db, op, part, part->last_seq, &last);
    if (err != ERR_OK)
        return err;
    if (first.actor_id != part->author_id || first.at != part->created_at)
        return part_broken(op, part, "its author or its time is not that of its first event");
    bool changed = part->last_seq != part->seq;
    int64_t expected = part->deleted_at != TIME_NONE ? part->deleted_at : changed_at;
    if (changed ? last.at != expected : expected != TIME_NONE)
        return part_broken(op, part, "its time is not that of its newest event");
    err = after_read(op, first.payload, part->what, &before, &after);
    if (err == ERR_OK && after != NULL && side_id(after) != part->id)
        err = part_broken(op, part, "its first event is of another one");
    if (err == ERR_OK)
        err = after_read(op, last.payload, part->what, &before, &after);
    if (err != ERR_OK || after == NULL)
        *ret_after = NULL;
    else if (part->deleted_at != TIME_NONE ? after->kind != JSON_NULL || side_id(before) != part->id
                                           : side_id(after) != part->id)
        err = part_broken(op, part, "its newest event says something else");
    else
        *ret_after = after->kind == JSON_NULL ? NULL : after;
    return err;
}

enum err history_part_expect(struct db *db, struct op *op, const struct event *event)
{
    const struct json *before, *after;
    struct comment comment;
    struct attachment attachment;
    struct part part = {.what = "comment", .action = STR("task.commented")};
    bool attached = str_eq(event->action, STR("task.attached"));
    if (!attached && !str_eq(event->action, part.action))
        return ERR_OK;
    part.what = attached ? "attachment" : "comment";
    enum err err = after_read(op, event->payload, part.what, &before, &after);
    if (err != ERR_OK || after == NULL)
        return err;
    int64_t id = side_id(after->kind == JSON_NULL ? before : after);
    err = attached ? store_attachment_get(db, op, event->task_id, id, &attachment)
                   : store_comment_get(db, op, event->task_id, id, &comment);
    if (err == ERR_OK)
        part = attached ? part_of_attachment(&attachment) : part_of_comment(&comment);
    if (err == ERR_NOT_FOUND)
        return op_fail(op, ERR_CORRUPT, "its %s is gone", part.what);
    if (err == ERR_OK && (event->seq < part.seq || event->seq > part.last_seq))
        return part_broken(op, &part, "it does not name its newest event");
    return err;
}

/* ---- comments ---- */

/* The people whom the event names are those of the comment, but for whom has been erased since. */
static enum err mentions_check(struct db *db, struct op *op, const struct comment *comment,
                               const struct json *after, bool *ret_same)
{
    const struct json *sent = json_member(after, STR("mentions"));
    *ret_same = false;
    if (sent == NULL || sent->kind != JSON_LIST || sent->n != comment->mentions.n)
        return ERR_OK;
    const struct json *one = sent->first;
    for (size_t i = 0; i < comment->mentions.n; i++, one = one->next) {
        struct str email;
        enum err err = store_account_email(db, op, comment->mentions.items[i], &email);
        if (err != ERR_OK)
            return err;
        if (!str_eq(email, json_text(one)) && !email_erased(email))
            return ERR_OK;
    }
    *ret_same = true;
    return ERR_OK;
}

static enum err comment_check(struct db *db, struct op *op, const struct comment *comment)
{
    struct part part = part_of_comment(comment);
    const struct json *after;
    bool same;
    if ((comment->deleted_at != TIME_NONE) != (comment->text.p == NULL))
        return part_broken(op, &part, "only a deleted comment has no text, and it has none");
    enum err err = part_check(db, op, &part, comment->edited_at, &after);
    if (err != ERR_OK || after == NULL)
        return err;
    err = mentions_check(db, op, comment, after, &same);
    if (err == ERR_OK &&
        (!same || !str_eq(member_text(after, "text"), comment->text) ||
         !member_is_raw(after, "internal", comment->internal ? STR("true") : STR("false"))))
        err = part_broken(op, &part, "it is not what its newest event says");
    return err;
}

enum err history_comments_check(struct db *db, struct op *op)
{
    int64_t after = INT64_MIN;
    for (;;) {
        struct comment_list comments;
        arena_reset(op->arena);
        enum err err = store_comments_after(db, op, after, COMMENTS_AT_ONCE, &comments);
        if (err != ERR_OK || comments.n == 0)
            return err;
        for (size_t i = 0; i < comments.n && err == ERR_OK; i++)
            err = comment_check(db, op, &comments.items[i]);
        if (err != ERR_OK)
            return err;
        after = comments.items[comments.n - 1].id;
    }
}

/* ---- attachments ---- */

/* Whether the stored bytes are those of the attachment. */
static enum err bytes_check(struct db *db, struct op *op, const struct attachment *attachment,
                            bool *ret_same)
{
    struct arena_mark mark = arena_mark(op->arena);
    struct hasher hasher;
    int64_t size = 0;
    bool image = false;
    hash_begin(&hasher);
    for (int64_t n = 0; size < attachment->size; n++) {
        struct str bytes;
        arena_rewind(op->arena, mark);
        enum err err = store_chunk_get(db, op, attachment->content_id, n, &bytes);
        if (err != ERR_OK)
            return err;
        if (bytes.n == 0)
            break;
        if (n == 0)
            image = attachment_is_image(attachment->type, bytes);
        hash_add(&hasher, bytes.p, bytes.n);
        size += (int64_t)bytes.n;
    }
    struct sha256 hash = hash_end(&hasher);
    *ret_same = size == attachment->size && image == attachment->image &&
                bytes_equal_slowly(hash.bytes, attachment->sha256.bytes, SHA256_SIZE);
    return ERR_OK;
}

/* Of one that is deleted during the check, the bytes may go. */
static enum err content_check(struct db *db, struct op *op, const struct attachment *attachment)
{
    struct part part = part_of_attachment(attachment);
    struct attachment now = {0};
    bool same = false;
    enum err err = bytes_check(db, op, attachment, &same);
    if (err == ERR_OK && !same)
        err = store_attachment_get_by_id(db, op, attachment->id, &now);
    if (err != ERR_OK)
        return err;
    return same || now.deleted_at != TIME_NONE ? ERR_OK
                                               : part_broken(op, &part, "its bytes were changed");
}

/* Is it what the event says, member by member? */
static enum err members_check(struct op *op, const struct attachment *attachment,
                              const struct json *after, bool *ret_same)
{
    struct buf expected;
    buf_init(&expected, 64 * 1024);
    buf_attachment_changes(&expected, NULL, attachment);
    const struct json *before, *now;
    enum err err = buf_err(&expected);
    if (err == ERR_OK)
        err = after_read(op, buf_str(&expected), "attachment", &before, &now);
    if (err == ERR_OK)
        *ret_same = now != NULL && str_eq(now->raw, after->raw);
    buf_finish(&expected);
    return err;
}

static enum err attachment_check(struct db *db, struct op *op, const struct attachment *attachment)
{
    struct part part = part_of_attachment(attachment);
    const struct json *after = NULL;
    bool same = true, deleted = attachment->deleted_at != TIME_NONE;
    if (deleted != (attachment->content_id == 0))
        return part_broken(op, &part, "only a deleted attachment has no bytes, and it has none");
    enum err err = part_check(db, op, &part, TIME_NONE, &after);
    if (err == ERR_OK && after != NULL)
        err = members_check(op, attachment, after, &same);
    if (err == ERR_OK && !same)
        err = part_broken(op, &part, "it is not what its event says");
    return err == ERR_OK && !deleted ? content_check(db, op, attachment) : err;
}

enum err history_attachments_check(struct db *db, struct op *op)
{
    int64_t after = INT64_MIN;
    for (;;) {
        struct attachment_list list;
        arena_reset(op->arena);
        enum err err = store_attachments_after(db, op, after, ATTACHMENTS_AT_ONCE, &list);
        if (err != ERR_OK || list.n == 0)
            return err;
        for (size_t i = 0; i < list.n && err == ERR_OK; i++)
            err = attachment_check(db, op, &list.items[i]);
        if (err != ERR_OK)
            return err;
        after = list.items[list.n - 1].id;
    }
}
