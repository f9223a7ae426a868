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
    struct str text = {(const char *)data, size};
    int64_t newest = 0, oldest = 0;
    bool by_newest = task_cursor_read(text, false, &newest);
    bool by_oldest = task_cursor_read(text, true, &oldest);
    must(!by_newest || !by_oldest);
    must(newest >= 0 && oldest >= 0);
    if (by_newest || by_oldest) {
        struct buf again;
        buf_init(&again, 64);
        buf_task_cursor(&again, by_oldest, by_oldest ? oldest : newest);
        must(buf_err(&again) == ERR_OK && str_eq(buf_str(&again), text));
        buf_finish(&again);
    }
    return 0;
}
