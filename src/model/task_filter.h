/*
 * Which records a list shows: the one meaning of every filter. A filter is a list of clauses, all
 * of which must hold; of a clause's values any one does. The index (task_term.h) makes filters
 * fast, and this pure predicate says what they mean.
 *
 * Which records are open, overdue or closed is said by task_state.h.
 */
#ifndef BZCTRL_MODEL_TASK_FILTER_H
#define BZCTRL_MODEL_TASK_FILTER_H

#include "model/inbox.h"

enum filter_kind {
    FILTER_KIND_WORKSPACE, /* these three narrow task_filter.workspaces and are in no clause */
    FILTER_KIND_DOMAIN,
    FILTER_KIND_DOMAIN_ONLY, /* not what is below it */
    FILTER_KIND_TYPE,        /* number: the enum's */
    FILTER_KIND_STATUS,
    FILTER_KIND_LEVEL,
    FILTER_KIND_ACCOUNT,  /* number: its id, -1 of one that does not exist */
    FILTER_KIND_FOLLOWER, /* the same, one of several */
    FILTER_KIND_PARENT,   /* number: a record's id, -1 of one that does not exist */
    FILTER_KIND_TEXT,     /* text: exactly that */
    FILTER_KIND_TEXTS,    /* text: one of the list is exactly that */
    FILTER_KIND_DATE,     /* number: days */
    FILTER_KIND_TIME,     /* number: milliseconds */
    FILTER_KIND_MONEY,    /* number: cents */
    FILTER_KIND_COUNT,    /* number */
    FILTER_KIND_OPEN,     /* no value counts: the record is open, or overdue */
    FILTER_KIND_OVERDUE,
    FILTER_KIND_ATTACHED, /* number: 1; the record has an attachment */
    FILTER_KIND_WORDS,    /* text: what somebody typed; see task_text.h */
    FILTER_KIND_PHRASE,   /* text: words, each with a blank after it */
};

enum filter_field {
#define FILTER(name, word, kind, field) FILTER_##name,
#include "model/task_filter.def"
#undef FILTER
    FILTER_FIELDS
};

struct filter_info {
    const char *word;
    enum filter_kind kind;
    size_t offset; /* in struct task */
};

extern const struct filter_info filter_infos[FILTER_FIELDS];

enum filter_op {
    FILTER_EQUAL,
    FILTER_WITHIN, /* from `number` to `last`, both inclusive; only where values are ordered */
    FILTER_LESS,   /* this and the next: not for a record without the value */
    FILTER_GREATER,
    FILTER_NONE, /* the record has no such value */
};

struct filter_value {
    enum filter_op op;
    int64_t number; /* "at most" is "less than the next" */
    int64_t last;
    struct str text;
};

struct filter_clause {
    enum filter_field field;
    bool negated; /* no value must hold */
    const struct filter_value *values;
    size_t n;
};

struct filter_workspace {
    int64_t id;
    int32_t today; /* in its time zone; for overdue */
    bool own;      /* shows only what task_filter.caller_id was the source of */
    struct str key;
};

struct task_filter {
    const struct filter_workspace *workspaces; /* that may be shown, ordered by id */
    size_t workspace_count;
    bool everywhere;  /* they are all there are, and none of them is `own` */
    bool by_internal; /* words of internal comments count */
    int64_t caller_id;
    const struct filter_clause *clauses;
    size_t clause_count;
    const struct inbox
        *inbox; /* of a person: only what needs them now; NULL: whatever the clauses say */
};

struct task_text;

/* True if the list shows the record. `text` is that of the record; NULL if filter_reads_text() is
 * false. */
bool task_matches(const struct task_filter *filter, const struct task *task,
                  const struct task_text *text);

/* Why the record needs the person whose inbox it is: bits of enum inbox_reason, whether or not they
 * are answered. */
unsigned filter_inbox_reasons(const struct task_filter *filter, const struct task *task);

/* Is there a clause about words? And do all clauses look only at the columns that
 * store_task_scan() reads? */
bool filter_reads_text(const struct task_filter *filter);
bool filter_is_light(const struct task_filter *filter);

/* Does the clause look only at what a figure has of a record (model/figure.h)? */
bool filter_clause_is_figured(const struct filter_clause *clause);

/* The entry for a workspace, or NULL when it is not among them. */
const struct filter_workspace *filter_workspace(const struct task_filter *filter, int64_t id);

/* What a field holds that is ordered (a date, a time, an amount), as a number; false: nothing. */
bool filter_number(const struct task *task, enum filter_field field, int64_t *ret_number);

#endif
