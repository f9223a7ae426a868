/*
 * Writes JSON into a buffer, member by member: the order is that of the calls, and commas, quotes
 * and brackets always match. In an object each value is given its name, in a list (and at the top)
 * NULL:
 *
 *     json_begin_object(json, NULL);
 *     json_put_text(json, "key", key);
 *     json_begin_list(json, "tags");
 *     json_put_text(json, NULL, tag);
 *     json_end(json);
 *     json_end(json);
 *
 * Faults stick in the buffer, as everywhere (base/buf.h).
 */
#ifndef BZCTRL_JSON_WRITER_H
#define BZCTRL_JSON_WRITER_H

#include "base/buf.h"

enum { JSON_WRITE_DEPTH_MAX = 64 }; /* deeper is ERR_TOO_LONG */

struct json_writer {
    struct buf *buf;
    uint64_t filled; /* bit n: what is open at depth n has a member already */
    uint64_t lists;  /* bit n: it is a list */
    unsigned depth;
    bool named; /* json_put_name() has written the name of the value to come */
};

/* Begins a text at the end of `buf`, which is borrowed for as long as the writer is used. */
void json_writer_init(struct json_writer *json, struct buf *buf);

void json_begin_object(struct json_writer *json, const char *name);
void json_begin_list(struct json_writer *json, const char *name);
void json_end(struct json_writer *json); /* of what was begun last */

/* Absent text is null. Malformed UTF-8 becomes U+FFFD (json/write.h). */
void json_put_text(struct json_writer *json, const char *name, struct str text);
void json_put_texts(struct json_writer *json, const char *name, struct str_list texts);
void json_put_i64(struct json_writer *json, const char *name, int64_t number);
void json_put_flag(struct json_writer *json, const char *name, bool flag);
void json_put_null(struct json_writer *json, const char *name);

/* An identifier as text, since many readers lose digits of JSON numbers. */
void json_put_id(struct json_writer *json, const char *name, int64_t id);

/* A value that is already JSON; absent: null. */
void json_put_raw(struct json_writer *json, const char *name, struct str raw);

/* Writes a name alone; the value follows with NULL. The second one is for a name that is not known
 * before the program runs, and may need escapes. */
void json_put_key(struct json_writer *json, const char *name);
void json_put_name(struct json_writer *json, struct str name);

/* For a value that the caller appends to the buffer right after this. */
void json_put_begin(struct json_writer *json, const char *name);

#endif
