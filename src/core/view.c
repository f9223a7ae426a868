#include "core/view.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_event.h"

/* ---- the event ---- */

/* What is not there has no members. */
static enum err event_add(struct view_save *save, struct batch *batch)
{
    static const struct view none = {0};
    struct op *op = save->op;
    const struct view *before = save->before == NULL ? &none : save->before;
    const struct view *after = save->drops ? &none : &save->view;
    const struct domain *domain = directory_domain_by_id(save->directory, save->view.domain_id);
    struct str id = arena_printf(op->arena, "%lld", (long long)save->view.id);
    struct str action = save->drops            ? STR("admin.view.removed")
                        : save->before == NULL ? STR("admin.view.created")
                                               : STR("admin.view.changed");
    struct admin_changes changes;
    struct str payload;
    if (id.p == NULL)
        return ERR_MEMORY;
    admin_changes_begin(&changes);
    admin_change_name(&changes, "view", save->before == NULL ? STR_NONE : id,
                      save->drops ? STR_NONE : id);
    admin_change_text(&changes, "name", before->name, after->name);
    admin_change_texts(&changes, "query", before->query, after->query);
    admin_change_text(&changes, "layout", before->layout, after->layout);
    admin_change_texts(&changes, "columns", before->columns, after->columns);
    admin_change_text(&changes, "sort", before->sort, after->sort);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK ? admin_event_add(batch, op, domain->id, domain->key, save->actor_id,
                                           action, payload)
                         : err;
}

/* ---- the transaction ---- */

/* Is all still as it was when the change was judged? */
static enum err save_expect(struct view_save *save, struct batch *batch)
{
    struct op *op = save->op;
    struct db *db = batch_db(batch);
    struct view now;
    int64_t count;
    enum err err = batch_directory_expect_begun(batch, op, save->directory);
    /* Locked before it is read, so that other nodes come before or after, and not between. */
    if (err == ERR_OK && save->view.domain_id != 0)
        err = batch_hold_domain(batch, op, save->view.domain_id);
    if (err == ERR_OK && save->before != NULL) {
        err = store_view_get(db, op, save->view.id, &now);
        if (err == ERR_NOT_FOUND || (err == ERR_OK && now.version != save->before->version))
            err = ERR_OUTDATED;
        return err;
    }
    if (err == ERR_OK)
        err = store_view_count(db, op, &save->view, &count);
    if (err == ERR_OK && count >= VIEWS_MAX)
        err = op_fail(op, ERR_CONFLICT,
                      save->view.domain_id != 0
                          ? "%d views are shared with this domain already; remove one first."
                          : "You have %d views already; remove one first.",
                      VIEWS_MAX);
    return err;
}

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct view_save *save = container_of(change, struct view_save, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    enum err err = save_expect(save, batch);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    if (save->drops)
        err = store_view_drop(db, op, save->view.id);
    else if (save->before == NULL)
        err = store_view_add(db, op, &save->view);
    else
        err = store_view_put(db, op, &save->view);
    return err == ERR_OK && save->view.domain_id != 0 ? event_add(save, batch) : err;
}

enum err core_view_save(struct core *core, struct view_save *save)
{
    struct view *view = &save->view;
    if (save->before == NULL) {
        view->id = id_next();
        view->created_at = save->op->now;
    }
    view->version = save->before == NULL ? 1 : save->before->version + 1;
    view->updated_at = save->op->now;
    save->change = (struct change){.op = save->op,
                                   .domain_id = view->domain_id,
                                   .apart = core_is_shared(core) && view->domain_id == 0,
                                   .apply = save_apply};
    return core_change_wait(core, &save->change);
}
