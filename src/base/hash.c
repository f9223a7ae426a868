#include "base/hash.h"

#include <sodium.h>

struct sha256 sha256(struct str s)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, s.p, s.n);
    return hash_end(&hasher);
}

bool sha256_eq(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->bytes, b->bytes, SHA256_SIZE) == 0;
}

void hash_begin(struct hasher *hasher)
{
    SHA256_Init(&hasher->state);
}

void hash_add(struct hasher *hasher, const void *p, size_t n)
{
    SHA256_Update(&hasher->state, p, n);
}

void hash_u64(struct hasher *hasher, uint64_t value)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(value >> (56 - 8 * i));
    hash_add(hasher, bytes, sizeof bytes);
}

void hash_field(struct hasher *hasher, struct str field)
{
    unsigned char length[4];
    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (unsigned char)(field.n >> (24 - 8 * i));
    hash_add(hasher, length, sizeof length);
    hash_add(hasher, field.p, field.n);
}

struct sha256 hash_end(struct hasher *hasher)
{
    struct sha256 hash;
    SHA256_Final(hash.bytes, &hasher->state);
    return hash;
}

static void add_base64(struct buf *buf, const void *p, size_t n, int variant)
{
    /* The encoder also writes a zero byte, which is counted in `size` and not kept. */
    size_t size = sodium_base64_encoded_len(n, variant);
    char *to = buf_reserve(buf, size);
    if (to == NULL)
        return;
    sodium_bin2base64(to, size, p, n, variant);
    buf_wrote(buf, size - 1);
}

void buf_base64(struct buf *buf, const void *p, size_t n)
{
    add_base64(buf, p, n, sodium_base64_VARIANT_ORIGINAL);
}

void buf_base64url(struct buf *buf, const void *p, size_t n)
{
    add_base64(buf, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void buf_hex(struct buf *buf, const void *p, size_t n)
{
    char *to = buf_reserve(buf, n * 2 + 1);
    if (to == NULL)
        return;
    sodium_bin2hex(to, n * 2 + 1, p, n);
    buf_wrote(buf, n * 2);
}

static bool read_base64(struct str text, void *p, size_t n, int variant)
{
    size_t length = 0;
    /* libsodium takes some bytes beyond ASCII for letters. */
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] > '~')
            return false;
    return text.p != NULL &&
           sodium_base642bin(p, n, text.p, text.n, NULL, &length, NULL, variant) == 0 &&
           length == n;
}

bool base64_read(struct str text, void *p, size_t n)
{
    return read_base64(text, p, n, sodium_base64_VARIANT_ORIGINAL);
}

bool base64url_read(struct str text, void *p, size_t n)
{
    return read_base64(text, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool bytes_equal_slowly(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}
