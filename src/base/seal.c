#include "base/seal.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"

#include <errno.h>
#include <sodium.h>
#include <unistd.h>

enum { NONCE = crypto_secretbox_NONCEBYTES, OVERHEAD = NONCE + crypto_secretbox_MACBYTES };

_Static_assert(SEAL_KEY_SIZE == crypto_secretbox_KEYBYTES, "libsodium's size");

enum err seal_key_read(struct op *op, struct str name, bool makes, struct seal_key *ret_key)
{
    enum { FILE_MAX = 1024 };
    struct str text;
    if (makes && access(name.p, F_OK) != 0 && errno == ENOENT) {
        struct buf buf;
        random_bytes(ret_key->bytes, sizeof ret_key->bytes);
        buf_init(&buf, FILE_MAX);
        buf_base64(&buf, ret_key->bytes, sizeof ret_key->bytes);
        buf_char(&buf, '\n');
        enum err err = buf_move(&buf, op->arena, &text);
        return err == ERR_OK ? file_replace(op, name, text) : err;
    }
    enum err err = file_read(op, name, FILE_MAX, &text);
    if (err == ERR_OK && !base64_read(str_trim(text), ret_key->bytes, sizeof ret_key->bytes))
        err = op_fail(op, ERR_SETTINGS, "%.*s does not hold a secret key: 32 bytes in base64",
                      STR_ARG(name));
    return err;
}

enum err seal(struct op *op, const struct seal_key *key, struct str text, struct str *ret_sealed)
{
    unsigned char *sealed = arena_alloc(op->arena, OVERHEAD + text.n);
    if (sealed == NULL)
        return ERR_MEMORY;
    random_bytes(sealed, NONCE);
    crypto_secretbox_easy(sealed + NONCE, (const unsigned char *)text.p, text.n, sealed,
                          key->bytes);
    *ret_sealed = (struct str){(const char *)sealed, OVERHEAD + text.n};
    return ERR_OK;
}

enum err unseal(struct op *op, const struct seal_key *key, struct str sealed, struct str *ret_text)
{
    const unsigned char *bytes = (const unsigned char *)sealed.p;
    if (sealed.n < OVERHEAD)
        return ERR_INVALID;
    char *text = arena_alloc(op->arena, sealed.n - OVERHEAD + 1);
    if (text == NULL)
        return ERR_MEMORY;
    if (crypto_secretbox_open_easy((unsigned char *)text, bytes + NONCE, sealed.n - NONCE, bytes,
                                   key->bytes) != 0)
        return ERR_INVALID;
    *ret_text = (struct str){text, sealed.n - OVERHEAD};
    return ERR_OK;
}
