#include "core/task_search.h"

#include "core/task_ask.h"
#include "core/task_selection.h"
#include "model/task_field.h"
#include "model/task_term.h"
#include "store/inbox.h"
#include "store/task_index.h"

#include <stdlib.h>

enum {
    LOOKED_MAX = 10000,           /* hits of one page that do not match after all */
    COUNTED_MAX = 20000,          /* hits of one total that the index is not sure of */
    SORTED_MAX = 250,             /* hits of a bucket that is not divided further */
    PROBED = 200,                 /* hits by which their number is estimated */
    HITS_STEP = 4096,             /* hits that are read at once, when all are, */
    HITS_BYTES = 4 * 1024 * 1024, /* … and the bound of what they take */
    STEP_MAX = 1024,              /* … that are put in order at once */
    PLACES_BYTES = 256 * 1024,
    HITS_PER_JUDGED = 32,         /* that cost as much as one record that is read and judged */
    PAGE_BYTES = 2 * 1024 * 1024, /* of texts, after which a page is cut */
};

/* A record that changed after the index's positions. */
struct late {
    struct task task;
    struct task_place place;
};

struct task_search_run {
    const struct task_ask *ask;
    struct db *db, *reader; /* its, as are op and syntax */
    struct op *op;
    const struct task_list_request *request;
    const struct task_place *after; /* NULL: from the beginning */
    const struct expr_syntax *syntax;
    const struct task_selection *selection; /* NULL: there is no table */
    bool selected;                          /* the selection is exactly what matches */
    struct str cover;
    struct task_filter
        unsure;        /* what its hits are judged by: all but the words, which it is sure of */
    struct late *late; /* those of the tail that match, in the order of the list */
    size_t late_count, late_next;
    size_t late_matches; /* wherever they are in the list */
    struct task *tasks;  /* the page */
    size_t n, bytes, looked;
    struct task_place last;
    bool each; /* many hits match: several are read at once */
    bool done, more;
    struct task_page *ret_page;
};

/* ---- the tail: what the index has not heard of ---- */

static enum err phase_of(struct task_search_run *search, const struct task *task,
                         enum task_phase *ret_phase)
{
    struct str typed = search->request->exact_first;
    const struct filter_workspace *workspace =
        filter_workspace(&search->request->filter, task->workspace_id);
    struct task_text text;
    *ret_phase = PHASE_ONE;
    if (typed.p == NULL || workspace == NULL)
        return ERR_OK;
    struct arena_mark mark = arena_mark(search->op->arena);
    enum err err = task_text_load(search->db, search->op, task, &text);
    if (err == ERR_OK)
        *ret_phase =
            task_text_is(&text, workspace->key, task->number, typed) ? PHASE_EXACT : PHASE_OTHER;
    arena_rewind(search->op->arena, mark);
    return err;
}

enum err task_judge_match(struct db *db, struct op *op, const struct task_filter *filter,
                          const struct task *task, bool *ret_matches)
{
    struct task_text text;
    if (!filter_reads_text(filter)) {
        *ret_matches = task_matches(filter, task, NULL);
        return ERR_OK;
    }
    struct arena_mark mark = arena_mark(op->arena);
    enum err err = task_text_load(db, op, task, &text);
    if (!filter->by_internal)
        text.internal = STR_NONE;
    if (err == ERR_OK)
        *ret_matches = task_matches(filter, task, &text);
    arena_rewind(op->arena, mark);
    return err;
}

/* qsort() has no argument for it. */
static _Thread_local const struct task_list_request *sorted_for;

static int late_cmp(const void *a, const void *b)
{
    return task_place_cmp(sorted_for, &((const struct late *)a)->place,
                          &((const struct late *)b)->place);
}

static enum err late_load(struct task_search_run *search)
{
    struct op *op = search->op;
    search->late = ARENA_ARRAY(op->arena, struct late, search->ask->late_count);
    if (search->late == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < search->ask->late_count; i++) {
        struct arena_mark mark = arena_mark(op->arena);
        struct late *late = &search->late[search->late_count];
        enum task_phase phase = PHASE_ONE;
        bool matches = false;
        enum err err = store_task_get_by_id(search->db, op, search->ask->late_ids[i], &late->task);
        if (err == ERR_NOT_FOUND)
            continue;
        if (err == ERR_OK)
            err = task_judge_match(search->db, op, &search->request->filter, &late->task, &matches);
        if (err == ERR_OK && matches)
            err = phase_of(search, &late->task, &phase);
        if (err != ERR_OK)
            return err;
        late->place = task_place(search->request, &late->task, phase);
        search->late_matches += matches;
        if (matches && (search->after == NULL ||
                        task_place_cmp(search->request, search->after, &late->place) < 0))
            search->late_count++;
        else
            arena_rewind(op->arena, mark);
    }
    sorted_for = search->request;
    qsort(search->late, search->late_count, sizeof *search->late, late_cmp);
    return ERR_OK;
}

/* ---- the page ---- */

static void page_add(struct task_search_run *search, const struct task *task,
                     const struct task_place *place)
{
    if (search->n == search->request->limit || search->bytes >= PAGE_BYTES) {
        search->done = search->more = true;
        return;
    }
    search->tasks[search->n++] = *task;
    search->bytes += task_text_size(task);
    search->last = *place;
}

/* Those that come before the place; NULL: all that are left. */
static void late_add(struct task_search_run *search, const struct task_place *place)
{
    while (!search->done && search->late_next < search->late_count) {
        const struct late *late = &search->late[search->late_next];
        if (place != NULL && task_place_cmp(search->request, &late->place, place) > 0)
            break;
        page_add(search, &late->task, &late->place);
        search->late_next++;
    }
}

/* A record that may match, in the order of the list, and what it is judged by; `read` is NULL if it is
 * still to be read. */
static enum err hit(struct task_search_run *search, enum task_phase phase, int64_t id,
                    const struct task *read, const struct task_filter *filter)
{
    struct op *op = search->op;
    struct arena_mark mark = arena_mark(op->arena);
    struct task task;
    bool matches = false;
    enum err err = ERR_OK;
    if (read != NULL)
        task = *read;
    else
        err = store_task_get_by_id(search->db, op, id, &task);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK)
        err = task_judge_match(search->db, op, filter, &task, &matches);
    if (err != ERR_OK)
        return err;
    struct task_place place = task_place(search->request, &task, phase);
    if (search->after != NULL && task_place_cmp(search->request, &place, search->after) <= 0) {
        arena_rewind(op->arena, mark);
        return ERR_OK;
    }
    late_add(search, &place);
    if (search->done)
        return ERR_OK;
    if (matches) {
        page_add(search, &task, &place);
        return ERR_OK;
    }
    arena_rewind(op->arena, mark);
    if (++search->looked == LOOKED_MAX) {
        search->last = place;
        search->done = search->more = true;
    }
    return ERR_OK;
}

static const struct task *task_of(const struct task_list *tasks, int64_t id)
{
    for (size_t i = 0; i < tasks->n; i++)
        if (tasks->items[i].id == id)
            return &tasks->items[i];
    return NULL;
}

/* Such records one after another, of which the places have the phase and the id. While many of them
 * match, several are read at once. */
static enum err hits(struct task_search_run *search, const struct task_place *places, size_t n,
                     const struct task_filter *filter)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < n && err == ERR_OK && !search->done;) {
        int64_t ids[TASKS_AT_ONCE];
        size_t wanted = 0, begun = i, before = search->n;
        size_t most = search->each ? TASKS_AT_ONCE : 1;
        struct task_list read = {0};
        for (; i < n && i - begun < most && before + wanted <= search->request->limit; i++)
            if (!task_ask_is_late(search->ask, places[i].id))
                ids[wanted++] = places[i].id;
        if (wanted > 1)
            err = store_task_get_each(search->db, search->op, ids, wanted, &read);
        for (size_t k = 0, at = begun; k < wanted && err == ERR_OK && !search->done; k++) {
            while (places[at].id != ids[k])
                at++;
            const struct task *task = task_of(&read, ids[k]);
            if (task != NULL || wanted == 1)
                err = hit(search, places[at].phase, ids[k], task, filter);
        }
        search->each = search->each && 4 * (search->n - before) >= wanted;
    }
    return err;
}

/* ---- expressions ---- */

static enum err expr_filter(struct task_search_run *search, bool core, struct str *ret_expr)
{
    struct buf buf;
    buf_init(&buf, TASK_EXPR_MAX);
    buf_task_expr(&buf, search->syntax, &search->request->filter, core);
    return buf_move(&buf, search->op->arena, ret_expr);
}

/* "(expr AND other)" or "(expr NOT other)". */
static enum err expr_join(struct task_search_run *search, struct str expr, bool minus,
                          struct str other, struct str *ret_expr)
{
    struct buf buf;
    buf_init(&buf, 2 * TASK_EXPR_MAX);
    buf_char(&buf, '(');
    buf_add(&buf, expr);
    buf_add(&buf, str_of(minus ? search->syntax->minus : search->syntax->and));
    buf_add(&buf, other);
    buf_char(&buf, ')');
    return buf_move(&buf, search->op->arena, ret_expr);
}

/* "(expr AND term)", of which `term` writes the term. */
static enum err expr_with(struct task_search_run *search, struct str expr, struct str term,
                          struct str *ret_expr)
{
    struct str quoted = arena_printf(search->op->arena, "%s%.*s%s", search->syntax->quote,
                                     STR_ARG(term), search->syntax->quote);
    return quoted.p == NULL ? ERR_MEMORY : expr_join(search, expr, false, quoted, ret_expr);
}

/* Records that the expression finds have the words: to look for these in their texts once more would
 * take as long as all the rest of a page. */
static enum err unsure_make(struct task_search_run *search)
{
    const struct task_filter *filter = &search->request->filter;
    struct filter_clause *clauses =
        ARENA_ARRAY(search->op->arena, struct filter_clause, filter->clause_count);
    if (clauses == NULL)
        return ERR_MEMORY;
    search->unsure = *filter;
    search->unsure.clauses = clauses;
    search->unsure.clause_count = 0;
    for (size_t i = 0; i < filter->clause_count; i++)
        if (filter_infos[filter->clauses[i].field].kind != FILTER_KIND_WORDS)
            clauses[search->unsure.clause_count++] = filter->clauses[i];
    return ERR_OK;
}

/* ---- the walk ---- */

/* Is the place that the page begins after in this phase? */
static bool begins_in(const struct task_search_run *search, enum task_phase phase)
{
    return search->after != NULL && search->after->phase == phase;
}

/* All hits in the order of their ids, from `bound` on; 0: from the first. */
static enum err walk_ids(struct task_search_run *search, struct str expr, enum task_phase phase,
                         int64_t bound)
{
    bool oldest = search->request->sort == SORT_CREATED && !search->request->descending;
    int64_t step = (int64_t)search->request->limit + 1;
    int64_t above = oldest ? bound : 0, below = oldest || bound == 0 ? INT64_MAX : bound;
    struct task_place *places = ARENA_ARRAY(search->op->arena, struct task_place, (size_t)step);
    if (places == NULL)
        return ERR_MEMORY;
    for (;;) {
        struct db_rows rows;
        enum err err =
            store_index_hits(search->reader, search->op, expr, above, below, oldest, step, &rows);
        if (err != ERR_OK)
            return err;
        for (size_t i = 0; i < rows.n; i++)
            places[i] = (struct task_place){.phase = phase, .id = db_get_i64(&rows, i, 0)};
        err = hits(search, places, rows.n, &search->unsure);
        if (err != ERR_OK || search->done || rows.n < (size_t)step)
            return err;
        int64_t last = db_get_i64(&rows, rows.n - 1, 0);
        above = oldest ? last : above;
        below = oldest ? below : last;
    }
}

/* The hits of which `term` is one, in the order of their ids; `place` has their common value. */
static enum err walk_equal(struct task_search_run *search, struct str expr, enum task_phase phase,
                           struct str term, const struct task_place *place)
{
    struct str with;
    int64_t bound = 0;
    if (search->after != NULL && begins_in(search, phase)) {
        struct task_place same = *place;
        same.id = search->after->id;
        int order = task_place_cmp(search->request, &same, search->after);
        if (order < 0)
            return ERR_OK;
        bound = order == 0 ? search->after->id : 0;
    }
    enum err err = expr_with(search, expr, term, &with);
    return err == ERR_OK ? walk_ids(search, with, phase, bound) : err;
}

static enum err walk_priorities(struct task_search_run *search, struct str expr,
                                enum task_phase phase)
{
    static const struct {
        enum level level;
        struct str term;
    } levels[] = {{LEVEL_LOW, STR_INIT("p_3")},
                  {LEVEL_MEDIUM, STR_INIT("p_2")},
                  {LEVEL_HIGH, STR_INIT("p_1")},
                  {LEVEL_NONE, STR_INIT("p_0")}};
    enum err err = ERR_OK;
    for (size_t i = 0; i < 4 && err == ERR_OK && !search->done; i++) {
        size_t k = i < 3 && search->request->descending ? 2 - i : i;
        struct task_place place = {.phase = phase,
                                   .none = levels[k].level == LEVEL_NONE,
                                   .value = -(int64_t)levels[k].level};
        err = walk_equal(search, expr, phase, levels[k].term, &place);
    }
    return err;
}

static int place_cmp(const void *a, const void *b)
{
    return task_place_cmp(sorted_for, a, b);
}

/* Few hits: sorted. */
static enum err walk_values(struct task_search_run *search, enum task_phase phase,
                            const struct db_rows *rows)
{
    struct task_place *places = ARENA_ARRAY(search->op->arena, struct task_place, rows->n);
    size_t n = 0;
    if (places == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        places[n] = (struct task_place){.phase = phase,
                                        .none = db_is_null(rows, i, 1),
                                        .value = db_get_i64(rows, i, 1),
                                        .id = db_get_i64(rows, i, 0)};
        n +=
            search->after == NULL || task_place_cmp(search->request, &places[n], search->after) > 0;
    }
    sorted_for = search->request;
    qsort(places, n, sizeof *places, place_cmp);
    return hits(search, places, n, &search->unsure);
}

/* A field that lists are ordered by. */
struct ordering {
    enum filter_field field;
    const struct scale *scale;
    enum task_phase phase;
};

static struct str bucket_term(char ret_text[32], const struct scale *scale, unsigned level,
                              int64_t place)
{
    struct buf buf;
    buf_init(&buf, 32);
    buf_bucket(&buf, scale, level, place);
    size_t n = buf.n;
    for (size_t i = 0; i < n; i++)
        ret_text[i] = buf.p[i];
    buf_finish(&buf);
    return (struct str){ret_text, n};
}

/* Does the bucket end before the page begins? */
static bool bucket_is_over(const struct task_search_run *search, const struct ordering *by,
                           int64_t first, int64_t last)
{
    if (!begins_in(search, by->phase))
        return false;
    int64_t place = by->scale->place(search->after->value);
    return search->after->none || (search->request->descending ? first > place : last < place);
}

static enum err walk_buckets(struct task_search_run *search, struct str expr,
                             const struct ordering *by, unsigned level, int64_t first,
                             int64_t last);

/* One bucket: its hits sorted if they are few, otherwise bucket by bucket of the next level. */
static enum err walk_bucket(struct task_search_run *search, struct str expr,
                            const struct ordering *by, unsigned level, int64_t first)
{
    const struct scale *scale = by->scale;
    int64_t last = first + (INT64_C(1) << scale->shifts[level]) - 1;
    bool finest = level + 1 == scale->levels;
    char text[32];
    struct str term = bucket_term(text, scale, level, first), with;
    struct db_rows rows;
    if (bucket_is_over(search, by, first, last))
        return ERR_OK;
    struct arena_mark mark = arena_mark(search->op->arena);
    size_t before = search->n;
    enum err err = expr_with(search, expr, term, &with);
    if (err == ERR_OK)
        err = store_index_hits(search->reader, search->op, with, 0, INT64_MAX, false,
                               SORTED_MAX + 1, &rows);
    if (err != ERR_OK)
        return err;
    bool many = rows.n > SORTED_MAX;
    if (many && !finest)
        err = walk_buckets(search, expr, by, level + 1, first, last);
    else if (many && scale_is_exact(scale, first))
        err = walk_equal(search, expr, by->phase, term,
                         &(struct task_place){.phase = by->phase, .value = first});
    else if (rows.n > 0) {
        err = store_index_values(search->reader, search->op, with, by->field, INT64_MAX, &rows);
        if (err == ERR_OK)
            err = walk_values(search, by->phase, &rows);
    }
    if (search->n == before) /* nothing on the page lies in it */
        arena_rewind(search->op->arena, mark);
    return err;
}

static enum err walk_buckets(struct task_search_run *search, struct str expr,
                             const struct ordering *by, unsigned level, int64_t first, int64_t last)
{
    int64_t width = INT64_C(1) << by->scale->shifts[level];
    int64_t count = (last - first) / width + 1;
    enum err err = ERR_OK;
    for (int64_t i = 0; i < count && err == ERR_OK && !search->done; i++) {
        int64_t k = search->request->descending ? count - 1 - i : i;
        err = walk_bucket(search, expr, by, level, first + k * width);
    }
    return err;
}

static enum err walk_ordered(struct task_search_run *search, struct str expr,
                             enum filter_field field, enum task_phase phase)
{
    struct ordering by = {field, task_scale(field), phase};
    char none[] = {by.scale->letter, '_', '0'};
    struct db_rows rows;
    /* Few hits in all need no buckets. */
    struct arena_mark mark = arena_mark(search->op->arena);
    enum err err = store_index_hits(search->reader, search->op, expr, 0, INT64_MAX, false,
                                    SORTED_MAX + 1, &rows);
    if (err != ERR_OK)
        return err;
    bool few = rows.n <= SORTED_MAX;
    arena_rewind(search->op->arena, mark);
    if (few) {
        err = store_index_values(search->reader, search->op, expr, field, SORTED_MAX, &rows);
        return err == ERR_OK ? walk_values(search, phase, &rows) : err;
    }
    err = walk_buckets(search, expr, &by, 0, 0, by.scale->place_max);
    if (err == ERR_OK && !search->done)
        err = walk_equal(search, expr, phase, (struct str){none, sizeof none},
                         &(struct task_place){.phase = phase, .none = true});
    return err;
}

static enum err walk(struct task_search_run *search, struct str expr, enum task_phase phase)
{
    if (search->after != NULL && search->after->phase > phase)
        return ERR_OK;
    switch (search->request->sort) {
    case SORT_CREATED:
        return walk_ids(search, expr, phase, begins_in(search, phase) ? search->after->id : 0);
    case SORT_UPDATED:
        return walk_ordered(search, expr, FILTER_UPDATED, phase);
    case SORT_DUE:
        return walk_ordered(search, expr, FILTER_DUE, phase);
    case SORT_AMOUNT:
        return walk_ordered(search, expr, FILTER_AMOUNT, phase);
    case SORT_PRIORITY:
        break;
    }
    return walk_priorities(search, expr, phase);
}

/* ---- the walk over the table ---- */

/* What is selected, in the order of the list, `step` places at a time. */
static enum err walk_selection(struct task_search_run *search, size_t step)
{
    struct task_place last;
    const struct task_place *after = search->after;
    struct task_place *places = ARENA_ARRAY(search->op->arena, struct task_place, step);
    if (places == NULL)
        return ERR_MEMORY;
    for (size_t n = step; n == step && !search->done; after = &last) {
        enum err err = task_selection_places(search->selection, search->op->arena, search->request,
                                             after, step, places, &n);
        if (err == ERR_OK)
            err = hits(search, places, n,
                       search->selected ? &search->unsure : &search->request->filter);
        if (err != ERR_OK)
            return err;
        if (n > 0)
            last = places[n - 1];
    }
    return ERR_OK;
}

/* The ids of all hits, descending; the caller frees them. */
static enum err hits_read(struct task_search_run *search, int64_t **ret_ids, size_t *ret_n)
{
    struct arena arena;
    struct op reading = {.arena = &arena, .now = search->op->now};
    struct db_rows rows = {.n = HITS_STEP};
    int64_t *ids = NULL;
    size_t n = 0, room = 0;
    enum err err = ERR_OK;
    arena_init(&arena, HITS_BYTES);
    while (rows.n == HITS_STEP && err == ERR_OK) {
        arena_reset(&arena);
        err = store_index_hits(search->reader, &reading, search->cover, 0,
                               n == 0 ? INT64_MAX : ids[n - 1], false, HITS_STEP, &rows);
        if (err != ERR_OK) {
            err = op_fail(search->op, err, "%s", reading.detail);
            break;
        }
        if (n + rows.n > room) {
            room = 2 * (n + rows.n);
            int64_t *more = reallocarray(ids, room, sizeof *ids);
            if (more == NULL) {
                err = ERR_MEMORY;
                break;
            }
            ids = more;
        }
        for (size_t i = 0; i < rows.n; i++)
            ids[n++] = db_get_i64(&rows, i, 0);
    }
    arena_finish(&arena);
    *ret_ids = ids;
    *ret_n = n;
    return err;
}

/* All hits, in the order that the table knows: only the first of them are put in order, since a page
 * mostly needs no more. */
static enum err walk_hits(struct task_search_run *search)
{
    int64_t *ids;
    size_t n, count, step = search->request->limit + 1;
    struct arena arena;
    struct task_place last;
    const struct task_place *after = search->after;
    enum err err = hits_read(search, &ids, &n);
    arena_init(&arena, PLACES_BYTES);
    do {
        arena_reset(&arena);
        struct task_place *places = ARENA_ARRAY(&arena, struct task_place, step);
        if (err == ERR_OK && places == NULL)
            err = ERR_MEMORY;
        if (err == ERR_OK)
            err = task_table_places(search->ask->table, &arena, search->request, ids, n, after,
                                    step, places, &count);
        if (err == ERR_OK)
            err = hits(search, places, count, &search->unsure);
        if (err != ERR_OK || count < step)
            break;
        last = places[count - 1];
        after = &last;
        step = step < STEP_MAX / 4 ? step * 4 : STEP_MAX;
    } while (!search->done);
    arena_finish(&arena);
    free(ids);
    return err;
}

/* An order other than that of creation, of what only the expression finds. Few hits are sorted; where
 * there are many, the next record of the order is likely to be one of them. */
static enum err walk_table(struct task_search_run *search)
{
    struct db_rows rows;
    struct arena_mark mark = arena_mark(search->op->arena);
    enum err err = store_index_hits(search->reader, search->op, search->cover, 0, INT64_MAX, false,
                                    PROBED, &rows);
    if (err != ERR_OK)
        return err;
    size_t n = rows.n;
    int64_t last = n == 0 ? 0 : db_get_i64(&rows, n - 1, 0);
    arena_rewind(search->op->arena, mark);
    if (n < PROBED)
        return walk_hits(search);
    size_t seen = task_table_rows_from(search->ask->table, last);
    size_t all = task_table_rows_from(search->ask->table, 0);
    size_t judged = (search->request->limit + 1) * seen / n;
    if (judged > LOOKED_MAX / 2 || judged * HITS_PER_JUDGED > all * n / (seen + 1))
        return walk_hits(search);
    return walk_selection(search, judged + judged / 4);
}

static enum err walk_phases(struct task_search_run *search)
{
    struct str typed = search->request->exact_first, exact, part;
    if (search->selected && typed.p == NULL)
        return walk_selection(search, search->request->limit + 1);
    if (typed.p == NULL && search->selection != NULL && search->request->sort != SORT_CREATED)
        return walk_table(search);
    if (typed.p == NULL)
        return walk(search, search->cover, PHASE_ONE);
    struct buf buf;
    buf_init(&buf, TASK_EXPR_MAX);
    buf_typed_expr(&buf, search->syntax, &search->request->filter, typed);
    struct db_rows rows = {0};
    enum err err = buf_move(&buf, search->op->arena, &exact);
    /* Most of what people type is not an identifier: one look saves a walk in two phases. */
    if (err == ERR_OK)
        err = store_index_hits(search->reader, search->op, exact, 0, INT64_MAX, false, 1, &rows);
    if (err == ERR_OK && rows.n == 0)
        return walk(search, search->cover, PHASE_OTHER);
    for (int phase = PHASE_EXACT; phase <= PHASE_OTHER && err == ERR_OK && !search->done; phase++) {
        err = expr_join(search, search->cover, phase == PHASE_OTHER, exact, &part);
        if (err == ERR_OK)
            err = walk(search, part, (enum task_phase)phase);
    }
    return err;
}

/* ---- the total ---- */

/* How many of the records that changed since does the index still count? */
static enum err late_counted(struct task_search_run *search, struct str expr, int64_t *ret_count)
{
    int64_t greatest, count = 0;
    enum err err = store_index_greatest(search->reader, search->op, &greatest);
    for (size_t i = 0; i < search->ask->late_count && err == ERR_OK; i++) {
        struct db_rows rows;
        struct arena_mark mark = arena_mark(search->op->arena);
        int64_t id = search->ask->late_ids[i];
        if (id > greatest)
            break;
        err = store_index_hits(search->reader, search->op, expr, id - 1, id + 1, false, 1, &rows);
        count += err == ERR_OK && rows.n > 0;
        arena_rewind(search->op->arena, mark);
    }
    *ret_count = count;
    return err;
}

/* The hits that the index is not sure of, judged one by one. */
static enum err unsure_count(struct task_search_run *search, struct str core, int64_t *ret_count)
{
    struct op *op = search->op;
    int64_t below = INT64_MAX, count = 0;
    struct str unsure;
    size_t looked = 0;
    enum err err = expr_join(search, search->cover, true, core, &unsure);
    while (err == ERR_OK) {
        enum { STEP = 500 };
        struct db_rows rows;
        struct arena_mark mark = arena_mark(op->arena);
        err = store_index_hits(search->reader, op, unsure, 0, below, false, STEP, &rows);
        for (size_t i = 0; i < rows.n && err == ERR_OK; i++) {
            struct arena_mark one = arena_mark(op->arena);
            struct task task;
            bool matches = false;
            below = db_get_i64(&rows, i, 0);
            if (task_ask_is_late(search->ask, below))
                continue;
            err = store_task_get_by_id(search->db, op, below, &task);
            if (err == ERR_OK)
                err = task_judge_match(search->db, op, &search->request->filter, &task, &matches);
            if (err == ERR_NOT_FOUND)
                err = ERR_OK;
            count += matches;
            arena_rewind(op->arena, one);
        }
        bool last = err == ERR_OK && rows.n < STEP;
        arena_rewind(op->arena, mark);
        if (last)
            break;
        looked += STEP;
        if (err == ERR_OK && looked >= COUNTED_MAX)
            err = op_fail(op, ERR_SYNTAX,
                          "Too many records would have to be read for an exact total; narrow the "
                          "phrase or the amount by further filters, or leave out total.");
    }
    *ret_count = count;
    return err;
}

/* An inbox shows nothing of what its person has answered, of which the index knows nothing: how many of
 * the hits are that? Each answer is looked at, of which there are at most INBOX_MARKS_MAX. */
static enum err answered_count(struct task_search_run *search, int64_t *ret_count)
{
    struct op *op = search->op;
    const struct task_filter *filter = &search->request->filter;
    enum { ANSWERED_STEP = 500 };
    int64_t count = 0;
    enum err err = ERR_OK;
    if (filter->inbox == NULL)
        return ERR_OK;
    struct inbox unanswered = *filter->inbox;
    unanswered.mark_count = 0;
    struct task_filter whole = *filter;
    whole.inbox = &unanswered;
    struct task_list tasks = {.n = ANSWERED_STEP};
    for (int64_t after = 0; err == ERR_OK && tasks.n == ANSWERED_STEP;) {
        struct arena_mark mark = arena_mark(op->arena);
        err = store_inbox_answered(search->db, op, filter->inbox->account_id, after, ANSWERED_STEP,
                                   &tasks);
        for (size_t i = 0; err == ERR_OK && i < tasks.n; i++) {
            const struct task *task = &tasks.items[i];
            count += !task_ask_is_late(search->ask, task->id) && task_matches(&whole, task, NULL) &&
                     !task_matches(filter, task, NULL);
            after = task->id;
        }
        arena_rewind(op->arena, mark);
    }
    *ret_count = count;
    return err;
}

/* The records of the index that an expression finds, which may be known from before. */
static enum err index_count(struct task_search_run *search, struct str expr, int64_t *ret_count)
{
    const struct task_ask *ask = search->ask;
    struct hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, ask->positions.bytes, SHA256_SIZE);
    hash_field(&hasher, expr);
    struct sha256 key = hash_end(&hasher);
    if (task_index_count_known(ask->index, ask->reader, &key, ret_count))
        return ERR_OK;
    enum err err = store_index_count(ask->reader, ask->op, expr, ret_count);
    task_index_count_keep(ask->index, ask->reader, &key, err == ERR_OK ? *ret_count : -1);
    return err;
}

static int64_t selected_total(const struct task_search_run *search)
{
    int64_t count = task_selection_count(search->selection);
    for (size_t i = 0; i < search->ask->late_count; i++)
        count -= task_selection_has(search->selection, search->ask->late_ids[i]);
    return count + (int64_t)search->late_matches;
}

static enum err total(struct task_search_run *search, int64_t *ret_total)
{
    struct str core;
    if (search->selected) {
        *ret_total = selected_total(search);
        return ERR_OK;
    }
    int64_t sure = 0, unsure = 0, late = 0, answered = 0;
    enum err err = expr_filter(search, true, &core);
    if (err == ERR_OK)
        err = index_count(search, core, &sure);
    if (err == ERR_OK && !task_expr_is_exact(&search->request->filter))
        err = unsure_count(search, core, &unsure);
    if (err == ERR_OK)
        err = late_counted(search, core, &late);
    if (err == ERR_OK)
        err = answered_count(search, &answered);
    *ret_total = sure + unsure - late - answered + (int64_t)search->late_matches;
    return err;
}

/* ---- all of it ---- */

enum err task_next(struct op *op, const struct task_list_request *request,
                   const struct task_place *place, struct str *ret_next)
{
    struct buf next;
    buf_init(&next, TASK_LIST_CURSOR_MAX);
    buf_task_cursor(&next, request, place);
    enum err err = buf_err(&next);
    if (err == ERR_OK)
        err = arena_copy(op->arena, buf_str(&next), ret_next);
    buf_finish(&next);
    return err;
}

/* A set costs as much as a total that is counted: the order of creation alone does without. */
static enum err selection_make(struct task_search_run *search)
{
    const struct task_list_request *request = search->request;
    struct task_set *const *sets = NULL;
    enum err err = ERR_OK;
    search->selected = task_selection_is_exact(&request->filter);
    if (!search->selected &&
        (request->total || (request->sort != SORT_CREATED && request->exact_first.p == NULL)))
        err = task_ask_sets(search->ask, &request->filter, &sets);
    if (err != ERR_OK)
        return err;
    search->selected = search->selected || sets != NULL;
    search->selection =
        task_selection_make(search->op->arena, search->ask->table, &request->filter, sets);
    return search->selection == NULL ? ERR_MEMORY : ERR_OK;
}

static enum err search_run(const struct task_ask *ask, void *arg)
{
    struct task_search_run *search = arg;
    const struct task_list_request *request = search->request;
    struct task_page page = {.next = STR_NONE};
    *search = (struct task_search_run){
        .ask = ask,
        .op = ask->op,
        .db = ask->db,
        .reader = ask->reader,
        .syntax = ask->syntax,
        .request = request,
        .after = search->after,
        .each = true,
        .ret_page = search->ret_page,
    };
    search->tasks = ARENA_ARRAY(search->op->arena, struct task, request->limit);
    if (search->tasks == NULL)
        return ERR_MEMORY;
    enum err err = ask->table == NULL ? ERR_OK : selection_make(search);
    if (err == ERR_OK && !(search->selected && request->exact_first.p == NULL))
        err = expr_filter(search, false, &search->cover);
    if (err == ERR_OK)
        err = unsure_make(search);
    if (err == ERR_OK)
        err = late_load(search);
    if (err == ERR_OK)
        err = walk_phases(search);
    if (err == ERR_OK && !search->done)
        late_add(search, NULL);
    if (err == ERR_OK && request->total)
        err = total(search, &page.total);
    if (err == ERR_OK && search->more)
        err = task_next(search->op, request, &search->last, &page.next);
    page.tasks = (struct task_list){search->tasks, search->n};
    if (err == ERR_OK)
        *search->ret_page = page;
    return err;
}

enum err task_search(struct db *db, struct op *op, struct task_index *index,
                     const struct task_list_request *request, const struct task_place *after,
                     struct task_page *ret_page)
{
    struct task_search_run search = {.request = request, .after = after, .ret_page = ret_page};
    /* The order of creation of what only the expression finds needs no table, but for its total. */
    bool with_table = request->sort != SORT_CREATED || request->total ||
                      task_selection_is_exact(&request->filter);
    return task_ask(index, db, op, &request->filter, with_table, search_run, &search);
}
