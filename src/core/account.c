#include "core/account.h"

#include "base/id.h"
#include "core/change.h"
#include "model/email.h"
#include "model/key.h"
#include "store/directory.h"

enum { NAME_MAX_CHARACTERS = 255 };

/* ---- people ---- */

struct account_change {
    struct change change;
    struct account_add *add;
};

static enum err email_read(struct op *op, struct str text, struct str *ret_email)
{
    text = str_trim(text);
    if (!email_valid(text))
        return op_fail(op, ERR_INVALID, "\"%.*s\" is no e-mail address",
                       STR_ARG(str_sub(text, 0, 100)));
    char *lower = arena_alloc(op->arena, text.n);
    if (lower == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < text.n; i++)
        lower[i] = ascii_lower(text.p[i]);
    *ret_email = (struct str){lower, text.n};
    return ERR_OK;
}

/* A name for people: no control characters, so that no list or mail is broken by it. */
static enum err name_check(struct op *op, struct str name)
{
    bool valid = utf8_valid(name) && utf8_length(name) <= NAME_MAX_CHARACTERS;
    for (size_t i = 0; i < name.n && valid; i++)
        valid = (unsigned char)name.p[i] >= ' ' && name.p[i] != 0x7f;
    return valid ? ERR_OK
                 : op_fail(op, ERR_INVALID,
                           "a name is at most %d characters of text without control characters",
                           NAME_MAX_CHARACTERS);
}

static enum err domain_key_read(struct op *op, struct str text, struct str *ret_key)
{
    enum err err = key_read(op->arena, text, ret_key);
    if (err == ERR_SYNTAX)
        return op_fail(op, err,
                       "\"%.*s\" is no key: one is letters and digits, at most %d between dashes, "
                       "like EXA-CON-BUS",
                       STR_ARG(str_sub(text, 0, 100)), KEY_SEGMENT_MAX);
    return err;
}

/* Finds the domain of the role that is to be given; 0 when none is. */
static enum err grant_domain(struct db *db, const struct account_add *add, int64_t *ret_id)
{
    *ret_id = 0;
    if (add->domain.p == NULL)
        return ERR_OK;
    enum err err = store_domain_id(db, add->op, add->domain, ret_id);
    if (err == ERR_OK && *ret_id == 0)
        return op_fail(add->op, ERR_NOT_FOUND,
                       "there is no domain %.*s; a workspace below it makes it: bzctrld workspace "
                       "add %.*s-NAME",
                       STR_ARG(add->domain), STR_ARG(add->domain));
    return err;
}

static enum err account_apply(struct change *change, struct batch *batch)
{
    struct account_add *add = ((struct account_change *)(void *)change)->add;
    struct op *op = add->op;
    struct db *db = batch_db(batch);
    struct person_row row = {.email = add->email,
                             .name = add->name,
                             .password_hash = add->password_hash,
                             .admin = add->admin};
    int64_t domain_id;
    enum account_kind kind;
    enum err err = grant_domain(db, add, &domain_id);
    if (err == ERR_OK)
        err = store_account_id(db, op, add->email, &row.id, &kind);
    if (err == ERR_OK && kind != ACCOUNT_PERSON)
        err = op_fail(op, ERR_CONFLICT, "%.*s is a client, not a person", STR_ARG(add->email));
    if (err != ERR_OK)
        return err;

    batch_writes(batch, change);
    add->existed = row.id != 0;
    if (add->existed) {
        err = store_person_change(db, op, &row);
    } else {
        row.id = id_next();
        err = store_person_add(db, op, &row);
    }
    if (err == ERR_OK && domain_id != 0)
        err = store_grant_set(db, op, row.id, domain_id, add->role);
    return err == ERR_OK ? batch_directory_changed(batch, op) : err;
}

enum err account_add(struct core *core, struct account_add *add)
{
    enum err err = email_read(add->op, add->email, &add->email);
    if (err == ERR_OK && add->name.p != NULL)
        err = name_check(add->op, add->name);
    if (err == ERR_OK && add->domain.p != NULL)
        err = domain_key_read(add->op, add->domain, &add->domain);
    if (err == ERR_OK && add->domain.p != NULL &&
        (add->role < ROLE_VIEWER || add->role > ROLE_MANAGER))
        err = op_fail(add->op, ERR_INVALID, "a role on a domain is viewer, member or manager");
    if (err != ERR_OK)
        return err;
    struct account_change change = {{.op = add->op, .apply = account_apply}, add};
    return core_change_wait(core, &change.change);
}

/* ---- workspaces ---- */

struct workspace_change {
    struct change change;
    struct workspace_add *add;
};

/* The id of a domain, which is made, with all above it, as far as it is new. */
static enum err domain_ensure(struct db *db, struct op *op, struct str key, int64_t *ret_id)
{
    for (size_t end = 0; end < key.n; end++) {
        end += str_find(str_from(key, end), '-');
        struct str prefix = str_sub(key, 0, end);
        enum err err = store_domain_id(db, op, prefix, ret_id);
        if (err == ERR_OK && *ret_id == 0) {
            *ret_id = id_next();
            err = store_domain_add(db, op, *ret_id, prefix);
        }
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static enum err workspace_apply(struct change *change, struct batch *batch)
{
    const struct workspace_add *add = ((struct workspace_change *)(void *)change)->add;
    struct op *op = add->op;
    struct db *db = batch_db(batch);
    struct workspace_row row = {.key = add->key, .name = add->name, .zone = add->zone};
    enum err err = store_workspace_id(db, op, add->key, &row.id);
    if (err == ERR_OK && row.id != 0)
        err = op_fail(op, ERR_CONFLICT, "there is a workspace %.*s already", STR_ARG(add->key));
    if (err != ERR_OK)
        return err;

    batch_writes(batch, change);
    struct str domain, segment;
    if (!key_split(add->key, &domain, &segment))
        return ERR_SYNTAX;
    err = domain_ensure(db, op, domain, &row.domain_id);
    if (err != ERR_OK)
        return err;
    row.id = id_next();
    err = store_workspace_add(db, op, &row);
    return err == ERR_OK ? batch_directory_changed(batch, op) : err;
}

static enum err zone_check(struct op *op, struct str name)
{
    struct str text = arena_str(op->arena, name);
    if (text.p == NULL)
        return ERR_MEMORY;
    struct zone *zone = str_find(name, '\0') < name.n ? NULL : zone_create(text.p);
    if (zone == NULL)
        return op_fail(op, ERR_INVALID,
                       "this system knows no time zone \"%.*s\"; one is called like "
                       "Europe/Amsterdam",
                       STR_ARG(str_sub(name, 0, 100)));
    zone_destroy(zone);
    return ERR_OK;
}

enum err workspace_add(struct core *core, struct workspace_add *add)
{
    struct op *op = add->op;
    struct str domain, segment;
    enum err err = domain_key_read(op, add->key, &add->key);
    if (err == ERR_OK && !key_split(add->key, &domain, &segment))
        err = op_fail(op, ERR_SYNTAX,
                      "%.*s has one segment only; a workspace's key is a domain, a dash and one "
                      "more, like EXA-CON-BUS-WOR",
                      STR_ARG(add->key));
    if (err != ERR_OK)
        return err;
    if (add->name.p == NULL)
        add->name = add->key;
    if (add->zone.p == NULL)
        add->zone = STR("UTC");
    err = name_check(op, add->name);
    if (err == ERR_OK)
        err = zone_check(op, add->zone);
    if (err != ERR_OK)
        return err;
    struct workspace_change change = {{.op = op, .apply = workspace_apply}, add};
    return core_change_wait(core, &change.change);
}
