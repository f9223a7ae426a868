#include "model/email.h"

#include "base/buf.h"

#include <glib.h>
#include <string.h>

static bool characters_valid(struct str text)
{
    if (text.n == 0 || text.n > EMAIL_MAX || !utf8_valid(text))
        return false;
    for (; text.n > 0; text = str_from(text, utf8_step(text)))
        if (char_invisible(utf8_first(text)) || str_find(STR("\"(),:;<>[\\]"), text.p[0]) < 11)
            return false;
    return true;
}

bool email_valid(struct str email)
{
    size_t at = str_find(email, '@');
    return at > 0 && at < email.n && characters_valid(email) &&
           email_domain_valid(str_from(email, at + 1));
}

bool email_domain_valid(struct str domain)
{
    return characters_valid(domain) && str_find(domain, '@') == domain.n;
}

static bool ascii_only(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

/* GLib folds Cherokee capitals to small letters and small letters to capitals. */
static char *cherokee_raise(const char *text)
{
    glong n = 0;
    gunichar *letters = g_utf8_to_ucs4_fast(text, -1, &n);
    for (glong i = 0; i < n; i++)
        if (g_unichar_get_script(letters[i]) == G_UNICODE_SCRIPT_CHEROKEE)
            letters[i] = g_unichar_toupper(letters[i]);
    char *raised = g_ucs4_to_utf8(letters, n, NULL, NULL, NULL);
    g_free(letters);
    return raised;
}

/* The Unicode Standard, section 3.13, D145: letters are decomposed before they are folded, since
 * folding composed ones and composing folded ones are not the same for a few of Greek. */
static char *fold_unicode(struct str email)
{
    char *apart = g_utf8_normalize(email.p, (gssize)email.n, G_NORMALIZE_NFD);
    char *raised = apart == NULL ? NULL : cherokee_raise(apart);
    char *folded = raised == NULL ? NULL : g_utf8_casefold(raised, -1);
    char *composed = folded == NULL ? NULL : g_utf8_normalize(folded, -1, G_NORMALIZE_NFC);
    g_free(apart);
    g_free(raised);
    g_free(folded);
    return composed;
}

size_t email_fold(struct str email, char ret_folded[EMAIL_FOLDED_SIZE])
{
    if (email.n > EMAIL_MAX)
        return 0;
    if (ascii_only(email)) {
        for (size_t i = 0; i < email.n; i++)
            ret_folded[i] = ascii_lower(email.p[i]);
        return email.n;
    }
    if (!utf8_valid(email) || str_find(email, '\0') < email.n)
        return 0;
    char *folded = fold_unicode(email);
    size_t n = folded == NULL ? 0 : strlen(folded);
    if (n > EMAIL_FOLDED_SIZE)
        n = 0;
    for (size_t i = 0; i < n; i++)
        ret_folded[i] = folded[i];
    g_free(folded);
    return n;
}

bool email_same(struct str a, struct str b)
{
    char folded[2][EMAIL_FOLDED_SIZE];
    if (str_eq_case(a, b))
        return true;
    if (ascii_only(a) && ascii_only(b))
        return false;
    size_t n = email_fold(a, folded[0]), m = email_fold(b, folded[1]);
    return n > 0 && n == m && memcmp(folded[0], folded[1], n) == 0;
}

bool email_erased(struct str email)
{
    static const struct str end = STR_INIT(EMAIL_ERASED);
    return email.n >= end.n && str_eq_case(str_from(email, email.n - end.n), end);
}

/* Could it be part of a longer address? A full stop at a sentence's end does not. */
static bool goes_on(struct str text, size_t at, bool forwards)
{
    if (at >= text.n)
        return false;
    char c = text.p[at];
    if (c == '.') {
        size_t next = forwards ? at + 1 : at - 1;
        return next < text.n && (ascii_alpha(text.p[next]) || ascii_digit(text.p[next]));
    }
    return ascii_alpha(c) || ascii_digit(c) || c == '-' || c == '_' || c == '+';
}

/* Is it written on the letter before it, or composed with it? Marks are, and the second and third
 * part of a Korean syllable. */
static bool joins(uint32_t c)
{
    return c >= 0x300 && (g_unichar_ismark(c) || (c >= 0x1160 && c <= 0x11FF));
}

/* A letter with what joins it is folded by itself: nothing is composed across two of them. */

static size_t letter_end(struct str text, size_t at)
{
    do {
        size_t step = utf8_step(str_from(text, at));
        at += step == 0 ? 1 : step;
    } while (at < text.n && joins(utf8_first(str_from(text, at))));
    return at;
}

static size_t letter_begin(struct str text, size_t at)
{
    do {
        at--;
        while (at > 0 && ((unsigned char)text.p[at] & 0xC0) == 0x80)
            at--;
    } while (at > 0 && joins(utf8_first(str_from(text, at))));
    return at;
}

/* How many bytes of `folded` a letter of a text is, at its beginning or its end; 0 if it is
 * another. */
static size_t letter_is(struct str letter, struct str folded, bool at_end)
{
    char bytes[EMAIL_FOLDED_SIZE];
    struct str one = {bytes, email_fold(letter, bytes)};
    bool fits = one.n <= folded.n;
    return fits && str_eq(one, str_sub(folded, at_end ? folded.n - one.n : 0, one.n)) ? one.n : 0;
}

/* Where an address in a text is. */
struct place {
    size_t from, end;
};

/* Is it the address around this '@', and not before `from`? No '@' is spelled in another way. */
static bool email_around(struct str text, size_t at, size_t from, struct str folded,
                         struct place *ret_place)
{
    struct str domain = folded, local = str_cut(&domain, '@');
    struct place place = {at, at + 1};
    while (local.n > 0 && place.from > from) {
        size_t begin = letter_begin(text, place.from);
        size_t n = letter_is(str_sub(text, begin, place.from - begin), local, true);
        if (n == 0)
            return false;
        local.n -= n;
        place.from = begin;
    }
    while (domain.n > 0 && place.end < text.n) {
        size_t end = letter_end(text, place.end);
        size_t n = letter_is(str_sub(text, place.end, end - place.end), domain, false);
        if (n == 0)
            return false;
        domain = str_from(domain, n);
        place.end = end;
    }
    *ret_place = place;
    return local.n == 0 && domain.n == 0 && place.from >= from &&
           !goes_on(text, place.from - 1, false) && !goes_on(text, place.end, true);
}

/* The first one in `text` from `from` on. */
static bool email_find(struct str text, struct str folded, size_t from, struct place *ret_place)
{
    size_t at = from + str_find(str_from(text, from), '@');
    while (at < text.n && !email_around(text, at, from, folded, ret_place))
        at += 1 + str_find(str_from(text, at + 1), '@');
    return at < text.n;
}

bool email_named(struct str text, struct str email)
{
    char bytes[EMAIL_FOLDED_SIZE];
    struct str folded = {bytes, email_fold(email, bytes)};
    struct place place;
    return email_find(text, folded, 0, &place);
}

/* A few letters are also spelled otherwise (U+FB01 is "fi", U+212A is "k"), and a letter can be one
 * character with the mark that follows it. The unit test tries all. */
bool email_constant(struct str folded, size_t i)
{
    static const struct str others = STR_INIT("fiklnst;`");
    return (unsigned char)folded.p[i] < 0x80 && str_find(others, folded.p[i]) == others.n &&
           (i + 1 == folded.n || (unsigned char)folded.p[i + 1] < 0x80);
}

enum err email_mask(struct arena *arena, struct str email, struct str *text, bool *changed)
{
    char bytes[EMAIL_FOLDED_SIZE];
    struct str folded = {bytes, email_fold(email, bytes)};
    struct place place;
    struct buf buf;
    size_t done = 0;
    if (!email_find(*text, folded, 0, &place))
        return ERR_OK;
    buf_init(&buf, text->n + 1);
    do {
        buf_add(&buf, str_sub(*text, done, place.from - done));
        BUF_LIT(&buf, "***"); /* no longer than the shortest address */
        done = place.end;
    } while (email_find(*text, folded, done, &place));
    buf_add(&buf, str_from(*text, done));
    *changed = true;
    return buf_move(&buf, arena, text);
}
