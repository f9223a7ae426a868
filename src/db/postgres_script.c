#include "db/postgres.h"

#include "base/buf.h"

/*
 * The schema is written once, in SQLite's words (sql/README.md). PostgreSQL differs in four: its
 * INTEGER has only 32 bits, its bytes have another name, its texts are ordered by a language unless
 * told not to, and its tables are always strict.
 */
static const struct {
    struct str word, instead;
} words[] = {
    {STR_INIT("INTEGER"), STR_INIT("BIGINT")},
    {STR_INIT("BLOB"), STR_INIT("BYTEA")},
    {STR_INIT("TEXT"), STR_INIT("TEXT COLLATE \"C\"")},
    {STR_INIT("STRICT"), STR_INIT("")},
};

enum { SCRIPT_MAX = 1024 * 1024 };

static bool of_word(char c)
{
    return ascii_alpha(c) || ascii_digit(c) || c == '_';
}

static struct str translated(struct str word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_eq(words[i].word, word))
            return words[i].instead;
    return word;
}

enum err postgres_translate(struct op *op, struct str sql, struct str *ret_text)
{
    struct buf buf;
    buf_init(&buf, SCRIPT_MAX);
    while (sql.n > 0) {
        size_t n = 0;
        while (n < sql.n && of_word(sql.p[n]))
            n++;
        if (n > 0)
            buf_add(&buf, translated(str_sub(sql, 0, n)));
        else
            buf_char(&buf, sql.p[n++]);
        sql = str_from(sql, n);
    }
    return buf_move(&buf, op->arena, ret_text);
}
