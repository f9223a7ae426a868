#include "db/engine.h"

#include "base/metric.h"
#include "base/random.h"

#include <time.h>

static const struct db_engine *const engines[] = {&db_sqlite, &db_postgres};

/* What the engine has answered, for the metrics. */
static enum err counted(enum err err)
{
    static const struct {
        enum err err;
        enum label_DATABASE label;
    } kinds[] = {
        {ERR_RETRY, DATABASE_BUSY},
        {ERR_FULL, DATABASE_FULL},
        {ERR_IO, DATABASE_IO},
        {ERR_CORRUPT, DATABASE_CORRUPT},
        {ERR_UNAVAILABLE, DATABASE_UNAVAILABLE},
    };
    for (size_t i = 0; err != ERR_OK && i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].err == err)
            metric_add(METRIC_DATABASE_ERRORS, kinds[i].label, 0, 1);
    return err;
}

/* ---- values ---- */

struct db_value db_null(void)
{
    return (struct db_value){.type = DB_NULL};
}

struct db_value db_i64(int64_t number)
{
    return (struct db_value){.type = DB_I64, .number = number};
}

struct db_value db_text(struct str text)
{
    return text.p == NULL ? db_null() : (struct db_value){.type = DB_TEXT, .text = text};
}

struct db_value db_blob(const void *p, size_t n)
{
    return p == NULL ? db_null() : (struct db_value){.type = DB_BLOB, .text = {p, n}};
}

static const struct db_value *cell(const struct db_rows *rows, size_t row, size_t column)
{
    return &rows->values[row * rows->columns + column];
}

bool db_is_null(const struct db_rows *rows, size_t row, size_t column)
{
    return cell(rows, row, column)->type == DB_NULL;
}

int64_t db_get_i64(const struct db_rows *rows, size_t row, size_t column)
{
    return cell(rows, row, column)->number;
}

struct str db_get_str(const struct db_rows *rows, size_t row, size_t column)
{
    return cell(rows, row, column)->text;
}

/* ---- connections ---- */

static enum err open_engine(const char *url, bool reader, struct op *op, struct db **ret_db)
{
    struct str text = str_of(url);
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        struct str scheme = str_of(engines[i]->scheme);
        if (!str_starts(text, scheme))
            continue;
        struct db *db;
        enum err err = engines[i]->open(str_from(text, scheme.n), reader, op, &db);
        if (err != ERR_OK)
            return err;
        db->engine = engines[i];
        *ret_db = db;
        return ERR_OK;
    }
    /* The URL itself may hold a password. */
    return op_fail(op, ERR_SYNTAX, "the database URL must start with sqlite: or postgresql://");
}

enum err db_open(const char *url, struct op *op, struct db **ret_db)
{
    return open_engine(url, false, op, ret_db);
}

enum err db_open_reader(const char *url, struct op *op, struct db **ret_db)
{
    return open_engine(url, true, op, ret_db);
}

void db_close(struct db *db)
{
    if (db != NULL)
        db->engine->close(db);
}

const char *db_engine_name(const struct db *db)
{
    return db->engine->name;
}

bool db_shared(const struct db *db)
{
    return db->engine->shared;
}

enum err db_upkeep(struct db *db, struct op *op, bool idle)
{
    return db->engine->upkeep(db, op, idle);
}

enum err db_seal(struct db *db, struct op *op)
{
    return db->engine->seal == NULL ? ERR_OK : db->engine->seal(db, op);
}

/* ---- statements ---- */

/* Keeps the first failure of a transaction. */
static enum err noted(struct db *db, enum err err)
{
    if (db->open && db->fault == ERR_OK)
        db->fault = err;
    return err;
}

static enum err run(struct db *db, struct op *op, const char *sql, struct db_args args,
                    struct db_rows *ret_rows)
{
    if (db->fault != ERR_OK)
        return db->fault;
    for (size_t i = 0; i < args.n; i++)
        if (args.values[i].type == DB_TEXT &&
            str_find(args.values[i].text, '\0') < args.values[i].text.n)
            return noted(db, op_fail(op, ERR_MISUSE, "a text to store contains a NUL character"));
    return noted(db, counted(db->engine->run(db, op, sql, args, ret_rows)));
}

enum err db_run(struct db *db, struct op *op, const char *sql, struct db_args args)
{
    return run(db, op, sql, args, NULL);
}

enum err db_query(struct db *db, struct op *op, const char *sql, struct db_args args,
                  struct db_rows *ret_rows)
{
    return run(db, op, sql, args, ret_rows);
}

enum err db_script(struct db *db, struct op *op, struct str sql)
{
    if (db->fault != ERR_OK)
        return db->fault;
    return noted(db, db->engine->script(db, op, sql));
}

/* ---- transactions ---- */

static enum err begin(struct db *db, struct op *op, bool write)
{
    enum err err = counted(db->engine->begin(db, op, write));
    db->open = err == ERR_OK;
    db->fault = ERR_OK;
    return err;
}

/* The transaction is over. */
static void end(struct db *db)
{
    db->open = false;
    db->fault = ERR_OK;
    db->patient = false;
}

static void rollback(struct db *db)
{
    db->patient = false; /* what is given up is not waited for */
    db->engine->rollback(db);
}

enum err db_begin(struct db *db, struct op *op)
{
    return begin(db, op, true);
}

enum err db_begin_read(struct db *db, struct op *op)
{
    return begin(db, op, false);
}

enum err db_commit(struct db *db, struct op *op)
{
    enum err err = db->fault;
    if (err == ERR_OK)
        err = counted(db->engine->commit(db, op));
    if (err != ERR_OK)
        rollback(db);
    end(db);
    return err;
}

void db_rollback(struct db *db)
{
    if (db->open)
        rollback(db);
    end(db);
}

enum err db_fault(const struct db *db)
{
    return db->fault;
}

/* At once, not with the next query. */
static enum err lift(struct db *db, struct op *op, const char *sql)
{
    struct db_rows rows;
    return sql == NULL ? ERR_OK : db_query(db, op, sql, DB_NO_ARGS, &rows);
}

enum err db_patient(struct db *db, struct op *op)
{
    db->patient = true;
    return lift(db, op, db->engine->patience_sql);
}

enum err db_linger(struct db *db, struct op *op)
{
    return lift(db, op, db->engine->linger_sql);
}

bool db_retry(struct db_retry *retry)
{
    /* 1, 2, 4 … ms, each between half and one and a half of it: about a second in all. */
    enum { PAUSES_MAX = 10 };
    if (retry->pauses == PAUSES_MAX)
        return false;
    long base = 1000000L << retry->pauses++;
    long pause = base / 2 + (long)random_below((uint32_t)base);
    nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
    return true;
}

enum err db_transact(struct db *db, struct op *op, enum err (*begin_kind)(struct db *, struct op *),
                     enum err (*body)(struct db *db, struct op *op, void *arg), void *arg)
{
    struct arena_mark mark = arena_mark(op->arena);
    struct op before = *op;
    struct db_retry retry = {0};
    for (;;) {
        enum err err = begin_kind(db, op);
        if (err == ERR_OK) {
            err = body(db, op, arg);
            if (err != ERR_OK)
                db_rollback(db);
            else
                err = db_commit(db, op);
        }
        if (err != ERR_RETRY || !db_retry(&retry))
            return err;
        arena_rewind(op->arena, mark);
        *op = before;
    }
}

enum err db_describe(struct db *db, struct op *op, struct str *ret_engine, int64_t *ret_size)
{
    struct db_rows version, size;
    enum err err = db_query(db, op, db->engine->version_sql, DB_NO_ARGS, &version);
    if (err == ERR_OK)
        err = db_query(db, op, db->engine->size_sql, DB_NO_ARGS, &size);
    if (err != ERR_OK)
        return err;
    struct str engine =
        arena_printf(op->arena, "%s %.*s", db->engine->title, STR_ARG(db_get_str(&version, 0, 0)));
    if (engine.p == NULL)
        return ERR_MEMORY;
    *ret_engine = engine;
    *ret_size = db_get_i64(&size, 0, 0);
    return ERR_OK;
}
