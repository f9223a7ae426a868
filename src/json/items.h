/*
 * Takes the items of a JSON list, or of NDJSON (a value in each line), off a text that comes in
 * pieces, so that nobody needs to hold all of it. Only the brackets, commas and line ends between
 * the items are looked at here: what stands in an item is for json_read_at(), which every item of a
 * list must pass before the next is trusted, since a fault in it may hide where it ends.
 */
#ifndef BZCTRL_JSON_ITEMS_H
#define BZCTRL_JSON_ITEMS_H

#include "base/buf.h"
#include "json/fault.h"

enum json_items_form { JSON_ITEMS_LIST, JSON_ITEMS_LINES };

struct json_items {
    enum json_items_form form;
    size_t item_max;
    struct json_place place; /* of the next byte */
    struct buf item;         /* the beginning of an item whose end has not come yet */
    struct json_place item_place;
    enum { ITEMS_BEGIN, ITEMS_FIRST, ITEMS_NEXT, ITEMS_INSIDE, ITEMS_BEHIND, ITEMS_END } state;
    unsigned depth; /* of brackets, inside an item */
    bool plain;     /* the item is a number or a word, which ends where something else begins */
    bool quoted, escaped;
};

struct json_item {
    struct str text; /* absent: there is none. Borrowed until the next call */
    struct json_place place;
    bool too_long; /* longer than item_max, and the text is empty */
};

void json_items_init(struct json_items *items, enum json_items_form form, size_t item_max);
void json_items_finish(struct json_items *items);

/* Takes the next item off the front of *bytes, which are those behind the bytes of the call before.
 * *ret_item is absent when all of *bytes was taken and its end has not come. ERR_SYNTAX with
 * op->detail as in json/fault.h, ERR_MEMORY; then there is no further call. */
enum err json_items_next(struct json_items *items, struct op *op, struct str *bytes,
                         struct json_item *ret_item) MUST_CHECK;

/* The text has ended: gives the last line, or tells that something is missing. */
enum err json_items_end(struct json_items *items, struct op *op,
                        struct json_item *ret_item) MUST_CHECK;

#endif
