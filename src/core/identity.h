/*
 * Signing in as a provider of identities says who somebody is (single sign-on). Their account is the
 * one that is bound to the issuer and the subject. At the first sign-in there is none: then it is the
 * account of their e-mail address, if the provider has verified that, and the account is nobody
 * else's there; or a new one, if their groups give them a role. Nobody becomes an admin by it.
 *
 * Their groups' roles take the place of those that groups gave them before; roles given by hand stay
 * as they are. So all is there at once, at the first sign-in too, and it is one transaction.
 */
#ifndef BZCTRL_CORE_IDENTITY_H
#define BZCTRL_CORE_IDENTITY_H

#include "core/change.h"
#include "model/identity.h"
#include "store/provider_session.h"

enum sign_in_verdict {
    SIGN_IN_RIGHT,
    SIGN_IN_UNVERIFIED, /* no account, and no e-mail address that the provider has verified */
    SIGN_IN_TAKEN,      /* the address has an account that is somebody else's at the provider */
    SIGN_IN_DISABLED,
    SIGN_IN_ERASING, /* the account that had the address is being erased: later it may have a new one */
    SIGN_IN_NO_ROLE,
};

/* "right", "unverified", …: for links and answers. */
struct str sign_in_verdict_name(enum sign_in_verdict verdict);

struct identity_sign_in {
    struct op *op;
    const struct identity *identity;
    bool test; /* change nothing */

    enum sign_in_verdict verdict;
    struct str email; /* of the account; absent: there is not one, now or later */
    bool is_new;      /* the account, or would be */
    bool admin;
    struct group_rules matched;
    const struct grant
        *grants; /* that the account has then; their domains' keys are in the arena */
    size_t grant_count;
    int64_t account_id; /* with SIGN_IN_RIGHT */
    int64_t number;     /* for a token_change; with SIGN_IN_RIGHT */
};

/* Blocks until all is stored. */
enum err identity_sign_in(struct core *core, struct identity_sign_in *sign_in) MUST_CHECK;

/* ---- rules of groups: by admins, on the directory lane ---- */

struct group_rule_save {
    struct op *op;
    const struct directory *directory; /* by which it was judged */
    struct group_rule rule;
    const struct domain *domain; /* the rule's */
    int64_t actor_id;
    bool ends; /* it is there, and shall end; else it is new */
    struct change change;
};

/* A new rule counts from each person's next sign-in or check, an ended one gives nothing from now on.
 * ERR_CONFLICT: there is such a rule, or GROUP_RULES_MAX; ERR_NOT_FOUND; ERR_OUTDATED. */
enum err group_rule_save(struct core *core, struct group_rule_save *save) MUST_CHECK;

/* ---- confirming sessions again ---- */

/* Takes a session that is due (store_provider_session_claim()). ERR_NOT_FOUND: none is. */
enum err provider_session_claim(struct core *core, struct op *op, int64_t until,
                                struct provider_session *ret_session) MUST_CHECK;

/* Notes that the provider has confirmed it; or ends it (`ends`). */
enum err provider_session_note(struct core *core, struct op *op,
                               const struct provider_session *session, bool ends) MUST_CHECK;

/* ---- tests of the settings ---- */

enum err sign_in_test_begin(struct core *core, struct op *op, int64_t account_id,
                            const struct sha256 *state, int64_t expires_at) MUST_CHECK;
enum err sign_in_test_end(struct core *core, struct op *op, const struct sha256 *state,
                          struct str result) MUST_CHECK;

#endif
