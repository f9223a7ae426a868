/* GET /tasks, /tasks/{key} and /tasks/{key}/events. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/record.h"
#include "core/task.h"
#include "model/comment.h"
#include "model/key.h"

enum { EVENTS_READ = 64 }; /* at once */

/* ---- one record and its history ---- */

enum err task_get(struct call *call)
{
    struct record record;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = record_find(call, RIGHT_READ, &record);
    if (err != ERR_OK)
        return err;
    call_put_task(call, NULL, &record.task);
    return call_answer_version(call, 200, record.task.version, NULL, STR_NONE);
}

static void encode_event(struct json_writer *json, const struct event *event,
                         const struct call *call, struct str domain)
{
    const struct account *actor = directory_account_by_id(call->directory, event->actor_id);
    json_begin_object(json, NULL);
    json_put_text(json, "domain", domain);
    json_put_i64(json, "seq", event->seq);
    json_put_time(json, "at", event->at);
    json_put_text(json, "actor", actor == NULL ? STR_NONE : actor->email);
    json_put_text(json, "action", event->action);
    json_put_text(json, "key", event->key);
    json_put_raw(json, "changes", event->payload);
    json_put_begin(json, "hash");
    buf_char(json->buf, '"');
    buf_base64(json->buf, event->hash.bytes, sizeof event->hash.bytes);
    buf_char(json->buf, '"');
    json_end(json);
}

/* How far an answer with a record's events is. Each can have 1 MiB, so it goes out in pieces. */
struct event_walk {
    const struct workspace *workspace;
    struct task task; /* its id and its newest event alone */
    int64_t before;   /* the last event that is out, or the cursor that was sent */
    int64_t left;     /* of the page */
    int64_t step;     /* as many are read at once; few, if few were enough for the piece before */
};

static enum err events_more(struct call *call, bool *ret_last)
{
    struct event_walk *walk = call->state;
    bool more, skipped = false; /* what is skipped fills no piece, but takes memory */
    do {
        struct event_list events;
        size_t n = 0;
        int64_t step = walk->step < walk->left ? walk->step : walk->left;
        enum err err = core_task_events(call->db, &call->op, walk->workspace->domain->id,
                                        &walk->task, walk->before, step, &events, &more);
        if (err != ERR_OK)
            return err;
        for (; n < events.n && walk->left > 0 && call->body.n < CALL_PIECE; n++) {
            bool hidden = false;
            if (call->caller->kind == ACCOUNT_CLIENT)
                err = comment_event_hidden(call->op.arena, events.items[n].action,
                                           events.items[n].payload, &hidden);
            if (err != ERR_OK)
                return err;
            if (!hidden)
                encode_event(&call->json, &events.items[n], call, walk->workspace->domain->key);
            walk->left -= !hidden;
            skipped = skipped || hidden;
        }
        if (n > 0)
            walk->before = events.items[n - 1].seq;
        if (n < events.n)
            walk->step = (int64_t)n;
        more = more || n < events.n;
        *ret_last = !more || walk->left == 0;
    } while (!*ret_last && !skipped && call->body.n < CALL_PIECE);
    if (*ret_last)
        call_items_close(call, more ? walk->before : 0);
    return ERR_OK;
}

enum err event_list(struct call *call)
{
    struct event_walk *walk = ARENA_NEW(call->op.arena, struct event_walk);
    struct record record;
    if (walk == NULL)
        return ERR_MEMORY;
    enum err err = call_query_page(call, &walk->left, &walk->before);
    struct arena_mark mark = arena_mark(call->op.arena);
    if (err == ERR_OK)
        err = record_find(call, RIGHT_READ, &record);
    if (err != ERR_OK)
        return err;
    walk->workspace = record.workspace;
    walk->task = (struct task){.id = record.task.id, .last_seq = record.task.last_seq};
    walk->step = EVENTS_READ;
    arena_rewind(call->op.arena, mark);
    call->state = walk;
    call_items_begin(call);
    return call_answer_stream(call, 200, STR("application/json"), NULL, 0,
                              &(struct call_stream){.more = events_more,
                                                    .state_size = sizeof *walk,
                                                    .length = HTTP_LENGTH_UNKNOWN});
}

/* ---- the list ---- */

/* Does any of the keys name this workspace, or its domain or one above? No keys: yes. */
static bool keys_name(struct str_list wanted, struct str key, bool below)
{
    bool found = wanted.n == 0;
    for (size_t i = 0; i < wanted.n && !found; i++)
        found = below ? key_covers(wanted.items[i], key) : str_eq(wanted.items[i], key);
    return found;
}

/* A parameter's keys in upper case; an invalid key becomes empty and names nothing. */
static enum err filter_keys(struct call *call, const char *parameter, struct str_list *ret_keys)
{
    struct str_list sent;
    enum err err = call_query_all(call, parameter, &sent);
    if (err != ERR_OK)
        return err;
    struct str *keys = ARENA_ARRAY(call->op.arena, struct str, sent.n);
    if (keys == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < sent.n; i++)
        if (key_read(call->op.arena, sent.items[i], &keys[i]) == ERR_MEMORY)
            return ERR_MEMORY;
    *ret_keys = (struct str_list){keys, sent.n};
    return ERR_OK;
}

/* Which workspaces the list may show: what the caller may see, narrowed by the filter. */
static enum err filter_workspaces(struct call *call, struct task_filter *filter)
{
    const struct directory *directory = call->directory;
    struct str_list keys, domains;
    enum err err = filter_keys(call, "workspace", &keys);
    if (err == ERR_OK)
        err = filter_keys(call, "domain", &domains);
    if (err != ERR_OK)
        return err;
    struct filter_workspace *workspaces =
        ARENA_ARRAY(call->op.arena, struct filter_workspace, directory->workspace_count);
    if (workspaces == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < directory->workspace_count; i++) {
        const struct workspace *workspace = directory->workspaces_by_id[i];
        enum reach reach = right_reach(directory, call->caller, RIGHT_READ, workspace);
        if (keys_name(keys, workspace->key, false) &&
            keys_name(domains, workspace->domain->key, true) && reach != REACH_NONE)
            workspaces[filter->workspace_count++] = (struct filter_workspace){
                .id = workspace->id,
                .today = zone_date(workspace->zone, call->op.now),
                .own = reach == REACH_OWN,
            };
    }
    filter->caller_id = call->caller->id;
    filter->workspaces = workspaces;
    return ERR_OK;
}

/* A set of enum values. `read` turns a text into a bit. */
static enum err filter_set(struct call *call, const char *parameter, const char *allowed,
                           bool (*read)(struct str text, unsigned *ret_bit), unsigned *set)
{
    struct str_list values;
    enum err err = call_query_all(call, parameter, &values);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < values.n; i++) {
        unsigned bit;
        if (!read(values.items[i], &bit))
            return op_fail(&call->op, ERR_SYNTAX, "%s must be one of %s, not \"%.*s\".", parameter,
                           allowed, STR_ARG(str_sub(values.items[i], 0, 100)));
        *set |= bit;
    }
    return ERR_OK;
}

static bool type_bit(struct str text, unsigned *ret_bit)
{
    enum task_type type;
    bool known = task_type_read(text, &type);
    if (known)
        *ret_bit = FILTER_BIT(type);
    return known;
}

static bool status_bit(struct str text, unsigned *ret_bit)
{
    enum task_status status;
    bool known = task_status_read(text, &status);
    if (known)
        *ret_bit = FILTER_BIT(status);
    return known;
}

static bool level_bit(struct str text, unsigned *ret_bit)
{
    enum level level;
    bool known = level_read(text, &level);
    if (known)
        *ret_bit = FILTER_BIT(level);
    return known;
}

/* People by e-mail; one that nobody knows matches nothing. */
static enum err filter_people(struct call *call, const char *parameter, struct id_list *list)
{
    struct str_list emails;
    enum err err = call_query_all(call, parameter, &emails);
    if (err != ERR_OK)
        return err;
    int64_t *ids = ARENA_ARRAY(call->op.arena, int64_t, emails.n);
    if (ids == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < emails.n; i++) {
        const struct account *account = directory_account(call->directory, emails.items[i]);
        ids[i] = account == NULL ? -1 : account->id;
    }
    *list = (struct id_list){ids, emails.n};
    return ERR_OK;
}

static enum err filter_date(struct call *call, const char *parameter, int32_t *date)
{
    struct str text = call_query(call, parameter);
    if (text.p == NULL || date_read(text, date))
        return ERR_OK;
    return op_fail(&call->op, ERR_SYNTAX, "%s must be a date such as 2024-09-27, not \"%.*s\".",
                   parameter, STR_ARG(str_sub(text, 0, 100)));
}

static enum err filter_time(struct call *call, const char *parameter, int64_t *time)
{
    struct str text = call_query(call, parameter);
    int32_t date;
    if (text.p == NULL || time_read(text, time))
        return ERR_OK;
    if (date_read(text, &date)) {
        *time = (int64_t)date * 86400000;
        return ERR_OK;
    }
    return op_fail(&call->op, ERR_SYNTAX,
                   "%s must be a date, or a time such as 2024-09-27T08:00:00Z, not \"%.*s\".",
                   parameter, STR_ARG(str_sub(text, 0, 100)));
}

/* A word that is one of two. */
static enum err filter_choice(struct call *call, const char *parameter, const char *off,
                              const char *on, bool *ret)
{
    struct str text = call_query(call, parameter);
    if (text.p == NULL || str_eq(text, str_of(off)))
        return ERR_OK;
    if (!str_eq(text, str_of(on)))
        return op_fail(&call->op, ERR_SYNTAX, "%s must be %s or %s, not \"%.*s\".", parameter, on,
                       off, STR_ARG(str_sub(text, 0, 100)));
    *ret = true;
    return ERR_OK;
}

static enum err list_filter(struct call *call, struct task_list_request *list)
{
    struct task_filter *filter = &list->filter;
    enum err err;
    task_filter_init(filter);
    if ((err = call_query_all(call, "tag", &filter->tags)) != ERR_OK ||
        (err = call_query_all(call, "category", &filter->categories)) != ERR_OK ||
        (err = filter_workspaces(call, filter)) != ERR_OK ||
        (err = filter_set(call, "todoType", "INCIDENT, TASK", type_bit, &filter->types)) !=
            ERR_OK ||
        (err = filter_set(call, "status", "To do, In Progress, Done, Expired", status_bit,
                          &filter->statuses)) != ERR_OK ||
        (err = filter_set(call, "priority", "High, Medium, Low", level_bit, &filter->priorities)) !=
            ERR_OK ||
        (err = filter_people(call, "assignee", &filter->assignees)) != ERR_OK ||
        (err = filter_people(call, "reporter", &filter->reporters)) != ERR_OK ||
        (err = filter_people(call, "source", &filter->sources)) != ERR_OK ||
        (err = filter_date(call, "dueBefore", &filter->due_before)) != ERR_OK ||
        (err = filter_date(call, "dueAfter", &filter->due_after)) != ERR_OK ||
        (err = filter_time(call, "createdBefore", &filter->created_before)) != ERR_OK ||
        (err = filter_time(call, "createdAfter", &filter->created_after)) != ERR_OK ||
        (err = filter_choice(call, "overdue", "false", "true", &filter->overdue)) != ERR_OK)
        return err;
    return filter_choice(call, "sort", "-createdAt", "createdAt", &list->oldest_first);
}

enum err task_list(struct call *call)
{
    static const char *const parameters[] = {
        "workspace*", "domain*",       "todoType*",    "status*",   "priority*", "assignee*",
        "reporter*",  "source*",       "tag*",         "category*", "dueBefore", "dueAfter",
        "overdue",    "createdBefore", "createdAfter", "sort",      "limit",     "cursor",
        NULL};
    struct task_list_request list = {0};
    struct task_page page;
    int64_t limit;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = list_filter(call, &list);
    if (err != ERR_OK)
        return err;

    list.limit = (size_t)limit;
    list.cursor = call_query(call, "cursor");
    err = core_task_list(call->db, &call->op, &list, &page);
    if (err != ERR_OK)
        return err == ERR_SYNTAX ? call_cursor_unknown(call) : err;
    call_items_begin(call);
    for (size_t i = 0; i < page.tasks.n; i++)
        call_put_task(call, NULL, &page.tasks.items[i]);
    return call_items_end_text(call, page.next);
}
