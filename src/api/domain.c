/* GET and POST /domains, GET /domains/{key}. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/workspace.h"
#include "model/key.h"
#include "model/right.h"

enum { DOMAIN_VERSION = 1 }; /* a domain never changes */

static void domain_encode(struct json_writer *json, struct str key, int64_t created_at)
{
    json_begin_object(json, NULL);
    json_put_text(json, "key", key);
    json_put_time(json, "createdAt", created_at);
    json_end(json);
}

enum err domain_get(struct call *call)
{
    enum err err = call_query_accept(call, NULL);
    if (err != ERR_OK)
        return err;
    struct str key = call->parameters[0];
    const struct domain *domain = key.n > KEY_MAX ? NULL : directory_domain(call->directory, key);
    if (domain == NULL || !right_sees_domain(call->directory, call->caller, domain))
        return call_refuse(call, 404, "There is no domain %.*s, or you may not see it.",
                           STR_ARG(str_sub(key, 0, KEY_MAX)));
    domain_encode(&call->json, domain->key, domain->created_at);
    return call_answer_version(call, 200, DOMAIN_VERSION, NULL, STR_NONE);
}

enum err domain_list(struct call *call)
{
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    enum err err = call_query_page(call, &limit, &before);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = d->domain_count; i > 0; i--) {
        const struct domain *domain = d->domains_by_id[i - 1];
        if ((before > 0 && domain->id >= before) || !right_sees_domain(d, call->caller, domain))
            continue;
        if (shown++ == limit)
            break;
        domain_encode(&call->json, domain->key, domain->created_at);
        last = domain->id;
    }
    return call_items_end(call, shown > limit ? last : 0);
}

struct domain_draft {
    struct str key;
};

static const struct body_member members[] = {
    {STR_INIT("key"), MEMBER_TEXT, true, false, offsetof(struct domain_draft, key), 0},
};

enum err domain_create(struct call *call)
{
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err != ERR_OK)
        return err;

    struct domain_draft draft = {0};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, true, call->op.arena, &faults,
                   &draft);
    struct domain_save save = {
        .op = &call->op, .directory = call->directory, .actor_id = call->caller->id};
    err = domain_judge(&call->op, draft.key, call->directory, call->caller, &faults, &save.key);
    if (err == ERR_OK)
        err = domain_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);

    domain_encode(&call->json, save.key, call->op.now);
    return call_answer_version(call, 201, DOMAIN_VERSION, "/domains/", save.key);
}
