#include "core/form.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "form/form_document.h"

/* {"form":[null,"customs"],"formVersion":[2,3]}: the old and the new value. */
static enum err append_event(struct form_put *put, struct batch *batch, struct str name,
                             int64_t version_before, int64_t version)
{
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_name(&changes, "form", version_before == 0 ? STR_NONE : name, name);
    admin_change_number(&changes, "formVersion", version_before, version);
    enum err err = admin_changes_end(&changes, put->op->arena, &payload);
    return err == ERR_OK ? admin_event_add(batch, put->op, put->workspace->domain->id,
                                           put->workspace->key, put->account_id,
                                           version_before == 0 ? STR("admin.form.created")
                                                               : STR("admin.form.changed"),
                                           payload)
                         : err;
}

/* Stores `row` with a document that is its newest version, after the version `before`. */
static enum err version_add(struct form_put *put, struct batch *batch, const struct form_row *row,
                            int64_t before, struct str document)
{
    struct op *op = put->op;
    struct db *db = batch_db(batch);
    enum err err = append_event(put, batch, row->name, before, row->version);
    if (err == ERR_OK)
        err = store_form_put(db, op, row);
    if (err == ERR_OK)
        err = store_form_version_add(db, op, row->id,
                                     &(struct form_version){.version = row->version,
                                                            .at = op->now,
                                                            .account_id = put->account_id,
                                                            .document = document});
    if (err == ERR_OK)
        err = admin_state_add(batch, op, STATE_FORM, row->id, put->account_id);
    return err == ERR_OK
               ? admin_state_add_version(batch, op, row->id, row->version, put->account_id)
               : err;
}

/* Until now another form was the default. It gets a version that does not say so, or its next change would make it the
 * default again. */
static enum err default_take(struct form_put *put, struct batch *batch, int64_t id)
{
    struct form_row former;
    struct form_version version;
    struct str document;
    enum err err = store_form_default(batch_db(batch), put->op, put->workspace->id, &former);
    if (err != ERR_OK || former.id == 0 || former.id == id)
        return err;
    err = store_form_version_get(batch_db(batch), put->op, former.id, former.version, &version);
    if (err == ERR_OK)
        err = form_document_drop_default(put->op, version.document, &document);
    if (err != ERR_OK)
        return err;
    former.is_default = false;
    former.version++;
    return version_add(put, batch, &former, former.version - 1, document);
}

static enum err put_apply(struct change *change, struct batch *batch)
{
    struct form_put *put = container_of(change, struct form_put, change);
    struct op *op = change->op;
    struct form_row row;
    enum err err = batch_directory_expect(batch, op, put->directory);
    if (err == ERR_OK)
        err = store_form_get(batch_db(batch), op, put->workspace->id, put->name, &row);
    if (err != ERR_OK)
        return err;

    err = admin_begin(batch, change);
    if (err != ERR_OK)
        return err;
    int64_t before = row.id == 0 ? 0 : row.version;
    if (row.id == 0) {
        row.id = id_next();
        row.version = str_eq(put->name, form_default.name) ? FORM_BUILT_IN_VERSION : 0;
    }
    put->version = ++row.version;
    row.is_default = put->is_default;
    row.disabled = put->disabled;
    if (put->is_default)
        err = default_take(put, batch, row.id);
    if (err == ERR_OK)
        err = version_add(put, batch, &row, before, put->document);
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err core_form_put(struct core *core, struct form_put *put)
{
    const struct workspace *workspace = put->workspace;
    if (workspace->form_count >= FORMS_MAX && workspace_form(workspace, put->name) == NULL)
        return op_fail(put->op, ERR_CONFLICT, "A workspace has at most %d forms.", FORMS_MAX);
    put->change = (struct change){.op = put->op, .apart = true, .apply = put_apply};
    return core_change_wait(core, &put->change);
}
