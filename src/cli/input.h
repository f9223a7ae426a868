/*
 * The input that reports are read from: a file, a pipe or standard input. It is checked from
 * beginning to end before any of it is used. Text that is not UTF-8 is refused; it is never stored
 * with replacement characters.
 */
#ifndef BZCTRL_CLI_INPUT_H
#define BZCTRL_CLI_INPUT_H

#include "base/str.h"

#include <stdio.h>

/* Opens `name` ("-": standard input), so that it can be read several times. Text in another
 * encoding, which is named or shown by a UTF-16 byte order mark, is converted. Reports errors and
 * returns the exit code. */
int input_open(const char *name, const char *encoding, FILE **ret_file);

/* Back to the first byte of a file from input_open(). Reports errors and returns the exit code. */
int input_rewind(const char *name, FILE *file);

/* The first bytes, at most `max`, of a file that is at its beginning, and will be there again; they
 * are read into `head`. Reports errors and returns the exit code. */
int input_head(const char *name, FILE *file, char *head, size_t max, struct str *ret_head);

/* The same as input_open(), but reads all of it: zero-terminated, without a byte order mark, to be freed. */
int input_text(const char *name, const char *encoding, size_t max, char **ret_text);

#endif
