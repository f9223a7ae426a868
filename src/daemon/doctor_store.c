/* What `bzctrld doctor` checks of what is stored: the database and what is in it. */
#include "core/health.h"
#include "core/task_index.h"
#include "core/vitals.h"
#include "daemon/doctor.h"
#include "db/db.h"
#include "db/examine.h"
#include "db/lock.h"
#include "db/migrate.h"
#include "store/event.h"
#include "store/task_index.h"

#include <sys/timex.h>

#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

enum {
    WHOLE_MAX_MIB = 1024, /* a larger database is checked whole with --full only */
    INDEX_BEHIND_WARNING = 10000,
    POSTGRES_OLDEST = 15,
    CONNECTIONS_OF_A_NODE = 12, /* of a server, and what a backup and this take */
};

/* ---- the database ---- */

/* The event that each chain ends with, by the chain's own head: what a torn or mixed copy of files
 * gets wrong first. */
static enum err heads_look(struct checkup *checkup, size_t *ret_chains)
{
    struct op *op = checkup->op;
    struct chain_heads heads;
    enum err err = store_chain_heads(checkup->db, op, &heads);
    for (size_t i = 0; i < heads.n && err == ERR_OK; i++) {
        struct str hash = STR_NONE;
        const struct chain_head *head = &heads.items[i];
        if (head->seq > 0)
            err = store_event_hash(checkup->db, op, head->ordinal, head->seq, &hash);
        if (err == ERR_OK && head->seq > 0 && !str_eq(hash, head->hash))
            err = op_fail(op, ERR_CORRUPT, "the history of a domain does not end where it should");
    }
    if (err == ERR_OK)
        *ret_chains = heads.n;
    return err;
}

static enum err database_look(struct checkup *checkup, struct str *ret_engine, int64_t *ret_size,
                              bool *ret_whole)
{
    struct op *op = checkup->op;
    struct str fault = STR_NONE;
    enum err err = db_describe(checkup->db, op, ret_engine, ret_size);
    *ret_whole = checkup->full || *ret_size < WHOLE_MAX_MIB * INT64_C(1024) * 1024;
    if (err == ERR_OK && *ret_whole)
        err = db_integrity(checkup->db, op, &fault);
    if (err == ERR_OK && fault.p != NULL)
        err = op_fail(op, ERR_CORRUPT, "the database is damaged: %.*s", STR_ARG(fault));
    return err;
}

void doctor_database(struct checkup *checkup)
{
    struct op *op = checkup->op;
    struct str engine;
    int64_t size = 0;
    bool whole = false;
    enum err err = db_open_reader(checkup->url.p, op, &checkup->db);
    if (err != ERR_OK) {
        doctor_say_err(checkup, DOCTOR_FAULT, err,
                       db_file(checkup->url).p != NULL
                           ? "if this is a new installation, start the server; otherwise see "
                             "--database and --data"
                           : "see whether PostgreSQL runs, and whether --database and the password "
                             "are right");
        return;
    }
    err = database_look(checkup, &engine, &size, &whole);
    if (err != ERR_OK) {
        doctor_say_err(checkup, DOCTOR_FAULT, err,
                       err == ERR_CORRUPT
                           ? "stop the server, keep a copy of all its files, and restore a backup "
                             "(doc/operating.md)"
                           : "run it again; the log of the database may say more");
        db_close(checkup->db);
        checkup->db = NULL;
        return;
    }
    doctor_say(checkup, DOCTOR_OK, "%.*s, %lld MiB%s", STR_ARG(engine),
               (long long)(size / 1024 / 1024),
               whole ? "" : "; its pages are checked with --full only");
}

/* ---- PostgreSQL ---- */

static struct str setting_of(const struct db_rows *rows, struct str name)
{
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(db_get_str(rows, i, 0), name))
            return db_get_str(rows, i, 1);
    return STR("");
}

static int64_t number_of(const struct db_rows *rows, struct str name)
{
    uint64_t number = 0;
    (void)str_to_u64(setting_of(rows, name), INT64_MAX, &number);
    return (int64_t)number;
}

void doctor_postgresql(struct checkup *checkup)
{
    struct db_rows rows;
    if (checkup->db == NULL)
        return;
    enum err err = db_server_settings(checkup->db, checkup->op, &rows);
    if (err == ERR_NOT_FOUND)
        return;
    if (err != ERR_OK) {
        doctor_say_err(checkup, DOCTOR_FAULT, err, "see PostgreSQL's log");
        return;
    }
    int64_t version = number_of(&rows, STR("server_version_num")) / 10000,
            max = number_of(&rows, STR("max_connections")),
            used = number_of(&rows, STR("connections"));
    struct str standbys = setting_of(&rows, STR("synchronous_standby_names"));
    size_t before = checkup->said;
    if (version < POSTGRES_OLDEST)
        doctor_say(checkup, DOCTOR_FAULT, "its version is %lld\nuse PostgreSQL %d or newer",
                   (long long)version, POSTGRES_OLDEST);
    if (!str_eq(setting_of(&rows, STR("server_encoding")), STR("UTF8")))
        doctor_say(
            checkup, DOCTOR_FAULT,
            "the database is not in UTF-8\nmake another with createdb -E UTF8, and copy with "
            "bzctrld migrate");
    if (!str_eq(setting_of(&rows, STR("fsync")), STR("on")) ||
        !str_eq(setting_of(&rows, STR("full_page_writes")), STR("on")))
        doctor_say(checkup, DOCTOR_FAULT,
                   "fsync or full_page_writes is off: a power cut loses what was acknowledged\nset "
                   "both to on in postgresql.conf");
    if (str_eq(setting_of(&rows, STR("synchronous_commit")), STR("off")))
        doctor_say(checkup, DOCTOR_WARNING,
                   "synchronous_commit is off; bzctrld sets it for its own commits, and other "
                   "programs lose theirs\nset it to on in postgresql.conf");
    if (max - used < (checkup->running ? 2 : CONNECTIONS_OF_A_NODE))
        doctor_say(checkup, DOCTOR_FAULT,
                   "%lld of %lld connections are in use, and a server needs up to %d\nraise "
                   "max_connections, or end other programs",
                   (long long)used, (long long)max, CONNECTIONS_OF_A_NODE);
    if (checkup->said == before)
        doctor_say(checkup, DOCTOR_OK, "version %lld, %lld of %lld connections in use, %s",
                   (long long)version, (long long)used, (long long)max,
                   standbys.n > 0 ? "synchronous replication" : "no synchronous standby");
}

void doctor_schema(struct checkup *checkup)
{
    int64_t newest = migrations[migration_count - 1].number;
    struct store_health health;
    size_t chains = 0;
    if (checkup->db == NULL)
        return;
    enum err err = migrate_check(checkup->db, checkup->op, migrations, migration_count);
    checkup->schema_current = err == ERR_OK;
    if (err == ERR_NOT_FOUND) {
        doctor_say(checkup, DOCTOR_WARNING,
                   "the database is empty\nif this is a new installation, start the server");
        return;
    }
    if (err == ERR_OK)
        err = heads_look(checkup, &chains);
    if (err == ERR_OK) {
        doctor_say(checkup, DOCTOR_OK,
                   "step %lld, the newest; %zu domains' histories end as they "
                   "should",
                   (long long)newest, chains);
        return;
    }
    struct op quiet = {.arena = checkup->op->arena, .now = checkup->op->now};
    bool older = err == ERR_INVALID && !checkup->running &&
                 store_health_get(checkup->db, &quiet, &health) == ERR_OK && health.schema < newest;
    doctor_say_err(checkup, older ? DOCTOR_WARNING : DOCTOR_FAULT, err,
                   err == ERR_INVALID   ? "back up with the older version first"
                   : err == ERR_CORRUPT ? "`bzctrld verify` says more; restore a backup"
                                        : "run it again; the log of the database may say more");
}

/* ---- the clock ---- */

void doctor_clock(struct checkup *checkup)
{
    enum { AHEAD_MS = 5000 };
    int64_t newest = 0;
    struct timex clock = {0};
    if (checkup->db != NULL && checkup->schema_current &&
        store_chain_newest(checkup->db, checkup->op, &newest) != ERR_OK)
        newest = 0;
    int state = adjtimex(&clock);
    if (newest > checkup->op->now + AHEAD_MS)
        doctor_say(checkup, DOCTOR_FAULT,
                   "the newest event is %lld s later than this machine's clock\nset the clock: new "
                   "events get the time of that one until then",
                   (long long)((newest - checkup->op->now) / SECOND));
    else if (state == TIME_ERROR || (state >= 0 && (clock.status & STA_UNSYNC) != 0))
        doctor_say(checkup, DOCTOR_WARNING,
                   "nothing keeps this machine's clock right, says its kernel\nrun chrony or "
                   "systemd-timesyncd; in a container, on its host");
    else
        doctor_say(checkup, DOCTOR_OK, "%s, and not before the newest event",
                   state < 0 ? "set" : "kept right by the network");
}

/* ---- what runs by itself ---- */

void doctor_index(struct checkup *checkup)
{
    struct op *op = checkup->op;
    bool ready = false;
    int64_t behind = 0;
    if (checkup->db == NULL || !checkup->schema_current)
        return;
    struct task_index *index = task_index_create(checkup->url, checkup->config->data.p);
    enum err err = index == NULL ? ERR_MEMORY : db_begin_read(checkup->db, op);
    if (err == ERR_OK) {
        err = core_index_health(index, checkup->db, op, &ready, &behind);
        db_rollback(checkup->db);
    }
    task_index_destroy(index);
    if (err != ERR_OK)
        doctor_say_err(checkup, DOCTOR_WARNING, err, "bzctrld index rebuild has it built again");
    else if (checkup->running && !ready)
        doctor_say(checkup, DOCTOR_WARNING,
                   "there is no index of records yet, so lists are slow\nwait until the server has "
                   "built it; if it does not, see its log");
    else if (checkup->running && behind > INDEX_BEHIND_WARNING)
        doctor_say(checkup, DOCTOR_WARNING,
                   "the index of records lacks %lld events, so lists are slow\nit catches up "
                   "when fewer reports come in; if it does not, see the log",
                   (long long)behind);
    else
        doctor_say(checkup, DOCTOR_OK,
                   ready ? "it lacks %lld events" : "none yet; the server builds it",
                   (long long)behind);
}

void doctor_jobs(struct checkup *checkup)
{
    enum { KINDS_MAX = 64 };
    struct op *op = checkup->op;
    struct job_queues queues;
    struct store_health health;
    if (checkup->db == NULL || !checkup->schema_current)
        return;
    enum err err = store_job_queues(checkup->db, op, KINDS_MAX, &queues);
    if (err == ERR_OK)
        err = store_health_get(checkup->db, op, &health);
    if (err != ERR_OK) {
        doctor_say_err(checkup, DOCTOR_FAULT, err, "see the check of the database");
        return;
    }
    size_t before = checkup->said;
    for (size_t i = 0; i < queues.n && checkup->running; i++) {
        const struct job_queue *queue = &queues.items[i];
        int64_t age = queue->due_at > op->now || queue->due_at == 0 ? 0 : op->now - queue->due_at;
        if (age > HOUR / 6)
            doctor_say(checkup, age > HOUR ? DOCTOR_FAULT : DOCTOR_WARNING,
                       "\"%.*s\" has been due for %lld minutes, and %lld of its jobs are\nsee the "
                       "server's log; restart it if nothing is there",
                       STR_ARG(queue->kind), (long long)(age / 60 / SECOND), (long long)queue->due);
    }
    for (size_t i = 0; i < health.job_count; i++) {
        const struct job_kind_health *job = &health.jobs[i];
        if (job->failing + job->dead > 0)
            doctor_say(
                checkup, DOCTOR_WARNING,
                "%lld jobs of \"%.*s\" fail, and %lld were given up: %.*s\nsee to the reason; "
                "what fails is tried again by itself",
                (long long)job->failing, STR_ARG(job->kind), (long long)job->dead,
                STR_ARG(str_sub(job->reason, 0, 200)));
    }
    if (checkup->said == before)
        doctor_say(checkup, DOCTOR_OK, "%zu kinds, none late or failing", queues.n);
}

/* ---- the last backup ---- */

void doctor_backup(struct checkup *checkup)
{
    int64_t at = backup_time(checkup->config->data, checkup->op), age = checkup->op->now - at;
    if (at == BACKUP_NEVER)
        doctor_say(checkup, DOCTOR_WARNING,
                   "no backup is known\nlet a timer run `bzctrld backup`; who backs up in another "
                   "way touches %.*s/last-backup after each",
                   STR_ARG(checkup->config->data));
    else
        doctor_say(checkup,
                   age > 7 * DAY          ? DOCTOR_FAULT
                   : age > DAY + 2 * HOUR ? DOCTOR_WARNING
                                          : DOCTOR_OK,
                   "the last one was %lld hours ago%s", (long long)(age / HOUR),
                   age > DAY + 2 * HOUR ? "\nfind out why the timer does not run it" : "");
}
