/*
 * Records that a rule makes at the dates of a schedule. Each is reported by the rule's author, unless
 * the template names somebody else, and judged like any report by the workspace's default form; its
 * dueDate and reminderDate may be "+5d", so many days after its date. The creation's event says which
 * rule it was: {…, "rule": [null, "123"], "ruleName": [null, "Month end"]}.
 *
 * What is missed while no server runs is left out, made once for the last date, or made for each
 * (enum rule_missed); a record that comes later than RECUR_LATE_MS counts as missed.
 */
#ifndef BZCTRL_CORE_RULE_RECUR_H
#define BZCTRL_CORE_RULE_RECUR_H

#include "core/task.h"
#include "model/faults.h"
#include "store/rule.h"

#define RECUR_LATE_MS INT64_C(3600000)
/* What a rule cannot do now: its template is refused, since somebody may have left, or the form cannot
 * be read. It is tried again after this time, and holds up no other rule. */
#define RULE_RETRY_MS INT64_C(3600000)

enum { RECUR_AT_ONCE = 20 };

/* Judges the record that the rule makes for a date, into `task` of create, whose op, directory and
 * workspace are set. By a connection that reads. ERR_INVALID: `faults` say why there is none. */
enum err recur_judge(struct core *core, struct db *db, const struct rule *rule, int32_t date,
                     struct faults *faults, struct task_create *create) MUST_CHECK;

/* What is due of a rule at `now`: which date gets a record (DATE_NONE: none), and which comes next
 * (DATE_NONE: none does). */
void recur_due(const struct rule *rule, const struct workspace *workspace, int32_t date,
               int64_t now, int32_t *ret_date, int32_t *ret_next);

/* The first date after `now` of a rule that is switched on; DATE_NONE: there is none. */
int32_t recur_first(const struct rule *rule, const struct workspace *workspace, int64_t now);

/* In the transaction that saves a rule. */
enum err recur_save(struct db *db, struct op *op, const struct workspace *workspace,
                    const struct rule *before, const struct rule *after) MUST_CHECK;

/* Makes the records that are due, some of them: judged by `db`, outside of a transaction. *ret_more:
 * there may be more. ERR_OUTDATED: judge again. */
enum err recur_step(struct core *core, struct db *db, struct op *op,
                    const struct directory *directory, bool *ret_more) MUST_CHECK;

#endif
