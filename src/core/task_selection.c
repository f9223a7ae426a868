#include "core/task_selection.h"

#include "base/sorted.h"
#include "model/figure.h"
#include "model/task_state.h"

#include <stdlib.h>

enum {
    MASK_WORD = 8, /* rows that are looked at together */
    SMALL_MAX = 4, /* the greatest value in a column of small numbers */
};

/* The columns are tested a block at a time; a mask says which of its rows are still selected. */
union block_mask {
    unsigned char rows[BLOCK_ROWS]; /* 0 or 1 */
    uint64_t words[BLOCK_ROWS / MASK_WORD];
};

/* In the order in which tests are made: the cheap ones first. */
enum test_kind { TEST_SET, TEST_SMALL, TEST_CODE, TEST_OVERDUE, TEST_NUMBER, TEST_KINDS };

struct span {
    int64_t first, last; /* first > last: no number; both NUMBER_NONE: no value */
};

/* A clause. */
struct test {
    enum test_kind kind;
    unsigned column;
    bool negated;
    const struct task_set *set;   /* TEST_SET: in which the record is */
    unsigned smalls;              /* TEST_SMALL and TEST_OVERDUE: a bit for each value */
    const unsigned char *allowed; /* TEST_CODE: 1 for each code that is meant; */
    size_t allowed_count;         /* … how many these are */
    uint32_t only;                /* … and one of them */
    const struct span *spans;     /* TEST_NUMBER: in one of which the number lies */
    size_t n;
};

struct task_selection {
    const struct task_table *table;
    const struct task_block *const *blocks;
    size_t block_count;
    struct test *tests;
    size_t n;
    bool everywhere;
    const unsigned char *shown; /* of each workspace's code: is it shown at all, */
    const unsigned char *owned; /* and only what the caller was the source of? */
    const int64_t *today;       /* … and which day is it there? */
    bool any_owned;
    const unsigned char *caller; /* of each account's code: is it the caller's? */
};

/* ---- clauses as tests ---- */

static const struct tested_column {
    bool known;
    enum test_kind kind;
    unsigned column;
} columns[FILTER_FIELDS] = {
    [FILTER_TYPE] = {true, TEST_SMALL, SMALL_TYPE},
    [FILTER_STATUS] = {true, TEST_SMALL, SMALL_STATUS},
    [FILTER_OPEN] = {true, TEST_SMALL, SMALL_STATUS},
    [FILTER_PRIORITY] = {true, TEST_SMALL, SMALL_PRIORITY},
    [FILTER_IMPACT] = {true, TEST_SMALL, SMALL_IMPACT},
    [FILTER_LIKELIHOOD] = {true, TEST_SMALL, SMALL_LIKELIHOOD},
    [FILTER_ASSIGNEE] = {true, TEST_CODE, CODE_ASSIGNEE},
    [FILTER_REPORTER] = {true, TEST_CODE, CODE_REPORTER},
    [FILTER_SOURCE] = {true, TEST_CODE, CODE_SOURCE},
    [FILTER_CATEGORY] = {true, TEST_CODE, CODE_CATEGORIES},
    [FILTER_OVERDUE] = {true, TEST_OVERDUE, SMALL_STATUS},
    [FILTER_CREATED] = {true, TEST_NUMBER, NUMBER_CREATED},
    [FILTER_UPDATED] = {true, TEST_NUMBER, NUMBER_UPDATED},
    [FILTER_CLOSED] = {true, TEST_NUMBER, NUMBER_CLOSED},
    [FILTER_DUE] = {true, TEST_NUMBER, NUMBER_DUE},
    [FILTER_AMOUNT] = {true, TEST_NUMBER, NUMBER_AMOUNT},
    [FILTER_MOVED] = {true, TEST_NUMBER, NUMBER_MOVED},
};

bool task_selection_knows(const struct filter_clause *clause)
{
    return columns[clause->field].known;
}

bool task_selection_is_exact(const struct task_filter *filter)
{
    bool exact = filter->inbox == NULL;
    for (size_t i = 0; i < filter->clause_count && exact; i++)
        exact = task_selection_knows(&filter->clauses[i]);
    return exact;
}

static unsigned open_statuses(void)
{
    unsigned open = 0;
    for (unsigned status = STATUS_TODO; status <= STATUS_EXPIRED; status++)
        if (status_is_open((enum task_status)status))
            open |= 1U << status;
    return open;
}

static void small_test_make(const struct filter_clause *clause, struct test *test)
{
    for (size_t i = 0; i < clause->n; i++) {
        int64_t number = clause->values[i].number;
        if (clause->field == FILTER_OPEN || clause->field == FILTER_OVERDUE)
            test->smalls |= open_statuses();
        else if (number >= 0 && number < (int64_t)(8 * sizeof test->smalls))
            test->smalls |= 1U << number;
    }
}

/* Is a code meant by a value of the clause? */
static bool code_is_meant(const struct task_table *table, const struct filter_clause *clause,
                          unsigned column, size_t code, const uint64_t *wanted)
{
    size_t n;
    const uint64_t *meaning = task_table_meaning(table, (enum block_code)column, code, &n);
    for (size_t i = 0; i < clause->n; i++) {
        if (column == CODE_CATEGORIES && clause->values[i].op == FILTER_NONE && n == 0)
            return true;
        if (column == CODE_CATEGORIES && clause->values[i].op != FILTER_EQUAL)
            continue;
        for (size_t k = 0; k < n; k++)
            if (meaning[k] == wanted[i])
                return true;
    }
    return false;
}

static bool code_test_make(struct arena *arena, const struct task_table *table,
                           const struct filter_clause *clause, struct test *test)
{
    size_t count = task_table_codes(table, (enum block_code)test->column);
    unsigned char *allowed = ARENA_ARRAY(arena, unsigned char, count + 1);
    uint64_t *wanted = ARENA_ARRAY(arena, uint64_t, clause->n);
    if (allowed == NULL || wanted == NULL)
        return false;
    for (size_t i = 0; i < clause->n; i++)
        wanted[i] = test->column == CODE_CATEGORIES ? figure_category(clause->values[i].text)
                                                    : (uint64_t)clause->values[i].number;
    for (size_t code = 0; code < count; code++)
        if (code_is_meant(table, clause, test->column, code, wanted)) {
            allowed[code] = 1;
            test->allowed_count++;
            test->only = (uint32_t)code;
        }
    test->allowed = allowed;
    return true;
}

static struct span span_of(const struct filter_value *value)
{
    static const struct span none = {NUMBER_NONE, NUMBER_NONE}, never = {0, -1};
    switch (value->op) {
    case FILTER_EQUAL:
        return (struct span){value->number, value->number};
    case FILTER_WITHIN:
        return (struct span){value->number, value->last};
    case FILTER_LESS:
        return value->number > NUMBER_NONE + 1 ? (struct span){NUMBER_NONE + 1, value->number - 1}
                                               : never;
    case FILTER_GREATER:
        return value->number < INT64_MAX ? (struct span){value->number + 1, INT64_MAX} : never;
    case FILTER_NONE:
        break;
    }
    return none;
}

static bool number_test_make(struct arena *arena, const struct filter_clause *clause,
                             struct test *test)
{
    struct span *spans = ARENA_ARRAY(arena, struct span, clause->n);
    if (spans == NULL)
        return false;
    for (size_t i = 0; i < clause->n; i++)
        spans[i] = span_of(&clause->values[i]);
    test->spans = spans;
    return true;
}

static bool test_make(struct arena *arena, const struct task_table *table,
                      const struct filter_clause *clause, const struct task_set *set,
                      struct test *test)
{
    const struct tested_column *column = &columns[clause->field];
    *test = (struct test){column->kind, column->column, clause->negated, set, .n = clause->n};
    if (set != NULL)
        test->kind = TEST_SET;
    switch (test->kind) {
    case TEST_SET:
        return true;
    case TEST_SMALL:
    case TEST_OVERDUE:
        small_test_make(clause, test);
        return true;
    case TEST_CODE:
        return code_test_make(arena, table, clause, test);
    case TEST_NUMBER:
        return number_test_make(arena, clause, test);
    case TEST_KINDS:
        break;
    }
    return true;
}

/* What the caller may see, and which day it is there. */
static bool workspaces_make(struct arena *arena, const struct task_filter *filter,
                            struct task_selection *selection)
{
    const struct task_table *table = selection->table;
    size_t workspaces = task_table_codes(table, CODE_WORKSPACE), n;
    size_t accounts = task_table_codes(table, CODE_SOURCE);
    unsigned char *shown = ARENA_ARRAY(arena, unsigned char, workspaces + 1);
    unsigned char *owned = ARENA_ARRAY(arena, unsigned char, workspaces + 1);
    unsigned char *caller = ARENA_ARRAY(arena, unsigned char, accounts + 1);
    int64_t *today = ARENA_ARRAY(arena, int64_t, workspaces + 1);
    if (shown == NULL || owned == NULL || caller == NULL || today == NULL)
        return false;
    for (size_t code = 0; code < workspaces; code++) {
        const struct filter_workspace *workspace =
            filter_workspace(filter, (int64_t)*task_table_meaning(table, CODE_WORKSPACE, code, &n));
        shown[code] = workspace != NULL;
        owned[code] = workspace != NULL && workspace->own;
        today[code] = workspace == NULL ? NUMBER_NONE : workspace->today;
        selection->any_owned = selection->any_owned || owned[code];
    }
    for (size_t code = 0; code < accounts; code++)
        caller[code] =
            (int64_t)*task_table_meaning(table, CODE_SOURCE, code, &n) == filter->caller_id;
    selection->shown = shown;
    selection->owned = owned;
    selection->caller = caller;
    selection->today = today;
    return true;
}

struct task_selection *task_selection_make(struct arena *arena, const struct task_table *table,
                                           const struct task_filter *filter,
                                           struct task_set *const *sets)
{
    struct task_selection *selection = ARENA_NEW(arena, struct task_selection);
    struct test *tests = ARENA_ARRAY(arena, struct test, filter->clause_count);
    if (selection == NULL || tests == NULL)
        return NULL;
    selection->table = table;
    selection->blocks = task_table_blocks(table, &selection->block_count);
    selection->tests = tests;
    selection->everywhere = filter->everywhere;
    if (!workspaces_make(arena, filter, selection))
        return NULL;
    for (int kind = 0; kind < TEST_KINDS; kind++)
        for (size_t i = 0; i < filter->clause_count; i++) {
            const struct tested_column *column = &columns[filter->clauses[i].field];
            const struct task_set *set = sets == NULL ? NULL : sets[i];
            if (set != NULL ? kind != TEST_SET : !column->known || (int)column->kind != kind)
                continue;
            if (!test_make(arena, table, &filter->clauses[i], set, &tests[selection->n++]))
                return NULL;
        }
    return selection;
}

/* ---- a block ---- */

static bool mask_any(const union block_mask *mask)
{
    uint64_t any = 0;
    for (size_t i = 0; i < BLOCK_ROWS / MASK_WORD; i++)
        any |= mask->words[i];
    return any != 0;
}

static void mask_keep(unsigned char *restrict mask, const unsigned char *restrict meant,
                      unsigned char negated)
{
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        mask[i] &= meant[i] ^ negated;
}

/* A bit becomes a byte: of eight copies of eight bits each keeps another one, which then is carried to the
 * byte's highest bit. */
static void set_test(const struct test *test, const struct task_block *block,
                     union block_mask *ret_meant)
{
    const uint64_t *bits = task_set_rows(test->set, block);
    for (size_t i = 0; i < BLOCK_ROWS / MASK_WORD; i++) {
        uint64_t eight = bits[i / MASK_WORD] >> i % MASK_WORD * MASK_WORD & 0xff;
        uint64_t one_each = eight * UINT64_C(0x0101010101010101) & UINT64_C(0x8040201008040201);
        ret_meant->words[i] =
            (one_each + UINT64_C(0x7f7f7f7f7f7f7f7f)) >> 7 & UINT64_C(0x0101010101010101);
    }
}

static void small_add(const unsigned char *restrict column, unsigned char value,
                      unsigned char *restrict ret_meant)
{
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        ret_meant[i] |= column[i] == value;
}

static void small_test(const struct test *test, const struct task_block *block,
                       unsigned char *ret_meant)
{
    for (unsigned char value = 0; test->smalls >> value > 0 && value <= SMALL_MAX; value++)
        if (test->smalls >> value & 1)
            small_add(block->smalls[test->column], value, ret_meant);
}

static void code_equal(const uint32_t *restrict column, uint32_t code,
                       unsigned char *restrict ret_meant)
{
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        ret_meant[i] = column[i] == code;
}

static void code_test(const struct test *test, const struct task_block *block,
                      const union block_mask *mask, unsigned char *ret_meant)
{
    const uint32_t *column = block->codes[test->column];
    if (test->allowed_count == 1)
        code_equal(column, test->only, ret_meant);
    for (size_t i = 0; i < BLOCK_ROWS && test->allowed_count > 1; i += MASK_WORD)
        for (size_t k = i; k < i + MASK_WORD && mask->words[i / MASK_WORD] != 0; k++)
            ret_meant[k] = test->allowed[column[k]];
}

/* Only of rows that are still selected: the columns are wide. */
static void number_test(const struct test *test, const struct task_block *block,
                        const union block_mask *mask, unsigned char *ret_meant)
{
    const int64_t *column = block->numbers[test->column];
    for (size_t i = 0; i < BLOCK_ROWS; i += MASK_WORD) {
        if (mask->words[i / MASK_WORD] == 0)
            continue;
        for (size_t k = 0; k < test->n; k++)
            for (size_t j = i; j < i + MASK_WORD; j++)
                ret_meant[j] |=
                    column[j] >= test->spans[k].first && column[j] <= test->spans[k].last;
    }
}

/* As task_is_overdue() says. `ret_meant` is of rows that are open. */
static void overdue_test(const struct task_selection *selection, const struct task_block *block,
                         const union block_mask *mask, unsigned char *ret_meant)
{
    const int64_t *due = block->numbers[NUMBER_DUE];
    const uint32_t *workspace = block->codes[CODE_WORKSPACE];
    for (size_t i = 0; i < BLOCK_ROWS; i += MASK_WORD)
        for (size_t k = i; k < i + MASK_WORD && mask->words[i / MASK_WORD] != 0; k++)
            ret_meant[k] &= (due[k] != NUMBER_NONE) & (due[k] < selection->today[workspace[k]]);
}

/* Can a number of the block lie in one of the spans? */
static bool bounds_meet(const struct block_bounds *bounds, const struct test *test)
{
    bool meet = false;
    for (size_t i = 0; i < test->n && !meet; i++) {
        const struct span *span = &test->spans[i];
        meet = span->first == NUMBER_NONE
                   ? bounds->none
                   : bounds->least <= span->last && bounds->greatest >= span->first;
    }
    return meet;
}

static void workspace_mask(const struct task_selection *selection, const struct task_block *block,
                           union block_mask *mask)
{
    const uint32_t *workspace = block->codes[CODE_WORKSPACE];
    const uint32_t *source = block->codes[CODE_SOURCE];
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        mask->rows[i] &= selection->shown[workspace[i]];
    for (size_t i = 0; i < BLOCK_ROWS && selection->any_owned; i++)
        mask->rows[i] &= (selection->owned[workspace[i]] ^ 1U) | selection->caller[source[i]];
}

/* Clears what is not selected; false if nothing is left. */
static bool block_select(const struct task_selection *selection, const struct task_block *block,
                         union block_mask *mask)
{
    for (size_t i = 0; i < selection->n; i++) {
        const struct test *test = &selection->tests[i];
        if (test->kind == TEST_NUMBER && !test->negated &&
            !bounds_meet(&block->bounds[test->column], test))
            return false;
    }
    if (!selection->everywhere)
        workspace_mask(selection, block, mask);
    for (size_t i = 0; i < selection->n && mask_any(mask); i++) {
        const struct test *test = &selection->tests[i];
        union block_mask meant = {0};
        switch (test->kind) {
        case TEST_SET:
            set_test(test, block, &meant);
            break;
        case TEST_SMALL:
            small_test(test, block, meant.rows);
            break;
        case TEST_CODE:
            code_test(test, block, mask, meant.rows);
            break;
        case TEST_OVERDUE:
            small_test(test, block, meant.rows);
            overdue_test(selection, block, mask, meant.rows);
            break;
        case TEST_NUMBER:
            number_test(test, block, mask, meant.rows);
            break;
        case TEST_KINDS:
            break;
        }
        mask_keep(mask->rows, meant.rows, test->negated);
    }
    return mask_any(mask);
}

static void mask_begin(const struct task_block *block, union block_mask *mask)
{
    for (size_t i = 0; i < BLOCK_ROWS; i++)
        mask->rows[i] = i < block->n;
}

int64_t task_selection_count(const struct task_selection *selection)
{
    int64_t count = 0;
    for (size_t b = 0; b < selection->block_count; b++) {
        const struct task_block *block = selection->blocks[b];
        union block_mask mask;
        unsigned n = 0;
        mask_begin(block, &mask);
        if (block_select(selection, block, &mask))
            for (size_t i = 0; i < BLOCK_ROWS; i++)
                n += mask.rows[i];
        count += n;
    }
    return count;
}

bool task_selection_has(const struct task_selection *selection, int64_t id)
{
    size_t block, row;
    union block_mask mask = {0};
    if (!task_table_find(selection->table, id, &block, &row))
        return false;
    mask.rows[row] = 1;
    return block_select(selection, selection->blocks[block], &mask);
}

/* Rows of these ids alone. */
static void mask_of_ids(const struct task_block *block, const int64_t *ids, size_t n,
                        union block_mask *mask)
{
    *mask = (union block_mask){0};
    for (size_t i = 0, row = 0; i < n && row < block->n; i++) {
        while (row < block->n && block->ids[row] < ids[i])
            row++;
        if (row < block->n && block->ids[row] == ids[i])
            mask->rows[row] = 1;
    }
}

size_t task_selection_rows(const struct task_selection *selection, size_t block, const int64_t *ids,
                           size_t n, uint16_t *ret_rows)
{
    const struct task_block *looked_at = selection->blocks[block];
    union block_mask mask;
    size_t found = 0;
    if (ids == NULL)
        mask_begin(looked_at, &mask);
    else
        mask_of_ids(looked_at, ids, n, &mask);
    if (!block_select(selection, looked_at, &mask))
        return 0;
    for (size_t i = 0; i < looked_at->n; i++) {
        ret_rows[found] = (uint16_t)i;
        found += mask.rows[i];
    }
    return found;
}

/* ---- places ---- */

/* A place as two numbers, so that it comes before another if its key is less, or equal and its id
 * greater. */
struct rank {
    int64_t key, id;
};

static bool rank_before(const struct rank *a, const struct rank *b)
{
    return a->key != b->key ? a->key < b->key : a->id > b->id;
}

static int64_t key_of(const struct task_list_request *request, int64_t number)
{
    return number == NUMBER_NONE ? INT64_MAX : request->descending ? ~number : number;
}

static struct task_place place_of(const struct task_list_request *request, const struct rank *rank)
{
    bool none = rank->key == INT64_MAX;
    return (struct task_place){.phase = PHASE_ONE,
                               .none = none,
                               .value = none                  ? 0
                                        : request->descending ? ~rank->key
                                                              : rank->key,
                               .id = rank->id};
}

static struct rank rank_of(const struct task_list_request *request, const struct task_place *place)
{
    return (struct rank){place->none ? INT64_MAX : key_of(request, place->value), place->id};
}

/* What a list is ordered by, of a row: as in task_place(). */
static int64_t number_at(const struct task_list_request *request, const struct task_block *block,
                         size_t row)
{
    switch (request->sort) {
    case SORT_UPDATED:
        return block->numbers[NUMBER_UPDATED][row];
    case SORT_DUE:
        return block->numbers[NUMBER_DUE][row];
    case SORT_AMOUNT:
        return block->numbers[NUMBER_AMOUNT][row];
    case SORT_PRIORITY:
        return block->smalls[SMALL_PRIORITY][row] == LEVEL_NONE
                   ? NUMBER_NONE
                   : -(int64_t)block->smalls[SMALL_PRIORITY][row];
    case SORT_CREATED:
        break;
    }
    return 0;
}

/* The first place that a row of the block could have. */
static struct rank best_of(const struct task_list_request *request, const struct task_block *block)
{
    static const unsigned char numbers[] = {
        [SORT_UPDATED] = NUMBER_UPDATED, [SORT_DUE] = NUMBER_DUE, [SORT_AMOUNT] = NUMBER_AMOUNT};
    struct rank best = {.id = block->ids[block->n - 1]};
    if (request->sort == SORT_PRIORITY) {
        best.key = key_of(request, request->descending ? -LEVEL_HIGH : -LEVEL_LOW);
        return best;
    }
    const struct block_bounds *bounds = &block->bounds[numbers[request->sort]];
    best.key = bounds->least > bounds->greatest
                   ? INT64_MAX
                   : key_of(request, request->descending ? bounds->greatest : bounds->least);
    return best;
}

/* The first ranks so far, in their order. */
struct ranking {
    struct rank *items;
    size_t n, max;
};

static bool ranking_wants(const struct ranking *ranking, const struct rank *rank)
{
    return ranking->n < ranking->max || rank_before(rank, &ranking->items[ranking->n - 1]);
}

static void ranking_add(struct ranking *ranking, const struct rank *rank)
{
    size_t low = 0, high = ranking->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rank_before(&ranking->items[middle], rank))
            low = middle + 1;
        else
            high = middle;
    }
    ranking->n += ranking->n < ranking->max;
    for (size_t i = ranking->n - 1; i > low; i--)
        ranking->items[i] = ranking->items[i - 1];
    ranking->items[low] = *rank;
}

/* The rows of a block that come after `after` and among the first so far. */
static void block_rank(const struct task_selection *selection,
                       const struct task_list_request *request, const struct task_block *block,
                       const struct rank *after, struct ranking *ranking)
{
    int64_t keys[BLOCK_ROWS];
    union block_mask mask = {0};
    int64_t least = after == NULL ? INT64_MIN : after->key;
    int64_t most = ranking->n < ranking->max ? INT64_MAX : ranking->items[ranking->n - 1].key;
    for (size_t i = 0; i < block->n; i++) {
        keys[i] = key_of(request, number_at(request, block, i));
        mask.rows[i] = keys[i] >= least && keys[i] <= most;
    }
    if (!mask_any(&mask) || !block_select(selection, block, &mask))
        return;
    for (size_t i = block->n; i-- > 0;) {
        struct rank rank = {keys[i], block->ids[i]};
        if (mask.rows[i] && (after == NULL || rank_before(after, &rank)) &&
            ranking_wants(ranking, &rank))
            ranking_add(ranking, &rank);
    }
}

struct candidate {
    struct rank best;
    const struct task_block *block;
};

static int candidate_cmp(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return rank_before(&x->best, &y->best) ? -1 : rank_before(&y->best, &x->best);
}

/* The blocks that could have the first places go first, so that most need not be looked at. */
static enum err ranked_places(const struct task_selection *selection, struct arena *arena,
                              const struct task_list_request *request,
                              const struct task_place *after, size_t limit,
                              struct task_place *ret_places, size_t *ret_n)
{
    struct rank from;
    struct ranking ranking = {.items = ARENA_ARRAY(arena, struct rank, limit), .max = limit};
    struct candidate *candidates = ARENA_ARRAY(arena, struct candidate, selection->block_count);
    if (ranking.items == NULL || candidates == NULL)
        return ERR_MEMORY;
    if (after != NULL)
        from = rank_of(request, after);
    for (size_t i = 0; i < selection->block_count; i++)
        candidates[i] =
            (struct candidate){best_of(request, selection->blocks[i]), selection->blocks[i]};
    qsort(candidates, selection->block_count, sizeof *candidates, candidate_cmp);
    for (size_t i = 0; i < selection->block_count; i++)
        if (ranking_wants(&ranking, &candidates[i].best))
            block_rank(selection, request, candidates[i].block, after == NULL ? NULL : &from,
                       &ranking);
        else
            break;
    for (size_t i = 0; i < ranking.n; i++)
        ret_places[i] = place_of(request, &ranking.items[i]);
    *ret_n = ranking.n;
    return ERR_OK;
}

/* In the order of ids, or the opposite one. */
static size_t created_places(const struct task_selection *selection, bool oldest,
                             const struct task_place *after, size_t limit,
                             struct task_place *ret_places)
{
    size_t n = 0;
    for (size_t b = 0; b < selection->block_count && n < limit; b++) {
        const struct task_block *block =
            selection->blocks[oldest ? b : selection->block_count - 1 - b];
        union block_mask mask;
        if (after != NULL &&
            (oldest ? block->ids[block->n - 1] <= after->id : block->ids[0] >= after->id))
            continue;
        mask_begin(block, &mask);
        if (!block_select(selection, block, &mask))
            continue;
        for (size_t i = 0; i < block->n && n < limit; i++) {
            size_t row = oldest ? i : block->n - 1 - i;
            int64_t id = block->ids[row];
            if (mask.rows[row] && (after == NULL || (oldest ? id > after->id : id < after->id)))
                ret_places[n++] = (struct task_place){.phase = PHASE_ONE, .id = id};
        }
    }
    return n;
}

enum err task_selection_places(const struct task_selection *selection, struct arena *arena,
                               const struct task_list_request *request,
                               const struct task_place *after, size_t limit,
                               struct task_place *ret_places, size_t *ret_n)
{
    enum err err = ERR_OK;
    struct arena_mark mark = arena_mark(arena);
    if (request->sort == SORT_CREATED)
        *ret_n = created_places(selection, !request->descending, after, limit, ret_places);
    else
        err = ranked_places(selection, arena, request, after, limit, ret_places, ret_n);
    arena_rewind(arena, mark);
    return err;
}

/* The row of an id that is less than those from `from` on, mostly by little. */
static size_t row_down_to(const struct task_block *block, size_t from, int64_t id)
{
    size_t high = from, step = 1;
    for (; high >= step && block->ids[high - step] > id; step *= 2)
        high -= step;
    size_t low = high >= step ? high - step : 0;
    return low + sorted_place(block->ids + low, high - low, sizeof *block->ids, 0, id);
}

enum err task_table_places(const struct task_table *table, struct arena *arena,
                           const struct task_list_request *request, const int64_t *ids, size_t n,
                           const struct task_place *after, size_t limit,
                           struct task_place *ret_places, size_t *ret_n)
{
    size_t blocks, at = 0, row = 0;
    struct rank from;
    struct arena_mark mark = arena_mark(arena);
    struct ranking ranking = {.items = ARENA_ARRAY(arena, struct rank, limit), .max = limit};
    if (ranking.items == NULL)
        return ERR_MEMORY;
    if (after != NULL)
        from = rank_of(request, after);
    const struct task_block *const *all = task_table_blocks(table, &blocks), *block = NULL;
    for (size_t i = 0; i < n && blocks > 0; i++) {
        if (block == NULL || ids[i] < block->ids[0]) {
            (void)task_table_find(table, ids[i], &at, &row);
            block = all[at];
        } else {
            row = row_down_to(block, row, ids[i]);
        }
        if (row == block->n || block->ids[row] != ids[i])
            continue;
        struct rank rank = {key_of(request, number_at(request, block, row)), ids[i]};
        if ((after == NULL || rank_before(&from, &rank)) && ranking_wants(&ranking, &rank))
            ranking_add(&ranking, &rank);
    }
    for (size_t i = 0; i < ranking.n; i++)
        ret_places[i] = place_of(request, &ranking.items[i]);
    *ret_n = ranking.n;
    arena_rewind(arena, mark);
    return ERR_OK;
}

size_t task_table_rows_from(const struct task_table *table, int64_t id)
{
    size_t n, block, row, rows = 0;
    const struct task_block *const *blocks = task_table_blocks(table, &n);
    if (n == 0)
        return 0;
    (void)task_table_find(table, id, &block, &row);
    for (size_t i = block; i < n; i++)
        rows += blocks[i]->n;
    return rows - row;
}
