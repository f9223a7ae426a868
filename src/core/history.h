/*
 * Verifies that the stored history is intact. It checks everything that doc/history.md promises;
 * `bzctrld verify` calls it and prints the result.
 */
#ifndef BZCTRL_CORE_HISTORY_H
#define BZCTRL_CORE_HISTORY_H

#include "model/receipt.h"
#include "store/event.h"

/* The result; the counts cover what was checked before it ended. */
struct history_report {
    int64_t domains, events, erased, tasks;
    int64_t unproved; /* records of which a member cannot be proved: what said it is erased */
    bool broken;      /* history was changed; `fault` describes the first place */
    struct str fault;
};

typedef void history_head_fn(void *arg, struct str domain_key, const struct chain *head);

/*
 * `head` is called with the head of each intact domain chain; it may be NULL.
 *
 * Walks every chain in bounded reads: seq without gaps, each hash over the one before, payloads
 * against their hash, an erased one against the event that says so, the head; then every record, member
 * by member, against what its events give, comments and attachments against theirs, and the numbers
 * of every workspace against its counter; and what the tables of administration hold against the
 * events about it. Each of `receipts` must name
 * an existing event with the same hash; a receipt beyond the end of its chain proves that the end
 * was cut off.
 *
 * ERR_OK means that the check reached the end or the first bad place: see ret_report->broken. Other
 * errors mean that it could not run. `db` must not be inside a transaction; each read sees one
 * moment, and events appended during the check may or may not be included.
 */
enum err history_verify(struct db *db, struct op *op, const struct receipt *receipts,
                        size_t receipt_count, history_head_fn *head, void *arg,
                        struct history_report *ret_report) MUST_CHECK;

#endif
