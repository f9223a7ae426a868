#include "api/feed.h"

#include "api/stream.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/container.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/sorted.h"
#include "core/commits.h"
#include "core/feed.h"
#include "model/comment.h"
#include "model/event_json.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    RING_ITEMS = 4096, /* a power of two */
    RING_BYTES = 16 * 1024 * 1024,
    READ_EVENTS = 64,             /* of one chain in one reading */
    READ_BYTES = 8 * 1024 * 1024, /* a reading ends with the first event that reaches it */
    READ_ARENA = 512 * 1024 * 1024,
    READ_GAP_MS = 10, /* at least, from the beginning of one reading to the next */
    POLL_MS = 250,    /* how often other nodes' commits are looked for */
    SCAN_MS = 1000,   /* how often those whose time has come are looked for */
    LOOKS_IN_A_TURN = 128,
    ACCOUNT_LISTS = 1024, /* a power of two */
};

struct feed {
    struct core *core;
    void (*wake)(void *arg);
    void *arg;
    struct commit_listener listener;
    atomic_bool dirty; /* something was committed since the last reading began */
    atomic_size_t listeners;
    const struct directory *directory; /* held; NULL: none yet */
    int64_t directory_version;         /* that all listeners have been woken for */

    struct feed_listener *waiting, *woken; /* lists; the woken are looked at next */
    struct feed_listener *accounts[ACCOUNT_LISTS];
    int64_t scan_at, poll_at, read_at; /* clock_ticks() */

    struct feed_item *ring[RING_ITEMS];
    uint64_t first, end;
    size_t bytes;

    /* The reading that is under way, on the read lane. */
    struct core_read read;
    struct arena arena;
    struct op op;
    bool reading;
    bool started; /* `heads` is how far the ring has come */
    struct feed_heads heads, found;
    struct feed_item *items; /* read; their texts are in the arena */
    size_t item_count;
    bool more, gap; /* events are left; some were left out */
};

/* ---- lists ---- */

static void list_put(struct feed_listener **list, struct feed_listener *listener)
{
    listener->next = *list;
    listener->at = list;
    if (*list != NULL)
        (*list)->at = &listener->next;
    *list = listener;
}

static void list_take(struct feed_listener *listener)
{
    if (listener->at == NULL)
        return;
    *listener->at = listener->next;
    if (listener->next != NULL)
        listener->next->at = listener->at;
    listener->at = NULL;
}

enum err feed_join(struct feed *feed, struct feed_listener *listener)
{
    uint64_t hash = (uint64_t)listener->account_id * UINT64_C(0x9E3779B97F4A7C15);
    struct feed_listener **list = &feed->accounts[hash >> 54 & (ACCOUNT_LISTS - 1)];
    size_t n = 0;
    for (const struct feed_listener *other = *list; other != NULL; other = other->account_next)
        n += other->account_id == listener->account_id;
    if (n >= FEED_LISTENERS_MAX)
        return ERR_BUSY;
    listener->account_next = *list;
    listener->account_at = list;
    if (*list != NULL)
        (*list)->account_at = &listener->account_next;
    *list = listener;
    metric_add(METRIC_LISTENERS, 0, 0, 1);
    if (atomic_fetch_add(&feed->listeners, 1) == 0)
        feed->wake(feed->arg);
    return ERR_OK;
}

void feed_leave(struct feed *feed, struct feed_listener *listener)
{
    list_take(listener);
    if (listener->account_at == NULL)
        return;
    *listener->account_at = listener->account_next;
    if (listener->account_next != NULL)
        listener->account_next->account_at = listener->account_at;
    listener->account_at = NULL;
    metric_add(METRIC_LISTENERS, 0, 0, -1);
    atomic_fetch_sub(&feed->listeners, 1);
}

void feed_wait(struct feed *feed, struct feed_listener *listener, int64_t due)
{
    listener->due = due;
    list_take(listener);
    list_put(&feed->waiting, listener);
}

void feed_wake_all(struct feed *feed)
{
    while (feed->waiting != NULL) {
        struct feed_listener *listener = feed->waiting;
        list_take(listener);
        list_put(&feed->woken, listener);
    }
}

static void wake_due(struct feed *feed, int64_t now)
{
    for (struct feed_listener *listener = feed->waiting, *next; listener != NULL; listener = next) {
        next = listener->next;
        if (listener->due > now)
            continue;
        list_take(listener);
        list_put(&feed->woken, listener);
    }
}

/* ---- the ring ---- */

uint64_t feed_first(const struct feed *feed)
{
    return feed->first;
}

uint64_t feed_end(const struct feed *feed)
{
    return feed->end;
}

const struct feed_item *feed_item(const struct feed *feed, uint64_t number)
{
    return feed->ring[number % RING_ITEMS];
}

static size_t item_size(const struct feed_item *item)
{
    return sizeof *item + item->action.n + item->key.n + item->json.n;
}

static void ring_drop(struct feed *feed)
{
    struct feed_item *item = feed->ring[feed->first++ % RING_ITEMS];
    feed->bytes -= item_size(item);
    free(item);
}

/* After a gap: listeners before this point have to read the database. */
static void ring_break(struct feed *feed)
{
    while (feed->first < feed->end)
        ring_drop(feed);
    feed->first = ++feed->end;
}

static struct str text_move(char **to, struct str text)
{
    struct str moved = {*to, text.n};
    if (text.n > 0)
        memcpy(*to, text.p, text.n);
    *to += text.n;
    return moved;
}

/* The newest is kept, however long. */
static enum err ring_put(struct feed *feed, const struct feed_item *from)
{
    size_t size = item_size(from);
    struct feed_item *item = malloc(size);
    if (item == NULL)
        return ERR_MEMORY;
    char *texts = (char *)(item + 1);
    *item = *from;
    item->action = text_move(&texts, from->action);
    item->key = text_move(&texts, from->key);
    item->json = text_move(&texts, from->json);
    while (feed->first < feed->end &&
           (feed->end - feed->first == RING_ITEMS || feed->bytes + size > RING_BYTES))
        ring_drop(feed);
    feed->ring[feed->end++ % RING_ITEMS] = item;
    feed->bytes += size;
    return ERR_OK;
}

/* ---- reading new events ---- */

/* How far the ring is in a chain. */
static int64_t head_seq(const struct feed_heads *heads, int64_t ordinal)
{
    const struct feed_head *head =
        SORTED_FIND(heads->items, heads->n, struct feed_head, ordinal, ordinal);
    return head == NULL ? 0 : head->seq;
}

static enum err item_make(struct feed *feed, const struct directory *directory,
                          const struct feed_entry *entry, size_t *bytes)
{
    const struct event *event = &entry->event;
    struct buf json;
    buf_init(&json, READ_ARENA);
    event_encode_line(&json, event, directory, feed_domain_key(directory, event->domain_id));
    struct str text = buf_err(&json) == ERR_OK ? arena_str(&feed->arena, buf_str(&json)) : STR_NONE;
    buf_finish(&json);
    feed->items[feed->item_count++] = (struct feed_item){.ordinal = entry->ordinal,
                                                         .domain_id = event->domain_id,
                                                         .seq = event->seq,
                                                         .workspace_id = entry->workspace_id,
                                                         .source_id = entry->source_id,
                                                         .action = event->action,
                                                         .key = event->key,
                                                         .json = text};
    *bytes += text.n;
    return text.p == NULL ? ERR_MEMORY
                          : comment_event_hidden(&feed->arena, event->action, event->payload,
                                                 &feed->items[feed->item_count - 1].internal);
}

/* A chain's new events; what is left is read the next time. */
static enum err chain_read(struct feed *feed, struct db *db, const struct directory *directory,
                           struct feed_head *head, size_t *bytes)
{
    int64_t after = head_seq(&feed->heads, head->ordinal);
    struct feed_entries entries = {0};
    if (head->seq <= after)
        return ERR_OK;
    if (head->seq - after > RING_ITEMS) {
        feed->gap = true;
        return ERR_OK;
    }
    enum err err = *bytes < READ_BYTES
                       ? store_feed_after(db, &feed->op, head, after, READ_EVENTS, &entries)
                       : ERR_OK;
    for (size_t i = 0; i < entries.n && err == ERR_OK && *bytes < READ_BYTES; i++) {
        err = item_make(feed, directory, &entries.items[i], bytes);
        after = entries.items[i].event.seq;
    }
    feed->more = feed->more || after < head->seq;
    head->seq = after;
    return err;
}

static enum err events_read(struct core_read *read, struct db *db)
{
    struct feed *feed = container_of(read, struct feed, read);
    size_t bytes = 0, new_events = 0;
    feed->item_count = 0;
    feed->more = feed->gap = false;
    enum err err = store_feed_heads(db, &feed->op, &feed->found);
    if (err != ERR_OK || !feed->started)
        return err;
    for (size_t i = 0; i < feed->found.n; i++)
        if (feed->found.items[i].seq > head_seq(&feed->heads, feed->found.items[i].ordinal))
            new_events += READ_EVENTS;
    feed->items = ARENA_ARRAY(&feed->arena, struct feed_item, new_events);
    if (feed->items == NULL)
        return ERR_MEMORY;
    const struct directory *directory = NULL;
    err = core_directory_of_view(feed->core, db, &feed->op, &directory);
    for (size_t i = 0; i < feed->found.n && err == ERR_OK; i++)
        err = chain_read(feed, db, directory, &feed->found.items[i], &bytes);
    directory_release(directory);
    return err;
}

/* Takes over how far the chains have been read. */
static enum err heads_keep(struct feed *feed)
{
    size_t size = feed->found.n * sizeof feed->found.items[0];
    struct feed_head *items = realloc(feed->heads.items, size > 0 ? size : 1);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < feed->found.n; i++)
        items[i] = feed->found.items[i];
    feed->heads = (struct feed_heads){items, feed->found.n};
    return ERR_OK;
}

static void events_done(struct core_read *read)
{
    struct feed *feed = container_of(read, struct feed, read);
    enum err err = read->err;
    bool fresh = err == ERR_OK && (!feed->started || feed->gap);
    if (err == ERR_OK)
        err = heads_keep(feed);
    for (size_t i = 0; i < feed->item_count && err == ERR_OK; i++)
        err = ring_put(feed, &feed->items[i]);
    if (err != ERR_OK)
        LOG(LOG_WARN, "the newest events could not be read; trying again",
            LOG_TEXT("error", str_of(err_name(err))), LOG_TEXT("detail", str_of(feed->op.detail)));
    /* After an error the next reading begins from the heads: all listeners read the database. */
    feed->started = err == ERR_OK;
    if (err != ERR_OK || feed->more)
        atomic_store(&feed->dirty, true);
    if (fresh || err != ERR_OK)
        ring_break(feed);
    if (fresh || feed->item_count > 0)
        feed_wake_all(feed);
    feed->reading = false;
    arena_reset(&feed->arena);
}

static void reading_begin(struct feed *feed, int64_t now)
{
    atomic_store(&feed->dirty, false);
    feed->op = (struct op){.arena = &feed->arena, .now = clock_now()};
    feed->read = (struct core_read){.op = &feed->op, .run = events_read, .done = events_done};
    feed->read_at = now + READ_GAP_MS;
    feed->poll_at = now + POLL_MS;
    feed->item_count = 0;
    feed->reading = core_read(feed->core, &feed->read) == ERR_OK;
    if (!feed->reading)
        atomic_store(&feed->dirty, true);
}

/* ---- turns ---- */

const struct directory *feed_directory(struct feed *feed)
{
    const struct directory *newest = core_directory(feed->core);
    if (feed->directory != NULL)
        directory_release(feed->directory);
    feed->directory = newest;
    return newest;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int feed_turn(struct feed *feed)
{
    int64_t now = clock_ticks();
    if (atomic_load(&feed->listeners) == 0)
        return -1;
    bool shared = core_is_shared(feed->core);
    bool wanted = atomic_load(&feed->dirty) || !feed->started || (shared && now >= feed->poll_at);
    if (wanted && !feed->reading && now >= feed->read_at)
        reading_begin(feed, now);

    int64_t version = feed_directory(feed)->version;
    if (version != feed->directory_version)
        feed_wake_all(feed);
    feed->directory_version = version;
    if (now >= feed->scan_at) {
        wake_due(feed, now);
        feed->scan_at = now + SCAN_MS;
    }
    for (int i = 0; i < LOOKS_IN_A_TURN && feed->woken != NULL; i++) {
        struct feed_listener *listener = feed->woken;
        list_take(listener);
        call_stream_look(listener->call);
    }
    if (feed->woken != NULL)
        return 0;
    int64_t at = feed->scan_at;
    if (!feed->reading && (atomic_load(&feed->dirty) || !feed->started))
        at = least(at, feed->read_at);
    if (shared)
        at = least(at, feed->poll_at);
    return at > now ? (int)(at - now) : 1;
}

/* ---- life ---- */

/* On the write lane. */
static void committed(void *arg)
{
    struct feed *feed = arg;
    if (!atomic_exchange(&feed->dirty, true) && atomic_load(&feed->listeners) > 0)
        feed->wake(feed->arg);
}

enum err feed_create(struct core *core, void (*wake)(void *arg), void *arg, struct feed **ret_feed)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL)
        return ERR_MEMORY;
    feed->core = core;
    feed->wake = wake;
    feed->arg = arg;
    feed->listener = (struct commit_listener){.committed = committed, .arg = feed};
    arena_init(&feed->arena, READ_ARENA);
    commits_join(core_commits(core), &feed->listener);
    *ret_feed = feed;
    return ERR_OK;
}

void feed_destroy(struct feed *feed)
{
    if (feed == NULL)
        return;
    while (feed->first < feed->end)
        ring_drop(feed);
    if (feed->directory != NULL)
        directory_release(feed->directory);
    free(feed->heads.items);
    arena_finish(&feed->arena);
    free(feed);
}
