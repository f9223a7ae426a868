/* Notifications and their mail, where the clock is the test's: reminders as rules write them, windows of mail,
 * and several nodes that do the same. */
#include "query.h"

#include "base/clock.h"
#include "base/id.h"
#include "core/mail.h"
#include "core/notification.h"
#include "core/task_change.h"
#include "follow/follower.h"
#include "form/form.h"
#include "jobs/mail.h"
#include "store/mail.h"
#include "store/notification.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOUR INT64_C(3600000)

enum { ASSIGNEE = 22, REPORTER = 21 };

/* ---- short words ---- */

static struct {
    const char *action, *payload;
} to_append;

/* As a rule does it, of record 1 of the first workspace: nobody is its actor. */
static enum err append_apply(struct change *change, struct batch *batch)
{
    struct db_rows rows;
    struct op *op = change->op;
    batch_writes(batch, change);
    enum err err = db_query(batch_db(batch), op,
                            "SELECT t.id, w.domain_id, t.last_seq FROM task t JOIN workspace w"
                            " ON w.id = t.workspace_id ORDER BY t.id LIMIT 1",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct event event = {.domain_id = db_get_i64(&rows, 0, 1),
                          .action = str_of(to_append.action),
                          .key = STR("EXA-CON-BUS-WOR-01"),
                          .task_id = db_get_i64(&rows, 0, 0),
                          .previous_seq = db_get_i64(&rows, 0, 2),
                          .payload = str_of(to_append.payload)};
    return batch_append_event(batch, op, &event);
}

/* The follower, until nothing is left. */
static void follow(struct world *world)
{
    void *state;
    enum follow_step step = FOLLOW_MORE;
    struct op op = {.arena = &world->arena, .now = clock_now()};
    assert_int_equal(follow_notify.open(world->core, &op, &state), ERR_OK);
    while (step == FOLLOW_MORE)
        assert_int_equal(follow_notify.step(state, &op, &step), ERR_OK);
    follow_notify.close(state);
}

static void happens(struct world *world, const char *action, const char *payload)
{
    to_append.action = action;
    to_append.payload = payload;
    assert_int_equal(world_change(world, append_apply), ERR_OK);
    follow(world);
}

static int64_t number(struct world *world, const char *sql, int64_t argument)
{
    struct db_rows rows = world_query(world, sql, DB_ARGS(db_i64(argument)));
    return rows.n == 0 || db_is_null(&rows, 0, 0) ? -1 : db_get_i64(&rows, 0, 0);
}

/* Of the newest notification of a person. */
static int64_t reason_of(struct world *world, int64_t account_id)
{
    return number(world,
                  "SELECT reason FROM notification WHERE account_id = $1 ORDER BY id DESC LIMIT 1",
                  account_id);
}

static int64_t count_of(struct world *world, int64_t account_id)
{
    return number(world, "SELECT COUNT(*) FROM notification WHERE account_id = $1", account_id);
}

static void set(struct world *world, enum notify_bundle bundle)
{
    struct notify_setting setting = {
        .op = &world->op, .account_id = ASSIGNEE, .before = notify_usual, .settings = notify_usual};
    int64_t before =
        number(world, "SELECT bundle FROM notification_setting WHERE account_id = $1", ASSIGNEE);
    if (before >= 0)
        setting.before.bundle = (enum notify_bundle)before;
    setting.settings.bundle = bundle;
    world->op.now = clock_now();
    assert_int_equal(notify_set(world->core, &setting), ERR_OK);
}

static struct mailer mailer_make(struct world *world, const char *name)
{
    struct mailer mailer = {.settings = {.url = arena_printf(&world->arena, "maildir:%s/%s",
                                                             world->database.folder, name),
                                         .from = STR("bzctrl@mail.example"),
                                         .method = STR("auto"),
                                         .tls = STR("required")},
                            .public_url = STR("https://desk.example"),
                            .rate = 100000};
    assert_int_equal(mail_sender_create(&mailer.settings, &mailer.sender), ERR_OK);
    return mailer;
}

/* How many mails a turn of the job leaves in the folder. */
static int mails_after(struct world *world, struct mailer *mailer, int64_t *ret_period)
{
    struct op op = {.arena = &world->arena, .now = clock_now()};
    static const atomic_bool never;
    struct job_attempt attempt = {.arg = mailer, .stop = &never, .period_ms = 1};
    int n = 0;
    assert_int_equal(mail_job.run(world->core, &op, &attempt), ERR_OK);
    struct str folder = arena_printf(&world->arena, "%s/new", mailer->settings.url.p + 8);
    DIR *files = opendir(folder.p);
    for (struct dirent *one; files != NULL && (one = readdir(files)) != NULL;)
        n += one->d_name[0] != '.';
    if (files != NULL)
        closedir(files);
    if (ret_period != NULL)
        *ret_period = attempt.period_ms;
    return n;
}

static void folder_remove(const struct mailer *mailer)
{
    char command[512];
    snprintf(command, sizeof command, "rm -r '%s'", mailer->settings.url.p + 8);
    assert_int_equal(system(command), 0);
}

static void report(struct world *world)
{
    assert_int_equal(world_send(world, world_create(world, 0, "Title", NULL)), ERR_OK);
    follow(world);
}

/* ---- tests ---- */

/* As a rule gives it away right after its creation: nobody is its actor. The follower sees both at once. */
static void what_a_rule_gives_to_somebody_is_said_once(void **state)
{
    struct world *world = *state;
    struct task_create *create = world_create(world, 0, "Title", NULL);
    create->task.assignee_id = REPORTER;
    assert_int_equal(world_send(world, create), ERR_OK);
    struct task before = world_get(world, 0, 1);
    struct task_change change = {.op = &world->op,
                                 .directory = world->directory,
                                 .form = &form_default,
                                 .before = &before,
                                 .after = before};
    change.after.assignee_id = ASSIGNEE;
    assert_int_equal(core_task_change(world->core, &change), ERR_OK);
    follow(world);
    assert_int_equal(count_of(world, ASSIGNEE), 1);
    assert_int_equal(
        number(world, "SELECT events FROM notification WHERE account_id = $1", ASSIGNEE), 1);
    assert_int_equal(count_of(world, REPORTER), 0);
}

static void reminders_notify_whom_they_name_by_the_due_date_that_they_are_about(void **state)
{
    struct world *world = *state;
    report(world);
    assert_int_equal(reason_of(world, ASSIGNEE), NOTIFY_ASSIGNED);
    happens(world, "task.reminded",
            "{\"notice\":[null,{\"rule\":\"7\",\"step\":1,\"date\":\"9000-01-01\",\"for\":[\"two@"
            "example.com\","
            "\"nobody@example.com\",7]}]}");
    assert_int_equal(reason_of(world, ASSIGNEE), NOTIFY_DUE);
    assert_int_equal(count_of(world, REPORTER), 0);
    happens(world, "task.reminded",
            "{\"notice\":[null,{\"rule\":\"7\",\"date\":\"2020-01-01\",\"for\":[\"two@example."
            "com\"]}]}");
    assert_int_equal(reason_of(world, ASSIGNEE), NOTIFY_OVERDUE);
    assert_int_equal(number(world,
                            "SELECT due_date FROM notification WHERE account_id = $1"
                            " ORDER BY id DESC LIMIT 1",
                            ASSIGNEE),
                     18262);
    happens(
        world, "task.escalated",
        "{\"notice\":[null,{\"rule\":\"7\",\"date\":\"2020-01-01\",\"for\":[\"one@example.com\","
        "\"TWO@example.com\"]}]}");
    assert_int_equal(reason_of(world, ASSIGNEE), NOTIFY_ESCALATED);
    assert_int_equal(reason_of(world, REPORTER), NOTIFY_ESCALATED);
    happens(world, "task.expired", "{\"status\":[\"To do\",\"Expired\"]}");
    assert_int_equal(reason_of(world, REPORTER), NOTIFY_STATUS);
    /* What says nothing, or nonsense, notifies nobody and stops nothing. */
    int64_t before = count_of(world, ASSIGNEE);
    happens(world, "task.reminded", "{}");
    happens(world, "task.reminded", "{\"notice\":[null,{\"for\":\"two@example.com\"}]}");
    happens(world, "task.reminded", "{\"notice\":[null,7]}");
    happens(world, "task.commented", "{\"comment\":[null,{\"id\":\"x\"}]}");
    happens(world, "task.updated", "[]");
    assert_int_equal(count_of(world, ASSIGNEE), before);
}

static void what_another_node_has_delivered_is_not_delivered_again(void **state)
{
    struct world *world = *state;
    report(world);
    struct notify_item item = {
        .told = {.account_id = REPORTER,
                 .task_id = number(world, "SELECT id FROM task WHERE id > $1", 0),
                 .app = true,
                 .due_date = DATE_NONE},
        .seq = 1};
    struct notify_delivery late = {
        .op = &world->op, .chain = {.ordinal = 1, .domain_id = 1}, .to = 1, .items = &item, .n = 1};
    assert_int_equal(notify_deliver(world->core, &late), ERR_OK);
    assert_true(late.overtaken);
    assert_int_equal(count_of(world, REPORTER), 0);
    assert_int_equal(count_of(world, ASSIGNEE), 1);
}

/* Another node, whose clock is 90 s ahead, was here before: what comes now is newer all the same, so that no mail
 * leaves it out and "all up to this one" does not cover it. */
static void ids_grow_also_from_node_to_node(void **state)
{
    struct world *world = *state;
    report(world);
    int64_t ahead = id_at(clock_now() + 90000);
    (void)world_query(world, "UPDATE notification SET id = $1 RETURNING id",
                      DB_ARGS(db_i64(ahead)));
    happens(world, "task.reminded",
            "{\"notice\":[null,{\"rule\":\"7\",\"date\":\"9000-01-01\",\"for\":[\"two@example."
            "com\"]}]}");
    assert_true(number(world, "SELECT MAX(id) FROM notification WHERE account_id = $1", ASSIGNEE) >
                ahead);
    assert_int_equal(reason_of(world, ASSIGNEE), NOTIFY_DUE);
}

/* The person came after this process had last read the directory. */
static void whom_another_node_has_just_made_is_notified(void **state)
{
    enum { NEW = 900 };
    struct world *world = *state;
    struct op *op = &world->op;
    struct db *other;
    if (!database_on_postgres())
        skip(); /* there a folder has one server */
    report(world);
    to_append.action = "task.reminded";
    to_append.payload = "{\"notice\":[null,{\"rule\":\"7\",\"date\":\"9000-01-01\",\"for\":["
                        "\"new@example.com\"]}]}";
    assert_int_equal(world_change(world, append_apply), ERR_OK);
    assert_int_equal(db_open(world->database.url, op, &other), ERR_OK);
    assert_int_equal(db_script(other, op,
                               STR("INSERT INTO account (id, kind, email, password_grant, admin,"
                                   " disabled, created_at, changed) SELECT 900, 1,"
                                   " 'new@example.com', 1, 0, 0, 0, version + 1"
                                   " FROM directory_version;"
                                   "INSERT INTO account_grant VALUES (900, 1, 2);"
                                   "UPDATE directory_version SET version = version + 1")),
                     ERR_OK);
    db_close(other);
    follow(world);
    assert_int_equal(count_of(world, NEW), 1);
}

enum { FIRST = 1000, MANY = 3000 };

/* So many members more, who have set nothing. */
static void people_add(struct world *world)
{
    world_close(world);
    world_sql(world, "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE"
                     " i < 3999) INSERT INTO account (id, kind, email, password_grant, admin,"
                     " disabled, created_at) SELECT i, 1, 'p' || i || '@example.com', 1, 0, 0, 0"
                     " FROM n;"
                     "INSERT INTO account_grant SELECT id, 1, 2 FROM account WHERE id >= 1000");
    world_reopen(world);
}

/* All of them are escalated to, by one event. */
static void escalate(struct world *world)
{
    struct buf payload;
    struct str text;
    buf_init(&payload, 256 * 1024);
    BUF_LIT(&payload, "{\"notice\":[null,{\"rule\":\"7\",\"date\":\"2020-01-01\",\"for\":[");
    for (int i = FIRST; i < FIRST + MANY; i++)
        buf_printf(&payload, "%s\"p%d@example.com\"", i == FIRST ? "" : ",", i);
    BUF_LIT(&payload, "]}]}");
    assert_int_equal(buf_move(&payload, &world->arena, &text), ERR_OK);
    to_append.action = "task.escalated";
    to_append.payload = text.p;
    assert_int_equal(world_change(world, append_apply), ERR_OK);
}

static void one_event_for_many_people_is_many_small_changes(void **state)
{
    struct world *world = *state;
    uint64_t batches, before, after;
    people_add(world);
    report(world);
    escalate(world);
    core_counts(world->core, &batches, &before);
    follow(world);
    core_counts(world->core, &batches, &after);
    assert_true(after - before >= MANY / 32);
    const char *told = "SELECT COUNT(*) FROM notification WHERE events = 1 AND account_id >= $1";
    assert_int_equal(number(world, told, FIRST), MANY);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM mail WHERE account_id >= $1", FIRST),
                     MANY);
    follow(world);
    assert_int_equal(number(world, told, FIRST), MANY);
}

static void what_is_read_or_switched_off_is_all_of_it(void **state)
{
    struct world *world = *state;
    enum { REPORTS = 600 };
    struct task_create *creates[REPORTS];
    for (size_t i = 0; i < REPORTS; i++)
        creates[i] = world_create(world, 0, "Title", NULL);
    world_send_together(world, creates, REPORTS);
    follow(world);
    assert_int_equal(count_of(world, ASSIGNEE), REPORTS);
    struct notify_reading reading = {.op = &world->op, .account_id = ASSIGNEE, .up_to = INT64_MAX};
    assert_int_equal(notify_read(world->core, &reading), ERR_OK);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM notification WHERE read_at > $1", 0),
                     REPORTS);
    struct notify_setting setting = {
        .op = &world->op, .account_id = ASSIGNEE, .before = notify_usual, .settings = notify_usual};
    setting.settings.mail = 0;
    assert_int_equal(notify_set(world->core, &setting), ERR_OK);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM notification WHERE mail > $1", 0), 0);
}

/* As a crash leaves it after a piece, or another node: those whom it covers have been notified. */
static void delivery_continues_where_it_was_interrupted(void **state)
{
    struct world *world = *state;
    enum { LAST = FIRST + 127 };
    people_add(world);
    report(world);
    escalate(world);
    world_close(world);
    world_sql(world, "UPDATE notification_position SET account_id = 1127 WHERE ordinal ="
                     " (SELECT ordinal FROM chain WHERE domain_id = 1)");
    world_reopen(world);
    follow(world);
    assert_int_equal(
        number(world, "SELECT MIN(account_id) FROM notification WHERE account_id >= $1", FIRST),
        LAST + 1);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM notification WHERE account_id > $1", LAST),
                     FIRST + MANY - 1 - LAST);
    assert_int_equal(
        number(world, "SELECT MAX(account_id) FROM notification_position WHERE ordinal > $1", 0),
        0);
    happens(world, "task.expired", "{\"status\":[\"To do\",\"Expired\"]}");
    assert_int_equal(reason_of(world, REPORTER), NOTIFY_STATUS);
}

static void a_window_ends_with_one_mail_of_what_is_unread(void **state)
{
    struct world *world = *state;
    struct mailer mailer = mailer_make(world, "windows");
    int64_t start = clock_now(), period;
    static const int64_t windows[] = {
        [BUNDLE_HOURS] = 4 * HOUR, [BUNDLE_DAY] = 24 * HOUR, [BUNDLE_WEEK] = 168 * HOUR};
    int sent = 0;
    for (unsigned bundle = BUNDLE_HOURS; bundle <= BUNDLE_WEEK; bundle++) {
        start += 1000 * HOUR;
        clock_set(start);
        set(world, (enum notify_bundle)bundle);
        report(world);
        clock_set(start + HOUR);
        report(world); /* the window began with the first */
        assert_int_equal(mails_after(world, &mailer, &period), sent);
        assert_true(period > 0 && period <= HOUR);
        clock_set(start + windows[bundle] - 1);
        assert_int_equal(mails_after(world, &mailer, NULL), sent);
        clock_set(start + windows[bundle]);
        assert_int_equal(mails_after(world, &mailer, NULL), ++sent);
        clock_set(start + 2 * windows[bundle]);
        assert_int_equal(mails_after(world, &mailer, NULL), sent);
    }

    /* A shorter window counts from the same beginning; what was read is not mailed. */
    start += 1000 * HOUR;
    clock_set(start);
    report(world);
    clock_set(start + 5 * HOUR);
    set(world, BUNDLE_HOURS);
    assert_int_equal(mails_after(world, &mailer, NULL), ++sent);
    report(world);
    struct notify_reading reading = {.op = &world->op, .account_id = ASSIGNEE, .up_to = INT64_MAX};
    assert_int_equal(notify_read(world->core, &reading), ERR_OK);
    clock_set(start + 10 * HOUR);
    assert_int_equal(mails_after(world, &mailer, NULL), sent);
    assert_int_equal(number(world, "SELECT COUNT(*) FROM mail WHERE id > $1", 0), 0);
    clock_set(-1);
    mail_sender_destroy(mailer.sender);
    folder_remove(&mailer);
}

static void a_mail_is_claimed_by_one_node_and_again_once_its_lease_is_over(void **state)
{
    struct world *world = *state;
    struct mail_row first, second;
    int64_t start = clock_now();
    clock_set(start);
    report(world);
    assert_int_equal(mail_claim(world->core, &world->op, 1000, &first), ERR_OK);
    assert_int_equal(mail_claim(world->core, &world->op, 1000, &second), ERR_NOT_FOUND);
    report(world); /* for the next one */
    clock_set(start + 1001);
    assert_int_equal(mail_claim(world->core, &world->op, 1000, &second), ERR_OK);
    assert_true(second.id == first.id && second.up_to == first.up_to);
    assert_int_equal(mail_end(world->core, &world->op, &first, MAIL_SENT, STR_NONE), ERR_NOT_FOUND);
    assert_int_equal(mail_end(world->core, &world->op, &second, MAIL_SENT, STR_NONE), ERR_OK);
    assert_int_equal(mail_claim(world->core, &world->op, 1000, &first), ERR_OK);
    assert_true(first.id != second.id && first.up_to > second.up_to);

    /* What was never tried takes what has come in the meantime. */
    assert_int_equal(mail_end(world->core, &world->op, &first, MAIL_UNTRIED, STR("away")), ERR_OK);
    report(world);
    assert_int_equal(mail_claim(world->core, &world->op, 1000, &second), ERR_OK);
    assert_true(second.id == first.id && second.up_to > first.up_to);
    assert_int_equal(second.attempts, 1);
    clock_set(-1);
}

struct mail_ended {
    struct world *world;
    struct mail_row mail;
    enum err err;
    atomic_bool done;
};

static void *mail_end_run(void *arg)
{
    struct mail_ended *ended = arg;
    struct arena arena;
    struct op op = {.arena = &arena};
    arena_init(&arena, 1 << 20);
    ended->err = mail_end(ended->world->core, &op, &ended->mail, MAIL_SENT, STR_NONE);
    arena_finish(&arena);
    ended->done = true;
    return NULL;
}

/* Another node delivers a notification while the mail before it ends: neither of the two sees what the other one
 * has not committed, and one of them has to make the next mail. */
static void what_another_node_delivers_while_a_mail_ends_is_mailed_too(void **state)
{
    struct world *world = *state;
    struct op *op = &world->op;
    struct mail_ended ended = {.world = world};
    struct db *other;
    pthread_t thread;
    if (!database_on_postgres())
        skip(); /* there a folder has one server */
    report(world);
    clock_set(clock_now() + HOUR);
    assert_int_equal(mail_claim(world->core, op, HOUR, &ended.mail), ERR_OK);
    int64_t task_id = number(world, "SELECT id FROM task WHERE id > $1", 0);

    assert_int_equal(db_open(world->database.url, op, &other), ERR_OK);
    assert_int_equal(db_begin(other, op), ERR_OK);
    assert_int_equal(
        store_notification_put(other, op,
                               &(struct notification){.id = id_next(),
                                                      .account_id = ended.mail.account_id,
                                                      .task_id = task_id,
                                                      .reason = NOTIFY_MENTIONED,
                                                      .at = clock_now(),
                                                      .due_date = DATE_NONE,
                                                      .app = true,
                                                      .mail = true}),
        ERR_OK);
    assert_int_equal(store_mail_add(other, op, id_next(), ended.mail.account_id, clock_now()),
                     ERR_OK);
    assert_false(holds_up_somebody(other, op));
    assert_int_equal(pthread_create(&thread, NULL, mail_end_run, &ended), 0);
    while (!ended.done && !holds_up_somebody(other, op))
        usleep(1000);
    assert_int_equal(db_commit(other, op), ERR_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    db_close(other);
    assert_int_equal(ended.err, ERR_OK);
    assert_int_equal(
        number(world, "SELECT COUNT(*) FROM mail WHERE account_id = $1", ended.mail.account_id), 1);
    clock_set(-1);
}

static void old_notifications_are_dropped(void **state)
{
    struct world *world = *state;
    bool more;
    int64_t start = clock_now();
    report(world);
    clock_set(start + (NOTIFICATION_DAYS - 1) * 24 * HOUR);
    assert_int_equal(core_notifications_drop(world->core, &world->op, &more), ERR_OK);
    assert_int_equal(count_of(world, ASSIGNEE), 1);
    clock_set(start + (NOTIFICATION_DAYS + 1) * 24 * HOUR);
    assert_int_equal(core_notifications_drop(world->core, &world->op, &more), ERR_OK);
    assert_int_equal(count_of(world, ASSIGNEE), 0);
    assert_false(more);
    clock_set(-1);
}

int main(void)
{
    /* The first one comes first: ids never go back, and the others turn the clock on. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_notifications_are_dropped, world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(what_a_rule_gives_to_somebody_is_said_once, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(
            reminders_notify_whom_they_name_by_the_due_date_that_they_are_about, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown(whom_another_node_has_just_made_is_notified, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(one_event_for_many_people_is_many_small_changes,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(what_is_read_or_switched_off_is_all_of_it, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(delivery_continues_where_it_was_interrupted, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(ids_grow_also_from_node_to_node, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(what_another_node_has_delivered_is_not_delivered_again,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_window_ends_with_one_mail_of_what_is_unread, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(
            a_mail_is_claimed_by_one_node_and_again_once_its_lease_is_over, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown(what_another_node_delivers_while_a_mail_ends_is_mailed_too,
                                        world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
