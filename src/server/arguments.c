#include "server/arguments.h"

#include "base/buf.h"
#include "server/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 8 * 1024 * 1024 };

static const struct flag setting_flags[] = {
    {"config", "FILE", "an INI file with settings"},
#define SETTING(field, flag, standard, value, help) {flag, value, help},
#include "server/settings.def"
#undef SETTING
};

static const struct flag *flag_find(const struct command *command, struct str name)
{
    for (size_t i = 0; command != NULL && i < command->flag_count; i++)
        if (str_eq(str_of(command->flags[i].name), name))
            return &command->flags[i];
    for (size_t i = 0; i < sizeof setting_flags / sizeof setting_flags[0]; i++)
        if (str_eq(str_of(setting_flags[i].name), name))
            return &setting_flags[i];
    return NULL;
}

/* Removes the command's name from the front of the words: the longest that matches. */
static enum err command_take(struct op *op, const struct str *words, size_t n,
                             struct arguments *arguments, size_t *at)
{
    struct buf name;
    if (n == 0 || (words[0].n > 0 && words[0].p[0] == '-'))
        return ERR_OK;
    buf_init(&name, 256);
    for (size_t length = 1; length <= n && length <= COMMAND_WORDS; length++) {
        if (length > 1)
            buf_char(&name, ' ');
        buf_add(&name, words[length - 1]);
        const struct command *command =
            buf_err(&name) == ERR_OK ? command_find(buf_str(&name)) : NULL;
        if (command != NULL) {
            arguments->command = command;
            *at = length;
        }
    }
    buf_finish(&name);
    return arguments->command != NULL
               ? ERR_OK
               : op_fail(op, ERR_SYNTAX, "unknown command \"%.*s\"; see `bzctrld --help`",
                         STR_ARG(words[0]));
}

/* May the flag stand more than once? */
static bool flag_many(const struct flag *flag)
{
    struct str value = str_of(flag->value), mark = STR("\xe2\x80\xa6");
    return value.n > mark.n && str_eq(str_from(value, value.n - mark.n), mark);
}

static enum err flag_take(struct op *op, const struct str *words, size_t n,
                          struct arguments *arguments, size_t *at)
{
    struct str value = str_from(words[*at], 2), name = str_cut(&value, '=');
    if (str_eq(name, STR("help"))) {
        arguments->help = true;
        return ERR_OK;
    }
    const struct flag *flag = flag_find(arguments->command, name);
    if (flag == NULL)
        return op_fail(op, ERR_SYNTAX,
                       "unknown flag --%.*s; --help lists the flags of this command",
                       STR_ARG(name));
    if (flag->value == NULL && value.p != NULL)
        return op_fail(op, ERR_SYNTAX, "--%s is a switch and takes no value", flag->name);
    if (flag->value == NULL)
        value = STR("");
    if (value.p == NULL) {
        if (*at + 1 >= n)
            return op_fail(op, ERR_SYNTAX, "--%s needs a value: --%s %s", flag->name, flag->name,
                           flag->value);
        value = words[++*at];
    }
    if (arguments->flag_count == FLAGS_MAX)
        return op_fail(op, ERR_SYNTAX, "too many flags");
    if (arguments_flag(arguments, flag->name).p != NULL && !flag_many(flag))
        return op_fail(op, ERR_SYNTAX, "--%s is given twice", flag->name);
    arguments->flags[arguments->flag_count].name = flag->name;
    arguments->flags[arguments->flag_count++].value = value;
    return ERR_OK;
}

enum err arguments_read(struct op *op, const struct str *words, size_t n,
                        struct arguments *ret_arguments)
{
    struct arguments arguments = {0};
    size_t at = 0;
    enum err err = command_take(op, words, n, &arguments, &at);
    bool flags_end = false;
    for (; err == ERR_OK && at < n; at++) {
        if (!flags_end && str_eq(words[at], STR("--"))) {
            flags_end = true;
        } else if (!flags_end && str_eq(words[at], STR("-h"))) {
            arguments.help = true;
        } else if (!flags_end && str_starts(words[at], STR("--"))) {
            err = flag_take(op, words, n, &arguments, &at);
        } else if (arguments.command == NULL ||
                   arguments.operand_count == arguments.command->operand_count) {
            err = op_fail(op, ERR_SYNTAX, "unexpected argument \"%.*s\"", STR_ARG(words[at]));
        } else {
            arguments.operands[arguments.operand_count++] = words[at];
        }
    }
    if (err == ERR_OK && arguments.command != NULL && !arguments.help &&
        arguments.operand_count < arguments.command->operand_count)
        err = op_fail(op, ERR_SYNTAX, "missing argument: the command is bzctrld %s %s",
                      arguments.command->name, arguments.command->operands);
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
    struct str *items = ARENA_ARRAY(op->arena, struct str, FLAGS_MAX);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < arguments->flag_count; i++)
        if (strcmp(arguments->flags[i].name, name) == 0)
            items[n++] = arguments->flags[i].value;
    *ret_values = n == 0 ? (struct str_list){0} : (struct str_list){items, n};
    return ERR_OK;
}

enum err arguments_read_file(struct op *op, struct str name, struct str *ret_content)
{
    bool standard_input = str_eq(name, STR("-"));
    int fd = standard_input ? STDIN_FILENO : open(name.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return op_fail(op, ERR_IO, "cannot read %.*s: %s", STR_ARG(name), strerror(errno));

    struct buf content;
    buf_init(&content, FILE_MAX);
    enum err err = ERR_OK;
    for (ssize_t got = 1; got > 0;) {
        char block[4096];
        got = read(fd, block, sizeof block);
        if (got < 0)
            err = op_fail(op, ERR_IO, "cannot read %.*s: %s", STR_ARG(name), strerror(errno));
        else
            buf_bytes(&content, block, (size_t)got);
    }
    if (!standard_input)
        close(fd);
    if (err == ERR_OK && buf_err(&content) != ERR_OK)
        err = op_fail(op, ERR_TOO_LONG, "%.*s is longer than %d bytes", STR_ARG(name), FILE_MAX);
    if (err == ERR_OK) {
        struct str text = buf_str(&content);
        if (text.n > 0 && text.p[text.n - 1] == '\n')
            text.n--;
        if (text.n > 0 && text.p[text.n - 1] == '\r')
            text.n--;
        text = arena_str(op->arena, text);
        if (text.p == NULL)
            err = ERR_MEMORY;
        else
            *ret_content = text;
    }
    buf_finish(&content);
    return err;
}
