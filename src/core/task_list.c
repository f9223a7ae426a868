/*
 * A list by the index; while there is none, as follows.
 *
 * The list is a merge of streams, each of which gives records in the order of ids: one per workspace
 * while these are few, otherwise one over all records. Streams are read in small chunks; of each row
 * only the light part, until it is known to match.
 */
#include "base/id.h"
#include "core/task_index.h"
#include "core/task_search.h"
#include "model/task_field.h"
#include "store/alias.h"

enum {
    STREAMS_MAX = 32,
    READ_MAX = 10000, /* rows looked at for one page */
    CHUNK_FIRST = 64, /* rows of a stream's first chunk when it is the only one */
    CHUNK_LEAST = 8,
    CHUNK_MAX = 512,
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
    const struct task_place *after; /* NULL: from the beginning */
    bool light;                     /* the rows of a chunk have all that the filter looks at */
    struct db *db;
    struct op *op;
    struct stream streams[STREAMS_MAX];
    size_t n;
    int64_t above, below; /* ids, exclusive */
};

/* ---- the streams ---- */

/* The ids that can match at all, from the cursor and the bounds on the time of creation. A record's
 * time is never before that of its id. */
static void merge_bound(struct merge *merge)
{
    const struct task_filter *filter = &merge->request->filter;
    merge->above = 0;
    merge->below = INT64_MAX;
    for (size_t i = 0; i < filter->clause_count; i++) {
        const struct filter_clause *clause = &filter->clauses[i];
        const struct filter_value *value = clause->values;
        if (clause->field != FILTER_CREATED || clause->negated || clause->n != 1)
            continue;
        if (value->op == FILTER_LESS && id_at(value->number) < merge->below)
            merge->below = id_at(value->number);
        if (value->op == FILTER_GREATER && value->number > INT64_MIN + TIME_SLACK &&
            id_at(value->number - TIME_SLACK) - 1 > merge->above)
            merge->above = id_at(value->number - TIME_SLACK) - 1;
    }
    if (merge->after == NULL)
        return;
    int64_t id = merge->after->id;
    if (!merge->request->descending && id > merge->above)
        merge->above = id;
    if (merge->request->descending && id < merge->below)
        merge->below = id;
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
    merge_bound(merge);
    /* A record that was moved has a number that is out of the order of ids. */
    bool moved = false;
    enum err err = store_alias_any(merge->db, merge->op, &moved);
    if (err != ERR_OK)
        return err;
    bool each = filter->workspace_count <= STREAMS_MAX && !moved;
    merge->n = each ? filter->workspace_count : 1;
    int64_t chunk = merge->n > 1 ? CHUNK_LEAST : CHUNK_FIRST;
    for (size_t i = 0; i < merge->n && err == ERR_OK; i++) {
        struct stream *stream = &merge->streams[i];
        arena_init(&stream->arena, CHUNK_BYTES);
        stream->scan = (struct task_scan){
            .workspace_id = each ? filter->workspaces[i].id : 0,
            .above = merge->above,
            .below = merge->below,
            .limit = chunk,
            .oldest_first = !merge->request->descending,
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
    scan->limit = scan->limit * 2 < CHUNK_MAX ? scan->limit * 2 : CHUNK_MAX;
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
        if (best == NULL || (merge->request->descending ? id > best_id : id < best_id))
            best = stream;
    }
    *ret_task = best == NULL ? NULL : &best->chunk.items[best->next++];
    return ERR_OK;
}

/* ---- the page ---- */

/* Does a scanned row match? If so, or if that takes more than is in the row, *ret_task is the whole
 * record. */
static enum err row_judge(struct merge *merge, const struct task *row, struct task *ret_task,
                          bool *ret_matches)
{
    const struct task_filter *filter = &merge->request->filter;
    *ret_matches = filter_workspace(filter, row->workspace_id) != NULL;
    if (merge->light)
        *ret_matches = task_matches(filter, row, NULL);
    if (!*ret_matches)
        return ERR_OK;
    enum err err = store_task_get_by_id(merge->db, merge->op, row->id, ret_task);
    return err == ERR_OK ? task_judge_match(merge->db, merge->op, filter, ret_task, ret_matches)
                         : err;
}

/* Fills the page with matches; *ret_next_id is the id after which the next page continues, 0 if
 * there is none. It looks for one match more than fits, to recognise the last page. */
static enum err page_fill(struct merge *merge, struct task *tasks, size_t *ret_n,
                          int64_t *ret_next_id)
{
    size_t n = 0, looked_at = 0, bytes = 0;
    int64_t next_id = 0;
    for (;;) {
        const struct task *row;
        struct task task;
        bool matches;
        enum err err = merge_next(merge, &row);
        if (err != ERR_OK)
            return err;
        if (row == NULL) {
            next_id = 0;
            break;
        }
        struct arena_mark mark = arena_mark(merge->op->arena);
        err = row_judge(merge, row, &task, &matches);
        if (err != ERR_OK)
            return err;
        if (matches && (n == merge->request->limit || bytes >= PAGE_BYTES))
            break; /* with next_id still that of the last one shown */
        if (matches) {
            tasks[n++] = task;
            bytes += task_text_size(&task);
        } else {
            arena_rewind(merge->op->arena, mark);
        }
        if (matches || n < merge->request->limit)
            next_id = row->id;
        if (++looked_at == READ_MAX)
            break;
    }
    *ret_n = n;
    *ret_next_id = next_id;
    return ERR_OK;
}

static enum err list_scan(struct db *db, struct op *op, const struct task_list_request *request,
                          const struct task_place *after, struct task_page *ret_page)
{
    struct merge *merge = ARENA_NEW(op->arena, struct merge);
    struct task *tasks = ARENA_ARRAY(op->arena, struct task, request->limit);
    if (merge == NULL || tasks == NULL)
        return ERR_MEMORY;
    merge->request = request;
    merge->after = after;
    merge->light = filter_is_light(&request->filter);
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
    struct task_page page = {.tasks = {tasks, n}, .next = STR_NONE};
    struct task_place place = {.phase = PHASE_ONE, .id = next_id};
    if (next_id != 0)
        err = task_next(op, request, &place, &page.next);
    if (err == ERR_OK)
        *ret_page = page;
    return err;
}

/* How many records match, if there are few enough to look at. */
static enum err total_scan(struct db *db, struct op *op, const struct task_list_request *request,
                           int64_t *ret_total)
{
    struct merge *merge = ARENA_NEW(op->arena, struct merge);
    int64_t total = 0;
    size_t looked_at = 0;
    if (merge == NULL)
        return ERR_MEMORY;
    merge->request = request;
    merge->light = filter_is_light(&request->filter);
    merge->db = db;
    merge->op = op;
    enum err err = merge_open(merge);
    while (err == ERR_OK) {
        struct arena_mark mark = arena_mark(op->arena);
        const struct task *row;
        struct task task;
        bool matches = false;
        err = merge_next(merge, &row);
        if (err != ERR_OK || row == NULL)
            break;
        err =
            looked_at++ < COUNT_SCAN_MAX ? row_judge(merge, row, &task, &matches) : ERR_UNAVAILABLE;
        arena_rewind(op->arena, mark);
        total += matches;
    }
    merge_close(merge);
    *ret_total = total;
    return err;
}

enum err core_task_list(struct db *db, struct op *op, struct task_index *index,
                        const struct task_list_request *request, struct task_page *ret_page)
{
    struct task_place place, *after = NULL;
    struct task_list_request asked = *request;
    if (request->cursor.p != NULL) {
        if (!task_cursor_read(request, request->cursor, &place))
            return op_fail(op, ERR_SYNTAX,
                           "this cursor did not come from an answer; begin again without it");
        after = &place;
        if (place.phase == PHASE_ONE) /* as it began */
            asked.exact_first = STR_NONE;
    }
    enum err err =
        index == NULL ? ERR_UNAVAILABLE : task_search(db, op, index, &asked, after, ret_page);
    if (!task_index_spared(db, op, &err))
        return err;
    bool simple = request->sort == SORT_CREATED && (after == NULL || after->phase == PHASE_ONE);
    int64_t total = 0;
    err = simple ? ERR_OK : ERR_UNAVAILABLE;
    if (simple && request->total)
        err = total_scan(db, op, request, &total);
    if (err == ERR_UNAVAILABLE)
        return op_fail(op, ERR_NOT_READY,
                       "The index of records is being built. Until then lists can only be sorted "
                       "by creation, and large totals are not available. Try again in a few "
                       "seconds.");
    if (err == ERR_OK)
        err = list_scan(db, op, request, after, ret_page);
    if (err == ERR_OK && request->total)
        ret_page->total = total;
    return err;
}
