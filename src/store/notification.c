#include "store/notification.h"

#include "model/link.h"
#include "store/event_row.h"

/* ---- for the follower ---- */

enum err store_notify_chain(struct db *db, struct op *op, int64_t after,
                            struct notify_chain *ret_chain)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT c.ordinal, c.domain_id, COALESCE(p.seq, 0),"
                            " COALESCE(p.account_id, 0) FROM chain c"
                            " LEFT JOIN notification_position p ON p.ordinal = c.ordinal"
                            " WHERE c.ordinal > $1 AND c.seq > COALESCE(p.seq, 0)"
                            " ORDER BY c.ordinal LIMIT 1",
                            DB_ARGS(db_i64(after)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_chain = (struct notify_chain){db_get_i64(&rows, 0, 0),
                                       db_get_i64(&rows, 0, 1),
                                       {db_get_i64(&rows, 0, 2), db_get_i64(&rows, 0, 3)}};
    return ERR_OK;
}

enum err store_notify_advance(struct db *db, struct op *op, const struct notify_chain *chain,
                              const struct notify_position *to)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "INSERT INTO notification_position (ordinal, seq, account_id) VALUES ($1, $4, $5)"
        " ON CONFLICT (ordinal) DO UPDATE SET seq = excluded.seq, account_id = excluded.account_id"
        " WHERE notification_position.seq = $2 AND notification_position.account_id = $3"
        " RETURNING seq",
        DB_ARGS(db_i64(chain->ordinal), db_i64(chain->at.seq), db_i64(chain->at.account_id),
                db_i64(to->seq), db_i64(to->account_id)),
        &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

enum err store_notification_newest(struct db *db, struct op *op, int64_t *ret_id)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT COALESCE(MAX(id), 0) FROM notification", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_id = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_notify_events(struct db *db, struct op *op, int64_t ordinal, int64_t after,
                             int64_t limit, struct notify_events *ret_events)
{
    struct db_rows rows;
    int64_t from = event_place(ordinal, 0);
    enum err err = db_query(
        db, op,
        "SELECT e.place, e.at, e.actor_id, e.action, t.id, t.workspace_id, t.assignee_id,"
        " t.reporter_id, t.source_id, t.assigned_at, t.proposed_by, t.follower_count, t.status,"
        " t.due_date"
        " FROM event e LEFT JOIN task t ON t.id = e.task_id"
        " WHERE e.place > $1 AND e.place < $2 ORDER BY e.place LIMIT $3",
        DB_ARGS(db_i64(event_place(ordinal, after)), db_i64(event_place(ordinal + 1, 0)),
                db_i64(limit)),
        &rows);
    if (err != ERR_OK)
        return err;
    struct notify_event *items = ARENA_ARRAY(op->arena, struct notify_event, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct notify_event){
            .seq = db_get_i64(&rows, i, 0) - from,
            .at = db_get_i64(&rows, i, 1),
            .actor_id = db_get_i64(&rows, i, 2),
            .action = db_get_str(&rows, i, 3),
            .task = {.id = db_get_i64(&rows, i, 4),
                     .workspace_id = db_get_i64(&rows, i, 5),
                     .assignee_id = db_get_i64(&rows, i, 6),
                     .reporter_id = db_get_i64(&rows, i, 7),
                     .source_id = db_get_i64(&rows, i, 8),
                     .assigned_at = db_is_null(&rows, i, 9) ? TIME_NONE : db_get_i64(&rows, i, 9),
                     .proposed_by = db_get_i64(&rows, i, 10),
                     .follower_count = db_get_i64(&rows, i, 11),
                     .status = (enum task_status)db_get_i64(&rows, i, 12),
                     .due_date =
                         db_is_null(&rows, i, 13) ? DATE_NONE : (int32_t)db_get_i64(&rows, i, 13)},
        };
    *ret_events = (struct notify_events){items, rows.n};
    return ERR_OK;
}

static struct db_value or_null(int64_t number, int64_t none)
{
    return number == none ? db_null() : db_i64(number);
}

enum err store_notification_put(struct db *db, struct op *op,
                                const struct notification *notification)
{
    const struct notification *n = notification;
    return db_run(
        db, op,
        "INSERT INTO notification (id, account_id, task_id, reason, at, actor_id, comment_id,"
        " due_date, events, app, mail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10)"
        " ON CONFLICT (account_id, task_id, reason) DO UPDATE SET id = excluded.id,"
        " at = excluded.at, actor_id = excluded.actor_id, comment_id = excluded.comment_id,"
        " due_date = excluded.due_date, app = excluded.app, mail = excluded.mail, read_at = NULL,"
        " events = CASE WHEN notification.read_at IS NULL THEN notification.events + 1 ELSE 1 END",
        DB_ARGS(db_i64(n->id), db_i64(n->account_id), db_i64(n->task_id), db_i64(n->reason),
                db_i64(n->at), db_i64(n->actor_id), or_null(n->comment_id, 0),
                or_null(n->due_date, DATE_NONE), db_i64(n->app), db_i64(n->mail)));
}

enum err store_notification_withdraw(struct db *db, struct op *op,
                                     const struct notification *notification)
{
    return db_run(db, op,
                  "DELETE FROM notification WHERE account_id = $1 AND task_id = $2 AND reason = $3"
                  " AND read_at IS NULL",
                  DB_ARGS(db_i64(notification->account_id), db_i64(notification->task_id),
                          db_i64(notification->reason)));
}

enum err store_notifications_trim(struct db *db, struct op *op, int64_t account_id)
{
    return db_run(db, op,
                  "DELETE FROM notification WHERE account_id = $1 AND id <= (SELECT id"
                  " FROM notification WHERE account_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                  DB_ARGS(db_i64(account_id), db_i64(NOTIFICATIONS_MAX)));
}

/* ---- for the person ---- */

/* Those who are asked to confirm a closing need not read of it once that is decided. */
#define PENDING(confirm)                                                                           \
    " AND (n.reason <> " confirm " OR t.proposed_by IS NOT NULL OR n.read_at IS NOT NULL)"
#define ROWS                                                                                       \
    "SELECT n.id, n.task_id, n.reason, n.at, n.actor_id, n.comment_id, n.due_date, n.events,"      \
    " n.app, n.mail, n.read_at, t.workspace_id, t.source_id, t.number, t.title, t.due_date,"       \
    " o.workspace_id, o.number FROM notification n JOIN task t ON t.id = n.task_id"                \
    " LEFT JOIN task_link l ON n.reason = $4 AND t.proposed_by IS NOT NULL AND l.task_id = t.id"   \
    " AND l.kind = $5 AND l.ended_seq IS NULL LEFT JOIN task o ON o.id = l.other_id"               \
    " WHERE n.account_id = $1 AND n.id < $2"
#define NEWEST PENDING("$4") " ORDER BY n.id DESC LIMIT $3"

enum err store_notifications(struct db *db, struct op *op, int64_t account_id,
                             enum notification_which which, int64_t below, int64_t limit,
                             struct notification_rows *ret_rows)
{
    static const char *const queries[] = {
        [NOTIFICATION_APP] = ROWS " AND n.app = 1" NEWEST,
        [NOTIFICATION_UNREAD] = ROWS " AND n.app = 1 AND n.read_at IS NULL" NEWEST,
        [NOTIFICATION_MAIL] =
            ROWS " AND n.mail = 1 AND n.read_at IS NULL AND n.id > COALESCE((SELECT"
                 " mailed_to FROM mail_address WHERE account_id = $1), 0)" NEWEST,
    };
    struct db_rows rows;
    enum err err = db_query(db, op, queries[which],
                            DB_ARGS(db_i64(account_id), db_i64(below), db_i64(limit),
                                    db_i64(NOTIFY_CONFIRM), db_i64(LINK_DUPLICATES)),
                            &rows);
    if (err != ERR_OK)
        return err;
    struct notification_row *items = ARENA_ARRAY(op->arena, struct notification_row, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct notification_row){
            .notification = {.id = db_get_i64(&rows, i, 0),
                             .account_id = account_id,
                             .task_id = db_get_i64(&rows, i, 1),
                             .reason = (enum notify_reason)db_get_i64(&rows, i, 2),
                             .at = db_get_i64(&rows, i, 3),
                             .actor_id = db_get_i64(&rows, i, 4),
                             .comment_id = db_get_i64(&rows, i, 5),
                             .due_date = db_is_null(&rows, i, 6) ? DATE_NONE
                                                                 : (int32_t)db_get_i64(&rows, i, 6),
                             .events = db_get_i64(&rows, i, 7),
                             .app = db_get_i64(&rows, i, 8) != 0,
                             .mail = db_get_i64(&rows, i, 9) != 0,
                             .read = !db_is_null(&rows, i, 10)},
            .workspace_id = db_get_i64(&rows, i, 11),
            .source_id = db_get_i64(&rows, i, 12),
            .number = db_get_i64(&rows, i, 13),
            .title = db_get_str(&rows, i, 14),
            .due_date = db_is_null(&rows, i, 15) ? DATE_NONE : (int32_t)db_get_i64(&rows, i, 15),
            .original_workspace_id = db_get_i64(&rows, i, 16), /* 0 for NULL */
            .original_number = db_get_i64(&rows, i, 17),
        };
    *ret_rows = (struct notification_rows){items, rows.n};
    return ERR_OK;
}

enum err store_notifications_unread(struct db *db, struct op *op, int64_t account_id,
                                    struct db_rows *ret_pairs)
{
    return db_query(db, op,
                    "SELECT t.workspace_id, COUNT(*) FROM notification n JOIN task t"
                    " ON t.id = n.task_id WHERE n.account_id = $1 AND n.read_at IS NULL"
                    " AND n.app = 1" PENDING("$2") " GROUP BY t.workspace_id",
                    DB_ARGS(db_i64(account_id), db_i64(NOTIFY_CONFIRM)), ret_pairs);
}

#define READ "UPDATE notification SET read_at = $2 WHERE account_id = $1 AND read_at IS NULL"

enum err store_notification_read(struct db *db, struct op *op, int64_t account_id, int64_t id)
{
    return db_run(db, op, READ " AND id = $3",
                  DB_ARGS(db_i64(account_id), db_i64(op->now), db_i64(id)));
}

enum err store_notifications_read_of(struct db *db, struct op *op, int64_t account_id,
                                     int64_t task_id)
{
    return db_run(db, op, READ " AND task_id = $3",
                  DB_ARGS(db_i64(account_id), db_i64(op->now), db_i64(task_id)));
}

enum err store_notifications_read_to(struct db *db, struct op *op, int64_t account_id, int64_t id,
                                     int64_t limit, bool *ret_more)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        READ " AND id IN (SELECT id FROM notification WHERE account_id = $1 AND read_at IS NULL"
             " AND id <= $3 ORDER BY id LIMIT $4) RETURNING id",
        DB_ARGS(db_i64(account_id), db_i64(op->now), db_i64(id), db_i64(limit)), &rows);
    if (err == ERR_OK)
        *ret_more = rows.n == (size_t)limit;
    return err;
}

/* A number that a later version has stored counts as what is usual. */
enum err store_notify_settings(struct db *db, struct op *op, int64_t account_id,
                               struct notify_settings *ret_settings)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT app, mail, bundle, language FROM notification_setting WHERE account_id = $1",
        DB_ARGS(db_i64(account_id)), &rows);
    if (err != ERR_OK)
        return err;
    struct notify_settings settings = notify_usual;
    if (rows.n > 0) {
        int64_t bundle = db_get_i64(&rows, 0, 2), language = db_get_i64(&rows, 0, 3);
        settings.app = (unsigned)db_get_i64(&rows, 0, 0);
        settings.mail = (unsigned)db_get_i64(&rows, 0, 1);
        if (bundle >= 0 && bundle < BUNDLE_COUNT)
            settings.bundle = (enum notify_bundle)bundle;
        if (language >= 0 && language < LANGUAGE_COUNT)
            settings.language = (enum language)language;
    }
    *ret_settings = settings;
    return ERR_OK;
}

#define SETTINGS_PUT                                                                               \
    "INSERT INTO notification_setting (account_id, app, mail, bundle, language)"                   \
    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id) DO UPDATE SET"

static enum err settings_run(struct db *db, struct op *op, const char *sql, int64_t account_id,
                             const struct notify_settings *settings)
{
    return db_run(db, op, sql,
                  DB_ARGS(db_i64(account_id), db_i64(settings->app), db_i64(settings->mail),
                          db_i64(settings->bundle), db_i64(settings->language)));
}

enum err store_notify_settings_hold(struct db *db, struct op *op, int64_t account_id)
{
    return settings_run(db, op, SETTINGS_PUT " app = notification_setting.app", account_id,
                        &notify_usual);
}

enum err store_notify_settings_put(struct db *db, struct op *op, int64_t account_id,
                                   const struct notify_settings *settings)
{
    return settings_run(db, op,
                        SETTINGS_PUT " app = excluded.app, mail = excluded.mail,"
                                     " bundle = excluded.bundle, language = excluded.language",
                        account_id, settings);
}

enum err store_notifications_keep(struct db *db, struct op *op, int64_t account_id,
                                  enum notify_reason reason, int64_t limit, bool *ret_more)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "UPDATE notification SET mail = 0 WHERE id IN (SELECT id FROM notification"
                 " WHERE account_id = $1 AND mail = 1 AND reason = $2 ORDER BY id LIMIT $3)"
                 " RETURNING id",
                 DB_ARGS(db_i64(account_id), db_i64(reason), db_i64(limit)), &rows);
    if (err == ERR_OK)
        *ret_more = rows.n == (size_t)limit;
    return err;
}

/* ---- what ends ---- */

enum err store_notifications_drop(struct db *db, struct op *op, int64_t below, int64_t limit,
                                  bool *ret_more)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "DELETE FROM notification WHERE id IN (SELECT id FROM notification"
                            " WHERE id < $1 ORDER BY id LIMIT $2) RETURNING id",
                            DB_ARGS(db_i64(below), db_i64(limit)), &rows);
    if (err == ERR_OK)
        *ret_more = rows.n == (size_t)limit;
    return err;
}

enum err store_notifications_erase(struct db *db, struct op *op, int64_t account_id)
{
    enum err err = db_run(db, op, "DELETE FROM notification WHERE account_id = $1",
                          DB_ARGS(db_i64(account_id)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM notification_setting WHERE account_id = $1",
                     DB_ARGS(db_i64(account_id)));
    return err;
}
