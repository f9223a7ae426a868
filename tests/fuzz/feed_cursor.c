/*
 * A cursor of the change feed against any bytes. Oracles: what is read from the inside of a cursor is
 * what would be written, to the byte; a whole cursor, taken as it is or with a bit turned over, is read
 * only if it was made with the key.
 */
#include "core/feed_cursor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool positions_equal(const struct feed_positions *a, const struct feed_positions *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; i < a->n && equal; i++)
        equal = a->items[i].ordinal == b->items[i].ordinal && a->items[i].seq == b->items[i].seq;
    return equal;
}

/* It is read again as it was, and not at all with one bit changed. */
static void seal(struct op *op, const struct feed_positions *positions, size_t turned)
{
    static const unsigned char key[FEED_KEY_SIZE] = "a key", other[FEED_KEY_SIZE] = "another";
    struct feed_positions again;
    struct buf text;
    buf_init(&text, 1024 * 1024);
    buf_feed_cursor(&text, key, positions);
    must(buf_err(&text) == ERR_OK);
    must(feed_cursor_read(op, key, buf_str(&text), &again) == ERR_OK);
    must(positions_equal(positions, &again));
    must(feed_cursor_read(op, other, buf_str(&text), &again) == ERR_SYNTAX);
    size_t at = turned % text.n;
    text.p[at] = text.p[at] == 'A' ? 'B' : 'A';
    must(feed_cursor_read(op, key, buf_str(&text), &again) == ERR_SYNTAX);
    buf_finish(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[FEED_KEY_SIZE] = "a key";
    static struct feed_position items[FEED_CHAINS_MAX];
    static unsigned char written[FEED_CHAINS_MAX * FEED_POSITION_SIZE];
    struct feed_positions positions = {.items = items, .max = FEED_CHAINS_MAX}, read;
    struct str text = {(const char *)data, size};
    struct arena arena;
    arena_init(&arena, 16 * 1024 * 1024);
    struct op op = {.arena = &arena};
    must(feed_cursor_read(&op, key, text, &read) == ERR_SYNTAX);
    if (feed_positions_read(text, &positions)) {
        must(feed_positions_write(&positions, written) == size);
        must(size == 0 || memcmp(written, data, size) == 0);
        for (size_t i = 0; i < positions.n; i++)
            must(feed_position(&positions, items[i].ordinal) == items[i].seq && items[i].seq > 0);
        seal(&op, &positions, size);
    }
    arena_finish(&arena);
    return 0;
}
