/*
 * The reads of the change feed (core/feed.h): how far the chains are, and their events with what
 * decides who may see them. And the key that cursors are sealed with (core/feed_cursor.h).
 */
#ifndef BZCTRL_STORE_FEED_H
#define BZCTRL_STORE_FEED_H

#include "store/event.h"

enum { FEED_KEY_SIZE = 32 };

struct feed_head {
    int64_t ordinal, domain_id, seq;
};

struct feed_heads {
    struct feed_head *items; /* by ordinal */
    size_t n;
};

/* The heads of all chains. */
enum err store_feed_heads(struct db *db, struct op *op, struct feed_heads *ret_heads) MUST_CHECK;

/* An event of the feed. */
struct feed_entry {
    struct event event;
    int64_t ordinal;                 /* of its chain */
    int64_t workspace_id, source_id; /* of the record as it is now; 0: it is about no record */
};

struct feed_entries {
    const struct feed_entry *items;
    size_t n;
};

/* Events of a chain after seq `after`, oldest first, at most `limit`. */
enum err store_feed_after(struct db *db, struct op *op, const struct feed_head *chain,
                          int64_t after, int64_t limit,
                          struct feed_entries *ret_entries) MUST_CHECK;

/* The same without what the events say: salt and payload are not read. */
enum err store_feed_links_after(struct db *db, struct op *op, const struct feed_head *chain,
                                int64_t after, int64_t limit,
                                struct feed_entries *ret_entries) MUST_CHECK;

/* The key; ERR_NOT_FOUND while there is none. And one for a store that has none, which is kept
 * unless another node was faster. */
enum err store_feed_key(struct db *db, struct op *op,
                        unsigned char ret_key[FEED_KEY_SIZE]) MUST_CHECK;
enum err store_feed_key_add(struct db *db, struct op *op,
                            const unsigned char key[FEED_KEY_SIZE]) MUST_CHECK;

#endif
