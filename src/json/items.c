#include "json/items.h"

#include "json/read.h"

enum { TREE_PER_BYTE = 64, TREE_LEAST = 64 * 1024 };

void json_items_init(struct json_items *items, enum json_items_form form, size_t item_max)
{
    *items = (struct json_items){.form = form, .item_max = item_max};
    buf_init(&items->item, item_max);
}

void json_items_finish(struct json_items *items)
{
    buf_finish(&items->item);
}

/* Takes `n` bytes off the front. */
static struct str take(struct json_items *items, struct str *bytes, size_t n)
{
    struct str taken = str_sub(*bytes, 0, n);
    items->place = json_place_behind(items->place, taken);
    *bytes = str_from(*bytes, n);
    return taken;
}

static enum err fault(const struct json_items *items, struct op *op, struct str bytes,
                      const char *expected)
{
    return json_fault_expected(op, bytes, items->place, 0, expected);
}

/* An item is complete: `last` is what of it has come in this piece. Most lie in one whole, and are
 * not copied. */
static enum err give(struct json_items *items, struct str last, struct json_item *ret_item)
{
    struct json_item item = {.text = last, .place = items->item_place};
    if (items->item.n > 0 || items->item.err != ERR_OK) {
        buf_add(&items->item, last);
        item.text = buf_str(&items->item);
    }
    if (buf_err(&items->item) == ERR_MEMORY)
        return ERR_MEMORY;
    if (items->item.err == ERR_TOO_LONG || item.text.n > items->item_max) {
        item.too_long = true;
        item.text = STR("");
    }
    *ret_item = item;
    return ERR_OK;
}

static enum err keep(struct json_items *items, struct str part)
{
    buf_add(&items->item, part);
    return items->item.err == ERR_MEMORY ? ERR_MEMORY : ERR_OK;
}

/* How many of the bytes belong to the item; *ret_ended says whether it ends there. */
static size_t item_scan(struct json_items *items, struct str bytes, bool *ret_ended)
{
    for (size_t i = 0; i < bytes.n; i++) {
        char c = bytes.p[i];
        if (items->quoted) {
            if (items->escaped)
                items->escaped = false;
            else if (c == '\\')
                items->escaped = true;
            else if (c == '"')
                items->quoted = false;
            if (items->quoted || items->depth > 0)
                continue;
            *ret_ended = true;
            return i + 1;
        }
        bool opens = c == '[' || c == '{', closes = c == ']' || c == '}';
        if (items->plain && (opens || closes || c == ',' || c == '"' || ascii_blank(c))) {
            *ret_ended = true;
            return i;
        }
        items->quoted = c == '"';
        items->depth += opens;
        items->depth -= closes && items->depth > 0;
        if (closes && items->depth == 0) {
            *ret_ended = true;
            return i + 1;
        }
    }
    *ret_ended = false;
    return bytes.n;
}

/* ---- a list ---- */

/* Reads one byte, or one item, off the front of *bytes. */
static enum err list_step(struct json_items *items, struct op *op, struct str *bytes,
                          struct json_item *ret_item)
{
    char c = bytes->p[0];
    bool ended;
    switch (items->state) {
    case ITEMS_BEGIN:
        if (c != '[')
            return fault(items, op, *bytes, "'[', since the body is a list");
        items->state = ITEMS_FIRST;
        break;
    case ITEMS_FIRST:
    case ITEMS_NEXT:
        if (c == ']' && items->state == ITEMS_FIRST) {
            items->state = ITEMS_END;
            break;
        }
        if (c == ']' || c == '}' || c == ',')
            return fault(items, op, *bytes,
                         items->state == ITEMS_FIRST ? "an item, or ']'" : "an item");
        buf_clear(&items->item);
        items->item_place = items->place;
        items->plain = c != '[' && c != '{' && c != '"';
        items->depth = 0;
        items->state = ITEMS_INSIDE;
        return ERR_OK;
    case ITEMS_INSIDE: {
        struct str part = take(items, bytes, item_scan(items, *bytes, &ended));
        if (!ended)
            return keep(items, part);
        items->state = ITEMS_BEHIND;
        return give(items, part, ret_item);
    }
    case ITEMS_BEHIND:
        if (c != ',' && c != ']')
            return fault(items, op, *bytes, "a comma or ']' after the item");
        items->state = c == ',' ? ITEMS_NEXT : ITEMS_END;
        break;
    case ITEMS_END:
        return fault(items, op, *bytes, "nothing more after the list");
    }
    (void)take(items, bytes, 1);
    return ERR_OK;
}

static enum err list_next(struct json_items *items, struct op *op, struct str *bytes,
                          struct json_item *ret_item)
{
    enum err err = ERR_OK;
    while (err == ERR_OK && bytes->n > 0 && ret_item->text.p == NULL) {
        size_t blanks = 0;
        while (items->state != ITEMS_INSIDE && blanks < bytes->n && ascii_blank(bytes->p[blanks]))
            blanks++;
        if (blanks > 0)
            (void)take(items, bytes, blanks);
        else
            err = list_step(items, op, bytes, ret_item);
    }
    return err;
}

/* Why an item that is cut off by the end of the text is malformed. */
static enum err item_cut(const struct json_items *items, struct op *op)
{
    struct arena arena;
    const struct json *json;
    arena_init(&arena, TREE_PER_BYTE * items->item_max + TREE_LEAST);
    enum err err = items->item.err != ERR_OK
                       ? ERR_OK
                       : json_read_at(op, &arena, buf_str(&items->item), items->item_place, &json);
    arena_finish(&arena);
    return err;
}

static enum err list_end(const struct json_items *items, struct op *op)
{
    static const char *const expected[] = {
        [ITEMS_BEGIN] = "'[', since the body is a list",
        [ITEMS_FIRST] = "an item, or ']'",
        [ITEMS_NEXT] = "an item",
        [ITEMS_INSIDE] = "a comma or ']' after the item",
        [ITEMS_BEHIND] = "a comma or ']' after the item",
    };
    if (items->state == ITEMS_END)
        return ERR_OK;
    enum err err = items->state == ITEMS_INSIDE ? item_cut(items, op) : ERR_OK;
    return err == ERR_OK ? fault(items, op, STR(""), expected[items->state]) : err;
}

/* ---- lines ---- */

/* A line without the blanks around it, unless it has nothing else. */
static enum err line_give(struct json_items *items, struct str last, struct json_item *ret_item)
{
    struct json_item item;
    enum err err = give(items, last, &item);
    buf_clear(&items->item);
    if (err != ERR_OK)
        return err;
    size_t before = 0;
    while (before < item.text.n && ascii_blank(item.text.p[before]))
        before++;
    item.place.columns += before;
    item.text = str_trim(item.text);
    if (item.text.n > 0 || item.too_long)
        *ret_item = item;
    return ERR_OK;
}

static enum err lines_next(struct json_items *items, struct str *bytes, struct json_item *ret_item)
{
    enum err err = ERR_OK;
    while (err == ERR_OK && bytes->n > 0 && ret_item->text.p == NULL) {
        size_t end = str_find(*bytes, '\n');
        bool ended = end < bytes->n;
        if (items->state != ITEMS_INSIDE)
            items->item_place = items->place;
        struct str part = str_sub(take(items, bytes, end + ended), 0, end);
        items->state = ended ? ITEMS_BEHIND : ITEMS_INSIDE;
        err = ended ? line_give(items, part, ret_item) : keep(items, part);
    }
    return err;
}

/* ---- both ---- */

enum err json_items_next(struct json_items *items, struct op *op, struct str *bytes,
                         struct json_item *ret_item)
{
    ret_item->text = STR_NONE;
    return items->form == JSON_ITEMS_LIST ? list_next(items, op, bytes, ret_item)
                                          : lines_next(items, bytes, ret_item);
}

enum err json_items_end(struct json_items *items, struct op *op, struct json_item *ret_item)
{
    ret_item->text = STR_NONE;
    if (items->form == JSON_ITEMS_LIST)
        return list_end(items, op);
    return items->state == ITEMS_INSIDE ? line_give(items, STR(""), ret_item) : ERR_OK;
}
