/*
 * A place in a list of records: what a record is ordered by. The place of the last record of a page
 * is its cursor, an opaque text. Pure.
 */
#ifndef BZCTRL_CORE_TASK_CURSOR_H
#define BZCTRL_CORE_TASK_CURSOR_H

#include "base/buf.h"
#include "core/task.h"

/* Records that the list puts first, the others, or a list that makes no difference. */
enum task_phase { PHASE_EXACT, PHASE_OTHER, PHASE_ONE };

struct task_place {
    enum task_phase phase;
    bool none;     /* it has no value */
    int64_t value; /* in the order of the list; 0 if `none` */
    int64_t id;
};

/* The place of a record; its phase is the caller's. */
struct task_place task_place(const struct task_list_request *request, const struct task *task,
                             enum task_phase phase);

/* <0 if `a` comes before `b` in the list. */
int task_place_cmp(const struct task_list_request *request, const struct task_place *a,
                   const struct task_place *b);

void buf_task_cursor(struct buf *buf, const struct task_list_request *request,
                     const struct task_place *place);

/* Copies `next` of a page to where it outlives the page. */
struct str task_cursor_keep(struct str next, char ret_kept[TASK_LIST_CURSOR_MAX]);

/* False for a text that buf_task_cursor() did not write, or wrote for another order. */
bool task_cursor_read(const struct task_list_request *request, struct str text,
                      struct task_place *ret_place) MUST_CHECK;

#endif
