/*
 * Creates and reads records.
 *
 * To create a record, the caller authenticates, decodes and judges; core_task_create() hands the
 * complete record to the write lane, which numbers it, appends its event and stores it, with the
 * answer if the request has an idempotency key. `done` is called once everything is on stable
 * storage.
 *
 * The reads are for core_read.run: they take the connection and allocate in op->arena.
 */
#ifndef BZCTRL_CORE_TASK_H
#define BZCTRL_CORE_TASK_H

#include "core/change.h"
#include "core/idempotency.h"
#include "form/dedup.h"
#include "model/task.h"
#include "model/task_filter.h"
#include "model/task_sort.h"
#include "store/event.h"
#include "store/task.h"

struct task_create {
    /* The caller sets change.op and change.done. In done: change.err is ERR_KEY_REUSED when the
     * key was used for another request, ERR_CONFLICT when the form refuses a repetition of
     * `first`, ERR_OUTDATED when `directory` is no longer in force (judge again and call
     * core_task_create() again), or what change.h says. */
    struct change change;

    /* Set by the caller; borrowed until `done`. */
    struct task task; /* judged; id, number, version, last_seq and times are filled in */
    const struct directory *directory; /* that judged it; held by the caller */
    const struct workspace *workspace; /* in `directory`; task.workspace_id is its id */
    int64_t actor_id;
    struct idempotency_key key; /* key.key absent: none was sent */
    struct str origin;          /* of its event; may be absent */
    struct dedup dedup;         /* by the form; `then` is DEDUP_NONE when it has no rule */

    struct str public_url; /* what the links in the answer begin with */

    /* The result. */
    struct event event;   /* seq is 0 when none was written */
    struct answer answer; /* set if there is a key; else see task_answer_make() */
    bool replayed;        /* the answer is that of an earlier request; task is not what it made */
    const struct task
        *first; /* the open record that the report repeats; NULL: a new record was created */

    struct str payload, occurrence; /* the core's: of the events, made before the lane */
};

/* ERR_BUSY when too much is waiting, ERR_MEMORY; then `done` is not called. */
enum err core_task_create(struct core *core, struct task_create *create) MUST_CHECK;

/* Prepares a refused create that has a key: it only checks whether the report was accepted
 * before (between two sends, people leave and days pass), and sets `replayed`. Nothing is
 * created. */
void core_task_replay_prepare(struct task_create *create);

/* Calls core_task_create() and waits for the outcome; for sub-commands. */
enum err core_task_create_wait(struct core *core, struct task_create *create) MUST_CHECK;

/* The part of core_task_create() before the write lane: fills in the core's own fields. It costs
 * more than the rest and may run on another thread. */
enum err core_task_create_prepare(struct task_create *create) MUST_CHECK;

/* Several creates as one change. The caller sets change.op and change.done; all of them are
 * prepared and have the domain of the first. When change.err is ERR_OK, change.err of each item
 * is its outcome; otherwise no item was created. */
struct task_creates {
    struct change change;
    struct task_create *const *items;
    size_t n; /* at least one */
};
enum err core_task_create_all(struct core *core, struct task_creates *creates) MUST_CHECK;

/* A record's events, newest first, that are older than seq `before` (0: all), at most `limit`;
 * *ret_more says whether older ones remain. `domain_id` is that of the record's workspace. */
enum err core_task_events(struct db *db, struct op *op, int64_t domain_id, const struct task *task,
                          int64_t before, int64_t limit, struct event_list *ret_events,
                          bool *ret_more) MUST_CHECK;

enum { TASK_LIST_MAX = 200, TASK_LIST_CURSOR_MAX = 32 };

struct task_list_request {
    struct task_filter filter;
    enum task_sort sort;
    bool descending;
    /* What was typed into q, if the records that it is an identifier of come before all others. */
    struct str exact_first;
    bool total;        /* count the matches too */
    size_t limit;      /* 1 to TASK_LIST_MAX */
    struct str cursor; /* `next` of the page before; absent: the first page */
};

struct task_page {
    struct task_list tasks;
    struct str next; /* absent on the last page */
    int64_t total;   /* if it was asked for */
};

struct task_index;

/*
 * What one search finds of a page, by the index (core/task_search.h): all of it, but for two bounds: 2
 * MiB of text, and 10,000 records that the index offers and that do not match after all (a phrase
 * of frequent words). Following `next` shows each matching record once, whatever is created during
 * the listing. `db` is in a read transaction, as for task_ask().
 *
 * Without an index (NULL, or while it is being built) the records are read in the order of their
 * creation, 10,000 for a search; another order, or a total, is then refused with ERR_NOT_READY.
 * ERR_SYNTAX when the cursor is not ours.
 */
enum err core_task_list(struct db *db, struct op *op, struct task_index *index,
                        const struct task_list_request *request,
                        struct task_page *ret_page) MUST_CHECK;

#endif
