/*
 * Clients as they are stored (sql/0001, sql/0009): the account, its settings, and the hashes of its
 * secrets. The settings are read with the directory, the secrets when they are asked for.
 */
#ifndef BZCTRL_STORE_CLIENT_H
#define BZCTRL_STORE_CLIENT_H

#include "base/hash.h"
#include "db/db.h"
#include "model/client.h"

/* Reads the clients that have changed since version `after` of the directory (-1: all) into `arena`
 * and hangs each on its account; `accounts` is directory->accounts. Domains, workspaces and
 * accounts are read before. */
enum err store_clients_load(struct db *db, struct op *op, struct arena *arena,
                            const struct directory *directory, struct account *accounts,
                            int64_t after) MUST_CHECK;

/* A new one, and new settings of one, whose version is raised. */
enum err store_client_add(struct db *db, struct op *op, int64_t account_id, struct str client_id,
                          const struct client_settings *settings) MUST_CHECK;
enum err store_client_change(struct db *db, struct op *op, int64_t account_id,
                             const struct client_settings *settings) MUST_CHECK;

/* Keeps other nodes from changing the client's secrets until the transaction ends. */
enum err store_client_lock(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

struct client_secret_list {
    const struct client_secret *items;
    size_t n;
};

/* The secrets of a client, newest first, those that have expired too. */
enum err store_client_secrets(struct db *db, struct op *op, int64_t account_id,
                              struct client_secret_list *ret_secrets) MUST_CHECK;

enum err store_client_secret_add(struct db *db, struct op *op, int64_t account_id,
                                 const struct client_secret *secret,
                                 const struct sha256 *hash) MUST_CHECK;

/* Deletes one: whatever was got with it ends in the same moment. */
enum err store_client_secret_drop(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* Deletes those of a client that have expired. */
enum err store_client_secrets_expire(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* Notes that one is used now. */
enum err store_client_secret_used(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* What a client proves itself with. */
struct client_proof {
    int64_t secret_id;
    struct sha256 hash;
    int64_t expires_at, used_at; /* TIME_NONE: never */
};

struct client_credential {
    int64_t account_id; /* 0: there is no such client */
    bool disabled;
    struct str scope; /* a list; empty: none */
    const struct client_proof *proofs;
    size_t proof_count;
};

/* By client id. No such client is no error. */
enum err store_client_credential_get(struct db *db, struct op *op, struct str client_id,
                                     struct client_credential *ret_credential) MUST_CHECK;

#endif
