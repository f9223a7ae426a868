#include "jobs/mail.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "core/mail.h"
#include "core/notification.h"
#include "mail/digest.h"
#include "model/email.h"
#include "model/key.h"
#include "store/comment.h"

#include <stdio.h>

#define SECOND INT64_C(1000)

enum { READ_AT_ONCE = 200 };

static const int64_t lease_ms = 300 * SECOND; /* longer than a mail can take */
static const int64_t turn_ms = 5 * SECOND;
static const int64_t idle_ms = 3600 * SECOND; /* whatever comes in between hastens it */

/* ---- what a mail says ---- */

struct mail_writing {
    const struct mailer *mailer;
    struct db *db;
    struct op *op;
    const struct directory *directory;
    const struct account *person;
    const struct mail_row *mail;
    struct mail_address address;
    struct mail_digest digest;
    struct digest_item *items;
};

/* "Ann (ann@example.com)": a name alone can be anybody's. */
static struct str person_said(struct op *op, const struct account *account)
{
    return account->name.n == 0 ? account->email
                                : arena_printf(op->arena, "%.*s (%.*s)", STR_ARG(account->name),
                                               STR_ARG(account->email));
}

/* The beginning of the comment as it is now, which may have been changed or deleted since. */
static enum err excerpt_read(struct mail_writing *writing, const struct notification *n,
                             struct str *ret_excerpt)
{
    struct comment comment;
    if (n->comment_id == 0)
        return ERR_OK;
    enum err err = store_comment_get(writing->db, writing->op, n->task_id, n->comment_id, &comment);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK && comment.text.p != NULL)
        *ret_excerpt = utf8_cut(comment.text, DIGEST_EXCERPT);
    return err;
}

static enum err key_said(struct op *op, const struct workspace *workspace, int64_t number,
                         struct str *ret_key)
{
    struct buf key;
    buf_init(&key, KEY_MAX + 32);
    buf_record_key(&key, workspace->key, number);
    return buf_move(&key, op->arena, ret_key);
}

static enum err item_add(struct mail_writing *writing, const struct notification_row *row)
{
    struct op *op = writing->op;
    const struct notification *n = &row->notification;
    struct mail_digest *digest = &writing->digest;
    const struct workspace *workspace =
        directory_workspace_by_id(writing->directory, row->workspace_id);
    const struct account *actor = directory_account_by_id(writing->directory, n->actor_id);
    if (digest->total++ >= DIGEST_MAX)
        return ERR_OK;
    struct digest_item *item = &writing->items[digest->n++];
    *item =
        (struct digest_item){.title = row->title,
                             .reason = n->reason,
                             .by = actor == NULL ? STR_NONE : person_said(op, actor),
                             .events = n->events,
                             .due_date = n->due_date != DATE_NONE ? n->due_date : row->due_date};
    enum err err = key_said(op, workspace, row->number, &item->key);
    const struct workspace *original =
        directory_workspace_by_id(writing->directory, row->original_workspace_id);
    if (err == ERR_OK && original != NULL)
        err = key_said(op, original, row->original_number, &item->duplicate_of);
    if (err == ERR_OK && actor != NULL && item->by.p == NULL)
        err = ERR_MEMORY;
    return err == ERR_OK ? excerpt_read(writing, n, &item->excerpt) : err;
}

/* Whom it goes to, and all that it is to say: what came later is for the next mail. */
static enum err digest_read(struct core *core, struct mail_writing *writing)
{
    struct op *op = writing->op;
    struct notify_settings settings;
    int64_t account_id = writing->mail->account_id, below = writing->mail->up_to + 1;
    struct notification_rows rows = {.n = READ_AT_ONCE};
    writing->person = directory_account_by_id(writing->directory, account_id);
    enum err err = store_mail_address(writing->db, op, account_id, &writing->address);
    if (err == ERR_OK)
        err = store_notify_settings(writing->db, op, account_id, &settings);
    if (err != ERR_OK || writing->person == NULL)
        return err;
    writing->digest.language = core_language(core, settings.language);
    writing->items = ARENA_ARRAY(op->arena, struct digest_item, DIGEST_MAX);
    if (writing->items == NULL)
        return ERR_MEMORY;
    writing->digest.items = writing->items;
    while (rows.n == READ_AT_ONCE && err == ERR_OK) {
        err = store_notifications(writing->db, op, account_id, NOTIFICATION_MAIL, below,
                                  READ_AT_ONCE, &rows);
        for (size_t i = 0; err == ERR_OK && i < rows.n; i++) {
            below = rows.items[i].notification.id;
            if (notification_visible(writing->directory, writing->person, &rows.items[i]))
                err = item_add(writing, &rows.items[i]);
        }
    }
    return err;
}

/* ---- one mail ---- */

static enum err message_write(struct core *core, struct mail_writing *writing,
                              struct mail_message *message, struct buf *content)
{
    const struct mail_settings *settings = &writing->mailer->settings;
    struct op *op = writing->op;
    struct buf url;
    struct str host = settings->from;
    (void)str_cut(&host, '@');
    *message = (struct mail_message){
        .from = settings->from,
        .to = writing->person->email,
        .id =
            arena_printf(op->arena, "mail.%lld@%.*s", (long long)writing->mail->id, STR_ARG(host)),
        .at = op->now,
    };
    if (message->id.p == NULL)
        return ERR_MEMORY;
    buf_init(&url, 4096);
    buf_printf(&url, "%.*s/mail/unsubscribe/", STR_ARG(writing->mailer->public_url));
    buf_mail_token(&url, core, writing->person->id);
    enum err err = buf_move(&url, op->arena, &message->unsubscribe);
    writing->digest.host = host;
    writing->digest.public_url = writing->mailer->public_url;
    if (err == ERR_OK)
        err = digest_write(&writing->digest, op->arena, message);
    if (err != ERR_OK)
        return err;
    buf_mail_message(content, message);
    return buf_err(content);
}

static bool nothing_to_send(const struct mail_writing *writing)
{
    const struct account *person = writing->person;
    return person == NULL || person->disabled || writing->digest.total == 0 ||
           writing->mailer->sender == NULL || writing->address.suspended_at != TIME_NONE ||
           !mail_allows(&writing->mailer->settings, person->email);
}

/* What becomes of it, and how that is counted. */
struct mail_end {
    enum mail_outcome outcome;
    enum label_MAILING label;
};

static struct mail_end end_of(const struct mail_report *report)
{
    static const struct mail_end ends[] = {
        [MAIL_ACCEPTED] = {MAIL_SENT, MAILING_SENT},
        [MAIL_AGAIN] = {MAIL_LATER, MAILING_LATER},
        [MAIL_REJECTED] = {MAIL_GIVEN_UP, MAILING_GIVEN_UP},
        [MAIL_NO_ADDRESS] = {MAIL_BOUNCED, MAILING_BOUNCED},
        [MAIL_NOT_THERE] = {MAIL_LATER, MAILING_LATER},
        [MAIL_UNREACHABLE] = {MAIL_UNTRIED, MAILING_UNREACHABLE},
        [MAIL_BROKEN_OFF] = {MAIL_STOPPED, MAILING_LATER},
    };
    struct mail_end end = ends[report->verdict];
    if (report->verdict == MAIL_BROKEN_OFF && report->step == MAIL_CONTENT)
        end.outcome = MAIL_CUT;
    return end;
}

/* Every mail ends. Whoever is refused for days while others get their mail has an address that does not work. */
static enum err end_late(struct db *db, struct op *op, const struct mail_row *mail,
                         enum mail_verdict verdict, struct mail_end *end)
{
    bool failed = end->outcome == MAIL_LATER || end->outcome == MAIL_UNTRIED, others = false;
    if (!failed || mail->failing_since == TIME_NONE ||
        clock_now() - mail->failing_since < MAIL_DAYS * 24 * 3600 * SECOND)
        return ERR_OK;
    enum err err = verdict == MAIL_NOT_THERE ? store_mail_sent_since(db, op, mail->failing_since,
                                                                     mail->account_id, &others)
                                             : ERR_OK;
    *end = others ? (struct mail_end){MAIL_BOUNCED, MAILING_BOUNCED}
                  : (struct mail_end){MAIL_GIVEN_UP, MAILING_GIVEN_UP};
    return err;
}

/* A mail server may repeat the address, which does not belong into the log. */
static enum err address_hide(struct op *op, struct str address, struct mail_report *report)
{
    struct str said = str_of(report->said);
    bool changed = false;
    enum err err = email_mask(op->arena, address, &said, &changed);
    if (err == ERR_OK && changed)
        snprintf(report->said, sizeof report->said, "%.*s", STR_ARG(said));
    return err;
}

/* The person is named by a number. */
static void end_log(const struct mail_row *mail, enum mail_outcome outcome,
                    const struct mail_report *report)
{
    static const struct str then[] = {
        [MAIL_GIVEN_UP] = STR_INIT("it is given up"),
        [MAIL_BOUNCED] = STR_INIT("the address is suspended"),
        [MAIL_LATER] = STR_INIT("it is tried again"),
        [MAIL_UNTRIED] = STR_INIT("it is tried again"),
        [MAIL_STOPPED] = STR_INIT("it is sent after the restart"),
        [MAIL_CUT] = STR_INIT("it is sent again after the restart"),
    };
    if (outcome != MAIL_SENT && outcome != MAIL_NOTHING)
        LOG(LOG_WARN, "a mail was not accepted", LOG_NUM("account", mail->account_id),
            LOG_NUM("attempt", mail->attempts), LOG_TEXT("reason", str_of(report->said)),
            LOG_TEXT("then", then[outcome]));
}

/* Access is judged here, by the directory in force: what was queued before does not count. */
static enum err mail_deliver(struct core *core, struct db *db, struct op *op,
                             const struct job_attempt *attempt, const struct mail_row *mail,
                             struct mail_report *ret_report)
{
    struct mailer *mailer = attempt->arg;
    struct mail_writing writing = {.mailer = mailer, .db = db, .op = op, .mail = mail};
    struct mail_message message;
    struct mail_end end = {.outcome = MAIL_NOTHING};
    struct buf content;
    buf_init(&content, MAIL_MAX);
    enum err err = db_begin_read(db, op);
    if (err == ERR_OK) {
        err = core_directory_of_view(core, db, op, &writing.directory);
        if (err == ERR_OK)
            err = digest_read(core, &writing);
        db_rollback(db);
        bool sends = err == ERR_OK && !nothing_to_send(&writing);
        if (sends)
            err = message_write(core, &writing, &message, &content);
        if (sends && err == ERR_OK) {
            struct mail_letter letter = {message.to, message.id, buf_str(&content), attempt->stop};
            err = mail_send(mailer->sender, op, &letter, ret_report);
            if (err == ERR_OK)
                err = address_hide(op, message.to, ret_report);
            end = end_of(ret_report);
            if (err == ERR_OK)
                err = end_late(db, op, mail, ret_report->verdict, &end);
            metric_add(METRIC_MAILS, end.label, 0, 1);
            mailer->next_at = clock_ticks() + 60 * SECOND / mailer->rate;
        }
        directory_release(writing.directory);
    }
    buf_finish(&content);
    if (err != ERR_OK)
        return err;
    end_log(mail, end.outcome, ret_report);
    err = mail_end(core, op, mail, end.outcome, str_of(ret_report->said));
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* ---- the job ---- */

static enum err run_turn(struct core *core, struct db *db, struct op *op,
                         struct job_attempt *attempt)
{
    struct mailer *mailer = attempt->arg;
    int64_t until = clock_ticks() + turn_ms, due_at;
    enum err err = ERR_OK;
    while (err == ERR_OK && clock_ticks() < until && !*attempt->stop) {
        struct arena_mark mark = arena_mark(op->arena);
        struct mail_row mail;
        struct mail_report report = {.verdict = MAIL_ACCEPTED};
        int64_t wait = mailer->next_at - clock_ticks();
        if (wait > until - clock_ticks()) {
            attempt->period_ms = wait;
            return ERR_OK;
        }
        if (wait > 0) {
            job_pause(attempt, wait);
            continue;
        }
        err = mail_claim(core, op, lease_ms, &mail);
        if (err == ERR_OK)
            err = mail_deliver(core, db, op, attempt, &mail, &report);
        arena_rewind(op->arena, mark);
        if (err == ERR_OK && report.verdict == MAIL_UNREACHABLE) {
            struct str said = mail_report_say(&mailer->settings, op->arena, &report);
            return op_fail(op, ERR_UNAVAILABLE, "%.*s", STR_ARG(said));
        }
    }
    if (err != ERR_NOT_FOUND) {
        attempt->period_ms = 0; /* there may be more */
        return err;
    }
    op_forget(op);
    err = store_mail_next(db, op, &due_at);
    if (err != ERR_OK)
        return err;
    int64_t left = due_at - clock_now();
    attempt->period_ms = left > idle_ms ? idle_ms : left < SECOND ? SECOND : left;
    return ERR_OK;
}

static enum err run(struct core *core, struct op *op, struct job_attempt *attempt)
{
    struct mailer *mailer = attempt->arg;
    struct db *db;
    enum err err = core_open_reader(core, op, &db);
    if (err != ERR_OK)
        return err;
    err = run_turn(core, db, op, attempt);
    db_close(db);
    if (mailer->sender != NULL && attempt->period_ms != 0)
        mail_sender_rest(mailer->sender);
    return err;
}

static const int64_t soon[] = {5 * SECOND, 30 * SECOND, 120 * SECOND};

const struct job_kind mail_job = {
    STR_INIT("mail"),
    {.period_ms = 60 * SECOND, .retries_ms = soon, .retry_count = sizeof soon / sizeof soon[0]},
    300 * SECOND,
    run};
