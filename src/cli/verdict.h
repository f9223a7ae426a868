/* The faults that the server finds in the rows of a batch, for people: by row, and counted by
 * fault. */
#ifndef BZCTRL_CLI_VERDICT_H
#define BZCTRL_CLI_VERDICT_H

#include "base/arena.h"
#include "json/read.h"

struct verdicts {
    struct arena arena; /* of the counted faults */
    struct fault_count *faults;
    size_t n, others; /* others: not counted one by one, for lack of room */
};

void verdicts_init(struct verdicts *verdicts);
void verdicts_finish(struct verdicts *verdicts);

/* Counts the faults of a problem document, {"errors":[…]}, or warnings, {"warnings":[…]}, and
 * writes a line for each, without a line end after the last. */
void verdicts_take(struct verdicts *verdicts, long line, const struct json *problem,
                   struct buf *text);

/* Counts a fault that is only a sentence. */
void verdicts_take_sentence(struct verdicts *verdicts, long line, struct str sentence);

/* Prints a line for each fault to standard error: how many rows have it, and the first of them. */
void verdicts_print(const struct verdicts *verdicts);

#endif
