#include "oidc/signature.h"

#include <jose/jose.h>

/* Only the members that were looked at go to the library. NULL: out of memory. */
static json_t *key_pack(const struct signature_key *key)
{
    return str_eq(key->type, STR("RSA"))
               ? json_pack("{s:s,s:s%,s:s%}", "kty", "RSA", "n", key->n.p, key->n.n, "e", key->e.p,
                           key->e.n)
               : json_pack("{s:s,s:s%,s:s%,s:s%}", "kty", "EC", "crv", key->curve.p, key->curve.n,
                           "x", key->x.p, key->x.n, "y", key->y.p, key->y.n);
}

/* The library would write to standard error. */
static void say_nothing(void *misc, const char *file, int line, uint64_t err, const char *format,
                        va_list arguments)
{
    (void)misc, (void)file, (void)line, (void)err, (void)format, (void)arguments;
}

bool signature_valid(const struct signature_key *key, struct str header, struct str payload,
                     struct str signature)
{
    jose_cfg_t *cfg = jose_cfg();
    json_t *packed = key_pack(key);
    json_t *jws = json_pack("{s:s%,s:s%,s:s%}", "protected", header.p, header.n, "payload",
                            payload.p, payload.n, "signature", signature.p, signature.n);
    bool valid = false;
    if (cfg != NULL && packed != NULL && jws != NULL) {
        jose_cfg_set_err_func(cfg, say_nothing, NULL);
        valid = jose_jws_ver(cfg, jws, NULL, packed, false);
    }
    json_decref(packed);
    json_decref(jws);
    if (cfg != NULL)
        jose_cfg_decref(cfg);
    return valid;
}
