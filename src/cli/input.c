#include "cli/input.h"

#include "base/buf.h"
#include "cli/cli.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

static int fail_read(const char *name)
{
    return fail(EXIT_NOINPUT, "%s cannot be read: %s", name, strerror(errno));
}

/* ---- copies ---- */

/* Replaces *file, which is closed, by a temporary file that `copy` fills. */
static int replace(const char *name, FILE **file, const char *encoding,
                   int (*copy)(const char *name, const char *encoding, FILE *from, FILE *to))
{
    FILE *to = tmpfile();
    int code = to == NULL ? EXIT_STORAGE : copy(name, encoding, *file, to);
    if (code == EXIT_DONE && (fflush(to) != 0 || ferror(to)))
        code = EXIT_STORAGE;
    if (code == EXIT_STORAGE)
        fail(code, "a temporary file cannot be written: %s", strerror(errno));
    fclose(*file);
    *file = to;
    return code;
}

static int copy_as_it_is(const char *name, const char *encoding, FILE *from, FILE *to)
{
    char block[BLOCK];
    size_t got;
    (void)encoding;
    while ((got = fread(block, 1, sizeof block, from)) > 0)
        if (fwrite(block, 1, got, to) != got)
            return EXIT_STORAGE;
    return ferror(from) ? fail_read(name) : EXIT_DONE;
}

/* Reads another block, appended to `text`. Returns the number of bytes. */
static size_t read_block(FILE *file, struct buf *text)
{
    char *room = buf_reserve(text, BLOCK);
    size_t got = room == NULL ? 0 : fread(room, 1, BLOCK, file);
    buf_wrote(text, got);
    return got;
}

/* Converts whole characters and keeps half a character at the end. False at an invalid character.
 */
static bool convert_block(iconv_t converter, struct buf *text, FILE *to)
{
    char out[BLOCK], *from = text->p;
    size_t left = text->n;
    int error = E2BIG;
    while (error == E2BIG && left > 0) {
        char *end = out;
        size_t room = sizeof out;
        error = iconv(converter, &from, &left, &end, &room) == (size_t)-1 ? errno : 0;
        fwrite(out, 1, (size_t)(end - out), to);
    }
    buf_consume(text, text->n - left);
    return error != EILSEQ;
}

static int convert(const char *name, const char *encoding, FILE *from, FILE *to)
{
    struct buf text;
    bool good = true;
    iconv_t converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1)
        return fail(EXIT_USAGE, "unknown encoding \"%.60s\" (see `iconv -l`)", encoding);
    buf_init(&text, 2 * BLOCK);
    while (good && read_block(from, &text) > 0)
        good = convert_block(converter, &text, to);
    good = good && text.n == 0;
    buf_finish(&text);
    iconv_close(converter);
    if (ferror(from))
        return fail_read(name);
    if (!good)
        return fail(EXIT_DATA, "%s is not valid %s; none of it was used", name, encoding);
    return ferror(to) ? EXIT_STORAGE : EXIT_DONE;
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
    size_t got;
    buf_init(&text, 2 * BLOCK);
    do {
        got = read_block(file, &text);
        struct str left = step_over(buf_str(&text), &place);
        /* A character has at most four bytes, so this one is invalid; or the file ends. */
        if (left.n > 3 || (left.n > 0 && (got == 0 || left.p[0] == '\0')))
            code = fail_encoding(name, &place, left.p[0]);
        buf_consume(&text, text.n - left.n);
    } while (got > 0 && code == EXIT_DONE);
    if (code == EXIT_DONE && (ferror(file) || buf_err(&text) != ERR_OK))
        code = fail_read(name);
    buf_finish(&text);
    return code;
}

/* The encoding that the first bytes show; NULL for UTF-8 or anything else, which is checked later.
 */
static const char *encoding_of(FILE *file)
{
    char head[2];
    struct str text = {head, fread(head, 1, sizeof head, file)};
    rewind(file);
    return str_eq(text, STR("\xFF\xFE")) || str_eq(text, STR("\xFE\xFF")) ? "UTF-16" : NULL;
}

static bool is_archive(FILE *file)
{
    char head[4];
    struct str text = {head, fread(head, 1, sizeof head, file)};
    rewind(file);
    return str_eq(text, STR("PK\x03\x04"));
}

int input_open(const char *name, const char *encoding, FILE **ret_file)
{
    FILE *file = strcmp(name, "-") == 0 ? fdopen(dup(STDIN_FILENO), "r") : fopen(name, "re");
    struct stat status;
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        if (file != NULL)
            fclose(file);
        return fail_read(name);
    }
    /* A pipe can be read only once. So can standard input, which others may have read from. */
    int code = EXIT_DONE;
    if (!S_ISREG(status.st_mode) || strcmp(name, "-") == 0)
        code = replace(name, &file, NULL, copy_as_it_is);
    if (code == EXIT_DONE) {
        rewind(file);
        if (encoding == NULL && is_archive(file))
            code =
                fail(EXIT_DATA,
                     "%s is a spreadsheet or an archive, not text; save it as CSV in UTF-8", name);
        if (encoding == NULL)
            encoding = encoding_of(file);
    }
    if (code == EXIT_DONE && encoding != NULL) {
        code = replace(name, &file, encoding, convert);
        if (code == EXIT_DONE)
            rewind(file);
    }
    if (code == EXIT_DONE)
        code = check(name, file);
    if (code == EXIT_DONE) {
        rewind(file);
        *ret_file = file;
    } else if (file != NULL) {
        fclose(file);
    }
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
    size_t got;
    buf_init(&text, max + 4);
    while ((got = fread(block, 1, sizeof block, file)) > 0)
        buf_bytes(&text, block, got);
    if (str_starts(buf_str(&text), STR("\xEF\xBB\xBF")))
        buf_consume(&text, 3);
    buf_char(&text, '\0');
    if (ferror(file))
        code = fail_read(name);
    else if (buf_err(&text) != ERR_OK)
        code = fail(EXIT_NOINPUT, "%s is longer than %zu bytes", name, max);
    fclose(file);
    if (code == EXIT_DONE)
        *ret_text = text.p;
    else
        buf_finish(&text);
    return code;
}
