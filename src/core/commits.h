/*
 * Who wants to know that something was committed: those listed here are called on the write lane
 * after each commit of this process that has added events to the history, and must be quick. What was committed they read for
 * themselves. Another node's commits are not noticed.
 */
#ifndef BZCTRL_CORE_COMMITS_H
#define BZCTRL_CORE_COMMITS_H

#include <pthread.h>

struct commit_listener {
    void (*committed)(void *arg);
    void *arg;
    struct commit_listener *next; /* the list's */
};

struct commits {
    pthread_mutex_t lock;
    struct commit_listener *first;
};

void commits_init(struct commits *commits);
void commits_finish(struct commits *commits);

/* Safe from any thread. After commits_leave() the listener is called no more, nor is it after
 * core_close(), when nothing can be left any more. */
void commits_join(struct commits *commits, struct commit_listener *listener);
void commits_leave(struct commits *commits, struct commit_listener *listener);

/* For the write lane. */
void commits_tell(struct commits *commits);

#endif
