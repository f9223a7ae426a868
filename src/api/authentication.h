/*
 * Finds out who calls: the step before the handler of every route with ACCESS_TOKEN.
 */
#ifndef BZCTRL_API_AUTHENTICATION_H
#define BZCTRL_API_AUTHENTICATION_H

#include "base/err.h"
#include "base/str.h"
#include "model/token.h"

struct call;
struct login_attempt;

/*
 * Finds out who calls, and calls `next` with call->grant and call->caller filled in; or answers
 * itself (RFC 6750 section 3): 401 without an error code when no credentials were sent, 400
 * invalid_request, 401 invalid_token, 403 insufficient_scope. A token is accepted only in the
 * header. The web app's cookie is used when there is no such header, and only if
 * session_request_allowed() (api/session.h); otherwise the answer is 403. `next` is called at once
 * when the token is in the cache.
 */
void call_authenticate(struct call *call, void (*next)(struct call *call));

/* Checks the token of an authenticated call again, by the directory that is in force now: for an
 * answer that lasts. call->directory and call->caller are then of that one. `done` gets ERR_OK while
 * the caller may still do what the route asks for, and is maybe called before this returns.
 * ERR_MEMORY: it will not be. */
enum err call_authenticate_again(struct call *call,
                                 void (*done)(struct call *call, enum err err)) MUST_CHECK;

/* Answers 401 or 403 as in RFC 6750 section 3: with WWW-Authenticate, its `error` (absent: no
 * credentials were sent) and problem+json. `scope` is what the route requires; absent: none.
 * `detail` is a literal. Always returns ERR_ANSWERED, like the next function. */
enum err call_challenge(struct call *call, int status, struct str error, struct str scope,
                        const char *detail);

/* Whether the caller has an account that is not disabled, by the directory that the call has now;
 * else ERR_ANSWERED: 401, in the words for a token or for a cookie. */
enum err call_expect_caller(struct call *call) MUST_CHECK;

/* Checks a password for a handler of RUNS_CALL; errors as of login_check() (core/login.h). That is
 * done on the hash lane. On the call lane, if the throttle lets the attempt get that far, this
 * returns ERR_ELSEWHERE: the handler returns it too, and is then run again from its top, there. */
enum err call_check_password(struct call *call, struct login_attempt *attempt) MUST_CHECK;

/* Where somebody who signs in with this call is; texts in the arena, bounded and of plain ASCII. */
struct sign_in_from call_sign_in_from(struct call *call);

/* Answers 429 after too many password attempts; `retry_after` in seconds. */
enum err call_throttle(struct call *call, int retry_after);

#endif
