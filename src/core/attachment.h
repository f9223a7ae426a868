/*
 * Attachments of a record: made and deleted, each with its event "task.attached". The bytes are
 * stored first, in short transactions that delay nobody; then one transaction makes the attachment.
 * Bytes that come to no attachment, because the process ends between the two or the second one is
 * refused, are dropped by a job, as are those of deleted ones.
 */
#ifndef BZCTRL_CORE_ATTACHMENT_H
#define BZCTRL_CORE_ATTACHMENT_H

#include "core/part.h"
#include "store/attachment.h"

struct attachment_add {
    struct part_change part; /* the caller's part of it is set */

    /* Set by the caller. */
    struct attachment sent; /* name, type, size, sha256 and image */
    struct str bytes;       /* borrowed */
    int64_t content_id;     /* where the record has these bytes already; 0: nowhere */

    /* The core's. */
    bool stored;
    struct attachment attachment; /* the result, too */
};

/* `part.answer` is the answer: 200 when the record has these bytes under that name already. */
enum err attachment_add(struct core *core, struct attachment_add *add) MUST_CHECK;

struct attachment_delete {
    struct part_change part;
    struct attachment attachment; /* as it was judged; then as it is */
};
enum err attachment_delete(struct core *core, struct attachment_delete *del) MUST_CHECK;

/* Drops some of the bytes that no attachment has any more; reports whether more are left. */
enum err core_contents_drop(struct core *core, struct op *op, bool *ret_more) MUST_CHECK;

#endif
