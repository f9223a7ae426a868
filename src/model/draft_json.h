/* A value of a draft, out of JSON. */
#ifndef BZCTRL_MODEL_DRAFT_JSON_H
#define BZCTRL_MODEL_DRAFT_JSON_H

#include "base/arena.h"
#include "json/read.h"
#include "model/draft.h"

/* Copies what a member says, but for its name, into `arena`. ERR_MEMORY. */
enum err draft_value_read(struct arena *arena, const struct json *json,
                          struct draft_value *ret_value) MUST_CHECK;

#endif
