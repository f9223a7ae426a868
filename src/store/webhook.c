#include "store/webhook.h"

#include "model/date.h"
#include "store/list.h"
#include "store/time.h"

#define COLUMNS                                                                                    \
    "id, domain_id, workspace_id, owner_id, url, events, secret, secret_at, old_secret,"           \
    " old_secret_until, paused_at, pause, version, created_at, updated_at, succeeded_at,"          \
    " failing_since, warned"

/* The statements below say it as a number. */
_Static_assert(WEBHOOK_REMOVED == 5, "pause <> 5");

/* Longer than a lease and what clocks of nodes differ: a lease that ends later was given by a clock that
 * has been set back. */
static const int64_t CLOCKS_APART = 5 * 60 * INT64_C(1000);

static enum err webhook_of(struct op *op, const struct db_rows *rows, size_t i,
                           struct webhook *ret_webhook)
{
    struct webhook webhook = {
        .id = db_get_i64(rows, i, 0),
        .domain_id = db_get_i64(rows, i, 1),
        .workspace_id = db_is_null(rows, i, 2) ? 0 : db_get_i64(rows, i, 2),
        .owner_id = db_get_i64(rows, i, 3),
        .url = db_get_str(rows, i, 4),
        .secret = db_get_str(rows, i, 6),
        .secret_at = db_get_i64(rows, i, 7),
        .old_secret = db_is_null(rows, i, 8) ? STR_NONE : db_get_str(rows, i, 8),
        .old_secret_until = time_or_none(rows, i, 9),
        .paused_at = time_or_none(rows, i, 10),
        .pause = (enum webhook_pause)db_get_i64(rows, i, 11),
        .version = db_get_i64(rows, i, 12),
        .created_at = db_get_i64(rows, i, 13),
        .updated_at = db_get_i64(rows, i, 14),
        .succeeded_at = time_or_none(rows, i, 15),
        .failing_since = time_or_none(rows, i, 16),
        .warned = db_get_i64(rows, i, 17) != 0,
    };
    enum err err = list_read(op, db_get_str(rows, i, 5), &webhook.events);
    if (err == ERR_OK && webhook.pause > WEBHOOK_REMOVED)
        err = op_fail(op, ERR_CORRUPT, "a webhook is paused for an unknown reason");
    if (err == ERR_OK)
        *ret_webhook = webhook;
    return err;
}

enum err store_webhook_get(struct db *db, struct op *op, int64_t id, struct webhook *ret_webhook)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT " COLUMNS " FROM webhook WHERE id = $1 AND pause <> 5",
                            DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    return err == ERR_OK ? webhook_of(op, &rows, 0, ret_webhook) : err;
}

enum err store_webhooks_before(struct db *db, struct op *op, int64_t before, int64_t limit,
                               struct webhook_list *ret_webhooks)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT " COLUMNS " FROM webhook WHERE id < $1 AND pause <> 5 ORDER BY id DESC LIMIT $2",
        DB_ARGS(db_i64(before == 0 ? INT64_MAX : before), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct webhook *items = ARENA_ARRAY(op->arena, struct webhook, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++)
        err = webhook_of(op, &rows, i, &items[i]);
    if (err == ERR_OK)
        *ret_webhooks = (struct webhook_list){items, rows.n};
    return err;
}

enum err store_webhook_count(struct db *db, struct op *op, int64_t *ret_count)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT COUNT(*) FROM webhook WHERE pause <> 5", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_webhook_count_below(struct db *db, struct op *op, struct str domain,
                                   int64_t *ret_count)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT COUNT(*) FROM webhook w JOIN domain d ON d.id = w.domain_id"
                 " WHERE w.pause <> 5 AND (d.key = $1 OR"
                 " (d.key >= CAST($1 AS TEXT) || '-' AND d.key < CAST($1 AS TEXT) || '.'))",
                 DB_ARGS(db_text(domain)), &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_webhook_add(struct db *db, struct op *op, const struct webhook *w)
{
    struct str events;
    enum err err = list_write(op, w->events, &events);
    if (err == ERR_OK)
        err = store_webhook_revise(db, op);
    if (err == ERR_OK)
        err =
            db_run(db, op,
                   "INSERT INTO webhook (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL,"
                   " NULL, NULL, 0, $9, $10, $11, NULL, NULL, 0)",
                   DB_ARGS(db_i64(w->id), db_i64(w->domain_id),
                           w->workspace_id == 0 ? db_null() : db_i64(w->workspace_id),
                           db_i64(w->owner_id), db_text(w->url), db_text(events),
                           db_blob(w->secret.p, w->secret.n), db_i64(w->secret_at),
                           db_i64(w->version), db_i64(w->created_at), db_i64(w->updated_at)));
    if (err == ERR_OK)
        err = db_run(db, op,
                     "INSERT INTO webhook_position (webhook_id, ordinal, seq)"
                     " SELECT CAST($1 AS BIGINT), c.ordinal, c.seq FROM domain own"
                     " JOIN domain d ON d.id = own.id OR (CAST($3 AS BIGINT) = 0"
                     " AND d.key >= own.key || '-' AND d.key < own.key || '.')"
                     " JOIN chain c ON c.domain_id = d.id WHERE own.id = $2",
                     DB_ARGS(db_i64(w->id), db_i64(w->domain_id), db_i64(w->workspace_id)));
    return err;
}

enum err store_webhook_put(struct db *db, struct op *op, const struct webhook *w)
{
    struct str events;
    struct db_rows rows;
    enum err err = list_write(op, w->events, &events);
    if (err == ERR_OK)
        err = store_webhook_revise(db, op);
    if (err == ERR_OK)
        err = db_query(
            db, op,
            "UPDATE webhook SET owner_id = $2, url = $3, events = $4, secret = $5, secret_at = $6,"
            " old_secret = $7, old_secret_until = $8, paused_at = $9, pause = $10, version = $11,"
            " updated_at = $12 WHERE id = $1 AND version = $11 - 1 RETURNING id",
            DB_ARGS(db_i64(w->id), db_i64(w->owner_id), db_text(w->url), db_text(events),
                    db_blob(w->secret.p, w->secret.n), db_i64(w->secret_at),
                    w->old_secret.p == NULL ? db_null() : db_blob(w->old_secret.p, w->old_secret.n),
                    time_or_null(w->old_secret_until), time_or_null(w->paused_at), db_i64(w->pause),
                    db_i64(w->version), db_i64(w->updated_at)),
            &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}

enum err store_webhook_health_put(struct db *db, struct op *op, const struct webhook *w)
{
    return db_run(db, op,
                  "UPDATE webhook SET succeeded_at = $2, failing_since = $3, warned = $4"
                  " WHERE id = $1",
                  DB_ARGS(db_i64(w->id), time_or_null(w->succeeded_at),
                          time_or_null(w->failing_since), db_i64(w->warned)));
}

enum err store_webhook_health_reset(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "UPDATE webhook SET failing_since = NULL, warned = 0 WHERE id = $1",
                  DB_ARGS(db_i64(id)));
}

enum err store_webhook_warned(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "UPDATE webhook SET warned = 1 WHERE id = $1", DB_ARGS(db_i64(id)));
}

enum err store_webhook_drop(struct db *db, struct op *op, const struct webhook *w)
{
    struct db_rows rows;
    enum err err = store_webhook_revise(db, op);
    if (err == ERR_OK)
        err = db_query(
            db, op,
            "UPDATE webhook SET url = '', events = '[]', secret = $2,"
            " old_secret = NULL, old_secret_until = NULL, pause = 5, paused_at = $3,"
            " version = $4, updated_at = $3 WHERE id = $1 AND version = $4 - 1 RETURNING id",
            DB_ARGS(db_i64(w->id), db_blob("", 0), db_i64(w->updated_at), db_i64(w->version)),
            &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_RETRY;
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM webhook_position WHERE webhook_id = $1",
                     DB_ARGS(db_i64(w->id)));
    return err;
}

enum err store_webhook_newest_record(struct db *db, struct op *op, const struct webhook *w,
                                     struct str *ret_workspace, int64_t *ret_number)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op,
                 "SELECT w.key, t.number FROM domain own JOIN domain d ON d.id = own.id OR"
                 " (d.key >= own.key || '-' AND d.key < own.key || '.')"
                 " JOIN workspace w ON w.domain_id = d.id AND (CAST($2 AS BIGINT) = 0 OR w.id = $2)"
                 " JOIN task t ON t.workspace_id = w.id"
                 " AND t.number = (SELECT MAX(number) FROM task WHERE workspace_id = w.id)"
                 " WHERE own.id = $1 ORDER BY t.id DESC LIMIT 1",
                 DB_ARGS(db_i64(w->domain_id), db_i64(w->workspace_id)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_workspace = rows.n == 0 ? STR_NONE : db_get_str(&rows, 0, 0);
    *ret_number = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 1);
    return ERR_OK;
}

/* ---- positions ---- */

enum err store_webhook_positions(struct db *db, struct op *op, int64_t webhook_id,
                                 struct webhook_positions *ret_positions)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT ordinal, seq FROM webhook_position WHERE webhook_id = $1"
                            " ORDER BY ordinal",
                            DB_ARGS(db_i64(webhook_id)), &rows);
    if (err != ERR_OK)
        return err;
    struct webhook_position *items = ARENA_ARRAY(op->arena, struct webhook_position, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] =
            (struct webhook_position){webhook_id, db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1)};
    *ret_positions = (struct webhook_positions){items, rows.n};
    return ERR_OK;
}

/* Nothing of a webhook that has been dropped. */
enum err store_webhook_position_put(struct db *db, struct op *op,
                                    const struct webhook_position *position)
{
    return db_run(
        db, op,
        "INSERT INTO webhook_position (webhook_id, ordinal, seq)"
        " SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT) FROM webhook WHERE id = $1 AND pause "
        "<> 5"
        " ON CONFLICT (webhook_id, ordinal) DO UPDATE SET seq = excluded.seq",
        DB_ARGS(db_i64(position->webhook_id), db_i64(position->ordinal), db_i64(position->seq)));
}

/* ---- who delivers ---- */

enum err store_webhook_revision(struct db *db, struct op *op, int64_t *ret_revision)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT revision FROM webhook_control WHERE id = 1", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_revision = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_webhook_revise(struct db *db, struct op *op)
{
    return db_run(db, op, "UPDATE webhook_control SET revision = revision + 1 WHERE id = 1",
                  DB_NO_ARGS);
}

enum err store_webhook_claim(struct db *db, struct op *op, struct str owner, int64_t until)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE webhook_control SET owner = $1, lease_until = $2 WHERE id = 1"
                            " AND (owner = $1 OR lease_until < $3 OR lease_until > $4)"
                            " RETURNING id",
                            DB_ARGS(db_blob(owner.p, owner.n), db_i64(until), db_i64(op->now),
                                    db_i64(op->now + CLOCKS_APART)),
                            &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_BUSY : err;
}

enum err store_webhook_renew(struct db *db, struct op *op, struct str owner, int64_t until)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "UPDATE webhook_control SET lease_until = $2 WHERE id = 1"
                            " AND owner = $1 RETURNING id",
                            DB_ARGS(db_blob(owner.p, owner.n), db_i64(until)), &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_BUSY : err;
}
