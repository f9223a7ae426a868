/*
 * The throttle: how often may somebody try a password? Attempts are counted before the costly
 * hashing, by account and by network, and what follows too many failures is a growing delay and
 * never a lock, since a lock is a tool to keep the real person out.
 *
 * Each counter forgets steadily: an account five failures in a quarter of an hour. Up to that many
 * are free; each further one makes the next attempt wait, 1 s, 2 s, 4 s … 60 s. Networks (an IPv4
 * address or an IPv6 /64, and around it the /24 or /48) have larger quotas and longer delays.
 *
 * A network from which an account has signed in before has a counter of its own for that account,
 * and only that one rules there: failures elsewhere do not delay who comes from a known place.
 *
 * An attempt that is admitted counts as a failure until its verdict is known. When the free quota
 * is used up by attempts under way, the next one is told to wait for their verdicts; so any number
 * of correct sign-ins at once all succeed.
 *
 * A pure data structure: bounded memory, no clock, no locks; it belongs to one thread.
 */
#ifndef BZCTRL_CORE_THROTTLE_H
#define BZCTRL_CORE_THROTTLE_H

#include "base/err.h"
#include "base/network.h"

struct throttle;

enum throttle_answer {
    THROTTLE_GO,     /* try now; throttle_verdict() must follow */
    THROTTLE_WAIT,   /* ask again when a verdict has come in */
    THROTTLE_REFUSE, /* too many failures */
};

/* The counters that rule one attempt, found by throttle_key() once. */
struct throttle_key {
    uint64_t account;    /* the account, whether or not it exists */
    uint64_t known;      /* the account from this network */
    uint64_t network[2]; /* its address or /64, and its /24 or /48; 0: not counted */
};

struct throttle_ticket {
    struct throttle_key key;
    bool from_known; /* the counter key.known rules instead of key.account */
};

/* Takes less than 1 MiB for good. ERR_MEMORY. */
enum err throttle_create(struct throttle **ret_throttle) MUST_CHECK;
void throttle_destroy(struct throttle *throttle);

/* `email` in lower case. `address` may be NULL (a local socket): then no network is counted. */
struct throttle_key throttle_key(const struct throttle *throttle, struct str email,
                                 const struct address *address);

/* May this attempt be made now (milliseconds)? `ret_ticket` is set for THROTTLE_GO; for
 * THROTTLE_REFUSE `ret_wait` is after how many milliseconds it is worth to try again. */
enum throttle_answer throttle_ask(struct throttle *throttle, const struct throttle_key *key,
                                  int64_t now, struct throttle_ticket *ret_ticket,
                                  int64_t *ret_wait);

/* What became of an admitted attempt. THROTTLE_RIGHT resets the account's counter and remembers
 * the network; THROTTLE_UNDECIDED takes the attempt back (it was never judged). */
enum throttle_verdict { THROTTLE_RIGHT, THROTTLE_WRONG, THROTTLE_UNDECIDED };
void throttle_verdict(struct throttle *throttle, const struct throttle_ticket *ticket, int64_t now,
                      enum throttle_verdict verdict);

#endif
