#include "store/list.h"

#include "json/read.h"
#include "json/write.h"

enum { LIST_BYTES_MAX = 16 * 1024 * 1024 };

enum err list_write(struct op *op, struct str_list list, struct str *ret_text)
{
    if (list.n == 0) {
        *ret_text = STR("[]");
        return ERR_OK;
    }
    struct buf buf;
    buf_init(&buf, LIST_BYTES_MAX);
    buf_json_strings(&buf, list);
    return buf_move(&buf, op->arena, ret_text);
}

/* The elements of what should be a list of texts. */
static enum err texts_take(struct op *op, const struct json *list, struct str_list *ret_list)
{
    if (list->kind != JSON_LIST)
        return op_fail(op, ERR_CORRUPT, "a stored list is not a JSON list");
    struct str *items = ARENA_ARRAY(op->arena, struct str, list->n);
    if (items == NULL)
        return ERR_MEMORY;
    size_t n = 0;
    for (const struct json *item = list->first; item != NULL; item = item->next) {
        if (item->kind != JSON_TEXT)
            return op_fail(op, ERR_CORRUPT, "a stored list contains something other than texts");
        items[n++] = item->text;
    }
    *ret_list = (struct str_list){items, n};
    return ERR_OK;
}

enum err list_read(struct op *op, struct str text, struct str_list *ret_list)
{
    if (str_eq(text, STR("[]"))) {
        *ret_list = (struct str_list){0};
        return ERR_OK;
    }
    const struct json *list;
    enum err err = json_read(op, op->arena, text, &list);
    if (err != ERR_OK)
        return err == ERR_SYNTAX ? ERR_CORRUPT : err;
    return texts_take(op, list, ret_list);
}
