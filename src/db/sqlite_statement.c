#include "base/container.h"
#include "db/sqlite.h"

#include <limits.h>
#include <stdlib.h>

/* ---- preparing ---- */

void sqlite_statement_destroy(struct statement *statement)
{
    sqlite3_finalize(container_of(statement, struct sqlite_statement, head)->prepared);
    free(statement);
}

/* Reads what each parameter is called: "$12" wants the twelfth argument. */
static enum err parameters_read(struct op *op, struct sqlite_statement *statement)
{
    int n = sqlite3_bind_parameter_count(statement->prepared);
    for (int i = 1; i <= n; i++) {
        uint64_t number;
        struct str name = str_of(sqlite3_bind_parameter_name(statement->prepared, i));
        if (n > STATEMENT_PARAMETERS_MAX || name.n < 2 || name.p[0] != '$' ||
            !str_to_u64(str_from(name, 1), STATEMENT_PARAMETERS_MAX, &number) || number == 0)
            return op_fail(op, ERR_MISUSE, "\"%.*s\" is not one of $1 to $%d in: %s", STR_ARG(name),
                           STATEMENT_PARAMETERS_MAX, statement->head.sql);
        statement->numbers[i - 1] = (unsigned char)number;
        if (number > statement->arguments)
            statement->arguments = number;
    }
    statement->parameters = (size_t)n;
    return ERR_OK;
}

static enum err statement_prepare(struct sqlite *sqlite, struct op *op, const char *sql,
                                  struct sqlite_statement **ret_statement)
{
    struct sqlite_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL)
        return ERR_MEMORY;
    statement->head.sql = sql;
    int code = sqlite3_prepare_v3(sqlite->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &statement->prepared, NULL);
    enum err err =
        code == SQLITE_OK ? parameters_read(op, statement) : sqlite_fail(sqlite, op, code);
    if (err == ERR_OK)
        err = statements_add(&sqlite->statements, &statement->head);
    if (err != ERR_OK) {
        sqlite_statement_destroy(&statement->head);
        return err;
    }
    *ret_statement = statement;
    return ERR_OK;
}

/* ---- arguments ---- */

/* The bytes are borrowed: they outlive the run, and each run binds them all again. */
static int value_bind(sqlite3_stmt *prepared, int i, const struct db_value *value)
{
    switch (value->type) {
    case DB_NULL:
        return sqlite3_bind_null(prepared, i);
    case DB_I64:
        return sqlite3_bind_int64(prepared, i, value->number);
    case DB_TEXT:
        return sqlite3_bind_text64(prepared, i, value->text.p, value->text.n, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case DB_BLOB:
        return sqlite3_bind_blob64(prepared, i, value->text.p, value->text.n, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static enum err statement_bind(struct sqlite *sqlite, struct op *op,
                               const struct sqlite_statement *statement, struct db_args args)
{
    if (args.n != statement->arguments)
        return op_fail(op, ERR_MISUSE, "%zu arguments for %zu parameters of: %s", args.n,
                       statement->arguments, statement->head.sql);
    for (size_t i = 0; i < statement->parameters; i++) {
        const struct db_value *value = &args.values[statement->numbers[i] - 1];
        int code = value_bind(statement->prepared, (int)i + 1, value);
        if (code != SQLITE_OK)
            return sqlite_fail(sqlite, op, code);
    }
    return ERR_OK;
}

/* ---- rows ---- */

static enum err cell_read(struct op *op, sqlite3_stmt *prepared, int column,
                          struct db_value *ret_value)
{
    struct str bytes;
    switch (sqlite3_column_type(prepared, column)) {
    case SQLITE_NULL:
        *ret_value = db_null();
        return ERR_OK;
    case SQLITE_INTEGER:
        *ret_value = db_i64(sqlite3_column_int64(prepared, column));
        return ERR_OK;
    case SQLITE_TEXT:
        bytes.p = (const char *)sqlite3_column_text(prepared, column);
        ret_value->type = DB_TEXT;
        break;
    case SQLITE_BLOB:
        /* An empty blob has no address. */
        bytes.p = sqlite3_column_blob(prepared, column);
        if (bytes.p == NULL)
            bytes.p = "";
        ret_value->type = DB_BLOB;
        break;
    default:
        return op_fail(op, ERR_CORRUPT, "column %d of a row is not an integer, text or bytes: %s",
                       column + 1, sqlite3_sql(prepared));
    }
    bytes.n = (size_t)sqlite3_column_bytes(prepared, column);
    ret_value->number = 0;
    ret_value->text = arena_str(op->arena, bytes);
    return ret_value->text.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* The rows read so far, in an array that doubles. */
struct row_reading {
    struct db_value *values;
    size_t n, columns, capacity; /* in rows */
};

static enum err row_read(struct op *op, sqlite3_stmt *prepared, struct row_reading *reading)
{
    if (reading->n == reading->capacity) {
        size_t capacity = reading->capacity == 0 ? 1 : 4 * reading->capacity;
        struct db_value *values =
            ARENA_ARRAY(op->arena, struct db_value, capacity * reading->columns);
        if (values == NULL)
            return ERR_MEMORY;
        for (size_t i = 0; i < reading->n * reading->columns; i++)
            values[i] = reading->values[i];
        reading->values = values;
        reading->capacity = capacity;
    }
    struct db_value *row = &reading->values[reading->n * reading->columns];
    for (size_t i = 0; i < reading->columns; i++) {
        enum err err = cell_read(op, prepared, (int)i, &row[i]);
        if (err != ERR_OK)
            return err;
    }
    reading->n++;
    return ERR_OK;
}

static enum err statement_step(struct sqlite *sqlite, struct op *op,
                               const struct sqlite_statement *statement, struct db_rows *ret_rows)
{
    struct row_reading reading = {.columns = (size_t)sqlite3_column_count(statement->prepared)};
    int code;
    while ((code = sqlite3_step(statement->prepared)) == SQLITE_ROW) {
        enum err err = ret_rows == NULL ? ERR_OK : row_read(op, statement->prepared, &reading);
        if (err != ERR_OK)
            return err;
    }
    if (code != SQLITE_DONE)
        return sqlite_fail(sqlite, op, code);
    if (ret_rows != NULL)
        *ret_rows = (struct db_rows){reading.values, reading.n, reading.columns};
    return ERR_OK;
}

enum err sqlite_run(struct db *db, struct op *op, const char *sql, struct db_args args,
                    struct db_rows *ret_rows)
{
    struct sqlite *sqlite = container_of(db, struct sqlite, db);
    struct statement *known = statements_find(&sqlite->statements, sql);
    struct sqlite_statement *statement;
    enum err err = ERR_OK;
    if (known != NULL)
        statement = container_of(known, struct sqlite_statement, head);
    else
        err = statement_prepare(sqlite, op, sql, &statement);
    if (err != ERR_OK)
        return err;
    err = statement_bind(sqlite, op, statement, args);
    if (err == ERR_OK)
        err = statement_step(sqlite, op, statement, ret_rows);
    /* Repeats the error of the step, which has already been reported. */
    (void)sqlite3_reset(statement->prepared);
    return err;
}
