/*
 * Parses a command line by the table of commands: which command, its flags and its operands. The
 * same code reads the words of the command line and those that arrive over the control socket.
 */
#ifndef BZCTRL_SERVER_ARGUMENTS_H
#define BZCTRL_SERVER_ARGUMENTS_H

#include "base/op.h"

struct command;

enum { OPERANDS_MAX = 3, FLAGS_MAX = 64, COMMAND_WORDS = 3 };

struct flag {
    const char *name;  /* "password-file" */
    const char *value; /* the name of its value in the help, followed by "…" if it may be repeated;
                          NULL for a switch */
    const char *help;
};

struct arguments {
    const struct command *command; /* NULL: none was named */
    struct str operands[OPERANDS_MAX];
    size_t operand_count;
    struct {
        const char *name;
        struct str value; /* "" for a switch that is on */
    } flags[FLAGS_MAX];
    size_t flag_count;
    bool help; /* --help was among the words */
};

/* Reads the words after the program's name: "user add EMAIL --domain D", flags anywhere, as
 * "--name value" or "--name=value"; "--" ends them. ERR_SYNTAX with a sentence in op->detail. */
enum err arguments_read(struct op *op, const struct str *words, size_t n,
                        struct arguments *ret_arguments) MUST_CHECK;

/* The value of a flag, the first one if there are several; absent when it was not given. */
struct str arguments_flag(const struct arguments *arguments, const char *name);

/* All values of one, in the arena; absent when it was not given. ERR_MEMORY. */
enum err arguments_flag_all(struct op *op, const struct arguments *arguments, const char *name,
                            struct str_list *ret_values) MUST_CHECK;

/* A whole file (8 MiB at most), without its final line end; "-" is standard input. */
enum err arguments_read_file(struct op *op, struct str name, struct str *ret_content) MUST_CHECK;

#endif
