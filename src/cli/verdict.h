/* What the server finds at fault in the rows of a batch: for people, row by row and counted by
 * fault. */
#ifndef BZCTRL_CLI_VERDICT_H
#define BZCTRL_CLI_VERDICT_H

#include "base/arena.h"
#include "json/read.h"

struct verdicts {
    struct arena arena; /* of the faults that are counted */
    struct counted *faults;
    size_t n, others; /* others: met after there was no room to count */
};

void verdicts_init(struct verdicts *verdicts);
void verdicts_finish(struct verdicts *verdicts);

/* Counts the faults of a problem document, or warnings, {"errors":[…]} or {"warnings":[…]}, and
 * writes a line for each, without a line end after the last. */
void verdicts_take(struct verdicts *verdicts, long line, const struct json *problem,
                   struct buf *text);

/* Counts a fault that is a sentence. */
void verdicts_take_sentence(struct verdicts *verdicts, long line, struct str sentence);

/* On standard error, a line for each fault: how many rows have it, and which is the first. */
void verdicts_print(const struct verdicts *verdicts);

#endif
