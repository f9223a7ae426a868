/*
 * cli/csv against any bytes. Oracle: rows end where they should, no field lies outside its row, and
 * rows that are written again, all in quotes, are read as the same fields.
 */
#include "cli/csv.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4 * 1024 * 1024 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void write_row(struct buf *buf, const struct csv *csv)
{
    for (size_t i = 0; i < csv->n; i++) {
        buf_char(buf, '"');
        for (const char *c = csv_field(csv, i); *c != '\0'; c++) {
            if (*c == '"')
                buf_char(buf, '"');
            buf_char(buf, *c);
        }
        buf_char(buf, '"');
        buf_char(buf, i + 1 < csv->n ? csv->separator : '\n');
    }
}

/* Reads all rows; writes them to `again`, or holds them against what `first` has of them. */
static void read_all(const void *data, size_t size, struct buf *again, struct buf *fields)
{
    struct csv csv;
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    must(file != NULL);
    csv_init(&csv, file);
    long line = 0;
    while (csv_next(&csv) == CSV_ROW) {
        must(csv.n > 0 && csv.n <= CSV_FIELDS_MAX && csv.line > line);
        line = csv.line;
        for (size_t i = 0; i < csv.n; i++) {
            size_t end = i + 1 < csv.n ? csv.starts[i + 1] : csv.row.n;
            must(csv.starts[i] < end && csv.row.p[end - 1] == '\0');
            buf_add(fields, str_of(csv_field(&csv, i)));
            buf_char(fields, '\0');
        }
        if (again != NULL && again->n == 0)
            buf_printf(again, "sep=%c\n", csv.separator);
        if (again != NULL)
            write_row(again, &csv);
    }
    csv_finish(&csv);
    fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf again, first, second;
    if (size == 0 || memchr(data, '\0', size) != NULL)
        return 0;
    buf_init(&again, TEXT_MAX);
    buf_init(&first, TEXT_MAX);
    buf_init(&second, TEXT_MAX);
    read_all(data, size, &again, &first);
    if (again.n > 0 && buf_err(&again) == ERR_OK) {
        read_all(again.p, again.n, NULL, &second);
        must(str_eq(buf_str(&first), buf_str(&second)));
    }
    buf_finish(&again);
    buf_finish(&first);
    buf_finish(&second);
    return 0;
}
