#include "core/token_text.h"

#include "base/hash.h"
#include "base/random.h"

enum {
    SECRET_SIZE = 32,
    SECRET_TEXT = 43,
    CHECK_TEXT = 6,
    TEXT_MAX = 128, /* of the buffer in which a text is put together */
};

/* CRC-32 as in IEEE 802.3, half a byte at a time. */
static uint32_t crc32_of(struct str s)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= (unsigned char)s.p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

static void check_sum(struct str s, unsigned char bytes[4])
{
    uint32_t crc = crc32_of(s);
    for (size_t i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(crc >> (24 - 8 * i));
}

enum err token_text_make(struct op *op, struct str prefix, struct str *ret_text)
{
    unsigned char secret[SECRET_SIZE], sum[4];
    struct buf buf;
    random_bytes(secret, sizeof secret);
    buf_init(&buf, TEXT_MAX);
    buf_add(&buf, prefix);
    buf_base64url(&buf, secret, sizeof secret);
    check_sum(buf_str(&buf), sum);
    buf_base64url(&buf, sum, sizeof sum);
    struct str text = buf_err(&buf) == ERR_OK ? arena_str(op->arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    if (text.p == NULL)
        return ERR_MEMORY;
    *ret_text = text;
    return ERR_OK;
}

bool token_text_valid(struct str text, struct str prefix)
{
    unsigned char secret[SECRET_SIZE], sent[4], right[4];
    if (text.n != TOKEN_SIZE || !str_starts(text, prefix))
        return false;
    if (!base64url_read(str_sub(text, TOKEN_SIZE - CHECK_TEXT, CHECK_TEXT), sent, sizeof sent))
        return false;
    check_sum(str_sub(text, 0, TOKEN_SIZE - CHECK_TEXT), right);
    return bytes_equal_slowly(sent, right, sizeof sent) &&
           base64url_read(str_sub(text, TOKEN_PREFIX_SIZE, SECRET_TEXT), secret, sizeof secret);
}
