/* GET and POST /clients, GET and PATCH /clients/{clientId}. */
#include "api/client.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/client.h"
#include "model/right.h"

/* ---- who may ---- */

static enum role role_at(const struct call *call, const struct domain *domain)
{
    return directory_role(call->directory, call->caller, domain);
}

const struct client *client_find(struct call *call)
{
    const struct account *account = directory_account(call->directory, call->parameters[0]);
    const struct client *client = account == NULL ? NULL : account->client;
    enum role role = client == NULL ? ROLE_NONE : role_at(call, client->settings.domain);
    if (role >= ROLE_MANAGER)
        return client;
    if (role == ROLE_NONE)
        call_fail_status(call, 404, "There is no client %.*s, or you may not see it.",
                         STR_ARG(str_sub(call->parameters[0], 0, 100)));
    else
        call_fail_status(call, 403,
                         "You may see the client's domain; to manage its clients you need the role "
                         "of a manager.");
    return NULL;
}

/* ---- a change of settings ---- */

struct client_call {
    struct call_change base; /* first */
    struct client_save save;
};

static void change_done(struct change *done)
{
    struct client_call *change =
        (struct client_call *)(void *)((char *)done - offsetof(struct client_call, save.change));
    struct call *call = change->base.call;
    const struct client_save *save = &change->save;
    const struct client *before = save->before;
    if (done->err == ERR_OK) {
        int64_t version = before == NULL ? 1 : before->version + 1;
        client_encode(&call->body, save->client_id, &save->settings,
                      before == NULL ? call->op.now : before->created_at, version,
                      before == NULL ? save->secret_text : STR_NONE);
        call_answer_version(call, before == NULL ? 201 : 200, version, "/clients/",
                            save->client_id);
    } else {
        call_change_failed(&change->base, done->err);
    }
}

/* The client before, found anew, and held against If-Match; false when that is answered. */
static bool change_find(struct call *call, struct client_save *save)
{
    const struct client *before = client_find(call);
    if (before == NULL) /* and answered: nothing of the call is there any more */
        return false;
    save->before = before;
    return call_expect_version(call, before->version);
}

static void change_start(struct call_change *base)
{
    struct call *call = base->call;
    struct client_save *save = &((struct client_call *)(void *)base)->save;
    struct client_draft draft = {0};
    struct faults faults;
    if (!base->new && !change_find(call, save))
        return;
    faults_init(&faults, call->op.arena);
    client_decode(base->body, base->new, call->op.arena, &faults, &draft);
    enum err err = client_judge(&call->op, &draft, base->new ? NULL : &save->before->settings,
                                call->directory, call->caller, &faults, &save->settings);
    if (err == ERR_OK && role_at(call, save->settings.domain) < ROLE_MANAGER)
        err = op_fail(&call->op, ERR_FORBIDDEN,
                      "To manage the clients of a domain you need the role of a manager there.");
    if (!call_change_judged(base, err, &faults))
        return;
    save->change.op = &call->op;
    save->change.done = change_done;
    save->directory = call->directory;
    err = client_save(api_core(call->api), save);
    if (err != ERR_OK)
        call_fail(call, err);
}

static void change_begin(struct call *call, bool new)
{
    const struct json *body = call_body(call, false);
    if (body != NULL)
        call_change_begin(call, sizeof(struct client_call), body, new, change_start);
}

void client_create(struct call *call)
{
    change_begin(call, true);
}

void client_patch(struct call *call)
{
    change_begin(call, false);
}

/* ---- reading ---- */

void client_get(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    const struct client *client = client_find(call);
    if (client == NULL)
        return;
    client_encode(&call->body, client->account->email, &client->settings, client->created_at,
                  client->version, STR_NONE);
    call_answer_version(call, 200, client->version, NULL, STR_NONE);
}

void client_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    if (!call_query_accept(call, parameters) || !call_query_limit(call, &limit) ||
        !call_query_cursor(call, &before))
        return;
    if (!right_manages_any(d, call->caller)) {
        call_fail_status(call, 403, "To manage clients you need the role of a manager.");
        return;
    }
    call_items_begin(call);
    for (size_t i = d->account_count; i > 0; i--) {
        const struct account *account = d->accounts_by_id[i - 1];
        const struct client *client = account->client;
        if (client == NULL || (before > 0 && account->id >= before) ||
            role_at(call, client->settings.domain) < ROLE_MANAGER)
            continue;
        if (shown++ == limit)
            break;
        if (shown > 1)
            buf_char(&call->body, ',');
        client_encode(&call->body, account->email, &client->settings, client->created_at,
                      client->version, STR_NONE);
        last = account->id;
    }
    call_items_end(call, shown > limit ? last : 0);
}
