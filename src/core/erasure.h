/*
 * Erasing a person's data, as the person may demand.
 *
 * At once, in one transaction: the account gets a pseudonym instead of its address and name, loses
 * password and roles and is disabled; all it is signed in with ends. Records and events refer to
 * the account by its id, so they show the pseudonym from then on.
 *
 * Then, in steps that are small: the payloads of events that name the address are erased (the chain
 * still verifies), the address is taken out of the texts of records, the log of requests forgets
 * what has it, and the sign-ins are deleted. Each step and how far it has come are one transaction,
 * so an erasure goes on where it was when it is interrupted.
 *
 * Not touched: answers that are kept for idempotency keys, which go by themselves after a while;
 * documents of forms that name the address; backups.
 */
#ifndef BZCTRL_CORE_ERASURE_H
#define BZCTRL_CORE_ERASURE_H

#include "core/person.h"

/* Fills in `save` for person_save(): op, directory, before and actor_id are the caller's.
 * ERR_CONFLICT for the last admin; ERR_MEMORY. */
enum err erasure_prepare(struct person_save *save) MUST_CHECK;

/* One step of one erasure, for src/jobs: `db` is a reader. *ret_more is false when nothing is left.
 */
enum err erasure_step(struct core *core, struct db *db, struct op *op, bool *ret_more) MUST_CHECK;

#endif
