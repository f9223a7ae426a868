/*
 * A client: settings, a connection, a session and an outbox; and the calls to the API, with the
 * sign-in before them and the bounded retries around them.
 */
#ifndef BZCTRL_CLIENT_CLIENT_H
#define BZCTRL_CLIENT_CLIENT_H

#include "client/session.h"

#include <sys/types.h>

struct outbox;

/* Whose fault it may be that the last call brought no answer of bzctrl's. */
enum blame {
    BLAME_SERVER,  /* the whole server's, or the way to it */
    BLAME_FOREIGN, /* an answer that is not bzctrl's: of a filter or a proxy to this request, or of
                    * somebody else to all */
    BLAME_BROKEN,  /* 5xx, or the connection was cut: the server's, or the request breaks something
                    */
};

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
    enum blame blame;   /* of the last call that failed */
    int status;         /* of the answer to it; 0: there was none */
};

/* ERR_MISUSE for NULL and for a client of before fork(). */
enum err client_check(const struct bzctrl *client, struct op *op) MUST_CHECK;

/* The API's address with a path, and whatever is added to `url` then. */
enum err client_url(const struct bzctrl *client, struct op *op, const char *path,
                    struct buf *url) MUST_CHECK;

/* The account's own name, as its records' `source` has it; absent when none is set. */
struct str client_account(const struct bzctrl *client);

/* Calls the API: signs in if need be, once more after a 401, and tries again after faults of the
 * network, 408, 425, 429 and 5xx, with growing, jittered pauses or those that the server asks for,
 * until `deadline` (clock_ticks()). ERR_OK: an answer below 500 that is the server's own. Else
 * ERR_UNAVAILABLE, ERR_THROTTLED, ERR_UNAUTHENTICATED, ERR_SETTINGS, ERR_MEMORY, what became of
 * the request is not known, and client->blame and status say more. `request` needs method, url, and
 * what else it has. */
enum err client_call(struct bzctrl *client, struct op *op, struct http_request *request,
                     int64_t deadline, struct http_answer *ret_answer) MUST_CHECK;

/* The outbox, opened when it is first asked for, also with reports of another account in it. */
enum err client_outbox_any(struct bzctrl *client, struct op *op) MUST_CHECK;

/* The same, to add to it or to send what is in it: ERR_SETTINGS when that is for another account or
 * server. */
enum err client_outbox(struct bzctrl *client, struct op *op) MUST_CHECK;

/* Has what is in the outbox, which was for the server `from`, sent to the server and by the account
 * of the settings. ERR_SETTINGS when it was for another one. */
enum err client_outbox_move(struct bzctrl *client, struct op *op, struct str from) MUST_CHECK;

/* The deadline of a call that begins now. */
int64_t client_deadline(const struct bzctrl *client);

/* The server's clock, milliseconds; asks it when it is not known and must be. */
enum err client_server_time(struct bzctrl *client, struct op *op, int64_t *ret_time) MUST_CHECK;

#endif
