#include "core/meeting_read.h"

#include "base/clock.h"
#include "base/container.h"
#include "core/task_cursor.h"
#include "core/task_index.h"
#include "json/read.h"
#include "model/key.h"
#include "model/task_query.h"
#include "model/task_state.h"
#include "store/link.h"
#include "store/meeting.h"
#include "store/meeting_history.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    EVENTS_AT_ONCE = 16,                       /* each can say 8 MiB */
    EVENTS_MEMORY = 512 * 1024 * 1024,         /* of these, and of one of them parsed */
    CHANGES_BYTES = MEETING_MINUTES_BYTES / 2, /* of the minutes, after which no more are listed */
    SINCE_BYTES = 4 * 1024 * 1024,
    RECORD_LIMIT = TASK_LIST_MAX,
    INDEX_WAIT_MS = 100,      /* for the index to be written to, */
    INDEX_PATIENCE_MS = 5000, /* … until it can be asked */
};

static const int64_t DAY_MS = INT64_C(86400000);

/* ---- what has happened since the session before ---- */

/* A record that was closed, or whose due date was moved. */
struct touched {
    int64_t task_id, order;
    bool closes, moves;
    int64_t by;
    int32_t before, after; /* the due date, where it moves */
};

struct since_item {
    struct meeting_record record;
    int64_t by;            /* who closed or moved it */
    int32_t before, after; /* the due date of one that was moved */
    bool duplicate;        /* of another record, which has its amount */
    bool open;             /* of one that was created */
};

struct since_list {
    struct since_item *items; /* MEETING_LISTED_MAX */
    size_t n;
    int64_t count; /* of all, listed or not */
};

struct since {
    struct core_read read;
    struct op *op;
    const struct directory *directory;
    const struct meeting *meeting;
    struct meeting_reading *reading;
    struct touched *touched;
    size_t touched_count, touched_max;
    struct since_list closed, created, moved, awaiting;
    uint64_t euros, cents;    /* of closed records, without duplicates */
    int64_t from_at;          /* when the session before ended, or that long ago */
    int64_t previous_overdue; /* -1: this is the first */
};

static bool covered(const struct since *since, const struct meeting_record *record)
{
    const struct workspace *workspace =
        directory_workspace_by_id(since->directory, record->workspace_id);
    return workspace != NULL && meeting_covers(since->directory, since->meeting, workspace);
}

/* Counts a record, and names it while there is room. */
static void list_add(struct since_list *list, struct since_item item)
{
    list->count++;
    if (list->n < MEETING_LISTED_MAX)
        list->items[list->n++] = item;
}

/* The first and the second value of a change of the due date; false when there is none. */
static bool due_moved(const struct json *payload, int32_t *ret_before, int32_t *ret_after)
{
    const struct json *pair =
        payload->kind == JSON_OBJECT ? json_member(payload, STR("dueDate")) : NULL;
    *ret_before = *ret_after = DATE_NONE;
    if (pair == NULL || pair->kind != JSON_LIST || pair->n != 2)
        return false;
    (void)date_read(json_text(pair->first), ret_before);
    (void)date_read(json_text(pair->first->next), ret_after);
    return true;
}

static enum err touched_add(struct since *since, const struct meeting_change *change,
                            struct op *part)
{
    struct touched one = {.task_id = change->record.task_id,
                          .order = change->seq,
                          .closes = str_eq(change->action, STR("task.closed")),
                          .by = change->actor_id,
                          .before = DATE_NONE,
                          .after = DATE_NONE};
    const struct json *payload;
    if (change->payload.p != NULL) {
        enum err err = json_read_written(part, part->arena, change->payload, &payload);
        if (err != ERR_OK)
            return err;
        one.moves = due_moved(payload, &one.before, &one.after);
    }
    if (!one.closes && !one.moves)
        return ERR_OK;
    if (since->touched_count == since->touched_max) {
        size_t max = since->touched_max == 0 ? 256 : 2 * since->touched_max;
        struct touched *items = ARENA_ARRAY(since->op->arena, struct touched, max);
        if (items == NULL)
            return ERR_MEMORY;
        for (size_t i = 0; i < since->touched_count; i++)
            items[i] = since->touched[i];
        since->touched = items;
        since->touched_max = max;
    }
    since->touched[since->touched_count++] = one;
    return ERR_OK;
}

/* What was closed or moved in a part of a chain. */
static enum err chain_touched(struct since *since, struct db *db, const struct chain *chain,
                              const struct meeting_range *range)
{
    struct arena arena;
    struct op part = {.arena = &arena, .now = since->op->now};
    struct meeting_changes changes = {.n = EVENTS_AT_ONCE};
    int64_t after = range->from;
    enum err err = ERR_OK;
    arena_init(&arena, EVENTS_MEMORY);
    while (err == ERR_OK && changes.n == EVENTS_AT_ONCE) {
        arena_reset(&arena);
        err = store_meeting_changes_after(db, &part, chain, after, range->start, true,
                                          EVENTS_AT_ONCE, &changes);
        for (size_t i = 0; err == ERR_OK && i < changes.n; i++) {
            struct arena_mark mark = arena_mark(&arena);
            after = changes.items[i].seq;
            err = touched_add(since, &changes.items[i], &part);
            arena_rewind(&arena, mark); /* parsed, it takes forty times its bytes */
        }
    }
    if (err != ERR_OK)
        op_say(since->op, "%s", part.detail);
    arena_finish(&arena);
    return err;
}

/* What was created in a part of a chain: all are counted, the newest are named. */
static enum err chain_created(struct since *since, struct db *db, const struct chain *chain,
                              const struct meeting_range *range)
{
    struct op *op = since->op;
    const struct meeting_created *created;
    struct meeting_creation *page =
        ARENA_ARRAY(op->arena, struct meeting_creation, MEETING_LISTED_MAX);
    size_t n = MEETING_LISTED_MAX, room = since->created.n;
    int64_t before = range->start, count = 0, counted = since->created.count;
    if (page == NULL)
        return ERR_MEMORY;
    size_t kinds = 0;
    enum err err =
        store_meeting_created_count(db, op, chain, range->from, range->start, &created, &kinds);
    for (size_t i = 0; err == ERR_OK && i < kinds; i++) {
        struct meeting_record any = {.workspace_id = created[i].workspace_id};
        count += covered(since, &any) ? created[i].count : 0;
    }
    while (err == ERR_OK && n == MEETING_LISTED_MAX && since->created.n < MEETING_LISTED_MAX &&
           (int64_t)(since->created.n - room) < count) {
        err = store_meeting_created_back(db, op, chain, range->from, before, MEETING_LISTED_MAX,
                                         page, &n);
        for (size_t i = 0; err == ERR_OK && i < n; i++) {
            before = page[i].seq - 1;
            if (covered(since, &page[i].record))
                list_add(&since->created, (struct since_item){.record = page[i].record});
        }
    }
    since->created.count = counted + count; /* whether or not they are named */
    return err;
}

/* By record, in the order of the events. */
static int touched_cmp(const void *a, const void *b)
{
    const struct touched *left = a, *right = b;
    if (left->task_id != right->task_id)
        return left->task_id < right->task_id ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

/* A duplicate counts, but its amount is not settled: it is still that of the other record. */
static enum err closed_add(struct since *since, struct db *db, const struct meeting_status *now,
                           int64_t by)
{
    int64_t original;
    enum err err = store_link_original(db, since->op, now->record.task_id, &original);
    if (err != ERR_OK)
        return err;
    list_add(&since->closed,
             (struct since_item){.record = now->record, .by = by, .duplicate = original != 0});
    if (original == 0 && now->cents != CENTS_NONE) {
        since->cents += (uint64_t)(now->cents % 100);
        since->euros += (uint64_t)(now->cents / 100) + since->cents / 100;
        since->cents %= 100;
    }
    return ERR_OK;
}

/* All events of one record, the oldest first: one that was opened again is not closed. One that was moved several
 * times was moved from the first date to the last; one that is where it was, as after an undo, was not moved. */
static enum err touched_record(struct since *since, struct db *db, const struct touched *events,
                               size_t n)
{
    struct since_item moved = {.before = DATE_NONE, .after = DATE_NONE};
    const struct touched *closing = NULL, *first = NULL;
    struct meeting_status now;
    enum err err = store_meeting_status(db, since->op, events->task_id, &now);
    if (err != ERR_OK || !covered(since, &now.record))
        return err;
    moved.record = now.record;
    for (size_t i = 0; i < n; i++) {
        if (events[i].closes)
            closing = &events[i];
        if (!events[i].moves)
            continue;
        if (first == NULL)
            first = &events[i];
        if (moved.before == DATE_NONE)
            moved.before = events[i].before;
        moved.after = events[i].after;
        moved.by = events[i].by;
    }
    if (moved.before != DATE_NONE && moved.after != first->before && moved.after != moved.before)
        list_add(&since->moved, moved);
    return closing != NULL && now.status == STATUS_DONE ? closed_add(since, db, &now, closing->by)
                                                        : ERR_OK;
}

static enum err touched_fold(struct since *since, struct db *db)
{
    struct touched *items = since->touched;
    enum err err = ERR_OK;
    if (since->touched_count > 0)
        qsort(items, since->touched_count, sizeof *items, touched_cmp);
    for (size_t i = 0, next; i < since->touched_count && err == ERR_OK; i = next) {
        for (next = i + 1; next < since->touched_count && items[next].task_id == items[i].task_id;)
            next++;
        err = touched_record(since, db, &items[i], next - i);
    }
    return err;
}

static enum err awaiting_read(struct since *since, struct db *db)
{
    struct op *op = since->op;
    struct meeting_record *page = ARENA_ARRAY(op->arena, struct meeting_record, MEETING_LISTED_MAX);
    enum err err = page == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < since->directory->workspace_count && err == ERR_OK; i++) {
        const struct workspace *workspace = &since->directory->workspaces[i];
        int64_t count = 0;
        size_t n = 0;
        if (!meeting_covers(since->directory, since->meeting, workspace))
            continue;
        err = store_meeting_proposed(db, op, workspace->id, MEETING_LISTED_MAX, page, &n, &count);
        for (size_t k = 0; k < n && err == ERR_OK; k++)
            list_add(&since->awaiting, (struct since_item){.record = page[k]});
        since->awaiting.count += count - (int64_t)n;
    }
    return err;
}

/* ---- positions ---- */

/* A chain as it is; one that has no events yet has seq 0. */
static enum err chain_find(struct db *db, struct op *op, int64_t domain_id, struct chain *ret_chain)
{
    enum err err = store_chain_get(db, op, domain_id, ret_chain);
    if (err != ERR_NOT_FOUND)
        return err;
    *ret_chain = (struct chain){.domain_id = domain_id};
    return ERR_OK;
}

/* Does the series cover anything of the domain? */
static bool covers_domain(const struct since *since, const struct domain *domain)
{
    const struct directory *directory = since->directory;
    const struct domain *top = directory_domain_by_id(directory, since->meeting->domain_id);
    if (since->meeting->workspaces.n == 0)
        return top != NULL && key_covers(top->key, domain->key);
    bool covers = false;
    for (size_t i = 0; i < directory->workspace_count && !covers; i++)
        covers = directory->workspaces[i].domain == domain &&
                 meeting_covers(directory, since->meeting, &directory->workspaces[i]);
    return covers;
}

/* Where the session before ended in a chain; what it did not cover begins at the same time. */
static enum err range_from(const struct since *since, struct db *db, const struct chain *chain,
                           const struct meeting_parts *previous, int64_t *ret_seq)
{
    for (size_t i = 0; i < previous->range_count; i++)
        if (previous->ranges[i].domain_id == chain->domain_id) {
            *ret_seq = previous->ranges[i].end;
            return ERR_OK;
        }
    return store_meeting_seq_at(db, since->op, chain, since->from_at, ret_seq);
}

static enum err ranges_read(struct since *since, struct db *db,
                            const struct meeting_parts *previous)
{
    const struct directory *directory = since->directory;
    struct meeting_reading *reading = since->reading;
    enum err err = ERR_OK;
    reading->ranges =
        ARENA_ARRAY(since->op->arena, struct meeting_range, directory->domain_count + 1);
    reading->range_count = 0;
    if (reading->ranges == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < directory->domain_count && err == ERR_OK; i++) {
        struct meeting_range range = {.domain_id = directory->domains[i].id, .end = -1};
        struct chain chain;
        if (!covers_domain(since, &directory->domains[i]))
            continue;
        err = chain_find(db, since->op, range.domain_id, &chain);
        if (err == ERR_OK)
            err = range_from(since, db, &chain, previous, &range.from);
        range.start = chain.seq;
        if (err == ERR_OK)
            err = chain_touched(since, db, &chain, &range);
        if (err == ERR_OK)
            err = chain_created(since, db, &chain, &range);
        reading->ranges[reading->range_count++] = range;
    }
    return err;
}

/* ---- the walk ---- */

static void pick(struct meeting_reading *reading, int64_t task_id, enum meeting_reason reason)
{
    bool known = false;
    for (size_t i = 0; i < reading->pick_count && !known; i++)
        known = reading->picks[i].task_id == task_id;
    if (known)
        return;
    if (reading->pick_count == MEETING_WALK_MAX)
        reading->more = true;
    else
        reading->picks[reading->pick_count++] = (struct meeting_pick){task_id, reason};
}

/* A list of records, each in a transaction of its own, as the index wants it. */
struct walk_list {
    struct core_read read;
    struct core *core;
    struct op *op;
    const struct directory *directory;
    const struct account *caller;
    const struct meeting *meeting;
    struct str q;
    enum task_sort sort;
    bool total;
    int64_t ids[RECORD_LIMIT]; /* the result */
    size_t n;
    char cursor[TASK_LIST_CURSOR_MAX];
    struct str next; /* absent: there are no more */
    int64_t count;
};

/* All workspaces that the series covers. */
static enum err scope_add(const struct walk_list *walk, struct task_query *query)
{
    const struct meeting *meeting = walk->meeting;
    struct str *keys = ARENA_ARRAY(walk->op->arena, struct str, meeting->workspaces.n + 1);
    size_t n = 0;
    if (keys == NULL)
        return ERR_MEMORY;
    if (meeting->workspaces.n == 0) {
        const struct domain *domain = directory_domain_by_id(walk->directory, meeting->domain_id);
        keys[n++] = domain == NULL ? STR("") : domain->key;
        return task_query_parameter(query, STR("domain"), (struct str_list){keys, n});
    }
    for (size_t i = 0; i < meeting->workspaces.n; i++) {
        const struct workspace *workspace =
            directory_workspace_by_id(walk->directory, meeting->workspaces.items[i]);
        if (workspace != NULL)
            keys[n++] = workspace->key;
    }
    return task_query_parameter(query, STR("workspace"), (struct str_list){keys, n});
}

static enum err walk_run(struct core_read *read, struct db *db)
{
    struct walk_list *walk = container_of(read, struct walk_list, read);
    struct op *op = walk->op;
    struct task_query *query = ARENA_NEW(op->arena, struct task_query);
    struct task_list_request list = {.sort = walk->sort,
                                     .total = walk->total && walk->next.p == NULL,
                                     .limit = RECORD_LIMIT - walk->n,
                                     .cursor = walk->next};
    struct task_page page;
    if (query == NULL)
        return ERR_MEMORY;
    query->op = op;
    query->directory = walk->directory;
    query->caller = walk->caller;
    enum err err = scope_add(walk, query);
    if (err == ERR_OK)
        err = task_query_read(query, walk->q);
    if (err == ERR_OK)
        err = task_query_end(query, &list.filter);
    if (err == ERR_OK)
        err = core_task_list(db, op, core_task_index(walk->core), &list, &page);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < page.tasks.n; i++)
        walk->ids[walk->n++] = page.tasks.items[i].id;
    walk->next = task_cursor_keep(page.next, walk->cursor);
    if (list.total)
        walk->count = page.total;
    return ERR_OK;
}

static enum err walk_ask(struct walk_list *walk, struct op *op, enum meeting_reason reason)
{
    struct buf q;
    buf_init(&q, 256);
    walk->sort = reason == MEETING_UNDATED ? SORT_CREATED : SORT_DUE;
    walk->total = reason == MEETING_OVERDUE;
    if (reason == MEETING_OVERDUE) {
        BUF_LIT(&q, "is:overdue");
    } else if (reason == MEETING_PROMISED) {
        BUF_LIT(&q, "is:open due:<=");
        buf_date(&q, date_of_time(op->now) + meeting_period(walk->meeting));
    } else if (reason == MEETING_UNDATED) {
        BUF_LIT(&q, "is:open due:none");
    } else {
        walk->sort = SORT_UPDATED;
        BUF_LIT(&q, "is:open updated:<");
        buf_date(&q, date_of_time(op->now) - MEETING_UNTOUCHED_DAYS);
    }
    enum err err = buf_move(&q, op->arena, &walk->q);
    struct arena_mark mark = arena_mark(op->arena);
    walk->n = 0;
    walk->next = STR_NONE;
    /* A whole meeting waits for this: better some seconds than a refusal while the index lags. */
    for (int64_t until = clock_ticks() + INDEX_PATIENCE_MS; err == ERR_OK;) {
        walk->read = (struct core_read){.op = op, .run = walk_run};
        err = core_read_wait(walk->core, &walk->read);
        arena_rewind(op->arena, mark);
        if (err == ERR_OK && (walk->next.p == NULL || walk->n == RECORD_LIMIT))
            return ERR_OK;
        if (err != ERR_NOT_READY)
            continue;
        if (clock_ticks() >= until)
            return op_fail(op, err, "The index of records is being built; start a little later.");
        op_forget(op);
        task_index_hurry(core_task_index(walk->core), INDEX_WAIT_MS);
        err = ERR_OK;
    }
    return err;
}

/* The records that the series is about, each for the first reason that fits. */
static enum err walk_read(struct since *since, struct walk_list *walk)
{
    struct meeting_reading *reading = since->reading;
    enum err err = walk_ask(walk, since->op, MEETING_OVERDUE);
    reading->overdue = walk->count;
    for (size_t i = 0; i < since->meeting->walk.n && err == ERR_OK; i++) {
        enum meeting_reason reason;
        if (!meeting_reason_read(since->meeting->walk.items[i], &reason))
            return op_fail(since->op, ERR_CORRUPT, "the series has another kind of walk");
        if (reason == MEETING_NEW) {
            for (size_t k = 0; k < since->created.n; k++)
                if (since->created.items[k].open)
                    pick(reading, since->created.items[k].record.task_id, reason);
            reading->more = reading->more || since->created.count > (int64_t)since->created.n;
            continue;
        }
        if (reason != MEETING_OVERDUE || i > 0)
            err = walk_ask(walk, since->op, reason);
        for (size_t k = 0; k < walk->n && err == ERR_OK; k++)
            pick(reading, walk->ids[k], reason);
        reading->more = reading->more || walk->next.p != NULL;
    }
    return err;
}

/* ---- as JSON ---- */

static void list_put(struct json_writer *json, const struct since *since,
                     const struct since_list *list)
{
    json_put_i64(json, "count", list->count);
    json_begin_list(json, "items");
    for (size_t i = 0; i < list->n; i++) {
        const struct since_item *item = &list->items[i];
        json_begin_object(json, NULL);
        json_put_meeting_record(json, "key", &item->record, since->directory);
        json_put_text(json, "title", item->record.title);
        if (list == &since->moved) {
            json_put_date(json, "from", item->before);
            json_put_date(json, "to", item->after);
        }
        if (list == &since->closed)
            json_put_flag(json, "duplicate", item->duplicate);
        if (list == &since->closed || list == &since->moved)
            json_put_account(json, "by", item->by, since->directory);
        json_end(json);
    }
    json_end(json);
}

static enum err since_write(const struct since *since, struct str *ret_text)
{
    struct buf buf;
    struct json_writer json;
    const struct meeting_reading *reading = since->reading;
    buf_init(&buf, SINCE_BYTES);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_put_time(&json, "from", since->from_at);
    json_put_flag(&json, "first", since->previous_overdue < 0);
    json_begin_object(&json, "closed");
    json_put_begin(&json, "financialImpact");
    buf_printf(&buf, "\"%" PRIu64 ".%02u\"", since->euros, (unsigned)since->cents);
    list_put(&json, since, &since->closed);
    json_end(&json);
    json_begin_object(&json, "new");
    list_put(&json, since, &since->created);
    json_end(&json);
    json_begin_object(&json, "moved");
    list_put(&json, since, &since->moved);
    json_end(&json);
    json_begin_object(&json, "overdue");
    json_put_i64(&json, "count", reading->overdue);
    if (since->previous_overdue < 0)
        json_put_null(&json, "change");
    else
        json_put_i64(&json, "change", reading->overdue - since->previous_overdue);
    json_end(&json);
    json_begin_object(&json, "awaiting");
    list_put(&json, since, &since->awaiting);
    json_end(&json);
    json_end(&json);
    return buf_move(&buf, since->op->arena, ret_text);
}

/* ---- reading it all ---- */

/* Which of those that were created are open. */
static enum err created_open(struct since *since, struct db *db)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < since->created.n && err == ERR_OK; i++) {
        struct meeting_status now;
        err = store_meeting_status(db, since->op, since->created.items[i].record.task_id, &now);
        since->created.items[i].open =
            err == ERR_OK && status_is_open((enum task_status)now.status);
    }
    return err;
}

static enum err since_run(struct core_read *read, struct db *db)
{
    struct since *since = container_of(read, struct since, read);
    struct op *op = since->op;
    struct meeting_reading *reading = since->reading;
    struct meeting_session previous = {.closed_at = op->now};
    struct meeting_parts parts = {0};
    *reading = (struct meeting_reading){0};
    since->touched = NULL;
    since->touched_count = since->touched_max = 0;
    since->euros = since->cents = 0;
    enum err err = store_meeting_session_newest(db, op, since->meeting->id, &previous);
    bool first = err == ERR_NOT_FOUND;
    if (!first && err != ERR_OK)
        return err;
    reading->previous_id = previous.id;
    reading->number = previous.number + 1;
    reading->running = previous.closed_at == TIME_NONE;
    if (reading->running)
        return ERR_OK;
    since->from_at = first ? op->now - meeting_period(since->meeting) * DAY_MS : previous.closed_at;
    since->previous_overdue = first ? -1 : previous.overdue;

    struct since_list *const lists[] = {&since->closed, &since->created, &since->moved,
                                        &since->awaiting};
    err = first ? ERR_OK : store_meeting_session_parts(db, op, previous.id, &parts);
    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && err == ERR_OK; i++) {
        *lists[i] = (struct since_list){
            .items = ARENA_ARRAY(op->arena, struct since_item, MEETING_LISTED_MAX)};
        err = lists[i]->items == NULL ? ERR_MEMORY : ERR_OK;
    }
    for (size_t i = 0; i < parts.note_count && err == ERR_OK; i++)
        if (parts.notes[i].record.task_id != 0 && covered(since, &parts.notes[i].record))
            pick(reading, parts.notes[i].record.task_id, MEETING_PARKED);
    if (err == ERR_OK)
        err = ranges_read(since, db, &parts);
    if (err == ERR_OK)
        err = touched_fold(since, db);
    if (err == ERR_OK)
        err = created_open(since, db);
    return err == ERR_OK ? awaiting_read(since, db) : err;
}

enum err core_meeting_read(struct core *core, struct op *op, const struct directory *directory,
                           const struct account *caller, const struct meeting *meeting,
                           struct meeting_reading *reading)
{
    struct since since = {.read = {.op = op, .run = since_run},
                          .op = op,
                          .directory = directory,
                          .meeting = meeting,
                          .reading = reading};
    struct walk_list *walk = ARENA_NEW(op->arena, struct walk_list);
    if (walk == NULL)
        return ERR_MEMORY;
    *walk = (struct walk_list){
        .core = core, .op = op, .directory = directory, .caller = caller, .meeting = meeting};
    enum err err = core_read_wait(core, &since.read);
    if (err != ERR_OK || reading->running)
        return err;
    err = walk_read(&since, walk);
    return err == ERR_OK ? since_write(&since, &reading->since) : err;
}

/* ---- the end ---- */

struct ending {
    struct core_read read;
    struct op *op;
    struct since scope; /* for what the series covers */
    const struct meeting_session *session;
    struct meeting_parts *parts;
    struct str *changes;
    int64_t *decided; /* records that were changed or noted, some of them more than once */
    size_t decided_count;
};

static enum err change_put(struct json_writer *json, struct op *part,
                           const struct directory *directory, const struct meeting_change *change)
{
    const struct json *payload = NULL;
    enum err err = change->payload.p == NULL
                       ? ERR_OK
                       : json_read_written(part, part->arena, change->payload, &payload);
    json_begin_object(json, NULL);
    json_put_meeting_record(json, "key", &change->record, directory);
    json_put_text(json, "title", change->record.title);
    json_put_time(json, "at", change->at);
    json_put_account(json, "actor", change->actor_id, directory);
    json_put_text(json, "action", change->action);
    json_put_meeting_change(json, payload);
    json_end(json);
    return err;
}

/* The changes in a part of a chain, up to MEETING_CHANGES_MAX in all. */
static enum err chain_changes(struct ending *ending, struct db *db, const struct chain *chain,
                              const struct meeting_range *range, struct json_writer *json,
                              size_t *count)
{
    struct arena arena;
    struct op part = {.arena = &arena, .now = ending->op->now};
    struct meeting_changes changes = {.n = EVENTS_AT_ONCE};
    int64_t after = range->start;
    enum err err = ERR_OK;
    arena_init(&arena, EVENTS_MEMORY);
    while (err == ERR_OK && changes.n == EVENTS_AT_ONCE && *count <= MEETING_CHANGES_MAX) {
        arena_reset(&arena);
        err = store_meeting_changes_after(db, &part, chain, after, range->end, false,
                                          EVENTS_AT_ONCE, &changes);
        for (size_t i = 0; err == ERR_OK && i < changes.n; i++) {
            struct arena_mark mark = arena_mark(&arena);
            after = changes.items[i].seq;
            if (covered(&ending->scope, &changes.items[i].record) &&
                ++*count <= MEETING_CHANGES_MAX) {
                ending->decided[ending->decided_count++] = changes.items[i].record.task_id;
                err = change_put(json, &part, ending->scope.directory, &changes.items[i]);
            }
            if (json->buf->n > CHANGES_BYTES)
                *count = MEETING_CHANGES_MAX + 1; /* there are more than have room */
            arena_rewind(&arena, mark);
        }
    }
    if (err != ERR_OK)
        op_say(ending->op, "%s", part.detail);
    arena_finish(&arena);
    return err;
}

static enum err created_between(struct ending *ending, struct db *db, const struct chain *chain,
                                const struct meeting_range *range, int64_t *count)
{
    const struct meeting_created *created;
    size_t n = 0;
    enum err err =
        store_meeting_created_count(db, ending->op, chain, range->start, range->end, &created, &n);
    for (size_t i = 0; err == ERR_OK && i < n; i++) {
        struct meeting_record any = {.workspace_id = created[i].workspace_id};
        *count += covered(&ending->scope, &any) ? created[i].count : 0;
    }
    return err;
}

static int id_cmp(const void *a, const void *b)
{
    const int64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static enum err record_put(const struct ending *ending, struct db *db, struct json_writer *json,
                           int64_t task_id)
{
    const struct directory *directory = ending->scope.directory;
    struct meeting_status now;
    int64_t original;
    enum err err = store_meeting_status(db, ending->op, task_id, &now);
    if (err == ERR_OK)
        err = store_link_original(db, ending->op, task_id, &original);
    if (err != ERR_OK || !covered(&ending->scope, &now.record))
        return err;
    json_begin_object(json, NULL);
    json_put_meeting_record(json, "key", &now.record, directory);
    json_put_account(json, "assignee", now.assignee_id, directory);
    json_put_date(json, "dueDate", now.due_date);
    if (now.cents == CENTS_NONE) {
        json_put_null(json, "financialImpact");
    } else {
        json_put_begin(json, "financialImpact");
        buf_char(json->buf, '"');
        buf_money(json->buf, now.cents);
        buf_char(json->buf, '"');
    }
    json_put_flag(json, "duplicate", original != 0);
    json_end(json);
    return ERR_OK;
}

/* Whose the records are that something was decided on, and until when: each once. */
static enum err records_put(struct ending *ending, struct db *db, struct json_writer *json)
{
    const struct meeting_parts *parts = ending->parts;
    int64_t *ids = ending->decided;
    enum err err = ERR_OK;
    for (size_t i = 0; i < parts->note_count; i++)
        if (parts->notes[i].record.task_id != 0)
            ids[ending->decided_count++] = parts->notes[i].record.task_id;
    if (ending->decided_count > 0)
        qsort(ids, ending->decided_count, sizeof *ids, id_cmp);
    json_begin_list(json, "records");
    for (size_t i = 0; i < ending->decided_count && err == ERR_OK; i++)
        if (i == 0 || ids[i] != ids[i - 1])
            err = record_put(ending, db, json, ids[i]);
    json_end(json);
    return err;
}

/* {"items":[…],"records":[…],"more":false,"created":2}, and the end of each range. */
static enum err changes_write(struct ending *ending, struct db *db, struct json_writer *json)
{
    struct op *op = ending->op;
    struct meeting_parts *parts = ending->parts;
    struct meeting_range *ranges =
        ARENA_ARRAY(op->arena, struct meeting_range, parts->range_count + 1);
    int64_t created = 0;
    size_t count = 0;
    ending->decided = ARENA_ARRAY(op->arena, int64_t, MEETING_CHANGES_MAX + parts->note_count);
    ending->decided_count = 0;
    enum err err = ranges == NULL || ending->decided == NULL ? ERR_MEMORY : ERR_OK;
    json_begin_object(json, NULL);
    json_begin_list(json, "items");
    for (size_t i = 0; i < parts->range_count && err == ERR_OK; i++) {
        struct chain chain;
        ranges[i] = parts->ranges[i];
        err = chain_find(db, op, ranges[i].domain_id, &chain);
        ranges[i].end = chain.seq;
        if (err == ERR_OK)
            err = chain_changes(ending, db, &chain, &ranges[i], json, &count);
        if (err == ERR_OK)
            err = created_between(ending, db, &chain, &ranges[i], &created);
    }
    json_end(json);
    if (err == ERR_OK)
        err = records_put(ending, db, json);
    json_put_flag(json, "more", count > MEETING_CHANGES_MAX);
    json_put_i64(json, "created", created);
    json_end(json);
    parts->ranges = ranges;
    return err;
}

static enum err ending_run(struct core_read *read, struct db *db)
{
    struct ending *ending = container_of(read, struct ending, read);
    struct op *op = ending->op;
    struct buf buf;
    struct json_writer json;
    enum err err = store_meeting_session_parts(db, op, ending->session->id, ending->parts);
    if (err != ERR_OK)
        return err;
    buf_init(&buf, MEETING_MINUTES_BYTES);
    json_writer_init(&json, &buf);
    err = changes_write(ending, db, &json);
    if (err == ERR_OK)
        return buf_move(&buf, op->arena, ending->changes);
    buf_finish(&buf);
    return err;
}

enum err core_meeting_read_end(struct core *core, struct op *op, const struct directory *directory,
                               const struct meeting *meeting, const struct meeting_session *session,
                               struct meeting_parts *ret_parts, struct str *ret_changes)
{
    struct ending ending = {.read = {.op = op, .run = ending_run},
                            .op = op,
                            .scope = {.op = op, .directory = directory, .meeting = meeting},
                            .session = session,
                            .parts = ret_parts,
                            .changes = ret_changes};
    return core_read_wait(core, &ending.read);
}
