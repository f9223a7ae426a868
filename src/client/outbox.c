#include "client/outbox.h"

#include "base/clock.h"
#include "base/folder.h"
#include "client/outbox_sql.h"
#include "client/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    VERSION = 1,
    BUSY_MS = 10000,        /* how long another process's commit is waited for */
    RECEIPTS_MAX = 1000000, /* the newest are kept */
    PAGE = 4096,
};

/* A report that waits is in `entry`; acknowledged it becomes a receipt. Ids only grow, also over
 * what was deleted, and are the order of sending. */
static const char schema[] =
    "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE,"
    " sum BLOB NOT NULL, form TEXT NOT NULL, json TEXT NOT NULL, timed INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,"
    " verdict TEXT NOT NULL DEFAULT '');"
    "CREATE INDEX entry_state ON entry (state, id);"
    "CREATE TABLE receipt (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, sum BLOB NOT NULL,"
    " form TEXT NOT NULL, sent_at INTEGER NOT NULL, record TEXT NOT NULL, link TEXT NOT NULL,"
    " receipt TEXT NOT NULL);"
    "CREATE TABLE pause (id INTEGER PRIMARY KEY CHECK (id = 1), until INTEGER NOT NULL,"
    " failures INTEGER NOT NULL);"
    "INSERT INTO pause VALUES (1, 0, 0);"
    "CREATE TABLE account (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL);"
    "PRAGMA user_version = 1;";

/* ---- opening ---- */

static enum err run_script(struct outbox *outbox, struct op *op, const char *script)
{
    return sqlite3_exec(outbox->db, script, NULL, NULL, NULL) == SQLITE_OK
               ? ERR_OK
               : outbox_fail(outbox, op);
}

static enum err make_schema(struct outbox *outbox, struct op *op)
{
    int64_t version = 0;
    enum err err = outbox_begin(outbox, op);
    if (err == ERR_OK)
        err = sql_number(outbox, op, SQL_VERSION, 0, &version);
    if (err == ERR_OK && version == 0)
        err = run_script(outbox, op, schema);
    if (err == ERR_OK)
        err = outbox_commit(outbox, op);
    if (err != ERR_OK)
        outbox_rollback(outbox);
    return err;
}

static enum err same_account(struct outbox *outbox, struct op *op, struct str account,
                             bool *ret_same)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, SQL_ACCOUNT, NULL, 0, &statement);
    if (err != ERR_OK)
        return err;
    *ret_same = sql_step(outbox, op, statement, &err) && str_eq(sql_column(statement, 0), account);
    sql_end(statement);
    return err;
}

/* What waits here must not go to another server, and a key means nothing to another account. */
static enum err check_account(struct outbox *outbox, struct op *op, struct str account)
{
    bool same = false;
    int64_t any = 0;
    enum err err = same_account(outbox, op, account, &same);
    if (err != ERR_OK || same)
        return err;
    err = outbox_begin(outbox, op);
    /* Another process may have been first, and have reports of the same account in it by now. */
    if (err == ERR_OK)
        err = same_account(outbox, op, account, &same);
    if (err == ERR_OK && !same)
        err = sql_number(outbox, op, SQL_ANY, 0, &any);
    if (err == ERR_OK && any != 0)
        err = op_fail(op, ERR_SETTINGS,
                      "the outbox %.120s has reports of another account or server: send or drop "
                      "them, or name another outbox",
                      outbox->file);
    if (err == ERR_OK && !same)
        err = RUN(outbox, op, SQL_SET_ACCOUNT, TEXT(account));
    if (err == ERR_OK)
        err = outbox_commit(outbox, op);
    if (err != ERR_OK)
        outbox_rollback(outbox);
    return err;
}

/* The file and the one that senders lock, both for their owner alone, and names that last. */
static enum err make_files(struct outbox *outbox, struct op *op)
{
    struct str lock = arena_printf(op->arena, "%s-lock", outbox->file);
    if (lock.p == NULL)
        return ERR_MEMORY;
    const char *names[] = {lock.p, outbox->file};
    for (size_t i = 0; i < 2; i++) {
        if (access(names[i], F_OK) == 0)
            continue;
        /* An empty file is an empty database. */
        int fd = open(names[i], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        struct str folder = folder_of(op, str_of(names[i]));
        if (fd >= 0)
            close(fd);
        if (fd < 0)
            return op_fail(op, errno == ENOSPC ? ERR_FULL : ERR_IO, "%.150s cannot be made: %s",
                           names[i], strerror(errno));
        if (folder.p == NULL)
            return ERR_MEMORY;
        enum err err = folder_sync(op, folder.p);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static enum err open_file(struct outbox *outbox, struct op *op, struct str account)
{
    int64_t version = 0;
    enum err err = make_files(outbox, op);
    if (err != ERR_OK)
        return err;
    int code = sqlite3_open_v2(outbox->file, &outbox->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (outbox->db == NULL)
        return ERR_MEMORY;
    if (code != SQLITE_OK)
        return outbox_fail(outbox, op);
    sqlite3_busy_timeout(outbox->db, BUSY_MS);
    sqlite3_limit(outbox->db, SQLITE_LIMIT_LENGTH, 16 * 1024 * 1024);
    err = run_script(outbox, op,
                     "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;"
                     "PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;");
    if (err == ERR_OK)
        err = sql_number(outbox, op, SQL_VERSION, 0, &version);
    if (err == ERR_OK && version == 0)
        err = make_schema(outbox, op);
    else if (err == ERR_OK && version != VERSION)
        err = op_fail(op, ERR_CORRUPT, "the outbox %.120s is of another version of bzctrl",
                      outbox->file);
    return err == ERR_OK ? check_account(outbox, op, account) : err;
}

enum err outbox_open(struct op *op, struct str file, struct str account, int64_t size_mib,
                     struct outbox **ret_outbox)
{
    enum err err = folders_make(op, file);
    if (err != ERR_OK)
        return err;
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL)
        return ERR_MEMORY;
    outbox->lock = -1;
    outbox->pages_max = size_mib * 1024 * 1024 / PAGE;
    outbox->file = strndup(file.p, file.n);
    err = outbox->file == NULL ? ERR_MEMORY : open_file(outbox, op, account);
    if (err == ERR_OK)
        *ret_outbox = outbox;
    else
        outbox_close(outbox);
    return err;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox == NULL)
        return;
    outbox_unlock(outbox);
    for (size_t i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(outbox->statements[i]);
    sqlite3_close(outbox->db);
    free(outbox->file);
    free(outbox);
}

enum err outbox_begin(struct outbox *outbox, struct op *op)
{
    return sql_run(outbox, op, SQL_BEGIN, NULL, 0);
}

enum err outbox_commit(struct outbox *outbox, struct op *op)
{
    return sql_run(outbox, op, SQL_COMMIT, NULL, 0);
}

void outbox_rollback(struct outbox *outbox)
{
    struct arena arena;
    arena_init(&arena, 1024);
    struct op quiet = {.arena = &arena};
    if (outbox->db != NULL && !sqlite3_get_autocommit(outbox->db))
        (void)!sql_run(outbox, &quiet, SQL_ROLLBACK, NULL, 0);
    arena_finish(&arena);
}

/* ---- the line ---- */

static enum err check_room(struct outbox *outbox, struct op *op)
{
    int64_t pages = 0, free_pages = 0;
    enum err err = sql_number(outbox, op, SQL_PAGES, 0, &pages);
    if (err == ERR_OK)
        err = sql_number(outbox, op, SQL_FREE_PAGES, 0, &free_pages);
    if (err == ERR_OK && pages - free_pages >= outbox->pages_max)
        err = op_fail(op, ERR_FULL,
                      "the outbox %.100s has reached its limit, the setting outbox-size: nothing "
                      "was added",
                      outbox->file);
    return err;
}

enum err outbox_add(struct outbox *outbox, struct op *op, const struct outbox_entry *entry,
                    struct str sum)
{
    sqlite3_stmt *statement = NULL;
    const struct arg key = TEXT(entry->key);
    enum err err = sql_start(outbox, op, SQL_KNOWN, &key, 1, &statement);
    if (err != ERR_OK)
        return err;
    bool known = sql_step(outbox, op, statement, &err), equal = false;
    if (known)
        equal = str_eq(sum, (struct str){sqlite3_column_blob(statement, 0),
                                         (size_t)sqlite3_column_bytes(statement, 0)});
    sql_end(statement);
    if (err != ERR_OK || equal)
        return err;
    if (known)
        return op_fail(op, ERR_KEY_REUSED, "the key %.100s was used before, for another report",
                       entry->key.p);
    err = check_room(outbox, op);
    return err != ERR_OK ? err
                         : RUN(outbox, op, SQL_ADD, TEXT(entry->key), BLOB(sum), TEXT(entry->form),
                               TEXT(entry->json), NUM(entry->timed), NUM(entry->created_at));
}

static enum err read_entry(struct op *op, sqlite3_stmt *statement, struct outbox_entry *entry)
{
    entry->id = sqlite3_column_int64(statement, 0);
    entry->timed = sqlite3_column_int(statement, 4) != 0;
    entry->created_at = sqlite3_column_int64(statement, 5);
    enum err err = sql_copy(op, statement, 1, &entry->key);
    if (err == ERR_OK)
        err = sql_copy(op, statement, 2, &entry->form);
    return err == ERR_OK ? sql_copy(op, statement, 3, &entry->json) : err;
}

enum err outbox_load(struct outbox *outbox, struct op *op, size_t max, size_t bytes,
                     struct outbox_entry *entries, size_t *ret_count)
{
    sqlite3_stmt *statement = NULL;
    const struct arg limit = NUM((int64_t)max);
    enum err err = sql_start(outbox, op, SQL_LOAD, &limit, 1, &statement);
    if (err != ERR_OK)
        return err;
    size_t n = 0, taken = 0;
    while (sql_step(outbox, op, statement, &err)) {
        taken += (size_t)sqlite3_column_bytes(statement, 3);
        if (n > 0 && (taken > bytes || !str_eq(sql_column(statement, 2), entries[0].form)))
            break;
        err = read_entry(op, statement, &entries[n]);
        if (err != ERR_OK)
            break;
        n++;
    }
    sql_end(statement);
    if (err == ERR_OK)
        *ret_count = n;
    return err;
}

enum err outbox_sent(struct outbox *outbox, struct op *op, const struct outbox_entry *entry,
                     struct str record, struct str link, struct str receipt)
{
    enum err err = RUN(outbox, op, SQL_SENT, NUM(entry->id), NUM(clock_now()), TEXT(record),
                       TEXT(link), TEXT(receipt));
    if (err == ERR_OK)
        err = RUN(outbox, op, SQL_DELETE, NUM(entry->id));
    return err == ERR_OK ? RUN(outbox, op, SQL_PRUNE, NUM(entry->id - RECEIPTS_MAX)) : err;
}

enum err outbox_dead(struct outbox *outbox, struct op *op, int64_t id, struct str verdict)
{
    return RUN(outbox, op, SQL_STATE, NUM(id), TEXT(verdict));
}

enum err outbox_mend(struct outbox *outbox, struct op *op, int64_t id, struct str json,
                     int64_t created_at)
{
    return RUN(outbox, op, SQL_MEND, NUM(id), TEXT(json), NUM(created_at));
}

static enum err changed_one(struct outbox *outbox, struct op *op, enum err err, const char *what)
{
    return err != ERR_OK || sqlite3_changes(outbox->db) == 1
               ? err
               : op_fail(op, ERR_NOT_FOUND, "the outbox has no %s of that number", what);
}

enum err outbox_again(struct outbox *outbox, struct op *op, int64_t id,
                      const struct outbox_entry *entry)
{
    enum err err = sql_run(outbox, op, SQL_LAST_ID, NULL, 0);
    if (err == ERR_OK)
        err = RUN(outbox, op, SQL_AGAIN, NUM(id), TEXT(entry->json), NUM(entry->created_at),
                  NUM(entry->timed));
    return changed_one(outbox, op, err, "refused report");
}

enum err outbox_drop(struct outbox *outbox, struct op *op, int64_t id)
{
    return changed_one(outbox, op, RUN(outbox, op, SQL_DELETE, NUM(id)), "report");
}

enum err outbox_pause(struct outbox *outbox, struct op *op, int64_t *ret_until,
                      int64_t *ret_failures)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, SQL_PAUSE, NULL, 0, &statement);
    if (err != ERR_OK)
        return err;
    bool row = sql_step(outbox, op, statement, &err);
    *ret_until = row ? sqlite3_column_int64(statement, 0) : 0;
    *ret_failures = row ? sqlite3_column_int64(statement, 1) : 0;
    sql_end(statement);
    return err;
}

enum err outbox_set_pause(struct outbox *outbox, struct op *op, int64_t until, int64_t failures)
{
    return RUN(outbox, op, SQL_SET_PAUSE, NUM(until), NUM(failures));
}

/* ---- showing ---- */

/* The size of a page of entries in memory is its caller's affair: each is shown and forgotten. */
static enum err show(struct outbox *outbox, struct op *op, enum sql sql, const struct arg *args,
                     size_t n, bzctrl_on_entry *on_entry, void *arg, size_t *ret_count)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, sql, args, n, &statement);
    if (err != ERR_OK)
        return err;
    size_t count = 0;
    while (sql_step(outbox, op, statement, &err)) {
        const char *texts[7];
        for (int i = 0; i < 7; i++) {
            texts[i] = (const char *)sqlite3_column_text(statement, i + 3);
            if (texts[i] == NULL)
                err = ERR_MEMORY;
        }
        if (err != ERR_OK)
            break;
        struct bzctrl_entry entry = {.id = sqlite3_column_int64(statement, 0),
                                     .state = (enum bzctrl_state)sqlite3_column_int(statement, 1),
                                     .created_at = sqlite3_column_int64(statement, 2),
                                     .key = texts[0],
                                     .form = texts[1],
                                     .json = texts[2],
                                     .verdict = texts[3],
                                     .record = texts[4],
                                     .link = texts[5],
                                     .receipt = texts[6]};
        count++;
        if (on_entry != NULL)
            on_entry(arg, &entry);
    }
    sql_end(statement);
    *ret_count = count;
    return err;
}

enum err outbox_list(struct outbox *outbox, struct op *op, enum bzctrl_state state, int64_t after,
                     size_t limit, bzctrl_on_entry *on_entry, void *arg)
{
    const struct arg args[] = {NUM(state), NUM(after), NUM((int64_t)limit)};
    size_t count;
    return show(outbox, op, state == BZCTRL_SENT ? SQL_LIST_SENT : SQL_LIST, args, 3, on_entry, arg,
                &count);
}

enum err outbox_find(struct outbox *outbox, struct op *op, struct str key,
                     bzctrl_on_entry *on_entry, void *arg)
{
    const struct arg args[] = {TEXT(key)};
    size_t count;
    enum err err = show(outbox, op, SQL_FIND, args, 1, on_entry, arg, &count);
    if (err == ERR_OK && count == 0)
        err = show(outbox, op, SQL_FIND_SENT, args, 1, on_entry, arg, &count);
    if (err == ERR_OK && count == 0)
        err = op_fail(op, ERR_NOT_FOUND, "the outbox has no report with the key %.*s",
                      STR_ARG(str_sub(key, 0, 100)));
    return err;
}

/* ---- the sender ---- */

enum err outbox_lock(struct outbox *outbox, struct op *op, int64_t deadline)
{
    struct str name = arena_printf(op->arena, "%s-lock", outbox->file);
    if (name.p == NULL)
        return ERR_MEMORY;
    int fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return op_fail(op, ERR_IO, "%.150s cannot be opened: %s", name.p, strerror(errno));
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            close(fd);
            return op_fail(op, ERR_IO, "%.150s cannot be locked: %s", name.p, strerror(errno));
        }
        if (clock_ticks() >= deadline) {
            close(fd);
            return op_fail(op, ERR_BUSY, "another process is sending what is in the outbox");
        }
        clock_sleep(10);
    }
    outbox->lock = fd;
    return ERR_OK;
}

void outbox_unlock(struct outbox *outbox)
{
    if (outbox->lock < 0)
        return;
    /* Not only closed: a child that was forked meanwhile has the descriptor, too. */
    flock(outbox->lock, LOCK_UN);
    close(outbox->lock);
    outbox->lock = -1;
}
