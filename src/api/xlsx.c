#include "api/xlsx.h"

#include <inttypes.h>
#include <stdio.h>
#define ZLIB_CONST
#include <zlib.h>

enum {
    LEVEL = 3,                    /* of compression: fast, and rows resemble each other */
    MEMBER_XML_MAX = 1024 * 1024, /* of what is not a row */
    FIRST_SERIAL = 61,            /* 1900-03-01: before, spreadsheets disagree about days */
    SERIAL_1970 = 25569,          /* days from 1899-12-30 to 1970-01-01 */
    FRACTION_DIGITS = 10,
};

static const uint64_t FILE_MAX = UINT64_C(0xf0000000); /* with room for the end */
static const uint32_t SHEET_FULL = UINT32_C(0xc0000000);
static const int64_t DAY_MS = INT64_C(86400000);

/* Formats of cells: their places in styles.xml. */
enum style { STYLE_NONE, STYLE_TEXT, STYLE_DATE, STYLE_TIME, STYLE_MONEY, STYLE_HEADER };

#define XML      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define OFFICE   "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE  "http://schemas.openxmlformats.org/package/2006/"
#define MAIN     "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define DOCUMENT "application/vnd.openxmlformats-officedocument.spreadsheetml."

/* ---- the zip (APPNOTE 6.3.10) ---- */

enum fixed { CONTENT_TYPES, RELATIONS, STYLES, WORKBOOK, WORKBOOK_RELATIONS };

static const char *const fixed_names[] = {
    [CONTENT_TYPES] = "[Content_Types].xml",
    [RELATIONS] = "_rels/.rels",
    [STYLES] = "xl/styles.xml",
    [WORKBOOK] = "xl/workbook.xml",
    [WORKBOOK_RELATIONS] = "xl/_rels/workbook.xml.rels",
};

enum {
    ZIP_VERSION = 20,
    ZIP_SIZES_FOLLOW = 1 << 3, /* they are not known when a member begins */
    ZIP_UTF8 = 1 << 11,
    ZIP_DEFLATED = 8,
    ZIP_DATE = 33, /* 1980-01-01, the first day that there is */
};

static void put_number(struct buf *file, size_t bytes, uint64_t number)
{
    for (size_t i = 0; i < bytes; i++)
        buf_char(file, (char)(number >> (8 * i)));
}

static struct str part_name(const struct xlsx_member *member, char ret_text[40])
{
    if (member->sheet == 0)
        return str_of(fixed_names[member->fixed]);
    int n = snprintf(ret_text, 40, "xl/worksheets/sheet%" PRIu32 ".xml", member->sheet);
    return (struct str){ret_text, (size_t)n};
}

/* What the heads of a member, before it and in the directory, have in common. */
static void put_head(struct buf *file, const struct xlsx_member *member, bool sizes)
{
    char text[40];
    put_number(file, 2, ZIP_VERSION);
    put_number(file, 2, ZIP_SIZES_FOLLOW | ZIP_UTF8);
    put_number(file, 2, ZIP_DEFLATED);
    put_number(file, 2, 0);
    put_number(file, 2, ZIP_DATE);
    put_number(file, 4, sizes ? member->crc : 0);
    put_number(file, 4, sizes ? member->packed : 0);
    put_number(file, 4, sizes ? member->size : 0);
    put_number(file, 2, part_name(member, text).n);
    put_number(file, 2, 0);
}

static void member_begin(struct xlsx *xlsx, uint32_t sheet, enum fixed fixed, struct buf *file)
{
    struct xlsx_member *member = &xlsx->members[xlsx->n++];
    size_t before = file->n;
    char text[40];
    *member = (struct xlsx_member){.sheet = sheet, .fixed = fixed, .offset = xlsx->offset};
    BUF_LIT(file, "PK\3\4");
    put_head(file, member, false);
    buf_add(file, part_name(member, text));
    xlsx->offset += file->n - before;
}

/* Appends bytes of the member that was begun last. Each piece ends at a whole byte, and refers to
 * none before it. */
static enum err member_add(struct xlsx *xlsx, struct str bytes, struct buf *file)
{
    struct xlsx_member *member = &xlsx->members[xlsx->n - 1];
    z_stream deflating = {0};
    if (bytes.n == 0)
        return ERR_OK;
    if (deflateInit2(&deflating, LEVEL, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return ERR_MEMORY;
    size_t room = deflateBound(&deflating, bytes.n) + 64;
    char *to = buf_reserve(file, room);
    deflating.next_in = (const Bytef *)bytes.p;
    deflating.avail_in = (uInt)bytes.n;
    deflating.next_out = (Bytef *)to;
    deflating.avail_out = (uInt)room;
    int result = to == NULL ? Z_MEM_ERROR : deflate(&deflating, Z_SYNC_FLUSH);
    size_t n = room - deflating.avail_out;
    bool whole = result == Z_OK && deflating.avail_in == 0 && deflating.avail_out > 0;
    (void)deflateEnd(&deflating);
    if (!whole)
        return ERR_MEMORY;
    buf_wrote(file, n);
    member->crc = (uint32_t)crc32(member->crc, (const Bytef *)bytes.p, (uInt)bytes.n);
    member->packed += (uint32_t)n;
    member->size += (uint32_t)bytes.n;
    xlsx->offset += n;
    return xlsx->offset > FILE_MAX ? ERR_TOO_LONG : ERR_OK;
}

static void member_end(struct xlsx *xlsx, struct buf *file)
{
    struct xlsx_member *member = &xlsx->members[xlsx->n - 1];
    size_t before = file->n;
    BUF_LIT(file, "\3\0"); /* a last block with nothing in it */
    member->packed += 2;
    BUF_LIT(file, "PK\7\10");
    put_number(file, 4, member->crc);
    put_number(file, 4, member->packed);
    put_number(file, 4, member->size);
    xlsx->offset += file->n - before;
}

static void put_directory(struct xlsx *xlsx, struct buf *file)
{
    size_t before = file->n;
    char text[40];
    for (uint32_t i = 0; i < xlsx->n; i++) {
        const struct xlsx_member *member = &xlsx->members[i];
        BUF_LIT(file, "PK\1\2");
        put_number(file, 2, ZIP_VERSION);
        put_head(file, member, true);
        put_number(file, 8, 0); /* comment, disk, attributes */
        put_number(file, 2, 0);
        put_number(file, 4, member->offset);
        buf_add(file, part_name(member, text));
    }
    size_t size = file->n - before;
    BUF_LIT(file, "PK\5\6");
    put_number(file, 4, 0);
    put_number(file, 2, xlsx->n);
    put_number(file, 2, xlsx->n);
    put_number(file, 4, size);
    put_number(file, 4, xlsx->offset);
    put_number(file, 2, 0);
    xlsx->offset += file->n - before;
}

static enum err fixed_add(struct xlsx *xlsx, enum fixed fixed, struct str xml, struct buf *file)
{
    member_begin(xlsx, 0, fixed, file);
    enum err err = member_add(xlsx, xml, file);
    member_end(xlsx, file);
    return err;
}

/* ---- cells ---- */

/* "_x000D_": how a cell has a character that XML cannot have. */
static bool is_escape(struct str text)
{
    bool hex = text.n >= 7 && text.p[0] == '_' && text.p[1] == 'x' && text.p[6] == '_';
    for (size_t i = 2; i < 6 && hex; i++)
        hex = ascii_digit(text.p[i]) ||
              (ascii_lower(text.p[i]) >= 'a' && ascii_lower(text.p[i]) <= 'f');
    return hex;
}

static void put_char(struct buf *xml, uint32_t c, struct str bytes, struct str from)
{
    bool control = (c < 0x20 && c != '\t' && c != '\n') || c == 0xfffe || c == 0xffff;
    if (control)
        buf_printf(xml, "_x%04" PRIX32 "_", c);
    else if (c == '_' && is_escape(from))
        BUF_LIT(xml, "_x005F_");
    else if (c == '&')
        BUF_LIT(xml, "&amp;");
    else if (c == '<')
        BUF_LIT(xml, "&lt;");
    else if (c == '>')
        BUF_LIT(xml, "&gt;");
    else
        buf_add(xml, bytes);
}

/* How many UTF-16 units a text has, up to one more than a cell can have. */
static size_t text_units(struct str text)
{
    size_t units = 0;
    if (text.n <= XLSX_TEXT_MAX) /* bytes are never fewer */
        return text.n;
    while (text.n > 0 && units <= XLSX_TEXT_MAX) {
        size_t n = utf8_step(text);
        units += n == 4 ? 2 : 1;
        text = str_from(text, n == 0 ? 1 : n);
    }
    return units;
}

static void put_text(struct buf *xml, struct str text)
{
    bool cut = text_units(text) > XLSX_TEXT_MAX;
    for (size_t units = 0; text.n > 0;) {
        size_t n = utf8_step(text);
        units += n == 4 ? 2 : 1;
        if (cut && units >= XLSX_TEXT_MAX) {
            BUF_LIT(xml, "\xe2\x80\xa6");
            break;
        }
        put_char(xml, utf8_first(text), n == 0 ? STR("\xef\xbf\xbd") : str_sub(text, 0, n), text);
        text = str_from(text, n == 0 ? 1 : n);
    }
}

static void put_reference(struct buf *xml, size_t column, int64_t row)
{
    if (column >= 26)
        buf_char(xml, (char)('A' + column / 26 - 1));
    buf_char(xml, (char)('A' + column % 26));
    buf_i64(xml, row);
}

static void put_inline(struct buf *xml, struct str text)
{
    BUF_LIT(xml, " t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    put_text(xml, text);
    BUF_LIT(xml, "</t></is></c>");
}

/* Days since the beginning of the calendar of spreadsheets, and the part of a day. A time that is too
 * early for it is a text. */
static void put_serial(struct buf *xml, int64_t days, int64_t ms, bool is_date)
{
    int64_t serial = days + SERIAL_1970;
    if (serial < FIRST_SERIAL) {
        struct buf text;
        buf_init(&text, 64);
        if (is_date)
            buf_date(&text, (int32_t)days);
        else
            buf_time(&text, days * DAY_MS + ms);
        put_inline(xml, buf_str(&text));
        buf_finish(&text);
        return;
    }
    BUF_LIT(xml, "><v>");
    buf_i64(xml, serial);
    if (!is_date)
        buf_printf(xml, ".%0*" PRId64, FRACTION_DIGITS, ms * INT64_C(10000000000) / DAY_MS);
    BUF_LIT(xml, "</v></c>");
}

static void put_cell(struct buf *xml, int64_t row, size_t column, const struct export_cell *cell,
                     enum style text_style)
{
    static const enum style styles[] = {
        [EXPORT_NUMBER] = STYLE_NONE, [EXPORT_MONEY] = STYLE_MONEY, [EXPORT_DATE] = STYLE_DATE,
        [EXPORT_TIME] = STYLE_TIME,   [EXPORT_FLAG] = STYLE_TEXT,
    };
    if (cell->kind == EXPORT_EMPTY)
        return;
    BUF_LIT(xml, "<c r=\"");
    put_reference(xml, column, row);
    buf_printf(xml, "\" s=\"%d\"",
               (int)(cell->kind == EXPORT_TEXT ? text_style : styles[cell->kind]));
    int32_t day;
    switch (cell->kind) {
    case EXPORT_EMPTY:
        break;
    case EXPORT_TEXT:
        put_inline(xml, cell->text);
        break;
    case EXPORT_NUMBER:
        BUF_LIT(xml, "><v>");
        buf_i64(xml, cell->number);
        BUF_LIT(xml, "</v></c>");
        break;
    case EXPORT_MONEY:
        BUF_LIT(xml, "><v>");
        buf_money(xml, cell->number);
        BUF_LIT(xml, "</v></c>");
        break;
    case EXPORT_DATE:
        put_serial(xml, cell->number, 0, true);
        break;
    case EXPORT_TIME:
        day = date_of_time(cell->number);
        put_serial(xml, day, cell->number - day * DAY_MS, false);
        break;
    case EXPORT_FLAG: /* LibreOffice makes a formula, TRUE(), of what the format calls a boolean */
        put_inline(xml, cell->number ? STR("true") : STR("false"));
        break;
    }
}

void xlsx_row_begin(struct xlsx *xlsx, struct buf *rows)
{
    BUF_LIT(rows, "<row r=\"");
    buf_i64(rows, ++xlsx->rows);
    BUF_LIT(rows, "\">");
}

void xlsx_cell(const struct xlsx *xlsx, struct buf *rows, size_t column,
               const struct export_cell *cell)
{
    put_cell(rows, xlsx->rows, column, cell, STYLE_TEXT);
}

void xlsx_row_end(struct buf *rows)
{
    BUF_LIT(rows, "</row>");
}

/* ---- sheets ---- */

/* `xml` is scratch. */
static enum err sheet_begin(struct xlsx *xlsx, struct buf *xml, struct buf *file)
{
    xlsx->rows = 0;
    member_begin(xlsx, ++xlsx->sheets, CONTENT_TYPES, file);
    buf_clear(xml);
    buf_printf(xml,
               XML "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\">"
                   "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" "
                   "state=\"frozen\"/></sheetView></sheetViews><cols><col min=\"1\" max=\"%zu\" "
                   "width=\"20\" customWidth=\"1\"/></cols><sheetData>",
               export_columns());
    xlsx_row_begin(xlsx, xml);
    for (size_t i = 0; i < export_columns(); i++)
        put_cell(xml, xlsx->rows, i,
                 &(struct export_cell){.kind = EXPORT_TEXT, .text = export_header(i)},
                 STYLE_HEADER);
    xlsx_row_end(xml);
    return member_add(xlsx, buf_str(xml), file);
}

static enum err sheet_end(struct xlsx *xlsx, struct buf *file)
{
    enum err err = member_add(xlsx, STR("</sheetData></worksheet>"), file);
    member_end(xlsx, file);
    return err;
}

/* Formats of dates are not among those that every spreadsheet has by number. */
static const char styles_xml[] =
    XML "<styleSheet xmlns=\"" MAIN "\"><numFmts count=\"2\">"
        "<numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/>"
        "<numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss\"/></numFmts>"
        "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
        "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
        "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
        "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
        "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
        "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
        "</cellStyleXfs><cellXfs count=\"6\">"
        "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>"
        "<xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
        "applyNumberFormat=\"1\"/>"
        "<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
        "applyNumberFormat=\"1\"/>"
        "<xf numFmtId=\"165\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
        "applyNumberFormat=\"1\"/>"
        "<xf numFmtId=\"4\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
        "applyNumberFormat=\"1\"/>"
        "<xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" "
        "applyNumberFormat=\"1\" applyFont=\"1\"/>"
        "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/>"
        "</cellStyles></styleSheet>";

/* It comes first, when nobody knows how many sheets there will be: so they are what any part is that
 * is not named. */
static const char content_types_xml[] =
    XML "<Types xmlns=\"" PACKAGE "content-types\"><Default Extension=\"rels\" "
        "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        "<Default Extension=\"xml\" ContentType=\"" DOCUMENT "worksheet+xml\"/>"
        "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" DOCUMENT "sheet.main+xml\"/>"
        "<Override PartName=\"/xl/styles.xml\" ContentType=\"" DOCUMENT "styles+xml\"/></Types>";

static const char relations_xml[] =
    XML "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" "
        "Type=\"" OFFICE "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";

static void put_workbook(struct buf *xml, uint32_t sheets)
{
    BUF_LIT(xml, XML "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\"><sheets>");
    for (uint32_t i = 1; i <= sheets; i++) {
        if (i == sheets)
            BUF_LIT(xml, "<sheet name=\"About");
        else
            BUF_LIT(xml, "<sheet name=\"Tasks");
        if (i > 1 && i < sheets)
            buf_printf(xml, " %" PRIu32, i);
        buf_printf(xml, "\" sheetId=\"%" PRIu32 "\" r:id=\"rId%" PRIu32 "\"/>", i, i);
    }
    BUF_LIT(xml, "</sheets></workbook>");
}

static void put_workbook_relations(struct buf *xml, uint32_t sheets)
{
    BUF_LIT(xml, XML "<Relationships xmlns=\"" PACKAGE "relationships\">");
    for (uint32_t i = 1; i <= sheets; i++)
        buf_printf(xml,
                   "<Relationship Id=\"rId%" PRIu32 "\" Type=\"" OFFICE "/worksheet\" "
                   "Target=\"worksheets/sheet%" PRIu32 ".xml\"/>",
                   i, i);
    buf_printf(xml,
               "<Relationship Id=\"rId%" PRIu32 "\" Type=\"" OFFICE "/styles\" "
               "Target=\"styles.xml\"/></Relationships>",
               sheets + 1);
}

static void put_about(struct buf *xml, const struct xlsx_line *lines, size_t n)
{
    BUF_LIT(xml, XML "<worksheet xmlns=\"" MAIN "\"><cols><col min=\"1\" max=\"1\" width=\"24\" "
                     "customWidth=\"1\"/><col min=\"2\" max=\"2\" width=\"80\" "
                     "customWidth=\"1\"/></cols><sheetData>");
    for (size_t i = 0; i < n; i++) {
        int64_t row = (int64_t)i + 1;
        buf_printf(xml, "<row r=\"%" PRId64 "\">", row);
        put_cell(xml, row, 0,
                 &(struct export_cell){.kind = EXPORT_TEXT, .text = str_of(lines[i].name)},
                 STYLE_HEADER);
        put_cell(xml, row, 1, &lines[i].value, STYLE_TEXT);
        xlsx_row_end(xml);
    }
    BUF_LIT(xml, "</sheetData></worksheet>");
}

/* ---- the workbook ---- */

enum err xlsx_begin(struct xlsx *xlsx, struct buf *file)
{
    struct buf xml;
    buf_init(&xml, MEMBER_XML_MAX);
    *xlsx = (struct xlsx){0};
    enum err err = fixed_add(xlsx, CONTENT_TYPES, STR(content_types_xml), file);
    if (err == ERR_OK)
        err = fixed_add(xlsx, RELATIONS, STR(relations_xml), file);
    if (err == ERR_OK)
        err = fixed_add(xlsx, STYLES, STR(styles_xml), file);
    if (err == ERR_OK)
        err = sheet_begin(xlsx, &xml, file);
    buf_finish(&xml);
    return err;
}

enum err xlsx_add(struct xlsx *xlsx, struct str rows, struct buf *file)
{
    struct buf xml;
    enum err err = member_add(xlsx, rows, file);
    bool full = xlsx->rows > XLSX_ROWS_MAX || xlsx->members[xlsx->n - 1].size > SHEET_FULL;
    if (err != ERR_OK || !full)
        return err;
    if (xlsx->sheets == XLSX_SHEETS_MAX)
        return ERR_TOO_LONG;
    buf_init(&xml, MEMBER_XML_MAX);
    err = sheet_end(xlsx, file);
    if (err == ERR_OK)
        err = sheet_begin(xlsx, &xml, file);
    buf_finish(&xml);
    return err;
}

enum err xlsx_end(struct xlsx *xlsx, const struct xlsx_line *lines, size_t n, struct buf *file)
{
    struct buf xml;
    buf_init(&xml, MEMBER_XML_MAX);
    enum err err = sheet_end(xlsx, file);
    if (err == ERR_OK) {
        member_begin(xlsx, ++xlsx->sheets, CONTENT_TYPES, file);
        put_about(&xml, lines, n);
        err = member_add(xlsx, buf_str(&xml), file);
        member_end(xlsx, file);
    }
    if (err == ERR_OK) {
        buf_clear(&xml);
        put_workbook(&xml, xlsx->sheets);
        err = fixed_add(xlsx, WORKBOOK, buf_str(&xml), file);
    }
    if (err == ERR_OK) {
        buf_clear(&xml);
        put_workbook_relations(&xml, xlsx->sheets);
        err = fixed_add(xlsx, WORKBOOK_RELATIONS, buf_str(&xml), file);
    }
    if (err == ERR_OK)
        put_directory(xlsx, file);
    if (err == ERR_OK)
        err = buf_err(&xml);
    buf_finish(&xml);
    return err;
}
