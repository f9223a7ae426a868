/*
 * Scopes (RFC 6749 section 3.3): what a token allows. "*" is everything that its account may do,
 * and only a person's token can have it; a client's token always lists the client's scopes.
 */
#ifndef BZCTRL_MODEL_SCOPE_H
#define BZCTRL_MODEL_SCOPE_H

#include "base/buf.h"

/* A set of them. */
enum scope { SCOPE_CREATE = 1, SCOPE_READ = 2, SCOPE_WRITE = 4 };

/* "task:create", "task:read", "task:write"; false for any other word. */
bool scope_read(struct str word, unsigned *ret_scope);

/* A list with one blank between the words. False when the list is empty or a word is not a
 * scope. */
bool scopes_read(struct str list, unsigned *ret_scopes);

/* Appends the list, always in the same order. */
void buf_scopes(struct buf *buf, unsigned scopes);

/* All scopes, for messages that list what is allowed. */
struct str_list scope_names(void);

#endif
