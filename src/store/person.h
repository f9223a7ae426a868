/*
 * People as they are stored (sql/0001, sql/0011): the account, its roles, which of its sign-ins are
 * valid, and the password reset link. Accounts and roles are read with the directory.
 */
#ifndef BZCTRL_STORE_PERSON_H
#define BZCTRL_STORE_PERSON_H

#include "base/hash.h"
#include "db/db.h"
#include "model/person.h"

/* Adds a person, with a password or none (absent); and stores new settings, which raises the
 * version. Neither writes roles; roles are read together with the account (sql/0012). */
enum err store_person_add(struct db *db, struct op *op, int64_t account_id,
                          const struct person_settings *settings,
                          struct str password_hash) MUST_CHECK;
enum err store_person_change(struct db *db, struct op *op, int64_t account_id,
                             const struct person_settings *settings) MUST_CHECK;

/* Sets the role of an account on a domain, replacing any earlier one there; ROLE_NONE removes
 * it. */
enum err store_grant_set(struct db *db, struct op *op, int64_t account_id, int64_t domain_id,
                         enum role role) MUST_CHECK;

/* The person changes their own password: the record of who set it last stays. */
enum err store_password_set(struct db *db, struct op *op, int64_t account_id,
                            struct str password_hash) MUST_CHECK;

struct account_ids {
    const int64_t *items;
    size_t n;
};

/*
 * Somebody else has set the password, or it is removed (absent): `by` may know it now
 * (model/right.h). All sign-ins of the account end, and so do the reset links for it and created by
 * it. The previous knower of the password may have created links as this person, so passwords set
 * with those become PASSWORD_BY_OTHERS, unless that was the operator or is again `by`; *ret_others
 * are their accounts.
 */
enum err store_password_give(struct db *db, struct op *op, int64_t account_id,
                             struct str password_hash, int64_t by,
                             struct account_ids *ret_others) MUST_CHECK;

/* Ends all sign-ins of an account except the family `kept` (0: none), and its reset link. */
enum err store_sign_ins_end(struct db *db, struct op *op, int64_t account_id,
                            int64_t kept) MUST_CHECK;

/* ---- password reset links ---- */

struct password_reset {
    int64_t account_id;
    int64_t made_by; /* 0: the operator */
    int64_t expires_at;
    struct sha256 hash;
};

/* Stores a link, replacing any earlier one. */
enum err store_password_reset_put(struct db *db, struct op *op,
                                  const struct password_reset *reset) MUST_CHECK;

/* The creator of an account's link; PASSWORD_NONE when it has none. */
enum err store_password_reset_maker(struct db *db, struct op *op, int64_t account_id,
                                    int64_t *ret_made_by) MUST_CHECK;
enum err store_password_reset_drop(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* By the hash of its token. ERR_NOT_FOUND. */
enum err store_password_reset_get(struct db *db, struct op *op, const struct sha256 *hash,
                                  struct password_reset *ret_reset) MUST_CHECK;

/* Deletes expired links. */
enum err store_password_resets_drop(struct db *db, struct op *op, int64_t now) MUST_CHECK;

/* ---- own sign-ins ---- */

struct sign_in {
    int64_t id; /* of the family */
    bool app;   /* a session of the web app; otherwise tokens */
    int64_t created_at, expires_at;
    int64_t used_at;   /* lately: to some ten minutes for a session, to an hour for tokens */
    struct str client; /* the id of the client that it was issued to; absent: none */
    struct str address, agent; /* struct sign_in_from; each may be absent */
};

struct sign_in_list {
    const struct sign_in *items;
    size_t n;
    int64_t next; /* 0 on the last page */
};

/* An account's valid sign-ins with an id below `below`, newest first. Reads at most `limit`,
 * some of which may have ended, so a page can be short and still have a next. */
enum err store_sign_ins(struct db *db, struct op *op, int64_t account_id, int64_t below,
                        int64_t limit, struct sign_in_list *ret_sign_ins) MUST_CHECK;

/* Ends a sign-in. ERR_NOT_FOUND when the account has none with that id. */
enum err store_sign_in_end(struct db *db, struct op *op, int64_t account_id, int64_t id) MUST_CHECK;

#endif
