/* GET and POST /views, GET, PATCH and DELETE /views/{id}. */
#include "core/view.h"
#include "api/accept_language.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "base/container.h"
#include "model/date.h"

#include <stddef.h>

/* ---- decode, encode ---- */

#define AT(field) offsetof(struct view_draft, field)

static const struct body_member members[] = {
    {STR_INIT("name"), MEMBER_TEXT, true, true, AT(name), 0},
    {STR_INIT("query"), MEMBER_TEXT, true, true, AT(query), 0},
    {STR_INIT("layout"), MEMBER_TEXT, true, true, AT(layout), 0},
    {STR_INIT("columns"), MEMBER_TEXTS, true, true, AT(columns), 0},
    {STR_INIT("sort"), MEMBER_TEXT_OR_NULL, true, true, AT(sort), AT(sort_sent)},
    {STR_INIT("domain"), MEMBER_TEXT_OR_NULL, true, false, AT(domain), AT(domain_sent)},
};

static enum err view_encode(struct call *call, const struct view *view)
{
    struct json_writer *json = &call->json;
    const struct domain *domain =
        view->domain_id == 0 ? NULL : directory_domain_by_id(call->directory, view->domain_id);
    struct str problem, query;
    struct buf buf;
    enum err err = view_problem(&call->op, view, call->directory, call->caller, &problem);
    buf_init(&buf, 4 * VIEW_QUERY_MAX);
    buf_view_query(&buf, view);
    if (err == ERR_OK)
        err = buf_err(&buf);
    if (err == ERR_OK)
        err = arena_copy(call->op.arena, buf_str(&buf), &query);
    buf_finish(&buf);
    if (err != ERR_OK)
        return err;
    json_begin_object(json, NULL);
    json_put_id(json, "id", view->id);
    json_put_text(json, "name", view->name);
    json_put_text(json, "domain", domain == NULL ? STR_NONE : domain->key);
    json_put_text(json, "query", query);
    json_put_text(json, "layout", view->layout);
    json_put_texts(json, "columns", view->columns);
    json_put_text(json, "sort", view->sort);
    json_put_text(json, "problem", problem);
    json_put_time(json, "createdAt", view->created_at);
    json_put_time(json, "updatedAt", view->updated_at);
    json_put_i64(json, "version", view->version);
    json_end(json);
    return ERR_OK;
}

/* ---- finding one ---- */

static enum err refuse_unknown(struct call *call)
{
    return call_refuse(call, 404, "There is no view %.*s, or you may not see it.",
                       STR_ARG(str_sub(call->parameters[0], 0, 40)));
}

/* The one that the path names, if the caller may see it; by `db`. */
static enum err view_find(struct call *call, struct db *db, struct view *ret_view)
{
    uint64_t id;
    if (!str_to_u64(call->parameters[0], INT64_MAX, &id))
        return refuse_unknown(call);
    enum err err = store_view_get(db, &call->op, (int64_t)id, ret_view);
    if (err == ERR_NOT_FOUND ||
        (err == ERR_OK && !view_is_seen(call->directory, call->caller, ret_view)))
        return refuse_unknown(call);
    return err;
}

struct view_read {
    struct core_read read;
    struct call *call;
    struct view *view;
};

static enum err read_run(struct core_read *job, struct db *db)
{
    struct view_read *read = container_of(job, struct view_read, read);
    buf_clear(&read->call->body); /* it may run again, after a refusal */
    return view_find(read->call, db, read->view);
}

/* The same on the call lane, for a caller who is to change it. */
static enum err view_find_to_change(struct call *call, struct view *ret_view)
{
    struct view_read read = {
        .read = {.op = &call->op, .run = read_run}, .call = call, .view = ret_view};
    enum err err = core_read_wait(api_core(call->api), &read.read);
    if (err == ERR_OK && !view_is_changed_by(call->directory, call->caller, ret_view))
        err = call_refuse(call, 403,
                          "To change the views of a domain you need the role of a manager there.");
    return err;
}

/* ---- reading ---- */

enum err view_list(struct call *call)
{
    struct view_list views;
    int64_t limit, before, shown = 0;
    enum err err = call_query_page(call, &limit, &before);
    if (err != ERR_OK)
        return err;
    call_language(call);
    call_items_begin(call);
    /* Some that are read are shared with others, so a page can take several reads. */
    do {
        err = store_views_before(call->db, &call->op, call->caller->id, before, limit + 1, &views);
        for (size_t i = 0; i < views.n && err == ERR_OK; i++) {
            const struct view *view = &views.items[i];
            if (!view_is_seen(call->directory, call->caller, view))
                continue;
            if (shown++ == limit)
                return call_items_end(call, before);
            err = view_encode(call, view);
            before = view->id;
        }
        if (err != ERR_OK)
            return err;
        if (views.n > 0 && shown <= limit)
            before = views.items[views.n - 1].id;
    } while (views.n == (size_t)limit + 1);
    return call_items_end(call, 0);
}

/* Never 304: whether its query still names something changes without the view. */
enum err view_get(struct call *call)
{
    struct view view;
    call_language(call);
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = view_find(call, call->db, &view);
    if (err == ERR_OK)
        err = view_encode(call, &view);
    if (err != ERR_OK)
        return err;
    return call_answer_etag(call, view.version);
}

/* ---- making and changing ---- */

/* Judges the body, stores it, and answers with the resulting view. `before` NULL: a new one. */
static enum err save_and_answer(struct call *call, const struct json *body,
                                const struct view *before)
{
    struct view_draft draft = {0};
    struct view_save save = {.op = &call->op,
                             .directory = call->directory,
                             .before = before,
                             .actor_id = call->caller->id};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, before == NULL,
                   call->op.arena, &faults, &draft);
    call_language(call);
    enum err err =
        view_judge(&call->op, &draft, before, call->directory, call->caller, &faults, &save.view);
    if (err == ERR_OK)
        err = core_view_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);
    err = view_encode(call, &save.view);
    if (err != ERR_OK)
        return err;
    struct str id = arena_printf(call->op.arena, "%lld", (long long)save.view.id);
    return id.p == NULL ? ERR_MEMORY
                        : call_answer_version(call, before == NULL ? 201 : 200, save.view.version,
                                              "/views/", id);
}

enum err view_create(struct call *call)
{
    const struct json *body;
    enum err err = call_body(call, false, &body);
    return err == ERR_OK ? save_and_answer(call, body, NULL) : err;
}

enum err view_patch(struct call *call)
{
    struct view before;
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = view_find_to_change(call, &before);
    if (err == ERR_OK)
        err = call_expect_version(call, before.version);
    return err == ERR_OK ? save_and_answer(call, body, &before) : err;
}

/* If-Match is looked at when it is sent. */
enum err view_delete(struct call *call)
{
    struct view before;
    struct view_save save = {.op = &call->op,
                             .directory = call->directory,
                             .before = &before,
                             .drops = true,
                             .actor_id = call->caller->id};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = view_find_to_change(call, &before);
    if (err == ERR_OK && http_header_count(call->request, STR("if-match")) > 0)
        err = call_expect_version(call, before.version);
    if (err != ERR_OK)
        return err;
    save.view = before;
    err = core_view_save(api_core(call->api), &save);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
