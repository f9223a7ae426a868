#include "model/faults.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

enum { EXCERPT_MAX = 60, DETAIL_MAX = 512 };

static const struct str code_names[] = {
#define FAULT(name, code) [FAULT_##name] = {code, sizeof(code) - 1},
#include "model/fault_code.def"
#undef FAULT
};

struct str fault_code_name(enum fault_code code)
{
    return code_names[code];
}

void faults_init(struct faults *faults, struct arena *arena)
{
    *faults = (struct faults){.arena = arena};
}

struct str fault_excerpt(struct str text)
{
    return utf8_cut(text, EXCERPT_MAX);
}

/* The base, and "/name" or "/name/3", with '~' as "~0" and '/' as "~1" (RFC 6901, section 3). */
static struct str make_pointer(const struct faults *faults, struct str name, size_t index)
{
    struct buf buf;
    if (name.p == NULL)
        return faults->base.p == NULL ? STR("") : faults->base;
    buf_init(&buf, faults->base.n + 2 * name.n + 32);
    buf_add(&buf, faults->base);
    buf_char(&buf, '/');
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '~')
            BUF_LIT(&buf, "~0");
        else if (name.p[i] == '/')
            BUF_LIT(&buf, "~1");
        else
            buf_char(&buf, name.p[i]);
    }
    if (index != FAULT_WHOLE)
        buf_printf(&buf, "/%zu", index);
    struct str pointer =
        buf_err(&buf) == ERR_OK ? arena_str(faults->arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    return pointer;
}

static bool faults_grow(struct faults *faults)
{
    size_t capacity = faults->capacity == 0 ? 8 : 4 * faults->capacity;
    struct fault *items = ARENA_ARRAY(faults->arena, struct fault, capacity);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < faults->n; i++)
        items[i] = faults->items[i];
    faults->items = items;
    faults->capacity = capacity;
    return true;
}

void fault_add(struct faults *faults, struct str name, size_t index, enum fault_code code,
               struct str_list allowed, const char *detail, ...)
{
    if (faults->n == FAULTS_MAX) {
        faults->more = true;
        return;
    }
    if (faults->n == faults->capacity && !faults_grow(faults)) {
        faults->err = ERR_MEMORY;
        return;
    }
    char text[DETAIL_MAX];
    va_list args;
    va_start(args, detail);
    vsnprintf(text, sizeof text, detail, args);
    va_end(args);
    struct fault fault = {
        .pointer = make_pointer(faults, name, index),
        .code = code,
        .detail = arena_str(faults->arena, str_of(text)),
        .allowed = allowed,
    };
    if (fault.pointer.p == NULL || fault.detail.p == NULL) {
        faults->err = ERR_MEMORY;
        return;
    }
    faults->items[faults->n++] = fault;
}

bool faults_have(const struct faults *faults, const char *pointer)
{
    for (size_t i = 0; i < faults->n; i++)
        if (str_eq(faults->items[i].pointer, str_of(pointer)))
            return true;
    return false;
}
