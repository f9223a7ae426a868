#include "store/form.h"

static void row_read(const struct db_rows *rows, struct form_row *row)
{
    row->id = db_get_i64(rows, 0, 0);
    row->name = db_get_str(rows, 0, 1);
    row->version = db_get_i64(rows, 0, 2);
    row->is_default = db_get_i64(rows, 0, 3) != 0;
    row->disabled = db_get_i64(rows, 0, 4) != 0;
}

#define ROW_COLUMNS "id, name, version, is_default, disabled"

enum err store_form_get(struct db *db, struct op *op, int64_t workspace_id, struct str name,
                        struct form_row *ret_row)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, "SELECT " ROW_COLUMNS " FROM form WHERE workspace_id = $1 AND name = $2",
                 DB_ARGS(db_i64(workspace_id), db_text(name)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_row = (struct form_row){.workspace_id = workspace_id, .name = name};
    if (rows.n > 0)
        row_read(&rows, ret_row);
    return ERR_OK;
}

enum err store_form_put(struct db *db, struct op *op, const struct form_row *row)
{
    return db_run(
        db, op,
        "INSERT INTO form (id, workspace_id, name, version, is_default, disabled, changed)"
        " VALUES ($1, $2, $3, $4, $5, $6, (SELECT version + 1 FROM directory_version))"
        " ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
        " is_default = excluded.is_default, disabled = excluded.disabled,"
        " changed = excluded.changed",
        DB_ARGS(db_i64(row->id), db_i64(row->workspace_id), db_text(row->name),
                db_i64(row->version), db_i64(row->is_default), db_i64(row->disabled)));
}

enum err store_form_default(struct db *db, struct op *op, int64_t workspace_id,
                            struct form_row *ret_row)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op, "SELECT " ROW_COLUMNS " FROM form WHERE workspace_id = $1 AND is_default = 1",
        DB_ARGS(db_i64(workspace_id)), &rows);
    if (err != ERR_OK)
        return err;
    *ret_row = (struct form_row){.workspace_id = workspace_id};
    if (rows.n > 0)
        row_read(&rows, ret_row);
    return ERR_OK;
}

enum err store_form_version_add(struct db *db, struct op *op, int64_t form_id,
                                const struct form_version *version)
{
    return db_run(db, op,
                  "INSERT INTO form_version (form_id, version, at, account_id, document)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  DB_ARGS(db_i64(form_id), db_i64(version->version), db_i64(version->at),
                          version->account_id == 0 ? db_null() : db_i64(version->account_id),
                          db_text(version->document)));
}

static struct form_version version_of(const struct db_rows *rows, size_t i)
{
    return (struct form_version){
        .version = db_get_i64(rows, i, 0),
        .at = db_get_i64(rows, i, 1),
        .account_id = db_is_null(rows, i, 2) ? 0 : db_get_i64(rows, i, 2),
    };
}

enum err store_form_version_get(struct db *db, struct op *op, int64_t form_id, int64_t version,
                                struct form_version *ret_version)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT version, at, account_id, document FROM form_version"
                            " WHERE form_id = $1 AND version = $2",
                            DB_ARGS(db_i64(form_id), db_i64(version)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err;
    *ret_version = version_of(&rows, 0);
    ret_version->document = db_get_str(&rows, 0, 3);
    return ERR_OK;
}

enum err store_form_versions(struct db *db, struct op *op, int64_t form_id, int64_t before,
                             int64_t limit, struct form_version_list *ret_list)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT version, at, account_id FROM form_version"
        " WHERE form_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
        DB_ARGS(db_i64(form_id), db_i64(before == 0 ? INT64_MAX : before), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct form_version *versions = ARENA_ARRAY(op->arena, struct form_version, rows.n);
    if (versions == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        versions[i] = version_of(&rows, i);
    *ret_list = (struct form_version_list){versions, rows.n};
    return ERR_OK;
}
