#include "base/buf.h"

#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_finish(struct buf *buf)
{
    free(buf->p);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->n = 0;
    buf->err = ERR_OK;
}

enum err buf_move(struct buf *buf, struct arena *arena, struct str *ret_text)
{
    enum err err = buf->err == ERR_OK ? arena_copy(arena, buf_str(buf), ret_text) : buf->err;
    buf_finish(buf);
    return err;
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->p == NULL ? "" : buf->p, buf->n};
}

enum err buf_err(const struct buf *buf)
{
    return buf->err;
}

char *buf_grow(struct buf *buf, size_t n)
{
    if (buf->err != ERR_OK)
        return NULL;
    if (n > buf->max - buf->n) {
        buf->err = ERR_TOO_LONG;
        return NULL;
    }
    if (n > buf->capacity - buf->n) {
        size_t capacity = buf->capacity < 128 ? 128 : buf->capacity * 2;
        if (capacity < buf->n + n)
            capacity = buf->n + n;
        if (capacity > buf->max)
            capacity = buf->max;
        char *p = realloc(buf->p, capacity);
        if (p == NULL) {
            buf->err = ERR_MEMORY;
            return NULL;
        }
        buf->p = p;
        buf->capacity = capacity;
    }
    return buf->p + buf->n;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    /* vsnprintf also writes a zero byte, which is not kept. */
    char *to = n < 0 ? NULL : buf_reserve(buf, (size_t)n + 1);
    if (to != NULL) {
        vsnprintf(to, (size_t)n + 1, format, again);
        buf->n += (size_t)n;
    }
    va_end(again);
}

void buf_i64(struct buf *buf, int64_t value)
{
    char digits[21];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (value < 0)
        digits[--at] = '-';
    buf_bytes(buf, digits + at, sizeof digits - at);
}

void buf_consume(struct buf *buf, size_t n)
{
    if (n >= buf->n) {
        buf->n = 0;
        return;
    }
    memmove(buf->p, buf->p + n, buf->n - n);
    buf->n -= n;
}

void buf_cut(struct buf *buf, size_t n)
{
    if (n < buf->n)
        buf->n = n;
}
