#include "form/form_document.h"

#include "form/form_json.h"
#include "json/read.h"
#include "json/write.h"

#include <stdlib.h>

enum { TREE_MAX = 64 * FORM_DOCUMENT_MAX, INDENT = 2 };

static enum err document_read(struct op *op, struct arena *tree, struct str text,
                              const struct json **ret_root)
{
    if (text.n > FORM_DOCUMENT_MAX) {
        op_say(op, "A form can have at most %d bytes.", FORM_DOCUMENT_MAX);
        return ERR_SYNTAX;
    }
    enum err err = json_read(op, tree, text, ret_root);
    if (err == ERR_OK && (*ret_root)->kind != JSON_OBJECT)
        err = op_fail(op, ERR_SYNTAX, "line 1, column 1: a form must be an object, not %.*s",
                      STR_ARG(json_kind_name((*ret_root)->kind)));
    return err;
}

enum err form_document_take(struct op *op, struct str text, struct str *ret_document,
                            struct str *ret_name)
{
    struct arena tree;
    const struct json *root;
    struct buf compact;
    arena_init(&tree, TREE_MAX);
    buf_init(&compact, text.n + 1);
    enum err err = document_read(op, &tree, text, &root);
    if (err == ERR_OK) {
        struct str name = json_text(json_member(root, STR("name")));
        buf_json_compact(&compact, root->raw);
        struct str document = arena_str(op->arena, buf_str(&compact));
        struct str copy = arena_str(op->arena, name);
        if (buf_err(&compact) != ERR_OK || document.p == NULL || (name.p != NULL && copy.p == NULL))
            err = ERR_MEMORY;
        if (err == ERR_OK) {
            *ret_document = document;
            *ret_name = copy;
        }
    }
    buf_finish(&compact);
    arena_finish(&tree);
    return err;
}

enum err form_document_drop_default(struct op *op, struct str document, struct str *ret_document)
{
    struct arena tree;
    const struct json *root;
    struct buf rest;
    struct json_writer json;
    arena_init(&tree, TREE_MAX);
    buf_init(&rest, FORM_DOCUMENT_MAX);
    json_writer_init(&json, &rest);
    enum err err = document_read(op, &tree, document, &root);
    if (err == ERR_OK) {
        json_begin_object(&json, NULL);
        for (const struct json *member = root->first; member != NULL; member = member->next)
            if (!str_eq(member->name, STR("default"))) {
                json_put_name(&json, member->name);
                json_put_raw(&json, NULL, member->raw);
            }
        json_end(&json);
        err = buf_err(&rest);
    }
    if (err == ERR_OK)
        err = arena_copy(op->arena, buf_str(&rest), ret_document);
    buf_finish(&rest);
    arena_finish(&tree);
    return err;
}

/* ---- for review ---- */

/* Members in the order in which they are best read; any other after them, by its bytes. */
static const struct str order[] = {
    STR_INIT("name"),
    STR_INIT("value"),
    STR_INIT("type"),
    STR_INIT("todoType"),
    STR_INIT("for"),
    STR_INIT("title"),
    STR_INIT("label"),
    STR_INIT("help"),
    STR_INIT("required"),
    STR_INIT("locked"),
    STR_INIT("hidden"),
    STR_INIT("default"),
    STR_INIT("disabled"),
    STR_INIT("example"),
    STR_INIT("unknownMembers"),
    STR_INIT("otherType"),
    STR_INIT("unknownReporter"),
    STR_INIT("invite"),
    STR_INIT("accounts"),
    STR_INIT("dedup"),
    STR_INIT("by"),
    STR_INIT("then"),
    STR_INIT("acrossSources"),
    STR_INIT("needToClose"),
    STR_INIT("confirmClose"),
    STR_INIT("options"),
    STR_INIT("pattern"),
    STR_INIT("maxLength"),
    STR_INIT("check"),
    STR_INIT("tag"),
    STR_INIT("fields"),
};

enum { ORDERED = sizeof order / sizeof order[0] };

static size_t rank(struct str name)
{
    size_t i = 0;
    while (i < ORDERED && !str_eq(order[i], name))
        i++;
    return i;
}

static int member_cmp(const void *a, const void *b)
{
    struct str left = (*(const struct json *const *)a)->name;
    struct str right = (*(const struct json *const *)b)->name;
    size_t left_rank = rank(left), right_rank = rank(right);
    return left_rank != right_rank ? (left_rank > right_rank) - (left_rank < right_rank)
                                   : str_cmp(left, right);
}

struct pretty {
    struct arena *arena;
    struct buf *buf;
    struct str name; /* of the form, until its place is found or it was written */
    enum err err;
};

static void line(struct pretty *p, size_t depth)
{
    buf_char(p->buf, '\n');
    for (size_t i = 0; i < depth * INDENT; i++)
        buf_char(p->buf, ' ');
}

static void value_write(struct pretty *p, const struct json *json, size_t depth);

static void object_write(struct pretty *p, const struct json *json, size_t depth)
{
    const struct json **members = ARENA_ARRAY(p->arena, const struct json *, json->n);
    size_t n = 0;
    if (members == NULL) {
        p->err = ERR_MEMORY;
        return;
    }
    for (const struct json *m = json->first; m != NULL; m = m->next)
        members[n++] = m;
    qsort(members, n, sizeof(const struct json *), member_cmp);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 || p->name.p != NULL)
            buf_char(p->buf, ',');
        p->name = STR_NONE;
        line(p, depth + 1);
        buf_json_string(p->buf, members[i]->name);
        BUF_LIT(p->buf, ": ");
        value_write(p, members[i], depth + 1);
    }
}

static void items_write(struct pretty *p, const struct json *json, size_t depth)
{
    for (const struct json *item = json->first; item != NULL; item = item->next) {
        line(p, depth + 1);
        value_write(p, item, depth + 1);
        if (item->next != NULL)
            buf_char(p->buf, ',');
    }
}

/* Bounded by JSON_DEPTH_MAX. */
static void value_write(struct pretty *p, const struct json *json, size_t depth)
{
    if (json->kind == JSON_TEXT) {
        buf_json_string(p->buf, json->text);
        return;
    }
    bool object = json->kind == JSON_OBJECT;
    if (!object && json->kind != JSON_LIST) {
        buf_add(p->buf, json->raw);
        return;
    }
    buf_char(p->buf, object ? '{' : '[');
    bool named = p->name.p != NULL;
    if (named) {
        line(p, depth + 1);
        BUF_LIT(p->buf, "\"name\": ");
        buf_json_string(p->buf, p->name);
    }
    if (object)
        object_write(p, json, depth);
    else
        items_write(p, json, depth);
    if (json->n > 0 || named)
        line(p, depth);
    buf_char(p->buf, object ? '}' : ']');
}

enum err form_document_write(struct op *op, struct str document, struct str name, struct buf *buf)
{
    struct arena tree;
    const struct json *root;
    arena_init(&tree, TREE_MAX);
    enum err err = document_read(op, &tree, document, &root);
    if (err == ERR_OK) {
        bool named = json_member(root, STR("name")) != NULL;
        struct pretty p = {.arena = &tree, .buf = buf, .name = named ? STR_NONE : name};
        value_write(&p, root, 0);
        buf_char(buf, '\n');
        err = p.err != ERR_OK ? p.err : buf_err(buf);
    }
    arena_finish(&tree);
    return err;
}
