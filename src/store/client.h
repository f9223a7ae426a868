/*
 * Clients as they are stored (sql/0001, sql/0009): the account, its settings, and the hashes of its
 * secrets. The settings are read with the directory, the secrets on demand.
 */
#ifndef BZCTRL_STORE_CLIENT_H
#define BZCTRL_STORE_CLIENT_H

#include "base/hash.h"
#include "db/db.h"
#include "model/client.h"

/* Reads the clients that have changed since version `after` of the directory (-1: all) into
 * `arena` and attaches each to its account; `accounts` is directory->accounts. Read domains,
 * workspaces and accounts first. */
enum err store_clients_load(struct db *db, struct op *op, struct arena *arena,
                            const struct directory *directory, struct account *accounts,
                            int64_t after) MUST_CHECK;

/* Adds a client; and stores new settings, which raises the version. */
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

/* The secrets of a client, newest first, including expired ones. */
enum err store_client_secrets(struct db *db, struct op *op, int64_t account_id,
                              struct client_secret_list *ret_secrets) MUST_CHECK;

enum err store_client_secret_add(struct db *db, struct op *op, int64_t account_id,
                                 const struct client_secret *secret,
                                 const struct sha256 *hash) MUST_CHECK;

/* Deletes a secret; all tokens issued for it end at the same moment. */
enum err store_client_secret_drop(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* Deletes a client's expired secrets. */
enum err store_client_secrets_expire(struct db *db, struct op *op, int64_t account_id) MUST_CHECK;

/* Records that a secret is being used now. */
enum err store_client_secret_used(struct db *db, struct op *op, int64_t id) MUST_CHECK;

/* What authenticates a client. */
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

/* By client id. An unknown client is not an error. */
enum err store_client_credential_get(struct db *db, struct op *op, struct str client_id,
                                     struct client_credential *ret_credential) MUST_CHECK;

#endif
