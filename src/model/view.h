/*
 * Saved views: a stored query of GET /tasks, with what an app needs to show it. A view is a
 * person's own, or is shared with everybody who has a role on its domain. Pure.
 */
#ifndef BZCTRL_MODEL_VIEW_H
#define BZCTRL_MODEL_VIEW_H

#include "base/query.h"
#include "model/directory.h"
#include "model/faults.h"

enum {
    VIEWS_MAX = 200,       /* of a person, and of a domain */
    VIEW_QUERY_MAX = 4000, /* bytes of a query, decoded */
    VIEW_COLUMNS_MAX = 50,
    VIEW_COLUMN_MAX = 100, /* characters of a column's name */
    VIEW_LAYOUT_MAX = 32,  /* characters */
};

struct view {
    int64_t id;
    int64_t account_id; /* whose own it is; 0: it is shared */
    int64_t domain_id;  /* with whom it is shared; 0: with nobody */
    struct str name;
    struct str_list query; /* each "name=value", decoded */
    struct str layout;     /* how an app shows it: "table" */
    struct str_list columns;
    struct str sort; /* may be absent */
    int64_t version; /* 1 when created */
    int64_t created_at, updated_at;
};

/* What somebody sent; an absent text or list without items was not sent. */
struct view_draft {
    struct str name, query, layout, sort, domain;
    struct str_list columns;
    bool sort_sent;   /* it is absent when null was sent */
    bool domain_sent; /* it is absent when null was sent */
};

/* Judges a new view (`before` NULL) of the caller, or a change of one, and sets all that people can
 * set. The query is judged as GET /tasks would. ERR_INVALID with all faults; ERR_FORBIDDEN when the
 * caller may not share views in that domain; ERR_MEMORY. */
enum err view_judge(struct op *op, const struct view_draft *draft, const struct view *before,
                    const struct directory *directory, const struct account *caller,
                    struct faults *faults, struct view *ret_view) MUST_CHECK;

/* A sentence about what is wrong with the query for this caller, now: it is no longer valid, or names
 * something that is gone or that the caller may not see. Absent: nothing is. ERR_MEMORY. */
enum err view_problem(struct op *op, const struct view *view, const struct directory *directory,
                      const struct account *caller, struct str *ret_problem) MUST_CHECK;

/* May the account see it, and change it? */
bool view_is_seen(const struct directory *d, const struct account *account,
                  const struct view *view);
bool view_is_changed_by(const struct directory *d, const struct account *account,
                        const struct view *view);

/* Appends the query, encoded for a URL. */
void buf_view_query(struct buf *buf, const struct view *view);

#endif
