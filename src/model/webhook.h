/*
 * Webhooks: another system subscribes to the events of a workspace, or of a domain and all below it.
 * A webhook belongs to its domain, whose managers look after it; one of them answers for it, and it
 * pauses when that person no longer manages the domain. Pure.
 */
#ifndef BZCTRL_MODEL_WEBHOOK_H
#define BZCTRL_MODEL_WEBHOOK_H

#include "base/network.h"
#include "model/directory.h"
#include "model/faults.h"

enum {
    WEBHOOKS_MAX = 2000,           /* of a server: each may have a connection open; … */
    WEBHOOKS_TREE_MAX = 1000,      /* … of a domain at the root and all below it */
    WEBHOOK_URL_MAX = 2000,        /* bytes */
    WEBHOOK_SECRET_SIZE = 32,      /* bytes, before base64 */
    WEBHOOK_SECRET_HOURS_MAX = 168 /* that an old secret may be kept */
};

/* Why a webhook is paused. */
enum webhook_pause {
    WEBHOOK_RUNS,
    WEBHOOK_PAUSED,   /* people did it */
    WEBHOOK_GONE,     /* the receiver answered 410 */
    WEBHOOK_FAILING,  /* no success for five days */
    WEBHOOK_ORPHANED, /* its owner no longer manages the domain */
    WEBHOOK_REMOVED,  /* for good; kept for the history alone */
};

struct webhook {
    int64_t id, domain_id;
    int64_t workspace_id; /* 0: the domain and all below it */
    int64_t owner_id;
    struct str url;
    struct str_list events; /* empty: all */
    struct str secret;      /* sealed */
    int64_t secret_at;
    struct str old_secret;               /* sealed; absent: none */
    int64_t old_secret_until, paused_at; /* TIME_NONE */
    enum webhook_pause pause;
    int64_t version, created_at, updated_at;
    int64_t succeeded_at, failing_since; /* TIME_NONE: never, and it is not */
    bool warned;                         /* that it will be paused */
};

/* What somebody sent; an absent text was not sent. */
struct webhook_draft {
    struct str url, domain, workspace;
    struct str_list events;
    bool events_null, paused, paused_sent;
};

/* Judges a new webhook (`before` NULL) of the caller, or a change of one; the secret is the caller's.
 * `allow` are the addresses that need no TLS and may be private. Whoever changes the address or lets
 * it go on answers for it. ERR_INVALID with all faults; ERR_FORBIDDEN with op->detail; ERR_MEMORY. */
enum err webhook_judge(struct op *op, const struct webhook_draft *draft,
                       const struct webhook *before, const struct directory *directory,
                       const struct account *caller, const struct networks *allow,
                       struct faults *faults, struct webhook *ret_webhook) MUST_CHECK;

/* May the account see and change it? */
bool webhook_is_held_by(const struct directory *directory, const struct account *account,
                        const struct webhook *webhook);

/* Does its owner still manage its domain? */
bool webhook_has_owner(const struct directory *directory, const struct webhook *webhook);

/* The word for a pause: "paused", "gone", "failing", "owner"; absent: it runs. */
struct str webhook_pause_name(enum webhook_pause pause);

/* What an event is called in deliveries: absent when it is not delivered. */
struct str webhook_event_type(struct str action);
bool webhook_wants(const struct webhook *webhook, struct str type);
extern const struct str_list webhook_event_types;

#endif
