#include "form/suggest.h"

/* A longer name is too long to be a mistyped name of ours. */
enum { NAME_MAX_COMPARED = 24 };

/* More slips are another word. */
enum { SLIPS_MAX = 2, FAR = SLIPS_MAX + 1 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters must be added, dropped, replaced or swapped with their neighbour to make `b` of
 * `a` (Damerau-Levenshtein, each place edited at most once); upper and lower case are the same. Of
 * no interest beyond SLIPS_MAX, so only places that are not further apart are compared. */
static size_t distance(struct str a, struct str b)
{
    size_t rows[3][NAME_MAX_COMPARED + 2];
    for (size_t k = 0; k <= b.n; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        size_t first = i > SLIPS_MAX ? i - SLIPS_MAX : 1, last = smaller(i + SLIPS_MAX, b.n);
        row[first - 1] = first == 1 ? i : FAR;
        row[last + 1] = FAR;
        for (size_t k = first; k <= last; k++) {
            char x = ascii_lower(a.p[i - 1]), y = ascii_lower(b.p[k - 1]);
            row[k] = smaller(smaller(above[k], row[k - 1]) + 1, above[k - 1] + (x == y ? 0 : 1));
            if (i > 1 && k > 1 && x == ascii_lower(b.p[k - 2]) && y == ascii_lower(a.p[i - 2]))
                row[k] = smaller(row[k], two_above[k - 2] + 1);
        }
    }
    return rows[a.n % 3][b.n];
}

/* A slip in three letters is one. A letter more or less is one, too. */
static bool looks_like(struct str name, struct str known, size_t *ret_distance)
{
    size_t most = smaller(SLIPS_MAX, known.n / 3);
    if (name.n > NAME_MAX_COMPARED || known.n > NAME_MAX_COMPARED || name.n > known.n + most ||
        known.n > name.n + most)
        return false;
    size_t slips = distance(name, known);
    if (slips > most)
        return false;
    *ret_distance = slips;
    return true;
}

struct str form_suggest(const struct form *form, struct str name)
{
    struct str best = STR_NONE;
    size_t best_distance = SIZE_MAX, slips;
    for (size_t i = 0; i < MEMBER_COUNT + form->custom_count; i++) {
        struct str known =
            i < MEMBER_COUNT ? member_name((enum member)i) : form->customs[i - MEMBER_COUNT].name;
        if (looks_like(name, known, &slips) && slips < best_distance) {
            best = known;
            best_distance = slips;
        }
    }
    return best;
}

struct str draft_suggest(const struct task_draft *draft, const struct form *form, struct str name,
                         size_t *budget)
{
    struct str best = STR_NONE;
    size_t best_distance = SIZE_MAX, slips;
    for (size_t i = 0; i < draft->other_count && *budget > 0; i++, --*budget) {
        struct str sent = draft->others[i].value.name;
        if (looks_like(sent, name, &slips) && slips < best_distance &&
            form_custom(form, sent) == NULL) {
            best = sent;
            best_distance = slips;
        }
    }
    return best;
}
