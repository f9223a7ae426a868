/*
 * Where mail goes: a mail server (mail/smtp.c), or a folder (mail/maildir.c); and how it went.
 */
#ifndef BZCTRL_MAIL_SEND_H
#define BZCTRL_MAIL_SEND_H

#include "base/op.h"

#include <stdatomic.h>

/* The settings, as texts. */
struct mail_settings {
    struct str url;  /* smtp://host:port, smtps://host:port or maildir:/path; empty: no mail */
    struct str from; /* the sender's address */
    struct str user; /* empty: no sign-in */
    struct str
        secret_file;    /* the password; of xoauth2 the access token. Read for each connection */
    struct str method;  /* auto, plain, login or xoauth2 */
    struct str tls;     /* required, or none: of smtp:// only */
    struct str ca_file; /* empty: the system's certificates */
    struct str allow;   /* mail domains, with commas between them; absent: all */
};

/* ERR_SYNTAX: op->detail names the flag, and what would be right. */
enum err mail_settings_check(struct op *op, const struct mail_settings *settings) MUST_CHECK;

/* May mail go to that address at all? */
bool mail_allows(const struct mail_settings *settings, struct str address);

/* How far it got; the last one that was begun. */
enum mail_step {
    MAIL_CONNECT,
    MAIL_GREETING,
    MAIL_TLS,
    MAIL_SIGN_IN,
    MAIL_SENDER,
    MAIL_RECIPIENT,
    MAIL_CONTENT,
    MAIL_STEPS
};

enum mail_verdict {
    MAIL_ACCEPTED,
    MAIL_AGAIN,    /* not now; or nobody knows: the connection broke once the mail was on its way */
    MAIL_REJECTED, /* this mail, for good */
    MAIL_NO_ADDRESS,  /* the address, for good */
    MAIL_NOT_THERE,   /* for good, but it may be us: we may not send there, or not to anybody */
    MAIL_UNREACHABLE, /* any mail, for now: the server is not there, or refuses us */
    MAIL_BROKEN_OFF,  /* by `stop`; at the step MAIL_CONTENT it may have arrived */
};

struct mail_report {
    enum mail_verdict verdict;
    enum mail_step step;
    char said[256]; /* the server's words, or what is wrong on our side; "" when accepted */
};

struct mail_sender;

/* Keeps a connection from one mail to the next. The settings are borrowed. ERR_MEMORY. */
enum err mail_sender_create(const struct mail_settings *settings,
                            struct mail_sender **ret_sender) MUST_CHECK;
void mail_sender_destroy(struct mail_sender *sender); /* NULL-safe */

struct mail_letter {
    struct str to;
    struct str id;           /* its Message-ID: a folder has a mail of one id once */
    struct str content;      /* as buf_mail_message() makes it */
    const atomic_bool *stop; /* once it is true, it is broken off within a second; NULL: never */
};

/* ERR_MEMORY; all else is in the report. */
enum err mail_send(struct mail_sender *sender, struct op *op, const struct mail_letter *letter,
                   struct mail_report *ret_report) MUST_CHECK;

/* Ends the connection that is kept. */
void mail_sender_rest(struct mail_sender *sender);

/* One sentence about the report, for the operator. */
struct str mail_report_say(const struct mail_settings *settings, struct arena *arena,
                           const struct mail_report *report);

#endif
