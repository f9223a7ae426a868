/*
 * Holds the directory in force. The write lane installs a new snapshot after each transaction that
 * changed it; any thread may take the current one and keep it for any length of time.
 */
#ifndef BZCTRL_CORE_DIRECTORY_H
#define BZCTRL_CORE_DIRECTORY_H

#include "base/op.h"
#include "model/directory.h"

#include <pthread.h>

struct db;

struct directory_place {
    pthread_mutex_t lock; /* between reading the pointer and taking the reference */
    const struct directory *current;
};

void directory_place_init(struct directory_place *place);
void directory_place_finish(struct directory_place *place); /* releases its reference */

/* Reads the directory from the database and puts it in force. On failure the previous one stays. */
enum err directory_place_load(struct directory_place *place, struct db *db,
                              struct op *op) MUST_CHECK;

/* The current one, with a reference for the caller: directory_release() (core.h). */
const struct directory *directory_place_take(struct directory_place *place) MUST_CHECK;

/* Its version. For the thread that loads. */
int64_t directory_place_version(const struct directory_place *place);

#endif
