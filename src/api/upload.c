#include "api/upload.h"

#include "api/api.h"

/* How many bytes may come: as many as are announced, or as many as the route takes. */
static size_t size_of(const struct call *call)
{
    uint64_t size = call->route->body_max;
    struct str length = http_header_get(call->request, STR("content-length"));
    if (length.p != NULL && !str_to_u64(length, call->route->body_max, &size))
        size = call->route->body_max;
    return size < UPLOAD_LEAST ? UPLOAD_LEAST : (size_t)size;
}

static enum err reserve(struct call *call)
{
    struct upload **all = api_uploads(call->api);
    size_t size = size_of(call), sum = size, own = size;
    for (const struct upload *upload = *all; upload != NULL; upload = upload->other) {
        sum += upload->reserved;
        own += upload->account_id == call->caller->id ? upload->reserved : 0;
    }
    if (sum > UPLOADS_MAX)
        return call_refuse(call, 503, "Too many uploads are under way; try again later.");
    if (own > UPLOADS_ACCOUNT_MAX)
        return call_refuse(call, 503,
                           "You have too many uploads under way; wait for one of them to end.");
    call->upload.reserved = size;
    call->upload.account_id = call->caller->id;
    call->upload.other = *all;
    *all = &call->upload;
    return ERR_OK;
}

void upload_end(struct call *call)
{
    struct upload *upload = &call->upload;
    if (upload->reserved == 0)
        return;
    struct upload **at = api_uploads(call->api);
    while (*at != upload)
        at = &(*at)->other;
    *at = upload->other;
    upload->reserved = 0;
    buf_finish(&upload->body);
}

static bool piece_take(struct http_request *request, struct str piece)
{
    struct call *call = request->user;
    buf_add(&call->upload.body, piece);
    if (buf_err(&call->upload.body) == ERR_OK)
        return true;
    call_fail(call, ERR_MEMORY);
    return false;
}

static void pieces_end(struct http_request *request)
{
    struct call *call = request->user;
    request->body = buf_str(&call->upload.body);
    call->upload.next(call);
}

static void pieces_gone(struct http_request *request)
{
    call_drop(request->user);
}

void upload_begin(struct call *call, void (*next)(struct call *call))
{
    static const struct http_reader reader = {piece_take, pieces_end, pieces_gone};
    if (reserve(call) != ERR_OK)
        return;
    call->upload.next = next;
    buf_init(&call->upload.body, call->route->body_max);
    /* Memory that is only asked for costs nothing until the bytes come. */
    if (http_header_count(call->request, STR("content-length")) > 0 &&
        buf_reserve(&call->upload.body, call->upload.reserved) == NULL)
        call_fail(call, ERR_MEMORY);
    else
        http_read_body(call->request, &reader);
}
