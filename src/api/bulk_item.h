/*
 * An item of add-tasks: {"idempotencyKey"?, "task": the report}.
 */
#ifndef BZCTRL_API_BULK_ITEM_H
#define BZCTRL_API_BULK_ITEM_H

#include "api/intake.h"
#include "json/items.h"

enum { BULK_ITEM_MAX = 1024 * 1024 + 1024 }; /* bytes: a report of add-task and its envelope */

struct bulk_item {
    struct intake intake;
    struct op op; /* what is wrong with it */
    size_t place;
    int status; /* 400 or 413 for an item without a report to judge; otherwise 0 */
    bool sent;  /* handed to the write lane */
    enum err err;
};

/* Decodes an item into item->intake, whose call, op and options are set; `tree` is scratch
 * memory. An error in the item alone is recorded in the item, and the result is ERR_OK.
 * ERR_SYNTAX: the list cannot be read any further; the call's op says where. ERR_MEMORY. */
enum err bulk_item_decode(struct bulk_item *item, struct arena *tree, enum json_items_form form,
                          const struct json_item *sent) MUST_CHECK;

#endif
