/*
 * `bzctrld doctor`: what is wrong with an installation. It works with and without a running server,
 * on connections of its own, and changes nothing. The checks are a table, daemon/doctor.def.
 */
#ifndef BZCTRL_DAEMON_DOCTOR_H
#define BZCTRL_DAEMON_DOCTOR_H

#include "admin/command.h"
#include "fetch/fetch.h"

struct db;

enum doctor_level {
    DOCTOR_OK,
    DOCTOR_WARNING, /* it works, but not for long, or not as it should */
    DOCTOR_FAULT,   /* it does not work, or loses what it was given */
};

struct doctor_finding {
    const char *check; /* of the table */
    enum doctor_level level;
    struct str detail; /* what was found */
    struct str remedy; /* what to do; absent where all is well */
    struct doctor_finding *next;
};

/* What the checks share. */
struct checkup {
    struct command_run *run;
    struct op *op;
    const struct config *config;
    struct str url;    /* of the database: the running server's, if it says */
    struct str folder; /* where the database is, or the data folder */
    bool running;      /* a server, or a command, holds the data folder or the database */
    struct fetch *fetch;
    struct db
        *db; /* for reading; NULL: it could not be opened, and the check "database" says why */
    bool schema_current;
    bool full; /* --full: what takes long, too */

    const char *check; /* that is made now */
    struct doctor_finding *first, **last;
    size_t said; /* findings so far */
    bool failed; /* for want of memory */
};

typedef void doctor_check_fn(struct checkup *checkup);

#define CHECK(name, check) doctor_check_fn check;
#include "daemon/doctor.def"
#undef CHECK

/* What a check has found, as printf does; at least one for each check that applies. The words after
 * the first line break are the remedy: doctor_say(checkup, DOCTOR_FAULT, "no room\nmake some"). */
void doctor_say(struct checkup *checkup, enum doctor_level level, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same of an error, whose words are in op->detail; they are forgotten then. */
void doctor_say_err(struct checkup *checkup, enum doctor_level level, enum err err,
                    const char *remedy);

/* Asks a server for something small, within a few seconds; `socket` absent: by the URL's address. */
enum err doctor_ask(struct checkup *checkup, struct str socket, struct str url,
                    struct fetch_answer *ret_answer) MUST_CHECK;

extern const struct admin_command doctor_commands[];

#endif
