#include "store/copy.h"

/* The statements of a table by its name, its key and its other columns. */
#define BY_KEY(table, key, columns, values)                                                        \
    .rows =                                                                                        \
        "SELECT " key ", " columns " FROM " table " WHERE " key " > $1 ORDER BY " key " LIMIT $2", \
    .keys = "SELECT " key " FROM " table " WHERE " key " > $1 ORDER BY " key " LIMIT $2",          \
    .add = "INSERT INTO " table " (" key ", " columns ") VALUES (" values ")", .key_columns = 1

/* The same by a key of two columns that are all there is but for `columns` (", x" or ""). */
#define BY_PAIR(table, a, b, columns, values)                                                      \
    .rows = "SELECT " a ", " b columns " FROM " table " WHERE (" a ", " b                          \
            ") > ($1, $2) ORDER BY " a ", " b " LIMIT $3",                                         \
    .keys = "SELECT " a ", " b " FROM " table " WHERE (" a ", " b ") > ($1, $2) ORDER BY " a       \
            ", " b " LIMIT $3",                                                                    \
    .add = "INSERT INTO " table " (" a ", " b columns ") VALUES (" values ")", .key_columns = 2

/* Like BY_KEY, over what is there. */
#define SEEDED(table, key, columns, values, changes)                                               \
    .rows =                                                                                        \
        "SELECT " key ", " columns " FROM " table " WHERE " key " > $1 ORDER BY " key " LIMIT $2", \
    .keys = "SELECT " key " FROM " table " WHERE " key " > $1 ORDER BY " key " LIMIT $2",          \
    .add = "INSERT INTO " table " (" key ", " columns ") VALUES (" values ") ON CONFLICT (" key    \
           ") DO UPDATE SET " changes,                                                             \
    .key_columns = 1, .seeded = true

/* Not here: schema_migration, node, follow_lease, rule_lease, webhook_control and unfinished_copy, which are each
 * store's own;
 * first_run, a link that the next start replaces; sign_in_test, which is over in minutes; request, a
 * log of the last weeks that promises nothing, and would be the most of a small backup;
 * and the index of records (store/task_index.h), which is made again from the rest. */
const struct store_table store_tables[] = {
    {.name = "domains", BY_KEY("domain", "id", "key, created_at", "$1, $2, $3")},
    {.name = "workspaces",
     BY_KEY("workspace", "id", "domain_id, key, name, zone, created_at, version",
            "$1, $2, $3, $4, $5, $6, $7")},
    {.name = "accounts",
     BY_KEY("account", "id",
            "kind, email, name, password_hash, password_grant, admin, disabled, created_at,"
            " version, sign_in, changed, password_by",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13")},
    {.name = "roles", BY_PAIR("account_grant", "account_id", "domain_id", ", role", "$1, $2, $3")},
    {.name = "links for a password",
     BY_KEY("password_reset", "account_id", "hash, made_by, created_at, expires_at",
            "$1, $2, $3, $4, $5")},
    {.name = "erasures",
     BY_KEY("erasure", "account_id", "email, stage, after, erased_at", "$1, $2, $3, $4, $5")},
    {.name = "clients",
     BY_KEY("client", "account_id", "domain_id, scope, version", "$1, $2, $3, $4")},
    {.name = "clients' secrets",
     BY_KEY("client_secret", "id", "account_id, hash, hint, created_at, expires_at, used_at",
            "$1, $2, $3, $4, $5, $6, $7")},
    {.name = "clients' workspaces",
     BY_PAIR("client_workspace", "account_id", "workspace_id", "", "$1, $2")},
    {.name = "forms",
     BY_KEY("form", "id", "workspace_id, name, version, is_default, disabled, changed",
            "$1, $2, $3, $4, $5, $6, $7")},
    {.name = "versions of forms",
     BY_PAIR("form_version", "form_id", "version", ", at, account_id, document",
             "$1, $2, $3, $4, $5")},
    {.name = "clients' reading",
     BY_PAIR("client_reading", "account_id", "workspace_id", "", "$1, $2")},
    {.name = "saved views",
     BY_KEY("saved_view", "id",
            "account_id, domain_id, name, query, layout, shown, sort, version, created_at,"
            " updated_at",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11")},
    {.name = "preferences", BY_KEY("preference", "account_id", "pins, seen", "$1, $2, $3")},
    {.name = "identities",
     BY_KEY("identity", "id", "account_id, issuer, subject, created_at", "$1, $2, $3, $4, $5")},
    {.name = "rules of groups",
     BY_KEY("group_rule", "id", "name, domain_id, role, created_at, ended_at",
            "$1, $2, $3, $4, $5, $6")},
    {.name = "members of groups", BY_PAIR("group_member", "account_id", "rule_id", "", "$1, $2")},
    {.name = "counters", BY_KEY("counter", "workspace_id", "number", "$1, $2")},
    {.name = "chains",
     BY_KEY("chain", "ordinal", "domain_id, seq, at, hash", "$1, $2, $3, $4, $5")},
    {.name = "key of the change feed",
     SEEDED("feed_key", "id", "key", "$1, $2", "key = excluded.key")},
    {.name = "events",
     .large = true,
     BY_KEY("event", "place",
            "at, actor_id, task_id, previous_seq, action, key, payload_hash, hash, salt, payload,"
            " version",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12")},
    {.name = "records",
     .large = true,
     BY_KEY("task", "id",
            "workspace_id, number, version, last_seq, created_at, updated_at, type, status, impact,"
            " likelihood, priority, reporter_id, assignee_id, source_id, financial_impact,"
            " due_date, reminder_date, occurred_at, category, tags, sub_category, order_id, lrn,"
            " form, form_version, title, extra, result, description, closed_at, closed_by,"
            " first_due_date, due_moves, parent_id, proposed_at, proposed_by, follower_count,"
            " cause, comment_count, internal_count, attachment_count, assigned_at, assigned_by",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,"
            " $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35,"
            " $36, $37, $38, $39, $40, $41, $42, $43, $44")},
    {.name = "earlier keys of records",
     BY_PAIR("task_alias", "workspace_id", "number", ", task_id", "$1, $2, $3")},
    {.name = "followers", BY_PAIR("task_follower", "task_id", "account_id", "", "$1, $2")},
    {.name = "comments",
     .large = true,
     BY_KEY("comment", "id",
            "task_id, seq, last_seq, version, author_id, created_at, edited_at, deleted_at,"
            " internal, mentions, text",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12")},
    {.name = "contents", BY_KEY("content", "id", "size, sha256, drop_at", "$1, $2, $3, $4")},
    {.name = "chunks of contents",
     .large = true,
     BY_PAIR("content_chunk", "content_id", "n", ", bytes", "$1, $2, $3")},
    {.name = "attachments",
     .large = true,
     BY_KEY("attachment", "id",
            "task_id, seq, last_seq, author_id, created_at, deleted_at, content_id, size, sha256,"
            " image, type, name",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13")},
    {.name = "links of records",
     BY_PAIR("task_link", "task_id", "seq", ", other_id, kind, ended_seq", "$1, $2, $3, $4, $5")},
    {.name = "mentions",
     BY_PAIR("mention", "comment_id", "account_id", ", task_id, answered", "$1, $2, $3, $4")},
    {.name = "stand-ups",
     BY_KEY("meeting", "id",
            "domain_id, name, weeks, weekday, minutes, walk, grouped, archived_at, version,"
            " created_at, updated_at",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12")},
    {.name = "workspaces of stand-ups",
     BY_PAIR("meeting_workspace", "meeting_id", "workspace_id", "", "$1, $2")},
    {.name = "people of stand-ups",
     BY_PAIR("meeting_person", "meeting_id", "account_id", "", "$1, $2")},
    {.name = "sessions of stand-ups",
     .large = true,
     BY_KEY("meeting_session", "id",
            "meeting_id, number, version, started_at, started_by, leader_id, stage, grouped,"
            " task_id, task_at, overdue, since, more, closed_at, closed_by, seq, minutes",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18")},
    {.name = "positions of sessions",
     BY_PAIR("meeting_range", "session_id", "domain_id", ", from_seq, start_seq, end_seq",
             "$1, $2, $3, $4, $5")},
    {.name = "records of sessions",
     BY_PAIR("meeting_item", "session_id", "place", ", task_id, reason, ms", "$1, $2, $3, $4, $5")},
    {.name = "people in sessions",
     BY_PAIR("meeting_guest", "session_id", "account_id", ", joined_at", "$1, $2, $3")},
    {.name = "notes of sessions",
     BY_KEY("meeting_note", "id",
            "session_id, task_id, author_id, parked, created_at, edited_at, text",
            "$1, $2, $3, $4, $5, $6, $7, $8")},
    {.name = "rules",
     BY_KEY("rule", "id",
            "workspace_id, kind, place, name, active_at, document, author_id, version, created_at,"
            " updated_at, ended_at",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12")},
    {.name = "working days",
     BY_KEY("workdays", "workspace_id", "weekdays, remind_at, holidays, version",
            "$1, $2, $3, $4, $5")},
    {.name = "turns of rules", BY_KEY("rule_turn", "rule_id", "turn", "$1, $2")},
    {.name = "timers of records",
     BY_KEY("record_timer", "task_id", "due_at, due_since, reminder_since, assigns",
            "$1, $2, $3, $4, $5")},
    {.name = "deeds of rules",
     BY_PAIR("rule_firing", "task_id", "seq", ", rule_id, date, step", "$1, $2, $3, $4, $5")},
    {.name = "sweeps of rules",
     BY_KEY("rule_sweep", "workspace_id", "number, since", "$1, $2, $3")},
    {.name = "positions of rules", BY_KEY("rule_position", "ordinal", "seq", "$1, $2")},
    {.name = "next dates of rules", BY_KEY("rule_next", "rule_id", "due_at, date", "$1, $2, $3")},
    {.name = "occurrences of rules",
     BY_PAIR("rule_occurrence", "rule_id", "date", ", task_id", "$1, $2, $3")},
    {.name = "answers to inboxes",
     BY_PAIR("inbox_mark", "account_id", "task_id",
             ", until, assigned_at, proposed_at, due_date, mention_id, reasons",
             "$1, $2, $3, $4, $5, $6, $7, $8")},
    {.name = "addresses of calendars",
     BY_KEY("calendar_link", "account_id", "hash, created_at", "$1, $2, $3")},
    {.name = "webhooks",
     BY_KEY("webhook", "id",
            "domain_id, workspace_id, owner_id, url, events, secret, secret_at, old_secret,"
            " old_secret_until, paused_at, pause, version, created_at, updated_at, succeeded_at,"
            " failing_since, warned",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18")},
    {.name = "positions of webhooks",
     BY_PAIR("webhook_position", "webhook_id", "ordinal", ", seq", "$1, $2, $3")},
    {.name = "deliveries of webhooks",
     BY_KEY("webhook_delivery", "id",
            "webhook_id, ordinal, seq, type, key, state, attempts, due_at, sent_at, ms, status,"
            " error, request, answer",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15")},
    {.name = "notifications",
     BY_KEY("notification", "id",
            "account_id, task_id, reason, at, actor_id, comment_id, due_date, events, app, mail,"
            " read_at",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12")},
    {.name = "settings of notifications",
     BY_KEY("notification_setting", "account_id", "app, mail, bundle, language",
            "$1, $2, $3, $4, $5")},
    {.name = "positions of notifications",
     BY_KEY("notification_position", "ordinal", "seq, account_id", "$1, $2, $3")},
    {.name = "mail",
     BY_KEY("mail", "id", "account_id, due_at, up_to, lease_until, attempts, reason, failing_since",
            "$1, $2, $3, $4, $5, $6, $7, $8")},
    {.name = "addresses of mail",
     BY_KEY("mail_address", "account_id", "sent_at, suspended_at, reason, given_up_at, mailed_to",
            "$1, $2, $3, $4, $5, $6")},
    {.name = "open records of dedup rules", BY_KEY("task_dedup", "task_id", "digest", "$1, $2")},
    {.name = "answers",
     .large = true,
     BY_KEY("answer", "id", "digest, request, status, headers, body", "$1, $2, $3, $4, $5, $6")},
    {.name = "generations of answers",
     .large = true,
     .generations = true,
     BY_KEY("answer_generation", "id", "last_answer, closed_at, filter", "$1, $2, $3, $4")},
    {.name = "indexes of answers",
     .large = true,
     .generations = true,
     BY_KEY("answer_bucket", "place", "entries", "$1, $2")},
    {.name = "bulk changes",
     BY_KEY("bulk_change", "id", "account_id, repeatable, keys", "$1, $2, $3, $4")},
    {.name = "verdicts of bulk changes",
     BY_KEY("bulk_verdict", "id", "bulk_id, place, task_id, domain_id, seq, version, undone, text",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9")},
    {.name = "sign-ins",
     BY_KEY("token_family", "id",
            "account_id, client_id, scope, created_at, expires_at, revoked, secret_id, sign_in,"
            " address, agent",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11")},
    {.name = "tokens",
     BY_KEY("token", "id",
            "kind, hash, family_id, scope, created_at, expires_at, used_at, successor_id, revoked",
            "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10")},
    {.name = "sessions of single sign-on",
     BY_KEY("provider_session", "family_id", "issuer, subject, refresh, checked_at, due_at",
            "$1, $2, $3, $4, $5, $6")},
    {.name = "jobs",
     SEEDED("job", "id", "kind, subject, due_at, lease_until, attempts, dead, reason",
            "$1, $2, $3, $4, $5, $6, $7, $8",
            "kind = excluded.kind, subject = excluded.subject, due_at = excluded.due_at,"
            " lease_until = excluded.lease_until, attempts = excluded.attempts,"
            " dead = excluded.dead, reason = excluded.reason")},
    {.name = "objects that history lacks", BY_KEY("state_due", "id", "kind", "$1, $2")},
    {.name = "version of the directory",
     SEEDED("directory_version", "id", "version, places", "$1, $2, $3",
            "version = excluded.version, places = excluded.places")},
};

const size_t store_table_count = sizeof store_tables / sizeof store_tables[0];

const struct store_key store_key_first = {{INT64_MIN, INT64_MIN}};

static enum err query(struct db *db, struct op *op, const struct store_table *table,
                      const char *sql, const struct store_key *after, int64_t limit,
                      struct db_rows *ret_rows)
{
    struct db_value values[STORE_KEY_COLUMNS_MAX + 1];
    size_t n = 0;
    while (n < table->key_columns) {
        values[n] = db_i64(after->columns[n]);
        n++;
    }
    values[n++] = db_i64(limit);
    return db_query(db, op, sql, (struct db_args){values, n}, ret_rows);
}

enum err store_rows_read(struct db *db, struct op *op, const struct store_table *table,
                         const struct store_key *after, int64_t limit, struct db_rows *ret_rows)
{
    return query(db, op, table, table->rows, after, limit, ret_rows);
}

enum err store_keys_read(struct db *db, struct op *op, const struct store_table *table,
                         const struct store_key *after, int64_t limit, struct db_rows *ret_rows)
{
    return query(db, op, table, table->keys, after, limit, ret_rows);
}

struct store_key store_row_key(const struct store_table *table, const struct db_rows *rows,
                               size_t i)
{
    struct store_key key = store_key_first;
    for (size_t column = 0; column < table->key_columns; column++)
        key.columns[column] = db_get_i64(rows, i, column);
    return key;
}

enum err store_row_add(struct db *db, struct op *op, const struct store_table *table,
                       const struct db_rows *rows, size_t i)
{
    return db_run(db, op, table->add,
                  (struct db_args){rows->values + i * rows->columns, rows->columns});
}

/* ---- unfinished copies ---- */

enum err store_copy_unfinished(struct db *db, struct op *op, struct str *ret_source)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT source FROM unfinished_copy WHERE id = 1", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_source = rows.n == 0 ? STR_NONE : db_get_str(&rows, 0, 0);
    return err;
}

enum err store_copy_begin(struct db *db, struct op *op, struct str source)
{
    return db_run(db, op, "INSERT INTO unfinished_copy (id, source) VALUES (1, $1)",
                  DB_ARGS(db_blob(source.p, source.n)));
}

enum err store_copy_hold(struct db *db, struct op *op)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "UPDATE unfinished_copy SET source = source WHERE id = 1 RETURNING id",
                 DB_NO_ARGS, &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_NOT_FOUND : err;
}

enum err store_copy_end(struct db *db, struct op *op)
{
    return db_run(db, op, "DELETE FROM unfinished_copy WHERE id = 1", DB_NO_ARGS);
}
