/*
 * The log: one logfmt line per event on standard error. Only the edges log (server, api boundary,
 * jobs); never a token, a password or a body. Values are quoted and escaped here, so nothing from
 * outside can forge a line.
 */
#ifndef BZCTRL_BASE_LOG_H
#define BZCTRL_BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO };

struct log_field {
    const char *name; /* NULL: left out */
    struct str text;  /* absent: `number` counts */
    int64_t number;
};

#define LOG_TEXT(name, value) ((struct log_field){(name), (value), 0})
#define LOG_TEXT_IF_ANY(name, value)                                                               \
    ((struct log_field){(value).p == NULL ? NULL : (name), (value), 0})
#define LOG_NUM(name, value) ((struct log_field){(name), STR_NONE, (value)})

/* Writes one line: time, level, message, then the fields. Cannot fail. */
void log_line(enum log_level level, const char *message, const struct log_field *fields, size_t n);

/* LOG(LOG_INFO, "listening", LOG_TEXT("address", address)); the fields may be left out. */
#define LOG(level, message, ...)                                                                   \
    log_line((level), (message), (const struct log_field[]){{0}, ##__VA_ARGS__} + 1,               \
             sizeof((const struct log_field[]){{0}, ##__VA_ARGS__}) / sizeof(struct log_field) -   \
                 1)

#endif
