/*
 * Forms that are ready to judge by, shared by all requests. A version of a form never changes, so
 * cached forms do not become stale; those unused for longest are dropped when room is needed.
 */
#ifndef BZCTRL_CORE_FORM_CACHE_H
#define BZCTRL_CORE_FORM_CACHE_H

#include "base/op.h"
#include "form/form.h"
#include "model/directory.h"

#include <pthread.h>

struct db;
struct cached_form;

enum {
    FORM_SLOTS = 512,
    FORM_BYTES_MAX = 64 * 1024 * 1024, /* memory of all cached forms */
};

struct form_cache {
    pthread_mutex_t lock;
    struct cached_form *slots[FORM_SLOTS];
    size_t bytes, hand; /* of the forms kept; where the next is dropped */
};

void form_cache_init(struct form_cache *cache);
void form_cache_finish(struct form_cache *cache);

/* The newest version of a form, with a reference for the caller; NULL when it is not in memory. */
const struct form *form_cache_take(struct form_cache *cache, const struct form_head *head);

/* Reads it from the database into memory, with a reference for the caller. For the read lane.
 * ERR_NOT_FOUND when there is no such version; ERR_CORRUPT when it cannot be read. */
enum err form_cache_load(struct form_cache *cache, struct db *db, struct op *op,
                         const struct form_head *head, const struct form **ret_form) MUST_CHECK;

/* Releases a reference. NULL-safe; from any thread. */
void form_release(const struct form *form);

#endif
