/*
 * The command `bzctrl`: what its sub-commands share. Data goes to standard output and messages go
 * to standard error; the exit code says what went wrong.
 */
#ifndef BZCTRL_CLI_CLI_H
#define BZCTRL_CLI_CLI_H

#include "base/str.h"

#include <bzctrl.h>

#include <stdio.h>

/* As sysexits.h has them; bzctrl(1) lists them. */
enum {
    EXIT_DONE = 0,
    EXIT_NO = 1,           /* a receipt does not match */
    EXIT_USAGE = 64,       /* the command line is wrong */
    EXIT_DATA = 65,        /* the report is refused, or is not a valid report */
    EXIT_NOINPUT = 66,     /* a file or record does not exist */
    EXIT_UNAVAILABLE = 69, /* the server does not answer */
    EXIT_SOFTWARE = 70,    /* out of memory, or an internal error */
    EXIT_STORAGE = 74,     /* a file cannot be read or written, or the outbox is full */
    EXIT_LATER = 75,       /* saved in the outbox; will be sent later */
    EXIT_DENIED = 77,      /* the account or secret is wrong, or lacks a right */
    EXIT_CONFIG = 78,      /* a setting is missing or wrong */
};

enum { OPERANDS_MAX = 3, FLAGS_MAX = 600 };

struct flag {
    const char *name;  /* "password-file" */
    const char *value; /* the name of its value in the help; NULL for a switch */
    const char *help;
    bool many; /* may be repeated */
};

struct cli;
struct defaults;

struct command {
    const char *name;     /* one or two words */
    const char *operands; /* for the help: "KEY [RECEIPT]" */
    size_t least, most;   /* how many it takes */
    const char *help;
    const struct flag *flags;
    size_t flag_count;
    bool text_only; /* cannot print JSON */
    int (*run)(struct cli *cli);
};

struct cli {
    const struct command *command;
    const char *operands[OPERANDS_MAX];
    size_t operand_count;
    struct {
        const char *name, *value; /* "" for a switch that is on */
    } flags[FLAGS_MAX];
    size_t flag_count;
    bool help, json; /* json: print JSON, for programs */
    struct bzctrl *client;
};

/* False after reporting what is wrong. */
bool arguments_read(struct cli *cli, int argc, char **argv);

/* The first value of a flag; NULL if it was not given. */
const char *flag_of(const struct cli *cli, const char *name);
extern const struct flag global_flags[];
extern const size_t global_flag_count;
const struct command *commands_all(size_t *ret_count);
void command_help(const struct command *command);

/* "bzctrl: …" on standard error; returns `code`. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reports an answer that is not OK, with its faults; frees it and returns the exit code. */
int fail_answer(struct bzctrl_answer *answer);
int exit_code(enum bzctrl_code code);
void print_faults(const struct bzctrl_answer *answer);

/* Prints foreign text on one line, with control and direction characters escaped. */
void print_shown(FILE *file, struct str text);

/* Escape sequences; "" if colours are off. */
const char *bold(void);
const char *plain(void);

/* Prints data. */
bool print(const char *text);

/* Reads a file ("-": standard input); zero-terminated, to be freed. NULL after reporting why. */
char *file_read(const char *name, size_t max);

/* Opens the client of --profile, --config and --set. Reports errors and returns the exit code. */
int client_open(struct cli *cli);

/* ---- the commands ---- */

int login_run(struct cli *cli);
int report_run(struct cli *cli);
int batch_run(struct cli *cli, const char *name, const struct defaults *defaults);
int list_run(struct cli *cli);
int show_run(struct cli *cli);
int open_run(struct cli *cli);
int form_show_run(struct cli *cli);
int form_sample_run(struct cli *cli);
int outbox_list_run(struct cli *cli);
int outbox_run_run(struct cli *cli);
int outbox_retry_run(struct cli *cli);
int outbox_edit_run(struct cli *cli);
int outbox_drop_run(struct cli *cli);
int outbox_move_run(struct cli *cli);
int receipt_list_run(struct cli *cli);
int receipt_verify_run(struct cli *cli);
int watch_run(struct cli *cli);
int doctor_run(struct cli *cli);
int completion_run(struct cli *cli);

#endif
