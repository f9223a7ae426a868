/*
 * The inbox: which records need a person now, and why. All reasons but a mention are seen on the record
 * itself; what the person has answered is in marks. Pure.
 */
#ifndef BZCTRL_MODEL_INBOX_H
#define BZCTRL_MODEL_INBOX_H

#include "model/directory.h"
#include "model/task.h"

/* Bits. What people do themselves is not a reason for them. */
enum inbox_reason {
    INBOX_ASSIGNED = 1, /* somebody else gave the open record to the person, or opened it again */
    INBOX_DUE = 2,      /* theirs and open; its due date is within INBOX_DUE_DAYS, in its zone */
    INBOX_OVERDUE = 4,  /* theirs, and overdue (model/task_state.h) */
    INBOX_NEW = 8,      /* of a workspace that they manage: a system sent it, nobody has taken it */
    INBOX_CONFIRM = 16, /* its closing awaits a second person, which they may be */
    INBOX_MENTIONED = 32, /* somebody else mentioned them in a comment; also once it is closed */
    INBOX_REASONS = 6,
};

enum { INBOX_DUE_DAYS = 3, INBOX_MARKS_MAX = 10000, INBOX_MENTIONS_MAX = 1000 };

/* "assigned", by the bit's place; and the bit of a name, 0 of none. */
struct str inbox_reason_name(unsigned place);
unsigned inbox_reason_read(struct str name);

/* What a person has answered to a record: the reasons that it had then. Another one, or the same with
 * another beginning, is news, and brings the record back. */
struct inbox_mark {
    int64_t task_id;
    int64_t until;       /* TIME_NONE: done; a time: put off until then */
    int64_t assigned_at; /* of the record at that moment, like the others */
    int64_t proposed_at;
    int64_t mention_id;
    int32_t due_date;
    unsigned reasons;
};

/* The newest comment on a record that mentions the person, if that is not answered. */
struct inbox_mention {
    int64_t task_id, comment_id;
    int64_t at, author_id;
};

/* What the person may do in a workspace, beside reading: bits. */
enum inbox_right { INBOX_WRITES = 1, INBOX_MANAGES = 2 };

struct inbox {
    const struct directory *directory;
    int64_t account_id, now;
    const unsigned char *rights;    /* one for each of the filter's workspaces, in their order */
    unsigned wanted;                /* reasons that are asked for */
    bool put_off;                   /* only what the person has put off, instead of the rest */
    const struct inbox_mark *marks; /* ordered by task_id */
    size_t mark_count;
    const struct inbox_mention *mentions; /* in the same order */
    size_t mention_count;
};

/* The mention on that record, or NULL. */
const struct inbox_mention *inbox_mention_find(const struct inbox *inbox, int64_t task_id);

/* The reasons that a record has for the person, marks aside. `rights` are those in its workspace, where
 * the day is `today`. */
unsigned inbox_reasons(const struct inbox *inbox, const struct task *task, unsigned rights,
                       int32_t today);

/* Is a record that has these reasons in the list? It is not when the person has answered all of them,
 * for now; of what is put off, only then. */
bool inbox_shows(const struct inbox *inbox, const struct task *task, unsigned reasons);

/* The person's answer to the record, whether or not it still holds, or NULL. */
const struct inbox_mark *inbox_mark_find(const struct inbox *inbox, int64_t task_id);

/* The mark that answers a record that has these reasons. */
struct inbox_mark inbox_mark_of(const struct inbox *inbox, const struct task *task,
                                unsigned reasons, int64_t until);

/* When and by whom the record got its assignee: by a change (0: of a rule), or by its report. */
int64_t task_assigned_at(const struct task *task);
int64_t task_assigned_by(const struct task *task);

/* Nobody has taken it: its report asked nobody but its reporter, and since then no change has given it
 * to anybody, or proposed to close it. What else happens to it says nothing of that: a comment, an
 * attachment, a repeated report, a change that comes by itself. */
bool task_is_untaken(const struct task *task);

#endif
