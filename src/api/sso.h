/*
 * A sign-in at the provider of identities, as the browser does it: there with a secret of its own in a
 * cookie, and back with an answer that only fits to this cookie. Nothing of it is stored, so it may
 * come back to another node.
 */
#ifndef BZCTRL_API_SSO_H
#define BZCTRL_API_SSO_H

#include "api/call.h"

/*
 * Begins one: the address where the browser goes, and the cookie that it must bring back. `to` is where
 * in the app it ends, what follows the '#'; anything that cannot be that is dropped. *ret_state is
 * what the provider gives back, if the caller wants to know. Errors as in oidc/provider.h.
 */
enum err sso_begin(struct call *call, bool test, struct str to, struct str *ret_url,
                   struct http_header *ret_cookie, struct str *ret_state) MUST_CHECK;

#endif
