#include "model/query_hint.h"

#include "model/day_word.h"
#include "model/query_word.h"
#include "model/task_query.h"
#include "model/task_text.h"

enum { WORDS_MAX = TASK_QUERY_MAX / 2 + 1 };

/* The words of q that are left, each with what is in its quotes. */
struct hint_words {
    struct str items[WORDS_MAX + 5]; /* a few absent ones at the end */
    size_t n;
};

static void words_cut(struct str q, struct hint_words *words)
{
    size_t start = 0;
    bool quoted = false;
    *words = (struct hint_words){0};
    for (size_t i = 0; i <= q.n && words->n < WORDS_MAX; i++) {
        quoted = quoted != (i < q.n && q.p[i] == '"');
        if (i < q.n && (quoted || !ascii_blank(q.p[i])))
            continue;
        if (i > start)
            words->items[words->n++] = str_sub(q, start, i - start);
        start = i + 1;
    }
}

static bool is_plain(struct str word)
{
    return word.n > 0 && str_find(word, '"') == word.n && str_find(word, ':') == word.n;
}

static const struct {
    const char *word, *comparison;
} relations[] = {
    {"before", "<"}, {"after", ">"}, {"on", ""},      {"until", "<="}, {"by", "<="},
    {"since", ">="}, {"voor", "<"},  {"vóór", "<"},   {"na", ">"},     {"op", ""},
    {"tot", "<"},    {"t/m", "<="},  {"vanaf", ">="}, {"sinds", ">="},
};

/* From the first word to the last one. */
static struct str run_of(const struct str *first, const struct str *last)
{
    return (struct str){first->p, (size_t)(last->p + last->n - first->p)};
}

/* The longest run of words that is a day, three at most. How many there are; 0: none. */
static size_t day_find(const struct str *words, struct str *ret_text, struct day_span *ret_span)
{
    enum { DAY_WORDS_MAX = 3 };
    size_t found = 0;
    for (size_t n = 1; n <= DAY_WORDS_MAX && is_plain(words[n - 1]); n++) {
        struct str text = run_of(&words[0], &words[n - 1]);
        if (!day_word_read(text, 0, ret_span))
            continue;
        *ret_text = text;
        found = n;
    }
    return found;
}

/* "due before 31/12/2026", "due before next week". How many words it takes; 0: it is something else. A day
 * that moves on stays as it was typed. */
static size_t day_write(struct buf *buf, const struct str *words)
{
    enum filter_field field;
    const char *comparison = "";
    size_t n = 1;
    struct str text;
    struct day_span span;
    if (!query_field_find(words[0], true, &field) ||
        (filter_infos[field].kind != FILTER_KIND_DATE &&
         filter_infos[field].kind != FILTER_KIND_TIME))
        return 0;
    for (size_t i = 0; i < sizeof relations / sizeof relations[0] && n == 1; i++)
        if (str_eq_case(words[1], str_of(relations[i].word))) {
            comparison = relations[i].comparison;
            n = 2;
        }
    size_t taken = day_find(&words[n], &text, &span);
    if (taken == 0)
        return 0;
    buf_printf(buf, "%s:%s", filter_infos[field].word, comparison);
    if (!span.moves && span.first == span.last)
        buf_date(buf, span.first);
    else
        buf_add(buf, text);
    return n + taken;
}

/* "overdue", "done", "high": the filter that has the value, in the one spelling that needs no quotes. */
static bool value_write(struct buf *buf, struct str text)
{
    static const enum filter_field fields[] = {FILTER_STATUS, FILTER_TYPE, FILTER_PRIORITY};
    const struct query_state *state = query_state_find(STR_NONE, text);
    if (state != NULL) {
        buf_printf(buf, "%s:%s", state->name, state->value);
        return true;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct str value = query_value_english(fields[i], text);
        enum task_status status;
        enum task_type type;
        enum level level;
        if (!(fields[i] == FILTER_STATUS ? task_status_read(value, &status)
              : fields[i] == FILTER_TYPE ? task_type_read(value, &type)
                                         : level_read(value, &level)))
            continue;
        buf_printf(buf, "%s:", filter_infos[fields[i]].word);
        for (size_t k = 0; k < value.n; k++)
            if (value.p[k] != ' ')
                buf_char(buf, ascii_lower(value.p[k]));
        return true;
    }
    return false;
}

/* Writes the filter that the words begin with. How many words it takes; 0: none. */
static size_t filter_write(struct buf *buf, const struct str *words)
{
    enum filter_field field;
    size_t n = day_write(buf, words);
    if (n > 0)
        return n;
    if (is_plain(words[1])) {
        struct str both = {words[0].p, (size_t)(words[1].p + words[1].n - words[0].p)};
        if (value_write(buf, both) ||
            (query_is_state(words[0], true) && query_state_find(words[0], words[1]) != NULL &&
             value_write(buf, words[1])))
            return 2;
    }
    if (value_write(buf, words[0]))
        return 1;
    if (!is_plain(words[1]) || !query_field_find(words[0], true, &field))
        return 0;
    buf_printf(buf, "%s:%.*s", filter_infos[field].word, STR_ARG(words[1]));
    return 2;
}

enum err query_hint_filters(struct op *op, struct str q, struct str *ret_hint)
{
    struct hint_words *words = ARENA_NEW(op->arena, struct hint_words);
    struct buf buf;
    bool changed = false;
    *ret_hint = STR_NONE;
    if (words == NULL)
        return ERR_MEMORY;
    words_cut(q, words);
    buf_init(&buf, 64 * 1024);
    for (size_t i = 0; i < words->n;) {
        const struct str *rest = &words->items[i];
        if (i > 0)
            buf_char(&buf, ' ');
        size_t n = is_plain(*rest) ? filter_write(&buf, rest) : 0;
        if (n == 0)
            buf_add(&buf, *rest);
        changed = changed || n > 0;
        i += n > 0 ? n : 1;
    }
    enum err err = buf_err(&buf);
    if (err == ERR_OK && changed)
        err = arena_copy(op->arena, buf_str(&buf), ret_hint);
    buf_finish(&buf);
    return err;
}

/* The run of words outside quotes and filters, if there is but one. */
static bool run_find(const struct hint_words *words, struct str *ret_run)
{
    size_t first = 0;
    while (first < words->n && !is_plain(words->items[first]))
        first++;
    size_t end = first;
    while (end < words->n && is_plain(words->items[end]))
        end++;
    for (size_t i = end; i < words->n; i++)
        if (is_plain(words->items[i]))
            return false;
    if (first == end)
        return false;
    *ret_run = run_of(&words->items[first], &words->items[end - 1]);
    return true;
}

/* `q` with something else in the place of a run of its words. */
static enum err run_replace(struct op *op, struct str q, struct str run, struct str other,
                            struct str *ret_hint)
{
    size_t before = (size_t)(run.p - q.p);
    struct str after = str_from(q, before + run.n);
    *ret_hint =
        arena_printf(op->arena, "%.*s%.*s%.*s", (int)before, q.p, STR_ARG(other), STR_ARG(after));
    return ret_hint->p == NULL ? ERR_MEMORY : ERR_OK;
}

static bool is_number(struct str text)
{
    size_t n = 0;
    while (n < text.n && ascii_digit(text.p[n]))
        n++;
    return n == text.n;
}

enum err query_hint_run(struct op *op, struct str q, struct str *ret_hint)
{
    struct hint_words *words = ARENA_NEW(op->arena, struct hint_words);
    struct str run, other;
    *ret_hint = STR_NONE;
    if (words == NULL)
        return ERR_MEMORY;
    words_cut(q, words);
    if (!run_find(words, &run))
        return ERR_OK;
    if (is_number(run))
        other = arena_printf(op->arena, "order %.*s", STR_ARG(run));
    else
        other = arena_printf(op->arena,
                             str_find(run, ' ') < run.n ? "assignee:\"%.*s\"" : "assignee:%.*s",
                             STR_ARG(run));
    return other.p == NULL ? ERR_MEMORY : run_replace(op, q, run, other, ret_hint);
}

enum err query_hint_beginning(struct op *op, struct str q, struct str *ret_hint)
{
    struct hint_words *words = ARENA_NEW(op->arena, struct hint_words);
    *ret_hint = STR_NONE;
    if (words == NULL)
        return ERR_MEMORY;
    words_cut(q, words);
    struct str last = words->n == 0 ? STR_NONE : words->items[words->n - 1];
    if (!is_plain(last) || last.n < IDENTIFIER_PREFIX_MIN || last.p[last.n - 1] == '*')
        return ERR_OK;
    *ret_hint = arena_printf(op->arena, "%.*s*", STR_ARG(str_trim(q)));
    return ret_hint->p == NULL ? ERR_MEMORY : ERR_OK;
}
