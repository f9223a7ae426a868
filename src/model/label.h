/*
 * Labels: what a form says to people, in one text for all or in one per language. The judge never
 * looks at them.
 */
#ifndef BZCTRL_MODEL_LABEL_H
#define BZCTRL_MODEL_LABEL_H

#include "base/str.h"

struct label_text {
    struct str language; /* absent: for all */
    struct str text;
};

struct label {
    const struct label_text *items;
    size_t n; /* 0: there is none */
};

/* "en", "pt-BR", "zh-Hant-TW": a well-formed language tag (RFC 5646, section 2.1, but for those
 * that were grandfathered), of at most LANGUAGE_MAX characters. */
enum { LANGUAGE_MAX = 35 };
bool language_valid(struct str tag);

/* The text for who reads `language` (absent: anybody): in that language, else in a wider or
 * narrower one ("pt" for "pt-BR"), else in English, else the first. Absent when there is none. */
struct str label_pick(struct label label, struct str language);

#endif
