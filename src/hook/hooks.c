#include "hook/hooks.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/random.h"
#include "core/commits.h"
#include "core/webhook.h"
#include "fetch/post.h"
#include "hook/message.h"
#include "hook/outcome.h"
#include "hook/subscriber.h"
#include "model/date.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    TURN_ARENA_MAX = 256 * 1024 * 1024,
    SUBSCRIBERS_ARENA_MAX = 128 * 1024 * 1024,
    SENDING_ARENA_MAX = 2 * MESSAGE_MAX + 65536,
    SENDING_BYTES_MAX = 256 * 1024 * 1024, /* of all bodies under way */
    HOOKS_NICE = 5,
    POLL_MS = 500,      /* for what other nodes, or people, have changed */
    WRITE_MS = 20,      /* what happens in so long is written at once */
    OUTCOMES_MAX = 512, /* that wait to be written */
    BACK_OFF_MS = 1000,
    OWNER_SIZE = 16,
};

static const int64_t LEASE = 30000, LEASE_RENEWED = 5000;
static const int64_t DAY = 24 * 60 * 60 * INT64_C(1000);
static const int64_t MINUTE_MS = 60000;

enum { WARNED_AFTER_DAYS = 4, PAUSED_AFTER_DAYS = 5 };

/* An attempt under way. */
struct sending {
    struct post post;
    struct delivery delivery;
    const char *headers[MESSAGE_HEADERS];
    struct arena arena;
    struct sending *next;
};

struct hooks {
    struct hooks_options options;
    struct commit_listener listener;
    pthread_t thread;
    atomic_bool stopping, listening; /* there are webhooks, so commits matter */
    struct poster *poster;
    struct db *db; /* NULL: not open */
    struct task_trail *trail;
    struct arena turn, kept;
    struct subscribers subscribers;
    struct sending *sendings;
    size_t sending_bytes;
    unsigned char owner[OWNER_SIZE];
    bool shared, foreign_said;
    int64_t renewed_at, written_at; /* clock_ticks() */
    int64_t directory_version;      /* by which owners were looked at */
    /* In `kept`: what is to be written. */
    struct hook_outcome *outcomes;
    size_t outcome_count;
    bool more; /* the feed has more */
};

/* On the write lane. */
static void on_commit(void *arg)
{
    struct hooks *hooks = arg;
    if (atomic_load(&hooks->listening))
        poster_wake(hooks->poster);
}

/* ---- opening and closing ---- */

static void sending_destroy(struct hooks *hooks, struct sending *sending)
{
    post_drop(hooks->poster, &sending->post);
    hooks->sending_bytes -= sending->post.body.n;
    arena_finish(&sending->arena);
    free(sending);
}

/* Forgets everything: what is under way is sent again, by this node or another. */
static void hooks_close(struct hooks *hooks)
{
    while (hooks->sendings != NULL) {
        struct sending *next = hooks->sendings->next;
        sending_destroy(hooks, hooks->sendings);
        hooks->sendings = next;
    }
    hooks->outcome_count = 0;
    hooks->subscribers.n = 0;
    hooks->subscribers.revision = -1;
    hooks->directory_version = 0;
    hooks->renewed_at = 0;
    db_close(hooks->db);
    hooks->db = NULL;
}

static enum err hooks_open(struct hooks *hooks, struct op *op)
{
    enum err err = core_open_reader(hooks->options.core, op, &hooks->db);
    arena_reset(&hooks->kept);
    hooks->outcomes = ARENA_ARRAY(&hooks->kept, struct hook_outcome, OUTCOMES_MAX);
    hooks->outcome_count = 0;
    hooks->shared = core_is_shared(hooks->options.core);
    return err == ERR_OK && hooks->outcomes == NULL ? ERR_MEMORY : err;
}

/* ---- writing ---- */

static struct outcomes outcomes_of(const struct hooks *hooks, const struct op *op)
{
    struct outcomes all = {.items = hooks->outcomes, .n = hooks->outcome_count};
    if (hooks->shared) {
        all.owner = (struct str){(const char *)hooks->owner, OWNER_SIZE};
        all.lease_until = op->now + LEASE;
        all.claims = hooks->renewed_at == 0; /* then nothing has been read */
    }
    return all;
}

/* Writes how attempts have ended, with what was taken from the feed (NULL: nothing). */
static enum err write_all(struct hooks *hooks, struct op *op, const struct taking *taking)
{
    struct outcomes all = outcomes_of(hooks, op);
    if (taking != NULL) {
        all.added = taking->added;
        all.added_count = taking->added_count;
        all.positions = taking->positions;
        all.position_count = taking->position_count;
    }
    int64_t now = clock_ticks();
    bool renews =
        hooks->shared && (hooks->renewed_at == 0 || now - hooks->renewed_at >= LEASE_RENEWED);
    if (all.n + all.added_count + all.position_count == 0 && !renews)
        return ERR_OK;
    hooks->written_at = now;
    enum err err = outcomes_write(hooks->options.core, op, &all);
    if (err != ERR_OK)
        return err;
    hooks->renewed_at = clock_ticks();
    hooks->outcome_count = 0;
    arena_reset(&hooks->kept);
    hooks->outcomes = ARENA_ARRAY(&hooks->kept, struct hook_outcome, OUTCOMES_MAX);
    for (size_t i = 0; i < all.added_count; i++) {
        struct subscriber *one = subscriber_find(&hooks->subscribers, all.added[i].webhook_id);
        if (one != NULL)
            queue_add(&one->queue, all.added[i].id);
    }
    return hooks->outcomes == NULL ? ERR_MEMORY : ERR_OK;
}

/* ---- how an attempt has ended ---- */

static bool is_success(const struct post *post)
{
    return post->error == NULL && post->status >= 200 && post->status < 300;
}

/* Why it counts as a failure, for people. */
static struct str failure_of(struct op *op, const struct post *post)
{
    if (post->error != NULL)
        return arena_printf(op->arena, "No answer: %.300s", post->error);
    if (post->status >= 300 && post->status < 400)
        return arena_printf(op->arena,
                            "The answer was the redirect %d, which is not followed; enter the "
                            "address that it leads to.",
                            post->status);
    return arena_printf(op->arena, "The answer was %d.", post->status);
}

/* Notes the outcome, to be written soon, and what it means for the webhook. */
static enum err sending_end(struct hooks *hooks, struct op *op, struct sending *sending)
{
    const struct post *post = &sending->post;
    struct op kept = {.arena = &hooks->kept, .now = op->now};
    struct hook_outcome *outcome = &hooks->outcomes[hooks->outcome_count++];
    struct subscriber *one = subscriber_find(&hooks->subscribers, sending->delivery.webhook_id);
    bool test = sending->delivery.ordinal == 0, gone = post->status == 410 && post->error == NULL;
    *outcome = (struct hook_outcome){
        .delivery = sending->delivery, .succeeded = is_success(post), .sent = sha256(post->body)};
    struct delivery *delivery = &outcome->delivery;
    delivery->request = STR_NONE;
    delivery->sent_at = op->now - post->ms;
    delivery->ms = post->ms;
    delivery->status = post->status;
    delivery->answer = arena_str(&hooks->kept, post->answer);
    delivery->error = outcome->succeeded ? STR_NONE : failure_of(&kept, post);
    delivery->attempts++;
    if (delivery->answer.p == NULL || (!outcome->succeeded && delivery->error.p == NULL))
        return ERR_MEMORY;

    /* A test is over with its first attempt. */
    int64_t wait =
        outcome->succeeded || test || gone ? -1 : queue_wait(delivery->attempts, post->retry_after);
    delivery->state = outcome->succeeded ? DELIVERY_DONE
                      : wait < 0         ? DELIVERY_FAILED
                                         : DELIVERY_WAITING;
    delivery->due_at = wait < 0 ? op->now : op->now + wait;
    metric_add(METRIC_DELIVERIES,
               outcome->succeeded ? POSTING_ACCEPTED
               : wait < 0         ? POSTING_GIVEN_UP
                                  : POSTING_FAILED,
               0, 1);
    if (one == NULL)
        return ERR_OK;
    one->busy = false;
    /* If it was asked for again in the meantime, it waits as if it had never been tried, here as in the
     * store. */
    bool again = !queue_has(&one->queue, delivery->id, sending->delivery.attempts);
    if (!again && delivery->state == DELIVERY_WAITING)
        queue_again(&one->queue, delivery->id, delivery->attempts, delivery->due_at);
    else if (!again)
        queue_remove(&one->queue, delivery->id);
    if (post->retry_after > 0 && !outcome->succeeded)
        one->not_before = op->now + post->retry_after;
    if (test)
        return ERR_OK;

    struct webhook *webhook = &one->webhook;
    outcome->touches = outcome->succeeded ? webhook->failing_since != TIME_NONE ||
                                                webhook->succeeded_at == TIME_NONE ||
                                                op->now - webhook->succeeded_at > MINUTE_MS
                                          : webhook->failing_since == TIME_NONE;
    if (outcome->succeeded && outcome->touches)
        webhook->succeeded_at = delivery->sent_at;
    if (outcome->succeeded) {
        webhook->failing_since = TIME_NONE;
        webhook->warned = false;
    } else if (webhook->failing_since == TIME_NONE) {
        webhook->failing_since = delivery->sent_at;
    }
    return ERR_OK;
}

/* Pauses webhooks, or warns, where that follows from how it goes. */
static enum err health_follow(struct hooks *hooks, struct op *op,
                              const struct hook_outcome *outcome)
{
    struct subscriber *one = subscriber_find(&hooks->subscribers, outcome->delivery.webhook_id);
    struct core *core = hooks->options.core;
    if (one == NULL || outcome->succeeded || one->webhook.pause != WEBHOOK_RUNS)
        return ERR_OK;
    bool gone = outcome->delivery.status == 410;
    int64_t failing =
        one->webhook.failing_since == TIME_NONE ? 0 : op->now - one->webhook.failing_since;
    if (gone || failing >= PAUSED_AFTER_DAYS * DAY) {
        one->webhook.pause = gone ? WEBHOOK_GONE : WEBHOOK_FAILING;
        return core_webhook_pause(core, op, &one->webhook, one->webhook.pause);
    }
    if (failing < WARNED_AFTER_DAYS * DAY || one->webhook.warned)
        return ERR_OK;
    one->webhook.warned = true;
    return core_webhook_warn(core, op, &one->webhook);
}

/* Takes in what is finished. */
static enum err sendings_end(struct hooks *hooks, struct op *op)
{
    struct post *post;
    enum err err = ERR_OK;
    while (err == ERR_OK && hooks->outcome_count < OUTCOMES_MAX &&
           (post = poster_next(hooks->poster)) != NULL) {
        struct sending *sending = post->arg, **at = &hooks->sendings;
        while (*at != sending)
            at = &(*at)->next;
        *at = sending->next;
        err = sending_end(hooks, op, sending);
        sending_destroy(hooks, sending);
        if (err == ERR_OK)
            err = health_follow(hooks, op, &hooks->outcomes[hooks->outcome_count - 1]);
    }
    return err;
}

/* ---- sending ---- */

/* On a server for acceptance nobody is called who is not on the list. */
static bool may_call(const struct hooks *hooks, struct str url)
{
    struct str rest = hooks->options.acc_allow, host;
    bool https;
    if (!hooks->options.acc)
        return true;
    if (!url_split(url, &https, &host))
        return false;
    while (rest.p != NULL)
        if (str_eq_case(str_trim(str_cut(&rest, ',')), host))
            return true;
    return false;
}

static enum err sending_make(struct hooks *hooks, struct op *op, struct subscriber *one,
                             const struct delivery *delivery)
{
    struct sending *sending = calloc(1, sizeof *sending);
    const struct webhook *webhook = &one->webhook;
    size_t secrets = one->secret_count > 1 && webhook->old_secret_until > op->now ? 2 : 1;
    if (sending == NULL)
        return ERR_MEMORY;
    arena_init(&sending->arena, SENDING_ARENA_MAX);
    struct op own = {.arena = &sending->arena, .now = op->now};
    struct str url = arena_str(&sending->arena, webhook->url);
    enum err err = url.p == NULL
                       ? ERR_MEMORY
                       : arena_copy(&sending->arena, delivery->request, &sending->post.body);
    sending->delivery = *delivery;
    sending->delivery.type = sending->delivery.key = STR_NONE;
    if (err == ERR_OK)
        err = message_headers(&own, delivery, sending->post.body, one->secrets, secrets,
                              sending->headers);
    if (err == ERR_OK) {
        sending->post.url = url.p;
        sending->post.headers = sending->headers;
        sending->post.arg = sending;
        err = poster_start(hooks->poster, &sending->post);
    }
    if (err != ERR_OK) {
        arena_finish(&sending->arena);
        free(sending);
        return err;
    }
    hooks->sending_bytes += sending->post.body.n;
    sending->next = hooks->sendings;
    hooks->sendings = sending;
    one->busy = true;
    return ERR_OK;
}

/* What may not be sent is put off; that is not an attempt. */
static enum err next_send(struct hooks *hooks, struct op *op, struct subscriber *one, int64_t id)
{
    struct delivery delivery;
    enum err err = store_delivery_get(hooks->db, op, one->webhook.id, id, &delivery);
    if (err == ERR_NOT_FOUND ||
        (err == ERR_OK && (delivery.state != DELIVERY_WAITING || delivery.request.p == NULL))) {
        queue_remove(&one->queue, id);
        return ERR_OK;
    }
    if (err == ERR_OK && !may_call(hooks, one->webhook.url)) {
        queue_again(&one->queue, id, delivery.attempts, op->now + MINUTE_MS);
        return ERR_OK;
    }
    return err == ERR_OK ? sending_make(hooks, op, one, &delivery) : err;
}

/* Starts what is due, in a read transaction. *ret_due is when there is more to do by time. With
 * `refills` all outcomes are written, so that queues can be read again. */
static enum err sendings_start(struct hooks *hooks, struct op *op, bool refills, int64_t *ret_due)
{
    enum err err = ERR_OK;
    *ret_due = INT64_MAX;
    for (size_t i = 0; i < hooks->subscribers.n && err == ERR_OK; i++) {
        struct subscriber *one = &hooks->subscribers.items[i];
        bool paused = one->webhook.pause != WEBHOOK_RUNS;
        int64_t due = INT64_MAX;
        if (one->busy || one->secret_count == 0 || hooks->sending_bytes > SENDING_BYTES_MAX)
            continue;
        if (refills && queue_runs_out(&one->queue))
            err = subscriber_refill(one, hooks->db, op);
        const struct queued *next =
            queue_next(&one->queue, paused || one->not_before > op->now, op->now, &due);
        if (next == NULL && one->not_before > op->now && one->not_before < due && !paused)
            due = one->not_before;
        *ret_due = due < *ret_due ? due : *ret_due;
        if (err != ERR_OK || next == NULL)
            continue;
        struct arena_mark mark = arena_mark(op->arena);
        int64_t id = next->id;
        err = next_send(hooks, op, one, id);
        arena_rewind(op->arena, mark);
    }
    return err;
}

static enum err start_run(struct hooks *hooks, struct op *op, bool refills, int64_t *ret_due)
{
    enum err err = db_begin_read(hooks->db, op);
    if (err != ERR_OK)
        return err;
    err = sendings_start(hooks, op, refills, ret_due);
    db_rollback(hooks->db);
    return err;
}

/* ---- a turn ---- */

/* Pauses those whose owner no longer manages the domain. */
static enum err owners_look(struct hooks *hooks, struct op *op, const struct directory *directory)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < hooks->subscribers.n && err == ERR_OK; i++) {
        struct webhook *webhook = &hooks->subscribers.items[i].webhook;
        if (webhook->pause != WEBHOOK_RUNS || webhook_has_owner(directory, webhook))
            continue;
        webhook->pause = WEBHOOK_ORPHANED;
        err = core_webhook_orphan(hooks->options.core, op, directory, webhook);
    }
    /* It may have an owner: until all are read and looked at again, nothing is sent to it. */
    if (err == ERR_OUTDATED) {
        hooks->subscribers.revision = -1;
        return ERR_OK;
    }
    if (err == ERR_OK)
        hooks->directory_version = directory->version;
    return err;
}

/* Reads them again if something has changed. What is under way continues. */
static enum err subscribers_look(struct hooks *hooks, struct op *op,
                                 const struct directory *directory)
{
    struct subscribers *all = &hooks->subscribers;
    int64_t revision;
    enum err err = store_webhook_revision(hooks->db, op, &revision);
    if (err != ERR_OK || revision == all->revision)
        return err;
    err = subscribers_read(all, hooks->db, op, directory, hooks->options.key, revision);
    for (struct sending *each = hooks->sendings; each != NULL && err == ERR_OK; each = each->next) {
        struct subscriber *one = subscriber_find(all, each->delivery.webhook_id);
        if (one == NULL)
            continue;
        one->busy = true;
    }
    hooks->directory_version = 0;
    atomic_store(&hooks->listening, all->n > 0);
    if (all->n > all->opened && !hooks->foreign_said)
        LOG(LOG_ERROR,
            "secrets of webhooks were sealed with another secret key; they wait until it "
            "is in place, or they get new secrets",
            LOG_NUM("webhooks", (int64_t)(all->n - all->opened)));
    hooks->foreign_said = all->n > all->opened;
    return err;
}

/* Begins a read transaction; *ret_changed: subscribers are to be read again. */
static enum err turn_begin(struct hooks *hooks, struct op *op, bool *ret_changed)
{
    int64_t revision = 0;
    enum err err = db_begin_read(hooks->db, op);
    if (err == ERR_OK)
        err = store_webhook_revision(hooks->db, op, &revision);
    *ret_changed = err == ERR_OK && revision != hooks->subscribers.revision;
    return err;
}

/* In a read transaction. */
static enum err feed_look(struct hooks *hooks, struct op *op, const struct directory *directory,
                          struct taking *ret_taking)
{
    struct message_source source = {.db = hooks->db,
                                    .trail = hooks->trail,
                                    .directory = directory,
                                    .public_url = hooks->options.public_url};
    enum err err = subscribers_look(hooks, op, directory);
    /* A node that can open nothing leaves it to one that can. */
    if (err == ERR_OK && hooks->shared && hooks->subscribers.n > 0 &&
        hooks->subscribers.opened == 0)
        return ERR_BUSY;
    *ret_taking = (struct taking){0};
    if (err != ERR_OK || hooks->subscribers.n == 0)
        return err;
    err = task_trail_view(hooks->trail, hooks->db, op, directory);
    if (err == ERR_OK)
        err = subscribers_take(&hooks->subscribers, &source, op, ret_taking);
    return err;
}

static enum err turn_run(struct hooks *hooks, struct op *op, int64_t *ret_due)
{
    const struct directory *directory = NULL;
    struct taking taking = {0};
    bool changed = false;
    enum err err = hooks->db == NULL ? hooks_open(hooks, op) : ERR_OK;
    if (err == ERR_OK)
        err = turn_begin(hooks, op, &changed);
    /* Queues are read again only when all outcomes are written; and nothing without the lease. */
    if (err == ERR_OK &&
        ((changed && hooks->outcome_count > 0) || (hooks->shared && hooks->renewed_at == 0))) {
        db_rollback(hooks->db);
        err = write_all(hooks, op, NULL);
        if (err == ERR_OK)
            err = db_begin_read(hooks->db, op);
    }
    if (err != ERR_OK)
        return err;
    /* As new as the events: whose role was taken before an event does not get it. */
    err = core_directory_of_view(hooks->options.core, hooks->db, op, &directory);
    if (err == ERR_OK)
        err = feed_look(hooks, op, directory, &taking);
    db_rollback(hooks->db);
    if (err == ERR_OK && directory->version != hooks->directory_version)
        err = owners_look(hooks, op, directory);
    directory_release(directory);
    if (err == ERR_OK)
        err = write_all(hooks, op, &taking);
    hooks->more = taking.more || taking.added_count > 0;
    return err == ERR_OK ? start_run(hooks, op, true, ret_due) : err;
}

/* Away: another node delivers. Otherwise something has gone wrong, and is tried again. */
static void turn_failed(struct hooks *hooks, struct op *op, enum err err)
{
    if (err != ERR_BUSY && err != ERR_RETRY && err != ERR_TOO_LONG)
        LOG(LOG_WARN, "delivering webhooks failed and is tried again",
            LOG_TEXT("reason",
                     op->detail[0] != '\0' ? str_of(op->detail) : str_of(err_meaning(err))));
    /* A node that has the lease and can open nothing gives it back. */
    if (err == ERR_BUSY && hooks->renewed_at != 0) {
        struct outcomes none = outcomes_of(hooks, op);
        none.n = 0;
        none.lease_until = 0;
        (void)!outcomes_write(hooks->options.core, op, &none);
    }
    hooks_close(hooks);
    atomic_store(&hooks->listening, false);
    for (int64_t waited = 0; waited < BACK_OFF_MS && !atomic_load(&hooks->stopping);
         waited += POLL_MS / 5)
        poster_work(hooks->poster, POLL_MS / 5);
}

/* Until there is something to do. What happens within WRITE_MS is written at once; in the meantime
 * a receiver that has got one delivery gets the next. */
static enum err wait_and_send(struct hooks *hooks, struct op *op, int64_t due)
{
    int64_t now = clock_now(), wait = hooks->more ? 0 : POLL_MS;
    enum err err;
    poster_work(hooks->poster, due <= now ? 0 : due - now < wait ? due - now : wait);
    for (;;) {
        size_t before = hooks->outcome_count;
        op->now = clock_now();
        err = sendings_end(hooks, op);
        if (err == ERR_OK && hooks->outcome_count > before)
            err = start_run(hooks, op, false, &due);
        int64_t rest = WRITE_MS - (clock_ticks() - hooks->written_at);
        if (err != ERR_OK || rest <= 0 || atomic_load(&hooks->stopping))
            return err;
        poster_work(hooks->poster, rest);
    }
}

/* At the end: writes what has ended, and gives the lease back, so that another node need not wait. */
static void hooks_leave(struct hooks *hooks)
{
    struct op op = {.arena = &hooks->turn, .now = clock_now()};
    struct outcomes all = outcomes_of(hooks, &op);
    all.lease_until = 0;
    arena_reset(&hooks->turn);
    if (hooks->db != NULL && (all.n > 0 || hooks->shared) &&
        outcomes_write(hooks->options.core, &op, &all) != ERR_OK)
        LOG(LOG_INFO, "the last deliveries of webhooks are sent again at the next start");
}

static void *hooks_thread(void *arg)
{
    struct hooks *hooks = arg;
    int64_t due = INT64_MAX;
    /* On Linux this is of the thread alone: whatever a caller waits for goes before. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), HOOKS_NICE);
    while (!atomic_load(&hooks->stopping)) {
        arena_reset(&hooks->turn);
        struct op op = {.arena = &hooks->turn, .now = clock_now()};
        enum err err = turn_run(hooks, &op, &due);
        if (err != ERR_OK) {
            turn_failed(hooks, &op, err);
            continue;
        }
        err = wait_and_send(hooks, &op, due);
        if (err != ERR_OK)
            turn_failed(hooks, &op, err);
    }
    hooks_leave(hooks);
    hooks_close(hooks);
    return NULL;
}

static void hooks_free(struct hooks *hooks)
{
    poster_destroy(hooks->poster);
    task_trail_destroy(hooks->trail);
    arena_finish(&hooks->turn);
    arena_finish(&hooks->kept);
    subscribers_finish(&hooks->subscribers);
    free(hooks);
}

enum err hooks_create(const struct hooks_options *options, struct hooks **ret_hooks)
{
    struct hooks *hooks = calloc(1, sizeof *hooks);
    struct poster_options poster = {.allow = options->allow};
    if (hooks == NULL)
        return ERR_MEMORY;
    hooks->options = *options;
    random_bytes(hooks->owner, sizeof hooks->owner);
    arena_init(&hooks->turn, TURN_ARENA_MAX);
    arena_init(&hooks->kept, TURN_ARENA_MAX);
    subscribers_init(&hooks->subscribers, SUBSCRIBERS_ARENA_MAX);
    hooks->listener = (struct commit_listener){.committed = on_commit, .arg = hooks};
    if (poster_create(&poster, &hooks->poster) != ERR_OK ||
        task_trail_create(&hooks->trail) != ERR_OK) {
        hooks_free(hooks);
        return ERR_MEMORY;
    }
    commits_join(core_commits(options->core), &hooks->listener);
    if (pthread_create(&hooks->thread, NULL, hooks_thread, hooks) != 0) {
        commits_leave(core_commits(options->core), &hooks->listener);
        hooks_free(hooks);
        return ERR_MEMORY;
    }
    pthread_setname_np(hooks->thread, "bzctrl-hooks");
    *ret_hooks = hooks;
    return ERR_OK;
}

void hooks_destroy(struct hooks *hooks)
{
    if (hooks == NULL)
        return;
    commits_leave(core_commits(hooks->options.core), &hooks->listener);
    atomic_store(&hooks->stopping, true);
    poster_wake(hooks->poster);
    pthread_join(hooks->thread, NULL);
    hooks_free(hooks);
}
