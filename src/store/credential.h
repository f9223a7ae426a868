/*
 * Passwords as they are stored (sql/0001): only their hashes. store/client.h has the clients'
 * secrets.
 */
#ifndef BZCTRL_STORE_CREDENTIAL_H
#define BZCTRL_STORE_CREDENTIAL_H

#include "db/db.h"
#include "model/credential.h"

/* Of a person, by e-mail address in lower case. ERR_NOT_FOUND. */
enum err store_credential_get(struct db *db, struct op *op, struct str email,
                              struct credential *ret_credential) MUST_CHECK;

/* Replaces a password's hash if it is still `before`. */
enum err store_credential_rehash(struct db *db, struct op *op, int64_t account_id,
                                 struct str before, struct str after) MUST_CHECK;

#endif
