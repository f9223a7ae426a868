/* Drafts, out of JSON. Pure. */
#ifndef BZCTRL_MODEL_DRAFT_JSON_H
#define BZCTRL_MODEL_DRAFT_JSON_H

#include "base/op.h"
#include "json/read.h"
#include "model/draft.h"

/* Copies what a member says, but for its name, into `arena`. ERR_MEMORY. */
enum err draft_value_read(struct arena *arena, const struct json *json,
                          struct draft_value *ret_value) MUST_CHECK;

/* Reads the body of add-task. ERR_SYNTAX: op->detail says what is wrong, with line and column;
 * also for a body that is not a JSON object. Faults of members are left to the judge. All texts
 * are copied into op->arena. */
enum err task_decode(struct op *op, struct str body, struct task_draft *ret_draft) MUST_CHECK;

/* The same for a merge patch of a record; the members of an object "extra" are among the others. */
enum err task_decode_patch(struct op *op, struct str body, struct task_draft *ret_draft) MUST_CHECK;

/* The same for parsed JSON, which is borrowed until this returns. ERR_SYNTAX without a detail
 * when it is not an object. */
enum err task_decode_json(struct op *op, const struct json *json,
                          struct task_draft *ret_draft) MUST_CHECK;

/* Which members of a report an object has among its first hundred: a bit for each (enum member).
 * 0 if it is not an object. */
uint32_t task_members_inside(const struct json *object);

#endif
