/* Clients and their secrets as JSON. */
#include "api/client.h"
#include "json/read.h"
#include "model/scope.h"

/* ---- decode ---- */

#define AT(field) offsetof(struct client_draft, field)

static const struct body_member members[] = {
    {STR_INIT("name"), MEMBER_TEXT, true, true, AT(name), 0},
    {STR_INIT("domain"), MEMBER_TEXT, true, false, AT(domain), 0},
    {STR_INIT("workspaces"), MEMBER_TEXTS_OR_NULL, true, true, AT(workspaces), AT(workspaces_all)},
    {STR_INIT("readAll"), MEMBER_TEXTS, true, true, AT(read_all), 0},
    {STR_INIT("scopes"), MEMBER_TEXTS, true, true, AT(scopes), 0},
    {STR_INIT("disabled"), MEMBER_FLAG, false, true, AT(disabled), AT(disabled_sent)},
};

void client_decode(const struct json *body, bool creates, struct arena *arena,
                   struct faults *faults, struct client_draft *draft)
{
    members_decode(members, sizeof members / sizeof members[0], body, creates, arena, faults,
                   draft);
}

/* ---- encode ---- */

static void encode_places(struct json_writer *json, const char *name, struct client_places places)
{
    json_begin_list(json, name);
    for (size_t i = 0; i < places.n; i++)
        json_put_text(json, NULL, places.items[i]->key);
    json_end(json);
}

static void encode_scopes(struct json_writer *json, unsigned scopes)
{
    struct str_list names = scope_names();
    json_begin_list(json, "scopes");
    for (size_t i = 0; i < names.n; i++) {
        unsigned scope;
        if (scope_read(names.items[i], &scope) && (scopes & scope) != 0)
            json_put_text(json, NULL, names.items[i]);
    }
    json_end(json);
}

void client_encode(struct json_writer *json, struct str client_id,
                   const struct client_settings *settings, int64_t created_at, int64_t version,
                   struct str secret)
{
    json_begin_object(json, NULL);
    json_put_text(json, "clientId", client_id);
    json_put_text(json, "name", settings->name);
    json_put_text(json, "domain", settings->domain->key);
    if (settings->workspaces.n == 0)
        json_put_null(json, "workspaces");
    else
        encode_places(json, "workspaces", settings->workspaces);
    encode_places(json, "readAll", settings->read_all);
    encode_scopes(json, settings->scopes);
    json_put_flag(json, "disabled", settings->disabled);
    json_put_time(json, "createdAt", created_at);
    json_put_i64(json, "version", version);
    if (secret.p != NULL)
        json_put_text(json, "secret", secret);
    json_end(json);
}

void client_encode_secret(struct json_writer *json, const struct client_secret *secret,
                          struct str text)
{
    json_begin_object(json, NULL);
    json_put_id(json, "id", secret->id);
    json_put_text(json, "hint", secret->hint);
    json_put_time(json, "createdAt", secret->created_at);
    json_put_time(json, "expiresAt", secret->expires_at);
    json_put_time(json, "lastUsedAt", secret->used_at);
    if (text.p != NULL)
        json_put_text(json, "secret", text);
    json_end(json);
}
