/* The same key sent twice makes one record and gets one answer. */
#include "world.h"

#include "base/clock.h"
#include "base/random.h"
#include "core/expiry.h"

#include <stdio.h>

static void assert_same_answer(const struct answer *a, const struct answer *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->header_count, b->header_count);
    for (size_t i = 0; i < a->header_count; i++) {
        assert_true(str_eq(a->headers[i].name, b->headers[i].name));
        assert_true(str_eq(a->headers[i].value, b->headers[i].value));
    }
    assert_true(str_eq(a->body, b->body));
}

/* Sends the same again and expects the first one's answer. */
static void assert_replayed(struct world *world, const struct task_create *first, const char *title,
                            const char *key)
{
    struct task_create *again = world_create(world, 0, title, key);
    assert_int_equal(world_send(world, again), ERR_OK);
    assert_true(again->replayed);
    assert_same_answer(&again->answer, &first->answer);
}

static void a_replay_gets_the_first_answer(void **state)
{
    struct world *world = *state;
    struct task_create *first = world_create(world, 0, "One", "k");
    assert_int_equal(world_send(world, first), ERR_OK);
    assert_false(first->replayed);
    assert_int_equal(first->answer.status, 201);
    assert_replayed(world, first, "One", "k");
    world_reopen(world);
    assert_replayed(world, first, "One", "k");
    struct task_create *other = world_create(world, 0, "Two", "k2");
    assert_int_equal(world_send(world, other), ERR_OK);
    assert_false(other->replayed);
    assert_int_equal(other->task.number, 2);
}

static void replays_in_one_batch_make_one_record(void **state)
{
    struct world *world = *state;
    struct task_create *creates[40];
    for (size_t i = 0; i < 40; i++)
        creates[i] = world_create(world, 0, "One", i % 2 ? "odd" : "even");
    world_send_together(world, creates, 40);
    size_t made[2] = {0};
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(creates[i]->change.err, ERR_OK);
        made[i % 2] += !creates[i]->replayed;
        assert_same_answer(&creates[i]->answer, &creates[i % 2]->answer);
    }
    assert_int_equal(made[0], 1);
    assert_int_equal(made[1], 1);
    struct task_create *next = world_create(world, 0, "Next", NULL);
    assert_int_equal(world_send(world, next), ERR_OK);
    assert_int_equal(next->task.number, 3);
}

static void a_key_with_another_request_is_refused(void **state)
{
    struct world *world = *state;
    struct task_create *first = world_create(world, 0, "One", "k");
    struct task_create *other = world_create(world, 0, "Other", "k");
    struct task_create *both[] = {first, other};
    world_send_together(world, both, 2);
    assert_int_equal(first->change.err, ERR_OK);
    assert_int_equal(other->change.err, ERR_KEY_REUSED);
    world_reopen(world);
    other = world_create(world, 0, "Other", "k");
    assert_int_equal(world_send(world, other), ERR_KEY_REUSED);
    /* What came of the first one is known. */
    assert_true(str_eq(other->answer.body, first->answer.body));
    assert_replayed(world, first, "One", "k");
    struct task_create *next = world_create(world, 0, "Next", NULL);
    assert_int_equal(world_send(world, next), ERR_OK);
    assert_int_equal(next->task.number, 2);
}

static void keys_of_other_accounts_and_endpoints_are_other_keys(void **state)
{
    struct world *world = *state;
    struct task_create *first = world_create(world, 0, "One", "k");
    struct task_create *account = world_create(world, 0, "One", "k");
    struct task_create *endpoint = world_create(world, 0, "One", "k");
    account->key.account_id = 22;
    endpoint->key.endpoint = STR("add-tasks");
    struct task_create *all[] = {first, account, endpoint};
    world_send_together(world, all, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(all[i]->change.err, ERR_OK);
        assert_false(all[i]->replayed);
    }
}

static void a_refused_request_binds_no_key(void **state)
{
    struct world *world = *state;
    struct directory outdated = *world->directory;
    outdated.version++;
    struct task_create *create = world_create(world, 0, "One", "k");
    create->directory = &outdated;
    assert_int_equal(world_send(world, create), ERR_OUTDATED);
    struct task_create *mended = world_create(world, 0, "Two", "k");
    assert_int_equal(world_send(world, mended), ERR_OK);
    assert_false(mended->replayed);
}

/* ---- many keys, in the generations that a shared database has none of ---- */

static struct idempotency_key numbered_key(struct arena *arena, int64_t number)
{
    return (struct idempotency_key){
        .account_id = 21,
        .endpoint = STR("add-task"),
        .key = arena_printf(arena, "number %lld", (long long)number),
        .request = sha256(STR("One")),
    };
}

static int64_t first_key, last_key;

/* Binds keys as creates would, without records. */
static enum err bind_many(struct change *change, struct batch *batch)
{
    struct op *op = change->op;
    batch_writes(batch, change);
    enum err err = ERR_OK;
    for (int64_t i = first_key; err == ERR_OK && i < last_key; i++) {
        struct arena_mark mark = arena_mark(op->arena);
        struct idempotency_key key = numbered_key(op->arena, i);
        struct answer answer = {.status = 201, .body = key.key};
        bool found;
        err = idempotency_find(batch, op, &key, &found, &answer);
        assert_false(found);
        if (err == ERR_OK)
            err = idempotency_bind(batch, op, &key, &answer);
        arena_rewind(op->arena, mark);
    }
    return err;
}

static enum err bind_many_and_fail(struct change *change, struct batch *batch)
{
    enum err err = bind_many(change, batch);
    return err == ERR_OK ? ERR_CONFLICT : err;
}

/* Every key from first_key to last_key has its own answer. */
static enum err find_many(struct change *change, struct batch *batch)
{
    for (int64_t i = first_key; i < last_key; i++) {
        struct arena_mark mark = arena_mark(change->op->arena);
        struct idempotency_key key = numbered_key(change->op->arena, i);
        struct answer answer = {0};
        bool found = false;
        assert_int_equal(idempotency_find(batch, change->op, &key, &found, &answer), ERR_OK);
        assert_true(found);
        assert_true(str_eq(answer.body, key.key));
        arena_rewind(change->op->arena, mark);
    }
    return ERR_OK;
}

static enum err find_none(struct change *change, struct batch *batch)
{
    for (int64_t i = first_key; i < last_key; i++) {
        struct arena_mark mark = arena_mark(change->op->arena);
        struct idempotency_key key = numbered_key(change->op->arena, i);
        struct answer answer;
        bool found = true;
        assert_int_equal(idempotency_find(batch, change->op, &key, &found, &answer), ERR_OK);
        assert_false(found);
        arena_rewind(change->op->arena, mark);
    }
    return ERR_OK;
}

static void do_many(struct world *world, enum err (*apply)(struct change *, struct batch *),
                    int64_t first, int64_t last, enum err expected)
{
    first_key = first;
    last_key = last;
    assert_int_equal(world_change(world, apply), expected);
}

static void keys_are_found_over_closed_generations_and_restarts(void **state)
{
    struct world *world = *state;
    if (database_on_postgres())
        skip();
    struct task_create *first = world_create(world, 0, "One", "k");
    assert_int_equal(world_send(world, first), ERR_OK);
    for (int64_t i = 0; i < 70000; i += 10000)
        do_many(world, bind_many, i, i + 10000, ERR_OK);
    for (int round = 0; round < 2; round++) {
        do_many(world, find_many, 0, 70000, ERR_OK);
        do_many(world, find_none, 70000, 90000, ERR_OK);
        assert_replayed(world, first, "One", "k");
        struct task_create *other = world_create(world, 0, "Other", "k");
        assert_int_equal(world_send(world, other), ERR_KEY_REUSED);
        world_reopen(world);
    }
}

static void answers_copied_from_an_engine_without_generations_are_found(void **state)
{
    struct world *world = *state;
    if (database_on_postgres())
        skip();
    for (int64_t i = 0; i < 70000; i += 10000)
        do_many(world, bind_many, i, i + 10000, ERR_OK);
    world_close(world);
    world_sql(world, "DELETE FROM answer_generation; DELETE FROM answer_bucket");
    for (int round = 0; round < 2; round++) {
        world_reopen(world);
        do_many(world, find_many, 0, 70000, ERR_OK);
        do_many(world, find_none, 70000, 71000, ERR_OK);
    }
    do_many(world, bind_many, 70000, 71000, ERR_OK);
    world_close(world);
    world_sql(world, "DELETE FROM answer_generation; DELETE FROM answer_bucket");
    world_reopen(world);
    do_many(world, bind_many_and_fail, 71000, 72000, ERR_CONFLICT); /* with what it closed */
    do_many(world, find_many, 0, 71000, ERR_OK);
}

static void keys_of_a_batch_that_was_rolled_back_are_free_again(void **state)
{
    struct world *world = *state;
    if (database_on_postgres())
        skip();
    do_many(world, bind_many, 0, 30000, ERR_OK);
    do_many(world, bind_many_and_fail, 30000, 40000, ERR_CONFLICT); /* closes a generation */
    do_many(world, find_none, 30000, 40000, ERR_OK);
    do_many(world, find_many, 0, 30000, ERR_OK);
    do_many(world, bind_many, 30000, 40000, ERR_OK);
    do_many(world, bind_many_and_fail, 40000, 41000, ERR_CONFLICT);
    do_many(world, bind_many, 40000, 41000, ERR_OK);
    world_reopen(world);
    do_many(world, find_many, 0, 41000, ERR_OK);
}

/* ---- keeping and forgetting ---- */

static void drop_keys(struct world *world)
{
    bool more = true;
    while (more)
        assert_int_equal(core_keys_drop(world->core, &world->op, &more), ERR_OK);
}

static int64_t left;

static enum err count_left(struct change *change, struct batch *batch)
{
    struct db_rows rows;
    enum err err = db_query(batch_db(batch), change->op,
                            "SELECT (SELECT COUNT(*) FROM answer), (SELECT COUNT(*) FROM"
                            " answer_bucket)",
                            DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        left = db_get_i64(&rows, 0, 0) + db_get_i64(&rows, 0, 1);
    return err;
}

static void keys_are_kept_for_thirty_days_and_then_dropped(void **state)
{
    struct world *world = *state;
    if (database_on_postgres())
        skip();
    int64_t start = clock_now();
    clock_set(start);
    do_many(world, bind_many, 0, 40000, ERR_OK);
    clock_set(start + IDEMPOTENCY_KEPT - 1000);
    drop_keys(world);
    do_many(world, find_many, 0, 40000, ERR_OK);

    clock_set(start + IDEMPOTENCY_KEPT + 60000);
    do_many(world, find_none, 40000, 40001, ERR_OK);
    assert_int_equal(world_change(world, count_left), ERR_OK);
    drop_keys(world);
    assert_int_equal(world_change(world, count_left), ERR_OK);
    assert_int_equal(left, 40000 - 32768);
    do_many(world, find_none, 0, 32768, ERR_OK);
    do_many(world, find_many, 32768, 40000, ERR_OK); /* of the generation still open */
    do_many(world, bind_many, 0, 10, ERR_OK);
    world_reopen(world);
    do_many(world, find_many, 0, 10, ERR_OK);
    do_many(world, find_many, 32768, 40000, ERR_OK);
}

static void a_key_in_a_shared_database_is_kept_as_long(void **state)
{
    struct world *world = *state;
    if (!database_on_postgres())
        skip();
    int64_t start = clock_now();
    clock_set(start);
    struct task_create *first = world_create(world, 0, "One", "k");
    assert_int_equal(world_send(world, first), ERR_OK);
    clock_set(start + IDEMPOTENCY_KEPT - 1000);
    drop_keys(world);
    assert_replayed(world, first, "One", "k");

    clock_set(start + IDEMPOTENCY_KEPT + 60000);
    drop_keys(world);
    assert_int_equal(world_change(world, count_left), ERR_OK);
    assert_int_equal(left, 0);
    struct task_create *other = world_create(world, 0, "Other", "k");
    assert_int_equal(world_send(world, other), ERR_OK);
    assert_false(other->replayed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_replay_gets_the_first_answer),
        TEST(replays_in_one_batch_make_one_record),
        TEST(a_key_with_another_request_is_refused),
        TEST(keys_of_other_accounts_and_endpoints_are_other_keys),
        TEST(a_refused_request_binds_no_key),
        TEST(keys_are_found_over_closed_generations_and_restarts),
        TEST(answers_copied_from_an_engine_without_generations_are_found),
        TEST(keys_of_a_batch_that_was_rolled_back_are_free_again),
        TEST(keys_are_kept_for_thirty_days_and_then_dropped),
        TEST(a_key_in_a_shared_database_is_kept_as_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
