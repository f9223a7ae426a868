/*
 * The server process: one libuv loop that owns the HTTP servers (public and control), the core with
 * its lanes, and the mailbox where they meet.
 */
#ifndef BZCTRL_DAEMON_SERVE_H
#define BZCTRL_DAEMON_SERVE_H

#include "admin/command.h"

/* What the caller adds to the settings. */
struct serve_options {
    struct str environment; /* "prod", "acc" or "demo" */
    /* Called once the store is open, before anything listens; may be NULL. */
    enum err (*prepare)(struct core *core, struct op *op, void *arg);
    void *arg;
};

/* Serves until SIGTERM or SIGINT, then finishes accepted requests; prints "ready URL" on
 * standard output once it listens. Returns the exit code. */
int serve(struct command_run *run, const struct serve_options *options);

/* `bzctrld serve` and `bzctrld demo`. */
extern const struct admin_command serve_commands[], demo_commands[];

/* The file that marks a data folder as a demo's. */
#define DEMO_MARK "demo"

#endif
