#include "rule_world.h"

#include "base/clock.h"
#include "core/rule.h"

int32_t monday = FIRST;

int64_t at(const struct world *world, size_t index, int32_t date, int minute)
{
    return zone_time(world_workspace(world, index)->zone, date, minute);
}

void pass_on(struct world *world, struct rule_pass *pass, int64_t now)
{
    enum rule_pass_end end = RULE_PASS_MORE;
    enum err err;
    clock_set(now);
    for (int i = 0; i < 1000 && end == RULE_PASS_MORE; i++) {
        struct arena_mark mark = arena_mark(world->op.arena);
        world->op.now = now;
        err = rule_pass_step(pass, &world->op, &end);
        if (err != ERR_OK)
            fail_msg("rule_pass_step: %s: %s", err_name(err), world->op.detail);
        arena_rewind(world->op.arena, mark);
    }
    assert_int_equal(end, RULE_PASS_CURRENT);
}

void pass_at(struct world *world, int64_t now)
{
    struct rule_pass *pass;
    clock_set(now);
    assert_int_equal(rule_pass_open(world->core, &world->op, &pass), ERR_OK);
    pass_on(world, pass, now);
    rule_pass_close(pass);
}

int64_t count(struct world *world, const char *action)
{
    struct db_rows rows = world_query(world, "SELECT COUNT(*) FROM event WHERE action = $1",
                                      DB_ARGS(db_text(str_of(action))));
    return db_get_i64(&rows, 0, 0);
}

void make(struct world *world, size_t index, int32_t due, int32_t reminder)
{
    struct task_create *create = world_create(world, index, "Claim", NULL);
    create->change.op->now = clock_now();
    create->task.due_date = due;
    create->task.reminder_date = reminder;
    assert_int_equal(world_send(world, create), ERR_OK);
}

struct rule rule_make(struct world *world, size_t index, struct rule rule)
{
    static const struct str assignee[] = {STR_INIT("assignee")};
    struct rule_save save = {.op = &world->op,
                             .directory = world->directory,
                             .workspace = world_workspace(world, index),
                             .rule = rule,
                             .actor_id = 21};
    world->op.now = clock_now();
    save.rule.workspace_id = save.workspace->id;
    save.rule.active_at = clock_now();
    save.rule.ended_at = TIME_NONE;
    save.rule.name = STR("A rule");
    if (save.rule.notify.n == 0)
        save.rule.notify = (struct str_list){assignee, 1};
    assert_int_equal(core_rule_save(world->core, &save), ERR_OK);
    return save.rule;
}

static const char template[] =
    "{\"todoType\":\"TASK\",\"title\":\"Check\",\"description\":\"The locks\","
    "\"orderID\":\"LOCKS\",\"dueDate\":\"+5d\"}";

struct rule recurring(struct schedule schedule, enum rule_missed missed)
{
    schedule.until = DATE_NONE;
    return (struct rule){
        .kind = RULE_RECUR, .schedule = schedule, .template = STR(template), .missed = missed};
}

int64_t records(struct world *world)
{
    struct db_rows rows = world_query(world, "SELECT COUNT(*) FROM task", DB_NO_ARGS);
    return db_get_i64(&rows, 0, 0);
}
