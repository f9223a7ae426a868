/*
 * An answer in pieces: for a body that is too long to be built at once, or that is not all there
 * when its answer begins. The owner gives the head with a first piece, and is asked for the next
 * one whenever the kernel has taken the last. Nothing is made ahead: so a client that takes its
 * answer slowly holds one piece of memory (it counts in HTTP_UNSENT_MAX), has the deadline of
 * HTTP_WRITING for each, and keeps no thread waiting.
 *
 * The body goes out chunked, with a Content-Length where the owner knows it, or, to HTTP/1.0
 * without one, up to the end of the connection. HEAD gets the head alone. An answer that does not
 * come to its end is cut off with a reset, so that no client takes it for the whole.
 *
 * Who has nothing to say for now, such as an event stream, answers `more` with http_stream_wait().
 * Such a connection costs its memory and nothing else; its client may leave, and then `ended` is
 * called. When none is left for a new one, the one that has waited longest makes room.
 */
#ifndef BZCTRL_HTTP_STREAM_H
#define BZCTRL_HTTP_STREAM_H

#include "http/server.h"

enum { HTTP_LENGTH_UNKNOWN = -1 };

struct http_stream {
    /* The next piece is wanted: the owner calls http_stream_send() or http_stream_cut(), once, now
     * or later from the same thread. The piece before is not needed any more. */
    void (*more)(struct http_request *request);
    /* It is over: all is with the kernel (`whole`), or it was cut off, or the client has gone.
     * Called exactly once, and never while a piece is being made. The request is not the owner's
     * once this returns. */
    void (*ended)(struct http_request *request, bool whole);
};

/* Answers a request in pieces, in the place of http_respond(): response->body is the first of
 * them, not the last, and `length` what all of them will have. */
void http_stream_begin(struct http_request *request, const struct http_response *response,
                       int64_t length, const struct http_stream *stream);

/* The next piece. Its memory stays as it is until `more` or `ended`. An empty one that is not the
 * last asks for another at once, from within this call: only who makes pieces on a lane may send
 * such. Pieces that do not add up to `length` are a fault of the owner's: the answer is cut off. */
void http_stream_send(struct http_request *request, struct str piece, bool last);

/* There is nothing to send for now. Until http_stream_wake(), after which it is as if `more` had
 * just been called, the owner sends nothing, and the answer may end at any time. */
void http_stream_wait(struct http_request *request);
void http_stream_wake(struct http_request *request);

/* There will be no next piece: cuts the answer off. */
void http_stream_cut(struct http_request *request);

#endif
