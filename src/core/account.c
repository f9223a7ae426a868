#include "core/account.h"

#include "core/person.h"
#include "model/key.h"

/* The roles that are held, and the one that is given. */
static enum err roles_draft(struct account_add *add, const struct directory *directory,
                            const struct account *before, struct person_draft *draft)
{
    size_t held = 0, n = 0;
    const struct grant *grants =
        before == NULL ? NULL : directory_grants(directory, before->id, &held);
    const struct domain *domain =
        add->domain.n > KEY_MAX ? NULL : directory_domain(directory, add->domain);
    struct role_draft *roles = ARENA_ARRAY(add->op->arena, struct role_draft, held + 1);
    if (roles == NULL)
        return ERR_MEMORY;
    struct str key;
    enum err err = key_read(add->op->arena, add->domain, &key);
    if (err == ERR_SYNTAX)
        return op_fail(add->op, ERR_SYNTAX,
                       "\"%.*s\" is not a valid key: use letters and digits in groups of at most "
                       "%d, joined by dashes, such as EXA-CON-BUS",
                       STR_ARG(str_sub(add->domain, 0, 100)), KEY_SEGMENT_MAX);
    if (err != ERR_OK)
        return err;
    if (domain == NULL)
        return op_fail(add->op, ERR_NOT_FOUND,
                       "there is no domain %.*s; adding a workspace creates it: bzctrld workspace "
                       "add %.*s-NAME",
                       STR_ARG(str_sub(add->domain, 0, 100)),
                       STR_ARG(str_sub(add->domain, 0, 100)));
    for (size_t i = 0; i < held; i++)
        if (grants[i].domain != domain && grants[i].role != ROLE_NONE)
            roles[n++] =
                (struct role_draft){grants[i].domain->key, str_of(role_name(grants[i].role))};
    roles[n++] = (struct role_draft){domain->key, str_of(role_name(add->role))};
    draft->roles = roles;
    draft->role_count = n;
    draft->roles_sent = true;
    return ERR_OK;
}

static enum err account_judge(struct account_add *add, struct person_save *save)
{
    struct op *op = add->op;
    struct person_draft draft = {.email = add->email, .name = add->name};
    struct faults faults;
    enum err err = ERR_OK;
    faults_init(&faults, op->arena);
    save->before = directory_account(save->directory, add->email);
    if (save->before != NULL && save->before->kind != ACCOUNT_PERSON)
        return op_fail(op, ERR_CONFLICT, "%.*s is a client, not a person", STR_ARG(add->email));
    draft.admin = draft.admin_sent = add->admin;
    if (add->domain.p != NULL)
        err = roles_draft(add, save->directory, save->before, &draft);
    if (err == ERR_OK)
        err =
            person_judge(op, &draft, save->before, save->directory, NULL, &faults, &save->settings);
    return err == ERR_INVALID ? op_fail(op, err, "%.*s", STR_ARG(faults.items[0].detail)) : err;
}

enum err account_email(struct core *core, struct op *op, struct str text, struct str *ret_email)
{
    const struct directory *directory = core_directory(core);
    const struct account *account = directory_account(directory, utf8_trim(text));
    struct str email = account == NULL ? STR_NONE : arena_str(op->arena, account->email);
    enum err err = account != NULL && email.p == NULL ? ERR_MEMORY : ERR_OK;
    if (account == NULL)
        err = email_judge(op, text, &email);
    directory_release(directory);
    if (err == ERR_OK)
        *ret_email = email;
    return err;
}

enum err account_add(struct core *core, struct account_add *add)
{
    struct judging judging = {0};
    enum err err = account_email(core, add->op, add->email, &add->email);
    if (err != ERR_OK)
        return err;
    do {
        struct person_save save = {.op = add->op,
                                   .directory = core_directory(core),
                                   .password_hash = add->password_hash,
                                   .password_same = add->password_same};
        err = account_judge(add, &save);
        if (err == ERR_OK)
            err = person_save(core, &save);
        add->existed = save.before != NULL;
        add->password_cleared = save.clears_password;
        directory_release(save.directory);
    } while (judge_again(&judging, add->op, err));
    return err;
}
