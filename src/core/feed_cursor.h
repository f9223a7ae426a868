/*
 * A cursor of the change feed: how far its reader is in each chain, as an opaque text. It is sealed
 * with the store's key, so that it shows nobody which other chains there are or how long they are,
 * and comes back unaltered or not at all. It never expires: a chain is never cut, and one that a
 * cursor does not name is read from its beginning. Pure.
 */
#ifndef BZCTRL_CORE_FEED_CURSOR_H
#define BZCTRL_CORE_FEED_CURSOR_H

#include "base/buf.h"
#include "base/op.h"
#include "store/feed.h"

enum { FEED_CHAINS_MAX = 1000 }; /* in one cursor, which has to fit into the head of a request */

/* The last event of a chain that the reader has passed. */
struct feed_position {
    int64_t ordinal, seq;
};

struct feed_positions {
    struct feed_position *items; /* by ordinal; seq > 0 */
    size_t n, max;               /* room for max */
};

/* How far in a chain; 0: at its beginning. */
int64_t feed_position(const struct feed_positions *positions, int64_t ordinal);

/* Sets it. False when there is no more room. */
bool feed_position_set(struct feed_positions *positions, int64_t ordinal, int64_t seq) MUST_CHECK;

/* Appends the text. */
void buf_feed_cursor(struct buf *buf, const unsigned char key[FEED_KEY_SIZE],
                     const struct feed_positions *positions);

/* Reads it, in op's arena. ERR_SYNTAX when the text was not made by the above with the same key;
 * ERR_MEMORY. */
enum err feed_cursor_read(struct op *op, const unsigned char key[FEED_KEY_SIZE], struct str text,
                          struct feed_positions *ret_positions) MUST_CHECK;

/* What is sealed: each chain as the distance of its ordinal to the one before and its seq, both in
 * groups of 7 bits. The first returns how many bytes it wrote, at most FEED_POSITION_SIZE for each
 * chain; the second is false unless `bytes` is what the first would write. */
enum { FEED_POSITION_SIZE = 4 + 6 }; /* at most: ordinals have 23 bits, seqs 40 */
size_t feed_positions_write(const struct feed_positions *positions, unsigned char *bytes);
bool feed_positions_read(struct str bytes, struct feed_positions *positions) MUST_CHECK;

#endif
