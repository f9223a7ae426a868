/*
 * Checks an evidence file (doc/evidence.md) without any server: the container, each event's hash
 * and place in the chain, and that the record, its comments and its attachments are what the events
 * say. The file is read once; memory is bounded, whatever is in it.
 */
#ifndef BZCTRL_EVIDENCE_CHECK_H
#define BZCTRL_EVIDENCE_CHECK_H

#include "evidence/evidence.h"

#include <stdio.h>

/* A receipt to compare with, and what came of it. */
struct evidence_receipt {
    struct receipt receipt;
    bool compared; /* its event is in the file, with that hash */
};

/* What was found. The texts are in op->arena. */
struct evidence_report {
    struct evidence_head head;
    int64_t own, erased;     /* events of the record; those whose contents were erased */
    int64_t links, withheld; /* other events in its part of the chain; those with a hash alone */
    int64_t comments, attachments;
    int64_t unsure; /* comments and attachments that erased contents would have to confirm */
    struct str_list unproven; /* members of the record that the history does not prove */
};

/* ERR_OK: the file is whole. ERR_CORRUPT: it is not, or differs from a receipt; op->detail names
 * the member and what is wrong with it. ERR_IO, ERR_MEMORY. `receipts` may be NULL. */
enum err evidence_check(FILE *file, struct op *op, struct evidence_receipt *receipts,
                        size_t receipt_count, struct evidence_report *ret_report) MUST_CHECK;

#endif
