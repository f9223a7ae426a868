/*
 * A record as its history gives it: its events, from the newest back to its creation, say each
 * member once; the newest that says it is right. So nothing is kept but the record itself, however
 * long its history is.
 *
 * What a payload says beside the members follows from the events: the key, the version, the times,
 * who closed the record, how often its due date was moved. A payload that is erased hides what it
 * said, and what older events say of the same; a snapshot, which every erasure adds, says
 * all of it again. An undo ("undoes") says what follows, too: all is as if its change had not been.
 */
#ifndef BZCTRL_MODEL_TASK_FOLD_H
#define BZCTRL_MODEL_TASK_FOLD_H

#include "base/op.h"
#include "model/directory.h"
#include "model/event.h"
#include "model/task_field.h"

/* What is known of a record, as bits: one for each field of the table, by its place, and these. */
enum { FOLD_PARENT = TASK_FIELDS, FOLD_FOLLOWERS, FOLD_BITS };
#define FOLD_BIT(place) (UINT64_C(1) << (place))
#define FOLD_ALL        (FOLD_BIT(FOLD_BITS) - 1)
/* Comments and attachments have rows of their own, which are what is counted. */
#define FOLD_COUNTS                                                                                \
    (FOLD_BIT(TASK_FIELD_AT_comment_count) | FOLD_BIT(TASK_FIELD_AT_internal_count) |              \
     FOLD_BIT(TASK_FIELD_AT_attachment_count))

/* Somebody who is being erased: events of before may still have the address. */
struct former_email {
    struct str email;
    int64_t account_id;
};

/* Who and what the names in events are. */
struct fold_names {
    const struct directory *directory;
    const struct former_email *former;
    size_t former_count;
};

/* What a fold has found: a record as it was after an event. */
struct task_then {
    struct task task;
    uint64_t lost;    /* bits: hidden by a payload that is erased */
    int64_t lost_seq; /* the newest such event; 0: none */
};

struct task_fold {
    struct op *op; /* its arena holds what the record says */
    struct arena tree;
    const struct fold_names *names;
    struct task
        task; /* the parent's id and key are the caller's, from `parent`, and so are FOLD_COUNTS */
    struct str parent; /* the key that the parent had; absent: there is none */
    uint64_t known;    /* bits: said already */
    uint64_t lost;     /* bits: hidden by a payload that is erased */
    int64_t lost_seq;  /* the newest such event; 0: none */
    int64_t steps;     /* versions since what `task.version` was taken from */
    int64_t comments, internals, attachments; /* that its events have added; … */
    bool uncounted; /* … an event that is erased may have added or removed one */
    size_t n;       /* events that were added */
    bool complete;  /* the creation has been added */
};

/* Texts and lists are copied into op->arena. Finish it in any case. */
void task_fold_begin(struct task_fold *fold, struct op *op, const struct fold_names *names);
void task_fold_finish(struct task_fold *fold);

/* Adds an event of the record, each older than the one before. ERR_CORRUPT with op->detail when it
 * says what no event says; ERR_MEMORY. */
enum err task_fold_add(struct task_fold *fold, const struct event *event) MUST_CHECK;

/* Completes it with what the record was before all events that were added (one at least), which says
 * what the older ones would. The result borrows its texts. FOLD_COUNTS are right unless it is
 * `uncounted`, and the parent is unless an event has said another one. */
void task_fold_end(struct task_fold *fold, const struct task_then *before);

/* Writes the snapshot of a record, the member "record": [null, {…}] of a payload. */
void json_put_task_snapshot(struct json_writer *json, const struct task *task,
                            const struct directory *directory);

/* Writes what an undo of the event `seq` says beside its members: "undoes": [null, {…}], with how often
 * the due date of the record was moved, and since when and by whom it is its assignee's. */
void json_put_task_undo(struct json_writer *json, int64_t seq, const struct task *task,
                        const struct directory *directory);

#endif
