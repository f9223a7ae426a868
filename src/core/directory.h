/*
 * The place of the directory that is in force. The write lane puts a new snapshot there after each
 * transaction that changed it; any thread may take the current one and keep it as long as it likes.
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
void directory_place_finish(struct directory_place *place); /* gives its reference back */

/* Reads the directory as the database has it now and puts it in force. On failure the one before
 * stays. */
enum err directory_place_load(struct directory_place *place, struct db *db,
                              struct op *op) MUST_CHECK;

/* The current one, with a reference for the caller: directory_release() (core.h). */
const struct directory *directory_place_take(struct directory_place *place) MUST_CHECK;

/* Its version. For the thread that loads. */
int64_t directory_place_version(const struct directory_place *place);

#endif
