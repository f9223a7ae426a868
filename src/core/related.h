/*
 * The records that one record is related to: what people have linked, the record above it and those
 * below it, and those that share an order or the LRN. Each is in the list once, with every reason
 * for it, and only if the caller may read it.
 */
#ifndef BZCTRL_CORE_RELATED_H
#define BZCTRL_CORE_RELATED_H

#include "core/task.h"
#include "model/link.h"

struct related_item {
    struct task task;
    enum link_kind links[LINK_KINDS]; /* as the one record sees them */
    size_t link_count;
    bool parent, child;
    struct str_list orders; /* that both have */
    struct str lrn;         /* that both have; may be absent */
};

struct related_request {
    const struct task *task;
    struct task_filter readable; /* all that the caller may read: no clauses */
    size_t limit;                /* 1 to TASK_LIST_MAX */
    struct str cursor;           /* `next` of the page before; absent: the first page */
};

struct related_page {
    const struct related_item *items;
    size_t n;
    struct str next; /* absent on the last page */
};

/*
 * One page: what is linked, newest link first, then the parent, children, orders, LRN, each newest
 * first. A page can be shorter than `limit` and still have a next one: it is cut after LOOKED_MAX
 * records that are not shown here (they were shown before, or the caller may not read them), and as
 * core_task_list() says. `db` as for that. ERR_SYNTAX when the cursor is not ours.
 */
enum err core_related(struct db *db, struct op *op, struct task_index *index,
                      const struct related_request *request,
                      struct related_page *ret_page) MUST_CHECK;

/* Why `other` is related to `task`; the record is copied into the result. */
enum err core_related_why(struct db *db, struct op *op, const struct task *task,
                          const struct task *other, struct related_item *ret_item) MUST_CHECK;

#endif
