#include "store/rule.h"

#include "store/list.h"
#include "store/time.h"

#define RULE_COLUMNS                                                                               \
    "id, workspace_id, kind, place, name, active_at, document, author_id, version, created_at,"    \
    " updated_at, ended_at"

static enum err rule_of(struct op *op, const struct db_rows *rows, size_t i, struct rule *ret_rule)
{
    struct rule rule = {
        .id = db_get_i64(rows, i, 0),
        .workspace_id = db_get_i64(rows, i, 1),
        .kind = (enum rule_kind)db_get_i64(rows, i, 2),
        .place = db_get_i64(rows, i, 3),
        .name = db_get_str(rows, i, 4),
        .active_at = time_or_none(rows, i, 5),
        .author_id = db_get_i64(rows, i, 7),
        .version = db_get_i64(rows, i, 8),
        .created_at = db_get_i64(rows, i, 9),
        .updated_at = db_get_i64(rows, i, 10),
        .ended_at = time_or_none(rows, i, 11),
    };
    enum err err = rule.kind >= RULE_KINDS
                       ? op_fail(op, ERR_CORRUPT, "a row of the table rule is damaged")
                       : rule_document_read(op, db_get_str(rows, i, 6), &rule);
    if (err == ERR_OK)
        *ret_rule = rule;
    return err;
}

enum err store_rule_get(struct db *db, struct op *op, int64_t id, struct rule *ret_rule)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " RULE_COLUMNS " FROM rule WHERE id = $1 AND ended_at IS NULL",
                 DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    return err == ERR_OK ? rule_of(op, &rows, 0, ret_rule) : err;
}

enum err store_rules_readable(struct db *db, struct op *op, int64_t workspace_id,
                              struct rule_list *ret_rules, struct str *ret_damage)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT " RULE_COLUMNS " FROM rule WHERE workspace_id = $1"
                            " AND ended_at IS NULL ORDER BY place, id",
                            DB_ARGS(db_i64(workspace_id)), &rows);
    struct rule *items = err == ERR_OK ? ARENA_ARRAY(op->arena, struct rule, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    struct str damage = STR_NONE;
    size_t n = 0;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++) {
        err = rule_of(op, &rows, i, &items[n]);
        if (err == ERR_OK)
            n++;
        if (err != ERR_CORRUPT)
            continue;
        if (damage.p == NULL)
            damage = arena_str(op->arena, str_of(op->detail));
        op_forget(op);
        err = damage.p == NULL ? ERR_MEMORY : ERR_OK;
    }
    if (err == ERR_OK) {
        *ret_rules = (struct rule_list){items, n};
        *ret_damage = damage;
    }
    return err;
}

enum err store_rules(struct db *db, struct op *op, int64_t workspace_id,
                     struct rule_list *ret_rules)
{
    struct str damage;
    enum err err = store_rules_readable(db, op, workspace_id, ret_rules, &damage);
    return err == ERR_OK && damage.p != NULL ? op_fail(op, ERR_CORRUPT, "%.*s", STR_ARG(damage))
                                             : err;
}

static enum err document_make(struct op *op, const struct rule *rule, struct str *ret_document)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, RULE_DOCUMENT_MAX);
    json_writer_init(&json, &buf);
    json_put_rule_document(&json, rule);
    return buf_move(&buf, op->arena, ret_document);
}

enum err store_rule_add(struct db *db, struct op *op, const struct rule *rule)
{
    struct str document;
    enum err err = document_make(op, rule, &document);
    if (err != ERR_OK)
        return err;
    return db_run(db, op,
                  "INSERT INTO rule (" RULE_COLUMNS
                  ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                  DB_ARGS(db_i64(rule->id), db_i64(rule->workspace_id), db_i64(rule->kind),
                          db_i64(rule->place), db_text(rule->name), time_or_null(rule->active_at),
                          db_text(document), db_i64(rule->author_id), db_i64(rule->version),
                          db_i64(rule->created_at), db_i64(rule->updated_at),
                          time_or_null(rule->ended_at)));
}

enum err store_rule_put(struct db *db, struct op *op, const struct rule *rule)
{
    struct db_rows rows;
    struct str document;
    enum err err = document_make(op, rule, &document);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "UPDATE rule SET place = $2, name = $3, active_at = $4, document = $5,"
                       " author_id = $6, version = $7, updated_at = $8, ended_at = $9"
                       " WHERE id = $1 AND version = $7 - 1 RETURNING id",
                       DB_ARGS(db_i64(rule->id), db_i64(rule->place), db_text(rule->name),
                               time_or_null(rule->active_at), db_text(document),
                               db_i64(rule->author_id), db_i64(rule->version),
                               db_i64(rule->updated_at), time_or_null(rule->ended_at)),
                       &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}

enum err store_rule_texts(struct db *db, struct op *op, int64_t id, struct str *ret_name,
                          struct str *ret_document)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT name, document FROM rule WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK) {
        *ret_name = db_get_str(&rows, 0, 0);
        *ret_document = db_get_str(&rows, 0, 1);
    }
    return err;
}

enum err store_rule_erase(struct db *db, struct op *op, int64_t id, struct str name,
                          struct str document)
{
    return db_run(db, op,
                  "UPDATE rule SET name = $2, document = $3, version = version + 1 WHERE id = $1",
                  DB_ARGS(db_i64(id), db_text(name), db_text(document)));
}

enum err store_rules_stamp(struct db *db, struct op *op, int64_t workspace_id, int64_t *ret_stamp)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT (SELECT COALESCE(CAST(SUM(version) AS BIGINT), 0) FROM rule"
                            " WHERE workspace_id = $1)"
                            " + (SELECT COALESCE(MAX(version), 0) FROM workdays"
                            " WHERE workspace_id = $1)",
                            DB_ARGS(db_i64(workspace_id)), &rows);
    if (err == ERR_OK)
        *ret_stamp = db_get_i64(&rows, 0, 0);
    return err;
}

/* ---- turns ---- */

enum err store_rule_turn(struct db *db, struct op *op, int64_t rule_id, int64_t *ret_turn)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT turn FROM rule_turn WHERE rule_id = $1",
                            DB_ARGS(db_i64(rule_id)), &rows);
    if (err == ERR_OK)
        *ret_turn = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_rule_turn_put(struct db *db, struct op *op, int64_t rule_id, int64_t turn)
{
    return db_run(db, op,
                  "INSERT INTO rule_turn (rule_id, turn) VALUES ($1, $2)"
                  " ON CONFLICT (rule_id) DO UPDATE SET turn = excluded.turn",
                  DB_ARGS(db_i64(rule_id), db_i64(turn)));
}

/* ---- rules that make records ---- */

static struct rule_next next_of(const struct db_rows *rows, size_t i)
{
    return (struct rule_next){db_get_i64(rows, i, 0), db_get_i64(rows, i, 1),
                              (int32_t)db_get_i64(rows, i, 2)};
}

enum err store_rules_due(struct db *db, struct op *op, int64_t limit,
                         struct rule_next_list *ret_next)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT rule_id, due_at, date FROM rule_next WHERE due_at <= $1"
                            " ORDER BY due_at, rule_id LIMIT $2",
                            DB_ARGS(db_i64(op->now), db_i64(limit)), &rows);
    struct rule_next *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct rule_next, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = next_of(&rows, i);
    *ret_next = (struct rule_next_list){items, rows.n};
    return ERR_OK;
}

enum err store_rule_next(struct db *db, struct op *op, int64_t rule_id, struct rule_next *ret_next)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT rule_id, due_at, date FROM rule_next WHERE rule_id = $1",
                 DB_ARGS(db_i64(rule_id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_next = next_of(&rows, 0);
    return err;
}

enum err store_rule_next_put(struct db *db, struct op *op, const struct rule_next *next)
{
    return db_run(db, op,
                  "INSERT INTO rule_next (rule_id, due_at, date) VALUES ($1, $2, $3)"
                  " ON CONFLICT (rule_id) DO UPDATE SET due_at = excluded.due_at,"
                  " date = excluded.date",
                  DB_ARGS(db_i64(next->rule_id), db_i64(next->due_at), db_i64(next->date)));
}

enum err store_rule_next_drop(struct db *db, struct op *op, int64_t rule_id)
{
    return db_run(db, op, "DELETE FROM rule_next WHERE rule_id = $1", DB_ARGS(db_i64(rule_id)));
}

enum err store_occurrence_has(struct db *db, struct op *op, int64_t rule_id, int32_t date,
                              bool *ret_has)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT task_id FROM rule_occurrence WHERE rule_id = $1 AND date = $2",
                 DB_ARGS(db_i64(rule_id), db_i64(date)), &rows);
    if (err == ERR_OK)
        *ret_has = rows.n > 0;
    return err;
}

enum err store_occurrence_add(struct db *db, struct op *op, int64_t rule_id, int32_t date,
                              int64_t task_id)
{
    return db_run(db, op,
                  "INSERT INTO rule_occurrence (rule_id, date, task_id) VALUES ($1, $2, $3)",
                  DB_ARGS(db_i64(rule_id), db_i64(date), db_i64(task_id)));
}

/* ---- working days ---- */

static enum err holidays_read(struct op *op, struct str text, struct workdays *workdays)
{
    struct str_list dates;
    enum err err = list_read(op, text, &dates);
    int32_t *holidays = err == ERR_OK ? ARENA_ARRAY(op->arena, int32_t, dates.n + 1) : NULL;
    if (holidays == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < dates.n && err == ERR_OK; i++)
        if (!date_read(dates.items[i], &holidays[i]))
            err = op_fail(op, ERR_CORRUPT, "a row of the table workdays is damaged");
    workdays->holidays = holidays;
    workdays->holiday_count = dates.n;
    return err;
}

enum err store_workdays(struct db *db, struct op *op, int64_t workspace_id,
                        struct workdays *ret_workdays)
{
    struct db_rows rows;
    struct workdays workdays = workdays_default(workspace_id);
    enum err err = db_query(
        db, op,
        "SELECT weekdays, remind_at, holidays, version FROM workdays WHERE workspace_id = $1",
        DB_ARGS(db_i64(workspace_id)), &rows);
    if (err == ERR_OK && rows.n > 0) {
        workdays.weekdays = (unsigned)db_get_i64(&rows, 0, 0);
        workdays.remind_at = db_get_i64(&rows, 0, 1);
        workdays.version = db_get_i64(&rows, 0, 3);
        err = holidays_read(op, db_get_str(&rows, 0, 2), &workdays);
        /* Without a working day nobody would find the next one. */
        if (err == ERR_OK && (workdays.weekdays & 0xfe) == 0)
            err = op_fail(op, ERR_CORRUPT, "a row of the table workdays is damaged");
    }
    if (err == ERR_OK)
        *ret_workdays = workdays;
    return err;
}

enum err store_workdays_put(struct db *db, struct op *op, const struct workdays *workdays)
{
    struct buf buf;
    struct json_writer json;
    struct str holidays;
    buf_init(&buf, HOLIDAYS_MAX * 16);
    json_writer_init(&json, &buf);
    json_begin_list(&json, NULL);
    for (size_t i = 0; i < workdays->holiday_count; i++)
        json_put_date(&json, NULL, workdays->holidays[i]);
    json_end(&json);
    struct db_rows rows;
    enum err err = buf_move(&buf, op->arena, &holidays);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "INSERT INTO workdays (workspace_id, weekdays, remind_at, holidays, version)"
                       " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (workspace_id) DO UPDATE SET"
                       " weekdays = excluded.weekdays, remind_at = excluded.remind_at,"
                       " holidays = excluded.holidays, version = excluded.version"
                       " WHERE workdays.version = excluded.version - 1 RETURNING workspace_id",
                       DB_ARGS(db_i64(workdays->workspace_id), db_i64(workdays->weekdays),
                               db_i64(workdays->remind_at), db_text(holidays),
                               db_i64(workdays->version)),
                       &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}
