#include "evidence/zip_read.h"

enum {
    LOCAL_SIZE = 30, /* of a local head, without the name */
    HEAD_MAX = LOCAL_SIZE + ZIP_NAME_MAX,
    ENTRY_MAX = 64 + ZIP_NAME_MAX,
    EXCERPT = 80, /* bytes of a name in a message */
};

void zip_reader_init(struct zip_reader *reader, FILE *file, struct op *op)
{
    *reader = (struct zip_reader){.file = file, .op = op};
    hash_begin(&reader->entries);
    buf_init(&reader->head, HEAD_MAX);
    buf_init(&reader->entry, ENTRY_MAX);
}

void zip_reader_finish(struct zip_reader *reader)
{
    buf_finish(&reader->head);
    buf_finish(&reader->entry);
}

/* Reads up to `n` bytes. */
static enum err take(struct zip_reader *reader, char *bytes, size_t n, size_t *ret_n)
{
    *ret_n = fread(bytes, 1, n, reader->file);
    return ferror(reader->file) ? op_fail(reader->op, ERR_IO, "the file cannot be read") : ERR_OK;
}

static uint32_t number(const char *bytes, int n)
{
    uint32_t value = 0;
    for (int i = n; i-- > 0;)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static enum err member_bad(struct zip_reader *reader, const char *what)
{
    return op_fail(reader->op, ERR_CORRUPT, "%.*s: %s",
                   STR_ARG(utf8_cut(reader->member.name, EXCERPT)), what);
}

/* ---- a member ---- */

enum err zip_bytes(struct zip_reader *reader, char *bytes, size_t max, size_t *ret_n)
{
    size_t n = max < reader->left ? max : reader->left, got;
    enum err err = take(reader, bytes, n, &got);
    if (err == ERR_OK && got < n)
        err = member_bad(reader, "the file ends in the middle of it; it was not received whole");
    if (err != ERR_OK)
        return err;
    reader->crc = zip_crc(reader->crc, (struct str){bytes, n});
    reader->left -= (uint32_t)n;
    *ret_n = n;
    return ERR_OK;
}

/* Reads what is left of the member, and looks at its check sum. */
static enum err member_end(struct zip_reader *reader)
{
    char bytes[4096];
    size_t n;
    while (reader->left > 0) {
        enum err err = zip_bytes(reader, bytes, sizeof bytes, &n);
        if (err != ERR_OK)
            return err;
    }
    return reader->crc == reader->member.crc
               ? ERR_OK
               : member_bad(reader, "its bytes are not those that its check sum is of");
}

/* The head of the next member, whose first bytes are there. */
static enum err member_begin(struct zip_reader *reader, char *head, size_t n)
{
    size_t got;
    enum err err = take(reader, head + n, LOCAL_SIZE - n, &got);
    size_t name_size = number(head + 26, 2);
    if (err == ERR_OK && n + got < LOCAL_SIZE)
        return op_fail(reader->op, ERR_CORRUPT,
                       "the file ends in the middle; it was not received whole");
    if (err == ERR_OK && (name_size == 0 || name_size > ZIP_NAME_MAX))
        return op_fail(reader->op, ERR_CORRUPT,
                       "member %llu has a name of %zu bytes, which no evidence file has",
                       (unsigned long long)reader->place.members + 1, name_size);
    if (err == ERR_OK)
        err = take(reader, reader->name, name_size, &got);
    if (err != ERR_OK)
        return err;
    struct str name = {reader->name, got};
    if (got < name_size || !utf8_valid(name) || memchr(name.p, '\0', name.n) != NULL)
        return op_fail(reader->op, ERR_CORRUPT,
                       "member %llu has a name that is cut off or not UTF-8",
                       (unsigned long long)reader->place.members + 1);
    reader->member = (struct zip_member){name, number(head + 18, 4), number(head + 14, 4)};
    reader->left = reader->member.size;
    reader->crc = 0;

    /* What the writer would have written is what must be there. */
    buf_clear(&reader->head);
    buf_clear(&reader->entry);
    zip_member_begin(&reader->head, &reader->entry, &reader->place, &reader->member);
    if (buf_err(&reader->head) != ERR_OK || buf_err(&reader->entry) != ERR_OK)
        return ERR_MEMORY;
    hash_add(&reader->entries, reader->entry.p, reader->entry.n);
    if (!str_eq((struct str){head, LOCAL_SIZE}, str_sub(buf_str(&reader->head), 0, LOCAL_SIZE)))
        return member_bad(reader, "it is compressed, encrypted or packed by another program; check "
                                  "the file as the server gave it");
    return ERR_OK;
}

/* ---- the end ---- */

/* The directory, whose first `n` bytes are there; then the end of the file. */
static enum err directory_check(struct zip_reader *reader, const char *head, size_t n)
{
    char bytes[4096];
    struct hasher hasher;
    struct buf end;
    uint64_t left = reader->place.directory;
    size_t got = n;
    enum err err = ERR_OK;
    /* The end begins where the directory does not go on. */
    hash_begin(&hasher);
    if (n > left)
        return op_fail(reader->op, ERR_CORRUPT, "the file has no members");
    hash_add(&hasher, head, n);
    for (left -= n; left > 0 && got > 0 && err == ERR_OK; left -= got) {
        err = take(reader, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes, &got);
        hash_add(&hasher, bytes, got);
    }
    struct sha256 found = hash_end(&hasher), wanted = hash_end(&reader->entries);
    if (err == ERR_OK && left > 0)
        return op_fail(reader->op, ERR_CORRUPT,
                       "the file ends in its directory; it was not received whole");
    if (err == ERR_OK && !str_eq((struct str){(const char *)found.bytes, SHA256_SIZE},
                                 (struct str){(const char *)wanted.bytes, SHA256_SIZE}))
        return op_fail(reader->op, ERR_CORRUPT,
                       "the directory at the end of the file does not list the members that are "
                       "in it");
    buf_init(&end, sizeof bytes);
    zip_end(&end, &reader->place);
    if (err == ERR_OK)
        err = take(reader, bytes, sizeof bytes, &got);
    if (err == ERR_OK)
        err = buf_err(&end);
    if (err == ERR_OK && !str_eq((struct str){bytes, got}, buf_str(&end)))
        err = op_fail(reader->op, ERR_CORRUPT,
                      "the end of the file is cut off or changed, or something comes after it");
    buf_finish(&end);
    return err;
}

enum err zip_next(struct zip_reader *reader, bool *ret_more)
{
    char head[LOCAL_SIZE];
    size_t n;
    enum err err = reader->place.members == 0 ? ERR_OK : member_end(reader);
    if (err == ERR_OK)
        err = take(reader, head, 4, &n);
    if (err != ERR_OK)
        return err;
    *ret_more = n == 4 && memcmp(head, "PK\3\4", 4) == 0;
    if (*ret_more)
        return member_begin(reader, head, n);
    if (n == 4 && memcmp(head, "PK\1\2", 4) == 0)
        return directory_check(reader, head, n);
    if (reader->place.members == 0)
        return op_fail(reader->op, ERR_CORRUPT, "it does not begin as a zip file does");
    return op_fail(reader->op, ERR_CORRUPT, "after %.*s neither a member nor the directory follows",
                   STR_ARG(utf8_cut(reader->member.name, EXCERPT)));
}
