/*
 * The directory as it is stored (sql/0001_directory.sql). It is read whole; what is written is a
 * row at a time, by core/account.c, who also raises the version.
 */
#ifndef BZCTRL_STORE_DIRECTORY_H
#define BZCTRL_STORE_DIRECTORY_H

#include "db/db.h"
#include "model/directory.h"

/* Reads the directory into `arena`; op->arena holds only what is needed meanwhile. Each workspace
 * gets a time zone, which store_directory_finish() gives back. ERR_CORRUPT when a row makes no
 * sense, ERR_UNAVAILABLE when the system does not know a time zone. */
enum err store_directory_load(struct db *db, struct op *op, struct arena *arena,
                              struct directory *ret_directory) MUST_CHECK;
void store_directory_finish(struct directory *directory);

enum err store_directory_version(struct db *db, struct op *op, int64_t *ret_version) MUST_CHECK;
enum err store_directory_raise(struct db *db, struct op *op, int64_t *ret_version) MUST_CHECK;

/* The greatest id in the directory and of a token, 0 if there is none; for id_seen() at the start.
 */
enum err store_directory_greatest_id(struct db *db, struct op *op, int64_t *ret_id) MUST_CHECK;

/* Ids by name as the transaction sees them; 0 when there is none. Keys are in capitals, e-mail
 * addresses in lower case. */
enum err store_domain_id(struct db *db, struct op *op, struct str key, int64_t *ret_id) MUST_CHECK;
enum err store_workspace_id(struct db *db, struct op *op, struct str key,
                            int64_t *ret_id) MUST_CHECK;
enum err store_account_id(struct db *db, struct op *op, struct str email, int64_t *ret_id,
                          enum account_kind *ret_kind) MUST_CHECK;

enum err store_domain_add(struct db *db, struct op *op, int64_t id, struct str key) MUST_CHECK;

struct workspace_row {
    int64_t id, domain_id;
    struct str key, name, zone;
};
enum err store_workspace_add(struct db *db, struct op *op,
                             const struct workspace_row *row) MUST_CHECK;

/* A person, who may get tokens with the password. */
struct person_row {
    int64_t id;
    struct str email;
    struct str name, password_hash; /* may be absent */
    bool admin;
};
enum err store_person_add(struct db *db, struct op *op, const struct person_row *row) MUST_CHECK;

/* Changes what is given: name and password_hash if there, admin if true. */
enum err store_person_change(struct db *db, struct op *op, const struct person_row *row) MUST_CHECK;

/* Gives an account a role on a domain, in place of one that it held there. */
enum err store_grant_set(struct db *db, struct op *op, int64_t account_id, int64_t domain_id,
                         enum role role) MUST_CHECK;

#endif
