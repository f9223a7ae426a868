/*
 * Clients: the accounts of other systems. A client belongs to a domain, which its managers look
 * after; it works there and below, or in a few workspaces of it, as far as its scopes go.
 */
#ifndef BZCTRL_MODEL_CLIENT_H
#define BZCTRL_MODEL_CLIENT_H

#include "base/op.h"
#include "model/directory.h"
#include "model/faults.h"

enum { CLIENT_SECRETS_MAX = 5 /* live ones at a time */ };

struct client_places {
    const struct workspace *const *items;
    size_t n;
};

/* What people decide about a client. */
struct client_settings {
    struct str name;
    const struct domain *domain;
    unsigned scopes;                 /* of enum scope; 0: may only authenticate */
    struct client_places workspaces; /* that it is limited to; none: all of its domain and below */
    struct client_places read_all;   /* where it reads the records of others too */
    bool disabled;
};

/* As it stands in the directory. */
struct client {
    const struct account *account; /* account->email is the client id */
    struct client_settings settings;
    int64_t version; /* raised by each change of the settings */
    int64_t created_at;
};

/* A client's secret, but for itself. */
struct client_secret {
    int64_t id;
    struct str hint; /* its first characters */
    int64_t created_at;
    int64_t expires_at, used_at; /* TIME_NONE: never; used_at to the hour */
};

/* True if the client is let into a workspace, whatever its scopes. */
bool client_works_in(const struct client *client, const struct workspace *workspace);

/* True if it was given the workspace to read. */
bool client_reads_all(const struct client *client, const struct workspace *workspace);

/* Settings as somebody sent them. What was not sent is absent: a text's or list's NULL. */
struct client_draft {
    struct str name, domain;
    struct str_list workspaces, read_all, scopes;
    bool workspaces_all; /* null was sent: limited to none */
    bool disabled, disabled_sent;
};

/* The settings that a draft makes out of those before (NULL: of nothing, for a new client). What is
 * wrong goes to `faults`, each under the member's name; then it is ERR_INVALID. ERR_MEMORY. A
 * domain and workspaces that `caller` (NULL: the operator) holds no role on do not exist. */
enum err client_judge(struct op *op, const struct client_draft *draft,
                      const struct client_settings *before, const struct directory *directory,
                      const struct account *caller, struct faults *faults,
                      struct client_settings *ret_settings) MUST_CHECK;

#endif
