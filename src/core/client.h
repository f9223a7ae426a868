/*
 * Making and changing clients (model/client.h), and their secrets. Each is a change on the write
 * lane, and each call blocks until it is on stable storage. Whatever alters what a client may do
 * raises the directory's version, so that no cached check of a token outlives it: here at once, on
 * other nodes as soon as they hear of it, and after 5 s at the latest.
 */
#ifndef BZCTRL_CORE_CLIENT_H
#define BZCTRL_CORE_CLIENT_H

#include "core/change.h"
#include "model/client.h"
#include "store/client.h"

/* New settings. The caller fills in the first part. */
struct client_save {
    struct op *op;
    const struct directory *directory; /* that the settings were judged by */
    const struct client *before;       /* NULL: a new client */
    struct client_settings settings;

    int64_t account_id;
    struct str client_id;
    struct client_secret secret; /* of a new client */
    struct str secret_text;      /* in op->arena, and nowhere else, ever */
    struct sha256 hash;
    struct change change;
};

/* ERR_OUTDATED when the directory is no longer the one that was judged by: judge again. */
enum err client_save(struct core *core, struct client_save *save) MUST_CHECK;

/* One more secret: at most CLIENT_SECRETS_MAX live ones, else ERR_CONFLICT. The caller fills in the
 * first part. */
struct client_secret_add {
    struct op *op;
    const struct directory *directory; /* as above */
    const struct client *client;
    int64_t expires_at; /* TIME_NONE: never */

    struct client_secret secret;
    struct str secret_text;
    struct sha256 hash;
    struct change change;
};
enum err client_secret_add(struct core *core, struct client_secret_add *add) MUST_CHECK;

/* The end of a secret and of all tokens that the client got with it. ERR_NOT_FOUND when it has
 * none of that id. */
struct client_secret_revoke {
    struct op *op;
    const struct directory *directory;
    const struct client *client;
    int64_t secret_id;
    struct change change;
};
enum err client_secret_revoke(struct core *core, struct client_secret_revoke *revoke) MUST_CHECK;

#endif
