#include "store/view.h"

#include "store/list.h"

#define COLUMNS                                                                                    \
    "id, account_id, domain_id, name, query, layout, shown, sort, version, created_at, updated_at"

static enum err view_of(struct op *op, const struct db_rows *rows, size_t i, struct view *ret_view)
{
    struct view view = {
        .id = db_get_i64(rows, i, 0),
        .account_id = db_is_null(rows, i, 1) ? 0 : db_get_i64(rows, i, 1),
        .domain_id = db_is_null(rows, i, 2) ? 0 : db_get_i64(rows, i, 2),
        .name = db_get_str(rows, i, 3),
        .layout = db_get_str(rows, i, 5),
        .sort = db_is_null(rows, i, 7) ? STR_NONE : db_get_str(rows, i, 7),
        .version = db_get_i64(rows, i, 8),
        .created_at = db_get_i64(rows, i, 9),
        .updated_at = db_get_i64(rows, i, 10),
    };
    enum err err = list_read(op, db_get_str(rows, i, 4), &view.query);
    if (err == ERR_OK)
        err = list_read(op, db_get_str(rows, i, 6), &view.columns);
    if (err == ERR_OK)
        *ret_view = view;
    return err;
}

enum err store_view_get(struct db *db, struct op *op, int64_t id, struct view *ret_view)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT " COLUMNS " FROM saved_view WHERE id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    return err == ERR_OK ? view_of(op, &rows, 0, ret_view) : err;
}

enum err store_views_before(struct db *db, struct op *op, int64_t account_id, int64_t before,
                            int64_t limit, struct view_list *ret_views)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT " COLUMNS " FROM saved_view WHERE id < $2"
        " AND (account_id = $1 OR account_id IS NULL) ORDER BY id DESC LIMIT $3",
        DB_ARGS(db_i64(account_id), db_i64(before == 0 ? INT64_MAX : before), db_i64(limit)),
        &rows);
    if (err != ERR_OK)
        return err;
    struct view *items = ARENA_ARRAY(op->arena, struct view, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++)
        err = view_of(op, &rows, i, &items[i]);
    if (err == ERR_OK)
        *ret_views = (struct view_list){items, rows.n};
    return err;
}

enum err store_view_count(struct db *db, struct op *op, const struct view *view, int64_t *ret_count)
{
    struct db_rows rows;
    bool shared = view->domain_id != 0;
    enum err err = db_query(db, op,
                            shared ? "SELECT COUNT(*) FROM saved_view WHERE domain_id = $1"
                                   : "SELECT COUNT(*) FROM saved_view WHERE account_id = $1",
                            DB_ARGS(db_i64(shared ? view->domain_id : view->account_id)), &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

static enum err lists_write(struct op *op, const struct view *view, struct str *ret_query,
                            struct str *ret_columns)
{
    enum err err = list_write(op, view->query, ret_query);
    return err == ERR_OK ? list_write(op, view->columns, ret_columns) : err;
}

static struct db_value or_null(int64_t id)
{
    return id == 0 ? db_null() : db_i64(id);
}

enum err store_view_add(struct db *db, struct op *op, const struct view *view)
{
    struct str query, columns;
    enum err err = lists_write(op, view, &query, &columns);
    return err == ERR_OK ? db_run(db, op,
                                  "INSERT INTO saved_view (" COLUMNS
                                  ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                                  DB_ARGS(db_i64(view->id), or_null(view->account_id),
                                          or_null(view->domain_id), db_text(view->name),
                                          db_text(query), db_text(view->layout), db_text(columns),
                                          db_text(view->sort), db_i64(view->version),
                                          db_i64(view->created_at), db_i64(view->updated_at)))
                         : err;
}

enum err store_view_put(struct db *db, struct op *op, const struct view *view)
{
    struct str query, columns;
    struct db_rows rows;
    enum err err = lists_write(op, view, &query, &columns);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "UPDATE saved_view SET name = $2, query = $3, layout = $4, shown = $5,"
                       " sort = $6, version = $7, updated_at = $8"
                       " WHERE id = $1 AND version = $7 - 1 RETURNING id",
                       DB_ARGS(db_i64(view->id), db_text(view->name), db_text(query),
                               db_text(view->layout), db_text(columns), db_text(view->sort),
                               db_i64(view->version), db_i64(view->updated_at)),
                       &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}

enum err store_view_drop(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "DELETE FROM saved_view WHERE id = $1", DB_ARGS(db_i64(id)));
}
