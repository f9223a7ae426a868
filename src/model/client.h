/*
 * Clients: the accounts of other systems. A client belongs to a domain, whose managers look after
 * it. It works in that domain and below, or only in some of its workspaces, within its scopes.
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
    struct client_places workspaces; /* that it is limited to; empty: all of its domain and below */
    struct client_places read_all;   /* where it reads the records of others too */
    bool disabled;
};

/* A client in the directory. */
struct client {
    const struct account *account; /* account->email is the client id */
    struct client_settings settings;
    int64_t version; /* raised by each change of the settings */
    int64_t created_at;
};

/* A client's secret, without the secret itself. */
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

/* Settings as they were sent. A member that was not sent is absent (NULL). */
struct client_draft {
    struct str name, domain;
    struct str_list workspaces, read_all, scopes;
    bool workspaces_all; /* null was sent: limited to none */
    bool disabled, disabled_sent;
};

/* Applies a draft to the settings before it (NULL: a new client). ERR_INVALID if something is
 * wrong; `faults` then says what, under the member's name. ERR_MEMORY. Domains and workspaces on
 * which `caller` (NULL: the operator) has no role count as missing. */
enum err client_judge(struct op *op, const struct client_draft *draft,
                      const struct client_settings *before, const struct directory *directory,
                      const struct account *caller, struct faults *faults,
                      struct client_settings *ret_settings) MUST_CHECK;

#endif
