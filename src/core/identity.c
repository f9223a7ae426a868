#include "core/identity.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/person.h"
#include "model/email.h"
#include "model/name.h"
#include "store/erasure.h"
#include "store/identity.h"
#include "store/token.h"

struct str sign_in_verdict_name(enum sign_in_verdict verdict)
{
    static const char *const names[] = {
        [SIGN_IN_RIGHT] = "right",     [SIGN_IN_UNVERIFIED] = "unverified",
        [SIGN_IN_TAKEN] = "taken",     [SIGN_IN_DISABLED] = "disabled",
        [SIGN_IN_ERASING] = "erasing", [SIGN_IN_NO_ROLE] = "no-role",
    };
    return str_of(names[verdict]);
}

/* ---- what there is ---- */

/* One look at everything, by one directory. */
struct look {
    struct core_read read;
    struct core *core;
    const struct identity *identity;
    const struct directory *directory;
    struct str email;              /* as accounts have it; absent: none that counts */
    const struct account *account; /* NULL: none */
    bool bound;                    /* it is bound to this identity */
    bool taken;                    /* it, or the address, is somebody else's */
    bool erasing;                  /* what names the address is being erased */
    struct group_rules rules, held;
};

static enum err look_run(struct core_read *read, struct db *db)
{
    struct look *look = container_of(read, struct look, read);
    struct op *op = read->op;
    const struct former_email *former;
    size_t former_count;
    int64_t account_id;
    look->account = NULL;
    look->bound = look->taken = look->erasing = false;
    /* Another node may just have given somebody a role. */
    const struct directory *newest;
    enum err err = core_directory_of_view(look->core, db, op, &newest);
    if (err != ERR_OK)
        return err;
    bool outdated = newest->version != look->directory->version;
    directory_release(newest);
    if (outdated)
        return ERR_OUTDATED;
    err = store_identity_account(db, op, look->identity->issuer, look->identity->subject,
                                 &account_id);
    if (err != ERR_OK)
        return err;
    if (account_id != 0) {
        look->account = directory_account_by_id(look->directory, account_id);
        look->bound = true;
        if (look->account == NULL)
            return op_fail(op, ERR_CORRUPT, "an identity is bound to an account that is not there");
    } else if (look->email.p != NULL) {
        look->account = directory_account(look->directory, look->email);
    }
    if (look->account != NULL && !look->bound)
        err = store_identity_taken(db, op, look->account->id, look->identity->issuer, &look->taken);
    if (look->account != NULL && look->account->kind != ACCOUNT_PERSON)
        look->taken = true;

    /* An erasure would take the address out of what is said of the new account too. */
    if (err == ERR_OK)
        err = store_erasures(db, op, &former, &former_count);
    for (size_t i = 0; err == ERR_OK && look->account == NULL && i < former_count; i++)
        look->erasing = look->erasing || str_eq(former[i].email, look->email);
    if (err == ERR_OK)
        err = store_group_rules(db, op, &look->rules);
    if (err == ERR_OK && look->account != NULL)
        err = store_group_members(db, op, look->account->id, &look->held);
    return err;
}

/* The address, if it may find an account. */
static enum err email_read(struct op *op, const struct identity *identity, struct str *ret_email)
{
    struct op quiet = {.arena = op->arena};
    *ret_email = STR_NONE;
    if (!identity->email_verified || identity->email.p == NULL || email_erased(identity->email))
        return ERR_OK;
    enum err err = email_judge(&quiet, identity->email, ret_email);
    return err == ERR_INVALID ? ERR_OK : err;
}

/* ---- the verdict ---- */

/* What the account will be; `name` of a new one. */
static enum err settings_make(struct identity_sign_in *in, const struct look *look,
                              struct person_settings *ret_settings)
{
    struct op *op = in->op;
    struct person_settings settings = {.email = look->email, .password_grant = true};
    struct faults faults;
    if (look->account != NULL) {
        settings = person_settings_of(look->directory, look->account);
    } else if (in->identity->name.p != NULL) {
        faults_init(&faults, op->arena);
        name_judge(&faults, STR("name"), "a name", in->identity->name, &settings.name);
        if (faults.err != ERR_OK)
            return faults.err;
    }
    enum err err = group_rules_match(op, &look->rules, in->identity->groups, &in->matched);
    if (err == ERR_OK)
        err = group_grants(op, look->directory, &in->matched, settings.grants, settings.grant_count,
                           &settings.grants, &settings.grant_count);
    if (err == ERR_OK)
        *ret_settings = settings;
    return err;
}

static enum sign_in_verdict verdict_of(const struct look *look,
                                       const struct person_settings *settings)
{
    if (look->account == NULL && look->email.p == NULL)
        return SIGN_IN_UNVERIFIED;
    if (look->erasing)
        return SIGN_IN_ERASING;
    if (look->taken)
        return SIGN_IN_TAKEN;
    if (settings->disabled)
        return SIGN_IN_DISABLED;
    return settings->admin || settings->grant_count > 0 ? SIGN_IN_RIGHT : SIGN_IN_NO_ROLE;
}

/* What the caller reads afterwards outlives the directory. */
static enum err outcome_copy(struct identity_sign_in *in, const struct look *look,
                             const struct person_settings *settings)
{
    struct arena *arena = in->op->arena;
    struct grant *grants = ARENA_ARRAY(arena, struct grant, settings->grant_count);
    struct domain *domains = ARENA_ARRAY(arena, struct domain, settings->grant_count);
    bool known = look->account != NULL && !look->taken;
    enum err err = grants == NULL || domains == NULL ? ERR_MEMORY : ERR_OK;
    for (size_t i = 0; i < settings->grant_count && err == ERR_OK; i++) {
        domains[i] = *settings->grants[i].domain;
        grants[i] = settings->grants[i];
        grants[i].domain = &domains[i];
        err = arena_copy(arena, domains[i].key, &domains[i].key);
    }
    in->is_new = look->account == NULL && in->verdict == SIGN_IN_RIGHT;
    in->email = STR_NONE;
    if (err == ERR_OK && (known || in->is_new))
        err = arena_copy(arena, settings->email, &in->email);
    in->admin = settings->admin;
    in->grants = grants;
    in->grant_count = settings->grant_count;
    return err;
}

static enum err sign_in_once(struct core *core, struct identity_sign_in *in,
                             const struct directory *directory)
{
    struct op *op = in->op;
    struct person_settings settings;
    struct look look = {.read = {.op = op, .run = look_run},
                        .core = core,
                        .identity = in->identity,
                        .directory = directory};
    enum err err = email_read(op, in->identity, &look.email);
    if (err == ERR_OK)
        err = core_read_wait(core, &look.read);
    if (err == ERR_OK)
        err = settings_make(in, &look, &settings);
    if (err != ERR_OK)
        return err;
    in->verdict = verdict_of(&look, &settings);
    err = outcome_copy(in, &look, &settings);
    in->account_id = look.account == NULL ? 0 : look.account->id;

    /* Who has lost the last role loses it here, but is given no account and no bond. */
    bool stays = in->verdict == SIGN_IN_NO_ROLE && look.bound;
    bool changes = !look.bound || !group_rules_equal(&look.held, &in->matched);
    if (err != ERR_OK || in->test || !changes || (in->verdict != SIGN_IN_RIGHT && !stays))
        return err;
    struct person_save save = {.op = op,
                               .directory = directory,
                               .before = look.account,
                               .settings = settings,
                               .by_sign_in = true,
                               .link = look.bound ? NULL : in->identity,
                               .matched = &in->matched};
    err = person_save(core, &save);
    in->account_id = save.account_id;
    return err;
}

struct number_read {
    struct core_read read;
    int64_t account_id, number;
};

static enum err number_run(struct core_read *read, struct db *db)
{
    struct number_read *number = container_of(read, struct number_read, read);
    return store_sign_in_number(db, read->op, number->account_id, &number->number);
}

enum err identity_sign_in(struct core *core, struct identity_sign_in *sign_in)
{
    struct judging judging = {0};
    enum err err;
    do {
        const struct directory *directory = core_directory(core);
        err = sign_in_once(core, sign_in, directory);
        directory_release(directory);
    } while (judge_again(&judging, sign_in->op, err));
    if (err != ERR_OK || sign_in->test || sign_in->verdict != SIGN_IN_RIGHT)
        return err;
    struct number_read number = {.read = {.op = sign_in->op, .run = number_run},
                                 .account_id = sign_in->account_id};
    err = core_read_wait(core, &number.read);
    sign_in->number = number.number;
    return err;
}

/* ---- rules of groups ---- */

static enum err rule_event(const struct group_rule_save *save, struct batch *batch)
{
    struct op *op = save->op;
    struct str id = arena_printf(op->arena, "%lld", (long long)save->rule.id);
    struct str role = str_of(role_name(save->rule.role)), group = save->rule.group;
    struct admin_changes changes;
    struct str payload;
    if (id.p == NULL)
        return ERR_MEMORY;
    admin_changes_begin(&changes);
    admin_change_name(&changes, "rule", save->ends ? id : STR_NONE, save->ends ? STR_NONE : id);
    admin_change_text(&changes, "group", save->ends ? group : STR_NONE,
                      save->ends ? STR_NONE : group);
    admin_change_text(&changes, "role", save->ends ? role : STR_NONE, save->ends ? STR_NONE : role);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK
               ? admin_event_add(batch, op, save->domain->id, save->domain->key, save->actor_id,
                                 save->ends ? STR("admin.groupRule.removed")
                                            : STR("admin.groupRule.created"),
                                 payload)
               : err;
}

static enum err rule_expect(struct group_rule_save *save, struct batch *batch)
{
    struct op *op = save->op;
    struct group_rules rules;
    bool found = false, same = false;
    enum err err = batch_directory_expect(batch, op, save->directory);
    if (err == ERR_OK)
        err = store_group_rules(batch_db(batch), op, &rules);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < rules.n; i++) {
        found = found || rules.items[i].id == save->rule.id;
        same = same || (str_eq(rules.items[i].group, save->rule.group) &&
                        rules.items[i].domain_id == save->rule.domain_id);
    }
    if (save->ends)
        return found ? ERR_OK : ERR_NOT_FOUND;
    if (same)
        return op_fail(op, ERR_CONFLICT,
                       "There is a rule for this group on this domain already. Remove it first.");
    return rules.n < GROUP_RULES_MAX
               ? ERR_OK
               : op_fail(op, ERR_CONFLICT, "There are %d rules already; remove one first.",
                         GROUP_RULES_MAX);
}

static enum err rule_apply(struct change *change, struct batch *batch)
{
    struct group_rule_save *save = container_of(change, struct group_rule_save, change);
    struct op *op = change->op;
    int64_t *accounts = NULL;
    size_t count = 0;
    enum err err = rule_expect(save, batch);
    if (err != ERR_OK)
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = save->ends
                  ? store_group_rule_end(batch_db(batch), op, save->rule.id, &accounts, &count)
                  : store_group_rule_add(batch_db(batch), op, &save->rule);
    if (err == ERR_OK)
        err = rule_event(save, batch);
    if (err == ERR_OK)
        err = admin_state_add(batch, op, STATE_GROUP_RULE, save->rule.id, save->actor_id);
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = admin_state_add(batch, op, STATE_ACCOUNT, accounts[i], save->actor_id);
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err group_rule_save(struct core *core, struct group_rule_save *save)
{
    if (!save->ends) {
        save->rule.id = id_next();
        save->rule.created_at = save->op->now;
    }
    save->change = (struct change){.op = save->op, .apart = true, .apply = rule_apply};
    return core_change_wait(core, &save->change);
}

/* ---- confirming sessions again ---- */

struct session_change {
    struct change change;
    struct provider_session session;
    bool ends;
};

static enum err claim_apply(struct change *change, struct batch *batch)
{
    struct session_change *claim = container_of(change, struct session_change, change);
    int64_t until = claim->session.due_at;
    batch_writes(batch, change);
    enum err err =
        store_provider_session_claim(batch_db(batch), change->op, until, &claim->session);
    /* That there is none must not undo what else is in the transaction. */
    if (err == ERR_NOT_FOUND)
        claim->session = (struct provider_session){.due_at = until};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err provider_session_claim(struct core *core, struct op *op, int64_t until,
                                struct provider_session *ret_session)
{
    struct session_change claim = {.change = {.op = op, .apply = claim_apply},
                                   .session = {.due_at = until}};
    enum err err = core_change_wait(core, &claim.change);
    if (err == ERR_OK && claim.session.family_id == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_session = claim.session;
    return err;
}

static enum err note_apply(struct change *change, struct batch *batch)
{
    struct session_change *note = container_of(change, struct session_change, change);
    struct db *db = batch_db(batch);
    batch_writes(batch, change);
    if (!note->ends)
        return store_provider_session_confirm(db, change->op, &note->session);
    enum err err = store_provider_session_drop(db, change->op, note->session.family_id);
    return err == ERR_OK ? store_token_family_end(db, change->op, note->session.family_id) : err;
}

enum err provider_session_note(struct core *core, struct op *op,
                               const struct provider_session *session, bool ends)
{
    struct session_change note = {
        .change = {.op = op, .apply = note_apply}, .session = *session, .ends = ends};
    return core_change_wait(core, &note.change);
}

/* ---- tests of the settings ---- */

struct test_change {
    struct change change;
    int64_t account_id, expires_at; /* of a new one */
    struct sha256 state;
    struct str result; /* absent: it begins */
    bool found;
};

static enum err test_apply(struct change *change, struct batch *batch)
{
    struct test_change *test = container_of(change, struct test_change, change);
    struct db *db = batch_db(batch);
    batch_writes(batch, change);
    if (test->result.p == NULL)
        return store_sign_in_test_put(db, change->op, test->account_id, &test->state,
                                      test->expires_at);
    enum err err = store_sign_in_test_end(db, change->op, &test->state, test->result);
    test->found = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err sign_in_test_begin(struct core *core, struct op *op, int64_t account_id,
                            const struct sha256 *state, int64_t expires_at)
{
    struct test_change test = {.change = {.op = op, .apply = test_apply},
                               .account_id = account_id,
                               .expires_at = expires_at,
                               .state = *state};
    return core_change_wait(core, &test.change);
}

enum err sign_in_test_end(struct core *core, struct op *op, const struct sha256 *state,
                          struct str result)
{
    struct test_change test = {
        .change = {.op = op, .apply = test_apply}, .state = *state, .result = result};
    enum err err = core_change_wait(core, &test.change);
    return err == ERR_OK && !test.found ? ERR_NOT_FOUND : err;
}
