/*
 * The reports of a batch file, one after the other, as JSON: the rows of a CSV file, whose first
 * row names the members, or the lines of an NDJSON file.
 */
#ifndef BZCTRL_CLI_ROWS_H
#define BZCTRL_CLI_ROWS_H

#include "base/arena.h"
#include "cli/csv.h"
#include "json/read.h"

/* Default members for reports that lack them: a JSON object. */
struct defaults {
    struct arena arena;
    const struct json *members;
};

/* Reads `json`, an object. Reports errors and returns the exit code. */
int defaults_read(struct defaults *defaults, const char *json);
void defaults_finish(struct defaults *defaults);

/* Writes a report and fills in the defaults for members that are absent, blank or null. Text that
 * is not a JSON object is written unchanged. `root` is the report's tree, or NULL. */
void buf_with_defaults(struct buf *buf, struct str json, const struct json *root,
                       const struct defaults *defaults);

struct rows {
    const char *name; /* of the file */
    FILE *file;
    bool lines; /* NDJSON, not CSV */
    const struct defaults *defaults;
    const char *key_column; /* NULL if there is none */
    /* The row. */
    long line;       /* where it begins */
    struct buf json; /* zero-terminated */
    struct buf key;  /* the text of the key column, zero-terminated; or "" */
    char fault[200]; /* why it is not a valid report; or "" */
    /* CSV. */
    struct csv csv;
    char *heads[CSV_FIELDS_MAX];   /* members */
    char *written[CSV_FIELDS_MAX]; /* the names as written in the file */
    size_t head_count;
    /* NDJSON. */
    char *text;
    size_t text_size;
    struct str taken; /* the part that is the row */
    long number;
    struct arena arena; /* of a row */
};

enum rows_result { ROWS_ROW, ROWS_END, ROWS_BAD };

/* Checks an open file from beginning to end, so that malformed CSV is refused before any row is
 * used, and then reads its first row. The file's format is known from its name (.csv or .ndjson) or
 * from its first character. Reports errors and returns the exit code. Call rows_finish() in any
 * case. */
int rows_open(struct rows *rows, const char *name, FILE *file);
void rows_finish(struct rows *rows);

/* Starts again at the first row. */
int rows_rewind(struct rows *rows);

/* Reads the next row; blank ones are skipped. ROWS_BAD after reporting why. */
enum rows_result rows_next(struct rows *rows);

/* Writes the names, or the row, in the format of the file. */
void rows_write_heads(const struct rows *rows, FILE *file);
void rows_write(const struct rows *rows, FILE *file);

#endif
