#include "core/form_cache.h"

#include "base/container.h"
#include "db/db.h"
#include "form/form_json.h"
#include "store/form.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { FORM_ARENA_MAX = 64 * 1024 * 1024 };

struct cached_form {
    struct form form; /* what is handed out */
    struct arena arena;
    atomic_uint references;
    int64_t id;
    size_t bytes;
};

void form_cache_init(struct form_cache *cache)
{
    *cache = (struct form_cache){0};
    pthread_mutex_init(&cache->lock, NULL);
}

void form_cache_finish(struct form_cache *cache)
{
    for (size_t i = 0; i < FORM_SLOTS; i++)
        if (cache->slots[i] != NULL)
            form_release(&cache->slots[i]->form);
    pthread_mutex_destroy(&cache->lock);
}

void form_release(const struct form *form)
{
    if (form == NULL)
        return;
    struct cached_form *cached = container_of((uintptr_t)form, struct cached_form, form);
    if (atomic_fetch_sub(&cached->references, 1) > 1)
        return;
    arena_finish(&cached->arena);
    free(cached);
}

/* One slot per form, whatever its version; who collides takes turns. */
static struct cached_form **slot_of(struct form_cache *cache, int64_t id)
{
    return &cache->slots[(uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 55];
}

const struct form *form_cache_take(struct form_cache *cache, const struct form_head *head)
{
    pthread_mutex_lock(&cache->lock);
    struct cached_form *cached = *slot_of(cache, head->id);
    if (cached != NULL && cached->id == head->id && cached->form.version == head->version)
        atomic_fetch_add(&cached->references, 1);
    else
        cached = NULL;
    pthread_mutex_unlock(&cache->lock);
    return cached == NULL ? NULL : &cached->form;
}

/* Called with the lock held. */
static void drop(struct form_cache *cache, struct cached_form **slot)
{
    if (*slot == NULL)
        return;
    cache->bytes -= (*slot)->bytes;
    form_release(&(*slot)->form);
    *slot = NULL;
}

static void keep(struct form_cache *cache, struct cached_form *cached)
{
    pthread_mutex_lock(&cache->lock);
    struct cached_form **slot = slot_of(cache, cached->id);
    drop(cache, slot);
    while (cache->bytes > 0 && cache->bytes + cached->bytes > FORM_BYTES_MAX)
        drop(cache, &cache->slots[cache->hand++ % FORM_SLOTS]);
    cache->bytes += cached->bytes;
    *slot = cached;
    pthread_mutex_unlock(&cache->lock);
}

static enum err read_stored(struct op *op, const struct form_head *head, struct str document,
                            struct cached_form *cached)
{
    struct faults faults;
    const struct form_place place = {.name = head->name, .version = head->version};
    faults_init(&faults, op->arena);
    enum err err = form_read(op, &cached->arena, document, &place, &faults, &cached->form);
    if (err != ERR_SYNTAX && err != ERR_INVALID)
        return err;
    struct str reason =
        arena_str(op->arena, faults.n > 0 ? faults.items[0].detail : str_of(op->detail));
    op_forget(op); /* which says only why */
    return op_fail(op, ERR_CORRUPT, "version %lld of the form %.*s cannot be read: %.*s",
                   (long long)head->version, STR_ARG(head->name), STR_ARG(reason));
}

enum err form_cache_load(struct form_cache *cache, struct db *db, struct op *op,
                         const struct form_head *head, const struct form **ret_form)
{
    struct form_version stored;
    enum err err = store_form_version_get(db, op, head->id, head->version, &stored);
    if (err != ERR_OK)
        return err;
    struct cached_form *cached = calloc(1, sizeof *cached);
    if (cached == NULL)
        return ERR_MEMORY;
    arena_init(&cached->arena, FORM_ARENA_MAX);
    atomic_init(&cached->references, 1);
    cached->id = head->id;
    err = read_stored(op, head, stored.document, cached);
    if (err != ERR_OK) {
        form_release(&cached->form);
        return err;
    }
    cached->bytes = sizeof *cached + cached->arena.total; /* compiled patterns are the most of it */
    atomic_fetch_add(&cached->references, 1);
    keep(cache, cached);
    *ret_form = &cached->form;
    return ERR_OK;
}
