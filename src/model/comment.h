/*
 * A comment on a record: Markdown as somebody wrote it, and the people whom it mentions. Pure.
 */
#ifndef BZCTRL_MODEL_COMMENT_H
#define BZCTRL_MODEL_COMMENT_H

#include "base/op.h"
#include "json/writer.h"
#include "model/directory.h"
#include "model/faults.h"

enum {
    COMMENT_TEXT_MAX = 65536, /* characters */
    COMMENT_MENTIONS_MAX = 50,
    COMMENT_EDIT_MS = 15 * 60 * 1000, /* so long its author can change or delete it */
};

struct id_array {
    const int64_t *items;
    size_t n;
};

struct comment {
    int64_t id, task_id;
    int64_t seq, last_seq; /* its first and its newest event in the domain's chain */
    int64_t version;       /* 1 when created */
    int64_t author_id;
    int64_t created_at, edited_at, deleted_at; /* the last two: or TIME_NONE */
    bool internal;                             /* clients do not see it */
    struct id_array mentions;                  /* people; none once deleted */
    struct str text;                           /* absent once deleted */
};

/* What somebody sent; `internal_sent` says whether they said anything of it. */
struct comment_draft {
    struct str text;
    bool internal, internal_sent;
};

/* Judges a text for a record of `source_id` in `workspace`, and finds whom it mentions: an e-mail
 * address of a person after an "@". ERR_INVALID with all faults; ERR_MEMORY. */
enum err comment_judge(struct op *op, const struct comment_draft *draft,
                       const struct directory *directory, const struct account *author,
                       const struct workspace *workspace, struct faults *faults,
                       struct id_array *ret_mentions) MUST_CHECK;

/* Writes a comment as the API shows it: {"id","text","author","createdAt","editedAt","internal",
 * "mentions"}, and "deletedAt" of a deleted one. */
void json_put_comment(struct json_writer *json, const struct comment *comment,
                      const struct directory *directory);

/* Appends the payload of an event "task.commented": {"comment":[before, after]}, each NULL or
 * {"id","internal","text","mentions"}. */
void buf_comment_changes(struct buf *buf, const struct comment *before, const struct comment *after,
                         const struct directory *directory);

/* Must an event not be shown to clients? One of an internal comment; and one of any comment whose
 * payload is erased, since that no longer says. ERR_MEMORY. */
enum err comment_event_hidden(struct arena *arena, struct str action, struct str payload,
                              bool *ret_hidden) MUST_CHECK;

#endif
