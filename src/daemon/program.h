/*
 * The program bzctrld: its table of commands, and how one is run. A command that needs the store runs
 * in this process if no server uses the data folder, and otherwise inside the running server, over
 * its control socket.
 */
#ifndef BZCTRL_DAEMON_PROGRAM_H
#define BZCTRL_DAEMON_PROGRAM_H

#include "admin/command.h"

extern const struct program bzctrld_program;

/* Parses the words, runs the command, returns the exit code. */
int program_main(const struct str *words, size_t n);

/* Runs a store command's words as run->arguments: what the server does for its control socket. The
 * rest of `run` is filled in. */
int program_run_words(struct command_run *run, const struct str *words, size_t n);

#endif
