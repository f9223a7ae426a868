#include "store/figure.h"

enum {
    NEW = -1,          /* the number of a chunk that is still to be made */
    CHUNK_SLACK = 100, /* bytes, about a figure: so that the last chunk is not a tiny one */
    CHUNKS_MAX = 4 * 1024 * 1024,
    FIGURE_MIN = 8, /* bytes of a packed figure, at least: one for each of its numbers */
};

enum err store_figures_after(struct db *db, struct op *op, int64_t first, int64_t limit,
                             struct db_rows *ret_chunks)
{
    return db_query(db, op,
                    "SELECT first, data FROM task_figure WHERE first > $1 ORDER BY first LIMIT $2",
                    DB_ARGS(db_i64(first), db_i64(limit)), ret_chunks);
}

enum err store_figures_from(struct db *db, struct op *op, int64_t id, int64_t limit,
                            struct db_rows *ret_chunks)
{
    return db_query(db, op,
                    "SELECT first, data FROM task_figure WHERE first >= COALESCE((SELECT MAX(first)"
                    " FROM task_figure WHERE first <= $1), 0) ORDER BY first LIMIT $2",
                    DB_ARGS(db_i64(id), db_i64(limit)), ret_chunks);
}

enum err store_figures_changed(struct db *db, struct op *op, int64_t change, int64_t first,
                               int64_t limit, struct db_rows *ret_chunks)
{
    return db_query(db, op,
                    "SELECT first, data, changed FROM task_figure WHERE (changed, first) > ($1, $2)"
                    " ORDER BY changed, first LIMIT $3",
                    DB_ARGS(db_i64(change), db_i64(first), db_i64(limit)), ret_chunks);
}

/* The chunk that the id would be in, as figures; and the first id that no longer belongs there. */
static enum err chunk_read(struct db *db, struct op *op, int64_t id, int64_t *ret_first,
                           int64_t *ret_end, struct figure **ret_figures, size_t *ret_n)
{
    struct db_rows rows;
    enum err err = store_figures_from(db, op, id, 2, &rows);
    if (err != ERR_OK)
        return err;
    bool known = rows.n > 0 && db_get_i64(&rows, 0, 0) <= id;
    struct str chunk = known ? db_get_str(&rows, 0, 1) : STR("");
    struct figure *figures = ARENA_ARRAY(op->arena, struct figure, chunk.n / FIGURE_MIN);
    struct figure figure = {0};
    size_t n = 0;
    if (figures == NULL)
        return ERR_MEMORY;
    while (figure_next(&chunk, &figure))
        figures[n++] = figure;
    if (chunk.n > 0 || chunk.p == NULL)
        return op_fail(op, ERR_CORRUPT, "a chunk of figures cannot be read");
    size_t next = known ? 1 : 0;
    *ret_first = known ? db_get_i64(&rows, 0, 0) : NEW;
    *ret_end = next < rows.n ? db_get_i64(&rows, next, 0) : INT64_MAX;
    *ret_figures = figures;
    *ret_n = n;
    return ERR_OK;
}

static enum err chunk_write(struct db *db, struct op *op, int64_t first, struct str data,
                            int64_t change)
{
    return db_run(db, op,
                  "INSERT INTO task_figure (first, data, changed) VALUES ($1, $2, $3)"
                  " ON CONFLICT (first) DO UPDATE SET data = excluded.data,"
                  " changed = excluded.changed",
                  DB_ARGS(db_i64(first), db_blob(data.p, data.n), db_i64(change)));
}

/* Appends figures from `begun` on up to the first that would exceed `full` bytes. */
static size_t chunk_make(struct buf *buf, const struct figure *figures, size_t begun, size_t n,
                         size_t full)
{
    size_t end = begun;
    buf_clear(buf);
    for (; end < n; end++) {
        size_t before = buf->n;
        buf_figure(buf, &figures[end], end == begun ? NULL : &figures[end - 1]);
        if (buf->n > full) {
            buf_cut(buf, before);
            break;
        }
    }
    return end;
}

/* Writes figures as one chunk if they fit, and otherwise as several: equally long ones, but at the
 * end, where only new records come, each as full as it should be. */
static enum err chunks_write(struct db *db, struct op *op, int64_t first, bool at_end,
                             const struct figure *figures, size_t n, int64_t change)
{
    struct buf buf;
    size_t full = FIGURE_CHUNK_MAX;
    buf_init(&buf, CHUNKS_MAX);
    (void)chunk_make(&buf, figures, 0, n, CHUNKS_MAX);
    if (buf.n > full) {
        size_t chunks = (buf.n + FIGURE_CHUNK_FULL - 1) / FIGURE_CHUNK_FULL;
        full = at_end ? FIGURE_CHUNK_FULL : buf.n / chunks + CHUNK_SLACK;
    }
    enum err err = buf_err(&buf);
    for (size_t begun = 0; begun < n && err == ERR_OK;) {
        size_t end = chunk_make(&buf, figures, begun, n, full);
        int64_t number = begun == 0 && first != NEW ? first : figures[begun].id;
        err = buf_err(&buf);
        if (err == ERR_OK)
            err = chunk_write(db, op, number, buf_str(&buf), change);
        begun = end;
    }
    buf_finish(&buf);
    return err;
}

enum err store_figures_put(struct db *db, struct op *op, const struct figure *figures, size_t n,
                           int64_t change)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < n && err == ERR_OK;) {
        struct arena_mark mark = arena_mark(op->arena);
        struct figure *old = NULL, *all;
        int64_t first = NEW, end = INT64_MAX;
        size_t old_count = 0, k = 0, count = 0;
        err = chunk_read(db, op, figures[i].id, &first, &end, &old, &old_count);
        if (err != ERR_OK)
            break;
        /* Both are in order: one merge, in which what is new takes the place of what is old. */
        size_t more = i;
        while (more < n && figures[more].id < end)
            more++;
        all = ARENA_ARRAY(op->arena, struct figure, old_count + more - i);
        if (all == NULL)
            return ERR_MEMORY;
        while (i < more || k < old_count) {
            bool is_old = i == more || (k < old_count && old[k].id < figures[i].id);
            k += !is_old && k < old_count && old[k].id == figures[i].id;
            all[count++] = is_old ? old[k++] : figures[i++];
        }
        err = chunks_write(db, op, first, end == INT64_MAX, all, count, change);
        arena_rewind(op->arena, mark);
    }
    return err;
}
