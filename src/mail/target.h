/* The two ways of mail/send.h. */
#ifndef BZCTRL_MAIL_TARGET_H
#define BZCTRL_MAIL_TARGET_H

#include "mail/send.h"

/* In `path`/new, by way of `path`/tmp (the maildir of many mail programs); its folders are made. */
enum err maildir_send(struct op *op, struct str path, const struct mail_letter *letter,
                      struct mail_report *ret_report) MUST_CHECK;

struct smtp;
enum err smtp_create(const struct mail_settings *settings, struct smtp **ret_smtp) MUST_CHECK;
void smtp_destroy(struct smtp *smtp); /* NULL-safe */
void smtp_rest(struct smtp *smtp);
enum err smtp_send(struct smtp *smtp, struct op *op, const struct mail_letter *letter,
                   struct mail_report *ret_report) MUST_CHECK;

#endif
