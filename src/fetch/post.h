/*
 * Many POSTs at once, by libcurl, to addresses that strangers have chosen. Each is a transfer of its
 * own, so one that hangs takes up no more than its memory and its socket.
 *
 * The guard is asked when a connection is opened, for the address that it goes to, so it does not
 * matter what a name resolved to at another time. Redirects are not followed, and no proxy is taken
 * from the environment.
 *
 * All of it is one thread's, but for poster_wake().
 */
#ifndef BZCTRL_FETCH_POST_H
#define BZCTRL_FETCH_POST_H

#include "base/network.h"
#include "base/op.h"

enum {
    POST_ANSWER_KEPT = 1024,     /* bytes of an answer's body */
    POST_ANSWER_READ = 65536,    /* … after so many the rest is not waited for */
    POST_ANSWER_HEAD = 16384,    /* bytes of its head */
    POST_CONNECT_MS = 5000,      /* until it is connected */
    POST_TIMEOUT_MS = 15000,     /* for all of it */
    POST_RETRY_AFTER_MAX = 86400 /* seconds */
};

struct poster;

struct poster_options {
    const struct networks
        *allow; /* addresses that may be private, and reached without TLS; borrowed */
};

struct post {
    /* The caller's; borrowed until it is finished. */
    const char *url, *const *headers; /* "Name: value", NULL after the last */
    struct str body;
    void *arg;

    /* The result. */
    int status;          /* 0: no answer */
    struct str answer;   /* its beginning, well-formed UTF-8 without NUL */
    int64_t retry_after; /* milliseconds; 0: not given */
    int64_t ms;          /* how long it took */
    const char *error;   /* why there is no answer, or none to rely on; NULL: there is one */

    struct transfer *transfer; /* the poster's */
};

/* ERR_MEMORY. */
enum err poster_create(const struct poster_options *options, struct poster **ret_poster) MUST_CHECK;
void poster_destroy(struct poster *poster); /* NULL-safe; gives up what is under way */

/* Starts one. ERR_MEMORY. */
enum err poster_start(struct poster *poster, struct post *post) MUST_CHECK;

/* Works for so long, or until some are finished or poster_wake() was called. */
void poster_work(struct poster *poster, int64_t ms);
void poster_wake(struct poster *poster); /* from any thread */

/* The next one that is finished; NULL: none. It stays readable until post_drop(), which also gives up
 * one that is not finished. */
struct post *poster_next(struct poster *poster);
void post_drop(struct poster *poster, struct post *post);

#endif
