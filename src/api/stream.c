#include "api/stream.h"

#include "api/call.h"
#include "api/dispatch.h"
#include "api/trace.h"
#include "base/log.h"

#include <string.h>

enum err call_answer_stream(struct call *call, int status, struct str content_type,
                            const struct http_header *headers, size_t header_count,
                            const struct call_stream *stream)
{
    enum err err = call_answer(call, status, content_type, headers, header_count);
    call->stream = *stream;
    call->stream.state = arena_alloc(call->op.arena, stream->state_size);
    call->stream.mark = arena_mark(call->op.arena);
    return call->stream.state == NULL ? ERR_MEMORY : err;
}

enum err call_stream_piece(struct call *call)
{
    struct call_stream *stream = &call->stream;
    stream->last = false;
    enum err err = stream->more(call, &stream->last);
    return err == ERR_OK ? buf_err(&call->body) : err;
}

bool call_streams(const struct call *call)
{
    return call->stream.more != NULL && !call->stream.last;
}

static enum err stream_made(struct call *call)
{
    return call->stream.made == NULL ? ERR_OK : call->stream.made(call);
}

/* A piece is made, or never will be. */
static void piece_done(struct call *call, enum err err)
{
    if (err == ERR_OK)
        err = stream_made(call);
    if (err == ERR_OK) {
        arena_rewind(call->op.arena, call->stream.mark);
        http_stream_send(call->request, buf_str(&call->body), call->stream.last);
        return;
    }
    struct trace trace = call_trace(call);
    LOG(LOG_ERROR, "answer cut off", LOG_TEXT("error", str_of(err_name(err))),
        LOG_TEXT("method", call->request->method), LOG_TEXT("path", call->request->path),
        LOG_TEXT("detail", str_of(call->op.detail)), LOG_TEXT_IF_ANY("trace_id", trace.id),
        LOG_TEXT_IF_ANY("span_id", trace.parent));
    http_stream_cut(call->request);
}

/* On the read lane maybe not for the first time, so from where the piece before has ended. */
static enum err piece_run(struct call *call)
{
    buf_clear(&call->body);
    memcpy(call->state, call->stream.state, call->stream.state_size);
    call->json = call->stream.json;
    return call_stream_piece(call);
}

/* Has `more` make a piece. */
static void piece_begin(struct call *call)
{
    memcpy(call->stream.state, call->state, call->stream.state_size);
    call->stream.json = call->json;
    call_run(call, piece_run, piece_done);
}

static void next_do(struct call *call, enum call_next next)
{
    switch (next) {
    case CALL_NEXT_MORE:
        piece_begin(call);
        break;
    case CALL_NEXT_PIECE:
    case CALL_NEXT_LAST:
        call->stream.last = next == CALL_NEXT_LAST;
        if (buf_err(&call->body) == ERR_OK)
            http_stream_send(call->request, buf_str(&call->body), call->stream.last);
        else
            http_stream_cut(call->request);
        break;
    case CALL_NEXT_WAIT:
        http_stream_wait(call->request);
        break;
    case CALL_NEXT_STEP:
        call->stream.step(call);
        break;
    }
}

static enum call_next next_ask(struct call *call)
{
    return call->stream.next == NULL ? CALL_NEXT_MORE : call->stream.next(call);
}

void call_stream_go_on(struct call *call)
{
    next_do(call, next_ask(call));
}

void call_stream_look(struct call *call)
{
    enum call_next next = next_ask(call);
    if (next == CALL_NEXT_WAIT)
        return;
    http_stream_wake(call->request);
    next_do(call, next);
}

/* The client has taken what there was. Until the next piece is made, its memory is free. */
static void stream_more(struct http_request *request)
{
    struct call *call = request->user;
    buf_finish(&call->body);
    call_stream_go_on(call);
}

static void stream_ended(struct http_request *request, bool whole)
{
    (void)whole;
    call_drop(request->user);
}

enum err call_stream_begin(struct call *call)
{
    static const struct http_stream stream = {stream_more, stream_ended};
    enum err err = stream_made(call);
    if (err != ERR_OK)
        return err;
    arena_rewind(call->op.arena, call->stream.mark);
    struct http_response response = call_response(call);
    http_stream_begin(call->request, &response, call->stream.length, &stream);
    return ERR_OK;
}
