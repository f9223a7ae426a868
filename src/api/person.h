/*
 * What the calls about people share.
 */
#ifndef BZCTRL_API_PERSON_H
#define BZCTRL_API_PERSON_H

#include "api/change.h"
#include "model/person.h"

/* The person that the path names, if the caller may see it. Answers itself and returns NULL: 404,
 * or 403 to callers who look after nobody. */
const struct account *person_find(struct call *call);

/* Takes a body's members into a draft; those of a new person when `new`. */
void person_decode(const struct json *body, bool new, struct arena *arena, struct faults *faults,
                   struct person_draft *draft);

/* Appends {"email",…}, with those of the roles that `caller` looks after: all, if it is the caller
 * itself. `more` are further members, each with a comma before it. */
void person_encode(struct buf *buf, const struct directory *directory, const struct account *caller,
                   int64_t account_id, const struct person_settings *settings, int64_t created_at,
                   int64_t version, const char *more);

/* Appends {"domain","role"}, behind a comma unless it is the first. */
void person_encode_role(struct buf *buf, const struct grant *grant, bool first);

#endif
