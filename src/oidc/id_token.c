#include "oidc/id_token.h"

#include "base/hash.h"
#include "oidc/jwk.h"

enum { KEYS_TRIED = 32, KEY_ID_MAX = 512, SUBJECT_MAX = 255 };

/* One part of the compact form, decoded into an object. */
static enum err part_read(struct op *op, struct str text, const struct json **ret_object)
{
    size_t rest = text.n % 4, n = text.n / 4 * 3 + (rest == 0 ? 0 : rest - 1);
    struct op quiet = {.arena = op->arena};
    const struct json *object;
    char *bytes = arena_alloc(op->arena, n + 1);
    if (bytes == NULL)
        return ERR_MEMORY;
    if (text.n == 0 || rest == 1 || !base64url_read(text, bytes, n))
        return op_fail(op, ERR_INVALID, "the ID token is not base64url");
    enum err err = json_read(&quiet, op->arena, (struct str){bytes, n}, &object);
    if (err == ERR_MEMORY)
        return err;
    if (err != ERR_OK || object->kind != JSON_OBJECT)
        return op_fail(op, ERR_INVALID, "a part of the ID token is not a JSON object");
    *ret_object = object;
    return ERR_OK;
}

static struct str text_of(const struct json *object, const char *name)
{
    return json_text(json_member(object, str_of(name)));
}

/* ---- the signature ---- */

static enum err header_check(struct op *op, const struct json *header)
{
    struct str algorithm = text_of(header, "alg");
    if (json_member(header, STR("crit")) != NULL)
        return op_fail(op, ERR_INVALID, "the ID token has critical headers, which are not known");
    if (!jwk_algorithm_known(algorithm))
        return op_fail(op, ERR_INVALID, "the ID token is signed by \"%.*s\", which is not accepted",
                       STR_ARG(str_sub(algorithm, 0, 40)));
    if (text_of(header, "kid").n > KEY_ID_MAX)
        return op_fail(op, ERR_INVALID, "the ID token names a key by an id that is too long");
    return ERR_OK;
}

/* By the key that the header names, or by any that fits. */
static enum err signature_check(struct op *op, const struct json *header, const struct str parts[3],
                                const struct json *key_set)
{
    struct str id = text_of(header, "kid"), algorithm = text_of(header, "alg");
    const struct json *keys = json_member(key_set, STR("keys"));
    int tried = 0;
    if (keys == NULL || keys->kind != JSON_LIST)
        return op_fail(op, ERR_INVALID, "the provider's key set has no list of keys");
    for (const struct json *jwk = keys->first; jwk != NULL && tried < KEYS_TRIED; jwk = jwk->next) {
        struct signature_key key;
        if (!jwk_read(jwk, algorithm, &key) || (id.p != NULL && !str_eq(text_of(jwk, "kid"), id)))
            continue;
        if (signature_valid(&key, parts[0], parts[1], parts[2]))
            return ERR_OK;
        tried++;
    }
    /* A key that is not named may be new as well. */
    if (tried == 0 || id.p == NULL)
        return op_fail(op, ERR_NOT_FOUND, "the provider has no key for the ID token's signature");
    return op_fail(op, ERR_INVALID, "the signature of the ID token is wrong");
}

/* ---- the claims ---- */

/* A time in seconds; -1 when it is not there, -2 when it is something else. */
static int64_t time_of(const struct json *claims, const char *name)
{
    const struct json *member = json_member(claims, str_of(name));
    if (member == NULL)
        return -1;
    return member->kind == JSON_NUMBER && member->number >= 0 && member->number < 1e12
               ? (int64_t)member->number
               : -2;
}

/* The client must be among those whom the token is for; and where there are several, or the member
 * is there, be the one that it was issued to. */
static bool audience_is(const struct json *claims, struct str client_id)
{
    const struct json *audience = json_member(claims, STR("aud"));
    const struct json *party = json_member(claims, STR("azp"));
    bool listed = false;
    if (audience == NULL)
        return false;
    if (audience->kind == JSON_LIST)
        for (const struct json *item = audience->first; item != NULL; item = item->next)
            listed = listed || str_eq(json_text(item), client_id);
    else
        listed = str_eq(json_text(audience), client_id);
    bool several = audience->kind == JSON_LIST && audience->n > 1;
    return listed && (party == NULL ? !several : str_eq(json_text(party), client_id));
}

static enum err claims_check(struct op *op, const struct json *claims,
                             const struct id_token_rules *rules)
{
    int64_t now = rules->now / 1000, expires = time_of(claims, "exp"),
            issued = time_of(claims, "iat"), begins = time_of(claims, "nbf");
    struct str subject = text_of(claims, "sub"), nonce = text_of(claims, "nonce");
    if (!str_eq(text_of(claims, "iss"), rules->issuer))
        return op_fail(op, ERR_INVALID, "the ID token is of another issuer");
    if (!audience_is(claims, rules->client_id))
        return op_fail(op, ERR_INVALID, "the ID token is for another client");
    if (expires < 0 || expires <= now - ID_TOKEN_LEEWAY)
        return op_fail(op, ERR_INVALID, "the ID token has expired, or does not say when it does");
    if (issued < 0 || issued > now + ID_TOKEN_LEEWAY || begins == -2 ||
        begins > now + ID_TOKEN_LEEWAY)
        return op_fail(op, ERR_INVALID,
                       "the ID token is from the future: compare this clock with the provider's");
    if (rules->nonce.p != NULL &&
        (nonce.n != rules->nonce.n || !bytes_equal_slowly(nonce.p, rules->nonce.p, nonce.n)))
        return op_fail(op, ERR_INVALID, "the ID token is of another sign-in: its nonce is wrong");
    if (subject.n == 0 || subject.n > SUBJECT_MAX)
        return op_fail(op, ERR_INVALID, "the ID token has no subject, or one that is too long");
    if (rules->subject.p != NULL && !str_eq(subject, rules->subject))
        return op_fail(op, ERR_INVALID, "the ID token is about somebody else");
    return ERR_OK;
}

enum err id_token_read(struct op *op, struct str text, const struct json *key_set,
                       const struct id_token_rules *rules, const struct json **ret_claims)
{
    const struct json *header = NULL, *claims = NULL;
    struct str parts[3], rest = text;
    if (text.n == 0 || text.n > ID_TOKEN_MAX)
        return op_fail(op, ERR_INVALID, "there is no ID token, or it is too large");
    for (size_t i = 0; i < 3; i++)
        parts[i] = str_cut(&rest, '.');
    if (parts[2].n == 0 || rest.p != NULL)
        return op_fail(op, ERR_INVALID, "the ID token does not have three parts");
    enum err err = part_read(op, parts[0], &header);
    if (err == ERR_OK)
        err = header_check(op, header);
    if (err == ERR_OK)
        err = signature_check(op, header, parts, key_set);
    if (err == ERR_OK)
        err = part_read(op, parts[1], &claims);
    if (err == ERR_OK)
        err = claims_check(op, claims, rules);
    if (err == ERR_OK)
        *ret_claims = claims;
    return err;
}
