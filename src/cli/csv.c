#include "cli/csv.h"

#include <errno.h>
#include <string.h>

void csv_init(struct csv *csv, FILE *file)
{
    char head[16];
    *csv = (struct csv){.file = file};
    buf_init(&csv->row, CSV_ROW_MAX);
    if (fseek(file, 0, SEEK_SET) != 0) {
        csv->error = errno;
        return;
    }
    struct str text = {head, fread(head, 1, sizeof head, file)};

    /* Skips a byte order mark and a line that names the separator, as written by spreadsheets. */
    const size_t mark = str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0;
    size_t start = mark;
    struct str hint = str_from(text, mark);
    if (hint.n > 4 && str_eq_case(str_sub(hint, 0, 4), STR("sep=")) &&
        strchr("\r\n\"", hint.p[4]) == NULL &&
        (hint.n == 5 || hint.p[5] == '\r' || hint.p[5] == '\n')) {
        csv->separator = hint.p[4];
        start += 5;
    }
    if (ferror(file) || fseek(file, (long)start, SEEK_SET) != 0)
        csv->error = errno;
}

void csv_finish(struct csv *csv)
{
    buf_finish(&csv->row);
}

const char *csv_field(const struct csv *csv, size_t index)
{
    return csv->row.p + csv->starts[index];
}

/* Remembers the first fault. */
static void fault(struct csv *csv, long line, const char *why)
{
    if (csv->why != NULL)
        return;
    csv->why = why;
    csv->why_line = line;
}

static void field_begin(struct csv *csv)
{
    if (csv->n < CSV_FIELDS_MAX)
        csv->starts[csv->n++] = csv->row.n;
    else
        fault(csv, csv->line, "the row has more than 256 columns");
}

/* Whether `c` separates fields; the first row decides which separator is used. */
static bool separates(struct csv *csv, int c)
{
    if (csv->separator == 0 && (c == ',' || c == ';' || c == '\t'))
        csv->separator = (char)c;
    return c != 0 && c == csv->separator;
}

static bool ends_row(int c)
{
    return c == EOF || c == '\n' || c == '\r';
}

/* The second half of CR LF. */
static void skip_lf(struct csv *csv)
{
    int c = getc(csv->file);
    if (c != '\n')
        ungetc(c, csv->file);
}

/* Reads the rest of a quoted field, after the opening quote. Returns the character that follows. */
static int quoted(struct csv *csv)
{
    const long opened = csv->lines + 1;
    for (int last = 0;;) {
        int c = getc(csv->file);
        if (c == '"') {
            c = getc(csv->file);
            if (c != '"') {
                while (c == ' ' && csv->separator != ' ')
                    c = getc(csv->file);
                if (!ends_row(c) && !separates(csv, c))
                    fault(
                        csv, csv->lines + 1,
                        "there is text after a closing quote; write a quote inside a field twice, "
                        "and check the lines above for a quote that is opened but not closed");
                return c;
            }
        } else if (c == EOF) {
            fault(csv, opened, "a quote is opened but never closed");
            return EOF;
        }
        csv->lines += c == '\r' || (c == '\n' && last != '\r');
        last = c;
        if (csv->row.n < CSV_ROW_MAX)
            buf_char(&csv->row, (char)c);
    }
}

static enum csv_result fail_io(struct csv *csv)
{
    csv->error = errno;
    return CSV_IO;
}

static enum csv_result read_row(struct csv *csv)
{
    bool start = true;
    field_begin(csv);
    for (int c = getc(csv->file); csv->why == NULL; c = getc(csv->file)) {
        if (start && c == '"')
            c = quoted(csv);
        start = false;
        if (c == '\r')
            skip_lf(csv);
        if (ends_row(c))
            break;
        if (separates(csv, c)) {
            buf_char(&csv->row, '\0');
            field_begin(csv);
            start = true;
        } else {
            buf_char(&csv->row, (char)c);
        }
    }
    if (ferror(csv->file))
        return fail_io(csv);
    csv->lines++;
    buf_char(&csv->row, '\0');
    if (buf_err(&csv->row) != ERR_OK)
        fault(csv, csv->line,
              "the row is larger than 1 MiB, or a quote is opened but never closed");
    return csv->why != NULL ? CSV_BAD : CSV_ROW;
}

enum csv_result csv_next(struct csv *csv)
{
    enum csv_result result;
    if (csv->error != 0)
        return CSV_IO;
    do {
        int c = getc(csv->file);
        if (c == EOF)
            return ferror(csv->file) ? fail_io(csv) : CSV_END;
        ungetc(c, csv->file);
        buf_clear(&csv->row);
        csv->n = 0;
        csv->line = csv->lines + 1;
        result = read_row(csv);
    } while (result == CSV_ROW && csv->row.n == csv->n);
    /* A first row with a single field does not show the separator; use the comma. */
    if (csv->separator == 0)
        csv->separator = ',';
    return result;
}

void csv_write(FILE *file, char separator, const char *const *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fputc('"', file);
        for (const char *text = fields[i]; *text != '\0'; text++) {
            if (*text == '"')
                fputc('"', file);
            fputc(*text, file);
        }
        fputc('"', file);
        fputc(i + 1 < n ? separator : '\n', file);
    }
}
