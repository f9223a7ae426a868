/*
 * Idempotency keys: the same key sent twice, by the same account to the same endpoint, makes one
 * record and gets one answer, over batches, restarts and midnight, for 30 days at least.
 *
 * A key is random, so an index of keys would dirty another page for each row: measured, it halves
 * the rate of creates even when kept small by generations. So nothing random is indexed on the way
 * of a create. An answer is appended with the digest of its key, and that no digest comes twice is
 * checked in memory, under the write lock of the database:
 *
 *   - the newest answers (up to 32,768) are the open generation: a hash table in memory, exact;
 *   - when it is full it is closed in the same transaction: its digests are written in 256 buckets
 *     by their first byte, with a filter that tells (but for one in a thousand) which digests are
 *     not in it. A lookup asks the filters, which are kept in memory, one cache line each, and
 *     reads a bucket only where one says "maybe".
 *
 * The tables are the truth and the memory only mirrors them. Each transaction, which already holds
 * the write lock, first compares what the memory has seen with the newest rows that are there; if
 * they differ (a rollback, another writer), the memory is read anew. Should more answers be open
 * then than a generation has (they were copied from an engine without), they are closed at once.
 * Memory: 2 bytes per key kept, and 0.8 MB.
 *
 * Where several processes write to one database (db_shared()) there is no such lock, and no memory
 * can mirror what others do: a UNIQUE index of digests keeps the promise (sql/0005), and there are
 * no generations. The keys of a batch are looked up at once, and the open generation is just those.
 * Whoever binds a key that another node has bound meanwhile violates the index, and runs again.
 */
#ifndef BZCTRL_CORE_IDEMPOTENCY_H
#define BZCTRL_CORE_IDEMPOTENCY_H

#include "base/hash.h"
#include "store/answer.h"

struct batch;
struct change;
struct idempotency;

/* Kept at least so long, in milliseconds: 30 days. */
#define IDEMPOTENCY_KEPT INT64_C(2592000000)

/* The memory of one write connection to a database that others write to, or not: made by
 * core_open() after the migration, used on the write lane only. It is filled by the first lookup.
 * destroy is NULL-safe. */
enum err idempotency_create(bool shared, struct idempotency **ret_it) MUST_CHECK;
void idempotency_destroy(struct idempotency *it);

/* In a change of its own: drops a bounded amount of keys and answers that are older than
 * IDEMPOTENCY_KEPT; tells whether more are left. */
enum err idempotency_drop(struct batch *batch, struct op *op, bool *ret_more) MUST_CHECK;

/* What a request is known by. */
struct idempotency_key {
    int64_t account_id;
    struct str endpoint;                /* "add-task" */
    struct str key;                     /* as sent, without quotes; absent: none was sent */
    struct sha256 request;              /* of raw body and query */
    const struct idempotency_key *next; /* that the same change looks up */
};

/* On a shared database, at the start of each transaction: looks up the keys (change.h) of all its
 * changes. */
enum err idempotency_look_ahead(struct idempotency *it, struct db *db, struct op *op,
                                struct change *const *changes, size_t n) MUST_CHECK;

/* Looks a key up: *ret_found tells whether *ret_answer is the stored answer. ERR_KEY_REUSED when it
 * was used with another request; then *ret_answer is the answer to that one, to say what came of
 * it. Writes nothing for the caller to undo. */
enum err idempotency_find(struct batch *batch, struct op *op, const struct idempotency_key *key,
                          bool *ret_found, struct answer *ret_answer) MUST_CHECK;

/* Binds the key, which idempotency_find() did not find in this apply, to an answer. */
enum err idempotency_bind(struct batch *batch, struct op *op, const struct idempotency_key *key,
                          const struct answer *answer) MUST_CHECK;

#endif
