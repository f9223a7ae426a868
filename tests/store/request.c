/*
 * The log of requests in the store: gathered, written after the answers, listed, and kept for a
 * time only.
 */
#include "query.h"

#include "base/clock.h"
#include "base/id.h"
#include "core/expiry.h"
#include "core/request.h"
#include "core/request_log.h"
#include "core/request_ring.h"
#include "jobs/runner.h"
#include "store/request.h"

#include <stdio.h>
#include <unistd.h>

#define DAY INT64_C(86400000)

/* ---- short words ---- */

static int64_t number(struct world *world, const char *sql)
{
    struct db_rows rows = world_query(world, sql, DB_NO_ARGS);
    return db_get_i64(&rows, 0, 0);
}

static int64_t stored(struct world *world)
{
    return number(world, "SELECT COUNT(*) FROM request");
}

static struct logged_request sample(int64_t account_id, int64_t at)
{
    return (struct logged_request){.account_id = account_id,
                                   .at = at,
                                   .status = 201,
                                   .method = STR("POST"),
                                   .path = STR("/bzctrl-core-api/api/v1/task/add-task")};
}

/* What put_apply() is to write. */
static struct {
    int64_t account_id, workspace_id;
    int status, n;
} put_what;

static enum err put_apply(struct change *change, struct batch *batch)
{
    enum err err = ERR_OK;
    batch_writes(batch, change);
    for (int i = 0; i < put_what.n && err == ERR_OK; i++) {
        struct logged_request request = sample(put_what.account_id, clock_now());
        request.id = id_next();
        request.status = put_what.status;
        request.workspace_id = put_what.workspace_id;
        request.duration_ms = i;
        err = store_request_add(batch_db(batch), change->op, &request);
    }
    return err;
}

static void put(struct world *world, int64_t account_id, int64_t workspace_id, int status, int n)
{
    put_what.account_id = account_id;
    put_what.workspace_id = workspace_id;
    put_what.status = status;
    put_what.n = n;
    assert_int_equal(world_change(world, put_apply), ERR_OK);
}

struct list {
    struct core_read read;
    struct request_list_request request;
    struct request_page page;
};

static enum err list_run(struct core_read *read, struct db *db)
{
    struct list *list = (struct list *)(void *)read;
    return core_request_list(db, read->op, &list->request, &list->page);
}

static struct request_page list(struct world *world, struct request_list_request request)
{
    struct list list = {.request = request};
    if (list.request.status_most == 0)
        list.request.status_most = 999;
    if (list.request.limit == 0)
        list.request.limit = REQUEST_LIST_MAX;
    assert_int_equal(world_read(world, list_run, &list.read), ERR_OK);
    return list.page;
}

static struct request_page list_all(struct world *world, int64_t account_id)
{
    return list(world, (struct request_list_request){.account_id = account_id, .all = true});
}

static void drop_all(struct world *world)
{
    int64_t account_id = 0;
    bool more = true;
    for (int i = 0; more; i++) {
        assert_true(i < 100);
        assert_int_equal(core_requests_drop(world->core, &world->op, &account_id, &more), ERR_OK);
    }
}

/* ---- writing ---- */

static void deliver_all(struct world *world)
{
    core_flush(world->core);
    while (mailbox_deliver(world->mailbox) > 0)
        core_flush(world->core);
}

static void what_was_logged_is_written_whole(void **state)
{
    struct world *world = *state;
    struct request_log *log;
    struct logged_request request = sample(21, 1700000000123);
    request.workspace_id = 11;
    request.duration_ms = 7;
    request.status = 422;
    request.dry_run = true;
    request.form = STR("default");
    request.idempotency_key = STR("gate-4711");
    request.problem = STR("{\"detail\":\"no\"}");
    request.body = STR("{\"password\":\"hunter2\",\"title\":\"\xC3\x84\"}");
    request.body_json = true;
    assert_int_equal(request_log_create(world->core, &log), ERR_OK);
    request_log_add(log, &request);
    assert_int_equal(request_log_write(log, true), ERR_OK);
    deliver_all(world);
    struct logged_request plain = sample(21, 1700000000124);
    plain.replayed = true;
    plain.key = STR("EXA-CON-BUS-WOR-03");
    plain.body = STR("password=hunter2");
    request_log_add(log, &plain);
    assert_int_equal(request_log_write(log, true), ERR_OK);
    deliver_all(world);

    struct request_page page = list_all(world, 21);
    assert_int_equal(page.n, 2);
    assert_int_equal(page.next, 0);
    const struct logged_request *new = &page.items[0], *old = &page.items[1];
    assert_true(new->id > old->id && old->id > 0);
    assert_int_equal(old->account_id, 21);
    assert_int_equal(old->workspace_id, 11);
    assert_int_equal(old->at, 1700000000123);
    assert_int_equal(old->duration_ms, 7);
    assert_int_equal(old->status, 422);
    assert_true(old->dry_run && !old->replayed);
    assert_str(old->method, "POST");
    assert_str(old->path, "/bzctrl-core-api/api/v1/task/add-task");
    assert_str(old->form, "default");
    assert_str(old->idempotency_key, "gate-4711");
    assert_null(old->key.p);
    assert_str(old->problem, "{\"detail\":\"no\"}");
    assert_str(old->body, "{\"password\":\"***\",\"title\":\"\xC3\x84\"}");
    assert_int_equal(new->workspace_id, 0);
    assert_true(new->replayed && !new->dry_run);
    assert_str(new->key, "EXA-CON-BUS-WOR-03");
    assert_null(new->form.p);
    assert_str(new->body, "password***");
    request_log_destroy(log);
}

static void of_a_large_body_only_the_beginning_is_held(void **state)
{
    struct world *world = *state;
    struct request_log *log;
    struct logged_request request = sample(21, 1);
    size_t n = 1024 * 1024;
    char *body = arena_alloc(&world->arena, n);
    assert_non_null(body);
    for (size_t i = 0; i < n; i++)
        body[i] = i == 0 || i == n - 1 ? '"' : 'a';
    request.body = (struct str){body, n};
    request.body_json = true;
    assert_int_equal(request_log_create(world->core, &log), ERR_OK);
    request_log_add(log, &request);
    assert_int_equal(request_log_write(log, true), ERR_OK);
    deliver_all(world);
    struct request_page page = list_all(world, 21);
    assert_int_equal(page.n, 1);
    assert_int_equal(page.items[0].body.n, 4096);
    request_log_destroy(log);
}

static void it_is_written_once_a_second_at_most_and_in_one_transaction(void **state)
{
    struct world *world = *state;
    struct request_log *log;
    uint64_t before, after, changes;
    assert_int_equal(request_log_create(world->core, &log), ERR_OK);
    core_counts(world->core, &before, &changes);
    int64_t start = clock_ticks();
    for (int i = 0; i < 5000; i++) {
        struct logged_request request = sample(21, i);
        request_log_add(log, &request);
        assert_int_equal(request_log_write(log, false), ERR_OK);
        if (i % 100 == 0) {
            deliver_all(world);
        }
    }
    core_counts(world->core, &after, &changes);
    assert_in_range(after - before, 1, 1 + (uint64_t)(clock_ticks() - start) / 1000);
    assert_int_equal(request_log_write(log, true), ERR_OK);
    deliver_all(world);
    /* The first, which waited for nothing, and the newest that fit. */
    struct request_page page = list_all(world, 21);
    assert_int_equal(page.n, REQUEST_LIST_MAX);
    for (size_t i = 0; i < page.n; i++)
        assert_int_equal(page.items[i].at, 4999 - (int64_t)i);
    if (clock_ticks() - start < 900)
        assert_int_equal(stored(world), 1 + REQUEST_RING_MAX);
    request_log_destroy(log);
}

static void a_request_that_cannot_be_written_is_lost_and_reported_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct request_log *log;
    assert_int_equal(request_log_create(world->core, &log), ERR_OK);
    world_query(world, "DROP TABLE request", DB_NO_ARGS);
    struct logged_request request = sample(21, 1);
    request_log_add(log, &request);
    assert_int_equal(request_log_write(log, true), ERR_OK);
    assert_int_equal(world_send(world, world_create(world, 0, "one", "key")), ERR_OK);
    deliver_all(world);
    assert_int_not_equal(request_log_write(log, true), ERR_OK);
    assert_int_equal(request_log_write(log, true), ERR_OK); /* once */
    assert_false(core_is_broken(world->core));
    assert_int_equal(world_send(world, world_create(world, 0, "two", "key 2")), ERR_OK);
    assert_int_equal(world_get(world, 0, 2).number, 2);
    request_log_destroy(log);
}

static int64_t id_to_add;

static enum err add_apply(struct change *change, struct batch *batch)
{
    struct logged_request request = sample(21, clock_now());
    request.id = id_to_add;
    batch_writes(batch, change);
    return store_request_add(batch_db(batch), change->op, &request);
}

static void identifiers_stay_above_those_of_the_log(void **state)
{
    struct world *world = *state;
    id_to_add = id_at(id_time(id_next()) + DAY);
    assert_int_equal(world_change(world, add_apply), ERR_OK);
    assert_true(id_next() < id_to_add);
    world_reopen(world); /* as after a clock that was set back */
    assert_true(id_next() > id_to_add);
}

/* ---- listing ---- */

static void a_list_has_one_accounts_newest_first_page_by_page(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 10; i++) {
        put(world, 21, 11, 201, 70);
        put(world, 22, 11, 201, 30);
    }
    struct request_list_request request = {.account_id = 21, .all = true, .limit = 199};
    int64_t last = INT64_MAX;
    size_t n = 0;
    int pages = 0;
    do {
        struct request_page page = list(world, request);
        for (size_t i = 0; i < page.n; i++) {
            assert_int_equal(page.items[i].account_id, 21);
            assert_true(page.items[i].id < last);
            last = page.items[i].id;
        }
        n += page.n;
        pages++;
        request.below = page.next;
    } while (request.below != 0);
    assert_int_equal(n, 700);
    assert_int_equal(pages, 4);
    request = (struct request_list_request){.account_id = 22, .all = true, .limit = 100};
    struct request_page page = list(world, request);
    request.below = page.next;
    page = list(world, request);
    request.below = page.next;
    page = list(world, request);
    assert_int_equal(page.n, 100);
    assert_int_equal(page.next, 0); /* full, and the last */
    assert_int_equal(list_all(world, 23).n, 0);
}

static void filters_hold_and_others_see_only_the_given_workspaces(void **state)
{
    static const int64_t both[] = {11, 14}, one[] = {12}, none[] = {13};
    struct world *world = *state;
    struct request_list_request request = {.account_id = 21, .workspaces = both};
    put(world, 21, 11, 201, 3);
    put(world, 21, 12, 422, 4);
    put(world, 21, 0, 400, 5);
    put(world, 21, 14, 503, 6);
    request.workspace_count = 2;
    assert_int_equal(list(world, request).n, 9);
    request.workspaces = one;
    request.workspace_count = 1;
    assert_int_equal(list(world, request).n, 4);
    request.workspaces = none;
    assert_int_equal(list(world, request).n, 0);
    request.workspaces = NULL;
    request.workspace_count = 0;
    assert_int_equal(list(world, request).n, 0);
    request.all = true;
    assert_int_equal(list(world, request).n, 18);
    request.status_least = 400;
    assert_int_equal(list(world, request).n, 15);
    request.status_most = 422;
    assert_int_equal(list(world, request).n, 9);
    request.status_least = 422;
    assert_int_equal(list(world, request).n, 4);
}

/* ---- retention ---- */

static void the_newest_thousand_of_each_account_are_kept(void **state)
{
    struct world *world = *state;
    put(world, 21, 0, 201, 2500);
    put(world, 22, 0, 201, 1000);
    put(world, 23, 0, 201, 1001);
    for (int64_t account_id = 100; account_id < 150; account_id++)
        put(world, account_id, 0, 201, 3);
    struct request_page before = list_all(world, 21);
    drop_all(world);
    struct request_page after = list_all(world, 21);
    assert_int_equal(after.items[0].id, before.items[0].id);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM request WHERE account_id = 21"), 1000);
    assert_int_equal(number(world, "SELECT MIN(duration_ms) FROM request WHERE account_id = 21"),
                     1500);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM request WHERE account_id = 22"), 1000);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM request WHERE account_id = 23"), 1000);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM request WHERE account_id >= 100"), 150);
    drop_all(world); /* again, and there is nothing to do */
    assert_int_equal(stored(world), 3150);
}

static void one_step_drops_a_bounded_number(void **state)
{
    struct world *world = *state;
    int64_t account_id = 0;
    bool more;
    put(world, 21, 0, 201, 4500);
    assert_int_equal(core_requests_drop(world->core, &world->op, &account_id, &more), ERR_OK);
    assert_true(more);
    assert_int_equal(stored(world), 3500);
    int64_t now = clock_now();
    clock_set(now + 31 * DAY);
    account_id = 0;
    assert_int_equal(core_requests_drop(world->core, &world->op, &account_id, &more), ERR_OK);
    assert_true(more);
    assert_int_equal(stored(world), 2500);
}

static void nothing_is_kept_beyond_thirty_days(void **state)
{
    struct world *world = *state;
    int64_t now = id_time(id_next()) + 60000; /* identifiers never fall */
    clock_set(now);
    put(world, 21, 0, 201, 10);
    put(world, 22, 0, 201, 1200);
    clock_set(now + 10 * DAY);
    put(world, 21, 0, 422, 5);
    clock_set(now + 30 * DAY);
    drop_all(world);
    assert_int_equal(stored(world), 15 + 1000);
    clock_set(now + 30 * DAY + 60000);
    drop_all(world);
    assert_int_equal(stored(world), 5);
    clock_set(now + 40 * DAY);
    drop_all(world);
    assert_int_equal(stored(world), 5);
    clock_set(now + 40 * DAY + 60000);
    drop_all(world);
    assert_int_equal(stored(world), 0);
}

static void the_programs_own_job_does_it(void **state)
{
    struct world *world = *state;
    struct runner *runner;
    struct runner_options options = {
        .core = world->core, .kinds = job_kinds, .kind_count = job_kind_count, .poll_ms = 5};
    put(world, 21, 0, 201, 1700);
    assert_int_equal(runner_create(&options, &world->op, &runner), ERR_OK);
    for (int i = 0; i < 24000 && stored(world) > 1000; i++)
        usleep(5000);
    runner_destroy(runner);
    assert_int_equal(stored(world), 1000);
    assert_int_equal(number(world, "SELECT attempts FROM job WHERE kind = 'request expiry'"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_logged_is_written_whole),
        TEST(of_a_large_body_only_the_beginning_is_held),
        TEST(it_is_written_once_a_second_at_most_and_in_one_transaction),
        TEST(a_request_that_cannot_be_written_is_lost_and_reported_and_nothing_else),
        TEST(identifiers_stay_above_those_of_the_log),
        TEST(a_list_has_one_accounts_newest_first_page_by_page),
        TEST(filters_hold_and_others_see_only_the_given_workspaces),
        TEST(the_newest_thousand_of_each_account_are_kept),
        TEST(one_step_drops_a_bounded_number),
        TEST(nothing_is_kept_beyond_thirty_days),
        TEST(the_programs_own_job_does_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
