/*
 * Changes of a workspace's rules and working days: acts of administration, with an event in the
 * domain's chain ("admin.rule.created", "admin.rule.changed", "admin.rule.deleted",
 * "admin.workdays.changed"). What they are for is done by core/rule_pass.h.
 */
#ifndef BZCTRL_CORE_RULE_H
#define BZCTRL_CORE_RULE_H

#include "core/change.h"
#include "model/rule_look.h"

struct rule_save {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory; /* that judged it; held by the caller */
    const struct workspace *workspace; /* in it */
    const struct rule *before;         /* NULL: a new one */
    struct rule
        rule; /* judged; id, place, version and times are filled in. To delete it: ended_at */
    int64_t actor_id;

    struct change change;
};

/* Stores it, and blocks until it is on stable storage. ERR_OUTDATED: judge again. ERR_CONFLICT: the
 * workspace has RULES_MAX already. */
enum err core_rule_save(struct core *core, struct rule_save *save) MUST_CHECK;

struct workdays_save {
    /* Set by the caller; as above. */
    struct op *op;
    const struct directory *directory;
    const struct workspace *workspace;
    const struct workdays *before;
    struct workdays workdays; /* its version is filled in */
    int64_t actor_id;

    struct change change;
};

enum err core_workdays_save(struct core *core, struct workdays_save *save) MUST_CHECK;

/* Reads the rules of a workspace that are switched on and can be read, ready to look at records.
 * *ret_stamp is that of store_rules_stamp(). */
enum err rule_set_load(struct db *db, struct op *op, const struct directory *directory,
                       const struct workspace *workspace, struct rule_set *ret_set,
                       int64_t *ret_stamp) MUST_CHECK;

/* The same of one rule, whether or not it is switched on. */
enum err rule_set_of(struct db *db, struct op *op, const struct directory *directory,
                     const struct workspace *workspace, const struct rule *rule,
                     struct rule_set *ret_set) MUST_CHECK;

/* In the transaction of a change of a record: has it looked at again, by its new dates and state. */
enum err rule_follow(struct db *db, struct op *op, const struct task *before,
                     const struct task *after) MUST_CHECK;

#endif
