#include "core/calendar.h"

#include "base/container.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/token_text.h"
#include "store/calendar.h"

static const struct str prefix = STR_INIT("bzca_");

bool calendar_secret_valid(struct str secret)
{
    return token_text_valid(secret, prefix);
}

/* {"calendar":[null,"made"],"person":[…]}. A new one in place of another says the same. */
static enum err event_add(struct calendar_save *save, struct batch *batch, bool had_one)
{
    struct op *op = save->op;
    const struct account *person = save->person;
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_name(&changes, "calendar", had_one ? STR("made") : STR_NONE,
                      save->drops ? STR_NONE : STR("made"));
    admin_change_name(&changes, "person", person->email, person->email);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK ? admin_event_person(batch, op, save->directory, person, person->id,
                                              save->drops ? STR("admin.calendar.revoked")
                                                          : STR("admin.calendar.created"),
                                              payload)
                         : err;
}

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct calendar_save *save = container_of(change, struct calendar_save, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct sha256 hash = sha256(save->secret);
    int64_t id = save->person->id, created_at;
    enum err err = batch_directory_expect(batch, op, save->directory);
    if (err != ERR_OK)
        return err;
    err = store_calendar_get(db, op, id, &created_at);
    bool had_one = err == ERR_OK;
    if (err == ERR_NOT_FOUND && save->drops)
        return ERR_OK;
    if (err == ERR_OK || err == ERR_NOT_FOUND)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = save->drops ? store_calendar_drop(db, op, id) : store_calendar_put(db, op, id, &hash);
    if (err == ERR_OK)
        err = event_add(save, batch, had_one);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_ACCOUNT, id, id) : err;
}

enum err core_calendar_save(struct core *core, struct calendar_save *save)
{
    enum err err = save->drops ? ERR_OK : token_text_make(save->op, prefix, &save->secret);
    if (err != ERR_OK)
        return err;
    save->change = (struct change){.op = save->op, .apart = true, .apply = save_apply};
    return core_change_wait(core, &save->change);
}
