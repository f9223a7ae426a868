#include "model/draft_json.h"

/* A copy in the arena; an empty text is not absent. */
static bool copy_text(struct arena *arena, struct str text, struct str *ret_copy)
{
    *ret_copy = arena_str(arena, text);
    return ret_copy->p != NULL;
}

/* The first elements; the rest is counted. Lists in lists are right nowhere and not looked into. */
static enum err decode_list(struct arena *arena, const struct json *json, struct draft_value *value)
{
    value->kind = DRAFT_LIST;
    value->n = json->n;
    size_t kept = value->n < DRAFT_ITEMS_MAX ? value->n : DRAFT_ITEMS_MAX;
    struct draft_value *items = ARENA_ARRAY(arena, struct draft_value, kept);
    if (items == NULL)
        return ERR_MEMORY;
    const struct json *element = json->first;
    for (size_t i = 0; i < kept; i++, element = element->next) {
        enum err err = ERR_OK;
        if (element->kind == JSON_LIST)
            items[i].kind = DRAFT_OTHER;
        else
            err = draft_value_read(arena, element, &items[i]);
        if (err != ERR_OK)
            return err;
    }
    value->items = items;
    return ERR_OK;
}

enum err draft_value_read(struct arena *arena, const struct json *json, struct draft_value *value)
{
    switch (json->kind) {
    case JSON_NULL:
        value->kind = DRAFT_NULL;
        return ERR_OK;
    case JSON_TEXT:
        value->kind = DRAFT_TEXT;
        return copy_text(arena, json->text, &value->text) ? ERR_OK : ERR_MEMORY;
    case JSON_NUMBER:
        value->kind = DRAFT_NUMBER;
        value->number = json->number;
        return copy_text(arena, json->raw, &value->text) ? ERR_OK : ERR_MEMORY;
    case JSON_LIST:
        return decode_list(arena, json, value);
    case JSON_BOOL:
        value->kind = DRAFT_BOOL;
        value->truth = str_eq(json->raw, STR("true"));
        return ERR_OK;
    case JSON_OBJECT:
        break;
    }
    value->kind = DRAFT_OTHER;
    return ERR_OK;
}
