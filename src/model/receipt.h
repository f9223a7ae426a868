/*
 * A receipt, "EXA-CON-BUS:1042:BASE64-HASH": domain, seq and hash of an event, as the answer to a
 * change carries it in Bzctrl-Receipt. Anybody who keeps one can later prove that the history up to
 * that event was not rewritten.
 */
#ifndef BZCTRL_MODEL_RECEIPT_H
#define BZCTRL_MODEL_RECEIPT_H

#include "base/buf.h"
#include "base/hash.h"

struct receipt {
    struct str domain; /* its key, in capitals as it was given */
    int64_t seq;       /* from 1 */
    struct sha256 hash;
};

void buf_receipt(struct buf *buf, struct str domain_key, int64_t seq, const struct sha256 *hash);

/* Splits one, blanks around it allowed; the domain is borrowed from `text`. False when it is not
 * one. */
bool receipt_read(struct str text, struct receipt *ret_receipt);

#endif
