/* E-mail addresses of people. */
#ifndef BZCTRL_MODEL_EMAIL_H
#define BZCTRL_MODEL_EMAIL_H

#include "base/arena.h"

enum { EMAIL_MAX = 254, EMAIL_FOLDED_SIZE = 4 * EMAIL_MAX };

/* One '@' with something on both sides, nothing that could break a header or a list (RFC 5321
 * allows more, in quotes, that no mail system hands out), and no invisible character, by which one
 * address could pass for another. */
bool email_valid(struct str email);

/*
 * One address is one account in any case, and in any Unicode form: its folded spelling, of full
 * case folding and then NFC, distinguishes accounts. Returns its length; 0 for an address that is
 * longer than EMAIL_MAX bytes or malformed. Folding twice changes nothing.
 */
size_t email_fold(struct str email, char ret_folded[EMAIL_FOLDED_SIZE]);

/* True if both have one folded spelling. */
bool email_same(struct str a, struct str b);

/* True if it can follow the '@'. */
bool email_domain_valid(struct str domain);

/* The end of the addresses of people whose data was erased: a domain that nobody can have (RFC 2606
 * section 2). */
#define EMAIL_ERASED "@erased.invalid"
bool email_erased(struct str email);

/* True if a text names an address, in any of its spellings: not as a part of a longer one. */
bool email_named(struct str text, struct str email);

/* True if the byte at `i` of a folded spelling is in each spelling of the address, as a small letter
 * or as a capital; so that texts can be searched for it by something simpler. */
bool email_constant(struct str folded, size_t i);

/* Puts "***" in the place of each, in the arena, and notes that it did. ERR_MEMORY. */
enum err email_mask(struct arena *arena, struct str email, struct str *text,
                    bool *changed) MUST_CHECK;

#endif
