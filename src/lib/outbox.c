#include "lib/outbox.h"

#include "base/clock.h"
#include "base/folder.h"
#include "lib/outbox_sql.h"
#include "lib/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    VERSION = 2,
    BUSY_MS = 10000,              /* how long to wait for another process's commit */
    ENTRY_MAX = 64 * 1024 * 1024, /* bytes of the texts of one, with the server's verdict */
    RECEIPTS_MAX = 1000000,       /* the newest ones are kept */
    PAGE = 4096,
};

/* A waiting report is in `entry`; once acknowledged, it becomes a receipt. Ids are never reused and
 * give the order of sending, except for entries that are set apart. */
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

/* The changes of each later version; [0] upgrades version 1 to 2. */
static const char *const upgrades[VERSION - 1] = {
    "ALTER TABLE entry ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE entry ADD COLUMN apart_until INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX entry_apart ON entry (apart_until) WHERE apart_until > 0;"
    "ALTER TABLE pause ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pause ADD COLUMN cap INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE pause ADD COLUMN cap_until INTEGER NOT NULL DEFAULT 0;"
    "PRAGMA user_version = 2;",
};

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
    for (int64_t i = version == 0 ? 1 : version; err == ERR_OK && i < VERSION; i++)
        err = run_script(outbox, op, upgrades[i - 1]);
    if (err == ERR_OK)
        err = outbox_commit(outbox, op);
    if (err != ERR_OK)
        outbox_rollback(outbox);
    return err;
}

/* Creates the file and the lock file, accessible only to their owner, and syncs their names. */
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
            return op_fail(op, errno == ENOSPC ? ERR_FULL : ERR_IO, "%.150s cannot be created: %s",
                           names[i], strerror(errno));
        if (folder.p == NULL)
            return ERR_MEMORY;
        enum err err = folder_sync(op, folder.p);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static enum err open_file(struct outbox *outbox, struct op *op)
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
    if (err == ERR_OK && version >= 0 && version < VERSION)
        err = make_schema(outbox, op);
    else if (err == ERR_OK && version != VERSION)
        err = op_fail(op, ERR_CORRUPT, "the outbox %.120s belongs to another version of bzctrl",
                      outbox->file);
    return err;
}

enum err outbox_open(struct op *op, struct str file, int64_t size_mib, struct outbox **ret_outbox)
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
    err = outbox->file == NULL ? ERR_MEMORY : open_file(outbox, op);
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

/* ---- whose it is ---- */

/* The owner, in op->arena; "" if there is none. */
static enum err read_owner(struct outbox *outbox, struct op *op, struct str *ret_owner)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, SQL_ACCOUNT, NULL, 0, &statement);
    if (err != ERR_OK)
        return err;
    *ret_owner = STR("");
    if (sql_step(outbox, op, statement, &err))
        err = sql_copy(op, statement, 0, ret_owner);
    sql_end(statement);
    return err;
}

/* In a transaction: another process may have been faster and have queued reports of the same owner.
 */
static enum err set_owner(struct outbox *outbox, struct op *op, struct str owner, struct str from)
{
    struct str old = STR_NONE;
    int64_t any = 0;
    enum err err = read_owner(outbox, op, &old);
    if (err != ERR_OK || str_eq(old, owner))
        return err;
    struct str rest = old, url = str_cut(&rest, ' ');
    if (!str_eq(url, from))
        err = sql_number(outbox, op, SQL_ANY, 0, &any);
    if (err == ERR_OK && any != 0 && from.p != NULL)
        err = op_fail(op, ERR_SETTINGS, "the outbox has reports for %.100s, not for %.*s", old.p,
                      STR_ARG(str_sub(from, 0, 100)));
    else if (err == ERR_OK && any != 0)
        err = op_fail(
            op, ERR_SETTINGS,
            "the outbox has reports of another account or server: `bzctrl outbox move --from %.*s` "
            "sends them to this one, `bzctrl outbox drop` deletes them; or use another outbox",
            STR_ARG(str_sub(url, 0, 90)));
    return err == ERR_OK ? RUN(outbox, op, SQL_SET_ACCOUNT, TEXT(owner)) : err;
}

static enum err take_over(struct outbox *outbox, struct op *op, struct str owner, struct str from)
{
    enum err err = outbox_begin(outbox, op);
    if (err == ERR_OK)
        err = set_owner(outbox, op, owner, from);
    if (err == ERR_OK)
        err = outbox_commit(outbox, op);
    if (err != ERR_OK)
        outbox_rollback(outbox);
    return err;
}

/* Waiting reports must not go to another server, and keys are valid only within one account. */
enum err outbox_claim(struct outbox *outbox, struct op *op, struct str owner)
{
    struct str old = STR_NONE;
    enum err err = read_owner(outbox, op, &old);
    if (err != ERR_OK || str_eq(old, owner))
        return err;
    bool begun = !sqlite3_get_autocommit(outbox->db);
    return (begun ? set_owner : take_over)(outbox, op, owner, STR_NONE);
}

enum err outbox_move(struct outbox *outbox, struct op *op, struct str from, struct str owner)
{
    return take_over(outbox, op, owner, from);
}

/* ---- the line ---- */

static enum err has_room(struct outbox *outbox, struct op *op, bool *ret_room)
{
    int64_t pages = 0, free_pages = 0;
    enum err err = sql_number(outbox, op, SQL_PAGES, 0, &pages);
    if (err == ERR_OK)
        err = sql_number(outbox, op, SQL_FREE_PAGES, 0, &free_pages);
    *ret_room = pages - free_pages < outbox->pages_max;
    return err;
}

/* The oldest receipts are deleted to make room for reports. */
static enum err check_room(struct outbox *outbox, struct op *op)
{
    bool room = false, pruned = true;
    enum err err = has_room(outbox, op, &room);
    while (err == ERR_OK && !room && pruned) {
        err = sql_run(outbox, op, SQL_PRUNE_OLDEST, NULL, 0);
        pruned = sqlite3_changes(outbox->db) > 0;
        if (err == ERR_OK)
            err = has_room(outbox, op, &room);
    }
    return err != ERR_OK || room ? err
                                 : op_fail(op, ERR_FULL,
                                           "the outbox %.100s has reached its limit (setting "
                                           "outbox-size); nothing was added",
                                           outbox->file);
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
        return op_fail(op, ERR_KEY_REUSED, "the key %.100s was used before for another report",
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
    entry->tries = sqlite3_column_int64(statement, 6);
    enum err err = sql_copy(op, statement, 1, &entry->key);
    if (err == ERR_OK)
        err = sql_copy(op, statement, 2, &entry->form);
    return err == ERR_OK ? sql_copy(op, statement, 3, &entry->json) : err;
}

static enum err load(struct outbox *outbox, struct op *op, enum sql sql, const struct arg *args,
                     size_t arg_count, size_t bytes, struct outbox_entry *entries,
                     size_t *ret_count)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, sql, args, arg_count, &statement);
    if (err != ERR_OK)
        return err;
    size_t n = 0, taken = 0;
    while (sql_step(outbox, op, statement, &err)) {
        taken += (size_t)sqlite3_column_bytes(statement, 1) +
                 (size_t)sqlite3_column_bytes(statement, 3) + OUTBOX_ENVELOPE;
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

enum err outbox_load(struct outbox *outbox, struct op *op, size_t max, size_t bytes,
                     struct outbox_entry *entries, size_t *ret_count)
{
    const struct arg args[] = {NUM((int64_t)max)};
    return load(outbox, op, SQL_LOAD, args, 1, bytes, entries, ret_count);
}

enum err outbox_load_other(struct outbox *outbox, struct op *op, int64_t not, int64_t nor,
                           struct outbox_entry *entries, size_t *ret_count)
{
    const struct arg args[] = {NUM(not), NUM(nor)};
    return load(outbox, op, SQL_LOAD_OTHER, args, 2, 0, entries, ret_count);
}

enum err outbox_load_apart(struct outbox *outbox, struct op *op, int64_t now, int64_t longest,
                           struct outbox_entry *entries, size_t *ret_count)
{
    const struct arg args[] = {NUM(now), NUM(now + longest)};
    return load(outbox, op, SQL_LOAD_APART, args, 2, 0, entries, ret_count);
}

enum err outbox_failed(struct outbox *outbox, struct op *op, int64_t id, struct str verdict,
                       int64_t tries, int64_t apart_until)
{
    return RUN(outbox, op, SQL_FAILED, NUM(id), TEXT(verdict), NUM(tries), NUM(apart_until));
}

enum err outbox_apart_due(struct outbox *outbox, struct op *op)
{
    return sql_run(outbox, op, SQL_APART_DUE, NULL, 0);
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
               : op_fail(op, ERR_NOT_FOUND, "the outbox has no %s with that ID", what);
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

enum err outbox_waits(struct outbox *outbox, struct op *op, int64_t id, bool *ret_waits)
{
    sqlite3_stmt *statement = NULL;
    const struct arg args[] = {NUM(id)};
    enum err err = sql_start(outbox, op, SQL_WAITS, args, 1, &statement);
    if (err != ERR_OK)
        return err;
    *ret_waits = sql_step(outbox, op, statement, &err);
    sql_end(statement);
    return err;
}

enum err outbox_pace(struct outbox *outbox, struct op *op, struct pace *ret_pace)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, SQL_PACE, NULL, 0, &statement);
    if (err != ERR_OK)
        return err;
    *ret_pace = (struct pace){0};
    if (sql_step(outbox, op, statement, &err))
        *ret_pace = (struct pace){.until = sqlite3_column_int64(statement, 0),
                                  .failures = sqlite3_column_int64(statement, 1),
                                  .bytes = sqlite3_column_int64(statement, 2),
                                  .cap = sqlite3_column_int64(statement, 3),
                                  .cap_until = sqlite3_column_int64(statement, 4)};
    sql_end(statement);
    return err;
}

enum err outbox_set_pace(struct outbox *outbox, struct op *op, const struct pace *pace)
{
    return RUN(outbox, op, SQL_SET_PACE, NUM(pace->until), NUM(pace->failures), NUM(pace->bytes),
               NUM(pace->cap), NUM(pace->cap_until));
}

/* ---- showing ---- */

/* Passes the first entry that a statement finds to the caller, once the statement is over: while it is open, nobody can
 * store a report, and the caller may take its time. *ret_id is 0 if nothing is found. */
static enum err show(struct outbox *outbox, struct op *op, enum sql sql, const struct arg *args,
                     size_t n, bzctrl_on_entry *on_entry, void *arg, int64_t *ret_id)
{
    struct arena texts_arena; /* of its own: the caller may keep something in the operation's */
    struct bzctrl_entry entry = {0};
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, sql, args, n, &statement);
    if (err != ERR_OK)
        return err;
    arena_init(&texts_arena, ENTRY_MAX);
    if (sql_step(outbox, op, statement, &err)) {
        const char **texts[] = {&entry.key,    &entry.form, &entry.json,   &entry.verdict,
                                &entry.record, &entry.link, &entry.receipt};
        entry.id = sqlite3_column_int64(statement, 0);
        entry.state = (enum bzctrl_state)sqlite3_column_int(statement, 1);
        entry.created_at = sqlite3_column_int64(statement, 2);
        for (int i = 0; i < 7 && err == ERR_OK; i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i + 3);
            *texts[i] = text == NULL ? NULL : arena_str(&texts_arena, str_of(text)).p;
            if (*texts[i] == NULL)
                err = ERR_MEMORY;
        }
    }
    sql_end(statement);
    if (err == ERR_OK && entry.id != 0 && on_entry != NULL)
        on_entry(arg, &entry);
    arena_finish(&texts_arena);
    *ret_id = entry.id;
    return err;
}

enum err outbox_list(struct outbox *outbox, struct op *op, enum bzctrl_state state, int64_t after,
                     size_t limit, bzctrl_on_entry *on_entry, void *arg)
{
    enum sql sql = state == BZCTRL_SENT ? SQL_LIST_SENT : SQL_LIST;
    enum err err = ERR_OK;
    for (size_t i = 0; i < limit && err == ERR_OK; i++) {
        const struct arg args[] = {NUM(state), NUM(after)};
        err = show(outbox, op, sql, args, 2, on_entry, arg, &after);
        if (after == 0)
            break;
    }
    return err;
}

enum err outbox_find(struct outbox *outbox, struct op *op, struct str key,
                     bzctrl_on_entry *on_entry, void *arg)
{
    const struct arg args[] = {TEXT(key)};
    int64_t id;
    enum err err = show(outbox, op, SQL_FIND, args, 1, on_entry, arg, &id);
    if (err == ERR_OK && id == 0)
        err = show(outbox, op, SQL_FIND_SENT, args, 1, on_entry, arg, &id);
    if (err == ERR_OK && id == 0)
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
            return op_fail(op, ERR_BUSY, "another process is already sending from the outbox");
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
    /* Closing is not enough: a child that was forked in between has the descriptor, too. */
    flock(outbox->lock, LOCK_UN);
    close(outbox->lock);
    outbox->lock = -1;
}
