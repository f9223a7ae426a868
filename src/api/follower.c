/* /tasks/{key}/followers/me: everybody may follow what they may read. */
#include "api/handlers.h"
#include "api/query.h"
#include "api/record_change.h"

/* The record's followers without the caller, who then comes in again with `follows`. */
static enum err followers_set(struct record_change *change, bool follows)
{
    const struct task *before = &change->record.task;
    struct op *op = &change->call->op;
    int64_t caller = change->call->caller->id, n = 0;
    int64_t *ids = ARENA_ARRAY(op->arena, int64_t, (size_t)before->follower_count + 1);
    bool placed = !follows, was = false;
    if (ids == NULL)
        return ERR_MEMORY;
    for (int64_t i = 0; i < before->follower_count; i++) {
        int64_t id = before->followers[i];
        was = was || id == caller;
        if (!placed && caller < id) {
            ids[n++] = caller;
            placed = true;
        }
        if (id != caller)
            ids[n++] = id;
    }
    if (!placed)
        ids[n++] = caller;
    if (was == follows)
        return ERR_OK;
    if (n > FOLLOWERS_MAX)
        return op_fail(op, ERR_CONFLICT, "This record already has %d followers, the maximum.",
                       FOLLOWERS_MAX);
    change->changed.task.followers = ids;
    change->changed.task.follower_count = n;
    return ERR_OK;
}

static enum err put_judge(struct record_change *change)
{
    return followers_set(change, true);
}

static enum err delete_judge(struct record_change *change)
{
    return followers_set(change, false);
}

static enum err follow(struct call *call, enum err (*judge)(struct record_change *change))
{
    struct record_change change = {.call = call, .reads_only = true, .judge = judge};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = record_change_judge(&change);
    if (err == ERR_OK)
        err = record_change_save(&change);
    return err == ERR_OK ? call_answer_empty(call) : err;
}

enum err follower_put(struct call *call)
{
    return follow(call, put_judge);
}

enum err follower_delete(struct call *call)
{
    return follow(call, delete_judge);
}
