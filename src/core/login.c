#include "core/login.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/metric.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/password.h"
#include "model/email.h"
#include "store/client.h"
#include "store/credential.h"
#include "store/person.h"

#include <pthread.h>
#include <stdlib.h>

struct login {
    struct core *core;
    bool passwords;
    pthread_mutex_t lock; /* of the throttle */
    pthread_cond_t verdict;
    struct throttle *throttle;
};

enum err login_create(struct core *core, bool passwords, struct login **ret_login)
{
    struct login *login = calloc(1, sizeof *login);
    if (login == NULL)
        return ERR_MEMORY;
    login->core = core;
    login->passwords = passwords;
    pthread_mutex_init(&login->lock, NULL);
    pthread_cond_init(&login->verdict, NULL);
    enum err err = throttle_create(&login->throttle);
    if (err != ERR_OK) {
        login_destroy(login);
        return err;
    }
    *ret_login = login;
    return ERR_OK;
}

void login_destroy(struct login *login)
{
    if (login == NULL)
        return;
    throttle_destroy(login->throttle);
    pthread_cond_destroy(&login->verdict);
    pthread_mutex_destroy(&login->lock);
    free(login);
}

bool login_takes_password(const struct login *login, const struct account *person)
{
    return login->passwords || (person->admin && person->password_by == PASSWORD_BY_OPERATOR);
}

/* ---- the throttle ---- */

/* The address as the store has it, so that all spellings of one are one account, and are counted as
 * one. Somebody whom another node has just added is in no snapshot here, but is stored folded. */
static struct str stored_email(struct core *core, struct arena *arena, struct str sent)
{
    char folded[EMAIL_FOLDED_SIZE];
    const struct directory *directory = core_directory(core);
    struct str email = utf8_trim(sent);
    const struct account *account = directory_account(directory, email);
    if (account != NULL)
        email = account->email;
    else
        email = (struct str){folded, email_fold(email, folded)};
    email = arena_str(arena, email);
    directory_release(directory);
    return email;
}

/* What is counted by one name. Each kind of name begins with a word of its own, so that whatever somebody types as an
 * e-mail address is not the name of a client, or of a network's answers. */
static enum err key_of(const struct login *login, struct op *op, const char *kind, struct str name,
                       struct str client, struct throttle_key *ret_key)
{
    struct address address;
    bool known = address_read(client, &address);
    struct str whole = arena_printf(op->arena, "%s %.*s", kind, STR_ARG(name));
    if (whole.p == NULL)
        return ERR_MEMORY;
    *ret_key = throttle_key(login->throttle, whole, known ? &address : NULL);
    return ERR_OK;
}

static enum err attempt_key(const struct login *login, struct login_attempt *attempt,
                            struct throttle_key *ret_key)
{
    attempt->email = stored_email(login->core, attempt->op->arena, attempt->email);
    return attempt->email.p == NULL
               ? ERR_MEMORY
               : key_of(login, attempt->op, "person", attempt->email, attempt->address, ret_key);
}

/* What has become of a sign-in: for the metrics. */
static enum err count_sign_in(enum label_WAY way, enum err err)
{
    if (err == ERR_OK || err == ERR_UNAUTHENTICATED || err == ERR_THROTTLED)
        metric_add(METRIC_SIGN_INS, way,
                   err == ERR_OK                ? ATTEMPT_RIGHT
                   : err == ERR_UNAUTHENTICATED ? ATTEMPT_WRONG
                                                : ATTEMPT_THROTTLED,
                   1);
    return err;
}

static enum label_WAY way_of(const struct login_attempt *attempt)
{
    return attempt->way == LOGIN_GRANT ? WAY_PASSWORD_GRANT : WAY_APP;
}

static enum err throttled(int64_t wait_ms, int *ret_retry_after)
{
    *ret_retry_after = (int)((wait_ms + 999) / 1000);
    return ERR_THROTTLED;
}

enum err login_ask(struct login *login, struct login_attempt *attempt)
{
    struct throttle_key key;
    struct throttle_ticket ticket;
    int64_t now = clock_ticks(), wait_ms = 0;
    enum err err = attempt_key(login, attempt, &key);
    if (err != ERR_OK)
        return err;
    pthread_mutex_lock(&login->lock);
    enum throttle_answer answer = throttle_ask(login->throttle, &key, now, &ticket, &wait_ms);
    if (answer == THROTTLE_GO)
        throttle_verdict(login->throttle, &ticket, now, THROTTLE_UNDECIDED);
    pthread_mutex_unlock(&login->lock);
    return answer == THROTTLE_REFUSE
               ? count_sign_in(way_of(attempt), throttled(wait_ms, &attempt->retry_after))
               : ERR_OK;
}

/* ---- answers of a provider ---- */

/* Counted by the address alone; false when it is not one, or out of memory. */
static bool answer_ask(struct login *login, struct op *op, struct str address,
                       enum throttle_answer *ret_answer, struct throttle_ticket *ret_ticket)
{
    struct address read;
    struct throttle_key key;
    int64_t wait_ms;
    if (!address_read(address, &read) ||
        key_of(login, op, "answers", address, address, &key) != ERR_OK)
        return false;
    *ret_answer = throttle_ask(login->throttle, &key, clock_ticks(), ret_ticket, &wait_ms);
    return true;
}

enum err login_ask_answer(struct login *login, struct op *op, struct str address)
{
    enum throttle_answer answer = THROTTLE_WAIT;
    struct throttle_ticket ticket;
    pthread_mutex_lock(&login->lock);
    if (answer_ask(login, op, address, &answer, &ticket) && answer == THROTTLE_GO)
        throttle_verdict(login->throttle, &ticket, clock_ticks(), THROTTLE_UNDECIDED);
    pthread_mutex_unlock(&login->lock);
    return answer == THROTTLE_REFUSE ? count_sign_in(WAY_SINGLE_SIGN_ON, ERR_THROTTLED) : ERR_OK;
}

void login_note_right(void)
{
    (void)count_sign_in(WAY_SINGLE_SIGN_ON, ERR_OK);
}

void login_note_wrong(struct login *login, struct op *op, struct str address)
{
    (void)count_sign_in(WAY_SINGLE_SIGN_ON, ERR_UNAUTHENTICATED);
    enum throttle_answer answer;
    struct throttle_ticket ticket;
    pthread_mutex_lock(&login->lock);
    if (answer_ask(login, op, address, &answer, &ticket) && answer == THROTTLE_GO)
        throttle_verdict(login->throttle, &ticket, clock_ticks(), THROTTLE_WRONG);
    pthread_cond_broadcast(&login->verdict);
    pthread_mutex_unlock(&login->lock);
}

/* ---- an attempt ---- */

static enum err look_up(struct core_read *read, struct db *db)
{
    struct login_attempt *attempt = container_of(read, struct login_attempt, read);
    enum err err = store_credential_get(db, attempt->op, attempt->email, &attempt->credential);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* An account that is not there costs the same hash as one that is. */
static enum err attempt_judge(struct login *login, struct login_attempt *attempt)
{
    const struct credential *credential = &attempt->credential;
    attempt->credential = (struct credential){0};
    attempt->read = (struct core_read){.op = attempt->op, .run = look_up};
    enum err err = core_read_wait(login->core, &attempt->read);
    if (err == ERR_OK)
        err = password_verify(credential->password_hash.p, attempt->password);
    if (err == ERR_OK && (credential->disabled || (!login->passwords && !credential->emergency) ||
                          (attempt->way == LOGIN_GRANT && !credential->password_grant)))
        err = ERR_UNAUTHENTICATED;
    return err;
}

static enum err rehash_apply(struct change *change, struct batch *batch)
{
    struct login_attempt *attempt = container_of(change, struct login_attempt, change);
    enum err err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_credential_rehash(batch_db(batch), attempt->op, attempt->account_id,
                                      attempt->credential.password_hash, attempt->new_hash);
    return err == ERR_OK ? admin_state_add(batch, attempt->op, STATE_ACCOUNT, attempt->account_id,
                                           attempt->account_id)
                         : err;
}

/* The right password lets a person in, whether or not its hash can be upgraded. */
static void attempt_rehash(struct login *login, struct login_attempt *attempt)
{
    attempt->change = (struct change){.op = attempt->op, .apart = true, .apply = rehash_apply};
    if (password_hash(attempt->op, attempt->password, &attempt->new_hash) != ERR_OK ||
        core_change_wait(login->core, &attempt->change) != ERR_OK)
        op_forget(attempt->op);
}

enum err login_check(struct login *login, struct login_attempt *attempt)
{
    struct throttle_key key;
    struct throttle_ticket ticket;
    enum throttle_answer answer;
    int64_t wait_ms = 0;
    enum err err = attempt_key(login, attempt, &key);
    if (err != ERR_OK)
        return err;

    /* It may depend on the verdicts of attempts that are under way on other threads. */
    pthread_mutex_lock(&login->lock);
    while ((answer = throttle_ask(login->throttle, &key, clock_ticks(), &ticket, &wait_ms)) ==
           THROTTLE_WAIT)
        pthread_cond_wait(&login->verdict, &login->lock);
    pthread_mutex_unlock(&login->lock);
    if (answer == THROTTLE_REFUSE)
        return count_sign_in(way_of(attempt), throttled(wait_ms, &attempt->retry_after));

    err = count_sign_in(way_of(attempt), attempt_judge(login, attempt));
    pthread_mutex_lock(&login->lock);
    throttle_verdict(login->throttle, &ticket, clock_ticks(),
                     err == ERR_OK                ? THROTTLE_RIGHT
                     : err == ERR_UNAUTHENTICATED ? THROTTLE_WRONG
                                                  : THROTTLE_UNDECIDED);
    pthread_cond_broadcast(&login->verdict);
    pthread_mutex_unlock(&login->lock);
    if (err != ERR_OK)
        return err;

    attempt->account_id = attempt->credential.account_id;
    attempt->sign_in = attempt->credential.sign_in;
    if (password_outdated(attempt->credential.password_hash.p))
        attempt_rehash(login, attempt);
    return ERR_OK;
}

/* ---- a new password ---- */

/* By the directory that is in force when the password is set: a role that is being given at this
 * moment only decides in which chains the event is. */
static enum err password_event(const struct login_attempt *attempt, struct batch *batch)
{
    struct op *op = attempt->op;
    const struct account *person = directory_account_by_id(attempt->directory, attempt->account_id);
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_text(&changes, "password", STR_NONE, STR("set"));
    admin_change_name(&changes, "person", attempt->email, attempt->email);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    if (err != ERR_OK || person == NULL)
        return err;
    return admin_event_person(batch, op, attempt->directory, person, person->id,
                              STR("admin.password.changed"), payload);
}

/* A concurrent change of the account takes precedence. */
static enum err password_apply(struct change *change, struct batch *batch)
{
    struct login_attempt *attempt = container_of(change, struct login_attempt, change);
    struct db *db = batch_db(batch);
    struct op *op = attempt->op;
    struct credential now;
    enum err err = store_credential_get(db, op, attempt->email, &now);
    if (err == ERR_NOT_FOUND ||
        (err == ERR_OK && (now.disabled || now.sign_in != attempt->sign_in)))
        err = ERR_UNAUTHENTICATED;
    if (err != ERR_OK)
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_password_set(db, op, now.account_id, attempt->new_hash);
    if (err == ERR_OK)
        err = store_sign_ins_end(db, op, now.account_id, attempt->kept);
    if (err == ERR_OK)
        err = password_event(attempt, batch);
    if (err == ERR_OK)
        err = admin_state_add(batch, op, STATE_ACCOUNT, now.account_id, now.account_id);
    /* Raised so that no cached check of a token that has ended counts any more. */
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

enum err login_set_password(struct login *login, struct login_attempt *attempt,
                            struct str new_password, int64_t kept)
{
    attempt->kept = kept;
    attempt->change = (struct change){.op = attempt->op, .apart = true, .apply = password_apply};
    enum err err = password_hash(attempt->op, new_password, &attempt->new_hash);
    if (err != ERR_OK)
        return err;
    attempt->directory = core_directory(login->core);
    err = core_change_wait(login->core, &attempt->change);
    directory_release(attempt->directory);
    return err;
}

/* ---- clients ---- */

static const int64_t use_noted_ms = INT64_C(3600000);

static enum err client_run(struct core_read *read, struct db *db)
{
    struct client_check *check = container_of(read, struct client_check, read);
    struct client_credential stored;
    enum err err = store_client_credential_get(db, check->op, check->id, &stored);
    if (err != ERR_OK)
        return err;
    struct sha256 sent = sha256(check->secret);
    int64_t now = read->op->now;
    const struct client_proof *right = NULL;
    for (size_t i = 0; i < stored.proof_count; i++) {
        const struct client_proof *proof = &stored.proofs[i];
        if (bytes_equal_slowly(&sent, &proof->hash, sizeof sent) &&
            (proof->expires_at == TIME_NONE || now < proof->expires_at))
            right = proof;
    }
    if (right == NULL || stored.disabled)
        return ERR_UNAUTHENTICATED;
    check->client_id = stored.account_id;
    check->scope = stored.scope;
    check->secret_id = right->secret_id;
    check->secret_expires_at = right->expires_at;
    check->note_use = right->used_at == TIME_NONE || now - right->used_at >= use_noted_ms;
    return ERR_OK;
}

enum err login_check_client(struct login *login, struct db *db, struct client_check *check)
{
    struct throttle_ticket ticket;
    int64_t wait_ms = 0;
    if (check->secret.p == NULL)
        return count_sign_in(WAY_CLIENT, ERR_UNAUTHENTICATED);
    check->read = (struct core_read){.op = check->op, .run = client_run};
    enum err err =
        db != NULL ? client_run(&check->read, db) : core_read_wait(login->core, &check->read);
    if (err != ERR_OK && err != ERR_UNAUTHENTICATED)
        return err;

    /* Counted like a sign-in, but the verdict is there already: a secret that nobody can guess is
     * never kept waiting, and only who has a wrong one is. */
    struct throttle_key key;
    enum err named = key_of(login, check->op, "client", check->id, check->address, &key);
    if (named != ERR_OK)
        return named;
    int64_t now = clock_ticks();
    pthread_mutex_lock(&login->lock);
    enum throttle_answer answer = throttle_ask(login->throttle, &key, now, &ticket, &wait_ms);
    if (answer == THROTTLE_GO)
        throttle_verdict(login->throttle, &ticket, now,
                         err == ERR_OK ? THROTTLE_RIGHT : THROTTLE_WRONG);
    pthread_mutex_unlock(&login->lock);
    return count_sign_in(WAY_CLIENT, err != ERR_OK && answer == THROTTLE_REFUSE
                                         ? throttled(wait_ms, &check->retry_after)
                                         : err);
}
