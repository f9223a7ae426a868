#include "base/watch.h"

#include <stddef.h>

bool watch_tell(const struct watch *watch, const char *name, int64_t done, int64_t total)
{
    struct watch_step step = {name, done, total};
    return watch == NULL || watch->step == NULL || watch->step(watch->arg, &step);
}
