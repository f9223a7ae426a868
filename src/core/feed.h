/*
 * The change feed: the events of all chains, as one caller may see them. This is the one place that
 * decides who sees which event; core/feed_cursor.h keeps a reader's place.
 */
#ifndef BZCTRL_CORE_FEED_H
#define BZCTRL_CORE_FEED_H

#include "core/core.h"
#include "core/feed_cursor.h"
#include "model/directory.h"

/* What a reader asks for; an empty list asks for all. It outlives any one directory. */
struct feed_filter {
    struct str_list domains;    /* keys, in capitals: each covers what is below it */
    struct str_list workspaces; /* keys, in capitals */
    struct str_list actions;    /* a last "*" stands for anything */
    const int64_t *sources;     /* accounts */
    size_t source_count;
    bool by_source; /* `sources` counts, even if it is empty */
};

/* May the account see anything of a domain's chain, and is it asked for? */
bool feed_shows_chain(const struct feed_filter *filter, const struct directory *directory,
                      const struct account *account, int64_t domain_id);

/* What decides whether an event of such a chain is shown. */
struct feed_subject {
    int64_t domain_id, workspace_id, source_id; /* as in struct feed_entry */
    struct str action, key;
    bool internal; /* an internal comment: clients do not see it */
};

/* May the account see the event, and is it asked for? Events of records go to those who may read
 * the record, events of stand-ups to the people who may read the domain, events of administration to
 * its managers. */
bool feed_shows(const struct feed_filter *filter, const struct directory *directory,
                const struct account *account, const struct feed_subject *subject);

/* Is the action one of those? None: any is. */
bool feed_action_wanted(struct str_list actions, struct str action);

/* The key of a chain's domain; EVENT_ROOT for the chain of what belongs to none. */
struct str feed_domain_key(const struct directory *directory, int64_t domain_id);

/* The store's key for cursors, FEED_KEY_SIZE bytes. */
const unsigned char *core_feed_key(const struct core *core);

#endif
