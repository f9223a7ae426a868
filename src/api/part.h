/*
 * What the calls about comments and attachments of a record have in common: the Idempotency-Key with
 * its stored answer, and the answers.
 */
#ifndef BZCTRL_API_PART_H
#define BZCTRL_API_PART_H

#include "api/record.h"
#include "core/part.h"

/* The id that the second parameter of the path is; 404 when it cannot be one. `what`: "comment". */
enum err part_id(struct call *call, const char *what, int64_t *ret_id) MUST_CHECK;

/* Fills in `change` for the record, by the call. */
void part_change_init(struct call *call, const struct record *record, struct part_change *change);

/* Reads Idempotency-Key into change->key; `folder` is that of the path. Answers itself with the
 * stored answer when the key has one: ERR_ANSWERED. */
enum err part_expect_new(struct call *call, const char *folder,
                         struct part_change *change) MUST_CHECK;

/* Answers with call->body, or 204 when that is empty, and the receipt of what was changed. ETag
 * is left out when `version` is 0. */
enum err part_answer_changed(struct call *call, const struct part_change *change,
                             int64_t version) MUST_CHECK;

#endif
