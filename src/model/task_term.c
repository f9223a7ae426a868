#include "model/task_term.h"

#include "base/hash.h"
#include "model/task_state.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- scales ---- */

enum { DAY_BITS = 27 }; /* that hold the milliseconds of a day */

static const int64_t DAY_MS = INT64_C(86400000);

/* Days since 1970, up to 2149. What lies outside is in the first or last place. */
static int64_t place_of_date(int64_t date)
{
    return date < 0 ? 0 : date > 0xffff ? 0xffff : date;
}

/* The day, and the millisecond of it: so that whole days are whole buckets. */
static int64_t place_of_time(int64_t time)
{
    if (time < 0)
        return 0;
    int64_t day = time / DAY_MS;
    return day > 0xffff ? (INT64_C(0x10000) << DAY_BITS) - 1
                        : day << DAY_BITS | (time - day * DAY_MS);
}

/* A number of few bits that grows as the logarithm: 1,024 places each time the amount doubles. */
static int64_t place_of_money(int64_t cents)
{
    int64_t exponent = 0;
    while (cents >> exponent >= 2048)
        exponent++;
    return cents < 0 ? 0 : 1024 * exponent + (cents >> exponent);
}

static int64_t place_of_count(int64_t count)
{
    return count < 0 ? 0 : count > 63 ? 63 : count;
}

#define DAYS(n) (DAY_BITS + (n))

static const struct scale scales[] = {
    {'d', 4, {12, 8, 4, 0}, place_of_date, 0xffff},
    {'b',
     4,
     {DAYS(12), DAYS(8), DAYS(4), DAYS(0)},
     place_of_time,
     (INT64_C(0x10000) << DAY_BITS) - 1},
    {'u',
     8,
     {DAYS(12), DAYS(8), DAYS(4), DAYS(0), 23, 19, 15, 11},
     place_of_time,
     (INT64_C(0x10000) << DAY_BITS) - 1},
    {'m', 5, {12, 9, 6, 3, 0}, place_of_money, 0xffff},
    {'e',
     4,
     {DAYS(12), DAYS(8), DAYS(4), DAYS(0)},
     place_of_time,
     (INT64_C(0x10000) << DAY_BITS) - 1},
    {'k', 1, {0}, place_of_count, 63},
    {'y', 4, {12, 8, 4, 0}, place_of_date, 0xffff},
};

static const struct {
    enum filter_field field;
    const struct scale *scale;
} scaled[] = {
    {FILTER_DUE, &scales[0]},      {FILTER_CREATED, &scales[1]}, {FILTER_UPDATED, &scales[2]},
    {FILTER_AMOUNT, &scales[3]},   {FILTER_CLOSED, &scales[4]},  {FILTER_MOVED, &scales[5]},
    {FILTER_REMINDER, &scales[6]},
};

enum { SCALED = sizeof scaled / sizeof scaled[0] };

const struct scale *task_scale(enum filter_field field)
{
    for (size_t i = 0; i < SCALED; i++)
        if (scaled[i].field == field)
            return scaled[i].scale;
    return NULL;
}

/* Some forty terms of a record have one, so printf() would be a fifth of all that the follower does. */
static void hex(struct buf *buf, uint64_t number)
{
    char digits[16];
    size_t n = sizeof digits;
    do {
        digits[--n] = "0123456789abcdef"[number & 15];
        number >>= 4;
    } while (number > 0);
    buf_bytes(buf, digits + n, sizeof digits - n);
}

void buf_bucket(struct buf *buf, const struct scale *scale, unsigned level, int64_t place)
{
    const char head[] = {scale->letter, (char)('0' + level), '_'};
    buf_bytes(buf, head, sizeof head);
    hex(buf, (uint64_t)(place >> scale->shifts[level]));
}

void buf_bucket_none(struct buf *buf, const struct scale *scale)
{
    const char term[] = {scale->letter, '_', '0'};
    buf_bytes(buf, term, sizeof term);
}

bool scale_is_exact(const struct scale *scale, int64_t place)
{
    if (scale->shifts[scale->levels - 1] > 0)
        return false;
    return scale->letter == 'm' ? place < 2048 : place > 0 && place < scale->place_max;
}

/* ---- facets ---- */

static const char *const letters[FILTER_FIELDS] = {
    [FILTER_TYPE] = "t",     [FILTER_STATUS] = "s",        [FILTER_PRIORITY] = "p",
    [FILTER_IMPACT] = "i1",  [FILTER_LIKELIHOOD] = "l",    [FILTER_ASSIGNEE] = "a",
    [FILTER_REPORTER] = "r", [FILTER_SOURCE] = "f",        [FILTER_WORKSPACE] = "w",
    [FILTER_TAG] = "g",      [FILTER_ORDER] = "o",         [FILTER_LRN] = "n1",
    [FILTER_CATEGORY] = "c", [FILTER_SUB_CATEGORY] = "c2", [FILTER_FORM] = "v",
    [FILTER_FOLLOWER] = "h", [FILTER_PARENT] = "y",        [FILTER_ATTACHED] = "q",
    [FILTER_OPEN] = "s2",
};

/* A text as a facet: so much of its hash that two never meet by chance. */
static void facet_text(struct buf *buf, struct str text)
{
    enum { HASH_KEPT = 9 };
    struct sha256 hash = sha256(text);
    buf_hex(buf, hash.bytes, HASH_KEPT);
}

void buf_facet(struct buf *buf, enum filter_field field, const struct filter_value *value)
{
    buf_add(buf, str_of(letters[field]));
    buf_char(buf, '_');
    if (value->op == FILTER_NONE)
        buf_char(buf, '0');
    else if (value->text.p != NULL)
        facet_text(buf, value->text);
    else if (value->number < 0)
        buf_char(buf, 'x'); /* of nobody */
    else
        buf_i64(buf, value->number);
}

/* Letters and digits as they are, what is not ASCII too; of the rest the code. */
static void escaped(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if ((unsigned char)c >= 0x80 || ascii_alpha(c) || ascii_digit(c))
            buf_char(buf, c);
        else {
            buf_char(buf, '_');
            hex(buf, 256 + (unsigned char)c); /* three digits, so none runs into the next */
        }
    }
}

void buf_identifier_term(struct buf *buf, struct str folded)
{
    BUF_LIT(buf, "i_");
    escaped(buf, folded);
}

static void beginning(struct buf *buf, struct str folded)
{
    const char head[] = {'j', (char)('0' + folded.n), '_'};
    buf_bytes(buf, head, sizeof head);
    escaped(buf, folded);
}

bool buf_beginning_term(struct buf *buf, struct str folded)
{
    bool whole = folded.n <= IDENTIFIER_BEGINNING_MAX;
    if (whole)
        beginning(buf, folded);
    else
        buf_identifier_term(buf, folded);
    return whole;
}

/* All terms of an identifier. */
static void identifier_terms(struct buf *buf, struct str folded)
{
    for (size_t n = IDENTIFIER_PREFIX_MIN; n <= IDENTIFIER_BEGINNING_MAX && n <= folded.n; n++) {
        struct str start = utf8_cut(folded, n);
        if (start.n < n) /* within a character */
            continue;
        buf_char(buf, ' ');
        beginning(buf, start);
    }
    buf_char(buf, ' ');
    buf_identifier_term(buf, folded);
}

void buf_number_term(struct buf *buf, int64_t workspace_id, struct str digits)
{
    buf_printf(buf, "n_%" PRId64 "_%.*s", workspace_id, STR_ARG(digits));
}

void buf_actor_term(struct buf *buf, enum task_actor actor, int64_t account_id)
{
    buf_add(buf, actor == ACTOR_ASSIGNED ? STR("q1_") : STR("q2_"));
    buf_i64(buf, account_id);
}

/* ---- a record ---- */

/* What an inbox asks for, beside the facets. */
static void inbox_terms(struct buf *buf, const struct task *task)
{
    buf_char(buf, ' ');
    buf_actor_term(buf, ACTOR_ASSIGNED, task_assigned_by(task));
    if (task->proposed_by != 0) {
        BUF_LIT(buf, " " TERM_AWAITS " ");
        buf_actor_term(buf, ACTOR_PROPOSED, task->proposed_by);
    }
    if (task_is_untaken(task))
        BUF_LIT(buf, " " TERM_UNTAKEN);
}

static void number_facet(struct buf *buf, enum filter_field field, int64_t number)
{
    buf_char(buf, ' ');
    buf_facet(buf, field, &(struct filter_value){.number = number});
}

static void text_facet(struct buf *buf, enum filter_field field, struct str text)
{
    if (text.p == NULL)
        return;
    buf_char(buf, ' ');
    buf_facet(buf, field, &(struct filter_value){.text = text});
}

static void scale_terms(struct buf *buf, const struct task *task, enum filter_field field)
{
    const struct scale *scale = task_scale(field);
    int64_t value;
    if (!filter_number(task, field, &value)) {
        buf_char(buf, ' ');
        buf_bucket_none(buf, scale);
        return;
    }
    for (unsigned level = 0; level < scale->levels; level++) {
        buf_char(buf, ' ');
        buf_bucket(buf, scale, level, scale->place(value));
    }
}

/* The words, whose fields no longer matter, each with the mark before it. */
static void word_terms(struct buf *buf, const char *mark, struct str words)
{
    for (struct str rest = words; rest.n > 0;) {
        size_t n = 0;
        while (n < rest.n && rest.p[n] != ' ' && rest.p[n] != '\n')
            n++;
        if (n > 0) {
            buf_char(buf, ' ');
            buf_add(buf, str_of(mark));
            buf_add(buf, str_sub(rest, 0, n));
        }
        rest = str_from(rest, n + 1);
    }
}

static void list_facets(struct buf *buf, enum filter_field field, struct str_list list)
{
    for (size_t i = 0; i < list.n; i++)
        text_facet(buf, field, list.items[i]);
    if (list.n == 0) {
        buf_char(buf, ' ');
        buf_facet(buf, field, &(struct filter_value){.op = FILTER_NONE});
    }
}

void buf_task_terms(struct buf *buf, const struct task *task, const struct task_text *text)
{
    BUF_LIT(buf, TERM_ALL);
    number_facet(buf, FILTER_WORKSPACE, task->workspace_id);
    number_facet(buf, FILTER_TYPE, task->type);
    number_facet(buf, FILTER_STATUS, task->status);
    number_facet(buf, FILTER_PRIORITY, task->priority);
    number_facet(buf, FILTER_IMPACT, task->impact);
    number_facet(buf, FILTER_LIKELIHOOD, task->likelihood);
    number_facet(buf, FILTER_ASSIGNEE, task->assignee_id);
    number_facet(buf, FILTER_REPORTER, task->reporter_id);
    number_facet(buf, FILTER_SOURCE, task->source_id);
    if (status_is_open(task->status))
        number_facet(buf, FILTER_OPEN, 1);
    if (task->attachment_count > 0)
        number_facet(buf, FILTER_ATTACHED, 1);
    if (task->parent_id != 0)
        number_facet(buf, FILTER_PARENT, task->parent_id);
    for (int64_t i = 0; i < task->follower_count; i++)
        number_facet(buf, FILTER_FOLLOWER, task->followers[i]);
    list_facets(buf, FILTER_TAG, task->tags);
    list_facets(buf, FILTER_ORDER, task->order_id);
    list_facets(buf, FILTER_CATEGORY, task->category);
    list_facets(buf, FILTER_SUB_CATEGORY, task->sub_category);
    text_facet(buf, FILTER_LRN, task->lrn);
    text_facet(buf, FILTER_FORM, task->form);
    inbox_terms(buf, task);
    for (size_t i = 0; i < SCALED; i++)
        scale_terms(buf, task, scaled[i].field);
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%02" PRId64, task->number);
    buf_char(buf, ' ');
    buf_number_term(buf, task->workspace_id, (struct str){digits, (size_t)n});
    for (size_t i = 0; i < text->identifiers.n; i++)
        identifier_terms(buf, text->identifiers.items[i]);
    word_terms(buf, "", text->words);
    word_terms(buf, TERM_INTERNAL, text->internal);
}
