#include "core/task_table.h"

#include "base/log.h"
#include "base/sorted.h"
#include "core/task_set.h"
#include "model/figure.h"
#include "model/task_filter.h"
#include "store/figure.h"
#include "store/task_index.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHUNKS_AT_ONCE = 256,
    CHUNKS_BYTES_MAX = 16 * 1024 * 1024,
    ROWS_KEPT = BLOCK_ROWS / 2, /* of a full block that is divided */
    SETS_SHARE = 8,             /* of the table's bytes, this part is for sets */
};

/* Lists of numbers, each once; the code of a list is its place. */
struct code_list {
    uint64_t *items;
    size_t used, room;
    struct code_span {
        size_t begun, n;
    } *spans;
    size_t n, span_room;
    uint32_t *slots; /* 0: empty; or a code, plus 1 */
    size_t slot_count;
};

struct task_table {
    pthread_mutex_t lock;
    pthread_cond_t left;
    unsigned inside, waiting; /* who reads it, and who waits to change it */
    bool changing;

    struct index_age age;
    bool full; /* of that index there are too many records */
    struct task_block **blocks;
    size_t n, room;
    size_t bytes_max;
    uint64_t stamps; /* that were given */
    struct task_sets *sets;
    struct code_list workspaces, accounts, categories;
};

struct task_table *task_table_create(size_t bytes_max)
{
    struct task_table *table = calloc(1, sizeof *table);
    struct task_sets *sets = task_sets_create(bytes_max / SETS_SHARE);
    if (table == NULL || sets == NULL) {
        task_sets_destroy(sets);
        free(table);
        return NULL;
    }
    pthread_mutex_init(&table->lock, NULL);
    pthread_cond_init(&table->left, NULL);
    table->bytes_max = bytes_max - bytes_max / SETS_SHARE;
    table->sets = sets;
    return table;
}

static void list_clear(struct code_list *list)
{
    free(list->items);
    free(list->spans);
    free(list->slots);
    *list = (struct code_list){0};
}

static void table_clear(struct task_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        free(table->blocks[i]);
    free(table->blocks);
    table->blocks = NULL;
    table->n = table->room = 0;
    list_clear(&table->workspaces);
    list_clear(&table->accounts);
    list_clear(&table->categories);
    table->age = (struct index_age){0};
    table->full = false;
}

void task_table_destroy(struct task_table *table)
{
    if (table == NULL)
        return;
    table_clear(table);
    task_sets_destroy(table->sets);
    pthread_cond_destroy(&table->left);
    pthread_mutex_destroy(&table->lock);
    free(table);
}

/* ---- who may read it ---- */

/* Those who wait to change it go first: there is always somebody who wants to read. */
void task_table_enter(struct task_table *table)
{
    pthread_mutex_lock(&table->lock);
    while (table->changing || table->waiting > 0)
        pthread_cond_wait(&table->left, &table->lock);
    table->inside++;
    pthread_mutex_unlock(&table->lock);
}

void task_table_leave(struct task_table *table)
{
    pthread_mutex_lock(&table->lock);
    table->inside--;
    pthread_cond_broadcast(&table->left);
    pthread_mutex_unlock(&table->lock);
}

/* From a reader to the only one, and back. In between others may have changed it. */
static void change_begin(struct task_table *table)
{
    pthread_mutex_lock(&table->lock);
    table->inside--;
    table->waiting++;
    pthread_cond_broadcast(&table->left);
    while (table->changing || table->inside > 0)
        pthread_cond_wait(&table->left, &table->lock);
    table->waiting--;
    table->changing = true;
    pthread_mutex_unlock(&table->lock);
}

static void change_end(struct task_table *table)
{
    pthread_mutex_lock(&table->lock);
    table->changing = false;
    table->inside++;
    pthread_cond_broadcast(&table->left);
    pthread_mutex_unlock(&table->lock);
}

/* ---- codes ---- */

/* Grows an array to twice its size; false when out of memory. */
static bool room_make(void **items, size_t *room, size_t wanted, size_t size)
{
    size_t more = *room == 0 ? 64 : *room;
    if (wanted <= *room)
        return true;
    while (more < wanted)
        more *= 2;
    void *grown = reallocarray(*items, more, size);
    if (grown == NULL)
        return false;
    *items = grown;
    *room = more;
    return true;
}

static size_t slot_of(const struct code_list *list, const uint64_t *items, size_t n)
{
    uint64_t hash = n;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ items[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    size_t slot = (size_t)hash % list->slot_count;
    for (; list->slots[slot] != 0; slot = (slot + 1) % list->slot_count) {
        const struct code_span *span = &list->spans[list->slots[slot] - 1];
        bool same = span->n == n;
        for (size_t i = 0; i < n && same; i++)
            same = list->items[span->begun + i] == items[i];
        if (same)
            break;
    }
    return slot;
}

/* So that at least half of the slots are empty. */
static bool slots_grow(struct code_list *list)
{
    if (2 * (list->n + 1) <= list->slot_count)
        return true;
    size_t count = list->slot_count == 0 ? 64 : 2 * list->slot_count;
    uint32_t *slots = calloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    free(list->slots);
    list->slots = slots;
    list->slot_count = count;
    for (size_t i = 0; i < list->n; i++) {
        const struct code_span *span = &list->spans[i];
        slots[slot_of(list, list->items + span->begun, span->n)] = (uint32_t)i + 1;
    }
    return true;
}

/* The code of a list, a new one if need be; false when out of memory. */
static bool code_of(struct code_list *list, const uint64_t *items, size_t n, uint32_t *ret_code)
{
    if (!slots_grow(list))
        return false;
    size_t slot = slot_of(list, items, n);
    if (list->slots[slot] == 0) {
        if (list->n == UINT32_MAX - 1 ||
            !room_make((void **)&list->items, &list->room, list->used + n + 1, sizeof *items) ||
            !room_make((void **)&list->spans, &list->span_room, list->n + 1, sizeof *list->spans))
            return false;
        list->spans[list->n] = (struct code_span){list->used, n};
        for (size_t i = 0; i < n; i++)
            list->items[list->used++] = items[i];
        list->slots[slot] = (uint32_t)++list->n;
    }
    *ret_code = list->slots[slot] - 1;
    return true;
}

static size_t list_bytes(const struct code_list *list)
{
    return list->room * sizeof *list->items + list->span_room * sizeof *list->spans +
           list->slot_count * sizeof *list->slots;
}

static const struct code_list *list_of(const struct task_table *table, enum block_code column)
{
    return column == CODE_WORKSPACE    ? &table->workspaces
           : column == CODE_CATEGORIES ? &table->categories
                                       : &table->accounts;
}

size_t task_table_codes(const struct task_table *table, enum block_code column)
{
    return list_of(table, column)->n;
}

const uint64_t *task_table_meaning(const struct task_table *table, enum block_code column,
                                   size_t code, size_t *ret_n)
{
    const struct code_list *list = list_of(table, column);
    *ret_n = list->spans[code].n;
    return list->items + list->spans[code].begun;
}

struct task_sets *task_table_sets(const struct task_table *table)
{
    return table->sets;
}

/* ---- blocks ---- */

const struct task_block *const *task_table_blocks(const struct task_table *table, size_t *ret_n)
{
    *ret_n = table->n;
    return (const struct task_block *const *)table->blocks;
}

/* The last block that does not begin after the id, or the first. */
static size_t block_for(const struct task_table *table, int64_t id)
{
    size_t low = 0, high = table->n;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        if (table->blocks[middle]->ids[0] <= id)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The first row that does not come before the id. */
static size_t row_for(const struct task_block *block, int64_t id)
{
    if (block->n > 0 && block->ids[block->n - 1] < id)
        return block->n;
    return sorted_place(block->ids, block->n, sizeof *block->ids, 0, id);
}

bool task_table_find(const struct task_table *table, int64_t id, size_t *ret_block, size_t *ret_row)
{
    if (table->n == 0)
        return false;
    *ret_block = block_for(table, id);
    *ret_row = row_for(table->blocks[*ret_block], id);
    return *ret_row < table->blocks[*ret_block]->n &&
           table->blocks[*ret_block]->ids[*ret_row] == id;
}

static void bounds_widen(struct block_bounds *bounds, int64_t number)
{
    if (number == NUMBER_NONE)
        bounds->none = true;
    else if (bounds->least > bounds->greatest)
        bounds->least = bounds->greatest = number;
    else if (number < bounds->least)
        bounds->least = number;
    else if (number > bounds->greatest)
        bounds->greatest = number;
}

static void bounds_make(struct task_block *block)
{
    for (size_t column = 0; column < BLOCK_NUMBERS; column++) {
        block->bounds[column] = (struct block_bounds){.least = 0, .greatest = -1};
        for (size_t row = 0; row < block->n; row++)
            bounds_widen(&block->bounds[column], block->numbers[column][row]);
    }
}

/* Moves the rows from `row` on to `to`, of the same block or of another one. */
static void rows_move(struct task_block *block, size_t row, struct task_block *target, size_t to)
{
    size_t n = block->n - row;
    memmove(target->ids + to, block->ids + row, n * sizeof *block->ids);
    for (size_t i = 0; i < BLOCK_NUMBERS; i++)
        memmove(target->numbers[i] + to, block->numbers[i] + row, n * sizeof *block->numbers[i]);
    for (size_t i = 0; i < BLOCK_CODES; i++)
        memmove(target->codes[i] + to, block->codes[i] + row, n * sizeof *block->codes[i]);
    for (size_t i = 0; i < BLOCK_SMALLS; i++)
        memmove(target->smalls[i] + to, block->smalls[i] + row, n);
}

static size_t table_bytes(const struct task_table *table)
{
    return table->n * sizeof *table->blocks[0] + list_bytes(&table->workspaces) +
           list_bytes(&table->accounts) + list_bytes(&table->categories);
}

/* Puts an empty block at a place. */
static enum err block_add(struct task_table *table, size_t place, struct task_block **ret_block)
{
    if (table_bytes(table) + sizeof(struct task_block) > table->bytes_max)
        return ERR_TOO_LONG;
    if (!room_make((void **)&table->blocks, &table->room, table->n + 1, sizeof(void *)))
        return ERR_MEMORY;
    struct task_block *block = calloc(1, sizeof *block);
    if (block == NULL)
        return ERR_MEMORY;
    memmove(table->blocks + place + 1, table->blocks + place, (table->n - place) * sizeof(void *));
    table->blocks[place] = block;
    block->slot = table->n++;
    bounds_make(block);
    *ret_block = block;
    return ERR_OK;
}

/* Makes room for a row, where it belongs. At the end, where new records come, blocks stay full. */
static enum err row_add(struct task_table *table, size_t place, size_t row,
                        struct task_block **ret_block, size_t *ret_row)
{
    struct task_block *block = table->n == 0 ? NULL : table->blocks[place], *next = NULL;
    bool at_end = block == NULL || (place + 1 == table->n && row == BLOCK_ROWS);
    if (at_end || block->n == BLOCK_ROWS) {
        enum err err = block_add(table, block == NULL ? 0 : place + 1, &next);
        if (err != ERR_OK)
            return err;
    }
    if (at_end) {
        block = next;
        row = 0;
    } else if (next != NULL) {
        rows_move(block, ROWS_KEPT, next, 0);
        next->n = block->n - ROWS_KEPT;
        next->stamp = ++table->stamps;
        block->n = ROWS_KEPT;
        block->stamp = ++table->stamps;
        bounds_make(block);
        bounds_make(next);
        if (row > ROWS_KEPT) {
            block = next;
            row -= ROWS_KEPT;
        }
    }
    rows_move(block, row, block, row + 1);
    block->n++;
    *ret_block = block;
    *ret_row = row;
    return ERR_OK;
}

static enum err figure_put(struct task_table *table, const struct figure *figure)
{
    static const enum filter_field fields[BLOCK_NUMBERS] = {
        [NUMBER_CREATED] = FILTER_CREATED, [NUMBER_UPDATED] = FILTER_UPDATED,
        [NUMBER_CLOSED] = FILTER_CLOSED,   [NUMBER_DUE] = FILTER_DUE,
        [NUMBER_AMOUNT] = FILTER_AMOUNT,   [NUMBER_MOVED] = FILTER_MOVED,
    };
    const uint64_t workspace = (uint64_t)figure->workspace_id;
    const uint64_t accounts[] = {(uint64_t)figure->assignee_id, (uint64_t)figure->reporter_id,
                                 (uint64_t)figure->source_id};
    uint32_t codes[BLOCK_CODES];
    struct task_block *block = NULL;
    size_t place = 0, row = 0;
    bool coded = code_of(&table->workspaces, &workspace, 1, &codes[CODE_WORKSPACE]) &&
                 code_of(&table->categories, figure->categories, figure->category_count,
                         &codes[CODE_CATEGORIES]);
    for (size_t i = 0; i < 3 && coded; i++)
        coded = code_of(&table->accounts, &accounts[i], 1, &codes[CODE_ASSIGNEE + i]);
    if (!coded)
        return ERR_MEMORY;
    if (table_bytes(table) > table->bytes_max)
        return ERR_TOO_LONG;
    if (task_table_find(table, figure->id, &place, &row)) {
        block = table->blocks[place];
    } else {
        enum err err = row_add(table, place, row, &block, &row);
        if (err != ERR_OK)
            return err;
    }
    struct task task = {0};
    figure_fill(figure, &task);
    block->stamp = ++table->stamps;
    block->ids[row] = figure->id;
    for (size_t i = 0; i < BLOCK_NUMBERS; i++) {
        int64_t number;
        if (!filter_number(&task, fields[i], &number))
            number = NUMBER_NONE;
        block->numbers[i][row] = number;
        bounds_widen(&block->bounds[i], number);
    }
    for (size_t i = 0; i < BLOCK_CODES; i++)
        block->codes[i][row] = codes[i];
    block->smalls[SMALL_TYPE][row] = (unsigned char)figure->type;
    block->smalls[SMALL_STATUS][row] = (unsigned char)figure->status;
    block->smalls[SMALL_PRIORITY][row] = (unsigned char)figure->priority;
    block->smalls[SMALL_IMPACT][row] = (unsigned char)figure->impact;
    block->smalls[SMALL_LIKELIHOOD][row] = (unsigned char)figure->likelihood;
    return ERR_OK;
}

/* ---- following the index ---- */

static enum err chunk_put(struct task_table *table, struct op *op, struct str chunk)
{
    struct figure figure = {0};
    enum err err = ERR_OK;
    while (err == ERR_OK && figure_next(&chunk, &figure))
        err = figure_put(table, &figure);
    return err == ERR_OK && (chunk.n > 0 || chunk.p == NULL)
               ? op_fail(op, ERR_CORRUPT, "a chunk of figures cannot be read")
               : err;
}

/* All chunks, or those that have changed since the table was read. */
static enum err chunks_put(struct task_table *table, struct db *reader, struct op *op, bool all)
{
    struct arena arena;
    struct op reading = {.arena = &arena, .now = op->now};
    struct db_rows rows = {.n = CHUNKS_AT_ONCE};
    int64_t changed = table->age.change, first = all ? -1 : INT64_MAX;
    enum err err = ERR_OK;
    arena_init(&arena, CHUNKS_BYTES_MAX);
    while (err == ERR_OK && rows.n == CHUNKS_AT_ONCE) {
        arena_reset(&arena);
        err = all ? store_figures_after(reader, &reading, first, CHUNKS_AT_ONCE, &rows)
                  : store_figures_changed(reader, &reading, changed, first, CHUNKS_AT_ONCE, &rows);
        for (size_t i = 0; err == ERR_OK && i < rows.n; i++) {
            first = db_get_i64(&rows, i, 0);
            changed = all ? changed : db_get_i64(&rows, i, 2);
            err = chunk_put(table, &reading, db_get_str(&rows, i, 1));
        }
    }
    if (err != ERR_OK && reading.detail[0] != '\0')
        err = op_fail(op, err, "%s", reading.detail);
    arena_finish(&arena);
    return err;
}

static enum err table_change(struct task_table *table, struct db *reader, struct op *op,
                             const struct index_age *age)
{
    bool same = table->age.epoch == age->epoch;
    if (same && (table->full || table->age.change == age->change))
        return ERR_OK;
    if (same && table->age.change > age->change)
        return ERR_BUSY;
    if (!same)
        table_clear(table);
    enum err err = chunks_put(table, reader, op, !same);
    if (err == ERR_TOO_LONG) {
        LOG(LOG_WARN,
            "there are too many records to keep their figures in memory; lists take longer",
            LOG_NUM("bytes", (int64_t)table->bytes_max));
        table_clear(table);
        table->full = true;
        err = ERR_OK;
    }
    if (err == ERR_OK)
        table->age = *age;
    else
        table_clear(table);
    return err;
}

enum err task_table_follow(struct task_table *table, struct db *reader, struct op *op)
{
    struct index_state state;
    enum err err = store_index_state(reader, op, &state);
    if (err != ERR_OK)
        return err;
    bool same = table->age.epoch == state.age.epoch;
    if (!same || (!table->full && table->age.change != state.age.change)) {
        change_begin(table);
        err = table_change(table, reader, op, &state.age);
        change_end(table);
    }
    return err == ERR_OK && table->full ? ERR_UNAVAILABLE : err;
}
