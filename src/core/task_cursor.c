#include "core/task_cursor.h"

#include "base/hash.h"

enum { CURSOR_SIZE = 18 }; /* the order, the phase, the value, and the id */

struct task_place task_place(const struct task_list_request *request, const struct task *task,
                             enum task_phase phase)
{
    struct task_place place = {.phase = phase, .id = task->id};
    switch (request->sort) {
    case SORT_CREATED:
        break;
    case SORT_UPDATED:
        place.value = task->updated_at;
        break;
    case SORT_DUE:
        place.none = task->due_date == DATE_NONE;
        place.value = task->due_date;
        break;
    case SORT_PRIORITY:
        place.none = task->priority == LEVEL_NONE;
        place.value = -(int64_t)task->priority; /* High is the greatest */
        break;
    case SORT_AMOUNT:
        place.none = task->financial_impact == CENTS_NONE;
        place.value = task->financial_impact;
        break;
    }
    if (place.none)
        place.value = 0;
    return place;
}

int task_place_cmp(const struct task_list_request *request, const struct task_place *a,
                   const struct task_place *b)
{
    if (a->phase != b->phase)
        return a->phase < b->phase ? -1 : 1;
    if (a->none != b->none)
        return b->none ? -1 : 1;
    if (a->value != b->value)
        return (a->value < b->value) != request->descending ? -1 : 1;
    if (a->id == b->id)
        return 0;
    bool oldest_first = request->sort == SORT_CREATED && !request->descending;
    return (a->id < b->id) == oldest_first ? -1 : 1;
}

/* ---- as a text ---- */

static unsigned char order_byte(const struct task_list_request *request)
{
    return (unsigned char)(2 * (unsigned)request->sort + request->descending);
}

static void i64_write(int64_t value, unsigned char bytes[8])
{
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (unsigned char)((uint64_t)value >> (56 - 8 * i));
}

static int64_t i64_read(const unsigned char bytes[8])
{
    uint64_t value = 0;
    for (size_t i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

void buf_task_cursor(struct buf *buf, const struct task_list_request *request,
                     const struct task_place *place)
{
    unsigned char bytes[CURSOR_SIZE] = {order_byte(request),
                                        (unsigned char)(2 * (unsigned)place->phase + place->none)};
    i64_write(place->value, bytes + 2);
    i64_write(place->id, bytes + 10);
    buf_base64url(buf, bytes, sizeof bytes);
}

struct str task_cursor_keep(struct str next, char ret_kept[TASK_LIST_CURSOR_MAX])
{
    if (next.p == NULL)
        return STR_NONE;
    for (size_t i = 0; i < next.n; i++) /* task_next() has bounded it */
        ret_kept[i] = next.p[i];
    return (struct str){ret_kept, next.n};
}

bool task_cursor_read(const struct task_list_request *request, struct str text,
                      struct task_place *ret_place)
{
    unsigned char bytes[CURSOR_SIZE];
    if (!base64url_read(text, bytes, sizeof bytes) || bytes[0] != order_byte(request) ||
        bytes[1] > 2 * PHASE_ONE + 1)
        return false;
    struct task_place place = {.phase = (enum task_phase)(bytes[1] / 2),
                               .none = bytes[1] % 2 != 0,
                               .value = i64_read(bytes + 2),
                               .id = i64_read(bytes + 10)};
    if (place.id <= 0)
        return false;
    *ret_place = place;
    return true;
}
