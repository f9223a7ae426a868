/*
 * Shows the progress of long work on standard error: on a terminal a line that is rewritten,
 * elsewhere another line from time to time, and in a server's log an event.
 */
#ifndef BZCTRL_DAEMON_PROGRESS_H
#define BZCTRL_DAEMON_PROGRESS_H

#include "base/watch.h"

enum progress_form { PROGRESS_LINES, PROGRESS_TERMINAL, PROGRESS_LOG };

struct progress {
    enum progress_form form;
    bool in_line;    /* the cursor is after a line that may change */
    int64_t told_at; /* clock_ticks() */
    char name[128];  /* of the last step */
};

/* Chooses the form by the kind of standard error. */
void progress_init(struct progress *progress);

/* For struct watch, with the struct progress as its argument; never asks to stop. */
bool progress_step(void *progress, const struct watch_step *step);

/* Ends the current line, if any, so that something else can be written. */
void progress_end(struct progress *progress);

#endif
