#include "core/related.h"

#include "core/task_cursor.h"
#include "core/task_search.h"
#include "store/link.h"

enum {
    LOOKED_MAX = 1000, /* records of one page that are not shown after all */
    LINKS_READ = 64,   /* at once */
};

/* Why a record is in the list; a record with several reasons comes where the first of them is. */
enum stage { STAGE_LINKS, STAGE_PARENT, STAGE_CHILDREN, STAGE_ORDERS, STAGE_LRN, STAGES };

/* A place in the list: after the link of that seq, or the record of that id; 0: at the beginning of
 * the stage. */
struct related_place {
    enum stage stage;
    int64_t number;
};

struct related_run {
    struct db *db;
    struct op *op;
    struct task_index *index;
    const struct related_request *request;
    struct related_place place; /* up to here everything has been looked at */
    struct related_place shown; /* that of the last record shown */
    struct related_item *items; /* one more than fit, which says that there is a next page */
    size_t n, looked;
    bool done; /* the page ends at `place` */
};

/* ---- why ---- */

static bool same_texts(struct str_list list, struct str text)
{
    bool found = false;
    for (size_t i = 0; i < list.n && !found; i++)
        found = str_eq(list.items[i], text);
    return found;
}

enum err core_related_why(struct db *db, struct op *op, const struct task *task,
                          const struct task *other, struct related_item *ret_item)
{
    struct related_item item = {
        .task = *other,
        .parent = task->parent_id == other->id,
        .child = other->parent_id == task->id,
    };
    struct link_list links;
    enum err err = store_links_between(db, op, task->id, other->id, &links);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < links.n && i < LINK_KINDS; i++)
        item.links[item.link_count++] = links.items[i].kind;

    struct str *orders = ARENA_ARRAY(op->arena, struct str, task->order_id.n);
    if (orders == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < task->order_id.n; i++)
        if (same_texts(other->order_id, task->order_id.items[i]))
            orders[item.orders.n++] = task->order_id.items[i];
    item.orders.items = orders;
    if (task->lrn.p != NULL && other->lrn.p != NULL && str_eq(task->lrn, other->lrn))
        item.lrn = task->lrn;
    *ret_item = item;
    return ERR_OK;
}

static enum stage stage_of(const struct related_item *item)
{
    if (item->link_count > 0)
        return STAGE_LINKS;
    if (item->parent)
        return STAGE_PARENT;
    if (item->child)
        return STAGE_CHILDREN;
    return item->orders.n > 0 ? STAGE_ORDERS : STAGE_LRN;
}

/* The record at run->place: shows it, if it belongs here and not into an earlier stage. Its texts stay
 * in the arena only then. */
static enum err offer(struct related_run *run, const struct task *other, bool *ret_shown)
{
    struct related_item *item = &run->items[run->n];
    bool shown = false;
    enum err err = ERR_OK;
    if (other->id != run->request->task->id && task_matches(&run->request->readable, other, NULL)) {
        err = core_related_why(run->db, run->op, run->request->task, other, item);
        shown = err == ERR_OK && stage_of(item) == run->place.stage;
    }
    if (err != ERR_OK)
        return err;
    if (shown && run->n == run->request->limit) {
        run->place = run->shown;
        run->done = true;
    } else if (shown) {
        run->shown = run->place;
        run->n++;
    } else {
        run->done = ++run->looked == LOOKED_MAX;
    }
    *ret_shown = shown;
    return ERR_OK;
}

/* ---- what is linked ---- */

/* Of several links to the same record the newest one shows it. */
static enum err link_offer(struct related_run *run, const struct link *link)
{
    struct arena_mark mark = arena_mark(run->op->arena);
    struct link_list same;
    struct task other;
    bool shown = false, newest = true;
    enum err err = store_links_between(run->db, run->op, link->task_id, link->other_id, &same);
    for (size_t i = 0; i < same.n && err == ERR_OK; i++)
        newest = newest && same.items[i].seq <= link->seq;
    if (err == ERR_OK && newest)
        err = store_task_get_by_id(run->db, run->op, link->other_id, &other);
    if (err == ERR_OK && newest)
        err = offer(run, &other, &shown);
    if (!shown)
        arena_rewind(run->op->arena, mark);
    return err;
}

static enum err links_walk(struct related_run *run)
{
    enum err err = ERR_OK;
    struct link_list links = {.n = LINKS_READ};
    while (err == ERR_OK && links.n == LINKS_READ && !run->done) {
        int64_t before = run->place.number == 0 ? INT64_MAX : run->place.number;
        err = store_links_before(run->db, run->op, run->request->task->id, before, LINKS_READ,
                                 &links);
        for (size_t i = 0; err == ERR_OK && i < links.n && !run->done; i++) {
            run->place.number = links.items[i].seq;
            err = link_offer(run, &links.items[i]);
        }
    }
    return err;
}

/* ---- the parent ---- */

static enum err parent_walk(struct related_run *run)
{
    struct task parent;
    int64_t id = run->request->task->parent_id;
    bool shown;
    if (id == 0 || run->place.number == id)
        return ERR_OK;
    run->place.number = id;
    enum err err = store_task_get_by_id(run->db, run->op, id, &parent);
    return err == ERR_OK ? offer(run, &parent, &shown) : err;
}

/* ---- what a list of records finds ---- */

/* Where a page of that list ends; 0: it is the last one. */
static enum err page_end(struct related_run *run, const struct task_list_request *list,
                         const struct task_page *page, int64_t *ret_number)
{
    struct task_place end = {.id = 0};
    if (page->next.p != NULL && !task_cursor_read(list, page->next, &end))
        return op_fail(run->op, ERR_CORRUPT, "a list of records has a cursor of another order");
    *ret_number = end.id;
    return ERR_OK;
}

/* The records that match one clause, newest first, in pages of that list. */
static enum err list_walk(struct related_run *run, const struct filter_clause *clause)
{
    bool last = false;
    while (!last && !run->done) {
        size_t wanted = run->request->limit + 1 - run->n;
        struct task_list_request list = {
            .filter = run->request->readable,
            .sort = SORT_CREATED,
            .descending = true,
            .limit = wanted < TASK_LIST_MAX ? wanted : TASK_LIST_MAX,
        };
        struct task_place after = {.phase = PHASE_ONE, .id = run->place.number};
        struct task_page page;
        int64_t end = 0;
        list.filter.clauses = clause;
        list.filter.clause_count = 1;
        enum err err = after.id == 0 ? ERR_OK : task_next(run->op, &list, &after, &list.cursor);
        if (err == ERR_OK)
            err = core_task_list(run->db, run->op, run->index, &list, &page);
        if (err == ERR_OK)
            err = page_end(run, &list, &page, &end);
        for (size_t i = 0; err == ERR_OK && i < page.tasks.n && !run->done; i++) {
            bool shown;
            run->place.number = page.tasks.items[i].id;
            err = offer(run, &page.tasks.items[i], &shown);
        }
        if (err != ERR_OK)
            return err;
        last = end == 0;
        if (run->done || last)
            continue;
        run->place.number = end;
        run->done = page.tasks.n < list.limit; /* a page that is cut has cost enough */
    }
    return ERR_OK;
}

static enum err children_walk(struct related_run *run)
{
    const struct filter_value value = {.op = FILTER_EQUAL, .number = run->request->task->id};
    return list_walk(run, &(struct filter_clause){FILTER_PARENT, false, &value, 1});
}

static enum err orders_walk(struct related_run *run)
{
    const struct str_list orders = run->request->task->order_id;
    struct filter_value *values = ARENA_ARRAY(run->op->arena, struct filter_value, orders.n);
    if (values == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < orders.n; i++)
        values[i] = (struct filter_value){.op = FILTER_EQUAL, .text = orders.items[i]};
    const struct filter_clause clause = {FILTER_ORDER, false, values, orders.n};
    return orders.n == 0 ? ERR_OK : list_walk(run, &clause);
}

static enum err lrn_walk(struct related_run *run)
{
    const struct filter_value value = {.op = FILTER_EQUAL, .text = run->request->task->lrn};
    const struct filter_clause clause = {FILTER_LRN, false, &value, 1};
    return value.text.p == NULL ? ERR_OK : list_walk(run, &clause);
}

/* ---- all of it ---- */

static const struct {
    char letter; /* in cursors */
    enum err (*walk)(struct related_run *run);
} stages[STAGES] = {
    [STAGE_LINKS] = {'l', links_walk},       [STAGE_PARENT] = {'p', parent_walk},
    [STAGE_CHILDREN] = {'c', children_walk}, [STAGE_ORDERS] = {'o', orders_walk},
    [STAGE_LRN] = {'n', lrn_walk},
};

/* A cursor is the letter of a stage and the number of the place. */
static enum err place_read(struct op *op, struct str cursor, struct related_place *ret_place)
{
    uint64_t number = 0;
    unsigned stage = 0;
    if (cursor.p == NULL)
        return ERR_OK;
    while (stage < STAGES && (cursor.n == 0 || cursor.p[0] != stages[stage].letter))
        stage++;
    if (stage == STAGES || !str_to_u64(str_from(cursor, 1), INT64_MAX, &number) || number == 0)
        return op_fail(op, ERR_SYNTAX,
                       "this cursor did not come from an answer; begin again without it");
    *ret_place = (struct related_place){(enum stage)stage, (int64_t)number};
    return ERR_OK;
}

enum err core_related(struct db *db, struct op *op, struct task_index *index,
                      const struct related_request *request, struct related_page *ret_page)
{
    struct related_run run = {.db = db, .op = op, .index = index, .request = request};
    struct related_page page = {.next = STR_NONE};
    run.items = ARENA_ARRAY(op->arena, struct related_item, request->limit + 1);
    enum err err = run.items == NULL ? ERR_MEMORY : place_read(op, request->cursor, &run.place);
    while (err == ERR_OK && !run.done && run.place.stage < STAGES) {
        err = stages[run.place.stage].walk(&run);
        if (!run.done)
            run.place = (struct related_place){run.place.stage + 1, 0};
    }
    if (err != ERR_OK)
        return err;
    if (run.done) {
        page.next = arena_printf(op->arena, "%c%lld", stages[run.place.stage].letter,
                                 (long long)run.place.number);
        if (page.next.p == NULL)
            return ERR_MEMORY;
    }
    page.items = run.items;
    page.n = run.n;
    *ret_page = page;
    return ERR_OK;
}
