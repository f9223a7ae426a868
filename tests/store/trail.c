/*
 * Records along their histories: what a walk finds after each event is what the whole history says, and the
 * walk looks at each event once, however long the history is and from wherever it begins.
 */
#include "query.h"
#include "world.h"

#include "base/clock.h"
#include "core/comment.h"
#include "core/task_change.h"
#include "core/task_past.h"
#include "core/task_trail.h"
#include "db/engine.h"
#include "form/form.h"
#include "model/task_field.h"
#include "store/feed.h"
#include "store/task.h"

#include <stdio.h>

enum { WOR, HISTORY = 400, ASIDE = 8 };

/* ---- a history ---- */

static void alter(struct task *task, int i)
{
    static const struct str tags[] = {STR_INIT("One"), STR_INIT("Two")};
    static char titles[HISTORY][32];
    snprintf(titles[i], sizeof titles[i], "Title %d", i);
    task->title = str_of(titles[i]);
    if (i % 3 == 0)
        task->due_date = 22000 + i;
    if (i % 5 == 0)
        task->assignee_id = i % 2 == 0 ? 21 : 22;
    if (i % 7 == 0)
        task->status = task->status == STATUS_DONE ? STATUS_TODO : STATUS_DONE;
    if (i % 11 == 0)
        task->tags = (struct str_list){tags, task->tags.n == 1 ? 2 : 1};
    if (i % 13 == 0)
        task->financial_impact = i % 2 == 0 ? CENTS_NONE : i;
}

static void change(struct world *world, int i)
{
    struct task before = world_get(world, WOR, 1);
    struct task_change change = {.op = &world->op,
                                 .directory = world->directory,
                                 .form = &form_default,
                                 .before = &before,
                                 .after = before,
                                 .actor_id = 21};
    world->op.now = clock_now();
    alter(&change.after, i);
    change.closes = before.status != STATUS_DONE && change.after.status == STATUS_DONE;
    change.reopens = before.status == STATUS_DONE && change.after.status != STATUS_DONE;
    change.after.closed_by = change.closes ? 21 : change.reopens ? 0 : before.closed_by;
    if (change.reopens)
        change.after.closed_at = TIME_NONE;
    assert_int_equal(core_task_change(world->core, &change), ERR_OK);
}

/* Adds one, or deletes the one that was added last. */
static void comment(struct world *world, bool internal, bool deletes)
{
    static struct comment last;
    struct task task = world_get(world, WOR, 1);
    struct comment_save save = {.before = deletes ? &last : NULL, .deletes = deletes};
    save.part.change.op = &world->op;
    save.part.directory = world->directory;
    save.part.workspace = world_workspace(world, WOR);
    save.part.task_id = task.id;
    save.part.actor_id = 21;
    if (deletes)
        save.comment = last;
    save.comment.internal = deletes ? last.internal : internal;
    save.comment.text = deletes ? STR_NONE : STR("Seen");
    world->op.now = clock_now();
    assert_int_equal(comment_save(world->core, &save), ERR_OK);
    last = save.comment;
}

/* A record, HISTORY changes and comments of it, and between them some of others. */
static void history(struct world *world)
{
    assert_int_equal(world_send(world, world_create(world, WOR, "Claim", NULL)), ERR_OK);
    for (int i = 1; i < HISTORY; i++) {
        if (i % 6 == 1)
            comment(world, i % 4 == 1, false);
        else if (i % 12 == 2)
            comment(world, false, true);
        else
            change(world, i);
        if (i % 50 == 0)
            assert_int_equal(world_send(world, world_create(world, WOR, "Other", NULL)), ERR_OK);
    }
}

/* ---- a walk ---- */

struct walk {
    struct db *db;
    struct op op;
    struct arena arena;
    struct task_trail *trail;
    struct feed_entries entries; /* of EXA-CON-BUS */
    const struct world *world;
};

static void walk_begin(struct walk *walk, struct world *world)
{
    struct feed_heads heads;
    size_t i = 0;
    walk->world = world;
    arena_init(&walk->arena, (size_t)256 * 1024 * 1024);
    walk->op = (struct op){.arena = &walk->arena, .now = clock_now()};
    struct op *op = &walk->op;
    assert_int_equal(core_open_reader(world->core, op, &walk->db), ERR_OK);
    assert_int_equal(task_trail_create(&walk->trail), ERR_OK);
    assert_int_equal(db_begin_read(walk->db, op), ERR_OK);
    assert_int_equal(store_feed_heads(walk->db, op, &heads), ERR_OK);
    while (heads.items[i].domain_id != 1)
        i++;
    assert_int_equal(store_feed_after(walk->db, op, &heads.items[i], 0, 10000, &walk->entries),
                     ERR_OK);
    assert_int_equal(task_trail_view(walk->trail, walk->db, op, world->directory), ERR_OK);
}

static void walk_end(struct walk *walk)
{
    db_rollback(walk->db);
    task_trail_destroy(walk->trail);
    db_close(walk->db);
    arena_finish(&walk->arena);
}

/* What the trail says after the event is what the whole history says. */
static void look(struct walk *walk, const struct event *event)
{
    struct op *op = &walk->op;
    struct arena_mark mark = arena_mark(op->arena);
    struct task now, expected;
    const struct task *found;
    int64_t erased, expected_erased;
    assert_int_equal(store_task_get_by_id(walk->db, op, event->task_id, &now), ERR_OK);
    assert_int_equal(core_task_at(walk->db, op, walk->world->directory, event->domain_id, &now,
                                  event->seq, &expected, &expected_erased),
                     ERR_OK);
    assert_int_equal(task_trail_at(walk->trail, walk->db, op, event, &found, &erased), ERR_OK);
    assert_int_equal(erased, expected_erased);
    for (size_t i = 0; i < TASK_FIELDS && erased == 0; i++)
        if (!task_field_same(found, &expected, &task_fields[i]))
            fail_msg("%s after event %lld", task_fields[i].name, (long long)event->seq);
    assert_int_equal(found->follower_count, expected.follower_count);
    arena_rewind(op->arena, mark);
}

static bool about(const struct walk *walk, size_t i, int64_t task_id)
{
    return walk->entries.items[i].event.task_id == task_id;
}

static void a_walk_says_what_the_history_says_and_looks_at_each_event_once(void **state)
{
    struct world *world = *state;
    struct walk walk;
    size_t records = 0;
    history(world);
    walk_begin(&walk, world);
    for (size_t i = 0; i < walk.entries.n; i++) {
        const struct event *event = &walk.entries.items[i].event;
        if (event->task_id == 0)
            continue;
        look(&walk, event);
        records++;
    }
    assert_true(records >= HISTORY);
    assert_int_equal(task_trail_steps(walk.trail), records);
    walk_end(&walk);
}

static void a_walk_that_skips_events_looks_at_them_on_its_way(void **state)
{
    struct world *world = *state;
    struct walk walk;
    history(world);
    int64_t id = world_get(world, WOR, 1).id;
    walk_begin(&walk, world);
    for (size_t i = 0, n = 0; i < walk.entries.n; i++)
        if (about(&walk, i, id) && n++ % 9 == 8)
            look(&walk, &walk.entries.items[i].event);
    assert_true(task_trail_steps(walk.trail) <= HISTORY);
    walk_end(&walk);
}

/* Several who lag begin at different places; each reads what is before that once. */
static void walks_from_several_places_do_not_disturb_each_other(void **state)
{
    enum { WALKS = 5 };
    struct world *world = *state;
    struct walk walk;
    history(world);
    int64_t id = world_get(world, WOR, 1).id;
    walk_begin(&walk, world);
    size_t at[WALKS];
    for (size_t w = 0; w < WALKS; w++)
        at[w] = walk.entries.n / WALKS * w;
    for (size_t step = 0; step < walk.entries.n / WALKS; step++)
        for (size_t w = WALKS; w-- > 0; at[w]++)
            if (about(&walk, at[w], id))
                look(&walk, &walk.entries.items[at[w]].event);
    assert_true(task_trail_steps(walk.trail) <= (WALKS + 1) * HISTORY);
    walk_end(&walk);
}

/* More records than are kept: those with long histories stay. */
static void records_with_short_histories_do_not_drive_out_a_long_one(void **state)
{
    struct world *world = *state;
    struct walk walk;
    history(world);
    int64_t id = world_get(world, WOR, 1).id;
    struct task_create *creates[2 * TRAIL_RECORDS];
    for (size_t i = 0; i < 2 * (size_t)TRAIL_RECORDS; i++)
        creates[i] = world_create(world, WOR, "Short", NULL);
    world_send_all(world, creates, 2 * (size_t)TRAIL_RECORDS);
    world_wait(world);
    walk_begin(&walk, world);
    size_t n = walk.entries.n, shorts = n - 2 * (size_t)TRAIL_RECORDS, looked = 0;
    for (size_t i = n / 4; i < n; i++) {
        if (!about(&walk, i, id))
            continue;
        look(&walk, &walk.entries.items[i].event);
        for (size_t k = 0; k < ASIDE && shorts < n; k++, looked++)
            look(&walk, &walk.entries.items[shorts++].event);
    }
    assert_true(looked > TRAIL_RECORDS);
    assert_true(task_trail_steps(walk.trail) <= HISTORY + looked);
    walk_end(&walk);
}

static void what_an_erasure_hides_is_hidden_in_a_walk_too(void **state)
{
    struct world *world = *state;
    struct walk walk;
    history(world);
    struct task task = world_get(world, WOR, 1);
    world_erase(world, task.last_seq - 100);
    world_erase(world, task.last_seq - 50);
    for (int i = 1; i < 20; i++)
        change(world, i);
    walk_begin(&walk, world);
    for (size_t i = 0; i < walk.entries.n; i++)
        if (about(&walk, i, task.id))
            look(&walk, &walk.entries.items[i].event);
    walk_end(&walk);
}

/* ---- how it is read ---- */

static const struct db_engine *engine;
static size_t queries;

static enum err counted_run(struct db *db, struct op *op, const char *sql, struct db_args args,
                            struct db_rows *ret_rows)
{
    queries++;
    return engine->run(db, op, sql, args, ret_rows);
}

static void the_way_back_to_an_event_is_one_query_and_a_damaged_one_is_not_a_short_one(void **state)
{
    struct world *world = *state;
    struct walk walk;
    struct task then;
    int64_t erased;
    history(world);
    struct task now = world_get(world, WOR, 1);
    walk_begin(&walk, world);
    struct db_engine counting = *walk.db->engine;
    engine = walk.db->engine;
    counting.run = counted_run;
    walk.db->engine = &counting;
    int64_t first = walk.entries.items[0].event.seq;
    for (size_t i = 0; walk.entries.items[i].event.task_id != now.id; i++)
        first = walk.entries.items[i + 1].event.seq;
    assert_int_equal(
        core_task_at(walk.db, &walk.op, world->directory, 1, &now, first, &then, &erased), ERR_OK);
    assert_int_equal(then.last_seq, first);
    assert_true(queries < 10);
    queries = 0;
    assert_int_equal(
        core_task_at(walk.db, &walk.op, world->directory, 1, &now, first - 1, &then, &erased),
        ERR_NOT_FOUND);
    assert_int_equal(queries, 1);
    walk.db->engine = engine;
    walk_end(&walk);

    world_query(world,
                "DELETE FROM event WHERE place = (SELECT MAX(place) FROM event"
                " WHERE task_id = $1 AND place < (SELECT MAX(place) FROM event WHERE"
                " task_id = $1))",
                DB_ARGS(db_i64(now.id)));
    walk_begin(&walk, world);
    assert_int_equal(
        core_task_at(walk.db, &walk.op, world->directory, 1, &now, first, &then, &erased),
        ERR_CORRUPT);
    walk_end(&walk);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_walk_says_what_the_history_says_and_looks_at_each_event_once),
        TEST(a_walk_that_skips_events_looks_at_them_on_its_way),
        TEST(walks_from_several_places_do_not_disturb_each_other),
        TEST(records_with_short_histories_do_not_drive_out_a_long_one),
        TEST(what_an_erasure_hides_is_hidden_in_a_walk_too),
        TEST(the_way_back_to_an_event_is_one_query_and_a_damaged_one_is_not_a_short_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
