/* Rules and working days of a workspace as they are stored (sql/0038). */
#ifndef BZCTRL_STORE_RULE_H
#define BZCTRL_STORE_RULE_H

#include "db/db.h"
#include "model/rule.h"
#include "model/workdays.h"

struct rule_list {
    struct rule *items;
    size_t n;
};

/* One that is not deleted. ERR_NOT_FOUND. */
enum err store_rule_get(struct db *db, struct op *op, int64_t id, struct rule *ret_rule) MUST_CHECK;

/* Those of a workspace, in their order, without deleted ones. */
enum err store_rules(struct db *db, struct op *op, int64_t workspace_id,
                     struct rule_list *ret_rules) MUST_CHECK;

/* The same without those that cannot be read; *ret_damage is why the first of these cannot, absent
 * when there are none. */
enum err store_rules_readable(struct db *db, struct op *op, int64_t workspace_id,
                              struct rule_list *ret_rules, struct str *ret_damage) MUST_CHECK;

enum err store_rule_add(struct db *db, struct op *op, const struct rule *rule) MUST_CHECK;

/* Replaces the one with the same id, whose version is one less; ERR_RETRY when another node has
 * changed it since it was read. */
enum err store_rule_put(struct db *db, struct op *op, const struct rule *rule) MUST_CHECK;

/* The texts of a rule, which may be deleted, for an erasure; and without what is erased.
 * ERR_NOT_FOUND. */
enum err store_rule_texts(struct db *db, struct op *op, int64_t id, struct str *ret_name,
                          struct str *ret_document) MUST_CHECK;
enum err store_rule_erase(struct db *db, struct op *op, int64_t id, struct str name,
                          struct str document) MUST_CHECK;

/* A number that each change of a workspace's rules and working days raises; 0: it has never had
 * any rule. */
enum err store_rules_stamp(struct db *db, struct op *op, int64_t workspace_id,
                           int64_t *ret_stamp) MUST_CHECK;

/* Whose turn it is, from 0; and the next one's. */
enum err store_rule_turn(struct db *db, struct op *op, int64_t rule_id,
                         int64_t *ret_turn) MUST_CHECK;
enum err store_rule_turn_put(struct db *db, struct op *op, int64_t rule_id,
                             int64_t turn) MUST_CHECK;

/* ---- rules that make records (sql/0039) ---- */

struct rule_next {
    int64_t rule_id, due_at;
    int32_t date;
};

struct rule_next_list {
    struct rule_next *items;
    size_t n;
};

/* Those that are due at op->now, the oldest first, at most `limit`. */
enum err store_rules_due(struct db *db, struct op *op, int64_t limit,
                         struct rule_next_list *ret_next) MUST_CHECK;
/* ERR_NOT_FOUND. */
enum err store_rule_next(struct db *db, struct op *op, int64_t rule_id,
                         struct rule_next *ret_next) MUST_CHECK;
enum err store_rule_next_put(struct db *db, struct op *op, const struct rule_next *next) MUST_CHECK;
enum err store_rule_next_drop(struct db *db, struct op *op, int64_t rule_id) MUST_CHECK;

/* Has the rule made a record for the date? And that it has: what it has made already it cannot make
 * again, which is a violation of the key. */
enum err store_occurrence_has(struct db *db, struct op *op, int64_t rule_id, int32_t date,
                              bool *ret_has) MUST_CHECK;
enum err store_occurrence_add(struct db *db, struct op *op, int64_t rule_id, int32_t date,
                              int64_t task_id) MUST_CHECK;

/* ---- working days ---- */

/* The working days; those of workdays_default() where nobody has changed them. */
enum err store_workdays(struct db *db, struct op *op, int64_t workspace_id,
                        struct workdays *ret_workdays) MUST_CHECK;
enum err store_workdays_put(struct db *db, struct op *op,
                            const struct workdays *workdays) MUST_CHECK;

#endif
