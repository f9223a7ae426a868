/* People as JSON. */
#include "api/person.h"
#include "model/right.h"
#include "json/read.h"
#include "json/write.h"

/* ---- decode ---- */

struct draft {
    struct person_draft person;
    const struct json *roles;
};

#define FIELD(field) offsetof(struct draft, person.field)

static const struct body_member members[] = {
    {STR_INIT("email"), MEMBER_TEXT, true, false, FIELD(email), 0},
    {STR_INIT("name"), MEMBER_TEXT_OR_NULL, true, true, FIELD(name), FIELD(name_sent)},
    {STR_INIT("roles"), MEMBER_LIST, true, true, offsetof(struct draft, roles), 0},
    {STR_INIT("admin"), MEMBER_FLAG, true, true, FIELD(admin), FIELD(admin_sent)},
    {STR_INIT("disabled"), MEMBER_FLAG, true, true, FIELD(disabled), FIELD(disabled_sent)},
    {STR_INIT("passwordGrant"), MEMBER_FLAG, true, true, FIELD(password_grant),
     FIELD(password_grant_sent)},
};

static const struct body_member role_members[] = {
    {STR_INIT("domain"), MEMBER_TEXT, true, true, offsetof(struct role_draft, domain), 0},
    {STR_INIT("role"), MEMBER_TEXT, true, true, offsetof(struct role_draft, role), 0},
};

static void decode_role(const struct json *item, struct arena *arena, struct faults *faults,
                        struct role_draft *role)
{
    size_t faults_before = faults->n;
    members_decode(role_members, sizeof role_members / sizeof role_members[0], item, true, arena,
                   faults, role);
    if (faults->n > faults_before)
        return;
    if (role->domain.p == NULL)
        fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "domain is required: where the role is held, and in every domain below.");
    if (role->role.p == NULL)
        fault_add(faults, STR("role"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "role is required: viewer, member or manager.");
}

/* Only roles that are whole are judged further. */
static void decode_roles(const struct json *list, struct arena *arena, struct faults *faults,
                         struct person_draft *draft)
{
    struct role_draft *roles = ARENA_ARRAY(arena, struct role_draft, list->n + 1);
    size_t n = 0, faults_before = faults->n;
    if (roles == NULL) {
        faults->err = ERR_MEMORY;
        return;
    }
    for (const struct json *item = list->first; item != NULL; item = item->next, n++) {
        if (item->kind != JSON_OBJECT) {
            member_wrong_type(faults, list->name, n, "a list of objects with domain and role");
            continue;
        }
        faults->base = arena_printf(arena, "/roles/%zu", n);
        decode_role(item, arena, faults, &roles[n]);
        faults->base = STR_NONE;
    }
    draft->roles = roles;
    draft->role_count = n;
    draft->roles_sent = faults->n == faults_before;
}

void person_decode(const struct json *body, bool new, struct arena *arena, struct faults *faults,
                   struct person_draft *draft)
{
    struct draft sent = {0};
    members_decode(members, sizeof members / sizeof members[0], body, new, arena, faults, &sent);
    if (sent.roles != NULL && sent.roles->kind == JSON_LIST)
        decode_roles(sent.roles, arena, faults, &sent.person);
    *draft = sent.person;
}

/* ---- encode ---- */

void person_encode_role(struct buf *buf, const struct grant *grant, bool first)
{
    if (!first)
        buf_char(buf, ',');
    BUF_LIT(buf, "{\"domain\":");
    buf_json_string(buf, grant->domain->key);
    buf_printf(buf, ",\"role\":\"%s\"}", role_name(grant->role));
}

void person_encode(struct buf *buf, const struct directory *directory, const struct account *caller,
                   int64_t account_id, const struct person_settings *settings, int64_t created_at,
                   int64_t version, const char *more)
{
    bool first = true;
    BUF_LIT(buf, "{\"email\":");
    buf_json_string(buf, settings->email);
    BUF_LIT(buf, ",\"name\":");
    buf_json_string(buf, settings->name);
    buf_printf(buf, ",\"admin\":%s,\"disabled\":%s,\"passwordGrant\":%s,\"roles\":[",
               settings->admin ? "true" : "false", settings->disabled ? "true" : "false",
               settings->password_grant ? "true" : "false");
    for (size_t i = 0; i < settings->grant_count; i++) {
        const struct grant *grant = &settings->grants[i];
        if (caller->id != account_id && !right_manages(directory, caller, grant->domain))
            continue;
        person_encode_role(buf, grant, first);
        first = false;
    }
    BUF_LIT(buf, "],\"createdAt\":");
    encode_time(buf, created_at);
    BUF_LIT(buf, ",\"version\":");
    buf_i64(buf, version);
    buf_printf(buf, "%s}", more);
}
