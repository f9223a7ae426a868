#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { CHUNK_SIZE = 8192 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of data */
    alignas(max_align_t) char data[];
};

void arena_init(struct arena *arena, size_t max)
{
    *arena = (struct arena){.max = max};
}

static void chunks_free(struct arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct arena_chunk *older = chunk->older;
        UNPOISON(chunk->data, chunk->size);
        free(chunk);
        chunk = older;
    }
}

void arena_finish(struct arena *arena)
{
    chunks_free(arena->chunks);
    arena_init(arena, arena->max);
}

void arena_reset(struct arena *arena)
{
    struct arena_chunk *first = arena->chunks;
    if (first == NULL)
        return;
    while (first->older != NULL) {
        struct arena_chunk *newer = first;
        first = first->older;
        newer->older = NULL;
        chunks_free(newer);
    }
    if (first->size > CHUNK_SIZE) {
        chunks_free(first);
        arena_init(arena, arena->max);
        return;
    }
    POISON(first->data, first->size);
    arena->chunks = first;
    arena->next = first->data;
    arena->end = first->data + first->size;
    arena->total = sizeof *first + first->size;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->chunks, arena->next};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    while (arena->chunks != mark.chunks) {
        struct arena_chunk *newest = arena->chunks;
        arena->chunks = newest->older;
        arena->total -= sizeof *newest + newest->size;
        newest->older = NULL;
        chunks_free(newest);
    }
    arena->next = mark.next;
    arena->end = mark.chunks == NULL ? NULL : mark.chunks->data + mark.chunks->size;
    if (mark.chunks != NULL)
        POISON(mark.next, (size_t)(arena->end - mark.next));
}

static bool arena_grow(struct arena *arena, size_t size)
{
    size_t data = size > CHUNK_SIZE - sizeof(struct arena_chunk)
                      ? size
                      : CHUNK_SIZE - sizeof(struct arena_chunk);
    size_t total = sizeof(struct arena_chunk) + data;
    if (data < size || total < data || total > arena->max - arena->total)
        return false;
    struct arena_chunk *chunk = malloc(total);
    if (chunk == NULL)
        return false;
    chunk->older = arena->chunks;
    chunk->size = data;
    POISON(chunk->data, data);
    arena->chunks = chunk;
    arena->next = chunk->data;
    arena->end = chunk->data + data;
    arena->total += total;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX - align)
        return NULL;
    size = size == 0 ? align : (size + align - 1) & ~(align - 1);
    if ((size_t)(arena->end - arena->next) < size && !arena_grow(arena, size))
        return NULL;
    void *p = arena->next;
    arena->next += size;
    UNPOISON(p, size);
    return p;
}

void *arena_zalloc(struct arena *arena, size_t n, size_t size)
{
    if (size != 0 && n > SIZE_MAX / size)
        return NULL;
    void *p = arena_alloc(arena, n * size);
    if (p != NULL)
        memset(p, 0, n * size);
    return p;
}

struct str arena_str(struct arena *arena, struct str s)
{
    if (s.p == NULL)
        return STR_NONE;
    char *copy = arena_alloc(arena, s.n + 1);
    if (copy == NULL)
        return STR_NONE;
    memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return (struct str){copy, s.n};
}

enum err arena_copy(struct arena *arena, struct str s, struct str *ret_copy)
{
    *ret_copy = arena_str(arena, s);
    return ret_copy->p == NULL ? ERR_MEMORY : ERR_OK;
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = n < 0 ? NULL : arena_alloc(arena, (size_t)n + 1);
    if (p != NULL)
        vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p == NULL ? STR_NONE : (struct str){p, (size_t)n};
}
