/*
 * Who accounts are at a provider of single sign-on, and by which of its groups they have roles
 * (sql/0033).
 */
#ifndef BZCTRL_STORE_IDENTITY_H
#define BZCTRL_STORE_IDENTITY_H

#include "db/db.h"
#include "model/identity.h"

enum err store_identity_add(struct db *db, struct op *op, int64_t account_id,
                            const struct identity *identity) MUST_CHECK;

/* The account of somebody at an issuer; 0: none. */
enum err store_identity_account(struct db *db, struct op *op, struct str issuer, struct str subject,
                                int64_t *ret_account_id) MUST_CHECK;

/* Is the account somebody's at that issuer? */
enum err store_identity_taken(struct db *db, struct op *op, int64_t account_id, struct str issuer,
                              bool *ret_taken) MUST_CHECK;

/* All that single sign-on knows of an account. */
enum err store_identities_drop(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* The number that a sign-in of the account gets (sql/0011). */
enum err store_sign_in_number(struct db *db, struct op *op, int64_t account_id,
                              int64_t *ret_number) MUST_CHECK;

/* ---- the rules of groups ---- */

/* Those in force, in the order of their ids. */
enum err store_group_rules(struct db *db, struct op *op, struct group_rules *ret_rules) MUST_CHECK;

enum err store_group_rule_add(struct db *db, struct op *op,
                              const struct group_rule *rule) MUST_CHECK;

/* Ends a rule. Each account that it gave a role is then another version (sql/0012). */
enum err store_group_rule_end(struct db *db, struct op *op, int64_t id, int64_t **ret_accounts,
                              size_t *ret_count) MUST_CHECK;

/* The rules by which an account has roles, or had them until one was ended: only their ids, in
 * order; and sets them. */
enum err store_group_members(struct db *db, struct op *op, int64_t account_id,
                             struct group_rules *ret_rules) MUST_CHECK;
enum err store_group_members_set(struct db *db, struct op *op, int64_t account_id,
                                 const struct group_rules *rules) MUST_CHECK;

#endif
