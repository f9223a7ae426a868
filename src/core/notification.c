#include "core/notification.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/id.h"
#include "model/right.h"
#include "store/job.h"
#include "store/mail.h"

#include <stdlib.h>

enum {
    NOTIFY_PIECE = 32, /* notifications in one change: some milliseconds of the write lane */
    NOTIFY_ROWS = 256, /* the same, where rows are only changed or dropped */
};

/* ---- delivering ---- */

struct person {
    int64_t account_id;
    int64_t due_at; /* of a mail; INT64_MAX: there is none */
};

static int person_cmp(const void *a, const void *b)
{
    const struct person *x = a, *y = b;
    return (x->account_id > y->account_id) - (x->account_id < y->account_id);
}

/* Those of a piece, each once. Nodes then lock their mail in one order. */
static size_t people_of(const struct notify_item *items, size_t item_count,
                        struct person ret_people[NOTIFY_PIECE])
{
    size_t n = 0;
    for (size_t i = 0; i < item_count; i++) {
        size_t at = 0;
        while (at < n && ret_people[at].account_id != items[i].told.account_id)
            at++;
        if (at == n)
            ret_people[n++] = (struct person){items[i].told.account_id, INT64_MAX};
        if (items[i].told.mail)
            ret_people[at].due_at = items[i].due_at;
    }
    qsort(ret_people, n, sizeof *ret_people, person_cmp);
    return n;
}

static enum err deliver_apply(struct change *change, struct batch *batch)
{
    struct notify_delivery *delivery = container_of(change, struct notify_delivery, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct person people[NOTIFY_PIECE];
    int64_t due_at = INT64_MAX, newest = 0;
    enum err err = store_notify_advance(db, op, &delivery->chain, &delivery->piece_to);
    delivery->overtaken = err == ERR_NOT_FOUND;
    if (delivery->overtaken)
        return ERR_OK;
    batch_writes(batch, change);
    size_t people_count = people_of(delivery->piece, delivery->piece_n, people);
    for (size_t i = 0; i < people_count; i++)
        due_at = people[i].due_at < due_at ? people[i].due_at : due_at;

    /* Ids are given here, and by one node at a time, which this locks out the others for: so they grow with the
     * commits, also where another node's clock is slower. "All up to this one" then covers nothing that its reader
     * could not see, or that no mail has had. */
    if (err == ERR_OK)
        err = store_job_hasten(db, op, STR("mail"), due_at);
    if (err == ERR_OK)
        err = store_notification_newest(db, op, &newest);
    id_seen(newest);
    for (size_t i = 0; i < delivery->piece_n && err == ERR_OK; i++) {
        struct notification *told = &delivery->piece[i].told;
        told->id = id_next();
        err = delivery->piece[i].withdraws ? store_notification_withdraw(db, op, told)
                                           : store_notification_put(db, op, told);
    }
    for (size_t i = 0; i < people_count && err == ERR_OK; i++) {
        const struct person *person = &people[i];
        if (person->due_at != INT64_MAX)
            err = store_mail_add(db, op, id_next(), person->account_id, person->due_at);
        if (err == ERR_OK)
            err = store_notifications_trim(db, op, person->account_id);
    }
    return err;
}

/* The position after the first `n` items. */
static struct notify_position position_after(const struct notify_delivery *delivery, size_t n)
{
    const struct notify_item *items = delivery->items;
    if (n == delivery->n)
        return (struct notify_position){delivery->to, 0};
    return (struct notify_position){
        items[n].seq - 1, items[n].seq == items[n - 1].seq ? items[n - 1].told.account_id : 0};
}

enum err notify_deliver(struct core *core, struct notify_delivery *delivery)
{
    size_t done = 0;
    do {
        size_t left = delivery->n - done;
        delivery->piece = delivery->items + done;
        delivery->piece_n = left < NOTIFY_PIECE ? left : NOTIFY_PIECE;
        done += delivery->piece_n;
        delivery->piece_to = position_after(delivery, done);
        delivery->change = (struct change){
            .op = delivery->op, .apart = core_is_shared(core), .apply = deliver_apply};
        enum err err = core_change_wait(core, &delivery->change);
        if (err != ERR_OK || delivery->overtaken)
            return err;
        delivery->chain.at = delivery->piece_to;
    } while (done < delivery->n);
    return ERR_OK;
}

/* ---- what is seen ---- */

bool notification_visible(const struct directory *directory, const struct account *person,
                          const struct notification_row *row)
{
    const struct workspace *workspace = directory_workspace_by_id(directory, row->workspace_id);
    return workspace != NULL && !person->disabled &&
           reach_covers(right_reach(directory, person, RIGHT_READ, workspace), person,
                        row->source_id);
}

enum err notifications_unread(struct db *db, struct op *op, const struct directory *directory,
                              const struct account *person, int64_t *ret_n)
{
    struct db_rows pairs;
    int64_t n = 0;
    enum err err = store_notifications_unread(db, op, person->id, &pairs);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < pairs.n; i++) {
        const struct workspace *workspace =
            directory_workspace_by_id(directory, db_get_i64(&pairs, i, 0));
        if (workspace != NULL && right_reach(directory, person, RIGHT_READ, workspace) == REACH_ALL)
            n += db_get_i64(&pairs, i, 1);
    }
    *ret_n = n;
    return ERR_OK;
}

/* ---- what the person does ---- */

static enum err read_apply(struct change *change, struct batch *batch)
{
    struct notify_reading *reading = container_of(change, struct notify_reading, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    enum err err = ERR_OK;
    reading->more = false;
    batch_writes(batch, change);
    for (size_t i = 0; i < reading->n && err == ERR_OK; i++)
        err = store_notification_read(db, op, reading->account_id, reading->ids[i]);
    if (err == ERR_OK && reading->task_id != 0)
        err = store_notifications_read_of(db, op, reading->account_id, reading->task_id);
    if (err == ERR_OK && reading->up_to != 0)
        err = store_notifications_read_to(db, op, reading->account_id, reading->up_to, NOTIFY_ROWS,
                                          &reading->more);
    return err;
}

enum err notify_read(struct core *core, struct notify_reading *reading)
{
    enum err err;
    do {
        reading->change = (struct change){.op = reading->op, .apply = read_apply};
        err = core_change_wait(core, &reading->change);
    } while (err == ERR_OK && reading->more);
    return err;
}

static enum err set_apply(struct change *change, struct batch *batch)
{
    struct notify_setting *setting = container_of(change, struct notify_setting, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct notify_settings now;
    int64_t mail_id = 0;
    setting->more = false;
    batch_writes(batch, change);
    enum err err = store_notify_settings_hold(db, op, setting->account_id);
    if (err == ERR_OK)
        err = store_notify_settings(db, op, setting->account_id, &now);
    if (err == ERR_OK && !notify_settings_equal(&now, &setting->before))
        err = ERR_OUTDATED;
    if (err == ERR_OK)
        err = store_mail_of(db, op, setting->account_id, &mail_id);
    if (err == ERR_OK)
        err = store_notify_settings_put(db, op, setting->account_id, &setting->settings);
    for (unsigned reason = 0; reason < NOTIFY_REASONS && err == ERR_OK && !setting->more; reason++)
        if ((setting->settings.mail & 1U << reason) == 0)
            err = store_notifications_keep(db, op, setting->account_id, (enum notify_reason)reason,
                                           NOTIFY_ROWS, &setting->more);
    int64_t due_at = id_time(mail_id) + notify_bundle_ms(setting->settings.bundle);
    if (err == ERR_OK && mail_id != 0)
        err = store_job_hasten(db, op, STR("mail"), due_at);
    if (err == ERR_OK && mail_id != 0)
        err = store_mail_due(db, op, setting->account_id, due_at);
    if (err == ERR_OK && setting->resumes)
        err = store_mail_resume(db, op, setting->account_id);
    return err;
}

enum err notify_set(struct core *core, struct notify_setting *setting)
{
    enum err err;
    do {
        setting->change =
            (struct change){.op = setting->op, .apart = core_is_shared(core), .apply = set_apply};
        err = core_change_wait(core, &setting->change);
        setting->before = setting->settings;
    } while (err == ERR_OK && setting->more);
    return err;
}

/* ---- what ends ---- */

struct notification_drop {
    struct change change;
    bool more;
};

static enum err drop_apply(struct change *change, struct batch *batch)
{
    struct notification_drop *drop = container_of(change, struct notification_drop, change);
    int64_t before = change->op->now - NOTIFICATION_DAYS * INT64_C(86400000);
    batch_writes(batch, change);
    return store_notifications_drop(batch_db(batch), change->op, id_at(before), NOTIFY_ROWS,
                                    &drop->more);
}

enum err core_notifications_drop(struct core *core, struct op *op, bool *ret_more)
{
    struct notification_drop drop = {.change = {.op = op, .apply = drop_apply}};
    op->now = clock_now();
    enum err err = core_change_wait(core, &drop.change);
    if (err == ERR_OK)
        *ret_more = drop.more;
    return err;
}
