/*
 * What counts need of a record: the fields that records are grouped and most often filtered by, in
 * a few dozen bytes. Figures are kept with the index, many in a row of the table (store/figure.h),
 * so that a million of them is read in less time than a query of the database for a million rows.
 *
 * A chunk is a run of packed figures in the order of their ids. Numbers are varints, and most of
 * them differences, so a chunk can only be read from its beginning.
 */
#ifndef BZCTRL_MODEL_FIGURE_H
#define BZCTRL_MODEL_FIGURE_H

#include "model/task.h"

enum {
    FIGURE_CATEGORIES_MAX = 100, /* as many as a record can have */
    FIGURE_CHUNK_MAX = 4000,     /* bytes: with its key, a row fits on a page of either engine */
    FIGURE_CHUNK_FULL = 3400,    /* how far a chunk is filled, so that figures have room to grow */
};

/* The fields that filter_is_figured() allows filters to look at, and `number` of categories. */
struct figure {
    int64_t id, workspace_id, assignee_id, reporter_id, source_id;
    int64_t created_at, updated_at;
    int64_t closed_at; /* task_closed_at(): TIME_NONE while it is open */
    int64_t financial_impact, due_moves;
    int32_t due_date;
    enum task_type type;
    enum task_status status;
    enum level priority, impact, likelihood;
    size_t category_count;
    uint64_t categories[FIGURE_CATEGORIES_MAX]; /* a hash of each; none twice */
};

/* A record whose category_count exceeds the maximum keeps the first ones. */
void figure_make(const struct task *task, struct figure *ret_figure);
uint64_t figure_category(struct str category);

/* Writes into a record what the figure has of it; the other members are left alone. */
void figure_fill(const struct figure *figure, struct task *task);

/* Appends a figure to a chunk; `before` is the one that it comes after, NULL in an empty chunk. */
void buf_figure(struct buf *buf, const struct figure *figure, const struct figure *before);

/* Reads the next figure of a chunk into *figure, which holds the one before, or is zeroed, and cuts
 * it off *chunk. False at the end; and for bytes that buf_figure() did not write, of which *chunk
 * then keeps some. */
bool figure_next(struct str *chunk, struct figure *figure);

#endif
