/*
 * One record before the rules of its workspace: judged by a view of the store, and written, with what the
 * rules say, in the transaction of a pass (core/rule_pass.h).
 *
 * Damage stops nothing but itself: a rule that cannot be read is left out, and a record that cannot be read,
 * or whose working days or form cannot, is looked at again after RULE_RETRY_MS. Both are in the log.
 */
#ifndef BZCTRL_CORE_RULE_ITEM_H
#define BZCTRL_CORE_RULE_ITEM_H

#include "core/task_change.h"
#include "store/timer.h"

struct rule_position;

/* The rules of a workspace in this step. */
struct rule_loaded {
    struct rule_set set;
    int64_t stamp;
    int64_t turns[RULES_MAX]; /* of rules that assign; -1: not asked yet */
    bool turned[RULES_MAX];
    struct rule_loaded *next;
};

/* A record, and why a step looks at it. */
struct rule_item {
    int64_t id;
    struct rule_position
        *chain; /* that its creation was read from, at `seq`; NULL: it is not new */
    int64_t seq;
    const struct rule_sweep *sweep; /* that it is of, or NULL */
    bool has_timer;
    struct record_timer timer;

    /* Judged. */
    struct task task;
    const struct workspace *workspace;
    struct rule_loaded *rules;
    struct rule_look look;
    struct str notices[RULES_MAX + 1]; /* payloads, of the firings that are notices */
    struct str key;
    struct task_change *change; /* NULL: it does not change */
    bool turned;                /* a rule took a turn, even if it fell to the assignee */
    bool retries;               /* it would change, but its form cannot be read */
    bool unassigned;            /* that change was its assignment */
    bool damaged;               /* it, or what it is judged by, cannot be read: it is put off */
    bool puts, drops;           /* its timer */
};

/* By what records are judged, all in one step. */
struct rule_judge {
    struct core *core;
    struct db *db;
    struct op *op;
    const struct directory *directory;
    struct rule_loaded *loaded; /* so far */
    bool tells, told;           /* whether it says which rules cannot be read; whether it did */
};

/* The rules of a workspace, read once. A rule that cannot be read is left out; ERR_CORRUPT: what all of
 * them need cannot be read. */
enum err rule_loaded_of(struct rule_judge *judge, const struct workspace *workspace,
                        struct rule_loaded **ret_loaded) MUST_CHECK;

enum err rule_item_judge(struct rule_judge *judge, struct rule_item *item) MUST_CHECK;

/* Is there something to write of a record that is not `damaged`? */
bool rule_item_writes(const struct rule_item *item);
enum err rule_item_write(struct rule_item *item, struct batch *batch, struct op *op) MUST_CHECK;

/* Lets go of the form that a change holds. */
void rule_item_release(struct rule_item *item);

#endif
