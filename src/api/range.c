#include "api/range.h"

enum range_kind range_read(struct str value, int64_t size, int64_t *ret_from, int64_t *ret_end)
{
    static const struct str unit = STR_INIT("bytes=");
    uint64_t from = 0, last = 0, most = (uint64_t)INT64_MAX - 1;
    if (!str_eq_case(str_sub(value, 0, unit.n), unit))
        return RANGE_WHOLE;
    struct str end = str_trim(str_from(value, unit.n)), begin = str_cut(&end, '-');
    if (end.p == NULL || (begin.n > 0 && !str_to_u64(begin, most, &from)) ||
        (end.n > 0 && !str_to_u64(end, most, &last)) || (begin.n == 0 && end.n == 0))
        return RANGE_WHOLE; /* several of them, too */
    uint64_t all = (uint64_t)size;
    if (begin.n == 0 && last == 0)
        return RANGE_BEYOND;
    if (begin.n == 0) { /* the last bytes */
        from = last < all ? all - last : 0;
        last = all - 1;
    } else if (end.n == 0) {
        last = all - 1;
    } else if (last < from) {
        return RANGE_WHOLE; /* malformed: section 14.1.1 */
    }
    if (from >= all)
        return RANGE_BEYOND;
    if (last >= all)
        last = all - 1;
    *ret_from = (int64_t)from;
    *ret_end = (int64_t)last + 1;
    return RANGE_PART;
}
