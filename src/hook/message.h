/*
 * What is sent to the receiver of a webhook, after the specification of Standard Webhooks: the body,
 * made of an event and its record, and the headers that sign it.
 */
#ifndef BZCTRL_HOOK_MESSAGE_H
#define BZCTRL_HOOK_MESSAGE_H

#include "core/task_trail.h"
#include "model/directory.h"
#include "store/feed.h"
#include "store/webhook_delivery.h"

/* A message says its record, and what a change has replaced: up to some megabytes of each. */
enum { MESSAGE_MAX = 8 * 1024 * 1024, MESSAGE_HEADERS = 6 };

/* What messages are made with. */
struct message_source {
    struct db *db;            /* in a read transaction … */
    struct task_trail *trail; /* … which it has begun with */
    const struct directory *directory;
    struct str public_url;
};

/* Makes the body for an event of a record, in op->arena: type, timestamp, data (the record as it was
 * after the event), previous, seq; of a comment or an attachment that as well; and the origin of the
 * change, if it had one. Absent: the event is not for webhooks. ERR_MEMORY, or one of the store. */
enum err message_make(const struct message_source *source, struct op *op,
                      const struct feed_entry *entry, struct str *ret_body) MUST_CHECK;

/* Makes the headers for an attempt at `now`, NULL after the last: the id is the same for each attempt,
 * the time is the attempt's, and each secret signs. ERR_MEMORY. */
enum err message_headers(struct op *op, const struct delivery *delivery, struct str body,
                         const struct str *secrets, size_t secret_count,
                         const char *ret_headers[MESSAGE_HEADERS]) MUST_CHECK;

#endif
