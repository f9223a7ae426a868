/* Saved views as they are stored (sql/0029). */
#ifndef BZCTRL_STORE_VIEW_H
#define BZCTRL_STORE_VIEW_H

#include "db/db.h"
#include "model/view.h"

/* ERR_NOT_FOUND. */
enum err store_view_get(struct db *db, struct op *op, int64_t id, struct view *ret_view) MUST_CHECK;

struct view_list {
    const struct view *items;
    size_t n;
};

/* The account's own views and all that are shared, older than the one with the id `before` (0: all),
 * newest first, at most `limit`. */
enum err store_views_before(struct db *db, struct op *op, int64_t account_id, int64_t before,
                            int64_t limit, struct view_list *ret_views) MUST_CHECK;

/* How many views belong to the same account, or the same domain. */
enum err store_view_count(struct db *db, struct op *op, const struct view *view,
                          int64_t *ret_count) MUST_CHECK;

enum err store_view_add(struct db *db, struct op *op, const struct view *view) MUST_CHECK;

/* Replaces what can change of the view with the same id. */
/* Replaces the one with the same id, whose version is one less; ERR_RETRY when another node has been faster. */
enum err store_view_put(struct db *db, struct op *op, const struct view *view) MUST_CHECK;
enum err store_view_drop(struct db *db, struct op *op, int64_t id) MUST_CHECK;

#endif
