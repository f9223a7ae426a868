/* GET and POST /clients, GET and PATCH /clients/{clientId}. */
#include "api/client.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/client.h"
#include "model/right.h"

/* ---- rights ---- */

static enum role role_at(const struct call *call, const struct domain *domain)
{
    return directory_role(call->directory, call->caller, domain);
}

enum err client_find(struct call *call, const struct client **ret_client)
{
    const struct account *account = directory_account(call->directory, call->parameters[0]);
    const struct client *client = account == NULL ? NULL : account->client;
    enum role role = client == NULL ? ROLE_NONE : role_at(call, client->settings.domain);
    if (role == ROLE_NONE)
        return call_refuse(call, 404, "There is no client %.*s, or you may not see it.",
                           STR_ARG(str_sub(call->parameters[0], 0, 100)));
    if (role < ROLE_MANAGER)
        return call_refuse(call, 403,
                           "To manage the clients of this domain you need the role of a manager.");
    *ret_client = client;
    return ERR_OK;
}

/* ---- reading ---- */

enum err client_get(struct call *call)
{
    const struct client *client;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = client_find(call, &client);
    if (err != ERR_OK)
        return err;
    client_encode(&call->json, client->account->email, &client->settings, client->created_at,
                  client->version, STR_NONE);
    return call_answer_version(call, 200, client->version, NULL, STR_NONE);
}

enum err client_list(struct call *call)
{
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    enum err err = call_query_page(call, &limit, &before);
    if (err == ERR_OK && !right_manages_any(d, call->caller))
        err = call_refuse(call, 403, "To manage clients you need the role of a manager.");
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = d->account_count; i > 0; i--) {
        const struct account *account = d->accounts_by_id[i - 1];
        const struct client *client = account->client;
        if (client == NULL || (before > 0 && account->id >= before) ||
            role_at(call, client->settings.domain) < ROLE_MANAGER)
            continue;
        if (shown++ == limit)
            break;
        client_encode(&call->json, account->email, &client->settings, client->created_at,
                      client->version, STR_NONE);
        last = account->id;
    }
    return call_items_end(call, shown > limit ? last : 0);
}

/* ---- making and changing ---- */

/* Judges the body, stores it, and answers with the resulting client. `before` NULL: a new one,
 * whose secret is in the answer. */
static enum err save_and_answer(struct call *call, const struct json *body,
                                const struct client *before)
{
    struct client_draft draft = {0};
    struct client_save save = {.op = &call->op,
                               .directory = call->directory,
                               .before = before,
                               .actor_id = call->caller->id};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    client_decode(body, before == NULL, call->op.arena, &faults, &draft);
    enum err err = client_judge(&call->op, &draft, before == NULL ? NULL : &before->settings,
                                call->directory, call->caller, &faults, &save.settings);
    if (err == ERR_OK && role_at(call, save.settings.domain) < ROLE_MANAGER)
        err = op_fail(&call->op, ERR_FORBIDDEN,
                      "To manage the clients of a domain you need the role of a manager there.");
    if (err == ERR_OK)
        err = client_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);

    int64_t version = before == NULL ? 1 : before->version + 1;
    client_encode(&call->json, save.client_id, &save.settings,
                  before == NULL ? call->op.now : before->created_at, version,
                  before == NULL ? save.secret_text : STR_NONE);
    return call_answer_version(call, before == NULL ? 201 : 200, version, "/clients/",
                               save.client_id);
}

enum err client_create(struct call *call)
{
    const struct json *body;
    enum err err = call_body(call, false, &body);
    call->confidential = true;
    return err == ERR_OK ? save_and_answer(call, body, NULL) : err;
}

enum err client_patch(struct call *call)
{
    const struct client *before;
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = client_find(call, &before);
    if (err == ERR_OK)
        err = call_expect_version(call, before->version);
    return err == ERR_OK ? save_and_answer(call, body, before) : err;
}
