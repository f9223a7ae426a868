#include "core/rule_notified.h"

#include "model/key.h"
#include "model/right.h"

struct notifying {
    const struct directory *directory;
    const struct workspace *workspace;
    int64_t *ids;
    size_t n;
};

static void notified_add(struct notifying *notifying, int64_t account_id)
{
    const struct account *account = directory_account_by_id(notifying->directory, account_id);
    if (!right_takes_part(notifying->directory, account, notifying->workspace))
        return;
    for (size_t i = 0; i < notifying->n; i++)
        if (notifying->ids[i] == account_id)
            return;
    if (notifying->n < RULE_NOTIFIED_MAX)
        notifying->ids[notifying->n++] = account_id;
}

/* Those with the role on the domain or above it; an admin is not a manager of everything. */
static void managers_add(struct notifying *notifying)
{
    const struct directory *directory = notifying->directory;
    for (size_t i = 0; i < directory->grant_count; i++) {
        const struct grant *grant = &directory->grants[i];
        if (grant_role(grant) == ROLE_MANAGER &&
            key_covers(grant->domain->key, notifying->workspace->domain->key))
            notified_add(notifying, grant->account_id);
    }
}

static void followers_add(struct notifying *notifying, const struct task *task)
{
    for (int64_t i = 0; i < task->follower_count; i++)
        notified_add(notifying, task->followers[i]);
}

size_t rule_notified(const struct directory *directory, const struct workspace *workspace,
                     const struct task *task, const struct rule *rule,
                     int64_t ret_ids[RULE_NOTIFIED_MAX])
{
    struct notifying notifying = {.directory = directory, .workspace = workspace, .ids = ret_ids};
    if (rule == NULL) {
        notified_add(&notifying, task->assignee_id);
        followers_add(&notifying, task);
        return notifying.n;
    }
    for (size_t i = 0; i < rule->notify.n; i++) {
        struct str word = rule->notify.items[i];
        const struct account *account = directory_account(directory, word);
        if (str_eq(word, STR("assignee")))
            notified_add(&notifying, task->assignee_id);
        else if (str_eq(word, STR("reporter")))
            notified_add(&notifying, task->reporter_id);
        else if (str_eq(word, STR("managers")))
            managers_add(&notifying);
        else if (str_eq(word, STR("followers")))
            followers_add(&notifying, task);
        else if (account != NULL)
            notified_add(&notifying, account->id);
    }
    return notifying.n;
}
