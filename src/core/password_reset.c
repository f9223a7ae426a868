#include "core/password_reset.h"

#include "base/container.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/password.h"
#include "core/token_text.h"
#include "model/right.h"

static const int64_t valid_ms = INT64_C(24) * 3600 * 1000;
static const struct str prefix = STR_INIT("bzpr_");

enum err password_give(struct batch *batch, struct op *op, int64_t account_id,
                       struct str password_hash, int64_t by, int64_t actor_id)
{
    struct account_ids others = {0};
    enum err err = store_password_give(batch_db(batch), op, account_id, password_hash, by, &others);
    for (size_t i = 0; i < others.n && err == ERR_OK; i++)
        err = admin_state_add(batch, op, STATE_ACCOUNT, others.items[i], actor_id);
    return err;
}

/* {"link":[null,"made"],"person":[…]}, or {"password":[null,"set"],…}. */
static enum err link_event(struct batch *batch, struct op *op, const struct directory *directory,
                           const struct account *person, int64_t actor_id, struct str action,
                           bool used)
{
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    if (used)
        admin_change_text(&changes, "password", STR_NONE, STR("set"));
    admin_change_text(&changes, "link", used ? STR("made") : STR_NONE,
                      used ? STR_NONE : STR("made"));
    admin_change_name(&changes, "person", person->email, person->email);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK
               ? admin_event_person(batch, op, directory, person, actor_id, action, payload)
               : err;
}

/* ---- making one ---- */

static enum err make_apply(struct change *change, struct batch *batch)
{
    struct password_reset_make *make = container_of(change, struct password_reset_make, change);
    enum err err = batch_directory_expect(batch, change->op, make->directory);
    if (err == ERR_OK && make->person->disabled)
        err = op_fail(change->op, ERR_CONFLICT, "%.*s is disabled; enable the account first.",
                      STR_ARG(make->person->email));
    if (err != ERR_OK)
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_password_reset_put(batch_db(batch), change->op, &make->reset);
    if (err == ERR_OK)
        err = link_event(batch, change->op, make->directory, make->person, make->made_by,
                         STR("admin.link.created"), false);
    return err == ERR_OK
               ? admin_state_add(batch, change->op, STATE_LINK, make->person->id, make->made_by)
               : err;
}

enum err password_reset_make(struct core *core, struct password_reset_make *make)
{
    struct op *op = make->op;
    enum err err = token_text_make(op, prefix, &make->token);
    if (err != ERR_OK)
        return err;
    make->reset = (struct password_reset){
        .account_id = make->person->id,
        .made_by = make->made_by,
        .expires_at = op->now + valid_ms,
        .hash = sha256(make->token),
    };
    make->change = (struct change){.op = op, .apart = true, .apply = make_apply};
    return core_change_wait(core, &make->change);
}

/* ---- whose it is ---- */

/* By this directory: whose link is it, if it may still be used? NULL: it may not. */
static const struct account *owner_of(const struct password_reset *reset, const struct directory *d,
                                      int64_t now)
{
    const struct account *person = directory_account_by_id(d, reset->account_id);
    const struct account *maker = directory_account_by_id(d, reset->made_by);
    bool operator_made = reset->made_by == 0;
    if (person == NULL || person->disabled || now >= reset->expires_at ||
        (!operator_made &&
         (maker == NULL || maker->disabled || !right_over_person(d, maker, person))))
        return NULL;
    return person;
}

enum err password_reset_find(struct db *db, struct op *op, const struct directory *directory,
                             struct str token, const struct account **ret_person)
{
    struct password_reset reset;
    struct sha256 hash = sha256(token);
    enum err err = token_text_valid(token, prefix) ? store_password_reset_get(db, op, &hash, &reset)
                                                   : ERR_NOT_FOUND;
    if (err != ERR_OK)
        return err;
    const struct account *person = owner_of(&reset, directory, op->now);
    if (person == NULL)
        return ERR_NOT_FOUND;
    *ret_person = person;
    return ERR_OK;
}

/* ---- using one ---- */

struct use {
    struct core_read read;
    struct change change;
    const struct directory *directory; /* that it was judged by */
    struct password_reset reset;
    struct str token_text, password_hash;
};

static enum err look_up(struct core_read *read, struct db *db)
{
    struct use *use = container_of(read, struct use, read);
    struct sha256 hash = sha256(use->token_text);
    return store_password_reset_get(db, read->op, &hash, &use->reset);
}

static enum err use_judge(const struct use *use, struct op *op, struct str password)
{
    const struct account *person = owner_of(&use->reset, use->directory, op->now);
    return person == NULL ? ERR_NOT_FOUND : password_check_for(op, password, person->email);
}

static enum err use_apply(struct change *change, struct batch *batch)
{
    struct use *use = container_of(change, struct use, change);
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct password_reset now;
    const struct account *person = directory_account_by_id(use->directory, use->reset.account_id);
    enum err err = batch_directory_expect(batch, op, use->directory);
    if (err == ERR_OK)
        err = store_password_reset_get(db, op, &use->reset.hash, &now);
    if (err != ERR_OK)
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = password_give(batch, op, now.account_id, use->password_hash, now.made_by, person->id);
    if (err == ERR_OK)
        err =
            link_event(batch, op, use->directory, person, person->id, STR("admin.link.used"), true);
    if (err == ERR_OK)
        err = admin_state_add(batch, op, STATE_ACCOUNT, person->id, person->id);
    /* Raised so that no cached check of a token that has ended counts any more. */
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err password_reset_use(struct core *core, struct op *op, struct str token, struct str password)
{
    struct use use = {.read = {.op = op, .run = look_up},
                      .change = {.op = op, .apart = true, .apply = use_apply},
                      .token_text = token};
    enum err err = password_check(op, password);
    if (err == ERR_OK && !token_text_valid(token, prefix))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = core_read_wait(core, &use.read);

    /* Hashing costs much, so that it is judged before; and afterwards, when little can overtake it. */
    for (int times = 0; times < 2 && err == ERR_OK; times++) {
        use.directory = core_directory(core);
        err = use_judge(&use, op, password);
        if (err == ERR_OK && times == 0)
            err = password_hash(op, password, &use.password_hash);
        else if (err == ERR_OK)
            err = core_change_wait(core, &use.change);
        directory_release(use.directory);
    }
    return err;
}
