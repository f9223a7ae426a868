/*
 * The text of a record as searches see it: the words of title, description, result and comments,
 * and its identifiers (orders, LRN, tags; its key is compared by itself). Words of internal comments
 * are apart, since clients must not find a record by them.
 *
 * What somebody types without quotes is kept as its pieces, folded like an identifier, with a blank
 * between them. It matches a record when all of it is the beginning of an identifier, or when each
 * piece is that or has all its words in the text; of a piece that ends with '*' the last word is the
 * beginning of one. What has less than IDENTIFIER_PREFIX_MIN bytes must be the whole identifier or
 * word. A piece without words counts only where there is no other.
 */
#ifndef BZCTRL_MODEL_TASK_TEXT_H
#define BZCTRL_MODEL_TASK_TEXT_H

#include "base/arena.h"
#include "model/task.h"

enum {
    IDENTIFIER_PREFIX_MIN = 3,
    TASK_TEXT_MAX = 256 * 1024, /* bytes of words; what comes after them is not found */
};

struct task_text {
    struct str words;            /* of each field: a blank, the words with a blank after each, LF */
    struct str internal;         /* the same of internal comments */
    struct str_list identifiers; /* folded (model/word.h), each once */
};

/* Makes it in the arena, with the texts of comments. ERR_MEMORY. */
enum err task_text_make(struct arena *arena, const struct task *task, struct str_list comments,
                        struct str_list internal, struct task_text *ret_text) MUST_CHECK;

/* Do these words, each with a blank after it, occur one after the other? */
bool task_text_has(const struct task_text *text, struct str words);

/* Does what somebody has typed match the record of that workspace and number? And is all of it an
 * identifier of the record, from beginning to end? */
bool task_text_matches(const struct task_text *text, struct str workspace, int64_t number,
                       struct str typed);
bool task_text_is(const struct task_text *text, struct str workspace, int64_t number,
                  struct str typed);

/* Cuts the next piece that counts off *typed, and gives its words; false at the end. The memory is
 * that of `words`, a buffer of its own. */
bool typed_piece(struct str *typed, bool alone, struct buf *words, struct str *ret_piece);

/* Is the last word of a piece the beginning of one? `words` are the piece's, as typed_piece() gives them. */
bool typed_begins(struct str piece, struct str words);

/* The digits after "workspace-" in what was typed, with any case of the key; false if it does not
 * begin so. Absent digits: it ends before them, and is a beginning of all the workspace's keys. */
bool typed_number(struct str typed, struct str workspace, struct str *ret_digits);

#endif
