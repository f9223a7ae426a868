#include "core/copy.h"

#include "base/clock.h"
#include "db/migrate.h"
#include "store/copy.h"
#include "store/node.h"

#include <inttypes.h>

enum {
    CHUNK_ROWS = 64, /* read at once, at most: each may be of 8 MiB */
    CHUNK_ROWS_FIRST = 16,
    CHUNK_BYTES = 2 * 1024 * 1024, /* what a chunk should not hold more than */
    PART_ROWS = 4000,              /* in one transaction */
    PART_BYTES = 8 * 1024 * 1024,
    KEYS_ROWS = 8192, /* keys read at once */
    ARENA_MAX = 1024 * 1024 * 1024,
};

/* What there is of a table. */
struct tally {
    int64_t rows;
    struct store_key last;
    struct sha256 content; /* of a large table: of its count and last key only */
};

/* One of the two databases, with an arena for the current read. */
struct side {
    struct db *db;
    const char *what; /* "reading the source" */
    struct arena arena;
    struct op op;
};

struct copy {
    struct side source, target;
    struct op *op; /* the caller's */
    const struct copy_options *options;
    struct tally *tallies; /* of the source's tables */
    /* The table at hand. */
    const struct store_table *table;
    const struct tally *whole;
    struct tally done, next; /* committed, and as it will be */
    int64_t limit;           /* rows of the next chunk */
    bool ended;
};

/* ---- errors ---- */

/* Tells the caller which side an error is of. What the source asks to try again is tried again by
 * nobody: its view is gone. */
static enum err failed(struct copy *copy, struct side *side, enum err err)
{
    if (err == ERR_OK)
        return ERR_OK;
    const char *detail = side->op.detail[0] != '\0' ? side->op.detail : err_meaning(err);
    if (err == ERR_RETRY)
        err = ERR_UNAVAILABLE;
    return op_fail(copy->op, err, "%s: %s", side->what, detail);
}

static void side_init(struct side *side, struct db *db, const char *what)
{
    *side = (struct side){.db = db, .what = what};
    arena_init(&side->arena, ARENA_MAX);
    side->op = (struct op){.arena = &side->arena, .now = clock_now()};
}

/* ---- what there is ---- */

/* Generations mean nothing where a side has none. */
static bool is_copied(const struct copy *copy, const struct store_table *table)
{
    return !table->generations || (!db_shared(copy->source.db) && !db_shared(copy->target.db));
}

static void rows_hash(struct hasher *hasher, const struct db_rows *rows)
{
    for (size_t i = 0; i < rows->n * rows->columns; i++) {
        const struct db_value *value = &rows->values[i];
        hash_u64(hasher, value->type);
        hash_u64(hasher, (uint64_t)value->number);
        hash_field(hasher, value->text);
    }
}

static enum err tally_take(struct side *side, const struct store_table *table,
                           struct tally *ret_tally)
{
    struct tally tally = {.last = store_key_first};
    struct hasher hasher;
    hash_begin(&hasher);
    for (size_t n = 1; n > 0;) {
        struct db_rows rows;
        arena_reset(&side->arena);
        enum err err =
            table->large
                ? store_keys_read(side->db, &side->op, table, &tally.last, KEYS_ROWS, &rows)
                : store_rows_read(side->db, &side->op, table, &tally.last, CHUNK_ROWS, &rows);
        if (err != ERR_OK)
            return err;
        n = rows.n;
        if (n > 0)
            tally.last = store_row_key(table, &rows, n - 1);
        if (!table->large)
            rows_hash(&hasher, &rows);
        tally.rows += (int64_t)n;
    }
    hash_u64(&hasher, (uint64_t)tally.rows);
    for (size_t i = 0; i < table->key_columns; i++)
        hash_u64(&hasher, (uint64_t)tally.last.columns[i]);
    tally.content = hash_end(&hasher);
    *ret_tally = tally;
    return ERR_OK;
}

/* Counts the source; `same` says whether the content is as counted before. */
static enum err source_count(struct copy *copy, bool *ret_same)
{
    bool same = true;
    for (size_t i = 0; i < store_table_count; i++) {
        struct tally tally;
        if (!is_copied(copy, &store_tables[i]))
            continue;
        enum err err = tally_take(&copy->source, &store_tables[i], &tally);
        if (err != ERR_OK)
            return failed(copy, &copy->source, err);
        same = same &&
               bytes_equal_slowly(tally.content.bytes, copy->tallies[i].content.bytes, SHA256_SIZE);
        copy->tallies[i] = tally;
    }
    *ret_same = same;
    return ERR_OK;
}

/* What the mark of an unfinished copy holds. */
static struct sha256 source_hash(const struct copy *copy)
{
    struct hasher hasher;
    hash_begin(&hasher);
    for (size_t i = 0; i < store_table_count; i++)
        hash_add(&hasher, copy->tallies[i].content.bytes, SHA256_SIZE);
    return hash_end(&hasher);
}

/* ---- may it be copied at all? ---- */

static enum err nobody_works(struct copy *copy, struct side *side, const char *which)
{
    int64_t until;
    if (!db_shared(side->db))
        return ERR_OK; /* the caller holds its lock */
    enum err err = store_node_last_lease(side->db, &side->op, &until);
    if (err != ERR_OK)
        return failed(copy, side, err);
    int64_t left = until - clock_now();
    return left <= 0
               ? ERR_OK
               : op_fail(
                     copy->op, ERR_BUSY,
                     "a server is using the %s: stop it; if it was killed, wait another %" PRId64
                     " s",
                     which, left / 1000 + 1);
}

static enum err source_check(struct copy *copy)
{
    struct str mark;
    enum err err = store_copy_unfinished(copy->source.db, &copy->source.op, &mark);
    if (err != ERR_OK)
        return failed(copy, &copy->source, err);
    if (mark.p != NULL)
        return op_fail(copy->op, ERR_INVALID,
                       "the source is itself an unfinished copy; choose a complete database");
    return copy->options->source_rests ? nobody_works(copy, &copy->source, "source") : ERR_OK;
}

static enum err empty_check(struct copy *copy)
{
    for (size_t i = 0; i < store_table_count; i++) {
        struct db_rows rows;
        if (store_tables[i].seeded)
            continue;
        enum err err = store_keys_read(copy->target.db, &copy->target.op, &store_tables[i],
                                       &store_key_first, 1, &rows);
        if (err != ERR_OK)
            return failed(copy, &copy->target, err);
        if (rows.n > 0)
            return op_fail(copy->op, ERR_CONFLICT, "the target is not empty: it has %s",
                           store_tables[i].name);
    }
    return ERR_OK;
}

static enum err mark_write(struct db *db, struct op *op, void *arg)
{
    struct copy *copy = arg;
    struct sha256 hash = source_hash(copy);
    return store_copy_begin(db, op, (struct str){(const char *)hash.bytes, SHA256_SIZE});
}

/* Marks the target, or finds the mark of an earlier attempt. */
static enum err target_take(struct copy *copy, bool *ret_resumed)
{
    struct side *target = &copy->target;
    struct sha256 hash = source_hash(copy);
    struct str mark;
    enum err err = nobody_works(copy, target, "target");
    if (err != ERR_OK)
        return err;
    err = store_copy_unfinished(target->db, &target->op, &mark);
    if (err != ERR_OK)
        return failed(copy, target, err);
    *ret_resumed = mark.p != NULL;
    if (mark.p == NULL) {
        err = empty_check(copy);
        return err != ERR_OK
                   ? err
                   : failed(copy, target,
                            db_transact(target->db, &target->op, db_begin, mark_write, copy));
    }
    if (!str_eq(mark, (struct str){(const char *)hash.bytes, SHA256_SIZE}))
        return op_fail(copy->op, ERR_CONFLICT,
                       "the target is an unfinished copy of another source, or of this one before "
                       "it changed: start with an empty target");
    return ERR_OK;
}

/* ---- copying ---- */

static enum err step_tell(const struct copy *copy, const char *name, int64_t done, int64_t total)
{
    return watch_tell(&copy->options->watch, name, done, total)
               ? ERR_OK
               : op_fail(copy->op, ERR_UNAVAILABLE, "the copy was stopped");
}

/* Chunks are of as many rows as make a fair size. */
static int64_t limit_after(int64_t limit, size_t bytes)
{
    if (bytes > CHUNK_BYTES)
        return limit > 2 ? limit / 2 : 1;
    return limit * 2 < CHUNK_ROWS ? limit * 2 : CHUNK_ROWS;
}

static size_t rows_size(const struct db_rows *rows)
{
    size_t size = 0;
    for (size_t i = 0; i < rows->n * rows->columns; i++)
        size += rows->values[i].text.n;
    return size;
}

/* If the same copy runs twice, the slower one must not write to a database that is already in
 * use. */
static enum err still_unfinished(struct db *db, struct op *op)
{
    enum err err = store_copy_hold(db, op);
    return err != ERR_NOT_FOUND
               ? err
               : op_fail(op, ERR_CONFLICT, "another process finished the same copy first");
}

/* Copies a few thousand rows, in a transaction of the target. */
static enum err part_copy(struct db *db, struct op *op, void *arg)
{
    struct copy *copy = arg;
    size_t bytes = 0;
    copy->next = copy->done;
    copy->ended = false;
    enum err err = still_unfinished(db, op);
    if (err != ERR_OK)
        return err;
    while (!copy->ended && copy->next.rows - copy->done.rows < PART_ROWS && bytes < PART_BYTES) {
        struct db_rows rows;
        arena_reset(&copy->source.arena);
        err = store_rows_read(copy->source.db, &copy->source.op, copy->table, &copy->next.last,
                              copy->limit, &rows);
        if (err != ERR_OK)
            return failed(copy, &copy->source, err);
        for (size_t i = 0; err == ERR_OK && i < rows.n; i++)
            err = store_row_add(db, op, copy->table, &rows, i);
        if (err != ERR_OK)
            return err;
        copy->ended = (int64_t)rows.n < copy->limit;
        if (rows.n > 0)
            copy->next.last = store_row_key(copy->table, &rows, rows.n - 1);
        copy->next.rows += (int64_t)rows.n;
        size_t size = rows_size(&rows);
        bytes += size;
        copy->limit = limit_after(copy->limit, size);
    }
    return ERR_OK;
}

static enum err table_copy(struct copy *copy, const struct store_table *table,
                           const struct tally *whole, bool resumed)
{
    struct side *target = &copy->target;
    copy->table = table;
    copy->done = (struct tally){.last = store_key_first};
    copy->limit = CHUNK_ROWS_FIRST;
    enum err err = ERR_OK;
    if (resumed && !table->seeded)
        err = failed(copy, target, tally_take(target, table, &copy->done));
    copy->ended = copy->done.rows == whole->rows;
    if (err == ERR_OK)
        err = step_tell(copy, table->name, copy->done.rows, whole->rows);
    while (err == ERR_OK && !copy->ended) {
        arena_reset(&target->arena);
        err = db_transact(target->db, &target->op, db_begin, part_copy, copy);
        if (err == ERR_OK)
            err = db_upkeep(target->db, &target->op, false);
        if (err != ERR_OK)
            return failed(copy, target, err);
        copy->done = copy->next;
        err = step_tell(copy, table->name, copy->done.rows, whole->rows);
    }
    return err;
}

static enum err tables_copy(struct copy *copy, bool resumed)
{
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < store_table_count; i++)
        if (is_copied(copy, &store_tables[i]))
            err = table_copy(copy, &store_tables[i], &copy->tallies[i], resumed);
    return err;
}

/* Counts, copies, and lets the source's view go. */
static enum err view_copy(struct copy *copy)
{
    bool ignored, resumed = false;
    struct side *source = &copy->source;
    enum err err = failed(copy, source, db_begin_read(source->db, &source->op));
    if (err != ERR_OK)
        return err;
    err = failed(copy, source, db_linger(source->db, &source->op));
    if (err == ERR_OK)
        err = step_tell(copy, "counting", 0, -1);
    if (err == ERR_OK)
        err = source_count(copy, &ignored);
    if (err == ERR_OK)
        err = target_take(copy, &resumed);
    if (err == ERR_OK)
        err = tables_copy(copy, resumed);
    db_rollback(source->db);
    return err;
}

/* ---- is it the same? ---- */

static enum err target_compare(struct copy *copy)
{
    for (size_t i = 0; i < store_table_count; i++) {
        const struct store_table *table = &store_tables[i];
        const struct tally *whole = &copy->tallies[i];
        struct tally tally;
        if (!is_copied(copy, table))
            continue;
        enum err err = failed(copy, &copy->target, tally_take(&copy->target, table, &tally));
        if (err != ERR_OK)
            return err;
        if (tally.rows != whole->rows)
            return op_fail(copy->op, ERR_CORRUPT,
                           "the copy has %" PRId64 " %s, and the source has %" PRId64, tally.rows,
                           table->name, whole->rows);
        if (!bytes_equal_slowly(tally.content.bytes, whole->content.bytes, SHA256_SIZE))
            return op_fail(copy->op, ERR_CORRUPT,
                           "the %s of the copy differ from those of the source", table->name);
    }
    return ERR_OK;
}

/* Nobody has written to the source since it was counted. */
static enum err source_compare(struct copy *copy)
{
    bool same = false;
    enum err err = nobody_works(copy, &copy->source, "source");
    if (err == ERR_OK)
        err = source_count(copy, &same);
    if (err == ERR_OK && !same)
        err = op_fail(copy->op, ERR_CONFLICT,
                      "the source changed during the copy: stop every server that uses it, and "
                      "start again with an empty target");
    return err;
}

static enum err mark_remove(struct db *db, struct op *op, void *arg)
{
    (void)arg;
    enum err err = still_unfinished(db, op);
    return err == ERR_OK ? store_copy_end(db, op) : err;
}

static enum err copy_run(struct copy *copy, struct history_report *ret_report)
{
    struct side *target = &copy->target;
    struct history_report report;
    enum err err = source_check(copy);
    if (err == ERR_OK)
        err = view_copy(copy);
    if (err == ERR_OK)
        err = step_tell(copy, "comparing", 0, -1);
    if (err == ERR_OK)
        err = target_compare(copy);
    if (err == ERR_OK)
        err = step_tell(copy, "verifying the history", 0, -1);
    if (err == ERR_OK)
        err = history_verify(target->db, copy->op, NULL, 0, copy->options->head, copy->options->arg,
                             &report);
    if (err == ERR_OK && !report.broken && copy->options->source_rests)
        err = source_compare(copy);
    if (err == ERR_OK && !report.broken)
        err =
            failed(copy, target, db_transact(target->db, &target->op, db_begin, mark_remove, NULL));
    if (err == ERR_OK)
        *ret_report = report;
    return err;
}

enum err copy_store(struct db *source, struct db *target, struct op *op,
                    const struct copy_options *options, struct history_report *ret_report)
{
    struct copy copy = {.op = op, .options = options};
    copy.tallies = ARENA_ARRAY(op->arena, struct tally, store_table_count);
    if (copy.tallies == NULL)
        return ERR_MEMORY;
    side_init(&copy.source, source, "reading the source");
    side_init(&copy.target, target, "writing the copy");
    op->now = clock_now();
    enum err err = copy_run(&copy, ret_report);
    arena_finish(&copy.source.arena);
    arena_finish(&copy.target.arena);
    return err;
}

/* ---- opening ---- */

enum err copy_source_open(const char *url, struct op *op, struct db **ret_db)
{
    struct db *db;
    enum err err = db_open_reader(url, op, &db);
    if (err != ERR_OK)
        return err;
    err = migrate_check(db, op, migrations, migration_count);
    if (err == ERR_NOT_FOUND)
        err = op_fail(op, ERR_INVALID, "the source contains no bzctrl store");
    if (err == ERR_OK)
        *ret_db = db;
    else
        db_close(db);
    return err;
}

enum err copy_target_open(const char *url, struct op *op, const struct watch *watch,
                          struct db **ret_db)
{
    struct db *db;
    enum err err = db_open(url, op, &db);
    if (err != ERR_OK)
        return err;
    err = migrate_check(db, op, migrations, migration_count);
    if (err == ERR_NOT_FOUND)
        err = migrate(db, op, migrations, migration_count, watch);
    if (err == ERR_OK)
        *ret_db = db;
    else
        db_close(db);
    return err;
}
