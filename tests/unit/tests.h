/* What every unit test includes: cmocka in the order that it needs, and a check for struct str. */
#ifndef BZCTRL_TESTS_H
#define BZCTRL_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

/* The text is exactly this literal; prints both when not. */
#define assert_str(actual, literal)                                                                \
    do {                                                                                           \
        struct str assert_str_ = (actual);                                                         \
        assert_non_null(assert_str_.p);                                                            \
        if (!str_eq(assert_str_, str_of(literal)))                                                 \
            fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(assert_str_), (literal));                   \
    } while (0)

#endif
