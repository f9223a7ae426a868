#include "api/trace.h"

#include "api/call.h"

/* "00-" and 32 digits, "-" and 16, "-" and 2. */
enum { TRACE_ID_AT = 3, TRACE_ID_N = 32, PARENT_AT = 36, PARENT_N = 16, FLAGS_AT = 53, END = 55 };

/* The digits are small letters (section 2.3.1, HEXDIGLC). */
static bool is_hex(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
            return false;
    return true;
}

static bool is_zero(struct str s)
{
    size_t i = 0;
    while (i < s.n && s.p[i] == '0')
        i++;
    return i == s.n;
}

struct trace trace_read(struct str value)
{
    const struct trace none = {STR_NONE, STR_NONE};
    struct str version = str_sub(value, 0, 2);
    struct trace trace = {str_sub(value, TRACE_ID_AT, TRACE_ID_N),
                          str_sub(value, PARENT_AT, PARENT_N)};
    if (value.n < END || value.p[2] != '-' || value.p[PARENT_AT - 1] != '-' ||
        value.p[FLAGS_AT - 1] != '-')
        return none;
    if (!is_hex(version) || !is_hex(trace.id) || !is_hex(trace.parent) ||
        !is_hex(str_sub(value, FLAGS_AT, 2)) || is_zero(trace.id) || is_zero(trace.parent))
        return none;
    /* This version ends here; a later one may have more, after another dash. */
    bool ends = value.n == END, goes_on = !ends && value.p[END] == '-';
    bool known = is_zero(version) ? ends : ends || goes_on;
    return known && !str_eq(version, STR("ff")) ? trace : none;
}

struct trace call_trace(const struct call *call)
{
    static const struct str name = STR_INIT("traceparent");
    return http_header_count(call->request, name) == 1
               ? trace_read(http_header_get(call->request, name))
               : trace_read(STR(""));
}
