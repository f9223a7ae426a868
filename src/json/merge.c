#include "json/merge.h"

#include <stdlib.h>

/* The members of an object by their names, since both objects may have a great many. */
struct members {
    const struct json **items;
    size_t n;
};

static const struct json *first_of(const struct json *object)
{
    return object != NULL && object->kind == JSON_OBJECT ? object->first : NULL;
}

static int member_cmp(const void *a, const void *b)
{
    return str_cmp((*(const struct json *const *)a)->name, (*(const struct json *const *)b)->name);
}

static enum err members_sort(struct arena *arena, const struct json *object,
                             struct members *ret_members)
{
    struct members members = {0};
    size_t n = object != NULL && object->kind == JSON_OBJECT ? object->n : 0;
    members.items = ARENA_ARRAY(arena, const struct json *, n);
    if (members.items == NULL)
        return ERR_MEMORY;
    for (const struct json *m = first_of(object); m != NULL; m = m->next)
        members.items[members.n++] = m;
    qsort(members.items, members.n, sizeof(const struct json *), member_cmp);
    *ret_members = members;
    return ERR_OK;
}

static const struct json *members_find(const struct members *members, const struct json *named)
{
    const struct json **found = members->n == 0 ? NULL
                                                : bsearch(&named, members->items, members->n,
                                                          sizeof(const struct json *), member_cmp);
    return found == NULL ? NULL : *found;
}

static void name_write(struct buf *buf, bool *any, const struct json *member)
{
    if (*any)
        buf_char(buf, ',');
    *any = true;
    buf_add(buf, member->raw_name);
    buf_char(buf, ':');
}

/* Bounded by JSON_DEPTH_MAX. */
enum err buf_json_merge(struct buf *buf, struct arena *arena, const struct json *target,
                        const struct json *patch)
{
    if (patch->kind != JSON_OBJECT) {
        buf_json_compact(buf, patch->raw);
        return buf_err(buf);
    }
    struct members before, sent;
    bool any = false;
    enum err err = members_sort(arena, target, &before);
    if (err == ERR_OK)
        err = members_sort(arena, patch, &sent);
    if (err != ERR_OK)
        return err;

    /* What is there, in its order. */
    buf_char(buf, '{');
    for (const struct json *m = first_of(target); m != NULL && err == ERR_OK; m = m->next) {
        const struct json *change = members_find(&sent, m);
        if (change != NULL && change->kind == JSON_NULL)
            continue;
        name_write(buf, &any, m);
        if (change == NULL)
            buf_add(buf, m->raw);
        else
            err = buf_json_merge(buf, arena, m, change);
    }

    /* What is new, in the order in which it was sent. */
    for (const struct json *m = first_of(patch); m != NULL && err == ERR_OK; m = m->next) {
        if (m->kind == JSON_NULL || members_find(&before, m) != NULL)
            continue;
        name_write(buf, &any, m);
        err = buf_json_merge(buf, arena, NULL, m);
    }
    buf_char(buf, '}');
    return err == ERR_OK ? buf_err(buf) : err;
}
