#include "api/authorization.h"

#include "base/hash.h"
#include "base/percent.h"

enum { BASIC_MAX = 1024 }; /* bytes of user, colon and secret */

/* RFC 6750 section 2.1: b64token. */
static bool is_b64token(struct str s)
{
    size_t n = 0;
    while (n < s.n &&
           (ascii_alpha(s.p[n]) || ascii_digit(s.p[n]) || str_find(STR("-._~+/"), s.p[n]) < 6))
        n++;
    bool begun = n > 0;
    while (n < s.n && s.p[n] == '=')
        n++;
    return begun && n == s.n;
}

static enum err basic_read(struct op *op, struct str text, struct authorization *ret)
{
    static const char fault[] = "Basic credentials must be the base64 of id, colon and secret.";
    size_t padding = 0;
    while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
        padding++;
    if (text.n == 0 || text.n % 4 != 0 || text.n / 4 * 3 > BASIC_MAX)
        return op_fail(op, ERR_SYNTAX, fault);
    size_t n = text.n / 4 * 3 - padding;
    char *bytes = arena_alloc(op->arena, n + 1);
    if (bytes == NULL)
        return ERR_MEMORY;
    if (!base64_read(text, bytes, n))
        return op_fail(op, ERR_SYNTAX, fault);
    struct str secret = {bytes, n};
    struct str user = str_cut(&secret, ':');
    if (secret.p == NULL)
        return op_fail(op, ERR_SYNTAX, fault);
    enum err err = percent_decode(op->arena, user, true, &user);
    if (err == ERR_OK)
        err = percent_decode(op->arena, secret, true, &secret);
    if (err == ERR_SYNTAX)
        return op_fail(op, ERR_SYNTAX,
                       "The id and the secret in Basic credentials must be percent-encoded UTF-8 "
                       "(RFC 6749, section 2.3.1).");
    if (err == ERR_OK)
        *ret =
            (struct authorization){.scheme = AUTHORIZATION_BASIC, .user = user, .secret = secret};
    return err;
}

enum err authorization_read(struct op *op, struct str value,
                            struct authorization *ret_authorization)
{
    struct str credentials = value;
    struct str scheme = str_cut(&credentials, ' ');
    if (str_eq_case(scheme, STR("Bearer"))) {
        if (!is_b64token(credentials))
            return op_fail(op, ERR_SYNTAX, "The text after Bearer is not a token.");
        *ret_authorization =
            (struct authorization){.scheme = AUTHORIZATION_BEARER, .token = credentials};
        return ERR_OK;
    }
    if (str_eq_case(scheme, STR("Basic")))
        return basic_read(op, credentials, ret_authorization);
    *ret_authorization = (struct authorization){.scheme = AUTHORIZATION_OTHER};
    return ERR_OK;
}
