/*
 * Looks up numbers in arrays that are sorted by them. (For what is found by a comparison of other kinds
 * there is bsearch().)
 */
#ifndef BZCTRL_BASE_SORTED_H
#define BZCTRL_BASE_SORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The number at `offset` in the item at `place`. */
static inline int64_t sorted_number(const void *items, size_t place, size_t size, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)items + place * size + offset);
}

/* The place of the first of `n` items of `size` bytes whose number, an int64_t at `offset` in each, is not
 * less than `number`; `n` when there is none. */
static inline size_t sorted_place(const void *items, size_t n, size_t size, size_t offset,
                                  int64_t number)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted_number(items, middle, size, offset) < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The first whose number is `number`; NULL: none has it. */
static inline const void *sorted_find(const void *items, size_t n, size_t size, size_t offset,
                                      int64_t number)
{
    size_t place = sorted_place(items, n, size, offset, number);
    bool found = place < n && sorted_number(items, place, size, offset) == number;
    return found ? (const char *)items + place * size : NULL;
}

/* The same, by the type of the items and the name of the member. */
#define SORTED_PLACE(items, n, type, member, number)                                               \
    sorted_place((items), (n), sizeof(type), offsetof(type, member), (number))
#define SORTED_FIND(items, n, type, member, number)                                                \
    sorted_find((items), (n), sizeof(type), offsetof(type, member), (number))

#endif
