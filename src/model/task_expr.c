#include "model/task_expr.h"

#include "model/task_term.h"
#include "model/word.h"

#include <inttypes.h>
#include <stdio.h>

const struct expr_syntax expr_fts5 = {" AND ", " OR ", " NOT ", "\"", " *"};
const struct expr_syntax expr_tsquery = {" & ", " | ", " & !", "'", ":*"};

struct expr_writing {
    struct buf *buf;
    const struct expr_syntax *syntax;
    const struct task_filter *filter;
    bool core;
    size_t terms; /* of the list being written */
};

/* ---- terms ---- */

static void list_begin(struct expr_writing *w)
{
    buf_char(w->buf, '(');
    w->terms = 0;
}

/* Before each operand of a list of alternatives. */
static void or_next(struct expr_writing *w)
{
    if (w->terms++ > 0)
        buf_add(w->buf, str_of(w->syntax->or));
}

static void quote(struct expr_writing *w)
{
    buf_add(w->buf, str_of(w->syntax->quote));
}

static void term(struct expr_writing *w, struct str text)
{
    quote(w);
    buf_add(w->buf, text);
    quote(w);
}

/* An empty list of alternatives is what no record has. */
static void list_end(struct expr_writing *w)
{
    if (w->terms == 0)
        term(w, STR(TERM_NEVER));
    buf_char(w->buf, ')');
    w->terms = 1;
}

/* ---- ranges ---- */

static void bucket(struct expr_writing *w, const struct scale *scale, unsigned level, int64_t index)
{
    or_next(w);
    quote(w);
    buf_bucket(w->buf, scale, level, index << scale->shifts[level]);
    quote(w);
}

/* The buckets that make up the places from `first` to `last`: wide ones in the middle, narrow ones
 * at both ends. */
static void places(struct expr_writing *w, const struct scale *scale, unsigned level, int64_t first,
                   int64_t last)
{
    if (first > last)
        return;
    int64_t width = INT64_C(1) << scale->shifts[level];
    bool finest = level + 1 == scale->levels;
    int64_t whole = finest ? first / width : (first + width - 1) / width;
    int64_t end = finest ? last / width + 1 : (last + 1) / width; /* exclusive */
    if (whole >= end && !finest) {
        places(w, scale, level + 1, first, last);
        return;
    }
    for (int64_t i = whole; i < end; i++)
        bucket(w, scale, level, i);
    if (!finest) {
        places(w, scale, level + 1, first, whole * width - 1);
        places(w, scale, level + 1, end * width, last);
    }
}

/* How many places a bucket of the finest level has. */
static int64_t grain(const struct scale *scale)
{
    return INT64_C(1) << scale->shifts[scale->levels - 1];
}

/* Does a value that is the first of its finest bucket begin there? Then all of the bucket is on one
 * side of the bound. */
static bool starts_bucket(const struct scale *scale, int64_t value)
{
    int64_t place = scale->place(value);
    return place > 0 && place < scale->place_max && place % grain(scale) == 0 &&
           scale->place(value - 1) < place;
}

/* Records whose value lies from `first` to `last`, both inclusive; INT64_MIN and INT64_MAX
 * mean that there is no bound. */
static void range(struct expr_writing *w, const struct scale *scale, int64_t first, int64_t last)
{
    int64_t from = first == INT64_MIN ? 0 : scale->place(first);
    int64_t to = last == INT64_MAX ? scale->place_max : scale->place(last);
    int64_t size = grain(scale);
    from -= from % size;
    to += size - 1 - to % size;
    if (w->core && first != INT64_MIN && !starts_bucket(scale, first))
        from += size;
    if (w->core && last != INT64_MAX && !starts_bucket(scale, last + 1))
        to -= size;
    places(w, scale, 0, from, to);
}

static void ordered(struct expr_writing *w, enum filter_field field,
                    const struct filter_value *value)
{
    const struct scale *scale = task_scale(field);
    switch (value->op) {
    case FILTER_EQUAL:
        range(w, scale, value->number, value->number);
        break;
    case FILTER_WITHIN:
        range(w, scale, value->number, value->last);
        break;
    case FILTER_LESS:
        range(w, scale, INT64_MIN, value->number - 1);
        break;
    case FILTER_GREATER:
        range(w, scale, value->number + 1, INT64_MAX);
        break;
    case FILTER_NONE:
        or_next(w);
        quote(w);
        buf_bucket_none(w->buf, scale);
        quote(w);
        break;
    }
}

/* ---- open, overdue ---- */

static void open_term(struct expr_writing *w)
{
    quote(w);
    buf_facet(w->buf, FILTER_OPEN, &(struct filter_value){.number = 1});
    quote(w);
}

static void workspace_term(struct expr_writing *w, const struct filter_workspace *workspace)
{
    quote(w);
    buf_facet(w->buf, FILTER_WORKSPACE, &(struct filter_value){.number = workspace->id});
    quote(w);
}

/* Due from so many days after that day to so many, in the workspaces where it is today, or wherever;
 * from INT64_MIN: at any time before. */
static void due_from(struct expr_writing *w, int32_t today, bool everywhere, int64_t from,
                     int64_t to)
{
    list_begin(w);
    if (!everywhere) {
        list_begin(w);
        for (size_t i = 0; i < w->filter->workspace_count; i++)
            if (w->filter->workspaces[i].today == today) {
                or_next(w);
                workspace_term(w, &w->filter->workspaces[i]);
            }
        list_end(w);
        buf_add(w->buf, str_of(w->syntax->and));
    }
    list_begin(w);
    range(w, task_scale(FILTER_DUE), from == INT64_MIN ? from : today + from, today + to);
    list_end(w);
    list_end(w);
}

/* The same for the today of each workspace. */
static void due_days(struct expr_writing *w, int64_t from, int64_t to)
{
    const struct task_filter *filter = w->filter;
    list_begin(w);
    bool one = true;
    for (size_t i = 1; i < filter->workspace_count; i++)
        one = one && filter->workspaces[i].today == filter->workspaces[0].today;
    size_t days = 0;
    for (size_t i = 0; i < filter->workspace_count; i++) {
        int32_t today = filter->workspaces[i].today;
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = filter->workspaces[j].today == today;
        if (seen)
            continue;
        w->terms = days++;
        or_next(w);
        due_from(w, today, one, from, to);
    }
    w->terms = days;
    list_end(w);
}

static void overdue(struct expr_writing *w)
{
    or_next(w);
    list_begin(w);
    open_term(w);
    buf_add(w->buf, str_of(w->syntax->and));
    due_days(w, INT64_MIN, -1);
    list_end(w);
}

/* ---- an inbox: as inbox_reasons() says ---- */

static void and_next(struct expr_writing *w)
{
    buf_add(w->buf, str_of(w->syntax->and));
}

static void minus_next(struct expr_writing *w)
{
    buf_add(w->buf, str_of(w->syntax->minus));
}

static void mine(struct expr_writing *w)
{
    quote(w);
    buf_facet(w->buf, FILTER_ASSIGNEE,
              &(struct filter_value){.number = w->filter->inbox->account_id});
    quote(w);
}

static void by_me(struct expr_writing *w, enum task_actor actor)
{
    quote(w);
    buf_actor_term(w->buf, actor, w->filter->inbox->account_id);
    quote(w);
}

/* The workspaces in which the person may do that. */
static void where_may(struct expr_writing *w, enum inbox_right right)
{
    const struct task_filter *filter = w->filter;
    bool everywhere = filter->everywhere;
    for (size_t i = 0; i < filter->workspace_count; i++)
        everywhere = everywhere && (filter->inbox->rights[i] & right) != 0;
    list_begin(w);
    for (size_t i = 0; i < filter->workspace_count && !everywhere; i++)
        if ((filter->inbox->rights[i] & right) != 0) {
            or_next(w);
            workspace_term(w, &filter->workspaces[i]);
        }
    if (everywhere) {
        or_next(w);
        term(w, STR(TERM_ALL));
    }
    list_end(w);
}

static void by_systems(struct expr_writing *w)
{
    const struct directory *directory = w->filter->inbox->directory;
    list_begin(w);
    for (size_t i = 0; i < directory->account_count; i++) {
        if (directory->accounts[i].kind != ACCOUNT_CLIENT)
            continue;
        or_next(w);
        quote(w);
        buf_facet(w->buf, FILTER_SOURCE,
                  &(struct filter_value){.number = directory->accounts[i].id});
        quote(w);
    }
    list_end(w);
}

/* "(mine NOT assigned by me)", "(mine AND due)", "((awaits AND where I may) NOT (by me OR mine))",
 * "(untaken AND where I may AND by systems)". */
static void inbox(struct expr_writing *w)
{
    unsigned wanted = w->filter->inbox->wanted;
    int64_t from = (wanted & INBOX_OVERDUE) != 0 ? INT64_MIN : 0;
    int64_t to = (wanted & INBOX_DUE) != 0 ? INBOX_DUE_DAYS : -1;
    buf_char(w->buf, '(');
    open_term(w);
    and_next(w);
    list_begin(w);
    if ((wanted & INBOX_ASSIGNED) != 0) {
        or_next(w);
        buf_char(w->buf, '(');
        mine(w);
        minus_next(w);
        by_me(w, ACTOR_ASSIGNED);
        buf_char(w->buf, ')');
    }
    if ((wanted & (INBOX_DUE | INBOX_OVERDUE)) != 0) {
        or_next(w);
        buf_char(w->buf, '(');
        mine(w);
        and_next(w);
        /* What others have assigned is in the list already, due or not: of many that leaves few. */
        if ((wanted & INBOX_ASSIGNED) != 0) {
            by_me(w, ACTOR_ASSIGNED);
            and_next(w);
        }
        due_days(w, from, to);
        buf_char(w->buf, ')');
    }
    if ((wanted & INBOX_CONFIRM) != 0) {
        or_next(w);
        buf_add(w->buf, STR("(("));
        term(w, STR(TERM_AWAITS));
        and_next(w);
        where_may(w, INBOX_WRITES);
        buf_char(w->buf, ')');
        minus_next(w);
        list_begin(w);
        or_next(w);
        by_me(w, ACTOR_PROPOSED);
        or_next(w);
        mine(w);
        list_end(w);
        buf_char(w->buf, ')');
    }
    if ((wanted & INBOX_NEW) != 0) {
        or_next(w);
        buf_char(w->buf, '(');
        term(w, STR(TERM_UNTAKEN));
        and_next(w);
        where_may(w, INBOX_MANAGES);
        and_next(w);
        by_systems(w);
        buf_char(w->buf, ')');
    }
    list_end(w);
    buf_char(w->buf, ')');
}

/* ---- what somebody has typed ---- */

/* What is longer than any identifier that is kept matches nothing. PostgreSQL takes no term of more than 2,046 bytes. */
static void identifier_term(struct expr_writing *w, struct str folded, bool beginning)
{
    if (folded.n > IDENTIFIER_FOLDED_MAX)
        return;
    or_next(w);
    quote(w);
    bool whole = true;
    if (beginning)
        whole = buf_beginning_term(w->buf, folded);
    else
        buf_identifier_term(w->buf, folded);
    quote(w);
    if (!whole)
        buf_add(w->buf, str_of(w->syntax->beginning));
}

static void number_term(struct expr_writing *w, int64_t workspace_id, struct str digits,
                        bool beginning)
{
    or_next(w);
    quote(w);
    buf_number_term(w->buf, workspace_id, digits);
    quote(w);
    if (beginning)
        buf_add(w->buf, str_of(w->syntax->beginning));
}

/* The digits as a record's number is written, if they are one. */
static struct str number_text(struct str digits, char ret_text[24])
{
    uint64_t number;
    if (!str_to_u64(digits, INT64_MAX, &number) || number == 0)
        return STR_NONE;
    int n = snprintf(ret_text, 24, "%02" PRIu64, number);
    return (struct str){ret_text, (size_t)n};
}

/* Of a key: its beginning, or all of it. */
static void key_terms(struct expr_writing *w, struct str typed, bool beginning)
{
    char text[24];
    for (size_t i = 0; i < w->filter->workspace_count; i++) {
        const struct filter_workspace *workspace = &w->filter->workspaces[i];
        struct str digits;
        if (!typed_number(typed, workspace->key, &digits))
            continue;
        struct str number = digits.p == NULL ? STR_NONE : number_text(digits, text);
        if (number.p != NULL)
            number_term(w, workspace->id, number, false);
        if (digits.p != NULL && beginning)
            number_term(w, workspace->id, digits, true);
        if (digits.p == NULL && beginning && typed.n >= IDENTIFIER_PREFIX_MIN) {
            or_next(w);
            workspace_term(w, workspace);
        }
    }
}

static void identifier_begins(struct expr_writing *w, struct str typed)
{
    key_terms(w, typed, true);
    identifier_term(w, typed, typed.n >= IDENTIFIER_PREFIX_MIN);
}

/* `begins`: it may go on. */
static void word_term(struct expr_writing *w, struct str word, bool begins)
{
    struct str end = str_of(begins ? w->syntax->beginning : "");
    buf_char(w->buf, '(');
    term(w, word);
    buf_add(w->buf, end);
    if (w->filter->by_internal) {
        buf_add(w->buf, str_of(w->syntax->or));
        quote(w);
        BUF_LIT(w->buf, TERM_INTERNAL);
        buf_add(w->buf, word);
        quote(w);
        buf_add(w->buf, end);
    }
    buf_char(w->buf, ')');
}

static void all_words(struct expr_writing *w, struct str words, bool begins)
{
    bool first = true;
    buf_char(w->buf, '(');
    for (struct str rest = words; rest.n > 0; first = false) {
        size_t n = str_find(rest, ' ');
        if (!first)
            buf_add(w->buf, str_of(w->syntax->and));
        word_term(w, str_sub(rest, 0, n), begins && n + 1 == rest.n);
        rest = str_from(rest, n + 1);
    }
    if (first)
        term(w, STR(TERM_ALL));
    buf_char(w->buf, ')');
}

static void typed(struct expr_writing *w, struct str text)
{
    struct buf words;
    struct str piece, rest = text;
    bool alone = str_find(text, ' ') == text.n;
    size_t pieces = 0;
    if (!alone)
        identifier_begins(w, text);
    buf_init(&words, 16 * 1024);
    while (typed_piece(&rest, alone, &words, &piece)) {
        if (pieces++ == 0) {
            or_next(w);
            buf_char(w->buf, '(');
        } else {
            buf_add(w->buf, str_of(w->syntax->and));
        }
        list_begin(w);
        identifier_begins(w, piece);
        if (words.n > 0) {
            or_next(w);
            all_words(w, buf_str(&words), typed_begins(piece, buf_str(&words)));
        }
        list_end(w);
    }
    if (pieces > 0)
        buf_char(w->buf, ')');
    buf_finish(&words);
}

/* ---- clauses ---- */

static void value(struct expr_writing *w, enum filter_field field, const struct filter_value *value)
{
    switch (filter_infos[field].kind) {
    case FILTER_KIND_DATE:
    case FILTER_KIND_TIME:
    case FILTER_KIND_MONEY:
    case FILTER_KIND_COUNT:
        ordered(w, field, value);
        break;
    case FILTER_KIND_OPEN:
        or_next(w);
        open_term(w);
        break;
    case FILTER_KIND_OVERDUE:
        overdue(w);
        break;
    case FILTER_KIND_WORDS:
        typed(w, value->text);
        break;
    case FILTER_KIND_PHRASE:
        if (w->core && str_find(value->text, ' ') + 1 < value->text.n)
            break;
        or_next(w);
        all_words(w, value->text, false);
        break;
    case FILTER_KIND_TYPE:
    case FILTER_KIND_STATUS:
    case FILTER_KIND_LEVEL:
    case FILTER_KIND_ACCOUNT:
    case FILTER_KIND_FOLLOWER:
    case FILTER_KIND_PARENT:
    case FILTER_KIND_TEXT:
    case FILTER_KIND_TEXTS:
    case FILTER_KIND_WORKSPACE:
    case FILTER_KIND_DOMAIN:
    case FILTER_KIND_DOMAIN_ONLY:
    case FILTER_KIND_ATTACHED:
        or_next(w);
        quote(w);
        buf_facet(w->buf, field, value);
        quote(w);
    }
}

/* One level of `core` for what is taken away is the other for the whole. */
static void clause(struct expr_writing *w, const struct filter_clause *clause)
{
    bool core = w->core;
    w->core = core != clause->negated;
    list_begin(w);
    for (size_t i = 0; i < clause->n; i++)
        value(w, clause->field, &clause->values[i]);
    list_end(w);
    w->core = core;
}

/* The records that the caller may see at all. */
static void reach(struct expr_writing *w)
{
    const struct task_filter *filter = w->filter;
    list_begin(w);
    for (size_t i = 0; i < filter->workspace_count && !filter->everywhere; i++) {
        const struct filter_workspace *workspace = &filter->workspaces[i];
        or_next(w);
        if (!workspace->own) {
            workspace_term(w, workspace);
            continue;
        }
        buf_char(w->buf, '(');
        workspace_term(w, workspace);
        buf_add(w->buf, str_of(w->syntax->and));
        quote(w);
        buf_facet(w->buf, FILTER_SOURCE, &(struct filter_value){.number = filter->caller_id});
        quote(w);
        buf_char(w->buf, ')');
    }
    if (filter->everywhere) {
        or_next(w);
        term(w, STR(TERM_ALL));
    }
    list_end(w);
}

void buf_task_expr(struct buf *buf, const struct expr_syntax *syntax,
                   const struct task_filter *filter, bool core)
{
    struct expr_writing w = {.buf = buf, .syntax = syntax, .filter = filter, .core = core};
    size_t negated = 0, positive = filter->inbox != NULL;
    for (size_t i = 0; i < filter->clause_count; i++)
        positive += !filter->clauses[i].negated;
    BUF_LIT(buf, "((");
    /* The term of all records costs something, and says nothing beside others. */
    if (!filter->everywhere || positive == 0) {
        reach(&w);
        positive = 1;
    } else {
        positive = 0;
    }
    for (size_t i = 0; i < filter->clause_count; i++) {
        if (filter->clauses[i].negated)
            continue;
        if (positive++ > 0)
            buf_add(buf, str_of(syntax->and));
        clause(&w, &filter->clauses[i]);
    }
    if (filter->inbox != NULL) {
        if (positive++ > 0)
            and_next(&w);
        inbox(&w);
    }
    buf_char(buf, ')');
    for (size_t i = 0; i < filter->clause_count; i++) {
        if (!filter->clauses[i].negated)
            continue;
        buf_add(buf, str_of(negated++ == 0 ? syntax->minus : syntax->or));
        if (negated == 1)
            buf_char(buf, '(');
        clause(&w, &filter->clauses[i]);
    }
    buf_add(buf, negated > 0 ? STR("))") : STR(")"));
}

void buf_clause_expr(struct buf *buf, const struct expr_syntax *syntax,
                     const struct task_filter *filter, const struct filter_clause *one)
{
    struct expr_writing w = {.buf = buf, .syntax = syntax, .filter = filter};
    struct filter_clause positive = *one;
    positive.negated = false;
    clause(&w, &positive);
}

void buf_typed_expr(struct buf *buf, const struct expr_syntax *syntax,
                    const struct task_filter *filter, struct str typed)
{
    struct expr_writing w = {.buf = buf, .syntax = syntax, .filter = filter};
    list_begin(&w);
    key_terms(&w, typed, false);
    identifier_term(&w, typed, false);
    list_end(&w);
}

static bool bound_is_exact(const struct scale *scale, const struct filter_value *value)
{
    switch (value->op) {
    case FILTER_EQUAL:
        return starts_bucket(scale, value->number) && starts_bucket(scale, value->number + 1);
    case FILTER_WITHIN:
        return starts_bucket(scale, value->number) && starts_bucket(scale, value->last + 1);
    case FILTER_LESS:
        return starts_bucket(scale, value->number);
    case FILTER_GREATER:
        return starts_bucket(scale, value->number + 1);
    case FILTER_NONE:
        break;
    }
    return true;
}

bool clause_expr_is_exact(const struct filter_clause *clause)
{
    const struct scale *scale = task_scale(clause->field);
    bool exact = true;
    for (size_t i = 0; i < clause->n && exact; i++) {
        const struct filter_value *value = &clause->values[i];
        if (scale != NULL)
            exact = bound_is_exact(scale, value);
        if (filter_infos[clause->field].kind == FILTER_KIND_PHRASE)
            exact = str_find(value->text, ' ') + 1 >= value->text.n;
    }
    return exact;
}

bool task_expr_is_exact(const struct task_filter *filter)
{
    bool exact = true;
    for (size_t i = 0; i < filter->clause_count && exact; i++)
        exact = clause_expr_is_exact(&filter->clauses[i]);
    return exact;
}
