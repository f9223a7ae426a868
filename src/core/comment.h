/*
 * Comments of a record: made, edited, deleted, each with its event "task.commented". Who may do
 * that is the caller's to judge; what it was judged by is checked again in the transaction, and
 * ERR_OUTDATED asks to judge again.
 */
#ifndef BZCTRL_CORE_COMMENT_H
#define BZCTRL_CORE_COMMENT_H

#include "core/part.h"
#include "store/comment.h"

struct comment_save {
    struct part_change part;      /* the caller's part of it is set */
    const struct comment *before; /* as it was judged; NULL: a new one */
    /* What there is afterwards. Of a new one text, mentions and internal are the caller's, of an
     * edited one all but the numbers and times of this change. */
    struct comment comment;
    bool deletes;
};

/* `part.answer` is the answer to a new one; save->comment is what there is now, unless that is
 * `part.replayed`. */
enum err comment_save(struct core *core, struct comment_save *save) MUST_CHECK;

#endif
