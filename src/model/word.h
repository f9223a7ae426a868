/*
 * The words of a text, as they are found by: folded, so that neither capitals, accents nor the form
 * of Unicode matter ("MÜLLER", "Müller" and "muller" are one word). Both engines get the words made
 * here, so that both find the same.
 *
 * A word is a run of letters, digits and symbols such as emoji, in any script; of Chinese and
 * Japanese, which know no blanks, each character is one. Everything else separates words. A word
 * has at most WORD_MAX bytes; what goes beyond that is cut.
 */
#ifndef BZCTRL_MODEL_WORD_H
#define BZCTRL_MODEL_WORD_H

#include "base/buf.h"

enum { WORD_MAX = 64, IDENTIFIER_FOLDED_MAX = 200 };

/* Appends the words of well-formed UTF-8, each with a blank after it. */
void buf_words(struct buf *buf, struct str text);

/* Is each word of `typed` the beginning of one of `words`? Both are as buf_words() writes them. */
bool words_begin(struct str words, struct str typed);

/* Is the text that name in any case, where '_', '-' or nothing may take the place of a blank?
 * "INPROGRESS" is how programs' enumerations spell it. */
bool words_same(struct str text, struct str name);

/* Appends an identifier (an order, a tag), folded like a word, with all its signs: blanks around it
 * are dropped, those inside it are one. At most IDENTIFIER_FOLDED_MAX bytes. */
void buf_identifier(struct buf *buf, struct str text);

#endif
