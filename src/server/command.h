/*
 * The sub-commands of bzctrld. Each is written once: a command that needs the store runs in this
 * process if no server uses the data folder, and otherwise inside the running server, over its
 * control socket.
 */
#ifndef BZCTRL_SERVER_COMMAND_H
#define BZCTRL_SERVER_COMMAND_H

#include "base/buf.h"
#include "base/watch.h"
#include "server/arguments.h"
#include "server/config.h"

struct core;

/* Exit codes, as sysexits.h has them. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,      /* the command refused: history is broken, a name is in use */
    EXIT_USAGE = 64,       /* the command line is wrong */
    EXIT_UNAVAILABLE = 69, /* the store or the server cannot be reached */
    EXIT_SOFTWARE = 70,    /* out of memory, or an internal error */
    EXIT_STORAGE = 74,     /* reading or writing failed */
};

/* A running command. `core` is set for commands with `run_store`. */
struct command_run {
    struct op *op;
    const struct arguments *arguments;
    struct config config; /* of `run_direct` only */
    struct core *core;
    struct str database;   /* of a command with `reads_itself`: the database URL */
    struct str public_url; /* the start of every link */
    struct watch watch;    /* receives the progress, and may ask to stop */
    struct str input;      /* what `gather` read; absent when nothing was given */
    struct buf *out, *err; /* data, and messages */
};

struct command {
    const char *name;     /* one to COMMAND_WORDS words */
    const char *operands; /* for the help: "EMAIL" */
    size_t operand_count;
    const char *help;
    const struct flag *flags;
    size_t flag_count;
    int trouble;   /* the exit code in place of any above 1; 0: unchanged */
    bool existing; /* requires an existing store of this version; others create one */
    /* Runs in this process even if a server is running: it only reads, on its own connection to
     * run->database, and then has no core. */
    bool reads_itself;
    /* Reads what only the caller's side can read: a file, a prompt. May be NULL. */
    enum err (*gather)(struct op *op, const struct arguments *arguments, struct str *ret_input);
    /* Called on the caller's side after the command has ended with `code`, to handle its output.
     * Returns the exit code. May be NULL. */
    int (*deliver)(struct command_run *run, int code);
    /* Exactly one of the two. Errors are explained in run->err or op->detail. */
    int (*run_direct)(struct command_run *run);
    int (*run_store)(struct command_run *run);
};

/* NULL when there is no command of that name. */
const struct command *command_find(struct str name);

/* Runs the program: parses the words, runs the command, returns the exit code. */
int command_main(const struct str *words, size_t n);

/* Runs a store command's words as run->arguments: what the server does for its control socket. The
 * rest of `run` is filled in. */
int command_run_words(struct command_run *run, const struct str *words, size_t n);

/* Writes "bzctrld: DETAIL" to run->err and returns the exit code that fits the error. */
int command_fail(struct command_run *run, enum err err) MUST_CHECK;

/* The help of the program (NULL) or of one command. */
void command_help(const struct command *command, struct buf *out);

/* ---- the commands, one file per noun ---- */

int serve_run(struct command_run *run);
int demo_run(struct command_run *run);
int user_add_run(struct command_run *run);
enum err user_add_gather(struct op *op, const struct arguments *arguments, struct str *ret_input);
int user_list_run(struct command_run *run);
int user_show_run(struct command_run *run);
int user_set_run(struct command_run *run);
int user_disable_run(struct command_run *run);
int user_enable_run(struct command_run *run);
int user_password_run(struct command_run *run);
int user_reset_link_run(struct command_run *run);
int user_erase_run(struct command_run *run);
int workspace_add_run(struct command_run *run);
int workspace_list_run(struct command_run *run);
int workspace_set_run(struct command_run *run);
int domain_add_run(struct command_run *run);
int domain_list_run(struct command_run *run);
int client_add_run(struct command_run *run);
int client_list_run(struct command_run *run);
int client_show_run(struct command_run *run);
int client_enable_run(struct command_run *run);
int client_disable_run(struct command_run *run);
int client_secret_add_run(struct command_run *run);
int client_secret_list_run(struct command_run *run);
int client_secret_revoke_run(struct command_run *run);
enum err secret_file_gather(struct op *op, const struct arguments *arguments,
                            struct str *ret_input);
int secret_file_deliver(struct command_run *run, int code);
int form_list_run(struct command_run *run);
int form_export_run(struct command_run *run);
int form_import_run(struct command_run *run);
int form_diff_run(struct command_run *run);
enum err form_file_gather(struct op *op, const struct arguments *arguments, struct str *ret_input);
int events_run(struct command_run *run);
int verify_run(struct command_run *run);
enum err verify_gather(struct op *op, const struct arguments *arguments, struct str *ret_input);
int backup_run(struct command_run *run);
int restore_run(struct command_run *run);
int migrate_run(struct command_run *run);

#endif
