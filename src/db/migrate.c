#include "db/migrate.h"

#include "base/hash.h"
#include "db/engine.h"

#include <time.h>

/* How soon a lock that another process has is asked for again, at first and at last. */
enum { LOCK_FIRST_MS = 5, LOCK_LAST_MS = 500 };

struct step_list {
    const struct migration *items;
    size_t n;
    const struct watch *watch;
};

/* Is this text the one for the engine? */
static bool step_suits(const struct db *db, const struct migration *step)
{
    struct str engine = str_of(step->engine);
    return engine.n == 0 || str_eq(engine, str_of(db_engine_name(db)));
}

static const struct migration *step_find(const struct db *db, const struct step_list *steps,
                                         int64_t number)
{
    for (size_t i = 0; i < steps->n; i++)
        if (steps->items[i].number == number && step_suits(db, &steps->items[i]))
            return &steps->items[i];
    return NULL;
}

static enum err step_check(const struct db *db, struct op *op, const struct step_list *steps,
                           int64_t number, struct str name, struct str sum)
{
    const struct migration *step = step_find(db, steps, number);
    if (step == NULL)
        return op_fail(op, ERR_INVALID,
                       "the database has schema step %lld (%.*s), which this version does not "
                       "know: run the newer version that created it, or restore an earlier backup",
                       (long long)number, STR_ARG(name));
    struct sha256 own = sha256(step->sql);
    if (!str_eq(sum, (struct str){(const char *)own.bytes, SHA256_SIZE}))
        return op_fail(
            op, ERR_INVALID,
            "schema step %lld (%s) was applied with different SQL than in this version: run the "
            "version that created the database (an applied step must never be changed)",
            (long long)number, step->name);
    return ERR_OK;
}

/* How many of the steps up to number `last` are for this engine. */
static size_t steps_count(const struct db *db, const struct step_list *steps, int64_t last)
{
    size_t n = 0;
    for (size_t i = 0; i < steps->n; i++)
        n += steps->items[i].number <= last && step_suits(db, &steps->items[i]);
    return n;
}

/* Reads and checks the applied steps; returns the number of the last one, 0 if there are none. */
static enum err steps_read(struct db *db, struct op *op, const struct step_list *steps,
                           int64_t *ret_last)
{
    struct db_rows taken;
    enum err err =
        db_query(db, op, "SELECT number, name, sum FROM schema_migration ORDER BY number",
                 DB_NO_ARGS, &taken);
    for (size_t i = 0; err == ERR_OK && i < taken.n; i++)
        err = step_check(db, op, steps, db_get_i64(&taken, i, 0), db_get_str(&taken, i, 1),
                         db_get_str(&taken, i, 2));
    if (err != ERR_OK)
        return err;
    int64_t last = taken.n == 0 ? 0 : db_get_i64(&taken, taken.n - 1, 0);
    if (steps_count(db, steps, last) != taken.n)
        return op_fail(op, ERR_INVALID,
                       "the database has schema step %lld but lacks an earlier one: another branch "
                       "of this program created it",
                       (long long)last);
    *ret_last = last;
    return ERR_OK;
}

static enum err step_take(struct db *db, struct op *op, const struct migration *step)
{
    enum err err = db_script(db, op, step->sql);
    if (err != ERR_OK)
        return err;
    struct sha256 sum = sha256(step->sql);
    return db_run(db, op,
                  "INSERT INTO schema_migration (number, name, sum, taken_at)"
                  " VALUES ($1, $2, $3, $4)",
                  DB_ARGS(db_i64(step->number), db_text(str_of(step->name)),
                          db_blob(sum.bytes, SHA256_SIZE), db_i64(op->now)));
}

static enum err tell(const struct step_list *steps, struct op *op, const char *what)
{
    if (what == NULL)
        return ERR_MEMORY;
    return watch_tell(steps->watch, what, 0, -1)
               ? ERR_OK
               : op_fail(op, ERR_UNAVAILABLE, "stopped before the schema was up to date");
}

static enum err lock_wait(struct db *db, struct op *op, const struct step_list *steps, long ms)
{
    struct db_rows rows;
    enum err err = db_query(db, op, db->engine->holder_sql, DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct str holder = rows.n > 0 ? db_get_str(&rows, 0, 0) : STR("another process");
    err = tell(steps, op,
               arena_printf(op->arena, "waiting: %.*s is updating the schema", STR_ARG(holder)).p);
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
    return err;
}

/* Polls instead of waiting, so that it can report what it waits for. */
static enum err lock_take(struct db *db, struct op *op, const struct step_list *steps)
{
    if (db->engine->lock_sql == NULL)
        return ERR_OK;
    struct arena_mark mark = arena_mark(op->arena);
    for (long ms = LOCK_FIRST_MS;; ms = 2 * ms < LOCK_LAST_MS ? 2 * ms : LOCK_LAST_MS) {
        struct db_rows rows;
        arena_rewind(op->arena, mark);
        enum err err = db_query(db, op, db->engine->lock_sql, DB_NO_ARGS, &rows);
        if (err != ERR_OK || db_get_i64(&rows, 0, 0) == 1)
            return err;
        err = lock_wait(db, op, steps, ms);
        if (err != ERR_OK)
            return err;
    }
}

static enum err migrate_body(struct db *db, struct op *op, void *arg)
{
    const struct step_list *steps = arg;
    int64_t last = 0;
    enum err err = lock_take(db, op, steps);
    if (err == ERR_OK)
        err = db_patient(db, op);
    if (err == ERR_OK)
        err = db_script(db, op,
                        STR("CREATE TABLE IF NOT EXISTS schema_migration ("
                            " number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
                            " sum BLOB NOT NULL, taken_at INTEGER NOT NULL) STRICT"));
    if (err == ERR_OK)
        err = steps_read(db, op, steps, &last);
    /* Steps are applied in order, so the missing ones are the last. */
    for (size_t i = 0; err == ERR_OK && i < steps->n; i++) {
        const struct migration *step = &steps->items[i];
        if (step->number <= last || !step_suits(db, step))
            continue;
        if (last > 0) /* what is empty takes no time */
            err = tell(steps, op,
                       arena_printf(op->arena, "schema step %lld (%s)", (long long)step->number,
                                    step->name)
                           .p);
        if (err == ERR_OK)
            err = step_take(db, op, step);
    }
    return err;
}

enum err migrate(struct db *db, struct op *op, const struct migration *list, size_t n,
                 const struct watch *watch)
{
    struct step_list steps = {list, n, watch};
    return db_transact(db, op, db_begin, migrate_body, &steps);
}

enum err migrate_check(struct db *db, struct op *op, const struct migration *list, size_t n)
{
    struct step_list steps = {list, n, NULL};
    struct db_rows rows;
    int64_t last = 0;
    enum err err = db_query(db, op, db->engine->schema_sql, DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    if (db_get_i64(&rows, 0, 0) == 0)
        return ERR_NOT_FOUND;
    err = steps_read(db, op, &steps, &last);
    if (err == ERR_OK && last == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK && steps_count(db, &steps, INT64_MAX) > steps_count(db, &steps, last))
        err =
            op_fail(op, ERR_INVALID,
                    "the database is from an older version: run that version, or start a server of "
                    "this version to update it; restore a backup with the version that created it");
    return err;
}
