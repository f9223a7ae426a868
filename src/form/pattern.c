#define PCRE2_CODE_UNIT_WIDTH 8

#include "form/pattern.h"

#include "form/pattern_syntax.h"

#include <pcre2.h>

enum { DEPTH_MAX = 1000, HEAP_MAX_KIB = 1024, REASON_MAX = 120, SCRATCH_MAX = 8 * 1024 * 1024 };

/* Units of work: for beginning a match, and for coming to an item of the pattern. */
enum { WORK_OF_MATCH = 200, WORK_OF_ITEM = 8 };

/* A list of characters is searched for each character that is passed over: so many bytes of an item
 * cost as much again as its first. */
enum { ITEM_WEIGHT_BYTES = 8 };

/* What a pattern takes at most once it is written for PCRE2: nothing grows more than \S. */
enum { TRANSLATED_MAX = 40 * PATTERN_MAX };

struct pattern {
    pcre2_code *code;
    struct str text;
    struct str translated; /* what `code` was compiled from */
};

/* As ECMA-262 has it: \d and the like are of ASCII, '$' is the very end, \u{…} is a character. The
 * text was checked to be UTF-8 when it was read. A callout at each item is where work is counted.
 */
static const uint32_t OPTIONS = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY |
                                PCRE2_ALLOW_EMPTY_CLASS | PCRE2_NEVER_BACKSLASH_C |
                                PCRE2_NO_UTF_CHECK | PCRE2_AUTO_CALLOUT;

/* ---- compiling ---- */

static void *arena_take(size_t size, void *arena)
{
    return arena_alloc(*(struct arena **)arena, size);
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

/* Compiles what pattern->translated says. What that takes besides, which may be much, is given
 * back: the code alone is copied into `arena`. */
static enum err compile(struct op *op, struct arena *arena, struct pattern *pattern)
{
    int code;
    size_t offset, size = 0;
    struct arena scratch, *where = &scratch;
    arena_init(&scratch, SCRATCH_MAX);
    pcre2_general_context *memory = pcre2_general_context_create(arena_take, arena_keep, &where);
    pcre2_compile_context *rules = memory == NULL ? NULL : pcre2_compile_context_create(memory);
    enum err err = rules == NULL ? ERR_MEMORY : ERR_OK;
    if (err == ERR_OK) {
        pcre2_set_compile_extra_options(rules, PCRE2_EXTRA_ALT_BSUX);
        pattern->code = pcre2_compile((PCRE2_SPTR)pattern->translated.p, pattern->translated.n,
                                      OPTIONS, &code, &offset, rules);
        if (pattern->code == NULL)
            err = told_why(op, code);
    }
    if (err == ERR_OK && pcre2_pattern_info(pattern->code, PCRE2_INFO_SIZE, &size) == 0 &&
        size > PATTERN_SIZE_MAX)
        err = op_fail(
            op, ERR_INVALID,
            "compiled it has %zu bytes, and at most %d are allowed; shorten it, or repeat less",
            size, PATTERN_SIZE_MAX);
    where = arena;
    if (err == ERR_OK && (pattern->code = pcre2_code_copy(pattern->code)) == NULL)
        err = ERR_MEMORY;
    arena_finish(&scratch);
    return err;
}

enum err pattern_compile(struct op *op, struct arena *arena, struct str text,
                         const struct pattern **ret_pattern)
{
    if (text.n > PATTERN_MAX)
        return op_fail(op, ERR_INVALID, "it has %zu bytes, and at most %d are allowed", text.n,
                       PATTERN_MAX);
    struct pattern *pattern = ARENA_NEW(arena, struct pattern);
    if (pattern == NULL)
        return ERR_MEMORY;
    struct buf translated;
    buf_init(&translated, TRANSLATED_MAX);
    enum err err = pattern_translate(op, text, &translated);
    if (err == ERR_OK) {
        pattern->text = arena_str(arena, text);
        pattern->translated = arena_str(arena, buf_str(&translated));
        err = pattern->text.p == NULL || pattern->translated.p == NULL
                  ? ERR_MEMORY
                  : compile(op, arena, pattern);
    }
    buf_finish(&translated);
    if (err == ERR_OK)
        *ret_pattern = pattern;
    return err;
}

struct str pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}

/* ---- matching ---- */

/* PCRE2's own limit of steps is one for each place where a match may begin, and it does not count
 * what a repeat passes over at once. So work is counted here, at each item of the pattern that the
 * matcher comes to, over all places. */
struct matching {
    struct str pattern; /* as translated */
    int64_t work, max;
    size_t at;      /* where in the text the item before began */
    int64_t weight; /* what each character that it passes over costs */
};

/* How often an item is repeated at least: "[ab]{3,9}" three times. That many characters are passed
 * over before the matcher comes to another item, or gives up unseen. */
static size_t least_repeat(struct str item)
{
    uint64_t n = 0;
    size_t brace, end = item.n;
    if (end > 0 && item.p[end - 1] == '?')
        end--;
    if (end == 0 || item.p[end - 1] != '}')
        return 0;
    for (brace = end - 1; brace > 0 && item.p[brace] != '{';)
        brace--;
    if (item.p[0] == '\\' && brace == 2) /* \u{…}, \p{…} */
        return 0;
    struct str count = str_sub(item, brace + 1, end - brace - 2);
    count = str_cut(&count, ',');
    return str_to_u64(count, SIZE_MAX, &n) ? (size_t)n : 0;
}

/* The matcher is about to try an item. It continues if what is left is enough for all that the item
 * could pass over. */
static int item_begins(pcre2_callout_block *block, void *arg)
{
    struct matching *m = arg;
    const struct str item = str_sub(m->pattern, block->pattern_position, block->next_item_length);
    if (block->current_position > m->at)
        m->work += (int64_t)(block->current_position - m->at) * m->weight;
    m->at = block->current_position;
    m->weight = 1 + (int64_t)(item.n / ITEM_WEIGHT_BYTES);
    size_t rest = block->subject_length - m->at, least = least_repeat(item);
    m->work += WORK_OF_ITEM + (int64_t)(least < rest ? least : rest) * m->weight;
    return m->work + (int64_t)rest * m->weight <= m->max ? 0 : PCRE2_ERROR_CALLOUT;
}

enum pattern_verdict pattern_match(struct op *op, const struct pattern *pattern, struct str text)
{
    struct matching m = {.pattern = pattern->translated,
                         .work = op->work + WORK_OF_MATCH,
                         .max = PATTERN_WORK_MAX,
                         .weight = 1};
    if (m.work > m.max) {
        op->work = PATTERN_WORK_MAX;
        return PATTERN_TOO_COSTLY;
    }
    int result = PCRE2_ERROR_NOMEMORY;
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    if (data != NULL && limits != NULL) {
        pcre2_set_callout(limits, item_begins, &m);
        pcre2_set_depth_limit(limits, DEPTH_MAX);
        pcre2_set_heap_limit(limits, HEAP_MAX_KIB);
        result = pcre2_match(pattern->code, (PCRE2_SPTR)text.p, text.n, 0, PCRE2_NO_UTF_CHECK, data,
                             limits);
    }
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    op->work = result == PCRE2_ERROR_CALLOUT ? PATTERN_WORK_MAX : m.work;
    if (result >= 0)
        return PATTERN_YES;
    return result == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_TOO_COSTLY;
}

void pattern_allow(struct op *op, int64_t work)
{
    op->work = PATTERN_WORK_MAX - work;
}

int64_t pattern_allowed(const struct op *op)
{
    return PATTERN_WORK_MAX - op->work;
}

int64_t pattern_set_aside(struct op *op, int64_t most)
{
    int64_t left = pattern_allowed(op), aside = left > most ? left - most : 0;
    op->work += aside;
    return aside;
}

void pattern_put_back(struct op *op, int64_t aside)
{
    op->work -= aside;
}
