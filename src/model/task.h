/*
 * A record: an incident or a task, complete and valid, as it is stored and shown. It is made by
 * task_judge() (form/judge.h) or read by store/task.c; nobody else fills one in.
 */
#ifndef BZCTRL_MODEL_TASK_H
#define BZCTRL_MODEL_TASK_H

#include "model/date.h"

enum task_type { TASK_INCIDENT = 1, TASK_TASK = 2 };
enum task_status { STATUS_TODO = 1, STATUS_IN_PROGRESS, STATUS_DONE, STATUS_EXPIRED };
enum level { LEVEL_NONE, LEVEL_HIGH, LEVEL_MEDIUM, LEVEL_LOW };

/* No amount was given. */
#define CENTS_NONE INT64_C(-1)

struct task {
    int64_t id; /* 0 until stored */
    int64_t workspace_id;
    int64_t number;   /* within the workspace, from 1 without gaps; 0 until stored */
    int64_t version;  /* 1 when created */
    int64_t last_seq; /* of its newest event in the domain's chain */
    int64_t created_at, updated_at;

    enum task_type type;
    enum task_status status;
    enum level impact, likelihood, priority;
    int64_t financial_impact;                    /* EUR cents, or CENTS_NONE */
    int64_t reporter_id, assignee_id, source_id; /* accounts */
    struct str title, description;
    struct str result; /* may be absent */
    struct str lrn;    /* may be absent */
    struct str_list category, sub_category, order_id, tags;
    int32_t due_date, reminder_date; /* or DATE_NONE */
    int64_t occurred_at;             /* or TIME_NONE */
    struct str extra; /* the members that no rule knows: one JSON object, compact; "{}" if none */
    struct str form;
    int64_t form_version;

    /* Set by changes only; model/task_state.h says what they mean. */
    int64_t closed_at;      /* or TIME_NONE */
    int64_t closed_by;      /* an account; 0: nobody has closed it since it was reported */
    int32_t first_due_date; /* the one before the first move; meant only after one */
    int64_t due_moves;
    int64_t parent_id;                /* a record of the same domain; 0: none */
    struct str cause;                 /* may be absent */
    int64_t proposed_at, proposed_by; /* closing was proposed; proposed_by is 0 when it was not */
    int64_t follower_count;
    /* Of the last change that gave it to its assignee, or opened it again: TIME_NONE when there was
     * none. assigned_by is 0 of a rule's, too. See model/inbox.h. */
    int64_t assigned_at, assigned_by;

    /* Of what is not deleted: comments that are not internal, internal ones, attachments. */
    int64_t comment_count, internal_count, attachment_count;

    /* Read with the record from other rows. */
    int64_t parent_workspace_id, parent_number;
    /* As long as closing is proposed: what it is a duplicate of; 0: nothing. */
    int64_t original_workspace_id, original_number;
    const int64_t *followers; /* accounts, by id; as many as follower_count */
};

/* The spellings of contract.md, "Names": "INCIDENT", "In Progress", "High". LEVEL_NONE gives absent
 * text, and so does any other value. */
struct str task_type_name(enum task_type type);
struct str task_status_name(enum task_status status);
struct str level_name(enum level level);

/* All of them, for messages that list what is allowed. */
struct str_list task_type_names(void);
struct str_list task_status_names(void);
struct str_list level_names(void);

/* Reading ignores case; the words of a status may be separated by a blank, '_', '-' or nothing. */
bool task_type_read(struct str text, enum task_type *ret_type);
bool task_status_read(struct str text, enum task_status *ret_status);
bool level_read(struct str text, enum level *ret_level);

/* Appends cents as "123577.00". */
void buf_money(struct buf *buf, int64_t cents);

#endif
