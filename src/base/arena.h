/*
 * An arena: memory that belongs to one request or one job and is freed all at once. Nothing in it
 * is freed on its own. Under AddressSanitizer, freed memory is poisoned.
 */
#ifndef BZCTRL_BASE_ARENA_H
#define BZCTRL_BASE_ARENA_H

#include "base/err.h"
#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    char *next, *end;           /* the free part of the newest chunk */
    size_t total, max;          /* bytes allocated, and their bound */
};

/* Makes an empty arena that refuses to grow beyond `max` bytes. Allocates nothing yet. */
void arena_init(struct arena *arena, size_t max);

/* Frees all memory; the arena may be used again. Safe on a zeroed or finished arena. */
void arena_finish(struct arena *arena);

/* Like arena_finish, but keeps the first chunk for the next user, so that a busy connection does
 * not go to malloc for each request. */
void arena_reset(struct arena *arena);

/* A position in an arena; rewinding to it frees everything allocated since. */
struct arena_mark {
    struct arena_chunk *chunks;
    char *next;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* `size` bytes, aligned for any type, uninitialised; NULL when out of memory or over the bound. */
void *arena_alloc(struct arena *arena, size_t size) MUST_CHECK;

/* `n` zeroed elements of `size` bytes; NULL as above or on overflow. */
void *arena_zalloc(struct arena *arena, size_t n, size_t size) MUST_CHECK;

/* A copy of `s` with a zero byte after it. The result's p is NULL when out of memory, or when `s`
 * is absent. */
struct str arena_str(struct arena *arena, struct str s) MUST_CHECK;

/* The same of a text that is there, which fails for want of memory only: ERR_MEMORY. */
enum err arena_copy(struct arena *arena, struct str s, struct str *ret_copy) MUST_CHECK;

/* A printed text, zero-terminated; p is NULL when out of memory. */
struct str arena_printf(struct arena *arena, const char *format, ...) MUST_CHECK PRINTF_LIKE(2, 3);

/* One of a type, or n of it, zeroed. */
#define ARENA_NEW(arena, type)      ((type *)arena_zalloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_zalloc((arena), (n), sizeof(type)))

#endif
