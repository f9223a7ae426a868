/*
 * The throttle limits how often a password may be tried. Attempts are counted before the costly
 * hashing, by account and by network. Too many failures cause a growing delay, never a lock,
 * because a lock would let an attacker keep the real person out.
 *
 * Each counter forgets steadily: five failures per quarter of an hour for an account. That many are
 * free; each failure beyond them delays the next attempt, by 1 s, 2 s, 4 s … 60 s. Networks (an
 * IPv4 address or an IPv6 /64, and around it the /24 or /48) have larger quotas and longer delays.
 *
 * A network from which an account has signed in before has its own counter for that account, and
 * only that counter applies there: failures elsewhere do not delay a person at a known place.
 *
 * An attempt that is admitted counts as a failure until its verdict is known. When attempts in
 * progress use up the free quota, the next one waits for their verdicts; so any number of correct
 * sign-ins at once all succeed.
 *
 * A pure data structure: bounded memory, no clock, no locks; the caller has the lock.
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

/* The counters that apply to one attempt, found once by throttle_key(). */
struct throttle_key {
    uint64_t account;    /* the account, whether or not it exists */
    uint64_t known;      /* the account from this network */
    uint64_t network[2]; /* its address or /64, and its /24 or /48; 0: not counted */
};

struct throttle_ticket {
    struct throttle_key key;
    bool from_known; /* the counter key.known applies instead of key.account */
};

/* Uses less than 1 MiB for its lifetime. ERR_MEMORY. */
enum err throttle_create(struct throttle **ret_throttle) MUST_CHECK;
void throttle_destroy(struct throttle *throttle);

/* `email` in lower case. `address` may be NULL (a local socket): then no network is counted. */
struct throttle_key throttle_key(const struct throttle *throttle, struct str email,
                                 const struct address *address);

/* May this attempt be made now (milliseconds)? `ret_ticket` is set for THROTTLE_GO; for
 * THROTTLE_REFUSE `ret_wait` is how many milliseconds to wait before trying again. */
enum throttle_answer throttle_ask(struct throttle *throttle, const struct throttle_key *key,
                                  int64_t now, struct throttle_ticket *ret_ticket,
                                  int64_t *ret_wait);

/* Reports the outcome of an admitted attempt. THROTTLE_RIGHT resets the account's counter and
 * remembers the network; THROTTLE_UNDECIDED withdraws the attempt (it was never judged). */
enum throttle_verdict { THROTTLE_RIGHT, THROTTLE_WRONG, THROTTLE_UNDECIDED };
void throttle_verdict(struct throttle *throttle, const struct throttle_ticket *ticket, int64_t now,
                      enum throttle_verdict verdict);

#endif
