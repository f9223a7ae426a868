/* Whole files of a bounded size: settings, secrets, tokens, and what a command line names. */
#ifndef BZCTRL_BASE_FILE_H
#define BZCTRL_BASE_FILE_H

#include "base/op.h"

/* Reads a file, without its final line end, into op->arena; "-" is standard input. The name is
 * zero-terminated. ERR_IO, ERR_TOO_LONG (more than `max` bytes), ERR_MEMORY. */
enum err file_read(struct op *op, struct str name, size_t max, struct str *ret_content) MUST_CHECK;

/* The same for a file that is open; `name` is for the errors. */
enum err file_read_open(struct op *op, int fd, struct str name, size_t max,
                        struct str *ret_content) MUST_CHECK;

/* Writes all of `content`, and has it synced. False with errno set. */
bool file_write(int fd, struct str content);

/* Replaces a file by `content` atomically, synced and accessible only to its owner; creates missing
 * folders. ERR_IO, ERR_FULL. */
enum err file_replace(struct op *op, struct str name, struct str content) MUST_CHECK;

#endif
