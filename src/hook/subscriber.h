/*
 * The webhooks in memory, and what each takes from the feed. Events are read once for all who are
 * there; those who lag get a bounded part of theirs in each turn.
 */
#ifndef BZCTRL_HOOK_SUBSCRIBER_H
#define BZCTRL_HOOK_SUBSCRIBER_H

#include "base/seal.h"
#include "core/feed_cursor.h"
#include "core/webhook.h"
#include "hook/message.h"
#include "hook/queue.h"

struct subscriber {
    struct webhook webhook;
    struct str secrets[2]; /* opened: the one in force and, until it expires, the one before */
    size_t secret_count;   /* 0: they were sealed with another key */
    struct feed_positions at, written; /* how far it is, and of that what is in the store */
    int64_t passed;                    /* events since its positions were written */
    struct hook_queue queue;
    bool busy;          /* an attempt is under way */
    int64_t not_before; /* the receiver has asked for a pause */
};

/* Those who listen to a chain, by their places among all. */
struct audience {
    uint32_t *items;
    size_t n;
};

struct subscribers {
    struct arena arena;
    struct subscriber *items; /* by id */
    size_t n;
    size_t opened;    /* whose secrets could be opened */
    int64_t revision; /* that they were read at; -1: they were not */

    struct arena chains;
    struct audience *audiences; /* of each chain, by its ordinal … */
    size_t chain_count;
    int64_t directory_version; /* … by this directory; -1: by none */
};

/* `max` bytes at most of each kind; finish it in any case. */
void subscribers_init(struct subscribers *all, size_t max);
void subscribers_finish(struct subscribers *all);

/* Reads all of them; or the queue of one again. */
enum err subscribers_read(struct subscribers *all, struct db *db, struct op *op,
                          const struct directory *directory, const struct seal_key *key,
                          int64_t revision) MUST_CHECK;
enum err subscriber_refill(struct subscriber *one, struct db *db, struct op *op) MUST_CHECK;

/* NULL: there is none. */
struct subscriber *subscriber_find(const struct subscribers *all, int64_t id);

/* Events for those who want some, as deliveries to be written with the positions after them. */
struct taking {
    struct delivery *added;
    size_t added_count;
    struct webhook_position *positions;
    size_t position_count;
    size_t bytes; /* of the bodies */
    bool more;    /* there was no room for everything */
};
enum { TAKING_MAX = 2048, TAKING_BYTES = 8 * 1024 * 1024 };

enum err subscribers_take(struct subscribers *all, const struct message_source *source,
                          struct op *op, struct taking *ret_taking) MUST_CHECK;

#endif
