#include "core/person.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/password_reset.h"
#include "store/erasure.h"
#include "store/identity.h"

/* ---- events ---- */

static struct str role_text(enum role role)
{
    return role == ROLE_NONE ? STR_NONE : str_of(role_name(role));
}

static struct str action_of(const struct person_save *save)
{
    if (save->before == NULL)
        return STR("admin.person.created");
    return save->erase ? STR("admin.person.erased") : STR("admin.person.changed");
}

static struct str password_text(const struct person_save *save)
{
    return save->clears_password ? STR("cleared") : save->sets_password ? STR("set") : STR_NONE;
}

/* The event in one domain's chain, with the role there alone; `domain` NULL: in the chain of no
 * domain. Nothing if nothing has changed that concerns it. */
static enum err person_event(struct person_save *save, struct batch *batch,
                             const struct person_settings *before, const struct domain *domain)
{
    const struct person_settings *after = &save->settings;
    bool is_new = save->before == NULL;
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_text(&changes, "name", before->name, after->name);
    admin_change_flag(&changes, "admin", is_new ? -1 : before->admin, after->admin);
    admin_change_flag(&changes, "disabled", is_new ? -1 : before->disabled, after->disabled);
    admin_change_flag(&changes, "passwordGrant", before->password_grant, after->password_grant);
    if (domain != NULL)
        admin_change_text(&changes, "role",
                          role_text(grants_role(before->grants, before->grant_count, domain->id)),
                          role_text(grants_role(after->grants, after->grant_count, domain->id)));
    if (domain != NULL)
        admin_change_text(
            &changes, "groupRole",
            role_text(grants_group_role(before->grants, before->grant_count, domain->id)),
            role_text(grants_group_role(after->grants, after->grant_count, domain->id)));
    admin_change_text(&changes, "signsInAt", STR_NONE,
                      save->link == NULL ? STR_NONE : save->link->issuer);
    admin_change_text(&changes, "password", STR_NONE, password_text(save));
    bool any = changes.any || is_new || save->erase;
    admin_change_name(&changes, "person", is_new ? STR_NONE : after->email, after->email);
    enum err err = admin_changes_end(&changes, save->op->arena, &payload);
    if (err != ERR_OK || !any)
        return err;
    return admin_event_add(batch, save->op, domain == NULL ? 0 : domain->id,
                           domain == NULL ? STR(EVENT_ROOT) : domain->key, save->actor_id,
                           action_of(save), payload);
}

/* Walks the domains of both lists of roles in the order of their ids, in which nodes lock them. */
static enum err roles_write(struct person_save *save, struct batch *batch,
                            const struct person_settings *before)
{
    const struct grant *left = before->grants;
    const struct grant *left_end = left == NULL ? NULL : left + before->grant_count;
    const struct grant *right = save->settings.grants;
    const struct grant *right_end = right == NULL ? NULL : right + save->settings.grant_count;
    bool nowhere = before->grant_count == 0 && save->settings.grant_count == 0;
    enum err err = nowhere || before->admin || save->settings.admin
                       ? person_event(save, batch, before, NULL)
                       : ERR_OK;
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
        if (err == ERR_OK)
            err = person_event(save, batch, before, domain);
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
static enum err credentials_write(struct person_save *save, struct batch *batch,
                                  const struct person_settings *before)
{
    struct op *op = save->op;
    struct db *db = batch_db(batch);
    int64_t maker;
    bool gains = gains_beyond(save, save->before->password_by);
    bool set = save->password_hash.p != NULL && (gains || !save->password_same);
    save->clears_password = gains && !set;
    save->sets_password = set;
    if (set || save->clears_password)
        return password_give(batch, op, save->account_id, save->password_hash, save->actor_id,
                             save->actor_id);
    if (save->settings.disabled && !before->disabled && !save->erase)
        return store_sign_ins_end(db, op, save->account_id, 0);
    enum err err = store_password_reset_maker(db, op, save->account_id, &maker);
    return err == ERR_OK && gains_beyond(save, maker)
               ? store_password_reset_drop(db, op, save->account_id)
               : err;
}

enum err person_write(struct person_save *save, struct batch *batch)
{
    struct db *db = batch_db(batch);
    struct op *op = save->op;
    struct person_settings before = {.password_grant = save->settings.password_grant};
    enum err err;
    if (save->before == NULL) {
        save->sets_password = save->password_hash.p != NULL;
        err = store_person_add(db, op, save->account_id, &save->settings, save->password_hash);
    } else {
        before = person_settings_of(save->directory, save->before);
        if (save->erase)
            before.name = STR_NONE; /* history gets only the pseudonym */
        err = save->erase ? store_person_erase(db, op, save->account_id, &save->settings,
                                               save->before->email)
                          : store_person_change(db, op, save->account_id, &save->settings);
        if (err == ERR_OK)
            err = credentials_write(save, batch, &before);
    }
    if (err == ERR_OK && save->link != NULL)
        err = store_identity_add(db, op, save->account_id, save->link);
    if (err == ERR_OK && save->matched != NULL)
        err = store_group_members_set(db, op, save->account_id, save->matched);
    if (err == ERR_OK)
        err = roles_write(save, batch, &before);
    return err == ERR_OK
               ? admin_state_add(batch, op, STATE_ACCOUNT, save->account_id, save->actor_id)
               : err;
}

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct person_save *save = container_of(change, struct person_save, change);
    enum err err = batch_directory_expect(batch, change->op, save->directory);
    if (err != ERR_OK)
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = person_write(save, batch);
    return err == ERR_OK ? batch_directory_patched(batch, change->op) : err;
}

/* Apart, since it may write to the chains of several domains, which is more than a batch is sorted
 * for. */
static void save_prepare(struct person_save *save, change_done_fn *done)
{
    save->account_id = save->before == NULL ? id_next() : save->before->id;
    if (save->by_sign_in)
        save->actor_id = save->account_id;
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
