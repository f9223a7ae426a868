#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

/* The slot of the mark, or a free slot for it. */
static size_t slot_of(const struct table *table, const struct sha256 *mark)
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | mark->bytes[i];
    size_t slot = (size_t)(number % table->slot_count);
    while (table->slots[slot] != 0 &&
           memcmp(&table->rows[table->slots[slot] - 1].mark, mark, sizeof *mark) != 0)
        slot = (slot + 1) % table->slot_count;
    return slot;
}

struct row *table_find(const struct table *table, const struct sha256 *mark)
{
    if (table->slot_count == 0)
        return NULL;
    uint32_t index = table->slots[slot_of(table, mark)];
    return index == 0 ? NULL : &table->rows[index - 1];
}

/* Doubles the room, with twice as many slots as rows, so that there is always an empty slot. */
static int grow(struct table *table)
{
    static const struct sha256 none;
    size_t room = table->room * 2 + 1024;
    struct row *rows = realloc(table->rows, room * sizeof *rows);
    if (rows == NULL)
        return -1;
    table->rows = rows;
    uint32_t *slots = calloc(room * 2, sizeof *slots);
    if (slots == NULL)
        return -1;
    free(table->slots);
    table->slots = slots;
    table->slot_count = room * 2;
    table->room = room;
    for (size_t i = 0; i < table->n; i++)
        if (memcmp(&rows[i].mark, &none, sizeof none) != 0)
            slots[slot_of(table, &rows[i].mark)] = (uint32_t)i + 1;
    return 0;
}

struct row *table_add(struct table *table, const struct sha256 *mark, long line)
{
    if (table->n == table->room && grow(table) != 0)
        return NULL;
    struct row *row = &table->rows[table->n++];
    *row = (struct row){.line = line};
    if (mark != NULL) {
        row->mark = *mark;
        table->slots[slot_of(table, mark)] = (uint32_t)table->n;
    }
    return row;
}

void table_finish(struct table *table)
{
    free(table->slots);
    free(table->rows);
}
