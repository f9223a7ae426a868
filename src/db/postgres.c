#include "db/postgres.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/metric.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* What the server is told, in milliseconds: how long a statement may take, how long it may wait for
 * a lock (its holder, another node, commits within milliseconds), and when a transaction that
 * nothing is heard of is ended, so that a node that hangs does not hold the others up for long. */
#define STATEMENT_MS "15000"
#define LOCK_MS      "5000"
#define IDLE_MS      "30000"

enum {
    SETTINGS_MS = 5000,    /* what a new connection's first answer may take */
    ANSWER_MS = 20000,     /* what the client waits: longer than any statement may take */
    BACKOFF_FIRST_MS = 50, /* doubled with each failure, */
    BACKOFF_MAX_MS = 2000, /* up to this */
    /* A commit waits for the standby that must have it. Past this its outcome is not known; it is
     * never cancelled, for a cancelled one looks done and is on one machine only. */
    COMMIT_MS = 15000,
    /* libpq sends what it has as soon as it has 8 KiB, be it half a statement. */
    SYNC_BYTES = 8 * 1024 - 512,
};

/* ---- errors ---- */

/* By SQLSTATE: all five characters, or the two of a class. */
static const struct {
    const char *state;
    enum err err;
} states[] = {
    {"40", ERR_RETRY},          /* serialization failure, deadlock */
    {"55P03", ERR_UNAVAILABLE}, /* a lock did not come in time: its holder hangs */
    /* Everything that must be unique is looked up before it is written; so somebody else, on
     * another node, wrote it in between, and the next look finds it. */
    {"23505", ERR_RETRY},
    {"23", ERR_CONSTRAINT},
    {"53100", ERR_FULL},
    {"XX001", ERR_CORRUPT},
    {"XX002", ERR_CORRUPT},
    {"08", ERR_UNAVAILABLE},
    {"25006", ERR_UNAVAILABLE}, /* a standby: the primary is elsewhere now */
    {"53", ERR_UNAVAILABLE},    /* out of connections or memory */
    {"57", ERR_UNAVAILABLE},    /* shutting down, cancelled, timed out */
    {"58", ERR_UNAVAILABLE},    /* its disk or its system fails */
    {"28", ERR_UNAVAILABLE},    /* the password is gone, */
    {"42501", ERR_UNAVAILABLE}, /* or the right */
    {"3D000", ERR_UNAVAILABLE},
};

static enum err state_err(const char *state)
{
    for (size_t i = 0; state != NULL && i < sizeof states / sizeof states[0]; i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].err;
    return ERR_MISUSE;
}

/* The first line of libpq's words, which end with a line break. */
static struct str first_line(const char *words)
{
    struct str rest = str_of(words);
    return str_trim(str_cut(&rest, '\n'));
}

/* Does the server close the connection after this? */
static bool is_last_word(const PGresult *result)
{
    const char *severity =
        result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* Gives the connection up, and with it all that was prepared and pending. */
static void postgres_disconnect(struct postgres *postgres)
{
    statements_finish(&postgres->statements, postgres_statement_destroy);
    PQfinish(postgres->handle);
    postgres->handle = NULL;
    postgres->pending = postgres->syncs = postgres->unsynced = 0;
}

enum err postgres_fail(struct postgres *postgres, struct op *op, const PGresult *result)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool lost = PQstatus(postgres->handle) == CONNECTION_BAD || is_last_word(result);
    /* A transaction whose connection is lost before its commit is undone: run it again, and let
     * the next connection tell. */
    enum err err = lost ? ERR_RETRY : state != NULL ? state_err(state) : ERR_MEMORY;
    const char *message =
        result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    struct str words = first_line(message != NULL ? message : PQerrorMessage(postgres->handle));
    err = op_fail(op, err, "%.*s%s%s%s", STR_ARG(words), state != NULL ? " (SQLSTATE " : "",
                  state != NULL ? state : "", state != NULL ? ")" : "");
    if (lost || err == ERR_UNAVAILABLE)
        postgres_disconnect(postgres);
    return err;
}

/* ---- connecting ---- */

/* What a commit's warning may say is that it is not as durable as it was asked to be. */
static void on_notice(void *arg, const PGresult *result)
{
    struct postgres *postgres = arg;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity != NULL && strcmp(severity, "WARNING") == 0)
        postgres->warned = true;
}

/* What holds for every connection, whatever the server's own settings are. What asks for more
 * durability than we do stays. */
static const char session_sql[] =
    "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),"
    " set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
    " set_config('idle_in_transaction_session_timeout', $3, false),"
    /* A node whose machine is gone says nothing either; what it has locked is not to wait for the
     * two hours after which a system asks by itself. */
    " set_config('tcp_keepalives_idle', '10', false),"
    " set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '25000', "
    "false),"
    " set_config('default_transaction_isolation', 'read committed', false),"
    " set_config('default_transaction_read_only', $4, false),"
    " set_config('standard_conforming_strings', 'on', false),"
    /* Every statement is written for an index; what is without one is small. So no plan that was
     * made while a table was empty reads it whole when it no longer is. And none of them runs for
     * so long that compiling it pays. */
    " set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false)";

/* The first of the pipeline: from here on nothing of libpq's blocks. */
static enum err session_configure(struct postgres *postgres, struct op *op)
{
    const char *const values[] = {STATEMENT_MS, LOCK_MS, IDLE_MS, postgres->reader ? "on" : "off"};
    if (PQsetnonblocking(postgres->handle, 1) != 0 || PQenterPipelineMode(postgres->handle) != 1 ||
        PQsendQueryParams(postgres->handle, session_sql, 4, NULL, values, NULL, NULL, 0) != 1)
        return postgres_fail(postgres, op, NULL);
    postgres->pending++;
    return postgres_sync(postgres, op, clock_ticks() + SETTINGS_MS, NULL);
}

/* The URL goes over the defaults before it; what comes after it is not to be changed. */
static PGconn *connection_make(const char *url)
{
    static const char *const names[] = {"application_name",     "connect_timeout",
                                        "keepalives_idle",      "keepalives_interval",
                                        "keepalives_count",     "tcp_user_timeout",
                                        "target_session_attrs", "dbname",
                                        "client_encoding",      NULL};
    const char *const values[] = {"bzctrld", "5",          "10", "5",    "3",
                                  "20000",   "read-write", url,  "UTF8", NULL};
    return PQconnectdbParams(names, values, 1);
}

enum err postgres_connect(struct postgres *postgres, struct op *op)
{
    if (postgres->handle != NULL)
        return ERR_OK;
    if (postgres->failures > 0 && clock_ticks() < postgres->retry_at)
        return op_fail(op, ERR_UNAVAILABLE, "cannot reach the database");
    postgres->handle = connection_make(postgres->url);
    enum err err = ERR_OK;
    if (PQstatus(postgres->handle) != CONNECTION_OK)
        err = op_fail(op, ERR_UNAVAILABLE, "cannot reach the database: %.*s",
                      STR_ARG(first_line(PQerrorMessage(postgres->handle))));
    if (err == ERR_OK) {
        PQsetNoticeReceiver(postgres->handle, on_notice, postgres);
        err = session_configure(postgres, op);
    }
    if (err == ERR_OK) {
        postgres->failures = 0;
        return ERR_OK;
    }
    metric_add(METRIC_DATABASE_ERRORS, DATABASE_CONNECT, 0, 1);
    postgres_disconnect(postgres);
    int64_t pause = (int64_t)BACKOFF_FIRST_MS << (postgres->failures < 8 ? postgres->failures : 8);
    postgres->failures++;
    postgres->retry_at = clock_ticks() + (pause < BACKOFF_MAX_MS ? pause : BACKOFF_MAX_MS);
    return err == ERR_MEMORY ? ERR_MEMORY : ERR_UNAVAILABLE;
}

/* A connection that the server has closed becomes readable: first its last message is read, then
 * the end of the stream. */
static void notice_loss(struct postgres *postgres)
{
    struct pollfd fd = {.fd = PQsocket(postgres->handle), .events = POLLIN};
    while (postgres->handle != NULL && poll(&fd, 1, 0) > 0)
        if (PQconsumeInput(postgres->handle) == 0)
            postgres_disconnect(postgres);
}

static void postgres_close(struct db *db)
{
    struct postgres *postgres = container_of(db, struct postgres, db);
    postgres_disconnect(postgres);
    free(postgres->url);
    free(postgres);
}

static enum err postgres_open(struct str place, bool reader, struct op *op, struct db **ret_db)
{
    struct postgres *postgres = calloc(1, sizeof *postgres);
    if (postgres == NULL)
        return ERR_MEMORY;
    postgres->reader = reader;
    postgres->answer_ms = ANSWER_MS;
    postgres->commit_ms = COMMIT_MS;
    struct str url = arena_printf(op->arena, "postgresql:%.*s", STR_ARG(place));
    postgres->url = url.p == NULL ? NULL : strdup(url.p);
    enum err err = postgres->url == NULL ? ERR_MEMORY : postgres_connect(postgres, op);
    if (err != ERR_OK) {
        postgres_close(&postgres->db);
        return err;
    }
    *ret_db = &postgres->db;
    return ERR_OK;
}

/* ---- the pipeline ---- */

static int64_t deadline_after(const struct postgres *postgres, int milliseconds)
{
    return postgres->db.patient ? INT64_MAX : clock_ticks() + milliseconds;
}

int64_t postgres_deadline(const struct postgres *postgres)
{
    return deadline_after(postgres, postgres->answer_ms);
}

/* Waits until bytes have arrived, and sends what is queued while waiting. */
static enum err wait_for_bytes(struct postgres *postgres, struct op *op, int64_t deadline)
{
    int unsent = PQflush(postgres->handle);
    if (unsent < 0)
        return postgres_fail(postgres, op, NULL);
    struct pollfd fd = {.fd = PQsocket(postgres->handle),
                        .events = (short)(POLLIN | (unsent > 0 ? POLLOUT : 0))};
    int64_t left = deadline - clock_ticks();
    int ready = left <= 0 ? 0 : poll(&fd, 1, left < INT_MAX ? (int)left : -1);
    if (ready < 0 && errno == EINTR)
        return ERR_OK;
    if (ready <= 0) {
        postgres_disconnect(postgres);
        return op_fail(op, ERR_UNAVAILABLE, "the database does not answer");
    }
    if ((fd.revents & ~POLLOUT) != 0 && PQconsumeInput(postgres->handle) == 0)
        return postgres_fail(postgres, op, NULL);
    return ERR_OK;
}

/* The next result; *ret_result is NULL between those of two statements. Gives the connection up
 * when nothing has come by `deadline`. */
static enum err result_read(struct postgres *postgres, struct op *op, int64_t deadline,
                            PGresult **ret_result)
{
    while (PQisBusy(postgres->handle)) {
        enum err err = wait_for_bytes(postgres, op, deadline);
        if (err != ERR_OK)
            return err;
    }
    *ret_result = PQgetResult(postgres->handle);
    return ERR_OK;
}

/* Reads one statement's results up to the NULL after them, and the syncs before it. */
static enum err statement_read(struct postgres *postgres, struct op *op, int64_t deadline,
                               PGresult **ret_result)
{
    PGresult *result = NULL, *next;
    enum err err = result_read(postgres, op, deadline, &next);
    while (err == ERR_OK && PQresultStatus(next) == PGRES_PIPELINE_SYNC) {
        PQclear(next);
        postgres->syncs--;
        err = result_read(postgres, op, deadline, &next);
    }
    while (err == ERR_OK && next != NULL) {
        PQclear(result);
        result = next;
        err = result_read(postgres, op, deadline, &next);
    }
    if (err == ERR_OK && result == NULL)
        err = postgres_fail(postgres, op, NULL);
    if (err != ERR_OK) {
        PQclear(result);
        return err;
    }
    *ret_result = result;
    return ERR_OK;
}

/* Reads the results of all pending statements; the first error counts. */
static enum err pending_read(struct postgres *postgres, struct op *op, int64_t deadline,
                             PGresult **ret_last)
{
    enum err fault = ERR_OK;
    PGresult *last = NULL;
    while (postgres->pending > 0) {
        PGresult *result;
        enum err err = statement_read(postgres, op, deadline, &result);
        if (err != ERR_OK) {
            PQclear(last);
            return fault != ERR_OK ? fault : err;
        }
        postgres->pending--;
        PQclear(last);
        last = result;
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || fault != ERR_OK)
            continue;
        fault = postgres_fail(postgres, op, result);
        if (postgres->handle == NULL)
            break;
    }
    if (fault != ERR_OK)
        PQclear(last);
    else
        *ret_last = last;
    return fault;
}

static enum err sync_send(struct postgres *postgres, struct op *op)
{
    if (PQpipelineSync(postgres->handle) != 1)
        return postgres_fail(postgres, op, NULL);
    postgres->syncs++;
    postgres->unsynced = 0;
    return ERR_OK;
}

/* Reads the syncs after the last statement. */
static enum err syncs_read(struct postgres *postgres, struct op *op, int64_t deadline)
{
    while (postgres->handle != NULL && postgres->syncs > 0) {
        PGresult *end = NULL;
        enum err err = result_read(postgres, op, deadline, &end);
        if (err == ERR_OK && PQresultStatus(end) != PGRES_PIPELINE_SYNC)
            err = postgres_fail(postgres, op, end);
        PQclear(end);
        if (err != ERR_OK)
            return err;
        postgres->syncs--;
    }
    return ERR_OK;
}

enum err postgres_sync(struct postgres *postgres, struct op *op, int64_t deadline,
                       PGresult **ret_last)
{
    PGresult *last = NULL;
    enum err err = sync_send(postgres, op);
    if (err != ERR_OK)
        return err;
    enum err fault = pending_read(postgres, op, deadline, &last);
    err = syncs_read(postgres, op, deadline);
    if (fault != ERR_OK || err != ERR_OK || ret_last == NULL)
        PQclear(last);
    else
        *ret_last = last;
    postgres->begun = postgres->begun || (fault == ERR_OK && err == ERR_OK);
    return fault != ERR_OK ? fault : err;
}

enum err postgres_room(struct postgres *postgres, struct op *op, size_t bytes)
{
    bool fits = postgres->unsynced == 0 || postgres->unsynced + bytes < SYNC_BYTES;
    enum err err = fits || !postgres->begun ? ERR_OK : sync_send(postgres, op);
    postgres->unsynced += bytes;
    return err;
}

enum err postgres_queued(struct postgres *postgres, struct op *op)
{
    postgres->pending++;
    return postgres->unsynced < SYNC_BYTES || !postgres->begun ? ERR_OK : sync_send(postgres, op);
}

/* Queues a statement without parameters and rows: BEGIN and the like. */
static enum err postgres_send(struct postgres *postgres, struct op *op, const char *sql)
{
    enum err err = postgres_room(postgres, op, STATEMENT_BYTES + strlen(sql));
    if (err != ERR_OK)
        return err;
    if (PQsendQueryParams(postgres->handle, sql, 0, NULL, NULL, NULL, NULL, 0) != 1)
        return postgres_fail(postgres, op, NULL);
    return postgres_queued(postgres, op);
}

/* ---- scripts and transactions ---- */

/* Several statements at once do not go through a pipeline: it is left for them. */
static enum err script_run(struct postgres *postgres, struct op *op, const char *sql)
{
    if (PQexitPipelineMode(postgres->handle) != 1 || PQsendQuery(postgres->handle, sql) != 1)
        return postgres_fail(postgres, op, NULL);
    enum err fault = ERR_OK;
    for (;;) {
        PGresult *result;
        enum err err = result_read(postgres, op, postgres_deadline(postgres), &result);
        if (err != ERR_OK)
            return err;
        if (result == NULL)
            break;
        if (PQresultStatus(result) != PGRES_COMMAND_OK &&
            PQresultStatus(result) != PGRES_TUPLES_OK && fault == ERR_OK)
            fault = postgres_fail(postgres, op, result);
        PQclear(result);
        if (postgres->handle == NULL)
            return fault;
    }
    if (PQenterPipelineMode(postgres->handle) != 1 && fault == ERR_OK)
        fault = postgres_fail(postgres, op, NULL);
    return fault;
}

static enum err postgres_script(struct db *db, struct op *op, struct str sql)
{
    struct postgres *postgres = container_of(db, struct postgres, db);
    struct str text;
    enum err err = postgres_translate(op, sql, &text);
    if (err == ERR_OK && !db->open)
        err = postgres_connect(postgres, op);
    if (err == ERR_OK)
        err = postgres_sync(postgres, op, postgres_deadline(postgres), NULL);
    return err == ERR_OK ? script_run(postgres, op, text.p) : err;
}

static enum err postgres_begin(struct db *db, struct op *op, bool write)
{
    struct postgres *postgres = container_of(db, struct postgres, db);
    if (postgres->handle != NULL)
        notice_loss(postgres);
    enum err err = postgres_connect(postgres, op);
    if (err != ERR_OK)
        return err;
    postgres->begun = false;
    return postgres_send(postgres, op,
                         write ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

/* ERR_UNAVAILABLE also means that the outcome is not known. */
static enum err postgres_commit(struct db *db, struct op *op)
{
    struct postgres *postgres = container_of(db, struct postgres, db);
    PGresult *last = NULL;
    postgres->warned = false;
    enum err err = postgres_send(postgres, op, "COMMIT");
    if (err == ERR_OK)
        err = postgres_sync(postgres, op, deadline_after(postgres, postgres->commit_ms), &last);
    /* An error that the server tells, of this or of a statement before it, is a plain no. After a
     * lost connection nobody knows. */
    if (err != ERR_OK)
        return postgres->handle != NULL ? err : ERR_UNAVAILABLE;
    /* A transaction that cannot be committed ends with the word ROLLBACK. */
    if (strcmp(PQcmdStatus(last), "COMMIT") != 0)
        err = op_fail(op, ERR_UNAVAILABLE, "the database did not commit");
    else if (postgres->warned)
        err =
            op_fail(op, ERR_UNAVAILABLE, "the commit may not have reached every required standby");
    PQclear(last);
    if (err != ERR_OK)
        postgres_disconnect(postgres);
    return err;
}

static void postgres_rollback(struct db *db)
{
    struct postgres *postgres = container_of(db, struct postgres, db);
    struct arena arena;
    arena_init(&arena, 0);
    struct op unheard = {.arena = &arena};
    if (postgres->handle == NULL)
        return;
    /* After an error in what is pending the server hears nothing up to the sync. */
    if (postgres->pending > 0)
        (void)!postgres_sync(postgres, &unheard, postgres_deadline(postgres), NULL);
    if (postgres->handle == NULL)
        return;
    enum err err = postgres_send(postgres, &unheard, "ROLLBACK");
    if (err == ERR_OK)
        err = postgres_sync(postgres, &unheard, postgres_deadline(postgres), NULL);
    if (err != ERR_OK)
        postgres_disconnect(postgres);
}

static enum err postgres_upkeep(struct db *db, struct op *op, bool idle)
{
    (void)db, (void)op, (void)idle; /* the server sees to itself */
    return ERR_OK;
}

/* How the catalog names the lock of `lock_sql` below. */
static const char holder_sql[] =
    "SELECT 'process ' || pid || ' of the database, for ' || COALESCE(host(client_addr), 'a node on"
    " its own machine') FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE granted"
    " AND locktype = 'advisory' AND classid = 0 AND objid = 7236838 AND objsubid = 1"
    " AND datname = current_database()";

/* A lock on a table is still not waited for for long, since everybody else would queue up behind.
 * And nothing goes on for a client that is gone, which the server only sees when it looks. */
static const char patience_sql[] = "SELECT set_config('statement_timeout', '0', true),"
                                   " set_config('client_connection_check_interval', '2000', true)";

const struct db_engine db_postgres = {
    .name = "pg",
    .scheme = "postgresql:",
    .shared = true,
    .title = "PostgreSQL",
    .version_sql = "SELECT current_setting('server_version')",
    .size_sql = "SELECT pg_database_size(current_database())",
    .settings_sql =
        "SELECT name, CASE name WHEN 'synchronous_commit' THEN reset_val ELSE setting END"
        " FROM pg_settings WHERE name IN ('server_version_num', 'server_encoding', 'fsync',"
        " 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names',"
        " 'max_connections') UNION ALL SELECT 'connections', COUNT(*)::text FROM pg_stat_activity"
        " WHERE backend_type = 'client backend'",
    .schema_sql = "SELECT to_regclass('schema_migration') IS NOT NULL",
    .lock_sql = "SELECT pg_try_advisory_xact_lock(7236838)",
    .holder_sql = holder_sql,
    .patience_sql = patience_sql,
    .linger_sql = "SELECT set_config('idle_in_transaction_session_timeout', '0', true)",
    .open = postgres_open,
    .close = postgres_close,
    .run = postgres_run,
    .script = postgres_script,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .upkeep = postgres_upkeep,
};
