/*
 * The reports of a batch file, one after the other: the rows of CSV, whose first row names the
 * members, or the lines of NDJSON; each as the JSON that is reported.
 */
#ifndef BZCTRL_CLI_ROWS_H
#define BZCTRL_CLI_ROWS_H

#include "base/arena.h"
#include "cli/csv.h"
#include "json/read.h"

/* Members for reports that have them not: a JSON object. */
struct defaults {
    struct arena arena;
    const struct json *members;
};

/* Reads `json`, an object. An exit code other than EXIT_DONE has been told. */
int defaults_read(struct defaults *defaults, const char *json);
void defaults_finish(struct defaults *defaults);

/* Writes a report with the defaults for those members that it has not, or that are blank or null;
 * what is no JSON object as it is. `root` is its tree, or NULL. */
void buf_with_defaults(struct buf *buf, struct str json, const struct json *root,
                       const struct defaults *defaults);

struct rows {
    const char *name; /* of the file */
    FILE *file;
    bool lines; /* NDJSON, and not CSV */
    const struct defaults *defaults;
    const char *key_column; /* NULL: there is none */
    /* The row. */
    long line;       /* that it begins in */
    struct buf json; /* zero-terminated */
    struct buf key;  /* what stands in the key column, zero-terminated; "" */
    char fault[200]; /* why it is no report; "" */
    /* CSV. */
    struct csv csv;
    char *heads[CSV_FIELDS_MAX];   /* members */
    char *written[CSV_FIELDS_MAX]; /* the names as they stand in the file */
    size_t head_count;
    /* NDJSON. */
    char *text;
    size_t text_size;
    struct str taken; /* what of it is the row */
    long number;
    struct arena arena; /* of a row */
};

enum rows_result { ROWS_ROW, ROWS_END, ROWS_BAD };

/* Reads an open file's names, after looking through all of it: what is no CSV is refused before a
 * row of it counts. A name that ends with .csv or .ndjson says what it is, else its first character
 * does. An exit code other than EXIT_DONE has been told; rows_finish() is due in any case. */
int rows_open(struct rows *rows, const char *name, FILE *file);
void rows_finish(struct rows *rows);

/* From the first row again. */
int rows_rewind(struct rows *rows);

/* The next one; those with nothing in them are passed over. ROWS_BAD has been told. */
enum rows_result rows_next(struct rows *rows);

/* Writes the names, or the row, as they can be read again. */
void rows_write_heads(const struct rows *rows, FILE *file);
void rows_write(const struct rows *rows, FILE *file);

#endif
