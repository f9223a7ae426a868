/*
 * Rules and those who change them at once: what comes while a pass is judged is not passed over.
 */
#include "rule_world.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/metric.h"
#include "store/rule.h"
#include "store/timer.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

/* A change on its way while the write lane is held. */
struct meanwhile {
    struct change change;
    struct op op;
    struct arena arena;
    struct rule rule;
    struct world *world;
    struct rule_pass *pass;
    sem_t reached, go;
    enum err added, passed;
};

static enum err rule_add_apply(struct change *change, struct batch *batch)
{
    struct meanwhile *meanwhile = container_of(change, struct meanwhile, change);
    sem_post(&meanwhile->reached);
    sem_wait(&meanwhile->go);
    batch_writes(batch, change);
    enum err err = store_rule_add(batch_db(batch), change->op, &meanwhile->rule);
    return err == ERR_OK
               ? store_sweep_add(batch_db(batch), change->op, meanwhile->rule.workspace_id, 0)
               : err;
}

static void *rule_add_run(void *arg)
{
    struct meanwhile *meanwhile = arg;
    meanwhile->change =
        (struct change){.op = &meanwhile->op, .apart = true, .apply = rule_add_apply};
    meanwhile->added = core_change_wait(meanwhile->world->core, &meanwhile->change);
    return NULL;
}

static void *pass_step_run(void *arg)
{
    struct meanwhile *meanwhile = arg;
    struct arena arena;
    struct op op = {.arena = &arena, .now = clock_now()};
    enum rule_pass_end end;
    arena_init(&arena, 64 * 1024 * 1024);
    meanwhile->passed = rule_pass_step(meanwhile->pass, &op, &end);
    arena_finish(&arena);
    return NULL;
}

/* What the pass has judged waits for the write lane. */
static bool lane_has_waiting(void)
{
    static metric_sample_fn *const none[METRICS];
    struct buf page;
    buf_init(&page, 1024 * 1024);
    metrics_write(&page, none, NULL);
    buf_char(&page, 0);
    bool waits = strstr(page.p, "bzctrl_lane_waiting_jobs{lane=\"write\"} 1\n") != NULL;
    buf_finish(&page);
    return waits;
}

static void rules_that_come_while_others_are_judged_reach_the_records_too(void **state)
{
    struct world *world = *state;
    pthread_t adding, passing;
    static struct meanwhile meanwhile;
    clock_set(at(world, WOR, monday, 0));
    make(world, WOR, monday + 1, DATE_NONE);
    /* A second rule like the first changes nothing of the record's timer, so its sweep writes nothing. */
    clock_set(at(world, WOR, monday + 10, 0));
    rule_make(world, WOR, (struct rule){.kind = RULE_ESCALATE, .days = 1});
    pass_at(world, at(world, WOR, monday + 10, 0));
    meanwhile = (struct meanwhile){.world = world, .op = {.arena = &meanwhile.arena}};
    meanwhile.rule = rule_make(world, WOR, (struct rule){.kind = RULE_ESCALATE, .days = 1});
    meanwhile.rule.id++;
    meanwhile.rule.place++;
    meanwhile.rule.backlog = true;
    arena_init(&meanwhile.arena, 1024 * 1024);
    sem_init(&meanwhile.reached, 0, 0);
    sem_init(&meanwhile.go, 0, 0);
    assert_int_equal(rule_pass_open(world->core, &world->op, &meanwhile.pass), ERR_OK);

    assert_int_equal(pthread_create(&adding, NULL, rule_add_run, &meanwhile), 0);
    sem_wait(&meanwhile.reached);
    assert_int_equal(pthread_create(&passing, NULL, pass_step_run, &meanwhile), 0);
    while (!lane_has_waiting())
        usleep(1000);
    sem_post(&meanwhile.go);
    pthread_join(adding, NULL);
    pthread_join(passing, NULL);
    assert_int_equal(meanwhile.added, ERR_OK);
    assert_int_equal(meanwhile.passed, ERR_OK);
    pass_on(world, meanwhile.pass, at(world, WOR, monday + 10, 1));
    rule_pass_close(meanwhile.pass);
    arena_finish(&meanwhile.arena);
    assert_int_equal(count(world, "task.escalated"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            rules_that_come_while_others_are_judged_reach_the_records_too, world_setup,
            world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
