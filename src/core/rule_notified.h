/* Whom a rule notifies of a record. Pure. */
#ifndef BZCTRL_CORE_RULE_NOTIFIED_H
#define BZCTRL_CORE_RULE_NOTIFIED_H

#include "model/rule.h"

/* The accounts, each once, and only those who may read all records of the workspace; of NULL, the
 * record's own reminder, its assignee and followers. Returns how many. */
size_t rule_notified(const struct directory *directory, const struct workspace *workspace,
                     const struct task *task, const struct rule *rule,
                     int64_t ret_ids[RULE_NOTIFIED_MAX]);

#endif
