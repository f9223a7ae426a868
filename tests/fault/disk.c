/* So that each function has the very name that is written here. */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SECTOR = 512,
    FILES_MAX = 256,
    NAMES_MAX = 16,
    FDS_MAX = 1024,
    NAME_SIZE = 64,
    PATH_SIZE = 160,
    NOTHING = -1, /* what a name stands for that is not there */
};

/* What is watched: places, contents and names, in the order in which it happened. */
enum step_kind { WRITE, TRUNCATE, SYNC, SYNC_FAILED, LINK, UNLINK, SYNC_FOLDER };

struct step {
    enum step_kind kind;
    int file; /* index of a file, or of a folder's name */
    int name; /* of LINK and UNLINK */
    size_t offset, n;
    unsigned char *bytes; /* of WRITE */
};

/* A name is relative to the watched folder; a folder is a file without content. */
struct name {
    char text[NAME_SIZE];
    int file; /* what it stands for now */
    int durable;
    int since[FILES_MAX]; /* what it has stood for since its folder was synced */
    size_t since_n;
};

/* What a file is known to hold, as far as the steps have been followed. */
struct file {
    bool folder;
    unsigned char *bytes;
    size_t size, room;
    size_t *since; /* the steps that no sync has covered */
    size_t since_n, since_room;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char watched[NAME_SIZE];
static struct step *steps;
static size_t steps_n, steps_room, followed;
static struct name names[NAMES_MAX];
static struct file files[FILES_MAX];
static int names_n, files_n;
static int fd_file[FDS_MAX], fd_folder[FDS_MAX]; /* each index + 1; 0: not watched */
static uint64_t sync_fails_in;
static enum disk_failure failure;

static void *grow(void *p, size_t size)
{
    void *grown = realloc(p, size);
    if (grown == NULL)
        abort();
    return grown;
}

uint64_t dice_below(uint64_t *random, uint64_t n)
{
    uint64_t z = *random += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % n;
}

bool dice_chance(uint64_t *random, unsigned n)
{
    return dice_below(random, 100) < n;
}

/* ---- noting ---- */

static void note(struct step step)
{
    if (steps_n == steps_room) {
        steps_room = steps_room == 0 ? 4096 : 2 * steps_room;
        steps = grow(steps, steps_room * sizeof *steps);
    }
    steps[steps_n++] = step;
}

/* The index of a path's name below the watched folder, made if it is new; -1: not watched. */
static int name_find(const char *path)
{
    size_t n = strlen(watched);
    if (n == 0 || strncmp(path, watched, n) != 0 || path[n] != '/')
        return -1;
    const char *text = path + n + 1;
    size_t length = strlen(text);
    if (length > 4 && strcmp(text + length - 4, "-shm") == 0)
        return -1;
    for (int i = 0; i < names_n; i++)
        if (strcmp(names[i].text, text) == 0)
            return i;
    if (names_n == NAMES_MAX || length >= NAME_SIZE)
        abort();
    names[names_n] = (struct name){.file = NOTHING, .durable = NOTHING};
    strcpy(names[names_n].text, text);
    return names_n++;
}

static void name_link(int name, bool folder)
{
    if (files_n == FILES_MAX)
        abort();
    files[files_n] = (struct file){.folder = folder};
    names[name].file = files_n;
    note((struct step){.kind = LINK, .name = name, .file = files_n++});
}

/* Whether the folder with index `folder` (-1: the watched one) is where the name is. */
static bool name_is_in(const struct name *name, int folder)
{
    const char *slash = strrchr(name->text, '/');
    if (folder < 0 || slash == NULL)
        return folder < 0 && slash == NULL;
    size_t n = (size_t)(slash - name->text);
    return strlen(names[folder].text) == n && memcmp(names[folder].text, name->text, n) == 0;
}

static int file_of(int fd)
{
    return fd >= 0 && fd < FDS_MAX ? fd_file[fd] - 1 : -1;
}

static int opened(int fd, const char *path, int flags)
{
    if (fd < 0 || fd >= FDS_MAX)
        return fd;
    pthread_mutex_lock(&mutex);
    fd_file[fd] = fd_folder[fd] = 0;
    int name = name_find(path);
    if (flags & O_DIRECTORY ||
        (name >= 0 && names[name].file >= 0 && files[names[name].file].folder)) {
        if (name >= 0)
            fd_folder[fd] = name + 2;
        else if (watched[0] != '\0' && strcmp(path, watched) == 0)
            fd_folder[fd] = 1;
    } else if (name >= 0) {
        if (names[name].file == NOTHING)
            name_link(name, false);
        fd_file[fd] = names[name].file + 1;
    }
    pthread_mutex_unlock(&mutex);
    return fd;
}

static int sync_pretend(int fd)
{
    int result = 0;
    pthread_mutex_lock(&mutex);
    bool folder = fd >= 0 && fd < FDS_MAX && fd_folder[fd] != 0;
    int file = file_of(fd);
    if (folder || file >= 0) {
        bool fails = sync_fails_in > 0 && --sync_fails_in == 0;
        if (fails)
            failure = folder ? DISK_FOLDER_FAILED : DISK_FILE_FAILED;
        if (folder && !fails)
            note((struct step){.kind = SYNC_FOLDER, .file = fd_folder[fd] - 2});
        else if (!folder)
            note((struct step){.kind = fails ? SYNC_FAILED : SYNC, .file = file});
        if (fails) {
            errno = EIO;
            result = -1;
        }
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

#pragma GCC visibility push(default)

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = flags & O_CREAT ? va_arg(list, unsigned) : 0;
    va_end(list);
    return opened((int)syscall(SYS_openat, AT_FDCWD, path, flags, mode), path, flags);
}

int open64(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = flags & O_CREAT ? va_arg(list, unsigned) : 0;
    va_end(list);
    return open(path, flags, mode);
}

int mkdir(const char *path, mode_t mode)
{
    int result = (int)syscall(SYS_mkdir, path, mode);
    pthread_mutex_lock(&mutex);
    int name = result == 0 ? name_find(path) : -1;
    if (name >= 0)
        name_link(name, true);
    pthread_mutex_unlock(&mutex);
    return result;
}

int unlink(const char *path)
{
    int result = (int)syscall(SYS_unlink, path);
    pthread_mutex_lock(&mutex);
    int name = result == 0 ? name_find(path) : -1;
    if (name >= 0) {
        names[name].file = NOTHING;
        note((struct step){.kind = UNLINK, .name = name, .file = NOTHING});
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t offset)
{
    ssize_t written = syscall(SYS_pwrite64, fd, bytes, n, offset);
    pthread_mutex_lock(&mutex);
    if (written > 0 && file_of(fd) >= 0) {
        struct step step = {
            .kind = WRITE, .file = file_of(fd), .offset = (size_t)offset, .n = (size_t)written};
        step.bytes = grow(NULL, step.n);
        memcpy(step.bytes, bytes, step.n);
        note(step);
    }
    pthread_mutex_unlock(&mutex);
    return written;
}

int ftruncate64(int fd, off64_t size)
{
    int result = (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&mutex);
    if (result == 0 && file_of(fd) >= 0)
        note((struct step){.kind = TRUNCATE, .file = file_of(fd), .offset = (size_t)size});
    pthread_mutex_unlock(&mutex);
    return result;
}

int ftruncate(int fd, off_t size)
{
    return ftruncate64(fd, size);
}

int fsync(int fd)
{
    return sync_pretend(fd);
}

int fdatasync(int fd)
{
    return sync_pretend(fd);
}

#pragma GCC visibility pop

void disk_watch(const char *folder)
{
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < steps_n; i++)
        free(steps[i].bytes);
    for (int i = 0; i < files_n; i++) {
        free(files[i].bytes);
        free(files[i].since);
    }
    steps_n = followed = 0;
    names_n = files_n = 0;
    sync_fails_in = 0;
    failure = DISK_WELL;
    memset(fd_file, 0, sizeof fd_file);
    memset(fd_folder, 0, sizeof fd_folder);
    snprintf(watched, sizeof watched, "%s", folder);
    pthread_mutex_unlock(&mutex);
}

size_t disk_moment(void)
{
    pthread_mutex_lock(&mutex);
    size_t moment = steps_n;
    pthread_mutex_unlock(&mutex);
    return moment;
}

void disk_fail_sync(uint64_t nth)
{
    pthread_mutex_lock(&mutex);
    sync_fails_in = nth;
    pthread_mutex_unlock(&mutex);
}

enum disk_failure disk_failure(void)
{
    pthread_mutex_lock(&mutex);
    enum disk_failure now = failure;
    pthread_mutex_unlock(&mutex);
    return now;
}

size_t disk_syncs(const char *name)
{
    size_t n = 0;
    pthread_mutex_lock(&mutex);
    for (size_t i = 0; i < steps_n; i++)
        for (int k = 0; k < names_n && steps[i].kind == SYNC; k++)
            n += names[k].file == steps[i].file && strcmp(names[k].text, name) == 0;
    pthread_mutex_unlock(&mutex);
    return n;
}

size_t disk_moment_pick(uint64_t *random)
{
    size_t moment = dice_below(random, steps_n + 1);
    if (dice_chance(random, 50))
        return moment;
    size_t turn = moment;
    while (turn < steps_n && (steps[turn].kind == WRITE && steps[turn].offset > 0))
        turn++;
    turn += dice_below(random, 4);
    return turn < 2 ? turn : turn - 2 > steps_n ? steps_n : turn - 2;
}

/* ---- cutting ---- */

/* What a sector that some steps touched shall hold: the state after the greatest of them that was
 * kept. A size is chosen in the same way. */
struct fate {
    size_t *kept; /* per sector: how many of the file's open steps it has seen */
    size_t sectors;
    size_t size;
};

static size_t step_end(const struct step *step, size_t end)
{
    return step->kind == TRUNCATE ? end : step->offset + step->n;
}

static struct fate fate_draw(const struct file *file, uint64_t *random)
{
    static const unsigned whole[] = {0, 10, 50, 90, 100}, torn[] = {0, 10, 100};
    unsigned keep = whole[dice_below(random, 5)], tear = torn[dice_below(random, 3)];
    size_t end = file->size, size = file->size;
    for (size_t i = 0; i < file->since_n; i++)
        if (end < step_end(&steps[file->since[i]], 0))
            end = step_end(&steps[file->since[i]], 0);
    struct fate fate = {.sectors = end / SECTOR + 1, .size = size};
    fate.kept = grow(NULL, fate.sectors * sizeof *fate.kept);
    memset(fate.kept, 0, fate.sectors * sizeof *fate.kept);

    size_t sized = dice_chance(random, 30)   ? 0
                   : dice_chance(random, 50) ? file->since_n
                                             : dice_below(random, file->since_n + 1);
    for (size_t i = 1; i <= file->since_n; i++) {
        const struct step *step = &steps[file->since[i - 1]];
        bool kept = dice_chance(random, keep), tears = dice_chance(random, tear);
        for (size_t s = step->offset / SECTOR; s * SECTOR < step_end(step, end); s++)
            if (tears ? dice_chance(random, 50) : kept)
                fate.kept[s] = i;
        if (step->kind == TRUNCATE)
            size = step->offset;
        else if (size < step->offset + step->n)
            size = step->offset + step->n;
        if (i == sized)
            fate.size = size;
    }
    return fate;
}

/* The bytes that the file is left with, `fate->size` of them. */
static unsigned char *fate_apply(const struct file *file, const struct fate *fate, uint64_t *random)
{
    size_t end = fate->sectors * SECTOR;
    unsigned char *bytes = grow(NULL, end);
    if (file->size > 0)
        memcpy(bytes, file->bytes, file->size);
    bool noise = dice_chance(random, 20);
    for (size_t i = file->size; i < end; i++)
        bytes[i] = noise ? (unsigned char)dice_below(random, 256) : 0;
    for (size_t i = 1; i <= file->since_n; i++) {
        const struct step *step = &steps[file->since[i - 1]];
        size_t to = step_end(step, end);
        for (size_t s = step->offset / SECTOR; s * SECTOR < to; s++) {
            size_t from = s * SECTOR < step->offset ? step->offset : s * SECTOR;
            size_t until = (s + 1) * SECTOR < to ? (s + 1) * SECTOR : to;
            if (fate->kept[s] < i)
                continue;
            if (step->kind == TRUNCATE)
                memset(bytes + from, 0, until - from);
            else
                memcpy(bytes + from, step->bytes + (from - step->offset), until - from);
        }
    }
    return bytes;
}

static void file_settle(struct file *file, const struct step *step)
{
    size_t size = step->kind == TRUNCATE ? step->offset : step->offset + step->n;
    if (size > file->room) {
        file->room = 2 * size;
        file->bytes = grow(file->bytes, file->room);
    }
    if (size > file->size)
        memset(file->bytes + file->size, 0, size - file->size);
    if (size > file->size || step->kind == TRUNCATE)
        file->size = size;
    if (step->kind == WRITE)
        memcpy(file->bytes + step->offset, step->bytes, step->n);
}

static void folder_settle(int folder)
{
    for (int i = 0; i < names_n; i++)
        if (name_is_in(&names[i], folder) && names[i].since_n > 0) {
            names[i].durable = names[i].since[names[i].since_n - 1];
            names[i].since_n = 0;
        }
}

static void follow(size_t at, uint64_t *random, bool lies)
{
    const struct step *step = &steps[at];
    struct file *file = step->file >= 0 ? &files[step->file] : NULL;
    switch (step->kind) {
    case WRITE:
    case TRUNCATE:
        if (file->since_n == file->since_room) {
            file->since_room = file->since_room == 0 ? 64 : 2 * file->since_room;
            file->since = grow(file->since, file->since_room * sizeof *file->since);
        }
        file->since[file->since_n++] = at;
        break;
    case SYNC:
        for (size_t i = 0; i < file->since_n && !lies; i++)
            file_settle(file, &steps[file->since[i]]);
        if (!lies)
            file->since_n = 0;
        break;
    case SYNC_FAILED: {
        struct fate fate = fate_draw(file, random);
        unsigned char *bytes = fate_apply(file, &fate, random);
        free(file->bytes);
        free(fate.kept);
        file->bytes = bytes;
        file->size = fate.size;
        file->room = fate.sectors * SECTOR;
        file->since_n = 0;
        break;
    }
    case LINK:
    case UNLINK: {
        struct name *name = &names[step->name];
        if (name->since_n == FILES_MAX)
            abort();
        name->since[name->since_n++] = step->file;
        break;
    }
    case SYNC_FOLDER:
        if (!lies)
            folder_settle(step->file);
        break;
    }
}

static void path_make(char path[PATH_SIZE], const char *folder, const struct name *name,
                      const char *suffix)
{
    if (snprintf(path, PATH_SIZE, "%s/%s%s", folder, name->text, suffix) >= PATH_SIZE)
        abort();
}

static void file_write(const char *path, const unsigned char *bytes, size_t size)
{
    FILE *stream = fopen(path, "w");
    if (stream == NULL || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        abort();
}

/* Noise under the names that nothing may be read from. */
static void shm_write(const char *folder, const struct name *name, uint64_t *random)
{
    unsigned char noise[4096];
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)dice_below(random, 256);
    path_make(path, folder, name, "-shm");
    file_write(path, noise, sizeof noise);
}

void disk_cut(size_t moment, uint64_t *random, bool lies, const char *folder)
{
    for (; followed < moment; followed++)
        follow(followed, random, lies);
    /* A folder comes before what is in it. */
    for (int i = 0; i < names_n; i++) {
        const struct name *name = &names[i];
        uint64_t pick = dice_below(random, name->since_n + 1);
        int is = pick == 0 ? name->durable : name->since[pick - 1];
        if (is == NOTHING)
            continue;
        char path[PATH_SIZE];
        path_make(path, folder, name, "");
        if (files[is].folder) {
            if (mkdir(path, 0700) != 0)
                abort();
            continue;
        }
        char *slash = strrchr(path, '/');
        *slash = '\0';
        bool stands = access(path, F_OK) == 0;
        *slash = '/';
        if (!stands)
            continue;
        struct fate fate = fate_draw(&files[is], random);
        unsigned char *bytes = fate_apply(&files[is], &fate, random);
        file_write(path, bytes, fate.size);
        free(bytes);
        free(fate.kept);
        size_t n = strlen(name->text);
        if (n > 3 && strcmp(name->text + n - 3, ".db") == 0 && dice_chance(random, 50))
            shm_write(folder, name, random);
    }
}
