#include "base/container.h"
#include "db/postgres.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { PARAMETERS_MAX = 64 };

/* The types that the engines share, by PostgreSQL's numbers (its catalog pg_type), and what else an
 * expression may answer with. */
enum {
    TYPE_UNKNOWN = 0,
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_NAME = 19,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_UNTYPED = 705,
    TYPE_VARCHAR = 1043,
};

static const Oid types[] = {
    [DB_NULL] = TYPE_UNKNOWN,
    [DB_I64] = TYPE_INT8,
    [DB_TEXT] = TYPE_TEXT,
    [DB_BLOB] = TYPE_BYTEA,
};

struct postgres_statement {
    struct statement head;
    char name[16];
    bool prepared;
    size_t parameters;
    Oid types[PARAMETERS_MAX]; /* TYPE_UNKNOWN: it was NULL, and the server chose */
};

void postgres_statement_destroy(struct statement *statement)
{
    free(statement);
}

/* ---- preparing ---- */

/* The greatest n of the "$n" in a text. No literal of ours has a dollar. */
static size_t parameters_of(const char *sql)
{
    size_t greatest = 0;
    for (const char *p = strchr(sql, '$'); p != NULL; p = strchr(p + 1, '$')) {
        size_t n = 0;
        for (const char *digit = p + 1; ascii_digit(*digit) && n <= PARAMETERS_MAX; digit++)
            n = 10 * n + (size_t)(*digit - '0');
        if (n > greatest)
            greatest = n;
    }
    return greatest;
}

/* True if the prepared types serve these arguments. */
static bool types_fit(const struct postgres_statement *statement, struct db_args args)
{
    for (size_t i = 0; i < args.n; i++)
        if (args.values[i].type != DB_NULL && statement->types[i] != types[args.values[i].type])
            return false;
    return true;
}

/* Has it prepared, under a new name, for the types of these arguments. */
static enum err statement_prepare(struct postgres *postgres, struct op *op,
                                  struct postgres_statement *statement, struct db_args args)
{
    snprintf(statement->name, sizeof statement->name, "s%u", ++postgres->names);
    statement->prepared = false; /* until this has worked */
    for (size_t i = 0; i < args.n; i++)
        if (args.values[i].type != DB_NULL)
            statement->types[i] = types[args.values[i].type];
    if (PQsendPrepare(postgres->handle, statement->name, statement->head.sql, (int)args.n,
                      statement->types) != 1)
        return postgres_fail(postgres, op, NULL);
    postgres->pending++;
    enum err err = postgres_sync(postgres, op, postgres_deadline(postgres), NULL);
    if (err == ERR_OK)
        statement->prepared = true;
    return err;
}

static enum err statement_find(struct postgres *postgres, struct op *op, const char *sql,
                               struct db_args args, struct postgres_statement **ret_statement)
{
    struct statement *known = statements_find(&postgres->statements, sql);
    struct postgres_statement *statement;
    if (known != NULL) {
        statement = container_of(known, struct postgres_statement, head);
    } else {
        statement = calloc(1, sizeof *statement);
        if (statement == NULL)
            return ERR_MEMORY;
        statement->head.sql = sql;
        statement->parameters = parameters_of(sql);
        if (statements_add(&postgres->statements, &statement->head) != ERR_OK) {
            free(statement);
            return ERR_MEMORY;
        }
    }
    if (args.n != statement->parameters || args.n > PARAMETERS_MAX)
        return op_fail(op, ERR_MISUSE, "%zu arguments for %zu parameters of: %s", args.n,
                       statement->parameters, sql);
    if (!statement->prepared || !types_fit(statement, args)) {
        enum err err = statement_prepare(postgres, op, statement, args);
        if (err != ERR_OK)
            return err;
    }
    *ret_statement = statement;
    return ERR_OK;
}

/* ---- arguments ---- */

static void i64_write(int64_t number, char bytes[8])
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (char)((uint64_t)number >> (56 - 8 * i));
}

/* Everything goes in binary: integers in the network's order, texts and bytes as they are. */
static enum err statement_send(struct postgres *postgres, struct op *op,
                               const struct postgres_statement *statement, struct db_args args)
{
    const char *values[PARAMETERS_MAX];
    int lengths[PARAMETERS_MAX], formats[PARAMETERS_MAX];
    char numbers[PARAMETERS_MAX][8];
    size_t bytes = STATEMENT_BYTES;
    for (size_t i = 0; i < args.n; i++) {
        const struct db_value *value = &args.values[i];
        if (value->text.n > INT_MAX)
            return ERR_TOO_LONG;
        formats[i] = 1;
        values[i] = value->type == DB_NULL ? NULL : value->text.p;
        lengths[i] = (int)value->text.n;
        if (value->type == DB_I64) {
            i64_write(value->number, numbers[i]);
            values[i] = numbers[i];
            lengths[i] = sizeof numbers[i];
        }
        bytes += 8 + (size_t)lengths[i]; /* its length and format go too */
    }
    enum err err = postgres_room(postgres, op, bytes);
    if (err != ERR_OK)
        return err;
    if (PQsendQueryPrepared(postgres->handle, statement->name, (int)args.n, values, lengths,
                            formats, 1) != 1)
        return postgres_fail(postgres, op, NULL);
    return postgres_queued(postgres, op);
}

/* ---- rows ---- */

static int64_t integer_read(const char *bytes, size_t n)
{
    uint64_t number = bytes[0] < 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < n; i++)
        number = number << 8 | (unsigned char)bytes[i];
    return (int64_t)number;
}

static enum err cell_read(struct op *op, const PGresult *result, int row, int column,
                          struct db_value *ret_value)
{
    struct str bytes = {PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
    if (PQgetisnull(result, row, column)) {
        *ret_value = db_null();
        return ERR_OK;
    }
    switch (PQftype(result, column)) {
    case TYPE_INT8:
    case TYPE_INT4:
    case TYPE_INT2:
        *ret_value = db_i64(integer_read(bytes.p, bytes.n));
        return ERR_OK;
    case TYPE_BOOL:
        *ret_value = db_i64(bytes.p[0] != 0);
        return ERR_OK;
    case TYPE_BYTEA:
        ret_value->type = DB_BLOB;
        break;
    case TYPE_TEXT:
    case TYPE_NAME:
    case TYPE_VARCHAR:
    case TYPE_UNTYPED:
        ret_value->type = DB_TEXT;
        break;
    default:
        return op_fail(op, ERR_CORRUPT, "column %d of a row is not an integer, text or bytes",
                       column + 1);
    }
    ret_value->number = 0;
    ret_value->text = arena_str(op->arena, bytes);
    return ret_value->text.p == NULL ? ERR_MEMORY : ERR_OK;
}

static enum err rows_read(struct op *op, const PGresult *result, struct db_rows *ret_rows)
{
    size_t n = (size_t)PQntuples(result), columns = (size_t)PQnfields(result);
    struct db_value *values = ARENA_ARRAY(op->arena, struct db_value, n * columns);
    if (values == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < n * columns; i++) {
        enum err err = cell_read(op, result, (int)(i / columns), (int)(i % columns), &values[i]);
        if (err != ERR_OK)
            return err;
    }
    *ret_rows = (struct db_rows){values, n, columns};
    return ERR_OK;
}

/* ---- running ---- */

enum err postgres_run(struct db *db, struct op *op, const char *sql, struct db_args args,
                      struct db_rows *ret_rows)
{
    struct postgres *postgres = container_of(db, struct postgres, db);
    struct postgres_statement *statement = NULL;
    enum err err = db->open ? ERR_OK : postgres_connect(postgres, op);
    if (err == ERR_OK)
        err = statement_find(postgres, op, sql, args, &statement);
    if (err == ERR_OK)
        err = statement_send(postgres, op, statement, args);
    if (err != ERR_OK || (db->open && ret_rows == NULL))
        return err;

    PGresult *last = NULL;
    err = postgres_sync(postgres, op, postgres_deadline(postgres), &last);
    if (err == ERR_OK && ret_rows != NULL)
        err = rows_read(op, last, ret_rows);
    PQclear(last);
    return err;
}
