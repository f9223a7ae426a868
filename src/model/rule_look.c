#include "model/rule_look.h"

#include "model/task_state.h"

bool rule_waits(const struct task *task)
{
    return status_is_open(task->status) &&
           (task->due_date != DATE_NONE || task->reminder_date != DATE_NONE);
}

int64_t rule_step_time(const struct rule_set *set, const struct rule *rule, int32_t due_date,
                       int32_t step)
{
    const struct workdays *workdays = &set->workdays;
    const struct zone *zone = set->workspace->zone;
    if (rule->kind != RULE_EXPIRE)
        return zone_time(zone, workday_add(workdays, due_date, step), (int)workdays->remind_at);
    /* A record is overdue from the midnight after its due date, whatever day that is. */
    return zone_time(zone, (step == 0 ? due_date : workday_add(workdays, due_date, step)) + 1, 0);
}

static bool has_fired(const struct firing_list *fired, int64_t rule_id, int32_t date, int32_t step)
{
    for (size_t i = 0; i < fired->n; i++)
        if (fired->items[i].rule_id == rule_id && fired->items[i].date == date &&
            fired->items[i].step == step)
            return true;
    return false;
}

static void fire(struct rule_look *look, const struct firing_list *fired,
                 const struct rule_firing *firing)
{
    if (!has_fired(fired, firing->rule_id, firing->date, firing->step))
        look->firings[look->n++] = *firing;
}

static void look_again(struct rule_look *look, int64_t at)
{
    if (at < look->next_at)
        look->next_at = at;
}

/* The last step that has come, and the first that has not. */
static void steps_look(const struct rule_set *set, const struct rule *rule, const struct task *task,
                       const struct record_timer *timer, const struct firing_list *fired,
                       int64_t now, struct rule_look *look)
{
    bool reminds = rule->kind == RULE_REMIND;
    size_t n = reminds ? rule->step_count : 1;
    struct rule_firing last = {.rule = NULL};
    for (size_t i = 0; i < n; i++) {
        int32_t step = reminds ? rule->steps[i] : (int32_t)rule->days;
        int64_t at = rule_step_time(set, rule, task->due_date, step);
        if (at > now) {
            look_again(look, at);
            break;
        }
        last = (struct rule_firing){rule->id, task->due_date, reminds ? step : 0, at, rule};
    }
    /* What was over before the rule was switched on, or the date was set, is nobody's news. */
    bool news = last.rule != NULL && (rule->backlog || last.due_at >= rule->active_at) &&
                (!reminds || last.due_at > timer->due_since);
    if (news && !(rule->kind == RULE_EXPIRE && task->status == STATUS_EXPIRED))
        fire(look, fired, &last);
}

void rule_look(const struct rule_set *set, const struct task *task,
               const struct record_timer *timer, const struct firing_list *fired, int64_t now,
               struct rule_look *ret_look)
{
    bool expires = false;
    ret_look->n = 0;
    ret_look->next_at = TIMER_NEVER;
    if (!status_is_open(task->status))
        return;
    if (task->reminder_date != DATE_NONE) {
        struct rule_firing own = {
            .date = task->reminder_date,
            .due_at =
                zone_time(set->workspace->zone, task->reminder_date, (int)set->workdays.remind_at),
        };
        if (own.due_at > now)
            look_again(ret_look, own.due_at);
        else if (own.due_at > timer->reminder_since)
            fire(ret_look, fired, &own);
    }
    if (set->n > 0)
        set->place->today = zone_date(set->workspace->zone, now);
    for (size_t i = 0; i < set->n && task->due_date != DATE_NONE; i++) {
        const struct rule *rule = &set->rules[i];
        if (rule->kind == RULE_ASSIGN || rule->kind == RULE_RECUR ||
            (rule->kind == RULE_EXPIRE && expires) || !task_matches(&set->filters[i], task, NULL))
            continue;
        size_t before = ret_look->n;
        steps_look(set, rule, task, timer, fired, now, ret_look);
        expires = expires || (rule->kind == RULE_EXPIRE && ret_look->n > before);
    }
}

const struct rule *rule_assigns(const struct rule_set *set, const struct task *task, int64_t now)
{
    if (!status_is_open(task->status) || task->assignee_id != task->reporter_id ||
        task->assigned_at != TIME_NONE)
        return NULL;
    if (set->n > 0)
        set->place->today = zone_date(set->workspace->zone, now);
    for (size_t i = 0; i < set->n; i++)
        if (set->rules[i].kind == RULE_ASSIGN && set->rules[i].active_at <= task->created_at &&
            task_matches(&set->filters[i], task, NULL))
            return &set->rules[i];
    return NULL;
}
