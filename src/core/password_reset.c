#include "core/password_reset.h"

#include "core/password.h"
#include "core/token_text.h"
#include "model/right.h"

enum { JUDGE_TRIES = 5 };

static const int64_t valid_ms = INT64_C(24) * 3600 * 1000;
static const struct str prefix = STR_INIT("bzpr_");

/* ---- making one ---- */

static enum err make_apply(struct change *change, struct batch *batch)
{
    struct password_reset_make *make = (struct password_reset_make *)(void *)change;
    enum err err = batch_directory_expect(batch, change->op, make->directory);
    if (err == ERR_OK && make->person->disabled)
        err = op_fail(change->op, ERR_CONFLICT, "%.*s is disabled; enable the account first.",
                      STR_ARG(make->person->email));
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    return store_password_reset_put(batch_db(batch), change->op, &make->reset);
}

static enum err make_prepare(struct password_reset_make *make)
{
    struct op *op = make->change.op;
    make->change.apply = make_apply;
    enum err err = token_text_make(op, prefix, &make->token);
    if (err != ERR_OK)
        return err;
    make->reset = (struct password_reset){
        .account_id = make->person->id,
        .made_by = make->made_by,
        .expires_at = op->now + valid_ms,
        .hash = sha256(make->token),
    };
    return ERR_OK;
}

enum err password_reset_make(struct core *core, struct password_reset_make *make)
{
    enum err err = make_prepare(make);
    return err == ERR_OK ? core_change(core, &make->change) : err;
}

enum err password_reset_make_wait(struct core *core, struct password_reset_make *make)
{
    enum err err = make_prepare(make);
    return err == ERR_OK ? core_change_wait(core, &make->change) : err;
}

/* ---- using one: look up → judge → hash → judge again and write ---- */

static void finish(struct password_reset_use *use, enum err err)
{
    directory_release(use->directory);
    use->directory = NULL;
    use->err = err;
    use->done(use);
}

/* By the directory that is in force: whose link is it, and is it good? */
static enum err judge(struct password_reset_use *use)
{
    const struct password_reset *reset = &use->reset;
    directory_release(use->directory);
    use->directory = core_directory(use->core);
    const struct account *person = directory_account_by_id(use->directory, reset->account_id);
    const struct account *maker = directory_account_by_id(use->directory, reset->made_by);
    bool operator_made = reset->made_by == 0;
    if (person == NULL || person->disabled || use->op->now >= reset->expires_at ||
        (!operator_made &&
         (maker == NULL || maker->disabled || !right_over_person(use->directory, maker, person))))
        return ERR_NOT_FOUND;
    return password_check_for(use->op, use->password, person->email);
}

static enum err use_apply(struct change *change, struct batch *batch)
{
    struct password_reset_use *use =
        (struct password_reset_use *)(void *)((char *)change -
                                              offsetof(struct password_reset_use, change));
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct password_reset now;
    enum err err = batch_directory_expect(batch, op, use->directory);
    if (err == ERR_OK)
        err = store_password_reset_get(db, op, &use->reset.hash, &now);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    err = store_password_give(db, op, now.account_id, use->hash.hash, now.made_by);
    /* Raised so that no cached check of a token that has ended counts any more. */
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

static void write(struct password_reset_use *use);

static void written(struct change *change)
{
    struct password_reset_use *use =
        (struct password_reset_use *)(void *)((char *)change -
                                              offsetof(struct password_reset_use, change));
    if (change->err == ERR_OUTDATED && ++use->tries < JUDGE_TRIES)
        write(use);
    else
        finish(use, change->err);
}

static void write(struct password_reset_use *use)
{
    enum err err = judge(use);
    use->change = (struct change){.op = use->op, .apply = use_apply, .done = written};
    if (err == ERR_OK)
        err = core_change(use->core, &use->change);
    if (err != ERR_OK)
        finish(use, err);
}

static void hashed(struct login_hash *hash)
{
    struct password_reset_use *use = hash->user;
    if (hash->err != ERR_OK)
        finish(use, hash->err);
    else
        write(use);
}

static enum err look_up(struct core_read *read, struct db *db)
{
    struct password_reset_use *use =
        (struct password_reset_use *)(void *)((char *)read -
                                              offsetof(struct password_reset_use, read));
    struct sha256 hash = sha256(use->token);
    return store_password_reset_get(db, use->op, &hash, &use->reset);
}

static void looked_up(struct core_read *read)
{
    struct password_reset_use *use =
        (struct password_reset_use *)(void *)((char *)read -
                                              offsetof(struct password_reset_use, read));
    enum err err = read->err == ERR_OK ? judge(use) : read->err;
    if (err != ERR_OK) {
        finish(use, err);
        return;
    }
    use->hash =
        (struct login_hash){.op = use->op, .password = use->password, .done = hashed, .user = use};
    login_hash_start(use->login, &use->hash);
}

void password_reset_start(struct password_reset_use *use)
{
    enum err err = password_check(use->op, use->password);
    if (err == ERR_OK && !token_text_valid(use->token, prefix))
        err = ERR_NOT_FOUND;
    use->read = (struct core_read){.op = use->op, .run = look_up, .done = looked_up};
    if (err == ERR_OK)
        err = core_read(use->core, &use->read);
    if (err != ERR_OK)
        finish(use, err);
}
