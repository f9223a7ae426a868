/*
 * A file that is written under another name and takes its own one when it is whole: nobody reads
 * half of it, no link that lies there is followed, and it is its owner's alone.
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

/* An exit code other than EXIT_DONE has been told. What is there under the name and is no file,
 * like /dev/null, is written to. */
int outfile_open(struct outfile *out, const char *name);

/* With `keep` it takes its name; else nothing is left of it. */
int outfile_end(struct outfile *out, bool keep);

#endif
