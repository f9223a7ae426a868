#include "base/err.h"

#include <stddef.h>

static const struct {
    const char *name;
    const char *meaning;
} errors[] = {
#define ERR(name, meaning) {#name, meaning},
#include "base/err.def"
#undef ERR
};

const char *err_name(enum err err)
{
    return errors[(size_t)err].name;
}

const char *err_meaning(enum err err)
{
    return errors[(size_t)err].meaning;
}
