/*
 * A change of the record that a path names: the steps that all such calls share. They run on the
 * call lane; what needs the database for reading visits the read lane.
 *
 *     record_change_judge() → record_change_save() → record_change_answer()
 */
#ifndef BZCTRL_API_RECORD_CHANGE_H
#define BZCTRL_API_RECORD_CHANGE_H

#include "api/record.h"
#include "core/task_change.h"
#include "form/change.h"

struct record_change {
    /* Set by the call. */
    struct call *call;
    bool reads_only; /* it is for everybody who may read the record */
    bool any_key;    /* a record that was moved is found by its old keys, too */
    int64_t work;    /* that its form's patterns may take; 0: PATTERN_WORK_MAX */
    enum err (*judge)(
        struct record_change *change); /* on the read lane, by call->db: sets `changed` */
    struct task_draft draft;
    struct task_note note; /* of the call's own; may be absent */

    struct record record;     /* as it is */
    struct task_change_by by; /* what the judge needs */
    struct faults faults, warnings;
    struct task_changed changed; /* at first, as it is */
    int64_t undoes;              /* as of struct task_change */
    struct task_change save;
    struct core_read read;
};

/* Finds the record, which the caller may write or, with reads_only, read, and its form, and judges.
 * What the judge refuses is answered: ERR_ANSWERED. */
enum err record_change_judge(struct record_change *change) MUST_CHECK;

/* The same where the caller is on the read lane. The form is at call->form. */
enum err record_change_judge_by(struct record_change *change, struct db *db) MUST_CHECK;

/* What PATCH judges, but for the version: sets `changed`. */
enum err record_patch_judge(struct record_change *change) MUST_CHECK;

/* The form that a record was reported by, as it is now, with a reference for the caller; NULL: the
 * built-in one, also if it is gone. By call->db. */
enum err record_form(struct call *call, const struct record *record,
                     const struct form **ret_form) MUST_CHECK;

/* Stores it. ERR_OUTDATED: the handler runs again. Nothing is written when nothing has changed. */
enum err record_change_save(struct record_change *change) MUST_CHECK;

/* All of these steps: judges, stores and answers. */
enum err record_change_run(struct record_change *change) MUST_CHECK;

/* Sets `save`, to be stored by the caller. */
void record_change_prepare(struct record_change *change);

/* The ETag, and the receipt if something has changed; ERR_MEMORY. */
enum err record_change_headers(struct record_change *change, struct http_header headers[2],
                               size_t *ret_n) MUST_CHECK;

/* Answers 200 with the record as it is now, its ETag, and a receipt if something has changed. */
enum err record_change_answer(struct record_change *change) MUST_CHECK;

#endif
