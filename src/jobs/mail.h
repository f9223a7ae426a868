/*
 * Sends the mail that is due (core/mail.h), one after the other: a mail is written from what its reader may see
 * at that moment, and has not read. Where several nodes share a database, one of them sends at a time.
 */
#ifndef BZCTRL_JOBS_MAIL_H
#define BZCTRL_JOBS_MAIL_H

#include "jobs/runner.h"
#include "mail/send.h"

struct mailer {
    struct mail_settings settings;
    struct str public_url;      /* the start of links */
    int64_t rate;               /* mails a minute at most */
    struct mail_sender *sender; /* NULL: no mail is sent, and what is due is dropped */
    int64_t next_at;            /* the job's: clock_ticks() of the next one that the rate allows */
};

/* The one kind of job for a runner of its own, since a mail server may be slow; the runner's `arg` is a
 * struct mailer. */
extern const struct job_kind mail_job;

#endif
