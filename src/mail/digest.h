/*
 * What a mail says: the notifications of a person, as text and as HTML, in their language (mail/words.def).
 */
#ifndef BZCTRL_MAIL_DIGEST_H
#define BZCTRL_MAIL_DIGEST_H

#include "base/arena.h"
#include "mail/message.h"

enum { DIGEST_MAX = 50, DIGEST_EXCERPT = 500 }; /* items that it lists; bytes of a comment */

struct digest_item {
    struct str key, title;
    enum notify_reason reason;
    struct str by;           /* "Ann (ann@example.com)"; absent: it came by itself */
    struct str excerpt;      /* of a comment; absent */
    struct str duplicate_of; /* a key: it is proposed to be closed as a duplicate; absent */
    int64_t events;
    int32_t due_date;
};

struct mail_digest {
    enum language language;
    const struct digest_item *items; /* the newest first, at most DIGEST_MAX */
    size_t n;
    int64_t total;         /* with those that are left out */
    struct str public_url; /* the start of links */
    struct str host;       /* of ids: that of the sender's address */
};

/* Fills in subject, thread, text and html, in the arena; the thread only if all is about one record. */
enum err digest_write(const struct mail_digest *digest, struct arena *arena,
                      struct mail_message *message) MUST_CHECK;

/* The same of a mail that only shows that mail arrives. */
enum err digest_write_test(enum language language, struct arena *arena,
                           struct mail_message *message) MUST_CHECK;

/* The page that an address of List-Unsubscribe leads to, which asks, and what it says when it is `done`. */
void buf_unsubscribe_page(struct buf *buf, enum language language, struct str email, bool done);

#endif
