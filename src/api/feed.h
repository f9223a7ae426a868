/*
 * The listeners of the change feed, and where their events come from. All listeners of a process share one reader: after a
 * commit it reads the new events once, and keeps the newest in a ring in memory. Each listener goes
 * through the ring at its own pace; one that the ring has overtaken reads the database instead
 * (api/changes.c). So neither their number nor the slowest of them delays anybody else.
 *
 * All of it is the network thread's, but for what says otherwise.
 */
#ifndef BZCTRL_API_FEED_H
#define BZCTRL_API_FEED_H

#include "core/core.h"

struct call;
struct feed;

enum {
    FEED_LISTENERS_MAX = 1000, /* of one account */
};

/* An event in the ring. */
struct feed_item {
    int64_t ordinal, domain_id, seq, workspace_id, source_id; /* as in struct feed_entry */
    struct str action, key;
    bool internal;   /* an internal comment */
    struct str json; /* as it is shown */
};

/* One that waits for events: embedded in what the call keeps. */
struct feed_listener {
    struct call *call;
    int64_t account_id;
    int64_t due; /* clock_ticks(): it is looked at then, whether or not anything has happened */

    struct feed_listener *next, **at; /* the feed's: in the list where it waits; NULL: in none */
    struct feed_listener *account_next, **account_at; /* … and among those of its account */
};

/* `wake` is called from other threads when there is something to do for feed_turn(). ERR_MEMORY. */
enum err feed_create(struct core *core, void (*wake)(void *arg), void *arg,
                     struct feed **ret_feed) MUST_CHECK;
void feed_destroy(struct feed *feed); /* NULL-safe; after core_close() */

/* Enters a listener; call and account_id are set. ERR_BUSY: its account has FEED_LISTENERS_MAX. */
enum err feed_join(struct feed *feed, struct feed_listener *listener) MUST_CHECK;
void feed_leave(struct feed *feed, struct feed_listener *listener);

/* Has it wait until `due`, or for events: call_stream_look() is called then. */
void feed_wait(struct feed *feed, struct feed_listener *listener, int64_t due);

/* The ring: the numbers of its oldest item and of the one that will come next. What a listener
 * finds between them joins on to what it reads from the database after it has taken the second. */
uint64_t feed_first(const struct feed *feed);
uint64_t feed_end(const struct feed *feed);
const struct feed_item *feed_item(const struct feed *feed, uint64_t number);

/* The directory in force, held by the feed until this is called again. */
const struct directory *feed_directory(struct feed *feed);

/* Looks at every listener again, as when the server stops. */
void feed_wake_all(struct feed *feed);

/* Does what is to be done now: a bounded part of it, so that others get their turn. Returns after
 * how many milliseconds it wants to be called again; -1: not before something happens. */
int feed_turn(struct feed *feed);

#endif
