#include "admin/diff.h"

enum { CONTEXT = 3, CELLS_MAX = 4 * 1024 * 1024 };

struct lines {
    struct str *items;
    size_t n;
};

/* One line of the result. */
struct diff_line {
    char mark; /* ' ', '-' or '+' */
    struct str line;
};

struct steps {
    struct diff_line *items;
    size_t n;
};

static bool split(struct op *op, struct str text, struct lines *ret_lines)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    struct lines lines = {ARENA_ARRAY(op->arena, struct str, n + 1), 0};
    if (lines.items == NULL)
        return false;
    while (text.n > 0)
        lines.items[lines.n++] = str_cut(&text, '\n');
    *ret_lines = lines;
    return true;
}

static void step_add(struct steps *steps, char mark, struct str line)
{
    steps->items[steps->n++] = (struct diff_line){mark, line};
}

/* The middle, where neither first nor last lines are equal: by the longest common subsequence. */
static bool middle(struct op *op, struct lines a, struct lines b, struct steps *steps)
{
    size_t i = 0, k = 0, width = b.n + 1;
    bool small = (a.n + 1) <= CELLS_MAX / width;
    uint16_t *common = small ? ARENA_ARRAY(op->arena, uint16_t, (a.n + 1) * width) : NULL;
    if (small && common == NULL)
        return false;
    for (size_t x = small ? a.n : 0; x-- > 0;)
        for (size_t y = b.n; y-- > 0;) {
            uint16_t down = common[(x + 1) * width + y], right = common[x * width + y + 1];
            common[x * width + y] = str_eq(a.items[x], b.items[y])
                                        ? (uint16_t)(common[(x + 1) * width + y + 1] + 1)
                                    : down > right ? down
                                                   : right;
        }
    while (small && i < a.n && k < b.n)
        if (str_eq(a.items[i], b.items[k])) {
            step_add(steps, ' ', a.items[i++]);
            k++;
        } else if (common[(i + 1) * width + k] >= common[i * width + k + 1]) {
            step_add(steps, '-', a.items[i++]);
        } else {
            step_add(steps, '+', b.items[k++]);
        }
    while (i < a.n)
        step_add(steps, '-', a.items[i++]);
    while (k < b.n)
        step_add(steps, '+', b.items[k++]);
    return true;
}

static bool compare(struct op *op, struct lines a, struct lines b, struct steps *ret_steps)
{
    struct steps steps = {ARENA_ARRAY(op->arena, struct diff_line, a.n + b.n), 0};
    size_t head = 0, tail = 0, shorter = a.n < b.n ? a.n : b.n;
    if (steps.items == NULL)
        return false;
    while (head < shorter && str_eq(a.items[head], b.items[head]))
        step_add(&steps, ' ', a.items[head++]);
    while (tail < shorter - head && str_eq(a.items[a.n - 1 - tail], b.items[b.n - 1 - tail]))
        tail++;
    if (!middle(op, (struct lines){a.items + head, a.n - head - tail},
                (struct lines){b.items + head, b.n - head - tail}, &steps))
        return false;
    for (size_t i = a.n - tail; i < a.n; i++)
        step_add(&steps, ' ', a.items[i]);
    *ret_steps = steps;
    return true;
}

/* Where in each text a hunk begins, and how many of its lines it has: "-3,7 +3,8". */
static void hunk_write(struct buf *buf, const struct steps *steps, size_t from, size_t to)
{
    size_t at[2] = {0, 0}, n[2] = {0, 0};
    for (size_t i = 0; i < to; i++) {
        size_t *count = i < from ? at : n;
        count[0] += steps->items[i].mark != '+';
        count[1] += steps->items[i].mark != '-';
    }
    buf_printf(buf, "@@ -%zu,%zu +%zu,%zu @@\n", at[0] + (n[0] > 0), n[0], at[1] + (n[1] > 0),
               n[1]);
    for (size_t i = from; i < to; i++) {
        buf_char(buf, steps->items[i].mark);
        buf_add(buf, steps->items[i].line);
        buf_char(buf, '\n');
    }
}

enum err buf_diff(struct op *op, struct str before, struct str after, struct buf *buf)
{
    struct lines a, b;
    struct steps steps;
    if (!split(op, before, &a) || !split(op, after, &b) || !compare(op, a, b, &steps))
        return ERR_MEMORY;
    for (size_t i = 0; i < steps.n; i++) {
        if (steps.items[i].mark == ' ')
            continue;
        size_t from = i > CONTEXT ? i - CONTEXT : 0, last = i;
        for (; i < steps.n && i <= last + 2 * CONTEXT; i++)
            if (steps.items[i].mark != ' ')
                last = i;
        size_t to = last + 1 + CONTEXT < steps.n ? last + 1 + CONTEXT : steps.n;
        hunk_write(buf, &steps, from, to);
        i = to - 1;
    }
    return buf_err(buf);
}
