/*
 * The one growing buffer that every text and every answer is built in. It is bounded; the first
 * fault (out of memory, over the bound) sticks, later calls do nothing, and buf_err() reports it
 * once at the end, so that building a text needs no ladder of checks.
 */
#ifndef BZCTRL_BASE_BUF_H
#define BZCTRL_BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

struct arena;

struct buf {
    char *p;
    size_t n, capacity, max;
    enum err err;
};

/* Makes an empty buffer that may grow to `max` bytes. Allocates nothing yet. */
void buf_init(struct buf *buf, size_t max);

/* Frees the memory. Safe on a zeroed or finished buffer. */
void buf_finish(struct buf *buf);

/* Empties it and forgets a fault; keeps the memory. */
void buf_clear(struct buf *buf);

/* What was built; borrowed until the next call that changes the buffer. */
struct str buf_str(const struct buf *buf);

/* ERR_OK, ERR_MEMORY or ERR_TOO_LONG: the first fault since init or clear. */
enum err buf_err(const struct buf *buf) MUST_CHECK;

/* Makes room for `n` more bytes and returns where they go, or NULL on a fault. Afterwards call
 * buf_wrote() with the number actually written. Inline, as what follows: most of an answer is
 * built of pieces of a few bytes, which nearly always fit. */
char *buf_grow(struct buf *buf, size_t n) MUST_CHECK;
static inline MUST_CHECK char *buf_reserve(struct buf *buf, size_t n)
{
    if (n > buf->capacity - buf->n || buf->err != ERR_OK)
        return buf_grow(buf, n);
    return buf->p + buf->n;
}

static inline void buf_wrote(struct buf *buf, size_t n)
{
    buf->n += n;
}

static inline void buf_char(struct buf *buf, char c)
{
    char *to = buf_reserve(buf, 1);
    if (to == NULL)
        return;
    *to = c;
    buf->n++;
}

static inline void buf_bytes(struct buf *buf, const void *p, size_t n)
{
    char *to = n == 0 ? NULL : buf_reserve(buf, n);
    if (to == NULL)
        return;
    memcpy(to, p, n);
    buf->n += n;
}

static inline void buf_add(struct buf *buf, struct str s)
{
    buf_bytes(buf, s.p, s.n);
}

void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_i64(struct buf *buf, int64_t value);

/* Adds a literal. */
#define BUF_LIT(buf, literal) buf_bytes((buf), (literal), sizeof(literal) - 1)

/* Moves what was built into the arena, and finishes the buffer. Its fault, or ERR_MEMORY. */
enum err buf_move(struct buf *buf, struct arena *arena, struct str *ret_text) MUST_CHECK;

/* Drops the first `n` bytes (all, if fewer are there); or everything after the first `n`. */
void buf_consume(struct buf *buf, size_t n);
void buf_cut(struct buf *buf, size_t n);

#endif
