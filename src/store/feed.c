#include "store/feed.h"

#include "store/event_row.h"

#include <string.h>

enum err store_feed_heads(struct db *db, struct op *op, struct feed_heads *ret_heads)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT ordinal, domain_id, seq FROM chain ORDER BY ordinal",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct feed_head *heads = ARENA_ARRAY(op->arena, struct feed_head, rows.n);
    if (heads == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        heads[i] = (struct feed_head){.ordinal = db_get_i64(&rows, i, 0),
                                      .domain_id = db_get_i64(&rows, i, 1),
                                      .seq = db_get_i64(&rows, i, 2)};
    *ret_heads = (struct feed_heads){heads, rows.n};
    return ERR_OK;
}

/* Of events with the columns of `select`, which come before the two of their record. */
static enum err entries_after(struct db *db, struct op *op, const char *select,
                              const struct feed_head *chain, int64_t after, int64_t limit,
                              struct feed_entries *ret_entries)
{
    struct db_rows rows;
    enum err err = db_query(db, op, select,
                            DB_ARGS(db_i64(event_place(chain->ordinal, after)),
                                    db_i64(event_place(chain->ordinal + 1, 0)), db_i64(limit)),
                            &rows);
    if (err != ERR_OK)
        return err;
    struct feed_entry *entries = ARENA_ARRAY(op->arena, struct feed_entry, rows.n);
    if (entries == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++) {
        err = event_read(op, &rows, i, &entries[i].event);
        entries[i].event.domain_id = chain->domain_id;
        entries[i].ordinal = chain->ordinal;
        entries[i].workspace_id = db_get_i64(&rows, i, EVENT_COLUMN_COUNT);
        entries[i].source_id = db_get_i64(&rows, i, EVENT_COLUMN_COUNT + 1);
    }
    if (err == ERR_OK)
        *ret_entries = (struct feed_entries){entries, rows.n};
    return err;
}

#define ENTRIES_AFTER                                                                              \
    ", t.workspace_id, t.source_id FROM event e LEFT JOIN task t ON t.id = e.task_id"              \
    " WHERE e.place > $1 AND e.place < $2 ORDER BY e.place LIMIT $3"

enum err store_feed_after(struct db *db, struct op *op, const struct feed_head *chain,
                          int64_t after, int64_t limit, struct feed_entries *ret_entries)
{
    return entries_after(db, op, "SELECT " EVENT_COLUMNS ENTRIES_AFTER, chain, after, limit,
                         ret_entries);
}

enum err store_feed_links_after(struct db *db, struct op *op, const struct feed_head *chain,
                                int64_t after, int64_t limit, struct feed_entries *ret_entries)
{
    return entries_after(db, op, "SELECT " EVENT_COLUMNS_BARE ENTRIES_AFTER, chain, after, limit,
                         ret_entries);
}

enum err store_feed_key(struct db *db, struct op *op, unsigned char ret_key[FEED_KEY_SIZE])
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT key FROM feed_key WHERE id = 1", DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    struct str key = db_get_str(&rows, 0, 0);
    if (key.n != FEED_KEY_SIZE)
        return op_fail(op, ERR_CORRUPT, "the key of the change feed has the wrong size");
    memcpy(ret_key, key.p, FEED_KEY_SIZE);
    return ERR_OK;
}

enum err store_feed_key_add(struct db *db, struct op *op, const unsigned char key[FEED_KEY_SIZE])
{
    return db_run(db, op,
                  "INSERT INTO feed_key (id, key) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
                  DB_ARGS(db_blob(key, FEED_KEY_SIZE)));
}
