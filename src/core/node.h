/*
 * This process among those that write to one database. On an engine with several writers, each
 * claims a number, which makes its identifiers unique (base/id.h), and renews the lease in every
 * write transaction. This has three effects: a process that was stopped for so long that another
 * took its number cannot commit any more; a lease costs no extra writes under load; and every
 * transaction of the write lane contains a write, so that every answer, even a repeated one, has
 * waited for the replication of a commit.
 *
 * On an engine of one process (SQLite) there is nothing to claim.
 */
#ifndef BZCTRL_CORE_NODE_H
#define BZCTRL_CORE_NODE_H

#include "store/node.h"

/* Claims a number, and starts identifiers with it above all stored ones. */
enum err node_claim(struct node *node, struct db *db, struct op *op) MUST_CHECK;

/* First in each transaction that writes: renews the lease, and reads the directory's version.
 * ERR_NOT_FOUND: the number is lost; roll back and claim another. */
enum err node_renew(const struct node *node, struct db *db, struct op *op,
                    int64_t *ret_directory_version) MUST_CHECK;

/* Releases the number; on failure, the lease simply runs out. */
void node_release(const struct node *node, struct db *db);

#endif
