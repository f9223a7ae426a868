#include "db/examine.h"

#include "db/engine.h"

enum err db_integrity(struct db *db, struct op *op, struct str *ret_fault)
{
    struct db_rows rows;
    *ret_fault = STR_NONE;
    if (db->engine->integrity_sql == NULL)
        return ERR_OK;
    enum err err = db_query(db, op, db->engine->integrity_sql, DB_NO_ARGS, &rows);
    if (err == ERR_OK && rows.n > 0 && !str_eq(db_get_str(&rows, 0, 0), STR("ok")))
        *ret_fault = db_get_str(&rows, 0, 0);
    return err;
}

enum err db_server_settings(struct db *db, struct op *op, struct db_rows *ret_rows)
{
    return db->engine->settings_sql == NULL
               ? ERR_NOT_FOUND
               : db_query(db, op, db->engine->settings_sql, DB_NO_ARGS, ret_rows);
}
