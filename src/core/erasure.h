/*
 * Erases a person's data, which the person has a right to demand.
 *
 * First, in one transaction: the account gets a pseudonym in place of its address and name, loses
 * its password and roles, and is disabled; all its sign-ins end. Records and events refer to the
 * account by its id, so from then on they show the pseudonym.
 *
 * Then, in small steps: the payloads of events that name the address are erased (the chain still
 * verifies), the address is taken out of the texts of records and comments and out of the names of
 * attachments, it is removed from the log of requests, and the sign-ins are deleted. The index of
 * records is built again, without the address. Each step is one transaction together with its progress,
 * so an interrupted erasure resumes where it stopped.
 *
 * Not touched: the bytes of attachments; answers kept for idempotency keys, which expire; documents of forms that name the
 * address; backups.
 */
#ifndef BZCTRL_CORE_ERASURE_H
#define BZCTRL_CORE_ERASURE_H

#include "core/person.h"

/* Fills in `save` for person_save(): op, directory, before and actor_id are the caller's.
 * ERR_CONFLICT for the last admin; ERR_MEMORY. */
enum err erasure_prepare(struct person_save *save) MUST_CHECK;

/* One step of one erasure, for src/jobs: `db` is a reader. *ret_wait_ms is how long the next step
 * has to wait; ERASURE_NONE once nothing is left. */
enum { ERASURE_NONE = -1 };

enum err erasure_step(struct core *core, struct db *db, struct op *op,
                      int64_t *ret_wait_ms) MUST_CHECK;

#endif
