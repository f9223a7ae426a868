#include "core/stats.h"

#include "core/task_ask.h"
#include "core/task_search.h"
#include "core/task_selection.h"
#include "model/directory.h"
#include "model/figure.h"
#include "model/task_state.h"
#include "store/figure.h"
#include "store/task.h"
#include "store/task_index.h"

#include <stdlib.h>

enum {
    CHUNKS_STEP = 256,       /* that are read at once, when all are */
    CHUNKS_STEP_SPARSE = 32, /* when only some records are asked for */
    HITS_STEP = 200000,      /* ids that are read at once */
    SCAN_BYTES = 128 * 1024 * 1024,
    CHUNKS_BYTES = 16 * 1024 * 1024,
    HITS_BYTES = 64 * 1024 * 1024,
    JUDGED_MAX = 20000, /* hits that the index is not sure of */
    SCAN_STEP = 64,     /* records that are read at once, when there is no index */
    SLOTS = 4 * 8192,   /* of the table of cells, which is never more than a third full */
    SPANS_FIRST = 8,    /* times to closing of a cell in its first block */
    SPANS_MAX = 4096,   /* … and in its largest */
};

static const int64_t HUNDREDTH_MS = INT64_C(864000); /* of a day */

/* Times from creation to closing, in milliseconds: blocks, the newest first. */
struct spans {
    struct spans *next;
    size_t n, capacity;
    int64_t ms[];
};

struct cell {
    struct stats_cell sum;
    int64_t sample; /* the id of a record in it */
    struct spans *spans;
    size_t closed;
};

struct counting {
    const struct task_ask *ask;
    struct op *op;
    const struct stats_request *request;
    struct task_filter figured; /* the clauses that figures are judged by, */
    const struct task_selection
        *selection;          /* … and what they select of the table; NULL: no table */
    struct task_filter rest; /* the others */
    const int64_t *domains;  /* of request->filter.workspaces */
    struct task task;        /* what a figure has of a record */
    uint32_t *slots;         /* 0: empty; or the place of a cell, plus 1 */
    struct cell *cells;
    size_t n;
    size_t judged;                         /* hits that were read */
    int64_t month_first, month_end, month; /* the one that was asked for last, in milliseconds */
    struct stats *ret_stats;
};

/* ---- cells ---- */

static int64_t month_of(struct counting *counting, int64_t time)
{
    static const int64_t DAY_MS = INT64_C(86400000);
    if (time < counting->month_first || time >= counting->month_end) {
        int32_t date = date_of_time(time);
        counting->month = month_of_date(date);
        counting->month_first = (int64_t)date * DAY_MS;
        counting->month_end = counting->month_first + DAY_MS;
    }
    return counting->month;
}

/* What a record counts for, where that is one value. */
static int64_t value_of(struct counting *counting, enum stats_by by, const struct figure *figure)
{
    const struct task_filter *filter = &counting->request->filter;
    switch (by) {
    case STATS_STATUS:
        return figure->status;
    case STATS_TYPE:
        return figure->type;
    case STATS_PRIORITY:
        return figure->priority;
    case STATS_IMPACT:
        return figure->impact;
    case STATS_LIKELIHOOD:
        return figure->likelihood;
    case STATS_ASSIGNEE:
        return figure->assignee_id;
    case STATS_WORKSPACE:
        return figure->workspace_id;
    case STATS_DOMAIN:
        return counting
            ->domains[filter_workspace(filter, figure->workspace_id) - filter->workspaces];
    case STATS_SOURCE:
        return figure->source_id;
    case STATS_MONTH:
        return month_of(counting, figure->created_at);
    case STATS_CATEGORY:
    case STATS_BY_COUNT:
        break;
    }
    return 0;
}

static enum err cell_find(struct counting *counting, const int64_t value[STATS_BY_MAX],
                          int64_t sample, struct cell **ret_cell)
{
    uint64_t hash = (uint64_t)value[0] * UINT64_C(0x9e3779b97f4a7c15) ^
                    (uint64_t)value[1] * UINT64_C(0xc2b2ae3d27d4eb4f);
    size_t slot = (hash ^ hash >> 32) % SLOTS;
    for (; counting->slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        struct cell *cell = &counting->cells[counting->slots[slot] - 1];
        if (cell->sum.value[0] == value[0] && cell->sum.value[1] == value[1]) {
            *ret_cell = cell;
            return ERR_OK;
        }
    }
    if (counting->n == STATS_CELLS_MAX) {
        op_say(counting->op,
               "These are more than %d cells; add filters, or group by fewer or by others.",
               STATS_CELLS_MAX);
        return ERR_SYNTAX;
    }
    struct cell *cell = &counting->cells[counting->n++];
    *cell = (struct cell){.sum = {.value = {value[0], value[1]}}, .sample = sample};
    counting->slots[slot] = (uint32_t)counting->n;
    *ret_cell = cell;
    return ERR_OK;
}

static enum err span_add(struct arena *arena, struct cell *cell, int64_t ms)
{
    struct spans *spans = cell->spans;
    if (spans == NULL || spans->n == spans->capacity) {
        size_t capacity = spans == NULL ? SPANS_FIRST : 2 * spans->capacity;
        capacity = capacity < SPANS_MAX ? capacity : SPANS_MAX;
        spans = arena_alloc(arena, sizeof *spans + capacity * sizeof spans->ms[0]);
        if (spans == NULL)
            return ERR_MEMORY;
        *spans = (struct spans){.next = cell->spans, .capacity = capacity};
        cell->spans = spans;
    }
    spans->ms[spans->n++] = ms;
    cell->closed++;
    return ERR_OK;
}

static enum err cell_count(struct counting *counting, const int64_t value[STATS_BY_MAX],
                           const struct figure *figure)
{
    struct cell *cell = NULL;
    enum err err = cell_find(counting, value, figure->id, &cell);
    if (err != ERR_OK)
        return err;
    cell->sum.count++;
    cell->sum.due_moves += figure->due_moves;
    if (figure->financial_impact != CENTS_NONE) {
        /* Many amounts of the greatest size are more cents than a number holds. */
        uint64_t cents = cell->sum.cents + (uint64_t)figure->financial_impact % 100;
        cell->sum.euros += (uint64_t)figure->financial_impact / 100 + cents / 100;
        cell->sum.cents = cents % 100;
    }
    if (figure->closed_at == TIME_NONE)
        return ERR_OK;
    int64_t ms = figure->closed_at - figure->created_at;
    return span_add(counting->op->arena, cell, ms > 0 ? ms : 0);
}

/* A record that matches. It counts once for each combination of what it has. */
static enum err figure_count(struct counting *counting, const struct figure *figure)
{
    const struct stats_request *request = counting->request;
    static const uint64_t none = 0;
    const uint64_t *categories = figure->category_count == 0 ? &none : figure->categories;
    size_t n[STATS_BY_MAX] = {1, 1};
    int64_t value[STATS_BY_MAX] = {0, 0};
    for (size_t i = 0; i < request->n; i++)
        if (request->by[i] != STATS_CATEGORY)
            value[i] = value_of(counting, request->by[i], figure);
        else if (figure->category_count > 0)
            n[i] = figure->category_count;
    enum err err = ERR_OK;
    for (size_t i = 0; i < n[0] && err == ERR_OK; i++)
        for (size_t j = 0; j < n[1] && err == ERR_OK; j++) {
            if (request->by[0] == STATS_CATEGORY)
                value[0] = (int64_t)categories[i];
            if (request->n > 1 && request->by[1] == STATS_CATEGORY)
                value[1] = (int64_t)categories[j];
            err = cell_count(counting, value, figure);
        }
    return err;
}

/* ---- what is counted ---- */

/* Of a record that the index knows as it is. */
static bool figure_matches(struct counting *counting, const struct figure *figure)
{
    if (task_ask_is_late(counting->ask, figure->id))
        return false;
    figure_fill(figure, &counting->task);
    return task_matches(&counting->figured, &counting->task, NULL);
}

static enum err late_count(struct counting *counting)
{
    struct op *op = counting->op;
    enum err err = ERR_OK;
    for (size_t i = 0; i < counting->ask->late_count && err == ERR_OK; i++) {
        struct arena_mark mark = arena_mark(op->arena);
        struct task task;
        struct figure figure;
        bool matches = false;
        err = store_task_get_by_id(counting->ask->db, op, counting->ask->late_ids[i], &task);
        if (err == ERR_NOT_FOUND) {
            err = ERR_OK;
            continue;
        }
        if (err == ERR_OK)
            err = task_judge_match(counting->ask->db, op, &counting->request->filter, &task,
                                   &matches);
        if (err == ERR_OK)
            figure_make(&task, &figure);
        arena_rewind(op->arena, mark);
        if (err == ERR_OK && matches)
            err = figure_count(counting, &figure);
    }
    return err;
}

/* All records, one by one. */
static enum err scan_count(struct counting *counting)
{
    struct op *op = counting->op;
    int64_t above = 0, looked_at = 0;
    enum err err = ERR_OK;
    for (bool more = true; more && err == ERR_OK;) {
        struct arena arena;
        struct op reading = {.arena = &arena, .now = op->now};
        struct task_list tasks = {0};
        arena_init(&arena, SCAN_BYTES);
        err = store_task_range(counting->ask->db, &reading, above, INT64_MAX, SCAN_STEP, &tasks);
        for (size_t i = 0; i < tasks.n && err == ERR_OK; i++) {
            struct figure figure;
            bool matches = false;
            above = tasks.items[i].id;
            err = ++looked_at > COUNT_SCAN_MAX
                      ? ERR_UNAVAILABLE
                      : task_judge_match(counting->ask->db, &reading, &counting->request->filter,
                                         &tasks.items[i], &matches);
            if (err == ERR_OK && matches) {
                figure_make(&tasks.items[i], &figure);
                err = figure_count(counting, &figure);
            }
        }
        more = tasks.n == SCAN_STEP;
        if (err != ERR_OK && reading.detail[0] != '\0')
            err = op_fail(op, err, "%s", reading.detail);
        arena_finish(&arena);
    }
    return err;
}

/* ---- what figures do not have ---- */

/* A hit that the index is not sure of. */
static enum err hit_judge(struct counting *counting, int64_t id, bool *ret_matches)
{
    struct op *op = counting->op;
    struct arena_mark mark = arena_mark(op->arena);
    struct task task;
    enum err err = store_task_get_by_id(counting->ask->db, op, id, &task);
    if (err == ERR_OK)
        err = task_judge_match(counting->ask->db, op, &counting->rest, &task, ret_matches);
    arena_rewind(op->arena, mark);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* A record whose figure matches; `judge`: it counts if it matches the rest, too. */
static enum err figure_take(struct counting *counting, const struct figure *figure, bool judge)
{
    bool matches = false;
    if (!judge)
        return figure_count(counting, figure);
    if (++counting->judged > JUDGED_MAX)
        return op_fail(counting->op, ERR_SYNTAX,
                       "Too many records would have to be read for an exact count; narrow the "
                       "phrase by further filters.");
    enum err err = hit_judge(counting, figure->id, &matches);
    return err == ERR_OK && matches ? figure_count(counting, figure) : err;
}

/* ---- the table of figures ---- */

static int64_t coded_id(const struct counting *counting, const struct task_block *block,
                        enum block_code column, size_t row)
{
    size_t n;
    return (int64_t)*task_table_meaning(counting->ask->table, column, block->codes[column][row],
                                        &n);
}

/* Reads what counts look at. The reporter and the times of changes and dues are not among it. */
static void row_figure(const struct counting *counting, const struct task_block *block, size_t row,
                       struct figure *ret_figure)
{
    const int64_t closed = block->numbers[NUMBER_CLOSED][row];
    const int64_t amount = block->numbers[NUMBER_AMOUNT][row];
    size_t n;
    const uint64_t *categories = task_table_meaning(counting->ask->table, CODE_CATEGORIES,
                                                    block->codes[CODE_CATEGORIES][row], &n);
    ret_figure->id = block->ids[row];
    ret_figure->workspace_id = coded_id(counting, block, CODE_WORKSPACE, row);
    ret_figure->assignee_id = coded_id(counting, block, CODE_ASSIGNEE, row);
    ret_figure->source_id = coded_id(counting, block, CODE_SOURCE, row);
    ret_figure->created_at = block->numbers[NUMBER_CREATED][row];
    ret_figure->closed_at = closed == NUMBER_NONE ? TIME_NONE : closed;
    ret_figure->financial_impact = amount == NUMBER_NONE ? CENTS_NONE : amount;
    ret_figure->due_moves = block->numbers[NUMBER_MOVED][row];
    ret_figure->type = block->smalls[SMALL_TYPE][row];
    ret_figure->status = block->smalls[SMALL_STATUS][row];
    ret_figure->priority = block->smalls[SMALL_PRIORITY][row];
    ret_figure->impact = block->smalls[SMALL_IMPACT][row];
    ret_figure->likelihood = block->smalls[SMALL_LIKELIHOOD][row];
    ret_figure->category_count = n;
    for (size_t i = 0; i < n; i++)
        ret_figure->categories[i] = categories[i];
}

/* The selected rows of a block; with ids, only of these. `judge`: as of figure_take(). */
static enum err block_count(struct counting *counting, size_t place, const int64_t *ids, size_t n,
                            bool judge)
{
    size_t blocks;
    const struct task_block *block = task_table_blocks(counting->ask->table, &blocks)[place];
    uint16_t rows[BLOCK_ROWS];
    struct figure figure;
    size_t selected = task_selection_rows(counting->selection, place, ids, n, rows);
    enum err err = ERR_OK;
    for (size_t i = 0; i < selected && err == ERR_OK; i++) {
        if (task_ask_is_late(counting->ask, block->ids[rows[i]]))
            continue;
        row_figure(counting, block, rows[i], &figure);
        err = figure_take(counting, &figure, judge);
    }
    return err;
}

static enum err table_count(struct counting *counting)
{
    size_t blocks;
    enum err err = ERR_OK;
    (void)task_table_blocks(counting->ask->table, &blocks);
    for (size_t i = 0; i < blocks && err == ERR_OK; i++)
        err = block_count(counting, i, NULL, 0, false);
    return err;
}

/* Hits, in the order of their ids. */
static enum err table_hits(struct counting *counting, const struct db_rows *hits, bool judge)
{
    int64_t ids[BLOCK_ROWS];
    enum err err = ERR_OK;
    for (size_t i = 0; i < hits->n && err == ERR_OK;) {
        size_t n = 0, place, row, blocks;
        const struct task_block *const *all = task_table_blocks(counting->ask->table, &blocks);
        if (blocks == 0)
            return ERR_OK;
        (void)task_table_find(counting->ask->table, db_get_i64(hits, i, 0), &place, &row);
        const int64_t last = all[place]->ids[all[place]->n - 1];
        do
            ids[n++] = db_get_i64(hits, i++, 0);
        while (i < hits->n && n < BLOCK_ROWS && db_get_i64(hits, i, 0) <= last);
        err = block_count(counting, place, ids, n, judge);
    }
    return err;
}

/* ---- walking over the figures, where there is no table ---- */

/* Some chunks after another, in an arena of their own: what is counted stays, they do not. */
struct walk {
    struct db *db;
    struct arena arena;
    struct op op;
    int64_t step; /* chunks that are read at once */
    struct db_rows rows;
    size_t row;
    struct str chunk; /* what is left of the row's */
    struct figure figure;
};

static void walk_begin(struct walk *walk, const struct counting *counting, int64_t step)
{
    *walk = (struct walk){.db = counting->ask->reader, .step = step};
    arena_init(&walk->arena, CHUNKS_BYTES);
    walk->op = (struct op){.arena = &walk->arena, .now = counting->op->now};
}

/* An error of the walk is one of the question. */
static enum err walk_end(struct walk *walk, struct op *op, enum err err)
{
    if (walk->op.detail[0] != '\0')
        err = op_fail(op, err, "%s", walk->op.detail);
    arena_finish(&walk->arena);
    return err;
}

static void row_begin(struct walk *walk, size_t row)
{
    walk->row = row;
    walk->chunk = row < walk->rows.n ? db_get_str(&walk->rows, row, 1) : STR_NONE;
    walk->figure = (struct figure){0};
}

static bool row_is_last(const struct walk *walk)
{
    return walk->row + 1 >= walk->rows.n;
}

/* Moves on to the next figure; *ret_any is false at the end. */
static enum err walk_next(struct walk *walk, bool *ret_any)
{
    while (!figure_next(&walk->chunk, &walk->figure)) {
        if (!row_is_last(walk)) {
            row_begin(walk, walk->row + 1);
            continue;
        }
        bool begun = walk->rows.n > 0, over = begun && walk->rows.n < (size_t)walk->step;
        int64_t first = begun ? db_get_i64(&walk->rows, walk->rows.n - 1, 0) : -1;
        arena_reset(&walk->arena);
        enum err err =
            over ? ERR_OK
                 : store_figures_after(walk->db, &walk->op, first, walk->step, &walk->rows);
        if (err != ERR_OK)
            return err;
        if (over || walk->rows.n == 0) {
            walk->rows.n = 0;
            *ret_any = false;
            return ERR_OK;
        }
        row_begin(walk, 0);
    }
    *ret_any = true;
    return ERR_OK;
}

/* Moves on to the figure of a record; *ret_any is false if there is none. Ids may only grow. */
static enum err walk_to(struct walk *walk, int64_t id, bool *ret_any)
{
    for (bool read = false;; read = true) {
        while (!row_is_last(walk) && db_get_i64(&walk->rows, walk->row + 1, 0) <= id)
            row_begin(walk, walk->row + 1);
        bool any = true;
        while (any && walk->figure.id < id)
            any = figure_next(&walk->chunk, &walk->figure);
        /* In the last row that was read it may be missing because it is in a later one. */
        if (any || read || !row_is_last(walk)) {
            *ret_any = any && walk->figure.id == id;
            return ERR_OK;
        }
        arena_reset(&walk->arena);
        enum err err = store_figures_from(walk->db, &walk->op, id, walk->step, &walk->rows);
        if (err != ERR_OK)
            return err;
        row_begin(walk, 0);
    }
}

static enum err all_count(struct counting *counting)
{
    struct walk walk;
    bool any = true;
    walk_begin(&walk, counting, CHUNKS_STEP);
    enum err err = walk_next(&walk, &any);
    while (err == ERR_OK && any) {
        if (figure_matches(counting, &walk.figure))
            err = figure_count(counting, &walk.figure);
        if (err == ERR_OK)
            err = walk_next(&walk, &any);
    }
    return walk_end(&walk, counting->op, err);
}

static enum err walk_hits(struct counting *counting, struct walk *walk, const struct db_rows *hits,
                          bool judge)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < hits->n && err == ERR_OK; i++) {
        bool any = false;
        err = walk_to(walk, db_get_i64(hits, i, 0), &any);
        if (err == ERR_OK && any && figure_matches(counting, &walk->figure))
            err = figure_take(counting, &walk->figure, judge);
    }
    return err;
}

/* ---- the hits of the index ---- */

/* The hits of an expression whose figures match too; `judge`: and that match the rest. */
static enum err hits_count(struct counting *counting, struct str expr, bool judge)
{
    struct walk walk;
    int64_t above = 0;
    enum err err = ERR_OK;
    walk_begin(&walk, counting, CHUNKS_STEP_SPARSE);
    for (bool more = true; more && err == ERR_OK;) {
        struct arena arena;
        struct op reading = {.arena = &arena, .now = counting->op->now};
        struct db_rows rows = {0};
        arena_init(&arena, HITS_BYTES);
        err = store_index_hits(counting->ask->reader, &reading, expr, above, INT64_MAX, true,
                               HITS_STEP, &rows);
        if (err != ERR_OK)
            err = op_fail(counting->op, err, "%s", reading.detail);
        if (err == ERR_OK)
            err = counting->selection != NULL ? table_hits(counting, &rows, judge)
                                              : walk_hits(counting, &walk, &rows, judge);
        if (rows.n > 0)
            above = db_get_i64(&rows, rows.n - 1, 0);
        more = rows.n == HITS_STEP;
        arena_finish(&arena);
    }
    return walk_end(&walk, counting->op, err);
}

static enum err rest_expr(struct counting *counting, bool core, struct str *ret_expr)
{
    struct buf buf;
    buf_init(&buf, TASK_EXPR_MAX);
    buf_task_expr(&buf, counting->ask->syntax, &counting->rest, core);
    return buf_move(&buf, counting->op->arena, ret_expr);
}

static enum err rest_count(struct counting *counting)
{
    struct str core, cover = STR_NONE;
    enum err err = rest_expr(counting, true, &core);
    if (err == ERR_OK)
        err = hits_count(counting, core, false);
    if (err != ERR_OK || task_expr_is_exact(&counting->rest))
        return err;
    err = rest_expr(counting, false, &cover);
    if (err != ERR_OK)
        return err;
    struct str unsure = arena_printf(counting->op->arena, "(%.*s%s%.*s)", STR_ARG(cover),
                                     counting->ask->syntax->minus, STR_ARG(core));
    return unsure.p == NULL ? ERR_MEMORY : hits_count(counting, unsure, true);
}

/* Which clauses figures are judged by, and which the index is asked for. The workspaces are left to
 * the figures. */
static enum err filter_divide(struct counting *counting)
{
    const struct task_ask *ask = counting->ask;
    const struct task_filter *filter = &counting->request->filter;
    struct arena *arena = counting->op->arena;
    struct task_set *const *sets = NULL;
    enum err err = ask->table == NULL ? ERR_OK : task_ask_sets(ask, filter, &sets);
    if (err != ERR_OK)
        return err;
    struct filter_clause *figured = ARENA_ARRAY(arena, struct filter_clause, filter->clause_count);
    struct filter_clause *rest = ARENA_ARRAY(arena, struct filter_clause, filter->clause_count);
    if (figured == NULL || rest == NULL)
        return ERR_MEMORY;
    counting->figured = counting->rest = *filter;
    counting->figured.clauses = figured;
    counting->rest.clauses = rest;
    counting->rest.everywhere = true;
    counting->figured.clause_count = counting->rest.clause_count = 0;
    for (size_t i = 0; i < filter->clause_count; i++)
        if (sets != NULL || (ask->table != NULL ? task_selection_knows(&filter->clauses[i])
                                                : filter_clause_is_figured(&filter->clauses[i])))
            figured[counting->figured.clause_count++] = filter->clauses[i];
        else
            rest[counting->rest.clause_count++] = filter->clauses[i];
    if (ask->table == NULL)
        return ERR_OK;
    counting->selection = task_selection_make(arena, ask->table, &counting->figured, sets);
    return counting->selection == NULL ? ERR_MEMORY : ERR_OK;
}

/* ---- the sums ---- */

static void swap(int64_t *a, int64_t *b)
{
    int64_t kept = *a;
    *a = *b;
    *b = kept;
}

/* Puts the k-th of n numbers, counted from 0, where it would be if they were in order, and no greater
 * ones before it. */
static void select_nth(int64_t *numbers, size_t n, size_t k)
{
    uint64_t random = UINT64_C(0x2545f4914f6cdd1d);
    for (size_t low = 0, high = n; high - low > 1;) {
        random = random * UINT64_C(6364136223846793005) + 1;
        int64_t pivot = numbers[low + (size_t)(random >> 33) % (high - low)];
        size_t below = low, above = high;
        for (size_t i = low; i < above;) {
            if (numbers[i] < pivot)
                swap(&numbers[i++], &numbers[below++]);
            else if (numbers[i] > pivot)
                swap(&numbers[i], &numbers[--above]);
            else
                i++;
        }
        if (k < below)
            high = below;
        else if (k >= above)
            low = above;
        else
            return;
    }
}

/* The median of a cell's spans in hundredths of a day, rounded; `scratch` has room for all. */
static int64_t median(const struct cell *cell, int64_t *scratch)
{
    size_t n = 0, half = cell->closed / 2;
    if (cell->closed == 0)
        return -1;
    for (const struct spans *spans = cell->spans; spans != NULL; spans = spans->next)
        for (size_t i = 0; i < spans->n; i++)
            scratch[n++] = spans->ms[i];
    select_nth(scratch, n, half);
    int64_t upper = scratch[half], lower = upper;
    if (n % 2 == 0) {
        lower = scratch[0];
        for (size_t i = 1; i < half; i++)
            lower = scratch[i] > lower ? scratch[i] : lower;
    }
    return (upper + lower + HUNDREDTH_MS) / (2 * HUNDREDTH_MS);
}

/* Finds the text of a category by a record of the cell. */
static enum err category_name(struct counting *counting, struct cell *cell, size_t by)
{
    struct op *op = counting->op;
    struct task task;
    if (cell->sum.value[by] == 0)
        return ERR_OK;
    enum err err = store_task_get_by_id(counting->ask->db, op, cell->sample, &task);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < task.category.n; i++)
        if (figure_category(task.category.items[i]) == (uint64_t)cell->sum.value[by])
            cell->sum.text[by] = task.category.items[i];
    return cell->sum.text[by].p == NULL
               ? op_fail(op, ERR_CORRUPT, "the figures and the records do not agree")
               : ERR_OK;
}

static enum err sums_make(struct counting *counting)
{
    struct arena *arena = counting->op->arena;
    size_t closed = 0;
    for (size_t i = 0; i < counting->n; i++)
        closed = counting->cells[i].closed > closed ? counting->cells[i].closed : closed;
    int64_t *scratch = ARENA_ARRAY(arena, int64_t, closed);
    struct stats_cell *sums = ARENA_ARRAY(arena, struct stats_cell, counting->n);
    if (scratch == NULL || sums == NULL)
        return ERR_MEMORY;
    enum err err = ERR_OK;
    for (size_t i = 0; i < counting->n && err == ERR_OK; i++) {
        struct cell *cell = &counting->cells[i];
        cell->sum.closing = median(cell, scratch);
        for (size_t k = 0; k < counting->request->n && err == ERR_OK; k++)
            if (counting->request->by[k] == STATS_CATEGORY)
                err = category_name(counting, cell, k);
        sums[i] = cell->sum;
    }
    *counting->ret_stats = (struct stats){sums, counting->n};
    return err;
}

static enum err stats_run(const struct task_ask *ask, void *arg)
{
    struct counting *counting = arg;
    struct arena *arena = ask->op->arena;
    const struct task_filter *filter = &counting->request->filter;
    *counting = (struct counting){.ask = ask,
                                  .op = ask->op,
                                  .request = counting->request,
                                  .slots = ARENA_ARRAY(arena, uint32_t, SLOTS),
                                  .cells = ARENA_ARRAY(arena, struct cell, STATS_CELLS_MAX),
                                  .ret_stats = counting->ret_stats};
    int64_t *domains = ARENA_ARRAY(arena, int64_t, filter->workspace_count);
    if (counting->slots == NULL || counting->cells == NULL || domains == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < filter->workspace_count; i++)
        domains[i] =
            directory_workspace_by_id(counting->request->directory, filter->workspaces[i].id)
                ->domain->id;
    counting->domains = domains;
    if (ask->reader == NULL) {
        enum err scanned = scan_count(counting);
        return scanned == ERR_OK ? sums_make(counting) : scanned;
    }
    enum err err = filter_divide(counting);
    if (err == ERR_OK)
        err = late_count(counting);
    if (err == ERR_OK && counting->rest.clause_count > 0)
        err = rest_count(counting);
    else if (err == ERR_OK)
        err = counting->selection != NULL ? table_count(counting) : all_count(counting);
    return err == ERR_OK ? sums_make(counting) : err;
}

enum err core_stats(struct db *db, struct op *op, struct task_index *index,
                    const struct stats_request *request, struct stats *ret_stats)
{
    struct counting counting = {.request = request, .ret_stats = ret_stats};
    enum err err = task_ask(index, db, op, &request->filter, true, stats_run, &counting);
    if (!task_index_spared(db, op, &err))
        return err;
    err = stats_run(&(struct task_ask){.db = db, .op = op, .index = index}, &counting);
    if (err != ERR_UNAVAILABLE)
        return err;
    op_forget(op);
    return op_fail(op, ERR_NOT_READY,
                   "The index of records is being built. Until then so many records are not "
                   "counted. Try again in a few seconds.");
}
