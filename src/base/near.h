/*
 * "Did you mean": the known name that an unknown one resembles. They differ by a typing error or
 * two, depending on their length.
 */
#ifndef BZCTRL_BASE_NEAR_H
#define BZCTRL_BASE_NEAR_H

#include "base/str.h"

struct near {
    struct str name; /* unknown; the caller's */
    struct str best; /* of those that were looked at; absent: none resembles it */
    size_t slips;    /* by which it differs */
};

/* Keeps `known` if it resembles the name more than the best so far. */
void near_look(struct near *near, struct str known);

#endif
