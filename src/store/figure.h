/*
 * Figures as they are stored (model/figure.h), beside the index: chunks, each under a number that
 * no id in it is below. `db` is a connection to where the index is.
 */
#ifndef BZCTRL_STORE_FIGURE_H
#define BZCTRL_STORE_FIGURE_H

#include "db/db.h"
#include "model/figure.h"

/* Puts figures in, ordered by id, in place of what was there of the same records. `change` is the
 * number of this change of the index (store/task_index.h). */
enum err store_figures_put(struct db *db, struct op *op, const struct figure *figures, size_t n,
                           int64_t change) MUST_CHECK;

/* Chunks in their order, at most `limit`: number and bytes. The first is the one after a number, or
 * the one that the id would be in. */
enum err store_figures_after(struct db *db, struct op *op, int64_t first, int64_t limit,
                             struct db_rows *ret_chunks) MUST_CHECK;
enum err store_figures_from(struct db *db, struct op *op, int64_t id, int64_t limit,
                            struct db_rows *ret_chunks) MUST_CHECK;

/* Chunks, and the change that each was written by, in the order of changes: those after a change and
 * a number. */
enum err store_figures_changed(struct db *db, struct op *op, int64_t change, int64_t first,
                               int64_t limit, struct db_rows *ret_chunks) MUST_CHECK;

#endif
