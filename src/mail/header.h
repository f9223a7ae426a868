/*
 * Fields of a mail's head (RFC 5322, section 2.2). Whatever a text has in it, it stays one field: no line break,
 * control or invisible character gets through, and what is not plain ASCII is in encoded words (RFC 2047).
 */
#ifndef BZCTRL_MAIL_HEADER_H
#define BZCTRL_MAIL_HEADER_H

#include "base/buf.h"

/* Appends the field of a text that people read: "Subject: …\r\n", in lines of at most 78 bytes. */
void buf_mail_text(struct buf *buf, const char *name, struct str text);

/* Appends the field of one address: "To: Name <a@b.example>\r\n"; without a name, if that is absent. The
 * address is a valid one (model/email.h); what could end it early is left out all the same. */
void buf_mail_address(struct buf *buf, const char *field, struct str name, struct str address);

/* Appends a field of our own making, which has no blank to fold at: an id, an URL, a date. */
void buf_mail_field(struct buf *buf, const char *name, struct str value);

/* Appends a body as quoted-printable (RFC 2045, section 6.7), its lines ending as those of mail do. */
void buf_quoted_printable(struct buf *buf, struct str text);

#endif
