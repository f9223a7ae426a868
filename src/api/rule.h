/* Shared by the calls about what happens by itself in a workspace: rules and working days. */
#ifndef BZCTRL_API_RULE_H
#define BZCTRL_API_RULE_H

#include "api/call.h"
#include "model/right.h"
#include "model/rule.h"

/* The workspace that the path names, if the caller reads all its records: else 404; and 403 without
 * the right. */
enum err rule_workspace(struct call *call, enum right right,
                        const struct workspace **ret_workspace) MUST_CHECK;

/* Answers a dry run: what the rule would have done in the last 30 days. */
enum err rule_past_answer(struct call *call, const struct workspace *workspace,
                          const struct rule *rule) MUST_CHECK;

#endif
