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
    enum err err = buf_err(&buf);
    struct str text = STR_NONE;
    if (err == ERR_OK) {
        text = arena_str(op->arena, buf_str(&buf));
        err = text.p == NULL ? ERR_MEMORY : ERR_OK;
    }
    buf_finish(&buf);
    if (err == ERR_OK)
        *ret_text = text;
    return err;
}

/* Reads what list_write() makes of texts without anything to escape, which is nearly all: the items
 * are borrowed from `text`. False when it is something else. */
static bool plain_read(struct op *op, struct str text, struct str_list *ret_list)
{
    if (text.n < 4 || text.p[0] != '[' || text.p[text.n - 1] != ']' ||
        str_find(text, '\\') != text.n)
        return false;
    size_t n = 1;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ',';
    struct str *items = ARENA_ARRAY(op->arena, struct str, n); /* more, if items have commas */
    if (items == NULL)
        return false;
    struct str rest = str_sub(text, 1, text.n - 2);
    for (n = 0; rest.n > 0; n++) {
        if (rest.p[0] != '"')
            return false;
        rest = str_from(rest, 1);
        items[n] = str_sub(rest, 0, str_find(rest, '"'));
        if (items[n].n == rest.n)
            return false;
        rest = str_from(rest, items[n].n + 1);
        if (rest.n == 1 || (rest.n > 1 && rest.p[0] != ','))
            return false;
        rest = str_from(rest, 1);
    }
    *ret_list = (struct str_list){items, n};
    return true;
}

/* The elements of what should be a list of texts, copied into the arena. */
static enum err texts_copy(struct op *op, struct json_value list, struct str_list *ret_list)
{
    if (json_kind(list) != JSON_IS_LIST)
        return op_fail(op, ERR_CORRUPT, "a stored list is none");
    size_t n = json_length(list);
    struct str *items = ARENA_ARRAY(op->arena, struct str, n);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < n; i++) {
        struct json_value item = json_element(list, i);
        if (json_kind(item) != JSON_IS_TEXT)
            return op_fail(op, ERR_CORRUPT, "a stored list holds something else than texts");
        items[i] = arena_str(op->arena, json_text(item));
        if (items[i].p == NULL)
            return ERR_MEMORY;
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
    if (plain_read(op, text, ret_list))
        return ERR_OK;
    struct json *json;
    enum err err = json_read(op, text, &json);
    if (err != ERR_OK)
        return err == ERR_SYNTAX ? ERR_CORRUPT : err;
    err = texts_copy(op, json_root(json), ret_list);
    json_destroy(json);
    return err;
}
