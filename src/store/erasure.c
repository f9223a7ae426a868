#include "store/erasure.h"

#include "model/email.h"
#include "store/calendar.h"
#include "store/event_row.h"
#include "store/identity.h"
#include "store/inbox.h"
#include "store/job.h"
#include "store/mail.h"
#include "store/notification.h"
#include "store/preference.h"

enum err store_person_erase(struct db *db, struct op *op, int64_t account_id,
                            const struct person_settings *pseudonym, struct str email)
{
    enum err err = store_person_change(db, op, account_id, pseudonym);
    if (err == ERR_OK)
        err = db_run(db, op, "UPDATE account SET email = $2, password_hash = NULL WHERE id = $1",
                     DB_ARGS(db_i64(account_id), db_text(pseudonym->email)));
    if (err == ERR_OK)
        err = store_sign_ins_end(db, op, account_id, 0);
    if (err == ERR_OK)
        err = store_inbox_erase(db, op, account_id);
    if (err == ERR_OK)
        err = store_notifications_erase(db, op, account_id);
    if (err == ERR_OK)
        err = store_mail_erase(db, op, account_id);
    if (err == ERR_OK)
        err = store_preference_drop(db, op, account_id);
    if (err == ERR_OK)
        err = store_identities_drop(db, op, account_id);
    if (err == ERR_OK)
        err = store_calendar_drop(db, op, account_id);
    if (err == ERR_OK)
        err = db_run(db, op,
                     "INSERT INTO erasure (account_id, email, stage, after, erased_at)"
                     " VALUES ($1, $2, 0, 0, $3)",
                     DB_ARGS(db_i64(account_id), db_text(email), db_i64(op->now)));
    return err == ERR_OK ? store_job_wake(db, op, STR("person erasure")) : err;
}

enum err store_erasure_next(struct db *db, struct op *op, int64_t account_id,
                            struct erasure *ret_erasure)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT account_id, email, stage, after, erased_at FROM erasure"
                            " WHERE account_id > $1 ORDER BY account_id LIMIT 1",
                            DB_ARGS(db_i64(account_id)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_erasure = (struct erasure){
        .account_id = db_get_i64(&rows, 0, 0),
        .email = db_get_str(&rows, 0, 1),
        .stage = (enum erasure_stage)db_get_i64(&rows, 0, 2),
        .after = db_get_i64(&rows, 0, 3),
        .erased_at = db_get_i64(&rows, 0, 4),
    };
    return ERR_OK;
}

enum err store_erasures(struct db *db, struct op *op, const struct former_email **ret_former,
                        size_t *ret_n)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT account_id, email FROM erasure", DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct former_email *former = ARENA_ARRAY(op->arena, struct former_email, rows.n);
    if (former == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        former[i] = (struct former_email){.account_id = db_get_i64(&rows, i, 0),
                                          .email = db_get_str(&rows, i, 1)};
    *ret_former = former;
    *ret_n = rows.n;
    return ERR_OK;
}

enum err store_erasure_progress(struct db *db, struct op *op, const struct erasure *erasure)
{
    if (erasure->stage == ERASE_DONE)
        return db_run(db, op, "DELETE FROM erasure WHERE account_id = $1",
                      DB_ARGS(db_i64(erasure->account_id)));
    return db_run(
        db, op, "UPDATE erasure SET stage = $2, after = $3 WHERE account_id = $1",
        DB_ARGS(db_i64(erasure->account_id), db_i64(erasure->stage), db_i64(erasure->after)));
}

/* Ids behind $1, at most $3, and the domain of those whose texts have the pattern $2 in them, NULL for
 * the others; $4 is the account. An address has none of '!', '%', '_' but by this escape. */
#define FIND_IN(domain, id, table, texts, further)                                                 \
    "SELECT " id ", CASE WHEN LOWER(" texts ") LIKE $2 ESCAPE '!'" further " THEN " domain         \
    " END FROM " table " WHERE " id " > $1 ORDER BY " id " LIMIT $3"

#define FIND(id, table, texts, further) FIND_IN("0", id, table, texts, further)

#define DOMAIN_OF_TASK                                                                             \
    "(SELECT w.domain_id FROM task t JOIN workspace w ON w.id = t.workspace_id"                    \
    " WHERE t.id = task_id)"

/* Escapes of JSON that can stand for a character of an address. */
#define ESCAPED(json) " OR " json " LIKE '%\\u%' ESCAPE '!' OR " json " LIKE '%\\/%' ESCAPE '!'"

static const char *const finds[] = {
    [ERASE_EVENTS] = FIND_IN("(SELECT domain_id FROM chain WHERE ordinal = place >> 40)", "place",
                             "event", "payload", ESCAPED("payload") " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_RECORDS] =
        FIND_IN("(SELECT domain_id FROM workspace w WHERE w.id = workspace_id)", "id", "task",
                "title || ' ' || description || ' ' || COALESCE(result, '') || ' ' ||"
                " extra || tags || category || sub_category || order_id ||"
                " COALESCE(lrn, '') || ' ' || COALESCE(cause, '')",
                ESCAPED("extra") " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_COMMENTS] = FIND_IN(DOMAIN_OF_TASK, "id", "comment", "COALESCE(text, '')",
                               " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_ATTACHMENTS] =
        FIND_IN(DOMAIN_OF_TASK, "id", "attachment", "name", " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_BULKS] = FIND("id", "bulk_verdict", "text", " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_REQUESTS] = FIND("id", "request",
                            "COALESCE(body, '') || ' ' || COALESCE(problem, '') || ' ' || path ||"
                            " ' ' || COALESCE(idempotency_key, '')",
                            ESCAPED("body") ESCAPED("problem") " OR account_id = $4"),
    [ERASE_VIEWS] =
        FIND("id", "saved_view", "name || ' ' || query || ' ' || shown", " OR account_id = $4"),
    /* Bytes, which are text on SQLite and hexadecimal on PostgreSQL; 40 is '@', which our own JSON writer
     * does not escape. */
    [ERASE_ANSWERS] = FIND("id", "answer", "CAST(body AS TEXT)",
                           " OR CAST(body AS TEXT) LIKE '\\x%40%' ESCAPE '!'"
                           " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_MEETINGS] = FIND("id", "meeting", "name", " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_SESSIONS] = FIND_IN("(SELECT domain_id FROM meeting m WHERE m.id = meeting_id)", "id",
                               "meeting_session", "COALESCE(since, '') || COALESCE(minutes, '')",
                               ESCAPED("COALESCE(since, '')")
                                   ESCAPED("COALESCE(minutes, '')") " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_NOTES] = FIND("id", "meeting_note", "text", " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_DELIVERIES] =
        FIND("id", "webhook_delivery",
             "COALESCE(request, '') || ' ' || COALESCE(answer, '') || ' ' || COALESCE(error, '')",
             ESCAPED("request") ESCAPED("answer") " AND CAST($4 AS BIGINT) > 0"),
    [ERASE_RULES] = FIND("id", "rule", "name || ' ' || document",
                         ESCAPED("document") " AND CAST($4 AS BIGINT) > 0"),
};

/* "%address%" in small letters, with '%' for what is not the same in every spelling. */
static enum err pattern_make(struct op *op, struct str email, struct str *ret_pattern)
{
    char folded[EMAIL_FOLDED_SIZE];
    struct buf buf;
    bool any = true; /* the last one was '%' */
    email = (struct str){folded, email_fold(email, folded)};
    buf_init(&buf, 1024);
    buf_char(&buf, '%');
    for (size_t i = 0; i < email.n; i++) {
        bool same = email_constant(email, i);
        if (same && (email.p[i] == '!' || email.p[i] == '%' || email.p[i] == '_'))
            buf_char(&buf, '!');
        if (same || !any)
            buf_char(&buf, same ? email.p[i] : '%');
        any = !same;
    }
    if (!any)
        buf_char(&buf, '%');
    return buf_move(&buf, op->arena, ret_pattern);
}

enum err store_erasure_find(struct db *db, struct op *op, const struct erasure *erasure,
                            int64_t limit, struct erasure_rows *ret_rows)
{
    struct db_rows rows;
    struct str pattern;
    enum err err = pattern_make(op, erasure->email, &pattern);
    if (err == ERR_OK)
        err = db_query(db, op, finds[erasure->stage],
                       DB_ARGS(db_i64(erasure->after), db_text(pattern), db_i64(limit),
                               db_i64(erasure->account_id)),
                       &rows);
    if (err != ERR_OK)
        return err;
    struct erasure_rows found = {.items = ARENA_ARRAY(op->arena, struct erasure_row, rows.n),
                                 .last = erasure->after,
                                 .more = rows.n == (size_t)limit};
    if (found.items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        found.last = db_get_i64(&rows, i, 0);
        if (!db_is_null(&rows, i, 1))
            found.items[found.n++] = (struct erasure_row){found.last, db_get_i64(&rows, i, 1)};
    }
    *ret_rows = found;
    return ERR_OK;
}

enum err store_event_at(struct db *db, struct op *op, int64_t place, struct event *ret_event)
{
    struct db_rows rows;
    struct event event;
    enum err err = db_query(db, op,
                            "SELECT " EVENT_COLUMNS ", c.domain_id FROM event e"
                            " JOIN chain c ON c.ordinal = e.place >> 40 WHERE e.place = $1",
                            DB_ARGS(db_i64(place)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = event_read(op, &rows, 0, &event);
    if (err != ERR_OK)
        return err;
    event.domain_id = db_get_i64(&rows, 0, EVENT_COLUMN_COUNT);
    *ret_event = event;
    return ERR_OK;
}

enum err store_event_erase_at(struct db *db, struct op *op, int64_t place)
{
    return db_run(db, op, "UPDATE event SET payload = NULL, salt = NULL WHERE place = $1",
                  DB_ARGS(db_i64(place)));
}

enum err store_event_erase_of(struct db *db, struct op *op, int64_t task_id, int64_t seq)
{
    return db_run(db, op,
                  "UPDATE event SET payload = NULL, salt = NULL WHERE place ="
                  " (SELECT (c.ordinal << 40) + $2 FROM task t"
                  " JOIN workspace w ON w.id = t.workspace_id"
                  " JOIN chain c ON c.domain_id = w.domain_id WHERE t.id = $1)",
                  DB_ARGS(db_i64(task_id), db_i64(seq)));
}

enum err store_request_erase(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "DELETE FROM request WHERE id = $1", DB_ARGS(db_i64(id)));
}

enum err store_sign_ins_erase(struct db *db, struct op *op, int64_t account_id, bool *ret_more)
{
    enum { FAMILIES = 64 };
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT id FROM token_family WHERE account_id = $1"
                            " AND secret_id IS NULL ORDER BY id LIMIT $2",
                            DB_ARGS(db_i64(account_id), db_i64(FAMILIES)), &rows);
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++) {
        struct db_value id = db_i64(db_get_i64(&rows, i, 0));
        err = db_run(db, op, "DELETE FROM token WHERE family_id = $1", DB_ARGS(id));
        if (err == ERR_OK)
            err = db_run(db, op, "DELETE FROM token_family WHERE id = $1", DB_ARGS(id));
    }
    if (err == ERR_OK)
        *ret_more = rows.n == FAMILIES;
    return err;
}
