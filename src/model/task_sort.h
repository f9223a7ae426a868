/*
 * What lists of records are ordered by (contract, "Follow-up"). Pure.
 */
#ifndef BZCTRL_MODEL_TASK_SORT_H
#define BZCTRL_MODEL_TASK_SORT_H

#include "base/op.h"

/* Empty values come last in either direction, and of equal ones the newest record first. */
enum task_sort { SORT_CREATED, SORT_UPDATED, SORT_DUE, SORT_PRIORITY, SORT_AMOUNT };

/* Reads "dueDate", or "-dueDate" for the descending order. ERR_SYNTAX. */
enum err task_sort_read(struct op *op, struct str text, enum task_sort *ret_sort,
                        bool *ret_descending) MUST_CHECK;

#endif
