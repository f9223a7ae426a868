/*
 * Errors are values. Every function that can fail returns an enum err; zero is success. The
 * detail that a person needs is written once, where the fault is seen (struct op in op.h), and the
 * code travels upwards unchanged. Only api/problem.c turns codes into HTTP.
 */
#ifndef BZCTRL_BASE_ERR_H
#define BZCTRL_BASE_ERR_H

enum err {
#define ERR(name, meaning) ERR_##name,
#include "base/err.def"
#undef ERR
};

/* Put before each function whose result must not be ignored. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Lets the compiler check printf-like arguments. */
#define PRINTF_LIKE(text, first) __attribute__((__format__(__printf__, text, first)))

/* The name as written in err.def ("NOT_FOUND"), for logs. Never fails. */
const char *err_name(enum err err);

/* The meaning as written in err.def ("done"), for people. Never fails. */
const char *err_meaning(enum err err);

#endif
