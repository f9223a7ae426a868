#include "base/metric.h"

#include "base/clock.h"

#include <stdatomic.h>

enum { UNIT_NUMBER, UNIT_BYTES, UNIT_MICROSECONDS, UNIT_MILLISECONDS, UNIT_SINCE };
enum { KIND_COUNTER, KIND_GAUGE, KIND_HISTOGRAM };

/* Upper bounds of histograms, by unit: few, since each is a value of every label. The last bucket
 * has no bound. */
enum { BOUNDS = 7 };
static const int64_t bounds[][BOUNDS] = {
    [UNIT_NUMBER] = {1, 4, 16, 64, 256, 512, 1024},
    [UNIT_MICROSECONDS] = {1000, 5000, 25000, 100000, 500000, 2500000, 10000000},
};

/* A histogram is its buckets, each with what fell into it alone, and the sum. */
enum { CELLS_COUNTER = 1, CELLS_GAUGE = 1, CELLS_HISTOGRAM = BOUNDS + 2 };

#define COUNTED(id, kind, name, unit, first, second, help)                                         \
    static _Atomic int64_t cells_##id[first##_VALUES * second##_VALUES * CELLS_##kind];
#define SAMPLED(id, kind, name, unit, sample, help)
#include "base/metric.def"
#undef COUNTED
#undef SAMPLED

#define LABEL(set, id, value)         STR_INIT(value),
#define LABEL_SET(set, label, values) static const struct str values_##set[] = {values};
#include "base/metric_label.def"
#undef LABEL
#undef LABEL_SET

static const struct label_set {
    const char *label;
    const struct str *values;
    unsigned n;
} label_sets[] = {
#define LABEL(set, id, value)
#define LABEL_SET(set, label, values) {label, values_##set, set##_VALUES},
#include "base/metric_label.def"
#undef LABEL
#undef LABEL_SET
};

enum {
#define LABEL(set, id, value)
#define LABEL_SET(set, label, values) SET_##set,
#include "base/metric_label.def"
#undef LABEL
#undef LABEL_SET
};

struct metric_row {
    const char *name, *help;
    int kind, unit;
    unsigned first, second; /* label sets */
    _Atomic int64_t *cells; /* NULL: sampled */
    unsigned width;         /* cells of one value */
};

static const struct metric_row rows[METRICS] = {
#define COUNTED(id, kind, name, unit, first, second, help)                                         \
    {name, help, KIND_##kind, UNIT_##unit, SET_##first, SET_##second, cells_##id, CELLS_##kind},
#define SAMPLED(id, kind, name, unit, sample, help)                                                \
    {name, help, KIND_##kind, UNIT_##unit, 0, 0, NULL, 0},
#include "base/metric.def"
#undef COUNTED
#undef SAMPLED
};

static _Atomic int64_t *cells_of(const struct metric_row *row, unsigned first, unsigned second)
{
    return row->cells + (size_t)(first * label_sets[row->second].n + second) * row->width;
}

void metric_add(enum metric metric, unsigned first, unsigned second, int64_t n)
{
    atomic_fetch_add_explicit(cells_of(&rows[metric], first, second), n, memory_order_relaxed);
}

void metric_set(enum metric metric, unsigned first, int64_t value)
{
    atomic_store_explicit(cells_of(&rows[metric], first, 0), value, memory_order_relaxed);
}

void metric_observe(enum metric metric, unsigned first, int64_t value)
{
    const struct metric_row *row = &rows[metric];
    _Atomic int64_t *cells = cells_of(row, first, 0);
    unsigned i = 0;
    while (i < BOUNDS && value > bounds[row->unit][i])
        i++;
    atomic_fetch_add_explicit(&cells[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&cells[BOUNDS + 1], value, memory_order_relaxed);
}

unsigned metric_code(int status)
{
    uint64_t code;
    for (unsigned i = 0; i < CODE_VALUES; i++)
        if (str_to_u64(values_CODE[i], 999, &code) && (int)code == status)
            return i;
    return CODE_OTHER;
}

/* ---- the page ---- */

/* As the format wants it: a backslash, a quote and a line break are escaped. */
static void put_label(struct buf *out, bool first, const char *name, struct str value)
{
    buf_printf(out, "%c%s=\"", first ? '{' : ',', name);
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '\\' || value.p[i] == '"')
            buf_char(out, '\\');
        if (value.p[i] == '\n')
            BUF_LIT(out, "\\n");
        else
            buf_char(out, value.p[i]);
    }
    buf_char(out, '"');
}

static void put_number(struct buf *out, int unit, int64_t value)
{
    static const int64_t scales[] = {1, 1, 1000000, 1000, 1000000};
    int64_t scale = scales[unit];
    if (value < 0)
        buf_char(out, '-');
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
    buf_i64(out, (int64_t)(magnitude / (uint64_t)scale));
    if (scale > 1)
        buf_printf(out, ".%0*lld", scale == 1000 ? 3 : 6, (long long)(magnitude % (uint64_t)scale));
}

void metric_put(const struct metric_page *page, const struct metric_label *labels, size_t n,
                int64_t value)
{
    buf_add(page->out, str_of(page->row->name));
    for (size_t i = 0; i < n; i++)
        put_label(page->out, i == 0, labels[i].name, labels[i].value);
    if (n > 0)
        buf_char(page->out, '}');
    buf_char(page->out, ' ');
    put_number(page->out, page->row->unit, value);
    buf_char(page->out, '\n');
}

/* The labels of one value; `bound` is that of a bucket, absent elsewhere. */
static void put_labels(struct buf *out, const struct metric_row *row, unsigned first,
                       unsigned second, struct str bound)
{
    const struct label_set *a = &label_sets[row->first], *b = &label_sets[row->second];
    bool none = true;
    if (a->label[0] != '\0')
        put_label(out, none, a->label, a->values[first]);
    none = a->label[0] == '\0';
    if (b->label[0] != '\0')
        put_label(out, none, b->label, b->values[second]);
    none = none && b->label[0] == '\0';
    if (bound.p != NULL)
        put_label(out, none, "le", bound);
    if (!none || bound.p != NULL)
        buf_char(out, '}');
    buf_char(out, ' ');
}

/* Buckets add up, so that the count is the last of them whatever is counted at the same time. */
static void put_histogram(struct buf *out, const struct metric_row *row, unsigned first)
{
    const _Atomic int64_t *cells = cells_of(row, first, 0);
    int64_t count = 0;
    for (unsigned i = 0; i <= BOUNDS; i++) {
        struct buf text;
        buf_init(&text, 32);
        if (i < BOUNDS)
            put_number(&text, row->unit, bounds[row->unit][i]);
        else
            BUF_LIT(&text, "+Inf");
        count += atomic_load_explicit(&cells[i], memory_order_relaxed);
        buf_printf(out, "%s_bucket", row->name);
        put_labels(out, row, first, 0, buf_str(&text));
        buf_i64(out, count);
        buf_char(out, '\n');
        buf_finish(&text);
    }
    buf_printf(out, "%s_sum", row->name);
    put_labels(out, row, first, 0, STR_NONE);
    put_number(out, row->unit, atomic_load_explicit(&cells[BOUNDS + 1], memory_order_relaxed));
    buf_printf(out, "\n%s_count", row->name);
    put_labels(out, row, first, 0, STR_NONE);
    buf_i64(out, count);
    buf_char(out, '\n');
}

static void put_counted(struct buf *out, const struct metric_row *row)
{
    for (unsigned a = 0; a < label_sets[row->first].n; a++)
        for (unsigned b = 0; b < label_sets[row->second].n; b++) {
            if (row->kind == KIND_HISTOGRAM) {
                put_histogram(out, row, a);
                continue;
            }
            int64_t value = atomic_load_explicit(cells_of(row, a, b), memory_order_relaxed);
            if (row->unit == UNIT_SINCE && value == 0)
                continue;
            buf_add(out, str_of(row->name));
            put_labels(out, row, a, b, STR_NONE);
            put_number(out, row->unit, row->unit == UNIT_SINCE ? clock_micros() - value : value);
            buf_char(out, '\n');
        }
}

void metrics_write(struct buf *out, metric_sample_fn *const samples[METRICS], void *arg)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    for (size_t i = 0; i < METRICS; i++) {
        const struct metric_row *row = &rows[i];
        size_t start = out->n;
        buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
                   kinds[row->kind]);
        size_t head = out->n;
        if (row->cells != NULL)
            put_counted(out, row);
        else if (samples[i] != NULL)
            samples[i](&(struct metric_page){out, row}, arg);
        if (out->n == head)
            buf_cut(out, start);
    }
}
