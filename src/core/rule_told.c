#include "core/rule_told.h"

#include "model/key.h"
#include "model/right.h"

struct telling {
    const struct directory *directory;
    const struct workspace *workspace;
    int64_t *ids;
    size_t n;
};

static void told_add(struct telling *telling, int64_t account_id)
{
    const struct account *account = directory_account_by_id(telling->directory, account_id);
    if (!right_takes_part(telling->directory, account, telling->workspace))
        return;
    for (size_t i = 0; i < telling->n; i++)
        if (telling->ids[i] == account_id)
            return;
    if (telling->n < RULE_TOLD_MAX)
        telling->ids[telling->n++] = account_id;
}

/* Those with the role on the domain or above it; an admin is not a manager of everything. */
static void managers_add(struct telling *telling)
{
    const struct directory *directory = telling->directory;
    for (size_t i = 0; i < directory->grant_count; i++) {
        const struct grant *grant = &directory->grants[i];
        if (grant_role(grant) == ROLE_MANAGER &&
            key_covers(grant->domain->key, telling->workspace->domain->key))
            told_add(telling, grant->account_id);
    }
}

static void followers_add(struct telling *telling, const struct task *task)
{
    for (int64_t i = 0; i < task->follower_count; i++)
        told_add(telling, task->followers[i]);
}

size_t rule_told(const struct directory *directory, const struct workspace *workspace,
                 const struct task *task, const struct rule *rule, int64_t ret_ids[RULE_TOLD_MAX])
{
    struct telling telling = {.directory = directory, .workspace = workspace, .ids = ret_ids};
    if (rule == NULL) {
        told_add(&telling, task->assignee_id);
        followers_add(&telling, task);
        return telling.n;
    }
    for (size_t i = 0; i < rule->tell.n; i++) {
        struct str word = rule->tell.items[i];
        const struct account *account = directory_account(directory, word);
        if (str_eq(word, STR("assignee")))
            told_add(&telling, task->assignee_id);
        else if (str_eq(word, STR("reporter")))
            told_add(&telling, task->reporter_id);
        else if (str_eq(word, STR("managers")))
            managers_add(&telling);
        else if (str_eq(word, STR("followers")))
            followers_add(&telling, task);
        else if (account != NULL)
            told_add(&telling, account->id);
    }
    return telling.n;
}
