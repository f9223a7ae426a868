#include "core/preference.h"

#include "base/container.h"
#include "store/preference.h"

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct preference_save *save = container_of(change, struct preference_save, change);
    struct db *db = batch_db(batch);
    enum err err = store_preference_get(db, change->op, save->account_id, &save->now);
    if (err != ERR_OK)
        return err;
    if (save->sent.pins.items != NULL)
        save->now.pins = save->sent.pins;
    if (save->sent.seen.items != NULL)
        save->now.seen = save->sent.seen;
    batch_writes(batch, change);
    return store_preference_put(db, change->op, save->account_id, &save->now);
}

enum err preference_save(struct core *core, struct preference_save *save)
{
    save->change = (struct change){.op = save->op, .apply = save_apply};
    return core_change_wait(core, &save->change);
}
