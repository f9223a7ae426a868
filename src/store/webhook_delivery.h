/* Deliveries of webhooks as they are stored (sql/0042). */
#ifndef BZCTRL_STORE_WEBHOOK_DELIVERY_H
#define BZCTRL_STORE_WEBHOOK_DELIVERY_H

#include "db/db.h"

enum {
    DELIVERIES_KEPT_DAYS = 30,
    DELIVERIES_AGAIN_MAX = 10000,
    DELIVERY_TESTS_MAX = 10,   /* of a webhook, in a minute and while they wait */
    DELIVERY_TESTS_KEPT = 100, /* of a webhook; beyond that the oldest go */
};

enum delivery_state { DELIVERY_WAITING, DELIVERY_DONE, DELIVERY_FAILED };

struct delivery {
    int64_t id, webhook_id;
    int64_t ordinal, seq; /* of its event; 0: it is a test */
    struct str type, key; /* the key may be absent */
    enum delivery_state state;
    int64_t attempts, due_at;
    int64_t sent_at;    /* this, and what follows: of the last attempt, or TIME_NONE */
    int64_t ms, status; /* status 0: no answer */
    struct str error, request, answer; /* may be absent */
};

struct delivery_list {
    const struct delivery *items;
    size_t n;
};

/* Nothing of a webhook that has been removed. */
enum err store_delivery_add(struct db *db, struct op *op,
                            const struct delivery *delivery) MUST_CHECK;

/* The greatest id, 0 if there is none; for id_seen() by the one who delivers. */
enum err store_delivery_newest(struct db *db, struct op *op, int64_t *ret_id) MUST_CHECK;

/* The tests of a webhook that wait, or were made since a time: how many, and when the oldest was made.
 * And drops those that have ended beyond DELIVERY_TESTS_KEPT. */
enum err store_tests_since(struct db *db, struct op *op, int64_t webhook_id, int64_t since,
                           int64_t *ret_n, int64_t *ret_oldest) MUST_CHECK;
enum err store_tests_drop(struct db *db, struct op *op, int64_t webhook_id) MUST_CHECK;

/* Stores how an attempt went: state, attempts, due_at and what follows sent_at but for the request.
 * `attempts` must be one more than what is stored: it is not if it was asked for again during a later
 * attempt than its first; then it waits, and nothing is stored. */
enum err store_delivery_end(struct db *db, struct op *op,
                            const struct delivery *delivery) MUST_CHECK;

/* ERR_NOT_FOUND. */
enum err store_delivery_get(struct db *db, struct op *op, int64_t webhook_id, int64_t id,
                            struct delivery *ret_delivery) MUST_CHECK;

/* Older than the one with the id `before` (0: all), newest first, at most `limit`; without their
 * requests. */
enum err store_deliveries_before(struct db *db, struct op *op, int64_t webhook_id, int64_t before,
                                 int64_t limit, struct delivery_list *ret_deliveries) MUST_CHECK;

/* Those that wait: tests first, then the oldest first; without their requests. */
enum err store_deliveries_waiting(struct db *db, struct op *op, int64_t webhook_id, int64_t limit,
                                  struct delivery_list *ret_deliveries) MUST_CHECK;
enum err store_deliveries_waiting_count(struct db *db, struct op *op, int64_t webhook_id,
                                        int64_t *ret_count) MUST_CHECK;

/* The key of the record that waits longest, or of the newest if none waits; absent without a delivery. */
enum err store_delivery_record(struct db *db, struct op *op, int64_t webhook_id,
                               struct str *ret_key) MUST_CHECK;

/* Has one, or all since a time (at most DELIVERIES_AGAIN_MAX, the oldest first), sent again: they wait as
 * if they had never been tried. Not what has been blanked, and of several no test. */
enum err store_delivery_again(struct db *db, struct op *op, int64_t webhook_id, int64_t id,
                              size_t *ret_n) MUST_CHECK;
enum err store_deliveries_again(struct db *db, struct op *op, int64_t webhook_id, int64_t since,
                                size_t *ret_n) MUST_CHECK;

/* Drops, at most twice `limit`, those that are done and older than DELIVERIES_KEPT_DAYS, and those of
 * webhooks that have been removed. */
enum err store_deliveries_drop(struct db *db, struct op *op, int64_t now, int64_t limit,
                               size_t *ret_n) MUST_CHECK;

/* Replaces what was sent and what came back; absent: it is blanked. */
enum err store_delivery_texts_put(struct db *db, struct op *op, int64_t id, struct str request,
                                  struct str answer, struct str error) MUST_CHECK;
enum err store_delivery_by_id(struct db *db, struct op *op, int64_t id,
                              struct delivery *ret_delivery) MUST_CHECK;

#endif
