/* A create stores all that it was given, numbers it without gaps and writes its history. */
#include "world.h"

#include "base/clock.h"

static void assert_same_list(struct str_list a, struct str_list b)
{
    assert_int_equal(a.n, b.n);
    for (size_t i = 0; i < a.n; i++)
        assert_true(str_eq(a.items[i], b.items[i]));
}

/* Absent and empty are not the same. */
static void assert_same_text(struct str a, struct str b)
{
    assert_int_equal(a.p == NULL, b.p == NULL);
    assert_true(a.p == NULL || str_eq(a, b));
}

static void assert_same_task(const struct task *a, const struct task *b)
{
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->workspace_id, b->workspace_id);
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->last_seq, b->last_seq);
    assert_int_equal(a->created_at, b->created_at);
    assert_int_equal(a->updated_at, b->updated_at);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->impact, b->impact);
    assert_int_equal(a->likelihood, b->likelihood);
    assert_int_equal(a->priority, b->priority);
    assert_int_equal(a->financial_impact, b->financial_impact);
    assert_int_equal(a->reporter_id, b->reporter_id);
    assert_int_equal(a->assignee_id, b->assignee_id);
    assert_int_equal(a->source_id, b->source_id);
    assert_same_text(a->title, b->title);
    assert_same_text(a->description, b->description);
    assert_same_text(a->result, b->result);
    assert_same_text(a->lrn, b->lrn);
    assert_same_list(a->category, b->category);
    assert_same_list(a->sub_category, b->sub_category);
    assert_same_list(a->order_id, b->order_id);
    assert_same_list(a->tags, b->tags);
    assert_int_equal(a->due_date, b->due_date);
    assert_int_equal(a->reminder_date, b->reminder_date);
    assert_int_equal(a->occurred_at, b->occurred_at);
    assert_same_text(a->extra, b->extra);
    assert_same_text(a->form, b->form);
    assert_int_equal(a->form_version, b->form_version);
}

static void what_was_created_is_read_back_equal(void **state)
{
    struct world *world = *state;
    struct task_create *incident =
        world_create(world, 0, "Potential Customs claim \xE2\x82\xAC", NULL);
    assert_int_equal(world_send(world, incident), ERR_OK);
    assert_int_equal(incident->task.number, 1);
    assert_int_equal(incident->task.version, 1);
    assert_int_equal(incident->task.created_at, incident->event.at);
    assert_false(incident->replayed);

    struct task_create *task = world_create(world, 0, "A task", NULL);
    task->task.type = TASK_TASK;
    task->task.status = STATUS_DONE;
    task->task.impact = task->task.likelihood = task->task.priority = LEVEL_NONE;
    task->task.financial_impact = CENTS_NONE;
    task->task.result = STR("");
    task->task.lrn = STR_NONE;
    task->task.category = task->task.tags = (struct str_list){0};
    task->task.due_date = -3;
    task->task.reminder_date = DATE_NONE;
    task->task.occurred_at = -1;
    task->task.extra = STR("{}");
    assert_int_equal(world_send(world, task), ERR_OK);

    world_reopen(world);
    struct task stored = world_get(world, 0, 1);
    assert_same_task(&stored, &incident->task);
    stored = world_get(world, 0, 2);
    assert_same_task(&stored, &task->task);
}

static void numbers_run_per_workspace_and_the_refused_burn_none(void **state)
{
    struct world *world = *state;
    struct directory outdated = *world->directory;
    outdated.version++;
    int64_t last[WORLD_WORKSPACES] = {0};
    struct task_create *creates[60];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 60; i++) {
            creates[i] = world_create(world, i * 7 % WORLD_WORKSPACES, "One", i % 2 ? NULL : "key");
            if (i % 5 == 3)
                creates[i]->directory = &outdated;
            if (i % 2 == 0)
                creates[i]->key.key = arena_printf(&world->arena, "key %d %zu", round, i);
        }
        world_send_together(world, creates, 60);
        /* The batch may take them in another order than they were sent, so sort by number. */
        for (size_t i = 0; i < 60; i++) {
            assert_int_equal(creates[i]->change.err, i % 5 == 3 ? ERR_OUTDATED : ERR_OK);
            if (creates[i]->change.err == ERR_OK)
                last[i * 7 % WORLD_WORKSPACES]++;
        }
    }
    world_reopen(world);
    for (size_t workspace = 0; workspace < WORLD_WORKSPACES; workspace++)
        for (int64_t number = 1; number <= last[workspace]; number++)
            assert_int_equal(world_get(world, workspace, number).number, number);
    struct task_create *next = world_create(world, 1, "Next", NULL);
    assert_int_equal(world_send(world, next), ERR_OK);
    assert_int_equal(next->task.number, last[1] + 1);
}

static void a_create_judged_by_an_old_directory_writes_nothing(void **state)
{
    struct world *world = *state;
    struct directory outdated = *world->directory;
    outdated.version--;
    struct task_create *create = world_create(world, 0, "Late", "a key");
    create->directory = &outdated;
    assert_int_equal(world_send(world, create), ERR_OUTDATED);
    create->directory = world->directory;
    assert_int_equal(world_send(world, create), ERR_OK);
    assert_int_equal(create->task.number, 1);
    assert_int_equal(create->event.seq, 1);
    assert_false(create->replayed);
}

struct events_read {
    struct core_read read;
    const struct task *task;
    struct event_list events;
    bool more;
    int64_t domain_id, before;
};

static enum err events_run(struct core_read *read, struct db *db)
{
    struct events_read *get = (struct events_read *)(void *)read;
    return core_task_events(db, read->op, get->domain_id, get->task, get->before, 50, &get->events,
                            &get->more);
}

static void the_event_of_a_create_says_what_was_given(void **state)
{
    struct world *world = *state;
    struct task_create *creates[3];
    for (size_t i = 0; i < 3; i++)
        creates[i] = world_create(world, i, "Claim", NULL);
    world_send_together(world, creates, 3);
    for (size_t i = 0; i < 3; i++) {
        struct events_read get = {
            .task = &creates[i]->task,
            .domain_id = creates[i]->workspace->domain->id,
        };
        assert_int_equal(world_read(world, events_run, &get.read), ERR_OK);
        assert_int_equal(get.events.n, 1);
        assert_false(get.more);
        const struct event *event = &get.events.items[0];
        assert_str(event->action, "task.created");
        assert_int_equal(event->seq, creates[i]->event.seq);
        assert_int_equal(event->actor_id, 21);
        assert_int_equal(event->at, creates[i]->task.created_at);
        assert_memory_equal(event->hash.bytes, creates[i]->event.hash.bytes, SHA256_SIZE);
        assert_true(str_eq(event->payload, creates[i]->payload));
        assert_non_null(
            memmem(event->payload.p, event->payload.n, "\"title\":[null,\"Claim\"]", 22));
        get.before = event->seq;
        assert_int_equal(world_read(world, events_run, &get.read), ERR_OK);
        assert_int_equal(get.events.n, 0);
        get.before = 99;
        assert_int_equal(world_read(world, events_run, &get.read), ERR_SYNTAX);
    }
}

static void times_and_ids_never_fall_even_when_the_clock_does(void **state)
{
    struct world *world = *state;
    static const int64_t clocks[] = {1900000000000, 1800000000000, 1800000000001, 1950000000000};
    int64_t id = 0, at = 0;
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        clock_set(clocks[i]);
        if (i == 2)
            world_reopen(world); /* the next process knows it too */
        struct task_create *create = world_create(world, i % 2 ? 3 : 0, "One", NULL);
        assert_int_equal(world_send(world, create), ERR_OK);
        assert_true(create->task.id > id);
        assert_true(create->task.created_at >= at);
        id = create->task.id;
        at = create->task.created_at;
    }
}

static void a_description_of_the_greatest_length_is_kept(void **state)
{
    struct world *world = *state;
    struct task_create *create = world_create(world, 0, "Long", "long");
    char *text = arena_alloc(&world->arena, 262144);
    assert_non_null(text);
    memset(text, '"', 262144);
    create->task.description = (struct str){text, 262144};
    assert_int_equal(world_send(world, create), ERR_OK);
    struct task stored = world_get(world, 0, 1);
    assert_same_task(&stored, &create->task);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_created_is_read_back_equal),
        TEST(numbers_run_per_workspace_and_the_refused_burn_none),
        TEST(a_create_judged_by_an_old_directory_writes_nothing),
        TEST(the_event_of_a_create_says_what_was_given),
        TEST(times_and_ids_never_fall_even_when_the_clock_does),
        TEST(a_description_of_the_greatest_length_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
