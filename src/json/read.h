/*
 * Reading JSON (RFC 8259), strictly: UTF-8, no member twice in an object (not even spelled once
 * with escapes), no U+0000, at most JSON_DEPTH_MAX levels, no integer beyond 64 bits and no other
 * number beyond a double.
 *
 * One walk over the text makes the tree, and knows the place of a fault, for the person who wrote
 * it, and the bytes of each value, for members that are kept as they came. A library's tree has
 * neither and would need two more walks of our own (ARCHITECTURE.md, "JSON").
 */
#ifndef BZCTRL_JSON_READ_H
#define BZCTRL_JSON_READ_H

#include "base/buf.h"
#include "json/fault.h"

enum { JSON_DEPTH_MAX = 32, JSON_DEPTH_WRITTEN_MAX = 64 };

enum json_kind {
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_TEXT,
    JSON_LIST,
    JSON_OBJECT,
};

/* A value. Its texts lie in what was read or, where an escape had to be replaced, in the arena. */
struct json {
    enum json_kind kind;
    uint32_t n;      /* elements of a list, members of an object */
    struct str raw;  /* as it was sent, its quotes or brackets included */
    struct str name; /* of a member; else absent */
    struct str raw_name;
    union {
        struct str text;
        double number;      /* an integer rounded to the nearest double */
        struct json *first; /* element or member, in the order they were sent */
    };
    struct json *next; /* element or member of the same value */
};

/* Parses. The tree lies in `arena`, at most some 40 bytes per byte of the text, and borrows `text`.
 * ERR_SYNTAX: op->detail is one sentence as in json/fault.h. ERR_MEMORY. */
enum err json_read(struct op *op, struct arena *arena, struct str text,
                   const struct json **ret_json) MUST_CHECK;

/* The same for what bzctrl itself has written: there are some levels around what was sent, so it can
 * be JSON_DEPTH_WRITTEN_MAX levels deep. */
enum err json_read_written(struct op *op, struct arena *arena, struct str text,
                           const struct json **ret_json) MUST_CHECK;

/* The same for part of a larger text; faults name places in the larger one. */
enum err json_read_at(struct op *op, struct arena *arena, struct str text, struct json_place place,
                      const struct json **ret_json) MUST_CHECK;

struct str json_kind_name(enum json_kind kind); /* "a list", for sentences */

/* The text; absent for NULL and for other kinds of values. */
struct str json_text(const struct json *json);

/* The member of that exact name, or NULL. */
const struct json *json_member(const struct json *object, struct str name);

/* JSON, or a piece of it, with each escape replaced by what it means, so that it can be searched; what
 * is malformed stays as it is. In the arena; absent: ERR_MEMORY. */
struct str json_unescape(struct arena *arena, struct str text);

/* Appends a value's raw bytes without the blanks between its tokens. */
void buf_json_compact(struct buf *buf, struct str raw);

#endif
