#include "core/mail.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/hash.h"
#include "base/id.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/feed.h"
#include "store/notification.h"

#include <sodium.h>

#define SECOND INT64_C(1000)

enum { PAUSE = 5 }; /* between two mails at once: times as long as is gathered */

int64_t mail_due_at(const struct core *core, int64_t now, const struct notify_settings *settings,
                    const struct mail_address *address)
{
    int64_t gather = core_mail_gather(core), due = now + notify_bundle_ms(settings->bundle);
    if (settings->bundle != BUNDLE_NOW)
        return due;
    int64_t after = address->sent_at == TIME_NONE ? 0 : address->sent_at + PAUSE * gather;
    return due + gather > after ? due + gather : after;
}

/* ---- the address that ends mail ---- */

enum { ID_SIZE = 8, TAG_SIZE = 16 };

static void token_bytes(const struct core *core, int64_t account_id,
                        unsigned char ret_bytes[ID_SIZE + TAG_SIZE])
{
    static const char purpose[] = "bzctrl unsubscribe";
    crypto_generichash_state state;
    for (int i = 0; i < ID_SIZE; i++)
        ret_bytes[i] = (unsigned char)((uint64_t)account_id >> (56 - 8 * i));
    crypto_generichash_init(&state, core_feed_key(core), FEED_KEY_SIZE, TAG_SIZE);
    crypto_generichash_update(&state, (const unsigned char *)purpose, sizeof purpose);
    crypto_generichash_update(&state, ret_bytes, ID_SIZE);
    crypto_generichash_final(&state, ret_bytes + ID_SIZE, TAG_SIZE);
}

void buf_mail_token(struct buf *buf, const struct core *core, int64_t account_id)
{
    unsigned char bytes[ID_SIZE + TAG_SIZE];
    token_bytes(core, account_id, bytes);
    buf_base64url(buf, bytes, sizeof bytes);
}

enum err mail_token_read(const struct core *core, struct str token, int64_t *ret_account_id)
{
    unsigned char sent[ID_SIZE + TAG_SIZE], right[ID_SIZE + TAG_SIZE];
    uint64_t id = 0;
    if (!base64url_read(token, sent, sizeof sent))
        return ERR_SYNTAX;
    for (int i = 0; i < ID_SIZE; i++)
        id = id << 8 | sent[i];
    token_bytes(core, (int64_t)id, right);
    if (!bytes_equal_slowly(sent, right, sizeof sent))
        return ERR_SYNTAX;
    *ret_account_id = (int64_t)id;
    return ERR_OK;
}

/* ---- claiming ---- */

struct mail_claiming {
    struct change change;
    int64_t lease_ms;
    struct mail_row mail;
};

static enum err claim_apply(struct change *change, struct batch *batch)
{
    struct mail_claiming *claim = container_of(change, struct mail_claiming, change);
    struct op *op = change->op;
    batch_writes(batch, change);
    enum err err = store_mail_claim(batch_db(batch), op, op->now + claim->lease_ms, &claim->mail);
    if (err != ERR_NOT_FOUND)
        return err;
    claim->mail = (struct mail_row){0};
    return ERR_OK; /* nothing was written, so there is nothing to undo */
}

enum err mail_claim(struct core *core, struct op *op, int64_t lease_ms, struct mail_row *ret_mail)
{
    struct mail_claiming claim = {
        .change = {.op = op, .apart = core_is_shared(core), .apply = claim_apply},
        .lease_ms = lease_ms};
    op->now = clock_now();
    enum err err = core_change_wait(core, &claim.change);
    if (err == ERR_OK && claim.mail.id == 0)
        return ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_mail = claim.mail;
    return err;
}

/* ---- the end of an attempt ---- */

struct mail_ending {
    struct change change;
    struct core *core;
    const struct mail_row *mail;
    enum mail_outcome outcome;
    struct str reason;
};

/* Before the second, third, … attempt, as many times what mail at once waits: with a minute up to four hours.
 * The last one counts from then on. */
static int64_t back_off(const struct core *core, int64_t attempts)
{
    static const int64_t times[] = {1, 5, 15, 60, 240};
    int64_t last = sizeof times / sizeof times[0], gather = core_mail_gather(core);
    return times[attempts > last ? last - 1 : attempts - 1] * (gather < SECOND ? SECOND : gather);
}

/* What has come since it was claimed makes another one. */
static enum err next_add(struct mail_ending *ending, struct db *db, struct op *op)
{
    int64_t account_id = ending->mail->account_id;
    struct notify_settings settings;
    struct mail_address address;
    bool wanted;
    enum err err = store_mail_wanted(db, op, account_id, &wanted);
    if (err != ERR_OK || !wanted)
        return err;
    err = store_notify_settings(db, op, account_id, &settings);
    if (err == ERR_OK)
        err = store_mail_address(db, op, account_id, &address);
    return err == ERR_OK ? store_mail_add(db, op, id_next(), account_id,
                                          mail_due_at(ending->core, op->now, &settings, &address))
                         : err;
}

static enum err put_off(const struct mail_ending *ending, struct db *db, struct op *op)
{
    const struct mail_row *mail = ending->mail;
    bool later = ending->outcome == MAIL_LATER;
    bool failed = later || ending->outcome == MAIL_UNTRIED;
    int64_t wait = later ? back_off(ending->core, mail->attempts) : 0;
    return store_mail_put_off(db, op, mail, op->now + wait, later || ending->outcome == MAIL_CUT,
                              failed ? ending->reason : STR_NONE);
}

static enum err end_apply(struct change *change, struct batch *batch)
{
    struct mail_ending *ending = container_of(change, struct mail_ending, change);
    const struct mail_row *mail = ending->mail;
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    batch_writes(batch, change);
    if (ending->outcome >= MAIL_LATER)
        return put_off(ending, db, op);
    enum err err = store_mail_drop(db, op, mail);
    if (err == ERR_OK && ending->outcome == MAIL_SENT)
        err = store_mail_sent(db, op, mail->account_id);
    if (err == ERR_OK && ending->outcome == MAIL_GIVEN_UP)
        err = store_mail_give_up(db, op, mail->account_id, ending->reason);
    if (err == ERR_OK && ending->outcome == MAIL_BOUNCED)
        return store_mail_suspend(db, op, mail->account_id, ending->reason);
    return err == ERR_OK ? next_add(ending, db, op) : err;
}

enum err mail_end(struct core *core, struct op *op, const struct mail_row *mail,
                  enum mail_outcome outcome, struct str reason)
{
    struct mail_ending ending = {
        .change = {.op = op, .apart = core_is_shared(core), .apply = end_apply},
        .core = core,
        .mail = mail,
        .outcome = outcome,
        .reason = reason};
    op->now = clock_now();
    return core_change_wait(core, &ending.change);
}

/* ---- addresses ---- */

struct mail_resuming {
    struct change change;
    const struct directory *directory;
    const struct account *person;
    int64_t actor_id;
};

/* Nothing happens to an address that mail reaches. The mail server's reason may name a person in words that an
 * erasure would not find, so the event does not have it. */
static enum err resume_apply(struct change *change, struct batch *batch)
{
    struct mail_resuming *resuming = container_of(change, struct mail_resuming, change);
    const struct account *person = resuming->person;
    struct db *db = batch_db(batch);
    struct op *op = change->op;
    struct mail_address address;
    struct admin_changes changes;
    struct str payload;
    enum err err = batch_directory_expect(batch, op, resuming->directory);
    if (err == ERR_OK)
        err = store_mail_address(db, op, person->id, &address);
    if (err != ERR_OK || (address.suspended_at == TIME_NONE && address.given_up_at == TIME_NONE))
        return err;
    err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_mail_resume(db, op, person->id);
    if (err != ERR_OK)
        return err;
    admin_changes_begin(&changes);
    admin_change_flag(&changes, "suspended", address.suspended_at != TIME_NONE, false);
    admin_change_flag(&changes, "givenUp", address.given_up_at != TIME_NONE, false);
    admin_change_name(&changes, "person", person->email, person->email);
    err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK
               ? admin_event_person(batch, op, resuming->directory, person, resuming->actor_id,
                                    STR("admin.mail.resumed"), payload)
               : err;
}

enum err mail_resume(struct core *core, struct op *op, const struct directory *directory,
                     const struct account *person, int64_t actor_id)
{
    struct mail_resuming resuming = {.change = {.op = op, .apart = true, .apply = resume_apply},
                                     .directory = directory,
                                     .person = person,
                                     .actor_id = actor_id};
    return core_change_wait(core, &resuming.change);
}
