/* GET /tasks, /tasks/{key} and /tasks/{key}/events. */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/record.h"
#include "core/task.h"
#include "core/task_past.h"
#include "model/comment.h"
#include "model/event_json.h"
#include "model/key.h"
#include "model/right.h"
#include "model/task_state.h"

enum { EVENTS_READ = 64 }; /* at once */

/* ---- one record and its history ---- */

/* `at` as a number; ERR_ANSWERED (400). */
static enum err at_read(struct call *call, struct str text, int64_t *ret_seq)
{
    uint64_t seq;
    if (!str_to_u64(text, INT64_MAX, &seq) || seq == 0)
        return call_refuse(call, 400,
                           "\"at\" must be the seq of an event, a number from 1 on, not \"%.*s\".",
                           STR_ARG(str_sub(text, 0, 40)));
    *ret_seq = (int64_t)seq;
    return ERR_OK;
}

/* The record as it was after an event of its domain, with the version of then. */
static enum err answer_past(struct call *call, const struct record *record, int64_t seq)
{
    const struct domain *domain = record->workspace->domain;
    struct event event;
    struct task task;
    int64_t erased = 0;
    struct str key = STR_NONE;
    enum err err = store_event_get(call->db, &call->op, domain->id, seq, &event);
    if (err == ERR_NOT_FOUND)
        return call_refuse(call, 404, "%.*s has no event %lld yet.", STR_ARG(domain->key),
                           (long long)seq);
    if (err == ERR_OK)
        err = core_task_at(call->db, &call->op, call->directory, domain->id, &record->task, seq,
                           &task, &erased);
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        key = str_sub(call->parameters[0], 0, KEY_MAX);
    if (err == ERR_NOT_FOUND)
        return call_refuse(call, 404, "The record %.*s had not been created at event %lld of %.*s.",
                           STR_ARG(key), (long long)seq, STR_ARG(domain->key));
    if (err == ERR_OK && erased != 0)
        return call_refuse(call, 410,
                           "What event %lld says was erased, so nobody knows any more what %.*s "
                           "was then; ask for a later event.",
                           (long long)erased, STR_ARG(key));
    if (err != ERR_OK)
        return err;
    call->op.now = task.updated_at; /* what was overdue then */
    call_put_task(call, NULL, &task);
    return call_answer_version(call, 200, task.version, NULL, STR_NONE);
}

enum err task_get(struct call *call)
{
    static const char *const names[] = {"at", NULL};
    struct record record;
    int64_t seq = 0;
    enum err err = call_query_accept(call, names);
    struct str at = err == ERR_OK ? call_query(call, "at") : STR_NONE;
    if (err == ERR_OK && at.p != NULL)
        err = at_read(call, at, &seq);
    if (err == ERR_OK)
        err = record_find(call, RIGHT_READ, &record);
    if (err == ERR_OK && seq != 0)
        return answer_past(call, &record, seq);
    if (err != ERR_OK)
        return err;
    const struct task *task = &record.task;
    call_put_task(call, NULL, task);
    /* A record becomes overdue without a change, so its version does not say it: no 304 then. */
    int32_t today = zone_date(record.workspace->zone, call->op.now);
    return task_is_overdue(task->status, task->due_date, today)
               ? call_answer_etag(call, task->version)
               : call_answer_version(call, 200, task->version, NULL, STR_NONE);
}

/* How far an answer with a record's events is. Each can have 1 MiB, so it goes out in pieces. */
struct event_walk {
    struct record_watch watch;
    struct task task; /* its id and its newest event alone */
    int64_t before;   /* the last event that is out, or the cursor that was sent */
    int64_t left;     /* of the page */
    int64_t step;     /* as many are read at once; few, if few were enough for the piece before */
};

static enum err events_more(struct call *call, bool *ret_last)
{
    struct event_walk *walk = call->state;
    bool more, skipped = false; /* what is skipped fills no piece, but takes memory */
    enum err err = record_watch(call, &walk->watch);
    if (err != ERR_OK)
        return err;
    const struct domain *domain = walk->watch.workspace->domain;
    do {
        struct event_list events;
        size_t n = 0;
        int64_t step = walk->step < walk->left ? walk->step : walk->left;
        err = core_task_events(call->db, &call->op, domain->id, &walk->task, walk->before, step,
                               &events, &more);
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
                event_encode(&call->json, &events.items[n], call->directory, domain->key);
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
    walk->watch = record_watch_begin(&record);
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
