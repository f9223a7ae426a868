/*
 * How an answer gets to its client: at once, or as the client takes it. What streams (stream.c) and
 * whole answers have in common is here too.
 */
#ifndef BZCTRL_HTTP_ANSWER_H
#define BZCTRL_HTTP_ANSWER_H

#include "http/connection.h"

/* Sends the answer to the connection's request, and gives the request back. */
void connection_answer(struct connection *connection, const struct http_response *response);

/* Is the connection kept after this answer? `close`: the answer does not want it to be. */
enum http_reuse answer_reuse(struct connection *connection, bool close);

/* Whether an answer of this status to this request has a body. */
bool answer_has_body(const struct request *request, int status);

/* Counts how much of its answer is kept in memory, in the sum of all. */
void answer_count(struct connection *connection, size_t kept);

/* The kernel did not take all at once: counts what is kept, and sees to it that it is not too much
 * of all connections together. */
void answer_waits(struct connection *connection, size_t kept);

/* Has the peer taken so many bytes in this period? Then the next one begins. */
bool answer_moves(struct connection *connection, uint64_t due);

/* The whole answer is with the kernel: goes on with the next request, or ends. */
void answer_sent(struct connection *connection);

#endif
