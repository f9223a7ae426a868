#include "core/admin_state.h"
#include "core/history_check.h"
#include "json/read.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    EVENTS_READ = 16,
    KEYS_READ = 256,
    KNOWN_FIRST = 1024,
    STATE_MAX = 1024 * 1024,
    SHOWN = 300, /* bytes of a value in a message */
};

/* What the history says of an object. */
struct known_state {
    struct state_key key;
    int64_t seq;
    struct sha256 hash; /* of the state */
    bool found;         /* by ADMIN_STATE_FOUND */
    bool stored;        /* the tables have it */
};

/* ---- what the events say ---- */

static int key_cmp(const struct state_key *a, const struct state_key *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (a->version > b->version) - (a->version < b->version);
}

static int known_cmp(const void *a, const void *b)
{
    const struct known_state *left = a, *right = b;
    int order = key_cmp(&left->key, &right->key);
    return order != 0 ? order : (left->seq > right->seq) - (left->seq < right->seq);
}

static enum err found_broken(struct check *check, const struct known_state *known, const char *what)
{
    return history_broken(check,
                          "domain %s, event %" PRId64 ": it says that %.*s %" PRId64
                          " was found in the tables, but %s",
                          EVENT_ROOT, known->seq, STR_ARG(state_kind_name(known->key.kind)),
                          known->key.id, what);
}

/* Keeps the newest of each object. What was found must not be news. */
static enum err states_gather(struct check *check)
{
    struct states *states = &check->states;
    size_t n = 0;
    if (states->n > 0)
        qsort(states->items, states->n, sizeof *states->items, known_cmp);
    for (size_t i = 0; i < states->n; i++) {
        const struct known_state *next = &states->items[i];
        bool again = n > 0 && key_cmp(&states->items[n - 1].key, &next->key) == 0;
        if (next->found && again &&
            !bytes_equal_slowly(states->items[n - 1].hash.bytes, next->hash.bytes, SHA256_SIZE))
            return found_broken(check, next, "an earlier event says that it was something else");
        if (next->found && !again && states->first_said != 0 && next->seq > states->first_said)
            return found_broken(check, next, "no event says who made it");
        states->items[again ? n - 1 : n++] = *next;
    }
    states->n = n;
    return ERR_OK;
}

static enum err known_push(struct check *check, const struct known_state *known)
{
    struct states *states = &check->states;
    enum err err = states->n == states->max ? states_gather(check) : ERR_OK;
    if (err != ERR_OK)
        return err;
    if (states->n * 2 >= states->max) {
        size_t max = states->max == 0 ? KNOWN_FIRST : states->max * 2;
        struct known_state *items = realloc(states->items, max * sizeof *items);
        if (items == NULL)
            return ERR_MEMORY;
        states->items = items;
        states->max = max;
    }
    states->items[states->n++] = *known;
    return ERR_OK;
}

static bool id_read(const struct json *object, const char *name, int64_t *ret_id)
{
    const struct json *member = json_member(object, str_of(name));
    uint64_t id;
    struct str text = member == NULL              ? STR_NONE
                      : member->kind == JSON_TEXT ? member->text
                                                  : member->raw;
    if (!str_to_u64(text, INT64_MAX, &id))
        return false;
    *ret_id = (int64_t)id;
    return true;
}

/* The state in an event's payload; NULL when it has none. */
static enum err state_read(struct check *check, const struct event *event,
                           const struct json **ret_state)
{
    const struct json *json = NULL;
    enum err err = json_read_written(&check->chunk, check->chunk.arena, event->payload, &json);
    if (err != ERR_OK)
        return err == ERR_SYNTAX ? ERR_CORRUPT : err;
    const struct json *pair = json->kind == JSON_OBJECT ? json_member(json, STR("state")) : NULL;
    bool is = pair != NULL && pair->kind == JSON_LIST && pair->n == 2 &&
              pair->first->next->kind == JSON_OBJECT;
    *ret_state = is ? pair->first->next : NULL;
    return ERR_OK;
}

enum err history_state_add(struct check *check, const struct event *event)
{
    struct known_state known = {.seq = event->seq,
                                .found = str_eq(event->action, STR(ADMIN_STATE_FOUND))};
    const struct json *state;
    if ((!known.found && !str_eq(event->action, STR(ADMIN_STATE))) || event->domain_id != 0)
        return ERR_OK;
    struct states *states = &check->states;
    if (!known.found && states->first_said == 0)
        states->first_said = event->seq;
    if (states->first_at == 0)
        states->first_at = event->at;
    states->last_seq = event->seq;
    if (event->payload.p == NULL)
        return ERR_OK; /* whose account is erased has a newer one */
    struct arena_mark mark = arena_mark(check->chunk.arena);
    enum err err = state_read(check, event, &state);
    if (err == ERR_OK && state != NULL) {
        const struct json *kind = json_member(state, STR("kind"));
        if (kind == NULL || !state_kind_read(json_text(kind), &known.key.kind) ||
            !id_read(state, "id", &known.key.id) ||
            (known.key.kind == STATE_FORM_VERSION &&
             !id_read(state, "version", &known.key.version)))
            err = op_fail(&check->chunk, ERR_CORRUPT,
                          "event %" PRId64 " says nothing that a table holds", event->seq);
        known.hash = sha256(state->raw);
    }
    if (err == ERR_OK && state != NULL)
        err = known_push(check, &known);
    arena_rewind(check->chunk.arena, mark);
    return err;
}

/* ---- against the tables ---- */

/* An object as people know it: its address, key or name, or else its id. */
static struct str state_name(const struct json *state, struct str id)
{
    static const char *const names[] = {"email", "key", "name"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct json *member = json_member(state, str_of(names[i]));
        if (member != NULL && json_text(member).p != NULL)
            return json_text(member);
    }
    return id;
}

static struct str raw_of(const struct json *member)
{
    return member == NULL ? STR("null") : utf8_cut(member->raw, SHOWN);
}

/* Says the first member that differs. */
static enum err state_differs(struct check *check, const struct known_state *known, struct str text)
{
    struct op *op = &check->chunk;
    struct event event;
    const struct json *is, *was = NULL, *m;
    enum err err = json_read_written(op, op->arena, text, &is);
    if (err == ERR_OK)
        err = store_event_get(check->db, op, 0, known->seq, &event);
    if (err == ERR_OK)
        err = state_read(check, &event, &was);
    if (err != ERR_OK || was == NULL)
        return err == ERR_OK ? ERR_CORRUPT : err;
    for (m = is->first; m != NULL; m = m->next) {
        const struct json *other = json_member(was, m->name);
        if (other == NULL || !str_eq(other->raw, m->raw))
            break;
    }
    if (m == NULL) /* nothing that is there differs: something is missing */
        for (m = was->first; m != NULL && json_member(is, m->name) != NULL;)
            m = m->next;
    struct str member = m == NULL ? STR("the order of its members") : m->name;
    const struct json *now = m == NULL ? NULL : json_member(is, member);
    const struct json *then = m == NULL ? NULL : json_member(was, member);
    return history_broken(check,
                          "%.*s %.*s: %.*s is %.*s in the tables, but %.*s by its history (event "
                          "%" PRId64 " of %s)",
                          STR_ARG(state_kind_name(known->key.kind)),
                          STR_ARG(state_name(was, json_text(json_member(was, STR("id"))))),
                          STR_ARG(member), STR_ARG(raw_of(now)), STR_ARG(raw_of(then)), known->seq,
                          EVENT_ROOT);
}

static enum err object_check(struct check *check, const struct state_key *key, bool due)
{
    struct states *states = &check->states;
    struct known_state wanted = {.key = *key};
    struct buf buf;
    struct json_writer json;
    size_t low = 0, high = states->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_cmp(&states->items[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct known_state *known =
        low < states->n && key_cmp(&states->items[low].key, key) == 0 ? &states->items[low] : NULL;
    if (known == NULL && due && states->first_said == 0)
        return ERR_OK;
    if (known == NULL)
        return history_broken(check,
                              "%.*s %" PRId64 " is in the tables, but no event says that anybody "
                              "made it",
                              STR_ARG(state_kind_name(wanted.key.kind)), key->id);
    buf_init(&buf, STATE_MAX);
    json_writer_init(&json, &buf);
    enum err err = store_state_put(check->db, &check->chunk, key, &json, NULL);
    if (err == ERR_OK)
        err = buf_err(&buf);
    struct sha256 hash = sha256(buf_str(&buf));
    known->stored = true;
    if (err == ERR_OK && !bytes_equal_slowly(hash.bytes, known->hash.bytes, SHA256_SIZE))
        err = state_differs(check, known, buf_str(&buf));
    buf_finish(&buf);
    return err;
}

/* What has been appended since the chain was walked. */
static enum err states_catch_up(struct check *check)
{
    struct op *op = &check->chunk;
    const struct chain_end *ends;
    size_t n;
    enum err err = store_chain_ends(check->db, op, &ends, &n);
    for (size_t i = 0; i < n && err == ERR_OK; i++) {
        int64_t seq = check->states.last_seq;
        if (ends[i].head.domain_id != 0)
            continue;
        while (seq < ends[i].head.seq && err == ERR_OK) {
            struct event_list events;
            struct arena_mark mark = arena_mark(op->arena);
            err = store_events_after(check->db, op, &ends[i].head, seq, EVENTS_READ, &events);
            if (err == ERR_OK && events.n == 0)
                break; /* missing: the walk has said so, or does next time */
            for (size_t k = 0; k < events.n && err == ERR_OK; k++) {
                seq = events.items[k].seq;
                err = history_state_add(check, &events.items[k]);
            }
            arena_rewind(op->arena, mark);
        }
    }
    return err;
}

static enum err tables_check(struct db *db, struct op *op, void *arg)
{
    struct check *check = arg;
    enum state_kind due;
    enum err err = store_state_due(db, op, &due);
    if (err == ERR_OK)
        err = states_catch_up(check);
    if (err == ERR_OK)
        err = states_gather(check);
    for (size_t i = 0; i < check->states.n; i++)
        check->states.items[i].stored = false;
    struct state_key after = {STATE_DOMAIN, INT64_MIN, INT64_MIN};
    while (err == ERR_OK && after.kind < STATE_KINDS) {
        const struct state_key *keys;
        size_t n;
        struct arena_mark mark = arena_mark(op->arena);
        err = store_state_keys(db, op, &after, KEYS_READ, &keys, &n);
        for (size_t i = 0; err == ERR_OK && i < n; i++) {
            struct arena_mark one = arena_mark(op->arena);
            after = keys[i];
            err = object_check(check, &after, due != STATE_KINDS);
            arena_rewind(op->arena, one);
        }
        if (err == ERR_OK && n == 0)
            after = (struct state_key){after.kind + 1, INT64_MIN, INT64_MIN};
        arena_rewind(op->arena, mark);
    }
    for (size_t i = 0; i < check->states.n && err == ERR_OK; i++) {
        const struct known_state *known = &check->states.items[i];
        if (!known->stored && known->key.kind != STATE_LINK)
            err = history_broken(check,
                                 "%.*s %" PRId64 " is gone from the tables; by its history (event "
                                 "%" PRId64 " of %s) it is there",
                                 STR_ARG(state_kind_name(known->key.kind)), known->key.id,
                                 known->seq, EVENT_ROOT);
    }
    return err;
}

enum err history_states_check(struct check *check)
{
    arena_reset(&check->arena);
    return db_transact(check->db, &check->chunk, db_begin_read, tables_check, check);
}

void history_states_finish(struct check *check)
{
    free(check->states.items);
}
