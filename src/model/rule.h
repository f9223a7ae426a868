/*
 * Rules: what happens by itself in a workspace (doc/rules.md). A rule has a kind, a filter, the
 * members of its kind, and is switched on or off. Pure.
 */
#ifndef BZCTRL_MODEL_RULE_H
#define BZCTRL_MODEL_RULE_H

#include "model/schedule.h"
#include "model/task_filter.h"

enum {
    RULES_MAX = 100, /* of a workspace */
    RULE_STEPS_MAX = 20,
    RULE_DAYS_MAX = 366,
    RULE_PEOPLE_MAX = 50,
    RULE_NOTIFIED_MAX = 200, /* of one event */
    RULE_FILTER_MAX = 4000,  /* bytes, decoded */
    RULE_TEMPLATE_MAX = 64 * 1024,
    RULE_DOCUMENT_MAX = 1024 * 1024,
};

enum rule_kind {
    RULE_ASSIGN, /* a new record to a person, or to several in turn; the first rule that matches */
    RULE_REMIND, /* some working days before and after the due date */
    RULE_EXPIRE, /* sets the status Expired, some working days after the due date */
    RULE_ESCALATE, /* notifies the managers, in the same way */
    RULE_RECUR,    /* makes a record at each date of a schedule */
    RULE_KINDS
};

/* What becomes of the dates that passed while no server ran. */
enum rule_missed { MISSED_NONE, MISSED_ONE, MISSED_ALL, RULE_MISSES };

struct rule {
    int64_t id, workspace_id;
    enum rule_kind kind;
    struct str name;
    int64_t place;          /* in the order of the workspace's rules */
    int64_t active_at;      /* since when it is switched on, or TIME_NONE */
    struct str_list filter; /* parameters of GET /tasks, decoded: "priority=High" */
    bool backlog;           /* what lies before active_at counts, too */
    struct str_list people; /* of assigning: addresses */
    struct str_list notify; /* "assignee", "reporter", "followers", "managers", or an address */
    const int32_t *steps;   /* of reminding: working days, ascending */
    size_t step_count;
    int64_t days; /* of expiring and escalating: working days */
    struct schedule schedule;
    struct str template; /* a body of add-task, JSON */
    enum rule_missed missed;
    int64_t author_id; /* who changed it last */
    int64_t version, created_at, updated_at;
    int64_t ended_at; /* deleted, but for its name in histories; or TIME_NONE */
};

/* What somebody sent; what is absent, NULL or not `…_sent` was not. */
struct rule_draft {
    struct str kind, name, filter, missed;
    struct str_list people, notify;
    const struct json *steps, *schedule, *template;
    int64_t place, days;
    bool place_sent, days_sent, active, active_sent, backlog, backlog_sent;
};

/* Judges a new rule (`before` NULL) or a change of one, but for its template. A rule that is switched
 * on counts from op->now. ERR_INVALID with all faults; ERR_MEMORY. */
enum err rule_judge(struct op *op, const struct rule_draft *draft, const struct rule *before,
                    const struct directory *directory, const struct workspace *workspace,
                    struct faults *faults, struct rule *ret_rule) MUST_CHECK;

struct str rule_kind_name(enum rule_kind kind);
bool rule_kind_read(struct str name, enum rule_kind *ret_kind);

/* Writes the members of its kind: as people see them, or as they are stored. */
void json_put_rule_members(struct json_writer *json, const struct rule *rule);
void json_put_rule_document(struct json_writer *json, const struct rule *rule);

/* Reads what json_put_rule_document() has written. ERR_CORRUPT, ERR_MEMORY. */
enum err rule_document_read(struct op *op, struct str document, struct rule *rule) MUST_CHECK;

/* The filter, of records of its workspace alone; `today` of overdue is left to the caller
 * (rule_filter_today()). *ret_problem says why it selects nothing: it names what is gone. Absent:
 * all is well. */
enum err rule_filter(struct op *op, const struct rule *rule, const struct directory *directory,
                     struct task_filter *ret_filter, struct str *ret_problem) MUST_CHECK;

/* The filter as the query of a URL. */
void buf_rule_filter(struct buf *buf, const struct rule *rule);

#endif
