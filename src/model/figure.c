#include "model/figure.h"

#include "base/hash.h"
#include "base/id.h"
#include "model/task_state.h"

enum { HASH_BYTES = sizeof(uint64_t) };

static const int64_t DAY_MS = INT64_C(86400000);

/* The small fields share one number. The flags say what follows and what is as in the figure before:
 * records that come one after another often have the workspace and the source in common. */
enum {
    STATUS_SHIFT = 1,
    PRIORITY_SHIFT = 3,
    IMPACT_SHIFT = 5,
    LIKELIHOOD_SHIFT = 7,
    HAS_AMOUNT = 1 << 9,
    HAS_DUE = 1 << 10,
    SAME_WORKSPACE = 1 << 11,
    SAME_SOURCE = 1 << 12,
    ASSIGNED_TO_REPORTER = 1 << 13,
};

uint64_t figure_category(struct str category)
{
    struct sha256 hash = sha256(category);
    uint64_t number = 0;
    for (size_t i = 0; i < HASH_BYTES; i++)
        number = number << 8 | hash.bytes[i];
    return number;
}

void figure_make(const struct task *task, struct figure *ret_figure)
{
    *ret_figure = (struct figure){
        .id = task->id,
        .workspace_id = task->workspace_id,
        .assignee_id = task->assignee_id,
        .reporter_id = task->reporter_id,
        .source_id = task->source_id,
        .created_at = task->created_at,
        .updated_at = task->updated_at,
        .closed_at = task_closed_at(task),
        .financial_impact = task->financial_impact,
        .due_moves = task->due_moves,
        .due_date = task->due_date,
        .type = task->type,
        .status = task->status,
        .priority = task->priority,
        .impact = task->impact,
        .likelihood = task->likelihood,
    };
    for (size_t i = 0; i < task->category.n; i++) {
        uint64_t hash = figure_category(task->category.items[i]);
        size_t n = 0;
        while (n < ret_figure->category_count && ret_figure->categories[n] != hash)
            n++;
        if (n == ret_figure->category_count && n < FIGURE_CATEGORIES_MAX)
            ret_figure->categories[ret_figure->category_count++] = hash;
    }
}

void figure_fill(const struct figure *figure, struct task *task)
{
    task->id = figure->id;
    task->workspace_id = figure->workspace_id;
    task->assignee_id = figure->assignee_id;
    task->reporter_id = figure->reporter_id;
    task->source_id = figure->source_id;
    task->created_at = figure->created_at;
    task->updated_at = figure->updated_at;
    task->closed_at = figure->closed_at;
    task->closed_by = figure->source_id; /* anybody: then closed_at is what counts */
    task->financial_impact = figure->financial_impact;
    task->due_moves = figure->due_moves;
    task->due_date = figure->due_date;
    task->type = figure->type;
    task->status = figure->status;
    task->priority = figure->priority;
    task->impact = figure->impact;
    task->likelihood = figure->likelihood;
}

/* ---- numbers ---- */

/* Seven bits a byte, the lowest first; all but the last byte have the eighth bit. */
static void put(struct buf *buf, uint64_t number)
{
    char bytes[10];
    size_t n = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[n++] = (char)(number | 0x80);
    bytes[n++] = (char)number;
    buf_bytes(buf, bytes, n);
}

/* Numbers near 0 are short, whatever their sign. */
static void put_signed(struct buf *buf, int64_t number)
{
    put(buf, ((uint64_t)number << 1) ^ (uint64_t)(number < 0 ? -1 : 0));
}

/* Beyond the end it is 0, and *chunk is absent. */
static uint64_t get(struct str *chunk)
{
    uint64_t number = 0;
    for (size_t i = 0; i < chunk->n && i < 10; i++) {
        unsigned char byte = (unsigned char)chunk->p[i];
        number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            chunk->p += i + 1;
            chunk->n -= i + 1;
            return number;
        }
    }
    *chunk = STR_NONE;
    return 0;
}

static int64_t get_i64(struct str *chunk)
{
    return (int64_t)get(chunk);
}

static int64_t get_signed(struct str *chunk)
{
    uint64_t number = get(chunk);
    return (int64_t)(number >> 1) ^ -(int64_t)(number & 1);
}

/* Nothing is undefined of bytes that were damaged. */
static int64_t plus(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* ---- figures ---- */

void buf_figure(struct buf *buf, const struct figure *figure, const struct figure *before)
{
    static const struct figure none = {0};
    const struct figure *last = before == NULL ? &none : before;
    uint64_t flags = (uint64_t)(figure->type - 1) | (uint64_t)(figure->status - 1) << STATUS_SHIFT |
                     (uint64_t)figure->priority << PRIORITY_SHIFT |
                     (uint64_t)figure->impact << IMPACT_SHIFT |
                     (uint64_t)figure->likelihood << LIKELIHOOD_SHIFT;
    flags |= figure->financial_impact != CENTS_NONE ? HAS_AMOUNT : 0;
    flags |= figure->due_date != DATE_NONE ? HAS_DUE : 0;
    flags |= figure->workspace_id == last->workspace_id ? SAME_WORKSPACE : 0;
    flags |= figure->source_id == last->source_id ? SAME_SOURCE : 0;
    flags |= figure->assignee_id == figure->reporter_id ? ASSIGNED_TO_REPORTER : 0;
    put(buf, (uint64_t)(figure->id - last->id));
    put(buf, flags);
    if (!(flags & SAME_WORKSPACE))
        put(buf, (uint64_t)figure->workspace_id);
    if (!(flags & SAME_SOURCE))
        put(buf, (uint64_t)figure->source_id);
    put(buf, (uint64_t)figure->reporter_id);
    if (!(flags & ASSIGNED_TO_REPORTER))
        put(buf, (uint64_t)figure->assignee_id);
    put_signed(buf, figure->created_at - id_time(figure->id));
    put_signed(buf, figure->updated_at - figure->created_at);
    if (figure->status == STATUS_DONE)
        put_signed(buf, figure->closed_at - figure->created_at);
    if (flags & HAS_AMOUNT)
        put(buf, (uint64_t)figure->financial_impact);
    if (flags & HAS_DUE)
        put_signed(buf, figure->due_date - figure->created_at / DAY_MS);
    put(buf, (uint64_t)figure->due_moves);
    put(buf, figure->category_count);
    for (size_t i = 0; i < figure->category_count; i++)
        for (size_t k = 0; k < HASH_BYTES; k++)
            buf_char(buf, (char)(figure->categories[i] >> (8 * k)));
}

bool figure_next(struct str *chunk, struct figure *figure)
{
    if (chunk->n == 0)
        return false;
    figure->id = plus(figure->id, get_i64(chunk));
    uint64_t flags = get(chunk);
    figure->type = (enum task_type)((flags & 1) + 1);
    figure->status = (enum task_status)((flags >> STATUS_SHIFT & 3) + 1);
    figure->priority = (enum level)(flags >> PRIORITY_SHIFT & 3);
    figure->impact = (enum level)(flags >> IMPACT_SHIFT & 3);
    figure->likelihood = (enum level)(flags >> LIKELIHOOD_SHIFT & 3);
    if (!(flags & SAME_WORKSPACE))
        figure->workspace_id = get_i64(chunk);
    if (!(flags & SAME_SOURCE))
        figure->source_id = get_i64(chunk);
    figure->reporter_id = get_i64(chunk);
    figure->assignee_id = flags & ASSIGNED_TO_REPORTER ? figure->reporter_id : get_i64(chunk);
    figure->created_at = plus(id_time(figure->id), get_signed(chunk));
    figure->updated_at = plus(figure->created_at, get_signed(chunk));
    figure->closed_at =
        figure->status == STATUS_DONE ? plus(figure->created_at, get_signed(chunk)) : TIME_NONE;
    figure->financial_impact = flags & HAS_AMOUNT ? get_i64(chunk) : CENTS_NONE;
    figure->due_date =
        flags & HAS_DUE ? (int32_t)plus(figure->created_at / DAY_MS, get_signed(chunk)) : DATE_NONE;
    figure->due_moves = get_i64(chunk);
    figure->category_count = get(chunk);
    if (chunk->p == NULL || figure->category_count > FIGURE_CATEGORIES_MAX ||
        figure->category_count * HASH_BYTES > chunk->n)
        return false;
    for (size_t i = 0; i < figure->category_count; i++) {
        uint64_t hash = 0;
        for (size_t k = 0; k < HASH_BYTES; k++)
            hash |= (uint64_t)(unsigned char)chunk->p[HASH_BYTES * i + k] << (8 * k);
        figure->categories[i] = hash;
    }
    *chunk = str_from(*chunk, figure->category_count * HASH_BYTES);
    return true;
}
