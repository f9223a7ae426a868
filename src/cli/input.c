#include "cli/input.h"

#include "base/buf.h"
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

/* Both say what errno says: call them before anything else can change it. */
static int fail_read(const char *name)
{
    fail(EXIT_NOINPUT, "%s cannot be read: %s", name, strerror(errno));
    return EXIT_NOINPUT;
}

static int fail_copy(void)
{
    fail(EXIT_STORAGE, "a temporary file cannot be written: %s", strerror(errno));
    return EXIT_STORAGE;
}

int input_rewind(const char *name, FILE *file)
{
    return fseek(file, 0, SEEK_SET) == 0 ? EXIT_DONE : fail_read(name);
}

int input_head(const char *name, FILE *file, char *head, size_t max, struct str *ret_head)
{
    size_t got = fread(head, 1, max, file);
    if (ferror(file))
        return fail_read(name);
    *ret_head = (struct str){head, got};
    return input_rewind(name, file);
}

/* ---- copies ---- */

/* Replaces *file, which is closed, by a temporary file that `copy` fills. */
static int replace(const char *name, FILE **file, const char *encoding,
                   int (*copy)(const char *name, const char *encoding, FILE *from, FILE *to))
{
    FILE *to = tmpfile();
    int code = to == NULL ? fail_copy() : copy(name, encoding, *file, to);
    if (code == EXIT_DONE && (fflush(to) != 0 || fseek(to, 0, SEEK_SET) != 0))
        code = fail_copy();
    fclose(*file);
    *file = to;
    return code;
}

static int copy_as_it_is(const char *name, const char *encoding, FILE *from, FILE *to)
{
    char block[BLOCK];
    (void)encoding;
    while (!feof(from)) {
        size_t got = fread(block, 1, sizeof block, from);
        if (ferror(from))
            return fail_read(name);
        if (fwrite(block, 1, got, to) != got)
            return fail_copy();
    }
    return EXIT_DONE;
}

/* Reads another block, appended to `text`. */
static int read_block(const char *name, FILE *file, struct buf *text)
{
    char *room = buf_reserve(text, BLOCK);
    if (room == NULL)
        return fail_memory();
    size_t got = fread(room, 1, BLOCK, file);
    if (ferror(file))
        return fail_read(name);
    buf_wrote(text, got);
    return EXIT_DONE;
}

static int fail_invalid(const char *name, const char *encoding)
{
    return fail(EXIT_DATA, "%s is not valid %s; none of it was used", name, encoding);
}

/* Converts whole characters and keeps half a character at the end. */
static int convert_block(const char *name, const char *encoding, iconv_t converter,
                         struct buf *text, FILE *to)
{
    char out[BLOCK], *from = text->p;
    size_t left = text->n;
    int error = E2BIG;
    while (error == E2BIG && left > 0) {
        char *end = out;
        size_t room = sizeof out;
        error = iconv(converter, &from, &left, &end, &room) == (size_t)-1 ? errno : 0;
        const size_t made = (size_t)(end - out);
        if (fwrite(out, 1, made, to) != made)
            return fail_copy();
    }
    buf_consume(text, text->n - left);
    return error == EILSEQ ? fail_invalid(name, encoding) : EXIT_DONE;
}

static int convert(const char *name, const char *encoding, FILE *from, FILE *to)
{
    struct buf text;
    int code = EXIT_DONE;
    iconv_t converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1)
        return fail(EXIT_USAGE, "unknown encoding \"%.60s\" (see `iconv -l`)", encoding);
    buf_init(&text, 2 * BLOCK);
    while (code == EXIT_DONE && !feof(from)) {
        code = read_block(name, from, &text);
        if (code == EXIT_DONE)
            code = convert_block(name, encoding, converter, &text, to);
    }
    if (code == EXIT_DONE && text.n > 0)
        code = fail_invalid(name, encoding);
    buf_finish(&text);
    iconv_close(converter);
    return code;
}

/* ---- looking through ---- */

struct text_place {
    long line, column; /* of the next character, from 1 */
    bool cr;           /* the last one was a CR */
};

static void place_move(struct text_place *place, char c)
{
    if (c == '\r' || (c == '\n' && !place->cr))
        place->line++;
    place->column = c == '\r' || c == '\n' ? 1 : place->column + 1;
    place->cr = c == '\r';
}

static int fail_encoding(const char *name, const struct text_place *place, char c)
{
    if (c == '\0')
        return fail(EXIT_DATA,
                    "%s, line %ld, column %ld: a zero byte is not UTF-8 text. If the file is "
                    "UTF-16, use --encoding UTF-16LE; none of it was used",
                    name, place->line, place->column);
    return fail(EXIT_DATA,
                "%s, line %ld, column %ld: the byte 0x%02X is not UTF-8. If the file has another "
                "encoding, name it (--encoding WINDOWS-1252) or convert it (iconv -f WINDOWS-1252 "
                "-t UTF-8); none of it was used",
                name, place->line, place->column, (unsigned)(unsigned char)c);
}

/* Skips the valid characters of `text`. The rest is half a character, or begins with an invalid
 * one. */
static struct str step_over(struct str text, struct text_place *place)
{
    size_t step;
    while (text.n > 0 && text.p[0] != '\0' && (step = utf8_step(text)) > 0) {
        place_move(place, text.p[0]);
        text = str_from(text, step);
    }
    return text;
}

static int check(const char *name, FILE *file)
{
    struct buf text;
    struct text_place place = {1, 1, false};
    int code = EXIT_DONE;
    buf_init(&text, 2 * BLOCK);
    while (code == EXIT_DONE && !feof(file)) {
        code = read_block(name, file, &text);
        struct str left = step_over(buf_str(&text), &place);
        /* A character has at most four bytes, so this one is invalid; or the file ends. */
        if (code == EXIT_DONE && (left.n > 3 || (left.n > 0 && (feof(file) || left.p[0] == '\0'))))
            code = fail_encoding(name, &place, left.p[0]);
        buf_consume(&text, text.n - left.n);
    }
    buf_finish(&text);
    return code;
}

/* Looks at the first bytes: refuses an archive, and names the encoding that they show; NULL for
 * UTF-8 or anything else, which is checked later. */
static int see_encoding(const char *name, FILE *file, const char **ret_encoding)
{
    char head[4];
    struct str start = STR("");
    int code = input_head(name, file, head, sizeof head, &start);
    if (str_eq(start, STR("PK\x03\x04")))
        code = fail(EXIT_DATA,
                    "%s is a spreadsheet or an archive, not text; save it as CSV in UTF-8", name);
    if (str_starts(start, STR("\xFF\xFE")) || str_starts(start, STR("\xFE\xFF")))
        *ret_encoding = "UTF-16";
    return code;
}

/* Standard input by a descriptor of its own, so that the file can be closed. */
static FILE *standard_input(void)
{
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    return fd < 0 ? NULL : fdopen(fd, "r");
}

int input_open(const char *name, const char *encoding, FILE **ret_file)
{
    const bool standard = strcmp(name, "-") == 0;
    FILE *file = standard ? standard_input() : fopen(name, "re");
    struct stat status;
    int code = file == NULL || fstat(fileno(file), &status) != 0 ? fail_read(name) : EXIT_DONE;
    /* A pipe can be read only once. So can standard input, which others may have read from. */
    if (code == EXIT_DONE && (standard || !S_ISREG(status.st_mode)))
        code = replace(name, &file, NULL, copy_as_it_is);
    if (code == EXIT_DONE && encoding == NULL)
        code = see_encoding(name, file, &encoding);
    if (code == EXIT_DONE && encoding != NULL)
        code = replace(name, &file, encoding, convert);
    if (code == EXIT_DONE)
        code = check(name, file);
    if (code == EXIT_DONE)
        code = input_rewind(name, file);
    if (code == EXIT_DONE)
        *ret_file = file;
    else if (file != NULL)
        fclose(file);
    return code;
}

int input_text(const char *name, const char *encoding, size_t max, char **ret_text)
{
    FILE *file = NULL;
    int code = input_open(name, encoding, &file);
    if (file == NULL)
        return code;
    struct buf text;
    char block[BLOCK];
    buf_init(&text, max + 4);
    while (code == EXIT_DONE && !feof(file)) {
        size_t got = fread(block, 1, sizeof block, file);
        code = ferror(file) ? fail_read(name) : EXIT_DONE;
        buf_bytes(&text, block, got);
    }
    if (str_starts(buf_str(&text), STR("\xEF\xBB\xBF")))
        buf_consume(&text, 3);
    buf_char(&text, '\0');
    if (code == EXIT_DONE && buf_err(&text) != ERR_OK)
        code = fail(EXIT_NOINPUT, "%s is longer than %zu bytes", name, max);
    fclose(file);
    if (code == EXIT_DONE)
        *ret_text = text.p;
    else
        buf_finish(&text);
    return code;
}
