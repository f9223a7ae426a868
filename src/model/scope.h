/*
 * Scopes (RFC 6749 section 3.3): what a token is good for. "*" is all that its account may do,
 * which only a person's token can be; a client's always lists what the client was given.
 */
#ifndef BZCTRL_MODEL_SCOPE_H
#define BZCTRL_MODEL_SCOPE_H

#include "base/buf.h"

/* A set of them. */
enum scope { SCOPE_CREATE = 1, SCOPE_READ = 2, SCOPE_WRITE = 4 };

/* "task:create", "task:read", "task:write"; false for any other word. */
bool scope_read(struct str word, unsigned *ret_scope);

/* A list with one blank between the words. False when a word is none of them, or there is none. */
bool scopes_read(struct str list, unsigned *ret_scopes);

/* Appends the list, always in the same order. */
void buf_scopes(struct buf *buf, unsigned scopes);

/* All of them, for telling what is allowed. */
struct str_list scope_names(void);

#endif
