#include "store/event_row.h"

#include <inttypes.h>
#include <string.h>

/* place = ordinal << 40 | seq; see sql/0002_task.sql. */
enum { SEQ_BITS = 40 };

int64_t event_place(int64_t ordinal, int64_t seq)
{
    return ordinal << SEQ_BITS | seq;
}

static int64_t event_place_seq(int64_t place)
{
    return place & ((INT64_C(1) << SEQ_BITS) - 1);
}

/* Copies `n` bytes out of a cell; false when it does not hold exactly so many. */
static bool bytes_read(struct str cell, void *p, size_t n)
{
    if (cell.p == NULL || cell.n != n)
        return false;
    memcpy(p, cell.p, n);
    return true;
}

/* The first head of a domain's chain. Two nodes that make one at once get the same ordinal, or want
 * the same domain's: the schema lets only one of them, and the other tries again. */
static enum err chain_make(struct db *db, struct op *op, int64_t domain_id, struct chain *ret_chain)
{
    struct db_rows rows;
    struct chain chain = {.domain_id = domain_id};
    enum err err =
        db_query(db, op, "SELECT key FROM domain WHERE id = $1", DB_ARGS(db_i64(domain_id)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0 && domain_id != 0)
        return op_fail(op, ERR_NOT_FOUND, "there is no domain with the id %" PRId64, domain_id);
    chain.hash = event_genesis(domain_id == 0 ? STR(EVENT_ROOT) : db_get_str(&rows, 0, 0));
    err = db_query(db, op,
                   "INSERT INTO chain (ordinal, domain_id, seq, at, hash)"
                   " SELECT COALESCE(MAX(ordinal), 0) + 1, $1, $2, $3, $4 FROM chain"
                   " RETURNING ordinal",
                   DB_ARGS(db_i64(domain_id), db_i64(chain.seq), db_i64(chain.at),
                           db_blob(chain.hash.bytes, SHA256_SIZE)),
                   &rows);
    if (err != ERR_OK)
        return err;
    chain.ordinal = db_get_i64(&rows, 0, 0);
    *ret_chain = chain;
    return ERR_OK;
}

/* A domain's head from a row with ordinal, seq, at and hash. */
static enum err chain_read(struct op *op, const struct db_rows *rows, int64_t domain_id,
                           struct chain *ret_chain)
{
    struct chain chain = {.domain_id = domain_id,
                          .ordinal = db_get_i64(rows, 0, 0),
                          .seq = db_get_i64(rows, 0, 1),
                          .at = db_get_i64(rows, 0, 2)};
    if (!bytes_read(db_get_str(rows, 0, 3), chain.hash.bytes, SHA256_SIZE))
        return op_fail(op, ERR_CORRUPT, "the head of the chain of domain %" PRId64 " is damaged",
                       domain_id);
    *ret_chain = chain;
    return ERR_OK;
}

enum err store_chain_take(struct db *db, struct op *op, int64_t domain_id, struct chain *ret_chain)
{
    /* To write a row is the one way to lock it that both engines know. */
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE chain SET seq = seq WHERE domain_id = $1"
                            " RETURNING ordinal, seq, at, hash",
                            DB_ARGS(db_i64(domain_id)), &rows);
    if (err != ERR_OK)
        return err;
    return rows.n == 0 ? chain_make(db, op, domain_id, ret_chain)
                       : chain_read(op, &rows, domain_id, ret_chain);
}

enum err store_chain_get(struct db *db, struct op *op, int64_t domain_id, struct chain *ret_chain)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT ordinal, seq, at, hash FROM chain WHERE domain_id = $1",
                            DB_ARGS(db_i64(domain_id)), &rows);
    if (err != ERR_OK)
        return err;
    return rows.n == 0 ? ERR_NOT_FOUND : chain_read(op, &rows, domain_id, ret_chain);
}

enum err store_chain_newest(struct db *db, struct op *op, int64_t *ret_at)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT MAX(at) FROM chain", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_at = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_chain_save(struct db *db, struct op *op, const struct chain *chain)
{
    return db_run(db, op, "UPDATE chain SET seq = $2, at = $3, hash = $4 WHERE ordinal = $1",
                  DB_ARGS(db_i64(chain->ordinal), db_i64(chain->seq), db_i64(chain->at),
                          db_blob(chain->hash.bytes, SHA256_SIZE)));
}

enum err store_event_add(struct db *db, struct op *op, const struct chain *chain,
                         const struct event *event)
{
    return db_run(
        db, op,
        "INSERT INTO event (place, at, actor_id, task_id, previous_seq, action, key,"
        " payload_hash, hash, salt, payload, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        DB_ARGS(db_i64(event_place(chain->ordinal, event->seq)), db_i64(event->at),
                db_i64(event->actor_id), event->task_id == 0 ? db_null() : db_i64(event->task_id),
                db_i64(event->previous_seq), db_text(event->action), db_text(event->key),
                db_blob(event->payload_hash.bytes, SHA256_SIZE),
                db_blob(event->hash.bytes, SHA256_SIZE), db_blob(event->salt, EVENT_SALT_SIZE),
                db_text(event->payload), event->version == 0 ? db_null() : db_i64(event->version)));
}

enum err event_read(struct op *op, const struct db_rows *rows, size_t row, struct event *ret_event)
{
    struct event event = {
        .seq = event_place_seq(db_get_i64(rows, row, 0)),
        .at = db_get_i64(rows, row, 1),
        .actor_id = db_get_i64(rows, row, 2),
        .task_id = db_get_i64(rows, row, 3),
        .previous_seq = db_get_i64(rows, row, 4),
        .action = db_get_str(rows, row, 5),
        .key = db_get_str(rows, row, 6),
        .payload = db_get_str(rows, row, 10),
        .version = db_get_i64(rows, row, 11),
    };
    /* Salt and payload are erased together or not at all. */
    bool salted = !db_is_null(rows, row, 9);
    if (!bytes_read(db_get_str(rows, row, 7), event.payload_hash.bytes, SHA256_SIZE) ||
        !bytes_read(db_get_str(rows, row, 8), event.hash.bytes, SHA256_SIZE) ||
        salted != (event.payload.p != NULL) ||
        (salted && !bytes_read(db_get_str(rows, row, 9), event.salt, EVENT_SALT_SIZE)))
        return op_fail(op, ERR_CORRUPT,
                       "event %" PRId64
                       " (%.*s): a hash or the salt is missing or has the wrong size",
                       event.seq, STR_ARG(event.key));
    *ret_event = event;
    return ERR_OK;
}

static enum err events_read(struct op *op, const struct db_rows *rows, int64_t domain_id,
                            struct event_list *ret_events)
{
    struct event *events = ARENA_ARRAY(op->arena, struct event, rows->n);
    if (events == NULL)
        return ERR_MEMORY;
    enum err err = ERR_OK;
    for (size_t i = 0; i < rows->n && err == ERR_OK; i++) {
        err = event_read(op, rows, i, &events[i]);
        events[i].domain_id = domain_id;
    }
    if (err == ERR_OK)
        *ret_events = (struct event_list){events, rows->n};
    return err;
}

enum err store_event_get(struct db *db, struct op *op, int64_t domain_id, int64_t seq,
                         struct event *ret_event)
{
    struct db_rows rows;
    struct event event;
    enum err err = db_query(db, op,
                            "SELECT " EVENT_COLUMNS " FROM chain c JOIN event e"
                            " ON e.place = (c.ordinal << 40) + $2 WHERE c.domain_id = $1",
                            DB_ARGS(db_i64(domain_id), db_i64(seq)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = event_read(op, &rows, 0, &event);
    if (err != ERR_OK)
        return err;
    event.domain_id = domain_id;
    *ret_event = event;
    return ERR_OK;
}

enum err store_events_after(struct db *db, struct op *op, const struct chain *chain, int64_t after,
                            int64_t limit, struct event_list *ret_events)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT " EVENT_COLUMNS " FROM event e"
                            " WHERE e.place > $1 AND e.place < $2 ORDER BY e.place LIMIT $3",
                            DB_ARGS(db_i64(event_place(chain->ordinal, after)),
                                    db_i64(event_place(chain->ordinal + 1, 0)), db_i64(limit)),
                            &rows);
    return err == ERR_OK ? events_read(op, &rows, chain->domain_id, ret_events) : err;
}

enum err store_events_back(struct db *db, struct op *op, int64_t domain_id, int64_t seq,
                           int64_t limit, struct event_list *ret_events)
{
    /* A link that leads forwards (a damaged store) ends the walk. */
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "WITH RECURSIVE back (base, place, previous, n) AS ("
        " SELECT c.ordinal << 40, e.place, e.previous_seq, 1 FROM chain c"
        " JOIN event e ON e.place = (c.ordinal << 40) + $2 WHERE c.domain_id = $1"
        " UNION ALL"
        " SELECT back.base, e.place, e.previous_seq, back.n + 1 FROM back"
        " JOIN event e ON e.place = back.base + back.previous"
        " WHERE back.previous > 0 AND back.base + back.previous < back.place AND back.n < $3)"
        " SELECT " EVENT_COLUMNS " FROM back JOIN event e ON e.place = back.place ORDER BY back.n",
        DB_ARGS(db_i64(domain_id), db_i64(seq), db_i64(limit)), &rows);
    return err == ERR_OK ? events_read(op, &rows, domain_id, ret_events) : err;
}

/* Down a record's linked list from its newest event as far as its links lead, or to the first that is not
 * later than `until`: where that ends, and the link from there. ERR_NOT_FOUND: the newest is missing. */
static enum err links_follow(struct db *db, struct op *op, int64_t domain_id, int64_t last_seq,
                             int64_t until, int64_t *ret_seq, int64_t *ret_previous)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "WITH RECURSIVE back (base, place, previous) AS ("
                 " SELECT c.ordinal << 40, e.place, e.previous_seq FROM chain c"
                 " JOIN event e ON e.place = (c.ordinal << 40) + $2 WHERE c.domain_id = $1"
                 " UNION ALL"
                 " SELECT back.base, e.place, e.previous_seq FROM back"
                 " JOIN event e ON e.place = back.base + back.previous"
                 " WHERE back.previous > 0 AND back.base + back.previous < back.place"
                 " AND back.place > back.base + $3)"
                 " SELECT place - base, previous FROM back ORDER BY place LIMIT 1",
                 DB_ARGS(db_i64(domain_id), db_i64(last_seq), db_i64(until)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_seq = db_get_i64(&rows, 0, 0);
    *ret_previous = db_get_i64(&rows, 0, 1);
    return ERR_OK;
}

enum err store_event_until(struct db *db, struct op *op, int64_t domain_id, int64_t last_seq,
                           int64_t until, int64_t *ret_seq)
{
    int64_t seq, previous;
    enum err err = links_follow(db, op, domain_id, last_seq, until, &seq, &previous);
    if (err != ERR_OK)
        return err;
    if (seq > until && previous > 0)
        return ERR_NOT_FOUND;
    *ret_seq = seq > until ? 0 : seq;
    return ERR_OK;
}

enum err store_event_first(struct db *db, struct op *op, int64_t domain_id, int64_t last_seq,
                           int64_t *ret_seq)
{
    int64_t previous;
    return links_follow(db, op, domain_id, last_seq, 0, ret_seq, &previous);
}
