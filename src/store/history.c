#include "store/history.h"

#include "model/key.h"
#include "store/alias.h"
#include "store/event_row.h"

#include <string.h>

enum err store_chain_ends(struct db *db, struct op *op, const struct chain_end **ret_ends,
                          size_t *ret_n)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT c.ordinal, c.domain_id, COALESCE(d.key, '" EVENT_ROOT "'), c.seq, c.at, c.hash,"
        " (SELECT MAX(e.place) FROM event e WHERE e.place > (c.ordinal << 40)"
        " AND e.place < ((c.ordinal + 1) << 40)) - (c.ordinal << 40)"
        " FROM chain c LEFT JOIN domain d ON d.id = c.domain_id ORDER BY c.ordinal",
        DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct chain_end *ends = ARENA_ARRAY(op->arena, struct chain_end, rows.n);
    if (ends == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        struct str hash = db_get_str(&rows, i, 5);
        ends[i] = (struct chain_end){
            .head = {.ordinal = db_get_i64(&rows, i, 0),
                     .domain_id = db_get_i64(&rows, i, 1),
                     .seq = db_get_i64(&rows, i, 3),
                     .at = db_get_i64(&rows, i, 4)},
            .domain_key = db_get_str(&rows, i, 2),
            .last_seq = db_get_i64(&rows, i, 6),
        };
        if (hash.n != SHA256_SIZE)
            return op_fail(op, ERR_CORRUPT, "the head of the chain of domain %.*s is damaged",
                           STR_ARG(ends[i].domain_key));
        memcpy(ends[i].head.hash.bytes, hash.p, SHA256_SIZE);
    }
    *ret_ends = ends;
    *ret_n = rows.n;
    return ERR_OK;
}

enum err store_event_orphan(struct db *db, struct op *op, int64_t *ret_place)
{
    /* From chain to chain: the first event behind the chains passed so far either lies in a chain,
     * which is then passed too, or is the one. Both engines read one row per chain. */
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "WITH RECURSIVE hop (place) AS ("
        " SELECT MIN(place) FROM event"
        " UNION ALL"
        " SELECT (SELECT MIN(e.place) FROM event e WHERE e.place >= ((hop.place >> 40) + 1) << 40)"
        " FROM hop WHERE hop.place IS NOT NULL)"
        " SELECT hop.place FROM hop LEFT JOIN chain c ON c.ordinal = hop.place >> 40"
        " WHERE hop.place IS NOT NULL AND c.ordinal IS NULL ORDER BY hop.place LIMIT 1",
        DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_place = rows.n == 0 ? 0 : db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_record_get(struct db *db, struct op *op, int64_t task_id,
                          struct history_record *ret_record)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT t.id, t.number, t.last_seq, w.domain_id, w.key FROM task t"
                            " JOIN workspace w ON w.id = t.workspace_id WHERE t.id = $1",
                            DB_ARGS(db_i64(task_id)), &rows);
    if (err != ERR_OK)
        return err;
    if (rows.n == 0)
        return ERR_NOT_FOUND;
    *ret_record = (struct history_record){
        .id = db_get_i64(&rows, 0, 0),
        .number = db_get_i64(&rows, 0, 1),
        .last_seq = db_get_i64(&rows, 0, 2),
        .domain_id = db_get_i64(&rows, 0, 3),
        .workspace_key = db_get_str(&rows, 0, 4),
    };
    return ERR_OK;
}

enum err store_record_has_key(struct db *db, struct op *op, const struct history_record *record,
                              struct str key, bool *ret_has)
{
    struct buf buf;
    struct str workspace;
    int64_t number, task_id = 0;
    buf_init(&buf, KEY_MAX + 32);
    buf_record_key(&buf, record->workspace_key, record->number);
    *ret_has = buf_err(&buf) == ERR_OK && str_eq(buf_str(&buf), key);
    buf_finish(&buf);
    if (*ret_has)
        return ERR_OK;
    enum err err = key_read_record(op->arena, key, &workspace, &number);
    if (err == ERR_OK)
        err = store_alias_find(db, op, workspace, number, &task_id);
    *ret_has = err == ERR_OK && task_id == record->id;
    return err == ERR_SYNTAX ? ERR_OK : err;
}

/* How many a record has that are not deleted. */
#define COUNT_OF(table, further)                                                                   \
    "(SELECT COUNT(*) FROM " table " p WHERE p.task_id = t.id AND p.deleted_at IS NULL" further ")"

/* clang-format off */
static const char records_sql[] =
    "SELECT t.id, t.number, t.last_seq, w.domain_id, w.key, e.task_id,"
    " CASE WHEN t.comment_count = " COUNT_OF("comment", " AND p.internal = 0")
    " AND t.internal_count = " COUNT_OF("comment", " AND p.internal = 1")
    " AND t.attachment_count = " COUNT_OF("attachment", "")
    " THEN 0 ELSE 1 END FROM task t"
    " JOIN workspace w ON w.id = t.workspace_id"
    " LEFT JOIN chain c ON c.domain_id = w.domain_id"
    " LEFT JOIN event e ON e.place = (c.ordinal << 40) + t.last_seq"
    " WHERE t.id > $1 ORDER BY t.id LIMIT $2";
/* clang-format on */

enum err store_records_after(struct db *db, struct op *op, int64_t after, int64_t limit,
                             const struct history_record **ret_records, size_t *ret_n)
{
    struct db_rows rows;
    enum err err = db_query(db, op, records_sql, DB_ARGS(db_i64(after), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct history_record *records = ARENA_ARRAY(op->arena, struct history_record, rows.n);
    if (records == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        records[i] = (struct history_record){
            .id = db_get_i64(&rows, i, 0),
            .number = db_get_i64(&rows, i, 1),
            .last_seq = db_get_i64(&rows, i, 2),
            .domain_id = db_get_i64(&rows, i, 3),
            .workspace_key = db_get_str(&rows, i, 4),
            .last_task_id = db_get_i64(&rows, i, 5),
            .miscounted = db_get_i64(&rows, i, 6) != 0,
        };
    *ret_records = records;
    *ret_n = rows.n;
    return ERR_OK;
}

enum err store_events_newest(struct db *db, struct op *op, int64_t after, int64_t last,
                             struct event_list *ret_events)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT " EVENT_COLUMNS " FROM task t"
                            " JOIN workspace w ON w.id = t.workspace_id"
                            " JOIN chain c ON c.domain_id = w.domain_id"
                            " JOIN event e ON e.place = (c.ordinal << 40) + t.last_seq"
                            " WHERE t.id > $1 AND t.id <= $2 ORDER BY t.id",
                            DB_ARGS(db_i64(after), db_i64(last)), &rows);
    if (err != ERR_OK)
        return err;
    struct event *events = ARENA_ARRAY(op->arena, struct event, rows.n);
    if (events == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++)
        err = event_read(op, &rows, i, &events[i]);
    if (err == ERR_OK)
        *ret_events = (struct event_list){events, rows.n};
    return err;
}

enum err store_account_email(struct db *db, struct op *op, int64_t id, struct str *ret_email)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT email FROM account WHERE id = $1", DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK)
        *ret_email = rows.n == 0 ? STR_NONE : db_get_str(&rows, 0, 0);
    return err;
}

enum err store_counters(struct db *db, struct op *op, const struct workspace_counter **ret_counters,
                        size_t *ret_n)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT w.id, w.key, c.number,"
                            " (SELECT MAX(t.number) FROM task t WHERE t.workspace_id = w.id),"
                            " (SELECT MAX(a.number) FROM task_alias a WHERE a.workspace_id = w.id)"
                            " FROM workspace w LEFT JOIN counter c ON c.workspace_id = w.id"
                            " ORDER BY w.key",
                            DB_NO_ARGS, &rows);
    if (err != ERR_OK)
        return err;
    struct workspace_counter *counters = ARENA_ARRAY(op->arena, struct workspace_counter, rows.n);
    if (counters == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        counters[i] = (struct workspace_counter){
            .workspace_id = db_get_i64(&rows, i, 0),
            .workspace_key = db_get_str(&rows, i, 1),
            .number = db_get_i64(&rows, i, 2),
            .greatest = db_get_i64(&rows, i, 3) > db_get_i64(&rows, i, 4) ? db_get_i64(&rows, i, 3)
                                                                          : db_get_i64(&rows, i, 4),
        };
    *ret_counters = counters;
    *ret_n = rows.n;
    return ERR_OK;
}

enum err store_numbers_after(struct db *db, struct op *op, int64_t workspace_id, int64_t after,
                             int64_t limit, const int64_t **ret_numbers, size_t *ret_n)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT number FROM task WHERE workspace_id = $1 AND number > $2"
                            " UNION ALL SELECT number FROM task_alias"
                            " WHERE workspace_id = $1 AND number > $2 ORDER BY number LIMIT $3",
                            DB_ARGS(db_i64(workspace_id), db_i64(after), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    int64_t *numbers = ARENA_ARRAY(op->arena, int64_t, rows.n);
    if (numbers == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        numbers[i] = db_get_i64(&rows, i, 0);
    *ret_numbers = numbers;
    *ret_n = rows.n;
    return ERR_OK;
}
