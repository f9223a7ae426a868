/* Files that a command line names. */
#ifndef BZCTRL_TOOL_FILE_H
#define BZCTRL_TOOL_FILE_H

#include "base/op.h"

/* A whole file (8 MiB at most), without its final line end; "-" is standard input. */
enum err file_read(struct op *op, struct str name, struct str *ret_content) MUST_CHECK;

#endif
