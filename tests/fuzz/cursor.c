/*
 * A list's cursor against any bytes. Oracle: what is read is what was written, to the byte, and
 * only in its own order.
 */
#include "core/task_cursor.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum task_sort sorts[] = {SORT_CREATED, SORT_UPDATED, SORT_DUE, SORT_PRIORITY,
                                           SORT_AMOUNT};
    struct str text = {(const char *)data, size};
    int read = 0;
    for (size_t i = 0; i < 10; i++) {
        struct task_list_request request = {.sort = sorts[i / 2], .descending = i % 2};
        struct task_place place = {0};
        if (!task_cursor_read(&request, text, &place))
            continue;
        struct buf again;
        buf_init(&again, 64);
        buf_task_cursor(&again, &request, &place);
        must(place.id > 0 && place.phase <= PHASE_ONE);
        must(buf_err(&again) == ERR_OK && str_eq(buf_str(&again), text));
        buf_finish(&again);
        read++;
    }
    must(read <= 1);
    return 0;
}
