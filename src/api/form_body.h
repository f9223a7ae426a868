/*
 * The body of the OAuth endpoints: application/x-www-form-urlencoded (WHATWG URL, section 5.1),
 * read strictly. Input that a lenient reader would repair or drop is refused with a message that
 * says what is wrong and where, but never repeats a value, which may be a secret.
 */
#ifndef BZCTRL_API_FORM_BODY_H
#define BZCTRL_API_FORM_BODY_H

#include "base/op.h"

enum {
    FORM_FIELDS_MAX = 32,
    FORM_NAME_MAX = 64,    /* bytes, decoded */
    FORM_VALUE_MAX = 4096, /* bytes, decoded: a password of 1,024 characters fits */
};

struct body_field {
    struct str name, value; /* decoded UTF-8 without NUL */
};

struct form_body {
    struct body_field fields[FORM_FIELDS_MAX];
    size_t n;
};

/*
 * Decodes `text` into op->arena. '+' is a space, "%41" a byte; an empty piece between two '&' is
 * skipped; a piece without '=' is a name with an empty value. ERR_SYNTAX with op->detail for: a bad
 * percent, an unencoded control character or space, invalid UTF-8, NUL, an empty name, a repeated
 * name, a name or value too long, too many fields. ERR_MEMORY.
 */
enum err form_body_read(struct op *op, struct str text, struct form_body *ret_form) MUST_CHECK;

/* The value of a field. Absent when it was not sent or is empty; OAuth treats both alike (RFC
 * 6749, section 3.2). */
struct str form_body_get(const struct form_body *form, const char *name);

#endif
