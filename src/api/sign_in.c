/* GET and DELETE /people/me/sessions, DELETE /people/me/sessions/{id}: what one is signed in with. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "store/person.h"

static void encode(struct json_writer *json, const struct sign_in *sign_in, int64_t current)
{
    json_begin_object(json, NULL);
    json_put_id(json, "id", sign_in->id);
    json_put_text(json, "kind", sign_in->app ? STR("app") : STR("token"));
    json_put_text(json, "client", sign_in->client);
    json_put_time(json, "createdAt", sign_in->created_at);
    json_put_time(json, "lastUsedAt", sign_in->used_at);
    json_put_time(json, "expiresAt", sign_in->expires_at);
    json_put_text(json, "address", sign_in->address);
    json_put_text(json, "userAgent", sign_in->agent);
    json_put_flag(json, "current", sign_in->id == current);
    json_end(json);
}

enum err sign_in_list(struct call *call)
{
    struct sign_in_list list;
    int64_t limit, below;
    enum err err = call_query_page(call, &limit, &below);
    if (err == ERR_OK)
        err = store_sign_ins(call->db, &call->op, call->grant.account_id,
                             below == 0 ? INT64_MAX : below, limit, &list);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < list.n; i++)
        encode(&call->json, &list.items[i], call->grant.family_id);
    return call_items_end(call, list.next);
}

enum err sign_in_delete(struct call *call)
{
    uint64_t id;
    enum err err = call_query_accept(call, NULL);
    if (err != ERR_OK)
        return err;
    err = str_to_u64(call->parameters[0], INT64_MAX, &id)
              ? token_end_sign_in(api_tokens(call->api), &call->op, call->grant.account_id,
                                  (int64_t)id)
              : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND)
        return call_refuse(call, 404, "You have no session with that id.");
    return err == ERR_OK ? call_answer_empty(call) : err;
}

/* All but the one that asks. */
enum err sign_in_delete_others(struct call *call)
{
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = token_end_others(api_tokens(call->api), &call->op, call->grant.account_id,
                               call->grant.family_id);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
