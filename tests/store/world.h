/*
 * What the store tests work in: an opened core in a temporary folder, on a fresh database of the
 * engine that the run is for, with two domains, a few workspaces and two people, and short words
 * for creating records in it.
 */
#ifndef BZCTRL_TESTS_STORE_WORLD_H
#define BZCTRL_TESTS_STORE_WORLD_H

#include "tests.h"

#include "core/task.h"
#include "database.h"

enum { WORLD_WORKSPACES = 4 };

struct create_op;

struct world {
    struct database database; /* its folder is the core's data folder */
    struct core *core;
    struct mailbox *mailbox;
    const struct directory *directory;
    struct arena arena; /* of everything that the test makes */
    struct op op;
    struct create_op *create_ops; /* what the lanes work with, one per create */
};

/* The workspaces, by index: three under EXA-CON-BUS and one under ACME. */
extern const char *const world_workspaces[WORLD_WORKSPACES];

/* cmocka set-up and tear-down: *state is a struct world. Folder and database go at the end. */
int world_setup(void **state);
int world_teardown(void **state);

/* The parts of it, on a database and in a folder of the caller's, which is made if it is missing
 * and stays. world_begin answers what core_open() does, and world_end is due either way. */
enum err world_begin(const struct database *database, struct world *world) MUST_CHECK;
void world_populate(struct world *world);
void world_end(struct world *world);

/* Closes the core and opens it again. */
void world_reopen(struct world *world);
void world_close(struct world *world);

/* Changes the database while the program does not look, by a script; or keeps it as it is, to put
 * that back any number of times. The core must be closed. */
void world_sql(struct world *world, const char *sql);
/* Erases what event `seq` of EXA-CON-BUS, about a record, says; and says so by another event. */
void world_erase(struct world *world, int64_t seq);

void world_keep(struct world *world);
void world_put_back(struct world *world);

const struct workspace *world_workspace(const struct world *world, size_t index);

/* A create that is ready to be sent: an incident with every member given, reported by the first
 * person to workspace `index`; `key` may be NULL. */
struct task_create *world_create(struct world *world, size_t index, const char *title,
                                 const char *key);

/* Sends one and waits; or sends all so that they lie in one batch, and waits for all. */
enum err world_send(struct world *world, struct task_create *create);
void world_send_together(struct world *world, struct task_create **creates, size_t n);

/* Sends all, not waiting; then world_wait() waits for them. */
void world_send_all(struct world *world, struct task_create **creates, size_t n);
void world_wait(struct world *world);

/* Runs a read and waits. */
enum err world_read(struct world *world, enum err (*run)(struct core_read *, struct db *),
                    struct core_read *read);

/* Does `run(items + i * size)` for each of `n` items, several at once on threads of their own, and
 * waits for all. */
void world_at_once(void (*run)(void *item), void *items, size_t n, size_t size);

/* One record of a workspace; fails the test when it is not there. */
struct task world_get(struct world *world, size_t index, int64_t number);

/* A change of the test's own. */
enum err world_change(struct world *world, enum err (*apply)(struct change *, struct batch *));

/* Verifies the whole history, whether or not the core is open. */
struct history_report;
struct history_report world_verify(struct world *world, const char *receipt);

#endif
