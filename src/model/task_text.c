#include "model/task_text.h"

#include "model/word.h"

#include <stdio.h>
#include <string.h>

static void field_add(struct buf *buf, struct str text)
{
    if (text.p == NULL)
        return;
    buf_char(buf, ' ');
    buf_words(buf, text);
    buf_char(buf, '\n');
}

/* Whole words only. */
static struct str bounded(struct str words)
{
    if (words.n <= TASK_TEXT_MAX)
        return words;
    size_t n = TASK_TEXT_MAX;
    while (n > 0 && words.p[n - 1] != ' ' && words.p[n - 1] != '\n')
        n--;
    return str_sub(words, 0, n);
}

/* The words of the record's own texts, if there is one, and of comments. */
static enum err words_make(struct arena *arena, const struct task *task, struct str_list comments,
                           struct str *ret_words)
{
    struct buf buf;
    buf_init(&buf, 16 * TASK_TEXT_MAX);
    const struct str own[] = {task == NULL ? STR_NONE : task->title,
                              task == NULL ? STR_NONE : task->description,
                              task == NULL ? STR_NONE : task->result};
    /* Once there is enough, the rest is left out: one letter can become eighteen. */
    for (size_t i = 0; i < sizeof own / sizeof own[0] && buf.n <= TASK_TEXT_MAX; i++)
        field_add(&buf, own[i]);
    for (size_t i = 0; i < comments.n && buf.n <= TASK_TEXT_MAX; i++)
        field_add(&buf, comments.items[i]);
    enum err err = buf_err(&buf);
    if (err == ERR_OK)
        err = arena_copy(arena, bounded(buf_str(&buf)), ret_words);
    buf_finish(&buf);
    return err;
}

static enum err identifiers_make(struct arena *arena, const struct task *task,
                                 struct task_text *text)
{
    size_t n = 0, most = task->order_id.n + task->tags.n + 1;
    struct str *items = ARENA_ARRAY(arena, struct str, most);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < most; i++) {
        struct str identifier = i == 0 ? task->lrn
                                : i <= task->order_id.n
                                    ? task->order_id.items[i - 1]
                                    : task->tags.items[i - 1 - task->order_id.n];
        struct buf buf;
        buf_init(&buf, 64 * 1024);
        if (identifier.p != NULL)
            buf_identifier(&buf, identifier);
        enum err err = buf_err(&buf);
        bool known = buf.n == 0;
        for (size_t k = 0; k < n && !known; k++)
            known = str_eq(items[k], buf_str(&buf));
        if (err == ERR_OK && !known)
            err = arena_copy(arena, buf_str(&buf), &items[n++]);
        buf_finish(&buf);
        if (err != ERR_OK)
            return err;
    }
    text->identifiers = (struct str_list){items, n};
    return ERR_OK;
}

enum err task_text_make(struct arena *arena, const struct task *task, struct str_list comments,
                        struct str_list internal, struct task_text *ret_text)
{
    struct task_text text = {0};
    enum err err = words_make(arena, task, comments, &text.words);
    if (err == ERR_OK)
        err = words_make(arena, NULL, internal, &text.internal);
    if (err == ERR_OK)
        err = identifiers_make(arena, task, &text);
    if (err == ERR_OK)
        *ret_text = text;
    return err;
}

static bool words_have(struct str all, struct str words)
{
    const char *p = all.p;
    size_t left = all.n;
    while (left > words.n) {
        const char *found = memmem(p, left, words.p, words.n);
        if (found == NULL)
            return false;
        if (found > all.p && found[-1] == ' ')
            return true;
        left -= (size_t)(found + 1 - p);
        p = found + 1;
    }
    return false;
}

bool task_text_has(const struct task_text *text, struct str words)
{
    return words_have(text->words, words) || words_have(text->internal, words);
}

/* ---- what somebody has typed ---- */

bool typed_piece(struct str *typed, bool alone, struct buf *words, struct str *ret_piece)
{
    while (typed->p != NULL) {
        struct str piece = str_cut(typed, ' ');
        buf_clear(words);
        buf_words(words, piece);
        if (words->n > 0 || (alone && piece.n > 0)) {
            *ret_piece = piece;
            return true;
        }
    }
    return false;
}

bool typed_begins(struct str piece, struct str words)
{
    size_t n = 0; /* of the last word */
    while (n + 1 < words.n && words.p[words.n - 2 - n] != ' ')
        n++;
    return piece.n > 0 && piece.p[piece.n - 1] == '*' && n >= IDENTIFIER_PREFIX_MIN;
}

bool typed_number(struct str typed, struct str workspace, struct str *ret_digits)
{
    if (typed.n <= workspace.n) {
        *ret_digits = STR_NONE;
        return str_eq_case(str_sub(workspace, 0, typed.n), typed);
    }
    if (!str_eq_case(str_sub(typed, 0, workspace.n), workspace) || typed.p[workspace.n] != '-')
        return false;
    struct str digits = str_from(typed, workspace.n + 1);
    for (size_t i = 0; i < digits.n; i++)
        if (!ascii_digit(digits.p[i]))
            return false;
    *ret_digits = digits.n == 0 ? STR_NONE : digits;
    return true;
}

static bool number_is(struct str digits, int64_t number)
{
    uint64_t value;
    return str_to_u64(digits, INT64_MAX, &value) && (int64_t)value == number;
}

static bool key_begins(struct str workspace, int64_t number, struct str typed)
{
    char text[24];
    struct str digits;
    if (!typed_number(typed, workspace, &digits))
        return false;
    int n = snprintf(text, sizeof text, "%02lld", (long long)number);
    return digits.p == NULL
               ? typed.n >= IDENTIFIER_PREFIX_MIN
               : str_starts((struct str){text, (size_t)n}, digits) || number_is(digits, number);
}

static bool identifier_begins(const struct task_text *text, struct str workspace, int64_t number,
                              struct str typed)
{
    bool begins = key_begins(workspace, number, typed);
    for (size_t i = 0; i < text->identifiers.n && !begins; i++) {
        struct str identifier = text->identifiers.items[i];
        begins = typed.n >= IDENTIFIER_PREFIX_MIN ? str_starts(identifier, typed)
                                                  : str_eq(identifier, typed);
    }
    return begins;
}

bool task_text_is(const struct task_text *text, struct str workspace, int64_t number,
                  struct str typed)
{
    struct str digits;
    bool is =
        typed_number(typed, workspace, &digits) && digits.p != NULL && number_is(digits, number);
    for (size_t i = 0; i < text->identifiers.n && !is; i++)
        is = str_eq(text->identifiers.items[i], typed);
    return is;
}

/* Each of them, in any order; `begins`: the last one may go on. */
static bool words_occur(const struct task_text *text, struct str words, bool begins)
{
    while (words.n > 0) {
        size_t n = str_find(words, ' ') + 1;
        bool open = begins && n == words.n;
        if (!task_text_has(text, str_sub(words, 0, n - open)))
            return false;
        words = str_from(words, n);
    }
    return true;
}

bool task_text_matches(const struct task_text *text, struct str workspace, int64_t number,
                       struct str typed)
{
    if (identifier_begins(text, workspace, number, typed))
        return true;
    struct buf words;
    struct str piece, rest = typed;
    size_t pieces = 0;
    bool all = true, alone = str_find(typed, ' ') == typed.n;
    buf_init(&words, 16 * 1024);
    while (all && typed_piece(&rest, alone, &words, &piece)) {
        all = identifier_begins(text, workspace, number, piece) ||
              (words.n > 0 &&
               words_occur(text, buf_str(&words), typed_begins(piece, buf_str(&words))));
        pieces++;
    }
    buf_finish(&words);
    return all && pieces > 0;
}
