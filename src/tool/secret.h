/* Secrets at the command line: typed on a terminal, or written to a file and never printed. */
#ifndef BZCTRL_TOOL_SECRET_H
#define BZCTRL_TOOL_SECRET_H

#include "base/op.h"

/* Asks on the terminal, without echo. *ret_secret is in op->arena; absent when nothing was typed.
 * ERR_IO without a terminal: op->detail names `instead`, the flags that need none. ERR_MEMORY. */
enum err secret_ask(struct op *op, const char *prompt, const char *instead,
                    struct str *ret_secret) MUST_CHECK;

/* Creates the file that a secret will be written to, readable only by its owner: before the secret
 * is made, so that no secret is made for nothing. ERR_IO, also when the file exists. */
enum err secret_file_make(struct op *op, struct str file) MUST_CHECK;

/* Writes the secret and a line end to that file. ERR_IO, ERR_MEMORY. */
enum err secret_file_fill(struct op *op, struct str file, struct str secret) MUST_CHECK;

#endif
