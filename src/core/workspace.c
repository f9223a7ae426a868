#include "core/workspace.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "model/key.h"
#include "store/directory.h"
#include "store/timer.h"

/* ---- domains ---- */

static enum err domain_event(struct batch *batch, struct op *op, int64_t domain_id, struct str key,
                             int64_t actor_id)
{
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_name(&changes, "domain", STR_NONE, key);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK ? admin_event_add(batch, op, domain_id, key, actor_id,
                                           STR("admin.domain.created"), payload)
                         : err;
}

/* The id of a domain, which is created, with any missing domains above it. */
static enum err domain_ensure(struct batch *batch, struct op *op, struct str key, int64_t actor_id,
                              int64_t *ret_id)
{
    struct db *db = batch_db(batch);
    for (size_t end = 0; end < key.n; end++) {
        end += str_find(str_from(key, end), '-');
        struct str prefix = str_sub(key, 0, end);
        enum err err = store_domain_id(db, op, prefix, ret_id);
        if (err == ERR_OK && *ret_id == 0) {
            *ret_id = id_next();
            err = store_domain_add(db, op, *ret_id, prefix);
            if (err == ERR_OK)
                err = domain_event(batch, op, *ret_id, prefix, actor_id);
            if (err == ERR_OK)
                err = admin_state_add(batch, op, STATE_DOMAIN, *ret_id, actor_id);
        }
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static enum err domain_apply(struct change *change, struct batch *batch)
{
    struct domain_save *save = container_of(change, struct domain_save, change);
    int64_t id;
    enum err err = batch_directory_expect(batch, change->op, save->directory);
    if (err != ERR_OK)
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = domain_ensure(batch, change->op, save->key, save->actor_id, &id);
    return err == ERR_OK ? batch_directory_patched(batch, change->op) : err;
}

enum err domain_save(struct core *core, struct domain_save *save)
{
    save->change = (struct change){.op = save->op, .apart = true, .apply = domain_apply};
    return core_change_wait(core, &save->change);
}

/* ---- workspaces ---- */

static enum err workspace_event(struct workspace_save *save, struct batch *batch, int64_t domain_id)
{
    const struct workspace *before = save->before;
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_text(&changes, "name", before == NULL ? STR_NONE : before->name,
                      save->settings.name);
    admin_change_text(&changes, "timezone", before == NULL ? STR_NONE : before->zone_name,
                      save->settings.zone);
    enum err err = admin_changes_end(&changes, save->op->arena, &payload);
    return err == ERR_OK
               ? admin_event_add(batch, save->op, domain_id, save->settings.key, save->actor_id,
                                 before == NULL ? STR("admin.workspace.created")
                                                : STR("admin.workspace.changed"),
                                 payload)
               : err;
}

enum err workspace_write(struct workspace_save *save, struct batch *batch)
{
    struct op *op = save->op;
    int64_t domain_id = save->before == NULL ? 0 : save->before->domain->id;
    int64_t id = save->before == NULL ? id_next() : save->before->id;
    enum err err = ERR_OK;
    if (save->before == NULL)
        err = domain_ensure(batch, op, save->settings.domain_key, save->actor_id, &domain_id);
    if (err == ERR_OK && save->before == NULL)
        err = store_workspace_add(batch_db(batch), op, id, domain_id, &save->settings);
    else if (err == ERR_OK)
        err = store_workspace_change(batch_db(batch), op, id, &save->settings);
    /* Times of the day are others there now. */
    if (err == ERR_OK && save->before != NULL &&
        !str_eq(save->before->zone_name, save->settings.zone))
        err = store_sweep_add(batch_db(batch), op, id, 0);
    if (err == ERR_OK)
        err = workspace_event(save, batch, domain_id);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_WORKSPACE, id, save->actor_id) : err;
}

static enum err workspace_apply(struct change *change, struct batch *batch)
{
    struct workspace_save *save = container_of(change, struct workspace_save, change);
    enum err err = batch_directory_expect(batch, change->op, save->directory);
    if (err != ERR_OK)
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = workspace_write(save, batch);
    return err == ERR_OK ? batch_directory_patched(batch, change->op) : err;
}

enum err workspace_save(struct core *core, struct workspace_save *save)
{
    save->change = (struct change){.op = save->op, .apart = true, .apply = workspace_apply};
    return core_change_wait(core, &save->change);
}

/* ---- the operator's ---- */

static enum err faults_tell(struct op *op, const struct faults *faults)
{
    return op_fail(op, ERR_INVALID, "%.*s", STR_ARG(faults->items[0].detail));
}

/* `key` absent: a new one. */
static enum err workspace_operate(struct core *core, struct op *op, struct str key,
                                  const struct workspace_draft *draft, struct str *ret_key)
{
    struct judging judging = {0};
    enum err err;
    do {
        struct workspace_save save = {.op = op, .directory = core_directory(core)};
        struct faults faults;
        faults_init(&faults, op->arena);
        if (key.p != NULL)
            save.before = directory_workspace(save.directory, key);
        err = key.p != NULL && save.before == NULL
                  ? op_fail(op, ERR_NOT_FOUND, "there is no workspace %.*s",
                            STR_ARG(str_sub(key, 0, KEY_MAX)))
                  : workspace_judge(op, draft, save.before, save.directory, NULL, &faults,
                                    &save.settings);
        if (err == ERR_INVALID)
            err = faults_tell(op, &faults);
        if (err == ERR_OK)
            err = workspace_save(core, &save);
        if (err == ERR_OK)
            *ret_key = save.settings.key;
        directory_release(save.directory);
    } while (judge_again(&judging, op, err));
    return err;
}

enum err workspace_add(struct core *core, struct op *op, const struct workspace_draft *draft,
                       struct str *ret_key)
{
    return workspace_operate(core, op, STR_NONE, draft, ret_key);
}

enum err workspace_set(struct core *core, struct op *op, struct str key,
                       const struct workspace_draft *draft)
{
    struct str changed;
    return workspace_operate(core, op, key, draft, &changed);
}

enum err domain_add(struct core *core, struct op *op, struct str key, struct str *ret_key)
{
    struct judging judging = {0};
    enum err err;
    do {
        struct domain_save save = {.op = op, .directory = core_directory(core)};
        struct faults faults;
        faults_init(&faults, op->arena);
        err = domain_judge(op, key, save.directory, NULL, &faults, &save.key);
        if (err == ERR_INVALID)
            err = faults_tell(op, &faults);
        if (err == ERR_OK)
            err = domain_save(core, &save);
        if (err == ERR_OK)
            *ret_key = save.key;
        directory_release(save.directory);
    } while (judge_again(&judging, op, err));
    return err;
}
