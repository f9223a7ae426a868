#include "model/attachment.h"

enum { ENDING_MAX = 16, TYPE_MAX = 127 /* RFC 6838 section 4.2 allows as many on each side */ };

/* ---- the name ---- */

/* Blanks of any width are one blank; macOS has U+202F in the names of its screenshots. */
static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
           c == 0x3000;
}

static void add_character(struct buf *buf, struct str character)
{
    uint32_t c = utf8_first(character);
    if (is_blank(c))
        buf_char(buf, ' ');
    else if (!char_invisible(c))
        buf_add(buf, str_find(STR("<>:\"|?*"), character.p[0]) < 7 ? STR("_") : character);
}

static struct str without_ends(struct str name)
{
    while (name.n > 0 && (name.p[0] == ' ' || name.p[0] == '.'))
        name = str_from(name, 1);
    while (name.n > 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '.'))
        name.n--;
    return name;
}

/* CON, PRN, AUX, NUL, COM1 to COM9 and LPT1 to LPT9, with any ending. */
static bool is_device(struct str name)
{
    static const struct str devices[] = {STR_INIT("con"), STR_INIT("prn"), STR_INIT("aux"),
                                         STR_INIT("nul"), STR_INIT("com"), STR_INIT("lpt")};
    struct str stem = str_trim(str_sub(name, 0, str_find(name, '.')));
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        bool numbered = i >= 4;
        if (str_eq_case(str_sub(stem, 0, 3), devices[i]) && stem.n == 3U + numbered &&
            (!numbered || ascii_digit(stem.p[3])))
            return true;
    }
    return false;
}

/* ".pdf"; empty when what comes after the last dot is too long for an ending. */
static struct str ending_of(struct str name)
{
    size_t at = name.n;
    while (at > 0 && name.p[at - 1] != '.')
        at--;
    return at <= 1 || name.n - at + 1 > ENDING_MAX ? STR("") : str_from(name, at - 1);
}

enum err attachment_name(struct arena *arena, struct str sent, struct str *ret_name)
{
    struct buf clean, whole;
    for (size_t i = sent.n; i > 0; i--)
        if (sent.p[i - 1] == '/' || sent.p[i - 1] == '\\') {
            sent = str_from(sent, i);
            break;
        }
    buf_init(&clean, sent.n);
    buf_init(&whole, ATTACHMENT_NAME_MAX);
    for (; sent.n > 0; sent = str_from(sent, utf8_step(sent)))
        add_character(&clean, str_sub(sent, 0, utf8_step(sent)));
    struct str name = without_ends(buf_str(&clean));
    if (name.n == 0)
        name = STR("file");
    if (is_device(name))
        buf_char(&whole, '_');
    struct str ending = whole.n + name.n > ATTACHMENT_NAME_MAX ? ending_of(name) : STR("");
    struct str stem = str_sub(name, 0, name.n - ending.n);
    buf_add(&whole, utf8_cut(stem, ATTACHMENT_NAME_MAX - whole.n - ending.n));
    buf_add(&whole, ending);
    enum err err = buf_err(&clean) == ERR_OK ? buf_err(&whole) : buf_err(&clean);
    if (err == ERR_OK)
        err = arena_copy(arena, buf_str(&whole), ret_name);
    buf_finish(&clean);
    buf_finish(&whole);
    return err;
}

/* ---- the type ---- */

/* One side of a media type (RFC 6838 section 4.2). */
static bool is_type_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!ascii_alpha(name.p[i]) && !ascii_digit(name.p[i]) &&
            (i == 0 || str_find(STR("!#$&-^_.+"), name.p[i]) == 9))
            return false;
    return name.n > 0 && name.n <= TYPE_MAX;
}

enum err attachment_type(struct arena *arena, struct str declared, struct str *ret_type)
{
    struct str media = str_trim(str_cut(&declared, ';'));
    struct str subtype = media, type = str_cut(&subtype, '/');
    if (!is_type_name(type) || !is_type_name(subtype))
        media = STR("application/octet-stream");
    char *small = arena_alloc(arena, media.n);
    if (small == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < media.n; i++)
        small[i] = ascii_lower(media.p[i]);
    *ret_type = (struct str){small, media.n};
    return ERR_OK;
}

bool attachment_is_image(struct str type, struct str bytes)
{
    if (str_eq(type, STR("image/png")))
        return str_starts(bytes, STR("\x89PNG\r\n\x1a\n"));
    if (str_eq(type, STR("image/jpeg")))
        return str_starts(bytes, STR("\xff\xd8\xff"));
    if (str_eq(type, STR("image/gif")))
        return str_starts(bytes, STR("GIF87a")) || str_starts(bytes, STR("GIF89a"));
    return str_eq(type, STR("image/webp")) && str_starts(bytes, STR("RIFF")) &&
           str_starts(str_from(bytes, 8), STR("WEBP"));
}

/* ---- as JSON ---- */

/* In quotes, as in an ETag. */
static void add_hash(struct buf *buf, const struct sha256 *sha256)
{
    buf_char(buf, '"');
    buf_hex(buf, sha256->bytes, SHA256_SIZE);
    buf_char(buf, '"');
}

enum err attachment_etag(struct arena *arena, const struct attachment *attachment,
                         struct str *ret_etag)
{
    struct buf buf;
    buf_init(&buf, 2 * SHA256_SIZE + 2);
    add_hash(&buf, &attachment->sha256);
    enum err err = buf_err(&buf);
    if (err == ERR_OK)
        err = arena_copy(arena, buf_str(&buf), ret_etag);
    buf_finish(&buf);
    return err;
}

/* The members that answers and events have in common. */
static void put_members(struct json_writer *json, const struct attachment *attachment)
{
    json_put_id(json, "id", attachment->id);
    json_put_text(json, "name", attachment->name);
    json_put_text(json, "type", attachment->type);
    json_put_i64(json, "size", attachment->size);
    json_put_begin(json, "sha256");
    add_hash(json->buf, &attachment->sha256);
}

void json_put_attachment(struct json_writer *json, const struct attachment *attachment,
                         const struct directory *directory)
{
    const struct account *author = directory_account_by_id(directory, attachment->author_id);
    json_begin_object(json, NULL);
    put_members(json, attachment);
    json_put_text(json, "author", author == NULL ? STR_NONE : author->email);
    json_put_time(json, "createdAt", attachment->created_at);
    json_end(json);
}

static void put_side(struct json_writer *json, const struct attachment *attachment)
{
    if (attachment == NULL) {
        json_put_null(json, NULL);
        return;
    }
    json_begin_object(json, NULL);
    put_members(json, attachment);
    json_end(json);
}

void buf_attachment_changes(struct buf *buf, const struct attachment *before,
                            const struct attachment *after)
{
    struct json_writer json;
    json_writer_init(&json, buf);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "attachment");
    put_side(&json, before);
    put_side(&json, after);
    json_end(&json);
    json_end(&json);
}
