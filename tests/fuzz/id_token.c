/*
 * oidc/id_token against any bytes: an odd first byte makes the rest the token as it was sent, an even one
 * makes it "HEADER\nCLAIMS", which is signed by the provider's key. Oracle: nothing is accepted that was
 * not signed; what is accepted is of the right issuer, for the right client, about somebody, and its
 * header names the algorithm that the key is for.
 */
#include "oidc/id_token.h"
#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdlib.h>

enum { RSA_BYTES = 256 };

static EVP_PKEY *key;
static struct arena kept;
static const struct json *key_set;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    unsigned char bytes[RSA_BYTES];
    BIGNUM *n = NULL;
    struct buf set;
    struct str text;
    (void)argc, (void)argv;
    key = EVP_RSA_gen(8 * RSA_BYTES);
    must(key != NULL && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
    must(BN_bn2binpad(n, bytes, RSA_BYTES) == RSA_BYTES);
    BN_free(n);
    buf_init(&set, 4096);
    BUF_LIT(&set, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"e\":\"AQAB\",\"n\":\"");
    buf_base64url(&set, bytes, RSA_BYTES);
    BUF_LIT(&set, "\"}]}");
    arena_init(&kept, 1024 * 1024);
    struct op op = {.arena = &kept};
    must(buf_move(&set, &kept, &text) == ERR_OK && json_read(&op, &kept, text, &key_set) == ERR_OK);
    return 0;
}

static void sign_into(struct buf *token, struct str header, struct str claims)
{
    unsigned char signature[RSA_BYTES];
    size_t n = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    buf_base64url(token, header.p, header.n);
    buf_char(token, '.');
    buf_base64url(token, claims.p, claims.n);
    struct str input = buf_str(token);
    must(context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
         EVP_DigestSign(context, signature, &n, (const unsigned char *)input.p, input.n) == 1);
    EVP_MD_CTX_free(context);
    buf_char(token, '.');
    buf_base64url(token, signature, n);
}

static struct str text_of(const struct json *object, const char *name)
{
    return json_text(json_member(object, str_of(name)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct id_token_rules rules = {.issuer = STR("https://a"),
                                         .client_id = STR("c"),
                                         .nonce = STR("n"),
                                         .now = INT64_C(1000000)};
    const struct json *claims = NULL, *header = NULL;
    struct str rest = {(const char *)data + 1, size == 0 ? 0 : size - 1};
    bool is_signed = size > 0 && data[0] % 2 == 0;
    struct arena arena;
    struct buf token;
    struct str head = STR_NONE;
    arena_init(&arena, 64 * 1024 * 1024);
    buf_init(&token, 16 * 1024 * 1024);
    struct op op = {.arena = &arena}, other = {.arena = &arena};
    if (is_signed) {
        head = str_cut(&rest, '\n');
        sign_into(&token, head, rest);
    }
    enum err err = id_token_read(&op, is_signed ? buf_str(&token) : rest, key_set, &rules, &claims);
    must(err == ERR_OK || op.detail[0] != '\0' || err == ERR_MEMORY);
    if (err == ERR_OK) {
        must(is_signed && json_read(&other, &arena, head, &header) == ERR_OK);
        must(str_eq(text_of(header, "alg"), STR("RS256")));
        must(str_eq(text_of(claims, "iss"), rules.issuer));
        must(str_eq(text_of(claims, "nonce"), rules.nonce));
        must(text_of(claims, "sub").n > 0);
        must(json_member(claims, STR("aud")) != NULL && json_member(claims, STR("exp")) != NULL);
    }
    buf_finish(&token);
    arena_finish(&arena);
    return 0;
}
