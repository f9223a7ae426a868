#include "core/introspection.h"

#include "base/container.h"
#include "store/token.h"

static struct introspection *introspection_of(struct core_read *read)
{
    return container_of(read, struct introspection, read);
}

static enum err introspection_run(struct core_read *read, struct db *db)
{
    struct introspection *introspection = introspection_of(read);
    struct sha256 hash = sha256(introspection->presented);
    struct token *token = &introspection->token;
    enum err err = store_token_get(db, introspection->op, &hash, token);
    introspection->active = err == ERR_OK && token->kind == TOKEN_ACCESS &&
                            token->family.client_id == introspection->client_id &&
                            token_alive(token, introspection->op->now);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void introspection_done(struct core_read *read)
{
    struct introspection *introspection = introspection_of(read);
    introspection->err = read->err;
    introspection->done(introspection);
}

void introspection_start(struct core *core, struct introspection *introspection)
{
    introspection->active = false;
    introspection->err = ERR_OK;
    if (token_looks_valid(introspection->presented, TOKEN_ACCESS)) {
        introspection->read = (struct core_read){
            .op = introspection->op, .run = introspection_run, .done = introspection_done};
        introspection->err = core_read(core, &introspection->read);
        if (introspection->err == ERR_OK)
            return;
    }
    introspection->done(introspection);
}
