/*
 * The first run: while a store has nobody who could sign in, each start of a server makes a link by
 * which the first administrator can be made, once and within a day. A newer link replaces an older one, of
 * whichever node; and any person, however they were made, ends all that for ever. A link has 256
 * random bits, of which only the SHA-256 is stored, so its use needs no throttle.
 *
 * All calls block, so they are not for the network thread.
 */
#ifndef BZCTRL_CORE_FIRST_RUN_H
#define BZCTRL_CORE_FIRST_RUN_H

#include "core/person.h"
#include "core/workspace.h"

/* Stores a new link. *ret_token, in op->arena, is absent when there is a person already. */
enum err first_run_offer(struct core *core, struct op *op, struct str *ret_token) MUST_CHECK;

/* ERR_NOT_FOUND unless that link is valid now; nothing is changed. */
enum err first_run_expect(struct core *core, struct op *op, struct str token) MUST_CHECK;

/* The caller fills in the first part, with `person` and `workspace` as for person_save() and
 * workspace_save(), but for their op, directory and actor. */
struct first_run {
    struct op *op;
    const struct directory *directory; /* by which all was judged */
    struct str token;
    struct person_save person;
    struct workspace_save workspace; /* its key absent: none is made */

    struct sha256 hash;
    struct change change;
};

/* Makes the person and the workspace, and voids the link, all in one transaction. ERR_NOT_FOUND when
 * the link is not valid any more; ERR_OUTDATED: judge again. */
enum err first_run_use(struct core *core, struct first_run *run) MUST_CHECK;

#endif
