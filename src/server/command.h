/*
 * The sub-commands of bzctrld. Each is written once: a command that needs the store runs in this
 * process when nobody holds the data folder, and inside the running server, over its control
 * socket, when one does.
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
    EXIT_REFUSED = 1,      /* the command says no: history is broken, a name is taken */
    EXIT_USAGE = 64,       /* the command line is wrong */
    EXIT_UNAVAILABLE = 69, /* the store or the server cannot be reached */
    EXIT_SOFTWARE = 70,    /* out of memory, or a fault of the program */
    EXIT_STORAGE = 74,     /* reading or writing failed */
};

/* A command at work. `core` is there for commands with `run_store`. */
struct command_run {
    struct op *op;
    const struct arguments *arguments;
    struct config config; /* of `run_direct` only */
    struct core *core;
    struct str database;   /* of a command that reads by itself beside a server: the URL */
    struct str public_url; /* likewise; what links start with */
    struct watch watch;    /* who is told how far it is, and may ask for its end */
    struct str input;      /* what `gather` read; absent when nothing was given */
    struct buf *out, *err; /* data, and talk */
};

struct command {
    const char *name;     /* one to COMMAND_WORDS words */
    const char *operands; /* for the help: "EMAIL" */
    size_t operand_count;
    const char *help;
    const struct flag *flags;
    size_t flag_count;
    int trouble;   /* what it exits with instead of any code above 1; 0: those of above */
    bool existing; /* wants a store that is there, of this version; the others make one */
    /* Runs in this process beside a server, too: it only reads, on a connection of its own to
     * run->database, and has no core then. */
    bool reads_itself;
    /* Reads what only the caller's side can: a file, a prompt. May be NULL. */
    enum err (*gather)(struct op *op, const struct arguments *arguments, struct str *ret_input);
    /* On the caller's side again, once the command has ended with `code`: what became of what it
     * printed. Returns the exit code. May be NULL. */
    int (*deliver)(struct command_run *run, int code);
    /* One of the two. Errors are explained in run->err or op->detail. */
    int (*run_direct)(struct command_run *run);
    int (*run_store)(struct command_run *run);
};

/* NULL when there is none of that name. */
const struct command *command_find(struct str name);

/* Runs the program: reads the words, does what they say, returns the exit code. */
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
int verify_run(struct command_run *run);
enum err verify_gather(struct op *op, const struct arguments *arguments, struct str *ret_input);
int backup_run(struct command_run *run);
int restore_run(struct command_run *run);
int migrate_run(struct command_run *run);

#endif
