#define PCRE2_CODE_UNIT_WIDTH 8

#include "model/pattern.h"

#include "model/pattern_syntax.h"

#include <pcre2.h>

/* Far beyond what telling a reference from a slip of the pen takes. */
enum { STEPS_MAX = 20000, DEPTH_MAX = 1000, HEAP_MAX_KIB = 1024, REASON_MAX = 120 };

/* What a pattern takes at most once it is written for PCRE2: nothing grows more than \S. */
enum { TRANSLATED_MAX = 40 * PATTERN_MAX };

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
    struct str text;
};

/* As ECMA-262 has it: \d and the like are of ASCII, '$' is the very end, \u{…} is a character. The
 * text was checked to be UTF-8 when it was read. */
static const uint32_t OPTIONS = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
                                PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C |
                                PCRE2_NO_UTF_CHECK;

static void *arena_take(size_t size, void *arena)
{
    return arena_alloc(arena, size);
}

/* What lies in an arena goes with it. */
static void arena_keep(void *memory, void *arena)
{
    (void)memory, (void)arena;
}

static enum err told_why(struct op *op, int code)
{
    char reason[REASON_MAX];
    if (code == PCRE2_ERROR_NOMEMORY ||
        pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason) < 0)
        return ERR_MEMORY;
    return op_fail(op, ERR_INVALID, "%s", reason);
}

enum err pattern_compile(struct op *op, struct arena *arena, struct str text,
                         const struct pattern **ret_pattern)
{
    if (text.n > PATTERN_MAX)
        return op_fail(op, ERR_INVALID, "it has %zu bytes, and at most %d are taken", text.n,
                       PATTERN_MAX);
    struct pattern *pattern = ARENA_NEW(arena, struct pattern);
    pcre2_general_context *memory = pcre2_general_context_create(arena_take, arena_keep, arena);
    pcre2_compile_context *rules = memory == NULL ? NULL : pcre2_compile_context_create(memory);
    if (pattern == NULL || rules == NULL)
        return ERR_MEMORY;
    struct buf translated;
    buf_init(&translated, TRANSLATED_MAX);
    enum err err = pattern_translate(op, text, &translated);
    if (err == ERR_OK) {
        int code;
        size_t offset;
        pcre2_set_compile_extra_options(rules, PCRE2_EXTRA_ALT_BSUX);
        pattern->text = arena_str(arena, text);
        pattern->code =
            pcre2_compile((PCRE2_SPTR)translated.p, translated.n, OPTIONS, &code, &offset, rules);
        if (pattern->code == NULL)
            err = told_why(op, code);
    }
    buf_finish(&translated);
    if (err != ERR_OK)
        return err;
    pattern->limits = pcre2_match_context_create(memory);
    if (pattern->text.p == NULL || pattern->limits == NULL)
        return ERR_MEMORY;
    pcre2_set_match_limit(pattern->limits, STEPS_MAX);
    pcre2_set_depth_limit(pattern->limits, DEPTH_MAX);
    pcre2_set_heap_limit(pattern->limits, HEAP_MAX_KIB);
    *ret_pattern = pattern;
    return ERR_OK;
}

struct str pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}

enum pattern_verdict pattern_match(const struct pattern *pattern, struct str text)
{
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (data == NULL)
        return PATTERN_TOO_COSTLY;
    int result = pcre2_match(pattern->code, (PCRE2_SPTR)text.p, text.n, 0, PCRE2_NO_UTF_CHECK, data,
                             pattern->limits);
    pcre2_match_data_free(data);
    if (result >= 0)
        return PATTERN_YES;
    return result == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_TOO_COSTLY;
}
