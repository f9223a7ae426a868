#include "model/label.h"

enum { SUBTAG_MAX = 8 };

static bool all_of(struct str part, bool (*kind)(char c))
{
    for (size_t i = 0; i < part.n; i++)
        if (!kind(part.p[i]))
            return false;
    return true;
}

static bool letter_or_digit(char c)
{
    return ascii_alpha(c) || ascii_digit(c);
}

/* The parts of a tag, in the order in which they may appear. */
enum subtag { EXTENDED, SCRIPT, REGION, VARIANT };

/* Which part, at `place` or later, the text after the first part can be; then the place after
 * it. */
static bool place_read(struct str part, enum subtag place, enum subtag *ret_place)
{
    bool letters = all_of(part, ascii_alpha), digits = all_of(part, ascii_digit);
    bool region = (letters && part.n == 2) || (digits && part.n == 3);
    bool variant = part.n > 4 || (part.n == 4 && ascii_digit(part.p[0]));
    if (letters && part.n == 3 && place <= EXTENDED)
        *ret_place = EXTENDED;
    else if (letters && part.n == 4 && place <= SCRIPT)
        *ret_place = REGION;
    else if (variant || (region && place <= REGION))
        *ret_place = VARIANT;
    else
        return false;
    return true;
}

bool language_valid(struct str tag)
{
    if (tag.n > LANGUAGE_MAX)
        return false;
    enum subtag place = EXTENDED;
    char extension = 0; /* which one the parts belong to: "x" of "en-x-house" */
    bool open = false;  /* it has no part yet */
    struct str part = str_cut(&tag, '-');
    if (part.n < 2 || part.n > SUBTAG_MAX || !all_of(part, ascii_alpha))
        return false;
    while (tag.p != NULL) {
        part = str_cut(&tag, '-');
        if (part.n == 0 || part.n > SUBTAG_MAX || !all_of(part, letter_or_digit))
            return false;
        if (part.n == 1 && extension != 'x') {
            if (open)
                return false;
            extension = ascii_lower(part.p[0]);
            open = true;
        } else if (extension != 0) {
            open = false;
        } else if (!place_read(part, place, &place)) {
            return false;
        }
    }
    return !open;
}

/* "pt" and "pt-BR" are of one language. */
static bool akin(struct str a, struct str b)
{
    return str_eq_case(str_cut(&a, '-'), str_cut(&b, '-'));
}

struct str label_pick(struct label label, struct str language)
{
    const struct label_text *best = label.n > 0 ? &label.items[0] : NULL;
    int rank = 0, found;
    for (size_t i = 0; i < label.n; i++) {
        struct str own = label.items[i].language;
        found = language.p != NULL && str_eq_case(own, language) ? 3
                : language.p != NULL && akin(own, language)      ? 2
                : akin(own, STR("en"))                           ? 1
                                                                 : 0;
        if (found > rank) {
            best = &label.items[i];
            rank = found;
        }
    }
    return best == NULL ? STR_NONE : best->text;
}
