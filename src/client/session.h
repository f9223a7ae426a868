/*
 * The sign-in (RFC 6749): client_credentials for a client, the password grant and its refresh for a
 * person. The token is remembered in a file, so that each run of a program need not sign in; the
 * processes that share the file renew it one at a time.
 */
#ifndef BZCTRL_CLIENT_SESSION_H
#define BZCTRL_CLIENT_SESSION_H

#include "client/http.h"
#include "client/settings.h"

struct session {
    struct buf access, refresh;
    int64_t expires_at; /* milliseconds, by our own clock */
    bool loaded;        /* the file was looked at */
};

void session_init(struct session *session);
void session_finish(struct session *session);

struct session_call {
    struct http *http;
    const struct http_options *options;
    const struct settings *settings;
    struct str token_file; /* absent: nothing is remembered */
    int64_t server_time;   /* set by the answer; 0: unknown */
};

/* Sees to it that session->access is a token that may be good. `again`: what is there is not good
 * any more, the server said so. ERR_UNAUTHENTICATED when account or secret are refused; else as
 * http_exchange(), ERR_THROTTLED and ERR_UNAVAILABLE with *ret_wait, the pause that the server asks
 * for; ERR_CORRUPT when the answer is not bzctrl's, so that to ask again at once is pointless. */
enum err session_renew(struct session *session, struct op *op, struct session_call *call,
                       bool again, int64_t *ret_wait) MUST_CHECK;

#endif
