/*
 * The web app's session: a cookie instead of a bearer token. HttpOnly, SameSite=Strict, and with
 * the prefix __Host- and Secure when the public URL is https (RFC 6265bis section 4.1.3.2).
 * The handlers are POST, GET and DELETE /app/session.
 */
#ifndef BZCTRL_API_SESSION_H
#define BZCTRL_API_SESSION_H

#include "base/err.h"
#include "base/str.h"
#include "http/server.h"

struct call;

/* The answer to a caller whose session is over. */
#define SESSION_ENDED "The session has ended; sign in again."

/* The session's token in the Cookie header; absent when there is none. A cookie that appears
 * twice is ignored. */
struct str session_cookie(const struct call *call);

/* The header that gives a browser the session's cookie; an empty token takes it away. Its value is
 * absent when out of memory. */
struct http_header session_cookie_header(struct call *call, struct str token);

/* The same for any cookie: `name` without the prefix __Host-, which is added where it may be; and what
 * follows the value, such as "; Max-Age=600". */
struct str cookie_read(const struct call *call, const char *name);
struct http_header cookie_header(struct call *call, const char *name, struct str value,
                                 const char *attributes);

/* True if a request that carries the cookie comes from the web app's own pages: Origin equal to
 * the public URL, or, for GET and HEAD, Sec-Fetch-Site: same-origin; and in both cases the
 * header X-Bzctrl-App: 1, which another site's page cannot send without a CORS preflight. On a
 * route of ACCESS_LINK, Sec-Fetch-Site: same-origin suffices. */
bool session_request_allowed(const struct call *call);

/* For signing in, asking who is signed in and the like: the cookie gives another site nothing to
 * gain there, so a weaker check is enough. Refuses a browser that says that the request comes
 * from another site. ERR_ANSWERED (403). */
enum err session_expect_own_page(struct call *call) MUST_CHECK;

/* Signs the account in, whose password or the like has been checked: answers with the person and the
 * cookie. `sign_in` is the account's number at that moment (core/login.h). */
enum err session_open(struct call *call, int64_t account_id, int64_t sign_in) MUST_CHECK;

#endif
