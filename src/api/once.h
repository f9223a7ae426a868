/*
 * What a call makes once, however often it is sent with the same Idempotency-Key (core/once.h): for a
 * ROUTE_ONCE all of this is done around its handler.
 */
#ifndef BZCTRL_API_ONCE_H
#define BZCTRL_API_ONCE_H

#include "api/call.h"
#include "core/once.h"

/* Reads the header of a call, and what else identifies its request, but for the endpoint; a key that is
 * absent: none was sent. ERR_ANSWERED, ERR_SYNTAX with op->detail, ERR_MEMORY. */
enum err call_key_read(struct call *call, struct idempotency_key *ret_key) MUST_CHECK;

/* Reads it for a route that does what it does once. */
enum err call_once_read(struct call *call, struct once *ret_once) MUST_CHECK;

/* Gives an answer that is stored, or as it is stored. ERR_MEMORY. */
enum err call_answer_stored(struct call *call, const struct answer *answer, bool replayed);

/* Answers with the answer that is there for a key already: ERR_ANSWERED. */
enum err call_once_replay(struct call *call, const struct idempotency_key *key) MUST_CHECK;

/* Keeps the answer that has been set, but not one with a secret in it. */
void call_once_keep(struct call *call, const struct once *once);

#endif
