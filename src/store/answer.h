/*
 * Answers that may have to be repeated: the exact answers to requests with an idempotency key, in a
 * table that grows at its end and is dropped from its start; and the closed generations through
 * which old keys are found. core/idempotency.h explains the purpose.
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
    int64_t id; /* of one that is stored */
    int status;
    struct answer_header headers[ANSWER_HEADERS_MAX]; /* those that a replay must repeat */
    size_t header_count;
    struct str body;
};

/* A stored answer and its keys. */
struct stored_answer {
    int64_t id;
    unsigned char digest[ANSWER_DIGEST_SIZE];  /* of account, endpoint and key */
    unsigned char request[ANSWER_DIGEST_SIZE]; /* of the request that was answered */
    struct answer answer;
};

/* Adds an answer; its id is greater than all earlier ones. */
enum err store_answer_add(struct db *db, struct op *op,
                          const struct stored_answer *stored) MUST_CHECK;

/* Reads one into op->arena. ERR_NOT_FOUND. */
enum err store_answer_get(struct db *db, struct op *op, int64_t id,
                          struct stored_answer *ret_answer) MUST_CHECK;

/* Replaces all of an answer that has an id; or its body. */
enum err store_answer_put(struct db *db, struct op *op, const struct answer *answer) MUST_CHECK;
enum err store_answer_put_body(struct db *db, struct op *op, int64_t id,
                               struct str body) MUST_CHECK;

/* The ids of the answers to `n` digests, which are concatenated in `digests`; 0 for a digest
 * without an answer. For engines with an index of digests. */
enum err store_answers_find(struct db *db, struct op *op, struct str digests, size_t n,
                            const int64_t **ret_ids) MUST_CHECK;

/* Ids and digests (the rest stays empty) of answers newer than `after`, oldest first, at most
 * `limit`. */
enum err store_answer_digests(struct db *db, struct op *op, int64_t after, int64_t limit,
                              const struct stored_answer **ret_answers, size_t *ret_n) MUST_CHECK;

/* Deletes the oldest answers up to `last`, at most `limit`; reports whether any existed. */
enum err store_answers_drop(struct db *db, struct op *op, int64_t last, int64_t limit,
                            bool *ret_dropped) MUST_CHECK;

struct generation {
    int64_t id;
    int64_t last_answer; /* the id of its newest answer */
    int64_t closed_at;   /* milliseconds */
};

/* The ids of the newest answer and the newest generation, 0 if none; they show whether a copy in
 * memory is up to date. */
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

/* Deletes a generation and its buckets; its answers must have been dropped before. */
enum err store_generation_drop(struct db *db, struct op *op, int64_t id) MUST_CHECK;

#endif
