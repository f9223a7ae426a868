#include "api/metrics.h"

#include "api/api.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/router.h"
#include "base/clock.h"
#include "base/container.h"
#include "base/metric.h"
#include "base/network.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LOOK_ARENA_MAX = 16 * 1024 * 1024 };

/* ---- what is looked at now and then ---- */

static enum err look_run(struct core_read *read, struct db *db)
{
    struct metrics *metrics = container_of(read, struct metrics, read);
    return core_vitals(metrics->core, db, read->op, &metrics->next);
}

static void look_done(struct core_read *read)
{
    struct metrics *metrics = container_of(read, struct metrics, read);
    metrics->reading = false;
    if (read->err != ERR_OK)
        return;
    metrics->vitals = metrics->next;
    metrics->newest = !metrics->newest;
}

void metrics_look(struct metrics *metrics, struct core *core)
{
    struct arena *arena = &metrics->arenas[!metrics->newest];
    int64_t ticks = clock_ticks();
    if (metrics->reading || ticks < metrics->due)
        return;
    metrics->due = ticks + METRICS_PERIOD_MS;
    arena_finish(arena);
    arena_init(arena, LOOK_ARENA_MAX);
    metrics->core = core;
    metrics->op = (struct op){.arena = arena, .now = clock_now()};
    metrics->read = (struct core_read){.op = &metrics->op, .run = look_run, .done = look_done};
    metrics->reading = core_read(core, &metrics->read) == ERR_OK;
}

void metrics_finish(struct metrics *metrics)
{
    arena_finish(&metrics->arenas[0]);
    arena_finish(&metrics->arenas[1]);
}

/* When it was looked at: a job that was due then may be done by now. One that was asked for at once
 * has no time that it is due since. */
static int64_t queue_age(const struct job_queue *queue, int64_t at)
{
    return queue->due_at == 0 || queue->due_at > at ? 0 : at - queue->due_at;
}

int64_t metrics_queue_age(const struct metrics *metrics, struct str *ret_kind)
{
    int64_t oldest = 0;
    *ret_kind = STR_NONE;
    for (size_t i = 0; i < metrics->vitals.jobs.n; i++) {
        int64_t age = queue_age(&metrics->vitals.jobs.items[i], metrics->vitals.at);
        if (age > oldest) {
            oldest = age;
            *ret_kind = metrics->vitals.jobs.items[i].kind;
        }
    }
    return oldest;
}

/* ---- answers ---- */

static enum label_ROUTE route_class(const struct route *route)
{
    static const struct {
        struct str path, method; /* empty: any */
        enum label_ROUTE class;
    } classes[] = {
        {STR_INIT("/bzctrl-core-api/api/v1/task/"), STR_INIT(""), ROUTE_INTAKE},
        {STR_INIT("/bzctrl-core-api/api/v1/changes"), STR_INIT(""), ROUTE_FEED},
        {STR_INIT("/bzctrl-core-api/api/"), STR_INIT("GET"), ROUTE_READ},
        {STR_INIT("/bzctrl-core-api/api/"), STR_INIT(""), ROUTE_CHANGE},
        {STR_INIT("/bzctrl-core-api/oauth/"), STR_INIT(""), ROUTE_TOKEN},
        {STR_INIT("/.well-known/"), STR_INIT(""), ROUTE_TOKEN},
        {STR_INIT("/healthz"), STR_INIT(""), ROUTE_PROBE},
        {STR_INIT("/readyz"), STR_INIT(""), ROUTE_PROBE},
        {STR_INIT("/metrics"), STR_INIT(""), ROUTE_PROBE},
    };
    if (route == NULL)
        return ROUTE_UNKNOWN;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (str_starts(route->path, classes[i].path) &&
            (classes[i].method.n == 0 || str_eq(route->method, classes[i].method)))
            return classes[i].class;
    return ROUTE_APP;
}

/* How long an answer in pieces takes depends on its reader, and on what it waits for. */
void metrics_answered(const struct http_request *request, int status)
{
    const struct route_match *match = request->route;
    const struct call *call = request->user;
    enum label_ROUTE class = route_class(match == NULL ? NULL : match->route);
    metric_add(METRIC_ANSWERS, class, metric_code(status), 1);
    if (call == NULL || call->stream.more == NULL)
        metric_observe(METRIC_ANSWER_TIME, class, (clock_ticks() - request->started) * 1000);
}

/* ---- the page ---- */

static void put_one(const struct metric_page *page, int64_t value)
{
    metric_put(page, NULL, 0, value);
}

static void sample_build(const struct metric_page *page, void *arg)
{
    const struct metrics *metrics = arg;
    const struct metric_label labels[] = {{"version", STR(BZCTRL_VERSION)},
                                          {"database", metrics->vitals.engine}};
    metric_put(page, labels, metrics->vitals.engine.p == NULL ? 1 : 2, 1);
}

static void sample_follower_behind(const struct metric_page *page, void *arg)
{
    const struct vitals *vitals = &((const struct metrics *)arg)->vitals;
    const struct metric_label follower = {"follower", STR("index")};
    if (vitals->index_ready)
        metric_put(page, &follower, 1, vitals->index_behind);
}

static void put_queues(const struct metric_page *page, const struct metrics *metrics,
                       int64_t (*value)(const struct job_queue *queue, int64_t at))
{
    for (size_t i = 0; i < metrics->vitals.jobs.n; i++) {
        const struct job_queue *queue = &metrics->vitals.jobs.items[i];
        metric_put(page, &(struct metric_label){"kind", queue->kind}, 1,
                   value(queue, metrics->vitals.at));
    }
}

static int64_t queue_due(const struct job_queue *queue, int64_t at)
{
    (void)at;
    return queue->due;
}

static int64_t queue_given_up(const struct job_queue *queue, int64_t at)
{
    (void)at;
    return queue->given_up;
}

static void sample_jobs_due(const struct metric_page *page, void *arg)
{
    put_queues(page, arg, queue_due);
}

static void sample_job_age(const struct metric_page *page, void *arg)
{
    put_queues(page, arg, queue_age);
}

static void sample_jobs_given_up(const struct metric_page *page, void *arg)
{
    put_queues(page, arg, queue_given_up);
}

/* Of the vital signs: none while there are none, and one that is not known is negative. */
static void put_vital(const struct metric_page *page, const struct metrics *metrics, int64_t value)
{
    if (metrics->vitals.at != 0 && value >= 0)
        put_one(page, value);
}

static void sample_mail_late(const struct metric_page *page, void *arg)
{
    put_vital(page, arg, ((const struct metrics *)arg)->vitals.mail_late);
}

static void sample_database_size(const struct metric_page *page, void *arg)
{
    put_vital(page, arg, ((const struct metrics *)arg)->vitals.size);
}

static void sample_database_wal(const struct metric_page *page, void *arg)
{
    put_vital(page, arg, ((const struct metrics *)arg)->vitals.log_size);
}

static void sample_disk_free(const struct metric_page *page, void *arg)
{
    put_vital(page, arg, ((const struct metrics *)arg)->vitals.free);
}

static void sample_disk_size(const struct metric_page *page, void *arg)
{
    put_vital(page, arg, ((const struct metrics *)arg)->vitals.disk);
}

static void sample_backup(const struct metric_page *page, void *arg)
{
    put_vital(page, arg, ((const struct metrics *)arg)->vitals.backup_at);
}

static void sample_time(const struct metric_page *page, void *arg)
{
    put_one(page, ((const struct metrics *)arg)->vitals.at);
}

static void sample_cpu(const struct metric_page *page, void *arg)
{
    struct rusage used;
    (void)arg;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        put_one(page, (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) +
                          used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void sample_resident(const struct metric_page *page, void *arg)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char line[128] = "";
    uint64_t pages;
    (void)arg;
    if (file == NULL)
        return;
    struct str rest = str_of(fgets(line, sizeof line, file));
    fclose(file);
    str_cut(&rest, ' '); /* the size of all of it */
    if (str_to_u64(str_cut(&rest, ' '), INT64_MAX >> 20, &pages))
        put_one(page, (int64_t)pages * sysconf(_SC_PAGESIZE));
}

static void sample_open_fds(const struct metric_page *page, void *arg)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t n = 0;
    (void)arg;
    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        n += entry->d_name[0] != '.';
    closedir(folder);
    put_one(page, n - 1); /* without the one that has just looked */
}

static void sample_max_fds(const struct metric_page *page, void *arg)
{
    struct rlimit files;
    (void)arg;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        put_one(page, (int64_t)files.rlim_cur);
}

static void sample_started(const struct metric_page *page, void *arg)
{
    const struct metrics *metrics = arg;
    put_one(page, metrics->started_at);
}

static metric_sample_fn *const samples[METRICS] = {
#define COUNTED(id, kind, name, unit, first, second, help)
#define SAMPLED(id, kind, name, unit, sample, help) [METRIC_##id] = (sample),
#include "base/metric.def"
#undef COUNTED
#undef SAMPLED
};

/* Does the request say that a proxy sent it on, whose word for its client is not believed? Then
 * nobody knows who asks: otherwise a proxy on this machine would open the page to everybody. */
static bool comes_from_nobody(const struct call *call)
{
    static const struct str forwarding[] = {STR_INIT("x-forwarded-for"), STR_INIT("forwarded"),
                                            STR_INIT("x-real-ip"), STR_INIT("via")};
    const struct networks *proxies = api_proxies(call->api);
    struct address peer;
    bool forwarded = false;
    for (size_t i = 0; i < sizeof forwarding / sizeof forwarding[0]; i++)
        forwarded = forwarded || http_header_count(call->request, forwarding[i]) > 0;
    bool believed = proxies != NULL && address_read(call->request->peer, &peer) &&
                    networks_contain(proxies, &peer) &&
                    http_header_count(call->request, forwarding[0]) > 0;
    return forwarded && !believed;
}

static enum err expect_allowed(struct call *call)
{
    struct str client = call_client_address(call);
    struct address address;
    if (comes_from_nobody(call))
        return call_refuse(call, 403,
                           "This came through a proxy that is not in --trusted-proxy or does not "
                           "send X-Forwarded-For, so nobody knows who reads the metrics.");
    if (!address_read(client, &address) ||
        !networks_contain(api_metrics(call->api)->allowed, &address))
        return call_refuse(call, 403, "%s%.*s is not in --metrics-allow.",
                           client.n == 0 ? "A client without an address" : "", STR_ARG(client));
    return ERR_OK;
}

enum err metrics_get(struct call *call)
{
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = expect_allowed(call);
    if (err != ERR_OK)
        return err;
    metrics_write(&call->body, samples, api_metrics(call->api));
    return call_answer(call, 200, STR("text/plain; version=0.0.4; charset=utf-8"), NULL, 0);
}
