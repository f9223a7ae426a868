#include "core/task_set.h"

#include "base/hash.h"
#include "store/task_index.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    SETS_MAX = 256,
    FILLED_AT_ONCE = 256,            /* blocks whose hits are read together, */
    FILLED_BYTES = 32 * 1024 * 1024, /* … and the bound of what these take */
};

/* Of one block. */
struct block_bits {
    uint64_t stamp; /* of the block when it was filled; 0: never */
    uint64_t rows[SET_WORDS];
};

struct task_set {
    struct sha256 key; /* of its expression */
    unsigned holders;
    bool filling;
    uint64_t used;           /* the later it was last taken, the greater */
    struct block_bits *bits; /* by the blocks' slots */
    size_t n;
};

struct task_sets {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct task_set *items[SETS_MAX];
    size_t n, bytes, bytes_max;
    uint64_t uses;
};

struct task_sets *task_sets_create(size_t bytes_max)
{
    struct task_sets *sets = calloc(1, sizeof *sets);
    if (sets == NULL)
        return NULL;
    pthread_mutex_init(&sets->lock, NULL);
    pthread_cond_init(&sets->filled, NULL);
    sets->bytes_max = bytes_max;
    return sets;
}

static size_t set_bytes(size_t blocks)
{
    return sizeof(struct task_set) + blocks * sizeof(struct block_bits);
}

static void set_drop(struct task_sets *sets, size_t place)
{
    struct task_set *set = sets->items[place];
    sets->bytes -= set_bytes(set->n);
    sets->items[place] = sets->items[--sets->n];
    free(set->bits);
    free(set);
}

void task_sets_destroy(struct task_sets *sets)
{
    if (sets == NULL)
        return;
    while (sets->n > 0)
        set_drop(sets, 0);
    pthread_cond_destroy(&sets->filled);
    pthread_mutex_destroy(&sets->lock);
    free(sets);
}

/* ---- with the lock ---- */

static struct task_set *set_find(const struct task_sets *sets, const struct sha256 *key)
{
    for (size_t i = 0; i < sets->n; i++)
        if (sha256_eq(&sets->items[i]->key, key))
            return sets->items[i];
    return NULL;
}

/* Drops what nobody holds but `kept`, the least recently used first, until there is room for so many more
 * sets and bytes; false if that is not to be had. */
static bool room_make(struct task_sets *sets, const struct task_set *kept, size_t more,
                      size_t bytes)
{
    while (sets->n + more > SETS_MAX || sets->bytes + bytes > sets->bytes_max) {
        size_t oldest = sets->n;
        for (size_t i = 0; i < sets->n; i++)
            if (sets->items[i] != kept && sets->items[i]->holders == 0 &&
                (oldest == sets->n || sets->items[i]->used < sets->items[oldest]->used))
                oldest = i;
        if (oldest == sets->n)
            return false;
        set_drop(sets, oldest);
    }
    return true;
}

static struct task_set *set_add(struct task_sets *sets, const struct sha256 *key)
{
    struct task_set *set = room_make(sets, NULL, 1, set_bytes(0)) ? calloc(1, sizeof *set) : NULL;
    if (set == NULL)
        return NULL;
    set->key = *key;
    sets->bytes += set_bytes(0);
    sets->items[sets->n++] = set;
    return set;
}

/* Room for the bits of all blocks. Nobody reads the set then: who holds it found that it had them. */
static enum err set_grow(struct task_sets *sets, struct task_set *set, size_t blocks)
{
    if (blocks <= set->n)
        return ERR_OK;
    size_t more = blocks + blocks / 8;
    if (!room_make(sets, set, 0, (more - set->n) * sizeof *set->bits))
        return ERR_UNAVAILABLE;
    struct block_bits *bits = reallocarray(set->bits, more, sizeof *bits);
    if (bits == NULL)
        return ERR_MEMORY;
    memset(bits + set->n, 0, (more - set->n) * sizeof *bits);
    sets->bytes += (more - set->n) * sizeof *bits;
    set->bits = bits;
    set->n = more;
    return ERR_OK;
}

/* ---- filling ---- */

static bool is_filled(const struct task_set *set, const struct task_block *block)
{
    return block->slot < set->n && set->bits[block->slot].stamp == block->stamp;
}

/* The hits in some blocks, one after another. */
static enum err blocks_fill(struct task_set *set, struct db *reader, struct op *op, struct str expr,
                            const struct task_block *const *blocks, size_t n)
{
    struct arena arena;
    struct op reading = {.arena = &arena, .now = op->now};
    struct db_rows hits;
    const struct task_block *last = blocks[n - 1];
    arena_init(&arena, FILLED_BYTES);
    enum err err = store_index_hits_within(reader, &reading, expr, blocks[0]->ids[0] - 1,
                                           last->ids[last->n - 1] + 1, &hits);
    if (err != ERR_OK) {
        err = op_fail(op, err, "%s", reading.detail);
        arena_finish(&arena);
        return err;
    }
    for (size_t b = 0, i = 0; b < n; b++) {
        const struct task_block *block = blocks[b];
        struct block_bits *bits = &set->bits[block->slot];
        *bits = (struct block_bits){.stamp = block->stamp};
        for (size_t row = 0; row < block->n && i < hits.n; row++) {
            while (i < hits.n && db_get_i64(&hits, i, 0) < block->ids[row])
                i++;
            if (i < hits.n && db_get_i64(&hits, i, 0) == block->ids[row])
                bits->rows[row / 64] |= UINT64_C(1) << row % 64;
        }
    }
    arena_finish(&arena);
    return ERR_OK;
}

static enum err set_fill(struct task_set *set, struct db *reader, struct op *op, struct str expr,
                         const struct task_block *const *blocks, size_t n)
{
    enum err err = ERR_OK;
    for (size_t begun = 0, end; begun < n && err == ERR_OK; begun = end) {
        end = begun;
        while (end < n && end - begun < FILLED_AT_ONCE && !is_filled(set, blocks[end]))
            end++;
        if (end == begun)
            end++;
        else
            err = blocks_fill(set, reader, op, expr, blocks + begun, end - begun);
    }
    return err;
}

static bool is_whole(const struct task_set *set, const struct task_block *const *blocks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_filled(set, blocks[i]))
            return false;
    return true;
}

/* ---- for those who ask ---- */

/* Has the expression hits enough? */
static enum err hits_probe(struct db *reader, struct op *op, struct str expr)
{
    struct db_rows rows;
    struct arena_mark mark = arena_mark(op->arena);
    enum err err =
        store_index_hits(reader, op, expr, 0, INT64_MAX, false, TASK_SET_HITS_MIN, &rows);
    arena_rewind(op->arena, mark);
    return err == ERR_OK && rows.n < TASK_SET_HITS_MIN ? ERR_UNAVAILABLE : err;
}

enum err task_set_take(const struct task_table *table, struct db *reader, struct op *op,
                       struct str expr, struct task_set **ret_set)
{
    struct task_sets *sets = task_table_sets(table);
    const struct sha256 key = sha256(expr);
    size_t n;
    const struct task_block *const *blocks = task_table_blocks(table, &n);
    pthread_mutex_lock(&sets->lock);
    struct task_set *set = set_find(sets, &key);
    enum err err = ERR_OK;
    if (set == NULL) {
        pthread_mutex_unlock(&sets->lock);
        err = hits_probe(reader, op, expr);
        if (err != ERR_OK)
            return err;
        pthread_mutex_lock(&sets->lock);
        set = set_find(sets, &key);
        if (set == NULL)
            set = set_add(sets, &key);
    }
    if (set == NULL) {
        pthread_mutex_unlock(&sets->lock);
        return ERR_UNAVAILABLE;
    }
    set->holders++;
    set->used = ++sets->uses;
    while (set->filling)
        pthread_cond_wait(&sets->filled, &sets->lock);
    if (!is_whole(set, blocks, n)) {
        err = set_grow(sets, set, n);
        set->filling = true;
        pthread_mutex_unlock(&sets->lock);
        if (err == ERR_OK)
            err = set_fill(set, reader, op, expr, blocks, n);
        pthread_mutex_lock(&sets->lock);
        set->filling = false;
        pthread_cond_broadcast(&sets->filled);
    }
    set->holders -= err != ERR_OK;
    pthread_mutex_unlock(&sets->lock);
    *ret_set = set;
    return err;
}

void task_set_give(const struct task_table *table, struct task_set *set)
{
    struct task_sets *sets = task_table_sets(table);
    pthread_mutex_lock(&sets->lock);
    set->holders--;
    pthread_mutex_unlock(&sets->lock);
}

const uint64_t *task_set_rows(const struct task_set *set, const struct task_block *block)
{
    return set->bits[block->slot].rows;
}
