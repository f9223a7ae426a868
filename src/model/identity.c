#include "model/identity.h"

#include <stdlib.h>

enum err group_rules_match(struct op *op, const struct group_rules *all, struct str_list groups,
                           struct group_rules *ret_matched)
{
    struct group_rule *matched = ARENA_ARRAY(op->arena, struct group_rule, all->n);
    size_t n = 0;
    if (matched == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < all->n; i++) {
        bool in = false;
        for (size_t k = 0; k < groups.n && !in; k++)
            in = str_eq(groups.items[k], all->items[i].group);
        if (in)
            matched[n++] = all->items[i];
    }
    *ret_matched = (struct group_rules){matched, n};
    return ERR_OK;
}

static struct grant *grant_on(struct grant *grants, size_t n, const struct domain *domain)
{
    for (size_t i = 0; i < n; i++)
        if (grants[i].domain->id == domain->id)
            return &grants[i];
    return NULL;
}

static int grant_cmp(const void *a, const void *b)
{
    int64_t left = ((const struct grant *)a)->domain->id;
    int64_t right = ((const struct grant *)b)->domain->id;
    return (left > right) - (left < right);
}

enum err group_grants(struct op *op, const struct directory *directory,
                      const struct group_rules *matched, const struct grant *held,
                      size_t held_count, const struct grant **ret_grants, size_t *ret_count)
{
    size_t n = 0;
    struct grant *grants = ARENA_ARRAY(op->arena, struct grant, held_count + matched->n);
    if (grants == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < held_count; i++)
        if (held[i].role != ROLE_NONE) {
            grants[n] = held[i];
            grants[n++].by_group = ROLE_NONE;
        }
    for (size_t i = 0; i < matched->n; i++) {
        const struct group_rule *rule = &matched->items[i];
        const struct domain *domain = directory_domain_by_id(directory, rule->domain_id);
        struct grant *grant = domain == NULL ? NULL : grant_on(grants, n, domain);
        if (domain == NULL)
            continue;
        if (grant == NULL) {
            grant = &grants[n++];
            *grant = (struct grant){.domain = domain};
        }
        if (rule->role > grant->by_group)
            grant->by_group = rule->role;
    }
    qsort(grants, n, sizeof grants[0], grant_cmp);
    *ret_grants = grants;
    *ret_count = n;
    return ERR_OK;
}

bool group_rules_equal(const struct group_rules *a, const struct group_rules *b)
{
    bool equal = a->n == b->n;
    for (size_t i = 0; i < a->n && equal; i++)
        equal = a->items[i].id == b->items[i].id;
    return equal;
}
