#include "hook/message.h"

#include "base/hash.h"
#include "json/read.h"
#include "json/writer.h"
#include "model/comment.h"
#include "model/date.h"
#include "model/task_encode.h"
#include "model/webhook.h"
#include "store/task.h"

#include <sodium.h>

/* Members of an event that are not of the record. A message has the first of them. */
static const struct str beside[] = {
    STR_INIT("comment"), STR_INIT("attachment"), STR_INIT("origin"),     STR_INIT("dueReason"),
    STR_INIT("note"),    STR_INIT("link"),       STR_INIT("rule"),       STR_INIT("ruleName"),
    STR_INIT("bulkId"),  STR_INIT("bulkUndo"),   STR_INIT("occurrence"), STR_INIT("undoes"),
};
enum { BESIDE_SHOWN = 3 };

static bool is_beside(struct str name)
{
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
        if (str_eq(beside[i], name))
            return true;
    return false;
}

/* A member of a payload, [before, after]; NULL when it is not there. */
static const struct json *pair_of(const struct json *payload, const char *name)
{
    const struct json *pair = payload == NULL ? NULL : json_member(payload, str_of(name));
    return pair != NULL && pair->kind == JSON_LIST && pair->n == 2 ? pair : NULL;
}

static void put_previous(struct json_writer *json, const struct json *payload, bool creates)
{
    json_begin_object(json, "previous");
    const struct json *member = payload == NULL || creates ? NULL : payload->first;
    for (; member != NULL; member = member->next) {
        if (is_beside(member->name) || member->kind != JSON_LIST || member->n != 2)
            continue;
        json_put_name(json, member->name);
        json_put_raw(json, NULL, member->first->raw);
    }
    json_end(json);
}

/* The record as it was after the event. Where an erasure hides that, it is the record as it is. */
static enum err record_read(const struct message_source *source, struct op *op,
                            const struct event *event, struct task *ret_task)
{
    const struct task *then = NULL;
    int64_t erased = 0;
    enum err err = store_task_get_by_id(source->db, op, event->task_id, ret_task);
    if (err != ERR_OK || ret_task->last_seq == event->seq)
        return err;
    err = task_trail_at(source->trail, source->db, op, event, &then, &erased);
    if (err == ERR_OK && erased == 0)
        *ret_task = *then;
    return err;
}

enum err message_make(const struct message_source *source, struct op *op,
                      const struct feed_entry *entry, struct str *ret_body)
{
    const struct event *event = &entry->event;
    struct str type = webhook_event_type(event->action);
    const struct json *payload = NULL;
    struct task task;
    struct buf buf;
    struct json_writer json;
    bool hidden = false;
    *ret_body = STR_NONE;
    if (type.p == NULL || event->task_id == 0)
        return ERR_OK;
    enum err err = comment_event_hidden(op->arena, event->action, event->payload, &hidden);
    if (err == ERR_OK && !hidden && event->payload.p != NULL)
        err = json_read_written(op, op->arena, event->payload, &payload);
    if (err == ERR_OK && !hidden)
        err = record_read(source, op, event, &task);
    if (err != ERR_OK || hidden)
        return err == ERR_NOT_FOUND ? ERR_OK : err;

    buf_init(&buf, MESSAGE_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_put_text(&json, "type", type);
    json_put_time(&json, "timestamp", event->at);
    task_encode(&json, "data", &task, source->directory, source->public_url, op->now);
    put_previous(&json, payload, str_eq(type, STR("task.created")));
    json_put_i64(&json, "seq", event->seq);
    for (size_t i = 0; i < BESIDE_SHOWN; i++) {
        const struct json *pair = pair_of(payload, beside[i].p);
        if (pair != NULL)
            json_put_raw(&json, beside[i].p, pair->first->next->raw);
    }
    json_end(&json);
    return buf_move(&buf, op->arena, ret_body);
}

/* ---- headers ---- */

/* HMAC-SHA256 of "id.time.body". */
static void buf_signature(struct buf *buf, struct str secret, struct str id, struct str time,
                          struct str body)
{
    crypto_auth_hmacsha256_state state;
    unsigned char hash[crypto_auth_hmacsha256_BYTES];
    const struct str parts[] = {id, STR("."), time, STR("."), body};
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.p, secret.n);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)parts[i].p, parts[i].n);
    crypto_auth_hmacsha256_final(&state, hash);
    BUF_LIT(buf, "v1,");
    buf_base64(buf, hash, sizeof hash);
}

enum err message_headers(struct op *op, const struct delivery *delivery, struct str body,
                         const struct str *secrets, size_t secret_count,
                         const char *ret_headers[MESSAGE_HEADERS])
{
    struct str id = arena_printf(op->arena, "msg_%lld", (long long)delivery->id);
    struct str time = arena_printf(op->arena, "%lld", (long long)(op->now / 1000));
    struct str signature = STR_NONE;
    struct buf buf;
    if (id.p == NULL || time.p == NULL)
        return ERR_MEMORY;
    buf_init(&buf, 1024);
    BUF_LIT(&buf, "webhook-signature: ");
    for (size_t i = 0; i < secret_count; i++) {
        if (i > 0)
            buf_char(&buf, ' ');
        buf_signature(&buf, secrets[i], id, time, body);
    }
    buf_char(&buf, '\0');
    enum err err = buf_move(&buf, op->arena, &signature);
    if (err != ERR_OK)
        return err;
    ret_headers[0] = "Content-Type: application/json";
    ret_headers[1] = "Expect:";
    ret_headers[2] = arena_printf(op->arena, "webhook-id: %s", id.p).p;
    ret_headers[3] = arena_printf(op->arena, "webhook-timestamp: %s", time.p).p;
    ret_headers[4] = signature.p;
    ret_headers[5] = NULL;
    return ret_headers[2] == NULL || ret_headers[3] == NULL ? ERR_MEMORY : ERR_OK;
}
