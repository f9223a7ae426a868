#include "tool/secret.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum err secret_ask(struct op *op, const char *prompt, const char *instead, struct str *ret_secret)
{
    struct termios shown, hidden;
    char *line = NULL;
    size_t size = 0;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &shown) != 0)
        return op_fail(op, ERR_IO, "there is no terminal to ask for the secret; use %s", instead);
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden); /* first: typing follows the prompt */
    fputs(prompt, stderr);
    ssize_t n = getline(&line, &size, stdin);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);

    if (n > 0 && line[n - 1] == '\n')
        n--;
    struct str typed = n > 0 ? (struct str){line, (size_t)n} : STR_NONE;
    struct str secret = typed.p == NULL ? STR_NONE : arena_str(op->arena, typed);
    free(line);
    if (n > 0 && secret.p == NULL)
        return ERR_MEMORY;
    *ret_secret = secret;
    return ERR_OK;
}

enum err secret_file_make(struct op *op, struct str file)
{
    int fd = open(file.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return op_fail(op, ERR_IO, "%.150s cannot be created: %s", file.p, strerror(errno));
    close(fd);
    return ERR_OK;
}

enum err secret_file_fill(struct op *op, struct str file, struct str secret)
{
    struct str line = arena_printf(op->arena, "%.*s\n", STR_ARG(secret));
    if (line.p == NULL)
        return ERR_MEMORY;
    int fd = open(file.p, O_WRONLY | O_CLOEXEC);
    bool whole = fd >= 0 && file_write(fd, line);
    int why = errno;
    if (fd >= 0)
        close(fd);
    return whole ? ERR_OK
                 : op_fail(op, ERR_IO,
                           "%.150s cannot be written: %s; revoke the secret and add another",
                           file.p, strerror(why));
}
