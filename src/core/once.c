#include "core/once.h"

#include "base/container.h"

/* ---- the write lane ---- */

enum err once_expect(struct batch *batch, struct op *op)
{
    struct answer answer;
    bool found = false;
    if (op->once == NULL)
        return ERR_OK;
    enum err err = idempotency_find(batch, op, &op->once->key, &found, &answer);
    return err == ERR_OK && found && answer.id != op->once->promise ? ERR_OUTDATED : err;
}

enum err once_promise(struct batch *batch, const struct change *change)
{
    struct op *op = change->op;
    struct answer promise = {.body = STR("")}, answer;
    bool found = false;
    if (op->once == NULL || !change->wrote)
        return ERR_OK;
    enum err err = idempotency_find(batch, op, &op->once->key, &found, &answer);
    if (err != ERR_OK || found)
        return err;
    err = idempotency_bind(batch, op, &op->once->key, &promise);
    op->once->promise = promise.id;
    return err;
}

/* ---- the answer ---- */

struct kept_answer {
    struct change change;
    const struct answer *answer;
};

static enum err keep_apply(struct change *change, struct batch *batch)
{
    const struct kept_answer *kept = container_of(change, struct kept_answer, change);
    batch_writes(batch, change);
    return store_answer_put(batch_db(batch), change->op, kept->answer);
}

enum err once_answer(struct core *core, struct op *op, const struct once *once,
                     const struct answer *answer)
{
    struct answer promised = *answer;
    promised.id = once->promise;
    struct kept_answer kept = {.change = {.op = op, .apply = keep_apply}, .answer = &promised};
    return core_change_wait(core, &kept.change);
}

struct replay {
    struct change change;
    const struct idempotency_key *key;
    bool found;
    struct answer answer;
};

static enum err replay_apply(struct change *change, struct batch *batch)
{
    struct replay *replay = container_of(change, struct replay, change);
    return idempotency_find(batch, change->op, replay->key, &replay->found, &replay->answer);
}

enum err once_find(struct core *core, struct op *op, const struct idempotency_key *key,
                   bool *ret_found, struct answer *ret_answer)
{
    struct replay replay = {.change = {.op = op, .key = key, .apply = replay_apply}, .key = key};
    enum err err = core_change_wait(core, &replay.change);
    if (err == ERR_OK) {
        *ret_found = replay.found;
        *ret_answer = replay.answer;
    }
    return err;
}
