#include "oidc/jwk.h"

enum {
    RSA_TEXT_MIN = 342,  /* base64url of 2,048 bits */
    RSA_TEXT_MAX = 1366, /* of 8,192 bits */
    EXPONENT_TEXT_MAX = 12,
    POINT_TEXT_MAX = 88, /* of 521 bits */
};

static const struct {
    struct str name, type, curve;
} algorithms[] = {
    {STR_INIT("RS256"), STR_INIT("RSA"), {0}},
    {STR_INIT("RS384"), STR_INIT("RSA"), {0}},
    {STR_INIT("RS512"), STR_INIT("RSA"), {0}},
    {STR_INIT("PS256"), STR_INIT("RSA"), {0}},
    {STR_INIT("PS384"), STR_INIT("RSA"), {0}},
    {STR_INIT("PS512"), STR_INIT("RSA"), {0}},
    {STR_INIT("ES256"), STR_INIT("EC"), STR_INIT("P-256")},
    {STR_INIT("ES384"), STR_INIT("EC"), STR_INIT("P-384")},
    {STR_INIT("ES512"), STR_INIT("EC"), STR_INIT("P-521")},
};

enum { ALGORITHM_COUNT = sizeof algorithms / sizeof algorithms[0] };

static size_t algorithm_find(struct str name)
{
    size_t i = 0;
    while (i < ALGORITHM_COUNT && !str_eq(algorithms[i].name, name))
        i++;
    return i;
}

bool jwk_algorithm_known(struct str algorithm)
{
    return algorithm_find(algorithm) < ALGORITHM_COUNT;
}

static struct str text_of(const struct json *key, const char *name)
{
    return json_text(json_member(key, str_of(name)));
}

static bool sized(struct str text, size_t min, size_t max)
{
    return text.n >= min && text.n <= max;
}

bool jwk_read(const struct json *jwk, struct str algorithm, struct signature_key *ret_key)
{
    size_t i = algorithm_find(algorithm);
    if (jwk->kind != JSON_OBJECT || i == ALGORITHM_COUNT)
        return false;
    struct str use = text_of(jwk, "use"), meant = text_of(jwk, "alg");
    struct signature_key key = {
        .type = text_of(jwk, "kty"),
        .curve = text_of(jwk, "crv"),
        .n = text_of(jwk, "n"),
        .e = text_of(jwk, "e"),
        .x = text_of(jwk, "x"),
        .y = text_of(jwk, "y"),
    };
    bool whole =
        algorithms[i].curve.p == NULL
            ? sized(key.n, RSA_TEXT_MIN, RSA_TEXT_MAX) && sized(key.e, 1, EXPONENT_TEXT_MAX)
            : str_eq(key.curve, algorithms[i].curve) && sized(key.x, 1, POINT_TEXT_MAX) &&
                  sized(key.y, 1, POINT_TEXT_MAX);
    if (!whole || !str_eq(key.type, algorithms[i].type) ||
        (use.p != NULL && !str_eq(use, STR("sig"))) ||
        (meant.p != NULL && !str_eq(meant, algorithm)))
        return false;
    *ret_key = key;
    return true;
}
