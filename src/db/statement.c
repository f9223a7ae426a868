#include "db/statement.h"

#include <stdint.h>
#include <stdlib.h>

enum { CAPACITY_FIRST = 64 };

/* The slot that `sql` has, or may take. */
static struct statement **slot_of(const struct statements *statements, const char *sql)
{
    size_t mask = statements->capacity - 1;
    size_t i = ((uintptr_t)sql * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;
    while (statements->slots[i] != NULL && statements->slots[i]->sql != sql)
        i = (i + 1) & mask;
    return &statements->slots[i];
}

struct statement *statements_find(const struct statements *statements, const char *sql)
{
    return statements->capacity == 0 ? NULL : *slot_of(statements, sql);
}

static enum err statements_grow(struct statements *statements)
{
    struct statements grown = {.n = statements->n,
                               .capacity = statements->capacity == 0 ? CAPACITY_FIRST
                                                                     : 2 * statements->capacity};
    grown.slots = calloc(grown.capacity, sizeof(struct statement *));
    if (grown.slots == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < statements->capacity; i++)
        if (statements->slots[i] != NULL)
            *slot_of(&grown, statements->slots[i]->sql) = statements->slots[i];
    free(statements->slots);
    *statements = grown;
    return ERR_OK;
}

enum err statements_add(struct statements *statements, struct statement *statement)
{
    if (4 * (statements->n + 1) > 3 * statements->capacity && statements_grow(statements) != ERR_OK)
        return ERR_MEMORY;
    *slot_of(statements, statement->sql) = statement;
    statements->n++;
    return ERR_OK;
}

void statements_finish(struct statements *statements, void (*destroy)(struct statement *statement))
{
    for (size_t i = 0; i < statements->capacity; i++)
        if (statements->slots[i] != NULL)
            destroy(statements->slots[i]);
    free(statements->slots);
    *statements = (struct statements){0};
}
