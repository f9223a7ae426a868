/*
 * A list is a merge of streams, each of which gives records in the order of ids: one per workspace
 * while these are few, else one over all records. Streams are read in small chunks; of each row
 * only the light part, until it is known to match.
 */
#include "base/id.h"
#include "core/task.h"
#include "core/task_cursor.h"
#include "model/task_field.h"
#include "store/alias.h"

enum {
    STREAMS_MAX = 32,
    READ_MAX = 10000, /* rows looked at for one page */
    CHUNK_FIRST = 64, /* rows of a stream's first chunk when it is the only one */
    CHUNK_LEAST = 8,
    CHUNK_MAX = 512,
    CHUNK_LISTS_MAX = 8,           /* … when it holds lists, of up to 600 KB a row */
    CHUNK_BYTES = 8 * 1024 * 1024, /* bound of what a chunk takes */
    PAGE_BYTES = 2 * 1024 * 1024,  /* of texts, after which a page is cut */
};

/* Identifiers follow the time of creation but for what the clocks of several machines differ. */
static const int64_t TIME_SLACK = INT64_C(3600000);

struct stream {
    struct arena arena; /* of the chunk */
    struct task_scan scan;
    struct task_list chunk;
    size_t next;
    bool ended;
};

struct merge {
    const struct task_list_request *request;
    struct db *db;
    struct op *op;
    struct stream streams[STREAMS_MAX];
    size_t n;
    int64_t above, below; /* ids, exclusive */
};

/* ---- the streams ---- */

/* The ids that can match at all, from the cursor and the bounds on the time of creation. A record's
 * time is never before that of its id. */
static enum err merge_bound(struct merge *merge)
{
    const struct task_list_request *request = merge->request;
    const struct task_filter *filter = &request->filter;
    merge->above = 0;
    merge->below = INT64_MAX;
    if (filter->created_before != TIME_NONE)
        merge->below = id_at(filter->created_before);
    if (filter->created_after != TIME_NONE && filter->created_after > INT64_MIN + TIME_SLACK)
        merge->above = id_at(filter->created_after - TIME_SLACK) - 1;
    if (request->cursor.p == NULL)
        return ERR_OK;
    int64_t id;
    if (!task_cursor_read(request->cursor, request->oldest_first, &id))
        return op_fail(merge->op, ERR_SYNTAX,
                       "this cursor did not come from an answer; begin again without it");
    if (request->oldest_first && id > merge->above)
        merge->above = id;
    if (!request->oldest_first && id < merge->below)
        merge->below = id;
    return ERR_OK;
}

/* Turns the bounds on ids into bounds on the numbers of one workspace. */
static enum err stream_bound(const struct merge *merge, struct task_scan *scan)
{
    enum err err = ERR_OK;
    scan->above = 0;
    scan->below = INT64_MAX;
    if (merge->above > 0)
        err = store_task_number_below(merge->db, merge->op, scan->workspace_id, merge->above + 1,
                                      &scan->above);
    if (err != ERR_OK || merge->below == INT64_MAX)
        return err;
    err = store_task_number_below(merge->db, merge->op, scan->workspace_id, merge->below,
                                  &scan->below);
    scan->below++;
    return err;
}

static enum err merge_open(struct merge *merge)
{
    const struct task_filter *filter = &merge->request->filter;
    enum err err = merge_bound(merge);
    if (err != ERR_OK)
        return err;
    /* A record that was moved has a number that is out of the order of ids. */
    bool moved = false;
    err = store_alias_any(merge->db, merge->op, &moved);
    if (err != ERR_OK)
        return err;
    bool each = filter->workspace_count <= STREAMS_MAX && !moved;
    merge->n = each ? filter->workspace_count : 1;
    bool lists = filter->tags.n > 0 || filter->categories.n > 0;
    int64_t chunk = lists || merge->n > 1 ? CHUNK_LEAST : CHUNK_FIRST;
    for (size_t i = 0; i < merge->n && err == ERR_OK; i++) {
        struct stream *stream = &merge->streams[i];
        arena_init(&stream->arena, CHUNK_BYTES);
        stream->scan = (struct task_scan){
            .workspace_id = each ? filter->workspaces[i].id : 0,
            .above = merge->above,
            .below = merge->below,
            .limit = chunk,
            .oldest_first = merge->request->oldest_first,
            .lists = lists,
        };
        if (each)
            err = stream_bound(merge, &stream->scan);
    }
    return err;
}

static void merge_close(struct merge *merge)
{
    for (size_t i = 0; i < merge->n; i++)
        arena_finish(&merge->streams[i].arena);
}

/* Reads the next chunk when the last one is used up. */
static enum err stream_fill(struct merge *merge, struct stream *stream)
{
    if (stream->ended || stream->next < stream->chunk.n)
        return ERR_OK;
    struct task_scan *scan = &stream->scan;
    arena_reset(&stream->arena);
    struct op op = {.arena = &stream->arena, .now = merge->op->now};
    enum err err = store_task_scan(merge->db, &op, scan, &stream->chunk);
    if (err != ERR_OK)
        return op_fail(merge->op, err, "%s", op.detail);
    stream->next = 0;
    stream->ended = stream->chunk.n == 0;
    if (stream->ended)
        return ERR_OK;
    const struct task *last = &stream->chunk.items[stream->chunk.n - 1];
    int64_t place = scan->workspace_id == 0 ? last->id : last->number;
    if (scan->oldest_first)
        scan->above = place;
    else
        scan->below = place;
    int64_t most = scan->lists ? CHUNK_LISTS_MAX : CHUNK_MAX;
    scan->limit = scan->limit * 2 < most ? scan->limit * 2 : most;
    return ERR_OK;
}

/* The next record of all streams, NULL at the end; borrowed until the next call. */
static enum err merge_next(struct merge *merge, const struct task **ret_task)
{
    struct stream *best = NULL;
    for (size_t i = 0; i < merge->n; i++) {
        struct stream *stream = &merge->streams[i];
        enum err err = stream_fill(merge, stream);
        if (err != ERR_OK)
            return err;
        if (stream->ended)
            continue;
        int64_t id = stream->chunk.items[stream->next].id;
        int64_t best_id = best == NULL ? 0 : best->chunk.items[best->next].id;
        if (best == NULL || (merge->request->oldest_first ? id < best_id : id > best_id))
            best = stream;
    }
    *ret_task = best == NULL ? NULL : &best->chunk.items[best->next++];
    return ERR_OK;
}

/* ---- the page ---- */

/* Fills the page with matches; *ret_next_id is the id after which the next page continues, 0 if
 * there is none. It looks for one match more than fits, to recognise the last page. */
static enum err page_fill(struct merge *merge, struct task *tasks, size_t *ret_n,
                          int64_t *ret_next_id)
{
    size_t n = 0, looked_at = 0, bytes = 0;
    int64_t next_id = 0;
    for (;;) {
        const struct task *task;
        enum err err = merge_next(merge, &task);
        if (err != ERR_OK)
            return err;
        if (task == NULL) {
            next_id = 0;
            break;
        }
        bool matches = task_matches(&merge->request->filter, task);
        if (matches && (n == merge->request->limit || bytes >= PAGE_BYTES))
            break; /* with next_id still that of the last one shown */
        if (matches) {
            err = store_task_get_by_id(merge->db, merge->op, task->id, &tasks[n]);
            if (err != ERR_OK)
                return err;
            bytes += task_text_size(&tasks[n++]);
        }
        if (matches || n < merge->request->limit)
            next_id = task->id;
        if (++looked_at == READ_MAX)
            break;
    }
    *ret_n = n;
    *ret_next_id = next_id;
    return ERR_OK;
}

enum err core_task_list(struct db *db, struct op *op, const struct task_list_request *request,
                        struct task_page *ret_page)
{
    struct merge *merge = ARENA_NEW(op->arena, struct merge);
    struct task *tasks = ARENA_ARRAY(op->arena, struct task, request->limit);
    if (merge == NULL || tasks == NULL)
        return ERR_MEMORY;
    merge->request = request;
    merge->db = db;
    merge->op = op;
    size_t n = 0;
    int64_t next_id = 0;
    enum err err = merge_open(merge);
    if (err == ERR_OK)
        err = page_fill(merge, tasks, &n, &next_id);
    merge_close(merge);
    if (err != ERR_OK)
        return err;
    struct task_page page = {{tasks, n}, STR_NONE};
    if (next_id != 0) {
        struct buf next;
        buf_init(&next, TASK_LIST_CURSOR_MAX);
        buf_task_cursor(&next, request->oldest_first, next_id);
        err = buf_move(&next, op->arena, &page.next);
        if (err != ERR_OK)
            return err;
    }
    *ret_page = page;
    return ERR_OK;
}
