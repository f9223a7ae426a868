/*
 * A client: settings, a connection, a session and an outbox; and the calls to the API, with the
 * sign-in before them and the bounded retries around them.
 */
#ifndef BZCTRL_CLIENT_CLIENT_H
#define BZCTRL_CLIENT_CLIENT_H

#include "client/session.h"

#include <sys/types.h>

struct outbox;

struct bzctrl {
    struct settings settings;
    struct session session;
    struct http *http;
    struct outbox *outbox; /* NULL: not open yet */
    char *profile;         /* NULL: of no file */
    pid_t pid;             /* of the process that it belongs to */
    /* The server's clock as the last answer told it, and clock_ticks() then: our own wall clock may
     * be wrong, or be set meanwhile. 0: no answer yet. */
    int64_t server_time, server_ticks;
    int64_t asked_wait; /* the pause that the last answer asked for, milliseconds; 0: none */
};

/* ERR_MISUSE for NULL and for a client of before fork(). */
enum err client_check(const struct bzctrl *client, struct op *op) MUST_CHECK;

/* The file that a setting names, or `name`, the standard one, in the state folder. */
enum err client_file(const struct bzctrl *client, struct op *op, enum setting setting,
                     const char *suffix, struct str *ret_file) MUST_CHECK;

/* The API's address with a path, and whatever is added to `url` then. */
enum err client_url(const struct bzctrl *client, struct op *op, const char *path,
                    struct buf *url) MUST_CHECK;

/* The account's own name, as its records' `source` has it; absent when none is set. */
struct str client_account(const struct bzctrl *client);

/* Calls the API: signs in if need be, once more after a 401, and tries again after faults of the
 * network, 408, 425, 429 and 5xx, with growing, jittered pauses or those that the server asks for,
 * until `deadline` (clock_ticks()). ERR_OK: an answer below 500 that is the server's own. Else
 * ERR_UNAVAILABLE, ERR_THROTTLED, ERR_UNAUTHENTICATED, ERR_SETTINGS, ERR_MEMORY, and what became of
 * the request is not known. `request` needs method, url, and what else it has. */
enum err client_call(struct bzctrl *client, struct op *op, struct http_request *request,
                     int64_t deadline, struct http_answer *ret_answer) MUST_CHECK;

/* The outbox, opened when it is first asked for. */
enum err client_outbox(struct bzctrl *client, struct op *op) MUST_CHECK;

/* The deadline of a call that begins now. */
int64_t client_deadline(const struct bzctrl *client);

/* The server's clock, milliseconds; asks it when it is not known and must be. */
enum err client_server_time(struct bzctrl *client, struct op *op, int64_t *ret_time) MUST_CHECK;

#endif
