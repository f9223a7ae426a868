/*
 * Reading JSON (RFC 8259), strictly: UTF-8, no member twice in an object (not even spelled once
 * with escapes), no U+0000, at most JSON_DEPTH_MAX levels, no integer beyond 64 bits. jansson
 * parses; this keeps it behind a door and says where a fault is, by line and column.
 *
 * A struct json holds the tree, which is not in an arena: it is destroyed as soon as the values
 * have been taken out. A struct json_value is a place in it, by value; its texts are borrowed.
 */
#ifndef BZCTRL_JSON_READ_H
#define BZCTRL_JSON_READ_H

#include "base/buf.h"
#include "base/op.h"

enum { JSON_DEPTH_MAX = 32, JSON_CONTAINERS_MAX = 100000 };

enum json_kind {
    JSON_IS_NULL,
    JSON_IS_BOOL,
    JSON_IS_NUMBER,
    JSON_IS_TEXT,
    JSON_IS_LIST,
    JSON_IS_OBJECT,
};

struct json;

struct json_value {
    void *node;     /* NULL: there is no such value */
    struct str raw; /* its own bytes in what was read; only for the root and for members walked over
                     * by json_next(), else absent */
};

/* Parses. ERR_SYNTAX: op->detail is one sentence such as "line 15, column 16: expected the name of
 * a member in quotes, found 't'"; columns count characters from 1. ERR_MEMORY. `text` is borrowed
 * until json_destroy(). */
enum err json_read(struct op *op, struct str text, struct json **ret_json) MUST_CHECK;
void json_destroy(struct json *json); /* NULL-safe */

/* The whole value. */
struct json_value json_root(const struct json *json);

/* What is not there counts as null. */
enum json_kind json_kind(struct json_value value);
struct str json_kind_name(enum json_kind kind); /* "a list", for sentences */

/* Of the kind that the name says; for others absent, 0 or no elements. */
struct str json_text(struct json_value value);
double json_number(struct json_value value); /* an integer rounded to the nearest double */
size_t json_length(struct json_value value); /* elements of a list, members of an object */
struct json_value json_element(struct json_value list, size_t index);

/* The member of that exact name. */
struct json_value json_member(struct json_value object, struct str name);

/* Walks over an object's members in the order they were sent:
 * `for (struct json_members m = json_members(object); json_next(&m);)`. */
struct json_members {
    void *object, *iterator;
    bool begun;
    struct str rest;         /* what has not been walked over yet */
    struct str name;         /* of the current member, decoded */
    struct str raw_name;     /* the same as it was written, with its quotes */
    struct json_value value; /* of the current member */
};
struct json_members json_members(struct json_value object);
bool json_next(struct json_members *members);

/* Appends a valid text without the blanks between its tokens. */
void buf_json_compact(struct buf *buf, struct str raw);

#endif
