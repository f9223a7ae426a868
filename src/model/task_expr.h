/*
 * A filter as an expression over the index's terms (model/task_term.h), in the words of an engine.
 *
 * Not everything that a filter says is in the terms: a phrase is only its words, and the edge of a
 * range may lie inside a bucket. So there are two expressions. The cover finds all that match and
 * perhaps more; all that the core finds matches, but perhaps more does. Where both are the same the
 * index alone is exact; elsewhere task_matches() decides between them.
 */
#ifndef BZCTRL_MODEL_TASK_EXPR_H
#define BZCTRL_MODEL_TASK_EXPR_H

#include "model/task_filter.h"

enum { TASK_EXPR_MAX = 1024 * 1024 };

/* How an engine writes it. Terms need no escaping within the quotes. */
struct expr_syntax {
    const char *and, *or, *minus, *quote, *beginning; /* `beginning` after a term's quote */
};

extern const struct expr_syntax expr_fts5, expr_tsquery;

/* Appends the filter's expression, in brackets. */
void buf_task_expr(struct buf *buf, const struct expr_syntax *syntax,
                   const struct task_filter *filter, bool core);

/* The same of one clause, which is not negated there. */
void buf_clause_expr(struct buf *buf, const struct expr_syntax *syntax,
                     const struct task_filter *filter, const struct filter_clause *one);
bool clause_expr_is_exact(const struct filter_clause *clause);

/* Appends: `typed` is all of it an identifier of the record. */
void buf_typed_expr(struct buf *buf, const struct expr_syntax *syntax,
                    const struct task_filter *filter, struct str typed);

/* Are cover and core the same? */
bool task_expr_is_exact(const struct task_filter *filter);

#endif
