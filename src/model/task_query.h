/*
 * Reads filters as they are typed: the parameters of GET /tasks and the words of `q` (contract,
 * "Follow-up"), into a struct task_filter. Pure.
 */
#ifndef BZCTRL_MODEL_TASK_QUERY_H
#define BZCTRL_MODEL_TASK_QUERY_H

#include "base/query.h"
#include "model/directory.h"
#include "model/task_filter.h"

enum {
    TASK_CLAUSES_MAX = 48,
    TASK_VALUES_MAX = 64,  /* of one clause */
    TASK_QUERY_MAX = 1000, /* bytes of q */
};

struct task_query {
    struct op *op; /* all is allocated in its arena; its detail says what is wrong */
    const struct directory *directory;
    const struct account *caller;
    struct filter_clause clauses[TASK_CLAUSES_MAX];
    size_t n;
    /* Finds the id of a record, or -1 if it does not exist. */
    enum err (*find_record)(void *arg, const struct workspace *workspace, int64_t number,
                            int64_t *ret_id);
    void *arg;
    struct str typed; /* by q, without quotes; absent: nothing (model/task_text.h) */
    /* The first value that names nothing that the caller may see: "workspace=EXA-OLD"; absent: each
     * names something. Such a filter is valid, and matches nothing. */
    struct str unknown;
    bool moves; /* another day it asks for other ones: "due:today" */
};

/* Adds a parameter with all its values, of which any may hold. Its name is one of
 * task_parameters; no values: nothing is added. ERR_SYNTAX, ERR_MEMORY. */
enum err task_query_parameter(struct task_query *query, struct str name,
                              struct str_list values) MUST_CHECK;

/* Adds what is written in `q`. ERR_SYNTAX says where the fault is. */
enum err task_query_read(struct task_query *query, struct str q) MUST_CHECK;

/* Adds all filters of a query, q included; its other parameters are not looked at. */
enum err task_query_add(struct task_query *query, const struct query *sent) MUST_CHECK;

/* The filter: what was added, in the workspaces that the caller may read. */
enum err task_query_end(struct task_query *query, struct task_filter *ret_filter) MUST_CHECK;

/* The names of the parameters, each with '*' after it since it may be repeated; NULL at the end. */
extern const char *const task_parameters[];

/* Those, q, and sort, which selects nothing: what a stored or sent query of GET /tasks may have where
 * there are no pages. */
extern const char *const task_select_parameters[];

/* Those, and the other parameters of GET /tasks. */
extern const char *const task_list_parameters[];

#endif
