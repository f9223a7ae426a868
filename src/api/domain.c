/* GET and POST /domains, GET /domains/{key}. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "core/workspace.h"
#include "model/key.h"
#include "model/right.h"
#include "json/write.h"

enum { DOMAIN_VERSION = 1 }; /* a domain never changes */

static void domain_encode(struct buf *buf, struct str key, int64_t created_at)
{
    BUF_LIT(buf, "{\"key\":");
    buf_json_string(buf, key);
    BUF_LIT(buf, ",\"createdAt\":");
    encode_time(buf, created_at);
    buf_char(buf, '}');
}

/* ---- reading ---- */

void domain_get(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters))
        return;
    struct str key = call->parameters[0];
    const struct domain *domain = key.n > KEY_MAX ? NULL : directory_domain(call->directory, key);
    if (domain == NULL || !right_sees_domain(call->directory, call->caller, domain)) {
        call_fail_status(call, 404, "There is no domain %.*s, or you may not see it.",
                         STR_ARG(str_sub(key, 0, KEY_MAX)));
        return;
    }
    domain_encode(&call->body, domain->key, domain->created_at);
    call_answer_version(call, 200, DOMAIN_VERSION, NULL, STR_NONE);
}

void domain_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    const struct directory *d = call->directory;
    int64_t limit, before, shown = 0, last = 0;
    if (!call_query_accept(call, parameters) || !call_query_limit(call, &limit) ||
        !call_query_cursor(call, &before))
        return;
    call_items_begin(call);
    for (size_t i = d->domain_count; i > 0; i--) {
        const struct domain *domain = d->domains_by_id[i - 1];
        if ((before > 0 && domain->id >= before) || !right_sees_domain(d, call->caller, domain))
            continue;
        if (shown++ == limit)
            break;
        if (shown > 1)
            buf_char(&call->body, ',');
        domain_encode(&call->body, domain->key, domain->created_at);
        last = domain->id;
    }
    call_items_end(call, shown > limit ? last : 0);
}

/* ---- making ---- */

struct domain_draft {
    struct str key;
};

static const struct body_member members[] = {
    {STR_INIT("key"), MEMBER_TEXT, true, false, offsetof(struct domain_draft, key), 0},
};

struct domain_call {
    struct call_change base; /* first */
    struct domain_save save;
};

static void create_done(struct change *done)
{
    struct domain_call *create =
        (struct domain_call *)(void *)((char *)done - offsetof(struct domain_call, save.change));
    struct call *call = create->base.call;
    if (done->err == ERR_OK) {
        domain_encode(&call->body, create->save.key, call->op.now);
        call_answer_version(call, 201, DOMAIN_VERSION, "/domains/", create->save.key);
    } else {
        call_change_failed(&create->base, done->err);
    }
}

static void create_start(struct call_change *base)
{
    struct call *call = base->call;
    struct domain_save *save = &((struct domain_call *)(void *)base)->save;
    struct domain_draft draft = {0};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], base->body, true, call->op.arena,
                   &faults, &draft);
    enum err err =
        domain_judge(&call->op, draft.key, call->directory, call->caller, &faults, &save->key);
    if (!call_change_judged(base, err, &faults))
        return;
    save->change.op = &call->op;
    save->change.done = create_done;
    save->directory = call->directory;
    save->actor_id = call->caller->id;
    err = domain_save(api_core(call->api), save);
    if (err != ERR_OK)
        call_fail(call, err);
}

void domain_create(struct call *call)
{
    const struct json *body = call_body(call, false);
    if (body != NULL)
        call_change_begin(call, sizeof(struct domain_call), body, true, create_start);
}
