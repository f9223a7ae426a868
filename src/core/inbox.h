/*
 * A person's inbox (model/inbox.h): a page of it is a list of records, in the order of their last
 * change, by the index like any other list (core/task_search.h).
 */
#ifndef BZCTRL_CORE_INBOX_H
#define BZCTRL_CORE_INBOX_H

#include "core/task.h"
#include "store/inbox.h"

/* What a list of the person's inbox is filtered by: makes `request->filter`, of which
 * filter.inbox->wanted are the reasons, all of them for 0; `put_off`: what the person has put off,
 * instead of the rest. */
enum err inbox_filter(struct db *db, struct op *op, const struct directory *directory,
                      const struct account *account, unsigned wanted, bool put_off,
                      struct task_filter *ret_filter) MUST_CHECK;

/* A page of such a list, whose order this sets: the record that was changed last comes first. While
 * there is no index it is the newest record; ERR_NOT_READY if then more than COUNT_SCAN_MAX records
 * had to be counted. Of what is put off (filter.inbox->put_off) the one that returns first comes first,
 * and no index is needed. */
enum err inbox_page(struct db *db, struct op *op, struct task_index *index,
                    struct task_list_request *list, struct task_page *ret_page) MUST_CHECK;

/* Stores a person's answer to a record, or takes back the one that there is. */
struct inbox_answer {
    /* Set by the caller. */
    struct op *op;
    int64_t account_id;
    struct inbox_mark mark; /* of a record that needs the person */
    bool takes_back;        /* of `mark` only the record counts */

    struct change change;
};

/* Blocks until it is on stable storage. ERR_CONFLICT when there are INBOX_MARKS_MAX already. */
enum err inbox_answer(struct core *core, struct inbox_answer *answer) MUST_CHECK;

#endif
