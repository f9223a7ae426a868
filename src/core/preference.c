#include "core/preference.h"

#include "base/container.h"
#include "store/preference.h"

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct preference_save *save = container_of(change, struct preference_save, change);
    batch_writes(batch, change);
    return store_preference_merge(batch_db(batch), change->op, save->account_id, &save->sent,
                                  &save->now);
}

enum err preference_save(struct core *core, struct preference_save *save)
{
    save->change =
        (struct change){.op = save->op, .apart = core_is_shared(core), .apply = save_apply};
    return core_change_wait(core, &save->change);
}
