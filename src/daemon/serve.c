#include "daemon/serve.h"

#include "api/api.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/network.h"
#include "core/first_run.h"
#include "core/rate_limit.h"
#include "core/task_index.h"
#include "daemon/control.h"
#include "daemon/progress.h"
#include "follow/follower.h"
#include "hook/hooks.h"
#include "jobs/mail.h"
#include "jobs/single_sign_on.h"
#include "oidc/provider.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum {
    DRAIN_MS = 30 * 1000, /* how long a stop waits for requests under way */
    WATCH_MS = 200,
    JOBS_POLL_MS = 1000,
    SECRET_MAX = 4096, /* bytes */
};

struct server {
    uv_loop_t loop;
    uv_async_t wake;
    uv_signal_t terminate, interrupt;
    uv_timer_t watch, turn;
    struct mailbox *mailbox;
    struct core *core;
    struct runner *runner, *confirmer; /* the second of sessions of single sign-on */
    struct provider *provider;         /* NULL: none */
    struct single_sign_on single_sign_on;
    struct follower *index, *rules, *notifier;
    struct hooks *hooks;
    struct runner *postman;
    struct mailer mailer;
    struct seal_key key; /* of secrets at rest */
    struct networks proxies, metrics_allow, webhook_allow;
    struct api_setting settings[CONFIG_COUNT];
    struct api *api;
    struct control *control;
    struct http_server *http;
    bool stopping;
    int code;
};

static void on_wake(void *arg)
{
    struct server *server = arg;
    uv_async_send(&server->wake);
}

static void on_turn(uv_timer_t *handle);

/* Those who wait for events get theirs, part by part. */
static void take_turn(struct server *server)
{
    int after_ms = server->core == NULL || server->http == NULL ? -1 : api_turn(server->api);
    if (after_ms >= 0)
        uv_timer_start(&server->turn, on_turn, (uint64_t)after_ms, 0);
}

static void on_turn(uv_timer_t *handle)
{
    take_turn(handle->data);
}

static void on_mail(uv_async_t *handle)
{
    struct server *server = handle->data;
    mailbox_deliver(server->mailbox);
    take_turn(server);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* The last request is answered, or has had its time. What the lanes still hold of those is finished
 * step by step, while all that a step may ask for is there; then everything is closed. */
static void on_drained(void *arg)
{
    struct server *server = arg;
    runner_destroy(server->runner);
    runner_destroy(server->confirmer);
    runner_destroy(server->postman);
    server->runner = server->confirmer = server->postman = NULL;
    follower_destroy(server->index);
    follower_destroy(server->rules);
    follower_destroy(server->notifier);
    server->index = server->rules = server->notifier = NULL;
    hooks_destroy(server->hooks);
    server->hooks = NULL;
    do {
        api_write_log(server->api, true);
        control_flush(server->control);
        api_flush(server->api);
        core_flush(server->core);
    } while (mailbox_deliver(server->mailbox) > 0);
    control_close(server->control, NULL, NULL);
    server->control = NULL;
    uint64_t batches, changes;
    core_counts(server->core, &batches, &changes);
    LOG(LOG_INFO, "write lane", LOG_NUM("batches", (int64_t)batches),
        LOG_NUM("changes", (int64_t)changes));
    core_close(server->core);
    server->core = NULL;
    http_server_close(server->http, NULL, NULL);
    server->http = NULL;
    close_handle((uv_handle_t *)&server->terminate, NULL);
    close_handle((uv_handle_t *)&server->interrupt, NULL);
    close_handle((uv_handle_t *)&server->watch, NULL);
    close_handle((uv_handle_t *)&server->turn, NULL);
    uv_unref((uv_handle_t *)&server->wake);
}

static void server_stop(struct server *server)
{
    if (server->stopping)
        return;
    server->stopping = true;
    sd_notify(0, "STOPPING=1");
    api_set_stopping(server->api);
    if (server->provider != NULL)
        provider_stop(server->provider);
    http_server_drain(server->http, DRAIN_MS, on_drained, server);
}

static void on_signal(uv_signal_t *handle, int signal)
{
    LOG(LOG_INFO, "stopping", LOG_NUM("signal", signal));
    server_stop(handle->data);
}

static void on_watch(uv_timer_t *handle)
{
    struct server *server = handle->data;
    sd_notify(0, "WATCHDOG=1");
    api_write_log(server->api, false);
    api_look(server->api);
    if (core_is_broken(server->core) && !server->stopping) {
        LOG(LOG_ERROR, "the store could not write its data to disk; stopping, so that the next "
                       "start recovers it");
        server->code = EXIT_STORAGE;
        server_stop(server);
    }
}

static enum err start_listening(struct server *server, struct op *op, const struct config *config,
                                struct str *ret_address)
{
    int handed_over = sd_listen_fds(1);
    if (handed_over <= 0)
        return http_server_listen(server->http, op, config->listen, false, ret_address);
    for (int i = 0; i < handed_over; i++) {
        struct str fd = arena_printf(op->arena, "fd:%d", SD_LISTEN_FDS_START + i);
        enum err err = http_server_listen(server->http, op, fd, false, ret_address);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

/* Makes the provider of single sign-on, if there is one, and what confirms its sessions. */
static enum err start_single_sign_on(struct server *server, struct op *op,
                                     const struct config *config, struct api_sign_in *ret_settings)
{
    uint64_t check = 0, grace = 0;
    struct provider_options options = {
        .issuer = config->oidc_issuer,
        .client_id = config->oidc_client_id,
        .scopes = config->oidc_scopes,
        .groups_claim = config->oidc_groups_claim,
        .verified_claim = config->oidc_verified_claim,
        .ca_file = config->oidc_ca_file,
    };
    enum err err = ERR_OK;
    if (options.issuer.n > 0)
        err = file_read(op, config->oidc_client_secret_file, SECRET_MAX, &options.client_secret);
    if (err == ERR_OK && options.issuer.n > 0 && options.client_secret.n == 0)
        err = op_fail(op, ERR_SETTINGS, "the file of --oidc-client-secret-file is empty");
    if (err == ERR_OK && options.issuer.n > 0)
        err = provider_create(&options, &server->provider);
    if (err != ERR_OK)
        return err;
    (void)str_to_u64(config->oidc_check_seconds, INT32_MAX, &check);
    (void)str_to_u64(config->oidc_grace_seconds, INT32_MAX, &grace);
    server->single_sign_on = (struct single_sign_on){.provider = server->provider,
                                                     .check_ms = (int64_t)check * 1000,
                                                     .grace_ms = (int64_t)grace * 1000};
    *ret_settings = (struct api_sign_in){
        .provider = server->provider,
        .client_id = config->oidc_client_id,
        .scopes = config->oidc_scopes,
        .groups_claim = config->oidc_groups_claim,
        .label = config->sign_in_label,
        .help = config->sign_in_help,
        .check_ms = server->single_sign_on.check_ms,
        .grace_ms = server->single_sign_on.grace_ms,
        .passwords = str_eq(config->local_passwords, STR("on")),
    };
    struct runner_options runner = {.core = server->core,
                                    .kinds = &single_sign_on_job,
                                    .kind_count = 1,
                                    .poll_ms = JOBS_POLL_MS,
                                    .arg = &server->single_sign_on};
    return runner_create(&runner, op, &server->confirmer);
}

/* Sends the mail that is due; without --mail-url it is dropped. */
static enum err start_mail(struct server *server, struct op *op, const struct config *config,
                           struct str url)
{
    struct mailer *mailer = &server->mailer;
    uint64_t rate = 1;
    (void)str_to_u64(config->mail_rate, INT32_MAX, &rate);
    *mailer =
        (struct mailer){.settings = config_mail(config), .public_url = url, .rate = (int64_t)rate};
    enum err err =
        config->mail_url.n > 0 ? mail_sender_create(&mailer->settings, &mailer->sender) : ERR_OK;
    struct runner_options options = {.core = server->core,
                                     .kinds = &mail_job,
                                     .kind_count = 1,
                                     .poll_ms = JOBS_POLL_MS,
                                     .arg = mailer};
    return err == ERR_OK ? runner_create(&options, op, &server->postman) : err;
}

/* The link is a secret, for the operator who has started the server: so it does not go to the log. */
static enum err first_run_say(struct server *server, struct op *op, struct str url)
{
    struct str token;
    enum err err = first_run_offer(server->core, op, &token);
    if (err == ERR_OK && token.p != NULL)
        fprintf(stderr,
                "Nobody can sign in yet. Open this link within 24 hours to make the first "
                "administrator:\n\n    %.*s/app/#/first-run/%.*s\n\n",
                STR_ARG(url), STR_ARG(token));
    return err;
}

/* What administrators see of the settings, which do not change while the server runs. */
static enum err settings_show(struct server *server, struct op *op, const struct config *config)
{
    enum { SHOWN_MAX = 64 * 1024 };
    struct buf value;
    buf_init(&value, SHOWN_MAX);
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        buf_clear(&value);
        config_show(config, i, &value);
        server->settings[i] = (struct api_setting){
            .name = str_of(config_flags[i].name),
            .value = buf_err(&value) == ERR_OK
                         ? arena_printf(op->arena, "%.*s", STR_ARG(buf_str(&value)))
                         : STR_NONE,
            .origin = config_origin_name(config->origins[i]),
            .help = str_of(config_flags[i].help)};
        if (server->settings[i].value.p == NULL)
            break;
    }
    enum err err = server->settings[CONFIG_COUNT - 1].value.p == NULL ? ERR_MEMORY : ERR_OK;
    buf_finish(&value);
    return err;
}

/* A key that is named must be there: one made in its place would open nothing. */
static enum err secret_key_read(struct server *server, struct op *op, const struct config *config)
{
    bool named = config->secret_key_file.n > 0;
    struct str file = named ? config->secret_key_file
                            : arena_printf(op->arena, "%.*s/secret.key", STR_ARG(config->data));
    return file.p == NULL ? ERR_MEMORY : seal_key_read(op, file, !named, &server->key);
}

static enum err server_start(struct server *server, struct command_run *run,
                             const struct serve_options *options, struct str *ret_url)
{
    struct op *op = run->op;
    const struct config *config = &run->config;
    struct progress progress = {.form = PROGRESS_LOG};
    enum err err = mailbox_create(on_wake, server, &server->mailbox);
    if (err != ERR_OK)
        return err;
    struct core_options core_options = {.data_dir = config->data.p,
                                        .database_url = config_database(op, config).p,
                                        .mailbox = server->mailbox,
                                        .watch = {progress_step, &progress},
                                        .language = config_language(config)};
    uint64_t gather = 0;
    (void)str_to_u64(config->mail_gather_seconds, INT32_MAX, &gather);
    core_options.mail_gather_ms = (int64_t)gather * 1000;
    if (err == ERR_OK)
        err = core_open(&core_options, op, &server->core);
    uint64_t list_memory = 0;
    (void)str_to_u64(config->list_memory, TABLE_MB_MAX, &list_memory);
    if (err == ERR_OK)
        task_index_table_bound(core_task_index(server->core), list_memory);
    if (err == ERR_OK && options->prepare != NULL)
        err = options->prepare(server->core, op, options->arg);
    struct runner_options runner_options = {.core = server->core,
                                            .kinds = job_kinds,
                                            .kind_count = job_kind_count,
                                            .poll_ms = JOBS_POLL_MS};
    if (err == ERR_OK)
        err = runner_create(&runner_options, op, &server->runner);
    /* Without the index, lists still work; the benchmark asks what it costs. */
    if (err == ERR_OK && getenv("BZCTRL_BENCH_NO_INDEX") == NULL)
        err = follower_create(server->core, &follow_task_index, &server->index);
    if (err == ERR_OK)
        err = follower_create(server->core, &follow_rules, &server->rules);
    if (err == ERR_OK)
        err = follower_create(server->core, &follow_notify, &server->notifier);
    struct api_sign_in sign_in = {0};
    if (err == ERR_OK)
        err = start_single_sign_on(server, op, config, &sign_in);
    if (err == ERR_OK)
        err = settings_show(server, op, config);
    if (err == ERR_OK)
        err = networks_read(op, config->trusted_proxy, &server->proxies);
    if (err == ERR_OK)
        err = networks_read(op, config->metrics_allow, &server->metrics_allow);
    if (err == ERR_OK)
        err = networks_read(op, config->webhook_allow, &server->webhook_allow);
    if (err == ERR_OK)
        err = secret_key_read(server, op, config);
    if (err == ERR_OK)
        err = control_create(&server->loop, server->core, server->mailbox, config->data, op,
                             &server->control);
    if (err != ERR_OK)
        return err;

    uint64_t rate_limit = 0;
    (void)str_to_u64(config->rate_limit, RATE_LIMIT_MAX, &rate_limit);
    struct api_options api_options = {.core = server->core,
                                      .environment = options->environment,
                                      .sign_in = sign_in,
                                      .settings = server->settings,
                                      .setting_count = CONFIG_COUNT,
                                      .sends_mail = config->mail_url.n > 0,
                                      .rate_limit = (int64_t)rate_limit,
                                      .proxies = &server->proxies,
                                      .metrics_allow = &server->metrics_allow,
                                      .secret_key = &server->key,
                                      .webhook_allow = &server->webhook_allow,
                                      .mailbox = server->mailbox,
                                      .wake = on_wake,
                                      .wake_arg = server};
    err = api_create(&api_options, &server->api);
    if (err != ERR_OK)
        return err;
    struct http_callbacks callbacks = api_callbacks(server->api);
    struct str address, url;
    err = http_server_create(&server->loop, &callbacks, &server->http);
    if (err == ERR_OK)
        err = start_listening(server, op, config, &address);
    if (err != ERR_OK)
        return err;
    /* Only now the address is known that the public URL may come from. */
    url = config_links(op, config, address);
    err = api_set_public_url(server->api, url);
    if (err != ERR_OK)
        return err;
    struct hooks_options hooks = {.core = server->core,
                                  .key = &server->key,
                                  .allow = &server->webhook_allow,
                                  .acc = str_eq(options->environment, STR("acc")),
                                  .acc_allow = config->acc_allow,
                                  .public_url = url};
    err = start_mail(server, op, config, url);
    if (err == ERR_OK)
        err = first_run_say(server, op, url);
    if (err == ERR_OK)
        err = hooks_create(&hooks, &server->hooks);
    if (err != ERR_OK)
        return err;
    control_set_public_url(server->control, url);
    *ret_url = url;
    LOG(LOG_INFO, "listening", LOG_TEXT("address", address), LOG_TEXT("url", url),
        LOG_TEXT("environment", options->environment));
    return ERR_OK;
}

static void server_run(struct server *server, struct str url)
{
    uv_signal_init(&server->loop, &server->terminate);
    uv_signal_init(&server->loop, &server->interrupt);
    uv_timer_init(&server->loop, &server->watch);
    server->terminate.data = server->interrupt.data = server->watch.data = server;
    uv_signal_start(&server->terminate, on_signal, SIGTERM);
    uv_signal_start(&server->interrupt, on_signal, SIGINT);
    uv_timer_start(&server->watch, on_watch, WATCH_MS, WATCH_MS);
    printf("ready %.*s\n", STR_ARG(url));
    fflush(stdout);
    sd_notify(0, "READY=1");
    uv_run(&server->loop, UV_RUN_DEFAULT);
}

int serve(struct command_run *run, const struct serve_options *options)
{
    struct server server = {.code = EXIT_DONE};
    struct str url;
    if (uv_loop_init(&server.loop) != 0)
        return command_fail(run, ERR_MEMORY);
    uv_async_init(&server.loop, &server.wake, on_mail);
    uv_timer_init(&server.loop, &server.turn);
    server.wake.data = server.turn.data = &server;

    run->op->now = clock_now();
    enum err err = server_start(&server, run, options, &url);
    if (err != ERR_OK) {
        server.code = command_fail(run, err);
        if (server.control != NULL)
            control_close(server.control, NULL, NULL);
        if (server.http != NULL)
            http_server_close(server.http, NULL, NULL);
    } else {
        server_run(&server, url);
    }
    runner_destroy(server.runner);
    runner_destroy(server.confirmer);
    runner_destroy(server.postman);
    follower_destroy(server.index);
    follower_destroy(server.rules);
    follower_destroy(server.notifier);
    hooks_destroy(server.hooks);
    mail_sender_destroy(server.mailer.sender);
    core_close(server.core);
    api_destroy(server.api);
    provider_destroy(server.provider);
    uv_walk(&server.loop, close_handle, NULL);
    uv_run(&server.loop, UV_RUN_DEFAULT);
    uv_loop_close(&server.loop);
    mailbox_destroy(server.mailbox);
    if (err == ERR_OK)
        LOG(LOG_INFO, "stopped", LOG_NUM("code", server.code));
    return server.code;
}

static int serve_run(struct command_run *run)
{
    struct str mark = arena_printf(run->op->arena, "%.*s/" DEMO_MARK, STR_ARG(run->config.data));
    if (mark.p == NULL)
        return command_fail(run, ERR_MEMORY);
    if (access(mark.p, F_OK) == 0)
        return command_fail(run, op_fail(run->op, ERR_INVALID,
                                         "%.*s is the folder of a demo, which has an account with "
                                         "a public password; choose another with --data",
                                         STR_ARG(run->config.data)));
    struct serve_options options = {.environment = run->config.environment};
    return serve(run, &options);
}

const struct admin_command serve_commands[] = {
    {.command = {"serve", NULL, "run the server"}, .run_direct = serve_run},
    {{NULL}},
};
