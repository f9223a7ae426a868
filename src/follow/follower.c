#include "follow/follower.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/commits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    FOLLOW_ARENA_MAX = 256 * 1024 * 1024,
    FOLLOW_NICE = 5,   /* a third of the processor time of whatever else wants it */
    GATHER_MS = 20,    /* after a commit: what comes at once is done at once */
    POLL_MS = 500,     /* for what other nodes have committed */
    REST_SHARE = 7,    /* while reports come in: times as long as a step has taken */
    REST_MS_MAX = 500, /* but no longer */
    BUSY_MS = 200,     /* since the last commit */
    BACK_OFF_MS = 1000,
    BACK_OFF_MS_MAX = 60000,
};

struct follower {
    struct core *core;
    const struct follow_kind *kind;
    struct commit_listener listener;
    struct arena arena;
    void *state; /* NULL: not open */
    unsigned failures;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping, committed;
    int64_t committed_at; /* clock_ticks() */
};

/* On the write lane. */
static void on_commit(void *arg)
{
    struct follower *follower = arg;
    pthread_mutex_lock(&follower->lock);
    bool first = !follower->committed;
    follower->committed = true;
    follower->committed_at = clock_ticks();
    if (first)
        pthread_cond_signal(&follower->wake);
    pthread_mutex_unlock(&follower->lock);
}

/* Sleeps for so long, or until it is to stop; with `for_commit` also until something is committed. */
static void sleep_ms(struct follower *follower, int64_t ms, bool for_commit)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + ms * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&follower->lock);
    int result = 0;
    while (result == 0 && !follower->stopping && !(for_commit && follower->committed))
        result = pthread_cond_timedwait(&follower->wake, &follower->lock, &until);
    pthread_mutex_unlock(&follower->lock);
}

static bool stopping(struct follower *follower)
{
    pthread_mutex_lock(&follower->lock);
    bool stop = follower->stopping;
    pthread_mutex_unlock(&follower->lock);
    return stop;
}

/* Looks whether something was committed since it last looked. */
static bool commit_seen(struct follower *follower, int64_t *ret_at)
{
    pthread_mutex_lock(&follower->lock);
    bool committed = follower->committed;
    follower->committed = false;
    *ret_at = follower->committed_at;
    pthread_mutex_unlock(&follower->lock);
    return committed;
}

static void follower_fail(struct follower *follower, struct op *op, enum err err)
{
    int64_t pause = BACK_OFF_MS;
    metric_add(METRIC_FOLLOWER_FAILURES, follower->kind->metric, 0, 1);
    for (unsigned i = 0; i < follower->failures && pause < BACK_OFF_MS_MAX; i++)
        pause *= 2;
    if (follower->failures++ == 0 || pause >= BACK_OFF_MS_MAX)
        LOG(LOG_WARN, "a follower failed and tries again",
            LOG_TEXT("follower", str_of(follower->kind->name)),
            LOG_TEXT("reason",
                     op->detail[0] != '\0' ? str_of(op->detail) : str_of(err_meaning(err))));
    if (follower->state != NULL)
        follower->kind->close(follower->state);
    follower->state = NULL;
    sleep_ms(follower, pause, false);
}

static bool hurried(const struct follower *follower)
{
    return follower->kind->hurried != NULL && follower->kind->hurried(follower->state);
}

/* Rests while reports come in, in proportion to what the step has taken. */
static void yield(struct follower *follower, int64_t took)
{
    int64_t committed_at;
    if (hurried(follower))
        return;
    (void)commit_seen(follower, &committed_at);
    if (clock_ticks() - committed_at > BUSY_MS)
        return;
    int64_t rest = (took + 1) * REST_SHARE;
    sleep_ms(follower, rest < REST_MS_MAX ? rest : REST_MS_MAX, false);
}

static void *follower_thread(void *arg)
{
    struct follower *follower = arg;
    /* On Linux this is of the thread alone: whatever a caller waits for goes before. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), FOLLOW_NICE);
    while (!stopping(follower)) {
        enum follow_step step = FOLLOW_CURRENT;
        int64_t committed_at, begun = clock_ticks();
        arena_reset(&follower->arena);
        struct op op = {.arena = &follower->arena, .now = clock_now()};
        (void)commit_seen(follower, &committed_at);
        enum err err = follower->state == NULL
                           ? follower->kind->open(follower->core, &op, &follower->state)
                           : ERR_OK;
        if (err == ERR_OK)
            err = follower->kind->step(follower->state, &op, &step);
        if (err != ERR_OK) {
            follower_fail(follower, &op, err);
            continue;
        }
        follower->failures = 0;
        if (step != FOLLOW_MORE)
            metric_set(METRIC_FOLLOWER_LAG, follower->kind->metric,
                       step == FOLLOW_CURRENT ? clock_micros() : 0);
        if (step == FOLLOW_MORE) {
            yield(follower, clock_ticks() - begun);
            continue;
        }
        sleep_ms(follower, POLL_MS, step == FOLLOW_CURRENT);
        if (!hurried(follower))
            sleep_ms(follower, GATHER_MS, false);
    }
    if (follower->state != NULL)
        follower->kind->close(follower->state);
    return NULL;
}

enum err follower_create(struct core *core, const struct follow_kind *kind,
                         struct follower **ret_follower)
{
    struct follower *follower = calloc(1, sizeof *follower);
    if (follower == NULL)
        return ERR_MEMORY;
    follower->core = core;
    follower->kind = kind;
    follower->listener = (struct commit_listener){.committed = on_commit, .arg = follower};
    arena_init(&follower->arena, FOLLOW_ARENA_MAX);
    pthread_mutex_init(&follower->lock, NULL);
    /* A wall clock that is set must not let it sleep longer. */
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&follower->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    metric_set(METRIC_FOLLOWER_LAG, kind->metric, clock_micros());
    commits_join(core_commits(core), &follower->listener);
    if (pthread_create(&follower->thread, NULL, follower_thread, follower) != 0) {
        commits_leave(core_commits(core), &follower->listener);
        free(follower);
        return ERR_MEMORY;
    }
    char name[16];
    snprintf(name, sizeof name, "bzctrl-%s", kind->name);
    pthread_setname_np(follower->thread, name);
    *ret_follower = follower;
    return ERR_OK;
}

void follower_destroy(struct follower *follower)
{
    if (follower == NULL)
        return;
    commits_leave(core_commits(follower->core), &follower->listener);
    pthread_mutex_lock(&follower->lock);
    follower->stopping = true;
    pthread_cond_signal(&follower->wake);
    pthread_mutex_unlock(&follower->lock);
    pthread_join(follower->thread, NULL);
    arena_finish(&follower->arena);
    pthread_cond_destroy(&follower->wake);
    pthread_mutex_destroy(&follower->lock);
    free(follower);
}
