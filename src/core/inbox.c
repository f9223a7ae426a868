#include "core/inbox.h"

#include "base/container.h"
#include "core/task_cursor.h"
#include "core/task_search.h"
#include "model/right.h"
#include "model/task_field.h"
#include "model/task_query.h"

#include <stdlib.h>

/* ---- asking ---- */

static unsigned char rights_in(const struct directory *directory, const struct account *account,
                               int64_t workspace_id)
{
    const struct workspace *workspace = directory_workspace_by_id(directory, workspace_id);
    unsigned rights = 0;
    if (right_reach(directory, account, RIGHT_WRITE, workspace) == REACH_ALL)
        rights |= INBOX_WRITES;
    if (right_reach(directory, account, RIGHT_MANAGE, workspace) == REACH_ALL)
        rights |= INBOX_MANAGES;
    return (unsigned char)rights;
}

enum err inbox_filter(struct db *db, struct op *op, const struct directory *directory,
                      const struct account *account, unsigned wanted, bool put_off,
                      struct task_filter *ret_filter)
{
    struct task_query query = {.op = op, .directory = directory, .caller = account};
    struct inbox *inbox = ARENA_NEW(op->arena, struct inbox);
    struct inbox_marks marks;
    struct inbox_mentions mentions = {0};
    struct task_filter filter;
    enum err err = inbox == NULL ? ERR_MEMORY : task_query_end(&query, &filter);
    if (err == ERR_OK)
        err = store_inbox_marks(db, op, account->id, &marks);
    if (err == ERR_OK && (wanted == 0 || (wanted & INBOX_MENTIONED) != 0))
        err = store_inbox_mentions(db, op, account->id, &mentions);
    if (err != ERR_OK)
        return err;
    unsigned char *rights = ARENA_ARRAY(op->arena, unsigned char, filter.workspace_count);
    if (rights == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < filter.workspace_count; i++)
        rights[i] = rights_in(directory, account, filter.workspaces[i].id);
    *inbox = (struct inbox){
        .directory = directory,
        .account_id = account->id,
        .now = op->now,
        .rights = rights,
        .wanted = wanted == 0 ? (1U << INBOX_REASONS) - 1 : wanted,
        .put_off = put_off,
        .marks = marks.items,
        .mark_count = marks.n,
        .mentions = mentions.items,
        .mention_count = mentions.n,
    };
    filter.inbox = inbox;
    *ret_filter = filter;
    return ERR_OK;
}

/* ---- what is put off ---- */

/* The place of a record in the list: when it returns. */
static struct task_place return_place(const struct inbox_mark *mark)
{
    return (struct task_place){.phase = PHASE_ONE, .value = mark->until, .id = mark->task_id};
}

static int return_cmp(const void *a, const void *b)
{
    const struct inbox_mark *x = a, *y = b;
    if (x->until != y->until)
        return x->until < y->until ? -1 : 1;
    return (x->task_id > y->task_id) - (x->task_id < y->task_id);
}

static enum err put_off_count(struct db *db, struct op *op, const struct task_filter *filter,
                              int64_t *ret_count)
{
    enum { STEP = 500 };
    struct task_list tasks = {.n = STEP};
    int64_t count = 0;
    enum err err = ERR_OK;
    for (int64_t after = 0; err == ERR_OK && tasks.n == STEP;) {
        struct arena_mark mark = arena_mark(op->arena);
        err = store_inbox_answered(db, op, filter->inbox->account_id, after, STEP, &tasks);
        for (size_t i = 0; err == ERR_OK && i < tasks.n; i++) {
            count += task_matches(filter, &tasks.items[i], NULL);
            after = tasks.items[i].id;
        }
        arena_rewind(op->arena, mark);
    }
    *ret_count = count;
    return err;
}

/* The marks lead to the records: there are INBOX_MARKS_MAX at most. */
static enum err put_off_page(struct db *db, struct op *op, const struct task_list_request *list,
                             struct task_page *ret_page)
{
    enum { PAGE_BYTES = 2 * 1024 * 1024 }; /* of texts, after which a page is cut */
    const struct inbox *inbox = list->filter.inbox;
    struct task_page page = {.next = STR_NONE};
    struct task_place last = {.value = INT64_MIN};
    if (list->cursor.p != NULL && !task_cursor_read(list, list->cursor, &last))
        return op_fail(op, ERR_SYNTAX,
                       "this cursor did not come from an answer; begin again without it");
    struct inbox_mark *marks = ARENA_ARRAY(op->arena, struct inbox_mark, inbox->mark_count);
    struct task *tasks = ARENA_ARRAY(op->arena, struct task, list->limit);
    size_t mark_count = 0, n = 0, bytes = 0;
    if (marks == NULL || tasks == NULL)
        return ERR_MEMORY;

    /* Those that come after the page before, in the order of their return. */
    for (size_t i = 0; i < inbox->mark_count; i++) {
        const struct inbox_mark *mark = &inbox->marks[i];
        bool past = mark->until == last.value ? mark->task_id <= last.id : mark->until < last.value;
        if (mark->until != TIME_NONE && !past)
            marks[mark_count++] = *mark;
    }
    qsort(marks, mark_count, sizeof *marks, return_cmp);

    enum err err = ERR_OK;
    for (size_t i = 0; i < mark_count && err == ERR_OK; i++) {
        struct task task;
        err = store_task_get_by_id(db, op, marks[i].task_id, &task);
        if (err == ERR_NOT_FOUND) {
            err = ERR_OK;
            continue;
        }
        if (err != ERR_OK || !task_matches(&list->filter, &task, NULL))
            continue;
        if (n == list->limit || bytes >= PAGE_BYTES) {
            err = task_next(op, list, &last, &page.next);
            break;
        }
        last = return_place(&marks[i]);
        bytes += task_text_size(&task);
        tasks[n++] = task;
    }
    if (err == ERR_OK && list->total)
        err = put_off_count(db, op, &list->filter, &page.total);
    page.tasks = (struct task_list){tasks, n};
    if (err == ERR_OK)
        *ret_page = page;
    return err;
}

/* ---- a page ---- */

enum err inbox_page(struct db *db, struct op *op, struct task_index *index,
                    struct task_list_request *list, struct task_page *ret_page)
{
    struct task_place place;
    if (list->filter.inbox->put_off) {
        list->sort = SORT_CREATED;
        return put_off_page(db, op, list, ret_page);
    }
    list->sort = SORT_UPDATED;
    list->descending = true;
    /* A list that has begun in the other order continues in it. */
    if (list->cursor.p != NULL && !task_cursor_read(list, list->cursor, &place))
        list->sort = SORT_CREATED;
    enum err err = core_task_list(db, op, index, list, ret_page);
    if (err != ERR_NOT_READY || list->cursor.p != NULL || db_fault(db) != ERR_OK)
        return err;
    op_forget(op);
    list->sort = SORT_CREATED;
    return core_task_list(db, op, NULL, list, ret_page);
}

/* ---- answering ---- */

static enum err answer_apply(struct change *change, struct batch *batch)
{
    struct inbox_answer *answer = container_of(change, struct inbox_answer, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    int64_t count = 0;
    enum err err = answer->takes_back ? ERR_OK
                                      : store_inbox_mark_count(db, op, answer->account_id,
                                                               answer->mark.task_id, &count);
    if (err == ERR_OK && count >= INBOX_MARKS_MAX)
        err = op_fail(op, ERR_CONFLICT,
                      "You have answered %d records that are still open; close or hand over some "
                      "of them.",
                      INBOX_MARKS_MAX);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    const struct inbox_mark *mark = &answer->mark;
    if (answer->takes_back) {
        err = store_mentions_reopen(db, op, answer->account_id, mark->task_id);
        return err == ERR_OK ? store_inbox_mark_drop(db, op, answer->account_id, mark->task_id)
                             : err;
    }
    err = store_inbox_mark_put(db, op, answer->account_id, mark);
    return err == ERR_OK && mark->until == TIME_NONE
               ? store_mentions_answer(db, op, answer->account_id, mark->task_id, mark->mention_id)
               : err;
}

enum err inbox_answer(struct core *core, struct inbox_answer *answer)
{
    answer->change = (struct change){.op = answer->op, .apply = answer_apply};
    return core_change_wait(core, &answer->change);
}
