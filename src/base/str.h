/*
 * struct str: a borrowed run of bytes with a length. Never assume that text from outside is
 * zero-terminated. The holder of a str must know whose memory it points into (an arena, a literal,
 * a buffer).
 */
#ifndef BZCTRL_BASE_STR_H
#define BZCTRL_BASE_STR_H

#include "base/ascii.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p; /* NULL means absent, which is not the same as empty */
    size_t n;
};

/* A list of texts, both levels borrowed. */
struct str_list {
    const struct str *items;
    size_t n;
};

#define STR(literal) (struct str){(literal), sizeof(literal) - 1}
/* The same, for static initializers. */
#define STR_INIT(literal) {(literal), sizeof(literal) - 1}

#define STR_NONE (struct str){NULL, 0}

/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).n, (s).p

/* A zero-terminated string as a str; NULL gives STR_NONE. */
struct str str_of(const char *zero_terminated);

/* From offset to the end, or `n` bytes from offset; both are cut to what is there. */
struct str str_from(struct str s, size_t offset);
struct str str_sub(struct str s, size_t offset, size_t n);

static inline bool str_eq(struct str a, struct str b)
{
    /* An absent text has no bytes, which the analyzer does not know.
     * NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal without regard to ASCII case. */
bool str_eq_case(struct str a, struct str b);

/* Bytewise order, shorter first when one is a prefix: <0, 0, >0, as SQL's COLLATE "C". */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);

/* Without ASCII blanks (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);

/* Cuts *rest at the first `separator`: returns the text before it and leaves the text after it in
 * *rest. Without a separator, returns everything; *rest becomes STR_NONE. */
struct str str_cut(struct str *rest, char separator);

/* The index of the first such byte, or s.n. */
size_t str_find(struct str s, char byte);

/* Digits only, no sign, at most `max`; false leaves *ret untouched. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *ret);

/* How many bytes of `s`, from its beginning, are printable ASCII other than '"' and '\\': what nearly
 * all texts are made of, and what JSON and a header take as it is. */
size_t str_plain(struct str s);

/* How many bytes the character that `s`, which is not empty, begins with takes; 0 if it is
 * malformed (RFC 3629, section 4). */
size_t utf8_step(struct str s);

/* True if `s` is well-formed UTF-8 without surrogates (RFC 3629). NUL is allowed here. */
bool utf8_valid(struct str s);

/* The number of code points of well-formed UTF-8. */
size_t utf8_length(struct str s);

/* The first `max` bytes of well-formed UTF-8, or a few less: whole characters. */
struct str utf8_cut(struct str s, size_t max);

/* The code point that `s`, which is not empty, begins with; U+FFFD if it is malformed. */
uint32_t utf8_first(struct str s);

/* Without blanks at both ends: Unicode's white space, and the characters that have no width at all,
 * which text copied out of documents often contains (U+200B, U+2060, U+FEFF). */
struct str utf8_trim(struct str s);

/* True for an invisible character: white space, controls, marks of direction and whatever else
 * Unicode calls default ignorable. */
bool char_invisible(uint32_t c);

/* True if one of its characters can be seen. */
bool utf8_visible(struct str s);

#endif
