/*
 * Makes a body safe to keep and show: without secrets, in well-formed UTF-8 without NUL, and
 * bounded. Pure.
 */
#ifndef BZCTRL_MODEL_REDACT_H
#define BZCTRL_MODEL_REDACT_H

#include "base/buf.h"

enum {
    REDACT_JSON_MAX = 4096, /* bytes that are appended at most */
    REDACT_TEXT_MAX = 1024,
    REDACT_READ_MAX = 8 * 1024 + 1, /* that are read; callers need not keep more */
};

/* True if a member of that name is treated as a secret: "password", "X-Api-Key", "clientSecret", …
 * The name may have the escapes of JSON. */
bool redact_secret_name(struct str name);

/* Appends JSON that json_read() accepts as it was sent, except that the values of members with a
 * secret's name, at any depth, become "***". A text that is cut ends with "…". True if nothing is
 * left out. */
bool redact_json(struct buf *buf, struct str sent);

/* Appends any other bytes. Malformed UTF-8 and NUL become U+FFFD. Since the end of a secret is
 * unknown in a text of unknown form, everything after the first word that names one is left out. */
void redact_text(struct buf *buf, struct str sent);

#endif
