#include "model/person.h"

#include "model/email.h"
#include "model/key.h"
#include "model/name.h"
#include "model/right.h"

#include <stdlib.h>

struct person_judging {
    struct op *op;
    const struct person_draft *draft;
    const struct account *before;
    const struct directory *directory;
    const struct account *caller;
    struct faults *faults;
    struct person_settings *settings;
    const char *forbidden; /* why, when something is */
};

struct person_settings person_settings_of(const struct directory *directory,
                                          const struct account *account)
{
    struct person_settings settings = {
        .email = account->email,
        .name = account->name,
        .admin = account->admin,
        .disabled = account->disabled,
        .password_grant = account->password_grant,
    };
    settings.grants = directory_grants(directory, account->id, &settings.grant_count);
    return settings;
}

enum role grants_role(const struct grant *grants, size_t n, int64_t domain_id)
{
    for (size_t i = 0; i < n; i++)
        if (grants[i].domain->id == domain_id)
            return grants[i].role;
    return ROLE_NONE;
}

enum role grants_group_role(const struct grant *grants, size_t n, int64_t domain_id)
{
    for (size_t i = 0; i < n; i++)
        if (grants[i].domain->id == domain_id)
            return grants[i].by_group;
    return ROLE_NONE;
}

bool person_gains_beyond(const struct directory *directory, const struct account *before,
                         const struct person_settings *settings, int64_t by)
{
    if (settings->disabled)
        return false;
    if (settings->admin)
        return !directory_is_admin(before) && !right_vouched(directory, before, by, NULL);
    for (size_t i = 0; i < settings->grant_count; i++) {
        const struct grant *grant = &settings->grants[i];
        if (grant_role(grant) > directory_role(directory, before, grant->domain) &&
            !right_vouched(directory, before, by, grant->domain))
            return true;
    }
    return false;
}

bool person_is_last_admin(const struct directory *directory, const struct account *account)
{
    if (!directory_is_admin(account))
        return false;
    for (size_t i = 0; i < directory->account_count; i++) {
        const struct account *other = &directory->accounts[i];
        if (other->id != account->id && directory_is_admin(other))
            return false;
    }
    return true;
}

bool person_begins(const struct account *account, struct str typed, struct buf *words)
{
    struct str local = str_sub(account->email, 0, str_find(account->email, '@'));
    if (account->kind != ACCOUNT_PERSON)
        return false;
    buf_clear(words);
    buf_words(words, account->name);
    buf_words(words, local);
    if (words_begin(buf_str(words), typed))
        return true;
    buf_clear(words);
    buf_words(words, account->email);
    return str_starts(buf_str(words), str_trim(typed));
}

enum err email_judge(struct op *op, struct str text, struct str *ret_email)
{
    char bytes[EMAIL_FOLDED_SIZE];
    text = utf8_trim(text);
    struct str folded = {bytes, email_fold(text, bytes)};
    /* Folding turns one Greek mark into a ';', so the result is checked too. */
    if (!email_valid(text) || !email_valid(folded))
        return op_fail(op, ERR_INVALID, "\"%.*s\" is not an e-mail address",
                       STR_ARG(fault_excerpt(text)));
    folded = arena_str(op->arena, folded);
    if (folded.p == NULL)
        return ERR_MEMORY;
    *ret_email = folded;
    return ERR_OK;
}

static void judge_email(struct person_judging *j)
{
    struct str sent = j->draft->email, email = STR_NONE;
    if (!utf8_visible(sent)) {
        fault_add(j->faults, STR("email"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "email is required: the address that the person signs in with.");
        return;
    }
    enum err err = email_judge(j->op, sent, &email);
    if (err == ERR_INVALID || email_erased(email))
        fault_add(j->faults, STR("email"), FAULT_WHOLE, FAULT_NOT_AN_EMAIL, NO_OPTIONS,
                  "\"%.*s\" is not an e-mail address.", STR_ARG(fault_excerpt(utf8_trim(sent))));
    else if (err != ERR_OK)
        j->faults->err = err;
    else
        j->settings->email = email;
}

static void forbid(struct person_judging *j, const char *why)
{
    if (j->forbidden == NULL)
        j->forbidden = why;
}

/* ---- roles ---- */

static struct str_list roles_allowed(void)
{
    static const struct str roles[] = {STR_INIT("viewer"), STR_INIT("member"), STR_INIT("manager")};
    return (struct str_list){roles, sizeof roles / sizeof roles[0]};
}

/* One role as it was sent, into `grants`. */
static void judge_role(struct person_judging *j, const struct role_draft *sent,
                       struct grant *grants, size_t *n)
{
    enum role role = ROLE_NONE;
    struct faults *faults = j->faults;
    const struct domain *domain =
        sent->domain.n > KEY_MAX ? NULL : directory_domain(j->directory, sent->domain);
    if (domain == NULL ||
        (j->caller != NULL && !right_sees_domain(j->directory, j->caller, domain)))
        fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_UNKNOWN_DOMAIN, NO_OPTIONS,
                  "There is no domain \"%.*s\", or you may not see it.",
                  STR_ARG(fault_excerpt(sent->domain)));
    else if (grants_role(grants, *n, domain->id) != ROLE_NONE)
        fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_MISMATCH, NO_OPTIONS,
                  "%.*s appears twice in roles; a person has one role on a domain.",
                  STR_ARG(domain->key));
    else if (!right_manages(j->directory, j->caller, domain))
        forbid(j, "Only a manager of the domain can change the roles on it.");
    if (!role_read(sent->role, &role) || role > ROLE_MANAGER)
        fault_add(faults, STR("role"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, roles_allowed(),
                  "\"%.*s\" is not a role; use viewer, member or manager.",
                  STR_ARG(fault_excerpt(sent->role)));
    else if (domain != NULL)
        grants[(*n)++] = (struct grant){.domain = domain, .role = role};
}

static struct grant *grant_on(struct grant *grants, size_t n, const struct domain *domain)
{
    for (size_t i = 0; i < n; i++)
        if (grants[i].domain == domain)
            return &grants[i];
    return NULL;
}

static int grant_cmp(const void *a, const void *b)
{
    int64_t left = ((const struct grant *)a)->domain->id;
    int64_t right = ((const struct grant *)b)->domain->id;
    return (left > right) - (left < right);
}

static void judge_roles(struct person_judging *j)
{
    const struct person_draft *draft = j->draft;
    size_t kept = 0, n = 0;
    const struct grant *before = j->settings->grants;
    size_t before_count = j->settings->grant_count;
    struct grant *grants =
        ARENA_ARRAY(j->op->arena, struct grant, draft->role_count + before_count);
    if (grants == NULL) {
        j->faults->err = ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < draft->role_count; i++) {
        struct faults *faults = j->faults;
        struct str base = arena_printf(j->op->arena, "/roles/%zu", i);
        if (base.p == NULL)
            faults->err = ERR_MEMORY;
        faults->base = base;
        judge_role(j, &draft->roles[i], grants, &n);
        faults->base = STR_NONE;
    }
    /* A caller neither sees nor changes roles on domains that they do not manage, and nobody those
     * that come by groups. */
    for (size_t i = 0; i < before_count; i++) {
        bool theirs = right_manages(j->directory, j->caller, before[i].domain);
        struct grant *given = theirs ? grant_on(grants, n, before[i].domain) : NULL;
        if (given != NULL)
            given->by_group = before[i].by_group;
        else if (!theirs)
            grants[n + kept++] = before[i];
        else if (before[i].by_group != ROLE_NONE)
            grants[n + kept++] =
                (struct grant){.domain = before[i].domain, .by_group = before[i].by_group};
    }
    qsort(grants, n + kept, sizeof grants[0], grant_cmp);
    j->settings->grants = grants;
    j->settings->grant_count = n + kept;
}

/* ---- the rest ---- */

static bool same(struct str a, struct str b)
{
    return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

static void judge_flags(struct person_judging *j)
{
    const struct person_draft *draft = j->draft;
    struct person_settings *settings = j->settings;
    if (draft->admin_sent)
        settings->admin = draft->admin;
    if (draft->disabled_sent)
        settings->disabled = draft->disabled;
    if (draft->password_grant_sent)
        settings->password_grant = draft->password_grant;
}

/* Fails if only an admin may add somebody who already has an account; see person_judge(). A manager
 * who cannot make a link for the person must not clear the password either: that would let any
 * manager lock out anybody. */
static enum err judge_gain(const struct person_judging *j)
{
    const struct account *person = j->before;
    size_t held;
    if (person == NULL || right_over_person(j->directory, j->caller, person))
        return ERR_OK;
    (void)directory_grants(j->directory, person->id, &held);
    if (held == 0 && j->settings->grant_count > 0 && person->password_by != j->caller->id)
        return op_fail(j->op, ERR_CONFLICT,
                       "%.*s already has an account, but no role any more. Ask an admin to give "
                       "them one.",
                       STR_ARG(person->email));
    if (person_gains_beyond(j->directory, person, j->settings, person->password_by))
        return op_fail(j->op, ERR_CONFLICT,
                       "%.*s already has an account, and somebody who does not manage your domain "
                       "may know its password. Ask an admin to give them the role and a link for "
                       "a new password.",
                       STR_ARG(person->email));
    return ERR_OK;
}

/* Is the caller allowed to make this change? */
static enum err judge_rights(struct person_judging *j)
{
    const struct person_settings *settings = j->settings;
    const struct account *before = j->before;
    bool all = j->caller == NULL || directory_is_admin(j->caller);
    struct person_settings was = {.password_grant = true};
    if (before != NULL)
        was = person_settings_of(j->directory, before);
    if (!all && settings->admin != was.admin)
        forbid(j, "Only an admin can make somebody an admin, or end that.");
    if (!all && was.admin)
        forbid(j, "Only an admin can change the account of an admin.");
    if (!all && before != NULL && !right_over_person(j->directory, j->caller, before) &&
        (!same(settings->name, was.name) || settings->disabled != was.disabled ||
         settings->password_grant != was.password_grant))
        forbid(j, "This person has roles beyond your own. You can change only the roles on domains "
                  "that you manage.");
    if (j->forbidden != NULL)
        return op_fail(j->op, ERR_FORBIDDEN, "%s", j->forbidden);
    if (before != NULL && (!settings->admin || settings->disabled) &&
        person_is_last_admin(j->directory, before))
        return op_fail(j->op, ERR_CONFLICT,
                       "%.*s is the last enabled admin. Make somebody else an admin first.",
                       STR_ARG(before->email));
    return judge_gain(j);
}

enum err person_judge(struct op *op, const struct person_draft *draft, const struct account *before,
                      const struct directory *directory, const struct account *caller,
                      struct faults *faults, struct person_settings *ret_settings)
{
    struct person_settings settings = {.password_grant = true};
    struct person_judging j = {op, draft, before, directory, caller, faults, &settings, NULL};
    if (before != NULL)
        settings = person_settings_of(directory, before);
    else if (!faults_have(faults, "/email"))
        judge_email(&j);
    if (draft->name.p != NULL)
        name_judge(faults, STR("name"), "a name for the person, or null", draft->name,
                   &settings.name);
    else if (draft->name_sent)
        settings.name = STR_NONE;
    if (draft->roles_sent)
        judge_roles(&j);
    if (before == NULL && draft->role_count == 0 && caller != NULL && !directory_is_admin(caller) &&
        !faults_have(faults, "/roles"))
        fault_add(faults, STR("roles"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "roles is required: give the person at least one role on a domain of yours.");
    judge_flags(&j);
    if (faults->err != ERR_OK)
        return faults->err;
    if (faults->n > 0)
        return ERR_INVALID;
    enum err err = judge_rights(&j);
    if (err == ERR_OK)
        *ret_settings = settings;
    return err;
}
