/*
 * Power cuts: what was acknowledged is there, once, whatever the disk dropped, tore or reordered of
 * what had not been synced (disk.h says what it may).
 *
 * A life is a core that stores records, with checkpoints, restarts of the log and restarts of the
 * core, on a disk that remembers. Then the power is cut at many moments of that life: of each an
 * image is made, opened by a new core and compared with what had been acknowledged by then.
 *
 * CUTS says how many cuts (make soak: 10,000). SEED=N begins with the life that a failure names; a
 * seed fixes what is sent and what a cut does, but not how the write lane gathers its batches. What
 * is left of the image that failed is named, and stays.
 *
 * That the test can fail is itself a test here: on a disk whose syncs do nothing, records are lost.
 * So they are with "PRAGMA synchronous = OFF" or NORMAL in db/sqlite.c: try it.
 */
#include "../store/world.h"
#include "disk.h"

#include "base/clock.h"
#include "core/history.h"
#include "db/db.h"
#include "model/task_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LIFE_SENDS = 150,
    LIFE_CUTS = 25,
    ROUND_MAX = 12,
    TITLE_SIZE = 24, /* of a title or key */
    TEXT_MAX = 250000,
};

/* One record that was sent in a life. */
struct sent {
    struct task_create *create;
    size_t workspace;
    char title[TITLE_SIZE];
    bool keyed;
    size_t began, acknowledged; /* moments of the disk; SIZE_MAX: never */
};

struct life {
    struct world world;
    char root[64]; /* a folder that holds the data folder */
    uint64_t seed, random;
    struct sent sent[LIFE_SENDS];
    size_t n;
    struct db *reader; /* one that lingers in its view, so that the log cannot start again */
};

static char text[TEXT_MAX];

/* ---- folders ---- */

static void root_make(char root[64])
{
    strcpy(root, "/tmp/bzctrl-power-XXXXXX");
    assert_non_null(mkdtemp(root));
}

/* By hand, since a shell for each image would take longer than all else. */
static void root_remove(const char *root)
{
    static const char *const names[] = {"bzctrl.db",         "bzctrl.db-wal",  "bzctrl.db-shm",
                                        "bzctrl.db-journal", "bzctrl.db-lock", "lock"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/data/%s", root, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/data", root);
    rmdir(path);
    assert_int_equal(rmdir(root), 0);
}

static enum err begin(const char *root, struct world *world)
{
    struct database database = {0};
    snprintf(database.folder, sizeof database.folder, "%.50s/data", root);
    snprintf(database.url, sizeof database.url, "sqlite:%s/bzctrl.db", database.folder);
    return world_begin(&database, world);
}

/* ---- a life ---- */

/* What is being waited for; a change's `done` knows nothing else. */
static struct {
    size_t left;
    struct life *life;
} waiting;

static void sent_done(struct change *change)
{
    struct life *life = waiting.life;
    waiting.left--;
    for (size_t i = life == NULL ? 0 : life->n; i > 0; i--)
        if (&life->sent[i - 1].create->change == change && change->err == ERR_OK)
            life->sent[i - 1].acknowledged = disk_moment();
}

static void wait_for_all(struct world *world)
{
    while (waiting.left > 0) {
        mailbox_wait(world->mailbox);
        mailbox_deliver(world->mailbox);
    }
}

/* A record as it was sent before, or is now: the same title makes the same record. */
static struct task_create *make(struct world *world, const struct sent *sent,
                                struct str description)
{
    struct task_create *create =
        world_create(world, sent->workspace, sent->title, sent->keyed ? sent->title : NULL);
    create->task.description = description;
    create->change.done = sent_done;
    return create;
}

static void send(struct world *world, struct task_create *create)
{
    enum err err = core_task_create(world->core, create);
    if (err == ERR_OK)
        waiting.left++; /* the lane has it now */
    else
        create->change.err = err;
}

static bool same_answer(const struct answer *a, const struct answer *b)
{
    bool same = a->status == b->status && a->header_count == b->header_count;
    for (size_t i = 0; same && i < a->header_count; i++)
        same = str_eq(a->headers[i].name, b->headers[i].name) &&
               str_eq(a->headers[i].value, b->headers[i].value);
    return same && str_eq(a->body, b->body);
}

static struct str description_draw(struct life *life)
{
    unsigned kind = (unsigned)dice_below(&life->random, 100);
    size_t n = kind < 70   ? dice_below(&life->random, 1000)
               : kind < 95 ? dice_below(&life->random, 20000)
                           : 100000 + dice_below(&life->random, TEXT_MAX - 100000);
    size_t from = dice_below(&life->random, TEXT_MAX - n);
    return arena_str(&life->world.arena, (struct str){text + from, n});
}

/* Up to a dozen new ones, and some that were sent before. */
static void round_send(struct life *life)
{
    struct task_create *again[ROUND_MAX];
    size_t of[ROUND_MAX], again_n = 0;
    bool failed = disk_failure() == DISK_FILE_FAILED;
    size_t first = life->n;
    waiting.life = life;
    for (size_t i = 1 + dice_below(&life->random, ROUND_MAX); i > 0 && life->n < LIFE_SENDS; i--) {
        struct sent *sent = &life->sent[life->n];
        *sent = (struct sent){
            .workspace = dice_below(&life->random, WORLD_WORKSPACES),
            .keyed = dice_chance(&life->random, 60),
            .began = disk_moment(),
            .acknowledged = SIZE_MAX,
        };
        snprintf(sent->title, sizeof sent->title, "%zu", life->n);
        sent->create = make(&life->world, sent, description_draw(life));
        life->n++;
        send(&life->world, sent->create);

        size_t older = dice_below(&life->random, life->n);
        if (life->sent[older].keyed && dice_chance(&life->random, 20)) {
            of[again_n] = older;
            again[again_n] =
                make(&life->world, &life->sent[older], life->sent[older].create->task.description);
            send(&life->world, again[again_n++]);
        }
    }
    wait_for_all(&life->world);
    for (size_t i = 0; i < again_n; i++) {
        const struct sent *original = &life->sent[of[i]];
        if (again[i]->change.err == ERR_OK) {
            assert_true(original->acknowledged != SIZE_MAX && again[i]->replayed);
            assert_true(same_answer(&again[i]->answer, &original->create->answer));
        }
    }
    for (size_t i = first; i < life->n && failed; i++)
        assert_int_not_equal(life->sent[i].create->change.err, ERR_OK);
}

static void reader_toggle(struct life *life)
{
    struct task task;
    struct op *op = &life->world.op;
    if (life->reader != NULL) {
        db_close(life->reader);
        life->reader = NULL;
        return;
    }
    assert_int_equal(core_open_reader(life->world.core, op, &life->reader), ERR_OK);
    assert_int_equal(db_begin_read(life->reader, op), ERR_OK);
    (void)!store_task_get(life->reader, op, 11, 1, &task); /* takes its view */
}

/* With `fails`, one of the coming syncs will fail; the core must then take nothing more, which a
 * few rounds show. */
static struct life *life_live(uint64_t seed, bool fails)
{
    struct life *life = calloc(1, sizeof *life);
    assert_non_null(life);
    life->seed = life->random = seed;
    root_make(life->root);
    disk_watch(life->root);
    assert_int_equal(begin(life->root, &life->world), ERR_OK);
    world_populate(&life->world);
    if (fails) {
        /* The first sync of a new log is that of the folder, too. */
        bool anew = dice_chance(&life->random, 50);
        if (anew)
            world_reopen(&life->world);
        disk_fail_sync(1 + dice_below(&life->random, anew ? 4 : 16));
    }
    for (int after = 0; life->n < LIFE_SENDS && after < 3;) {
        round_send(life);
        after += disk_failure() != DISK_WELL;
        if (dice_chance(&life->random, 15) || life->reader != NULL)
            reader_toggle(life);
        if (!fails && life->reader == NULL && dice_chance(&life->random, 8))
            world_reopen(&life->world);
    }
    if (life->reader != NULL)
        reader_toggle(life);
    if (disk_failure() == DISK_FILE_FAILED)
        assert_true(core_is_broken(life->world.core));
    world_close(&life->world);
    disk_fail_sync(0);
    return life;
}

static void life_end(struct life *life)
{
    world_end(&life->world);
    disk_watch("");
    root_remove(life->root);
    free(life);
}

/* ---- an image ---- */

static char reason[512];

/* Says why an image is not what it must be. */
#define FAULT_UNLESS(condition, ...)                                                               \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            snprintf(reason, sizeof reason, __VA_ARGS__);                                          \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

struct image {
    const struct life *life;
    size_t moment;
    struct world world;
    struct db *reader;
    struct task_create
        *again[LIFE_SENDS]; /* those that were sent once more, since they have a key */
    bool found[LIFE_SENDS];
    struct receipt receipts[LIFE_SENDS];
    size_t receipts_n;
};

static bool acknowledged(const struct image *image, size_t i)
{
    return image->life->sent[i].acknowledged <= image->moment;
}

/* A client without an answer sends again: what was acknowledged gets the same one, the rest is stored
 * now at the latest. */
static bool image_send_again(struct image *image)
{
    const struct life *life = image->life;
    waiting.life = NULL;
    for (size_t i = 0; i < life->n && life->sent[i].began < image->moment; i++)
        if (life->sent[i].keyed) {
            image->again[i] =
                make(&image->world, &life->sent[i], life->sent[i].create->task.description);
            send(&image->world, image->again[i]);
        }
    wait_for_all(&image->world);
    for (size_t i = 0; i < life->n; i++) {
        const struct task_create *again = image->again[i];
        if (again == NULL)
            continue;
        FAULT_UNLESS(again->change.err == ERR_OK, "record %zu is refused: %s: %s", i,
                     err_name(again->change.err), again->change.op->detail);
        FAULT_UNLESS(again->replayed || !acknowledged(image, i),
                     "the key of record %zu was acknowledged, and is taken as new", i);
        FAULT_UNLESS(!again->replayed || same_answer(&again->answer, &life->sent[i].create->answer),
                     "the key of record %zu gets another answer", i);
    }
    return true;
}

/* The very record that was sent: `task`, which was read, says what the event of its create does. */
static bool same_task(const struct image *image, const struct task *task,
                      const struct task_create *create)
{
    struct buf buf;
    buf_init(&buf, (size_t)1 << 24);
    buf_task_created_changes(&buf, task, image->world.directory);
    bool same = buf_err(&buf) == ERR_OK && str_eq(buf_str(&buf), create->payload);
    buf_finish(&buf);
    return same && task->id == create->task.id && task->number == create->task.number &&
           task->workspace_id == create->task.workspace_id && task->version == 1 &&
           task->created_at == create->task.created_at && task->last_seq == create->event.seq;
}

static bool image_read_records(struct image *image)
{
    const struct life *life = image->life;
    struct op *op = &image->world.op;
    for (size_t w = 0; w < WORLD_WORKSPACES; w++) {
        int64_t workspace_id = world_workspace(&image->world, w)->id;
        for (int64_t number = 1;; number++) {
            struct task task;
            uint64_t i;
            enum err err = store_task_get(image->reader, op, workspace_id, number, &task);
            if (err == ERR_NOT_FOUND)
                break;
            FAULT_UNLESS(err == ERR_OK, "reading number %d: %s: %s", (int)number, err_name(err),
                         op->detail);
            FAULT_UNLESS(str_to_u64(task.title, life->n, &i) && i < life->n,
                         "a record that nobody sent: \"%.*s\"", STR_ARG(task.title));
            FAULT_UNLESS(!image->found[i], "record %d is there twice", (int)i);
            image->found[i] = true;
            const struct task_create *again = image->again[i];
            FAULT_UNLESS(
                same_task(image, &task,
                          again != NULL && !again->replayed ? again : life->sent[i].create),
                "record %d is not what was sent", (int)i);
        }
    }
    for (size_t i = 0; i < life->n; i++)
        FAULT_UNLESS(image->found[i] || (!acknowledged(image, i) && image->again[i] == NULL),
                     "record %zu was acknowledged and is lost", i);
    return true;
}

static bool image_verify(struct image *image)
{
    struct op *op = &image->world.op;
    for (size_t i = 0; i < image->life->n; i++)
        if (acknowledged(image, i)) {
            const struct sent *sent = &image->life->sent[i];
            image->receipts[image->receipts_n++] = (struct receipt){
                .domain = world_workspace(&image->world, sent->workspace)->domain->key,
                .seq = sent->create->event.seq,
                .hash = sent->create->event.hash,
            };
        }
    struct history_report report;
    enum err err =
        history_verify(image->reader, op, image->receipts, image->receipts_n, NULL, NULL, &report);
    FAULT_UNLESS(err == ERR_OK, "history_verify: %s: %s", err_name(err), op->detail);
    FAULT_UNLESS(!report.broken, "the history is broken: %.*s", STR_ARG(report.fault));
    return true;
}

static bool image_hold(struct image *image, const char *root)
{
    struct op *op = &image->world.op;
    enum err err = begin(root, &image->world);
    FAULT_UNLESS(err == ERR_OK, "core_open: %s: %s", err_name(err), op->detail);
    bool populated =
        directory_workspace(image->world.directory, str_of(world_workspaces[0])) != NULL;
    if (!populated)
        FAULT_UNLESS(image->life->n == 0 || image->moment <= image->life->sent[0].began,
                     "the directory is lost");
    err = core_open_reader(image->world.core, op, &image->reader);
    FAULT_UNLESS(err == ERR_OK, "core_open_reader: %s: %s", err_name(err), op->detail);
    return !populated ||
           (image_send_again(image) && image_read_records(image) && image_verify(image));
}

/* Cuts at `moment`; false, and `reason`, when something is missing. */
static bool cut_holds(struct life *life, size_t moment, bool lies)
{
    char root[64];
    root_make(root);
    disk_cut(moment, &life->random, lies, root);
    struct image *image = calloc(1, sizeof *image);
    assert_non_null(image);
    image->life = life;
    image->moment = moment;
    bool holds = image_hold(image, root);
    db_close(image->reader);
    world_end(&image->world);
    free(image);
    if (holds || lies)
        root_remove(root);
    else
        printf("# what is left of the image: %s\n", root);
    return holds;
}

static int moment_cmp(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Cuts a life `n` times; returns how many of them held. */
static size_t life_cut(struct life *life, size_t n, bool lies)
{
    size_t moments[LIFE_CUTS], held = 0;
    for (size_t i = 0; i < n; i++)
        moments[i] = disk_moment_pick(&life->random);
    qsort(moments, n, sizeof *moments, moment_cmp);
    for (size_t i = 0; i < n; i++) {
        bool holds = cut_holds(life, moments[i], lies);
        held += holds;
        if (!holds && !lies)
            fail_msg("SEED=%llu, cut at %zu of %zu: %s", (unsigned long long)life->seed, moments[i],
                     disk_moment(), reason);
    }
    return held;
}

/* ---- the tests ---- */

static uint64_t first_seed;
static size_t cuts;

static void cut_lives(bool fails)
{
    uint64_t started = (uint64_t)clock_ticks();
    size_t failed = 0, checkpoints = 0, left = cuts / 2;
    for (uint64_t seed = first_seed; left > 0; seed++) {
        size_t n = left < LIFE_CUTS ? left : LIFE_CUTS;
        struct life *life = life_live(seed, fails);
        failed += disk_failure() != DISK_WELL;
        checkpoints += disk_syncs("data/bzctrl.db");
        left -= life_cut(life, n, false);
        life_end(life);
    }
    printf("# SEED=%llu: %zu cuts, %zu checkpoints, %zu failed syncs, %.1f s\n",
           (unsigned long long)first_seed, cuts / 2, checkpoints, failed,
           (double)((uint64_t)clock_ticks() - started) / 1000);
    assert_true(checkpoints > 0 && (failed > 0) == fails);
}

static void whatever_a_power_cut_leaves_holds_all_that_was_acknowledged(void **state)
{
    (void)state;
    cut_lives(false);
}

static void after_a_sync_that_failed_nothing_is_acknowledged_and_nothing_lost(void **state)
{
    (void)state;
    cut_lives(true);
}

/* SQLite would go on: it does not look whether its own sync of the folder has succeeded. */
static void a_log_whose_name_cannot_be_made_durable_is_not_written_to(void **state)
{
    (void)state;
    char root[64];
    struct world world;
    root_make(root);
    disk_watch(root);
    assert_int_equal(begin(root, &world), ERR_OK);
    world_end(&world);
    disk_fail_sync(1);
    assert_int_equal(begin(root, &world), ERR_IO);
    assert_int_equal(disk_failure(), DISK_FOLDER_FAILED);
    world_end(&world);
    disk_watch("");
    root_remove(root);
}

static void a_disk_that_lies_is_found_out(void **state)
{
    (void)state;
    struct life *life = life_live(first_seed, false);
    size_t n = LIFE_CUTS / 2;
    assert_true(life_cut(life, n, true) < n / 2);
    life_end(life);
}

int main(void)
{
    const char *wanted = getenv("CUTS"), *seed = getenv("SEED");
    cuts = wanted == NULL ? 300 : strtoull(wanted, NULL, 10);
    first_seed = seed == NULL ? (uint64_t)clock_now() : strtoull(seed, NULL, 10);
    for (size_t i = 0; i < TEXT_MAX; i++)
        text[i] = (char)('a' + i * i / 7 % 23);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_a_power_cut_leaves_holds_all_that_was_acknowledged),
        cmocka_unit_test(after_a_sync_that_failed_nothing_is_acknowledged_and_nothing_lost),
        cmocka_unit_test(a_log_whose_name_cannot_be_made_durable_is_not_written_to),
        cmocka_unit_test(a_disk_that_lies_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
