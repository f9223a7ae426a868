#include "model/client.h"

#include "model/key.h"
#include "model/name.h"
#include "model/scope.h"

static bool places_have(struct client_places places, const struct workspace *workspace)
{
    for (size_t i = 0; i < places.n; i++)
        if (places.items[i]->id == workspace->id)
            return true;
    return false;
}

static bool settings_let_in(const struct client_settings *settings,
                            const struct workspace *workspace)
{
    return settings->workspaces.n > 0 ? places_have(settings->workspaces, workspace)
                                      : key_covers(settings->domain->key, workspace->domain->key);
}

bool client_works_in(const struct client *client, const struct workspace *workspace)
{
    return settings_let_in(&client->settings, workspace);
}

bool client_reads_all(const struct client *client, const struct workspace *workspace)
{
    return places_have(client->settings.read_all, workspace);
}

/* ---- the judge ---- */

struct client_judging {
    struct op *op;
    const struct directory *directory;
    const struct account *caller;
    struct faults *faults;
    struct client_settings *settings;
};

static bool seen_by_caller(const struct client_judging *j, const struct domain *domain)
{
    return j->caller == NULL || directory_role(j->directory, j->caller, domain) >= ROLE_VIEWER;
}

static void judge_domain(struct client_judging *j, struct str key)
{
    const struct domain *domain = key.n > KEY_MAX ? NULL : directory_domain(j->directory, key);
    if (key.n == 0)
        fault_add(j->faults, STR("domain"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "domain is required: its managers look after the client.");
    else if (domain == NULL || !seen_by_caller(j, domain))
        fault_add(j->faults, STR("domain"), FAULT_WHOLE, FAULT_UNKNOWN_DOMAIN, NO_OPTIONS,
                  "There is no domain \"%.*s\", or you may not see it.",
                  STR_ARG(fault_excerpt(key)));
    else
        j->settings->domain = domain;
}

static void judge_scopes(struct client_judging *j, struct str_list words)
{
    j->settings->scopes = 0;
    for (size_t i = 0; i < words.n; i++) {
        unsigned scope;
        if (scope_read(words.items[i], &scope))
            j->settings->scopes |= scope;
        else
            fault_add(j->faults, STR("scopes"), i, FAULT_NOT_AN_OPTION, scope_names(),
                      "\"%.*s\" is not a scope; \"allowed\" lists the valid ones.",
                      STR_ARG(fault_excerpt(words.items[i])));
    }
}

/* Workspaces by their keys: in the client's domain or below, without duplicates. */
static void judge_places(struct client_judging *j, const char *member, struct str_list keys,
                         struct client_places *ret_places)
{
    const struct client_settings *settings = j->settings;
    const struct workspace **items =
        ARENA_ARRAY(j->op->arena, const struct workspace *, keys.n + 1);
    struct client_places places = {items, 0};
    if (items == NULL) {
        j->faults->err = ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < keys.n; i++) {
        const struct workspace *workspace =
            keys.items[i].n > KEY_MAX ? NULL : directory_workspace(j->directory, keys.items[i]);
        if (workspace == NULL || !seen_by_caller(j, workspace->domain) ||
            (settings->domain != NULL &&
             !key_covers(settings->domain->key, workspace->domain->key)))
            fault_add(j->faults, str_of(member), i, FAULT_UNKNOWN_WORKSPACE, NO_OPTIONS,
                      "The workspace \"%.*s\" does not belong to the client's domain.",
                      STR_ARG(fault_excerpt(keys.items[i])));
        else if (!places_have(places, workspace))
            items[places.n++] = workspace;
    }
    *ret_places = places;
}

/* A client may read all records only of workspaces that it may use. */
static void judge_reading(struct client_judging *j)
{
    const struct client_settings *settings = j->settings;
    for (size_t i = 0; i < settings->read_all.n && settings->domain != NULL; i++)
        if (!settings_let_in(settings, settings->read_all.items[i]))
            fault_add(j->faults, STR("readAll"), FAULT_WHOLE, FAULT_MISMATCH, NO_OPTIONS,
                      "readAll lists %.*s, but workspaces does not; add it there too.",
                      STR_ARG(settings->read_all.items[i]->key));
}

enum err client_judge(struct op *op, const struct client_draft *draft,
                      const struct client_settings *before, const struct directory *directory,
                      const struct account *caller, struct faults *faults,
                      struct client_settings *ret_settings)
{
    struct client_settings settings = {0};
    struct client_judging j = {op, directory, caller, faults, &settings};
    if (before != NULL)
        settings = *before;
    if ((before == NULL || draft->name.p != NULL) && !faults_have(faults, "/name"))
        name_judge(faults, STR("name"), "a name for the client", draft->name, &settings.name);
    if (before == NULL && !faults_have(faults, "/domain"))
        judge_domain(&j, draft->domain);
    if (draft->scopes.items != NULL)
        judge_scopes(&j, draft->scopes);
    else if (before == NULL && !faults_have(faults, "/scopes"))
        fault_add(faults, STR("scopes"), FAULT_WHOLE, FAULT_REQUIRED, scope_names(),
                  "scopes is required: list what the client may do.");
    if (draft->workspaces.items != NULL && draft->workspaces.n == 0)
        fault_add(faults, STR("workspaces"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "workspaces must name at least one; use null for all of the client's domain.");
    else if (draft->workspaces.items != NULL)
        judge_places(&j, "workspaces", draft->workspaces, &settings.workspaces);
    else if (draft->workspaces_all)
        settings.workspaces = (struct client_places){0};
    if (draft->read_all.items != NULL)
        judge_places(&j, "readAll", draft->read_all, &settings.read_all);
    if (draft->disabled_sent)
        settings.disabled = draft->disabled;
    if (faults->n == 0)
        judge_reading(&j);
    if (faults->err != ERR_OK)
        return faults->err;
    if (faults->n > 0)
        return ERR_INVALID;
    *ret_settings = settings;
    return ERR_OK;
}
