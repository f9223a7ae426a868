#include "core/feed_cursor.h"

#include "base/hash.h"
#include "base/sorted.h"

#include <sodium.h>

enum {
    TAG_SIZE = 16,
    BODY_MAX = FEED_CHAINS_MAX * FEED_POSITION_SIZE,
    ORDINAL_MAX = (1 << 23) - 1,
    SEQ_BITS = 40,
};

/* ---- positions ---- */

/* The place of the first chain that is not before `ordinal`. */
static size_t place_of(const struct feed_positions *positions, int64_t ordinal)
{
    return SORTED_PLACE(positions->items, positions->n, struct feed_position, ordinal, ordinal);
}

int64_t feed_position(const struct feed_positions *positions, int64_t ordinal)
{
    size_t i = place_of(positions, ordinal);
    return i < positions->n && positions->items[i].ordinal == ordinal ? positions->items[i].seq : 0;
}

bool feed_position_set(struct feed_positions *positions, int64_t ordinal, int64_t seq)
{
    size_t i = place_of(positions, ordinal);
    if (i == positions->n || positions->items[i].ordinal != ordinal) {
        if (positions->n == positions->max)
            return false;
        for (size_t k = positions->n++; k > i; k--)
            positions->items[k] = positions->items[k - 1];
        positions->items[i].ordinal = ordinal;
    }
    positions->items[i].seq = seq;
    return true;
}

/* ---- bytes ---- */

/* In groups of 7 bits, the lowest first; the last one has the top bit clear. */
static unsigned char *put_number(unsigned char *at, int64_t number)
{
    uint64_t n = (uint64_t)number;
    for (; n >= 0x80; n >>= 7)
        *at++ = (unsigned char)(n | 0x80);
    *at++ = (unsigned char)n;
    return at;
}

/* Takes one of 1 to `max` off the front. False for any other, also one with needless groups. */
static bool take_number(struct str *bytes, uint64_t max, uint64_t *ret_n)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift <= 35; shift += 7) {
        if (bytes->n == 0)
            return false;
        unsigned char byte = (unsigned char)bytes->p[0];
        *bytes = str_from(*bytes, 1);
        n |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *ret_n = n;
            return byte > 0 && n <= max;
        }
    }
    return false;
}

size_t feed_positions_write(const struct feed_positions *positions, unsigned char *bytes)
{
    unsigned char *at = bytes;
    int64_t before = 0;
    for (size_t i = 0; i < positions->n; i++) {
        at = put_number(at, positions->items[i].ordinal - before);
        at = put_number(at, positions->items[i].seq);
        before = positions->items[i].ordinal;
    }
    return (size_t)(at - bytes);
}

bool feed_positions_read(struct str bytes, struct feed_positions *positions)
{
    int64_t ordinal = 0;
    positions->n = 0;
    while (bytes.n > 0) {
        uint64_t step, seq;
        if (positions->n == positions->max ||
            !take_number(&bytes, (uint64_t)(ORDINAL_MAX - ordinal), &step) ||
            !take_number(&bytes, (UINT64_C(1) << SEQ_BITS) - 1, &seq))
            return false;
        ordinal += (int64_t)step;
        positions->items[positions->n++] =
            (struct feed_position){.ordinal = ordinal, .seq = (int64_t)seq};
    }
    return true;
}

/* ---- sealing ---- */

/*
 * The tag is a keyed hash of the body, and the body is encrypted under that tag as its nonce: so
 * equal positions make equal cursors, and no nonce is ever used for two bodies.
 */
static void tag_make(const unsigned char key[FEED_KEY_SIZE], struct str body,
                     unsigned char ret_tag[TAG_SIZE])
{
    crypto_generichash(ret_tag, TAG_SIZE, (const unsigned char *)body.p, body.n, key,
                       FEED_KEY_SIZE);
}

static void body_cross(const unsigned char key[FEED_KEY_SIZE], const unsigned char tag[TAG_SIZE],
                       unsigned char *body, size_t n)
{
    static const unsigned char purpose[] = "bzctrl cursor";
    unsigned char nonce[crypto_stream_xchacha20_NONCEBYTES] = {0};
    unsigned char cipher_key[crypto_stream_xchacha20_KEYBYTES];
    for (size_t i = 0; i < TAG_SIZE; i++)
        nonce[i] = tag[i];
    crypto_generichash(cipher_key, sizeof cipher_key, purpose, sizeof purpose, key, FEED_KEY_SIZE);
    crypto_stream_xchacha20_xor(body, body, n, nonce, cipher_key);
}

void buf_feed_cursor(struct buf *buf, const unsigned char key[FEED_KEY_SIZE],
                     const struct feed_positions *positions)
{
    unsigned char sealed[TAG_SIZE + BODY_MAX];
    size_t n = feed_positions_write(positions, sealed + TAG_SIZE);
    tag_make(key, (struct str){(const char *)sealed + TAG_SIZE, n}, sealed);
    body_cross(key, sealed, sealed + TAG_SIZE, n);
    buf_base64url(buf, sealed, TAG_SIZE + n);
}

enum err feed_cursor_read(struct op *op, const unsigned char key[FEED_KEY_SIZE], struct str text,
                          struct feed_positions *ret_positions)
{
    unsigned char tag[TAG_SIZE];
    size_t n = text.n * 3 / 4;
    if (n < TAG_SIZE || n > TAG_SIZE + BODY_MAX)
        return ERR_SYNTAX;
    unsigned char *sealed = arena_alloc(op->arena, n);
    size_t most = (n - TAG_SIZE) / 2; /* two bytes for each at least */
    struct feed_positions positions = {.items = ARENA_ARRAY(op->arena, struct feed_position, most),
                                       .max = most < FEED_CHAINS_MAX ? most : FEED_CHAINS_MAX};
    if (sealed == NULL || positions.items == NULL)
        return ERR_MEMORY;
    if (!base64url_read(text, sealed, n))
        return ERR_SYNTAX;
    struct str body = {(const char *)sealed + TAG_SIZE, n - TAG_SIZE};
    body_cross(key, sealed, sealed + TAG_SIZE, body.n);
    tag_make(key, body, tag);
    if (!bytes_equal_slowly(tag, sealed, TAG_SIZE) || !feed_positions_read(body, &positions))
        return ERR_SYNTAX;
    *ret_positions = positions;
    return ERR_OK;
}
