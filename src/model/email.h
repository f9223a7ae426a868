/* E-mail addresses of people. */
#ifndef BZCTRL_MODEL_EMAIL_H
#define BZCTRL_MODEL_EMAIL_H

#include "base/arena.h"

enum { EMAIL_MAX = 254 };

/* One '@' with something on both sides, nothing that could break a header or a list (RFC 5321
 * allows more, in quotes, that no mail system hands out). */
bool email_valid(struct str email);

/* What can stand behind the '@'. */
bool email_domain_valid(struct str domain);

/* What the addresses of those end with whose data was erased: a domain that nobody can have (RFC
 * 2606 section 2). */
#define EMAIL_ERASED "@erased.invalid"
bool email_erased(struct str email);

/* True if a text names an address, in any case: not as a part of a longer one. */
bool email_named(struct str text, struct str email);

/* Puts "***" in the place of each, in the arena, and notes that it did. ERR_MEMORY. */
enum err email_mask(struct arena *arena, struct str email, struct str *text,
                    bool *changed) MUST_CHECK;

#endif
