#include "json/writer.h"

#include "json/write.h"

#include <string.h>

void json_writer_init(struct json_writer *json, struct buf *buf)
{
    *json = (struct json_writer){.buf = buf};
}

/* The comma, unless this is the first value here. */
static void separate(struct json_writer *json)
{
    uint64_t bit = (uint64_t)1 << json->depth;
    if (json->filled & bit)
        buf_char(json->buf, ',');
    json->filled |= bit;
}

void json_put_name(struct json_writer *json, struct str name)
{
    separate(json);
    buf_json_string(json->buf, name);
    buf_char(json->buf, ':');
    json->named = true;
}

void json_put_begin(struct json_writer *json, const char *name)
{
    if (name != NULL) {
        /* Names in the program's text need no escapes. */
        separate(json);
        buf_char(json->buf, '"');
        buf_bytes(json->buf, name, strlen(name));
        BUF_LIT(json->buf, "\":");
    } else if (!json->named && json->depth > 0) {
        separate(json);
    }
    json->named = false;
}

void json_put_key(struct json_writer *json, const char *name)
{
    json_put_begin(json, name);
    json->named = true;
}

static void begin(struct json_writer *json, const char *name, bool list)
{
    json_put_begin(json, name);
    buf_char(json->buf, list ? '[' : '{');
    if (json->depth + 1 == JSON_WRITE_DEPTH_MAX) {
        json->buf->err = json->buf->err == ERR_OK ? ERR_TOO_LONG : json->buf->err;
        return;
    }
    uint64_t bit = (uint64_t)1 << ++json->depth;
    json->filled &= ~bit;
    json->lists = list ? json->lists | bit : json->lists & ~bit;
}

void json_begin_object(struct json_writer *json, const char *name)
{
    begin(json, name, false);
}

void json_begin_list(struct json_writer *json, const char *name)
{
    begin(json, name, true);
}

void json_end(struct json_writer *json)
{
    buf_char(json->buf, json->lists & (uint64_t)1 << json->depth ? ']' : '}');
    if (json->depth > 0)
        json->depth--;
}

void json_put_text(struct json_writer *json, const char *name, struct str text)
{
    json_put_begin(json, name);
    buf_json_string(json->buf, text);
}

void json_put_texts(struct json_writer *json, const char *name, struct str_list texts)
{
    json_put_begin(json, name);
    buf_json_strings(json->buf, texts);
}

void json_put_i64(struct json_writer *json, const char *name, int64_t number)
{
    json_put_begin(json, name);
    buf_i64(json->buf, number);
}

void json_put_flag(struct json_writer *json, const char *name, bool flag)
{
    json_put_begin(json, name);
    buf_add(json->buf, flag ? STR("true") : STR("false"));
}

void json_put_null(struct json_writer *json, const char *name)
{
    json_put_begin(json, name);
    BUF_LIT(json->buf, "null");
}

void json_put_id(struct json_writer *json, const char *name, int64_t id)
{
    json_put_begin(json, name);
    buf_char(json->buf, '"');
    buf_i64(json->buf, id);
    buf_char(json->buf, '"');
}

void json_put_raw(struct json_writer *json, const char *name, struct str raw)
{
    json_put_begin(json, name);
    buf_add(json->buf, raw.p == NULL ? STR("null") : raw);
}
