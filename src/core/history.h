/*
 * Is the stored history whole? Everything that doc/history.md promises is checked here: `bzctrld
 * verify` is this function and a printer.
 */
#ifndef BZCTRL_CORE_HISTORY_H
#define BZCTRL_CORE_HISTORY_H

#include "model/receipt.h"
#include "store/event.h"

/* What verifying found; the counts are of what was checked until it ended. */
struct history_report {
    int64_t domains, events, erased, tasks;
    bool broken; /* history was changed; `fault` says where, in words, the first place */
    struct str fault;
};

typedef void history_head_fn(void *arg, struct str domain_key, const struct chain *head);

/*
 * `head` is called for the head of each domain's chain that is whole; it may be NULL.
 *
 * Walks every chain in bounded reads: seq without gaps, each hash over the one before, payloads
 * against their hash (an erased one is accepted and counted), the head; then every record against
 * its events and the numbers of every workspace against its counter. With `receipts`, each must
 * name an event that is there with that very hash; one beyond the end of its chain proves a cut.
 *
 * ERR_OK says that the check ran to an end or to the first bad place: see ret_report->broken. Other
 * errors say that it could not. `db` must not be inside a transaction; each read sees one moment,
 * and what is appended meanwhile is checked too or left for the next time.
 */
enum err history_verify(struct db *db, struct op *op, const struct receipt *receipts,
                        size_t receipt_count, history_head_fn *head, void *arg,
                        struct history_report *ret_report) MUST_CHECK;

#endif
