/*
 * The result of a library call: struct bzctrl_answer, with the arena that holds everything of the
 * call. Each public call begins an answer, passes its op down, and ends it with the error.
 */
#ifndef BZCTRL_LIB_ANSWER_H
#define BZCTRL_LIB_ANSWER_H

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

/* Creates an answer. NULL if out of memory; answer_end() accepts that. */
struct bzctrl_answer *answer_begin(void) MUST_CHECK;

/* The same for a call with a client. *ret_err is ERR_MISUSE, with an explanation, for a client that
 * does not belong to this process. */
struct bzctrl;
struct bzctrl_answer *answer_begin_with(struct bzctrl *client, enum err *ret_err) MUST_CHECK;

/* Sets the code from the error, unless a code is set. NULL becomes the static out-of-memory answer.
 * Returns the answer for the caller of the library. */
struct bzctrl_answer *answer_end(struct bzctrl_answer *answer, enum err err) MUST_CHECK;

/* Reads detail and faults from a problem document; other JSON is ignored. */
enum err answer_problem(struct bzctrl_answer *answer, struct str json) MUST_CHECK;

#endif
