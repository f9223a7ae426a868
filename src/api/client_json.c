/* Clients and their secrets as JSON. */
#include "api/client.h"
#include "model/scope.h"
#include "json/read.h"
#include "json/write.h"

/* ---- decode ---- */

#define FIELD(field) offsetof(struct client_draft, field)

static const struct body_member members[] = {
    {STR_INIT("name"), MEMBER_TEXT, true, true, FIELD(name), 0},
    {STR_INIT("domain"), MEMBER_TEXT, true, false, FIELD(domain), 0},
    {STR_INIT("workspaces"), MEMBER_TEXTS_OR_NULL, true, true, FIELD(workspaces),
     FIELD(workspaces_all)},
    {STR_INIT("readAll"), MEMBER_TEXTS, true, true, FIELD(read_all), 0},
    {STR_INIT("scopes"), MEMBER_TEXTS, true, true, FIELD(scopes), 0},
    {STR_INIT("disabled"), MEMBER_FLAG, false, true, FIELD(disabled), FIELD(disabled_sent)},
};

void client_decode(const struct json *body, bool new, struct arena *arena, struct faults *faults,
                   struct client_draft *draft)
{
    members_decode(members, sizeof members / sizeof members[0], body, new, arena, faults, draft);
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
