/*
 * Calls of /workspaces/{key}/forms: what the files that answer them share. form.c lists, reads and
 * changes forms, form_schema.c tells what one asks of a report.
 */
#ifndef BZCTRL_API_FORM_CALL_H
#define BZCTRL_API_FORM_CALL_H

#include "api/call.h"
#include "core/form.h"
#include "model/faults.h"
#include "model/right.h"

struct form_call {
    const struct workspace *workspace; /* this and the next in call->directory */
    const struct form_head *head;      /* NULL: no such form is stored */
    int64_t workspace_id;
    struct str name; /* in the arena */
    int64_t number;  /* a version; 0: the newest */
    int64_t before, limit;
    struct form_version version;
    struct form_version_list versions;
    struct form_put put;
    struct faults faults; /* of what is put */
    struct call *call;
    bool make; /* POST: it must not be there */
    int tries;
};

/* The form that the path names, stored or built in, as call->state; else answers 404 itself and
 * returns NULL. */
struct form_call *form_call_find(struct call *call);

/* Reads ?version=; answers itself and returns false when it is none. */
bool form_call_version(struct call *call, struct form_call *state);

/* Reads the version that is asked for into state->version; the built-in form is the document "{}".
 * For the read lane. */
enum err form_call_read(struct core_read *read, struct db *db);

/* After form_call_read(): answers itself and returns false when that failed. */
bool form_call_got(struct core_read *read);

#endif
