/*
 * What the calls about clients and about their secrets share.
 */
#ifndef BZCTRL_API_CLIENT_H
#define BZCTRL_API_CLIENT_H

#include "api/change.h"
#include "model/client.h"

/* The client that the path names, if the caller may manage it. Answers itself and returns NULL when
 * there is none (404), its domain is one the caller may not see (404), or not manage (403). */
const struct client *client_find(struct call *call);

/* Takes a body's members into a draft; those of a new client when `new`. Faults of form go to
 * `faults`. */
void client_decode(const struct json *body, bool new, struct arena *arena, struct faults *faults,
                   struct client_draft *draft);

/* Appends {"clientId",…}; `secret` stands at the end if there is one. */
void client_encode(struct buf *buf, struct str client_id, const struct client_settings *settings,
                   int64_t created_at, int64_t version, struct str secret);

/* Appends {"id",…}, likewise. */
void client_encode_secret(struct buf *buf, const struct client_secret *secret, struct str text);

#endif
