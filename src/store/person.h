/*
 * People as they are stored (sql/0001, sql/0011): the account, its roles, which of its sign-ins
 * count, and the link for a new password. Accounts and roles are read with the directory.
 */
#ifndef BZCTRL_STORE_PERSON_H
#define BZCTRL_STORE_PERSON_H

#include "base/hash.h"
#include "db/db.h"
#include "model/person.h"

/* A new one, who may have a password (absent: none), and new settings of one, whose version is
 * raised. Neither writes roles; the roles count as read with the account (sql/0012). */
enum err store_person_add(struct db *db, struct op *op, int64_t account_id,
                          const struct person_settings *settings,
                          struct str password_hash) MUST_CHECK;
enum err store_person_change(struct db *db, struct op *op, int64_t account_id,
                             const struct person_settings *settings) MUST_CHECK;

/* Gives an account a role on a domain, in place of one that it held there; ROLE_NONE takes it. */
enum err store_grant_set(struct db *db, struct op *op, int64_t account_id, int64_t domain_id,
                         enum role role) MUST_CHECK;

/* The person changes its own: who could last set it stays. */
enum err store_password_set(struct db *db, struct op *op, int64_t account_id,
                            struct str password_hash) MUST_CHECK;

/*
 * Somebody else has set it, or it is cleared (absent): `by` may know it now (model/right.h). All
 * that the account has signed in with ends, and the links for it and by it. The one who knew
 * the password until now may have made links as this person, so the passwords set under those
 * become PASSWORD_BY_OTHERS; not if that was the operator, or is `by` again.
 */
enum err store_password_give(struct db *db, struct op *op, int64_t account_id,
                             struct str password_hash, int64_t by) MUST_CHECK;

/* Ends all that an account has signed in with, but for the family `kept` (0: none), and its link
 * for a new password. */
enum err store_sign_ins_end(struct db *db, struct op *op, int64_t account_id,
                            int64_t kept) MUST_CHECK;

/* ---- links for a new password ---- */

struct password_reset {
    int64_t account_id;
    int64_t made_by; /* 0: the operator */
    int64_t expires_at;
    struct sha256 hash;
};

/* In place of one that there was. */
enum err store_password_reset_put(struct db *db, struct op *op,
                                  const struct password_reset *reset) MUST_CHECK;

/* Who has made an account's link; PASSWORD_NONE when it has none. */
enum err store_password_reset_maker(struct db *db, struct op *op, int64_t account_id,
                                    int64_t *ret_made_by) MUST_CHECK;
enum err store_password_reset_drop(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* By the hash of its token. ERR_NOT_FOUND. */
enum err store_password_reset_get(struct db *db, struct op *op, const struct sha256 *hash,
                                  struct password_reset *ret_reset) MUST_CHECK;

/* Deletes those that have expired. */
enum err store_password_resets_drop(struct db *db, struct op *op, int64_t now) MUST_CHECK;

/* ---- own sign-ins ---- */

struct sign_in {
    int64_t id; /* of the family */
    bool app;   /* a session of the web app; else tokens */
    int64_t created_at, expires_at;
    struct str client; /* the client's id that it was issued to; absent: none */
};

struct sign_in_list {
    const struct sign_in *items;
    size_t n;
    int64_t next; /* 0 on the last page */
};

/* An account's sign-ins that count now, with an id below `below`, newest first. Reads at most
 * `limit`, of which not all need to be alive: so a page may be short and still have a next. */
enum err store_sign_ins(struct db *db, struct op *op, int64_t account_id, int64_t below,
                        int64_t limit, struct sign_in_list *ret_sign_ins) MUST_CHECK;

/* Ends one. ERR_NOT_FOUND when the account has none of that id. */
enum err store_sign_in_end(struct db *db, struct op *op, int64_t account_id, int64_t id) MUST_CHECK;

#endif
