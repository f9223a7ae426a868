/*
 * A file that is written under a temporary name and renamed when it is complete: nobody reads half
 * of it, an existing link is not followed, and only its owner has access.
 */
#ifndef BZCTRL_CLI_OUTFILE_H
#define BZCTRL_CLI_OUTFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct outfile {
    FILE *file; /* NULL: not open */
    char name[PATH_MAX], unfinished[PATH_MAX];
};

/* Reports errors and returns the exit code. If the name exists and is not a regular file, such as
 * /dev/null, it is written to directly. */
int outfile_open(struct outfile *out, const char *name);

/* With `keep` the file gets its name; otherwise it is removed. */
int outfile_end(struct outfile *out, bool keep);

#endif
