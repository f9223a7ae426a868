/*
 * /healthz: the process runs. /readyz: it can take work: the store answers, and no stop is near; and how
 * long work has been waiting, which alone does not make it unready. And
 * for administrators, GET /health: how server and store are; GET /settings: what is in force.
 */
#include "core/health.h"
#include "api/api.h"
#include "api/handlers.h"
#include "api/metrics.h"
#include "api/query.h"
#include "store/directory.h"

static enum err answer_word(struct call *call, struct str word)
{
    buf_add(&call->body, word);
    return call_answer(call, 200, STR("text/plain"), NULL, 0);
}

enum err health_get(struct call *call)
{
    return answer_word(call, STR("ok\n"));
}

/* Then the call is answered. */
static bool stop_is_near(struct call *call)
{
    bool near = api_stopping(call->api) || core_is_broken(api_core(call->api));
    if (near)
        call_refuse(call, 503, "This server is stopping; use another.");
    return near;
}

static enum err store_asked(struct core_read *read, struct db *db)
{
    int64_t version;
    return store_directory_version(db, read->op, &version);
}

static void answer_ready(struct call *call)
{
    struct str kind;
    int64_t age = metrics_queue_age(api_metrics(call->api), &kind);
    BUF_LIT(&call->body, "ready\n");
    buf_printf(&call->body, "queue age: %lld s%s%.*s%s\n", (long long)(age / 1000),
               kind.p == NULL ? "" : " (", STR_ARG(kind), kind.p == NULL ? "" : ")");
    (void)answer_word(call, STR(""));
}

static void store_answered(struct core_read *read)
{
    struct call *call = call_of_read(read);
    if (read->err != ERR_OK)
        call_fail(call, read->err);
    else if (!stop_is_near(call))
        answer_ready(call);
}

/* A server that stops says so at once: its readers may be what it waits for. */
void ready_get(struct call *call)
{
    if (!stop_is_near(call))
        call_read(call, store_asked, store_answered);
}

/* ---- for administrators ---- */

static enum err expect_admin(struct call *call)
{
    enum err err = call_query_accept(call, NULL);
    return err != ERR_OK || directory_is_admin(call->caller)
               ? err
               : call_refuse(call, 403, "Only an admin can see how the server is set up.");
}

static void encode_jobs(struct json_writer *json, const struct store_health *store)
{
    json_begin_list(json, "jobs");
    for (size_t i = 0; i < store->job_count; i++) {
        const struct job_kind_health *job = &store->jobs[i];
        json_begin_object(json, NULL);
        json_put_text(json, "kind", job->kind);
        json_put_i64(json, "count", job->count);
        json_put_time(json, "nextAt", job->next_at);
        json_put_i64(json, "running", job->running);
        json_put_i64(json, "failing", job->failing);
        json_put_i64(json, "givenUp", job->dead);
        json_put_text(json, "reason", job->reason);
        json_end(json);
    }
    json_end(json);
}

static void encode_nodes(struct json_writer *json, const struct store_health *store)
{
    json_begin_list(json, "nodes");
    for (size_t i = 0; i < store->node_count; i++) {
        json_begin_object(json, NULL);
        json_put_i64(json, "number", store->nodes[i].id);
        json_put_time(json, "leaseUntil", store->nodes[i].lease_until);
        json_end(json);
    }
    json_end(json);
}

enum err health_detail(struct call *call)
{
    struct health health;
    struct json_writer *json = &call->json;
    uint64_t transactions, changes;
    enum err err = expect_admin(call);
    if (err == ERR_OK)
        err = core_health(api_core(call->api), call->db, &call->op, &health);
    if (err != ERR_OK)
        return err;

    core_counts(api_core(call->api), &transactions, &changes);
    json_begin_object(json, NULL);
    json_put_text(json, "version", STR(BZCTRL_VERSION));
    json_put_text(json, "environment", api_environment(call->api));
    json_put_time(json, "startedAt", api_started_at(call->api));
    json_put_time(json, "at", call->op.now);
    json_begin_object(json, "database");
    json_put_text(json, "engine", health.engine);
    json_put_i64(json, "size", health.size);
    json_put_i64(json, "schema", health.store.schema);
    json_end(json);
    json_begin_object(json, "index");
    json_put_flag(json, "ready", health.index_ready);
    json_put_i64(json, "behind", health.index_behind);
    json_end(json);
    json_begin_object(json, "writes");
    json_put_i64(json, "transactions", (int64_t)transactions);
    json_put_i64(json, "changes", (int64_t)changes);
    json_end(json);
    encode_jobs(json, &health.store);
    encode_nodes(json, &health.store);
    json_end(json);
    return call_answer_json(call, 200);
}

enum err setting_list(struct call *call)
{
    size_t n;
    const struct api_setting *settings = api_settings(call->api, &n);
    enum err err = expect_admin(call);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < n; i++) {
        json_begin_object(&call->json, NULL);
        json_put_text(&call->json, "name", settings[i].name);
        json_put_text(&call->json, "value", settings[i].value);
        json_put_text(&call->json, "origin", settings[i].origin);
        json_put_text(&call->json, "help", settings[i].help);
        json_end(&call->json);
    }
    return call_items_end(call, 0);
}
