#include "cli/outfile.h"

#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_write(const struct outfile *out)
{
    return fail(EXIT_STORAGE, "%s cannot be written: %s", out->name, strerror(errno));
}

int outfile_open(struct outfile *out, const char *name)
{
    struct stat status;
    *out = (struct outfile){0};
    int n = snprintf(out->name, sizeof out->name, "%s", name),
        m = snprintf(out->unfinished, sizeof out->unfinished, "%s.XXXXXX", name);
    if ((size_t)n >= sizeof out->name || (size_t)m >= sizeof out->unfinished)
        return fail(EXIT_USAGE, "the file name %.100s… is too long", name);
    if (stat(name, &status) == 0 && !S_ISREG(status.st_mode)) {
        out->unfinished[0] = '\0';
        out->file = fopen(name, "we");
        return out->file == NULL ? fail_write(out) : EXIT_DONE;
    }
    int fd = mkostemp(out->unfinished, O_CLOEXEC); /* mode 0600, and a new file */
    if (fd < 0)
        return fail_write(out);
    out->file = fdopen(fd, "w");
    if (out->file != NULL)
        return EXIT_DONE;
    int code = fail_write(out);
    close(fd);
    unlink(out->unfinished);
    return code;
}

int outfile_end(struct outfile *out, bool keep)
{
    if (out->file == NULL)
        return EXIT_DONE;
    const bool named = out->unfinished[0] == '\0';
    bool good = fflush(out->file) == 0 && !ferror(out->file) &&
                (named || !keep || fsync(fileno(out->file)) == 0);
    good = fclose(out->file) == 0 && good;
    out->file = NULL;
    if (!named && good && keep)
        good = rename(out->unfinished, out->name) == 0;
    int code = good ? EXIT_DONE : fail_write(out);
    if (!named && (!good || !keep))
        unlink(out->unfinished);
    return code;
}
