/* Clients and their secrets as JSON. */
#include "api/client.h"
#include "model/scope.h"
#include "json/read.h"
#include "json/write.h"

/* ---- decode ---- */

enum member_kind { MEMBER_TEXT, MEMBER_LIST, MEMBER_PLACES, MEMBER_FLAG };

static const struct member {
    struct str name;
    enum member_kind kind;
    bool new, change; /* taken for a new client, and in a change */
    size_t offset;    /* in struct client_draft */
} members[] = {
    {STR_INIT("name"), MEMBER_TEXT, true, true, offsetof(struct client_draft, name)},
    {STR_INIT("domain"), MEMBER_TEXT, true, false, offsetof(struct client_draft, domain)},
    {STR_INIT("workspaces"), MEMBER_PLACES, true, true, offsetof(struct client_draft, workspaces)},
    {STR_INIT("readAll"), MEMBER_LIST, true, true, offsetof(struct client_draft, read_all)},
    {STR_INIT("scopes"), MEMBER_LIST, true, true, offsetof(struct client_draft, scopes)},
    {STR_INIT("disabled"), MEMBER_FLAG, false, true, offsetof(struct client_draft, disabled)},
};

static const struct member *member_find(struct str name, bool new)
{
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (str_eq(members[i].name, name))
            return (new ? members[i].new : members[i].change) ? &members[i] : NULL;
    return NULL;
}

static void wrong_type(struct faults *faults, struct str name, size_t index, const char *wanted)
{
    fault_add(faults, name, index, FAULT_WRONG_TYPE, NO_OPTIONS, "%.*s must be %s.", STR_ARG(name),
              wanted);
}

static void decode_list(const struct json *value, struct arena *arena, struct faults *faults,
                        struct str_list *ret_list)
{
    struct str *items = ARENA_ARRAY(arena, struct str, value->n + 1);
    size_t n = 0, i = 0;
    if (items == NULL) {
        faults->err = ERR_MEMORY;
        return;
    }
    const struct json *item = value->kind == JSON_LIST ? value->first : NULL;
    for (; item != NULL; item = item->next, i++)
        if (item->kind == JSON_TEXT)
            items[n++] = item->text;
        else
            wrong_type(faults, value->name, i, "a list of texts");
    *ret_list = (struct str_list){items, n};
}

static void decode_member(const struct member *member, const struct json *value,
                          struct arena *arena, struct faults *faults, struct client_draft *draft)
{
    void *field = (char *)draft + member->offset;
    bool null = value->kind == JSON_NULL;
    switch (member->kind) {
    case MEMBER_TEXT:
        if (value->kind == JSON_TEXT)
            *(struct str *)field = value->text;
        else
            wrong_type(faults, value->name, FAULT_WHOLE, "a text");
        return;
    case MEMBER_PLACES:
        if (null)
            draft->workspaces_all = true;
        else if (value->kind == JSON_LIST)
            decode_list(value, arena, faults, field);
        else
            wrong_type(faults, value->name, FAULT_WHOLE, "a list of workspaces, or null");
        return;
    case MEMBER_LIST:
        if (null || value->kind == JSON_LIST)
            decode_list(value, arena, faults, field);
        else
            wrong_type(faults, value->name, FAULT_WHOLE, "a list of texts");
        return;
    case MEMBER_FLAG:
        draft->disabled_sent = true;
        if (value->kind == JSON_BOOL)
            draft->disabled = str_eq(value->raw, STR("true"));
        else
            wrong_type(faults, value->name, FAULT_WHOLE, "true or false");
        return;
    }
}

void client_decode(const struct json *body, bool new, struct arena *arena, struct faults *faults,
                   struct client_draft *draft)
{
    for (const struct json *value = body->first; value != NULL; value = value->next) {
        const struct member *member = member_find(value->name, new);
        if (member != NULL)
            decode_member(member, value, arena, faults, draft);
        else
            fault_add(faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s is no member that can be set here.",
                      STR_ARG(fault_excerpt(value->name)));
    }
}

/* ---- encode ---- */

static void encode_places(struct buf *buf, struct client_places places)
{
    buf_char(buf, '[');
    for (size_t i = 0; i < places.n; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json_string(buf, places.items[i]->key);
    }
    buf_char(buf, ']');
}

static void encode_scopes(struct buf *buf, unsigned scopes)
{
    struct str_list names = scope_names();
    bool first = true;
    buf_char(buf, '[');
    for (size_t i = 0; i < names.n; i++) {
        unsigned scope;
        if (!scope_read(names.items[i], &scope) || (scopes & scope) == 0)
            continue;
        if (!first)
            buf_char(buf, ',');
        first = false;
        buf_json_string(buf, names.items[i]);
    }
    buf_char(buf, ']');
}

static void encode_time(struct buf *buf, int64_t time)
{
    if (time == TIME_NONE) {
        BUF_LIT(buf, "null");
        return;
    }
    buf_char(buf, '"');
    buf_time(buf, time);
    buf_char(buf, '"');
}

void client_encode(struct buf *buf, struct str client_id, const struct client_settings *settings,
                   int64_t created_at, int64_t version, struct str secret)
{
    BUF_LIT(buf, "{\"clientId\":");
    buf_json_string(buf, client_id);
    BUF_LIT(buf, ",\"name\":");
    buf_json_string(buf, settings->name);
    BUF_LIT(buf, ",\"domain\":");
    buf_json_string(buf, settings->domain->key);
    BUF_LIT(buf, ",\"workspaces\":");
    if (settings->workspaces.n == 0)
        BUF_LIT(buf, "null");
    else
        encode_places(buf, settings->workspaces);
    BUF_LIT(buf, ",\"readAll\":");
    encode_places(buf, settings->read_all);
    BUF_LIT(buf, ",\"scopes\":");
    encode_scopes(buf, settings->scopes);
    buf_printf(buf, ",\"disabled\":%s,\"createdAt\":", settings->disabled ? "true" : "false");
    encode_time(buf, created_at);
    BUF_LIT(buf, ",\"version\":");
    buf_i64(buf, version);
    if (secret.p != NULL) {
        BUF_LIT(buf, ",\"secret\":");
        buf_json_string(buf, secret);
    }
    buf_char(buf, '}');
}

void client_encode_secret(struct buf *buf, const struct client_secret *secret, struct str text)
{
    buf_printf(buf, "{\"id\":\"%lld\",\"hint\":", (long long)secret->id);
    buf_json_string(buf, secret->hint);
    BUF_LIT(buf, ",\"createdAt\":");
    encode_time(buf, secret->created_at);
    BUF_LIT(buf, ",\"expiresAt\":");
    encode_time(buf, secret->expires_at);
    BUF_LIT(buf, ",\"lastUsedAt\":");
    encode_time(buf, secret->used_at);
    if (text.p != NULL) {
        BUF_LIT(buf, ",\"secret\":");
        buf_json_string(buf, text);
    }
    buf_char(buf, '}');
}
