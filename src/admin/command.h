/*
 * What the operator's commands share. Each is written once, whether it runs in the operator's process
 * or inside the running server (daemon/program.h).
 */
#ifndef BZCTRL_ADMIN_COMMAND_H
#define BZCTRL_ADMIN_COMMAND_H

#include "admin/config.h"
#include "base/buf.h"
#include "base/watch.h"
#include "tool/arguments.h"
#include "tool/exit.h"

struct core;

/* Bytes of what a command reads: a file, or standard input. */
enum { INPUT_MAX = 8 * 1024 * 1024 };

/* A running command. `core` is set for commands with `run_store`. */
struct command_run {
    struct op *op;
    const struct arguments *arguments;
    struct config config; /* of `run_direct` only */
    enum err config_err;  /* of a command with `judges_config`: why there is none */
    struct core *core;
    struct str database;   /* of a command with `reads_itself`: the database URL */
    struct str public_url; /* the start of every link */
    struct watch watch;    /* receives the progress; nothing inside a server */
    struct str input;      /* what `gather` read; absent when nothing was given */
    struct buf *out, *err; /* data, and messages */
    struct str secret;     /* a secret that the command has made: for `deliver`, in no output */
};

struct admin_command {
    struct command command; /* first, so that command_of() finds the rest */
    int trouble;            /* the exit code in place of any above 1; 0: unchanged */
    bool existing;          /* requires an existing store of this version; others create one */
    bool judges_config;     /* runs even if the settings are not valid */
    /* Runs in this process even if a server is running: it only reads, on its own connection to
     * run->database, and then has no core. */
    bool reads_itself;
    /* Reads what only the caller's side can read: a file, a prompt. May be NULL. */
    enum err (*gather)(struct op *op, const struct arguments *arguments, struct str *ret_input);
    /* Called on the caller's side after the command has ended with `code`: prints run->secret, or
     * writes it to a file. Returns the exit code. May be NULL. */
    int (*deliver)(struct command_run *run, int code);
    /* Exactly one of the two. Errors are explained in run->err or op->detail. */
    int (*run_direct)(struct command_run *run);
    int (*run_store)(struct command_run *run);
};

/* The command that the arguments name; NULL if they name none. They were read by a table of
 * struct admin_command. */
const struct admin_command *command_of(const struct arguments *arguments);

/* Writes "bzctrld: DETAIL" to run->err and returns the exit code that fits the error. */
int command_fail(struct command_run *run, enum err err) MUST_CHECK;

/* The commands, each list in the file of its noun; the last entry has no name. */
extern const struct admin_command user_commands[], workspace_commands[], client_commands[],
    form_commands[], index_commands[], mail_commands[], events_commands[], verify_commands[],
    backup_commands[], migrate_commands[];

#endif
