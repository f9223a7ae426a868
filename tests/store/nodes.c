/*
 * Two nodes on one database, step by step: what one of them does while a transaction of the other one is
 * open. On PostgreSQL alone: on SQLite a folder has one server.
 */
#include "query.h"

#include "base/clock.h"
#include "base/id.h"
#include "core/attachment.h"
#include "core/erasure.h"
#include "core/meeting.h"
#include "core/notification.h"
#include "core/preference.h"
#include "core/rule.h"
#include "core/view.h"
#include "store/attachment.h"
#include "store/event.h"
#include "store/meeting.h"
#include "store/notification.h"
#include "store/preference.h"
#include "store/rule.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define HOUR INT64_C(3600000)

/* ---- two at once ---- */

static struct world *here;

struct own {
    enum err (*run)(struct op *op);
    enum err err;
    atomic_bool done;
};

static void *own_run(void *arg)
{
    struct own *own = arg;
    struct arena arena;
    struct op op = {.arena = &arena, .now = clock_now()};
    arena_init(&arena, 1 << 24);
    own->err = own->run(&op);
    arena_finish(&arena);
    own->done = true;
    return NULL;
}

/* The other node has done `first`, does `then` once this one waits for it or has ended, and commits. Answers what
 * became of `run` on this node. */
static enum err against(enum err (*first)(struct db *db, struct op *op),
                        enum err (*then)(struct db *db, struct op *op),
                        enum err (*run)(struct op *op))
{
    struct op *op = &here->op;
    struct own own = {.run = run};
    struct db *other;
    pthread_t thread;
    op->now = clock_now();
    assert_int_equal(db_open(here->database.url, op, &other), ERR_OK);
    assert_int_equal(db_begin(other, op), ERR_OK);
    assert_int_equal(first(other, op), ERR_OK);
    assert_false(holds_up_somebody(other, &here->op));
    assert_int_equal(pthread_create(&thread, NULL, own_run, &own), 0);
    while (!own.done && !holds_up_somebody(other, &here->op))
        usleep(1000);
    enum err err = then == NULL ? ERR_OK : then(other, op);
    if (err == ERR_OK)
        err = db_commit(other, op);
    db_close(other);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(err, ERR_OK);
    return own.err;
}

static int64_t number(const char *sql)
{
    struct db_rows rows = world_query(here, sql, DB_NO_ARGS);
    return db_get_i64(&rows, 0, 0);
}

/* ---- attachments ---- */

enum { CONTENT = 1000 };

static int64_t begun;

static enum err content_add(struct change *change, struct batch *batch)
{
    static const struct sha256 sha256;
    struct db *db = batch_db(batch);
    batch_writes(batch, change);
    enum err err = store_content_add(db, change->op, CONTENT, 4, &sha256, begun);
    return err == ERR_OK ? store_chunk_add(db, change->op, CONTENT, 0, STR("data")) : err;
}

/* By a clock for which the content is not due. */
static enum err content_keep(struct db *db, struct op *op)
{
    op->now = begun - HOUR;
    return store_content_keep(db, op, CONTENT);
}

static enum err contents_drop(struct op *op)
{
    bool more;
    return core_contents_drop(here->core, op, &more);
}

static void bytes_that_another_node_keeps_are_not_dropped(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    begun = clock_now();
    assert_int_equal(world_change(here, content_add), ERR_OK);
    assert_int_equal(against(content_keep, NULL, contents_drop), ERR_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM content_chunk"), 1);
}

/* ---- working days ---- */

static struct workdays workdays_of(int64_t remind_at)
{
    struct workdays workdays = workdays_default(world_workspace(here, 0)->id);
    workdays.remind_at = remind_at;
    workdays.version = 1;
    return workdays;
}

static enum err workdays_put(struct db *db, struct op *op)
{
    const struct workdays workdays = workdays_of(7 * 60);
    return store_workdays_put(db, op, &workdays);
}

static enum err workdays_save(struct op *op)
{
    const struct workdays before = workdays_default(world_workspace(here, 0)->id);
    struct workdays_save save = {.op = op,
                                 .directory = here->directory,
                                 .workspace = world_workspace(here, 0),
                                 .before = &before,
                                 .workdays = workdays_of(9 * 60),
                                 .actor_id = 21};
    return core_workdays_save(here->core, &save);
}

static void working_days_that_another_node_has_changed_are_not_overwritten(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    assert_int_equal(against(workdays_put, NULL, workdays_save), ERR_OUTDATED);
    assert_int_equal(number("SELECT remind_at FROM workdays"), 7 * 60);
}

/* ---- what a person sets ---- */

static struct str list_items[] = {STR_INIT("one"), STR_INIT("two")};

static enum err pins_put(struct db *db, struct op *op)
{
    const struct preference sent = {.pins = {list_items, 2}};
    struct preference now;
    return store_preference_merge(db, op, 21, &sent, &now);
}

static enum err seen_save(struct op *op)
{
    struct preference_save save = {.op = op, .account_id = 21, .sent.seen = {list_items, 1}};
    return preference_save(here->core, &save);
}

static void a_preference_that_another_node_has_set_stays(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    assert_int_equal(against(pins_put, NULL, seen_save), ERR_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM preference"
                            " WHERE pins = '[\"one\",\"two\"]' AND seen = '[\"one\"]'"),
                     1);
}

static enum err settings_put(struct db *db, struct op *op)
{
    struct notify_settings settings = notify_usual;
    settings.app = 1;
    return store_notify_settings_put(db, op, 21, &settings);
}

static enum err settings_save(struct op *op)
{
    struct notify_setting setting = {
        .op = op, .account_id = 21, .before = notify_usual, .settings = notify_usual};
    setting.settings.mail = 2;
    return notify_set(here->core, &setting);
}

static void notification_settings_that_another_node_has_changed_are_not_overwritten(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    assert_int_equal(against(settings_put, NULL, settings_save), ERR_OUTDATED);
    assert_int_equal(number("SELECT app FROM notification_setting"), 1);
}

static struct view_save shown;

static enum err view_put(struct db *db, struct op *op)
{
    struct view view = shown.view;
    view.name = STR("Theirs");
    view.version++;
    return store_view_put(db, op, &view);
}

static enum err view_change(struct op *op)
{
    struct view_save save = shown;
    save.op = op;
    save.before = &shown.view;
    save.view.name = STR("Mine");
    return core_view_save(here->core, &save);
}

static void a_view_that_another_node_has_changed_is_not_overwritten(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    here->op.now = clock_now();
    shown =
        (struct view_save){.op = &here->op,
                           .directory = here->directory,
                           .view = {.account_id = 21, .name = STR("Late"), .layout = STR("list")},
                           .actor_id = 21};
    assert_int_equal(core_view_save(here->core, &shown), ERR_OK);
    assert_int_equal(against(view_put, NULL, view_change), ERR_OUTDATED);
    assert_int_equal(number("SELECT COUNT(*) FROM saved_view WHERE name = 'Theirs'"), 1);
}

/* ---- stand-ups ---- */

static struct meeting_save made;

static enum err meeting_begin(struct db *db, struct op *op)
{
    struct chain chain;
    const struct meeting_session session = {.id = id_next(),
                                            .meeting_id = made.meeting.id,
                                            .number = 1,
                                            .version = 1,
                                            .started_at = op->now,
                                            .started_by = 22,
                                            .leader_id = 22,
                                            .since = STR("{}")};
    enum err err = store_chain_take(db, op, made.meeting.domain_id, &chain);
    return err == ERR_OK ? store_meeting_session_add(db, op, &session) : err;
}

static enum err meeting_archive(struct op *op)
{
    struct meeting_save save = made;
    save.op = op;
    save.before = &made.meeting;
    save.meeting.archived_at = op->now;
    return core_meeting_save(here->core, &save);
}

static void a_meeting_that_another_node_starts_is_not_archived(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    here->op.now = clock_now();
    made = (struct meeting_save){.op = &here->op,
                                 .directory = here->directory,
                                 .meeting = {.domain_id = world_workspace(here, 0)->domain->id,
                                             .name = STR("Monday"),
                                             .archived_at = TIME_NONE},
                                 .actor_id = 21};
    assert_int_equal(core_meeting_save(here->core, &made), ERR_OK);
    assert_int_equal(against(meeting_begin, NULL, meeting_archive), ERR_CONFLICT);
    assert_int_equal(number("SELECT COUNT(*) FROM meeting WHERE archived_at IS NOT NULL"), 0);
}

/* ---- erasures ---- */

static int64_t low, high; /* domains, in the order in which nodes lock them */

static enum err low_take(struct db *db, struct op *op)
{
    struct chain chain;
    return store_chain_take(db, op, low, &chain);
}

/* A batch takes its next domain. Whoever has that one already, and waits for this one, would wait for ever. */
static enum err high_take(struct db *db, struct op *op)
{
    struct db_rows rows;
    return db_query(db, op, "SELECT 1 FROM chain WHERE domain_id = $1 FOR UPDATE NOWAIT",
                    DB_ARGS(db_i64(high)), &rows);
}

static enum err erase_all(struct op *op)
{
    struct db *db;
    int64_t wait_ms = 0;
    enum err err = core_open_reader(here->core, op, &db);
    if (err != ERR_OK)
        return err;
    while (err == ERR_OK && wait_ms == 0)
        err = erasure_step(here->core, db, op, &wait_ms);
    db_close(db);
    return err;
}

static void an_erasure_locks_domains_in_the_order_of_all_nodes(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    world_reopen(here); /* so that history knows whom there is */
    low = world_workspace(here, 0)->domain->id;
    high = world_workspace(here, WORLD_WORKSPACES - 1)->domain->id;
    assert_true(low < high);
    /* Its chain is made first, so its events are the first to be found. */
    assert_int_equal(world_send(here, world_create(here, WORLD_WORKSPACES - 1, "A", NULL)), ERR_OK);
    assert_int_equal(world_send(here, world_create(here, 0, "B", NULL)), ERR_OK);
    struct person_save save = {.op = &here->op, .directory = here->directory};
    save.before = directory_account_by_id(here->directory, 21);
    assert_int_equal(erasure_prepare(&save), ERR_OK);
    assert_int_equal(person_save(here->core, &save), ERR_OK);
    assert_int_equal(against(low_take, high_take, erase_all), ERR_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM event WHERE action = 'task.erased'"), 2);
}

/* ---- limits ---- */

static struct rule rule_of(int64_t place)
{
    return (struct rule){.id = id_next(),
                         .workspace_id = world_workspace(here, 0)->id,
                         .kind = RULE_EXPIRE,
                         .place = place,
                         .name = STR("Late"),
                         .active_at = TIME_NONE,
                         .author_id = 21,
                         .version = 1,
                         .created_at = 1,
                         .updated_at = 1,
                         .ended_at = TIME_NONE};
}

static enum err rules_fill(struct db *db, struct op *op)
{
    struct chain chain;
    enum err err = store_chain_take(db, op, 0, &chain);
    for (int64_t i = 2; i <= RULES_MAX && err == ERR_OK; i++) {
        const struct rule rule = rule_of(i);
        err = store_rule_add(db, op, &rule);
    }
    return err;
}

static enum err rule_add(struct op *op)
{
    struct rule_save save = {.op = op,
                             .directory = here->directory,
                             .workspace = world_workspace(here, 0),
                             .rule = rule_of(0),
                             .actor_id = 21};
    return core_rule_save(here->core, &save);
}

static void rules_that_another_node_adds_count(void **state)
{
    here = *state;
    if (!database_on_postgres())
        skip();
    here->op.now = clock_now();
    assert_int_equal(rule_add(&here->op), ERR_OK); /* the chain of administration is there */
    assert_int_equal(against(rules_fill, NULL, rule_add), ERR_CONFLICT);
    assert_int_equal(number("SELECT COUNT(*) FROM rule"), RULES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_that_another_node_keeps_are_not_dropped),
        TEST(working_days_that_another_node_has_changed_are_not_overwritten),
        TEST(a_preference_that_another_node_has_set_stays),
        TEST(notification_settings_that_another_node_has_changed_are_not_overwritten),
        TEST(a_view_that_another_node_has_changed_is_not_overwritten),
        TEST(a_meeting_that_another_node_starts_is_not_archived),
        TEST(an_erasure_locks_domains_in_the_order_of_all_nodes),
        TEST(rules_that_another_node_adds_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
