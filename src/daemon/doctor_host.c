/* What `bzctrld doctor` checks of the machine: folders, disk, addresses, limits, the server's process. */
#include "admin/mail.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/network.h"
#include "core/vitals.h"
#include "daemon/doctor.h"
#include "daemon/serve.h"
#include "db/lock.h"
#include "http/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define MIB (INT64_C(1024) * 1024)

enum {
    FREE_FAULT_MIB = 256, /* less is a full disk within hours */
    FREE_WARNING_MIB = 2048,
    FREE_WARNING_PERCENT = 10,
    SYNC_SLOW_MS = 200,
    DESCRIPTORS_FAULT = 256, /* threads, connections to the database, files */
    DESCRIPTORS_WARNING = 4096,
};

/* ---- settings ---- */

void doctor_settings(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    struct networks networks;
    struct str from = arguments_flag(checkup->run->arguments, "config");
    const char *named = getenv("BZCTRL_CONFIG");
    const char *file = from.p != NULL ? from.p : named != NULL ? named : "/etc/bzctrl/bzctrl.ini";
    struct stat found;
    if (networks_read(checkup->op, config->trusted_proxy, &networks) != ERR_OK ||
        networks_read(checkup->op, config->metrics_allow, &networks) != ERR_OK ||
        networks_read(checkup->op, config->webhook_allow, &networks) != ERR_OK) {
        doctor_say_err(checkup, DOCTOR_FAULT, ERR_SYNTAX,
                       "correct --trusted-proxy, --metrics-allow or --webhook-allow: the server "
                       "does not start so");
        return;
    }
    bool there = stat(file, &found) == 0;
    if (there && (found.st_mode & S_IWOTH) != 0)
        doctor_say(
            checkup, DOCTOR_FAULT,
            "anybody on this machine can write to %s\nchmod o-w %s, and look at what it says", file,
            file);
    else
        doctor_say(checkup, DOCTOR_OK, "readable and valid; environment %.*s, %s%s",
                   STR_ARG(config->environment), there ? "with " : "no settings file",
                   there ? file : "");
}

/* ---- the data folder ---- */

void doctor_data_folder(struct checkup *checkup)
{
    const char *folder = checkup->config->data.p;
    struct stat found;
    struct str mark = arena_printf(checkup->op->arena, "%s/" DEMO_MARK, folder);
    if (stat(folder, &found) != 0) {
        doctor_say(checkup, DOCTOR_FAULT,
                   "%s: %s\nif this is a new installation, start the server; otherwise name its "
                   "folder with --data, or restore a backup",
                   folder, strerror(errno));
        return;
    }
    if (!S_ISDIR(found.st_mode))
        doctor_say(checkup, DOCTOR_FAULT, "%s is not a folder\nname another one with --data",
                   folder);
    else if (access(folder, R_OK | W_OK | X_OK) != 0)
        doctor_say(checkup, DOCTOR_FAULT,
                   "user %ld may not write to %s, which belongs to user %ld\nrun this as the "
                   "server's user; if that is so, chown the folder to it",
                   (long)geteuid(), folder, (long)found.st_uid);
    else if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        doctor_say(checkup, DOCTOR_WARNING,
                   "others may look into %s, which has mode %04o\nchmod 0700 %s", folder,
                   (unsigned)found.st_mode & 07777U, folder);
    else if (mark.p != NULL && access(mark.p, F_OK) == 0)
        doctor_say(checkup, DOCTOR_WARNING,
                   "%s is the folder of a demo, which has an account with a public password\nuse "
                   "another one for a real server",
                   folder);
    else
        doctor_say(checkup, DOCTOR_OK, "%s, of user %ld", folder, (long)found.st_uid);
}

/* Whether the folder is there is another check's. */
static bool is_missing(const struct checkup *checkup)
{
    return access(checkup->folder.p, F_OK) != 0;
}

void doctor_space(struct checkup *checkup)
{
    int64_t free, size;
    struct statfs disk;
    if (is_missing(checkup))
        return;
    disk_space(checkup->folder.p, &free, &size);
    if (free < 0 || statfs(checkup->folder.p, &disk) != 0) {
        doctor_say(checkup, DOCTOR_FAULT, "nobody knows how much space %s has\nlook at the folder",
                   checkup->folder.p);
        return;
    }
    enum doctor_level level =
        free < FREE_FAULT_MIB * MIB                                                 ? DOCTOR_FAULT
        : free < FREE_WARNING_MIB * MIB || free < size / 100 * FREE_WARNING_PERCENT ? DOCTOR_WARNING
                                                                                    : DOCTOR_OK;
    bool names = disk.f_files > 0 && disk.f_ffree < 1000;
    doctor_say(checkup, names ? DOCTOR_FAULT : level,
               "%lld MiB of %lld MiB are free where %s is%s%s", (long long)(free / MIB),
               (long long)(size / MIB), checkup->folder.p,
               names ? ", and room for hardly any more files" : "",
               level == DOCTOR_OK && !names
                   ? ""
                   : "\nmake room: a full disk accepts nothing, and loses nothing");
}

/* Where a sync means nothing, or locks do not hold. */
static const char *unsuitable(const char *folder, enum doctor_level *ret_level)
{
    struct statfs disk;
    *ret_level = DOCTOR_FAULT;
    if (statfs(folder, &disk) != 0)
        return NULL;
    switch ((unsigned long)disk.f_type) {
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
        return "memory, which is gone at the next start of the machine";
    case NFS_SUPER_MAGIC:
    case SMB_SUPER_MAGIC:
    case 0xFF534D42: /* CIFS */
    case 0xFE534D42: /* SMB2 */
        return "a network file system, whose locks and log SQLite cannot rely on";
    case OVERLAYFS_SUPER_MAGIC:
        *ret_level = DOCTOR_WARNING;
        return "the writable layer of a container, which goes with the container";
    default:
        return NULL;
    }
}

/* In a file without a name, so that nothing is left of it. */
void doctor_sync(struct checkup *checkup)
{
    char page[4096] = "bzctrld doctor";
    const char *folder = checkup->folder.p;
    enum doctor_level level;
    if (is_missing(checkup))
        return;
    int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EOPNOTSUPP) {
        doctor_say(checkup, DOCTOR_WARNING,
                   "not tried: the file system of %s has no files without a name\nif it is a "
                   "network file system, move the folder to a local disk",
                   folder);
        return;
    }
    int64_t begun = clock_micros();
    bool synced =
        fd >= 0 && write(fd, page, sizeof page) == (ssize_t)sizeof page && fdatasync(fd) == 0;
    int why = errno;
    int64_t took = clock_micros() - begun;
    if (fd >= 0)
        close(fd);
    const char *place = unsuitable(folder, &level);
    if (!synced)
        doctor_say(
            checkup, DOCTOR_FAULT,
            "what is written to %s does not get to the disk: %s\nlook at the disk and at the "
            "kernel's log; the server would stop at its first report",
            folder, strerror(why));
    else if (place != NULL)
        doctor_say(checkup, level, "%s is in %s\nmove it to a local disk", folder, place);
    else if (took > SYNC_SLOW_MS * 1000)
        doctor_say(checkup, DOCTOR_WARNING,
                   "a page takes %lld ms to get to the disk of %s, and each report waits for "
                   "that\nuse another disk, or find out what else is writing to it",
                   (long long)(took / 1000), folder);
    else
        doctor_say(checkup, DOCTOR_OK, "a page gets to the disk in %lld.%03lld ms",
                   (long long)(took / 1000), (long long)(took % 1000));
}

/* ---- secrets ---- */

static void secret_look(struct checkup *checkup, const char *what, const char *file, bool secret,
                        size_t *looked)
{
    struct stat found;
    ++*looked;
    if (access(file, R_OK) != 0 || stat(file, &found) != 0)
        doctor_say(checkup, DOCTOR_FAULT,
                   "%s %s: %s\nlet the server's user read it, or name another file", what, file,
                   strerror(errno));
    else if (secret && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0 && found.st_uid != 0)
        doctor_say(checkup, DOCTOR_WARNING,
                   "%s %s can be read by others, by its mode %04o\nchmod 0600 %s", what, file,
                   (unsigned)found.st_mode & 07777U, file);
    else if (secret && (found.st_mode & S_IRWXO) != 0)
        doctor_say(checkup, DOCTOR_WARNING,
                   "%s %s can be read by everybody, by its mode %04o\nchmod o= %s", what, file,
                   (unsigned)found.st_mode & 07777U, file);
}

/* Each setting that names a file; and what lies in the data folder by itself. */
void doctor_secrets(struct checkup *checkup)
{
    struct op *op = checkup->op;
    size_t looked = 0, before = checkup->said,
           database = offsetof(struct config, database) / sizeof(struct str);
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        struct buf value;
        buf_init(&value, 4096);
        config_show(checkup->config, i, &value);
        struct str file = arena_str(op->arena, buf_str(&value));
        struct str flag = arena_printf(op->arena, "--%s", config_flags[i].name);
        bool secret = strstr(config_flags[i].name, "secret") != NULL ||
                      strstr(config_flags[i].name, "password") != NULL;
        if (strcmp(config_flags[i].value, "FILE") == 0 && file.n > 0 && flag.p != NULL)
            secret_look(checkup, flag.p, file.p, secret, &looked);
        buf_finish(&value);
    }
    struct str key = arena_printf(op->arena, "%.*s/secret.key", STR_ARG(checkup->config->data));
    if (key.p != NULL && access(key.p, F_OK) == 0)
        secret_look(checkup, "the key", key.p, true, &looked);

    /* What is on a command line, everybody on the machine can read. */
    struct buf shown;
    buf_init(&shown, 4096);
    config_show(checkup->config, database, &shown);
    bool password = !str_eq(buf_str(&shown), checkup->config->database);
    buf_finish(&shown);
    if (password && checkup->config->origins[database] == CONFIG_BY_FLAG)
        doctor_say(checkup, DOCTOR_WARNING,
                   "--database has a password in it, which everybody on this machine can read\nlet "
                   "BZCTRL_DATABASE_FILE name a file with the URL, or put the password into "
                   "~/.pgpass");
    if (checkup->said == before)
        doctor_say(checkup, DOCTOR_OK, "%zu files, readable for the server only", looked);
}

/* ---- addresses ---- */

static bool is_loopback(struct str listen)
{
    return str_starts(listen, STR("127.")) || str_starts(listen, STR("[::1]")) ||
           str_starts(listen, STR("localhost:")) || str_starts(listen, STR("unix:"));
}

static bool is_everybody(struct checkup *checkup, struct str list)
{
    struct networks networks;
    if (networks_read(checkup->op, list, &networks) != ERR_OK)
        return false;
    for (size_t i = 0; i < networks.n; i++)
        if (networks.items[i].bits == 0 || networks.items[i].bits == 96)
            return true;
    return false;
}

void doctor_addresses(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    struct str url = config->public_url;
    bool local = is_loopback(config->listen), https = str_starts(url, STR("https://"));
    size_t before = checkup->said;
    if (!local)
        doctor_say(
            checkup, DOCTOR_WARNING,
            "%.*s is open to other machines, in plain HTTP: passwords and reports can be read "
            "on the way\nlisten on 127.0.0.1 or a unix socket, with a proxy for TLS in front",
            STR_ARG(config->listen));
    if (url.n > 0 && !url_is_private(url))
        doctor_say(checkup, DOCTOR_WARNING,
                   "the links start with %.*s, without TLS: sessions can be stolen on the way\nset "
                   "--public-url to the https:// URL of the proxy",
                   STR_ARG(url));
    if (https && config->trusted_proxy.n == 0)
        doctor_say(
            checkup, DOCTOR_WARNING,
            "a proxy is in front, and --trusted-proxy does not name it: all clients share its "
            "address, and one who guesses passwords slows all others down\nset "
            "--trusted-proxy to the proxy's address");
    if (is_everybody(checkup, config->trusted_proxy))
        doctor_say(checkup, DOCTOR_FAULT,
                   "--trusted-proxy trusts every address, so anybody may claim to be anybody\nname "
                   "the proxy's address alone");
    if (is_everybody(checkup, config->metrics_allow))
        doctor_say(checkup, DOCTOR_WARNING,
                   "--metrics-allow lets everybody read /metrics\nname the address of Prometheus");
    struct str links = config_links(checkup->op, config, config->listen);
    if (checkup->said == before)
        doctor_say(checkup, DOCTOR_OK, "listens on %.*s, links start with %.*s",
                   STR_ARG(config->listen), STR_ARG(links));
}

/* ---- limits and the service manager ---- */

/* The line "Max open files  SOFT  HARD  files" of /proc/PID/limits. */
static bool descriptors_of_server(struct checkup *checkup, int64_t *ret_max)
{
    struct op *op = checkup->op;
    struct str lock = arena_printf(op->arena, "%.*s/lock", STR_ARG(checkup->config->data)), text;
    if (lock.p == NULL || file_read(op, lock, 4096, &text) != ERR_OK)
        return false;
    struct str pid = str_cut(&text, ' ');
    struct str limits = arena_printf(op->arena, "/proc/%.*s/limits", STR_ARG(pid));
    FILE *file = limits.p == NULL ? NULL : fopen(limits.p, "re");
    char line[256];
    bool found = false;
    uint64_t max;
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        static const struct str name = STR_INIT("Max open files ");
        struct str rest = str_trim(str_from(str_of(line), name.n));
        found = str_starts(str_of(line), name) && str_to_u64(str_cut(&rest, ' '), INT64_MAX, &max);
        if (found)
            *ret_max = (int64_t)max;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

void doctor_descriptors(struct checkup *checkup)
{
    struct rlimit limit;
    int64_t max;
    bool server = checkup->running && descriptors_of_server(checkup, &max);
    op_forget(checkup->op);
    if (!server) {
        if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return;
        max = limit.rlim_max == RLIM_INFINITY ? INT64_MAX : (int64_t)limit.rlim_max;
    }
    enum doctor_level level = max < DESCRIPTORS_FAULT     ? DOCTOR_FAULT
                              : max < DESCRIPTORS_WARNING ? DOCTOR_WARNING
                                                          : DOCTOR_OK;
    doctor_say(checkup, level, "%s may have %lld files and connections open%s",
               server ? "the server" : "a process started here", (long long)max,
               level == DOCTOR_OK ? "" : "\nraise it: LimitNOFILE=65536 in the unit, or ulimit -n");
}

void doctor_systemd(struct checkup *checkup)
{
    static const char usual[] =
        "/etc/systemd/system:/run/systemd/system:/usr/local/lib/systemd/system:"
        "/usr/lib/systemd/system:/lib/systemd/system";
    const char *path = getenv("SYSTEMD_UNIT_PATH");
    if (path == NULL && access("/run/systemd/system", F_OK) != 0) {
        doctor_say(checkup, DOCTOR_OK, "not the service manager here");
        return;
    }
    struct str rest = str_of(path == NULL ? usual : path);
    while (rest.p != NULL) {
        struct str folder = str_cut(&rest, ':');
        struct str unit = arena_printf(checkup->op->arena, "%.*s/bzctrl.service", STR_ARG(folder));
        if (unit.p != NULL && access(unit.p, F_OK) == 0) {
            doctor_say(checkup, DOCTOR_OK, "%s", unit.p);
            return;
        }
    }
    doctor_say(checkup, DOCTOR_WARNING,
               "there is no unit bzctrl.service, so nothing starts the server with the machine, or "
               "again after a fault\ninstall the unit of doc/operating.md");
}

/* ---- the server ---- */

/* Where the settings say that it listens: a URL, and the path of a unix socket, or absent. */
static struct str server_url(struct checkup *checkup, const char *path, struct str *ret_socket)
{
    struct str listen = checkup->config->listen, port = listen;
    *ret_socket = STR_NONE;
    if (str_starts(listen, STR("unix:"))) {
        *ret_socket = str_from(listen, 5);
        return arena_printf(checkup->op->arena, "http://localhost%s", path);
    }
    if (str_starts(listen, STR("0.0.0.0:"))) {
        str_cut(&port, ':');
        return arena_printf(checkup->op->arena, "http://127.0.0.1:%.*s%s", STR_ARG(port), path);
    }
    if (str_starts(listen, STR("[::]:")))
        return arena_printf(checkup->op->arena, "http://[::1]:%.*s%s", STR_ARG(str_from(listen, 5)),
                            path);
    return arena_printf(checkup->op->arena, "http://%.*s%s", STR_ARG(listen), path);
}

static void port_look(struct checkup *checkup)
{
    struct str listen = checkup->config->listen, path;
    int fd;
    /* A socket file that nobody listens on is replaced by the next start. */
    if (str_starts(listen, STR("unix:"))) {
        doctor_say(checkup, DOCTOR_OK, "stopped");
        return;
    }
    if (listen_open(checkup->op, listen, false, &fd, &path) != ERR_OK) {
        doctor_say_err(checkup, DOCTOR_FAULT, ERR_CONFLICT,
                       "end the program that listens there, or set another --listen");
        return;
    }
    close(fd);
    doctor_say(checkup, DOCTOR_OK, "stopped; %.*s is free", STR_ARG(listen));
}

void doctor_server(struct checkup *checkup)
{
    struct str socket, url = server_url(checkup, "/readyz", &socket);
    struct fetch_answer answer;
    if (!checkup->running) {
        port_look(checkup);
        return;
    }
    if (url.p == NULL)
        return;
    enum err err = doctor_ask(checkup, socket, url, &answer);
    if (err != ERR_OK)
        doctor_say_err(checkup, DOCTOR_FAULT, err,
                       "a process holds the data folder, but none answers there. If the server has "
                       "another --listen, give it here too; otherwise look at its log");
    else if (answer.status == 200 && str_starts(answer.body, STR("ready\n")))
        doctor_say(checkup, DOCTOR_OK, "%.*s answers: %.*s", STR_ARG(url),
                   STR_ARG(str_trim(str_sub(str_from(answer.body, 6), 0, 100))));
    else
        doctor_say(
            checkup, DOCTOR_FAULT,
            "%.*s answers with the status %d\nlook at the server's log; a 503 means that its "
            "database does not answer, or that it is stopping. If another program listens "
            "there, give the server's --listen",
            STR_ARG(url), answer.status);
}

/* ---- mail ---- */

void doctor_mail(struct checkup *checkup)
{
    struct mail_settings settings = config_mail(checkup->config);
    struct str to = arguments_flag(checkup->run->arguments, "mail-to");
    struct mail_report report = {.verdict = MAIL_UNREACHABLE};
    if (to.p == NULL) {
        if (settings.url.n == 0)
            doctor_say(checkup, DOCTOR_OK, "none is sent; --mail-url says where to");
        else
            doctor_say(checkup, DOCTOR_OK, "it goes to %.*s; --mail-to ADDRESS sends a test mail",
                       STR_ARG(settings.url));
        return;
    }
    enum err err =
        mail_try(&settings, config_language(&checkup->run->config), checkup->op, to, &report);
    if (err != ERR_OK)
        doctor_say_err(checkup, DOCTOR_FAULT, err,
                       "correct the settings of mail, or the address of --mail-to");
    else if (report.verdict == MAIL_ACCEPTED)
        doctor_say(checkup, DOCTOR_OK, "%.*s has accepted a test mail to %.*s",
                   STR_ARG(settings.url), STR_ARG(to));
    else
        doctor_say(checkup, DOCTOR_FAULT,
                   "%.*s\ncorrect the settings of mail; doc/operating.md explains them",
                   STR_ARG(mail_report_say(&settings, checkup->op->arena, &report)));
}
