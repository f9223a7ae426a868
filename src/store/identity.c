#include "store/identity.h"

#include "base/id.h"

enum err store_identity_add(struct db *db, struct op *op, int64_t account_id,
                            const struct identity *identity)
{
    return db_run(db, op,
                  "INSERT INTO identity (id, account_id, issuer, subject, created_at)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  DB_ARGS(db_i64(id_next()), db_i64(account_id), db_text(identity->issuer),
                          db_text(identity->subject), db_i64(op->now)));
}

enum err store_identity_account(struct db *db, struct op *op, struct str issuer, struct str subject,
                                int64_t *ret_account_id)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT account_id FROM identity WHERE issuer = $1 AND subject = $2",
                 DB_ARGS(db_text(issuer), db_text(subject)), &rows);
    if (err == ERR_OK)
        *ret_account_id = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_identity_taken(struct db *db, struct op *op, int64_t account_id, struct str issuer,
                              bool *ret_taken)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT id FROM identity WHERE account_id = $1 AND issuer = $2",
                            DB_ARGS(db_i64(account_id), db_text(issuer)), &rows);
    if (err == ERR_OK)
        *ret_taken = rows.n > 0;
    return err;
}

enum err store_identities_drop(struct db *db, struct op *op, int64_t account_id)
{
    enum err err =
        db_run(db, op, "DELETE FROM identity WHERE account_id = $1", DB_ARGS(db_i64(account_id)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM group_member WHERE account_id = $1",
                     DB_ARGS(db_i64(account_id)));
    if (err == ERR_OK)
        err = db_run(db, op,
                     "DELETE FROM provider_session WHERE family_id IN"
                     " (SELECT id FROM token_family WHERE account_id = $1)",
                     DB_ARGS(db_i64(account_id)));
    return err == ERR_OK ? db_run(db, op, "DELETE FROM sign_in_test WHERE account_id = $1",
                                  DB_ARGS(db_i64(account_id)))
                         : err;
}

enum err store_sign_in_number(struct db *db, struct op *op, int64_t account_id, int64_t *ret_number)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT sign_in FROM account WHERE id = $1",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_number = db_get_i64(&rows, 0, 0);
    return err;
}

/* ---- the rules of groups ---- */

enum err store_group_rules(struct db *db, struct op *op, struct group_rules *ret_rules)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT r.id, r.name, r.domain_id, r.role, r.created_at,"
                 " (SELECT COUNT(*) FROM group_member m WHERE m.rule_id = r.id) FROM group_rule r"
                 " WHERE r.ended_at IS NULL ORDER BY r.id",
                 DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct group_rule *items = ARENA_ARRAY(op->arena, struct group_rule, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        items[i] = (struct group_rule){
            .id = db_get_i64(&rows, i, 0),
            .group = db_get_str(&rows, i, 1),
            .domain_id = db_get_i64(&rows, i, 2),
            .role = (enum role)db_get_i64(&rows, i, 3),
            .created_at = db_get_i64(&rows, i, 4),
            .people = db_get_i64(&rows, i, 5),
        };
    }
    *ret_rules = (struct group_rules){items, rows.n};
    return ERR_OK;
}

enum err store_group_rule_add(struct db *db, struct op *op, const struct group_rule *rule)
{
    return db_run(db, op,
                  "INSERT INTO group_rule (id, name, domain_id, role, created_at)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  DB_ARGS(db_i64(rule->id), db_text(rule->group), db_i64(rule->domain_id),
                          db_i64(rule->role), db_i64(rule->created_at)));
}

enum err store_group_rule_end(struct db *db, struct op *op, int64_t id, int64_t **ret_accounts,
                              size_t *ret_count)
{
    struct db_rows rows;
    enum err err = db_run(db, op, "UPDATE group_rule SET ended_at = $2 WHERE id = $1",
                          DB_ARGS(db_i64(id), db_i64(op->now)));
    if (err == ERR_OK)
        err = db_query(db, op,
                       "UPDATE account SET version = version + 1,"
                       " changed = (SELECT version + 1 FROM directory_version)"
                       " WHERE id IN (SELECT account_id FROM group_member WHERE rule_id = $1)"
                       " RETURNING id",
                       DB_ARGS(db_i64(id)), &rows);
    if (err != ERR_OK)
        return err;
    int64_t *accounts = ARENA_ARRAY(op->arena, int64_t, rows.n);
    if (accounts == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        accounts[i] = db_get_i64(&rows, i, 0);
    *ret_accounts = accounts;
    *ret_count = rows.n;
    return ERR_OK;
}

enum err store_group_members(struct db *db, struct op *op, int64_t account_id,
                             struct group_rules *ret_rules)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT rule_id FROM group_member WHERE account_id = $1"
                            " ORDER BY rule_id",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err != ERR_OK)
        return err;
    struct group_rule *items = ARENA_ARRAY(op->arena, struct group_rule, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct group_rule){.id = db_get_i64(&rows, i, 0)};
    *ret_rules = (struct group_rules){items, rows.n};
    return ERR_OK;
}

enum err store_group_members_set(struct db *db, struct op *op, int64_t account_id,
                                 const struct group_rules *rules)
{
    enum err err = db_run(db, op, "DELETE FROM group_member WHERE account_id = $1",
                          DB_ARGS(db_i64(account_id)));
    for (size_t i = 0; i < rules->n && err == ERR_OK; i++)
        err = db_run(db, op, "INSERT INTO group_member (account_id, rule_id) VALUES ($1, $2)",
                     DB_ARGS(db_i64(account_id), db_i64(rules->items[i].id)));
    return err;
}
