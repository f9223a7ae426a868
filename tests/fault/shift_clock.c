/*
 * Loaded into a program (LD_PRELOAD) it shifts the wall clock by as many seconds as
 * BZCTRL_SHIFT_CLOCK says: a machine whose clock is wrong. Other clocks go on.
 *
 * BZCTRL_SHIFT_FILE names a file of eight bytes in this machine's order, as many seconds, that a test
 * may change while the program runs.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *changing;

__attribute__((constructor)) static void file_open(void)
{
    const char *name = getenv("BZCTRL_SHIFT_FILE");
    int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *changing, PROT_READ, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED)
        changing = at;
    if (fd >= 0)
        close(fd);
}

static time_t shift(void)
{
    const char *text = getenv("BZCTRL_SHIFT_CLOCK");
    time_t fixed = text == NULL ? 0 : (time_t)atoll(text);
    return changing == NULL ? fixed : fixed + (time_t)*changing;
}

#pragma GCC visibility push(default)
int clock_gettime(clockid_t id, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, id, time);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        time->tv_sec += shift();
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret_time)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret_time != NULL)
        *ret_time = now.tv_sec;
    return now.tv_sec;
}
#pragma GCC visibility pop
