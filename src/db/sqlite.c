#include "db/sqlite.h"

#include "base/container.h"
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * How many pages the log may gather before a checkpoint. Who sends a change while one runs must
 * wait for it, so small and often is best: with 64 changes a commit, 500 pages (2 MB, which the
 * processor's cache holds) take 3.5 ms, 4,000 take 21 and 16,000 a tenth of a second, for only an
 * eighth fewer bytes written in all.
 */
enum {
    CHECKPOINT_PAGES = 500,      /* when work is waiting */
    CHECKPOINT_IDLE_PAGES = 250, /* when none is */
};

/* ---- errors ---- */

/* Why the last write to the log or the database failed; 0: not known. */
static int write_errno(struct sqlite *sqlite)
{
    sqlite3_file *log = NULL;
    int reason = 0;
    sqlite3_file_control(sqlite->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log != NULL && log->pMethods != NULL)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &reason);
    if (reason == 0)
        sqlite3_file_control(sqlite->handle, "main", SQLITE_FCNTL_LAST_ERRNO, &reason);
    return reason;
}

enum err sqlite_fail(struct sqlite *sqlite, struct op *op, int code)
{
    static const struct {
        int code;
        enum err err;
    } codes[] = {
        {SQLITE_BUSY, ERR_RETRY},
        {SQLITE_LOCKED, ERR_RETRY},
        {SQLITE_CONSTRAINT, ERR_CONSTRAINT},
        {SQLITE_FULL, ERR_FULL},
        {SQLITE_IOERR, ERR_IO},
        {SQLITE_CORRUPT, ERR_CORRUPT},
        {SQLITE_NOTADB, ERR_CORRUPT},
        {SQLITE_NOMEM, ERR_MEMORY},
        {SQLITE_CANTOPEN, ERR_UNAVAILABLE},
        {SQLITE_READONLY, ERR_UNAVAILABLE},
        {SQLITE_PERM, ERR_UNAVAILABLE},
        {SQLITE_AUTH, ERR_UNAVAILABLE},
        {SQLITE_PROTOCOL, ERR_RETRY},
        {SQLITE_TOOBIG, ERR_TOO_LONG},
    };
    enum err err = ERR_MISUSE;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].code == (code & 0xff))
            err = codes[i].err;
    /* SQLite knows only ENOSPC as a full disk. Behind a write it may be a quota or a limit; behind
     * a sync it means that data is lost, and stays an I/O error. */
    if (code == SQLITE_IOERR_WRITE) {
        int reason = write_errno(sqlite);
        if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG)
            err = ERR_FULL;
    }
    return op_fail(op, err, "%s (SQLite code %d)", sqlite3_errmsg(sqlite->handle), code);
}

/* For PRAGMA and the like: one or more statements without parameters and rows. */
static enum err sqlite_exec(struct sqlite *sqlite, struct op *op, const char *sql)
{
    int code = sqlite3_exec(sqlite->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ERR_OK : sqlite_fail(sqlite, op, code);
}

/* ---- opening ---- */

/* Before SQLite's first use: no connection is shared between threads, so its own locks, and the
 * statistics that need them, are left out. */
static void library_configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int on_commit(void *arg, sqlite3 *handle, const char *schema, int pages)
{
    struct sqlite *sqlite = arg;
    (void)handle, (void)schema;
    if (pages < sqlite->wal_pages) /* the log has started from its beginning again */
        sqlite->wal_saved = 0;
    sqlite->wal_pages = pages;
    return SQLITE_OK;
}

/* What holds for every connection. Only the writer keeps checkpoints, on its own thread, so that
 * two never overlap with a commit (SQLite before 3.51.3 could reset the log wrongly then). */
static enum err sqlite_configure(struct sqlite *sqlite, struct op *op)
{
    sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, sqlite->reader, NULL);
    enum err err = sqlite_exec(sqlite, op,
                               "PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
                               "PRAGMA mmap_size = 0; PRAGMA recursive_triggers = OFF;"
                               "PRAGMA cache_size = -8000");
    if (err != ERR_OK)
        return err;
    if (sqlite->reader)
        return sqlite_exec(sqlite, op, "PRAGMA query_only = ON");

    sqlite3_wal_hook(sqlite->handle, on_commit, sqlite);
    struct db_rows rows;
    err = sqlite_exec(sqlite, op, "PRAGMA journal_size_limit = 67108864; PRAGMA page_size = 4096");
    if (err == ERR_OK)
        err = sqlite_run(&sqlite->db, op, "PRAGMA journal_mode = WAL", DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    if (!str_eq(db_get_str(&rows, 0, 0), STR("wal")))
        return op_fail(op, ERR_UNAVAILABLE,
                       "SQLite cannot keep a write-ahead log there; use a local disk, not a "
                       "network file system");
    return ERR_OK;
}

/* Makes the file if it is missing; SQLite gives its other files the same mode. */
static enum err file_make(struct op *op, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return op_fail(op, errno == ENOSPC ? ERR_FULL : ERR_UNAVAILABLE,
                       "cannot open the database %s: %s", path, strerror(errno));
    close(fd);
    return ERR_OK;
}

static void sqlite_close(struct db *db)
{
    struct sqlite *sqlite = container_of(db, struct sqlite, db);
    statements_finish(&sqlite->statements, sqlite_statement_destroy);
    /* After a failed sync the page cache is not to be believed: leave the log as it is, for the
     * next start to recover. */
    if (sqlite->lost)
        sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(sqlite->handle);
    free(sqlite);
}

static enum err sqlite_open(struct str place, bool reader, struct op *op, struct db **ret_db)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, library_configure);
    struct str path = arena_str(op->arena, place);
    if (path.p == NULL)
        return ERR_MEMORY;
    if (reader && access(path.p, F_OK) != 0)
        return op_fail(op, ERR_UNAVAILABLE, "there is no database %s", path.p);
    if (!reader) {
        enum err err = file_make(op, path.p);
        if (err != ERR_OK)
            return err;
    }

    struct sqlite *sqlite = calloc(1, sizeof *sqlite);
    if (sqlite == NULL)
        return ERR_MEMORY;
    sqlite->reader = reader;
    int code = sqlite3_open_v2(path.p, &sqlite->handle,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                   SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                               NULL);
    enum err err = ERR_OK;
    if (sqlite->handle == NULL)
        err = ERR_MEMORY;
    else if (code != SQLITE_OK)
        err = sqlite_fail(sqlite, op, code);
    if (err == ERR_OK)
        err = sqlite_configure(sqlite, op);
    /* SQLite syncs the folder when it first syncs a new log, but takes no notice when that fails:
     * then a power cut could take the log away, with all that it holds. So it is made now, and its
     * name made durable; it stays as long as we do. */
    if (err == ERR_OK && !reader)
        err = sqlite_exec(sqlite, op, "BEGIN IMMEDIATE; COMMIT");
    struct str folder = reader ? STR_NONE : folder_of(op, path);
    if (err == ERR_OK && !reader)
        err = folder.p == NULL ? ERR_MEMORY : folder_sync(op, folder.p);
    if (err != ERR_OK) {
        sqlite_close(&sqlite->db);
        return err;
    }
    *ret_db = &sqlite->db;
    return ERR_OK;
}

/* ---- scripts and transactions ---- */

static enum err sqlite_script(struct db *db, struct op *op, struct str sql)
{
    struct sqlite *sqlite = container_of(db, struct sqlite, db);
    struct str text = arena_str(op->arena, sql);
    return text.p == NULL ? ERR_MEMORY : sqlite_exec(sqlite, op, text.p);
}

static void sqlite_rollback(struct db *db);

static enum err sqlite_begin(struct db *db, struct op *op, bool write)
{
    sqlite_rollback(db); /* one that has failed for want of memory is made up for */
    return sqlite_run(db, op, write ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED", DB_NO_ARGS, NULL);
}

static enum err sqlite_commit(struct db *db, struct op *op)
{
    struct sqlite *sqlite = container_of(db, struct sqlite, db);
    enum err err = sqlite_run(db, op, "COMMIT", DB_NO_ARGS, NULL);
    if (err == ERR_IO)
        sqlite->lost = true;
    return err;
}

static void sqlite_rollback(struct db *db)
{
    struct sqlite *sqlite = container_of(db, struct sqlite, db);
    struct arena arena;
    arena_init(&arena, 0);
    struct op unheard = {.arena = &arena};
    /* Some errors have rolled back by themselves. */
    if (sqlite3_get_autocommit(sqlite->handle) == 0)
        (void)!sqlite_run(db, &unheard, "ROLLBACK", DB_NO_ARGS, NULL);
}

static enum err sqlite_upkeep(struct db *db, struct op *op, bool idle)
{
    struct sqlite *sqlite = container_of(db, struct sqlite, db);
    int waiting = sqlite->wal_pages - sqlite->wal_saved;
    if (sqlite->lost || waiting < (idle ? CHECKPOINT_IDLE_PAGES : CHECKPOINT_PAGES))
        return ERR_OK;
    int pages, saved;
    int code =
        sqlite3_wal_checkpoint_v2(sqlite->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &saved);
    if ((code & 0xff) == SQLITE_BUSY) /* somebody reads; another time */
        return ERR_OK;
    if (code != SQLITE_OK) {
        enum err err = sqlite_fail(sqlite, op, code);
        if (err == ERR_IO)
            sqlite->lost = true;
        return err;
    }
    sqlite->wal_saved = saved;
    return ERR_OK;
}

/* Without a log the file can be read where nothing can be written. */
static enum err sqlite_seal(struct db *db, struct op *op)
{
    struct db_rows rows;
    enum err err = sqlite_run(db, op, "PRAGMA journal_mode = DELETE", DB_NO_ARGS, &rows);
    if (err == ERR_OK && !str_eq(db_get_str(&rows, 0, 0), STR("delete")))
        err = op_fail(op, ERR_IO, "SQLite cannot close its write-ahead log");
    return err;
}

const struct db_engine db_sqlite = {
    .name = "sqlite",
    .scheme = "sqlite:",
    .title = "SQLite",
    .version_sql = "SELECT sqlite_version()",
    .size_sql = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    .integrity_sql = "PRAGMA quick_check(1)",
    .schema_sql = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'schema_migration'",
    .open = sqlite_open,
    .close = sqlite_close,
    .run = sqlite_run,
    .script = sqlite_script,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .upkeep = sqlite_upkeep,
    .seal = sqlite_seal,
};
