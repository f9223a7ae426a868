/* People as JSON. */
#include "api/person.h"
#include "json/read.h"
#include "model/right.h"

/* ---- decode ---- */

struct draft {
    struct person_draft person;
    const struct json *roles;
};

#define AT(field) offsetof(struct draft, person.field)

static const struct body_member members[] = {
    {STR_INIT("email"), MEMBER_TEXT, true, false, AT(email), 0},
    {STR_INIT("name"), MEMBER_TEXT_OR_NULL, true, true, AT(name), AT(name_sent)},
    {STR_INIT("roles"), MEMBER_LIST, true, true, offsetof(struct draft, roles), 0},
    {STR_INIT("admin"), MEMBER_FLAG, true, true, AT(admin), AT(admin_sent)},
    {STR_INIT("disabled"), MEMBER_FLAG, true, true, AT(disabled), AT(disabled_sent)},
    {STR_INIT("passwordGrant"), MEMBER_FLAG, true, true, AT(password_grant),
     AT(password_grant_sent)},
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
        fault_add(
            faults, STR("domain"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
            "domain is required: the domain of the role, which includes every domain below it.");
    if (role->role.p == NULL)
        fault_add(faults, STR("role"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "role is required: viewer, member or manager.");
}

/* Only complete roles are judged. */
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

void person_decode(const struct json *body, bool creates, struct arena *arena,
                   struct faults *faults, struct person_draft *draft)
{
    struct draft sent = {0};
    members_decode(members, sizeof members / sizeof members[0], body, creates, arena, faults,
                   &sent);
    if (sent.roles != NULL && sent.roles->kind == JSON_LIST)
        decode_roles(sent.roles, arena, faults, &sent.person);
    *draft = sent.person;
}

/* ---- encode ---- */

static void encode_role(struct json_writer *json, const struct domain *domain, enum role role)
{
    json_begin_object(json, NULL);
    json_put_text(json, "domain", domain->key);
    json_put_text(json, "role", str_of(role_name(role)));
    json_end(json);
}

void person_encode(struct json_writer *json, const struct directory *directory,
                   const struct account *caller, int64_t account_id,
                   const struct person_settings *settings, int64_t created_at, int64_t version,
                   const char *also)
{
    json_begin_object(json, NULL);
    json_put_text(json, "email", settings->email);
    json_put_text(json, "name", settings->name);
    json_put_flag(json, "admin", settings->admin);
    json_put_flag(json, "disabled", settings->disabled);
    json_put_flag(json, "passwordGrant", settings->password_grant);
    for (int by_group = 0; by_group < 2; by_group++) {
        json_begin_list(json, by_group ? "groupRoles" : "roles");
        for (size_t i = 0; i < settings->grant_count; i++) {
            const struct grant *grant = &settings->grants[i];
            enum role role = by_group ? grant->by_group : grant->role;
            if (role != ROLE_NONE &&
                (caller->id == account_id || right_manages(directory, caller, grant->domain)))
                encode_role(json, grant->domain, role);
        }
        json_end(json);
    }
    json_put_time(json, "createdAt", created_at);
    json_put_i64(json, "version", version);
    if (also != NULL)
        json_put_flag(json, also, true);
    json_end(json);
}
