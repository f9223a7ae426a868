#include "core/task_answer.h"

#include "model/key.h"
#include "model/receipt.h"
#include "model/right.h"
#include "model/task_json.h"

enum { ANSWER_MAX = 32 * 1024 * 1024 };

struct task task_answer_shows(const struct task_create *create)
{
    const struct directory *directory = create->directory;
    const struct task *first = create->first;
    if (first == NULL)
        return create->task;
    const struct account *caller = directory_account_by_id(directory, create->actor_id);
    enum reach reach =
        caller == NULL ? REACH_NONE : right_reach(directory, caller, RIGHT_READ, create->workspace);
    if (first->source_id == create->actor_id ||
        (caller != NULL && reach_covers(reach, caller, first->source_id)))
        return *first;
    struct task task = create->task;
    task.number = first->number;
    task.version = first->version;
    return task;
}

enum err task_answer_make(const struct task_create *create, struct answer *ret_answer)
{
    const struct task task = task_answer_shows(create);
    struct answer answer = {.status = create->first == NULL ? 201 : 200};
    struct buf text;

    /* All texts one after the other, so that one copy takes them into the arena. */
    buf_init(&text, ANSWER_MAX);
    buf_add(&text, create->public_url);
    BUF_LIT(&text, "/bzctrl-core-api/api/v1/tasks/");
    buf_record_key(&text, create->workspace->key, task.number);
    size_t location = text.n;
    buf_char(&text, '"');
    buf_i64(&text, task.version);
    buf_char(&text, '"');
    size_t etag = text.n;
    if (create->event.seq > 0)
        buf_receipt(&text, create->workspace->domain->key, create->event.seq, &create->event.hash);
    size_t receipt = text.n;
    buf_task_created(&text, &task, create->workspace, create->public_url);
    struct str all;
    enum err err = buf_move(&text, create->change.op->arena, &all);
    if (err != ERR_OK)
        return err;

    answer.headers[answer.header_count++] =
        (struct answer_header){STR("Location"), str_sub(all, 0, location)};
    answer.headers[answer.header_count++] =
        (struct answer_header){STR("ETag"), str_sub(all, location, etag - location)};
    if (create->event.seq > 0)
        answer.headers[answer.header_count++] =
            (struct answer_header){STR("Bzctrl-Receipt"), str_sub(all, etag, receipt - etag)};
    answer.body = str_from(all, receipt);
    *ret_answer = answer;
    return ERR_OK;
}

struct str task_answer_header(const struct answer *answer, struct str name)
{
    for (size_t i = 0; i < answer->header_count; i++)
        if (str_eq(answer->headers[i].name, name))
            return answer->headers[i].value;
    return STR_NONE;
}

struct str task_answer_key(const struct answer *answer)
{
    struct str rest = task_answer_header(answer, STR("Location")), key = STR_NONE;
    while (rest.p != NULL)
        key = str_cut(&rest, '/');
    return key;
}
