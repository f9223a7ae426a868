#include "json/read.h"

#include "json/explain.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

struct json {
    json_t *root;
    struct str text;
};

/* ---- places in the text ---- */

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The index behind the string whose opening quote is at `at`, or the end. */
static size_t string_end(struct str text, size_t at)
{
    for (at++; at < text.n; at++) {
        if (text.p[at] == '\\')
            at++;
        else if (text.p[at] == '"')
            return at + 1;
    }
    return text.n;
}

/* Bounds the levels and the number of lists and objects before anything is allocated for them. */
static enum err check_bounds(struct op *op, struct str text)
{
    size_t depth = 0, containers = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"') {
            i = string_end(text, i) - 1;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return json_fault_at(op, text, i, "more than 32 levels deep");
            if (++containers > JSON_CONTAINERS_MAX)
                return json_fault_at(op, text, i, "more than 100,000 lists and objects");
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    /* jansson skips a NUL behind a number or a word. */
    return str_find(text, '\0') < text.n ? json_explain(op, text) : ERR_OK;
}

/* The start of the token that ends before `end`; the text is well-formed up to there. The nearest
 * quote to the left that no backslash escapes opens a string. */
static size_t token_start(struct str text, size_t end)
{
    size_t at = end;
    if (at > 1 && text.p[at - 1] == '"') {
        size_t slashes;
        at--;
        do {
            at--;
            slashes = 0;
            while (slashes < at && text.p[at - slashes - 1] == '\\')
                slashes++;
        } while (at > 0 && (text.p[at] != '"' || slashes % 2 != 0));
        return at;
    }
    while (at > 0 && str_find(STR(" \t\r\n,:[{"), text.p[at - 1]) == 8)
        at--;
    return at;
}

/* ---- memory ---- */

/* jansson goes on when it has no memory to keep a character of a token: the text that it reads then
 * lacks it. So a failure is noted here, and nothing that was read beside one is believed. */
static _Thread_local bool starved;

static void *noting_malloc(size_t size)
{
    void *p = malloc(size);
    starved = starved || p == NULL;
    return p;
}

static void note_failures(void)
{
    json_set_alloc_funcs(noting_malloc, free);
}

/* ---- reading ---- */

/* What jansson refuses although the grammar allows it. */
static enum err refused(struct op *op, struct str text, const json_error_t *error)
{
    size_t end = error->position < 0 ? 0 : (size_t)error->position;
    if (end > text.n)
        end = text.n;
    switch ((int)json_error_code(error)) {
    case json_error_duplicate_key:
        return json_fault_at(op, text, token_start(text, end),
                             "this member stands in the same object a second time");
    case json_error_numeric_overflow:
        return json_fault_at(op, text, token_start(text, end),
                             "this number is too large to be kept exactly");
    default:
        return json_fault_at(op, text, end, error->text);
    }
}

enum err json_read(struct op *op, struct str text, struct json **ret_json)
{
    if (text.p == NULL)
        text = STR("");
    enum err err = check_bounds(op, text);
    if (err != ERR_OK)
        return err;
    struct json *json = ARENA_NEW(op->arena, struct json);
    if (json == NULL)
        return ERR_MEMORY;
    json_error_t error = {0};
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, note_failures);
    starved = false;
    json->text = text;
    json->root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (starved) {
        json_decref(json->root);
        return ERR_MEMORY;
    }
    if (json->root == NULL) {
        err = json_explain(op, text);
        return err != ERR_OK ? err : refused(op, text, &error);
    }
    *ret_json = json;
    return ERR_OK;
}

void json_destroy(struct json *json)
{
    if (json != NULL) {
        json_decref(json->root);
        json->root = NULL;
    }
}

/* ---- values ---- */

struct json_value json_root(const struct json *json)
{
    return (struct json_value){json->root, str_trim(json->text)};
}

enum json_kind json_kind(struct json_value value)
{
    if (value.node == NULL)
        return JSON_IS_NULL;
    switch (json_typeof((json_t *)value.node)) {
    case JSON_OBJECT:
        return JSON_IS_OBJECT;
    case JSON_ARRAY:
        return JSON_IS_LIST;
    case JSON_STRING:
        return JSON_IS_TEXT;
    case JSON_INTEGER:
    case JSON_REAL:
        return JSON_IS_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_IS_BOOL;
    case JSON_NULL:
        break;
    }
    return JSON_IS_NULL;
}

struct str json_kind_name(enum json_kind kind)
{
    static const struct str names[] = {
        [JSON_IS_NULL] = {"null", 4},       [JSON_IS_BOOL] = {"true or false", 13},
        [JSON_IS_NUMBER] = {"a number", 8}, [JSON_IS_TEXT] = {"a text", 6},
        [JSON_IS_LIST] = {"a list", 6},     [JSON_IS_OBJECT] = {"an object", 9},
    };
    return names[kind];
}

struct str json_text(struct json_value value)
{
    if (!json_is_string((json_t *)value.node))
        return STR_NONE;
    return (struct str){json_string_value(value.node), json_string_length(value.node)};
}

double json_number(struct json_value value)
{
    return json_number_value(value.node);
}

size_t json_length(struct json_value value)
{
    /* Each is 0 for what is not of its kind. */
    return json_array_size(value.node) + json_object_size(value.node);
}

struct json_value json_element(struct json_value list, size_t index)
{
    return (struct json_value){json_array_get(list.node, index), STR_NONE};
}

struct json_value json_member(struct json_value object, struct str name)
{
    return (struct json_value){json_object_getn(object.node, name.p, name.n), STR_NONE};
}

/* ---- members, in the tree and in the text side by side ---- */

static struct str skip_blanks(struct str rest)
{
    size_t n = 0;
    while (n < rest.n && blank(rest.p[n]))
        n++;
    return str_from(rest, n);
}

/* Cuts the value that *rest begins with, after blanks; the text is known to be well-formed. */
static struct str take_value(struct str *rest)
{
    struct str text = skip_blanks(*rest);
    size_t depth = 0, at = 0;
    while (at < text.n) {
        char c = text.p[at];
        if (c == '"') {
            at = string_end(text, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                break;
            depth--;
            at++;
        } else if (depth == 0 && (blank(c) || c == ',' || c == ':')) {
            break;
        } else {
            at++;
        }
        if (depth == 0 && (c == '"' || c == '}' || c == ']'))
            break;
    }
    *rest = str_from(text, at);
    return str_sub(text, 0, at);
}

struct json_members json_members(struct json_value object)
{
    return (struct json_members){.object = object.node,
                                 .rest = str_from(skip_blanks(object.raw), 1)};
}

bool json_next(struct json_members *members)
{
    members->iterator = members->begun ? json_object_iter_next(members->object, members->iterator)
                                       : json_object_iter(members->object);
    members->begun = true;
    if (members->iterator == NULL)
        return false;
    members->name = (struct str){json_object_iter_key(members->iterator),
                                 json_object_iter_key_len(members->iterator)};
    members->raw_name = take_value(&members->rest);
    members->rest = str_from(skip_blanks(members->rest), 1); /* the colon */
    members->value.node = json_object_iter_value(members->iterator);
    members->value.raw = take_value(&members->rest);
    members->rest = str_from(skip_blanks(members->rest), 1); /* the comma */
    return true;
}

void buf_json_compact(struct buf *buf, struct str raw)
{
    size_t start = 0; /* of the run that has no blanks */
    for (size_t i = 0; i < raw.n;) {
        if (raw.p[i] == '"') {
            i = string_end(raw, i);
        } else if (blank(raw.p[i])) {
            buf_bytes(buf, raw.p + start, i - start);
            start = ++i;
        } else {
            i++;
        }
    }
    buf_bytes(buf, raw.p + start, raw.n - start);
}
