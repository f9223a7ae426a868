/*
 * A provider of identities: the client's side of OpenID Connect Core 1.0, with discovery, the
 * authorization code flow, PKCE (RFC 7636), the issuer in the answer (RFC 9207) and refresh tokens.
 * Its address is a setting; every other address comes from its own description, and is used only if
 * nobody on the way can read what is sent there (url_is_private()).
 *
 * Whatever asks the provider blocks, for 10 s at most each time it asks, so never on the network
 * thread; provider_stop() breaks it off. All may be called from several threads at once.
 *
 * Errors: ERR_UNAVAILABLE: the provider does not answer as it should, maybe later; ERR_UNAUTHENTICATED:
 * it refuses (invalid_grant); ERR_INVALID: its answer breaks a rule; op->detail has the reason, for
 * the log. ERR_MEMORY.
 */
#ifndef BZCTRL_OIDC_PROVIDER_H
#define BZCTRL_OIDC_PROVIDER_H

#include "model/identity.h"

struct provider;

struct provider_options {
    struct str issuer, client_id, client_secret;
    struct str scopes;         /* "openid email profile" */
    struct str groups_claim;   /* "groups"; a dot leads into an object */
    struct str verified_claim; /* "email_verified" */
    struct str ca_file;        /* empty: the system's */
};

/* The options' texts are copied. */
enum err provider_create(const struct provider_options *options,
                         struct provider **ret_provider) MUST_CHECK;
void provider_destroy(struct provider *provider);

/* The server is about to stop: who answers within a second or two is heard, and after that nothing is waited for. An
 * answer that is thrown away could be the only one: codes and refresh tokens are valid once. */
void provider_stop(struct provider *provider);

/* Is that time over? Then the provider may not be to blame for ERR_UNAVAILABLE. */
bool provider_stopped(const struct provider *provider);

struct str provider_issuer(const struct provider *provider);

/* One sign-in: what goes to the provider, and must come back. */
struct provider_sign_in {
    struct str redirect_uri, state, nonce;
    struct str verifier; /* of PKCE; goes to the provider's token endpoint alone */
    struct str code;     /* that came back; this and the next */
    struct str issuer;   /* absent: none came back */
};

/* Where the browser goes to begin it. */
enum err provider_authorize(struct provider *provider, struct op *op,
                            const struct provider_sign_in *sign_in, struct str *ret_url) MUST_CHECK;

/* Where the browser goes to sign out there, and then back to `home`; absent when there is none. */
enum err provider_end_session(struct provider *provider, struct op *op, struct str home,
                              struct str *ret_url) MUST_CHECK;

struct provider_answer {
    struct identity identity;
    struct str refresh_token;    /* absent: none */
    struct str claims, userinfo; /* JSON as it came; absent: none */
};

/* Exchanges the code. */
enum err provider_exchange(struct provider *provider, struct op *op,
                           const struct provider_sign_in *sign_in,
                           struct provider_answer *ret_answer) MUST_CHECK;

/* Asks again who that is, and which groups they are in now. Where it fails after the provider has sent a refresh token,
 * *ret_answer has that one alone: the one before may be used up. */
enum err provider_refresh(struct provider *provider, struct op *op, struct str refresh_token,
                          struct str subject, struct provider_answer *ret_answer) MUST_CHECK;

/* Refresh tokens at rest: sealed by a key made of the client's secret, without which they are
 * worthless at the provider too. ERR_INVALID: it was sealed by another secret. */
enum err provider_seal(const struct provider *provider, struct op *op, struct str text,
                       struct str *ret_sealed) MUST_CHECK;
enum err provider_unseal(const struct provider *provider, struct op *op, struct str sealed,
                         struct str *ret_text) MUST_CHECK;

#endif
