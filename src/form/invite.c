#include "form/invite.h"

#include "model/email.h"
#include "model/right.h"

static bool lists(const struct form *form, struct str email)
{
    char bytes[EMAIL_FOLDED_SIZE];
    struct str mail_domain = {bytes, email_fold(email, bytes)};
    if (!email_valid(mail_domain) || email_erased(mail_domain))
        return false;
    (void)str_cut(&mail_domain, '@');
    for (size_t i = 0; i < form->invites.n; i++)
        if (email_same(form->invites.items[i], mail_domain))
            return true;
    return false;
}

enum invite invite_judge(const struct form *form, const struct directory *directory,
                         const struct domain *domain, struct str email)
{
    const struct account *account = directory_account(directory, email);
    size_t held;
    if (!email_valid(email) || email_erased(email) || !lists(form, email))
        return INVITE_NOBODY;
    if (account == NULL ? directory->account_count >= INVITE_ACCOUNTS_MAX
                        : account->kind != ACCOUNT_PERSON || account->disabled)
        return INVITE_NOBODY;
    if (account == NULL)
        return INVITE_ALLOWED;
    (void)directory_grants(directory, account->id, &held);
    return held > 0 && right_vouched(directory, account, account->password_by, domain)
               ? INVITE_ALLOWED
               : INVITE_BY_ADMIN;
}

enum err invite_make(struct op *op, const struct directory *directory, const struct domain *domain,
                     struct str email, const struct account **ret_before,
                     struct person_settings *ret_settings)
{
    const struct account *before = directory_account(directory, email);
    struct person_settings settings = {.password_grant = true};
    if (before != NULL) {
        settings = person_settings_of(directory, before);
    } else {
        enum err err = email_judge(op, email, &settings.email);
        if (err != ERR_OK)
            return err;
    }
    struct grant *grants = ARENA_ARRAY(op->arena, struct grant, settings.grant_count + 1);
    if (grants == NULL)
        return ERR_MEMORY;
    size_t n = 0, i = 0;
    while (i < settings.grant_count && settings.grants[i].domain->id < domain->id)
        grants[n++] = settings.grants[i++];
    grants[n++] = (struct grant){.domain = domain, .role = ROLE_VIEWER};
    while (i < settings.grant_count)
        grants[n++] = settings.grants[i++];
    settings.grants = grants;
    settings.grant_count = n;
    *ret_before = before;
    *ret_settings = settings;
    return ERR_OK;
}

enum err invite_preview(struct op *op, const struct directory *directory, struct str email,
                        const struct directory **ret_directory)
{
    struct directory *preview = ARENA_NEW(op->arena, struct directory);
    struct account *account = ARENA_NEW(op->arena, struct account);
    const struct account **by_id =
        ARENA_ARRAY(op->arena, const struct account *, directory->account_count + 1);
    if (preview == NULL || account == NULL || by_id == NULL)
        return ERR_MEMORY;
    account->kind = ACCOUNT_PERSON;
    by_id[0] = account; /* its id is below all others */
    for (size_t i = 0; i < directory->account_count; i++)
        by_id[i + 1] = directory->accounts_by_id[i];
    *preview = *directory;
    preview->accounts_by_id = by_id;
    preview->account_count++;
    *ret_directory = preview;
    return email_judge(op, email, &account->email);
}
