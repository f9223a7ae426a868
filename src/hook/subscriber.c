#include "hook/subscriber.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/sorted.h"
#include "model/date.h"
#include "model/key.h"

enum {
    CHAINS_MORE = 64,     /* room for chains that come */
    READ_AT_ONCE = 16,    /* events, of 8 MiB at most each: a turn has room for so many */
    LAGGING_AT_ONCE = 32, /* pieces of a chain for those who lag, in a turn */
    PASSED_MAX = 1000,    /* events that are passed without a word, before positions are written */
    READ_BYTES = 16 * 1024 * 1024, /* what is read at once, unless a single event says more */
    TURN_BYTES =
        48 * 1024 * 1024, /* what a turn takes up, before the rest is left to the next; … */
    TURN_MS = 300,        /* … and so long, since others wait, and a stop */
};

/* ---- reading them ---- */

/* Opens a secret; absent when it was sealed with another key. */
static enum err secret_open(struct op *op, const struct seal_key *key, struct str sealed,
                            struct str *ret_secret)
{
    enum err err = unseal(op, key, sealed, ret_secret);
    if (err == ERR_INVALID)
        *ret_secret = STR_NONE;
    return err == ERR_INVALID ? ERR_OK : err;
}

static enum err secrets_open(struct subscriber *one, struct op *op, const struct seal_key *key)
{
    const struct webhook *webhook = &one->webhook;
    enum err err = secret_open(op, key, webhook->secret, &one->secrets[0]);
    one->secret_count = err == ERR_OK && one->secrets[0].p != NULL;
    if (err == ERR_OK && one->secret_count == 1 && webhook->old_secret.p != NULL)
        err = secret_open(op, key, webhook->old_secret, &one->secrets[1]);
    if (err == ERR_OK && one->secrets[1].p != NULL)
        one->secret_count = 2;
    return err;
}

enum err subscriber_refill(struct subscriber *one, struct db *db, struct op *op)
{
    struct delivery_list deliveries;
    enum err err = store_deliveries_waiting(db, op, one->webhook.id, QUEUE_MAX, &deliveries);
    if (err == ERR_OK)
        queue_fill(&one->queue, &deliveries);
    return err;
}

/* ---- who listens to a chain ---- */

static bool listens(const struct webhook *webhook, const struct domain *own,
                    const struct domain *domain)
{
    if (own == NULL || domain == NULL)
        return false;
    return webhook->workspace_id != 0 ? own == domain : key_covers(own->key, domain->key);
}

/* Finds the audience of each chain: whenever there are others, or the directory is another one. */
static enum err audiences_find(struct subscribers *all, const struct directory *directory,
                               const struct feed_heads *heads)
{
    if (all->directory_version == directory->version && all->chain_count == heads->n)
        return ERR_OK;
    all->directory_version = -1;
    arena_reset(&all->chains);
    const struct domain **owns = ARENA_ARRAY(&all->chains, const struct domain *, all->n);
    uint32_t *listening = ARENA_ARRAY(&all->chains, uint32_t, all->n);
    all->audiences = ARENA_ARRAY(&all->chains, struct audience, heads->n);
    if (owns == NULL || listening == NULL || all->audiences == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < all->n; i++)
        owns[i] = directory_domain_by_id(directory, all->items[i].webhook.domain_id);
    for (size_t h = 0; h < heads->n; h++) {
        struct audience *audience = &all->audiences[h];
        const struct domain *domain = directory_domain_by_id(directory, heads->items[h].domain_id);
        size_t n = 0;
        for (size_t i = 0; i < all->n; i++)
            if (listens(&all->items[i].webhook, owns[i], domain))
                listening[n++] = (uint32_t)i;
        audience->items = ARENA_ARRAY(&all->chains, uint32_t, n);
        if (audience->items == NULL)
            return ERR_MEMORY;
        for (audience->n = 0; audience->n < n; audience->n++)
            audience->items[audience->n] = listening[audience->n];
    }
    all->chain_count = heads->n;
    all->directory_version = directory->version;
    return ERR_OK;
}

/* ---- reading all ---- */

void subscribers_init(struct subscribers *all, size_t max)
{
    *all = (struct subscribers){.revision = -1, .directory_version = -1};
    arena_init(&all->arena, max);
    arena_init(&all->chains, max);
}

void subscribers_finish(struct subscribers *all)
{
    arena_finish(&all->arena);
    arena_finish(&all->chains);
}

/* How far it is in each chain; there is room for all of `chains`, and for some that come. */
static enum err positions_read(struct subscribers *all, struct subscriber *one, struct db *db,
                               struct op *op, size_t chains)
{
    struct webhook_positions positions;
    enum err err = store_webhook_positions(db, op, one->webhook.id, &positions);
    if (err != ERR_OK)
        return err;
    size_t max = (positions.n > chains ? positions.n : chains) + CHAINS_MORE;
    one->at = (struct feed_positions){.items = ARENA_ARRAY(&all->arena, struct feed_position, max),
                                      .max = max};
    one->written = (struct feed_positions){
        .items = ARENA_ARRAY(&all->arena, struct feed_position, max), .max = max};
    if (one->at.items == NULL || one->written.items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < positions.n; i++) {
        const struct webhook_position *position = &positions.items[i];
        if (position->seq > 0 &&
            (!feed_position_set(&one->at, position->ordinal, position->seq) ||
             !feed_position_set(&one->written, position->ordinal, position->seq)))
            return ERR_MEMORY;
    }
    return ERR_OK;
}

enum err subscribers_read(struct subscribers *all, struct db *db, struct op *op,
                          const struct directory *directory, const struct seal_key *key,
                          int64_t revision)
{
    struct op kept = {.arena = &all->arena, .now = op->now};
    struct webhook_list webhooks;
    struct feed_heads heads;
    arena_reset(&all->arena);
    all->n = all->opened = 0;
    all->revision = all->directory_version = -1;
    int64_t newest = 0;
    enum err err = store_webhooks_before(db, &kept, 0, WEBHOOKS_MAX, &webhooks);
    if (err == ERR_OK)
        err = store_feed_heads(db, op, &heads);
    if (err == ERR_OK)
        err = store_delivery_newest(db, op, &newest);
    if (err != ERR_OK)
        return err;
    id_seen(newest); /* of a node whose clock is ahead: queues are in the order of ids */
    all->items = ARENA_ARRAY(&all->arena, struct subscriber, webhooks.n);
    size_t *chains = ARENA_ARRAY(op->arena, size_t, webhooks.n);
    if (all->items == NULL || chains == NULL)
        return ERR_MEMORY;
    for (size_t i = webhooks.n; i-- > 0;)
        all->items[all->n++].webhook = webhooks.items[i];
    err = audiences_find(all, directory, &heads);
    for (size_t h = 0; h < all->chain_count && err == ERR_OK; h++)
        for (size_t k = 0; k < all->audiences[h].n; k++)
            chains[all->audiences[h].items[k]]++;
    for (size_t i = 0; i < all->n && err == ERR_OK; i++) {
        struct subscriber *one = &all->items[i];
        struct arena_mark mark = arena_mark(op->arena);
        err = positions_read(all, one, db, op, chains[i]);
        if (err == ERR_OK)
            err = secrets_open(one, &kept, key);
        if (err == ERR_OK)
            err = subscriber_refill(one, db, op);
        all->opened += one->secret_count > 0;
        arena_rewind(op->arena, mark);
    }
    if (err == ERR_OK)
        all->revision = revision;
    return err;
}

struct subscriber *subscriber_find(const struct subscribers *all, int64_t id)
{
    const struct subscriber *found =
        SORTED_FIND(all->items, all->n, struct subscriber, webhook.id, id);
    return found == NULL ? NULL : &all->items[found - all->items];
}

/* ---- taking events ---- */

/* What a turn works on. */
struct turn {
    struct subscribers *all;
    const struct message_source *source;
    struct op *op;
    struct taking *taking;
    size_t *room;     /* of each subscriber: how many more it takes */
    size_t begun;     /* bytes of the arena before it … */
    int64_t begun_at; /* … and clock_ticks() */
    size_t looked;    /* at so many events: one at least */
};

static bool takes(const struct turn *turn, size_t i)
{
    return turn->room[i] > 0 && turn->all->items[i].webhook.pause == WEBHOOK_RUNS;
}

/* What cannot be made into a message, such as one that is damaged, is passed over: it must not hold up all others. */
static enum err body_make(const struct turn *turn, const struct feed_entry *entry,
                          struct str *ret_body)
{
    struct op *op = turn->op;
    enum err err = message_make(turn->source, op, entry, ret_body);
    if (err != ERR_TOO_LONG && err != ERR_CORRUPT && err != ERR_SYNTAX)
        return err;
    LOG(LOG_ERROR, "webhooks do not get an event, of which no message can be made",
        LOG_TEXT("key", entry->event.key), LOG_NUM("seq", entry->event.seq),
        LOG_TEXT("reason", op->detail[0] != '\0' ? str_of(op->detail) : str_of(err_meaning(err))));
    op_forget(op);
    *ret_body = STR_NONE;
    return ERR_OK;
}

/* Gives an event to a subscriber. The body is made for the first who wants it. */
static enum err offer(struct turn *turn, size_t i, const struct feed_entry *entry, struct str *body,
                      bool *made)
{
    struct subscriber *one = &turn->all->items[i];
    struct taking *taking = turn->taking;
    struct str type = webhook_event_type(entry->event.action);
    bool wanted =
        type.p != NULL && webhook_wants(&one->webhook, type) &&
        (one->webhook.workspace_id == 0 || one->webhook.workspace_id == entry->workspace_id);
    enum err err = ERR_OK;
    if (wanted && !*made)
        err = body_make(turn, entry, body);
    *made = *made || wanted;
    if (err != ERR_OK)
        return err;
    if (!feed_position_set(&one->at, entry->ordinal, entry->event.seq))
        return ERR_TOO_LONG; /* more new chains than there is room for: read them again */
    one->passed++;
    if (!wanted || body->p == NULL)
        return ERR_OK;
    taking->added[taking->added_count++] = (struct delivery){.id = id_next(),
                                                             .webhook_id = one->webhook.id,
                                                             .ordinal = entry->ordinal,
                                                             .seq = entry->event.seq,
                                                             .type = type,
                                                             .key = entry->event.key,
                                                             .due_at = turn->op->now,
                                                             .request = *body};
    taking->bytes += body->n;
    turn->room[i]--;
    one->passed = PASSED_MAX;
    return ERR_OK;
}

static bool is_full(const struct turn *turn)
{
    const struct taking *taking = turn->taking;
    return taking->added_count == TAKING_MAX || taking->bytes > TAKING_BYTES ||
           (turn->looked > 0 && (turn->op->arena->total - turn->begun > TURN_BYTES ||
                                 clock_ticks() - turn->begun_at > TURN_MS));
}

/* Fewer at once where each says much. */
static enum err events_read(const struct turn *turn, const struct feed_head *head, int64_t seq,
                            struct feed_entries *ret_entries)
{
    struct op *op = turn->op;
    for (int64_t limit = READ_AT_ONCE;; limit /= 4) {
        struct arena_mark mark = arena_mark(op->arena);
        size_t before = op->arena->total;
        enum err err = store_feed_after(turn->source->db, op, head, seq, limit, ret_entries);
        if (err != ERR_OK || limit == 1 || op->arena->total - before <= READ_BYTES) {
            turn->taking->more = turn->taking->more || limit < READ_AT_ONCE;
            return err;
        }
        arena_rewind(op->arena, mark);
    }
}

/* Reads events after `seq`. Each of the audience takes part from where it is. */
static enum err chain_take(struct turn *turn, const struct feed_head *head,
                           const struct audience *audience, int64_t seq)
{
    struct feed_entries entries;
    enum err err = events_read(turn, head, seq, &entries);
    for (size_t e = 0; e < entries.n && err == ERR_OK; e++) {
        const struct feed_entry *entry = &entries.items[e];
        struct str body = STR_NONE;
        bool made = false;
        for (size_t k = 0; k < audience->n && err == ERR_OK; k++) {
            size_t i = audience->items[k];
            if (!takes(turn, i) ||
                feed_position(&turn->all->items[i].at, head->ordinal) != entry->event.seq - 1)
                continue;
            if (is_full(turn)) {
                turn->taking->more = true;
                return ERR_OK;
            }
            err = offer(turn, i, entry, &body, &made);
        }
        turn->looked++;
    }
    return err;
}

/* The lowest position from `least` to before `end` of one who takes events; `end`: there is none. */
static int64_t lowest(const struct turn *turn, const struct feed_head *head,
                      const struct audience *audience, int64_t least, int64_t end)
{
    int64_t low = end;
    for (size_t k = 0; k < audience->n; k++) {
        size_t i = audience->items[k];
        int64_t at = takes(turn, i) ? feed_position(&turn->all->items[i].at, head->ordinal) : end;
        if (at >= least && at < low)
            low = at;
    }
    return low;
}

/* A chain: first near its end, where most are; then some pieces for those who lag. */
static enum err head_take(struct turn *turn, const struct feed_head *head,
                          const struct audience *audience)
{
    int64_t near = head->seq > READ_AT_ONCE ? head->seq - READ_AT_ONCE : 0;
    int64_t from = lowest(turn, head, audience, near, head->seq), least = 0;
    enum err err = from < head->seq ? chain_take(turn, head, audience, from) : ERR_OK;
    for (int i = 0; i < LAGGING_AT_ONCE && err == ERR_OK && !is_full(turn); i++) {
        from = lowest(turn, head, audience, least, near);
        if (from == near)
            break;
        turn->taking->more = true;
        err = chain_take(turn, head, audience, from);
        least = from + READ_AT_ONCE;
    }
    return err;
}

/* The positions of those who have got something, or have passed many events. */
static enum err positions_take(struct turn *turn)
{
    struct taking *taking = turn->taking;
    size_t n = 0;
    for (size_t i = 0; i < turn->all->n; i++)
        n += turn->all->items[i].passed >= PASSED_MAX ? turn->all->items[i].at.n : 0;
    taking->positions = ARENA_ARRAY(turn->op->arena, struct webhook_position, n + 1);
    if (taking->positions == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < turn->all->n; i++) {
        struct subscriber *one = &turn->all->items[i];
        if (one->passed < PASSED_MAX)
            continue;
        one->passed = 0;
        for (size_t k = 0; k < one->at.n; k++) {
            const struct feed_position *at = &one->at.items[k];
            if (feed_position(&one->written, at->ordinal) == at->seq)
                continue;
            if (!feed_position_set(&one->written, at->ordinal, at->seq))
                return ERR_TOO_LONG;
            taking->positions[taking->position_count++] =
                (struct webhook_position){one->webhook.id, at->ordinal, at->seq};
        }
    }
    return ERR_OK;
}

enum err subscribers_take(struct subscribers *all, const struct message_source *source,
                          struct op *op, struct taking *ret_taking)
{
    struct feed_heads heads;
    struct taking taking = {.added = ARENA_ARRAY(op->arena, struct delivery, TAKING_MAX)};
    struct turn turn = {.all = all,
                        .source = source,
                        .op = op,
                        .taking = &taking,
                        .begun = op->arena->total,
                        .begun_at = clock_ticks()};
    turn.room = ARENA_ARRAY(op->arena, size_t, all->n + 1);
    if (taking.added == NULL || turn.room == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < all->n; i++)
        turn.room[i] =
            all->items[i].secret_count > 0 && queue_wants(&all->items[i].queue) ? QUEUE_AHEAD : 0;
    enum err err = store_feed_heads(source->db, op, &heads);
    if (err == ERR_OK)
        err = audiences_find(all, source->directory, &heads);
    for (size_t i = 0; i < heads.n && err == ERR_OK && !is_full(&turn); i++)
        err = head_take(&turn, &heads.items[i], &all->audiences[i]);
    if (err == ERR_OK)
        err = positions_take(&turn);
    taking.more = taking.more || is_full(&turn);
    if (err == ERR_OK)
        *ret_taking = taking;
    return err;
}
