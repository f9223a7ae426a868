/*
 * Changes many records, one after the other, as PATCH changes one: the steps that a bulk change, its
 * preview and its undo share. Pieces of them are judged on the read lane and written by one
 * transaction each, so that other calls come in between, and memory is that of a piece. A refusal is
 * the verdict on its record; an error of the machine ends the work.
 *
 *     lines → bulk_work_run() → bulk_work_answer()
 */
#ifndef BZCTRL_API_BULK_WORK_H
#define BZCTRL_API_BULK_WORK_H

#include "api/record_change.h"
#include "core/bulk_change.h"

enum {
    BULK_RECORDS_MAX = 1000,
    BULK_PIECE_RECORDS = 16,             /* in one transaction */
    BULK_PIECE_BYTES = 16 * 1024 * 1024, /* of memory, after which a piece is cut */
    BULK_VERDICT_MAX = 8 * 1024,         /* bytes of a problem in a verdict; or only its status */
    BULK_PATTERN_WORK_MAX = 64000000,    /* units of a call's patterns (form/pattern.h) */
};

/* A record of the call. */
struct bulk_line {
    struct str key;                    /* as it is named */
    int64_t version;                   /* that it must have; 0: any */
    int64_t domain_id;                 /* 0: there is no such domain */
    const struct bulk_verdict *undoes; /* of an undo */
    int64_t task_id;                   /* 0: it is not known yet */
    size_t at, n;                      /* its verdict, in the work's; n is 0: there is none yet */
};

struct bulk_work;

/* A line of the piece that is being worked on. */
struct bulk_judged {
    struct record_change change;
    struct bulk_work *work;
    struct bulk_line *line;
    const struct form *form; /* as change.by.form; NULL: the built-in one */
    int status;
    struct str problem; /* unless the status is 200 */
};

struct bulk_work {
    /* Set by the call. */
    struct call *call;
    bool dry_run, undoes;
    int64_t bulk_id;
    struct bulk_line *lines; /* room for BULK_RECORDS_MAX */
    size_t n;
    struct task_draft draft; /* what is to change, by `judge` as for PATCH */
    struct task_note note;
    enum err (*judge)(struct record_change *change);

    struct buf verdicts;      /* all of them, one after the other */
    struct bulk_line **order; /* those without a verdict, by domain */
    size_t order_n, next;
    int64_t work_left; /* of BULK_PATTERN_WORK_MAX … */
    int64_t work;      /* … before the piece */
    struct bulk_judged piece[BULK_PIECE_RECORDS];
    struct bulk_record records[BULK_PIECE_RECORDS];
    size_t piece_n;
    struct core_read read;
};

/* Makes the state of a call, which is given back with it. ERR_MEMORY. */
enum err bulk_work_create(struct call *call, struct bulk_work **ret_work) MUST_CHECK;

/* Sets the verdict of a line that has one already. */
void bulk_work_settle(struct bulk_work *work, struct bulk_line *line, struct str verdict);

/* The line of a change that is being judged. */
const struct bulk_line *bulk_line_of(struct record_change *change);

/* Changes the lines that have no verdict yet; of a dry run, only judges them. An error when it had
 * to stop before the first of them; had it to stop later, the others have no verdict. */
enum err bulk_work_run(struct bulk_work *work) MUST_CHECK;

/* Answers 200 with the verdicts, in the order of the lines. */
enum err bulk_work_answer(struct bulk_work *work, bool repeated) MUST_CHECK;

#endif
