#include "core/idempotency.h"

#include "base/id.h"
#include "core/change.h"

#include <stdlib.h>
#include <string.h>

enum {
    OPEN_MAX = 32768,             /* answers in a generation */
    SLOTS = 2 * OPEN_MAX,         /* of the hash table over the open generation */
    FILTER_SIZE = 2 * OPEN_MAX,   /* bytes: 16 bits per key */
    FILTER_BLOCK = 64,            /* bytes, a cache line: all bits of a key lie in one */
    FILTER_PROBES = 7,            /* bits per key, 9 bits of the digest for each */
    ENTRY_SIZE = 16,              /* of a bucket: 8 bytes of the digest, 8 of the id */
    LOAD_ROWS = 2048,             /* read at once when the memory is filled */
    LOAD_BYTES = 4 * 1024 * 1024, /* bound of what such a read takes */
    DROP_ROWS = 1024,             /* deleted at once */
};

struct digest {
    unsigned char bytes[ANSWER_DIGEST_SIZE];
};

/* An answer of the open generation. The row distinguishes two keys that agree in 8 bytes. */
struct entry {
    uint64_t prefix;
    int64_t answer_id;
};

struct filter {
    unsigned char bytes[FILTER_SIZE];
};

struct closed {
    struct generation generation;
    struct filter *filter;
};

struct idempotency {
    bool shared;           /* then only the open generation is used, rebuilt in each transaction */
    bool forgot;           /* in this one: too many keys were looked up ahead to remember all */
    uint64_t serial;       /* of the transaction that the memory was last compared in; 0: none */
    int64_t last_answer;   /* the newest row that the memory knows */
    struct closed *closed; /* oldest first */
    size_t closed_count, closed_capacity;
    struct filter filter; /* of the open generation */
    struct entry open[OPEN_MAX];
    size_t open_count;
    uint32_t slots[SLOTS]; /* index into `open` plus 1; 0: empty */
};

static uint64_t u64_read(const unsigned char *bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

static void u64_write(uint64_t value, unsigned char *ret_bytes)
{
    for (size_t i = 0; i < 8; i++)
        ret_bytes[i] = (unsigned char)(value >> (56 - 8 * i));
}

/* ---- the filter ---- */

/* Where a digest's bits lie in every filter: the second half of it says in which block, the first
 * half which bits there. */
struct probe {
    size_t block;
    uint64_t bits;
};

static struct probe probe_of(const struct digest *digest)
{
    size_t block = (size_t)(u64_read(digest->bytes + 8) % (FILTER_SIZE / FILTER_BLOCK));
    return (struct probe){block * FILTER_BLOCK, u64_read(digest->bytes)};
}

static void filter_add(struct filter *filter, struct probe probe)
{
    unsigned char *block = filter->bytes + probe.block;
    for (int i = 0; i < FILTER_PROBES; i++, probe.bits >>= 9)
        block[(probe.bits & 511) / 8] |= (unsigned char)(1U << (probe.bits & 7));
}

static bool filter_may_have(const struct filter *filter, struct probe probe)
{
    const unsigned char *block = filter->bytes + probe.block;
    for (int i = 0; i < FILTER_PROBES; i++, probe.bits >>= 9)
        if ((block[(probe.bits & 511) / 8] & (1U << (probe.bits & 7))) == 0)
            return false;
    return true;
}

/* ---- the memory ---- */

enum err idempotency_create(bool shared, struct idempotency **ret_it)
{
    struct idempotency *it = calloc(1, sizeof *it);
    if (it == NULL)
        return ERR_MEMORY;
    it->shared = shared;
    *ret_it = it;
    return ERR_OK;
}

/* Forgets the closed generations from index `from` on. */
static void closed_forget(struct idempotency *it, size_t from)
{
    for (size_t i = from; i < it->closed_count; i++)
        free(it->closed[i].filter);
    it->closed_count = from;
}

static void open_clear(struct idempotency *it)
{
    it->open_count = 0;
    it->filter = (struct filter){0};
    memset(it->slots, 0, sizeof it->slots);
}

void idempotency_destroy(struct idempotency *it)
{
    if (it == NULL)
        return;
    closed_forget(it, 0);
    free(it->closed);
    free(it);
}

/* Where the search for a digest begins in the hash table. */
static size_t slot_first(uint64_t prefix)
{
    return (size_t)(prefix % SLOTS);
}

static void open_add(struct idempotency *it, const struct digest *digest, int64_t answer_id)
{
    uint64_t prefix = u64_read(digest->bytes);
    size_t slot = slot_first(prefix);
    while (it->slots[slot] != 0)
        slot = (slot + 1) % SLOTS;
    it->open[it->open_count++] = (struct entry){prefix, answer_id};
    it->slots[slot] = (uint32_t)it->open_count;
    filter_add(&it->filter, probe_of(digest));
    it->last_answer = answer_id;
}

/* Appends a generation with a copy of the filter. */
static enum err closed_add(struct idempotency *it, const struct generation *generation,
                           const struct filter *filter)
{
    if (it->closed_count == it->closed_capacity) {
        size_t capacity = it->closed_capacity == 0 ? 16 : 2 * it->closed_capacity;
        struct closed *closed = realloc(it->closed, capacity * sizeof *closed);
        if (closed == NULL)
            return ERR_MEMORY;
        it->closed = closed;
        it->closed_capacity = capacity;
    }
    struct filter *copy = malloc(sizeof *copy);
    if (copy == NULL)
        return ERR_MEMORY;
    *copy = *filter;
    it->closed[it->closed_count++] = (struct closed){*generation, copy};
    it->last_answer = generation->last_answer;
    return ERR_OK;
}

/* ---- closing a generation ---- */

/* Writes the open generation's entries, bucket by bucket. */
static enum err buckets_write(const struct idempotency *it, struct db *db, struct op *op,
                              int64_t generation)
{
    unsigned char *bytes = malloc((size_t)OPEN_MAX * ENTRY_SIZE);
    if (bytes == NULL)
        return ERR_MEMORY;
    /* How many entries each bucket has; then where its next one goes. */
    size_t next[GENERATION_BUCKETS] = {0}, sum = 0;
    for (size_t i = 0; i < it->open_count; i++)
        next[it->open[i].prefix >> 56]++;
    for (size_t i = 0; i < GENERATION_BUCKETS; i++) {
        size_t count = next[i];
        next[i] = sum;
        sum += count;
    }
    for (size_t i = 0; i < it->open_count; i++) {
        const struct entry *entry = &it->open[i];
        unsigned char *at = bytes + next[entry->prefix >> 56]++ * ENTRY_SIZE;
        u64_write(entry->prefix, at);
        u64_write((uint64_t)entry->answer_id, at + 8);
    }
    /* Now `next` of a bucket is its end, and the start of the next bucket. */
    enum err err = ERR_OK;
    size_t start = 0;
    for (unsigned i = 0; err == ERR_OK && i < GENERATION_BUCKETS; start = next[i++]) {
        struct str entries = {(const char *)bytes + start * ENTRY_SIZE,
                              (next[i] - start) * ENTRY_SIZE};
        err = store_bucket_add(db, op, generation, i, entries);
    }
    free(bytes);
    return err;
}

static enum err generation_close(struct idempotency *it, struct db *db, struct op *op)
{
    int64_t newest = it->closed_count == 0 ? 0 : it->closed[it->closed_count - 1].generation.id;
    /* A clock that was set back must not make its keys look old. */
    int64_t answered_at = id_time(it->last_answer);
    int64_t closed_at = op->now > answered_at ? op->now : answered_at;
    struct generation generation = {newest + 1, it->last_answer, closed_at};
    struct str filter = {(const char *)it->filter.bytes, sizeof it->filter.bytes};
    /* Memory is allocated first, so that nothing is written if that fails. */
    enum err err = closed_add(it, &generation, &it->filter);
    if (err != ERR_OK)
        return err;
    err = buckets_write(it, db, op, generation.id);
    if (err == ERR_OK)
        err = store_generation_add(db, op, &generation, filter);
    if (err == ERR_OK)
        open_clear(it);
    else
        closed_forget(it, it->closed_count - 1);
    return err;
}

/* ---- filling the memory from the tables ---- */

static enum err load_closed(struct idempotency *it, struct db *db, struct op *op)
{
    const struct generation *generations;
    size_t n;
    struct arena arena;
    arena_init(&arena, LOAD_BYTES);
    struct op each = {.arena = &arena, .now = op->now};
    enum err err = store_generations(db, op, &generations, &n);
    for (size_t i = 0; err == ERR_OK && i < n; i++) {
        struct str text;
        struct filter filter;
        arena_reset(&arena);
        err = store_generation_filter(db, &each, generations[i].id, &text);
        if (err != ERR_OK)
            break;
        if (text.n != sizeof filter.bytes) {
            err = op_fail(op, ERR_CORRUPT, "the filter of a generation of answers is damaged");
            break;
        }
        memcpy(filter.bytes, text.p, sizeof filter.bytes);
        err = closed_add(it, &generations[i], &filter);
    }
    arena_finish(&arena);
    return err;
}

/* Answers that come from an engine without generations are all open: they are closed on the way. */
static enum err load_open(struct idempotency *it, struct db *db, struct op *op)
{
    enum err err = ERR_OK;
    size_t n = LOAD_ROWS;
    struct arena arena;
    arena_init(&arena, LOAD_BYTES);
    struct op each = {.arena = &arena, .now = op->now};
    while (err == ERR_OK && n == LOAD_ROWS) {
        const struct stored_answer *answers;
        arena_reset(&arena);
        err = store_answer_digests(db, &each, it->last_answer, LOAD_ROWS, &answers, &n);
        for (size_t i = 0; err == ERR_OK && i < n; i++) {
            struct digest digest;
            if (it->open_count == OPEN_MAX)
                err = generation_close(it, db, &each);
            if (err != ERR_OK)
                break;
            memcpy(digest.bytes, answers[i].digest, sizeof digest.bytes);
            open_add(it, &digest, answers[i].id);
        }
    }
    arena_finish(&arena);
    return err;
}

/* Makes the memory equal to what this transaction sees. */
static enum err memory_sync(struct idempotency *it, struct batch *batch, struct op *op)
{
    if (it->shared || it->serial == batch_serial(batch))
        return ERR_OK;
    struct db *db = batch_db(batch);
    int64_t answer, generation;
    enum err err = store_answer_newest(db, op, &answer, &generation);
    if (err != ERR_OK)
        return err;
    int64_t known = it->closed_count == 0 ? 0 : it->closed[it->closed_count - 1].generation.id;
    if (answer != it->last_answer || generation != known) {
        it->serial = 0;
        it->last_answer = 0;
        closed_forget(it, 0);
        open_clear(it);
        err = load_closed(it, db, op);
        if (err == ERR_OK)
            err = load_open(it, db, op);
        if (err != ERR_OK)
            return err;
    }
    it->serial = batch_serial(batch);
    return ERR_OK;
}

/* ---- looking up ---- */

/* The digest of a key: the first half of a SHA-256. */
static struct digest key_digest(const struct idempotency_key *key)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_u64(&hasher, (uint64_t)key->account_id);
    hash_field(&hasher, key->endpoint);
    hash_field(&hasher, key->key);
    struct sha256 hash = hash_end(&hasher);
    struct digest digest;
    memcpy(digest.bytes, hash.bytes, sizeof digest.bytes);
    return digest;
}

/* Makes room in the open generation of a shared database, which is only a memory of this
 * transaction: what is forgotten is found by the index again. */
static void open_make_room(struct idempotency *it, size_t n)
{
    if (it->open_count + n <= OPEN_MAX)
        return;
    open_clear(it);
    it->forgot = true;
}

/* Looks digests up and adds those that have an answer to the open generation. */
static enum err digests_look_up(struct idempotency *it, struct db *db, struct op *op,
                                const struct digest *digests, size_t n)
{
    const int64_t *ids;
    struct str all = {(const char *)digests, n * sizeof *digests};
    if (n == 0)
        return ERR_OK;
    enum err err = store_answers_find(db, op, all, n, &ids);
    for (size_t i = 0; err == ERR_OK && i < n; i++)
        if (ids[i] != 0)
            open_add(it, &digests[i], ids[i]);
    return err;
}

enum err idempotency_look_ahead(struct idempotency *it, struct db *db, struct op *op,
                                struct change *const *changes, size_t n)
{
    size_t keys = 0, all = 0;
    for (size_t i = 0; i < n; i++)
        for (const struct idempotency_key *key = changes[i]->key; key != NULL; key = key->next)
            all++;
    it->forgot = all > OPEN_MAX;
    if (it->forgot)
        all = OPEN_MAX;
    struct digest *digests = ARENA_ARRAY(op->arena, struct digest, all);
    if (digests == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        for (const struct idempotency_key *key = changes[i]->key; key != NULL && keys < all;
             key = key->next)
            digests[keys++] = key_digest(key);
    open_clear(it);
    return digests_look_up(it, db, op, digests, keys);
}

/* Was the key looked up ahead, and is the result still remembered? */
static bool looked_ahead(const struct idempotency *it, const struct change *change,
                         const struct idempotency_key *wanted)
{
    const struct idempotency_key *key = change->key;
    while (key != NULL && key != wanted)
        key = key->next;
    return key != NULL && !it->forgot;
}

/* The same for a key that its change did not announce. */
static enum err look_up_now(struct batch *batch, struct op *op, const struct digest *digest)
{
    struct idempotency *it = batch_idempotency(batch);
    open_make_room(it, 1);
    return digests_look_up(it, batch_db(batch), op, digest, 1);
}

/* A lookup under way. */
struct search {
    struct db *db;
    struct op *op;
    const struct idempotency_key *key;
    struct digest digest;
    bool found;
    struct answer answer;
};

/* Looks whether an answer whose digest begins alike is the one. */
static enum err search_answer(struct search *search, int64_t id)
{
    struct stored_answer stored;
    enum err err = store_answer_get(search->db, search->op, id, &stored);
    if (err == ERR_NOT_FOUND)
        return ERR_OK; /* dropped already */
    if (err != ERR_OK || memcmp(stored.digest, search->digest.bytes, sizeof stored.digest) != 0)
        return err;
    search->answer = stored.answer;
    if (memcmp(stored.request, search->key->request.bytes, sizeof stored.request) != 0)
        return op_fail(search->op, ERR_KEY_REUSED,
                       "This idempotency key was used before for another request.");
    search->found = true;
    return ERR_OK;
}

static enum err search_open(struct search *search, const struct idempotency *it)
{
    uint64_t prefix = u64_read(search->digest.bytes);
    size_t slot = slot_first(prefix);
    for (; it->slots[slot] != 0 && !search->found; slot = (slot + 1) % SLOTS) {
        const struct entry *entry = &it->open[it->slots[slot] - 1];
        if (entry->prefix != prefix)
            continue;
        enum err err = search_answer(search, entry->answer_id);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static enum err search_closed(struct search *search, const struct closed *closed)
{
    struct str entries;
    enum err err = store_bucket_get(search->db, search->op, closed->generation.id,
                                    search->digest.bytes[0], &entries);
    if (err != ERR_OK)
        return err;
    for (size_t at = 0; at + ENTRY_SIZE <= entries.n && !search->found; at += ENTRY_SIZE) {
        const unsigned char *entry = (const unsigned char *)entries.p + at;
        if (memcmp(entry, search->digest.bytes, 8) != 0)
            continue;
        err = search_answer(search, (int64_t)u64_read(entry + 8));
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* Newest first: a client that sends again does so soon. */
static enum err search_all_closed(struct search *search, const struct idempotency *it)
{
    enum { AHEAD = 8 }; /* filters whose cache lines are being fetched from memory */
    struct probe probe = probe_of(&search->digest);
    for (size_t i = it->closed_count; i > 0 && !search->found; i--) {
        if (i > AHEAD)
            __builtin_prefetch(it->closed[i - 1 - AHEAD].filter->bytes + probe.block);
        if (!filter_may_have(it->closed[i - 1].filter, probe))
            continue;
        enum err err = search_closed(search, &it->closed[i - 1]);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

enum err idempotency_find(struct batch *batch, struct op *op, const struct idempotency_key *key,
                          bool *ret_found, struct answer *ret_answer)
{
    struct idempotency *it = batch_idempotency(batch);
    enum err err = memory_sync(it, batch, op);
    struct search search = {batch_db(batch), op, key, key_digest(key), false, {0}};
    if (err == ERR_OK && it->shared && !looked_ahead(it, batch_current(batch), key))
        err = look_up_now(batch, op, &search.digest);
    if (err == ERR_OK)
        err = search_open(&search, it);
    if (err == ERR_OK && !search.found)
        err = search_all_closed(&search, it);
    if (err == ERR_KEY_REUSED || (err == ERR_OK && search.found))
        *ret_answer = search.answer;
    if (err == ERR_OK)
        *ret_found = search.found;
    return err;
}

/* ---- binding ---- */

enum err idempotency_bind(struct batch *batch, struct op *op, const struct idempotency_key *key,
                          struct answer *answer)
{
    struct idempotency *it = batch_idempotency(batch);
    struct db *db = batch_db(batch);
    struct digest digest = key_digest(key);
    enum err err = ERR_OK;
    if (it->shared)
        open_make_room(it, 1);
    else if (it->open_count == OPEN_MAX)
        err = generation_close(it, db, op);
    if (err != ERR_OK)
        return err;
    struct stored_answer stored = {.id = id_next(), .answer = *answer};
    memcpy(stored.digest, digest.bytes, sizeof stored.digest);
    memcpy(stored.request, key->request.bytes, sizeof stored.request);
    err = store_answer_add(db, op, &stored);
    if (err == ERR_OK)
        open_add(it, &digest, stored.id);
    answer->id = stored.id;
    return err;
}

/* ---- dropping old answers ---- */

/* Forgets the generations that are no longer stored: those that an earlier transaction dropped. */
static void closed_follow(struct idempotency *it, int64_t oldest_id)
{
    size_t gone = 0;
    while (gone < it->closed_count && it->closed[gone].generation.id < oldest_id)
        free(it->closed[gone++].filter);
    it->closed_count -= gone;
    if (gone > 0)
        memmove(it->closed, it->closed + gone, it->closed_count * sizeof *it->closed);
}

enum err idempotency_drop(struct batch *batch, struct op *op, bool *ret_more)
{
    struct idempotency *it = batch_idempotency(batch);
    struct db *db = batch_db(batch);
    int64_t before = op->now - IDEMPOTENCY_KEPT;
    /* Without generations, the identifiers show what is old, because they contain the time. */
    if (it->shared)
        return store_answers_drop(db, op, id_at(before), DROP_ROWS, ret_more);
    const struct generation *generations;
    size_t n;
    bool dropped = false;
    enum err err = store_generations(db, op, &generations, &n);
    if (err != ERR_OK)
        return err;
    closed_follow(it, n == 0 ? INT64_MAX : generations[0].id);
    bool old = n > 0 && generations[0].closed_at < before;
    if (old)
        err = store_answers_drop(db, op, generations[0].last_answer, DROP_ROWS, &dropped);
    if (err == ERR_OK && old && !dropped)
        err = store_generation_drop(db, op, generations[0].id);
    if (err == ERR_OK)
        *ret_more = old;
    return err;
}
