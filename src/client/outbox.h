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
};

/* Opens the file, which is made if need be, mode 0600. What waits in it is for one account of one
 * server; ERR_SETTINGS when it is for another. ERR_FULL, ERR_IO, ERR_CORRUPT, ERR_BUSY, ERR_MEMORY.
 */
enum err outbox_open(struct op *op, struct str file, struct str account, int64_t size_mib,
                     struct outbox **ret_outbox) MUST_CHECK;
void outbox_close(struct outbox *outbox);

/* Several changes as one. Nothing is durable before outbox_commit(); after an error, roll back. */
enum err outbox_begin(struct outbox *outbox, struct op *op) MUST_CHECK;
enum err outbox_commit(struct outbox *outbox, struct op *op) MUST_CHECK;
void outbox_rollback(struct outbox *outbox);

/* Adds an entry at the end of the line. A key that is there already, or was sent before, with the
 * same form and report: nothing is added. ERR_KEY_REUSED when they differ. ERR_FULL over the limit.
 * `sum` is a hash of the report as it was given. */
enum err outbox_add(struct outbox *outbox, struct op *op, const struct outbox_entry *entry,
                    struct str sum) MUST_CHECK;

/* The oldest that wait, of one form, at most `max` and some `bytes` of reports. */
enum err outbox_load(struct outbox *outbox, struct op *op, size_t max, size_t bytes,
                     struct outbox_entry *entries, size_t *ret_count) MUST_CHECK;

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

/* The pause after failures: until when, by the wall clock (0: none), and how many there were. */
enum err outbox_pause(struct outbox *outbox, struct op *op, int64_t *ret_until,
                      int64_t *ret_failures) MUST_CHECK;
enum err outbox_set_pause(struct outbox *outbox, struct op *op, int64_t until,
                          int64_t failures) MUST_CHECK;

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
