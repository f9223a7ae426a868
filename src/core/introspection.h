/*
 * Introspection (RFC 7662): what a token allows. A client can introspect access tokens issued to it
 * or through it. Any other text is "not active", and so is a refresh token, which only the token
 * endpoint accepts and nobody else should have seen.
 */
#ifndef BZCTRL_CORE_INTROSPECTION_H
#define BZCTRL_CORE_INTROSPECTION_H

#include "core/token.h"

/* The caller fills in the first part. */
struct introspection {
    struct op *op;
    struct str presented;
    int64_t client_id; /* the authenticated client */
    void (*done)(struct introspection *introspection);
    void *user;

    enum err err; /* ERR_OK, or what the store answered */
    bool active;
    struct token token; /* when active */
    struct core_read read;
};

/* `done` is called exactly once, possibly before this returns. */
void introspection_start(struct core *core, struct introspection *introspection);

#endif
