/*
 * Metrics: what the process counts about itself for GET /metrics, in the table metric.def, whose
 * header says how to add one. Counting is a few atomic additions to memory that is there from the
 * start: it is safe from any thread, cannot fail, and takes no lock.
 *
 * A metric has at most two labels, and metric_label.def has their values; where a metric has fewer,
 * give 0.
 */
#ifndef BZCTRL_BASE_METRIC_H
#define BZCTRL_BASE_METRIC_H

#include "base/buf.h"

enum metric {
#define COUNTED(id, kind, name, unit, first, second, help) METRIC_##id,
#define SAMPLED(id, kind, name, unit, sample, help)        METRIC_##id,
#include "base/metric.def"
#undef COUNTED
#undef SAMPLED
    METRICS
};

/* The values of each label: LANE_WRITE, and LANE_VALUES is how many there are. */
#define LABEL(set, id, value)         set##_##id,
#define LABEL_SET(set, label, values) enum label_##set{values set##_VALUES};
#include "base/metric_label.def"
#undef LABEL
#undef LABEL_SET

/* Adds to a counter, or to a gauge (then `n` may be negative). */
void metric_add(enum metric metric, unsigned first, unsigned second, int64_t n);

/* Sets a gauge. */
void metric_set(enum metric metric, unsigned first, int64_t value);

/* Puts a value into a histogram, in its unit. */
void metric_observe(enum metric metric, unsigned first, int64_t value);

/* The CODE_ of an HTTP status. */
unsigned metric_code(int status);

/* ---- the page ---- */

struct metric_label {
    const char *name;
    struct str value;
};

/* A metric on its page, for its sample function. */
struct metric_page {
    struct buf *out;
    const struct metric_row *row;
};

/* Writes one value of it, in the unit of the table. */
void metric_put(const struct metric_page *page, const struct metric_label *labels, size_t n,
                int64_t value);

/* Fills in a metric of SAMPLED; one that it writes no value of is left out of the page. */
typedef void metric_sample_fn(const struct metric_page *page, void *arg);

/* Appends the page, in the Prometheus text format 0.0.4. `samples` has the function of each metric
 * that is sampled. */
void metrics_write(struct buf *out, metric_sample_fn *const samples[METRICS], void *arg);

#endif
