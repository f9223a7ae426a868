/*
 * The words of a command line, taken apart by the table of commands: which command, its flags and
 * its operands. The same code reads the words on the command line and those that come over the
 * control socket.
 */
#ifndef BZCTRL_SERVER_ARGUMENTS_H
#define BZCTRL_SERVER_ARGUMENTS_H

#include "base/op.h"

struct command;

enum { OPERANDS_MAX = 3, FLAGS_MAX = 64, COMMAND_WORDS = 3 };

struct flag {
    const char *name;  /* "password-file" */
    const char *value; /* what the help calls its value, "…" behind it when it may be given again;
                        * NULL for a switch */
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

/* Reads the words behind the program's name: "user add EMAIL --domain D", flags anywhere, as
 * "--name value" or "--name=value"; "--" ends them. ERR_SYNTAX with a sentence in op->detail. */
enum err arguments_read(struct op *op, const struct str *words, size_t n,
                        struct arguments *ret_arguments) MUST_CHECK;

/* The value of a flag, the first one if there are several; absent when it was not given. */
struct str arguments_flag(const struct arguments *arguments, const char *name);

/* All values of one, in the arena; absent when it was not given. ERR_MEMORY. */
enum err arguments_flag_all(struct op *op, const struct arguments *arguments, const char *name,
                            struct str_list *ret_values) MUST_CHECK;

/* A whole file (8 MiB at most), without the line end at its end; "-" is standard input. */
enum err arguments_read_file(struct op *op, struct str name, struct str *ret_content) MUST_CHECK;

#endif
