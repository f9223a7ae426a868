/* store/figure: figures come back as they were put, in whatever order they came and however often. */
#include "tests.h"

#include "db_fixture.h"

#include "base/id.h"
#include "store/figure.h"

enum { FIGURES = 4000 };

static struct figure figures[FIGURES], put[FIGURES];
static unsigned seed = 5;

static unsigned pick(unsigned bound)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 16) % bound;
}

/* With values of every size, the greatest included. */
static void change(struct figure *figure)
{
    static const int64_t wide[] = {0, 1, 127, 128, 1000000, INT64_C(1) << 40, INT64_MAX / 4};
    figure->workspace_id = 100 + pick(3);
    figure->reporter_id = 1 + wide[pick(7)];
    figure->assignee_id = pick(2) ? figure->reporter_id : 1 + wide[pick(7)];
    figure->source_id = 7 + pick(2);
    figure->created_at = id_time(figure->id) + (int64_t)pick(3) - 1;
    figure->updated_at = figure->created_at + wide[pick(6)];
    figure->status = (enum task_status)(STATUS_TODO + pick(4));
    figure->closed_at =
        figure->status == STATUS_DONE ? figure->created_at + wide[pick(6)] - 5 : TIME_NONE;
    figure->financial_impact = pick(2) ? wide[pick(6)] : CENTS_NONE;
    figure->due_date = pick(2) ? (int32_t)pick(40000) - 700 : DATE_NONE;
    figure->due_moves = wide[pick(5)];
    figure->type = pick(2) ? TASK_TASK : TASK_INCIDENT;
    figure->priority = (enum level)pick(4);
    figure->impact = (enum level)pick(4);
    figure->likelihood = (enum level)pick(4);
    figure->category_count = pick(50) == 0 ? FIGURE_CATEGORIES_MAX : pick(3);
    for (size_t i = 0; i < figure->category_count; i++)
        figure->categories[i] = ((uint64_t)pick(65536) << 48) + i;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct figure *)a)->id, y = ((const struct figure *)b)->id;
    return (x > y) - (x < y);
}

static void assert_same(const struct figure *a, const struct figure *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->workspace_id, b->workspace_id);
    assert_int_equal(a->assignee_id, b->assignee_id);
    assert_int_equal(a->reporter_id, b->reporter_id);
    assert_int_equal(a->source_id, b->source_id);
    assert_int_equal(a->created_at, b->created_at);
    assert_int_equal(a->updated_at, b->updated_at);
    assert_int_equal(a->closed_at, b->closed_at);
    assert_int_equal(a->financial_impact, b->financial_impact);
    assert_int_equal(a->due_date, b->due_date);
    assert_int_equal(a->due_moves, b->due_moves);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->priority, b->priority);
    assert_int_equal(a->impact, b->impact);
    assert_int_equal(a->likelihood, b->likelihood);
    assert_int_equal(a->category_count, b->category_count);
    assert_memory_equal(a->categories, b->categories, 8 * a->category_count);
}

/* All that is stored is what is in `figures`, in its order; returns how many chunks that is. */
static size_t assert_stored(struct fixture *f, size_t n)
{
    struct db_rows rows;
    size_t found = 0;
    assert_int_equal(store_figures_after(f->db, &f->op, -1, INT64_MAX, &rows), ERR_OK);
    for (size_t i = 0; i < rows.n; i++) {
        struct str chunk = db_get_str(&rows, i, 1);
        struct figure figure = {0};
        assert_true(chunk.n <= FIGURE_CHUNK_MAX);
        while (figure_next(&chunk, &figure)) {
            assert_true(found < n && figure.id >= db_get_i64(&rows, i, 0));
            assert_same(&figure, &figures[found++]);
        }
        assert_int_equal(chunk.n, 0);
    }
    assert_int_equal(found, n);
    return rows.n;
}

static void figures_come_back_as_they_were(void **state)
{
    struct fixture *f = *state;
    size_t n = 0;
    assert_int_equal(db_script(f->db, &f->op,
                               STR("CREATE TABLE task_figure (first INTEGER PRIMARY KEY,"
                                   " data BLOB NOT NULL, changed INTEGER NOT NULL) STRICT")),
                     ERR_OK);
    /* New ones at the end and in the middle, and others changed, some of each in every batch. */
    while (n < FIGURES) {
        size_t batch = 0, old = n;
        for (size_t i = 0; i < 200 && n < FIGURES; i++) {
            figures[n] =
                (struct figure){.id = pick(2) ? id_next() : 1 + (int64_t)(n * 40503 % 65536)};
            change(&figures[n]);
            put[batch++] = figures[n++];
        }
        for (size_t i = 0; i < old; i += 1 + pick(40)) {
            change(&figures[i]);
            put[batch++] = figures[i];
        }
        qsort(put, batch, sizeof *put, by_id);
        qsort(figures, n, sizeof *figures, by_id);
        struct arena_mark mark = arena_mark(&f->arena);
        assert_int_equal(store_figures_put(f->db, &f->op, put, batch, 1), ERR_OK);
        (void)assert_stored(f, n);
        arena_rewind(&f->arena, mark);
    }
    /* Rows are half full or better, on average. */
    assert_true(assert_stored(f, n) < FIGURES * 100 / (FIGURE_CHUNK_MAX / 2));
}

static void damaged_bytes_are_noticed(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, FIGURE_CHUNK_MAX);
    figures[0] = (struct figure){.id = id_next()};
    change(&figures[0]);
    buf_figure(&buf, &figures[0], NULL);
    for (size_t n = 1; n < buf.n; n++) {
        struct str chunk = {buf.p, n};
        struct figure figure = {0};
        assert_false(figure_next(&chunk, &figure));
    }
    for (int i = 0; i < 20000; i++) {
        struct str chunk = buf_str(&buf);
        struct figure figure = {0};
        buf.p[pick((unsigned)buf.n)] = (char)pick(256);
        while (figure_next(&chunk, &figure))
            assert_true(figure.category_count <= FIGURE_CATEGORIES_MAX);
    }
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_come_back_as_they_were, setup, teardown),
        cmocka_unit_test(damaged_bytes_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
