#include "model/email.h"

#include "base/buf.h"

static bool characters_valid(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c <= ' ' || c == 0x7f || str_find(STR("\"(),:;<>[\\]"), (char)c) < 11)
            return false;
    }
    return text.n > 0 && text.n <= EMAIL_MAX && utf8_valid(text);
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

bool email_erased(struct str email)
{
    static const struct str end = STR_INIT(EMAIL_ERASED);
    return email.n >= end.n && str_eq_case(str_from(email, email.n - end.n), end);
}

/* Could it belong to an address that goes on? A full stop at a sentence's end does not. */
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

/* Where the address stands in `text` from `from` on; text.n: nowhere. */
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
