/*
 * Shared by the calls of /workspaces/{key}/forms: form.c lists, reads and changes forms;
 * form_schema.c answers what a form requires of a report.
 */
#ifndef BZCTRL_API_FORM_CALL_H
#define BZCTRL_API_FORM_CALL_H

#include "api/call.h"
#include "core/form.h"
#include "model/right.h"

/* The form that a path names. */
struct form_named {
    const struct workspace *workspace; /* this and the next in call->directory */
    const struct form_head *head;      /* NULL: no such form is stored */
    struct str name;                   /* in the arena */
};

/* Finds it, stored or built in. ERR_ANSWERED (404) when it does not exist or the caller may not
 * see it; ERR_MEMORY. */
enum err form_find(struct call *call, struct form_named *ret_named) MUST_CHECK;

/* Reads the version that ?version= asks for; the newest if it was not sent. The built-in form is
 * the document "{}". ERR_ANSWERED (400, 404), or an error of the store. */
enum err form_read_version(struct call *call, const struct form_named *named,
                           struct form_version *ret_version) MUST_CHECK;

/* Writes into call->json what a form would ask for: the members "schema", and "sample", a report that
 * it would accept from the caller, or null if there is none. */
enum err form_encode_preview(struct call *call, const struct form_named *named,
                             const struct form *form) MUST_CHECK;

#endif
