/* The help of a program and of its commands, written from the table that the arguments are read by. */
#ifndef BZCTRL_TOOL_HELP_H
#define BZCTRL_TOOL_HELP_H

#include "base/buf.h"
#include "tool/arguments.h"

/* The help of the program (`command` NULL) or of one command. */
void help_write(const struct program *program, const struct command *command, struct buf *out);

/* For words such as "user --help": the help of every command that begins with the noun. False if
 * the words are others. */
bool help_noun(const struct program *program, const struct str *words, size_t n, struct buf *out);

#endif
