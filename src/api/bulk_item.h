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
    int status; /* of one that has no report to judge: 400, 413; else 0 */
    bool sent;  /* to the write lane, and back */
    enum err err;
};

/* Decodes one as it was sent into item->intake, whose call, op and options are set; `tree` is for
 * the time of the call. What is wrong with the item alone is noted in it, and ERR_OK. ERR_SYNTAX:
 * the list cannot be read on, and the call's op says where. ERR_MEMORY. */
enum err bulk_item_decode(struct bulk_item *item, struct arena *tree, enum json_items_form form,
                          const struct json_item *sent) MUST_CHECK;

#endif
