#include "cli/csv.h"

void csv_init(struct csv *csv, FILE *file)
{
    *csv = (struct csv){.file = file};
    buf_init(&csv->row, CSV_ROW_MAX);
    /* A byte order mark, as spreadsheets write it. */
    int first = getc(file);
    if (first == 0xEF && getc(file) == 0xBB && getc(file) == 0xBF)
        return;
    rewind(file);
}

void csv_finish(struct csv *csv)
{
    buf_finish(&csv->row);
}

const char *csv_field(const struct csv *csv, size_t index)
{
    return csv->row.p + csv->starts[index];
}

static bool field_begin(struct csv *csv)
{
    if (csv->n == CSV_FIELDS_MAX)
        return false;
    csv->starts[csv->n++] = csv->row.n;
    return true;
}

/* A separator, when it is not known yet: the first row decides. */
static bool separates(struct csv *csv, int c)
{
    if (csv->separator == 0 && (c == ',' || c == ';' || c == '\t'))
        csv->separator = (char)c;
    return c == csv->separator && c != 0;
}

/* The rest of a field in quotes, its first one being read. Returns the character behind it. */
static int quoted(struct csv *csv, bool *bad)
{
    for (;;) {
        int c = getc(csv->file);
        if (c == '"') {
            c = getc(csv->file);
            if (c != '"')
                return c;
        } else if (c == EOF) {
            *bad = true;
            return EOF;
        }
        csv->lines += c == '\n';
        if (csv->row.n < CSV_ROW_MAX)
            buf_char(&csv->row, (char)c);
    }
}

static enum csv_result read_row(struct csv *csv)
{
    bool bad = !field_begin(csv), start = true;
    for (int c = getc(csv->file); !bad; c = getc(csv->file)) {
        if (start && c == '"')
            c = quoted(csv, &bad);
        start = false;
        if (c == EOF || c == '\n')
            break;
        if (separates(csv, c)) {
            buf_char(&csv->row, '\0');
            bad = bad || !field_begin(csv);
            start = true;
        } else if (c != '\r') {
            buf_char(&csv->row, (char)c);
        }
    }
    csv->lines++;
    buf_char(&csv->row, '\0');
    if (ferror(csv->file))
        return CSV_IO;
    return bad || buf_err(&csv->row) != ERR_OK ? CSV_BAD : CSV_ROW;
}

enum csv_result csv_next(struct csv *csv)
{
    enum csv_result result;
    do {
        int c = getc(csv->file);
        if (c == EOF)
            return ferror(csv->file) ? CSV_IO : CSV_END;
        ungetc(c, csv->file);
        buf_clear(&csv->row);
        csv->n = 0;
        csv->line = csv->lines + 1;
        result = read_row(csv);
    } while (result == CSV_ROW && csv->n == 1 && csv->row.n == 1);
    return result;
}
