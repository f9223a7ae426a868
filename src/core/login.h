/*
 * Signing in with a password: the token endpoint and the web app share it, so that both apply the
 * same checks. throttle → look up → hash (on its own lane of at most two threads) → verdict. An
 * unknown account, a wrong password, a disabled account and a forbidden grant take the same path
 * and end with the same error. Clients' secrets are checked here too.
 *
 * Belongs to the network thread; `done` is called from the mailbox's, which is the same.
 */
#ifndef BZCTRL_CORE_LOGIN_H
#define BZCTRL_CORE_LOGIN_H

#include "core/change.h"
#include "core/throttle.h"
#include "model/credential.h"

struct login;

enum login_way {
    LOGIN_GRANT, /* the password grant of the token endpoint, which an account may lack */
    LOGIN_APP,   /* the web app */
};

struct login_attempt {
    /* The caller's; all of it must live until `done`. */
    struct op *op;
    enum login_way way;
    struct str email;        /* any case */
    struct str password;     /* as typed */
    struct str address;      /* the client's, as text; not an address: no network is counted */
    struct str new_password; /* to set if `password` is right; absent: none. See password.h */
    int64_t kept;            /* the token family that survives a new password; 0: none */
    void (*done)(struct login_attempt *attempt);
    void *user;

    /* The outcome: ERR_OK; ERR_UNAUTHENTICATED; ERR_THROTTLED with retry_after in seconds (too many
     * failures, or the hash lane is full); or what the store answered. */
    enum err err;
    int64_t account_id;
    int64_t sign_in; /* for the tokens of this sign-in: they end with the password */
    int retry_after;

    struct login *login; /* from here on the login's own */
    struct login_attempt *next;
    struct throttle_key key;
    struct throttle_ticket ticket;
    struct core_read read;
    struct lane_job job;
    struct change change;
    struct credential credential;
    enum err verified;
    struct str new_hash;
};

/* Starts the hash lane: two threads, one on a machine with a single processor. */
enum err login_create(struct core *core, struct mailbox *mailbox,
                      struct login **ret_login) MUST_CHECK;

/* Waits until everything the lane has accepted is hashed and in the mailbox. */
void login_flush(struct login *login);

/* Stops the lane. No attempt may be in progress. NULL-safe. */
void login_destroy(struct login *login);

/* Starts an attempt. `done` is called exactly once, possibly before this returns. */
void login_start(struct login *login, struct login_attempt *attempt);

/* Hashes a password on the hash lane and waits for the result: never on the network thread. The
 * hash is in op->arena. ERR_BUSY when the lane is full; ERR_MEMORY. */
enum err login_hash(struct login *login, struct op *op, struct str password,
                    struct str *ret_hash) MUST_CHECK;

/*
 * A client's own credentials (RFC 6749 section 2.3). A secret is 256 random bits, so storing its
 * SHA-256 is enough, and nobody can guess it. A caller with the right secret is always let in,
 * however many failed attempts others made in the client's name; only failures are delayed.
 */
struct client_check {
    struct op *op;
    struct str id;      /* the client id as sent */
    struct str secret;  /* absent: none was sent, which is an error */
    struct str address; /* as of a login_attempt */
    void (*done)(struct client_check *check);
    void *user;

    /* ERR_OK; ERR_UNAUTHENTICATED, the same for unknown, wrong, expired and disabled; ERR_THROTTLED
     * with retry_after in seconds; or what the store answered. */
    enum err err;
    int retry_after;
    int64_t client_id; /* the client's account */
    struct str scope;  /* what it may do: a list; empty: nothing */
    int64_t secret_id, secret_expires_at;
    bool note_use; /* when the secret was last used has not been noted for an hour */

    struct login *login; /* from here on the login's own */
    struct core_read read;
};
void client_check_start(struct login *login, struct client_check *check);

#endif
