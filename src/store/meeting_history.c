#include "store/meeting_history.h"

#include "model/task.h"
#include "store/event_row.h"
#include "store/meeting.h"

static int64_t seq_of(const struct chain *chain, int64_t place)
{
    return place - event_place(chain->ordinal, 0);
}

#define CREATED                                                                                    \
    " FROM event e JOIN task t ON t.id = e.task_id"                                                \
    " WHERE e.place > $1 AND e.place <= $2 AND e.action = 'task.created'"

enum err store_meeting_created_count(struct db *db, struct op *op, const struct chain *chain,
                                     int64_t after, int64_t last,
                                     const struct meeting_created **ret_created, size_t *ret_n)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT t.workspace_id, COUNT(*)" CREATED " GROUP BY t.workspace_id",
                 DB_ARGS(db_i64(event_place(chain->ordinal, after)),
                         db_i64(event_place(chain->ordinal, last))),
                 &rows);
    struct meeting_created *created =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting_created, rows.n + 1) : NULL;
    if (created == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        created[i] = (struct meeting_created){db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1)};
    *ret_created = created;
    *ret_n = rows.n;
    return ERR_OK;
}

enum err store_meeting_created_back(struct db *db, struct op *op, const struct chain *chain,
                                    int64_t after, int64_t last, int64_t limit,
                                    struct meeting_creation *items, size_t *ret_n)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT e.place, t.id, t.workspace_id, t.number, t.title" CREATED
                            " ORDER BY e.place DESC LIMIT $3",
                            DB_ARGS(db_i64(event_place(chain->ordinal, after)),
                                    db_i64(event_place(chain->ordinal, last)), db_i64(limit)),
                            &rows);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct meeting_creation){.seq = seq_of(chain, db_get_i64(&rows, i, 0)),
                                             .record = meeting_record_of(&rows, i, 1)};
    *ret_n = rows.n;
    return ERR_OK;
}

#define CHANGES                                                                                    \
    "SELECT e.place, e.at, e.actor_id, e.action, e.payload, t.id, t.workspace_id, t.number,"       \
    " t.title FROM event e JOIN task t ON t.id = e.task_id"                                        \
    " WHERE e.place > $1 AND e.place <= $2 AND e.action <> 'task.created'"

enum err store_meeting_changes_after(struct db *db, struct op *op, const struct chain *chain,
                                     int64_t after, int64_t last, bool due, int64_t limit,
                                     struct meeting_changes *ret_changes)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            due ? CHANGES " AND (e.action = 'task.closed'"
                                          " OR e.payload LIKE '%\"dueDate\":[%')"
                                          " ORDER BY e.place LIMIT $3"
                                : CHANGES " ORDER BY e.place LIMIT $3",
                            DB_ARGS(db_i64(event_place(chain->ordinal, after)),
                                    db_i64(event_place(chain->ordinal, last)), db_i64(limit)),
                            &rows);
    struct meeting_change *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting_change, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct meeting_change){
            .seq = seq_of(chain, db_get_i64(&rows, i, 0)),
            .at = db_get_i64(&rows, i, 1),
            .actor_id = db_get_i64(&rows, i, 2),
            .action = db_get_str(&rows, i, 3),
            .payload = db_get_str(&rows, i, 4),
            .record = meeting_record_of(&rows, i, 5),
        };
    *ret_changes = (struct meeting_changes){items, rows.n};
    return ERR_OK;
}

/* Times never fall within a chain. */
enum err store_meeting_seq_at(struct db *db, struct op *op, const struct chain *chain, int64_t time,
                              int64_t *ret_seq)
{
    int64_t low = 0, high = chain->seq;
    while (low < high) {
        int64_t middle = high - (high - low) / 2;
        struct db_rows rows;
        enum err err = db_query(db, op, "SELECT at FROM event WHERE place = $1",
                                DB_ARGS(db_i64(event_place(chain->ordinal, middle))), &rows);
        if (err != ERR_OK)
            return err;
        if (rows.n > 0 && db_get_i64(&rows, 0, 0) > time)
            high = middle - 1;
        else
            low = middle;
    }
    *ret_seq = low;
    return ERR_OK;
}

enum err store_meeting_status(struct db *db, struct op *op, int64_t task_id,
                              struct meeting_status *ret_status)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT id, workspace_id, number, title, status, financial_impact, assignee_id, due_date"
        " FROM task WHERE id = $1",
        DB_ARGS(db_i64(task_id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_status = (struct meeting_status){
            .record = meeting_record_of(&rows, 0, 0),
            .status = db_get_i64(&rows, 0, 4),
            .cents = db_is_null(&rows, 0, 5) ? CENTS_NONE : db_get_i64(&rows, 0, 5),
            .assignee_id = db_get_i64(&rows, 0, 6),
            .due_date = db_is_null(&rows, 0, 7) ? DATE_NONE : (int32_t)db_get_i64(&rows, 0, 7)};
    return err;
}
