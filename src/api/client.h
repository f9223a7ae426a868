/*
 * Shared by the calls about clients and their secrets.
 */
#ifndef BZCTRL_API_CLIENT_H
#define BZCTRL_API_CLIENT_H

#include "api/change.h"
#include "model/client.h"

/* The client that the path names, if the caller may manage it. ERR_ANSWERED: 404 when there is
 * no such client or the caller may not see its domain, 403 when the caller may see but not
 * manage it. */
enum err client_find(struct call *call, const struct client **ret_client) MUST_CHECK;

/* Decodes a body's members into a draft; `creates` selects those of a new client. Members of a
 * wrong type go to `faults`. */
void client_decode(const struct json *body, bool creates, struct arena *arena,
                   struct faults *faults, struct client_draft *draft);

/* Writes {"clientId",…}, with `secret` at its end unless that is absent. */
void client_encode(struct json_writer *json, struct str client_id,
                   const struct client_settings *settings, int64_t created_at, int64_t version,
                   struct str secret);

/* Writes {"id",…}, with the secret `text` at its end unless that is absent. */
void client_encode_secret(struct json_writer *json, const struct client_secret *secret,
                          struct str text);

#endif
