/*
 * Idempotency keys: the same key, sent twice by the same account to the same endpoint, creates one
 * record and gets one answer, across batches, restarts and midnight, for at least 30 days.
 *
 * A key is random, so an index of keys would dirty another page for each row: in measurements it
 * halved the rate of creates, even when generations kept it small. So a create updates no index of
 * random values. An answer is appended with the digest of its key, and the uniqueness of digests is
 * checked in memory, under the write lock of the database:
 *
 *   - the newest answers (up to 32,768) are the open generation: a hash table in memory, exact;
 *   - when it is full it is closed in the same transaction: its digests are written in 256 buckets
 *     by their first byte, with a filter that excludes (all but one in a thousand) digests not in
 * it. A lookup asks the filters, which are kept in memory, one cache line each, and reads a bucket
 * only where one says "maybe".
 *
 * The tables are authoritative and the memory mirrors them. Each transaction, which already holds
 * the write lock, first compares the memory with the newest rows; if they differ (a rollback,
 * another writer), the memory is reloaded. If more answers are then open than fit a generation
 * (they were copied from an engine without generations), they are closed at once. Memory: 2 bytes
 * per key kept, plus 0.8 MB.
 *
 * Where several processes write to one database (db_shared()) there is no such lock, and no memory
 * can mirror what others do: a UNIQUE index of digests keeps the promise (sql/0005), and there are
 * no generations. The keys of a batch are looked up together, and the open generation is just
 * those. A transaction that binds a key which another node has just bound violates the index and
 * runs again.
 */
#ifndef BZCTRL_CORE_IDEMPOTENCY_H
#define BZCTRL_CORE_IDEMPOTENCY_H

#include "base/hash.h"
#include "store/answer.h"

struct batch;
struct change;
struct idempotency;

/* How long keys are kept at least, in milliseconds: 30 days. */
#define IDEMPOTENCY_KEPT INT64_C(2592000000)

/* The memory of one write connection; `shared` if others write to the database too. core_open()
 * creates it after the migration, and only the write lane uses it. The first lookup fills it.
 * destroy is NULL-safe. */
enum err idempotency_create(bool shared, struct idempotency **ret_it) MUST_CHECK;
void idempotency_destroy(struct idempotency *it);

/* In its own change: drops a bounded number of keys and answers older than IDEMPOTENCY_KEPT;
 * reports whether more are left. */
enum err idempotency_drop(struct batch *batch, struct op *op, bool *ret_more) MUST_CHECK;

/* What identifies a request. */
struct idempotency_key {
    int64_t account_id;
    struct str endpoint;                /* "add-task" */
    struct str key;                     /* as sent, without quotes; absent: none was sent */
    struct sha256 request;              /* of raw body and query */
    const struct idempotency_key *next; /* the next key that the same change looks up */
};

/* On a shared database, at the start of each transaction: looks up the keys (change.h) of all its
 * changes. */
enum err idempotency_look_ahead(struct idempotency *it, struct db *db, struct op *op,
                                struct change *const *changes, size_t n) MUST_CHECK;

/* Looks a key up: *ret_found says whether *ret_answer is the stored answer. ERR_KEY_REUSED when
 * the key was used for another request; *ret_answer is then the answer to that request, so that
 * the caller can name its record. Writes nothing that the caller would have to undo. */
enum err idempotency_find(struct batch *batch, struct op *op, const struct idempotency_key *key,
                          bool *ret_found, struct answer *ret_answer) MUST_CHECK;

/* Binds the key, which idempotency_find() did not find in this apply, to an answer, and sets its id. */
enum err idempotency_bind(struct batch *batch, struct op *op, const struct idempotency_key *key,
                          struct answer *answer) MUST_CHECK;

#endif
