/*
 * What reports are read from: a file, a pipe or standard input, as UTF-8 text that is looked at
 * from its beginning to its end before anything of it counts. What is not UTF-8 is refused, and
 * never stored with a sign in place of what could not be read.
 */
#ifndef BZCTRL_CLI_INPUT_H
#define BZCTRL_CLI_INPUT_H

#include "base/str.h"

#include <stdio.h>

/* Opens `name`, "-" for standard input, to be read any number of times. Text of another encoding,
 * which is named or begins with the byte order mark of UTF-16, is converted. An exit code other
 * than EXIT_DONE has been told. */
int input_open(const char *name, const char *encoding, FILE **ret_file);

/* The same, read as a whole: zero-terminated, without a byte order mark, to be freed. */
int input_text(const char *name, const char *encoding, size_t max, char **ret_text);

/* Tells, and is false, when a text of the command line or of a terminal is not UTF-8. */
bool input_is_utf8(const char *what, const char *text);

#endif
