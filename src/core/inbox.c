#include "core/inbox.h"

#include "base/container.h"
#include "core/task_cursor.h"
#include "model/right.h"
#include "model/task_query.h"

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
                      const struct account *account, unsigned wanted,
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
        .marks = marks.items,
        .mark_count = marks.n,
        .mentions = mentions.items,
        .mention_count = mentions.n,
    };
    filter.inbox = inbox;
    *ret_filter = filter;
    return ERR_OK;
}

enum err inbox_page(struct db *db, struct op *op, struct task_index *index,
                    struct task_list_request *list, struct task_page *ret_page)
{
    struct task_place place;
    list->sort = SORT_UPDATED;
    list->descending = true;
    /* A list that has begun in the other order continues in it. */
    if (list->cursor.p != NULL && !task_cursor_read(list, list->cursor, &place))
        list->sort = SORT_CREATED;
    enum err err = core_task_list(db, op, index, list, ret_page);
    if (err != ERR_UNAVAILABLE || list->cursor.p != NULL || list->total)
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
        err = store_inbox_mark_drop(db, op, answer->account_id, mark->task_id);
        return err == ERR_OK ? store_mentions_reopen(db, op, answer->account_id, mark->task_id)
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
