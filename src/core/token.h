/*
 * Tokens authenticate callers. A token is opaque: a prefix (bzat_ for access, bzrt_ for refresh,
 * bzst_ for a session of the web app), 256 random bits, and a checksum, so that a token in a log or
 * a repository can be recognised. Only its SHA-256 is stored.
 *
 * All tokens that come from one sign-in are a family. It ends after 30 days, when it is revoked, or
 * when a refresh token is used a second time, because then somebody else has it too. But a client may
 * have lost the answer to its refresh: within 30 s, and while the new refresh token is unused, the old
 * one gets another successor and the unused one is revoked.
 */
#ifndef BZCTRL_CORE_TOKEN_H
#define BZCTRL_CORE_TOKEN_H

#include "core/change.h"
#include "core/token_text.h"
#include "model/token.h"

struct tokens;
struct provider_session;

enum { TOKEN_ACCESS_SECONDS = 3600 };

/* What a valid token grants. */
struct token_grant {
    int64_t account_id;
    struct str scope;   /* "*" or a space-separated list */
    int64_t expires_at; /* milliseconds */
    int64_t token_id, family_id;
    int64_t client_id; /* the client that it was issued to; 0: none */
};

/* True if `text` has the form and the checksum of a token of that kind. Looks nothing up. */
bool token_looks_valid(struct str text, enum token_kind kind);

/* True if a stored token is valid now. */
bool token_alive(const struct token *token, int64_t now);

/* Creates the cache of checked tokens: at most 4,096, for at most 5 s, and none checked before
 * the last change of the directory. */
enum err tokens_create(struct core *core, struct tokens **ret_tokens) MUST_CHECK;
void tokens_destroy(struct tokens *tokens);

/* The check of an access or session token. ERR_OK and `grant`, ERR_UNAUTHENTICATED, or what the
 * store answered. The caller fills in the first four. */
struct token_check {
    struct op *op;
    int64_t directory_version; /* of the directory that the caller uses */
    void (*done)(struct token_check *check);
    void *user;
    enum err err;
    struct token_grant grant;

    struct tokens *tokens; /* from here on the tokens' own */
    struct core_read read;
    struct token token;
    uint64_t generation;
};

/* Checks a token. `done` is called exactly once, before this returns if the cache has the token
 * or the text cannot be valid. Network thread. */
void token_check(struct tokens *tokens, struct token_check *check, enum token_kind kind,
                 struct str text);

/* The same in the caller's read transaction: returns the outcome, and needs no `done`. */
enum err token_check_by(struct tokens *tokens, struct db *db, struct token_check *check,
                        enum token_kind kind, struct str text) MUST_CHECK;

/*
 * A change of tokens, on the write lane. The caller fills in the first part as each function below
 * says. They block until the change is stored, so never on the network thread. ERR_UNAUTHENTICATED:
 * no valid token (invalid_grant); ERR_FORBIDDEN: more scope than allowed (invalid_scope); or what
 * the store answered.
 */
struct token_change {
    struct op *op;
    struct str presented; /* the token that was sent */
    int64_t account_id;
    int64_t sign_in;   /* of the account, as it was when the password was checked */
    int64_t client_id; /* the authenticated client; 0: none */
    struct sign_in_from from;
    struct str scope; /* requested: "*" or a list; absent: everything allowed */
    struct str most;  /* the scope that the client may have; this and the next: of a client */
    int64_t secret_id, secret_expires_at; /* the secret that authenticated it */
    bool note_use;                        /* of the secret */
    struct provider_session *provider;    /* who confirms the session (sql/0033); NULL: nobody */
    enum { TOKENS_KEPT, TOKEN_ENDED, FAMILY_ENDED } ended; /* the tokens' own */
    struct str access, refresh, session;                   /* the new tokens' texts, in op->arena */
    struct str granted;                                    /* the scope of the new access token */
    int64_t token_id;                                      /* of the new access or session token */
    int64_t expires_in;                                    /* its seconds */
    struct change change;                                  /* from here on the tokens' own */
    struct token made[2];
    size_t made_count;
    struct token found; /* presented */
};

/* Issues an access and a refresh token, a new family, to account_id, client_id, scope. */
enum err token_issue(struct tokens *tokens, struct token_change *change) MUST_CHECK;

/* Issues an access token alone, to a client (account_id and client_id) itself: it ends, at the
 * latest, with the secret. */
enum err token_issue_client(struct tokens *tokens, struct token_change *change) MUST_CHECK;

/* Exchanges a refresh token (`presented`, client_id, scope) for a new pair (RFC 6749 section 6). */
enum err token_refresh(struct tokens *tokens, struct token_change *change) MUST_CHECK;

/* Opens a session of the web app for account_id: idle 12 hours, at most 30 days. */
enum err token_open_session(struct tokens *tokens, struct token_change *change) MUST_CHECK;

/* Revokes `presented` of any kind (RFC 7009): an access token alone, any other with its family.
 * ERR_OK even if there is no such token; ERR_UNAUTHENTICATED when it is another client's. */
enum err token_revoke(struct tokens *tokens, struct token_change *change) MUST_CHECK;

/* Ends one of the account's own sign-ins (ERR_NOT_FOUND); or all but `kept`, and its reset link. */
enum err token_end_sign_in(struct tokens *tokens, struct op *op, int64_t account_id,
                           int64_t family_id) MUST_CHECK;
enum err token_end_others(struct tokens *tokens, struct op *op, int64_t account_id,
                          int64_t kept) MUST_CHECK;

#endif
