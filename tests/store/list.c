/*
 * A list shows exactly what its filter says, each record once and in its order: by the index while
 * that follows, and without one.
 */
#include "world.h"

#include "core/stats.h"
#include "core/task_cursor.h"
#include "core/task_index.h"
#include "follow/follower.h"
#include "model/task_state.h"
#include "store/task_index.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { RECORDS = 900 };

static struct task *created[RECORDS]; /* in the order of their ids */
static size_t count;
static int64_t zero; /* the time of the first */
static struct follower *follower;
static bool by_index; /* what the lists of a test read */
static atomic_bool enough;

/* Numbers that look random and are the same each time. */
static unsigned seed;

static unsigned pick(unsigned bound)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 16) % bound;
}

static const struct str words[] = {STR_INIT("red"), STR_INIT("green"), STR_INIT("blue, or not"),
                                   STR_INIT("a\"b")};
static const struct str titles[] = {STR_INIT("Seal broken"), STR_INIT("broken  seal: AND (port)"),
                                    STR_INIT("Zoll\xC3\xBC"
                                             "berwachung M\xC3\x9CLLER"),
                                    STR_INIT("well-known \xF0\x9F\x94\xA5 fire"),
                                    STR_INIT("\xE6\xB5\xB7\xE5\x85\xB3 NEAR(x)")};
static const struct str orders[] = {STR_INIT("ORDER 777"), STR_INIT("A/12-3.b"),
                                    STR_INIT("order 7"),   STR_INIT("MSKU-1234565"),
                                    STR_INIT("777"),       STR_INIT("*\"'()")};

static struct str_list some(struct arena *arena, const struct str *from, unsigned n)
{
    struct str *items = ARENA_ARRAY(arena, struct str, 2);
    assert_non_null(items);
    items[0] = from[pick(n)];
    items[1] = from[pick(n)];
    return (struct str_list){items, pick(3)};
}

static struct task_create *random_create(struct world *world)
{
    static const int64_t amounts[] = {0, 1, 1550, 100000, 123456, 1000000, 1000001, 999999999};
    struct task_create *create = world_create(world, pick(WORLD_WORKSPACES), "One", NULL);
    struct task *task = &create->task;
    task->type = pick(2) ? TASK_INCIDENT : TASK_TASK;
    task->status = (enum task_status)(STATUS_TODO + pick(4));
    task->priority = (enum level)pick(4);
    task->impact = (enum level)pick(4);
    task->likelihood = (enum level)pick(4);
    task->financial_impact = pick(3) ? amounts[pick(8)] : CENTS_NONE;
    task->reporter_id = 21 + pick(2);
    task->assignee_id = 21 + pick(2);
    task->source_id = 21 + pick(2);
    task->due_date = pick(3) ? (int32_t)(20000 + pick(30)) : DATE_NONE;
    task->title = titles[pick(5)];
    task->result = pick(2) ? titles[pick(5)] : STR_NONE;
    task->lrn = pick(2) ? orders[pick(6)] : STR_NONE;
    task->order_id = some(&world->arena, orders, 6);
    task->tags = some(&world->arena, pick(2) ? words : orders, 4);
    task->category = some(&world->arena, words, 4);
    task->sub_category = some(&world->arena, words, 4);
    return create;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = (*(struct task *const *)a)->id;
    int64_t y = (*(struct task *const *)b)->id;
    return (x > y) - (x < y);
}

static void create_some(struct world *world, size_t n)
{
    struct task_create *creates[20];
    for (size_t j = 0; j < n; j++)
        creates[j] = random_create(world);
    world_send_together(world, creates, n);
    for (size_t j = 0; j < n; j++) {
        assert_int_equal(creates[j]->change.err, ERR_OK);
        created[count++] = &creates[j]->task;
    }
    qsort(created, count, sizeof *created, by_id);
}

static int list_setup(void **state)
{
    world_setup(state);
    struct world *world = *state;
    seed = 7;
    zero = clock_now();
    while (count < RECORDS / 2) {
        clock_set(zero + (int64_t)count * 60000); /* a batch of 20 each 20 minutes */
        create_some(world, count + 20 < RECORDS / 2 ? 20 : RECORDS / 2 - count);
    }
    return 0;
}

/* ---- the follower ---- */

struct index_read {
    struct core_read read;
    struct core *core;
    bool current;
};

/* Is the index built, and has it come to the end of all chains? */
static enum err index_look(struct core_read *read, struct db *db)
{
    struct index_read *look = (struct index_read *)(void *)read;
    struct task_index *index = core_task_index(look->core);
    struct db *reader;
    struct index_positions positions = {0};
    struct chain_heads heads = {0};
    enum err err = task_index_take(index, db, read->op, &reader);
    look->current = false;
    if (err != ERR_OK)
        return ERR_OK;
    err = store_index_positions(reader, read->op, &positions);
    if (err == ERR_OK)
        err = store_chain_heads(db, read->op, &heads);
    look->current = err == ERR_OK && positions.n == heads.n;
    for (size_t i = 0; i < heads.n && look->current; i++)
        look->current = positions.items[i].seq == heads.items[i].seq;
    task_index_give(index, reader, err);
    return err;
}

static void follow(struct world *world)
{
    struct index_read look = {.core = world->core};
    do {
        assert_int_equal(world_read(world, index_look, &look.read), ERR_OK);
        if (!look.current)
            task_index_hurry(core_task_index(world->core), 5);
    } while (!look.current);
}

static void follower_start(struct world *world)
{
    assert_int_equal(follower_create(world->core, &follow_task_index, &follower), ERR_OK);
}

static void follower_stop(void)
{
    follower_destroy(follower);
    follower = NULL;
}

static int list_teardown(void **state)
{
    follower_stop();
    return world_teardown(state);
}

/* ---- reading pages ---- */

struct list_read {
    struct core_read read;
    struct core *core;
    struct task_list_request request;
    struct task_page page;
};

static enum err list_run(struct core_read *read, struct db *db)
{
    struct list_read *list = (struct list_read *)(void *)read;
    return core_task_list(db, read->op, by_index ? core_task_index(list->core) : NULL,
                          &list->request, &list->page);
}

static const struct filter_workspace all_workspaces[] = {
    {11, 20010, false, STR_INIT("EXA-CON-BUS-WOR")},
    {12, 20010, false, STR_INIT("EXA-CON-BUS-LAB")},
    {13, 20015, true, STR_INIT("EXA-CON-BUS-OFF")},
    {14, 20012, false, STR_INIT("ACME-MAIN")}};

static struct list_read list_new(struct world *world)
{
    return (struct list_read){.core = world->core,
                              .request = {.limit = 50,
                                          .descending = true,
                                          .filter = {.workspaces = all_workspaces,
                                                     .workspace_count = WORLD_WORKSPACES,
                                                     .caller_id = 21}}};
}

#define NO_COMMENTS ((struct str_list){NULL, 0})

static bool model_matches(struct world *world, const struct task_filter *filter,
                          const struct task *task)
{
    struct task_text text;
    assert_int_equal(task_text_make(&world->arena, task, NO_COMMENTS, NO_COMMENTS, &text), ERR_OK);
    return task_matches(filter, task, &text);
}

static const struct task_list_request *sorted_for;

static int place_cmp(const void *a, const void *b)
{
    return task_place_cmp(sorted_for, a, b);
}

/* What a list shows, in its order. */
static size_t model_list(struct world *world, const struct task_list_request *request,
                         struct task_place places[RECORDS + 100])
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct arena_mark mark = arena_mark(&world->arena);
        struct task_text text;
        enum task_phase phase = PHASE_ONE;
        assert_int_equal(task_text_make(&world->arena, created[i], NO_COMMENTS, NO_COMMENTS, &text),
                         ERR_OK);
        const struct filter_workspace *workspace =
            filter_workspace(&request->filter, created[i]->workspace_id);
        if (by_index && request->exact_first.p != NULL && workspace != NULL)
            phase = task_text_is(&text, workspace->key, created[i]->number, request->exact_first)
                        ? PHASE_EXACT
                        : PHASE_OTHER;
        if (model_matches(world, &request->filter, created[i]))
            places[n++] = task_place(request, created[i], phase);
        arena_rewind(&world->arena, mark);
    }
    sorted_for = request;
    qsort(places, n, sizeof *places, place_cmp);
    return n;
}

/* Follows a list to its end and holds it against the predicate. */
static size_t assert_lists(struct world *world, struct list_read *list)
{
    static struct task_place places[RECORDS + 100];
    struct arena_mark mark = arena_mark(&world->arena);
    size_t n = model_list(world, &list->request, places), shown = 0;
    list->request.cursor = STR_NONE;
    for (;;) {
        enum err err = world_read(world, list_run, &list->read);
        if (err != ERR_OK)
            fail_msg("core_task_list: %s %s", err_name(err), world->op.detail);
        assert_true(list->page.tasks.n <= list->request.limit);
        for (size_t i = 0; i < list->page.tasks.n; i++, shown++) {
            assert_true(shown < n);
            assert_int_equal(list->page.tasks.items[i].id, places[shown].id);
        }
        if (list->request.total)
            assert_int_equal(list->page.total, n);
        if (list->page.next.p == NULL)
            break;
        assert_true(list->page.tasks.n == list->request.limit);
        list->request.cursor = list->page.next;
    }
    assert_int_equal(shown, n);
    arena_rewind(&world->arena, mark);
    return shown;
}

/* ---- counts ---- */

struct stats_read {
    struct core_read read;
    struct core *core;
    struct stats_request request;
    struct stats stats;
};

static enum err stats_run(struct core_read *read, struct db *db)
{
    struct stats_read *stats = (struct stats_read *)(void *)read;
    return core_stats(db, read->op, core_task_index(stats->core), &stats->request, &stats->stats);
}

/* Does a record count in a cell? */
static bool counts_in(const struct stats_request *request, const struct stats_cell *cell, size_t by,
                      const struct task *task)
{
    int64_t value = cell->value[by];
    bool has = cell->text[by].p == NULL && task->category.n == 0;
    switch (request->by[by]) {
    case STATS_STATUS:
        return task->status == value;
    case STATS_TYPE:
        return task->type == value;
    case STATS_PRIORITY:
        return task->priority == value;
    case STATS_IMPACT:
        return task->impact == value;
    case STATS_LIKELIHOOD:
        return task->likelihood == value;
    case STATS_ASSIGNEE:
        return task->assignee_id == value;
    case STATS_WORKSPACE:
        return task->workspace_id == value;
    case STATS_DOMAIN:
        return directory_workspace_by_id(request->directory, task->workspace_id)->domain->id ==
               value;
    case STATS_SOURCE:
        return task->source_id == value;
    case STATS_MONTH:
        return month_of_date(date_of_time(task->created_at)) == value;
    case STATS_CATEGORY:
        for (size_t i = 0; i < task->category.n; i++)
            has = has ||
                  (cell->text[by].p != NULL && str_eq(task->category.items[i], cell->text[by]));
        return has;
    case STATS_BY_COUNT:
        break;
    }
    return false;
}

static int i64_cmp(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Holds each number of a cell against the records in it. */
static size_t assert_cell(const struct stats_request *request, const struct stats_cell *cell,
                          const bool *matches)
{
    static int64_t spans[RECORDS + 100];
    size_t n = 0, closed = 0;
    uint64_t cents = 0;
    for (size_t i = 0; i < count; i++) {
        const struct task *task = created[i];
        bool in = matches[i];
        for (size_t by = 0; by < request->n; by++)
            in = in && counts_in(request, cell, by, task);
        n += in;
        if (in && task->financial_impact != CENTS_NONE)
            cents += (uint64_t)task->financial_impact;
        if (in && !status_is_open(task->status))
            spans[closed++] = task_closed_at(task) - task->created_at;
    }
    qsort(spans, closed, sizeof *spans, i64_cmp);
    int64_t twice = closed == 0 ? 0 : spans[closed / 2] + spans[(closed - 1) / 2];
    assert_int_equal(cell->count, n);
    assert_int_equal(cell->euros * 100 + cell->cents, cents);
    assert_int_equal(cell->due_moves, 0);
    assert_int_equal(cell->closing, closed == 0 ? -1 : (twice + 864000) / 1728000);
    return n;
}

static void assert_stats(struct world *world, const struct list_read *list)
{
    static bool matches[RECORDS + 100];
    struct stats_read stats = {.core = world->core,
                               .request = {.filter = list->request.filter, .n = 1 + pick(2)}};
    struct stats_request *request = &stats.request;
    request->directory = core_directory(world->core);
    request->by[0] = (enum stats_by)pick(STATS_BY_COUNT);
    request->by[1] =
        (enum stats_by)((request->by[0] + 1 + pick(STATS_BY_COUNT - 1)) % STATS_BY_COUNT);
    struct arena_mark mark = arena_mark(&world->arena);
    size_t wanted = 0, counted = 0;
    for (size_t i = 0; i < count; i++) {
        const struct str_list *category = &created[i]->category;
        bool twice = category->n == 2 && !str_eq(category->items[0], category->items[1]);
        bool each = request->by[0] == STATS_CATEGORY ||
                    (request->n == 2 && request->by[1] == STATS_CATEGORY);
        matches[i] = model_matches(world, &request->filter, created[i]);
        wanted += matches[i] * (1U + (each && twice));
    }
    enum err err = world_read(world, stats_run, &stats.read);
    if (err != ERR_OK)
        fail_msg("core_stats: %s %s", err_name(err), world->op.detail);
    for (size_t i = 0; i < stats.stats.n; i++)
        counted += assert_cell(request, &stats.stats.cells[i], matches);
    assert_int_equal(counted, wanted);
    directory_release(request->directory);
    arena_rewind(&world->arena, mark);
}

/* ---- random filters ---- */

static void add(struct task_filter *filter, struct filter_clause *clauses, enum filter_field field,
                const struct filter_value *values, size_t n)
{
    clauses[filter->clause_count++] = (struct filter_clause){field, pick(4) == 0, values, n};
    filter->clauses = clauses;
}

/* A value of a field that records have, or nearly. */
static struct filter_value random_value(enum filter_field field)
{
    static const struct str typed[] = {STR_INIT("seal"),
                                       STR_INIT("broken seal"),
                                       STR_INIT("order 7"),
                                       STR_INIT("order 777"),
                                       STR_INIT("a/12-3"),
                                       STR_INIT("a/12-3.b"),
                                       STR_INIT("zolluberwachung"),
                                       STR_INIT("muller \xF0\x9F\x94\xA5"),
                                       STR_INIT("exa-con-bus"),
                                       STR_INIT("acme-main-03"),
                                       STR_INIT("acme-main-3"),
                                       STR_INIT("exa-con-bus-lab-1"),
                                       STR_INIT("msku"),
                                       STR_INIT("77"),
                                       STR_INIT("777"),
                                       STR_INIT("*\"'()"),
                                       STR_INIT("\xE6\xB5\xB7"),
                                       STR_INIT("near(x)"),
                                       STR_INIT("and"),
                                       STR_INIT("nothing"),
                                       STR_INIT("blue, or not"),
                                       STR_INIT("- seal"),
                                       STR_INIT("well-known fire")};
    static const struct str phrases[] = {STR_INIT("seal broken "), STR_INIT("broken seal "),
                                         STR_INIT("seal "), STR_INIT("known "),
                                         STR_INIT("seal and ")};
    static const int64_t cents[] = {0, 1, 2, 1550, 100000, 123456, 123457, 1000000, 5000000};
    struct filter_value value = {.op = (enum filter_op)pick(4)};
    switch (filter_infos[field].kind) {
    case FILTER_KIND_TYPE:
        return (struct filter_value){.number = 1 + pick(2)};
    case FILTER_KIND_STATUS:
        return (struct filter_value){.number = 1 + pick(4)};
    case FILTER_KIND_LEVEL:
        return (struct filter_value){.number = pick(4)};
    case FILTER_KIND_ACCOUNT:
    case FILTER_KIND_FOLLOWER:
        return (struct filter_value){.number = pick(5) ? 21 + (int64_t)pick(2) : -1};
    case FILTER_KIND_PARENT:
        return (struct filter_value){.number = -1};
    case FILTER_KIND_ATTACHED:
        return (struct filter_value){.number = 1};
    case FILTER_KIND_TEXT:
        return (struct filter_value){.text =
                                         field == FILTER_FORM ? STR("default") : orders[pick(6)]};
    case FILTER_KIND_TEXTS:
        return (struct filter_value){.text = pick(2) ? words[pick(4)] : orders[pick(6)]};
    case FILTER_KIND_DATE:
        value.number = 19998 + pick(34);
        break;
    case FILTER_KIND_TIME:
        value.number = (zero / 86400000 + pick(3)) * 86400000;
        if (pick(2))
            value.number = zero + (int64_t)pick(RECORDS / 2) * 60000;
        break;
    case FILTER_KIND_MONEY:
        value.number = cents[pick(9)];
        break;
    case FILTER_KIND_COUNT:
        value.number = pick(3);
        break;
    case FILTER_KIND_WORDS:
        return (struct filter_value){.text = typed[pick(23)]};
    case FILTER_KIND_PHRASE:
        return (struct filter_value){.text = phrases[pick(5)]};
    case FILTER_KIND_WORKSPACE:
    case FILTER_KIND_DOMAIN:
    case FILTER_KIND_DOMAIN_ONLY:
    case FILTER_KIND_OPEN:
    case FILTER_KIND_OVERDUE:
        break;
    }
    value.last = value.number + (int64_t[]){0, 1, 5, 86399999}[pick(4)];
    if (pick(8) == 0 && filter_infos[field].kind != FILTER_KIND_COUNT)
        value = (struct filter_value){.op = FILTER_NONE};
    return value;
}

static void random_clause(struct task_filter *filter, struct filter_clause *clauses,
                          struct filter_value values[3], enum filter_field field)
{
    size_t n = 1 + pick(2);
    for (size_t i = 0; i < n; i++)
        values[i] = random_value(field);
    if (filter_infos[field].kind == FILTER_KIND_WORDS)
        n = 1;
    add(filter, clauses, field, values, n);
}

static bool in_clauses(enum filter_field field)
{
    return field != FILTER_WORKSPACE && field != FILTER_DOMAIN && field != FILTER_DOMAIN_ONLY;
}

static void assert_random(struct world *world, struct list_read *list, size_t *shown)
{
    list->request.limit = 1 + pick(pick(16) ? 60 : 2);
    list->request.descending = pick(2);
    if (by_index) {
        list->request.sort = (enum task_sort)pick(5);
        list->request.total = pick(3) == 0;
    }
    *shown += assert_lists(world, list);
    if (by_index && pick(3) == 0)
        assert_stats(world, list);
}

static void each_filter_alone(struct world *world)
{
    size_t shown = 0;
    for (size_t field = 0; field < FILTER_FIELDS; field++)
        for (int round = 0; round < 5 && in_clauses((enum filter_field)field); round++) {
            struct list_read list = list_new(world);
            struct filter_clause clauses[1];
            struct filter_value values[3];
            list.request.filter.everywhere = false;
            random_clause(&list.request.filter, clauses, values, (enum filter_field)field);
            assert_random(world, &list, &shown);
        }
    assert_true(shown > 1000);
}

static void filters_in_pairs(struct world *world, int rounds)
{
    size_t shown = 0;
    for (int round = 0; round < rounds; round++) {
        struct list_read list = list_new(world);
        struct filter_clause clauses[3];
        struct filter_value values[3][3];
        for (size_t i = 0; i < 2; i++) {
            enum filter_field field = (enum filter_field)pick(FILTER_FIELDS);
            if (in_clauses(field))
                random_clause(&list.request.filter, clauses, values[i], field);
            if (field == FILTER_TEXT && !clauses[list.request.filter.clause_count - 1].negated)
                list.request.exact_first = values[i][0].text;
        }
        if (pick(2)) {
            list.request.filter.workspaces += pick(3);
            list.request.filter.workspace_count = 1 + pick(2);
        }
        assert_random(world, &list, &shown);
    }
    assert_true(rounds < 10 || shown > (size_t)rounds);
}

/* ---- the promises ---- */

static void without_an_index_lists_are_right(void **state)
{
    static const size_t limits[] = {1, 7, 50, 200};
    by_index = false;
    for (size_t i = 0; i < 8; i++) {
        struct list_read list = list_new(*state);
        list.request.limit = limits[i / 2];
        list.request.descending = i % 2;
        assert_lists(*state, &list);
    }
    each_filter_alone(*state);
    filters_in_pairs(*state, 60);
}

static void without_an_index_other_orders_are_refused_and_totals_are_right(void **state)
{
    struct list_read list = list_new(*state);
    by_index = true;
    assert_null(follower);
    list.request.sort = SORT_DUE;
    assert_int_equal(world_read(*state, list_run, &list.read), ERR_NOT_READY);
    list.request.sort = SORT_CREATED;
    assert_lists(*state, &list);
}

static void by_the_index_lists_are_right(void **state)
{
    by_index = true;
    follower_start(*state);
    follow(*state);
    each_filter_alone(*state);
    filters_in_pairs(*state, 120);
}

/* Half of the records come while nobody follows, and then while somebody does. */
static void what_was_just_written_is_found(void **state)
{
    struct world *world = *state;
    by_index = true;
    follower_stop();
    while (count < RECORDS) {
        if (count >= RECORDS * 3 / 4 && follower == NULL)
            follower_start(world);
        clock_set(zero + (int64_t)count * 60000);
        create_some(world, count + 20 < RECORDS ? 20 : RECORDS - count);
        filters_in_pairs(world, 2);
    }
    follow(world);
    filters_in_pairs(world, 60);
}

/* As where there are more records than memory for their figures. */
static void without_a_table_lists_are_right(void **state)
{
    struct world *world = *state;
    by_index = true;
    task_index_table_bound(core_task_index(world->core), 0);
    filters_in_pairs(world, 40);
    task_index_table_bound(core_task_index(world->core), 1);
    filters_in_pairs(world, 10);
}

static void a_long_list_of_workspaces_is_read_in_one_scan(void **state)
{
    struct filter_workspace many[100];
    by_index = false;
    for (size_t i = 0; i < 100; i++)
        many[i] = (struct filter_workspace){12 + (int64_t)i, 20010, false, STR("X-Y")};
    for (unsigned i = 0; i < 4; i++) {
        static const struct filter_value done = {.number = STATUS_DONE};
        static const struct filter_clause clause = {FILTER_STATUS, false, &done, 1};
        struct list_read list = list_new(*state);
        list.request.filter.workspaces = many;
        list.request.filter.workspace_count = 100;
        list.request.descending = i & 1;
        if (i & 2) {
            list.request.filter.clauses = &clause;
            list.request.filter.clause_count = 1;
        }
        assert_true(assert_lists(*state, &list) > 10);
    }
}

static void nobody_sees_without_a_workspace(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct list_read list = list_new(*state);
        by_index = i;
        list.request.filter.workspace_count = 0;
        assert_int_equal(world_read(*state, list_run, &list.read), ERR_OK);
        assert_int_equal(list.page.tasks.n, 0);
        assert_null(list.page.next.p);
    }
}

static void a_cursor_of_another_making_is_refused(void **state)
{
    static const char *const wrong[] = {
        "", "x", "bgAAAAAAAAAA", "bwAAAAAAAAAB", "bv__________", "bgAAAAAAAAABAA", "bgAAAAAAAAAB="};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct list_read list = list_new(*state);
        list.request.cursor = str_of(wrong[i]);
        assert_int_equal(world_read(*state, list_run, &list.read), ERR_SYNTAX);
    }
}

static void times_of_creation_never_fall_with_the_number(void **state)
{
    int64_t at[WORLD_WORKSPACES + 11] = {0}, number[WORLD_WORKSPACES + 11] = {0};
    (void)state;
    for (size_t i = 0; i < RECORDS; i++) {
        const struct task *task = created[i];
        assert_int_equal(task->number, number[task->workspace_id] + 1);
        assert_true(task->created_at >= at[task->workspace_id]);
        number[task->workspace_id] = task->number;
        at[task->workspace_id] = task->created_at;
    }
}

static void records_created_between_two_pages_shift_nothing(void **state)
{
    struct world *world = *state;
    struct list_read list = list_new(world);
    struct task_place places[RECORDS + 100];
    size_t n = model_list(world, &list.request, places), at = 0;
    by_index = true;
    do {
        assert_int_equal(world_read(world, list_run, &list.read), ERR_OK);
        for (size_t j = 0; j < list.page.tasks.n; j++)
            assert_int_equal(list.page.tasks.items[j].id, places[at++].id);
        assert_int_equal(world_send(world, random_create(world)), ERR_OK);
        list.request.cursor = list.page.next;
    } while (list.page.next.p != NULL);
    assert_int_equal(at, n);
}

/* On PostgreSQL there is no file, and nothing to throw away. */
static void damage_of_a_file_that_was_thrown_away_is_not_that_of_the_next_one(void **state)
{
    struct world *world = *state;
    struct task_index *index = core_task_index(world->core);
    struct db *db, *reader;
    assert_int_equal(core_open_reader(world->core, &world->op, &db), ERR_OK);
    assert_int_equal(db_begin_read(db, &world->op), ERR_OK);
    assert_int_equal(task_index_take(index, db, &world->op, &reader), ERR_OK);
    task_index_discard(index);
    task_index_give(index, reader, ERR_CORRUPT);
    assert_false(task_index_damaged(index));
    db_rollback(db);
    db_close(db);
}

static void *rebuild_again_and_again(void *arg)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    while (!atomic_load(&enough)) {
        struct op op = {.arena = &arena};
        if (task_index_rebuild(arg, &op) != ERR_OK)
            break;
    }
    arena_finish(&arena);
    return NULL;
}

/* A follower would write to it for ever, and readers find none. */
static void a_file_that_is_open_for_writing_is_not_thrown_away(void **state)
{
    struct world *world = *state;
    char folder[] = "/tmp/bzctrl-test-XXXXXX", name[64];
    pthread_t thread;
    assert_non_null(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/index.db", folder);
    struct task_index *index = task_index_create(STR("sqlite:"), folder);
    assert_non_null(index);
    atomic_store(&enough, false);
    assert_int_equal(pthread_create(&thread, NULL, rebuild_again_and_again, index), 0);
    int missing = 0;
    for (int i = 0; i < 200; i++) {
        struct db *writer;
        assert_int_equal(task_index_open_writer(index, &world->op, &writer), ERR_OK);
        missing += access(name, F_OK) != 0;
        task_index_close_writer(index, writer);
    }
    atomic_store(&enough, true);
    pthread_join(thread, NULL);
    task_index_discard(index);
    task_index_destroy(index);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(missing, 0);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_an_index_lists_are_right),
        TEST(without_an_index_other_orders_are_refused_and_totals_are_right),
        TEST(by_the_index_lists_are_right),
        TEST(what_was_just_written_is_found),
        TEST(without_a_table_lists_are_right),
        TEST(a_long_list_of_workspaces_is_read_in_one_scan),
        TEST(nobody_sees_without_a_workspace),
        TEST(a_cursor_of_another_making_is_refused),
        TEST(times_of_creation_never_fall_with_the_number),
        TEST(records_created_between_two_pages_shift_nothing),
        TEST(damage_of_a_file_that_was_thrown_away_is_not_that_of_the_next_one),
        TEST(a_file_that_is_open_for_writing_is_not_thrown_away),
    };
    return cmocka_run_group_tests(tests, list_setup, list_teardown);
}
