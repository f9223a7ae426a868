/*
 * The caller's trace (W3C Trace Context, https://www.w3.org/TR/trace-context/): its id goes into the
 * log of requests and the server's log, so that one call can be found in both and in the caller's own
 * tools. Nothing depends on it, so a header that is not valid counts as none (section 4.3). No answer
 * carries one: the recommendation defines the header for requests only.
 */
#ifndef BZCTRL_API_TRACE_H
#define BZCTRL_API_TRACE_H

#include "base/str.h"

struct call;

/* Hexadecimal digits of the header, borrowed; both absent: the caller has sent no valid one. */
struct trace {
    struct str id;     /* of the trace, 32 */
    struct str parent; /* of the caller's span, 16 */
};

/* Reads the value of a traceparent (section 3.2); a later version by what this one knows of it. */
struct trace trace_read(struct str value);

/* That of a call; two headers count as none. */
struct trace call_trace(const struct call *call);

#endif
