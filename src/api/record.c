#include "api/record.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/change.h"
#include "api/problem.h"
#include "http/response.h"
#include "json/read.h"
#include "model/key.h"
#include "model/task_field.h"
#include "store/alias.h"
#include "store/event.h"
#include "store/task.h"

enum {
    RECORD_SEGMENTS = 6, /* of a path, up to its record: "", bzctrl-core-api, api, v1, tasks, key */
    EVENTS_MAX = 200,    /* that are looked through for what has changed */
    EVENTS_READ = 8,     /* at once: each may say 8 MiB */
    EVENTS_BYTES = 128 * 1024 * 1024,
    PAYLOAD_TREE_MAX = 512 * 1024 * 1024,
};

/* ---- finding it ---- */

enum err record_missing(struct call *call)
{
    return call_refuse(call, 404, "There is no record %.*s, or you may not see it.",
                       STR_ARG(str_sub(call->parameters[0], 0, KEY_MAX)));
}

bool record_reached(const struct call *call, const struct record *record, enum right right)
{
    return reach_covers(right_reach(call->directory, call->caller, right, record->workspace),
                        call->caller, record->task.source_id);
}

/* Reads the one that has, or had, a key; ERR_NOT_FOUND when it does not exist. */
static enum err record_read(struct call *call, struct str named, struct record *record)
{
    struct str key;
    int64_t number;
    record->workspace = NULL;
    record->moved = false;
    enum err err = key_read_record(call->op.arena, named, &key, &number);
    if (err == ERR_SYNTAX)
        return ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err;
    record->workspace = directory_workspace(call->directory, key);
    /* What nobody of the caller's kind sees is not even looked for. */
    if (record->workspace == NULL ||
        right_reach(call->directory, call->caller, RIGHT_SEE, record->workspace) == REACH_NONE)
        return ERR_NOT_FOUND;
    err = store_task_get(call->db, &call->op, record->workspace->id, number, &record->task);
    if (err != ERR_NOT_FOUND)
        return err;
    err = store_task_get_moved(call->db, &call->op, record->workspace->id, number, &record->task);
    if (err == ERR_OK)
        record->workspace = directory_workspace_by_id(call->directory, record->task.workspace_id);
    if (err == ERR_OK && record->workspace == NULL) /* it is in one that the snapshot lacks */
        return ERR_NOT_FOUND;
    record->moved = err == ERR_OK;
    return err;
}

/* 308 to the same call of the record by the key that it has now. */
static enum err record_redirect(struct call *call, const struct record *record)
{
    struct str rest = call->request->path;
    struct buf url;
    for (int i = 0; i < RECORD_SEGMENTS; i++)
        (void)str_cut(&rest, '/');
    buf_init(&url, api_public_url(call->api).n + call->request->path.n + call->request->query.n +
                       KEY_MAX + 64);
    buf_printf(&url, "%.*s/bzctrl-core-api/api/v1/tasks/", STR_ARG(api_public_url(call->api)));
    buf_record_key(&url, record->workspace->key, record->task.number);
    if (rest.p != NULL) {
        buf_char(&url, '/');
        buf_add(&url, rest);
    }
    if (call->request->query.n > 0) {
        buf_char(&url, '?');
        buf_add(&url, call->request->query);
    }
    struct http_header location = {STR("Location"), buf_err(&url) == ERR_OK
                                                        ? arena_str(call->op.arena, buf_str(&url))
                                                        : STR_NONE};
    buf_finish(&url);
    if (location.value.p == NULL)
        return ERR_MEMORY;
    (void)call_answer(call, 308, STR_NONE, &location, 1);
    return ERR_ANSWERED;
}

static enum err record_only_read(struct call *call, enum right right)
{
    return call_refuse(call, 403, "%s",
                       right == RIGHT_COMMENT
                           ? "You can read this record but not add to it: people need the role of "
                             "a member for that, and clients add to what they have sent."
                           : "You can only read this record; to change it you need the role of a "
                             "member.");
}

enum err record_find_by_any_key(struct call *call, enum right right, struct record *ret_record)
{
    enum err err = record_read(call, call->parameters[0], ret_record);
    bool reached = err == ERR_OK && record_reached(call, ret_record, right);
    if (err == ERR_OK && !reached && !record_reached(call, ret_record, RIGHT_READ))
        err = ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND)
        return record_missing(call);
    if (err != ERR_OK)
        return err;
    return reached ? ERR_OK : record_only_read(call, right);
}

enum err record_find(struct call *call, enum right right, struct record *ret_record)
{
    enum err err = record_find_by_any_key(call, right, ret_record);
    return err == ERR_OK && ret_record->moved ? record_redirect(call, ret_record) : err;
}

enum err record_named(struct call *call, struct str key, struct record *ret_record)
{
    enum err err = record_read(call, utf8_trim(key), ret_record);
    return err == ERR_OK && !record_reached(call, ret_record, RIGHT_READ) ? ERR_NOT_FOUND : err;
}

/* ---- as long as an answer lasts ---- */

struct record_watch record_watch_begin(const struct record *record)
{
    return (struct record_watch){.workspace = record->workspace, .task_id = record->task.id};
}

enum err record_watch(struct call *call, struct record_watch *watch)
{
    int64_t workspace_id, source_id;
    bool first = !watch->begun;
    watch->begun = true;
    if (first)
        return ERR_OK;
    call_refresh_directory(call);
    enum err err = call->caller == NULL ? op_fail(&call->op, ERR_FORBIDDEN,
                                                  "the caller's account is not there any more")
                                        : call_expect_still(call, call->directory);
    if (err == ERR_OK)
        err = store_task_place(call->db, &call->op, watch->task_id, &workspace_id, &source_id);
    if (err != ERR_OK)
        return err;
    watch->workspace = directory_workspace_by_id(call->directory, workspace_id);
    if (watch->workspace == NULL)
        return op_fail(&call->op, ERR_UNAVAILABLE, "the record was moved while it was sent");
    enum reach reach = right_reach(call->directory, call->caller, RIGHT_READ, watch->workspace);
    return reach_covers(reach, call->caller, source_id)
               ? ERR_OK
               : op_fail(&call->op, ERR_FORBIDDEN,
                         "the caller has lost the right to read the record");
}

/* ---- showing it ---- */

void call_put_task(struct call *call, const char *name, const struct task *task)
{
    struct task shown = *task;
    if (call->caller->kind == ACCOUNT_PERSON)
        shown.comment_count += shown.internal_count;
    task_encode(&call->json, name, &shown, call->directory, api_public_url(call->api),
                call->op.now);
}

/* ---- its version ---- */

/* Which members have changed: a bit for each field of the table, and three more. */
enum { CHANGED_PARENT = TASK_FIELDS, CHANGED_FOLLOWERS, CHANGED_AWAITS, CHANGED_COUNT };
_Static_assert(CHANGED_COUNT <= 64, "a bit for each member");

static const char *changed_name(size_t i)
{
    static const char *const others[] = {"parent", "followers", "awaits"};
    return i < TASK_FIELDS ? task_fields[i].member : others[i - TASK_FIELDS];
}

/* The version that If-Match names; 0 if it cannot be one. */
static int64_t version_sent(struct call *call)
{
    struct str tag = str_trim(http_header_get(call->request, STR("if-match")));
    uint64_t version = 0;
    if (str_starts(tag, STR("W/")))
        tag = str_from(tag, 2);
    if (tag.n < 2 || !str_to_u64(str_sub(tag, 1, tag.n - 2), INT64_MAX, &version))
        return 0;
    return (int64_t)version;
}

/* Is it about a comment or an attachment? Those change the record's version and none of the members
 * that a change can set. */
static bool event_is_of_part(const struct event *event)
{
    return str_eq(event->action, STR("task.commented")) ||
           str_eq(event->action, STR("task.attached"));
}

/* One that was erased may have changed any of them. */
enum err record_changed_add(struct op *op, const struct event *event, uint64_t *changed)
{
    struct arena tree;
    const struct json *json;
    struct str payload = event->payload;
    if (event_is_of_part(event))
        return ERR_OK;
    if (payload.p == NULL) {
        *changed = UINT64_MAX;
        return ERR_OK;
    }
    arena_init(&tree, PAYLOAD_TREE_MAX);
    enum err err = json_read_written(op, &tree, payload, &json);
    const struct json *m = err == ERR_OK && json->kind == JSON_OBJECT ? json->first : NULL;
    for (; m != NULL; m = m->next)
        for (size_t i = 0; i < CHANGED_COUNT; i++)
            if (changed_name(i) != NULL && str_eq(m->name, str_of(changed_name(i))))
                *changed |= UINT64_C(1) << i;
    arena_finish(&tree);
    return err;
}

void json_put_changed(struct json_writer *json, uint64_t changed)
{
    json_begin_list(json, "changed");
    for (size_t i = 0; i < CHANGED_COUNT; i++)
        if ((changed >> i & 1) != 0 && changed_name(i) != NULL)
            json_put_text(json, NULL, str_of(changed_name(i)));
    json_end(json);
}

/* From the events after the version; everything, if they are too many. */
enum err record_changed_since(struct call *call, const struct record *record, int64_t version,
                              struct record_since *ret_since)
{
    struct record_since since = {0};
    int64_t left = record->task.version - version, seq = record->task.last_seq;
    bool all = version <= 0 || left < 0 || left > EVENTS_MAX;
    struct arena arena;
    struct op op = {.arena = &arena, .now = call->op.now};
    enum err err = ERR_OK;
    since.changed = all ? UINT64_MAX : 0;
    if (all)
        left = 1;
    arena_init(&arena, EVENTS_BYTES);
    while (left > 0 && seq > 0 && err == ERR_OK) {
        struct event_list events;
        err = store_events_back(call->db, &op, record->workspace->domain->id, seq,
                                left < EVENTS_READ ? left : EVENTS_READ, &events);
        if (err != ERR_OK || events.n == 0)
            break;
        for (size_t i = 0; i < events.n && since.newest.seq == 0; i++)
            if (!event_is_of_part(&events.items[i]))
                since.newest = (struct event){.seq = events.items[i].seq,
                                              .at = events.items[i].at,
                                              .actor_id = events.items[i].actor_id};
        for (size_t i = 0; i < events.n && err == ERR_OK && !all; i++)
            err = record_changed_add(&op, &events.items[i], &since.changed);
        left -= (int64_t)events.n;
        seq = events.items[events.n - 1].previous_seq;
        arena_reset(&arena);
    }
    arena_finish(&arena);
    since.seq = all ? 0 : seq;
    *ret_since = since;
    return err;
}

/* What is needed to go on: a client can merge what does not touch. */
enum err record_refuse_stale(struct call *call, const struct record *record,
                             const struct record_since *since, struct str detail, bool shows)
{
    struct json_writer *json = &call->json;
    struct http_header etag = call_etag(call, record->task.version);
    const struct account *by = directory_account_by_id(call->directory, since->newest.actor_id);
    buf_clear(&call->body);
    json_writer_init(json, &call->body);
    call->note.detail = detail;
    json_begin_object(json, NULL);
    json_put_text(json, "type", STR("about:blank"));
    json_put_text(json, "title", http_reason(412));
    json_put_i64(json, "status", 412);
    json_put_text(json, "detail", detail);
    if (shows)
        call_put_task(call, "current", &record->task);
    else
        json_put_i64(json, "version", record->task.version);
    json_put_changed(json, since->changed);
    json_put_text(json, "by", by == NULL ? STR_NONE : by->email);
    json_put_time(json, "at", since->newest.seq == 0 ? record->task.updated_at : since->newest.at);
    json_end(json);
    if (etag.value.p == NULL || buf_err(&call->body) != ERR_OK)
        return ERR_MEMORY;
    (void)call_answer(call, 412, STR("application/problem+json"), &etag, 1);
    return ERR_ANSWERED;
}

enum err record_expect_version_sent(struct call *call, const struct record *record)
{
    return http_header_get(call->request, STR("if-match")).p == NULL
               ? ERR_OK
               : record_expect_version(call, record);
}

enum err record_expect_version(struct call *call, const struct record *record)
{
    enum err err = call_expect_version(call, record->task.version);
    if (err != ERR_ANSWERED || call->answer.status != 412)
        return err;
    struct record_since since;
    err = record_changed_since(call, record, version_sent(call), &since);
    return err == ERR_OK
               ? record_refuse_stale(call, record, &since,
                                     STR("This record has changed since you read it; \"current\" "
                                         "is what it is now, \"changed\" what is different."),
                                     true)
               : err;
}
