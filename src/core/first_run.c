#include "core/first_run.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_state.h"
#include "core/token_text.h"
#include "store/first_run.h"

static const int64_t valid_ms = INT64_C(24) * 3600 * 1000;
static const struct str prefix = STR_INIT("bzfr_");

/* ---- making a link ---- */

struct offer {
    struct change change;
    const struct directory *directory;
    struct sha256 hash;
};

static enum err offer_apply(struct change *change, struct batch *batch)
{
    const struct offer *offer = container_of(change, struct offer, change);
    enum err err = batch_directory_expect(batch, change->op, offer->directory);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    return store_first_run_put(batch_db(batch), change->op, &offer->hash,
                               change->op->now + valid_ms);
}

enum err first_run_offer(struct core *core, struct op *op, struct str *ret_token)
{
    struct judging judging = {0};
    struct str token;
    enum err err = token_text_make(op, prefix, &token);
    if (err != ERR_OK)
        return err;
    do {
        struct offer offer = {.change = {.op = op, .apart = true, .apply = offer_apply},
                              .directory = core_directory(core),
                              .hash = sha256(token)};
        if (directory_has_people(offer.directory)) {
            token = STR_NONE;
            err = ERR_OK; /* another node may just have made them */
        } else {
            err = core_change_wait(core, &offer.change);
        }
        directory_release(offer.directory);
    } while (judge_again(&judging, op, err));
    if (err == ERR_OK)
        *ret_token = token;
    return err;
}

/* ---- using it ---- */

struct expectation {
    struct core_read read;
    struct sha256 hash;
};

static enum err expect_run(struct core_read *read, struct db *db)
{
    const struct expectation *expectation = container_of(read, struct expectation, read);
    return store_first_run_expect(db, read->op, &expectation->hash);
}

enum err first_run_expect(struct core *core, struct op *op, struct str token)
{
    struct expectation expectation = {.read = {.op = op, .run = expect_run}};
    const struct directory *directory = core_directory(core);
    bool late = directory_has_people(directory) || !token_text_valid(token, prefix);
    directory_release(directory);
    if (late)
        return ERR_NOT_FOUND;
    expectation.hash = sha256(token);
    return core_read_wait(core, &expectation.read);
}

static enum err use_apply(struct change *change, struct batch *batch)
{
    struct first_run *run = container_of(change, struct first_run, change);
    enum err err = batch_directory_expect(batch, run->op, run->directory);
    if (err == ERR_OK && directory_has_people(run->directory))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = store_first_run_expect(batch_db(batch), run->op, &run->hash);
    if (err != ERR_OK)
        return err;

    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_first_run_drop(batch_db(batch), run->op);
    if (err == ERR_OK)
        err = person_write(&run->person, batch);
    if (err == ERR_OK && run->workspace.settings.key.p != NULL)
        err = workspace_write(&run->workspace, batch);
    return err == ERR_OK ? batch_directory_patched(batch, run->op) : err;
}

enum err first_run_use(struct core *core, struct first_run *run)
{
    /* The person does this themselves: nobody else is there. */
    run->person.op = run->workspace.op = run->op;
    run->person.directory = run->workspace.directory = run->directory;
    run->person.account_id = run->person.actor_id = run->workspace.actor_id = id_next();
    run->hash = sha256(run->token);
    run->change = (struct change){.op = run->op, .apart = true, .apply = use_apply};
    return core_change_wait(core, &run->change);
}
