/*
 * `bzctrld demo`: the server on a fresh folder with the account of the source document, an empty
 * workspace for the first reports, and some months of lifelike records in a second one. The records
 * are made by the judge and the write lane like all others, only with the clock set back; they come
 * from a fixed seed, so every demo shows the same.
 */
#include "daemon/serve.h"

#include "api/task.h"
#include "base/clock.h"
#include "core/account.h"
#include "core/password.h"
#include "core/task.h"
#include "core/workspace.h"
#include "form/judge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

enum { ITEM_COUNT = 160, DAYS = 170 };

static const struct item {
    const char *type, *title, *description, *category, *sub_category;
    uint32_t impact;
} items[] = {
#define ITEM(type, title, description, category, sub_category, impact)                             \
    {type, title, description, category, sub_category, impact},
#include "daemon/demo_items.def"
#undef ITEM
};

static const char example_email[] = "example@example.com";

static const char *const people[] = {
    example_email,           "declarations@example.com", "warehouse@example.com",
    "transport@example.com", "compliance@example.com",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere. */
static uint32_t demo_random(uint64_t *state, uint32_t below)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static const char *demo_choice(uint64_t *state, const char *const *list, size_t n)
{
    return list[demo_random(state, (uint32_t)n)];
}

/* A report as a system would send it, `age` days ago. */
static void report_write(struct buf *body, uint64_t *state, int number, int64_t now, int age)
{
    static const char *const levels[] = {"High", "Medium", "Low"};
    static const char *const open[] = {"To do", "In Progress", "In Progress"};
    const struct item *item = &items[demo_random(state, COUNT(items))];
    const char *status = age > 40 && demo_random(state, 10) < 8 ? "Done"
                         : age > 90 && demo_random(state, 10) < 5
                             ? "Expired"
                             : demo_choice(state, open, COUNT(open));
    buf_printf(body,
               "{\"todoType\":\"%s\",\"domainWorkSpace\":\"EXA-CON-BUS-DEC\",\"title\":\"%s\","
               "\"description\":\"",
               item->type, item->title);
    for (const char *c = item->description; *c != '\0'; c++) {
        if (*c == '\n')
            BUF_LIT(body, "\\n");
        else
            buf_char(body, *c);
    }
    buf_printf(
        body,
        "\",\"category\":\"%s\",\"subCategory\":\"%s\",\"status\":\"%s\",\"priority\":\"%s\","
        "\"reporter\":\"%s\",\"assignee\":\"%s\",\"orderID\":\"ORDER %d\"",
        item->category, item->sub_category, status, demo_choice(state, levels, COUNT(levels)),
        demo_choice(state, people, COUNT(people)), demo_choice(state, people, COUNT(people)),
        1000 + number * 3);
    if (strcmp(item->type, "INCIDENT") == 0)
        buf_printf(body, ",\"financialImpact\":%u,\"impact\":\"%s\",\"likelihood\":\"%s\"",
                   item->impact / 20 * (1 + demo_random(state, 20)),
                   demo_choice(state, levels, COUNT(levels)),
                   demo_choice(state, levels, COUNT(levels)));
    if (demo_random(state, 3) > 0)
        buf_printf(body, ",\"LRN\":\"26EXA%06u\"", demo_random(state, 1000000));
    if (strcmp(status, "Done") != 0) {
        BUF_LIT(body, ",\"dueDate\":\"");
        buf_date(body, date_of_time(now) + 7 + (int32_t)demo_random(state, 60));
        BUF_LIT(body, "\"");
    }
    buf_char(body, '}');
}

static enum err report_add(struct core *core, struct op *op, struct str body)
{
    struct task_draft draft;
    struct judged judged;
    struct faults faults;
    faults_init(&faults, op->arena);
    const struct directory *directory = core_directory(core);
    const struct account *source = directory_account(directory, str_of(example_email));
    enum err err = task_decode(op, body, &draft);
    if (err == ERR_OK)
        err =
            task_judge(op, &draft, &form_default, NULL, directory, source, &faults, NULL, &judged);
    if (err == ERR_OK) {
        struct task_create create = {.change = {.op = op},
                                     .task = judged.task,
                                     .directory = directory,
                                     .workspace = judged.workspace,
                                     .actor_id = source->id};
        err = core_task_create_wait(core, &create);
    } else if (err == ERR_INVALID) {
        err = op_fail(op, err, "demo: %.*s %.*s", STR_ARG(faults.items[0].pointer),
                      STR_ARG(faults.items[0].detail));
    }
    directory_release(directory);
    return err;
}

static enum err reports_add(struct core *core, struct op *op)
{
    struct arena arena;
    struct buf body;
    uint64_t state = 777;
    enum err err = ERR_OK;
    arena_init(&arena, 1024 * 1024);
    buf_init(&body, 64 * 1024);
    for (int i = 0; i < ITEM_COUNT && err == ERR_OK; i++) {
        int age = DAYS - i * DAYS / ITEM_COUNT;
        struct op report = {.arena = &arena};
        report.now = op->now - (int64_t)age * 86400000 +
                     (int64_t)demo_random(&state, 8 * 3600) * 1000 - 9 * 3600 * 1000;
        clock_set(report.now);
        buf_clear(&body);
        report_write(&body, &state, i, report.now, age);
        err = buf_err(&body);
        if (err == ERR_OK)
            err = report_add(core, &report, buf_str(&body));
        if (err != ERR_OK)
            err = op_fail(op, err, "%s", report.detail);
        arena_reset(&arena);
    }
    buf_finish(&body);
    arena_finish(&arena);
    return err;
}

static enum err demo_prepare(struct core *core, struct op *op, void *arg)
{
    (void)arg;
    static const struct {
        const char *key, *name;
    } workspaces[] = {
        {"EXA-CON-BUS-WOR", "Work orders"},
        {"EXA-CON-BUS-DEC", "Declarations"},
    };
    struct str hash;
    /* Identifiers and times are of one clock and never fall, so all of the demo begins in the past.
     */
    int64_t now = op->now;
    op->now -= (int64_t)(DAYS + 1) * 86400000;
    clock_set(op->now);
    enum err err = password_hash(op, STR("Ex@mpl3!"), &hash);
    for (size_t i = 0; i < COUNT(workspaces) && err == ERR_OK; i++) {
        const struct workspace_draft draft = {.key = str_of(workspaces[i].key),
                                              .name = str_of(workspaces[i].name),
                                              .zone = STR("Europe/Amsterdam")};
        struct str key;
        err = workspace_add(core, op, &draft, &key);
    }
    for (size_t i = 0; i < COUNT(people) && err == ERR_OK; i++) {
        bool example = people[i] == example_email;
        struct account_add add = {.op = op,
                                  .email = str_of(people[i]),
                                  .domain = STR("EXA-CON-BUS"),
                                  .role = example ? ROLE_MANAGER : ROLE_MEMBER,
                                  .password_hash = example ? hash : STR_NONE};
        err = account_add(core, &add);
    }
    op->now = now;
    if (err == ERR_OK)
        err = reports_add(core, op);
    clock_set(-1);
    return err;
}

/* Makes the folder, or takes an empty one, and marks it. */
static enum err demo_folder(struct op *op, bool named, struct str *data, bool *ret_temporary)
{
    *ret_temporary = !named && str_eq(*data, STR("./data"));
    if (*ret_temporary) {
        const char *tmp = getenv("TMPDIR");
        struct str name = arena_printf(op->arena, "%s/bzctrl-demo-XXXXXX", tmp ? tmp : "/tmp");
        char *writable = name.p == NULL ? NULL : arena_alloc(op->arena, name.n + 1);
        if (writable == NULL)
            return ERR_MEMORY;
        for (size_t i = 0; i <= name.n; i++)
            writable[i] = name.p[i];
        if (mkdtemp(writable) == NULL)
            return op_fail(op, ERR_IO, "cannot create a folder such as %s: %s", name.p,
                           strerror(errno));
        *data = str_of(writable);
    } else if (mkdir(data->p, 0700) != 0 &&
               (errno != EEXIST || rmdir(data->p) != 0 || mkdir(data->p, 0700) != 0)) {
        return op_fail(op, ERR_INVALID, "a demo needs an empty folder; %s is not empty: %s",
                       data->p, strerror(errno));
    }
    struct str mark = arena_printf(op->arena, "%.*s/" DEMO_MARK, STR_ARG(*data));
    int fd = mark.p == NULL ? -1 : open(mark.p, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return op_fail(op, ERR_IO, "cannot write to %s: %s", data->p, strerror(errno));
    close(fd);
    return ERR_OK;
}

/* A demo's temporary folder holds only what the server made: files, no folders. */
static void demo_remove(struct op *op, struct str data)
{
    static const char *const files[] = {DEMO_MARK,      "lock",           "control.sock",
                                        "bzctrl.db",    "bzctrl.db-lock", "bzctrl.db-wal",
                                        "bzctrl.db-shm"};
    for (size_t i = 0; i < COUNT(files); i++) {
        struct str path = arena_printf(op->arena, "%.*s/%s", STR_ARG(data), files[i]);
        if (path.p != NULL)
            unlink(path.p);
    }
    rmdir(data.p);
}

static bool loopback(struct str listen)
{
    return str_starts(listen, STR("127.")) || str_starts(listen, STR("[::1]")) ||
           str_starts(listen, STR("localhost:")) || str_starts(listen, STR("unix:"));
}

static int demo_run(struct command_run *run)
{
    bool temporary, named = arguments_flag(run->arguments, "data").p != NULL;
    if (!loopback(run->config.listen) || sd_listen_fds(0) > 0)
        return command_fail(
            run, op_fail(run->op, ERR_INVALID,
                         "a demo has an account with a public password, so it listens only on "
                         "loopback and accepts no socket from a service manager"));
    if (run->config.database.n > 0)
        return command_fail(
            run, op_fail(run->op, ERR_INVALID, "a demo creates its own database; omit --database"));
    enum err err = demo_folder(run->op, named, &run->config.data, &temporary);
    if (err != ERR_OK)
        return command_fail(run, err);
    struct serve_options options = {.environment = STR("demo"), .prepare = demo_prepare};
    int code = serve(run, &options);
    if (temporary)
        demo_remove(run->op, run->config.data);
    return code;
}

const struct admin_command demo_commands[] = {
    {.command = {"demo", NULL,
                 "run the server in a fresh folder with example data, on loopback only"},
     .run_direct = demo_run},
    {{NULL}},
};
