/*
 * The address of a person's calendar feed, which the person makes and revokes. Each is one transaction
 * with its event, and blocks until that is on stable storage.
 */
#ifndef BZCTRL_CORE_CALENDAR_H
#define BZCTRL_CORE_CALENDAR_H

#include "core/change.h"

struct calendar_save {
    /* Set by the caller. */
    struct op *op;
    const struct directory *directory;
    const struct account *person;
    bool drops;

    struct str secret; /* the new one; only its hash is kept */
    struct change change;
};

/* Makes a new secret, in place of the one of before; or drops that. ERR_OUTDATED when the directory is
 * another one by now. */
enum err core_calendar_save(struct core *core, struct calendar_save *save) MUST_CHECK;

/* Can it be the secret of an address? Looks nothing up. */
bool calendar_secret_valid(struct str secret);

#endif
