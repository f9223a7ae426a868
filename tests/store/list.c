/* A list shows exactly what its filter says, each record once. */
#include "world.h"

#include "base/clock.h"

#include <stdlib.h>

enum { RECORDS = 900 };

static struct task_create *created[RECORDS]; /* in the order of their ids */
static int64_t zero;                         /* the time of the first */

/* Numbers that look random and are the same each time. */
static unsigned seed;

static unsigned pick(unsigned bound)
{
    seed = seed * 1103515245U + 12345U;
    return (seed >> 16) % bound;
}

static const struct str words[] = {{"red", 3}, {"green", 5}, {"blue, or not", 12}, {"a\"b", 3}};

static struct str_list some_words(struct arena *arena)
{
    struct str *items = ARENA_ARRAY(arena, struct str, 2);
    assert_non_null(items);
    items[0] = words[pick(4)];
    items[1] = words[pick(4)];
    return (struct str_list){items, pick(3)};
}

static struct task_create *random_create(struct world *world)
{
    struct task_create *create = world_create(world, pick(WORLD_WORKSPACES), "One", NULL);
    struct task *task = &create->task;
    task->type = pick(2) ? TASK_INCIDENT : TASK_TASK;
    task->status = (enum task_status)(STATUS_TODO + pick(4));
    task->priority = (enum level)pick(4);
    task->reporter_id = 21 + pick(2);
    task->assignee_id = 21 + pick(2);
    task->source_id = 21 + pick(2);
    task->due_date = pick(3) ? (int32_t)(20000 + pick(30)) : DATE_NONE;
    task->tags = some_words(&world->arena);
    task->category = some_words(&world->arena);
    return create;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = (*(struct task_create *const *)a)->task.id;
    int64_t y = (*(struct task_create *const *)b)->task.id;
    return (x > y) - (x < y);
}

static int list_setup(void **state)
{
    world_setup(state);
    struct world *world = *state;
    seed = 7;
    zero = clock_now();
    for (size_t i = 0; i < RECORDS; i += 20) {
        clock_set(zero + (int64_t)i * 60000); /* a batch of 20 each 20 minutes */
        for (size_t j = i; j < i + 20; j++)
            created[j] = random_create(world);
        world_send_together(world, created + i, 20);
    }
    for (size_t i = 0; i < RECORDS; i++)
        assert_int_equal(created[i]->change.err, ERR_OK);
    qsort(created, RECORDS, sizeof *created, by_id);
    return 0;
}

/* ---- reading pages ---- */

struct list_read {
    struct core_read read;
    struct task_list_request request;
    struct task_page page;
};

static enum err list_run(struct core_read *read, struct db *db)
{
    struct list_read *list = (struct list_read *)(void *)read;
    return core_task_list(db, read->op, &list->request, &list->page);
}

static const struct filter_workspace all_workspaces[] = {
    {11, 20010}, {12, 20010}, {13, 20015}, {14, 20010}};

static struct list_read list_new(void)
{
    struct list_read list = {.request = {.limit = 50}};
    task_filter_init(&list.request.filter);
    list.request.filter.workspaces = all_workspaces;
    list.request.filter.workspace_count = WORLD_WORKSPACES;
    return list;
}

/* ---- the model: what a filter means, said in another way ---- */

static bool has_word(struct str_list list, struct str_list wanted)
{
    bool has = wanted.n == 0;
    for (size_t i = 0; i < list.n; i++)
        for (size_t j = 0; j < wanted.n; j++)
            has |= str_eq(list.items[i], wanted.items[j]);
    return has;
}

static bool has_id(struct id_list list, int64_t id)
{
    bool has = list.n == 0;
    for (size_t i = 0; i < list.n; i++)
        has |= list.ids[i] == id;
    return has;
}

static bool model_matches(const struct task_filter *f, const struct task *t)
{
    int32_t today = 0;
    bool in = false;
    for (size_t i = 0; i < f->workspace_count; i++)
        if (f->workspaces[i].id == t->workspace_id) {
            today = f->workspaces[i].today;
            in = true;
        }
    if (!in)
        return false;
    if (f->types != 0 && !(f->types >> t->type & 1))
        return false;
    if (f->statuses != 0 && !(f->statuses >> t->status & 1))
        return false;
    if (f->priorities != 0 && !(f->priorities >> t->priority & 1))
        return false;
    if (f->due_before != DATE_NONE && (t->due_date == DATE_NONE || t->due_date >= f->due_before))
        return false;
    if (f->due_after != DATE_NONE && (t->due_date == DATE_NONE || t->due_date <= f->due_after))
        return false;
    if (f->overdue &&
        (t->due_date == DATE_NONE || t->due_date >= today || t->status == STATUS_DONE))
        return false;
    if (f->created_before != TIME_NONE && t->created_at >= f->created_before)
        return false;
    if (f->created_after != TIME_NONE && t->created_at <= f->created_after)
        return false;
    return has_id(f->assignees, t->assignee_id) && has_id(f->reporters, t->reporter_id) &&
           has_id(f->sources, t->source_id) && has_word(t->tags, f->tags) &&
           has_word(t->category, f->categories);
}

/* Follows a list to its end and holds it against the model. */
static size_t assert_lists(struct world *world, struct list_read *list)
{
    size_t at = list->request.oldest_first ? 0 : RECORDS, shown = 0;
    list->request.cursor = STR_NONE;
    for (;;) {
        enum err err = world_read(world, list_run, &list->read);
        if (err != ERR_OK)
            fail_msg("core_task_list: %s %s", err_name(err), world->op.detail);
        assert_true(list->page.tasks.n <= list->request.limit);
        for (size_t i = 0; i < list->page.tasks.n; i++, shown++) {
            const struct task *wanted;
            do {
                assert_true(list->request.oldest_first ? at < RECORDS : at > 0);
                wanted = &created[list->request.oldest_first ? at++ : --at]->task;
            } while (!model_matches(&list->request.filter, wanted));
            assert_int_equal(list->page.tasks.items[i].id, wanted->id);
            assert_true(str_eq(list->page.tasks.items[i].title, wanted->title));
        }
        if (list->page.next.p == NULL)
            break;
        assert_true(list->page.tasks.n == list->request.limit);
        list->request.cursor = list->page.next;
    }
    while (list->request.oldest_first ? at < RECORDS : at > 0)
        assert_false(model_matches(&list->request.filter,
                                   &created[list->request.oldest_first ? at++ : --at]->task));
    return shown;
}

/* ---- the promises ---- */

static void a_list_without_filter_shows_all_in_both_orders(void **state)
{
    static const size_t limits[] = {1, 7, 50, 200};
    for (size_t i = 0; i < 8; i++) {
        struct list_read list = list_new();
        list.request.limit = limits[i / 2];
        list.request.oldest_first = i % 2;
        assert_int_equal(assert_lists(*state, &list), RECORDS);
    }
}

static void each_filter_shows_what_it_says(void **state)
{
    static const int64_t first_account[] = {21}, both_accounts[] = {21, 22}, nobody[] = {99};
    size_t shown = 0;
    for (int round = 0; round < 300; round++) {
        struct list_read list = list_new();
        struct task_filter *filter = &list.request.filter;
        filter->workspaces += pick(3);
        filter->workspace_count = 1 + pick(2);
        if (pick(4) == 0)
            filter->types = pick(8);
        if (pick(4) == 0)
            filter->statuses = pick(32);
        if (pick(4) == 0)
            filter->priorities = pick(16);
        if (pick(4) == 0)
            filter->assignees = (struct id_list){first_account, 1};
        if (pick(4) == 0)
            filter->reporters = (struct id_list){both_accounts, 2};
        if (pick(8) == 0)
            filter->sources = (struct id_list){pick(2) ? nobody : both_accounts, 1};
        if (pick(4) == 0)
            filter->tags = (struct str_list){words + pick(3), 1 + pick(2)};
        if (pick(4) == 0)
            filter->categories = (struct str_list){words + pick(3), 1 + pick(2)};
        if (pick(4) == 0)
            filter->due_before = (int32_t)(20000 + pick(31));
        if (pick(4) == 0)
            filter->due_after = (int32_t)(19999 + pick(31));
        if (pick(4) == 0)
            filter->created_before = zero + (int64_t)pick(RECORDS) * 60000;
        if (pick(4) == 0)
            filter->created_after = zero + (int64_t)pick(RECORDS) * 60000;
        filter->overdue = pick(6) == 0;
        list.request.limit = 1 + pick(60);
        list.request.oldest_first = pick(2);
        shown += assert_lists(*state, &list);
    }
    assert_true(shown > 3000);
}

static void a_long_list_of_workspaces_is_read_in_one_scan(void **state)
{
    struct filter_workspace many[100];
    for (size_t i = 0; i < 100; i++)
        many[i] = (struct filter_workspace){12 + (int64_t)i, 20010}; /* all but 11 */
    for (unsigned i = 0; i < 8; i++) {
        struct list_read list = list_new();
        list.request.filter.workspaces = many;
        list.request.filter.workspace_count = 100;
        list.request.oldest_first = i & 1;
        if (i & 2)
            list.request.filter.statuses = FILTER_BIT(STATUS_DONE);
        if (i & 4)
            list.request.filter.created_after = zero + 300 * 60000;
        assert_true(assert_lists(*state, &list) > 10);
    }
}

static void nobody_sees_without_a_workspace(void **state)
{
    struct list_read list = list_new();
    list.request.filter.workspace_count = 0;
    assert_int_equal(world_read(*state, list_run, &list.read), ERR_OK);
    assert_int_equal(list.page.tasks.n, 0);
    assert_null(list.page.next.p);
}

static void records_created_between_two_pages_shift_nothing(void **state)
{
    struct world *world = *state;
    struct list_read list = list_new();
    size_t at = RECORDS;
    do {
        assert_int_equal(world_read(world, list_run, &list.read), ERR_OK);
        for (size_t i = 0; i < list.page.tasks.n; i++)
            assert_int_equal(list.page.tasks.items[i].id, created[--at]->task.id);
        assert_int_equal(world_send(world, random_create(world)), ERR_OK);
        list.request.cursor = list.page.next;
    } while (list.page.next.p != NULL);
    assert_int_equal(at, 0);

    /* The oldest first: records that come later are shown at the end. */
    list = list_new();
    list.request.oldest_first = true;
    struct task_create *last = NULL;
    int64_t newest = 0;
    size_t shown = 0;
    do {
        assert_int_equal(world_read(world, list_run, &list.read), ERR_OK);
        for (size_t i = 0; i < list.page.tasks.n; i++, shown++) {
            assert_true(list.page.tasks.items[i].id > newest);
            newest = list.page.tasks.items[i].id;
        }
        if (shown < 800) {
            last = random_create(world);
            assert_int_equal(world_send(world, last), ERR_OK);
        }
        list.request.cursor = list.page.next;
    } while (list.page.next.p != NULL);
    assert_int_equal(newest, last->task.id);
    assert_int_equal(shown, RECORDS + 18 + 15);
}

static void a_cursor_of_another_making_is_refused(void **state)
{
    static const char *const wrong[] = {
        "", "x", "bgAAAAAAAAAA", "bwAAAAAAAAAB", "bv__________", "bgAAAAAAAAABAA", "bgAAAAAAAAAB="};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct list_read list = list_new();
        list.request.cursor = str_of(wrong[i]);
        assert_int_equal(world_read(*state, list_run, &list.read), ERR_SYNTAX);
    }
}

static void times_of_creation_never_fall_with_the_number(void **state)
{
    struct world *world = *state;
    int64_t at[WORLD_WORKSPACES + 11] = {0}, number[WORLD_WORKSPACES + 11] = {0};
    (void)world;
    for (size_t i = 0; i < RECORDS; i++) {
        const struct task *task = &created[i]->task;
        assert_int_equal(task->number, number[task->workspace_id] + 1);
        assert_true(task->created_at >= at[task->workspace_id]);
        number[task->workspace_id] = task->number;
        at[task->workspace_id] = task->created_at;
    }
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_list_without_filter_shows_all_in_both_orders),
        TEST(each_filter_shows_what_it_says),
        TEST(a_long_list_of_workspaces_is_read_in_one_scan),
        TEST(nobody_sees_without_a_workspace),
        TEST(a_cursor_of_another_making_is_refused),
        TEST(times_of_creation_never_fall_with_the_number),
        TEST(records_created_between_two_pages_shift_nothing),
    };
    return cmocka_run_group_tests(tests, list_setup, world_teardown);
}
