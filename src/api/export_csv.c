#include "api/export_csv.h"

#include <string.h>

/* Digits with a sign before them, and maybe a point and more digits. */
static bool is_number(struct str text)
{
    size_t n = 1;
    while (n < text.n && ascii_digit(text.p[n]))
        n++;
    bool digits = n > 1;
    if (n + 1 < text.n && text.p[n] == '.')
        for (n++; n < text.n && ascii_digit(text.p[n]);)
            n++;
    return digits && n == text.n && (text.p[0] == '-' || text.p[0] == '+');
}

static bool is_formula(struct str text)
{
    return text.n > 0 && text.p[0] != '\0' && strchr("=+-@\t\r", text.p[0]) != NULL &&
           !is_number(text);
}

static void csv_text(struct buf *csv, struct str text)
{
    buf_char(csv, '"');
    if (is_formula(text))
        buf_char(csv, '\'');
    while (text.p != NULL) {
        bool more = str_find(text, '"') < text.n;
        buf_add(csv, str_cut(&text, '"'));
        if (more)
            BUF_LIT(csv, "\"\"");
    }
    buf_char(csv, '"');
}

/* "2026-11-23 20:15:04" in UTC: what spreadsheets take for a time. */
static void csv_time(struct buf *csv, int64_t time)
{
    struct buf text;
    buf_init(&text, 64);
    buf_time(&text, time);
    struct str whole = buf_str(&text);
    size_t t = str_find(whole, 'T');
    buf_add(csv, str_sub(whole, 0, t));
    buf_char(csv, ' ');
    buf_add(csv, str_sub(whole, t + 1, 8));
    buf_finish(&text);
}

void csv_begin(struct buf *csv)
{
    BUF_LIT(csv, "\xef\xbb\xbf");
    for (size_t i = 0; i < export_columns(); i++) {
        if (i > 0)
            buf_char(csv, ',');
        csv_text(csv, export_header(i));
    }
    csv_row_end(csv);
}

void csv_cell(struct buf *csv, size_t column, const struct export_cell *cell)
{
    if (column > 0)
        buf_char(csv, ',');
    switch (cell->kind) {
    case EXPORT_EMPTY:
        break;
    case EXPORT_TEXT:
        csv_text(csv, cell->text);
        break;
    case EXPORT_NUMBER:
        buf_i64(csv, cell->number);
        break;
    case EXPORT_MONEY:
        buf_money(csv, cell->number);
        break;
    case EXPORT_DATE:
        buf_date(csv, (int32_t)cell->number);
        break;
    case EXPORT_TIME:
        csv_time(csv, cell->number);
        break;
    case EXPORT_FLAG:
        buf_add(csv, cell->number ? STR("true") : STR("false"));
        break;
    }
}

void csv_row_end(struct buf *csv)
{
    BUF_LIT(csv, "\r\n");
}
