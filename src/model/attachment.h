/*
 * A file attached to a record, without its bytes: its name and type, made safe. Pure.
 */
#ifndef BZCTRL_MODEL_ATTACHMENT_H
#define BZCTRL_MODEL_ATTACHMENT_H

#include "base/hash.h"
#include "base/op.h"
#include "json/writer.h"
#include "model/directory.h"

enum {
    ATTACHMENT_NAME_MAX = 255,             /* bytes */
    ATTACHMENT_DELETE_MS = 15 * 60 * 1000, /* so long its author can delete it */
};

struct attachment {
    int64_t id, task_id;
    int64_t seq, last_seq; /* its first and its newest event in the domain's chain */
    int64_t author_id;
    int64_t created_at, deleted_at; /* the second: or TIME_NONE */
    int64_t content_id;             /* where its bytes are; 0 once deleted */
    int64_t size;
    struct sha256 sha256;
    bool image; /* its type and its bytes agree on an image that may be shown in place */
    struct str type, name;
};

/*
 * A name that is safe to show and to save: what comes after the last slash or backslash, without
 * invisible and direction-changing characters other than blanks, with "_" for each of <>:"|?* and
 * before what Windows takes for a device; without blanks and dots at its ends; at most
 * ATTACHMENT_NAME_MAX bytes, of which a short ending such as ".pdf" is kept. "file" when nothing is
 * left. `sent` is UTF-8. ERR_MEMORY.
 */
enum err attachment_name(struct arena *arena, struct str sent, struct str *ret_name) MUST_CHECK;

/* The type as it was declared, in small letters and without parameters, or
 * "application/octet-stream" for anything that is not one. ERR_MEMORY. */
enum err attachment_type(struct arena *arena, struct str declared, struct str *ret_type) MUST_CHECK;

/* Is the type png, jpeg, gif or webp, and do the bytes begin as of that type? */
bool attachment_is_image(struct str type, struct str bytes);

/* The ETag of the bytes: their SHA-256 in hex, in quotes. ERR_MEMORY. */
enum err attachment_etag(struct arena *arena, const struct attachment *attachment,
                         struct str *ret_etag) MUST_CHECK;

/* Writes {"id","name","type","size","sha256","author","createdAt"}. */
void json_put_attachment(struct json_writer *json, const struct attachment *attachment,
                         const struct directory *directory);

/* Appends the payload of an event "task.attached": {"attachment":[before, after]}, one of them
 * null, the other {"id","name","type","size","sha256"}. */
void buf_attachment_changes(struct buf *buf, const struct attachment *before,
                            const struct attachment *after);

#endif
