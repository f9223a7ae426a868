/*
 * Sessions that a provider of single sign-on confirms from time to time, and tests of it (sql/0033).
 */
#ifndef BZCTRL_STORE_PROVIDER_SESSION_H
#define BZCTRL_STORE_PROVIDER_SESSION_H

#include "base/hash.h"
#include "db/db.h"

struct provider_session {
    int64_t family_id; /* of its tokens (core/token.h) */
    struct str issuer, subject;
    struct str refresh; /* sealed (oidc/provider.h); absent: none */
    int64_t checked_at, due_at;
};

enum err store_provider_session_add(struct db *db, struct op *op,
                                    const struct provider_session *session) MUST_CHECK;

/* Did a provider begin this sign-in? */
enum err store_provider_session_is(struct db *db, struct op *op, int64_t family_id,
                                   bool *ret_is) MUST_CHECK;

/* The one that has been due for longest, which is put off until `until`, so that no other node takes
 * it too; those that have ended are dropped. ERR_NOT_FOUND: none is due. */
enum err store_provider_session_claim(struct db *db, struct op *op, int64_t until,
                                      struct provider_session *ret_session) MUST_CHECK;

/* Notes that it was confirmed: the token for the next time, and when that is. */
enum err store_provider_session_confirm(struct db *db, struct op *op,
                                        const struct provider_session *session) MUST_CHECK;

enum err store_provider_session_drop(struct db *db, struct op *op, int64_t family_id) MUST_CHECK;

/* ---- tests ---- */

/* Begins a test by an admin; `state` is the hash of what the browser must bring back. */
enum err store_sign_in_test_put(struct db *db, struct op *op, int64_t account_id,
                                const struct sha256 *state, int64_t expires_at) MUST_CHECK;

/* Keeps the result of a test that has none yet and has not expired. ERR_NOT_FOUND. */
enum err store_sign_in_test_end(struct db *db, struct op *op, const struct sha256 *state,
                                struct str result) MUST_CHECK;

/* The result of an admin's newest test, absent while there is none. ERR_NOT_FOUND: no test. */
enum err store_sign_in_test_get(struct db *db, struct op *op, int64_t account_id,
                                struct str *ret_result) MUST_CHECK;

#endif
