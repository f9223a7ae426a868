#include "core/form.h"

#include "base/container.h"
#include "base/id.h"
#include "json/write.h"

enum { PAYLOAD_MAX = 1024 };

/* {"form":[null,"customs"],"formVersion":[2,3]}: the old and the new value. */
static enum err append_event(struct form_put *put, struct batch *batch, int64_t version_before)
{
    struct op *op = put->op;
    struct buf payload;
    buf_init(&payload, PAYLOAD_MAX);
    BUF_LIT(&payload, "{\"form\":[");
    buf_json_string(&payload, version_before == 0 ? STR_NONE : put->name);
    buf_char(&payload, ',');
    buf_json_string(&payload, put->name);
    BUF_LIT(&payload, "],\"formVersion\":[");
    if (version_before == 0)
        BUF_LIT(&payload, "null");
    else
        buf_i64(&payload, version_before);
    buf_char(&payload, ',');
    buf_i64(&payload, put->version);
    BUF_LIT(&payload, "]}");
    struct event event = {
        .domain_id = put->workspace->domain->id,
        .actor_id = put->account_id,
        .action = version_before == 0 ? STR("form.created") : STR("form.changed"),
        .key = put->workspace->key,
        .payload = buf_err(&payload) == ERR_OK ? arena_str(op->arena, buf_str(&payload)) : STR_NONE,
    };
    buf_finish(&payload);
    return event.payload.p == NULL ? ERR_MEMORY : batch_append_event(batch, op, &event);
}

static enum err put_apply(struct change *change, struct batch *batch)
{
    struct form_put *put = container_of(change, struct form_put, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct form_row row;
    enum err err = batch_directory_expect(batch, op, put->directory);
    if (err == ERR_OK)
        err = store_form_get(db, op, put->workspace->id, put->name, &row);
    if (err != ERR_OK)
        return err;

    batch_writes(batch, change);
    int64_t before = row.id == 0 ? 0 : row.version;
    if (row.id == 0) {
        row.id = id_next();
        row.version = str_eq(put->name, form_default.name) ? FORM_BUILT_IN_VERSION : 0;
    }
    put->version = ++row.version;
    row.is_default = put->is_default;
    row.disabled = put->disabled;
    err = append_event(put, batch, before);
    if (err == ERR_OK && put->is_default)
        err = store_form_no_default(db, op, put->workspace->id);
    if (err == ERR_OK)
        err = store_form_put(db, op, &row);
    if (err == ERR_OK)
        err = store_form_version_add(db, op, row.id,
                                     &(struct form_version){.version = row.version,
                                                            .at = op->now,
                                                            .account_id = put->account_id,
                                                            .document = put->document});
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err core_form_put(struct core *core, struct form_put *put)
{
    const struct workspace *workspace = put->workspace;
    if (workspace->form_count >= FORMS_MAX && workspace_form(workspace, put->name) == NULL)
        return op_fail(put->op, ERR_CONFLICT, "A workspace has at most %d forms.", FORMS_MAX);
    put->change =
        (struct change){.op = put->op, .domain_id = workspace->domain->id, .apply = put_apply};
    return core_change_wait(core, &put->change);
}
