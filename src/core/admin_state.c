#include "core/admin_state.h"

#include "base/clock.h"
#include "base/container.h"
#include "core/core.h"

enum { PAYLOAD_MAX = 1024 * 1024, KEYS_AT_ONCE = 256, FOUND_BYTES = 300 * 1024 * 1024 };

enum err admin_begin(struct batch *batch, struct change *change)
{
    batch_writes(batch, change);
    return batch_hold_domain(batch, change->op, 0);
}

static enum err state_append(struct batch *batch, struct op *op, const struct state_key *key,
                             int64_t actor_id, struct str action)
{
    struct buf buf;
    struct json_writer json;
    struct event event = {.actor_id = actor_id, .action = action, .key = STR(EVENT_ROOT)};
    buf_init(&buf, PAYLOAD_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "state");
    json_put_null(&json, NULL);
    enum err err = store_state_put(batch_db(batch), op, key, &json, NULL);
    json_end(&json);
    json_end(&json);
    if (err == ERR_OK)
        err = buf_move(&buf, op->arena, &event.payload);
    else
        buf_finish(&buf);
    return err == ERR_OK ? batch_append_event(batch, op, &event) : err;
}

enum err admin_state_add(struct batch *batch, struct op *op, enum state_kind kind, int64_t id,
                         int64_t actor_id)
{
    return state_append(batch, op, &(struct state_key){kind, id, 0}, actor_id, STR(ADMIN_STATE));
}

enum err admin_state_add_version(struct batch *batch, struct op *op, int64_t form_id,
                                 int64_t version, int64_t actor_id)
{
    return state_append(batch, op, &(struct state_key){STATE_FORM_VERSION, form_id, version},
                        actor_id, STR(ADMIN_STATE));
}

/* ---- a store that is older than these events ---- */

struct finding {
    struct change change;
    struct state_key after, next; /* the last object that is done, and that will be */
};

/* The next objects of a kind, or the next kind. */
static enum err found_apply(struct change *change, struct batch *batch)
{
    struct finding *finding = container_of(change, struct finding, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    const struct state_key *keys;
    size_t n = 0;
    enum state_kind due;
    enum err err = store_state_due(db, op, &due);
    if (err == ERR_OK && due != finding->after.kind)
        finding->after = (struct state_key){due, INT64_MIN, INT64_MIN};
    finding->next = finding->after;
    if (err != ERR_OK || due == STATE_KINDS)
        return err;
    batch_writes(batch, change);
    err = store_state_keys(db, op, &finding->after, KEYS_AT_ONCE, &keys, &n);
    for (size_t i = 0; i < n && err == ERR_OK; i++) {
        err = state_append(batch, op, &keys[i], 0, STR(ADMIN_STATE_FOUND));
        finding->next = keys[i];
    }
    return err == ERR_OK && n == 0 ? store_state_due_put(db, op, due + 1) : err;
}

enum err admin_states_find(struct core *core, struct op *op)
{
    struct finding finding = {.after = {STATE_DOMAIN, INT64_MIN, INT64_MIN}};
    enum err err = ERR_OK;
    while (err == ERR_OK && finding.after.kind < STATE_KINDS) {
        struct arena arena;
        struct op part = {.arena = &arena, .now = clock_now()};
        arena_init(&arena, FOUND_BYTES);
        finding.change = (struct change){.op = &part, .apart = true, .apply = found_apply};
        err = core_change_wait(core, &finding.change);
        finding.after = finding.next;
        if (err != ERR_OK)
            op_say(op, "%s", part.detail);
        arena_finish(&arena);
    }
    return err;
}
