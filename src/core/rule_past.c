#include "core/rule_past.h"

#include "core/task.h"
#include "core/task_index.h"
#include "model/key.h"
#include "model/task_state.h"

enum { PEOPLE_KNOWN = 1000 };

static const int64_t DAY_MS = INT64_C(86400000);

struct past {
    struct op *op;
    const struct directory *directory;
    const struct workspace *workspace;
    const struct rule *rule;
    struct rule_set set;
    struct rule_past *result;
    int64_t known[PEOPLE_KNOWN]; /* people that were counted */
    size_t turn;
};

static void people_count(struct past *past, const int64_t *ids, size_t n)
{
    struct rule_past *result = past->result;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < result->people && past->known[k] != ids[i])
            k++;
        if (k == result->people && k < PEOPLE_KNOWN)
            past->known[result->people++] = ids[i];
    }
}

/* Copies what is shown, since the arena forgets the page that it is on. */
static enum err deed_add(struct past *past, struct arena *kept, const struct task *task, int64_t at,
                         int32_t step, const int64_t *ids, size_t n)
{
    struct rule_past *result = past->result;
    struct rule_deed deed = {.at = at, .step = step};
    struct buf key;
    result->count++;
    people_count(past, ids, n);
    if (result->shown == RULE_PAST_SHOWN)
        return ERR_OK;
    struct str *people = ARENA_ARRAY(kept, struct str, n + 1);
    if (people == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        people[i] = directory_account_by_id(past->directory, ids[i])->email;
    deed.people = (struct str_list){n == 0 ? NULL : people, n};
    enum err err = ERR_OK;
    if (task != NULL) {
        buf_init(&key, KEY_MAX + 32);
        buf_record_key(&key, past->workspace->key, task->number);
        err = buf_move(&key, kept, &deed.key);
        if (err == ERR_OK)
            err = arena_copy(kept, task->title, &deed.title);
    }
    if (err == ERR_OK)
        result->deeds[result->shown++] = deed;
    return err;
}

/* To whom it would have gone, in turn. */
static enum err assign_past(struct past *past, struct arena *kept, const struct task *task)
{
    const struct rule *rule = past->rule;
    bool chosen = task->assigned_at == TIME_NONE && task->assignee_id != task->reporter_id;
    if (chosen || task->created_at < past->result->since || rule->people.n == 0)
        return ERR_OK;
    const struct account *account =
        directory_account(past->directory, rule->people.items[past->turn++ % rule->people.n]);
    past->result->records++;
    int64_t id = account == NULL ? 0 : account->id;
    return deed_add(past, kept, task, task->created_at, 0, &id, account != NULL);
}

static enum err steps_past(struct past *past, struct arena *kept, const struct task *task)
{
    const struct rule *rule = past->rule;
    bool reminds = rule->kind == RULE_REMIND, any = false;
    int64_t closed_at = task_closed_at(task), ids[RULE_NOTIFIED_MAX];
    size_t n = rule_notified(past->directory, past->workspace, task, rule, ids);
    enum err err = ERR_OK;
    if (task->due_date == DATE_NONE)
        return ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < (reminds ? rule->step_count : 1); i++) {
        int32_t step = reminds ? rule->steps[i] : (int32_t)rule->days;
        int64_t at = rule_step_time(&past->set, rule, task->due_date, step);
        bool open = at > task->created_at && (closed_at == TIME_NONE || at < closed_at);
        if (!open || at < past->result->since || at > past->op->now)
            continue;
        any = true;
        err = deed_add(past, kept, task, at, step, ids, n);
    }
    past->result->records += any;
    return err;
}

/* The rule's filter, and only records that the last 30 days can be about. */
static enum err window_add(struct past *past, struct task_filter *filter)
{
    struct op *op = past->op;
    const struct rule *rule = past->rule;
    bool assigns = rule->kind == RULE_ASSIGN;
    struct filter_clause *clauses =
        ARENA_ARRAY(op->arena, struct filter_clause, filter->clause_count + 1);
    struct filter_value *window = ARENA_NEW(op->arena, struct filter_value);
    if (clauses == NULL || window == NULL)
        return ERR_MEMORY;
    /* A step is at most so many working days away, with all holidays between. */
    const int64_t reach = (int64_t)RULE_DAYS_MAX * 7 + HOLIDAYS_MAX + RULE_PAST_DAYS;
    int64_t steps = rule->kind == RULE_REMIND && rule->step_count > 0 ? 0 : rule->days;
    for (size_t i = 0; i < rule->step_count; i++) {
        int64_t step = rule->steps[i] < 0 ? -rule->steps[i] : rule->steps[i];
        steps = step > steps ? step : steps;
    }
    int64_t days = steps * 7 + (int64_t)past->set.workdays.holiday_count + RULE_PAST_DAYS + 7;
    int32_t today = zone_date(past->workspace->zone, op->now);
    days = days > reach ? reach : days;
    *window = assigns ? (struct filter_value){.op = FILTER_WITHIN,
                                              .number = past->result->since,
                                              .last = op->now}
                      : (struct filter_value){
                            .op = FILTER_WITHIN, .number = today - days, .last = today + days};
    for (size_t i = 0; i < filter->clause_count; i++)
        clauses[i] = filter->clauses[i];
    clauses[filter->clause_count++] = (struct filter_clause){
        .field = assigns ? FILTER_CREATED : FILTER_DUE, .values = window, .n = 1};
    filter->clauses = clauses;
    return ERR_OK;
}

static enum err records_past(struct past *past, struct db *db, struct task_index *index,
                             struct arena *kept)
{
    struct op *op = past->op;
    struct task_list_request request = {.filter = past->set.filters[0],
                                        .sort = SORT_CREATED,
                                        .descending = true,
                                        .limit = TASK_LIST_MAX};
    struct task_page page = {0};
    size_t read = 0, vain = 0;
    enum err err = window_add(past, &request.filter);
    do {
        struct arena_mark mark = arena_mark(op->arena);
        if (err == ERR_OK)
            err = core_task_list(db, op, index, &request, &page);
        for (size_t i = 0; err == ERR_OK && i < page.tasks.n; i++)
            err = past->rule->kind == RULE_ASSIGN ? assign_past(past, kept, &page.tasks.items[i])
                                                  : steps_past(past, kept, &page.tasks.items[i]);
        read += err == ERR_OK ? page.tasks.n : 0;
        vain += err == ERR_OK && page.tasks.n < request.limit;
        struct str next = STR_NONE;
        if (err == ERR_OK && page.next.p != NULL)
            err = arena_copy(kept, page.next, &next);
        request.cursor = next;
        arena_rewind(op->arena, mark);
    } while (err == ERR_OK && request.cursor.p != NULL && read < RULE_PAST_READ &&
             vain < RULE_PAST_VAIN);
    past->result->more = request.cursor.p != NULL;
    return err;
}

/* As if it had counted from before: from an earlier date that the same dates follow from. */
static int32_t from_before(const struct schedule *schedule, int32_t date)
{
    int32_t from = schedule->from, interval = (int32_t)schedule->interval;
    while (from > date) {
        int year, month, day;
        date_parts(from, &year, &month, &day);
        int32_t before = month_of_date(from) - interval * (schedule->unit == EVERY_YEAR ? 12 : 1);
        if (schedule->unit == EVERY_MONTH || schedule->unit == EVERY_YEAR)
            from = date_of_month(before, day);
        else
            from -= interval * (schedule->unit == EVERY_WEEK ? 7 : 1);
    }
    return from;
}

static enum err recur_past(struct past *past, struct arena *kept)
{
    struct schedule schedule = past->rule->schedule;
    const struct zone *zone = past->workspace->zone;
    int32_t date = zone_date(zone, past->result->since) - 1;
    enum err err = ERR_OK;
    schedule.from = from_before(&schedule, date);
    while (err == ERR_OK && (date = schedule_next(&schedule, date)) != DATE_NONE) {
        int64_t at = zone_time(zone, date, (int)schedule.minute);
        if (at > past->op->now)
            break;
        if (at >= past->result->since)
            err = deed_add(past, kept, NULL, at, 0, NULL, 0);
    }
    return err;
}

enum err rule_past(struct db *db, struct op *op, struct task_index *index,
                   const struct directory *directory, const struct workspace *workspace,
                   const struct rule *rule, struct rule_past *ret_past)
{
    struct past *past = ARENA_NEW(op->arena, struct past);
    if (past == NULL)
        return ERR_MEMORY;
    *ret_past = (struct rule_past){.since = op->now - RULE_PAST_DAYS * DAY_MS};
    past->op = op;
    past->directory = directory;
    past->workspace = workspace;
    past->rule = rule;
    past->result = ret_past;
    enum err err = rule_set_of(db, op, directory, workspace, rule, &past->set);
    if (err != ERR_OK)
        return err;
    past->set.place->today = zone_date(workspace->zone, op->now);

    /* What is shown outlives the pages that it is found on. */
    struct arena kept;
    arena_init(&kept, 16 * 1024 * 1024);
    err = rule->kind == RULE_RECUR ? recur_past(past, &kept) : records_past(past, db, index, &kept);
    for (size_t i = 0; i < ret_past->shown && err == ERR_OK; i++) {
        struct rule_deed *deed = &ret_past->deeds[i];
        struct str *people = ARENA_ARRAY(op->arena, struct str, deed->people.n + 1);
        if (people == NULL)
            err = ERR_MEMORY;
        for (size_t k = 0; err == ERR_OK && k < deed->people.n; k++)
            people[k] = deed->people.items[k];
        deed->people.items = deed->people.n == 0 ? NULL : people;
        if (err == ERR_OK && deed->key.p != NULL)
            err = arena_copy(op->arena, deed->key, &deed->key);
        if (err == ERR_OK && deed->title.p != NULL)
            err = arena_copy(op->arena, deed->title, &deed->title);
    }
    arena_finish(&kept);
    return err;
}
