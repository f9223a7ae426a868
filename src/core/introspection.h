/*
 * Introspection (RFC 7662): what a token allows. A client can introspect access tokens issued to it
 * or through it. Any other text is "not active", and so is a refresh token, which only the token
 * endpoint accepts and nobody else should have seen.
 */
#ifndef BZCTRL_CORE_INTROSPECTION_H
#define BZCTRL_CORE_INTROSPECTION_H

#include "core/token.h"

struct db;

/* `client_id` is the authenticated client's account. `ret_token` is filled in when the token is
 * active. */
enum err introspect(struct db *db, struct op *op, struct str presented, int64_t client_id,
                    bool *ret_active, struct token *ret_token) MUST_CHECK;

#endif
