/*
 * What a rule would have done in the last 30 days, had it been switched on: by the records as they
 * are now, when they were made and when they were closed. Their earlier due dates and values do not
 * count.
 */
#ifndef BZCTRL_CORE_RULE_PAST_H
#define BZCTRL_CORE_RULE_PAST_H

#include "core/rule.h"
#include "core/rule_notified.h"

enum {
    RULE_PAST_DAYS = 30,
    RULE_PAST_SHOWN = 100,
    RULE_PAST_READ = 10000, /* records that it takes in, … */
    RULE_PAST_VAIN = 5,     /* … and pages that are not full: each has been looked for in vain */
    RULE_PAST_AT_ONCE = 1,  /* of a server: the read lane has two threads, and others read, too */
};

/* Something it would have done. */
struct rule_deed {
    int64_t at;
    struct str key, title;  /* of the record; absent: it would have made one */
    int32_t step;           /* of a reminder */
    struct str_list people; /* who would have been notified, or got it: addresses */
};

struct rule_past {
    int64_t since;
    size_t count, records, people; /* deeds, and how many records and people they are about */
    bool more;                     /* there may be more records than were looked at */
    struct rule_deed deeds[RULE_PAST_SHOWN];
    size_t shown;
};

struct task_index;

/* By a connection of the read lane. */
enum err rule_past(struct db *db, struct op *op, struct task_index *index,
                   const struct directory *directory, const struct workspace *workspace,
                   const struct rule *rule, struct rule_past *ret_past) MUST_CHECK;

#endif
