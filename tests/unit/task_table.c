/* core/task_table and core/task_selection: whatever a filter, an order or a page asks of the table, it
 * answers as the predicate does, record by record; also after changes, and in the order of ids. */
#include "tests.h"

#include "db_fixture.h"

#include "base/id.h"
#include "core/task_selection.h"
#include "model/figure.h"
#include "store/figure.h"
#include "store/task_index.h"

#include <stdlib.h>

enum { FIGURES = 6000, WORKSPACES = 4, PEOPLE = 5, CATEGORIES = 3, BATCH = 400 };

static struct figure figures[FIGURES], put[FIGURES];
static size_t held;
static int64_t change_number;
static unsigned seed = 11;
static const struct str categories[CATEGORIES] = {STR_INIT("red"), STR_INIT("green"),
                                                  STR_INIT("blue")};

static unsigned pick(unsigned bound)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 16) % bound;
}

static void change(struct figure *figure)
{
    figure->workspace_id = 11 + pick(WORKSPACES);
    figure->reporter_id = 21 + pick(PEOPLE);
    figure->assignee_id = 21 + pick(PEOPLE);
    figure->source_id = 21 + pick(PEOPLE);
    figure->created_at = id_time(figure->id);
    figure->updated_at = figure->created_at + pick(5000);
    figure->status = (enum task_status)(STATUS_TODO + pick(4));
    figure->closed_at = figure->status == STATUS_DONE ? figure->created_at + pick(900) : TIME_NONE;
    figure->financial_impact = pick(3) ? (int64_t)pick(50) * 1000 : CENTS_NONE;
    figure->due_date = pick(4) ? (int32_t)(20000 + pick(40)) : DATE_NONE;
    figure->due_moves = pick(3);
    figure->type = pick(2) ? TASK_TASK : TASK_INCIDENT;
    figure->priority = (enum level)pick(4);
    figure->impact = (enum level)pick(4);
    figure->likelihood = (enum level)pick(4);
    figure->category_count = 0;
    for (size_t i = 0; i < CATEGORIES; i++)
        if (pick(3) == 0)
            figure->categories[figure->category_count++] = figure_category(categories[i]);
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct figure *)a)->id, y = ((const struct figure *)b)->id;
    return (x > y) - (x < y);
}

/* New records, most of them at the end, and changes of others. */
static void batch_put(struct fixture *f, struct index_state *state)
{
    size_t n = 0, old = held;
    for (size_t i = 0; i < BATCH && held < FIGURES; i++) {
        int64_t late = INT64_C(300000) << 22;
        int64_t id = (INT64_C(1000000) << 22) + (int64_t)(held + pick(2)) * 4000000;
        figures[held].id = pick(10) ? id : id - (pick(2) ? late : late / 7);
        bool taken = false;
        for (size_t k = 0; k < held && !taken; k++)
            taken = figures[k].id == figures[held].id;
        if (taken)
            continue;
        change(&figures[held]);
        put[n++] = figures[held++];
    }
    for (size_t i = 0; i < old; i += 1 + pick(60)) {
        change(&figures[i]);
        put[n++] = figures[i];
    }
    qsort(put, n, sizeof *put, by_id);
    qsort(figures, held, sizeof *figures, by_id);
    state->age.change = ++change_number;
    assert_int_equal(store_figures_put(f->db, &f->op, put, n, change_number), ERR_OK);
    assert_int_equal(store_index_state_save(f->db, &f->op, state), ERR_OK);
}

/* ---- questions ---- */

static const struct filter_workspace all[WORKSPACES] = {{11, 20020, false, STR_INIT("A-B")},
                                                        {12, 20010, false, STR_INIT("A-C")},
                                                        {13, 20020, true, STR_INIT("A-D")},
                                                        {14, 20030, false, STR_INIT("A-E")}};

static struct filter_value random_value(enum filter_field field, int64_t around)
{
    struct filter_value value = {.op = (enum filter_op)pick(5)};
    enum filter_kind kind = filter_infos[field].kind;
    if (kind == FILTER_KIND_ACCOUNT)
        return (struct filter_value){.number = pick(6) ? 21 + (int64_t)pick(PEOPLE) : -1};
    if (kind == FILTER_KIND_TEXTS)
        return pick(4) ? (struct filter_value){.text = pick(5) ? categories[pick(3)] : STR("no")}
                       : (struct filter_value){.op = FILTER_NONE};
    if (kind == FILTER_KIND_DATE)
        value.number = 19998 + pick(44);
    else if (kind == FILTER_KIND_TIME)
        value.number = around + pick(900);
    else if (kind == FILTER_KIND_MONEY)
        value.number = (int64_t)pick(52) * 1000;
    else
        value = (struct filter_value){.op = (enum filter_op)pick(4), .number = 1 + pick(4)};
    value.last = value.number + pick(8);
    if (pick(60) == 0 && kind != FILTER_KIND_LEVEL && kind != FILTER_KIND_STATUS)
        value.number = pick(2) ? INT64_MAX : INT64_MIN + 1;
    return value;
}

static const enum filter_field known[] = {
    FILTER_TYPE,     FILTER_STATUS,   FILTER_PRIORITY, FILTER_IMPACT,   FILTER_LIKELIHOOD,
    FILTER_ASSIGNEE, FILTER_REPORTER, FILTER_SOURCE,   FILTER_CATEGORY, FILTER_DUE,
    FILTER_CREATED,  FILTER_UPDATED,  FILTER_CLOSED,   FILTER_MOVED,    FILTER_AMOUNT,
    FILTER_OPEN,     FILTER_OVERDUE};

static struct task task_of(const struct figure *figure)
{
    static struct str names[FIGURES][CATEGORIES];
    struct task task = {0};
    struct str *texts = names[figure - figures];
    figure_fill(figure, &task);
    for (size_t i = 0; i < figure->category_count; i++)
        for (size_t k = 0; k < CATEGORIES; k++)
            if (figure->categories[i] == figure_category(categories[k]))
                texts[i] = categories[k];
    task.category = (struct str_list){texts, figure->category_count};
    return task;
}

static const struct task_list_request *sorted_for;

static int place_cmp(const void *a, const void *b)
{
    return task_place_cmp(sorted_for, a, b);
}

/* The pages of a selection, or with `ids` those of hits, are these places, one after another. */
static void assert_pages(struct fixture *f, const struct task_table *table,
                         const struct task_selection *selection,
                         const struct task_list_request *request, const int64_t *ids,
                         size_t id_count, const struct task_place *places, size_t n)
{
    struct task_place page[70], last;
    const struct task_place *after = NULL;
    size_t at = 0, got;
    do {
        enum err err = ids == NULL ? task_selection_places(selection, f->op.arena, request, after,
                                                           request->limit, page, &got)
                                   : task_table_places(table, f->op.arena, request, ids, id_count,
                                                       after, request->limit, page, &got);
        assert_int_equal(err, ERR_OK);
        for (size_t i = 0; i < got; i++, at++) {
            assert_true(at < n);
            assert_int_equal(page[i].id, places[at].id);
            assert_int_equal(page[i].none, places[at].none);
            assert_int_equal(page[i].value, places[at].value);
        }
        if (got > 0)
            last = page[got - 1];
        after = &last;
    } while (got == request->limit);
    assert_int_equal(at, n);
}

static void assert_selection(struct fixture *f, const struct task_table *table,
                             const struct task_list_request *request)
{
    static struct task_place places[FIGURES];
    static int64_t ids[2 * FIGURES];
    size_t id_count = 0;
    const struct task_selection *selection =
        task_selection_make(f->op.arena, table, &request->filter, NULL);
    size_t n = 0;
    assert_non_null(selection);
    assert_true(task_selection_is_exact(&request->filter));
    for (size_t i = 0; i < held; i++) {
        struct task task = task_of(&figures[i]);
        bool matches = task_matches(&request->filter, &task, NULL);
        assert_int_equal(task_selection_has(selection, figures[i].id), matches);
        assert_int_equal(task_table_rows_from(table, figures[i].id), held - i);
        if (matches)
            places[n++] = task_place(request, &task, PHASE_ONE);
    }
    assert_int_equal(task_selection_count(selection), n);
    sorted_for = request;
    qsort(places, n, sizeof *places, place_cmp);
    assert_pages(f, table, selection, request, NULL, 0, places, n);
    if (request->sort == SORT_CREATED)
        return;
    /* Hits, some of which the table has not heard of. */
    n = 0;
    for (size_t i = held; i-- > 0;) {
        if (pick(3) == 0)
            ids[id_count++] = figures[i].id + 1;
        if (pick(2) == 0)
            continue;
        struct task task = task_of(&figures[i]);
        ids[id_count++] = figures[i].id;
        places[n++] = task_place(request, &task, PHASE_ONE);
    }
    qsort(places, n, sizeof *places, place_cmp);
    assert_pages(f, table, selection, request, ids, id_count, places, n);
}

static void assert_answers(struct fixture *f, const struct task_table *table, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        struct arena_mark mark = arena_mark(f->op.arena);
        struct filter_value values[3][3];
        struct filter_clause clauses[3];
        struct task_list_request request = {
            .filter = {.workspaces = all,
                       .workspace_count = WORKSPACES,
                       .caller_id = 21,
                       .clauses = clauses,
                       .clause_count = pick(4)},
            .sort = (enum task_sort)pick(5),
            .descending = pick(2),
            .limit = 1 + pick(70),
        };
        for (size_t i = 0; i < request.filter.clause_count; i++) {
            enum filter_field field = known[pick(sizeof known / sizeof *known)];
            int64_t around = figures[pick((unsigned)held)].created_at;
            size_t n = 1 + pick(3);
            for (size_t k = 0; k < n; k++)
                values[i][k] = random_value(field, around);
            clauses[i] = (struct filter_clause){field, pick(4) == 0, values[i], n};
        }
        if (pick(3) == 0) {
            request.filter.workspaces += pick(3);
            request.filter.workspace_count = 1 + pick(1);
        }
        assert_selection(f, table, &request);
        arena_rewind(f->op.arena, mark);
    }
}

static struct task_table *table_open(struct fixture *f, size_t bytes)
{
    struct task_table *table = task_table_create(bytes);
    (void)f;
    assert_non_null(table);
    task_table_enter(table);
    return table;
}

static void table_close(struct task_table *table)
{
    task_table_leave(table);
    task_table_destroy(table);
}

static void the_table_answers_as_the_predicate_does(void **state)
{
    struct fixture *f = *state;
    struct index_state index = {.version = 1, .built = true, .age.epoch = 7};
    struct task_table *table = table_open(f, SIZE_MAX);
    assert_int_equal(db_script(f->db, &f->op,
                               STR("CREATE TABLE index_state (id INTEGER PRIMARY KEY,"
                                   " version INTEGER NOT NULL, built INTEGER NOT NULL,"
                                   " done_id INTEGER NOT NULL, epoch INTEGER NOT NULL,"
                                   " change INTEGER NOT NULL) STRICT;"
                                   "CREATE TABLE task_figure (first INTEGER PRIMARY KEY,"
                                   " data BLOB NOT NULL, changed INTEGER NOT NULL) STRICT;")),
                     ERR_OK);
    held = 0;
    while (held < FIGURES) {
        struct arena_mark mark = arena_mark(f->op.arena);
        batch_put(f, &index);
        assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_OK);
        assert_answers(f, table, 4);
        arena_rewind(f->op.arena, mark);
    }
    assert_answers(f, table, 100);
    /* Another one that reads all at once. */
    struct task_table *whole = table_open(f, SIZE_MAX);
    assert_int_equal(task_table_follow(whole, f->db, &f->op), ERR_OK);
    assert_answers(f, whole, 20);
    table_close(whole);
    table_close(table);
}

/* An index that was built again begins with another epoch, and has other records. */
static void another_index_is_read_from_its_beginning(void **state)
{
    struct fixture *f = *state;
    struct index_state index = {.version = 1, .built = true, .age.epoch = 8};
    struct task_table *table = table_open(f, SIZE_MAX);
    assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op, STR("DELETE FROM task_figure")), ERR_OK);
    held = 0;
    change_number = 0;
    batch_put(f, &index);
    assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_OK);
    assert_answers(f, table, 10);
    /* A view that is older than the table. */
    index.age.change--;
    assert_int_equal(store_index_state_save(f->db, &f->op, &index), ERR_OK);
    assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_BUSY);
    table_close(table);
}

static void a_table_without_room_says_so(void **state)
{
    struct fixture *f = *state;
    struct task_table *table = table_open(f, sizeof(struct task_block) - 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(task_table_follow(table, f->db, &f->op), ERR_UNAVAILABLE);
    table_close(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_answers_as_the_predicate_does),
        cmocka_unit_test(another_index_is_read_from_its_beginning),
        cmocka_unit_test(a_table_without_room_says_so),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
