/*
 * Shared by the calls about people.
 */
#ifndef BZCTRL_API_PERSON_H
#define BZCTRL_API_PERSON_H

#include "api/change.h"
#include "model/person.h"

/* The person that the path names, if the caller may see them. ERR_ANSWERED: 404, or 403 if the
 * caller manages no domain. */
enum err person_find(struct call *call, const struct account **ret_person) MUST_CHECK;

/* GET /people?workspace=KEY: those who can be chosen as assignees there. The query is read. */
enum err assignee_list(struct call *call) MUST_CHECK;

/* Takes a body's members into a draft; those of a new person when `creates`. */
void person_decode(const struct json *body, bool creates, struct arena *arena,
                   struct faults *faults, struct person_draft *draft);

/* Writes {"email",…}, with the roles on domains that `caller` manages; with all, if it is the
 * caller. `also` names another member that is true; NULL: none. */
void person_encode(struct json_writer *json, const struct directory *directory,
                   const struct account *caller, int64_t account_id,
                   const struct person_settings *settings, int64_t created_at, int64_t version,
                   const char *also);

#endif
