#include "core/batch.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/folder.h"
#include "base/random.h"
#include "core/admin_state.h"
#include "core/commits.h"
#include "core/feed.h"
#include "core/form.h"
#include "core/idempotency.h"
#include "core/task_index.h"
#include "db/lock.h"
#include "db/migrate.h"
#include "store/copy.h"
#include "store/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    READERS = 2,
    READ_QUEUE_MAX = 16384,
    WRITE_QUEUE_MAX = 16384,
    IDLE_MS = 1000,
    WRITER_ARENA_MAX = 64 * 1024 * 1024,
};

struct core {
    char *url, *data_dir;
    int lock, database_lock; /* file descriptors that hold DIR/lock and the database; -1: none */
    struct writer writer;
    struct directory_place directory;
    struct form_cache forms;
    struct commits commits;
    struct task_index *index;
    unsigned char feed_key[FEED_KEY_SIZE];
    struct db *readers[READERS];
    atomic_uint readers_taken;
    int64_t mail_gather_ms;
    enum language language;
    struct lane *write_lane, *read_lane;
};

/* ---- opening ---- */

/* A copy that was interrupted holds a part of its source, which nobody must take for the whole. */
static enum err copy_check(struct db *db, struct op *op)
{
    struct str source;
    enum err err = store_copy_unfinished(db, op, &source);
    if (err == ERR_OK && source.p != NULL)
        err = op_fail(op, ERR_UNAVAILABLE,
                      "the database is an unfinished copy: run the same `bzctrld migrate` or "
                      "`bzctrld restore` again, or start with an empty database");
    return err;
}

/* The key of cursors; a store that has none gets one. */
static enum err feed_key_find(struct db *db, struct op *op, void *arg)
{
    struct core *core = arg;
    unsigned char key[FEED_KEY_SIZE];
    enum err err = store_feed_key(db, op, core->feed_key);
    if (err != ERR_NOT_FOUND)
        return err;
    random_bytes(key, sizeof key);
    err = store_feed_key_add(db, op, key);
    return err == ERR_OK ? store_feed_key(db, op, core->feed_key) : err;
}

static enum err database_open(struct core *core, struct op *op, const struct core_options *options)
{
    struct writer *writer = &core->writer;
    enum err err = db_open(core->url, op, &writer->db);
    if (err == ERR_OK && !options->existing)
        err = migrate(writer->db, op, migrations, migration_count, &options->watch);
    if (err == ERR_OK)
        err = copy_check(writer->db, op);
    if (err == ERR_OK)
        err = node_claim(&writer->node, writer->db, op);
    if (err == ERR_OK)
        err = directory_place_load(&core->directory, writer->db, op);
    if (err == ERR_OK)
        err = db_transact(writer->db, op, db_begin, feed_key_find, core);
    if (err == ERR_OK)
        err = idempotency_create(db_shared(writer->db), &writer->idempotency);
    for (size_t i = 0; i < READERS && err == ERR_OK; i++)
        err = db_open_reader(core->url, op, &core->readers[i]);
    if (err == ERR_OK)
        writer->directory_version = directory_place_version(&core->directory);
    return err;
}

static enum err writer_start(void *arg, void **ret_worker)
{
    struct core *core = arg;
    *ret_worker = &core->writer;
    return ERR_OK;
}

static enum err reader_start(void *arg, void **ret_worker)
{
    struct core *core = arg;
    *ret_worker = core->readers[atomic_fetch_add(&core->readers_taken, 1)];
    return ERR_OK;
}

static enum err lanes_start(struct core *core, struct mailbox *mailbox)
{
    struct lane_options write = {
        .name = "bzctrl-write",
        .metric = LANE_WRITE,
        .threads = 1,
        .queue_max = WRITE_QUEUE_MAX,
        .batch_max = BATCH_MAX,
        .mailbox = mailbox,
        .arg = core,
        .start = writer_start,
        .run_batch = writer_run,
        .idle = writer_idle,
        .idle_ms = IDLE_MS,
    };
    struct lane_options read = {
        .name = "bzctrl-read",
        .metric = LANE_READ,
        .threads = READERS,
        .queue_max = READ_QUEUE_MAX,
        .mailbox = mailbox,
        .arg = core,
        .start = reader_start,
    };
    enum err err = lane_create(&write, &core->write_lane);
    return err == ERR_OK ? lane_create(&read, &core->read_lane) : err;
}

/* Is there a store of this version? Looked at without a change. */
static enum err store_find(const struct core *core, struct op *op)
{
    struct db *db;
    enum err err = db_open_reader(core->url, op, &db);
    if (err != ERR_OK)
        return err;
    err = migrate_check(db, op, migrations, migration_count);
    if (err == ERR_NOT_FOUND)
        err = op_fail(op, ERR_UNAVAILABLE, "the database contains no bzctrl store");
    db_close(db);
    return err;
}

static enum err core_start(struct core *core, const struct core_options *options, struct op *op)
{
    struct str url = options->database_url != NULL
                         ? str_of(options->database_url)
                         : arena_printf(op->arena, "sqlite:%s/bzctrl.db", options->data_dir);
    core->url = url.p == NULL ? NULL : strdup(url.p);
    core->data_dir = strdup(options->data_dir);
    core->index = core->url == NULL || core->data_dir == NULL
                      ? NULL
                      : task_index_create(url, options->data_dir);
    if (core->index == NULL)
        return ERR_MEMORY;
    /* A store that must exist is not worth a new folder; a named database is found without one. */
    bool no_folder = options->existing && access(options->data_dir, F_OK) != 0 && errno == ENOENT;
    enum err err = options->existing ? ERR_OK : folder_make(op, options->data_dir);
    if (err == ERR_OK && !no_folder)
        err = folder_lock(op, options->data_dir, &core->lock);
    if (err == ERR_OK)
        err = db_lock(url, op, options->existing ? DB_LOCK_EXISTING : DB_LOCK_MAKE,
                      options->data_dir, &core->database_lock);
    if (err == ERR_OK && options->existing)
        err = store_find(core, op);
    if (err == ERR_OK)
        err = database_open(core, op, options);
    if (err == ERR_OK)
        err = lanes_start(core, options->mailbox);
    return err == ERR_OK && !options->existing ? admin_states_find(core, op) : err;
}

enum err core_open(const struct core_options *options, struct op *op, struct core **ret_core)
{
    struct core *core = calloc(1, sizeof *core);
    if (core == NULL)
        return ERR_MEMORY;
    core->lock = core->database_lock = -1;
    core->mail_gather_ms = options->mail_gather_ms;
    core->language = options->language;
    core->writer.directory = &core->directory;
    arena_init(&core->writer.arena, WRITER_ARENA_MAX);
    directory_place_init(&core->directory);
    form_cache_init(&core->forms);
    commits_init(&core->commits);
    core->writer.commits = &core->commits;
    enum err err = core_start(core, options, op);
    if (err != ERR_OK) {
        core_close(core);
        return err;
    }
    *ret_core = core;
    return ERR_OK;
}

void core_flush(struct core *core)
{
    lane_flush(core->read_lane);
    lane_flush(core->write_lane);
}

void core_close(struct core *core)
{
    if (core == NULL)
        return;
    lane_destroy(core->read_lane);
    lane_destroy(core->write_lane);
    for (size_t i = 0; i < READERS; i++)
        db_close(core->readers[i]);
    task_index_destroy(core->index);
    idempotency_destroy(core->writer.idempotency);
    if (core->write_lane != NULL)
        node_release(&core->writer.node, core->writer.db);
    db_close(core->writer.db);
    arena_finish(&core->writer.arena);
    directory_place_finish(&core->directory);
    form_cache_finish(&core->forms);
    commits_finish(&core->commits);
    if (core->database_lock >= 0)
        close(core->database_lock);
    if (core->lock >= 0)
        close(core->lock);
    free(core->url);
    free(core->data_dir);
    free(core);
}

/* ---- its state ---- */

bool core_is_broken(const struct core *core)
{
    return atomic_load(&core->writer.broken);
}

void core_counts(const struct core *core, uint64_t *ret_batches, uint64_t *ret_changes)
{
    *ret_batches = atomic_load(&core->writer.batches);
    *ret_changes = atomic_load(&core->writer.changes);
}

enum err core_open_reader(struct core *core, struct op *op, struct db **ret_db)
{
    return db_open_reader(core->url, op, ret_db);
}

int64_t core_mail_gather(const struct core *core)
{
    return core->mail_gather_ms;
}

enum language core_language(const struct core *core, enum language chosen)
{
    return chosen == LANGUAGE_UNSET ? core->language : chosen;
}

bool core_is_shared(const struct core *core)
{
    return db_shared(core->writer.db);
}

const unsigned char *core_feed_key(const struct core *core)
{
    return core->feed_key;
}

struct str core_database(const struct core *core)
{
    return str_of(core->url);
}

struct str core_data_dir(const struct core *core)
{
    return str_of(core->data_dir);
}

const struct directory *core_directory(struct core *core)
{
    return directory_place_take(&core->directory);
}

/* What the write lane does after each batch is what is waited for (core/batch.c). */
static enum err nothing_apply(struct change *change, struct batch *batch)
{
    (void)change, (void)batch;
    return ERR_OK;
}

enum err core_directory_of_view(struct core *core, struct db *db, struct op *op,
                                const struct directory **ret_directory)
{
    int64_t version;
    enum err err = store_directory_version(db, op, &version);
    if (err != ERR_OK)
        return err;
    const struct directory *directory = core_directory(core);
    if (directory->version < version) {
        struct change nothing = {.op = op, .apart = true, .apply = nothing_apply};
        directory_release(directory);
        err = core_change_wait(core, &nothing);
        if (err != ERR_OK)
            return err;
        directory = core_directory(core);
    }
    if (directory->version < version) {
        directory_release(directory);
        return op_fail(op, ERR_UNAVAILABLE, "the people and workspaces could not be read again");
    }
    *ret_directory = directory;
    return ERR_OK;
}

/* ---- changes ---- */

static void change_done(struct lane_job *job)
{
    struct change *change = container_of(job, struct change, job);
    if (change->done != NULL)
        change->done(change);
}

static enum err change_submit(struct core *core, struct change *change,
                              enum err (*submit)(struct lane *lane, struct lane_job *job))
{
    if (core_is_broken(core))
        return op_fail(change->op, ERR_UNAVAILABLE,
                       "the store could not write its data to disk; restart the server");
    change->job = (struct lane_job){.done = change_done};
    return submit(core->write_lane, &change->job);
}

enum err core_change(struct core *core, struct change *change)
{
    return change_submit(core, change, lane_submit);
}

enum err core_change_wait(struct core *core, struct change *change)
{
    enum err err = change_submit(core, change, lane_submit_wait);
    return err == ERR_OK ? change->err : err;
}

bool judge_again(struct judging *judging, struct op *op, enum err err)
{
    enum { OVERTAKEN_MS = 30000 };
    if (err != ERR_OUTDATED)
        return false;
    op_forget(op);
    int64_t now = clock_ticks();
    if (judging->until == 0)
        judging->until = now + OVERTAKEN_MS;
    return now < judging->until;
}

/* ---- reads ---- */

static enum err read_body(struct db *db, struct op *op, void *arg)
{
    struct core_read *read = arg;
    (void)op;
    return read->run(read, db);
}

static void read_run(struct lane_job *job, void *worker)
{
    struct core_read *read = container_of(job, struct core_read, job);
    read->err = db_transact(worker, read->op, db_begin_read, read_body, read);
}

static void read_done(struct lane_job *job)
{
    struct core_read *read = container_of(job, struct core_read, job);
    if (read->done != NULL)
        read->done(read);
}

enum err core_read(struct core *core, struct core_read *read)
{
    read->job = (struct lane_job){.run = read_run, .done = read_done};
    return lane_submit(core->read_lane, &read->job);
}

enum err core_read_wait(struct core *core, struct core_read *read)
{
    read->job = (struct lane_job){.run = read_run, .done = read_done};
    enum err err = lane_submit_wait(core->read_lane, &read->job);
    return err == ERR_OK ? read->err : err;
}

struct form_cache *core_forms(struct core *core)
{
    return &core->forms;
}

struct commits *core_commits(struct core *core)
{
    return &core->commits;
}

struct task_index *core_task_index(struct core *core)
{
    return core->index;
}
