/*
 * How far long work is, on standard error: on a terminal a line that is written anew, elsewhere a
 * further line now and then, and in a server's log an event.
 */
#ifndef BZCTRL_SERVER_PROGRESS_H
#define BZCTRL_SERVER_PROGRESS_H

#include "base/watch.h"

enum progress_form { PROGRESS_LINES, PROGRESS_TERMINAL, PROGRESS_LOG };

struct progress {
    enum progress_form form;
    bool in_line;    /* the cursor stands behind a line that may change */
    int64_t told_at; /* clock_ticks() */
    char name[128];  /* of the last step */
};

/* For people, in the form that fits where standard error goes. */
void progress_init(struct progress *progress);

/* For struct watch, with the struct progress as its argument; never asks for the end. */
bool progress_step(void *progress, const struct watch_step *step);

/* Ends the line, if one is open, so that something else can be written. */
void progress_end(struct progress *progress);

#endif
