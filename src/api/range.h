/*
 * The Range header (RFC 9110 section 14.2): one range of bytes. Pure.
 */
#ifndef BZCTRL_API_RANGE_H
#define BZCTRL_API_RANGE_H

#include "base/str.h"

enum range_kind {
    RANGE_WHOLE,  /* none is asked for, or in a way that a server may ignore: all is sent */
    RANGE_PART,   /* 206 */
    RANGE_BEYOND, /* 416: nothing of it is there */
};

/* Reads the header's value (absent: none) for something of `size` bytes, more than 0. The part is
 * from *ret_from up to and without *ret_end. */
enum range_kind range_read(struct str value, int64_t size, int64_t *ret_from, int64_t *ret_end);

#endif
