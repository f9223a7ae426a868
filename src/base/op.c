#include "base/op.h"

#include <stdarg.h>
#include <stdio.h>

enum err op_fail(struct op *op, enum err err, const char *format, ...)
{
    if (op->detail[0] == '\0') {
        va_list args;
        va_start(args, format);
        vsnprintf(op->detail, sizeof op->detail, format, args);
        va_end(args);
    }
    return err;
}
