#include "core/throttle.h"

#include "base/hash.h"
#include "base/random.h"

#include <stdlib.h>

#define SECOND INT64_C(1000)

/* What a counter allows. A failure is forgotten after forget_ms; `free` of them delay nothing. */
struct throttle_rule {
    int64_t free;
    int64_t forget_ms;
    int64_t first_ms,
        longest_ms; /* the delay after the first that is not free, doubling, at most */
};

enum counted { COUNT_ACCOUNT, COUNT_KNOWN, COUNT_ADDRESS, COUNT_REGION, COUNTED };

static const struct throttle_rule rules[COUNTED] = {
    [COUNT_ACCOUNT] = {5, SECOND * 180, SECOND, SECOND * 60},
    [COUNT_KNOWN] = {5, SECOND * 180, SECOND, SECOND * 60},
    [COUNT_ADDRESS] = {50, SECOND * 18, SECOND * 2, SECOND * 300},
    [COUNT_REGION] = {500, 1800, SECOND * 2, SECOND * 300},
};

/* A leaky bucket, kept as the moment at which its last failure will be forgotten. */
struct counter {
    uint64_t key; /* 0: free */
    int64_t forgotten_at;
    int64_t delayed_until;
    int64_t under_way; /* admitted, verdict not known; such a counter is not evicted */
};

/* An account at a network where it has signed in. */
struct known {
    uint64_t key;
    int64_t used_at;
};

/* Both tables are sets of WAYS places; a key may stand in one set only. */
enum { WAYS = 8, SETS = 2048, SECRET_SIZE = 16 };

struct throttle {
    unsigned char secret[SECRET_SIZE]; /* nobody outside can aim at a set */
    struct counter counters[SETS][WAYS];
    struct known known[SETS][WAYS];
};

enum err throttle_create(struct throttle **ret_throttle)
{
    struct throttle *throttle = calloc(1, sizeof *throttle);
    if (throttle == NULL)
        return ERR_MEMORY;
    random_bytes(throttle->secret, sizeof throttle->secret);
    *ret_throttle = throttle;
    return ERR_OK;
}

void throttle_destroy(struct throttle *throttle)
{
    free(throttle);
}

static uint64_t key_of(const struct throttle *throttle, enum counted what, struct str email,
                       const struct address *address, size_t address_size)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, throttle->secret, sizeof throttle->secret);
    hash_u64(&hasher, what);
    hash_field(&hasher, email);
    if (address != NULL)
        hash_add(&hasher, address->bytes, address_size);
    struct sha256 hash = hash_end(&hasher);
    uint64_t key = 0;
    for (size_t i = 0; i < sizeof key; i++)
        key = key << 8 | hash.bytes[i];
    return key == 0 ? 1 : key;
}

static bool address_is_v4(const struct address *address)
{
    for (size_t i = 0; i < 12; i++)
        if (address->bytes[i] != (i < 10 ? 0 : 0xff))
            return false;
    return true;
}

struct throttle_key throttle_key(const struct throttle *throttle, struct str email,
                                 const struct address *address)
{
    struct throttle_key key = {.account = key_of(throttle, COUNT_ACCOUNT, email, NULL, 0)};
    if (address == NULL)
        return key;
    bool v4 = address_is_v4(address);
    key.known = key_of(throttle, COUNT_KNOWN, email, address, v4 ? 16 : 8);
    key.network[0] = key_of(throttle, COUNT_ADDRESS, STR(""), address, v4 ? 16 : 8);
    key.network[1] = key_of(throttle, COUNT_REGION, STR(""), address, v4 ? 15 : 6);
    return key;
}

/* ---- the tables ---- */

static struct counter *counter_find(struct throttle *throttle, uint64_t key)
{
    struct counter *set = throttle->counters[key % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].key == key)
            return &set[i];
    return NULL;
}

/* The counter of a key, made if need be in the place of the one that is forgotten soonest; so a
 * flood of single failures cannot push out one that is delayed. NULL when all are under way. */
static struct counter *counter_make(struct throttle *throttle, uint64_t key)
{
    struct counter *counter = counter_find(throttle, key);
    if (counter != NULL)
        return counter;
    struct counter *set = throttle->counters[key % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].under_way == 0 &&
            (counter == NULL || set[i].forgotten_at < counter->forgotten_at))
            counter = &set[i];
    if (counter != NULL)
        *counter = (struct counter){.key = key};
    return counter;
}

static struct known *known_find(struct throttle *throttle, uint64_t key)
{
    struct known *set = throttle->known[key % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (key != 0 && set[i].key == key)
            return &set[i];
    return NULL;
}

static void known_remember(struct throttle *throttle, uint64_t key, int64_t now)
{
    struct known *place = known_find(throttle, key);
    struct known *set = throttle->known[key % SETS];
    if (place == NULL) {
        place = &set[0];
        for (size_t i = 1; i < WAYS; i++)
            if (set[i].used_at < place->used_at)
                place = &set[i];
    }
    *place = (struct known){key, now};
}

/* ---- the decision ---- */

static int64_t failures(const struct counter *counter, const struct throttle_rule *rule,
                        int64_t now)
{
    int64_t left = counter->forgotten_at - now;
    return left <= 0 ? 0 : (left + rule->forget_ms - 1) / rule->forget_ms;
}

static enum throttle_answer counter_ask(const struct counter *counter,
                                        const struct throttle_rule *rule, int64_t now,
                                        int64_t *wait)
{
    int64_t failed = failures(counter, rule, now);
    int64_t delay = counter->delayed_until - now;
    if (delay > 0) {
        if (*wait < delay)
            *wait = delay;
        return THROTTLE_REFUSE;
    }
    if (failed + counter->under_way <= rule->free)
        return THROTTLE_GO;
    /* Beyond the quota one attempt at a time. */
    return counter->under_way > 0 ? THROTTLE_WAIT : THROTTLE_GO;
}

static void counter_fail(struct counter *counter, const struct throttle_rule *rule, int64_t now)
{
    int64_t failed = failures(counter, rule, now) + 1;
    int64_t delay = rule->first_ms;
    int64_t most = rule->free + 1; /* what need be counted: more would not delay longer */
    for (; delay < rule->longest_ms; most++)
        delay *= 2;
    if (failed > most)
        failed = most;
    counter->forgotten_at =
        (counter->forgotten_at > now && failed < most ? counter->forgotten_at + rule->forget_ms
                                                      : now + failed * rule->forget_ms);
    if (failed <= rule->free)
        return;
    delay = rule->first_ms << (failed - rule->free - 1);
    counter->delayed_until = now + (delay < rule->longest_ms ? delay : rule->longest_ms);
}

/* The counters that a ticket counts in: the account's (here or in general) first, then networks. */
static uint64_t ticket_key(const struct throttle_ticket *ticket, enum counted what)
{
    switch (what) {
    case COUNT_ACCOUNT:
        return ticket->from_known ? 0 : ticket->key.account;
    case COUNT_KNOWN:
        return ticket->from_known ? ticket->key.known : 0;
    case COUNT_ADDRESS:
        return ticket->key.network[0];
    case COUNT_REGION:
        return ticket->key.network[1];
    case COUNTED:
        break;
    }
    return 0;
}

enum throttle_answer throttle_ask(struct throttle *throttle, const struct throttle_key *key,
                                  int64_t now, struct throttle_ticket *ret_ticket,
                                  int64_t *ret_wait)
{
    struct throttle_ticket ticket = {*key, known_find(throttle, key->known) != NULL};
    enum throttle_answer answer = THROTTLE_GO;
    int64_t wait = 0;
    /* At a known place the networks' counters count, but do not rule: one guesser in an office
     * must not keep the others out. */
    enum counted last = ticket.from_known ? COUNT_KNOWN : COUNT_REGION;
    for (enum counted what = COUNT_ACCOUNT; what <= last; what++) {
        uint64_t one = ticket_key(&ticket, what);
        const struct counter *counter = one == 0 ? NULL : counter_find(throttle, one);
        if (counter == NULL)
            continue;
        enum throttle_answer its = counter_ask(counter, &rules[what], now, &wait);
        if (its > answer)
            answer = its;
    }
    if (answer == THROTTLE_REFUSE)
        *ret_wait = wait;
    if (answer != THROTTLE_GO)
        return answer;

    struct counter *taken[COUNTED] = {NULL};
    for (enum counted what = COUNT_ACCOUNT; what < COUNTED; what++) {
        uint64_t one = ticket_key(&ticket, what);
        if (one == 0)
            continue;
        taken[what] = counter_make(throttle, one);
        if (taken[what] == NULL) {
            /* No place in the table: release what was taken, and let this attempt try again. */
            for (enum counted before = COUNT_ACCOUNT; before < what; before++)
                if (taken[before] != NULL)
                    taken[before]->under_way--;
            *ret_wait = SECOND;
            return THROTTLE_REFUSE;
        }
        taken[what]->under_way++;
    }
    *ret_ticket = ticket;
    return THROTTLE_GO;
}

void throttle_verdict(struct throttle *throttle, const struct throttle_ticket *ticket, int64_t now,
                      enum throttle_verdict verdict)
{
    for (enum counted what = COUNT_ACCOUNT; what < COUNTED; what++) {
        uint64_t one = ticket_key(ticket, what);
        struct counter *counter = one == 0 ? NULL : counter_find(throttle, one);
        if (counter == NULL)
            continue;
        counter->under_way--;
        if (verdict == THROTTLE_WRONG) {
            counter_fail(counter, &rules[what], now);
        } else if (verdict == THROTTLE_RIGHT && what <= COUNT_KNOWN) {
            counter->forgotten_at = 0;
            counter->delayed_until = 0;
        }
    }
    if (verdict == THROTTLE_RIGHT && ticket->key.known != 0)
        known_remember(throttle, ticket->key.known, now);
}
