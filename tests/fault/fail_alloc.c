/*
 * Loaded into the server or the client (LD_PRELOAD) it makes chosen allocations fail. The file that
 * BZCTRL_FAIL_ALLOC names is shared with the test: two numbers of 64 bits, how many allocations
 * still succeed (0 and below: not armed) and whether those after the failed one fail too. Counted
 * are the program's own and SQLite's; GLib ends the program when it gets no memory, and what libuv
 * and the rest ask for is not ours.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

static struct plan {
    _Atomic int64_t left, for_good;
} *plan;

__attribute__((constructor)) static void map_plan(void)
{
    const char *path = getenv("BZCTRL_FAIL_ALLOC");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    void *map =
        fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (map != MAP_FAILED)
        plan = map;
}

/* Is the code that asks for memory one of those that are counted? */
static bool counted(const void *caller)
{
    static const char *const names[] = {"bzctrl", "libbzctrl", "libsqlite3"};
    Dl_info info;
    if (dladdr(caller, &info) == 0 || info.dli_fname == NULL)
        return false;
    const char *slash = strrchr(info.dli_fname, '/'),
               *name = slash == NULL ? info.dli_fname : slash + 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static bool fails(const void *caller)
{
    if (plan == NULL || atomic_load(&plan->left) <= 0 || !counted(caller))
        return false;
    if (atomic_load(&plan->for_good) != 0 && atomic_load(&plan->left) == 1) {
        errno = ENOMEM;
        return true;
    }
    if (atomic_fetch_sub(&plan->left, 1) != 1)
        return false;
    errno = ENOMEM;
    return true;
}

#pragma GCC visibility push(default)
void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}
#pragma GCC visibility pop
