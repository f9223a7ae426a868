/* How a server and its store are, for administrators: as far as it is known without asking long. */
#ifndef BZCTRL_CORE_HEALTH_H
#define BZCTRL_CORE_HEALTH_H

#include "core/core.h"
#include "store/health.h"

struct task_index;

struct health {
    struct str engine; /* of the database, with its version */
    int64_t size;      /* of the database, in bytes */
    struct store_health store;
    bool index_ready;     /* lists are answered by the index */
    int64_t index_behind; /* events that are not in it yet; 0 while it is not ready */
};

/* `db` is a connection that has read nothing yet in its transaction. */
enum err core_health(struct core *core, struct db *db, struct op *op,
                     struct health *ret_health) MUST_CHECK;

/* Whether lists are answered by the index, and how many events are not in it yet; as above. */
enum err core_index_health(struct task_index *index, struct db *db, struct op *op, bool *ret_ready,
                           int64_t *ret_behind) MUST_CHECK;

#endif
