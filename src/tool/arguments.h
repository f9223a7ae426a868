/*
 * Reads a command line by a program's table of commands: which command, its flags and its operands.
 * Both programs use it, and the server for the words that arrive over its control socket.
 */
#ifndef BZCTRL_TOOL_ARGUMENTS_H
#define BZCTRL_TOOL_ARGUMENTS_H

#include "base/op.h"

enum { OPERANDS_MAX = 3, FLAGS_MAX = 600, COMMAND_WORDS = 3 };

struct flag {
    const char *name;  /* "password-file" */
    const char *value; /* the name of its value in the help; NULL for a switch */
    const char *help;
    bool many;            /* may be repeated */
    bool bytes;           /* need not be UTF-8; a FILE never needs to be */
    const char *standard; /* its value if it is not given, for the help; NULL: not shown */
};

struct command {
    const char *name;     /* one to COMMAND_WORDS words */
    const char *operands; /* "KEY [RECEIPT]": what is in brackets may be left out; NULL: none */
    const char *help;
    const struct flag *flags;
    size_t flag_count;
};

/* A list of flags, as the last two members of a struct command. */
#define FLAGS(list) (list), sizeof(list) / sizeof((list)[0])

struct program {
    const char *name;
    const struct command *(*command)(size_t i); /* NULL after the last one */
    const struct flag *flags;                   /* of every command */
    size_t flag_count;
    const char *about, *flags_title, *end; /* for the help: what the program is, what its flags are,
                                              and the last paragraph */
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
    bool help; /* --help or -h was among the words */
};

/* Reads the words after the program's name: "user add EMAIL --domain D", flags anywhere (before the
 * command only those of every command), as "--name value" or "--name=value"; "--" ends them. The
 * words are zero-terminated, and so are the values and operands, which point into them. ERR_SYNTAX
 * with a sentence in op->detail. */
enum err arguments_read(struct op *op, const struct program *program, const struct str *words,
                        size_t n, struct arguments *ret_arguments) MUST_CHECK;

/* The value of a flag, the first one if there are several; absent when it was not given. */
struct str arguments_flag(const struct arguments *arguments, const char *name);

/* All values of one, in the arena; absent when it was not given. ERR_MEMORY. */
enum err arguments_flag_all(struct op *op, const struct arguments *arguments, const char *name,
                            struct str_list *ret_values) MUST_CHECK;

/* ERR_SYNTAX, with the place and a way to convert it, unless `text`, which people know as `what`,
 * is UTF-8. */
enum err arguments_utf8(struct op *op, const char *what, struct str text) MUST_CHECK;

#endif
