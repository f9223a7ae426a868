#include "core/login.h"

#include "base/clock.h"
#include "base/container.h"
#include "core/admin_event.h"
#include "core/password.h"
#include "model/email.h"
#include "store/client.h"
#include "store/credential.h"
#include "store/person.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    HASH_THREADS = 2,
    HASH_QUEUE_MAX = 128,
    WAITING_MAX = 1024, /* attempts that wait for the verdicts of others */
};

struct login {
    struct core *core;
    struct lane *lane;
    struct throttle *throttle;
    struct login_attempt *first, **last; /* the waiting, oldest first */
    size_t waiting;
    bool waking, wake_again;
};

enum err login_create(struct core *core, struct mailbox *mailbox, struct login **ret_login)
{
    struct login *login = calloc(1, sizeof *login);
    if (login == NULL)
        return ERR_MEMORY;
    login->core = core;
    login->last = &login->first;
    enum err err = throttle_create(&login->throttle);
    if (err != ERR_OK)
        goto fail;
    struct lane_options options = {
        .name = "bzctrl-hash",
        .threads = sysconf(_SC_NPROCESSORS_ONLN) < HASH_THREADS ? 1 : HASH_THREADS,
        .queue_max = HASH_QUEUE_MAX,
        .mailbox = mailbox,
    };
    err = lane_create(&options, &login->lane);
    if (err != ERR_OK)
        goto fail;
    *ret_login = login;
    return ERR_OK;
fail:
    login_destroy(login);
    return err;
}

void login_flush(struct login *login)
{
    lane_flush(login->lane);
}

void login_destroy(struct login *login)
{
    if (login == NULL)
        return;
    lane_destroy(login->lane);
    throttle_destroy(login->throttle);
    free(login);
}

/* ---- the steps of an attempt ---- */

static void attempt_wake_others(struct login *login);

static void attempt_refuse(struct login_attempt *attempt, int64_t wait_ms)
{
    attempt->err = ERR_THROTTLED;
    attempt->retry_after = (int)((wait_ms + 999) / 1000);
    attempt->done(attempt);
}

/* An admitted attempt ends: its verdict may let others continue. */
static void attempt_settle(struct login_attempt *attempt, enum throttle_verdict verdict,
                           enum err err)
{
    struct login *login = attempt->login;
    throttle_verdict(login->throttle, &attempt->ticket, clock_ticks(), verdict);
    if (err == ERR_BUSY || err == ERR_THROTTLED) {
        attempt_refuse(attempt, 2000);
    } else {
        attempt->err = err;
        attempt->done(attempt);
    }
    attempt_wake_others(login);
}

static enum err rehash_apply(struct change *change, struct batch *batch)
{
    struct login_attempt *attempt = container_of(change, struct login_attempt, change);
    batch_writes(batch, change);
    return store_credential_rehash(batch_db(batch), attempt->op, attempt->credential.account_id,
                                   attempt->credential.password_hash, attempt->new_hash);
}

static void rehash_done(struct change *change)
{
    struct login_attempt *attempt = container_of(change, struct login_attempt, change);
    /* The right password lets a person in, whether or not its hash could be upgraded. */
    attempt_settle(attempt, THROTTLE_RIGHT, ERR_OK);
}

static struct login_attempt *attempt_of_job(struct lane_job *job)
{
    return container_of(job, struct login_attempt, job);
}

/* ---- a new password, after the old one was verified ---- */

/* By the directory that the attempt sees now: a role that is being given at this moment only decides
 * in which chains the event is. */
static enum err password_event(struct login_attempt *attempt, struct batch *batch)
{
    struct op *op = attempt->op;
    const struct directory *directory = core_directory(attempt->login->core);
    const struct account *person =
        directory_account_by_id(directory, attempt->credential.account_id);
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_text(&changes, "password", STR_NONE, STR("set"));
    admin_change_name(&changes, "person", attempt->email, attempt->email);
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    if (err == ERR_OK && person != NULL)
        err = admin_event_person(batch, op, directory, person, person->id,
                                 STR("admin.password.changed"), payload);
    directory_release(directory);
    return err;
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
        (err == ERR_OK && (now.disabled || now.sign_in != attempt->credential.sign_in)))
        err = ERR_UNAUTHENTICATED;
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    err = store_password_set(db, op, now.account_id, attempt->new_hash);
    if (err == ERR_OK)
        err = store_sign_ins_end(db, op, now.account_id, attempt->kept);
    if (err == ERR_OK)
        err = password_event(attempt, batch);
    /* Raised so that no cached check of a token that has ended counts any more. */
    return err == ERR_OK ? batch_directory_patched(batch, op) : err;
}

static void password_done(struct change *change)
{
    struct login_attempt *attempt = container_of(change, struct login_attempt, change);
    attempt_settle(attempt, THROTTLE_RIGHT, change->err);
}

static void password_set(struct login_attempt *attempt)
{
    attempt->change = (struct change){
        .op = attempt->op, .apart = true, .apply = password_apply, .done = password_done};
    enum err err = attempt->new_hash.p == NULL
                       ? ERR_MEMORY
                       : core_change(attempt->login->core, &attempt->change);
    if (err != ERR_OK)
        attempt_settle(attempt, THROTTLE_RIGHT, err);
}

/* On the hash lane. */
static void hash_run(struct lane_job *job, void *worker)
{
    struct login_attempt *attempt = attempt_of_job(job);
    const char *hash = attempt->credential.password_hash.p;
    struct op op = {.arena = attempt->op->arena};
    (void)worker;
    struct str next = attempt->new_password;
    attempt->verified = password_verify(hash, attempt->password);
    if (attempt->verified != ERR_OK || (next.p == NULL && !password_outdated(hash)))
        return;
    if (password_hash(&op, next.p != NULL ? next : attempt->password, &attempt->new_hash) != ERR_OK)
        attempt->new_hash = STR_NONE;
}

static void hash_done(struct lane_job *job)
{
    struct login_attempt *attempt = attempt_of_job(job);
    const struct credential *credential = &attempt->credential;
    bool allowed =
        !credential->disabled && (attempt->way != LOGIN_GRANT || credential->password_grant);
    if (attempt->verified == ERR_MEMORY) {
        attempt_settle(attempt, THROTTLE_UNDECIDED, ERR_MEMORY);
        return;
    }
    if (attempt->verified != ERR_OK || !allowed) {
        attempt_settle(attempt, THROTTLE_WRONG, ERR_UNAUTHENTICATED);
        return;
    }
    attempt->account_id = credential->account_id;
    attempt->sign_in = credential->sign_in;
    if (attempt->new_password.p != NULL) {
        password_set(attempt);
        return;
    }
    attempt->change =
        (struct change){.op = attempt->op, .apply = rehash_apply, .done = rehash_done};
    if (attempt->new_hash.p == NULL ||
        core_change(attempt->login->core, &attempt->change) != ERR_OK)
        attempt_settle(attempt, THROTTLE_RIGHT, ERR_OK);
}

static enum err look_up_run(struct core_read *read, struct db *db)
{
    struct login_attempt *attempt = container_of(read, struct login_attempt, read);
    enum err err = store_credential_get(db, attempt->op, attempt->email, &attempt->credential);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void look_up_done(struct core_read *read)
{
    struct login_attempt *attempt = container_of(read, struct login_attempt, read);
    enum err err = read->err;
    if (err == ERR_OK) {
        attempt->job = (struct lane_job){.run = hash_run, .done = hash_done};
        err = lane_submit(attempt->login->lane, &attempt->job);
    }
    if (err != ERR_OK)
        attempt_settle(attempt, THROTTLE_UNDECIDED, err);
}

/* Asks the throttle and does as it says; a waiting attempt goes to the end of the list. */
static void attempt_ask(struct login_attempt *attempt)
{
    struct login *login = attempt->login;
    int64_t wait_ms = 1000;
    enum throttle_answer answer =
        throttle_ask(login->throttle, &attempt->key, clock_ticks(), &attempt->ticket, &wait_ms);
    switch (answer) {
    case THROTTLE_WAIT:
        if (login->waiting < WAITING_MAX) {
            attempt->next = NULL;
            *login->last = attempt;
            login->last = &attempt->next;
            login->waiting++;
            return;
        }
        attempt_refuse(attempt, wait_ms);
        return;
    case THROTTLE_REFUSE:
        attempt_refuse(attempt, wait_ms);
        return;
    case THROTTLE_GO:
        break;
    }
    attempt->read = (struct core_read){.op = attempt->op, .run = look_up_run, .done = look_up_done};
    enum err err = core_read(login->core, &attempt->read);
    if (err != ERR_OK)
        attempt_settle(attempt, THROTTLE_UNDECIDED, err);
}

static void attempt_wake_others(struct login *login)
{
    /* An attempt woken here can finish at once and call back: then loop again instead of
     * recursing. */
    login->wake_again = true;
    if (login->waking)
        return;
    login->waking = true;
    while (login->wake_again) {
        login->wake_again = false;
        struct login_attempt *list = login->first;
        login->first = NULL;
        login->last = &login->first;
        login->waiting = 0;
        while (list != NULL) {
            struct login_attempt *attempt = list;
            list = attempt->next;
            attempt_ask(attempt);
        }
    }
    login->waking = false;
}

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

void login_start(struct login *login, struct login_attempt *attempt)
{
    struct address address;
    attempt->login = login;
    attempt->email = stored_email(login->core, attempt->op->arena, attempt->email);
    if (attempt->email.p == NULL) {
        attempt->err = ERR_MEMORY;
        attempt->done(attempt);
        return;
    }
    bool known = address_read(attempt->address, &address);
    attempt->key = throttle_key(login->throttle, attempt->email, known ? &address : NULL);
    attempt_ask(attempt);
}

/* ---- hashing alone ---- */

struct hashing {
    struct lane_job job;
    struct op *op;
    struct str password, hash;
    enum err err;
};

static void hashing_run(struct lane_job *job, void *worker)
{
    struct hashing *hashing = container_of(job, struct hashing, job);
    (void)worker;
    hashing->err = password_hash(hashing->op, hashing->password, &hashing->hash);
}

static void hashing_done(struct lane_job *job)
{
    (void)job;
}

enum err login_hash(struct login *login, struct op *op, struct str password, struct str *ret_hash)
{
    struct hashing hashing = {
        .job = {.run = hashing_run, .done = hashing_done}, .op = op, .password = password};
    enum err err = lane_submit_wait(login->lane, &hashing.job);
    if (err == ERR_OK)
        err = hashing.err;
    if (err == ERR_OK)
        *ret_hash = hashing.hash;
    return err;
}

/* ---- clients ---- */

static const int64_t use_noted_ms = INT64_C(3600000);

static struct client_check *check_of_read(struct core_read *read)
{
    return container_of(read, struct client_check, read);
}

static enum err client_run(struct core_read *read, struct db *db)
{
    struct client_check *check = check_of_read(read);
    struct client_credential stored;
    enum err err = store_client_credential_get(db, check->op, check->id, &stored);
    if (err != ERR_OK)
        return err;
    struct sha256 sent = sha256(check->secret);
    int64_t now = check->op->now;
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

/* Counted like a sign-in, but the verdict is there already: a secret that nobody can guess is never
 * kept waiting, and only who has a wrong one is. */
static void client_count(struct client_check *check)
{
    struct throttle *throttle = check->login->throttle;
    struct throttle_ticket ticket;
    struct address address;
    int64_t now = clock_ticks(), wait_ms = 0;
    bool known = address_read(check->address, &address);
    struct str name = arena_printf(check->op->arena, "client %.*s", STR_ARG(check->id));
    if (name.p == NULL)
        return;
    struct throttle_key key = throttle_key(throttle, name, known ? &address : NULL);
    enum throttle_answer answer = throttle_ask(throttle, &key, now, &ticket, &wait_ms);
    if (answer == THROTTLE_GO)
        throttle_verdict(throttle, &ticket, now,
                         check->err == ERR_OK ? THROTTLE_RIGHT : THROTTLE_WRONG);
    if (answer != THROTTLE_REFUSE || check->err == ERR_OK)
        return;
    check->err = ERR_THROTTLED;
    check->retry_after = (int)((wait_ms + 999) / 1000);
}

static void client_done(struct core_read *read)
{
    struct client_check *check = check_of_read(read);
    check->err = read->err;
    if (check->err == ERR_OK || check->err == ERR_UNAUTHENTICATED)
        client_count(check);
    check->done(check);
}

void client_check_start(struct login *login, struct client_check *check)
{
    check->login = login;
    check->read = (struct core_read){.op = check->op, .run = client_run, .done = client_done};
    check->err =
        check->secret.p == NULL ? ERR_UNAUTHENTICATED : core_read(login->core, &check->read);
    if (check->err != ERR_OK)
        check->done(check);
}
