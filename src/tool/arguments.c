#include "tool/arguments.h"

#include <stdio.h>
#include <string.h>

/* ---- commands ---- */

/* How many of the words the command's name takes; 0: they begin otherwise. */
static size_t name_words(const struct command *command, const struct str *words, size_t n)
{
    struct str rest = str_of(command->name);
    size_t count = 0;
    for (; rest.p != NULL; count++)
        if (count == n || !str_eq(str_cut(&rest, ' '), words[count]))
            return 0;
    return count;
}

/* Takes the command with the longest name that begins at words[*at]. */
static enum err command_take(struct op *op, const struct program *program, const struct str *words,
                             size_t n, struct arguments *arguments, size_t *at)
{
    const struct command *command;
    size_t longest = 0;
    for (size_t i = 0; (command = program->command(i)) != NULL; i++) {
        size_t count = name_words(command, words + *at, n - *at);
        if (count > longest) {
            arguments->command = command;
            longest = count;
        }
    }
    if (longest == 0)
        return op_fail(op, ERR_SYNTAX, "unknown command \"%.*s\"; see `%s --help`",
                       STR_ARG(str_sub(words[*at], 0, 60)), program->name);
    *at += longest - 1;
    return ERR_OK;
}

/* ---- text ---- */

enum err arguments_utf8(struct op *op, const char *what, struct str text)
{
    struct str rest = text;
    size_t step;
    while (rest.n > 0 && (step = utf8_step(rest)) > 0)
        rest = str_from(rest, step);
    return rest.n == 0 ? ERR_OK
                       : op_fail(op, ERR_SYNTAX,
                                 "%s is not UTF-8: byte %zu is 0x%02X. Convert it with `iconv -f "
                                 "WINDOWS-1252 -t UTF-8`",
                                 what, text.n - rest.n + 1, (unsigned)(unsigned char)rest.p[0]);
}

/* ---- flags ---- */

static const struct flag *find_in(const struct flag *flags, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_of(flags[i].name), name))
            return &flags[i];
    return NULL;
}

static const struct flag *flag_find(const struct program *program, const struct command *command,
                                    struct str name)
{
    const struct flag *flag =
        command == NULL ? NULL : find_in(command->flags, command->flag_count, name);
    return flag != NULL ? flag : find_in(program->flags, program->flag_count, name);
}

/* Takes the flag at words[*at], and the next word if that is its value. */
static enum err flag_take(struct op *op, const struct program *program, const struct str *words,
                          size_t n, struct arguments *arguments, size_t *at)
{
    const struct command *command = arguments->command;
    struct str value = str_from(words[*at], 2), name = str_cut(&value, '=');
    const struct flag *flag = flag_find(program, command, name);
    if (flag == NULL && command == NULL)
        return op_fail(op, ERR_SYNTAX,
                       "unknown flag --%.*s; a command's own flags come after the command, see "
                       "`%s --help`",
                       STR_ARG(str_sub(name, 0, 60)), program->name);
    if (flag == NULL)
        return op_fail(op, ERR_SYNTAX, "unknown flag --%.*s; see `%s %s --help`",
                       STR_ARG(str_sub(name, 0, 60)), program->name, command->name);
    if (flag->value == NULL && value.p != NULL)
        return op_fail(op, ERR_SYNTAX, "--%s is a switch and takes no value", flag->name);
    if (flag->value == NULL) {
        value = STR("");
    } else if (value.p == NULL) {
        if (*at + 1 >= n)
            return op_fail(op, ERR_SYNTAX, "--%s needs a value: --%s %s", flag->name, flag->name,
                           flag->value);
        value = words[++*at];
    }
    if (arguments->flag_count == FLAGS_MAX)
        return op_fail(op, ERR_SYNTAX, "there are more than %d flags", FLAGS_MAX);
    if (arguments_flag(arguments, flag->name).p != NULL && !flag->many)
        return op_fail(op, ERR_SYNTAX, "--%s is given twice", flag->name);
    arguments->flags[arguments->flag_count].name = flag->name;
    arguments->flags[arguments->flag_count++].value = value;

    char what[64];
    snprintf(what, sizeof what, "--%s", flag->name);
    bool bytes = flag->bytes || flag->value == NULL || strcmp(flag->value, "FILE") == 0;
    return bytes ? ERR_OK : arguments_utf8(op, what, value);
}

/* ---- operands ---- */

/* The name of the command's operand number `at`, with its brackets; absent after the last one. */
static struct str operand_name(const struct command *command, size_t at)
{
    struct str rest = str_of(command->operands), name = str_cut(&rest, ' ');
    while (at-- > 0)
        name = str_cut(&rest, ' ');
    return name;
}

static enum err operand_take(struct op *op, struct str word, struct arguments *arguments)
{
    struct str name = operand_name(arguments->command, arguments->operand_count);
    if (name.p == NULL || arguments->operand_count == OPERANDS_MAX)
        return op_fail(op, ERR_SYNTAX, "unexpected argument \"%.*s\"",
                       STR_ARG(str_sub(word, 0, 60)));
    arguments->operands[arguments->operand_count++] = word;
    return str_eq(name, STR("FILE")) ? ERR_OK : arguments_utf8(op, "an argument", word);
}

/* ---- all ---- */

enum err arguments_read(struct op *op, const struct program *program, const struct str *words,
                        size_t n, struct arguments *ret_arguments)
{
    struct arguments arguments = {0};
    enum err err = ERR_OK;
    bool flags_end = false;
    const struct str version = STR("version"); /* nearly all programs have it as a flag */
    for (size_t at = 0; err == ERR_OK && at < n; at++) {
        if (!flags_end && str_eq(words[at], STR("--")))
            flags_end = true;
        else if (!flags_end && (str_eq(words[at], STR("-h")) || str_eq(words[at], STR("--help"))))
            arguments.help = true;
        else if (at == 0 && str_eq(words[at], STR("--version")))
            err = command_take(op, program, &version, 1, &arguments, &(size_t){0});
        else if (!flags_end && str_starts(words[at], STR("--")))
            err = flag_take(op, program, words, n, &arguments, &at);
        else if (arguments.command == NULL)
            err = command_take(op, program, words, n, &arguments, &at);
        else
            err = operand_take(op, words[at], &arguments);
    }
    const struct command *command = arguments.command;
    if (err == ERR_OK && command != NULL && !arguments.help) {
        struct str missing = operand_name(command, arguments.operand_count);
        if (missing.p != NULL && missing.p[0] != '[')
            err = op_fail(op, ERR_SYNTAX, "missing argument: the command is %s %s %s",
                          program->name, command->name, command->operands);
    }
    if (err == ERR_OK)
        *ret_arguments = arguments;
    return err;
}

struct str arguments_flag(const struct arguments *arguments, const char *name)
{
    for (size_t i = 0; i < arguments->flag_count; i++)
        if (strcmp(arguments->flags[i].name, name) == 0)
            return arguments->flags[i].value;
    return STR_NONE;
}

enum err arguments_flag_all(struct op *op, const struct arguments *arguments, const char *name,
                            struct str_list *ret_values)
{
    size_t n = 0;
    struct str *items = ARENA_ARRAY(op->arena, struct str, arguments->flag_count + 1);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < arguments->flag_count; i++)
        if (strcmp(arguments->flags[i].name, name) == 0)
            items[n++] = arguments->flags[i].value;
    *ret_values = n == 0 ? (struct str_list){0} : (struct str_list){items, n};
    return ERR_OK;
}
