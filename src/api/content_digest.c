#include "api/content_digest.h"

#include <string.h>

/* One member of the dictionary, "sha-256=:…:", against what it should be. */
static enum err member_check(struct op *op, struct str member, struct str name,
                             const unsigned char *expected, size_t n, bool *checked)
{
    unsigned char sent[SHA512_DIGEST_LENGTH];
    struct str value = member, key = str_cut(&value, '=');
    if (!str_eq(key, name))
        return ERR_OK;
    value = str_trim(value);
    if (value.n < 2 || value.p[0] != ':' || value.p[value.n - 1] != ':' ||
        !base64_read(str_sub(value, 1, value.n - 2), sent, n))
        return op_fail(op, ERR_SYNTAX,
                       "Content-Digest must be %.*s=:BASE64:, of the %zu bytes of the digest.",
                       STR_ARG(name), n);
    if (memcmp(sent, expected, n) != 0)
        return op_fail(op, ERR_SYNTAX,
                       "The body is not the one that Content-Digest (%.*s) was made of: it was "
                       "changed on its way. Send it again.",
                       STR_ARG(name));
    *checked = true;
    return ERR_OK;
}

enum err content_digest_check(struct op *op, struct str value, struct str body,
                              const struct sha256 *sha256)
{
    unsigned char sha512[SHA512_DIGEST_LENGTH];
    bool checked = false;
    enum err err = ERR_OK;
    (void)SHA512((const unsigned char *)body.p, body.n, sha512);
    for (struct str rest = value; err == ERR_OK && rest.p != NULL;) {
        struct str member = str_trim(str_cut(&rest, ','));
        err = member_check(op, member, STR("sha-256"), sha256->bytes, SHA256_SIZE, &checked);
        if (err == ERR_OK)
            err = member_check(op, member, STR("sha-512"), sha512, sizeof sha512, &checked);
    }
    if (err == ERR_OK && !checked)
        return op_fail(op, ERR_SYNTAX,
                       "Content-Digest has no digest that can be checked here; send sha-256 or "
                       "sha-512, or leave the header out.");
    return err;
}

struct str content_digest(struct arena *arena, const struct sha256 *sha256)
{
    struct buf buf;
    buf_init(&buf, 128);
    BUF_LIT(&buf, "sha-256=:");
    buf_base64(&buf, sha256->bytes, SHA256_SIZE);
    buf_char(&buf, ':');
    struct str text = buf_err(&buf) == ERR_OK ? arena_str(arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    return text;
}
