/*
 * Addresses that were stored before addresses were folded as they are now (model/email.h): only the
 * letters of ASCII are in lower case there. Their accounts stay what they are. One is found by the
 * spelling that is stored first, and by any other that folds alike where no account is stored under
 * that: so two old accounts that differ only in the case of a letter beyond ASCII are still two.
 */
#ifndef BZCTRL_MODEL_OLD_EMAIL_H
#define BZCTRL_MODEL_OLD_EMAIL_H

#include "model/directory.h"

struct old_email {
    struct str folded;
    const struct account *account;
};

/* Fills in d->old_emails, in the arena, once the accounts are known; the older account comes first.
 */
enum err directory_note_old_emails(struct directory *d, struct arena *arena) MUST_CHECK;

#endif
