/*
 * Webhooks in memory, where there are many of them and many domains: each costs what it listens to, and not
 * what there is.
 */
#include "query.h"

#include "base/clock.h"
#include "base/id.h"
#include "core/task_change.h"
#include "core/webhook.h"
#include "form/form.h"
#include "hook/outcome.h"
#include "hook/subscriber.h"
#include "model/date.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { WOR, DOMAINS = 1000, WEBHOOKS = 300, ROOMY = 64 * 1024 * 1024 };

static const struct seal_key key = {{7}};

/* A domain "ROOT" with as many below it as there are, each with a chain; and EXA-CON-BUS with its own. */
static int webhook_setup(void **state)
{
    world_setup(state);
    struct world *world = *state;
    world_close(world);
    world_sql(world,
              "INSERT INTO domain (id, key, created_at) VALUES (100, 'ROOT', 0);"
              "INSERT INTO domain (id, key, created_at)"
              " WITH RECURSIVE one (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < 1000)"
              " SELECT 1000 + i, 'ROOT-D' || i, 0 FROM one;"
              "INSERT INTO chain (ordinal, domain_id, seq, at, hash)"
              " SELECT 1000 + id, id, 5, 0, hash FROM domain JOIN"
              " (SELECT sum AS hash FROM schema_migration WHERE number = 1) h ON id > 1000;");
    world_reopen(world);
    assert_int_equal(world_send(world, world_create(world, WOR, "Claim", NULL)), ERR_OK);
    return 0;
}

static int64_t webhook_make(struct world *world, const char *domain)
{
    struct arena_mark mark = arena_mark(world->op.arena);
    struct webhook_save save = {
        .op = &world->op,
        .directory = world->directory,
        .actor_id = 21,
        .webhook = {.domain_id = directory_domain(world->directory, str_of(domain))->id,
                    .owner_id = 21,
                    .url = STR("https://hooks.example.com/"),
                    .paused_at = TIME_NONE,
                    .old_secret_until = TIME_NONE,
                    .succeeded_at = TIME_NONE,
                    .failing_since = TIME_NONE}};
    struct str text;
    world->op.now = clock_now();
    assert_int_equal(webhook_secret_make(&world->op, &key, TIME_NONE, &save.webhook, &text),
                     ERR_OK);
    assert_int_equal(core_webhook_save(world->core, &save), ERR_OK);
    arena_rewind(world->op.arena, mark);
    return save.webhook.id;
}

static int64_t places(struct world *world, int64_t id)
{
    struct db_rows rows = world_query(
        world, "SELECT COUNT(*) FROM webhook_position WHERE webhook_id = $1", DB_ARGS(db_i64(id)));
    return db_get_i64(&rows, 0, 0);
}

static void a_webhook_has_places_in_the_chains_that_it_listens_to_alone(void **state)
{
    struct world *world = *state;
    assert_int_equal(places(world, webhook_make(world, "EXA-CON-BUS")), 1);
    assert_int_equal(places(world, webhook_make(world, "ROOT-D7")), 1);
    assert_int_equal(places(world, webhook_make(world, "ROOT")), DOMAINS + 1);
}

/* By a connection of its own, as the one who delivers. */
static struct db *begin(struct world *world)
{
    struct db *db;
    assert_int_equal(core_open_reader(world->core, &world->op, &db), ERR_OK);
    assert_int_equal(db_begin_read(db, &world->op), ERR_OK);
    return db;
}

static void many_that_listen_to_little_take_little(void **state)
{
    struct world *world = *state;
    struct subscribers all;
    for (int i = 0; i < WEBHOOKS; i++)
        webhook_make(world, i % 2 == 0 ? "EXA-CON-BUS" : "ROOT-D7");
    struct db *db = begin(world);
    subscribers_init(&all, ROOMY);
    assert_int_equal(subscribers_read(&all, db, &world->op, world->directory, &key, 1), ERR_OK);
    assert_int_equal(all.n, WEBHOOKS);
    assert_int_equal(all.opened, WEBHOOKS);
    if (all.arena.total > (size_t)WEBHOOKS * 16 * 1024)
        fail_msg("%zu bytes of each", all.arena.total / WEBHOOKS);
    assert_true(all.chains.total < 256 * 1024);
    subscribers_finish(&all);
    db_rollback(db);
    db_close(db);
}

static void an_event_goes_to_those_who_listen_to_its_chain(void **state)
{
    struct world *world = *state;
    struct subscribers all;
    struct task_trail *trail;
    struct taking taking;
    int64_t near = webhook_make(world, "EXA-CON-BUS");
    webhook_make(world, "ROOT");
    webhook_make(world, "ACME");
    assert_int_equal(world_send(world, world_create(world, WOR, "Sent", NULL)), ERR_OK);
    struct db *db = begin(world);
    struct message_source source = {
        .db = db, .directory = world->directory, .public_url = STR("https://bzctrl.example.com")};
    assert_int_equal(task_trail_create(&trail), ERR_OK);
    source.trail = trail;
    subscribers_init(&all, ROOMY);
    assert_int_equal(subscribers_read(&all, db, &world->op, world->directory, &key, 1), ERR_OK);
    assert_int_equal(task_trail_view(trail, db, &world->op, world->directory), ERR_OK);
    assert_int_equal(subscribers_take(&all, &source, &world->op, &taking), ERR_OK);
    assert_int_equal(taking.added_count, 1);
    assert_int_equal(taking.added[0].webhook_id, near);
    subscribers_finish(&all);
    task_trail_destroy(trail);
    db_rollback(db);
    db_close(db);
}

static void rename_record(struct world *world, int i)
{
    struct arena_mark mark = arena_mark(world->op.arena);
    struct task before = world_get(world, WOR, 1);
    struct task_change change = {.op = &world->op,
                                 .directory = world->directory,
                                 .form = &form_default,
                                 .before = &before,
                                 .after = before,
                                 .actor_id = 21};
    change.after.title = arena_printf(world->op.arena, "Title %d", i);
    world->op.now = clock_now();
    assert_int_equal(core_task_change(world->core, &change), ERR_OK);
    arena_rewind(world->op.arena, mark);
}

/* As if each delivery were sent at once. */
static void one_that_lags_on_a_long_history_looks_at_each_event_once(void **state)
{
    enum { TITLES = 300 };
    struct world *world = *state;
    struct subscribers all;
    struct task_trail *trail;
    size_t taken = 0;
    webhook_make(world, "EXA-CON-BUS");
    for (int i = 0; i < TITLES; i++)
        rename_record(world, i);
    struct db *db = begin(world);
    struct message_source source = {
        .db = db, .directory = world->directory, .public_url = STR("https://bzctrl.example.com")};
    assert_int_equal(task_trail_create(&trail), ERR_OK);
    source.trail = trail;
    subscribers_init(&all, ROOMY);
    assert_int_equal(subscribers_read(&all, db, &world->op, world->directory, &key, 1), ERR_OK);
    for (bool more = true; more;) {
        struct arena_mark mark = arena_mark(world->op.arena);
        struct taking taking;
        assert_int_equal(task_trail_view(trail, db, &world->op, world->directory), ERR_OK);
        assert_int_equal(subscribers_take(&all, &source, &world->op, &taking), ERR_OK);
        taken += taking.added_count;
        more = taking.added_count > 0;
        arena_rewind(world->op.arena, mark);
    }
    assert_int_equal(taken, TITLES);
    assert_true(task_trail_steps(trail) <= TITLES + 1);
    subscribers_finish(&all);
    task_trail_destroy(trail);
    db_rollback(db);
    db_close(db);
}

/* More than there is room for at once, which would be the end of the transaction. */
static void large_events_are_read_a_few_at_a_time(void **state)
{
    enum { LARGE = 40, LARGE_BYTES = 1500 * 1024, ROOM = 40 * 1024 * 1024 };
    struct world *world = *state;
    struct subscribers all;
    struct task_trail *trail;
    struct arena arena;
    struct op op = {.arena = &arena, .now = clock_now()};
    size_t taken = 0;
    webhook_make(world, "EXA-CON-BUS");
    for (int i = 0; i < LARGE; i++)
        rename_record(world, i);
    char *text = arena_alloc(world->op.arena, LARGE_BYTES);
    memset(text, 'x', LARGE_BYTES);
    struct db_rows large = world_query(
        world,
        "UPDATE event SET payload = $1, action = 'test.large' WHERE action = 'task.updated'"
        " RETURNING place",
        DB_ARGS(db_text((struct str){text, LARGE_BYTES})));
    assert_int_equal(large.n, LARGE);
    assert_int_equal(world_send(world, world_create(world, WOR, "Sent", NULL)), ERR_OK);

    struct db *db = begin(world);
    struct message_source source = {
        .db = db, .directory = world->directory, .public_url = STR("https://bzctrl.example.com")};
    assert_int_equal(task_trail_create(&trail), ERR_OK);
    source.trail = trail;
    subscribers_init(&all, ROOMY);
    arena_init(&arena, ROOM);
    assert_int_equal(subscribers_read(&all, db, &op, world->directory, &key, 1), ERR_OK);
    for (bool more = true; more;) {
        struct taking taking;
        assert_int_equal(task_trail_view(trail, db, &op, world->directory), ERR_OK);
        assert_int_equal(subscribers_take(&all, &source, &op, &taking), ERR_OK);
        taken += taking.added_count;
        more = taking.more;
        arena_reset(&arena);
    }
    assert_int_equal(taken, 1);
    subscribers_finish(&all);
    task_trail_destroy(trail);
    arena_finish(&arena);
    db_rollback(db);
    db_close(db);
}

/* As an attempt ends that sent `request` and got `answer`. */
static struct str answer_kept(struct world *world, int64_t id, struct str request,
                              struct str answer)
{
    struct hook_outcome outcome = {.delivery = {.id = id,
                                                .state = DELIVERY_DONE,
                                                .attempts = 1,
                                                .sent_at = 1,
                                                .status = 200,
                                                .answer = answer},
                                   .succeeded = true,
                                   .sent = sha256(request)};
    world->op.now = clock_now();
    assert_int_equal(
        outcomes_write(world->core, &world->op, &(struct outcomes){.items = &outcome, .n = 1}),
        ERR_OK);
    struct db_rows rows =
        world_query(world, "SELECT answer FROM webhook_delivery WHERE id = $1 AND state = 1",
                    DB_ARGS(db_i64(id)));
    assert_int_equal(rows.n, 1);
    return db_get_str(&rows, 0, 0);
}

static void an_answer_does_not_bring_back_what_was_erased_while_it_was_waited_for(void **state)
{
    static const struct str sent = STR_INIT("{\"by\":\"two@example.com\"}"),
                            masked = STR_INIT("{\"by\":\"erased\"}");
    struct world *world = *state;
    int64_t id = webhook_make(world, "EXA-CON-BUS");
    for (int64_t i = 1; i <= 4; i++)
        world_query(world,
                    "INSERT INTO webhook_delivery (id, webhook_id, ordinal, seq, type, state,"
                    " attempts, due_at, request) VALUES ($1, $2, 1, 1, 'task.created', 0, 0, 0, $3)"
                    " RETURNING id",
                    DB_ARGS(db_i64(i), db_i64(id), db_text(i < 3 ? sent : masked)));
    assert_true(str_eq(answer_kept(world, 1, sent, sent), sent));
    assert_true(str_eq(answer_kept(world, 2, sent, STR("fine")), STR("fine")));
    assert_null(answer_kept(world, 3, sent, sent).p);
    assert_null(answer_kept(world, 4, sent, STR("two\\u0040example.com")).p);
}

/* ---- several nodes ---- */

static int64_t number(struct world *world, const char *sql, int64_t id)
{
    struct db_rows rows = world_query(world, sql, DB_ARGS(db_i64(id)));
    return db_get_i64(&rows, 0, 0);
}

static struct webhook webhook_now(struct world *world, int64_t id)
{
    struct webhook webhook;
    struct db *db = begin(world);
    assert_int_equal(store_webhook_get(db, &world->op, id, &webhook), ERR_OK);
    db_rollback(db);
    db_close(db);
    return webhook;
}

enum { LEASE_MS = 30000 };

static enum err lease_write(struct world *world, const char *owner, bool claims, int64_t ms)
{
    struct outcomes all = {
        .owner = str_of(owner), .claims = claims, .lease_until = ms == 0 ? 0 : clock_now() + ms};
    world->op.now = clock_now();
    return outcomes_write(world->core, &world->op, &all);
}

/* What it knows is from before the other one, who has sent more since. */
static void a_node_that_another_delivered_after_can_only_claim_again(void **state)
{
    struct world *world = *state;
    int64_t now = clock_now();
    clock_set(now);
    assert_int_equal(lease_write(world, "first", true, LEASE_MS), ERR_OK);
    assert_int_equal(lease_write(world, "other", true, LEASE_MS), ERR_BUSY);
    clock_set(now + LEASE_MS + 1);
    assert_int_equal(lease_write(world, "first", false, LEASE_MS), ERR_OK);
    clock_set(now + 3 * (int64_t)LEASE_MS);
    assert_int_equal(lease_write(world, "other", true, LEASE_MS), ERR_OK);
    assert_int_equal(lease_write(world, "other", false, 0), ERR_OK);
    assert_int_equal(lease_write(world, "first", false, LEASE_MS), ERR_BUSY);
    assert_int_equal(lease_write(world, "first", true, LEASE_MS), ERR_OK);
    clock_set(-1);
}

static void a_success_while_a_webhook_is_changed_counts(void **state)
{
    struct world *world = *state;
    int64_t id = webhook_make(world, "EXA-CON-BUS");
    world_query(world,
                "UPDATE webhook SET failing_since = 1, warned = 1 WHERE id = $1 RETURNING id",
                DB_ARGS(db_i64(id)));
    struct webhook before = webhook_now(world, id);
    struct webhook_save save = {.op = &world->op,
                                .directory = world->directory,
                                .before = &before,
                                .webhook = before,
                                .actor_id = 21};
    save.webhook.url = STR("https://other.example.com/");
    world_query(world,
                "UPDATE webhook SET failing_since = NULL, warned = 0, succeeded_at = 5"
                " WHERE id = $1 RETURNING id",
                DB_ARGS(db_i64(id)));
    assert_int_equal(core_webhook_save(world->core, &save), ERR_OK);
    struct webhook after = webhook_now(world, id);
    assert_true(str_eq(after.url, save.webhook.url));
    assert_int_equal(after.failing_since, TIME_NONE);
    assert_false(after.warned);
    assert_int_equal(after.succeeded_at, 5);
}

/* What this node remembers may be from before another one delivered, or from before people let it go on. */
static void a_webhook_that_has_got_through_since_is_neither_warned_of_nor_paused(void **state)
{
    struct world *world = *state;
    int64_t id = webhook_make(world, "EXA-CON-BUS");
    number(world, "UPDATE webhook SET failing_since = 1 WHERE id = $1 RETURNING id", id);
    struct webhook judged = webhook_now(world, id);
    number(world, "UPDATE webhook SET failing_since = NULL WHERE id = $1 RETURNING id", id);
    assert_int_equal(core_webhook_warn(world->core, &world->op, &judged), ERR_OK);
    assert_int_equal(core_webhook_pause(world->core, &world->op, &judged, WEBHOOK_FAILING), ERR_OK);
    struct webhook now = webhook_now(world, id);
    assert_false(now.warned);
    assert_int_equal(now.pause, WEBHOOK_RUNS);

    number(world, "UPDATE webhook SET failing_since = 1 WHERE id = $1 RETURNING id", id);
    assert_int_equal(core_webhook_warn(world->core, &world->op, &judged), ERR_OK);
    assert_int_equal(core_webhook_pause(world->core, &world->op, &judged, WEBHOOK_FAILING), ERR_OK);
    now = webhook_now(world, id);
    assert_true(now.warned);
    assert_int_equal(now.pause, WEBHOOK_FAILING);
}

/* By the directory in force at this node. */
static enum err orphan(struct world *world, int64_t id)
{
    const struct directory *directory = core_directory(world->core);
    struct webhook judged = webhook_now(world, id);
    enum err err = core_webhook_orphan(world->core, &world->op, directory, &judged);
    directory_release(directory);
    return err;
}

/* Another node's change of roles, or of who answers for a webhook, is in force there a moment earlier than here. */
static void a_webhook_whose_owner_manages_again_elsewhere_is_not_paused(void **state)
{
    struct world *world = *state;
    int64_t id = webhook_make(world, "EXA-CON-BUS");
    world_close(world);
    world_sql(world, "UPDATE account SET admin = 0 WHERE id = 21;");
    world_reopen(world);
    const struct directory *before = core_directory(world->core);
    number(world,
           "UPDATE directory_version SET version = version + 1 WHERE id = $1 RETURNING version", 1);
    struct webhook judged = webhook_now(world, id);
    assert_int_equal(core_webhook_orphan(world->core, &world->op, before, &judged), ERR_OUTDATED);
    directory_release(before);

    number(world, "UPDATE webhook SET owner_id = 22 WHERE id = $1 RETURNING id", id);
    assert_int_equal(orphan(world, id), ERR_OUTDATED);
    assert_int_equal(webhook_now(world, id).pause, WEBHOOK_RUNS);

    number(world, "UPDATE webhook SET owner_id = 21 WHERE id = $1 RETURNING id", id);
    enum err err;
    while ((err = orphan(world, id)) == ERR_OUTDATED)
        usleep(1000); /* until the directory of now is in force here too */
    assert_int_equal(err, ERR_OK);
    assert_int_equal(webhook_now(world, id).pause, WEBHOOK_ORPHANED);
}

/* What people do at another node. */
struct doing {
    struct world *world;
    int64_t id; /* of the webhook */
    struct webhook before;
    enum err (*run)(struct doing *doing, struct op *op);
    enum err err;
    atomic_bool done;
};

static enum err do_save(struct doing *doing, struct op *op)
{
    struct webhook_save save = {.op = op,
                                .directory = doing->world->directory,
                                .before = &doing->before,
                                .webhook = doing->before,
                                .actor_id = 21};
    return core_webhook_save(doing->world->core, &save);
}

static enum err do_again(struct doing *doing, struct op *op)
{
    size_t n;
    return core_deliveries_again(doing->world->core, op, doing->id, 0, 0, &n);
}

static enum err do_pause(struct doing *doing, struct op *op)
{
    return core_webhook_pause(doing->world->core, op, &doing->before, WEBHOOK_GONE);
}

static enum err do_drop(struct doing *doing, struct op *op)
{
    struct webhook_save save = {.op = op,
                                .directory = doing->world->directory,
                                .before = &doing->before,
                                .webhook = doing->before,
                                .drops = true,
                                .actor_id = 21};
    return core_webhook_save(doing->world->core, &save);
}

static void *doing_run(void *arg)
{
    struct doing *doing = arg;
    struct arena arena;
    struct op op = {.arena = &arena, .now = clock_now()};
    arena_init(&arena, 1 << 20);
    doing->err = doing->run(doing, &op);
    arena_finish(&arena);
    doing->done = true;
    return NULL;
}

static size_t locked(struct db *db, struct op *op, const char *sql, int64_t id)
{
    struct db_rows rows;
    assert_int_equal(db_query(db, op, sql, DB_ARGS(db_i64(id)), &rows), ERR_OK);
    return rows.n;
}

/* One who holds a webhook or a delivery while it waits for the one who delivers would be waited for by that
 * one. */
static void who_waits_for_the_one_who_delivers_holds_nothing_of_it(void **state)
{
    static enum err (*const runs[])(struct doing *, struct op *) = {do_save, do_again, do_pause,
                                                                    do_drop};
    struct world *world = *state;
    struct op *op = &world->op;
    struct db *other;
    if (!database_on_postgres())
        skip(); /* there a folder has one server */
    assert_int_equal(db_open(world->database.url, op, &other), ERR_OK);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        struct doing doing = {
            .world = world, .id = webhook_make(world, "EXA-CON-BUS"), .run = runs[i]};
        pthread_t thread;
        doing.before = webhook_now(world, doing.id);
        number(
            world,
            "INSERT INTO webhook_delivery (id, webhook_id, ordinal, seq, type, state, attempts,"
            " due_at, request) VALUES ($1, $1, 1, 1, 'task.created', 1, 1, 0, '{}') RETURNING id",
            doing.id);
        assert_int_equal(db_begin(other, op), ERR_OK);
        locked(other, op, "SELECT id FROM webhook_control WHERE id = $1 FOR UPDATE", 1);
        assert_int_equal(pthread_create(&thread, NULL, doing_run, &doing), 0);
        while (!doing.done && !holds_up_somebody(other, op))
            usleep(1000);
        assert_false(doing.done);
        assert_int_equal(locked(other, op,
                                "SELECT id FROM webhook_delivery WHERE webhook_id = $1"
                                " FOR UPDATE NOWAIT",
                                doing.id),
                         1);
        assert_int_equal(
            locked(other, op, "SELECT id FROM webhook WHERE id = $1 FOR UPDATE NOWAIT", doing.id),
            1);
        assert_int_equal(db_commit(other, op), ERR_OK);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(doing.err, ERR_OK);
    }
    db_close(other);
}

/* Ids are in the order of deliveries, whatever the clock of the node that delivered before. */
static void deliveries_come_after_those_of_a_node_whose_clock_is_ahead(void **state)
{
    struct world *world = *state;
    struct subscribers all;
    int64_t ahead = id_at(clock_now() + 60000);
    webhook_make(world, "EXA-CON-BUS");
    number(world,
           "INSERT INTO webhook_delivery (id, webhook_id, ordinal, seq, type, state, attempts,"
           " due_at, request) VALUES ($1, 1, 1, 1, 'task.created', 0, 0, 0, '{}') RETURNING id",
           ahead);
    struct db *db = begin(world);
    subscribers_init(&all, ROOMY);
    assert_int_equal(subscribers_read(&all, db, &world->op, world->directory, &key, 1), ERR_OK);
    assert_true(id_next() > ahead);
    subscribers_finish(&all);
    db_rollback(db);
    db_close(db);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, webhook_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_webhook_has_places_in_the_chains_that_it_listens_to_alone),
        TEST(many_that_listen_to_little_take_little),
        TEST(an_event_goes_to_those_who_listen_to_its_chain),
        TEST(one_that_lags_on_a_long_history_looks_at_each_event_once),
        TEST(an_answer_does_not_bring_back_what_was_erased_while_it_was_waited_for),
        TEST(large_events_are_read_a_few_at_a_time),
        TEST(a_node_that_another_delivered_after_can_only_claim_again),
        TEST(a_success_while_a_webhook_is_changed_counts),
        TEST(a_webhook_that_has_got_through_since_is_neither_warned_of_nor_paused),
        TEST(a_webhook_whose_owner_manages_again_elsewhere_is_not_paused),
        TEST(who_waits_for_the_one_who_delivers_holds_nothing_of_it),
        TEST(deliveries_come_after_those_of_a_node_whose_clock_is_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
