/* core/batch: many changes in one transaction, each with the fate that it would have alone. */
#include "world.h"

#include "db/db.h"
#include "store/directory.h"

#include <dirent.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { CHANGES_MAX = 64 };

/* ---- a disk that fails on demand; it is SQLite's, a server's is another machine's ---- */

static _Atomic bool sync_fails;
static _Atomic int syncs;

/* In place of the C library's: SQLite makes its data durable with it. */
__attribute__((visibility("default"))) int fdatasync(int fd)
{
    syncs++;
    if (sync_fails) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

/* ---- changes that do what a test asks of them ---- */

enum act {
    ACT_CREATE,
    ACT_REFUSE,
    ACT_FAIL,
    ACT_OUTDATED, /* after its writes: something else is not as it was judged by */
    ACT_RETRY,    /* the same, as often as it is tried */
    ACT_BREAK_RULE,
    ACT_HUGE,
    ACT_GROW,
    ACT_GROW_FAIL,
    ACT_GROW_JUDGED, /* was judged by the directory that the test began with */
    ACT_GROW_RACED,  /* another node grows it first, the first time */
    ACT_SEE
};

struct probe {
    struct change change;
    struct op op;
    enum act act;
    int64_t domain_id, number, seq, seen, directory_version;
    enum err of_begun; /* of a change that was judged by the directory of version `begun` */
    uint64_t serial;
    int runs, done;
};

static struct probe probes[CHANGES_MAX];
static int64_t begun;
static int left;
static int apart = -1;        /* the probe of the next batch that runs apart */
static int64_t judged_by;     /* the directory's version */
static const char *elsewhere; /* the database's URL, for another node */
static sem_t gate, reached;   /* it is opened; the lane waits at it */

static enum err events_count(struct db *db, struct op *op, int64_t *ret_count)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT COUNT(*) FROM event", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

static enum err probe_write(struct probe *probe, struct batch *batch)
{
    static char huge[200000];
    struct op *op = &probe->op;
    memset(huge, 'x', sizeof huge);
    struct event event = {.domain_id = probe->domain_id,
                          .actor_id = 21,
                          .action = STR("test.done"),
                          .key = STR("EXA"),
                          .payload =
                              probe->act == ACT_HUGE ? (struct str){huge, sizeof huge} : STR("{}")};
    const struct domain domain = {.id = probe->domain_id};
    const struct workspace workspace = {.id = domain.id == 2 ? 14 : 11, .domain = &domain};
    enum err err = batch_next_number(batch, op, &workspace, &probe->number);
    if (err == ERR_OK)
        err = batch_append_event(batch, op, &event);
    probe->seq = event.seq;
    return err;
}

/* What another node does, in a transaction of its own. */
static void grow_elsewhere(struct op *op)
{
    struct db *other;
    int64_t version;
    assert_int_equal(db_open(elsewhere, op, &other), ERR_OK);
    assert_int_equal(db_begin(other, op), ERR_OK);
    assert_int_equal(store_directory_raise(other, op, &version), ERR_OK);
    assert_int_equal(db_commit(other, op), ERR_OK);
    db_close(other);
}

static enum err probe_apply(struct change *change, struct batch *batch)
{
    struct probe *probe = (struct probe *)(void *)change;
    struct op *op = &probe->op;
    probe->runs++;
    probe->serial = batch_serial(batch);
    if (probe->act == ACT_REFUSE)
        return op_fail(op, ERR_CONFLICT, "refused");
    enum err err = events_count(batch_db(batch), op, &probe->seen);
    probe->of_begun =
        batch_directory_expect_begun(batch, op, &(struct directory){.version = begun});
    if (err == ERR_OK)
        err = batch_directory_version(batch, op, &probe->directory_version);
    if (err == ERR_OK && probe->act == ACT_GROW_JUDGED && probe->directory_version != judged_by)
        return ERR_OUTDATED;
    if (probe->act == ACT_GROW_RACED && probe->runs == 1)
        grow_elsewhere(op);
    if (err != ERR_OK || probe->act == ACT_SEE)
        return err;
    batch_writes(batch, change);
    err = probe_write(probe, batch);
    if (err == ERR_OK && probe->act == ACT_FAIL)
        return op_fail(op, ERR_CORRUPT, "failed after its writes");
    if (err == ERR_OK && (probe->act == ACT_OUTDATED || probe->act == ACT_RETRY))
        return probe->act == ACT_RETRY ? ERR_RETRY : ERR_OUTDATED;
    if (err == ERR_OK && probe->act == ACT_BREAK_RULE)
        return db_run(batch_db(batch), op,
                      "INSERT INTO domain (id, key, created_at) VALUES (1, NULL, 0)", DB_NO_ARGS);
    if (err == ERR_OK && probe->act >= ACT_GROW && probe->act <= ACT_GROW_RACED)
        err = batch_directory_patched(batch, op);
    if (err == ERR_OK && probe->act == ACT_GROW_FAIL)
        return op_fail(op, ERR_CORRUPT, "failed after its writes");
    return err;
}

static void probe_done(struct change *change)
{
    ((struct probe *)(void *)change)->done++;
    left--;
}

static enum err gate_apply(struct change *change, struct batch *batch)
{
    (void)change, (void)batch;
    sem_post(&reached);
    sem_wait(&gate);
    return ERR_CONFLICT;
}

static void probe_submit(struct world *world, int i, int64_t domain_id, enum act act)
{
    struct probe *probe = &probes[i];
    *probe = (struct probe){
        .op = {.arena = &world->arena, .now = world->op.now}, .act = act, .domain_id = domain_id};
    probe->change = (struct change){.op = &probe->op,
                                    .domain_id = i == apart ? 0 : probe->domain_id,
                                    .apart = i == apart,
                                    .apply = probe_apply,
                                    .done = probe_done};
    assert_int_equal(core_change(world->core, &probe->change), ERR_OK);
}

static void probes_wait(struct world *world)
{
    while (left > 0) {
        mailbox_wait(world->mailbox);
        mailbox_deliver(world->mailbox);
    }
}

/* What is submitted between these two, `n` probes, is one batch. */
static struct probe gate_probe;

static void batch_begin(struct world *world, int n)
{
    gate_probe =
        (struct probe){.change = {.op = &gate_probe.op, .apply = gate_apply, .done = probe_done},
                       .op = {.arena = &world->arena}};
    sem_init(&gate, 0, 0);
    sem_init(&reached, 0, 0);
    left = n + 1;
    assert_int_equal(core_change(world->core, &gate_probe.change), ERR_OK);
    sem_wait(&reached); /* before others come, so that the lane has taken it alone */
}

static void batch_end(struct world *world)
{
    sem_post(&gate);
    probes_wait(world);
    sem_destroy(&gate);
    sem_destroy(&reached);
}

/* Runs `n` probes as one batch, in which the one at `odd` (-1: none) does `act` and all others
 * create in turns in two domains. */
static void run_batch(struct world *world, int n, int odd, enum act act)
{
    batch_begin(world, n);
    for (int i = 0; i < n; i++)
        probe_submit(world, i, 1 + i % 2, i == odd ? act : ACT_CREATE);
    batch_end(world);
    for (int i = 0; i < n; i++)
        assert_int_equal(probes[i].done, 1);
}

static enum err run_one(struct world *world)
{
    run_batch(world, 1, -1, ACT_CREATE);
    return probes[0].change.err;
}

/* ---- the promises ---- */

static void all_that_wait_share_one_transaction_and_one_sync(void **state)
{
    struct world *world = *state;
    assert_int_equal(run_one(world), ERR_OK); /* the first change of all also makes the log */
    int before = syncs;
    run_batch(world, CHANGES_MAX, -1, ACT_CREATE);
    if (!database_on_postgres())
        assert_int_equal(syncs - before, 1);
    for (int i = 0; i < CHANGES_MAX; i++) {
        assert_int_equal(probes[i].change.err, ERR_OK);
        assert_int_equal(probes[i].runs, 1);
        assert_int_equal(probes[i].serial, probes[0].serial);
    }
}

/* Waits until the lane waits for a lock that `other` holds. */
static void wait_for_the_lane(struct world *world, struct db *other)
{
    struct db_rows rows;
    do {
        assert_int_equal(
            db_query(other, &world->op,
                     "SELECT COUNT(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                     " WHERE a.datname = current_database() AND NOT l.granted",
                     DB_NO_ARGS, &rows),
            ERR_OK);
    } while (db_get_i64(&rows, 0, 0) == 0);
}

/* What comes while another node has the domain shares the commit of those that wait already; but
 * not what is of a domain that is locked before that one. */
static void a_change_that_comes_while_the_domain_is_locked_joins_the_batch(void **state)
{
    struct world *world = *state;
    struct db *other;
    struct db_rows rows;
    if (!database_on_postgres())
        skip();
    run_batch(world, 2, -1, ACT_CREATE);
    assert_int_equal(db_open(world->database.url, &world->op, &other), ERR_OK);
    assert_int_equal(db_begin(other, &world->op), ERR_OK);
    assert_int_equal(db_query(other, &world->op,
                              "UPDATE chain SET seq = seq WHERE domain_id = $1 RETURNING seq",
                              DB_ARGS(db_i64(2)), &rows),
                     ERR_OK);
    left = 4;
    probe_submit(world, 0, 2, ACT_CREATE);
    wait_for_the_lane(world, other);
    probe_submit(world, 1, 2, ACT_REFUSE);
    probe_submit(world, 2, 1, ACT_CREATE);
    probe_submit(world, 3, 2, ACT_CREATE);
    db_rollback(other);
    probes_wait(world);
    db_close(other);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(probes[i].change.err, i == 1 ? ERR_CONFLICT : ERR_OK);
        assert_int_equal(probes[i].runs, 1);
        assert_int_equal(probes[i].serial, probes[0].serial + (i == 2 ? 1 : 0));
    }
    assert_int_equal(probes[0].number, 2);
    assert_int_equal(probes[3].number, 3);
}

static void numbers_follow_the_order_of_arrival_within_a_domain(void **state)
{
    struct world *world = *state;
    run_batch(world, 10, -1, ACT_CREATE);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(probes[i].number, 1 + i / 2);
        assert_int_equal(probes[i].seq, 1 + i / 2);
    }
    run_batch(world, 10, -1, ACT_CREATE);
    for (int i = 0; i < 10; i++)
        assert_int_equal(probes[i].number, 6 + i / 2);
}

static void changes_in_a_batch_see_what_those_before_them_wrote(void **state)
{
    struct world *world = *state;
    run_batch(world, 11, 10, ACT_SEE); /* domain 1: after its five, before those of domain 2 */
    assert_int_equal(probes[10].change.err, ERR_OK);
    assert_int_equal(probes[10].seen, 5);
}

static void a_refusal_costs_the_others_nothing(void **state)
{
    struct world *world = *state;
    run_batch(world, 9, 4, ACT_REFUSE);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(probes[i].change.err, i == 4 ? ERR_CONFLICT : ERR_OK);
        assert_int_equal(probes[i].runs, 1);
    }
    assert_string_equal(probes[4].op.detail, "refused");
    assert_int_equal(probes[8].number, 4); /* no number was burnt */
}

static void check_one_bad(struct world *world, enum act act, enum err expected)
{
    run_batch(world, 9, 4, act);
    for (int i = 0; i < 9; i++)
        assert_int_equal(probes[i].change.err, i == 4 ? expected : ERR_OK);
    assert_true(probes[4].op.detail[0] != '\0');
    assert_string_equal(probes[5].op.detail, "");
    run_batch(world, 2, -1, ACT_CREATE);
    assert_int_equal(probes[0].number, 5); /* domain 1 had 5 probes, of which one was bad */
    assert_int_equal(probes[0].seq, 5);
    assert_int_equal(probes[1].number, 5);
}

static void a_change_that_fails_after_its_writes_harms_only_itself(void **state)
{
    check_one_bad(*state, ACT_FAIL, ERR_CORRUPT);
}

/* What is to be judged again, or tried again, keeps nobody else waiting. */
static void a_change_that_is_outdated_after_its_writes_harms_only_itself(void **state)
{
    static const struct {
        enum act act;
        enum err err;
    } cases[] = {{ACT_OUTDATED, ERR_OUTDATED}, {ACT_RETRY, ERR_UNAVAILABLE}};
    for (int c = 0; c < 2; c++) {
        run_batch(*state, 9, 4, cases[c].act);
        for (int i = 0; i < 9; i++) {
            assert_int_equal(probes[i].change.err, i == 4 ? cases[c].err : ERR_OK);
            if (i != 4)
                assert_in_range(probes[i].runs, 1, 2);
        }
        assert_int_equal(probes[8].number, 4 * (c + 1)); /* no number was burnt */
    }
}

static void a_violated_constraint_harms_only_its_change(void **state)
{
    check_one_bad(*state, ACT_BREAK_RULE, ERR_CONSTRAINT);
}

/* Files may grow enough for small changes, and not for a huge one. */
static rlim_t file_limit(const struct world *world)
{
    DIR *folder = opendir(world->database.folder);
    off_t largest = 0;
    struct stat file;
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (fstatat(dirfd(folder), entry->d_name, &file, 0) == 0 && file.st_size > largest)
            largest = file.st_size;
    closedir(folder);
    return (rlim_t)largest + 100000;
}

static void a_full_disk_refuses_the_batch_and_the_next_one_with_space_succeeds(void **state)
{
    struct world *world = *state;
    struct rlimit before, low;
    if (database_on_postgres())
        skip();
    assert_int_equal(run_one(world), ERR_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = (struct rlimit){.rlim_cur = file_limit(world), .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    run_batch(world, 3, 1, ACT_HUGE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(probes[i].change.err, ERR_FULL);
    run_batch(world, 3, 1, ACT_HUGE);
    assert_int_equal(probes[0].change.err, ERR_FULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    assert_false(core_is_broken(world->core));
    run_batch(world, 3, 1, ACT_HUGE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(probes[i].change.err, ERR_OK);
    assert_int_equal(probes[0].number, 2);
    world_reopen(world);
    run_batch(world, 1, -1, ACT_CREATE);
    assert_int_equal(probes[0].number, 4);
}

static void a_change_apart_that_fills_the_disk_fails_alone(void **state)
{
    struct world *world = *state;
    struct rlimit before, low;
    if (database_on_postgres())
        skip();
    assert_int_equal(run_one(world), ERR_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    low = (struct rlimit){.rlim_cur = file_limit(world), .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    apart = 1;
    run_batch(world, 3, 1, ACT_HUGE);
    apart = -1;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(probes[1].change.err, ERR_FULL);
    assert_int_equal(probes[0].change.err, ERR_OK);
    assert_int_equal(probes[2].change.err, ERR_OK);
    assert_false(core_is_broken(world->core));
    world_reopen(world);
    run_batch(world, 1, -1, ACT_CREATE);
    assert_int_equal(probes[0].number, 4);
}

static void a_change_apart_has_its_own_transaction_after_the_others(void **state)
{
    struct world *world = *state;
    for (apart = 0; apart < 5; apart++) {
        run_batch(world, 5, -1, ACT_CREATE);
        for (int i = 0; i < 5; i++) {
            uint64_t others = probes[apart == 0 ? 1 : 0].serial;
            assert_int_equal(probes[i].change.err, ERR_OK);
            assert_int_equal(probes[i].runs, 1);
            assert_int_equal(probes[i].serial, i == apart ? others + 1 : others);
        }
    }
    apart = 0;
    run_batch(world, 1, -1, ACT_CREATE); /* nothing comes with it */
    assert_int_equal(probes[0].change.err, ERR_OK);
    run_batch(world, 3, 0, ACT_BREAK_RULE);
    assert_int_equal(probes[0].change.err, ERR_CONSTRAINT);
    assert_int_equal(probes[1].change.err, ERR_OK);
    assert_int_equal(probes[1].runs, 1); /* and not again because of the other */
    apart = -1;
}

static void a_failed_sync_ends_all_changes_and_is_never_tried_again(void **state)
{
    struct world *world = *state;
    if (database_on_postgres())
        skip();
    assert_int_equal(run_one(world), ERR_OK);
    sync_fails = true;
    run_batch(world, 5, -1, ACT_CREATE);
    sync_fails = false;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(probes[i].change.err, ERR_IO);
        assert_int_equal(probes[i].runs, 1);
    }
    assert_true(core_is_broken(world->core));
    int before = syncs;
    struct probe probe = {.op = {.arena = &world->arena}};
    probe.change = (struct change){.op = &probe.op, .apply = probe_apply, .done = probe_done};
    assert_int_equal(core_change(world->core, &probe.change), ERR_UNAVAILABLE);
    assert_int_equal(core_change_wait(world->core, &probe.change), ERR_UNAVAILABLE);
    assert_int_equal(probe.runs, 0);
    world_close(world);
    assert_int_equal(syncs, before); /* not even when closing */

    world_reopen(world);
    assert_false(core_is_broken(world->core));
    assert_int_equal(run_one(world), ERR_OK);
    /* What was promised is there; what was not may or may not be, but whole. */
    assert_true(probes[0].number == 2 || probes[0].number == 5);
    assert_int_equal(probes[0].seq, probes[0].number);
}

static void a_new_directory_is_in_force_before_its_change_is_done(void **state)
{
    struct world *world = *state;
    int64_t before = world->directory->version;
    run_batch(world, 5, 2, ACT_GROW);
    const struct directory *now = core_directory(world->core);
    assert_int_equal(now->version, before + 1);
    directory_release(now);
    /* The one before lives as long as somebody holds it. */
    assert_int_equal(world->directory->version, before);
    assert_non_null(directory_domain(world->directory, STR("ACME")));
}

/* Else reports would be judged again and again while many people are added. */
static void a_directory_change_makes_nothing_in_its_own_batch_outdated(void **state)
{
    struct world *world = *state;
    begun = world->directory->version;
    run_batch(world, 6, 0, ACT_GROW);
    for (int i = 0; i < 6; i++)
        assert_int_equal(probes[i].of_begun, ERR_OK);
    run_batch(world, 1, -1, ACT_CREATE);
    assert_int_equal(probes[0].of_begun, ERR_OUTDATED);
}

/* But another change of the directory, which was judged by the same version, is: it may be of the
 * very same thing. */
static void of_two_directory_changes_in_a_batch_the_second_is_judged_again(void **state)
{
    struct world *world = *state;
    judged_by = world->directory->version;
    batch_begin(world, 2);
    probe_submit(world, 0, 1, ACT_GROW_JUDGED);
    probe_submit(world, 1, 1, ACT_GROW_JUDGED);
    batch_end(world);
    assert_int_equal(probes[0].change.err, ERR_OK);
    assert_int_equal(probes[1].change.err, ERR_OUTDATED);
}

/* Between a node's look at the version and its change another node may have changed it. */
static void a_directory_change_that_another_node_came_before_runs_again(void **state)
{
    struct world *world = *state;
    if (!database_on_postgres())
        skip();
    int64_t before = world->directory->version;
    elsewhere = world->database.url;
    run_batch(world, 1, 0, ACT_GROW_RACED);
    assert_int_equal(probes[0].change.err, ERR_OK);
    assert_int_equal(probes[0].runs, 2);
    assert_int_equal(probes[0].directory_version, before + 1);
}

static void a_directory_change_that_fails_leaves_the_version(void **state)
{
    struct world *world = *state;
    int64_t before = world->directory->version;
    run_batch(world, 3, 1, ACT_GROW_FAIL);
    assert_int_equal(probes[1].change.err, ERR_CORRUPT);
    const struct directory *now = core_directory(world->core);
    assert_int_equal(now->version, before);
    directory_release(now);
}

static void waiting_for_a_change_needs_nobody_to_empty_the_mailbox(void **state)
{
    struct world *world = *state;
    struct probe probe = {.op = {.arena = &world->arena}, .domain_id = 1};
    probe.change = (struct change){.op = &probe.op, .domain_id = 1, .apply = probe_apply};
    assert_int_equal(core_change_wait(world->core, &probe.change), ERR_OK);
    assert_int_equal(probe.number, 1);
    assert_int_equal(mailbox_deliver(world->mailbox), 0);
}

static void a_second_opener_is_refused_because_of_the_lock(void **state)
{
    struct world *world = *state;
    struct core_options options = {.data_dir = world->database.folder,
                                   .database_url = world->database.url,
                                   .mailbox = world->mailbox};
    struct core *second = NULL;
    struct op op = {.arena = &world->arena};
    assert_int_equal(core_open(&options, &op, &second), ERR_BUSY);
    assert_null(second);
    assert_non_null(strstr(op.detail, "/lock"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_that_wait_share_one_transaction_and_one_sync),
        TEST(a_change_that_comes_while_the_domain_is_locked_joins_the_batch),
        TEST(numbers_follow_the_order_of_arrival_within_a_domain),
        TEST(changes_in_a_batch_see_what_those_before_them_wrote),
        TEST(a_refusal_costs_the_others_nothing),
        TEST(a_change_that_fails_after_its_writes_harms_only_itself),
        TEST(a_change_that_is_outdated_after_its_writes_harms_only_itself),
        TEST(a_violated_constraint_harms_only_its_change),
        TEST(a_full_disk_refuses_the_batch_and_the_next_one_with_space_succeeds),
        TEST(a_change_apart_that_fills_the_disk_fails_alone),
        TEST(a_change_apart_has_its_own_transaction_after_the_others),
        TEST(a_failed_sync_ends_all_changes_and_is_never_tried_again),
        TEST(a_new_directory_is_in_force_before_its_change_is_done),
        TEST(a_directory_change_makes_nothing_in_its_own_batch_outdated),
        TEST(of_two_directory_changes_in_a_batch_the_second_is_judged_again),
        TEST(a_directory_change_that_another_node_came_before_runs_again),
        TEST(a_directory_change_that_fails_leaves_the_version),
        TEST(waiting_for_a_change_needs_nobody_to_empty_the_mailbox),
        TEST(a_second_opener_is_refused_because_of_the_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
