/*
 * Labels: the texts of a form for people, one for all or one per language. The judge does not use
 * them.
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
    size_t n; /* 0: no label */
};

/* "en", "pt-BR", "zh-Hant-TW": a well-formed language tag (RFC 5646, section 2.1, except
 * grandfathered ones), of at most LANGUAGE_MAX characters. */
enum { LANGUAGE_MAX = 35 };
bool language_valid(struct str tag);

/* The text for a reader of `language` (absent: any): in that language, or a wider or narrower one
 * ("pt" for "pt-BR"), or English, or the first. Absent when the label is empty. */
struct str label_pick(struct label label, struct str language);

#endif
