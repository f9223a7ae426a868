/*
 * Loaded into a program (LD_PRELOAD) it makes the name "receiver.test" resolve to the IPv4 addresses in the file that
 * BZCTRL_NAMES names: one for each look-up, the last one for all that come after. The name "hanging.test" never resolves to
 * anything: its look-up does not come back.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int lookups;

#pragma GCC visibility push(default)
int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict ret_list)
{
    typedef int resolve(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    resolve *next;
    const char *file = getenv("BZCTRL_NAMES");
    char line[64], address[64] = "";
    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    while (name != NULL && strcmp(name, "hanging.test") == 0)
        pause();
    if (name == NULL || file == NULL || strcmp(name, "receiver.test") != 0)
        return next(name, service, hints, ret_list);
    FILE *lines = fopen(file, "re");
    int wanted = atomic_fetch_add(&lookups, 1);
    for (int i = 0; lines != NULL && i <= wanted && fgets(line, sizeof line, lines) != NULL; i++)
        snprintf(address, sizeof address, "%.*s", (int)strcspn(line, "\n"), line);
    if (lines != NULL)
        fclose(lines);
    return next(address, service, hints, ret_list);
}
#pragma GCC visibility pop
