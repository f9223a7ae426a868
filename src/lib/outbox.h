/*
 * The outbox: a small SQLite database. A report is written to it before anything is sent, and stays
 * there until the server has acknowledged it.
 *
 * It uses a rollback journal, not a write-ahead log: several processes write here, and SQLite
 * before 3.51.3 can damage a log that one process checkpoints while another commits. With
 * synchronous=FULL and a truncated journal a commit survives a power failure; the folder is synced
 * when the files are created.
 */
#ifndef BZCTRL_LIB_OUTBOX_H
#define BZCTRL_LIB_OUTBOX_H

#include "base/buf.h"
#include "base/op.h"

#include <bzctrl.h>

struct outbox;

/* Length of "2026-11-25T21:22:48.123Z", the occurredAt that is added if a report has none. */
enum { OUTBOX_TIME = 24 };

/* A waiting entry; its texts are in op->arena. */
struct outbox_entry {
    int64_t id, created_at;
    struct str key, form, json; /* form "": the workspace's default form */
    bool timed;                 /* we added occurredAt, as the first member */
    int64_t tries;              /* how often it failed alone */
};

/* Bytes that an entry takes in a bulk call in addition to its key and report. */
enum { OUTBOX_ENVELOPE = 32 };

/* The state of sending that the outbox keeps; times are of the wall clock, in milliseconds. */
struct pace {
    int64_t until, failures; /* the end of the pause (0: none), and the number of failures */
    int64_t bytes;           /* the size of a call that got through lately; 0: no limit */
    int64_t cap, cap_until;  /* a size that was too large, valid for a while; 0: none */
};

/* Opens the file; creates it with mode 0600 if necessary. ERR_FULL, ERR_IO, ERR_CORRUPT, ERR_BUSY, ERR_MEMORY. */
enum err outbox_open(struct op *op, struct str file, int64_t size_mib,
                     struct outbox **ret_outbox) MUST_CHECK;
void outbox_close(struct outbox *outbox);

/* All entries belong to one owner, an account of a server: "URL ACCOUNT". An empty outbox is
 * assigned to `owner`. ERR_SETTINGS if it has reports of another owner. In a transaction, or not. */
enum err outbox_claim(struct outbox *outbox, struct op *op, struct str owner) MUST_CHECK;

/* Assigns the entries, which were for the server `from`, to `owner`. ERR_SETTINGS if they are for another server. */
enum err outbox_move(struct outbox *outbox, struct op *op, struct str from,
                     struct str owner) MUST_CHECK;

/* A transaction. Nothing is durable before outbox_commit(); after an error, roll back. */
enum err outbox_begin(struct outbox *outbox, struct op *op) MUST_CHECK;
enum err outbox_commit(struct outbox *outbox, struct op *op) MUST_CHECK;
void outbox_rollback(struct outbox *outbox);

/* Adds an entry at the end of the line. Adds nothing if the key is in the outbox, or was sent
 * before, with the same form and report. ERR_KEY_REUSED if form or report differ. ERR_FULL at the
 * size limit. `sum` is a hash of the report as given by the caller. */
enum err outbox_add(struct outbox *outbox, struct op *op, const struct outbox_entry *entry,
                    struct str sum) MUST_CHECK;

/* Loads the oldest entries in line that have the same form: at most `max`, and at most `bytes` of a
 * call, but at least one. */
enum err outbox_load(struct outbox *outbox, struct op *op, size_t max, size_t bytes,
                     struct outbox_entry *entries, size_t *ret_count) MUST_CHECK;

/* Loads one entry in line other than `not` and `nor`. If `nor` is 0, this is the next one;
 * otherwise the one that failed least often, so that each gets its turn. */
enum err outbox_load_other(struct outbox *outbox, struct op *op, int64_t not, int64_t nor,
                           struct outbox_entry *entries, size_t *ret_count) MUST_CHECK;

/* Loads the entry set apart that has been due longest. A time more than `longest` ahead was set by
 * another clock and counts as due. */
enum err outbox_load_apart(struct outbox *outbox, struct op *op, int64_t now, int64_t longest,
                           struct outbox_entry *entries, size_t *ret_count) MUST_CHECK;

/* Records that an entry failed alone, with the reason as JSON. It is set apart until `apart_until`,
 * or stays in line if that is 0. */
enum err outbox_failed(struct outbox *outbox, struct op *op, int64_t id, struct str verdict,
                       int64_t tries, int64_t apart_until) MUST_CHECK;

/* Makes all entries that are set apart due now. */
enum err outbox_apart_due(struct outbox *outbox, struct op *op) MUST_CHECK;

/* Records the outcome of an entry: acknowledged or refused. */
enum err outbox_sent(struct outbox *outbox, struct op *op, const struct outbox_entry *entry,
                     struct str record, struct str link, struct str receipt) MUST_CHECK;
enum err outbox_dead(struct outbox *outbox, struct op *op, int64_t id,
                     struct str verdict) MUST_CHECK;

/* Replaces an entry's report and time of creation. */
enum err outbox_mend(struct outbox *outbox, struct op *op, int64_t id, struct str json,
                     int64_t created_at) MUST_CHECK;

/* In a transaction: moves a dead entry to the end of the line, with the time entry->created_at and,
 * unless it is absent, the report entry->json. ERR_NOT_FOUND. */
enum err outbox_again(struct outbox *outbox, struct op *op, int64_t id,
                      const struct outbox_entry *entry) MUST_CHECK;
enum err outbox_drop(struct outbox *outbox, struct op *op, int64_t id) MUST_CHECK;
/* Is it a waiting entry, which may be on its way? */
enum err outbox_waits(struct outbox *outbox, struct op *op, int64_t id, bool *ret_waits) MUST_CHECK;

enum err outbox_pace(struct outbox *outbox, struct op *op, struct pace *ret_pace) MUST_CHECK;
enum err outbox_set_pace(struct outbox *outbox, struct op *op, const struct pace *pace) MUST_CHECK;

/* Lists the entries of a state after an id; or finds the entry with a key. */
enum err outbox_list(struct outbox *outbox, struct op *op, enum bzctrl_state state, int64_t after,
                     size_t limit, bzctrl_on_entry *on_entry, void *arg) MUST_CHECK;
enum err outbox_find(struct outbox *outbox, struct op *op, struct str key,
                     bzctrl_on_entry *on_entry, void *arg) MUST_CHECK;

/* Locks the outbox for sending: one sender at a time among all processes and threads. The lock ends
 * with its process. ERR_BUSY if another sender still holds it at the deadline (clock_ticks()). */
enum err outbox_lock(struct outbox *outbox, struct op *op, int64_t deadline) MUST_CHECK;
void outbox_unlock(struct outbox *outbox);

#endif
