/* The follower that keeps the index of records (core/task_index.h). */
#include "core/task_index.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "follow/follower.h"
#include "model/task_term.h"
#include "store/figure.h"
#include "store/task.h"
#include "store/task_index.h"

#include <stdlib.h>

enum {
    BUILD_STEP = 500,              /* records of one transaction, */
    READ_AT_ONCE = 20,             /* … of which so many are read together: each may be large */
    EVENT_STEP = 1000,             /* events of one */
    BEHIND_TOLD = 20 * EVENT_STEP, /* events, that are worth a line of the log */
    BEHIND_TOLD_MS = 60000,
    LOG_TRIES = 60, /* to empty it while others read; what comes later is written over it */
    TERMS_MAX = 4 * TASK_TEXT_MAX,
    OWNER_SIZE = 16,
};

_Static_assert(BUILD_STEP % READ_AT_ONCE == 0, "a step ends with a whole read");

/* In milliseconds: how long a node may be silent before another takes over. */
static const int64_t LEASE = 15000;

struct follow_index {
    struct core *core;
    struct task_index *index;
    struct db *writer, *store; /* the same where the index is in the database */
    bool shared, checked, away;
    bool purging, purged; /* a round has begun; it is over once this is committed */
    int log_tries;
    unsigned char owner[OWNER_SIZE];
    int64_t indexed, begun_at; /* records, for the log; and clock_ticks() */
    int64_t told_at;           /* clock_ticks() of the last note that it lags */
};

static void index_close(void *state)
{
    struct follow_index *follow = state;
    if (follow->store != follow->writer)
        db_close(follow->store);
    task_index_close_writer(follow->index, follow->writer);
    free(follow);
}

static enum err index_open(struct core *core, struct op *op, void **ret_state)
{
    struct follow_index *follow = calloc(1, sizeof *follow);
    if (follow == NULL)
        return ERR_MEMORY;
    follow->core = core;
    follow->index = core_task_index(core);
    follow->begun_at = clock_ticks(); /* of what is left of a build that an earlier process began */
    random_bytes(follow->owner, sizeof follow->owner);
    enum err err = task_index_open_writer(follow->index, op, &follow->writer);
    if (task_index_is_damage(err)) {
        LOG(LOG_WARN, "the index of records is damaged; it is built again",
            LOG_TEXT("reason", str_of(op->detail)));
        op_forget(op);
        task_index_discard(follow->index);
        err = task_index_open_writer(follow->index, op, &follow->writer);
    }
    if (err == ERR_OK) {
        follow->shared = db_shared(follow->writer);
        follow->store = follow->writer;
        if (!follow->shared)
            err = core_open_reader(core, op, &follow->store);
    }
    if (err != ERR_OK) {
        if (follow->writer != NULL)
            task_index_close_writer(follow->index, follow->writer);
        free(follow);
        return err;
    }
    *ret_state = follow;
    return ERR_OK;
}

/* ---- one record ---- */

static enum err record_put(struct follow_index *follow, struct op *op, const struct task *task,
                           bool known)
{
    struct task_text text;
    struct buf terms;
    struct arena_mark mark = arena_mark(op->arena);
    enum err err = task_text_load(follow->store, op, task, &text);
    buf_init(&terms, TERMS_MAX);
    if (err == ERR_OK)
        buf_task_terms(&terms, task, &text);
    if (err == ERR_OK)
        err = buf_err(&terms);
    if (err == ERR_OK)
        err = store_index_put(follow->writer, op, task, buf_str(&terms), known);
    buf_finish(&terms);
    arena_rewind(op->arena, mark);
    follow->indexed += err == ERR_OK;
    return err;
}

/* ---- building ---- */

/* Empties the index, and notes where the chains end: what comes after that is followed, what was
 * before is read from the records. */
static enum err build_begin(struct follow_index *follow, struct op *op)
{
    struct chain_heads heads;
    struct index_state state = {.version = TASK_TERMS_VERSION, .age.change = 1};
    random_bytes(&state.age.epoch, sizeof state.age.epoch);
    enum err err = store_index_clear(follow->writer, op);
    if (err == ERR_OK)
        err = store_chain_heads(follow->store, op, &heads);
    for (size_t i = 0; err == ERR_OK && i < heads.n; i++)
        err = store_index_position_save(follow->writer, op,
                                        &(struct index_position){heads.items[i].ordinal,
                                                                 heads.items[i].seq,
                                                                 heads.items[i].hash});
    if (err == ERR_OK)
        err = store_index_state_save(follow->writer, op, &state);
    LOG(LOG_INFO, "building the index of records");
    follow->indexed = 0;
    follow->begun_at = clock_ticks();
    return err;
}

static enum err build_step(struct follow_index *follow, struct op *op, struct index_state *state)
{
    size_t n = 0;
    bool more = true;
    struct figure *figures = ARENA_ARRAY(op->arena, struct figure, BUILD_STEP);
    if (figures == NULL)
        return ERR_MEMORY;
    enum err err = ERR_OK;
    while (err == ERR_OK && more && n < BUILD_STEP) {
        struct task_list tasks;
        struct arena_mark mark = arena_mark(op->arena);
        err = store_task_range(follow->store, op, state->done_id, INT64_MAX, READ_AT_ONCE, &tasks);
        if (err == ERR_OK)
            more = tasks.n == READ_AT_ONCE;
        for (size_t i = 0; err == ERR_OK && i < tasks.n; i++) {
            err = record_put(follow, op, &tasks.items[i], false);
            figure_make(&tasks.items[i], &figures[n++]);
            state->done_id = tasks.items[i].id;
        }
        arena_rewind(op->arena, mark);
    }
    if (err == ERR_OK)
        err = store_figures_put(follow->writer, op, figures, n, ++state->age.change);
    if (err != ERR_OK)
        return err;
    state->built = !more;
    if (state->built)
        LOG(LOG_INFO, "the index of records is built", LOG_NUM("records", follow->indexed),
            LOG_NUM("ms", clock_ticks() - follow->begun_at));
    return store_index_state_save(follow->writer, op, state);
}

/* ---- following ---- */

/* Is the store the one that the index was made from, and not an older copy of it? Each position has
 * the hash of its event. */
static enum err positions_check(struct follow_index *follow, struct op *op,
                                const struct index_positions *positions, bool *ret_fit)
{
    bool fit = true;
    enum err err = ERR_OK;
    for (size_t i = 0; i < positions->n && err == ERR_OK && fit; i++) {
        const struct index_position *position = &positions->items[i];
        struct str hash;
        err = position->seq == 0
                  ? ERR_OK
                  : store_event_hash(follow->store, op, position->ordinal, position->seq, &hash);
        if (err == ERR_OK && position->seq > 0)
            fit = hash.p != NULL && position->hash.p != NULL && str_eq(hash, position->hash);
    }
    *ret_fit = fit;
    return err;
}

static int id_cmp(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* In the order of ids, which is what FTS5 likes best. */
static enum err records_follow(struct follow_index *follow, struct op *op,
                               struct index_state *state, int64_t *ids, size_t n)
{
    int64_t greatest;
    size_t known = 0;
    struct figure *figures = ARENA_ARRAY(op->arena, struct figure, n);
    if (figures == NULL)
        return ERR_MEMORY;
    enum err err = store_index_greatest(follow->writer, op, &greatest);
    qsort(ids, n, sizeof *ids, id_cmp);
    for (size_t i = 0; i < n && err == ERR_OK; i++) {
        struct task task;
        struct arena_mark mark = arena_mark(op->arena);
        if (i > 0 && ids[i] == ids[i - 1])
            continue;
        err = store_task_get_by_id(follow->store, op, ids[i], &task);
        if (err == ERR_OK) {
            err = record_put(follow, op, &task, ids[i] <= greatest);
            figure_make(&task, &figures[known++]);
        } else if (err == ERR_NOT_FOUND)
            err = ERR_OK;
        arena_rewind(op->arena, mark);
    }
    if (err == ERR_OK && known > 0)
        err = store_figures_put(follow->writer, op, figures, known, ++state->age.change);
    return err == ERR_OK && known > 0 ? store_index_state_save(follow->writer, op, state) : err;
}

static enum err position_save(struct follow_index *follow, struct op *op, int64_t ordinal,
                              int64_t seq)
{
    struct index_position position = {.ordinal = ordinal, .seq = seq};
    enum err err = store_event_hash(follow->store, op, ordinal, seq, &position.hash);
    return err == ERR_OK ? store_index_position_save(follow->writer, op, &position) : err;
}

/* The next events of all chains, and the records that they are about as these are now. */
static enum err events_step(struct follow_index *follow, struct op *op, struct index_state *state,
                            const struct index_positions *positions, enum follow_step *ret_step)
{
    struct chain_heads heads;
    int64_t *ids = ARENA_ARRAY(op->arena, int64_t, EVENT_STEP);
    size_t events = 0, n = 0, at = 0;
    int64_t behind = 0;
    enum err err = store_chain_heads(follow->store, op, &heads);
    if (ids == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < heads.n && err == ERR_OK; i++) {
        const struct chain_head *head = &heads.items[i];
        struct db_rows rows;
        while (at < positions->n && positions->items[at].ordinal < head->ordinal)
            at++;
        bool known = at < positions->n && positions->items[at].ordinal == head->ordinal;
        int64_t from = known ? positions->items[at].seq : 0;
        behind += from < head->seq ? head->seq - from : 0;
        if (from >= head->seq || events == EVENT_STEP)
            continue;
        err = store_event_tasks(follow->store, op, head->ordinal, from,
                                (int64_t)(EVENT_STEP - events), &rows);
        for (size_t j = 0; err == ERR_OK && j < rows.n; j++)
            if (!db_is_null(&rows, j, 1))
                ids[n++] = db_get_i64(&rows, j, 1);
        events += rows.n;
        if (err == ERR_OK && rows.n > 0)
            err = position_save(follow, op, head->ordinal, db_get_i64(&rows, rows.n - 1, 0));
    }
    if (err == ERR_OK)
        err = records_follow(follow, op, state, ids, n);
    if (behind > BEHIND_TOLD && clock_ticks() - follow->told_at > BEHIND_TOLD_MS) {
        follow->told_at = clock_ticks();
        LOG(LOG_INFO, "the index of records lags", LOG_NUM("events", behind));
    }
    *ret_step = events == EVENT_STEP ? FOLLOW_MORE : FOLLOW_CURRENT;
    return err;
}

/* A part of a purge, once all that was to be forgotten is replaced. */
static enum err purge_step(struct follow_index *follow, struct op *op, enum follow_step *ret_step)
{
    bool more, begins = !follow->purging;
    enum err err = store_index_purge(follow->writer, op, begins, &more);
    follow->purging = err == ERR_OK && more;
    follow->purged = err == ERR_OK && !more && begins;
    if (!follow->purged)
        *ret_step = FOLLOW_MORE;
    return err;
}

static enum err step_run(struct follow_index *follow, struct op *op, bool purges,
                         enum follow_step *ret_step)
{
    struct index_state state;
    struct index_positions positions;
    bool fit = true;
    enum err err = ERR_OK;
    if (follow->shared)
        err = store_index_claim(follow->writer, op, (struct str){(char *)follow->owner, OWNER_SIZE},
                                op->now + LEASE);
    if (err == ERR_OK)
        err = store_index_state(follow->writer, op, &state);
    if (err == ERR_OK)
        err = store_index_positions(follow->writer, op, &positions);
    if (err == ERR_OK && !follow->checked)
        err = positions_check(follow, op, &positions, &fit);
    if (err != ERR_OK)
        return err;
    bool was_built = state.built;
    if (state.version != TASK_TERMS_VERSION || !fit) {
        err = build_begin(follow, op);
        *ret_step = FOLLOW_MORE;
    } else if (!state.built) {
        err = build_step(follow, op, &state);
        *ret_step = FOLLOW_MORE;
    } else {
        err = events_step(follow, op, &state, &positions, ret_step);
        if (err == ERR_OK && purges && *ret_step == FOLLOW_CURRENT)
            err = purge_step(follow, op, ret_step);
    }
    if (err == ERR_OK)
        err = store_index_settle(follow->writer, op, state.built && !was_built);
    follow->checked = follow->checked || err == ERR_OK;
    return err;
}

static enum err index_step(void *state, struct op *op, enum follow_step *ret_step)
{
    struct follow_index *follow = state;
    if (task_index_damaged(follow->index))
        return op_fail(op, ERR_CORRUPT, "the index of records is to be built again");
    /* Asked before the store is read, so that the step sees what is to be forgotten. */
    unsigned purge = task_index_purging(follow->index);
    follow->purged = false;
    enum err err = follow->shared ? ERR_OK : db_begin_read(follow->store, op);
    if (err == ERR_OK)
        err = db_begin(follow->writer, op);
    if (err == ERR_OK)
        err = step_run(follow, op, purge != 0, ret_step);
    if (!follow->shared)
        db_rollback(follow->store);
    if (err == ERR_OK)
        err = db_commit(follow->writer, op);
    else
        db_rollback(follow->writer);
    if (err == ERR_BUSY) {
        follow->checked = false;
        *ret_step = FOLLOW_AWAY;
        op_forget(op);
        return ERR_OK;
    }
    if (err == ERR_OK) {
        task_index_wrote(follow->index);
        err = db_upkeep(follow->writer, op, *ret_step != FOLLOW_MORE);
        bool emptied = false;
        if (err == ERR_OK && follow->purged)
            err = store_index_empty_log(follow->writer, op, &emptied);
        follow->log_tries = emptied || !follow->purged ? 0 : follow->log_tries + 1;
        if (emptied || follow->log_tries == LOG_TRIES)
            task_index_purged(follow->index, purge);
    }
    if (err == ERR_RETRY) {
        op_forget(op);
        *ret_step = FOLLOW_MORE;
        return ERR_OK;
    }
    if (task_index_is_damage(err))
        task_index_note_damage(follow->index);
    return err;
}

static bool index_hurried(void *state)
{
    struct follow_index *follow = state;
    return task_index_hurried(follow->index);
}

const struct follow_kind follow_task_index = {
    .name = "index",
    .metric = FOLLOWER_INDEX,
    .open = index_open,
    .close = index_close,
    .step = index_step,
    .hurried = index_hurried,
};
