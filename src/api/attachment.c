/* GET and POST /tasks/{key}/attachments; GET and DELETE /tasks/{key}/attachments/{id}. */
#include "core/attachment.h"
#include "api/api.h"
#include "api/content_digest.h"
#include "api/handlers.h"
#include "api/once.h"
#include "api/part.h"
#include "api/problem.h"
#include "api/query.h"
#include "api/range.h"
#include "base/percent.h"

/* ---- the list ---- */

enum err attachment_list(struct call *call)
{
    struct record record;
    struct attachment_list list;
    int64_t limit, before;
    enum err err = call_query_page(call, &limit, &before);
    if (err == ERR_OK)
        err = record_find(call, RIGHT_READ, &record);
    /* One more than are shown says whether there are more. */
    if (err == ERR_OK)
        err = store_attachments_before(call->db, &call->op, record.task.id,
                                       before == 0 ? INT64_MAX : before, limit + 1, &list);
    if (err != ERR_OK)
        return err;
    size_t n = list.n > (size_t)limit ? (size_t)limit : list.n;
    call_items_begin(call);
    for (size_t i = 0; i < n; i++)
        json_put_attachment(&call->json, &list.items[i], call->directory);
    return call_items_end(call, n < list.n ? list.items[n - 1].id : 0);
}

/* ---- one ---- */

struct attachment_found {
    struct record record;
    struct attachment attachment;
};

static enum err attachment_find(struct call *call, enum right right, struct attachment_found *found)
{
    int64_t id;
    enum err err = record_find(call, right, &found->record);
    if (err == ERR_OK)
        err = part_id(call, "attachment", &id);
    if (err != ERR_OK)
        return err;
    err = store_attachment_get(call->db, &call->op, found->record.task.id, id, &found->attachment);
    if (err == ERR_NOT_FOUND)
        return call_refuse(call, 404, "The record has no attachment with that id.");
    return err;
}

/* How far the bytes are out. */
struct byte_walk {
    struct record_watch watch;
    int64_t content_id;
    int64_t at, end;
};

static enum err bytes_more(struct call *call, bool *ret_last)
{
    struct byte_walk *walk = call->state;
    struct str chunk;
    enum err err = record_watch(call, &walk->watch);
    if (err == ERR_OK)
        err = store_chunk_get(call->db, &call->op, walk->content_id, walk->at / CONTENT_CHUNK,
                              &chunk);
    if (err != ERR_OK)
        return err;
    chunk = str_from(chunk, (size_t)(walk->at % CONTENT_CHUNK));
    chunk = str_sub(chunk, 0, (size_t)(walk->end - walk->at));
    if (chunk.n == 0)
        return op_fail(&call->op, ERR_CORRUPT, "the attachment's bytes are gone");
    buf_add(&call->body, chunk);
    walk->at += (int64_t)chunk.n;
    *ret_last = walk->at == walk->end;
    return ERR_OK;
}

/* The bytes from `at` to `end`. Whatever could run in a browser is for saving alone: only images
 * are shown in place, and nothing has the rights of a page. */
static enum err give_bytes(struct call *call, const struct attachment_found *found,
                           struct http_header etag, int64_t from, int64_t end)
{
    const struct attachment *attachment = &found->attachment;
    struct arena *arena = call->op.arena;
    bool part = from > 0 || end < attachment->size;
    struct byte_walk *walk = ARENA_NEW(arena, struct byte_walk);
    struct str digest = content_digest(arena, &attachment->sha256);
    struct buf name;
    buf_init(&name, 4096);
    buf_add(&name, attachment->image ? STR("inline") : STR("attachment"));
    BUF_LIT(&name, "; filename*=UTF-8''");
    buf_percent(&name, attachment->name, STR("")); /* RFC 8187 */
    struct str disposition = buf_err(&name) == ERR_OK ? arena_str(arena, buf_str(&name)) : STR_NONE;
    buf_finish(&name);
    struct str range = arena_printf(arena, "bytes %lld-%lld/%lld", (long long)from,
                                    (long long)end - 1, (long long)attachment->size);
    if (walk == NULL || digest.p == NULL || disposition.p == NULL || range.p == NULL)
        return ERR_MEMORY;
    const struct http_header headers[] = {
        etag,
        {STR_INIT("Content-Disposition"), disposition},
        {STR_INIT("Content-Security-Policy"), STR_INIT("sandbox")},
        {STR_INIT("Cross-Origin-Resource-Policy"), STR_INIT("same-origin")},
        {STR_INIT("Accept-Ranges"), STR_INIT("bytes")},
        {STR_INIT("Repr-Digest"), digest},
        /* Content-Digest is of what is sent, and a part is hashed by nobody. */
        {part ? STR("Content-Range") : STR("Content-Digest"), part ? range : digest},
    };
    *walk =
        (struct byte_walk){record_watch_begin(&found->record), attachment->content_id, from, end};
    call->state = walk;
    return call_answer_stream(
        call, part ? 206 : 200,
        attachment->image ? attachment->type : STR("application/octet-stream"), headers,
        sizeof headers / sizeof headers[0],
        &(struct call_stream){
            .more = bytes_more, .state_size = sizeof *walk, .length = end - from});
}

enum err attachment_get(struct call *call)
{
    struct attachment_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = attachment_find(call, RIGHT_READ, &found);
    if (err != ERR_OK)
        return err;
    const struct attachment *attachment = &found.attachment;
    if (attachment->deleted_at != TIME_NONE)
        return call_refuse(call, 404, "The attachment has been deleted.");
    struct http_header etag = {.name = STR("ETag")};
    err = attachment_etag(call->op.arena, attachment, &etag.value);
    if (err != ERR_OK)
        return err;
    if (call_client_has(call, etag.value))
        return call_answer(call, 304, STR_NONE, &etag, 1);

    int64_t from = 0, end = attachment->size;
    struct str if_range = http_header_get(call->request, STR("if-range"));
    enum range_kind kind = RANGE_WHOLE;
    if (if_range.p == NULL || str_eq(if_range, etag.value))
        kind =
            range_read(http_header_get(call->request, STR("range")), attachment->size, &from, &end);
    if (kind != RANGE_BEYOND)
        return give_bytes(call, &found, etag, from, end);
    struct http_header range = {STR("Content-Range"), arena_printf(call->op.arena, "bytes */%lld",
                                                                   (long long)attachment->size)};
    if (range.value.p == NULL)
        return ERR_MEMORY;
    problem_encode(&call->body, 416, STR("The attachment has fewer bytes than that."), NULL);
    return call_answer(call, 416, STR("application/problem+json"), &range, 1);
}

/* ---- a new one ---- */

/* Checks what came with the bytes, and fills in what they are. */
static enum err upload_judge(struct call *call, struct attachment_add *add)
{
    static const char *const parameters[] = {"name", NULL};
    const struct http_request *request = call->request;
    struct attachment *attachment = &add->sent;
    struct str digest = http_header_get(request, STR("content-digest"));
    enum err err = call_query_accept(call, parameters);
    struct str name = err == ERR_OK ? call_query(call, "name") : STR_NONE;
    if (err == ERR_OK && name.p == NULL)
        err = call_refuse(call, 400, "Send the file's name as ?name=…, percent-encoded.");
    if (err == ERR_OK && http_header_get(request, STR("content-encoding")).p != NULL)
        err = call_refuse(call, 415, "Send the bytes as they are, without a Content-Encoding.");
    if (err == ERR_OK && request->body.n == 0)
        err = call_refuse(call, 400, "The body is empty; send the bytes of the file.");
    if (err == ERR_OK && (http_header_count(request, STR("content-digest")) > 1 ||
                          http_header_count(request, STR("content-type")) > 1))
        err = call_refuse(call, 400, "Content-Type and Content-Digest may be sent once.");
    if (err != ERR_OK)
        return err;
    add->bytes = request->body;
    attachment->size = (int64_t)request->body.n;
    attachment->sha256 = sha256(request->body);
    if (digest.p != NULL)
        err = content_digest_check(&call->op, digest, request->body, &attachment->sha256);
    if (err == ERR_OK)
        err = attachment_name(call->op.arena, name, &attachment->name);
    if (err == ERR_OK)
        err = attachment_type(call->op.arena, http_header_get(request, STR("content-type")),
                              &attachment->type);
    attachment->image = err == ERR_OK && attachment_is_image(attachment->type, request->body);
    return err;
}

/* The record, and where it has the same bytes. */
struct attachment_place {
    struct record record;
    const struct attachment *attachment;
    int64_t content_id; /* 0: it has them not yet */
};

static enum err place_read(struct call *call, void *arg)
{
    struct attachment_place *place = arg;
    struct attachment same = {0};
    enum err err = record_find(call, RIGHT_COMMENT, &place->record);
    if (err == ERR_OK)
        err = store_attachment_find(call->db, &call->op, place->record.task.id,
                                    &place->attachment->sha256, place->attachment->name, &same);
    place->content_id = same.content_id;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err attachment_create(struct call *call)
{
    struct attachment_add add = {0};
    struct attachment_place place = {.attachment = &add.sent};
    enum err err = upload_judge(call, &add);
    if (err == ERR_OK)
        err = part_expect_new(call, "attachments", &add.part);
    if (err == ERR_OK)
        err = call_read_wait(call, place_read, &place);
    if (err != ERR_OK)
        return err;
    add.content_id = place.content_id;
    part_change_init(call, &place.record, &add.part);
    err = attachment_add(api_core(call->api), &add);
    return err == ERR_OK ? call_answer_stored(call, &add.part.answer, add.part.replayed) : err;
}

/* ---- deleting ---- */

static enum err read_to_delete(struct call *call, void *arg)
{
    return attachment_find(call, RIGHT_COMMENT, arg);
}

enum err attachment_remove(struct call *call)
{
    struct attachment_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = call_read_wait(call, read_to_delete, &found);
    if (err != ERR_OK)
        return err;
    const struct attachment *attachment = &found.attachment;
    bool manages = right_reach(call->directory, call->caller, RIGHT_MANAGE,
                               found.record.workspace) == REACH_ALL;
    bool fresh_own = attachment->author_id == call->caller->id &&
                     call->op.now - attachment->created_at <= ATTACHMENT_DELETE_MS;
    if (!manages && !fresh_own)
        return call_refuse(call, 403,
                           "An attachment can be deleted by its author, for %d minutes, and by a "
                           "manager of the domain.",
                           ATTACHMENT_DELETE_MS / 60000);
    struct attachment_delete del = {.attachment = *attachment};
    part_change_init(call, &found.record, &del.part);
    if (attachment->deleted_at == TIME_NONE)
        err = attachment_delete(api_core(call->api), &del);
    return err == ERR_OK ? part_answer_changed(call, &del.part, 0) : err;
}
