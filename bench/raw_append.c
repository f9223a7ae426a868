/*
 * The limit of the disk: appends as many bytes per batch as the rows of a batch take, with one
 * fdatasync each, and nothing else.
 *
 *   raw_append --file FILE [--batch N] [--bytes PER-ROW] [--seconds S]
 *
 * Prints one line of JSON: rows_per_second, p50_us and p99_us of a batch.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LATENCIES_MAX = 1 << 22 };

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int double_cmp(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int fail(const char *what)
{
    perror(what);
    return 1;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {
        {"file", required_argument, NULL, 'f'},
        {"batch", required_argument, NULL, 'b'},
        {"bytes", required_argument, NULL, 'y'},
        {"seconds", required_argument, NULL, 's'},
        {0},
    };
    const char *path = NULL;
    size_t batch = 64, bytes = 500;
    double seconds = 3;
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (name == 'f')
            path = optarg;
        else if (name == 'b')
            batch = strtoul(optarg, NULL, 10);
        else if (name == 'y')
            bytes = strtoul(optarg, NULL, 10);
        else if (name == 's')
            seconds = strtod(optarg, NULL);
        else
            return 64;
    }
    if (path == NULL || batch == 0 || bytes == 0 || batch > ((size_t)1 << 30) / bytes) {
        fprintf(stderr, "usage: raw_append --file FILE [--batch N] [--bytes N] [--seconds S]\n");
        return 64;
    }

    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(path);
    size_t size = batch * bytes, n = 0;
    char *block = malloc(size);
    double *latencies = calloc(LATENCIES_MAX, sizeof *latencies);
    if (block == NULL || latencies == NULL)
        return fail("memory");
    memset(block, 'x', size);

    double start = microseconds(), end = start + seconds * 1e6, now = start;
    while (now < end && n < LATENCIES_MAX) {
        double before = now;
        for (size_t done = 0; done < size;) {
            ssize_t written = write(fd, block + done, size - done);
            if (written < 0)
                return fail("write");
            done += (size_t)written;
        }
        if (fdatasync(fd) != 0)
            return fail("fdatasync");
        now = microseconds();
        latencies[n++] = now - before;
    }
    qsort(latencies, n, sizeof *latencies, double_cmp);
    printf("{\"rows_per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"batch\":%zu,"
           "\"bytes_per_row\":%zu}\n",
           (double)(n * batch) / (now - start) * 1e6, latencies[n / 2], latencies[n * 99 / 100],
           batch, bytes);
    free(latencies);
    free(block);
    close(fd);
    return 0;
}
