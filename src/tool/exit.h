/* The exit codes of both programs, as sysexits.h has them; bzctrl(1) explains them to people. */
#ifndef BZCTRL_TOOL_EXIT_H
#define BZCTRL_TOOL_EXIT_H

enum exit_code {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,      /* the answer is no: history is broken, a receipt does not match */
    EXIT_USAGE = 64,       /* the command line is wrong */
    EXIT_DATA = 65,        /* the report is refused, or is not a valid report */
    EXIT_NOINPUT = 66,     /* a file or record does not exist */
    EXIT_UNAVAILABLE = 69, /* the store or the server cannot be reached */
    EXIT_SOFTWARE = 70,    /* out of memory, or an internal error */
    EXIT_STORAGE = 74,     /* reading or writing failed, or the outbox is full */
    EXIT_LATER = 75,       /* saved in the outbox; will be sent later */
    EXIT_DENIED = 77,      /* the account or secret is wrong, or lacks a right */
    EXIT_CONFIG = 78,      /* a setting is missing or wrong */
};

#endif
