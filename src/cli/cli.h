/*
 * The command `bzctrl`: what its sub-commands share. Data goes to standard output and messages go
 * to standard error; the exit code says what went wrong.
 */
#ifndef BZCTRL_CLI_CLI_H
#define BZCTRL_CLI_CLI_H

#include "tool/arguments.h"
#include "tool/exit.h"

#include <bzctrl.h>

#include <stdio.h>

struct cli;
struct defaults;

struct cli_command {
    struct command command; /* first: what the arguments name is one of these */
    bool text_only;         /* cannot print JSON */
    int (*run)(struct cli *cli);
};

struct cli {
    struct op *op;
    struct arguments arguments;
    bool json; /* print JSON, for programs */
    struct bzctrl *client;
};

extern const struct program bzctrl_program;

/* The first value of a flag, and the operand number `i`; NULL if it was not given. */
const char *flag_of(const struct cli *cli, const char *name);
const char *operand_of(const struct cli *cli, size_t i);

/* "bzctrl: …" on standard error; returns `code`. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says that memory is used up; returns EXIT_SOFTWARE. */
int fail_memory(void);

/* Reports cli->op->detail; returns `code`. */
int fail_op(struct cli *cli, int code);

/* Reports an answer that is not OK, with its faults; frees it and returns the exit code. */
int fail_answer(struct bzctrl_answer *answer);
int exit_code(enum bzctrl_code code);
void print_faults(const struct bzctrl_answer *answer);

/* Prints foreign text on one line, with control and direction characters escaped. */
void print_shown(FILE *file, struct str text);

/* Escape sequences; "" if colours are off. */
const char *bold(void);
const char *bold_end(void);

/* Prints data. */
bool print(const char *text);

/* Opens the client of --profile, --config and --set. Reports errors and returns the exit code. */
int cli_open(struct cli *cli);

/* ---- the commands ---- */

int login_run(struct cli *cli);
int report_run(struct cli *cli);
int report_batch_run(struct cli *cli, const char *name, const struct defaults *defaults);
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
int evidence_verify_run(struct cli *cli);
int watch_run(struct cli *cli);
int doctor_run(struct cli *cli);
int completion_run(struct cli *cli);

#endif
