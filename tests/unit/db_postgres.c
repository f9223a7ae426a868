/* db/: what is PostgreSQL's own: a connection that can be lost, a queue whose errors show late, and
 * others who write too. */
#include "tests.h"

#include "base/clock.h"
#include "db/migrate.h"
#include "db/postgres.h"
#include "db_fixture.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static int64_t number(struct fixture *f, struct db *db, const char *sql)
{
    struct db_rows rows;
    enum err err = db_query(db, &f->op, sql, DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", sql, err_name(err), f->op.detail);
    return db_get_i64(&rows, 0, 0);
}

static struct str text(struct fixture *f, struct db *db, const char *sql)
{
    struct db_rows rows;
    assert_int_equal(db_query(db, &f->op, sql, DB_NO_ARGS, &rows), ERR_OK);
    return db_get_str(&rows, 0, 0);
}

/* Ends connections to the fixture's database from a second one, and waits until they are gone. */
static void kill_all(struct fixture *f, const char *those)
{
    struct db *other;
    struct str sql = arena_printf(
        &f->arena,
        "SELECT COUNT(*) FROM (SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = '%s' AND %s OFFSET 0) AS ended",
        database_name(&f->database), those);
    assert_int_equal(db_open(getenv("BZCTRL_TEST_POSTGRES"), &f->op, &other), ERR_OK);
    assert_int_not_equal(number(f, other, sql.p), 0);
    db_close(other);
    f->op.detail[0] = '\0';
}

/* Waits until the server has ended the connection of a process by itself. */
static void wait_for_end(struct fixture *f, int64_t pid)
{
    struct db *other;
    struct str sql = arena_printf(
        &f->arena, "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = %lld", (long long)pid);
    assert_int_equal(db_open(getenv("BZCTRL_TEST_POSTGRES"), &f->op, &other), ERR_OK);
    while (number(f, other, sql.p) > 0)
        usleep(10000);
    db_close(other);
}

/* ---- a connection is lost ---- */

static void a_loss_between_two_transactions_is_not_noticed(void **state)
{
    struct fixture *f = *state;
    for (int64_t i = 0; i < 5; i++) {
        kill_all(f, "true");
        assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
        assert_int_equal(insert(f, f->db, i, STR("a")), ERR_OK);
        assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    }
    assert_int_equal(count(f, f->db), 5);
}

static void a_loss_inside_a_transaction_asks_to_run_it_again(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(count(f, f->db), 1);
    kill_all(f, "true");
    assert_int_equal(db_query(f->db, &f->op, "SELECT 1", DB_NO_ARGS, &rows), ERR_RETRY);
    assert_int_equal(db_fault(f->db), ERR_RETRY);
    assert_int_equal(db_commit(f->db, &f->op), ERR_RETRY);

    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(count(f, f->db), 0);
    kill_all(f, "true");
    assert_int_equal(db_script(f->db, &f->op, STR("SELECT 1; SELECT 2")), ERR_RETRY);
    db_rollback(f->db);

    assert_int_equal(db_begin_read(f->db, &f->op), ERR_OK);
    assert_int_equal(count(f, f->db), 0);
    kill_all(f, "true");
    db_rollback(f->db);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
}

struct tries {
    struct fixture *f;
    int n;
};

static enum err lose_once(struct db *db, struct op *op, void *arg)
{
    struct tries *tries = arg;
    struct db_rows rows;
    enum err err = insert(tries->f, db, 1, STR("a"));
    if (err == ERR_OK)
        err = db_query(db, op, "SELECT COUNT(*) FROM t", DB_NO_ARGS, &rows);
    if (err == ERR_OK && tries->n++ == 0) {
        kill_all(tries->f, "true");
        err = db_query(db, op, "SELECT name FROM t", DB_NO_ARGS, &rows);
    }
    return err;
}

static void db_transact_gets_over_it(void **state)
{
    struct fixture *f = *state;
    struct tries tries = {.f = f};
    assert_int_equal(db_transact(f->db, &f->op, db_begin, lose_once, &tries), ERR_OK);
    assert_int_equal(tries.n, 2);
    assert_int_equal(count(f, f->db), 1);
}

/* Whether it was lost before, in or after the commit is unknown. */
static void a_loss_in_the_commit_is_reported_as_an_unknown_outcome(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(count(f, f->db), 1);
    kill_all(f, "true");
    assert_int_equal(db_commit(f->db, &f->op), ERR_UNAVAILABLE);
    assert_int_equal(count(f, f->db), 0);
}

static void a_transaction_that_the_server_gave_up_asks_to_run_it_again(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows;
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op, STR("SET idle_in_transaction_session_timeout = 100")),
                     ERR_OK);
    wait_for_end(f, number(f, f->db, "SELECT pg_backend_pid()"));
    assert_int_equal(db_query(f->db, &f->op, "SELECT 1", DB_NO_ARGS, &rows), ERR_RETRY);
    db_rollback(f->db);
    assert_int_equal(count(f, f->db), 0);
}

/* A node may be stopped at any moment, also between two of the statements that it sends at once:
 * what it has locked is free soon, whether or not it ever continues. */
static void who_stops_while_it_sends_holds_nobody_up_for_long(void **state)
{
    struct fixture *f = *state;
    static char filling[10000];
    struct db *other;
    memset(filling, 'x', sizeof filling);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op, STR("SET idle_in_transaction_session_timeout = 200")),
                     ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(number(f, f->db, "UPDATE t SET name = 'b' RETURNING 1"), 1);
    for (int64_t i = 2; i < 30; i++)
        assert_int_equal(insert(f, f->db, i, (struct str){filling, sizeof filling}), ERR_OK);
    assert_int_equal(db_open(f->database.url, &f->op, &other), ERR_OK);
    assert_int_equal(db_script(other, &f->op, STR("SET lock_timeout = 60000")), ERR_OK);
    assert_int_equal(db_run(other, &f->op, "UPDATE t SET name = 'c'", DB_NO_ARGS), ERR_OK);
    assert_int_not_equal(db_commit(f->db, &f->op), ERR_OK);
    assert_int_equal(count(f, other), 1);
    db_close(other);
}

/* More than one piece, an error in the first, and no lost count of what is still to be read. */
static void what_is_sent_in_pieces_is_one_transaction(void **state)
{
    struct fixture *f = *state;
    static char filling[10000];
    memset(filling, 'x', sizeof filling);
    for (int64_t n = 1; n < 16; n++) {
        for (int bad = 0; bad < 2; bad++) {
            assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
            assert_int_equal(count(f, f->db), n * (n - 1) / 2 + (bad ? n : 0));
            for (int64_t i = 0; i < n; i++)
                assert_int_equal(
                    insert(f, f->db, 100 * n + 20 * bad + i,
                           bad && i == 0 ? STR_NONE : (struct str){filling, sizeof filling}),
                    ERR_OK);
            assert_int_equal(db_commit(f->db, &f->op), bad ? ERR_CONSTRAINT : ERR_OK);
        }
        assert_int_equal(count(f, f->db), n * (n + 1) / 2);
    }
}

/* A copy counts its target, which may take minutes, while the view of its source is open. */
static void a_view_that_lingers_is_not_ended(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_script(f->db, &f->op, STR("SET idle_in_transaction_session_timeout = 100")),
                     ERR_OK);
    assert_int_equal(db_begin_read(f->db, &f->op), ERR_OK);
    assert_int_equal(db_linger(f->db, &f->op), ERR_OK);
    usleep(300000);
    assert_int_equal(count(f, f->db), 1);
    assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    assert_str(text(f, f->db, "SELECT current_setting('idle_in_transaction_session_timeout')"),
               "100ms");
}

/* ---- the server is away ---- */

/* The server under an address of its own: its socket, linked to from a folder of the test's. */
static struct str link_make(struct fixture *f)
{
    struct str folder = text(f, f->db, "SELECT current_setting('unix_socket_directories')");
    struct str port = text(f, f->db, "SELECT current_setting('port')");
    struct str socket =
        arena_printf(&f->arena, "%.*s/.s.PGSQL.%.*s", STR_ARG(folder), STR_ARG(port));
    struct str link =
        arena_printf(&f->arena, "%s/.s.PGSQL.%.*s", f->database.folder, STR_ARG(port));
    assert_int_equal(symlink(socket.p, link.p), 0);
    return link;
}

static void while_the_server_is_away_nothing_waits_and_then_all_continues(void **state)
{
    struct fixture *f = *state;
    struct str link = link_make(f), port = str_from(link, link.n - 5);
    while (!ascii_digit(port.p[0]))
        port = str_from(port, 1);
    struct str url = arena_printf(&f->arena, "postgresql:///%s?user=bzctrl&host=%s&port=%.*s",
                                  database_name(&f->database), f->database.folder, STR_ARG(port));
    struct db *db;
    assert_int_equal(db_open(url.p, &f->op, &db), ERR_OK);
    assert_int_equal(number(f, db, "SELECT COUNT(*) FROM t"), 0);

    assert_int_equal(unlink(link.p), 0);
    kill_all(f, "client_addr IS NULL");
    int64_t before = clock_ticks();
    for (int i = 0; i < 100; i++) {
        assert_int_equal(db_begin(db, &f->op), ERR_UNAVAILABLE);
        assert_int_equal(db_run(db, &f->op, "SELECT 1", DB_NO_ARGS), ERR_UNAVAILABLE);
        struct db *another = NULL;
        assert_int_equal(db_open(url.p, &f->op, &another), ERR_UNAVAILABLE);
    }
    assert_non_null(strstr(f->op.detail, "cannot reach the database"));
    assert_true(clock_ticks() - before < 60000); /* a single wait of each would take longer */

    link_make(f);
    before = clock_ticks();
    enum err err;
    while ((err = db_begin(db, &f->op)) == ERR_UNAVAILABLE && clock_ticks() - before < 60000)
        usleep(10000);
    assert_int_equal(err, ERR_OK);
    assert_int_equal(insert(f, db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_commit(db, &f->op), ERR_OK);
    db_close(db);
}

/* ---- the queue ---- */

static void an_error_in_the_queue_shows_at_the_next_query(void **state)
{
    struct fixture *f = *state;
    struct db_rows rows = {.n = 77};
    assert_int_equal(count(f, f->db), 0); /* so that all below is prepared */
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 2, STR("b")), ERR_OK);
    assert_int_equal(insert(f, f->db, 3, STR_NONE), ERR_OK);
    assert_int_equal(insert(f, f->db, 4, STR("d")), ERR_OK);
    assert_int_equal(db_fault(f->db), ERR_OK);
    assert_int_equal(db_query(f->db, &f->op, "SELECT COUNT(*) FROM t", DB_NO_ARGS, &rows),
                     ERR_CONSTRAINT);
    assert_int_equal(rows.n, 77);
    assert_int_equal(db_fault(f->db), ERR_CONSTRAINT);
    db_rollback(f->db);
    assert_int_equal(count(f, f->db), 1);
}

/* Preparing waits as well. What it was asked to prepare must not count as prepared. */
static void an_error_in_the_queue_shows_when_a_statement_is_prepared(void **state)
{
    struct fixture *f = *state;
    static const char change[] = "UPDATE t SET name = $1";
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
        enum err err = insert(f, f->db, 1, STR("twice"));
        assert_int_equal(err, ERR_OK);
        err = db_run(f->db, &f->op, change, DB_ARGS(db_text(STR("b"))));
        assert_int_equal(err, ERR_RETRY);
        db_rollback(f->db);
    }
    assert_int_equal(db_run(f->db, &f->op, change, DB_ARGS(db_text(STR("c")))), ERR_OK);
    assert_str(text(f, f->db, "SELECT name FROM t"), "c");
}

static void a_type_that_does_not_fit_harms_none_that_do(void **state)
{
    struct fixture *f = *state;
    static const char sql[] = "SELECT COUNT(*) FROM t WHERE id = $1";
    struct db_rows rows;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(db_query(f->db, &f->op, sql, DB_ARGS(db_i64(1)), &rows), ERR_OK);
        assert_int_equal(db_get_i64(&rows, 0, 0), 1);
        assert_int_equal(db_query(f->db, &f->op, sql, DB_ARGS(db_text(STR("1"))), &rows),
                         ERR_MISUSE);
        assert_int_equal(db_query(f->db, &f->op, sql, DB_ARGS(db_text(STR("1"))), &rows),
                         ERR_MISUSE);
    }
}

/* ---- what a connection is set to ---- */

static void every_connection_is_as_durable_as_it_must_be(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *wish, *have;
    } cases[] = {
        {"off", "on"}, {"local", "on"}, {"remote_write", "on"}, {"remote_apply", "remote_apply"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str sql = arena_printf(&f->arena, "ALTER DATABASE %s SET synchronous_commit = '%s'",
                                      database_name(&f->database), cases[i].wish);
        assert_int_equal(db_script(f->db, &f->op, sql), ERR_OK);
        kill_all(f, "true");
        assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
        assert_str(text(f, f->db, "SELECT current_setting('synchronous_commit')"), cases[i].have);
        assert_str(text(f, f->db, "SELECT current_setting('statement_timeout')"), "15s");
        assert_str(text(f, f->db, "SELECT current_setting('tcp_keepalives_idle')"), "10");
        assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    }
}

/* So does a server that stops waiting for its standby; the data is on one machine only. */
static void a_warning_at_the_commit_is_reported_as_an_unknown_outcome(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        db_script(f->db, &f->op,
                  STR("CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS"
                      " 'BEGIN RAISE WARNING ''not everywhere''; RETURN NULL; END';"
                      "CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON t DEFERRABLE INITIALLY"
                      " DEFERRED FOR EACH ROW EXECUTE FUNCTION warn()")),
        ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_UNAVAILABLE);
    assert_int_equal(count(f, f->db), 1);
}

/* The server's own limit would end the wait for a standby by giving up on it. */
static void a_commit_is_never_cancelled_by_the_limit_of_a_statement(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(
        db_script(f->db, &f->op,
                  STR("CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS"
                      " 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END';"
                      "CREATE CONSTRAINT TRIGGER lingers AFTER INSERT ON t DEFERRABLE INITIALLY"
                      " DEFERRED FOR EACH ROW EXECUTE FUNCTION linger();"
                      "SET statement_timeout = 200")),
        ERR_OK);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_OK);
    assert_int_equal(db_run(f->db, &f->op, "SELECT pg_sleep(1)", DB_NO_ARGS), ERR_UNAVAILABLE);
}

/* ---- others write too ---- */

static void a_row_that_another_holds_is_waited_for(void **state)
{
    struct fixture *f = *state;
    struct db *other;
    assert_int_equal(insert(f, f->db, 1, STR("a")), ERR_OK);
    assert_int_equal(db_open(f->database.url, &f->op, &other), ERR_OK);
    assert_int_equal(db_begin(other, &f->op), ERR_OK);
    assert_int_equal(number(f, other, "UPDATE t SET name = 'b' RETURNING 1"), 1);
    assert_int_equal(db_begin(f->db, &f->op), ERR_OK);
    assert_int_equal(db_run(f->db, &f->op, "SET LOCAL lock_timeout = 200", DB_NO_ARGS), ERR_OK);
    assert_int_equal(db_run(f->db, &f->op, "UPDATE t SET name = 'c'", DB_NO_ARGS), ERR_OK);
    assert_int_equal(db_commit(f->db, &f->op), ERR_UNAVAILABLE);
    assert_int_equal(db_commit(other, &f->op), ERR_OK);
    assert_str(text(f, f->db, "SELECT name FROM t"), "b");
    db_close(other);
}

enum { NODES = 6 };

static pthread_barrier_t both_have_one;

struct taking {
    int64_t first, second;
    bool again;
};

static enum err take_both(struct db *db, struct op *op, void *arg)
{
    static const char sql[] = "UPDATE t SET name = name || '.' WHERE id = $1";
    struct taking *taking = arg;
    struct db_rows rows;
    enum err err = db_query(db, op, sql, DB_ARGS(db_i64(taking->first)), &rows);
    if (!taking->again)
        pthread_barrier_wait(&both_have_one);
    taking->again = true;
    return err == ERR_OK ? db_query(db, op, sql, DB_ARGS(db_i64(taking->second)), &rows) : err;
}

/* What each node does with a connection of its own; true: it succeeded. */
static bool node_run(struct fixture *f, enum err (*work)(struct db *db, struct op *op, void *arg),
                     void *arg)
{
    struct arena arena;
    struct db *db = NULL;
    arena_init(&arena, 1 << 24);
    struct op op = {.arena = &arena};
    enum err err = db_open(f->database.url, &op, &db);
    if (err == ERR_OK)
        err = work(db, &op, arg);
    if (err != ERR_OK)
        fprintf(stderr, "%s: %s\n", err_name(err), op.detail);
    db_close(db);
    arena_finish(&arena);
    return err == ERR_OK;
}

static enum err deadlock_work(struct db *db, struct op *op, void *arg)
{
    return db_transact(db, op, db_begin, take_both, arg);
}

/* The first of two nodes takes the rows in the one order, the second in the other. */
static void *deadlock_node(void *arg)
{
    static atomic_int nodes;
    struct taking taking = {1, 2, false};
    if (atomic_fetch_add(&nodes, 1) % 2 == 1)
        taking = (struct taking){2, 1, false};
    return node_run(arg, deadlock_work, &taking) ? arg : NULL;
}

struct steps {
    const struct migration *list;
    size_t n;
};

static enum err migrate_work(struct db *db, struct op *op, void *arg)
{
    const struct steps *steps = arg;
    return migrate(db, op, steps->list, steps->n, NULL);
}

static const struct migration upgrade[] = {
    {1, "more", "", STR_INIT("ALTER TABLE t ADD COLUMN more INTEGER; SELECT pg_sleep(0.1)")}};

static void *migrate_node(void *arg)
{
    return node_run(arg, migrate_work, &(struct steps){migrations, migration_count}) ? arg : NULL;
}

static void *upgrade_node(void *arg)
{
    return node_run(arg, migrate_work, &(struct steps){upgrade, 1}) ? arg : NULL;
}

/* Runs `n` nodes, each on a thread; all must succeed. */
static void nodes_run(struct fixture *f, size_t n, void *(*node)(void *))
{
    pthread_t threads[NODES];
    size_t good = 0;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, node, f), 0);
    for (size_t i = 0; i < n; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good += result != NULL;
    }
    assert_int_equal(good, n);
}

static void a_deadlock_is_run_again(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(insert(f, f->db, 1, STR("")), ERR_OK);
    assert_int_equal(insert(f, f->db, 2, STR("")), ERR_OK);
    pthread_barrier_init(&both_have_one, NULL, 2);
    nodes_run(f, 2, deadlock_node);
    pthread_barrier_destroy(&both_have_one);
    assert_int_equal(number(f, f->db, "SELECT COUNT(*) FROM t WHERE name = '..'"), 2);
}

static void nodes_that_start_at_once_make_the_schema_once(void **state)
{
    struct fixture *f = *state;
    nodes_run(f, NODES, migrate_node);
    assert_int_equal(number(f, f->db, "SELECT version FROM directory_version"), 1);
}

/* A step that finds itself taken while it waits for another node's lock. */
static void nodes_that_are_upgraded_at_once_take_a_step_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(migrate(f->db, &f->op, upgrade, 0, NULL), ERR_OK);
    nodes_run(f, NODES, upgrade_node);
    assert_int_equal(number(f, f->db, "SELECT COUNT(*) FROM schema_migration"), 1);
}

/* Both sides' limits are made so small that a request would be cut off. */
static void a_step_may_take_longer_than_a_request_may(void **state)
{
    struct fixture *f = *state;
    static const struct migration slow[] = {
        {1, "slow", "", STR_INIT("ALTER TABLE t ADD COLUMN more INTEGER; SELECT pg_sleep(0.4)")}};
    ((struct postgres *)(void *)f->db)->answer_ms = 200;
    assert_int_equal(db_script(f->db, &f->op, STR("SET statement_timeout = 100")), ERR_OK);
    assert_int_equal(migrate(f->db, &f->op, slow, 1, NULL), ERR_OK);
    assert_int_equal(number(f, f->db, "SELECT COUNT(more) FROM t"), 0);
    assert_int_equal(db_run(f->db, &f->op, "SELECT pg_sleep(0.4)", DB_NO_ARGS), ERR_UNAVAILABLE);
}

struct waiting {
    struct db *holder;
    unsigned times,
        until; /* how often it was asked; and at which the lock is given up, or the wait */
    bool give_up;
    char told[128];
};

static bool on_waiting(void *arg, const struct watch_step *step)
{
    struct waiting *waiting = arg;
    snprintf(waiting->told, sizeof waiting->told, "%s", step->name);
    if (++waiting->times < waiting->until)
        return true;
    if (!waiting->give_up)
        db_rollback(waiting->holder);
    return !waiting->give_up;
}

static void another_that_brings_the_schema_up_to_date_is_waited_for_and_named(void **state)
{
    struct fixture *f = *state;
    struct waiting waiting = {.until = 6};
    struct watch watch = {on_waiting, &waiting};
    assert_int_equal(db_open(f->database.url, &f->op, &waiting.holder), ERR_OK);
    int64_t pid = number(f, waiting.holder, "SELECT pg_backend_pid()");
    assert_int_equal(db_begin(waiting.holder, &f->op), ERR_OK);
    assert_int_equal(number(f, waiting.holder, waiting.holder->engine->lock_sql), 1);
    assert_int_equal(db_script(f->db, &f->op, STR("SET lock_timeout = 10")), ERR_OK);

    assert_int_equal(migrate(f->db, &f->op, upgrade, 1, &watch), ERR_OK);
    assert_int_equal(waiting.times, 6);
    char name[32];
    snprintf(name, sizeof name, "process %lld ", (long long)pid);
    assert_non_null(strstr(waiting.told, name));

    waiting = (struct waiting){.holder = waiting.holder, .until = 3, .give_up = true};
    assert_int_equal(db_begin(waiting.holder, &f->op), ERR_OK);
    assert_int_equal(number(f, waiting.holder, waiting.holder->engine->lock_sql), 1);
    assert_int_equal(migrate(f->db, &f->op, upgrade, 1, &watch), ERR_UNAVAILABLE);
    assert_int_equal(waiting.times, 3);
    db_close(waiting.holder);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_loss_between_two_transactions_is_not_noticed),
        TEST(a_loss_inside_a_transaction_asks_to_run_it_again),
        TEST(db_transact_gets_over_it),
        TEST(a_loss_in_the_commit_is_reported_as_an_unknown_outcome),
        TEST(a_transaction_that_the_server_gave_up_asks_to_run_it_again),
        TEST(who_stops_while_it_sends_holds_nobody_up_for_long),
        TEST(what_is_sent_in_pieces_is_one_transaction),
        TEST(a_view_that_lingers_is_not_ended),
        TEST(while_the_server_is_away_nothing_waits_and_then_all_continues),
        TEST(an_error_in_the_queue_shows_at_the_next_query),
        TEST(an_error_in_the_queue_shows_when_a_statement_is_prepared),
        TEST(a_type_that_does_not_fit_harms_none_that_do),
        TEST(every_connection_is_as_durable_as_it_must_be),
        TEST(a_warning_at_the_commit_is_reported_as_an_unknown_outcome),
        TEST(a_commit_is_never_cancelled_by_the_limit_of_a_statement),
        TEST(a_row_that_another_holds_is_waited_for),
        TEST(a_deadlock_is_run_again),
        TEST(nodes_that_start_at_once_make_the_schema_once),
        TEST(nodes_that_are_upgraded_at_once_take_a_step_once),
        TEST(a_step_may_take_longer_than_a_request_may),
        TEST(another_that_brings_the_schema_up_to_date_is_waited_for_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
