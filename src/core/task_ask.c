#include "core/task_ask.h"

#include "base/sorted.h"
#include "core/task_selection.h"
#include "model/inbox.h"
#include "store/task_index.h"

#include <stdlib.h>

enum {
    TAIL_MAX = 2000, /* events whose records are judged one by one */
    WAIT_MS = 100,
    WAITS_MAX = 20, /* for an index that lags */
};

static int id_cmp(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t position_of(const struct index_positions *positions, int64_t ordinal)
{
    const struct index_position *position =
        SORTED_FIND(positions->items, positions->n, struct index_position, ordinal, ordinal);
    return position == NULL ? 0 : position->seq;
}

/* The records of all events after the positions. ERR_BUSY when there are too many. Of mentions the
 * index knows nothing: the records that an inbox has for them are of the tail, too. */
static enum err tail_read(struct task_ask *ask, const struct inbox *inbox)
{
    struct index_positions positions;
    struct chain_heads heads;
    struct op *op = ask->op;
    int64_t events = 0;
    enum err err = store_index_positions(ask->reader, op, &positions);
    if (err == ERR_OK)
        err = store_chain_heads(ask->db, op, &heads);
    if (err != ERR_OK)
        return err;
    struct hasher hasher;
    hash_begin(&hasher);
    for (size_t i = 0; i < positions.n; i++) {
        hash_u64(&hasher, (uint64_t)positions.items[i].ordinal);
        hash_u64(&hasher, (uint64_t)positions.items[i].seq);
    }
    ask->positions = hash_end(&hasher);
    for (size_t i = 0; i < heads.n && events <= TAIL_MAX; i++) {
        int64_t behind = heads.items[i].seq - position_of(&positions, heads.items[i].ordinal);
        events += behind > 0 ? behind : 0;
    }
    if (events > TAIL_MAX)
        return ERR_BUSY;
    size_t mentioned = inbox == NULL ? 0 : inbox->mention_count;
    ask->late_ids = ARENA_ARRAY(op->arena, int64_t, (size_t)events + mentioned);
    if (ask->late_ids == NULL)
        return ERR_MEMORY;
    size_t n = 0;
    while (n < mentioned) {
        ask->late_ids[n] = inbox->mentions[n].task_id;
        n++;
    }
    for (size_t i = 0; i < heads.n; i++) {
        struct db_rows rows;
        int64_t from = position_of(&positions, heads.items[i].ordinal);
        if (from >= heads.items[i].seq)
            continue;
        err = store_event_tasks(ask->db, op, heads.items[i].ordinal, from,
                                heads.items[i].seq - from, &rows);
        if (err != ERR_OK)
            return err;
        for (size_t j = 0; j < rows.n && n < (size_t)events + mentioned; j++)
            if (!db_is_null(&rows, j, 1))
                ask->late_ids[n++] = db_get_i64(&rows, j, 1);
    }
    qsort(ask->late_ids, n, sizeof *ask->late_ids, id_cmp);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ask->late_ids[i] != ask->late_ids[ask->late_count - 1])
            ask->late_ids[ask->late_count++] = ask->late_ids[i];
    return ERR_OK;
}

bool task_ask_is_late(const struct task_ask *ask, int64_t id)
{
    return ask->late_count > 0 &&
           bsearch(&id, ask->late_ids, ask->late_count, sizeof id, id_cmp) != NULL;
}

/* Takes what the question is put to. ERR_RETRY when the table is newer than what is seen of the index,
 * which somebody else has just caused: a new view of it will be right. */
static enum err ask_take(struct task_ask *ask, bool with_table)
{
    struct task_table *table = with_table ? task_index_table(ask->index) : NULL;
    if (table != NULL)
        task_table_enter(table);
    enum err err = task_index_take(ask->index, ask->db, ask->op, &ask->reader);
    if (err != ERR_OK) {
        if (table != NULL)
            task_table_leave(table);
        return err;
    }
    if (table == NULL)
        return ERR_OK;
    err = task_table_follow(table, ask->reader, ask->op);
    if (err == ERR_OK) {
        ask->table = table;
        return ERR_OK;
    }
    task_table_leave(table);
    /* What is seen of the database stays as it is: do without. */
    bool without =
        err == ERR_UNAVAILABLE || err == ERR_MEMORY || (err == ERR_BUSY && ask->reader == ask->db);
    if (without) {
        op_forget(ask->op);
        return ERR_OK;
    }
    task_index_give(ask->index, ask->reader, err == ERR_BUSY ? ERR_OK : err);
    return err == ERR_BUSY ? ERR_RETRY : err;
}

/* The set of one clause, or NULL. */
static enum err clause_set(const struct task_ask *ask, const struct task_filter *filter,
                           const struct filter_clause *clause, struct task_set **ret_set)
{
    struct buf buf;
    struct str expr;
    buf_init(&buf, TASK_EXPR_MAX);
    buf_clause_expr(&buf, ask->syntax, filter, clause);
    enum err err = buf_move(&buf, ask->op->arena, &expr);
    return err == ERR_OK ? task_set_take(ask->table, ask->reader, ask->op, expr, ret_set) : err;
}

enum err task_ask_sets(const struct task_ask *ask, const struct task_filter *filter,
                       struct task_set *const **ret_sets)
{
    struct arena *arena = ask->op->arena;
    struct task_set **sets = ARENA_ARRAY(arena, struct task_set *, filter->clause_count);
    struct task_set **taken = ARENA_ARRAY(arena, struct task_set *, filter->clause_count);
    *ret_sets = NULL;
    if (sets == NULL || taken == NULL)
        return ERR_MEMORY;
    if (filter->inbox != NULL)
        return ERR_OK;
    ask->taken->items = taken;
    for (size_t i = 0; i < filter->clause_count; i++) {
        const struct filter_clause *clause = &filter->clauses[i];
        if (task_selection_knows(clause))
            continue;
        enum err err = clause_expr_is_exact(clause) ? clause_set(ask, filter, clause, &sets[i])
                                                    : ERR_UNAVAILABLE;
        if (err != ERR_OK)
            return err == ERR_UNAVAILABLE ? ERR_OK : err;
        taken[ask->taken->n++] = sets[i];
    }
    *ret_sets = sets;
    return ERR_OK;
}

static void ask_give(struct task_ask *ask, enum err outcome)
{
    for (size_t i = 0; i < ask->taken->n; i++)
        task_set_give(ask->table, ask->taken->items[i]);
    if (ask->table != NULL)
        task_table_leave(task_index_table(ask->index));
    task_index_give(ask->index, ask->reader, outcome);
}

enum err task_ask(struct task_index *index, struct db *db, struct op *op,
                  const struct task_filter *filter, bool with_table,
                  enum err (*run)(const struct task_ask *ask, void *arg), void *arg)
{
    struct arena_mark mark = arena_mark(op->arena);
    for (int waits = 0; waits < WAITS_MAX; waits++) {
        struct task_set_list taken = {0};
        struct task_ask ask = {.db = db, .op = op, .index = index, .taken = &taken};
        arena_rewind(op->arena, mark);
        enum err err = ask_take(&ask, with_table);
        if (err == ERR_RETRY)
            continue;
        if (err != ERR_OK)
            return err;
        ask.syntax = ask.reader == db ? &expr_tsquery : &expr_fts5;
        err = tail_read(&ask, filter->inbox);
        if (err == ERR_OK)
            err = run(&ask, arg);
        bool again = err == ERR_BUSY && ask.reader != db;
        ask_give(&ask, err);
        if (err != ERR_BUSY)
            return err;
        task_index_hurry(index, again ? WAIT_MS : 0);
        if (!again) /* its view of the database never changes */
            break;
    }
    return ERR_UNAVAILABLE;
}
