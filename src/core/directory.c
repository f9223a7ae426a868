#include "core/directory.h"

#include "base/container.h"
#include "core/core.h"
#include "db/db.h"
#include "store/directory.h"

#include <stdatomic.h>
#include <stdlib.h>

/* 10,000 people take about 2 MB. */
#define SNAPSHOT_MAX ((size_t)1 << 30)

struct snapshot {
    struct directory directory; /* what is handed out is this */
    struct arena arena;
    atomic_uint references;
};

struct directory_load {
    struct snapshot *snapshot;
    const struct directory *before; /* NULL: none */
};

static enum err load_body(struct db *db, struct op *op, void *arg)
{
    const struct directory_load *load = arg;
    arena_finish(&load->snapshot->arena);
    return store_directory_load(db, op, &load->snapshot->arena, load->before,
                                &load->snapshot->directory);
}

static enum err snapshot_create(struct db *db, struct op *op, const struct directory *before,
                                struct snapshot **ret_snapshot)
{
    struct snapshot *snapshot = calloc(1, sizeof *snapshot);
    if (snapshot == NULL)
        return ERR_MEMORY;
    arena_init(&snapshot->arena, SNAPSHOT_MAX);
    atomic_init(&snapshot->references, 1);

    struct arena scratch;
    arena_init(&scratch, SNAPSHOT_MAX);
    struct directory_load load = {snapshot, before};
    struct op reading = {.arena = &scratch, .now = op->now};
    enum err err = db_transact(db, &reading, db_begin_read, load_body, &load);
    arena_finish(&scratch);
    if (err != ERR_OK) {
        arena_finish(&snapshot->arena);
        free(snapshot);
        op_say(op, "%s", reading.detail);
        return err;
    }
    *ret_snapshot = snapshot;
    return ERR_OK;
}

void directory_release(const struct directory *directory)
{
    if (directory == NULL)
        return;
    struct snapshot *snapshot = container_of((uintptr_t)directory, struct snapshot, directory);
    if (atomic_fetch_sub(&snapshot->references, 1) > 1)
        return;
    store_directory_finish(&snapshot->directory);
    arena_finish(&snapshot->arena);
    free(snapshot);
}

void directory_place_init(struct directory_place *place)
{
    pthread_mutex_init(&place->lock, NULL);
    place->current = NULL;
}

void directory_place_finish(struct directory_place *place)
{
    directory_release(place->current);
    pthread_mutex_destroy(&place->lock);
}

enum err directory_place_load(struct directory_place *place, struct db *db, struct op *op)
{
    struct snapshot *snapshot;
    enum err err = snapshot_create(db, op, place->current, &snapshot);
    if (err != ERR_OK)
        return err;
    pthread_mutex_lock(&place->lock);
    const struct directory *before = place->current;
    place->current = &snapshot->directory;
    pthread_mutex_unlock(&place->lock);
    directory_release(before);
    return ERR_OK;
}

const struct directory *directory_place_take(struct directory_place *place)
{
    pthread_mutex_lock(&place->lock);
    struct snapshot *snapshot = container_of((uintptr_t)place->current, struct snapshot, directory);
    atomic_fetch_add(&snapshot->references, 1);
    pthread_mutex_unlock(&place->lock);
    return &snapshot->directory;
}

int64_t directory_place_version(const struct directory_place *place)
{
    return place->current->version;
}
