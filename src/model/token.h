/*
 * A token as it is stored: everything but the token itself, of which only the SHA-256 is kept.
 */
#ifndef BZCTRL_MODEL_TOKEN_H
#define BZCTRL_MODEL_TOKEN_H

#include "base/hash.h"

enum token_kind { TOKEN_ACCESS = 1, TOKEN_REFRESH, TOKEN_SESSION };

/* Where a sign-in came from, as far as it is known. */
struct sign_in_from {
    struct str address; /* of the client */
    struct str agent;   /* what the browser or program calls itself */
};

/* What comes from one sign-in, and ends together. */
struct token_family {
    int64_t id;
    int64_t account_id;
    int64_t client_id; /* the client's account; 0: none */
    int64_t secret_id; /* the client's secret that it ends with; 0: none */
    struct str scope;  /* the most that its tokens may have: "*" or a list */
    int64_t created_at, expires_at;
    struct sign_in_from from; /* this and the next as they are written only */
    int64_t sign_in;          /* the account's number when it was begun (sql/0011) */
    bool revoked;             /* or ended with the account's number */
    bool account_disabled;    /* as the account is now */
    bool client_ended;        /* the client is disabled now, or the secret is gone */
};

struct token {
    int64_t id;
    enum token_kind kind;
    struct sha256 hash;
    struct token_family family;
    struct str scope;
    int64_t created_at, expires_at;
    int64_t used_at;      /* when a refresh token was first exchanged, or a session last extended;
                             0: never */
    int64_t successor_id; /* the refresh token that it was last exchanged for; 0: none */
    bool revoked;
};

#endif
