#include "form/pattern_syntax.h"

enum { GROUPS_MAX = 100 };

/* Of line ends and blanks ECMA-262 has other lists than PCRE2 (sections 12.2 and 12.3). */
#define LINE_ENDS "\n\r\xe2\x80\xa8\xe2\x80\xa9"
#define BLANKS                                                                                     \
    "\t-\r \xc2\xa0\xe1\x9a\x80\xe2\x80\x80-\xe2\x80\x8a\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaf"      \
    "\xe2\x81\x9f\xe3\x80\x80\xef\xbb\xbf"
#define NO_BLANKS                                                                                  \
    "\\x00-\x08\x0e-\x1f!-\xc2\x9f\xc2\xa1-\xe1\x99\xbf\xe1\x9a\x81-\xe1\xbf\xbf\xe2\x80\x8b-"     \
    "\xe2\x80\xa7\xe2\x80\xaa-\xe2\x80\xae\xe2\x80\xb0-\xe2\x81\x9e\xe2\x81\xa0-\xe2\xbf\xbf"      \
    "\xe3\x80\x81-\xef\xbb\xbe\xef\xbc\x80-\xf4\x8f\xbf\xbf"

struct syntax {
    struct op *op;
    struct str text;
    size_t at;
    struct buf *out;
    bool asserts[GROUPS_MAX]; /* the groups that are open: which of them only look */
    size_t depth;
};

static enum err wrong(struct syntax *s, size_t at, const char *what)
{
    return op_fail(s->op, ERR_INVALID, "%s, at character %zu", what,
                   utf8_length(str_sub(s->text, 0, at)) + 1);
}

/* The byte `ahead` of the reader's position; 0 after the end. */
static char peek(const struct syntax *s, size_t ahead)
{
    return s->at + ahead < s->text.n ? s->text.p[s->at + ahead] : '\0';
}

static bool one_of(char c, struct str list)
{
    return c != '\0' && str_find(list, c) < list.n;
}

/* Passes on so many bytes as they are. */
static void pass(struct syntax *s, size_t n)
{
    buf_add(s->out, str_sub(s->text, s->at, n));
    s->at += n;
}

static size_t hex_digits(const struct syntax *s, size_t ahead)
{
    size_t n = 0;
    while (hex_value(peek(s, ahead + n)) >= 0)
        n++;
    return n;
}

/* ---- escapes ---- */

/* The length of a "\p{Lu}"; 0 if not one that both know. */
static size_t category(const struct syntax *s)
{
    static const struct str names[] = {
        STR_INIT("C"),  STR_INIT("Cc"), STR_INIT("Cf"), STR_INIT("Cn"), STR_INIT("Co"),
        STR_INIT("L"),  STR_INIT("Ll"), STR_INIT("Lm"), STR_INIT("Lo"), STR_INIT("Lt"),
        STR_INIT("Lu"), STR_INIT("M"),  STR_INIT("Mc"), STR_INIT("Me"), STR_INIT("Mn"),
        STR_INIT("N"),  STR_INIT("Nd"), STR_INIT("Nl"), STR_INIT("No"), STR_INIT("P"),
        STR_INIT("Pc"), STR_INIT("Pd"), STR_INIT("Pe"), STR_INIT("Pf"), STR_INIT("Pi"),
        STR_INIT("Po"), STR_INIT("Ps"), STR_INIT("S"),  STR_INIT("Sc"), STR_INIT("Sk"),
        STR_INIT("Sm"), STR_INIT("So"), STR_INIT("Z"),  STR_INIT("Zl"), STR_INIT("Zp"),
        STR_INIT("Zs")};
    struct str rest = str_from(s->text, s->at + 3), name = str_cut(&rest, '}');
    if (peek(s, 2) != '{' || rest.p == NULL)
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_eq(name, names[i]))
            return name.n + 4;
    return 0;
}

/* "\x41", "\u0041", "\u{41}": its length; 0 if it is malformed. */
static size_t code_point(const struct syntax *s)
{
    if (peek(s, 1) == 'x')
        return hex_digits(s, 2) >= 2 ? 4 : 0;
    if (peek(s, 2) != '{')
        return hex_digits(s, 2) >= 4 ? 6 : 0;
    size_t n = hex_digits(s, 3);
    return n > 0 && n <= 6 && peek(s, 3 + n) == '}' ? n + 4 : 0;
}

/* An escape that means, outside and inside of brackets, one character or, *ret_set, for any of
 * many. */
static enum err take_escape(struct syntax *s, bool inside, bool *ret_set)
{
    char c = peek(s, 1);
    size_t n = 2;
    *ret_set = one_of(c, STR("dDwWsSpP"));
    if (c == 's' || c == 'S') {
        buf_add(s->out, c == 's' ? STR(BLANKS) : STR(NO_BLANKS));
        s->at += 2;
        return ERR_OK;
    }
    if (c == 'v' || (inside && c == 'b')) {
        buf_char(s->out, c == 'v' ? '\x0b' : '\x08');
        s->at += 2;
        return ERR_OK;
    }
    if (c == 'p' || c == 'P')
        n = category(s);
    else if (c == 'x' || c == 'u')
        n = code_point(s);
    else if (!one_of(c, STR("dDwWtnfr^$\\.*+?()[]{}|/")) && !(inside && c == '-'))
        n = 0;
    if (n == 0)
        return wrong(s, s->at,
                     c == '\0'                    ? "a \\ escapes nothing"
                     : ascii_digit(c) || c == 'k' ? "references to a group are not supported"
                     : c == 'p' || c == 'P'
                         ? "only general categories are supported as properties, such as \\p{Lu}"
                         : "there is no such escape; most characters need none");
    pass(s, n);
    return ERR_OK;
}

/* ---- brackets ---- */

static enum err take_atom(struct syntax *s, bool *ret_set)
{
    char c = peek(s, 0);
    *ret_set = false;
    if (c == '\\')
        return take_escape(s, true, ret_set);
    if (c == '[' || c == '-' || c == '^')
        buf_char(s->out, '\\');
    pass(s, utf8_step(str_from(s->text, s->at)));
    return ERR_OK;
}

static enum err take_class(struct syntax *s)
{
    size_t start = s->at;
    enum err err = ERR_OK;
    pass(s, peek(s, 1) == '^' ? 2 : 1);
    while (err == ERR_OK && s->at < s->text.n && peek(s, 0) != ']') {
        bool first_set, last_set;
        size_t atom = s->at;
        err = take_atom(s, &first_set);
        if (err != ERR_OK || peek(s, 0) != '-' || s->at + 1 >= s->text.n || peek(s, 1) == ']')
            continue;
        pass(s, 1);
        err = take_atom(s, &last_set);
        if (err == ERR_OK && (first_set || last_set))
            err = wrong(s, atom, "a range needs a character at each end");
    }
    if (err != ERR_OK)
        return err;
    if (s->at >= s->text.n)
        return wrong(s, start, "this [ is not closed");
    pass(s, 1);
    return ERR_OK;
}

/* ---- groups and repetition ---- */

static enum err open_group(struct syntax *s)
{
    static const struct {
        struct str text;
        bool asserts;
    } kinds[] = {
        {STR_INIT("(?:"), false}, {STR_INIT("(?="), true},  {STR_INIT("(?!"), true},
        {STR_INIT("(?<="), true}, {STR_INIT("(?<!"), true},
    };
    struct str rest = str_from(s->text, s->at);
    if (s->depth == GROUPS_MAX)
        return wrong(s, s->at, "groups are nested too deeply");
    if (peek(s, 1) != '?') { /* nothing refers to it */
        BUF_LIT(s->out, "(?:");
        s->at++;
        s->asserts[s->depth++] = false;
        return ERR_OK;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (str_starts(rest, kinds[i].text)) {
            pass(s, kinds[i].text.n);
            s->asserts[s->depth++] = kinds[i].asserts;
            return ERR_OK;
        }
    return wrong(s, s->at, "there is no such group; use ( (?: (?= (?! (?<= or (?<!");
}

/* "{2}", "{2,}", "{2,3}": its length; 0 if it is malformed. */
static size_t braces(const struct syntax *s)
{
    size_t n = 1, digits = 0;
    for (; ascii_digit(peek(s, n)); n++)
        digits++;
    if (peek(s, n) == ',')
        for (n++; ascii_digit(peek(s, n));)
            n++;
    return digits > 0 && peek(s, n) == '}' ? n + 1 : 0;
}

static enum err take_quantifier(struct syntax *s, bool repeatable)
{
    size_t n = peek(s, 0) == '{' ? braces(s) : 1;
    if (n == 0)
        return wrong(s, s->at, "a { that repeats nothing must be written \\{");
    if (!repeatable)
        return wrong(s, s->at, "there is nothing to repeat");
    pass(s, n);
    if (peek(s, 0) == '?')
        pass(s, 1);
    return ERR_OK;
}

/* ---- the whole ---- */

/* One piece; *repeatable: may a quantifier follow the one before, and may one follow this? */
static enum err take_term(struct syntax *s, bool *repeatable)
{
    char c = peek(s, 0);
    bool before = *repeatable, set;
    *repeatable = true;
    switch (c) {
    case '(':
        *repeatable = false;
        return open_group(s);
    case ')':
        if (s->depth == 0)
            return wrong(s, s->at, "this ) closes nothing");
        *repeatable = !s->asserts[--s->depth];
        pass(s, 1);
        return ERR_OK;
    case '|':
    case '^':
    case '$':
        *repeatable = false;
        pass(s, 1);
        return ERR_OK;
    case '*':
    case '+':
    case '?':
    case '{':
        *repeatable = false;
        return take_quantifier(s, before);
    case ']':
    case '}':
        return wrong(s, s->at, "a ] or } that closes nothing must be written \\] or \\}");
    case '.':
        BUF_LIT(s->out, "[^" LINE_ENDS "]");
        s->at++;
        return ERR_OK;
    case '[':
        return take_class(s);
    case '\\':
        if (peek(s, 1) == 'b' || peek(s, 1) == 'B') {
            *repeatable = false;
            pass(s, 2);
            return ERR_OK;
        }
        if (peek(s, 1) != 's' && peek(s, 1) != 'S')
            return take_escape(s, false, &set);
        buf_char(s->out, '[');
        (void)!take_escape(s, false, &set);
        buf_char(s->out, ']');
        return ERR_OK;
    default:
        pass(s, utf8_step(str_from(s->text, s->at)));
        return ERR_OK;
    }
}

enum err pattern_translate(struct op *op, struct str pattern, struct buf *out)
{
    struct syntax s = {.op = op, .text = pattern, .out = out};
    bool repeatable = false;
    enum err err = ERR_OK;
    while (err == ERR_OK && s.at < pattern.n)
        err = take_term(&s, &repeatable);
    if (err == ERR_OK && s.depth > 0)
        err = wrong(&s, pattern.n, "a ( is not closed");
    return err == ERR_OK ? buf_err(out) : err;
}
