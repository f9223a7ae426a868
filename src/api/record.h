/*
 * The record that a path names, for handlers below /tasks/{key}; and what calls that add something
 * to it have in common: the Idempotency-Key with its stored answer.
 */
#ifndef BZCTRL_API_RECORD_H
#define BZCTRL_API_RECORD_H

#include "api/call.h"
#include "core/record.h"
#include "model/right.h"

struct record {
    const struct workspace *workspace;
    struct task task;
};

/* On the read lane: reads the record that the first parameter of the path names. 404 when it does
 * not exist or the caller may neither read it nor has `right` there; 403 when they may only read
 * it. */
enum err record_find(struct call *call, enum right right, struct record *ret_record) MUST_CHECK;

/* For a handler on the call lane: runs `read` on the read lane, with call->db, and waits. */
enum err call_read_wait(struct call *call, enum err (*read)(struct call *call, void *arg),
                        void *arg) MUST_CHECK;

/* The id that the second parameter of the path is; 404 when it cannot be one. `what`: "comment". */
enum err record_part_id(struct call *call, const char *what, int64_t *ret_id) MUST_CHECK;

/* The number of a call that adds to a record: fills in `change` for the record, by the call. */
void record_change_init(struct call *call, const struct record *record,
                        struct record_change *change);

/* Reads Idempotency-Key into change->key; `folder` is that of the path. Answers itself with the
 * stored answer when the key has one: ERR_ANSWERED. */
enum err record_expect_new(struct call *call, const char *folder,
                           struct record_change *change) MUST_CHECK;

/* Gives an answer that is stored, or as it is stored. */
enum err record_give_answer(struct call *call, const struct answer *answer, bool replayed);

/* Answers with call->body, or 204 when that is empty, and the receipt of what was changed. ETag
 * is left out when `version` is 0. */
enum err record_answer_changed(struct call *call, const struct record_change *change,
                               int64_t version) MUST_CHECK;

#endif
