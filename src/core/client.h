/*
 * Adds and changes clients (model/client.h) and their secrets. Each operation is a change on the
 * write lane, and each call blocks until it is on stable storage. Anything that changes a client's
 * rights raises the directory's version, so that no cached token check outlives it: at once on this
 * node, and within 5 s on others.
 */
#ifndef BZCTRL_CORE_CLIENT_H
#define BZCTRL_CORE_CLIENT_H

#include "core/change.h"
#include "model/client.h"
#include "store/client.h"

/* New settings. The caller fills in the first part. */
struct client_save {
    struct op *op;
    const struct directory *directory; /* by which the settings were judged */
    const struct client *before;       /* NULL: a new client */
    struct client_settings settings;
    int64_t actor_id; /* 0: the operator */

    int64_t account_id;
    struct str client_id;
    struct client_secret secret; /* of a new client */
    struct str secret_text;      /* in op->arena; never stored anywhere */
    struct sha256 hash;
    struct change change;
};

/* ERR_OUTDATED when that directory is no longer in force: judge again. */
enum err client_save(struct core *core, struct client_save *save) MUST_CHECK;

/* Another secret. ERR_CONFLICT if the client already has CLIENT_SECRETS_MAX live ones. The
 * caller fills in the first part. */
struct client_secret_add {
    struct op *op;
    const struct directory *directory; /* as above */
    const struct client *client;
    int64_t expires_at; /* TIME_NONE: never */
    int64_t actor_id;   /* 0: the operator */

    struct client_secret secret;
    struct str secret_text;
    struct sha256 hash;
    struct change change;
};
enum err client_secret_add(struct core *core, struct client_secret_add *add) MUST_CHECK;

/* Revokes a secret and all tokens issued for it. ERR_NOT_FOUND when the client has no secret
 * with that id. */
struct client_secret_revoke {
    struct op *op;
    const struct directory *directory;
    const struct client *client;
    int64_t secret_id;
    int64_t actor_id; /* 0: the operator */
    struct change change;
};
enum err client_secret_revoke(struct core *core, struct client_secret_revoke *revoke) MUST_CHECK;

#endif
