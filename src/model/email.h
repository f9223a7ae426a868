/* E-mail addresses of people. */
#ifndef BZCTRL_MODEL_EMAIL_H
#define BZCTRL_MODEL_EMAIL_H

#include "base/str.h"

enum { EMAIL_MAX = 254 };

/* One '@' with something on both sides, nothing that could break a header or a list (RFC 5321
 * allows more, in quotes, that no mail system hands out). */
bool email_valid(struct str email);

#endif
