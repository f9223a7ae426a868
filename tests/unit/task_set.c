/* core/task_set: whatever an expression finds in the index is what its set has of the table, also after
 * records have changed or come between others, when the index is another one, and when sets make room for
 * each other. */
#include "tests.h"

#include "db_fixture.h"

#include "core/task_selection.h"
#include "model/figure.h"
#include "model/task.h"
#include "store/figure.h"
#include "store/task_index.h"

#include <stdlib.h>

enum { RECORDS = 9000, BATCH = 900, TERMS = 5, EXPRESSIONS = 6 };

static const char *const terms[TERMS] = {"seal", "customs", "broken", "late", "rare"};

/* A bit for each term that a record has. */
struct record {
    int64_t id;
    unsigned terms;
};

static struct record records[RECORDS];
static size_t held;
static unsigned seed = 5;
static struct index_state state_now;

static const struct {
    const char *expr;
    unsigned all, any; /* terms */
} expressions[EXPRESSIONS] = {
    {"\"seal\"", 1, 0},
    {"\"customs\"", 2, 0},
    {"(\"seal\" AND \"customs\")", 3, 0},
    {"(\"broken\" OR \"late\")", 0, 12},
    {"(\"seal\" AND (\"broken\" OR \"late\"))", 1, 12},
    {"\"rare\"", 16, 0},
};

static unsigned pick(unsigned bound)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 16) % bound;
}

static bool finds(size_t expression, const struct record *record)
{
    unsigned all = expressions[expression].all, any = expressions[expression].any;
    return (record->terms & all) == all && (any == 0 || (record->terms & any) != 0);
}

static size_t hits_of(size_t expression)
{
    size_t n = 0;
    for (size_t i = 0; i < held; i++)
        n += finds(expression, &records[i]);
    return n;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void record_put(struct fixture *f, struct record *record, bool known)
{
    char text[64] = "z_1";
    size_t n = strlen(text);
    record->terms = pick(16) | (pick(3000) == 0 ? 16U : 0U);
    for (size_t i = 0; i < TERMS; i++)
        if (record->terms >> i & 1)
            n += (size_t)snprintf(text + n, sizeof text - n, " %s", terms[i]);
    const struct task task = {.id = record->id};
    assert_int_equal(store_index_put(f->db, &f->op, &task, str_of(text), known), ERR_OK);
}

/* New records, some of which come before others, and changes of a few. */
static void batch_put(struct fixture *f, size_t changes)
{
    static struct figure figures[2 * BATCH];
    size_t old = held, n = 0;
    struct arena_mark mark = arena_mark(f->op.arena);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    for (size_t i = 0; i < changes && old > 0; i++) {
        struct record *record = &records[pick((unsigned)old)];
        record_put(f, record, true);
        figures[n++].id = record->id;
    }
    for (size_t i = 0; i < BATCH && held < RECORDS; i++) {
        struct record *record = &records[held];
        record->id = 1000000 + (int64_t)held * 64 - (pick(9) == 0 ? 32 * (int64_t)pick(4000) : 0);
        if (record->id <= 0 || bsearch(&record->id, records, old, sizeof *records, by_id) != NULL)
            continue;
        bool taken = false;
        for (size_t k = old; k < held && !taken; k++)
            taken = records[k].id == record->id;
        if (taken)
            continue;
        record_put(f, record, false);
        figures[n++].id = record->id;
        held++;
    }
    qsort(records, held, sizeof *records, by_id);
    qsort(figures, n, sizeof *figures, by_id);
    size_t each = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || figures[i].id != figures[each - 1].id)
            figures[each++] = figures[i];
    state_now.age.change++;
    assert_int_equal(store_figures_put(f->db, &f->op, figures, each, state_now.age.change), ERR_OK);
    assert_int_equal(store_index_state_save(f->db, &f->op, &state_now), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    arena_rewind(f->op.arena, mark);
}

static struct task_table *index_begin(struct fixture *f, int64_t epoch, size_t bytes)
{
    struct task_table *table = task_table_create(bytes);
    assert_non_null(table);
    assert_int_equal(store_index_make(f->db, &f->op), ERR_OK);
    assert_int_equal(store_index_clear(f->db, &f->op), ERR_OK);
    state_now = (struct index_state){.version = 1, .built = true, .age.epoch = epoch};
    held = 0;
    return table;
}

static void assert_set(struct fixture *f, const struct task_table *table, size_t expression)
{
    struct task_set *set;
    const struct str expr = str_of(expressions[expression].expr);
    enum err err = task_set_take(table, f->db, &f->op, expr, &set);
    size_t blocks, place, row;
    const struct task_block *const *all = task_table_blocks(table, &blocks);
    if (err == ERR_UNAVAILABLE) {
        assert_true(hits_of(expression) < TASK_SET_HITS_MIN);
        return;
    }
    assert_int_equal(err, ERR_OK);
    for (size_t i = 0; i < held; i++) {
        assert_true(task_table_find(table, records[i].id, &place, &row));
        bool has = task_set_rows(set, all[place])[row / 64] >> row % 64 & 1;
        assert_int_equal(has, finds(expression, &records[i]));
    }
    task_set_give(table, set);
}

static void sets_have_what_the_index_finds(void **state)
{
    struct fixture *f = *state;
    struct task_table *table = index_begin(f, 3, SIZE_MAX);
    for (int round = 0; held < RECORDS - BATCH; round++) {
        batch_put(f, round % 3 == 0 ? 0 : 1 + pick(30));
        task_table_enter(table);
        assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_OK);
        for (size_t i = 0; i < EXPRESSIONS; i++)
            if (round % 2 == 0 || pick(2) == 0) /* some are old */
                assert_set(f, table, i);
        task_table_leave(table);
    }
    task_table_destroy(table);
}

static void a_selection_has_the_records_of_its_sets(void **state)
{
    struct fixture *f = *state;
    static const struct filter_workspace workspaces[] = {{0, 20000, false, STR_INIT("A-B")}};
    struct task_table *table = index_begin(f, 4, SIZE_MAX);
    struct task_set *sets[2];
    while (held < RECORDS / 2)
        batch_put(f, 5);
    task_table_enter(table);
    assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(
            task_set_take(table, f->db, &f->op, str_of(expressions[2 * i + 1].expr), &sets[i]),
            ERR_OK);
    for (unsigned negated = 0; negated < 4; negated++) {
        const struct filter_clause clauses[] = {{FILTER_TEXT, negated & 1, NULL, 0},
                                                {FILTER_TEXT, negated >> 1, NULL, 0}};
        const struct task_filter filter = {.workspaces = workspaces,
                                           .workspace_count = 1,
                                           .everywhere = true,
                                           .clauses = clauses,
                                           .clause_count = 2};
        const struct task_selection *selection =
            task_selection_make(f->op.arena, table, &filter, sets);
        int64_t n = 0;
        for (size_t i = 0; i < held; i++) {
            bool wanted =
                finds(1, &records[i]) != (negated & 1) && finds(3, &records[i]) != negated >> 1;
            assert_int_equal(task_selection_has(selection, records[i].id), wanted);
            n += wanted;
        }
        assert_int_equal(task_selection_count(selection), n);
    }
    for (size_t i = 0; i < 2; i++)
        task_set_give(table, sets[i]);
    task_table_leave(table);
    task_table_destroy(table);
}

/* Another one takes the place of the set that was not asked for the longest, never of one that is held. */
static void sets_make_room_for_others(void **state)
{
    struct fixture *f = *state;
    enum { SETS_MAX = 256 };
    static struct task_set *held_sets[SETS_MAX];
    struct task_table *table = index_begin(f, 5, SIZE_MAX);
    struct task_set *first;
    char expr[32];
    while (held < RECORDS / 4)
        batch_put(f, 5);
    task_table_enter(table);
    assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_OK);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < SETS_MAX; i++) {
            snprintf(expr, sizeof expr, "(\"seal\" OR \"t%zu\")", i + round * SETS_MAX / 2);
            assert_int_equal(task_set_take(table, f->db, &f->op, str_of(expr), &held_sets[i]),
                             ERR_OK);
        }
        /* All are held. */
        assert_int_equal(task_set_take(table, f->db, &f->op, STR("\"customs\""), &first),
                         ERR_UNAVAILABLE);
        for (size_t i = 0; i < SETS_MAX; i++) {
            bool whole = true;
            for (size_t k = 0; k < held && whole; k++) {
                size_t block, row, blocks;
                assert_true(task_table_find(table, records[k].id, &block, &row));
                const uint64_t *rows =
                    task_set_rows(held_sets[i], task_table_blocks(table, &blocks)[block]);
                whole = (rows[row / 64] >> row % 64 & 1) == finds(0, &records[k]);
            }
            assert_true(whole);
        }
        for (size_t i = 0; i < SETS_MAX; i++)
            task_set_give(table, held_sets[i]);
    }
    for (size_t i = 0; i < EXPRESSIONS; i++)
        assert_set(f, table, i);
    task_table_leave(table);
    task_table_destroy(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_have_what_the_index_finds),
        cmocka_unit_test(a_selection_has_the_records_of_its_sets),
        cmocka_unit_test(sets_make_room_for_others),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
