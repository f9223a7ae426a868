#include "base/near.h"

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

void near_look(struct near *near, struct str known)
{
    size_t slips;
    if (!looks_like(near->name, known, &slips) || (near->best.p != NULL && slips >= near->slips))
        return;
    near->best = known;
    near->slips = slips;
}
