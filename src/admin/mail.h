/* A test of the settings of mail, for `bzctrld mail test` and for a check of the installation. */
#ifndef BZCTRL_ADMIN_MAIL_H
#define BZCTRL_ADMIN_MAIL_H

#include "admin/command.h"
#include "mail/send.h"

/* Sends a test mail, and reports how far it got (mail_report_say()). ERR_INVALID, ERR_FORBIDDEN: no mail
 * goes there, and op->detail says why. */
enum err mail_try(const struct mail_settings *settings, enum language language, struct op *op,
                  struct str to, struct mail_report *ret_report) MUST_CHECK;

#endif
