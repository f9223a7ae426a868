#include "lib/outbox_sql.h"

#define ENTRY "SELECT id, state, created_at, key, form, json, verdict, '', '', '' FROM entry "
#define LOAD  "SELECT id, key, form, json, timed, created_at, tries FROM entry WHERE state = 0 AND "
#define SENT  "SELECT id, 2, sent_at, key, form, '', '', record, link, receipt FROM receipt "

static const char *const sqls[] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_KNOWN] = "SELECT sum FROM entry WHERE key = ?1 "
                  "UNION ALL SELECT sum FROM receipt WHERE key = ?1",
    [SQL_ADD] = "INSERT INTO entry (key, sum, form, json, timed, created_at) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_LOAD] = LOAD "apart_until = 0 ORDER BY id LIMIT ?1",
    [SQL_LOAD_OTHER] = LOAD "apart_until = 0 AND id NOT IN (?1, ?2) "
                            "ORDER BY iif(?2 = 0, 0, tries), id LIMIT 1",
    [SQL_LOAD_APART] = LOAD "apart_until > 0 AND (apart_until <= ?1 OR apart_until > ?2) "
                            "ORDER BY apart_until, id LIMIT 1",
    [SQL_FAILED] = "UPDATE entry SET verdict = ?2, tries = ?3, apart_until = ?4 WHERE id = ?1",
    [SQL_APART_DUE] = "UPDATE entry SET apart_until = 1 WHERE apart_until > 1",
    [SQL_SENT] = "INSERT INTO receipt (id, key, sum, form, sent_at, record, link, receipt) "
                 "SELECT id, key, sum, form, ?2, ?3, ?4, ?5 FROM entry WHERE id = ?1",
    [SQL_PRUNE] = "DELETE FROM receipt WHERE id < ?1",
    [SQL_DELETE] = "DELETE FROM entry WHERE id = ?1",
    [SQL_WAITS] = "SELECT 1 FROM entry WHERE id = ?1 AND state = 0",
    [SQL_PRUNE_OLDEST] = "DELETE FROM receipt WHERE id IN "
                         "(SELECT id FROM receipt ORDER BY id LIMIT 1000)",
    [SQL_STATE] = "UPDATE entry SET state = 1, verdict = ?2, tries = 0, apart_until = 0 "
                  "WHERE id = ?1",
    [SQL_MEND] = "UPDATE entry SET json = ?2, created_at = ?3 WHERE id = ?1",
    [SQL_LAST_ID] = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'entry'",
    [SQL_AGAIN] = "UPDATE entry SET id = (SELECT seq FROM sqlite_sequence WHERE name = 'entry'),"
                  " state = 0, verdict = '', timed = CASE WHEN ?2 IS NULL THEN timed ELSE ?4 END,"
                  " json = COALESCE(?2, json), created_at = ?3 WHERE id = ?1 AND state = 1",
    [SQL_PACE] = "SELECT until, failures, bytes, cap, cap_until FROM pause",
    [SQL_SET_PACE] = "UPDATE pause SET until = ?1, failures = ?2, bytes = ?3, cap = ?4, "
                     "cap_until = ?5 WHERE (until, failures, bytes, cap, cap_until) <> "
                     "(?1, ?2, ?3, ?4, ?5)",
    [SQL_LIST] = ENTRY "WHERE state = ?1 AND id > ?2 ORDER BY id LIMIT 1",
    [SQL_LIST_SENT] = SENT "WHERE id > ?2 ORDER BY id LIMIT 1",
    [SQL_FIND] = ENTRY "WHERE key = ?1",
    [SQL_FIND_SENT] = SENT "WHERE key = ?1",
    [SQL_ACCOUNT] = "SELECT name FROM account",
    [SQL_SET_ACCOUNT] = "INSERT INTO account (id, name) VALUES (1, ?1) "
                        "ON CONFLICT (id) DO UPDATE SET name = ?1",
    [SQL_ANY] = "SELECT 1 FROM entry LIMIT 1",
    [SQL_PAGES] = "PRAGMA page_count",
    [SQL_FREE_PAGES] = "PRAGMA freelist_count",
    [SQL_VERSION] = "PRAGMA user_version",
};

enum err outbox_fail(struct outbox *outbox, struct op *op)
{
    static const struct {
        int code;
        enum err err;
    } errors[] = {
        {SQLITE_NOMEM, ERR_MEMORY},
        {SQLITE_FULL, ERR_FULL},
        {SQLITE_CORRUPT, ERR_CORRUPT},
        {SQLITE_NOTADB, ERR_CORRUPT},
    };
    int code = sqlite3_errcode(outbox->db) & 0xFF;
    enum err err = ERR_IO;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].code == code)
            err = errors[i].err;
    return err == ERR_MEMORY ? err
                             : op_fail(op, err, "the outbox %.120s: %.100s", outbox->file,
                                       sqlite3_errmsg(outbox->db));
}

static int bind(sqlite3_stmt *statement, int at, struct arg arg)
{
    if (arg.text.p == NULL)
        return arg.null ? sqlite3_bind_null(statement, at)
                        : sqlite3_bind_int64(statement, at, arg.number);
    int n = (int)arg.text.n;
    return arg.blob ? sqlite3_bind_blob(statement, at, arg.text.p, n, SQLITE_TRANSIENT)
                    : sqlite3_bind_text(statement, at, arg.text.p, n, SQLITE_TRANSIENT);
}

enum err sql_start(struct outbox *outbox, struct op *op, enum sql sql, const struct arg *args,
                   size_t n, sqlite3_stmt **ret_statement)
{
    sqlite3_stmt **statement = &outbox->statements[sql];
    int code = SQLITE_OK;
    if (*statement == NULL)
        code = sqlite3_prepare_v3(outbox->db, sqls[sql], -1, SQLITE_PREPARE_PERSISTENT, statement,
                                  NULL);
    for (size_t i = 0; code == SQLITE_OK && i < n; i++)
        code = bind(*statement, (int)i + 1, args[i]);
    if (code != SQLITE_OK)
        return outbox_fail(outbox, op);
    *ret_statement = *statement;
    return ERR_OK;
}

/* True: a row. False with *err unchanged: there are no more rows. */
bool sql_step(struct outbox *outbox, struct op *op, sqlite3_stmt *statement, enum err *err)
{
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        *err = outbox_fail(outbox, op);
    return false;
}

void sql_end(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

enum err sql_run(struct outbox *outbox, struct op *op, enum sql sql, const struct arg *args,
                 size_t n)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, sql, args, n, &statement);
    if (err != ERR_OK)
        return err;
    while (sql_step(outbox, op, statement, &err))
        continue;
    sql_end(statement);
    return err;
}
/* The number in the first row; `none` if there is no row. */
enum err sql_number(struct outbox *outbox, struct op *op, enum sql sql, int64_t none,
                    int64_t *ret_number)
{
    sqlite3_stmt *statement = NULL;
    enum err err = sql_start(outbox, op, sql, NULL, 0, &statement);
    if (err != ERR_OK)
        return err;
    *ret_number = sql_step(outbox, op, statement, &err) ? sqlite3_column_int64(statement, 0) : none;
    sql_end(statement);
    return err;
}

/* Borrowed until the next step; "" if out of memory, in which case copying to the arena fails too.
 */
struct str sql_column(sqlite3_stmt *statement, int at)
{
    const char *text = (const char *)sqlite3_column_text(statement, at);
    return text == NULL ? STR("") : (struct str){text, (size_t)sqlite3_column_bytes(statement, at)};
}

enum err sql_copy(struct op *op, sqlite3_stmt *statement, int at, struct str *ret_text)
{
    *ret_text = arena_str(op->arena, sql_column(statement, at));
    return ret_text->p == NULL || sqlite3_errcode(sqlite3_db_handle(statement)) == SQLITE_NOMEM
               ? ERR_MEMORY
               : ERR_OK;
}
