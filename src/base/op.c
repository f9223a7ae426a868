#include "base/op.h"

#include <stdarg.h>
#include <stdio.h>

static void PRINTF_LIKE(2, 0) say(struct op *op, const char *format, va_list args)
{
    if (op->detail[0] == '\0')
        vsnprintf(op->detail, sizeof op->detail, format, args);
}

enum err op_fail(struct op *op, enum err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(op, format, args);
    va_end(args);
    return err;
}

void op_say(struct op *op, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(op, format, args);
    va_end(args);
}

void op_forget(struct op *op)
{
    op->detail[0] = '\0';
}
