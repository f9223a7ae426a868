#include "model/workspace.h"

#include "model/key.h"
#include "model/name.h"
#include "model/right.h"

/* Reads the member `key`; ERR_INVALID with a fault. */
static enum err key_judge(struct op *op, struct str sent, const char *meaning,
                          struct faults *faults, struct str *ret_key)
{
    if (sent.n == 0) {
        fault_add(faults, STR("key"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "key is required: %s.", meaning);
        return ERR_INVALID;
    }
    enum err err = key_read(op->arena, sent, ret_key);
    if (err != ERR_SYNTAX)
        return err;
    fault_add(
        faults, STR("key"), FAULT_WHOLE, FAULT_PATTERN, NO_OPTIONS,
        "\"%.*s\" is not a valid key: use letters and digits in groups of at most %d, joined by "
        "dashes, at most %d characters in all, such as EXA-CON-BUS.",
        STR_ARG(fault_excerpt(sent)), KEY_SEGMENT_MAX, KEY_MAX);
    return ERR_INVALID;
}

static enum err workspace_key_judge(struct op *op, struct str sent,
                                    const struct directory *directory, const struct account *caller,
                                    struct faults *faults, struct workspace_settings *settings)
{
    struct str segment;
    enum err err = key_judge(op, sent, "the key of the domain, a dash and one more segment", faults,
                             &settings->key);
    if (err != ERR_OK)
        return err;
    if (!key_split(settings->key, &settings->domain_key, &segment)) {
        fault_add(
            faults, STR("key"), FAULT_WHOLE, FAULT_PATTERN, NO_OPTIONS,
            "%.*s has only one segment; use the key of the domain, a dash and one more segment, "
            "such as EXA-CON-BUS-WOR.",
            STR_ARG(settings->key));
        return ERR_INVALID;
    }
    const struct domain *domain = directory_domain(directory, settings->domain_key);
    if (caller == NULL || (domain != NULL && right_sees_domain(directory, caller, domain)))
        return ERR_OK;
    fault_add(faults, STR("key"), FAULT_WHOLE, FAULT_UNKNOWN_DOMAIN, NO_OPTIONS,
              "There is no domain %.*s for the workspace, or you may not see it.",
              STR_ARG(settings->domain_key));
    return ERR_INVALID;
}

static enum err zone_judge(struct op *op, struct str sent, struct faults *faults,
                           struct str *ret_zone)
{
    struct str name = arena_str(op->arena, sent);
    if (name.p == NULL)
        return ERR_MEMORY;
    struct zone *zone = str_find(name, '\0') < name.n ? NULL : zone_create(name.p);
    if (zone == NULL)
        fault_add(faults, STR("timezone"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, NO_OPTIONS,
                  "Unknown time zone \"%.*s\"; use a name such as Europe/Amsterdam.",
                  STR_ARG(fault_excerpt(sent)));
    zone_destroy(zone);
    *ret_zone = name;
    return ERR_OK;
}

/* Is the caller allowed to make this change? Asked once nothing else is wrong. */
static enum err settings_check(struct op *op, const struct workspace_settings *settings,
                               bool creates, const struct directory *directory,
                               const struct account *caller)
{
    const struct domain *domain = directory_domain(directory, settings->domain_key);
    if (domain != NULL && !right_manages(directory, caller, domain))
        return op_fail(op, ERR_FORBIDDEN,
                       "Only a manager of the domain can create and change its workspaces.");
    if (creates && directory_workspace(directory, settings->key) != NULL)
        return op_fail(op, ERR_CONFLICT, "The workspace %.*s already exists.",
                       STR_ARG(settings->key));
    return ERR_OK;
}

enum err workspace_judge(struct op *op, const struct workspace_draft *draft,
                         const struct workspace *before, const struct directory *directory,
                         const struct account *caller, struct faults *faults,
                         struct workspace_settings *ret_settings)
{
    struct workspace_settings settings = {0};
    enum err err = ERR_OK;
    if (before != NULL)
        settings = (struct workspace_settings){before->key, before->domain->key, before->name,
                                               before->zone_name};
    else if (!faults_have(faults, "/key"))
        err = workspace_key_judge(op, draft->key, directory, caller, faults, &settings);
    if (draft->name.p != NULL)
        name_judge(faults, STR("name"), "a name for the workspace", draft->name, &settings.name);
    else if (before == NULL)
        settings.name = settings.key;
    if (draft->zone.p != NULL && err != ERR_MEMORY)
        err = zone_judge(op, draft->zone, faults, &settings.zone);
    else if (before == NULL)
        settings.zone = STR("UTC");
    if (faults->err != ERR_OK || err == ERR_MEMORY)
        return ERR_MEMORY;
    if (faults->n > 0)
        return ERR_INVALID;
    err = settings_check(op, &settings, before == NULL, directory, caller);
    if (err == ERR_OK)
        *ret_settings = settings;
    return err;
}

/* Does the caller manage the nearest existing domain above? */
static bool manages_above(const struct directory *directory, const struct account *caller,
                          struct str key)
{
    struct str above = STR_NONE, segment;
    for (struct str below = key; key_split(below, &above, &segment); below = above) {
        const struct domain *domain = directory_domain(directory, above);
        if (domain != NULL)
            return right_manages(directory, caller, domain);
    }
    return caller == NULL || directory_is_admin(caller);
}

enum err domain_judge(struct op *op, struct str sent, const struct directory *directory,
                      const struct account *caller, struct faults *faults, struct str *ret_key)
{
    struct str key = STR_NONE;
    enum err err =
        faults_have(faults, "/key")
            ? ERR_INVALID
            : key_judge(op, sent, "the key of the domain above it, a dash and one more segment",
                        faults, &key);
    if (faults->err != ERR_OK || err == ERR_MEMORY)
        return ERR_MEMORY;
    if (faults->n > 0)
        return ERR_INVALID;
    if (!manages_above(directory, caller, key))
        return op_fail(op, ERR_FORBIDDEN,
                       "Only a manager of the domain above it can create a domain; at the "
                       "top level, only an admin.");
    if (directory_domain(directory, key) != NULL)
        return op_fail(op, ERR_CONFLICT, "The domain %.*s already exists.", STR_ARG(key));
    *ret_key = key;
    return ERR_OK;
}
