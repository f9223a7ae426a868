#include "core/person.h"

#include "base/container.h"
#include "base/id.h"
#include "json/write.h"
#include "store/erasure.h"

enum { PAYLOAD_MAX = 16 * 1024 };

/* ---- events ---- */

/* Appends "name":[ or ,"name":[ */
static void member_begin(struct buf *buf, const char *name)
{
    buf_printf(buf, "%s\"%s\":[", buf->n == 0 ? "{" : ",", name);
}

static void change_text(struct buf *buf, const char *name, struct str before, struct str after)
{
    if ((before.p == NULL) == (after.p == NULL) && str_eq(before, after))
        return;
    member_begin(buf, name);
    buf_json_string(buf, before);
    buf_char(buf, ',');
    buf_json_string(buf, after);
    buf_char(buf, ']');
}

static const char *flag_text(bool flag)
{
    return flag ? "true" : "false";
}

static void change_flag(struct buf *buf, const char *name, bool is_new, bool before, bool after)
{
    if (before == after)
        return;
    member_begin(buf, name);
    buf_printf(buf, "%s,%s]", is_new ? "null" : flag_text(before), flag_text(after));
}

static struct str role_text(enum role role)
{
    return role == ROLE_NONE ? STR_NONE : str_of(role_name(role));
}

/* What has changed of the person as such, and of the role on one domain; empty when nothing has. It
 * does not name the person yet. */
static void changes_build(struct buf *buf, const struct person_settings *before, bool is_new,
                          const struct person_settings *after, enum role role_before,
                          enum role role_after, bool cleared)
{
    change_text(buf, "name", before->name, after->name);
    change_flag(buf, "admin", is_new, before->admin, after->admin);
    change_flag(buf, "disabled", is_new, before->disabled, after->disabled);
    change_flag(buf, "passwordGrant", is_new, before->password_grant, after->password_grant);
    change_text(buf, "role", role_text(role_before), role_text(role_after));
    if (cleared)
        change_text(buf, "password", STR_NONE, STR("cleared"));
}

static struct str action_of(const struct person_save *save)
{
    if (save->before == NULL)
        return STR("person.created");
    return save->erase ? STR("person.erased") : STR("person.changed");
}

/* The event in one domain's chain. Its key is the domain's, not the address: that must be such that
 * it can be erased, and a key cannot. */
static enum err domain_event(struct person_save *save, struct batch *batch,
                             const struct person_settings *before, const struct domain *domain)
{
    struct op *op = save->op;
    const struct person_settings *after = &save->settings;
    struct buf changes;
    buf_init(&changes, PAYLOAD_MAX);
    changes_build(&changes, before, save->before == NULL, after,
                  grants_role(before->grants, before->grant_count, domain->id),
                  grants_role(after->grants, after->grant_count, domain->id),
                  save->clears_password);
    bool any = changes.n > 0;
    if (any) {
        member_begin(&changes, "person");
        buf_json_string(&changes, save->before == NULL ? STR_NONE : after->email);
        buf_char(&changes, ',');
        buf_json_string(&changes, after->email);
        BUF_LIT(&changes, "]}");
    }
    struct event event = {
        .domain_id = domain->id,
        .actor_id = save->actor_id,
        .action = action_of(save),
        .key = domain->key,
        .payload = buf_err(&changes) == ERR_OK ? arena_str(op->arena, buf_str(&changes)) : STR_NONE,
    };
    enum err err = buf_err(&changes);
    buf_finish(&changes);
    if (err != ERR_OK || !any)
        return err;
    return event.payload.p == NULL ? ERR_MEMORY : batch_append_event(batch, op, &event);
}

/* Walks the domains of both lists of roles in the order of their ids, in which nodes lock them. */
static enum err roles_write(struct person_save *save, struct batch *batch,
                            const struct person_settings *before)
{
    const struct grant *left = before->grants;
    const struct grant *left_end = left == NULL ? NULL : left + before->grant_count;
    const struct grant *right = save->settings.grants;
    const struct grant *right_end = right == NULL ? NULL : right + save->settings.grant_count;
    enum err err = ERR_OK;
    while (err == ERR_OK) {
        const struct grant *old = left < left_end ? left : NULL;
        const struct grant *next = right < right_end ? right : NULL;
        if (old == NULL && next == NULL)
            break;
        bool is_new = old == NULL || (next != NULL && next->domain->id <= old->domain->id);
        const struct domain *domain = is_new ? next->domain : old->domain;
        enum role was = ROLE_NONE, role = ROLE_NONE;
        if (old != NULL && old->domain->id == domain->id)
            was = (left++)->role;
        if (is_new)
            role = (right++)->role;
        if (was != role)
            err = store_grant_set(batch_db(batch), save->op, save->account_id, domain->id, role);
        if (err == ERR_OK && save->actor_id != 0)
            err = domain_event(save, batch, before, domain);
    }
    return err;
}

/* ---- the change ---- */

/* Does somebody who knows the password gain what only others may give? */
static bool gains_beyond(const struct person_save *save, int64_t by)
{
    return person_gains_beyond(save->directory, save->before, &save->settings, by);
}

/* The password, the sign-ins and the link of somebody who was there before. */
static enum err credentials_write(struct person_save *save, struct db *db,
                                  const struct person_settings *before)
{
    struct op *op = save->op;
    int64_t maker;
    bool gains = gains_beyond(save, save->before->password_by);
    bool set = save->password_hash.p != NULL && (gains || !save->password_same);
    save->clears_password = gains && !set;
    if (set || save->clears_password)
        return store_password_give(db, op, save->account_id, save->password_hash, save->actor_id);
    if (save->settings.disabled && !before->disabled && !save->erase)
        return store_sign_ins_end(db, op, save->account_id, 0);
    enum err err = store_password_reset_maker(db, op, save->account_id, &maker);
    return err == ERR_OK && gains_beyond(save, maker)
               ? store_password_reset_drop(db, op, save->account_id)
               : err;
}

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct person_save *save = container_of(change, struct person_save, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct person_settings before = {.password_grant = save->settings.password_grant};
    enum err err = batch_directory_expect(batch, op, save->directory);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    if (save->before == NULL) {
        err = store_person_add(db, op, save->account_id, &save->settings, save->password_hash);
    } else {
        before = person_settings_of(save->directory, save->before);
        if (save->erase)
            before.name = STR_NONE; /* history gets only the pseudonym */
        err = save->erase ? store_person_erase(db, op, save->account_id, &save->settings,
                                               save->before->email)
                          : store_person_change(db, op, save->account_id, &save->settings);
        if (err == ERR_OK)
            err = credentials_write(save, db, &before);
    }
    if (err == ERR_OK)
        err = roles_write(save, batch, &before);
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

/* Apart, since it may write to the chains of several domains, which is more than a batch is sorted
 * for. */
static void save_prepare(struct person_save *save, change_done_fn *done)
{
    save->account_id = save->before == NULL ? id_next() : save->before->id;
    save->change =
        (struct change){.op = save->op, .apart = true, .apply = save_apply, .done = done};
}

enum err person_save(struct core *core, struct person_save *save)
{
    save_prepare(save, NULL);
    return core_change_wait(core, &save->change);
}

enum err person_save_start(struct core *core, struct person_save *save, change_done_fn *done)
{
    save_prepare(save, done);
    return core_change(core, &save->change);
}
