/*
 * The bare limit of creating: the same rows through the same functions, schema and transactions as
 * in the server, but without HTTP, JSON and threads. One thread fills batches of a given size and
 * runs the write lane's worker on them.
 *
 *   bare --data DIR [--database URL] [--batch N] [--seconds S | --rows N] [--prefill N]
 *        [--no-keys] [--description BYTES]
 *
 * Opens the store in DIR (made if it is missing, and kept) or at the URL, adds --prefill records in
 * big batches, then measures. Prints one line of JSON: rows_per_second, p50_us and p99_us of a
 * batch (its checkpoint included), cpu_us_per_row, bytes_per_row (given to the disk by this
 * process), wal_bytes (the log's file at the end), stored, batch.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "core/account.h"
#include "core/batch.h"
#include "core/task.h"
#include "core/workspace.h"
#include "db/migrate.h"
#include "model/receipt.h"

#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

enum { PREFILL_BATCH = BATCH_MAX, LATENCIES_MAX = 1 << 22 };

struct options {
    const char *data, *database; /* of the database NULL: SQLite's in `data` */
    size_t batch, description;
    long rows, prefill;
    double seconds;
    bool no_keys;
};

/* One of the creates that batches are made of, used again and again. */
struct slot {
    struct task_create create; /* first, so that a change is a slot */
    struct arena arena;        /* of its op, emptied before each use */
    struct op op;
    char key[32];
};

struct bench {
    struct options options;
    struct writer writer;
    struct commits commits; /* nobody listens */
    struct directory_place place;
    const struct directory *directory;
    const struct workspace *workspace;
    struct arena arena;
    struct op op;
    struct slot *slots;
    float *latencies; /* microseconds */
    size_t latency_count;
};

static void must(enum err err, const struct op *op, const char *what)
{
    if (err == ERR_OK)
        return;
    fprintf(stderr, "bare: %s: %s: %s\n", what, err_name(err), op->detail);
    exit(1);
}

/* ---- the store ---- */

/* Makes workspace and person as the sub-commands do, unless they are there. */
static void directory_make(struct bench *bench)
{
    struct mailbox *mailbox;
    struct core *core;
    must(mailbox_create(NULL, NULL, &mailbox), &bench->op, "mailbox");
    struct core_options options = {.data_dir = bench->options.data,
                                   .database_url = bench->options.database,
                                   .mailbox = mailbox};
    must(core_open(&options, &bench->op, &core), &bench->op, bench->options.data);
    const struct directory *directory = core_directory(core);
    bool there = directory_workspace(directory, STR("EXA-CON-BUS-WOR")) != NULL;
    directory_release(directory);
    if (!there) {
        const struct workspace_draft workspace = {.key = STR("EXA-CON-BUS-WOR")};
        struct str key;
        struct account_add account = {.op = &bench->op,
                                      .email = STR("example@example.com"),
                                      .domain = STR("EXA-CON-BUS"),
                                      .role = ROLE_MEMBER};
        must(workspace_add(core, &bench->op, &workspace, &key), &bench->op, "workspace");
        must(account_add(core, &account), &bench->op, "account");
    }
    core_close(core);
    mailbox_deliver(mailbox);
    mailbox_destroy(mailbox);
}

/* Opens the database again, with a writer of our own. */
static void writer_open(struct bench *bench)
{
    struct op *op = &bench->op;
    struct writer *writer = &bench->writer;
    struct str url = bench->options.database != NULL
                         ? str_of(bench->options.database)
                         : arena_printf(&bench->arena, "sqlite:%s/bzctrl.db", bench->options.data);
    must(url.p == NULL ? ERR_MEMORY : db_open(url.p, op, &writer->db), op, "open");
    must(node_claim(&writer->node, writer->db, op), op, "node");
    directory_place_init(&bench->place);
    must(directory_place_load(&bench->place, writer->db, op), op, "directory");
    must(idempotency_create(db_shared(writer->db), &writer->idempotency), op, "keys");
    arena_init(&writer->arena, (size_t)1 << 30);
    writer->directory = &bench->place;
    commits_init(&bench->commits);
    writer->commits = &bench->commits;
    writer->directory_version = directory_place_version(&bench->place);
    bench->directory = directory_place_take(&bench->place);
    bench->workspace = directory_workspace(bench->directory, STR("EXA-CON-BUS-WOR"));
    if (bench->workspace == NULL)
        must(ERR_NOT_FOUND, op, "workspace");
}

static void writer_close(struct bench *bench)
{
    directory_release(bench->directory);
    idempotency_destroy(bench->writer.idempotency);
    node_release(&bench->writer.node, bench->writer.db);
    commits_finish(&bench->commits);
    db_close(bench->writer.db);
    arena_finish(&bench->writer.arena);
    directory_place_finish(&bench->place);
}

/* ---- the rows ---- */

static void slots_make(struct bench *bench)
{
    static const struct str category[] = {{"Customs", 7}}, sub_category[] = {{"IT", 2}};
    static const struct str tags[] = {{"ORDER 777", 9}, {"725462", 6}};
    static const char sentence[] = "Operation started without proper approvals";
    char *description = arena_alloc(&bench->arena, bench->options.description + 1);
    bench->slots = ARENA_ARRAY(&bench->arena, struct slot, BATCH_MAX);
    if (bench->slots == NULL || description == NULL)
        must(ERR_MEMORY, &bench->op, "slots");
    for (size_t i = 0; i < bench->options.description; i++)
        description[i] = sentence[i % (sizeof sentence - 1)];
    const struct account *account = directory_account(bench->directory, STR("example@example.com"));
    for (size_t i = 0; i < BATCH_MAX; i++) {
        struct slot *slot = &bench->slots[i];
        arena_init(&slot->arena, (size_t)1 << 24);
        slot->op.arena = &bench->arena; /* for what is made here; see slot_ready() */
        slot->create = (struct task_create){
            .change = {.op = &slot->op},
            .directory = bench->directory,
            .workspace = bench->workspace,
            .actor_id = account->id,
            .public_url = STR("http://127.0.0.1:8080"),
            .key = {.account_id = account->id, .endpoint = STR("add-task")},
            .task = {.workspace_id = bench->workspace->id,
                     .type = TASK_INCIDENT,
                     .status = STATUS_IN_PROGRESS,
                     .impact = LEVEL_HIGH,
                     .likelihood = LEVEL_MEDIUM,
                     .priority = LEVEL_HIGH,
                     .financial_impact = 12357700,
                     .reporter_id = account->id,
                     .assignee_id = account->id,
                     .source_id = account->id,
                     .title = STR("Potential Customs claim"),
                     .description = {description, bench->options.description},
                     .lrn = STR("725462"),
                     .category = {category, 1},
                     .sub_category = {sub_category, 1},
                     .order_id = {tags, 1},
                     .tags = {tags, 2},
                     .due_date = DATE_NONE,
                     .reminder_date = 19993,
                     .occurred_at = TIME_NONE,
                     .extra = STR("{}"),
                     .form = STR("default"),
                     .form_version = 1},
        };
        must(core_task_create_prepare(&slot->create), &slot->op, "prepare");
        slot->op.arena = &slot->arena;
    }
}

/* Makes a slot a new create. */
static void slot_ready(const struct bench *bench, struct slot *slot)
{
    arena_reset(&slot->arena);
    slot->op.now = clock_now();
    if (bench->options.no_keys)
        return;
    random_bytes(slot->key, sizeof slot->key);
    slot->create.key.key = (struct str){slot->key, sizeof slot->key};
    slot->create.change.key = &slot->create.key;
}

/* ---- the loop ---- */

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void batch_write(struct bench *bench, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        slot_ready(bench, &bench->slots[i]);
        bench->slots[i].create.change.job.next =
            i + 1 < n ? &bench->slots[i + 1].create.change.job : NULL;
    }
    double start = microseconds();
    writer_run(NULL, &bench->writer, &bench->slots[0].create.change.job);
    if (bench->latency_count < LATENCIES_MAX)
        bench->latencies[bench->latency_count++] = (float)(microseconds() - start);
    for (size_t i = 0; i < n; i++)
        must(bench->slots[i].create.change.err, &bench->slots[i].op, "create");
}

/* Writes `rows` records, or for `seconds`. Returns how many. */
static long rows_write(struct bench *bench, size_t batch, long rows, double seconds)
{
    double end = microseconds() + seconds * 1e6;
    long written = 0;
    while (rows > 0 ? written < rows : microseconds() < end) {
        size_t n = rows > 0 && (size_t)(rows - written) < batch ? (size_t)(rows - written) : batch;
        batch_write(bench, n);
        written += (long)n;
    }
    return written;
}

/* ---- the figures ---- */

static double cpu_microseconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static long long bytes_written(void)
{
    FILE *file = fopen("/proc/self/io", "r");
    char line[128];
    long long bytes = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "write_bytes: %lld", &bytes) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return bytes;
}

static long long wal_size(struct bench *bench)
{
    struct stat status;
    struct str path = arena_printf(&bench->arena, "%s/bzctrl.db-wal", bench->options.data);
    return path.p != NULL && stat(path.p, &status) == 0 ? (long long)status.st_size : 0;
}

static int float_cmp(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void measure(struct bench *bench)
{
    const struct options *options = &bench->options;
    double start = microseconds(), cpu = cpu_microseconds();
    long long bytes = bytes_written();
    bench->latency_count = 0;
    long written = rows_write(bench, options->batch, options->rows, options->seconds);
    double took = microseconds() - start;
    cpu = cpu_microseconds() - cpu;
    bytes = bytes_written() - bytes;
    qsort(bench->latencies, bench->latency_count, sizeof *bench->latencies, float_cmp);
    double rows = (double)written;
    printf("{\"rows_per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"cpu_us_per_row\":%.2f,"
           "\"bytes_per_row\":%.0f,\"wal_bytes\":%lld,\"stored\":%lld,\"batch\":%zu}\n",
           rows / took * 1e6, (double)bench->latencies[bench->latency_count / 2],
           (double)bench->latencies[bench->latency_count * 99 / 100], cpu / rows,
           (double)bytes / rows, wal_size(bench),
           (long long)bench->slots[options->batch - 1].create.task.number, options->batch);
}

/* ---- the command line ---- */

static void usage(void)
{
    fprintf(stderr, "usage: bare --data DIR [--database URL] [--batch N] [--seconds S | --rows N]"
                    " [--prefill N] [--no-keys] [--description BYTES]\n");
    exit(64);
}

static struct options options_read(int argc, char **argv)
{
    static const struct option names[] = {
        {"data", required_argument, NULL, 'd'},
        {"batch", required_argument, NULL, 'b'},
        {"seconds", required_argument, NULL, 's'},
        {"rows", required_argument, NULL, 'r'},
        {"prefill", required_argument, NULL, 'p'},
        {"description", required_argument, NULL, 't'},
        {"database", required_argument, NULL, 'u'},
        {"no-keys", no_argument, NULL, 'k'},
        {0},
    };
    struct options options = {.batch = 64, .seconds = 3, .description = 42};
    int name;
    while ((name = getopt_long(argc, argv, "", names, NULL)) != -1)
        switch (name) {
        case 'd':
            options.data = optarg;
            break;
        case 'u':
            options.database = optarg;
            break;
        case 'b':
            options.batch = strtoul(optarg, NULL, 10);
            break;
        case 's':
            options.seconds = strtod(optarg, NULL);
            break;
        case 'r':
            options.rows = strtol(optarg, NULL, 10);
            break;
        case 'p':
            options.prefill = strtol(optarg, NULL, 10);
            break;
        case 't':
            options.description = strtoul(optarg, NULL, 10);
            break;
        case 'k':
            options.no_keys = true;
            break;
        default:
            usage();
        }
    if (options.data == NULL || options.batch == 0 || options.batch > BATCH_MAX || optind < argc ||
        options.description == 0 || options.description > (size_t)1 << 18)
        usage();
    return options;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    bench.options = options_read(argc, argv);
    arena_init(&bench.arena, (size_t)1 << 32);
    bench.op.arena = &bench.arena;
    bench.op.now = clock_now();
    bench.latencies = calloc(LATENCIES_MAX, sizeof *bench.latencies);
    if (bench.latencies == NULL)
        return 1;
    directory_make(&bench);
    writer_open(&bench);
    slots_make(&bench);
    if (bench.options.prefill > 0)
        rows_write(&bench, PREFILL_BATCH, bench.options.prefill, 0);
    measure(&bench);
    writer_close(&bench);
    for (size_t i = 0; i < BATCH_MAX; i++)
        arena_finish(&bench.slots[i].arena);
    free(bench.latencies);
    arena_finish(&bench.arena);
    return 0;
}
