#define PCRE2_CODE_UNIT_WIDTH 8

#include "model/pattern.h"

#include <pcre2.h>
#include <stdlib.h>

/* Far beyond what telling a reference from a slip of the pen takes. */
enum { STEPS_MAX = 100000, DEPTH_MAX = 1000, HEAP_MAX_KIB = 1024, REASON_MAX = 120 };

struct pattern {
    pcre2_code *code;
    pcre2_match_context *context;
    struct str text; /* behind the struct */
};

/* As ECMA-262 has it: \d and the like are of ASCII, '$' is the very end, \u{…} is a character. The
 * text was checked to be UTF-8 when it was read. */
static const uint32_t OPTIONS = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_MATCH_UNSET_BACKREF |
                                PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                                PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK;

static enum err compile(struct op *op, struct pattern *pattern)
{
    int code;
    size_t offset;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (context == NULL)
        return ERR_MEMORY;
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    pattern->code = pcre2_compile((PCRE2_SPTR)pattern->text.p, pattern->text.n, OPTIONS, &code,
                                  &offset, context);
    pcre2_compile_context_free(context);
    if (pattern->code != NULL)
        return ERR_OK;
    char reason[REASON_MAX];
    if (code == PCRE2_ERROR_NOMEMORY ||
        pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason) < 0)
        return ERR_MEMORY;
    return op_fail(op, ERR_INVALID, "%s, at character %zu", reason,
                   utf8_length(str_sub(pattern->text, 0, offset)) + 1);
}

enum err pattern_create(struct op *op, struct str text, struct pattern **ret_pattern)
{
    if (text.n > PATTERN_MAX)
        return op_fail(op, ERR_INVALID, "it has %zu bytes, and at most %d are taken", text.n,
                       PATTERN_MAX);
    struct pattern *pattern = calloc(1, sizeof *pattern + text.n + 1);
    if (pattern == NULL)
        return ERR_MEMORY;
    char *copy = (char *)(pattern + 1);
    for (size_t i = 0; i < text.n; i++)
        copy[i] = text.p[i];
    pattern->text = (struct str){copy, text.n};
    enum err err = compile(op, pattern);
    if (err == ERR_OK) {
        pattern->context = pcre2_match_context_create(NULL);
        err = pattern->context == NULL ? ERR_MEMORY : ERR_OK;
    }
    if (err != ERR_OK) {
        pattern_destroy(pattern);
        return err;
    }
    pcre2_set_match_limit(pattern->context, STEPS_MAX);
    pcre2_set_depth_limit(pattern->context, DEPTH_MAX);
    pcre2_set_heap_limit(pattern->context, HEAP_MAX_KIB);
    *ret_pattern = pattern;
    return ERR_OK;
}

void pattern_destroy(struct pattern *pattern)
{
    if (pattern == NULL)
        return;
    pcre2_code_free(pattern->code);
    pcre2_match_context_free(pattern->context);
    free(pattern);
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
                             pattern->context);
    pcre2_match_data_free(data);
    if (result >= 0)
        return PATTERN_YES;
    return result == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_TOO_COSTLY;
}
