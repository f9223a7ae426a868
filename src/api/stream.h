/*
 * An answer in pieces, for what is too long to be built at once: a handler sets status and headers
 * with call_answer_stream(), keeps in call->state how far it is, and names the function that makes
 * the next piece. That runs where the handler ran, the first time right after it and then whenever
 * the client has taken what there is: on the read lane each time in a transaction of its own. So a
 * slow client costs a piece of memory (http/stream.h), no thread, and no long transaction.
 *
 * What has nothing to say for now, an answer that waits for events, says so in `next`: it then costs
 * its memory alone until it is looked at again.
 *
 * An answer whose first piece is its last goes out as any other, with its length.
 */
#ifndef BZCTRL_API_STREAM_H
#define BZCTRL_API_STREAM_H

#include "base/arena.h"
#include "http/stream.h"
#include "json/writer.h"

struct call;

enum { CALL_PIECE = 64 * 1024 }; /* bytes: a piece ends with the first item that reaches it */

/* What comes next. */
enum call_next {
    CALL_NEXT_MORE,  /* a piece by `more`, where the handler ran */
    CALL_NEXT_PIECE, /* one is in call->body, not empty … */
    CALL_NEXT_LAST,  /* … or the last, which may be */
    CALL_NEXT_WAIT,  /* nothing, until call_stream_look() */
    CALL_NEXT_STEP,  /* `step` is called, and ends with call_stream_go_on() */
};

struct call_stream {
    /* Appends the next piece to call->body, and says whether it was the last. It may append nothing
     * on a lane; INLINE it must. Memory that it takes in the arena is its own until it returns. An
     * error before the first piece is out is answered as a handler's would be; a later one cuts the
     * answer off, so that its client sees that it is not whole, and is logged.
     *
     * It may run again for the same piece, should the database ask to try again: what is at
     * call->state and call->json are then as they were; it changes nothing else. */
    enum err (*more)(struct call *call, bool *ret_last);
    size_t state_size; /* bytes at call->state */
    int64_t length;    /* of all pieces; HTTP_LENGTH_UNKNOWN */

    /* These may be NULL. All are called on the network thread, and their work is short.
     * `made`: `more` has made a piece, whose memory in the arena is still there. An error of the
     * first is answered as a handler's would be; a later one cuts the answer off. Not called when
     * the first piece is the last.
     * `next`: what comes after a piece that the client has taken. It may be asked several times
     * while the answer waits. */
    enum err (*made)(struct call *call);
    enum call_next (*next)(struct call *call);
    void (*step)(struct call *call);

    /* The dispatcher's. */
    bool last;               /* the piece in call->body */
    struct arena_mark mark;  /* what lies above it is a piece's */
    void *state;             /* as it was before the piece … */
    struct json_writer json; /* … and the writer */
};

/* For handlers that return: answers with what stream->more makes; call->body may have a beginning.
 * What call->state holds and is not the arena's, call->let_go gives back: once, on the network
 * thread, when all is sent or the client has gone, and never while a piece is made. (On the read
 * lane a handler leaves such a thing to `more`: its transaction may fail after it has returned, and
 * it runs again then.) The headers are as of call_answer(). ERR_MEMORY. */
enum err call_answer_stream(struct call *call, int status, struct str content_type,
                            const struct http_header *headers, size_t header_count,
                            const struct call_stream *stream) MUST_CHECK;

/* Makes a piece, where the handler runs; the first right after it. */
enum err call_stream_piece(struct call *call) MUST_CHECK;

/* Has the call an answer in pieces, and more of them than the first? */
bool call_streams(const struct call *call);

/* Sends the head and the first piece; the rest follows. Network thread. What `made` returns; then
 * nothing was sent. */
enum err call_stream_begin(struct call *call) MUST_CHECK;

/* Asks `next` again: of an answer that waits; and after a step. Network thread. */
void call_stream_look(struct call *call);
void call_stream_go_on(struct call *call);

#endif
