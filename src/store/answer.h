/*
 * Answers that were given and must be given again: what a request with an idempotency key was
 * answered, byte for byte, in a table that only grows at its end and is dropped from its start;
 * and the closed generations that old keys are found through. What it is all for is told in
 * core/idempotency.h.
 */
#ifndef BZCTRL_STORE_ANSWER_H
#define BZCTRL_STORE_ANSWER_H

#include "db/db.h"

enum {
    ANSWER_HEADERS_MAX = 4,
    ANSWER_DIGEST_SIZE = 16,
    GENERATION_BUCKETS = 256, /* one per first byte of a digest */
};

struct answer_header {
    struct str name, value; /* without CR, LF or NUL */
};

struct answer {
    int status;
    struct answer_header headers[ANSWER_HEADERS_MAX]; /* those that a replay must repeat */
    size_t header_count;
    struct str body;
};

/* A stored answer and what it is found by. */
struct stored_answer {
    int64_t id;
    unsigned char digest[ANSWER_DIGEST_SIZE];  /* of account, endpoint and key */
    unsigned char request[ANSWER_DIGEST_SIZE]; /* of the request that was answered */
    struct answer answer;
};

/* Adds one; its id is greater than all before it. */
enum err store_answer_add(struct db *db, struct op *op,
                          const struct stored_answer *stored) MUST_CHECK;

/* Reads one into op->arena. ERR_NOT_FOUND. */
enum err store_answer_get(struct db *db, struct op *op, int64_t id,
                          struct stored_answer *ret_answer) MUST_CHECK;

/* The ids of the answers to `n` digests, which lie one behind the other in `digests`; 0 for one
 * that has none. For engines with an index of digests. */
enum err store_answers_find(struct db *db, struct op *op, struct str digests, size_t n,
                            const int64_t **ret_ids) MUST_CHECK;

/* Ids and digests (the rest stays empty) of answers newer than `after`, oldest first, at most
 * `limit`. */
enum err store_answer_digests(struct db *db, struct op *op, int64_t after, int64_t limit,
                              const struct stored_answer **ret_answers, size_t *ret_n) MUST_CHECK;

/* Deletes the oldest answers up to `last`, at most `limit`; tells whether any were left to. */
enum err store_answers_drop(struct db *db, struct op *op, int64_t last, int64_t limit,
                            bool *ret_dropped) MUST_CHECK;

struct generation {
    int64_t id;
    int64_t last_answer; /* the id of its newest answer */
    int64_t closed_at;   /* milliseconds */
};

/* The newest answer's and the newest generation's id, 0 if none: what tells whether a memory of
 * them is up to date. */
enum err store_answer_newest(struct db *db, struct op *op, int64_t *ret_answer,
                             int64_t *ret_generation) MUST_CHECK;

/* All generations, oldest first, without their filters; and the filter of one. */
enum err store_generations(struct db *db, struct op *op, const struct generation **ret_generations,
                           size_t *ret_n) MUST_CHECK;
enum err store_generation_filter(struct db *db, struct op *op, int64_t id,
                                 struct str *ret_filter) MUST_CHECK;

/* Stores a closed generation, and one of its buckets. */
enum err store_generation_add(struct db *db, struct op *op, const struct generation *generation,
                              struct str filter) MUST_CHECK;
enum err store_bucket_add(struct db *db, struct op *op, int64_t generation, unsigned bucket,
                          struct str entries) MUST_CHECK;

/* The entries of a bucket; empty when there is none. */
enum err store_bucket_get(struct db *db, struct op *op, int64_t generation, unsigned bucket,
                          struct str *ret_entries) MUST_CHECK;

/* Deletes a generation and its buckets; its answers are dropped before. */
enum err store_generation_drop(struct db *db, struct op *op, int64_t id) MUST_CHECK;

#endif
