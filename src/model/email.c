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

/* The index of the address in `text`, searching from `from`; text.n if not found. */
static size_t email_find(struct str text, struct str email, size_t from)
{
    for (size_t i = from; i + email.n <= text.n; i++)
        if (str_eq_case(str_sub(text, i, email.n), email) && !goes_on(text, i - 1, false) &&
            !goes_on(text, i + email.n, true))
            return i;
    return text.n;
}

bool email_named(struct str text, struct str email)
{
    return email_find(text, email, 0) < text.n;
}

enum err email_mask(struct arena *arena, struct str email, struct str *text, bool *changed)
{
    struct buf buf;
    size_t from = 0, at = email_find(*text, email, 0);
    if (at == text->n)
        return ERR_OK;
    buf_init(&buf, text->n + 1);
    for (; at < text->n; at = email_find(*text, email, from)) {
        buf_add(&buf, str_sub(*text, from, at - from));
        BUF_LIT(&buf, "***"); /* no longer than the shortest address */
        from = at + email.n;
    }
    buf_add(&buf, str_from(*text, from));
    struct str masked = buf_err(&buf) == ERR_OK ? arena_str(arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    if (masked.p == NULL)
        return ERR_MEMORY;
    *text = masked;
    *changed = true;
    return ERR_OK;
}
