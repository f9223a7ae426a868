#include "model/event_json.h"

#include "json/write.h"
#include "model/date.h"

/* The text of "origin":[null,"…"], as it is written: the last member of a change that has one. Within a
 * text each quote has a backslash before it, so nothing that people write looks the same. */
static struct str origin_of(const struct event *event)
{
    static const struct str name = STR_INIT("\"origin\":[null,"), end = STR_INIT("\"]}");
    struct str payload = event->payload;
    if (event_is_administration(event->action) || payload.n < name.n + end.n + 2 ||
        !str_eq(str_sub(payload, payload.n - end.n, end.n), end))
        return STR_NONE;
    size_t last = payload.n - end.n, first = last - 1;
    while (first > name.n && (payload.p[first] != '"' || payload.p[first - 1] == '\\'))
        first--;
    size_t from = first - name.n;
    if (from == 0 || (payload.p[from - 1] != '{' && payload.p[from - 1] != ',') ||
        !str_eq(str_sub(payload, from, name.n), name))
        return STR_NONE;
    return str_sub(payload, first, last + 1 - first);
}

void buf_event_origin(struct buf *payload, struct str origin)
{
    if (origin.p == NULL || buf_err(payload) != ERR_OK)
        return;
    buf_cut(payload, payload->n - 1);
    BUF_LIT(payload, ",\"origin\":[null,");
    buf_json_string(payload, origin);
    BUF_LIT(payload, "]}");
}

void event_encode(struct json_writer *json, const struct event *event,
                  const struct directory *directory, struct str domain)
{
    const struct account *actor = directory_account_by_id(directory, event->actor_id);
    int64_t version = event_version(event);
    struct str origin = origin_of(event);
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
    json_put_raw(json, "origin", origin.p == NULL ? STR("null") : origin);
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
