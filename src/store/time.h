/* Times in columns, where none is NULL. */
#ifndef BZCTRL_STORE_TIME_H
#define BZCTRL_STORE_TIME_H

#include "db/db.h"
#include "model/date.h"

static inline int64_t time_or_none(const struct db_rows *rows, size_t row, size_t column)
{
    return db_is_null(rows, row, column) ? TIME_NONE : db_get_i64(rows, row, column);
}

static inline struct db_value time_or_null(int64_t time)
{
    return time == TIME_NONE ? db_null() : db_i64(time);
}

#endif
