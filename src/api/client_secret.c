/* GET and POST /clients/{clientId}/secrets, DELETE /clients/{clientId}/secrets/{id}. */
#include "api/api.h"
#include "api/client.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/client.h"
#include "json/read.h"

enum err secret_list(struct call *call)
{
    const struct client *client;
    struct client_secret_list secrets;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = client_find(call, &client);
    if (err == ERR_OK)
        err = store_client_secrets(call->db, &call->op, client->account->id, &secrets);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < secrets.n; i++)
        client_encode_secret(&call->json, &secrets.items[i], STR_NONE);
    return call_items_end(call, 0);
}

/* Takes `expiresAt`, the one member there is. */
static void decode_expiry(const struct json *body, int64_t now, struct faults *faults,
                          int64_t *expires_at)
{
    static const struct str name = STR_INIT("expiresAt");
    for (const struct json *value = body->first; value != NULL; value = value->next)
        if (!str_eq(value->name, name))
            fault_add(faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s cannot be set here.", STR_ARG(fault_excerpt(value->name)));
        else if (value->kind == JSON_NULL)
            *expires_at = TIME_NONE;
        else if (value->kind != JSON_TEXT || !time_read(value->text, expires_at))
            fault_add(faults, name, FAULT_WHOLE, FAULT_NOT_A_TIME, NO_OPTIONS,
                      "expiresAt must be a time with its zone (RFC 3339), such as "
                      "2027-09-27T08:30:00Z.");
        else if (*expires_at <= now)
            fault_add(faults, name, FAULT_WHOLE, FAULT_TOO_OLD, NO_OPTIONS,
                      "expiresAt must be in the future.");
}

enum err secret_create(struct call *call)
{
    const struct json *body;
    struct client_secret_add add = {.op = &call->op,
                                    .directory = call->directory,
                                    .expires_at = TIME_NONE,
                                    .actor_id = call->caller->id};
    enum err err = call_body(call, true, &body);
    call->confidential = true;
    if (err == ERR_OK)
        err = client_find(call, &add.client);
    if (err != ERR_OK)
        return err;

    struct faults faults;
    faults_init(&faults, call->op.arena);
    decode_expiry(body, call->op.now, &faults, &add.expires_at);
    err = faults.err == ERR_OK && faults.n > 0 ? ERR_INVALID : faults.err;
    if (err == ERR_OK)
        err = client_secret_add(api_core(call->api), &add);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);

    client_encode_secret(&call->json, &add.secret, add.secret_text);
    return call_answer_json(call, 201);
}

enum err secret_delete(struct call *call)
{
    uint64_t id;
    struct client_secret_revoke revoke = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = client_find(call, &revoke.client);
    if (err != ERR_OK)
        return err;
    if (!str_to_u64(call->parameters[1], INT64_MAX, &id))
        return call_refuse(call, 404, "The client has no secret with that id.");
    revoke.secret_id = (int64_t)id;
    err = client_secret_revoke(api_core(call->api), &revoke);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
