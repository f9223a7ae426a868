#include "core/introspection.h"

#include "store/token.h"

enum err introspect(struct db *db, struct op *op, struct str presented, int64_t client_id,
                    bool *ret_active, struct token *ret_token)
{
    struct sha256 hash = sha256(presented);
    enum err err = ERR_NOT_FOUND;
    if (token_looks_valid(presented, TOKEN_ACCESS))
        err = store_token_get(db, op, &hash, ret_token);
    *ret_active = err == ERR_OK && ret_token->kind == TOKEN_ACCESS &&
                  ret_token->family.client_id == client_id && token_alive(ret_token, op->now);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}
