/*
 * Signing in with a password: the token endpoint and the web app share it, so that both apply the
 * same checks. throttle → look up → hash → verdict. An unknown account, a wrong password, a disabled
 * account and a forbidden grant take the same path and end with the same error. Clients' secrets
 * are checked here too.
 *
 * All of it blocks, and may be called from several threads at once; never on the network thread.
 * What hashes a password belongs on the hash lane (api/dispatch.h), whose few threads bound how
 * much memory and how many processors that takes.
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

/* The caller fills in the first part. */
struct login_attempt {
    struct op *op;
    enum login_way way;
    struct str email;    /* any case */
    struct str password; /* as typed */
    struct str address;  /* the client's, as text; not an address: no network is counted */

    int64_t account_id; /* who has signed in */
    int64_t sign_in;    /* for the tokens of this sign-in: they end with the password */
    int retry_after;    /* seconds, with ERR_THROTTLED */

    struct core_read read; /* from here on the login's own */
    struct change change;
    struct credential credential;
    const struct directory *directory;
    struct str new_hash;
    int64_t kept;
};

/* `passwords` false: people sign in elsewhere, and a password lets in only an admin who has it from the
 * operator, for the day when nothing else works. */
enum err login_create(struct core *core, bool passwords, struct login **ret_login) MUST_CHECK;

/* May the person sign in with a password at all? */
bool login_takes_password(const struct login *login, const struct account *person);

/* No attempt may be in progress. NULL-safe. */
void login_destroy(struct login *login);

/* A sign-in elsewhere costs an exchange with the provider, so who sends wrong answers waits, too: may
 * one from this address be looked at now? And counts a wrong one, which later ones wait for, or a
 * right one. ERR_THROTTLED. */
enum err login_ask_answer(struct login *login, struct op *op, struct str address) MUST_CHECK;
void login_note_right(void);
void login_note_wrong(struct login *login, struct op *op, struct str address);

/* Would an attempt be judged now? Costs no hash, and counts nothing. ERR_THROTTLED after too many
 * failures; ERR_MEMORY. */
enum err login_ask(struct login *login, struct login_attempt *attempt) MUST_CHECK;

/* Judges an attempt, as soon as the throttle admits it. ERR_UNAUTHENTICATED; ERR_THROTTLED; or what
 * the store answered. Slow. */
enum err login_check(struct login *login, struct login_attempt *attempt) MUST_CHECK;

/* Sets a new password, which password.h has checked, for the account of an attempt that was right.
 * All its sign-ins end but the token family `kept` (0: none). ERR_UNAUTHENTICATED if the password
 * has changed since, or the account is disabled. Slow. */
enum err login_set_password(struct login *login, struct login_attempt *attempt,
                            struct str new_password, int64_t kept) MUST_CHECK;

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

    int retry_after;   /* seconds, with ERR_THROTTLED */
    int64_t client_id; /* the client's account */
    struct str scope;  /* what it may do: a list; empty: nothing */
    int64_t secret_id, secret_expires_at;
    bool note_use; /* when the secret was last used has not been noted for an hour */

    struct core_read read; /* the login's own */
};

/* On the read lane `db` is its connection; elsewhere it is NULL. ERR_UNAUTHENTICATED, the same for
 * unknown, wrong, expired and disabled; ERR_THROTTLED; or what the store answered. */
enum err login_check_client(struct login *login, struct db *db,
                            struct client_check *check) MUST_CHECK;

#endif
