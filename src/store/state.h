/*
 * What the tables of administration hold of one object, as a JSON object: the history has it after
 * each change (core/admin_state.h), and verifying compares it with the tables. Of passwords, secrets,
 * links and documents it has the SHA-256, and so it has of a name that may be an address, since only
 * an account's own event is erased with its address. What carries no meaning is left out: marks of
 * changes for caches, and numbers that end sessions.
 */
#ifndef BZCTRL_STORE_STATE_H
#define BZCTRL_STORE_STATE_H

#include "db/db.h"
#include "json/writer.h"

enum state_kind {
    STATE_DOMAIN,
    STATE_WORKSPACE,
    STATE_ACCOUNT, /* with its roles, groups and identities, a client's settings and secrets */
    STATE_LINK,    /* for a new password; by its account. It may be gone without an event */
    STATE_FORM,
    STATE_FORM_VERSION,
    STATE_MEETING,
    STATE_MEETING_SESSION, /* once it is closed: its minutes are fixed */
    STATE_GROUP_RULE,
    STATE_WEBHOOK,
    STATE_RULE,
    STATE_WORKDAYS, /* by its workspace */
    STATE_KINDS
};

struct state_key {
    enum state_kind kind;
    int64_t id;
    int64_t version; /* of STATE_FORM_VERSION; else 0 */
};

/* "account", as in {"kind":"account",…}; and the reverse. */
struct str state_kind_name(enum state_kind kind);
bool state_kind_read(struct str name, enum state_kind *ret_kind);

/* Writes what is stored of an object, or null when it is not there. */
enum err store_state_put(struct db *db, struct op *op, const struct state_key *key,
                         struct json_writer *json, const char *name) MUST_CHECK;

/* The keys of a kind that are stored, above `after`, in order, at most `limit`. */
enum err store_state_keys(struct db *db, struct op *op, const struct state_key *after,
                          int64_t limit, const struct state_key **ret_keys,
                          size_t *ret_n) MUST_CHECK;

/* Of an older store, whose objects are not in its history yet: the kind that comes next, STATE_KINDS
 * when all are (sql/0025_state.sql). */
enum err store_state_due(struct db *db, struct op *op, enum state_kind *ret_kind) MUST_CHECK;
enum err store_state_due_put(struct db *db, struct op *op, enum state_kind kind) MUST_CHECK;

#endif
