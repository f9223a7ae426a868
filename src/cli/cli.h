/*
 * The command `bzctrl`: what its sub-commands share. Standard output is data, standard error is
 * talk; whatever goes wrong is in the exit code.
 */
#ifndef BZCTRL_CLI_CLI_H
#define BZCTRL_CLI_CLI_H

#include "base/str.h"

#include <bzctrl.h>

#include <stdio.h>

/* As sysexits.h has them; bzctrl(1) lists them. */
enum {
    EXIT_DONE = 0,
    EXIT_NO = 1,           /* a receipt that does not fit */
    EXIT_USAGE = 64,       /* the command line is wrong */
    EXIT_DATA = 65,        /* the server refuses the report, or it is none */
    EXIT_NOINPUT = 66,     /* a file or record is not there */
    EXIT_UNAVAILABLE = 69, /* the server does not answer */
    EXIT_SOFTWARE = 70,    /* out of memory, or a fault of the program */
    EXIT_STORAGE = 74,     /* a file cannot be read or written, or the outbox is full */
    EXIT_LATER = 75,       /* safe in the outbox; will be sent later */
    EXIT_DENIED = 77,      /* account, secret or right */
    EXIT_CONFIG = 78,      /* a setting is missing or wrong */
};

enum { OPERANDS_MAX = 3, FLAGS_MAX = 600 };

struct flag {
    const char *name;  /* "password-file" */
    const char *value; /* what the help calls its value; NULL for a switch */
    const char *help;
    bool many; /* may be given again */
};

struct cli;
struct defaults;

struct command {
    const char *name;     /* one or two words */
    const char *operands; /* for the help: "KEY [RECEIPT]" */
    size_t least, most;   /* how many there are */
    const char *help;
    const struct flag *flags;
    size_t flag_count;
    bool text_only; /* has no answer in JSON */
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
    bool help, json; /* json: answers are for programs */
    struct bzctrl *client;
};

/* False after it has told what is wrong. */
bool arguments_read(struct cli *cli, int argc, char **argv);

/* A flag's value, the first one if there are several; NULL when it was not given. */
const char *flag_of(const struct cli *cli, const char *name);
extern const struct flag global_flags[];
extern const size_t global_flag_count;
const struct command *commands_all(size_t *ret_count);
void command_help(const struct command *command);

/* "bzctrl: …" on standard error; returns `code`. */
int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What an answer that is not OK says, with its faults; frees it and returns the exit code. */
int fail_answer(struct bzctrl_answer *answer);
int exit_code(enum bzctrl_code code);
void print_faults(const struct bzctrl_answer *answer);

/* Text from elsewhere, on one line: control characters, and those that turn its direction, spelled
 * out. */
void print_shown(FILE *file, struct str text);

/* Escape sequences; "" without colours. */
const char *bold(void);
const char *plain(void);

/* Prints data. */
bool print(const char *text);

/* A whole file, or "-" for standard input; zero-terminated, to be freed. NULL after telling. */
char *file_read(const char *name, size_t max);

/* Opens the client of --profile, --config and --set; says why if not EXIT_DONE. */
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
int doctor_run(struct cli *cli);
int completion_run(struct cli *cli);

#endif
