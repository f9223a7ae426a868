/*
 * A mail as it is sent (RFC 5322): its head, and a body as text and as HTML (multipart/alternative).
 */
#ifndef BZCTRL_MAIL_MESSAGE_H
#define BZCTRL_MAIL_MESSAGE_H

#include "base/buf.h"
#include "model/notification.h"

enum { MAIL_MAX = 512 * 1024 }; /* bytes of one */

struct mail_message {
    struct str from_name, from;
    struct str to;
    struct str subject;
    struct str id;          /* "914…@mail.example", without brackets */
    struct str thread;      /* the id that all mails about one record refer to; absent: no thread */
    struct str unsubscribe; /* an https or http URL; absent: none */
    int64_t at;
    struct str text, html;
};

/* Appends the whole mail. Its faults stick in the buffer. */
void buf_mail_message(struct buf *buf, const struct mail_message *message);

#endif
