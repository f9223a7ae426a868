/*
 * Does what rules say, step by step: it looks at records that were made, at those whose time has
 * come (sql/0038, record_timer), and at those of a workspace whose rules have changed, never at all
 * records. What it finds is one change of the write lane for each domain: judged before, and made
 * only if the records and rules are still as they were. A firing is a row that can be there once,
 * whichever node writes it.
 *
 * A rule that reminds or escalates appends an event to the record's history that changes no member
 * (event_is_notice()): "task.reminded", "task.escalated". Its payload is
 *
 *     {"notice": [null, {"rule": "123", "ruleName": "A week before", "step": -5,
 *                        "date": "2026-12-04", "dueAt": "2026-11-27T07:00:00.000Z",
 *                        "for": ["a@b.example"]}]}
 *
 * "rule" and "ruleName" are null for the record's own reminderDate; "step" is that of the rule, or
 * null; "date" is the due date or reminder date that it is about; "dueAt" is when it was due, which
 * is before the event's time where no server ran; "for" are the people who are to be notified: those
 * who may read the record now. What notifies them asks again.
 *
 * What changes a record is an event like any other ("task.assigned", "task.expired", by nobody), with
 * the rule's id and name: {…, "rule": [null, "123"], "ruleName": [null, "Customs"]}.
 */
#ifndef BZCTRL_CORE_RULE_PASS_H
#define BZCTRL_CORE_RULE_PASS_H

#include "core/core.h"

enum { RULE_PASS_RECORDS = 200 }; /* of each source, in one step */

struct rule_pass;

enum rule_pass_end {
    RULE_PASS_CURRENT, /* there was nothing to do, or no more than it has done */
    RULE_PASS_MORE,
    RULE_PASS_AWAY, /* another node does it */
};

enum err rule_pass_open(struct core *core, struct op *op, struct rule_pass **ret_pass) MUST_CHECK;
void rule_pass_close(struct rule_pass *pass); /* NULL-safe */

/* One step, at op->now. Any error: close it, and open it again. */
enum err rule_pass_step(struct rule_pass *pass, struct op *op,
                        enum rule_pass_end *ret_end) MUST_CHECK;

#endif
