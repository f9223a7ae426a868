/*
 * The API: everything served on the public address. It owns the table of routes and what the
 * handlers share; daemon/serve.c creates it and plugs it into an http_server.
 */
#ifndef BZCTRL_API_API_H
#define BZCTRL_API_API_H

#include "api/call.h"

#include <stdatomic.h>

struct feed;
struct login;
struct metrics;
struct request_log;
struct tokens;
struct networks;
struct provider;
struct rate_limit;
struct seal_key;

/* How people sign in to the web app, as it is set. */
struct api_sign_in {
    struct provider *provider; /* NULL: none */
    struct str client_id, scopes, groups_claim;
    struct str label; /* of the button; empty: the app's own words */
    struct str help;  /* whom to ask for a role; empty: nobody is named */
    int64_t check_ms; /* jobs/single_sign_on.h; this and the next */
    int64_t grace_ms;
    bool passwords; /* people may sign in with one (core/login.h) */
};

/* A setting as the API shows it; nothing secret. */
struct api_setting {
    struct str name, value, origin, help;
};

struct api_options {
    struct core *core;
    struct str environment;               /* "prod", "acc" or "demo" */
    const struct networks *proxies;       /* trusted: their X-Forwarded-For is used; may be NULL */
    const struct networks *metrics_allow; /* who may read /metrics */
    const struct seal_key *secret_key;    /* of secrets at rest */
    const struct networks *webhook_allow; /* that may be private, and need no TLS */
    struct mailbox *mailbox;              /* for the lanes of calls */
    struct api_sign_in sign_in;
    const struct api_setting *settings;
    size_t setting_count;
    bool sends_mail;
    int64_t rate_limit;      /* requests a minute per account; 0: no limit */
    void (*wake)(void *arg); /* from any thread: api_turn() should be called */
    void *wake_arg;
};

/* ERR_MEMORY. The options' texts and proxies are borrowed. */
enum err api_create(const struct api_options *options, struct api **ret_api) MUST_CHECK;
void api_destroy(struct api *api);

/* Sets the start of every link, without a trailing slash; copied. Call it before the first
 * request. */
enum err api_set_public_url(struct api *api, struct str url) MUST_CHECK;

/* What to give to http_server_create(). */
struct http_callbacks api_callbacks(struct api *api);

/* Waits until everything the call lanes have accepted is finished and in the mailbox. */
void api_flush(struct api *api);

/* Writes the gathered log of requests: what is due or, at the end, all of it. Call it a few
 * times a second. */
void api_write_log(struct api *api, bool all);

/* Reads what the metrics show of the store, if it is time. Call it as often. */
void api_look(struct api *api);

/* Does what has come up since, for those who wait for events (api/feed.h). Call it when `wake` was
 * called, after the mailbox has been emptied, and after as many milliseconds as it returned; -1: not
 * by time. */
int api_turn(struct api *api);

/* From now on /readyz answers 503, and nobody waits for events any more: the server is about to
 * stop. */
void api_set_stopping(struct api *api);

/* What handlers share. */
struct core *api_core(const struct api *api);
struct str api_public_url(const struct api *api);

/* The path of the public URL, under which a proxy serves all of this; empty on a host of its own. */
struct str api_public_path(const struct api *api);
struct str api_environment(const struct api *api);
bool api_sends_mail(const struct api *api);
struct login *api_login(const struct api *api);
const struct api_sign_in *api_sign_in(const struct api *api);
struct call_lanes *api_call_lanes(struct api *api);
struct feed *api_feed(const struct api *api);
struct metrics *api_metrics(struct api *api);
const struct networks *api_proxies(const struct api *api); /* may be NULL */
struct tokens *api_tokens(const struct api *api);
struct request_log *api_request_log(const struct api *api);
struct rate_limit *api_rate_limit(const struct api *api); /* NULL: none */
struct upload **api_uploads(struct api *api);             /* those under way (api/upload.h) */
const struct seal_key *api_secret_key(const struct api *api);
const struct networks *api_webhook_allow(const struct api *api);
atomic_uint *api_dry_runs(struct api *api); /* of rules, under way */
bool api_stopping(const struct api *api);
int64_t api_started_at(const struct api *api);
const struct api_setting *api_settings(const struct api *api, size_t *ret_n);

/* The client's address as text, looking through trusted proxies; "" on a unix socket without
 * one. */
struct str call_client_address(struct call *call);

/* The table of routes, in the order of routes.def. */
const struct route *api_routes(size_t *ret_count);

#endif
