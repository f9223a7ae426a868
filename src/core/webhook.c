#include "core/webhook.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/id.h"
#include "base/random.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "model/date.h"
#include "model/key.h"

static const int64_t TESTS_MS = 60 * INT64_C(1000); /* of DELIVERY_TESTS_MAX */

/* ---- events ---- */

static struct str place_of(const struct directory *directory, const struct webhook *webhook)
{
    const struct workspace *workspace = directory_workspace_by_id(directory, webhook->workspace_id);
    const struct domain *domain = directory_domain_by_id(directory, webhook->domain_id);
    return workspace != NULL ? workspace->key : domain != NULL ? domain->key : STR_NONE;
}

/* An address may have a secret in its path or its query: events show where it leads to and no more. */
static struct str host_of(const struct webhook *webhook)
{
    bool https;
    struct str host;
    return webhook->url.p != NULL && url_split(webhook->url, &https, &host) ? host : STR_NONE;
}

/* `before` NULL: it is new; `after` NULL: it is removed. `undelivered` may be absent. */
static enum err event_add(struct batch *batch, struct op *op, const struct directory *directory,
                          const struct webhook *webhook, const struct webhook *before,
                          const struct webhook *after, int64_t actor_id, struct str action,
                          struct str undelivered)
{
    static const struct webhook none = {0};
    bool is_new = before == NULL, gone = after == NULL;
    const struct domain *domain = directory_domain_by_id(directory, webhook->domain_id);
    struct str id = arena_printf(op->arena, "%lld", (long long)webhook->id);
    struct admin_changes changes;
    struct str payload;
    before = is_new ? &none : before;
    after = gone ? &none : after;
    if (id.p == NULL)
        return ERR_MEMORY;
    if (domain == NULL)
        return ERR_OUTDATED;
    admin_changes_begin(&changes);
    admin_change_name(&changes, "webhook", is_new ? STR_NONE : id, gone ? STR_NONE : id);
    admin_change_text(&changes, "place", is_new ? STR_NONE : place_of(directory, webhook),
                      gone ? STR_NONE : place_of(directory, webhook));
    admin_change_text(&changes, "host", host_of(before), host_of(after));
    admin_change_texts(&changes, "events", before->events, after->events);
    admin_change_text(&changes, "pause", webhook_pause_name(before->pause),
                      webhook_pause_name(after->pause));
    if (!is_new && !gone && !str_eq(before->url, after->url))
        admin_change_name(&changes, "url", STR_NONE, STR("changed"));
    if (!is_new && !gone && before->secret_at != after->secret_at)
        admin_change_name(&changes, "secret", STR_NONE, STR("rotated"));
    admin_change_text(&changes, "undelivered", STR_NONE, undelivered);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK
               ? admin_event_add(batch, op, domain->id, domain->key, actor_id, action, payload)
               : err;
}

/* The record that a notice names; absent: its place has none. */
static enum err notice_record(struct db *db, struct op *op, const struct webhook *webhook,
                              struct str *ret_key)
{
    struct str workspace;
    int64_t number;
    struct buf key;
    enum err err = store_delivery_record(db, op, webhook->id, ret_key);
    if (err != ERR_OK || ret_key->p != NULL)
        return err;
    err = store_webhook_newest_record(db, op, webhook, &workspace, &number);
    if (err != ERR_OK || number == 0)
        return err;
    buf_init(&key, 256);
    buf_record_key(&key, workspace, number);
    return buf_move(&key, op->arena, ret_key);
}

enum err webhook_tell(struct batch *batch, struct op *op, const struct directory *directory,
                      const struct webhook *webhook, enum webhook_notice notice)
{
    struct webhook before = *webhook;
    struct str undelivered;
    before.pause = WEBHOOK_RUNS;
    enum err err = notice_record(batch_db(batch), op, webhook, &undelivered);
    return err == ERR_OK ? event_add(batch, op, directory, webhook, &before, webhook, 0,
                                     notice == WEBHOOK_NOTICE_PAUSED ? STR("admin.webhook.paused")
                                                                     : STR("admin.webhook.failing"),
                                     undelivered)
                         : err;
}

/* ---- saving ---- */

/* Is all still as it was when the change was judged? */
static enum err save_expect(struct webhook_save *save, struct batch *batch)
{
    struct op *op = save->op;
    struct db *db = batch_db(batch);
    struct webhook now;
    int64_t count, below = 0;
    enum err err = batch_directory_expect_begun(batch, op, save->directory);
    if (err == ERR_OK && save->before != NULL) {
        err = store_webhook_get(db, op, save->webhook.id, &now);
        return err == ERR_NOT_FOUND || (err == ERR_OK && now.version != save->before->version)
                   ? ERR_OUTDATED
                   : err;
    }
    if (err == ERR_OK)
        err = store_webhook_count(db, op, &count);
    if (err == ERR_OK && count >= WEBHOOKS_MAX)
        return op_fail(op, ERR_CONFLICT,
                       "This server has %d webhooks already, the maximum; remove one first.",
                       WEBHOOKS_MAX);
    struct str root = directory_domain_by_id(save->directory, save->webhook.domain_id)->key;
    root = str_cut(&root, '-');
    if (err == ERR_OK)
        err = store_webhook_count_below(db, op, root, &below);
    if (err == ERR_OK && below >= WEBHOOKS_TREE_MAX)
        err = op_fail(op, ERR_CONFLICT,
                      "%.*s and the domains below it have %d webhooks already, the maximum; remove "
                      "one first.",
                      STR_ARG(root), WEBHOOKS_TREE_MAX);
    return err;
}

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct webhook_save *save = container_of(change, struct webhook_save, change);
    const struct webhook *webhook = &save->webhook;
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct str action = save->drops            ? STR("admin.webhook.removed")
                        : save->before == NULL ? STR("admin.webhook.created")
                                               : STR("admin.webhook.changed");
    /* What is counted stays so many until the commit. */
    enum err err = batch_hold_domain(batch, op, 0);
    if (err == ERR_OK)
        err = save_expect(save, batch);
    if (err == ERR_OK)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, webhook->domain_id);
    if (err == ERR_OK)
        err = save->drops            ? store_webhook_drop(db, op, webhook)
              : save->before == NULL ? store_webhook_add(db, op, webhook)
                                     : store_webhook_put(db, op, webhook);
    /* It is let go on. */
    if (err == ERR_OK && save->before != NULL &&
        webhook->failing_since != save->before->failing_since)
        err = store_webhook_health_reset(db, op, webhook->id);
    if (err == ERR_OK)
        err = event_add(batch, op, save->directory, webhook, save->before,
                        save->drops ? NULL : webhook, save->actor_id, action, STR_NONE);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_WEBHOOK, webhook->id, save->actor_id)
                         : err;
}

enum err core_webhook_save(struct core *core, struct webhook_save *save)
{
    struct webhook *webhook = &save->webhook;
    if (save->before == NULL) {
        webhook->id = id_next();
        webhook->created_at = save->op->now;
    }
    webhook->version = save->before == NULL ? 1 : save->before->version + 1;
    webhook->updated_at = save->op->now;
    save->change = (struct change){.op = save->op, .apart = true, .apply = save_apply};
    return core_change_wait(core, &save->change);
}

enum err webhook_secret_make(struct op *op, const struct seal_key *key, int64_t old_until,
                             struct webhook *webhook, struct str *ret_text)
{
    unsigned char secret[WEBHOOK_SECRET_SIZE];
    struct buf buf;
    struct str sealed;
    random_bytes(secret, sizeof secret);
    buf_init(&buf, 128);
    BUF_LIT(&buf, "whsec_");
    buf_base64(&buf, secret, sizeof secret);
    enum err err = buf_move(&buf, op->arena, ret_text);
    if (err == ERR_OK)
        err = seal(op, key, (struct str){(const char *)secret, sizeof secret}, &sealed);
    if (err != ERR_OK)
        return err;
    webhook->old_secret = old_until == TIME_NONE ? STR_NONE : webhook->secret;
    webhook->old_secret_until = old_until;
    webhook->secret = sealed;
    webhook->secret_at = op->now;
    return ERR_OK;
}

/* ---- what follows from deliveries ---- */

struct notice {
    struct change change;
    const struct directory *directory; /* by which it was judged */
    const struct webhook *judged;
    enum webhook_pause pause; /* WEBHOOK_RUNS: it is only warned of */
};

static enum err notice_apply(struct change *change, struct batch *batch)
{
    struct notice *notice = container_of(change, struct notice, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct webhook webhook;
    bool pauses = notice->pause != WEBHOOK_RUNS;
    bool fails = !pauses || notice->pause == WEBHOOK_FAILING;
    enum err err = store_webhook_get(db, op, notice->judged->id, &webhook);
    if (err != ERR_OK || webhook.pause != WEBHOOK_RUNS || (!pauses && webhook.warned))
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    /* People have let it go on, or another node that delivers by now has got through. */
    if (fails && webhook.failing_since != notice->judged->failing_since)
        return ERR_OK;
    /* Its owner, or the roles in its domain, may be others by now. */
    if (notice->pause == WEBHOOK_ORPHANED) {
        err = batch_directory_expect_begun(batch, op, notice->directory);
        if (err == ERR_OK && webhook_has_owner(notice->directory, &webhook))
            err = ERR_OUTDATED;
    }
    if (err == ERR_OK)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, webhook.domain_id);
    if (err != ERR_OK)
        return err;
    if (!pauses) {
        err = store_webhook_warned(db, op, webhook.id);
        return err == ERR_OK
                   ? webhook_tell(batch, op, notice->directory, &webhook, WEBHOOK_NOTICE_FAILING)
                   : err;
    }
    webhook.pause = notice->pause;
    webhook.paused_at = webhook.updated_at = op->now;
    webhook.version++;
    err = store_webhook_put(db, op, &webhook);
    if (err == ERR_OK)
        err = webhook_tell(batch, op, notice->directory, &webhook, WEBHOOK_NOTICE_PAUSED);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_WEBHOOK, webhook.id, 0) : err;
}

static enum err notice_run(struct core *core, struct op *op, const struct directory *directory,
                           const struct webhook *judged, enum webhook_pause pause)
{
    struct notice notice = {.change = {.op = op, .apart = true, .apply = notice_apply},
                            .directory = directory,
                            .judged = judged,
                            .pause = pause};
    return core_change_wait(core, &notice.change);
}

enum err core_webhook_pause(struct core *core, struct op *op, const struct webhook *judged,
                            enum webhook_pause pause)
{
    const struct directory *directory = core_directory(core);
    enum err err = notice_run(core, op, directory, judged, pause);
    directory_release(directory);
    return err;
}

enum err core_webhook_orphan(struct core *core, struct op *op, const struct directory *directory,
                             const struct webhook *judged)
{
    return notice_run(core, op, directory, judged, WEBHOOK_ORPHANED);
}

enum err core_webhook_warn(struct core *core, struct op *op, const struct webhook *judged)
{
    return core_webhook_pause(core, op, judged, WEBHOOK_RUNS);
}

/* ---- deliveries ---- */

static enum err test_body(struct op *op, struct str *ret_body)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, 1024);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_put_text(&json, "type", STR("webhook.test"));
    json_put_time(&json, "timestamp", op->now);
    json_begin_object(&json, "data");
    json_put_text(&json, "message", STR("A test of this webhook: it is about no record."));
    json_end(&json);
    json_begin_object(&json, "previous");
    json_end(&json);
    json_put_i64(&json, "seq", 0);
    json_end(&json);
    return buf_move(&buf, op->arena, ret_body);
}

struct hook_test {
    struct change change;
    struct delivery delivery;
    int64_t wait; /* milliseconds */
};

static enum err test_apply(struct change *change, struct batch *batch)
{
    struct hook_test *test = container_of(change, struct hook_test, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    int64_t webhook_id = test->delivery.webhook_id, n, oldest;
    enum err err = store_tests_since(db, op, webhook_id, op->now - TESTS_MS, &n, &oldest);
    if (err == ERR_OK && n >= DELIVERY_TESTS_MAX) {
        test->wait = oldest + TESTS_MS > op->now ? oldest + TESTS_MS - op->now : TESTS_MS;
        return op_fail(op, ERR_THROTTLED,
                       "A webhook can be tested %d times a minute; try again in %lld seconds.",
                       DELIVERY_TESTS_MAX, (long long)(test->wait + 999) / 1000);
    }
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    err = store_webhook_revise(db, op);
    if (err == ERR_OK)
        err = store_delivery_add(db, op, &test->delivery);
    return err == ERR_OK ? store_tests_drop(db, op, webhook_id) : err;
}

enum err core_webhook_test(struct core *core, struct op *op, int64_t webhook_id,
                           struct delivery *ret_delivery, int64_t *ret_wait)
{
    struct hook_test test = {.change = {.op = op, .apart = true, .apply = test_apply},
                             .delivery = {.id = id_next(),
                                          .webhook_id = webhook_id,
                                          .type = STR("webhook.test"),
                                          .state = DELIVERY_WAITING,
                                          .due_at = op->now,
                                          .sent_at = TIME_NONE}};
    enum err err = test_body(op, &test.delivery.request);
    if (err == ERR_OK)
        err = core_change_wait(core, &test.change);
    *ret_wait = (test.wait + 999) / 1000;
    if (err == ERR_OK)
        *ret_delivery = test.delivery;
    return err;
}

struct delivery_change {
    struct change change;
    int64_t webhook_id, id, since;
    size_t n;
};

static enum err again_apply(struct change *change, struct batch *batch)
{
    struct delivery_change *again = container_of(change, struct delivery_change, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    batch_writes(batch, change);
    enum err err = store_webhook_revise(db, op);
    if (err != ERR_OK)
        return err;
    return again->id != 0
               ? store_delivery_again(db, op, again->webhook_id, again->id, &again->n)
               : store_deliveries_again(db, op, again->webhook_id, again->since, &again->n);
}

enum err core_deliveries_again(struct core *core, struct op *op, int64_t webhook_id, int64_t id,
                               int64_t since, size_t *ret_n)
{
    struct delivery_change again = {.change = {.op = op, .apart = true, .apply = again_apply},
                                    .webhook_id = webhook_id,
                                    .id = id,
                                    .since = since};
    enum err err = core_change_wait(core, &again.change);
    if (err == ERR_OK)
        *ret_n = again.n;
    return err;
}

static enum err drop_apply(struct change *change, struct batch *batch)
{
    enum { DROPPED_AT_ONCE = 1000 };
    struct delivery_change *drop = container_of(change, struct delivery_change, change);
    batch_writes(batch, change);
    return store_deliveries_drop(batch_db(batch), change->op, change->op->now, DROPPED_AT_ONCE,
                                 &drop->n);
}

enum err core_deliveries_drop(struct core *core, struct op *op, bool *ret_more)
{
    struct delivery_change drop = {.change = {.op = op, .apart = true, .apply = drop_apply}};
    op->now = clock_now();
    enum err err = core_change_wait(core, &drop.change);
    if (err == ERR_OK)
        *ret_more = drop.n > 0;
    return err;
}
