#include "core/task_cursor.h"

#include "base/hash.h"

enum { CURSOR_SIZE = 9 }; /* the order, and the id */

void buf_task_cursor(struct buf *buf, bool oldest_first, int64_t id)
{
    unsigned char bytes[CURSOR_SIZE] = {oldest_first ? 'o' : 'n'};
    for (size_t i = 1; i < CURSOR_SIZE; i++)
        bytes[i] = (unsigned char)((uint64_t)id >> (8 * (CURSOR_SIZE - 1 - i)));
    buf_base64url(buf, bytes, sizeof bytes);
}

bool task_cursor_read(struct str text, bool oldest_first, int64_t *ret_id)
{
    unsigned char bytes[CURSOR_SIZE];
    if (!base64url_read(text, bytes, sizeof bytes) || bytes[0] != (oldest_first ? 'o' : 'n'))
        return false;
    uint64_t id = 0;
    for (size_t i = 1; i < CURSOR_SIZE; i++)
        id = id << 8 | bytes[i];
    if (id == 0 || id > INT64_MAX)
        return false;
    *ret_id = (int64_t)id;
    return true;
}
