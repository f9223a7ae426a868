#include "model/event_json.h"

#include "model/date.h"

void event_encode(struct json_writer *json, const struct event *event,
                  const struct directory *directory, struct str domain)
{
    const struct account *actor = directory_account_by_id(directory, event->actor_id);
    int64_t version = event_version(event);
    json_begin_object(json, NULL);
    json_put_text(json, "domain", domain);
    json_put_i64(json, "seq", event->seq);
    json_put_time(json, "at", event->at);
    json_put_text(json, "actor", actor == NULL ? STR_NONE : actor->email);
    json_put_text(json, "action", event->action);
    json_put_text(json, "key", event->key);
    json_put_raw(json, "changes", event->payload);
    if (version > 0)
        json_put_i64(json, "version", version);
    else
        json_put_null(json, "version");
    json_put_null(json, "origin");
    json_put_begin(json, "hash");
    buf_char(json->buf, '"');
    buf_base64(json->buf, event->hash.bytes, sizeof event->hash.bytes);
    buf_char(json->buf, '"');
    json_end(json);
}

void event_encode_line(struct buf *buf, const struct event *event,
                       const struct directory *directory, struct str domain)
{
    struct json_writer json;
    size_t from = buf->n;
    json_writer_init(&json, buf);
    event_encode(&json, event, directory, domain);
    /* The only line breaks that JSON can have are blanks: those of a report, kept as they were. */
    for (size_t i = from; i < buf->n; i++)
        if (buf->p[i] == '\n' || buf->p[i] == '\r')
            buf->p[i] = ' ';
}
