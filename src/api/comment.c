/* GET and POST /tasks/{key}/comments; GET, PATCH and DELETE /tasks/{key}/comments/{id}. */
#include "core/comment.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/once.h"
#include "api/part.h"
#include "api/query.h"
#include "json/read.h"

enum { COMMENTS_READ = 16 }; /* at once; each can have 256 KiB */

static bool sees_internal(const struct call *call)
{
    return call->caller->kind == ACCOUNT_PERSON;
}

/* ---- reading ---- */

/* How far an answer with a record's comments is. */
struct comment_walk {
    struct record_watch watch;
    int64_t before; /* the last comment that is out, or the cursor that was sent */
    int64_t left;   /* of the page */
};

static enum err comments_more(struct call *call, bool *ret_last)
{
    struct comment_walk *walk = call->state;
    struct comment_list comments;
    size_t n = 0;
    int64_t step = walk->left < COMMENTS_READ ? walk->left : COMMENTS_READ;
    enum err err = record_watch(call, &walk->watch);
    /* One more than are shown says whether there are more. */
    if (err == ERR_OK)
        err = store_comments_before(call->db, &call->op, walk->watch.task_id, walk->before,
                                    sees_internal(call), step + 1, &comments);
    if (err != ERR_OK)
        return err;
    for (; n < comments.n && n < (size_t)step && call->body.n < CALL_PIECE; n++)
        json_put_comment(&call->json, &comments.items[n], call->directory);
    if (n > 0)
        walk->before = comments.items[n - 1].id;
    walk->left -= (int64_t)n;
    *ret_last = n == comments.n || walk->left == 0;
    if (*ret_last)
        call_items_close(call, n < comments.n ? walk->before : 0);
    return ERR_OK;
}

enum err comment_list(struct call *call)
{
    struct comment_walk *walk = ARENA_NEW(call->op.arena, struct comment_walk);
    struct record record;
    if (walk == NULL)
        return ERR_MEMORY;
    enum err err = call_query_page(call, &walk->left, &walk->before);
    struct arena_mark mark = arena_mark(call->op.arena);
    if (err == ERR_OK)
        err = record_find(call, RIGHT_READ, &record);
    if (err != ERR_OK)
        return err;
    walk->watch = record_watch_begin(&record);
    if (walk->before == 0)
        walk->before = INT64_MAX;
    arena_rewind(call->op.arena, mark);
    call->state = walk;
    call_items_begin(call);
    return call_answer_stream(call, 200, STR("application/json"), NULL, 0,
                              &(struct call_stream){.more = comments_more,
                                                    .state_size = sizeof *walk,
                                                    .length = HTTP_LENGTH_UNKNOWN});
}

/* The comment that the path names, and its record. */
struct comment_found {
    struct record record;
    struct comment comment;
};

static enum err comment_find(struct call *call, enum right right, struct comment_found *found)
{
    int64_t id;
    enum err err = record_find(call, right, &found->record);
    if (err == ERR_OK)
        err = part_id(call, "comment", &id);
    if (err != ERR_OK)
        return err;
    err = store_comment_get(call->db, &call->op, found->record.task.id, id, &found->comment);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && found->comment.internal && !sees_internal(call)))
        return call_refuse(call, 404, "The record has no comment with that id.");
    return err;
}

enum err comment_get(struct call *call)
{
    struct comment_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = comment_find(call, RIGHT_READ, &found);
    if (err != ERR_OK)
        return err;
    json_put_comment(&call->json, &found.comment, call->directory);
    return call_answer_version(call, 200, found.comment.version, NULL, STR_NONE);
}

/* ---- writing ---- */

#define DRAFT_AT(member) offsetof(struct comment_draft, member)
static const struct body_member members[] = {
    {STR_INIT("text"), MEMBER_TEXT, true, true, DRAFT_AT(text), 0},
    {STR_INIT("internal"), MEMBER_FLAG, true, false, DRAFT_AT(internal), DRAFT_AT(internal_sent)},
};
#undef DRAFT_AT

/* Reads what was sent into save->comment. */
static enum err comment_read(struct call *call, const struct json *body, bool creates,
                             const struct record *record, struct comment_save *save)
{
    struct comment_draft draft = {0};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, creates, call->op.arena,
                   &faults, &draft);
    enum err err = comment_judge(&call->op, &draft, call->directory, call->caller,
                                 record->workspace, &faults, &save->comment.mentions);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);
    save->comment.text = draft.text;
    if (creates)
        save->comment.internal = draft.internal;
    return ERR_OK;
}

static enum err read_to_add(struct call *call, void *arg)
{
    return record_find(call, RIGHT_COMMENT, arg);
}

static enum err read_to_change(struct call *call, void *arg)
{
    return comment_find(call, RIGHT_COMMENT, arg);
}

enum err comment_create(struct call *call)
{
    const struct json *body;
    struct record record;
    struct comment_save save = {0};
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = part_expect_new(call, "comments", &save.part);
    if (err == ERR_OK)
        err = call_read_wait(call, read_to_add, &record);
    if (err == ERR_OK)
        err = comment_read(call, body, true, &record, &save);
    if (err != ERR_OK)
        return err;
    part_change_init(call, &record, &save.part);
    err = comment_save(api_core(call->api), &save);
    return err == ERR_OK ? call_answer_stored(call, &save.part.answer, save.part.replayed) : err;
}

/* Its author may change it for a while. */
static bool is_fresh_own(const struct call *call, const struct comment *comment)
{
    return comment->author_id == call->caller->id &&
           call->op.now - comment->created_at <= COMMENT_EDIT_MS;
}

enum err comment_patch(struct call *call)
{
    const struct json *body;
    struct comment_found found;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = call_read_wait(call, read_to_change, &found);
    if (err == ERR_OK && found.comment.deleted_at != TIME_NONE)
        err = call_refuse(call, 409, "This comment has been deleted.");
    else if (err == ERR_OK && !is_fresh_own(call, &found.comment))
        err = call_refuse(call, 403,
                          "A comment can be changed by its author, for %d minutes; write another "
                          "one.",
                          COMMENT_EDIT_MS / 60000);
    if (err == ERR_OK)
        err = call_expect_version(call, found.comment.version);
    if (err != ERR_OK)
        return err;

    struct comment_save save = {.before = &found.comment, .comment = found.comment};
    err = comment_read(call, body, false, &found.record, &save);
    if (err != ERR_OK)
        return err;
    part_change_init(call, &found.record, &save.part);
    if (!str_eq(save.comment.text, found.comment.text))
        err = comment_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return err;
    json_put_comment(&call->json, &save.comment, call->directory);
    return part_answer_changed(call, &save.part, save.comment.version);
}

enum err comment_delete(struct call *call)
{
    struct comment_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = call_read_wait(call, read_to_change, &found);
    if (err != ERR_OK)
        return err;
    bool manages = right_reach(call->directory, call->caller, RIGHT_MANAGE,
                               found.record.workspace) == REACH_ALL;
    if (!manages && !is_fresh_own(call, &found.comment))
        return call_refuse(call, 403,
                           "A comment can be deleted by its author, for %d minutes, and by a "
                           "manager of the domain.",
                           COMMENT_EDIT_MS / 60000);
    struct comment_save save = {
        .before = &found.comment, .comment = found.comment, .deletes = true};
    save.comment.text = STR_NONE;
    save.comment.mentions = (struct id_array){0};
    part_change_init(call, &found.record, &save.part);
    if (found.comment.deleted_at == TIME_NONE)
        err = comment_save(api_core(call->api), &save);
    return err == ERR_OK ? part_answer_changed(call, &save.part, 0) : err;
}
