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
    bool broken; /* history was changed; `fault` describes the first place */
    struct str fault;
};

/*
 * `head` is called with the head of each intact domain chain; it may be NULL.
 *
 * Walks every chain in bounded reads: seq without gaps, each hash over the one before, payloads
 * against their hash (an erased one is accepted and counted), the head; then every record against
 * its events and the numbers of every workspace against its counter. Each of `receipts` must name
 * an existing event with the same hash; a receipt beyond the end of its chain proves that the end
 * was cut off.
 *
 * ERR_OK means that the check reached the end or the first bad place: see ret_report->broken. Other
 * errors mean that it could not run. `db` must not be inside a transaction; each read sees one
 * moment, and events appended during the check may or may not be included.
 */
enum err history_verify(struct db *db, struct op *op, const struct receipt *receipts,
                        size_t receipt_count,
                        void (*head)(void *arg, struct str domain_key, const struct chain *head),
                        void *arg, struct history_report *ret_report) MUST_CHECK;

/* Erases the content of an event (payload and salt), inside the caller's transaction. The chain
 * stays intact. ERR_NOT_FOUND. */
enum err core_history_erase(struct db *db, struct op *op, int64_t domain_id,
                            int64_t seq) MUST_CHECK;

#endif
