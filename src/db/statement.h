/*
 * The prepared statements of one connection, found by the address of their SQL text, which lives as
 * long as the program: a lookup costs a few instructions, whatever the text's length.
 */
#ifndef BZCTRL_DB_STATEMENT_H
#define BZCTRL_DB_STATEMENT_H

#include "base/err.h"

#include <stddef.h>

/* The head of an engine's prepared statement. */
struct statement {
    const char *sql;
};

/* A hash table by address; zeroed it is empty. */
struct statements {
    struct statement **slots;
    size_t n, capacity; /* a power of two, or 0 */
};

/* NULL if it has not been prepared. */
struct statement *statements_find(const struct statements *statements, const char *sql);

/* Adds a new one, which the table then owns. ERR_MEMORY. */
enum err statements_add(struct statements *statements, struct statement *statement) MUST_CHECK;

/* Hands each to `destroy` and empties the table. */
void statements_finish(struct statements *statements, void (*destroy)(struct statement *statement));

#endif
