#include "jobs/runner.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { RUNNER_ARENA_MAX = 64 * 1024 * 1024, JOBS_IN_A_TURN = 16 };

struct runner {
    struct runner_options options;
    struct db *db; /* for looking */
    struct arena arena;
    struct op op;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stopping; /* written under the lock, so that no wait misses it */
};

static void op_renew(struct runner *runner)
{
    arena_reset(&runner->arena);
    runner->op = (struct op){.arena = &runner->arena, .now = clock_now()};
}

/* One attempt at one due job. False if there is none or the store does not answer; *more: the job
 * itself has more to do. */
static bool job_run(struct runner *runner, const struct job_kind *kind, bool *more)
{
    struct core *core = runner->options.core;
    struct op *op = &runner->op;
    int64_t due_at;
    struct job job;
    op_renew(runner);
    if (store_job_next(runner->db, op, kind->name, &due_at) != ERR_OK || due_at > op->now ||
        core_job_claim(core, op, kind->name, kind->lease_ms, &job) != ERR_OK)
        return false;
    op_renew(runner);
    struct job_schedule schedule = kind->schedule;
    struct job_attempt attempt = {.job = &job,
                                  .arg = runner->options.arg,
                                  .runner = runner,
                                  .stop = &runner->stopping,
                                  .period_ms = schedule.period_ms};
    enum err outcome = kind->run(core, op, &attempt);
    *more = attempt.period_ms == 0;
    schedule.period_ms = attempt.period_ms;
    struct op ending = {.arena = &runner->arena};
    struct str reason = op->detail[0] != '\0' ? str_of(op->detail) : str_of(err_meaning(outcome));
    metric_add(METRIC_JOB_RUNS, outcome == ERR_OK ? JOB_DONE : JOB_FAILED, 0, 1);
    if (outcome != ERR_OK)
        LOG(LOG_WARN, "a job failed", LOG_TEXT("kind", kind->name), LOG_NUM("id", job.id),
            LOG_NUM("attempt", job.attempts), LOG_TEXT("reason", reason));
    /* Should this fail, the lease ends by itself, and the job is done again. */
    return core_job_end(core, &ending, &job, &schedule, outcome, reason) == ERR_OK;
}

static void runner_pause(struct runner *runner, int64_t milliseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + milliseconds * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&runner->lock);
    while (!runner->stopping &&
           pthread_cond_timedwait(&runner->wake, &runner->lock, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&runner->lock);
}

void job_pause(const struct job_attempt *attempt, int64_t milliseconds)
{
    runner_pause(attempt->runner, milliseconds);
}

static void *runner_thread(void *arg)
{
    struct runner *runner = arg;
    while (!runner->stopping) {
        bool more = false;
        for (size_t i = 0; i < runner->options.kind_count; i++) {
            int done = 0;
            bool left = false;
            while (done < JOBS_IN_A_TURN && !left && !runner->stopping &&
                   job_run(runner, &runner->options.kinds[i], &left))
                done++;
            more = more || left || done == JOBS_IN_A_TURN;
        }
        if (!more)
            runner_pause(runner, runner->options.poll_ms);
    }
    return NULL;
}

enum err runner_create(const struct runner_options *options, struct op *op,
                       struct runner **ret_runner)
{
    struct runner *runner = calloc(1, sizeof *runner);
    if (runner == NULL)
        return ERR_MEMORY;
    runner->options = *options;
    arena_init(&runner->arena, RUNNER_ARENA_MAX);
    pthread_mutex_init(&runner->lock, NULL);
    /* A wall clock that is set must not let it sleep longer. */
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&runner->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    enum err err = core_open_reader(options->core, op, &runner->db);
    if (err == ERR_OK && pthread_create(&runner->thread, NULL, runner_thread, runner) != 0)
        err = ERR_MEMORY;
    if (err == ERR_OK) {
        pthread_setname_np(runner->thread, "bzctrl-jobs");
        *ret_runner = runner;
        return ERR_OK;
    }
    db_close(runner->db);
    free(runner);
    return err;
}

void runner_destroy(struct runner *runner)
{
    if (runner == NULL)
        return;
    pthread_mutex_lock(&runner->lock);
    runner->stopping = true;
    pthread_cond_signal(&runner->wake);
    pthread_mutex_unlock(&runner->lock);
    pthread_join(runner->thread, NULL);
    db_close(runner->db);
    arena_finish(&runner->arena);
    pthread_cond_destroy(&runner->wake);
    pthread_mutex_destroy(&runner->lock);
    free(runner);
}
