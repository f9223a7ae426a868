#include "core/password.h"

#include "model/email.h"

#include <errno.h>
#include <sodium.h>

/* OWASP's second choice for argon2id: 19 MiB, two passes, one lane. */
enum { HASH_PASSES = 2, HASH_MEMORY = 19 * 1024 * 1024 };

/* Made from 32 random bytes that nobody kept, with the costs above. */
static const char dummy_hash[crypto_pwhash_STRBYTES] =
    "$argon2id$v=19$m=19456,t=2,p=1$HzdbfTLsQO66ma32R/ZMIw$"
    "J1DGcQQr0ggPPzGeu8lkk5U0layoxfSDXJF3vXLujw4";

static const struct str commonest[] = {
#define COMMON(password) {password, sizeof(password) - 1},
#include "core/password_common.def"
#undef COMMON
};

static bool password_common(struct str password)
{
    for (size_t i = 0; i < sizeof commonest / sizeof commonest[0]; i++)
        if (str_eq_case(commonest[i], password))
            return true;
    return false;
}

enum err password_check(struct op *op, struct str password)
{
    if (password.p == NULL || !utf8_valid(password) || str_find(password, '\0') < password.n)
        return op_fail(op, ERR_INVALID, "The password must be UTF-8 text without NUL.");
    size_t length = utf8_length(password);
    if (length < PASSWORD_MIN)
        return op_fail(op, ERR_INVALID, "The password has %zu characters; it needs at least %d.",
                       length, PASSWORD_MIN);
    if (length > PASSWORD_MAX)
        return op_fail(op, ERR_INVALID, "The password has %zu characters; it can have at most %d.",
                       length, PASSWORD_MAX);
    if (password_common(password))
        return op_fail(op, ERR_INVALID, "This password is too common. Choose another.");
    return ERR_OK;
}

enum err password_check_for(struct op *op, struct str password, struct str email)
{
    enum err err = password_check(op, password);
    if (err == ERR_OK && email_same(utf8_trim(password), email))
        err = op_fail(op, ERR_INVALID,
                      "The password is the same as the e-mail address. Choose another.");
    return err;
}

enum err password_hash(struct op *op, struct str password, struct str *ret_hash)
{
    char *hash = arena_alloc(op->arena, crypto_pwhash_STRBYTES);
    if (hash == NULL || crypto_pwhash_str_alg(hash, password.p, password.n, HASH_PASSES,
                                              HASH_MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return op_fail(op, ERR_MEMORY, "Out of memory while hashing a password.");
    *ret_hash = str_of(hash);
    return ERR_OK;
}

enum err password_verify(const char *hash, struct str password)
{
    const char *against = hash == NULL ? dummy_hash : hash;
    errno = 0;
    if (crypto_pwhash_str_verify(against, password.p, password.n) != 0)
        return errno == ENOMEM ? ERR_MEMORY : ERR_UNAUTHENTICATED;
    return hash == NULL ? ERR_UNAUTHENTICATED : ERR_OK;
}

bool password_outdated(const char *hash)
{
    return crypto_pwhash_str_needs_rehash(hash, HASH_PASSES, HASH_MEMORY) != 0;
}
