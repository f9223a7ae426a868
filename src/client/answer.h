/*
 * How a call of the library ends: struct bzctrl_answer with the arena that all of one call lies in.
 * Each public call begins one, passes its op down, and ends it with the error that came up.
 */
#ifndef BZCTRL_CLIENT_ANSWER_H
#define BZCTRL_CLIENT_ANSWER_H

#include "base/op.h"

#include <bzctrl.h>

struct bzctrl_answer {
    enum bzctrl_code code;
    int status;
    struct str json, link, record, receipt, key; /* zero-terminated */
    struct bzctrl_fault *faults;
    size_t fault_count;
    struct op op;
    struct arena arena;
};

/* A new one; NULL when out of memory, for answer_end(). */
struct bzctrl_answer *answer_begin(void) MUST_CHECK;

/* The same for a call with a client. *ret_err is ERR_MISUSE, and explained, for a client that is
 * none of this process's. */
struct bzctrl;
struct bzctrl_answer *answer_begin_with(struct bzctrl *client, enum err *ret_err) MUST_CHECK;

/* Sets the code by the error, unless one is set; NULL becomes the one answer that needs no memory.
 * Returns what the caller of the library gets. */
struct bzctrl_answer *answer_end(struct bzctrl_answer *answer, enum err err) MUST_CHECK;

/* Takes a problem document apart: detail and faults. What is none is passed over. */
enum err answer_problem(struct bzctrl_answer *answer, struct str json) MUST_CHECK;

#endif
