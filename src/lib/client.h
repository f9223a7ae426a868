/*
 * A client: settings, a connection, a session and an outbox. It calls the API, signs in before a
 * call and retries it within bounds.
 */
#ifndef BZCTRL_LIB_CLIENT_H
#define BZCTRL_LIB_CLIENT_H

#include "lib/session.h"

#include <signal.h>
#include <sys/types.h>

struct outbox;

/* Who may be at fault if the last call got no answer from bzctrl. */
enum blame {
    BLAME_SERVER,  /* the server as a whole, or the network */
    BLAME_FOREIGN, /* the answer is not bzctrl's: a filter or proxy answered this request, or
                    * another server answers all of them */
    BLAME_BROKEN,  /* 5xx, or the connection was cut: the server, or a request that it fails on */
};

struct bzctrl {
    struct settings settings;
    struct client_session session;
    struct fetch *fetch;
    struct outbox *outbox; /* NULL: not open yet */
    char *profile;         /* NULL: not from a file */
    pid_t pid;             /* the process that it belongs to */
    /* The server's clock in the last answer, and clock_ticks() at that moment: our own wall clock
     * may be wrong or be changed. 0: no answer yet. */
    int64_t server_time, server_ticks;
    int64_t asked_wait; /* the pause that the last answer asked for, milliseconds; 0: none */
    enum blame blame;   /* of the last call that failed */
    int status;         /* of its answer; 0: there was none */
    volatile sig_atomic_t cancelled; /* by bzctrl_cancel() */
};

/* ERR_MISUSE for NULL and for a client that was opened before fork(). */
enum err client_check(const struct bzctrl *client, struct op *op) MUST_CHECK;

/* Writes the address of an API path to `url`; the caller may append to it. */
enum err client_url(const struct bzctrl *client, struct op *op, const char *path,
                    struct buf *url) MUST_CHECK;

/* The account's name, as in the `source` of its records; absent if none is set. */
struct str client_account(const struct bzctrl *client);

/* Calls the API. Signs in if necessary, and again once after a 401. Retries after network errors,
 * 408, 425, 429 and 5xx, with growing, jittered pauses or those that the server asks for, until
 * `deadline` (clock_ticks()). ERR_OK: an answer below 500 that comes from the server itself, also
 * that a record was moved. After
 * ERR_UNAVAILABLE, ERR_THROTTLED, ERR_UNAUTHENTICATED, ERR_SETTINGS or ERR_MEMORY the fate of the
 * request is unknown; client->blame and client->status say more. `request` needs method and url. */
enum err client_call(struct bzctrl *client, struct op *op, struct fetch_request *request,
                     int64_t deadline, struct fetch_answer *ret_answer) MUST_CHECK;

/* The file of the outbox. */
enum err client_outbox_file(const struct bzctrl *client, struct op *op,
                            struct str *ret_file) MUST_CHECK;

/* Whose reports an outbox has, as text: server and account. ERR_SETTINGS. */
enum err client_owner(const struct bzctrl *client, struct op *op, struct str *ret_owner) MUST_CHECK;

/* Where a record is that was moved (308): "KEY", or "KEY/events?…", of this server. Absent for any
 * other answer, and for a redirect to the same record, which is some proxy's. */
struct str client_moved_to(const struct fetch_request *request, const struct fetch_answer *answer);

/* Opens the outbox on first use, even if it has reports of another account. */
enum err client_outbox_any(struct bzctrl *client, struct op *op) MUST_CHECK;

/* The same, for adding to it or sending from it: ERR_SETTINGS if its reports are for another
 * account or server. */
enum err client_outbox(struct bzctrl *client, struct op *op) MUST_CHECK;

/* Assigns the reports in the outbox, which were for the server `from`, to the server and account of
 * the settings. ERR_SETTINGS if they are for another server. */
enum err client_outbox_move(struct bzctrl *client, struct op *op, struct str from) MUST_CHECK;

/* The deadline of a call that begins now. */
int64_t client_deadline(const struct bzctrl *client);

/* The server's clock, milliseconds; asks the server if it is not known. */
enum err client_server_time(struct bzctrl *client, struct op *op, int64_t *ret_time) MUST_CHECK;

#endif
