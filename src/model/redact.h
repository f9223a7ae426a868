/*
 * What somebody sent, made fit to be kept and shown: without secrets, in well-formed UTF-8 without
 * NUL, and bounded. Pure.
 */
#ifndef BZCTRL_MODEL_REDACT_H
#define BZCTRL_MODEL_REDACT_H

#include "base/buf.h"

enum {
    REDACT_JSON_MAX = 4096, /* bytes that are appended at most */
    REDACT_TEXT_MAX = 1024,
    REDACT_READ_MAX =
        8 * 1024 + 1, /* that are looked at: whoever keeps what was sent needs no more */
};

/* True if what stands under that name is taken for a secret: "password", "X-Api-Key",
 * "clientSecret", … The name may have the escapes of JSON. */
bool redact_secret_name(struct str name);

/* Appends JSON (what json_read() takes) as it was sent, but for the values of members whose name
 * looks like a secret, at whatever depth, which become "***". What is cut ends with "…". */
void redact_json(struct buf *buf, struct str sent);

/* Appends any other bytes. What is no UTF-8, and NUL, becomes U+FFFD. Since nobody can tell where a
 * secret ends in a text of no known form, all behind the first word that names one is left out. */
void redact_text(struct buf *buf, struct str sent);

#endif
