/*
 * The processes that write to one database: the number that each holds, on a lease
 * (sql/0004_node.sql). core/node.c explains the purpose.
 */
#ifndef BZCTRL_STORE_NODE_H
#define BZCTRL_STORE_NODE_H

#include "db/db.h"

enum { NODE_OWNER_SIZE = 16 };

struct node {
    int64_t id;
    unsigned char owner[NODE_OWNER_SIZE];
};

/* Claims the first number whose lease is over, or a new one, for node->owner, until
 * `lease_until`. In a transaction. ERR_CONSTRAINT when all are in use. */
enum err store_node_claim(struct db *db, struct op *op, struct node *node,
                          int64_t lease_until) MUST_CHECK;

/* Renews the lease and reads the directory's version. ERR_NOT_FOUND when another process holds
 * the number now. */
enum err store_node_renew(struct db *db, struct op *op, const struct node *node,
                          int64_t lease_until, int64_t *ret_directory_version) MUST_CHECK;

/* The end of the last lease of any process; 0 if there is none. */
enum err store_node_last_lease(struct db *db, struct op *op, int64_t *ret_until) MUST_CHECK;

#endif
