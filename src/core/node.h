/*
 * This process among those that write to one database. On an engine that several may write to, each
 * claims a number, which makes its identifiers its own (base/id.h), and renews the lease in every
 * transaction that it writes. That does three things at once: a process that was stopped for so
 * long that another took its number commits nothing any more; a lease costs no writes of its own
 * under load; and no transaction of the write lane is without a write, so that whatever it answers,
 * also a repeated answer, has waited for the commit that the engine's replication waits for.
 *
 * On an engine of one process (SQLite) there is nothing to claim.
 */
#ifndef BZCTRL_CORE_NODE_H
#define BZCTRL_CORE_NODE_H

#include "store/node.h"

/* Claims a number and makes identifiers with it, above all that are stored. */
enum err node_claim(struct node *node, struct db *db, struct op *op) MUST_CHECK;

/* First in each transaction that writes: renews the lease, and reads the directory's version.
 * ERR_NOT_FOUND: the number is lost; roll back and claim another. */
enum err node_renew(const struct node *node, struct db *db, struct op *op,
                    int64_t *ret_directory_version) MUST_CHECK;

/* Gives the number back; what goes wrong is left to the end of the lease. */
void node_release(const struct node *node, struct db *db);

#endif
