/*
 * Counts of records by one or two of their members (contract, "Follow-up", GET /stats). They are
 * made of the figures beside the index (store/figure.h): all of these are read, each is judged by
 * task_matches(), and the records that the index has not heard of are judged themselves; so a count
 * is that of the list with the same filter. What figures do not have, such as words, the index is
 * asked for first.
 */
#ifndef BZCTRL_CORE_STATS_H
#define BZCTRL_CORE_STATS_H

#include "core/task_index.h"
#include "model/task_filter.h"

enum stats_by {
    STATS_STATUS,
    STATS_TYPE,
    STATS_PRIORITY,
    STATS_IMPACT,
    STATS_LIKELIHOOD,
    STATS_ASSIGNEE,
    STATS_CATEGORY, /* a record counts for each of its categories */
    STATS_WORKSPACE,
    STATS_DOMAIN,
    STATS_SOURCE,
    STATS_MONTH, /* of its creation, in UTC */
    STATS_BY_COUNT,
};

enum {
    STATS_BY_MAX = 2,
    STATS_CELLS_MAX = 10000,
};

struct stats_request {
    struct task_filter filter;
    enum stats_by by[STATS_BY_MAX];
    size_t n;
    const struct directory *directory;
};

struct stats_cell {
    /* For each of request.by: the enum's value, an account's or workspace's or domain's id, or the
     * month (month_of_date()). Of a category the text: absent for records without one. */
    int64_t value[STATS_BY_MAX];
    struct str text[STATS_BY_MAX];
    int64_t count;
    uint64_t euros, cents; /* the sum; cents are below 100 */
    int64_t due_moves;
    /* From creation to closing, of those that are closed: the median in hundredths of a day, of an
     * even number the mean of the two in the middle; -1 when none is. */
    int64_t closing;
};

struct stats {
    const struct stats_cell *cells; /* with count > 0; in no particular order */
    size_t n;
};

/* `db` is in a read transaction, as for task_ask(). ERR_NOT_READY while the index is being
 * built, for more than COUNT_SCAN_MAX records; ERR_SYNTAX for more than STATS_CELLS_MAX cells, or when a phrase makes too many records be
 * read. */
enum err core_stats(struct db *db, struct op *op, struct task_index *index,
                    const struct stats_request *request, struct stats *ret_stats) MUST_CHECK;

#endif
