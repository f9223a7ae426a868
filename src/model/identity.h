/*
 * Who somebody is at a provider of single sign-on, and what their groups there give them. An account
 * is found by the issuer and the subject, which nobody can choose; the e-mail address counts only
 * once, for the first sign-in, and only when the provider has verified it.
 */
#ifndef BZCTRL_MODEL_IDENTITY_H
#define BZCTRL_MODEL_IDENTITY_H

#include "base/op.h"
#include "model/directory.h"

enum {
    PERSON_GROUPS_MAX = 2000, /* of one person that are looked at … */
    GROUP_NAME_MAX = 512,     /* … each of as many bytes */
    GROUP_RULES_MAX = 500,    /* in force */
};

struct identity {
    struct str issuer, subject;
    struct str email, name; /* may be absent */
    bool email_verified;
    struct str_list groups;
};

/* Whoever is in `group` has `role` on `domain`. */
struct group_rule {
    int64_t id;
    struct str group;
    int64_t domain_id;
    enum role role;
    int64_t created_at;
    int64_t people; /* how many have their role by it; of a list only */
};

struct group_rules {
    const struct group_rule *items;
    size_t n;
};

/* The rules that the groups fulfil, in the order of `all`. ERR_MEMORY. */
enum err group_rules_match(struct op *op, const struct group_rules *all, struct str_list groups,
                           struct group_rules *ret_matched) MUST_CHECK;

/* `held` with the roles of `matched` in place of all that came by groups before; what was given by
 * hand stays. ERR_MEMORY. */
enum err group_grants(struct op *op, const struct directory *directory,
                      const struct group_rules *matched, const struct grant *held,
                      size_t held_count, const struct grant **ret_grants,
                      size_t *ret_count) MUST_CHECK;

/* Do two lists, each in the order of ids, have the same rules? */
bool group_rules_equal(const struct group_rules *a, const struct group_rules *b);

#endif
