/*
 * Looks at a record: what the rules of its workspace do to it now, and when to look again. Pure.
 *
 * Of the steps of a rule that have come, only the last one counts, once for each value of the date
 * that it is about: so nothing is done twice, and what was missed is made up for by one reminder.
 */
#ifndef BZCTRL_MODEL_RULE_LOOK_H
#define BZCTRL_MODEL_RULE_LOOK_H

#include "model/rule.h"
#include "model/workdays.h"

#define TIMER_NEVER INT64_MAX

/* When a record is looked at next, and since when it has its dates (sql/0038). */
struct record_timer {
    int64_t task_id, due_at, due_since, reminder_since;
    bool assigns; /* it is new, and no rule could assign it yet (sql/0051) */
};

/* Something that was done to a record. */
struct rule_firing {
    int64_t rule_id;         /* 0: its own reminder */
    int32_t date;            /* the due date or reminder date that it was about */
    int32_t step;            /* of a rule that reminds; else 0 */
    int64_t due_at;          /* of what is to be done: when it was due */
    const struct rule *rule; /* of what is to be done; NULL: its own reminder */
};

struct firing_list {
    struct rule_firing *items;
    size_t n;
};

/* The rules of a workspace that are switched on. */
struct rule_set {
    const struct workspace *workspace;
    struct workdays workdays;
    const struct rule *rules;          /* in their order */
    const struct task_filter *filters; /* of each */
    size_t n;
    struct str damage; /* why a rule cannot be read, which is left out; absent: each can */
    struct filter_workspace *place; /* that the filters look at: its `today` is set by looking */
};

struct rule_look {
    struct rule_firing firings[RULES_MAX + 1]; /* at most one that expires it */
    size_t n;
    int64_t next_at; /* TIMER_NEVER: not before something changes */
};

/* `fired`: what was done already about the record's dates. */
void rule_look(const struct rule_set *set, const struct task *task,
               const struct record_timer *timer, const struct firing_list *fired, int64_t now,
               struct rule_look *ret_look);

/* Is there anything that time may do to the record? */
bool rule_waits(const struct task *task);

/* When step `step` of a rule comes, for a due date. */
int64_t rule_step_time(const struct rule_set *set, const struct rule *rule, int32_t due_date,
                       int32_t step);

/* The rule that says who gets a new record: the first that matches, and none if its reporter chose
 * somebody. NULL: none. */
const struct rule *rule_assigns(const struct rule_set *set, const struct task *task, int64_t now);

#endif
