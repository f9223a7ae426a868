/*
 * The outbox: a small SQLite database in which a report is safe before anything is sent, and stays
 * until the server has acknowledged it.
 *
 * Its journal is a rollback journal, not a write-ahead log: several processes write here, and
 * SQLite before 3.51.3 can damage a log that is checkpointed by one while another commits.
 * synchronous=FULL and a truncated journal make a commit survive a power cut; the names of the
 * files are synced when they are made.
 */
#ifndef BZCTRL_CLIENT_OUTBOX_H
#define BZCTRL_CLIENT_OUTBOX_H

#include "base/buf.h"
#include "base/op.h"

#include <bzctrl.h>

struct outbox;

/* Length of "2026-11-25T21:22:48.123Z", which is filled in where a report has no occurredAt. */
enum { OUTBOX_TIME = 24 };

/* An entry that waits; texts in op->arena. */
struct outbox_entry {
    int64_t id, created_at;
    struct str key, form, json; /* form "": the workspace's own choice */
    bool timed;                 /* occurredAt is the first member, and was put there by us */
    int64_t tries;              /* how often it failed alone */
};

/* Bytes that an entry takes in a bulk call beside its key and its report. */
enum { OUTBOX_ENVELOPE = 32 };

/* What the outbox remembers of sending; times by the wall clock, milliseconds. */
struct pace {
    int64_t until, failures; /* the pause after failures (0: none), and how many there were */
    int64_t bytes;           /* of a call: what got through lately; 0: as much as there may be */
    int64_t cap, cap_until;  /* the same of what was too large, which holds for a while; 0: none */
};

/* Opens the file, which is made if need be, mode 0600. ERR_FULL, ERR_IO, ERR_CORRUPT, ERR_BUSY,
 * ERR_MEMORY. */
enum err outbox_open(struct op *op, struct str file, int64_t size_mib,
                     struct outbox **ret_outbox) MUST_CHECK;
void outbox_close(struct outbox *outbox);

/* What is in it is for one account of one server: "URL ACCOUNT". An empty one becomes this owner's;
 * ERR_SETTINGS when it has reports of another. */
enum err outbox_claim(struct outbox *outbox, struct op *op, struct str owner) MUST_CHECK;

/* Makes what is in it, which was for the server `from`, the owner's. ERR_SETTINGS when it was for
 * another one. */
enum err outbox_move(struct outbox *outbox, struct op *op, struct str from,
                     struct str owner) MUST_CHECK;

/* Several changes as one. Nothing is durable before outbox_commit(); after an error, roll back. */
enum err outbox_begin(struct outbox *outbox, struct op *op) MUST_CHECK;
enum err outbox_commit(struct outbox *outbox, struct op *op) MUST_CHECK;
void outbox_rollback(struct outbox *outbox);

/* Adds an entry at the end of the line. A key that is there already, or was sent before, with the
 * same form and report: nothing is added. ERR_KEY_REUSED when they differ. ERR_FULL over the limit.
 * `sum` is a hash of the report as it was given. */
enum err outbox_add(struct outbox *outbox, struct op *op, const struct outbox_entry *entry,
                    struct str sum) MUST_CHECK;

/* The oldest that wait in line, of one form, at most `max` and, from two on, `bytes` of a call. */
enum err outbox_load(struct outbox *outbox, struct op *op, size_t max, size_t bytes,
                     struct outbox_entry *entries, size_t *ret_count) MUST_CHECK;

/* One in line other than `not` and `nor`: without `nor` (0) the next one; with it the one that
 * failed least often, so that in the end each has its turn. */
enum err outbox_load_other(struct outbox *outbox, struct op *op, int64_t not, int64_t nor,
                           struct outbox_entry *entries, size_t *ret_count) MUST_CHECK;

/* One of those that wait apart: whose time came first. A time that lies further ahead than
 * `longest` was set by another clock, and has come too. */
enum err outbox_load_apart(struct outbox *outbox, struct op *op, int64_t now, int64_t longest,
                           struct outbox_entry *entries, size_t *ret_count) MUST_CHECK;

/* One failed alone, with the reason as JSON; it waits apart until a time, or, 0, in line. */
enum err outbox_failed(struct outbox *outbox, struct op *op, int64_t id, struct str verdict,
                       int64_t tries, int64_t apart_until) MUST_CHECK;

/* The time has come of all that wait apart. */
enum err outbox_apart_due(struct outbox *outbox, struct op *op) MUST_CHECK;

/* What became of one. */
enum err outbox_sent(struct outbox *outbox, struct op *op, const struct outbox_entry *entry,
                     struct str record, struct str link, struct str receipt) MUST_CHECK;
enum err outbox_dead(struct outbox *outbox, struct op *op, int64_t id,
                     struct str verdict) MUST_CHECK;

/* Another report in an entry's place, or another time of its making. */
enum err outbox_mend(struct outbox *outbox, struct op *op, int64_t id, struct str json,
                     int64_t created_at) MUST_CHECK;

/* A dead one to the end of the line, made at entry->created_at, and, unless entry->json is absent,
 * with that as its report.
 * Between outbox_begin() and outbox_commit(). ERR_NOT_FOUND. */
enum err outbox_again(struct outbox *outbox, struct op *op, int64_t id,
                      const struct outbox_entry *entry) MUST_CHECK;
enum err outbox_drop(struct outbox *outbox, struct op *op, int64_t id) MUST_CHECK;

enum err outbox_pace(struct outbox *outbox, struct op *op, struct pace *ret_pace) MUST_CHECK;
enum err outbox_set_pace(struct outbox *outbox, struct op *op, const struct pace *pace) MUST_CHECK;

/* Shows entries of a state from after an id on; or, with a key, the one that has it. */
enum err outbox_list(struct outbox *outbox, struct op *op, enum bzctrl_state state, int64_t after,
                     size_t limit, bzctrl_on_entry *on_entry, void *arg) MUST_CHECK;
enum err outbox_find(struct outbox *outbox, struct op *op, struct str key,
                     bzctrl_on_entry *on_entry, void *arg) MUST_CHECK;

/* One sender at a time, of all processes and threads. It ends with the process that has it.
 * ERR_BUSY when another has it beyond the deadline (clock_ticks()). */
enum err outbox_lock(struct outbox *outbox, struct op *op, int64_t deadline) MUST_CHECK;
void outbox_unlock(struct outbox *outbox);

#endif
