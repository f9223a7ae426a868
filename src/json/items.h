/*
 * Takes the items of a JSON list, or of NDJSON (a value in each line), off a text that comes in
 * pieces, so that it need not be held as a whole. Only the brackets, commas and line ends between
 * the items are checked here; the content of an item is for json_read_at(), which every item of a
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
    struct str text; /* absent: no item yet. Borrowed until the next call */
    struct json_place place;
    bool too_long; /* longer than item_max, and the text is empty */
};

void json_items_init(struct json_items *items, enum json_items_form form, size_t item_max);
void json_items_finish(struct json_items *items);

/* Takes the next item off the front of *bytes, which continue the bytes of the previous call.
 * *ret_item is absent when all of *bytes was consumed and the item is not complete. ERR_SYNTAX with
 * op->detail as in json/fault.h, or ERR_MEMORY; do not call it again after an error. */
enum err json_items_next(struct json_items *items, struct op *op, struct str *bytes,
                         struct json_item *ret_item) MUST_CHECK;

/* The text has ended: returns the last line, or reports that something is missing. */
enum err json_items_end(struct json_items *items, struct op *op,
                        struct json_item *ret_item) MUST_CHECK;

#endif
