#include "core/feed.h"

#include "model/event.h"
#include "model/key.h"
#include "model/right.h"

static bool keys_have(struct str_list keys, struct str key)
{
    for (size_t i = 0; i < keys.n; i++)
        if (str_eq(keys.items[i], key))
            return true;
    return keys.n == 0;
}

static bool action_matches(struct str pattern, struct str action)
{
    size_t n = pattern.n;
    if (n == 0 || pattern.p[n - 1] != '*')
        return str_eq(pattern, action);
    struct str start = str_sub(pattern, 0, n - 1);
    /* Earlier histories have these events by names without "admin.". */
    return str_starts(action, start) ||
           (str_eq(start, STR("admin.")) && event_is_administration(action));
}

bool feed_action_wanted(struct str_list actions, struct str action)
{
    for (size_t i = 0; i < actions.n; i++)
        if (action_matches(actions.items[i], action))
            return true;
    return actions.n == 0;
}

static bool source_wanted(const struct feed_filter *filter, int64_t source_id)
{
    for (size_t i = 0; i < filter->source_count; i++)
        if (filter->sources[i] == source_id && source_id != 0)
            return true;
    return !filter->by_source;
}

bool feed_shows_chain(const struct feed_filter *filter, const struct directory *directory,
                      const struct account *account, int64_t domain_id)
{
    const struct domain *domain = directory_domain_by_id(directory, domain_id);
    if (domain == NULL)
        return domain_id == 0 && directory_is_admin(account) && filter->domains.n == 0 &&
               filter->workspaces.n == 0;
    bool wanted = filter->domains.n == 0;
    for (size_t i = 0; i < filter->domains.n && !wanted; i++)
        wanted = key_covers(filter->domains.items[i], domain->key);
    bool has = filter->workspaces.n == 0;
    for (size_t i = 0; i < filter->workspaces.n && !has; i++) {
        const struct workspace *workspace =
            directory_workspace(directory, filter->workspaces.items[i]);
        has = workspace != NULL && workspace->domain == domain;
    }
    return wanted && has && right_sees_domain(directory, account, domain);
}

bool feed_shows(const struct feed_filter *filter, const struct directory *directory,
                const struct account *account, const struct feed_subject *subject)
{
    if (!feed_action_wanted(filter->actions, subject->action) ||
        !source_wanted(filter, subject->source_id))
        return false;
    if (event_is_meeting(subject->action)) {
        const struct domain *domain = directory_domain_by_id(directory, subject->domain_id);
        return domain != NULL && filter->workspaces.n == 0 && account->kind == ACCOUNT_PERSON &&
               directory_role(directory, account, domain) >= ROLE_VIEWER;
    }
    if (event_is_administration(subject->action)) {
        if (filter->workspaces.n > 0 && !keys_have(filter->workspaces, subject->key))
            return false;
        if (account->kind != ACCOUNT_PERSON)
            return false;
        const struct domain *domain = directory_domain_by_id(directory, subject->domain_id);
        return domain == NULL ? subject->domain_id == 0 && directory_is_admin(account)
                              : right_manages(directory, account, domain);
    }
    const struct workspace *workspace = directory_workspace_by_id(directory, subject->workspace_id);
    if (subject->internal && account->kind != ACCOUNT_PERSON)
        return false;
    return workspace != NULL && keys_have(filter->workspaces, workspace->key) &&
           reach_covers(right_reach(directory, account, RIGHT_READ, workspace), account,
                        subject->source_id);
}

struct str feed_domain_key(const struct directory *directory, int64_t domain_id)
{
    const struct domain *domain = directory_domain_by_id(directory, domain_id);
    return domain == NULL ? STR(EVENT_ROOT) : domain->key;
}
