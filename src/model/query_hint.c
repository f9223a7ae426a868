#include "model/query_hint.h"

#include "model/query_word.h"
#include "model/task_query.h"
#include "model/task_text.h"

enum { WORDS_MAX = TASK_QUERY_MAX / 2 + 1 };

/* The words of q that are left, each with what is in its quotes. */
struct hint_words {
    struct str items[WORDS_MAX + 2]; /* two absent ones at the end */
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

/* "31/12/2026", "31-12-2026" or "2026-12-31". */
static bool day_read(struct str text, int32_t *ret_date)
{
    char iso[] = "0000-00-00";
    size_t end = 10, n = 0; /* of the part of `iso` that comes next; digits in it */
    if (date_read(text, ret_date))
        return true;
    /* From its end: the year, the month, the day. */
    static const size_t starts[] = {0, 5, 8}, ends[] = {4, 7, 10};
    size_t part = 0;
    for (size_t i = text.n; i > 0; i--) {
        char c = text.p[i - 1];
        if (c == '/' || c == '-' || c == '.') {
            if (n == 0 || ++part > 2)
                return false;
            n = 0;
            continue;
        }
        end = ends[part] - n++;
        if (!ascii_digit(c) || end == starts[part])
            return false;
        iso[end - 1] = c;
    }
    return part == 2 && date_read(str_of(iso), ret_date);
}

/* "due before 31/12/2026". How many words it takes; 0: it is something else. */
static size_t day_write(struct buf *buf, const struct str *words)
{
    enum filter_field field;
    const char *comparison = "";
    size_t n = 1;
    int32_t date;
    if (!query_field_find(words[0], true, &field) ||
        (filter_infos[field].kind != FILTER_KIND_DATE &&
         filter_infos[field].kind != FILTER_KIND_TIME))
        return 0;
    for (size_t i = 0; i < sizeof relations / sizeof relations[0] && n == 1; i++)
        if (str_eq_case(words[1], str_of(relations[i].word))) {
            comparison = relations[i].comparison;
            n = 2;
        }
    if (!day_read(words[n], &date))
        return 0;
    buf_printf(buf, "%s:%s", filter_infos[field].word, comparison);
    buf_date(buf, date);
    return n + 1;
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
