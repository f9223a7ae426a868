#include "store/link.h"

#define LINK_COLUMNS "SELECT task_id, seq, other_id, kind, ended_seq FROM task_link"

enum err store_link_add(struct db *db, struct op *op, const struct link *link)
{
    return db_run(db, op,
                  "INSERT INTO task_link (task_id, seq, other_id, kind) VALUES ($1, $2, $3, $4)",
                  DB_ARGS(db_i64(link->task_id), db_i64(link->seq), db_i64(link->other_id),
                          db_i64(link->kind)));
}

enum err store_link_end(struct db *db, struct op *op, const struct link *link)
{
    return db_run(db, op,
                  "UPDATE task_link SET ended_seq = $4 WHERE task_id = $1 AND kind = $2"
                  " AND other_id = $3 AND ended_seq IS NULL",
                  DB_ARGS(db_i64(link->task_id), db_i64(link->kind), db_i64(link->other_id),
                          db_i64(link->ended_seq)));
}

static enum err links_query(struct db *db, struct op *op, const char *sql, struct db_args args,
                            struct link_list *ret_links)
{
    struct db_rows rows;
    enum err err = db_query(db, op, sql, args, &rows);
    if (err != ERR_OK)
        return err;
    struct link *items = ARENA_ARRAY(op->arena, struct link, rows.n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = (struct link){
            .task_id = db_get_i64(&rows, i, 0),
            .seq = db_get_i64(&rows, i, 1),
            .other_id = db_get_i64(&rows, i, 2),
            .kind = (enum link_kind)db_get_i64(&rows, i, 3),
            .ended_seq = db_get_i64(&rows, i, 4), /* 0 for NULL */
        };
    *ret_links = (struct link_list){items, rows.n};
    return ERR_OK;
}

enum err store_links_between(struct db *db, struct op *op, int64_t task_id, int64_t other_id,
                             struct link_list *ret_links)
{
    /* All kinds, so that the index finds it: a record can have very many links. */
    return links_query(db, op,
                       LINK_COLUMNS " WHERE task_id = $1 AND kind IN (1, 2, 3, 4, 5)"
                                    " AND other_id = $2 AND ended_seq IS NULL ORDER BY kind",
                       DB_ARGS(db_i64(task_id), db_i64(other_id)), ret_links);
}

enum err store_links_before(struct db *db, struct op *op, int64_t task_id, int64_t before,
                            int64_t limit, struct link_list *ret_links)
{
    return links_query(db, op,
                       LINK_COLUMNS " WHERE task_id = $1 AND seq < $2 AND ended_seq IS NULL"
                                    " ORDER BY seq DESC LIMIT $3",
                       DB_ARGS(db_i64(task_id), db_i64(before), db_i64(limit)), ret_links);
}

enum err store_link_original(struct db *db, struct op *op, int64_t task_id, int64_t *ret_original)
{
    struct link_list links;
    enum err err = links_query(db, op,
                               LINK_COLUMNS " WHERE task_id = $1 AND kind = $2"
                                            " AND ended_seq IS NULL LIMIT 1",
                               DB_ARGS(db_i64(task_id), db_i64(LINK_DUPLICATES)), &links);
    if (err == ERR_OK)
        *ret_original = links.n == 0 ? 0 : links.items[0].other_id;
    return err;
}

enum err store_links_after(struct db *db, struct op *op, int64_t task_id, int64_t seq,
                           int64_t limit, struct link_list *ret_links)
{
    return links_query(db, op,
                       LINK_COLUMNS " WHERE (task_id, seq) > ($1, $2)"
                                    " ORDER BY task_id, seq LIMIT $3",
                       DB_ARGS(db_i64(task_id), db_i64(seq), db_i64(limit)), ret_links);
}

enum err store_link_of_event(struct db *db, struct op *op, int64_t task_id, int64_t seq, bool ended,
                             struct link *ret_link)
{
    struct link_list links;
    enum err err = links_query(db, op,
                               ended ? LINK_COLUMNS " WHERE task_id = $1 AND ended_seq = $2"
                                     : LINK_COLUMNS " WHERE task_id = $1 AND seq = $2",
                               DB_ARGS(db_i64(task_id), db_i64(seq)), &links);
    if (err == ERR_OK && links.n == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_link = links.items[0];
    return err;
}
