/*
 * The sign-in (RFC 6749): client_credentials for a client, the password grant and its refresh for a
 * person. The token is kept in a file, so that a program need not sign in on every run. Processes
 * that share the file renew it one at a time.
 */
#ifndef BZCTRL_LIB_SESSION_H
#define BZCTRL_LIB_SESSION_H

#include "fetch/fetch.h"
#include "lib/settings.h"

struct client_session {
    struct buf access, refresh;
    int64_t expires_at; /* milliseconds, by our clock */
    bool loaded;        /* the file was read */
};

void session_init(struct client_session *session);
void session_finish(struct client_session *session);

struct session_call {
    struct fetch *fetch;
    const struct fetch_options *options;
    const struct settings *settings;
    struct str token_file; /* absent: the token is not kept */
    int64_t server_time;   /* set by the answer; 0: unknown */
};

/* Makes sure that session->access is a token that may be valid. `again`: the server said that the
 * current token is no longer valid. ERR_UNAUTHENTICATED if the account or secret is refused.
 * Otherwise as fetch_exchange(); ERR_THROTTLED and ERR_UNAVAILABLE set *ret_wait, the pause that the
 * server asks for. ERR_CORRUPT: the answer is not bzctrl's, so an immediate retry is pointless. */
enum err session_renew(struct client_session *session, struct op *op, struct session_call *call,
                       bool again, int64_t *ret_wait) MUST_CHECK;

#endif
