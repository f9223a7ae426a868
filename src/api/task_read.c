/* GET /tasks, /tasks/{key} and /tasks/{key}/events. */
#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/task.h"
#include "core/task.h"
#include "model/key.h"
#include "model/right.h"
#include "json/write.h"

/* ---- one record and its history ---- */

struct record_read {
    const struct workspace *workspace;
    int64_t number;
    enum reach reach;
    struct task task;
    bool with_events;
    int64_t before, limit;
    struct event_list events;
    bool more;
};

/* The record's workspace and number from the path; 404 for what is none, and for what the caller
 * may not see. */
static struct record_read *record_find(struct call *call)
{
    struct record_read *record = ARENA_NEW(call->op.arena, struct record_read);
    struct str key;
    if (record == NULL) {
        call_fail(call, ERR_MEMORY);
        return NULL;
    }
    enum err err = key_read_record(call->op.arena, call->parameters[0], &key, &record->number);
    if (err == ERR_OK)
        record->workspace = directory_workspace(call->directory, key);
    if (record->workspace != NULL)
        record->reach = right_reach(call->directory, call->caller, RIGHT_READ, record->workspace);
    if (record->reach == REACH_NONE) {
        call_fail_status(call, 404, "There is no record %.*s, or you may not see it.",
                         STR_ARG(str_sub(call->parameters[0], 0, KEY_MAX)));
        return NULL;
    }
    call->state = record;
    return record;
}

static enum err record_run(struct core_read *read, struct db *db)
{
    struct call *call = call_of_read(read);
    struct record_read *record = call->state;
    enum err err =
        core_task_get(db, read->op, record->workspace->id, record->number, &record->task);
    if (err == ERR_OK && !reach_covers(record->reach, call->caller, record->task.source_id))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK && record->with_events)
        err = core_task_events(db, read->op, record->workspace->domain->id, &record->task,
                               record->before, record->limit, &record->events, &record->more);
    return err;
}

/* Answers for a failed read; false when it did not fail. */
static bool record_failed(struct call *call, const struct record_read *record)
{
    if (call->read.err == ERR_OK)
        return false;
    if (call->read.err == ERR_NOT_FOUND)
        call_fail_status(call, 404, "There is no record %.*s-%02lld, or you may not see it.",
                         STR_ARG(record->workspace->key), (long long)record->number);
    else
        call_fail(call, call->read.err);
    return true;
}

static void task_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct record_read *record = call->state;
    if (record_failed(call, record))
        return;
    struct http_header etag = call_etag(call, record->task.version);
    if (etag.value.p != NULL && call_client_has(call, etag.value)) {
        call_answer(call, 304, STR_NONE, &etag, 1);
        return;
    }
    task_encode(&call->body, &record->task, call->directory, api_public_url(call->api));
    if (buf_err(&call->body) != ERR_OK || etag.value.p == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    call_answer(call, 200, STR("application/json"), &etag, 1);
}

void task_get(struct call *call)
{
    static const char *const parameters[] = {NULL};
    if (!call_query_accept(call, parameters) || record_find(call) == NULL)
        return;
    call_read(call, record_run, task_got);
}

static void encode_event(struct buf *buf, const struct event *event, const struct call *call,
                         struct str domain)
{
    const struct account *actor = directory_account_by_id(call->directory, event->actor_id);
    BUF_LIT(buf, "{\"domain\":");
    buf_json_string(buf, domain);
    BUF_LIT(buf, ",\"seq\":");
    buf_i64(buf, event->seq);
    BUF_LIT(buf, ",\"at\":\"");
    buf_time(buf, event->at);
    BUF_LIT(buf, "\",\"actor\":");
    buf_json_string(buf, actor == NULL ? STR_NONE : actor->email);
    BUF_LIT(buf, ",\"action\":");
    buf_json_string(buf, event->action);
    BUF_LIT(buf, ",\"key\":");
    buf_json_string(buf, event->key);
    BUF_LIT(buf, ",\"changes\":");
    buf_add(buf, event->payload.p == NULL ? STR("null") : event->payload);
    BUF_LIT(buf, ",\"hash\":\"");
    buf_base64(buf, event->hash.bytes, sizeof event->hash.bytes);
    BUF_LIT(buf, "\"}");
}

static void events_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct record_read *record = call->state;
    if (record_failed(call, record))
        return;
    BUF_LIT(&call->body, "{\"items\":[");
    for (size_t i = 0; i < record->events.n; i++) {
        if (i > 0)
            buf_char(&call->body, ',');
        encode_event(&call->body, &record->events.items[i], call, record->workspace->domain->key);
    }
    buf_char(&call->body, ']');
    if (record->more)
        buf_printf(&call->body, ",\"next\":\"%lld\"",
                   (long long)record->events.items[record->events.n - 1].seq);
    buf_char(&call->body, '}');
    call_answer_json(call, 200);
}

void event_list(struct call *call)
{
    static const char *const parameters[] = {"limit", "cursor", NULL};
    if (!call_query_accept(call, parameters))
        return;
    struct record_read *record = record_find(call);
    if (record == NULL || !call_query_limit(call, &record->limit) ||
        !call_query_cursor(call, &record->before))
        return;
    record->with_events = true;
    call_read(call, record_run, events_got);
}

/* ---- the list ---- */

struct list_read {
    struct task_list_request request;
    struct task_page page;
};

static enum err list_run(struct core_read *read, struct db *db)
{
    struct list_read *list = call_of_read(read)->state;
    return core_task_list(db, read->op, &list->request, &list->page);
}

static void list_got(struct core_read *read)
{
    struct call *call = call_of_read(read);
    const struct list_read *list = call->state;
    if (read->err == ERR_SYNTAX) {
        call_cursor_unknown(call);
        return;
    }
    if (read->err != ERR_OK) {
        call_fail(call, read->err);
        return;
    }
    BUF_LIT(&call->body, "{\"items\":[");
    for (size_t i = 0; i < list->page.tasks.n; i++) {
        if (i > 0)
            buf_char(&call->body, ',');
        task_encode(&call->body, &list->page.tasks.items[i], call->directory,
                    api_public_url(call->api));
    }
    buf_char(&call->body, ']');
    if (list->page.next.p != NULL) {
        BUF_LIT(&call->body, ",\"next\":");
        buf_json_string(&call->body, list->page.next);
    }
    buf_char(&call->body, '}');
    call_answer_json(call, 200);
}

/* Does any of the keys name this workspace, or its domain or one above? No keys: yes. */
static bool keys_name(struct str_list wanted, struct str key, bool below)
{
    bool found = wanted.n == 0;
    for (size_t i = 0; i < wanted.n && !found; i++)
        found = below ? key_covers(wanted.items[i], key) : str_eq(wanted.items[i], key);
    return found;
}

/* A parameter's keys in capitals; what is no key is left empty and names nothing. */
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
            return op_fail(&call->op, ERR_SYNTAX, "%s is one of %s, not \"%.*s\".", parameter,
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
    return op_fail(&call->op, ERR_SYNTAX, "%s is a date such as 2024-09-27, not \"%.*s\".",
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
                   "%s is a time such as 2024-09-27T08:00:00Z or a date, not \"%.*s\".", parameter,
                   STR_ARG(str_sub(text, 0, 100)));
}

/* A word that is one of two. */
static enum err filter_choice(struct call *call, const char *parameter, const char *off,
                              const char *on, bool *ret)
{
    struct str text = call_query(call, parameter);
    if (text.p == NULL || str_eq(text, str_of(off)))
        return ERR_OK;
    if (!str_eq(text, str_of(on)))
        return op_fail(&call->op, ERR_SYNTAX, "%s is %s or %s, not \"%.*s\".", parameter, on, off,
                       STR_ARG(str_sub(text, 0, 100)));
    *ret = true;
    return ERR_OK;
}

static enum err list_filter(struct call *call, struct list_read *list)
{
    struct task_filter *filter = &list->request.filter;
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
    return filter_choice(call, "sort", "-createdAt", "createdAt", &list->request.oldest_first);
}

void task_list(struct call *call)
{
    static const char *const parameters[] = {
        "workspace*", "domain*",       "todoType*",    "status*",   "priority*", "assignee*",
        "reporter*",  "source*",       "tag*",         "category*", "dueBefore", "dueAfter",
        "overdue",    "createdBefore", "createdAfter", "sort",      "limit",     "cursor",
        NULL};
    int64_t limit;
    if (!call_query_accept(call, parameters) || !call_query_limit(call, &limit))
        return;
    struct list_read *list = ARENA_NEW(call->op.arena, struct list_read);
    enum err err = list == NULL ? ERR_MEMORY : list_filter(call, list);
    if (err != ERR_OK) {
        call_fail(call, err);
        return;
    }
    list->request.limit = (size_t)limit;
    list->request.cursor = call_query(call, "cursor");
    call->state = list;
    call_read(call, list_run, list_got);
}
