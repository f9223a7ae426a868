#include "store/node.h"

enum err store_node_claim(struct db *db, struct op *op, struct node *node, int64_t lease_until)
{
    struct db_rows rows;
    struct db_value owner = db_blob(node->owner, NODE_OWNER_SIZE), until = db_i64(lease_until);
    enum err err = db_query(db, op,
                            "UPDATE node SET owner = $1, lease_until = $2 WHERE lease_until < $3"
                            " AND id = (SELECT MIN(id) FROM node WHERE lease_until < $3)"
                            " RETURNING id",
                            DB_ARGS(owner, until, db_i64(op->now)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = db_query(db, op,
                       "INSERT INTO node (id, owner, lease_until)"
                       " SELECT COALESCE(MAX(id), -1) + 1, $1, $2 FROM node RETURNING id",
                       DB_ARGS(owner, until), &rows);
    if (err == ERR_OK)
        node->id = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_node_renew(struct db *db, struct op *op, const struct node *node,
                          int64_t lease_until, int64_t *ret_directory_version)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "UPDATE node SET lease_until = $3 WHERE id = $1 AND owner = $2"
        " RETURNING (SELECT version FROM directory_version)",
        DB_ARGS(db_i64(node->id), db_blob(node->owner, NODE_OWNER_SIZE), db_i64(lease_until)),
        &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_directory_version = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_node_last_lease(struct db *db, struct op *op, int64_t *ret_until)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT COALESCE(MAX(lease_until), 0) FROM node", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_until = db_get_i64(&rows, 0, 0);
    return err;
}
