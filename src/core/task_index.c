#include "core/task_index.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/task_table.h"
#include "model/task_term.h"
#include "store/comment.h"
#include "store/task_index.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    IDLE_READERS = 4,
    HURRY_MS = 3000,
    PURGE_WAIT_MS = 500,
    COUNTS = 1024,  /* that are known; one may take another's place */
    TABLE_MB = 256, /* of the table, where no setting says otherwise */
};

struct index_reader {
    struct db *db;
    unsigned generation;
};

/* How many records an expression finds: a count of half a million takes tens of milliseconds, and
 * the same ones are asked for again and again. */
struct known_count {
    struct sha256 key;
    unsigned generation; /* of the file that was counted */
    int64_t count;
    bool counting; /* somebody is at it */
};

struct task_index {
    char *url;            /* of the file; NULL: the index is in the database, */
    char *store;          /* which has this URL */
    pthread_mutex_t file; /* held while the file is opened for writing, or thrown away */
    pthread_mutex_t lock;
    pthread_cond_t wrote, counted;
    struct index_reader idle[IDLE_READERS], busy[IDLE_READERS];
    unsigned generation;                /* of the file */
    bool damaged, followed;             /* … and the writer is open */
    int64_t purge_for;                  /* an account; 0: nobody waits for a purge */
    unsigned purges_asked, purges_done; /* their numbers */
    int64_t hurry_until;                /* clock_ticks() */
    struct known_count counts[COUNTS];
    struct task_table *table; /* NULL: none is kept */
};

struct task_index *task_index_create(struct str database_url, const char *data_dir)
{
    struct task_index *index = calloc(1, sizeof *index);
    if (index == NULL)
        return NULL;
    pthread_mutex_init(&index->file, NULL);
    pthread_mutex_init(&index->lock, NULL);
    pthread_cond_init(&index->wrote, NULL);
    pthread_cond_init(&index->counted, NULL);
    size_t size = strlen(data_dir) + sizeof "sqlite:/index.db";
    bool file = str_starts(database_url, STR("sqlite:"));
    index->store = strndup(database_url.p, database_url.n);
    index->url = file ? malloc(size) : NULL;
    index->table = task_table_create((size_t)TABLE_MB << 20);
    if (index->store == NULL || index->table == NULL || (file && index->url == NULL)) {
        task_index_destroy(index);
        return NULL;
    }
    if (file)
        snprintf(index->url, size, "sqlite:%s/index.db", data_dir);
    return index;
}

void task_index_destroy(struct task_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < IDLE_READERS; i++)
        db_close(index->idle[i].db);
    task_table_destroy(index->table);
    pthread_cond_destroy(&index->wrote);
    pthread_cond_destroy(&index->counted);
    pthread_mutex_destroy(&index->lock);
    pthread_mutex_destroy(&index->file);
    free(index->url);
    free(index->store);
    free(index);
}

struct task_table *task_index_table(struct task_index *index)
{
    return index->table;
}

void task_index_table_bound(struct task_index *index, uint64_t megabytes)
{
    task_table_destroy(index->table);
    index->table = megabytes == 0 ? NULL : task_table_create((size_t)megabytes << 20);
}

/* ---- readers ---- */

/* An idle connection to today's file, or NULL. */
static struct db *idle_take(struct task_index *index, unsigned *ret_generation)
{
    struct db *db = NULL;
    pthread_mutex_lock(&index->lock);
    *ret_generation = index->generation;
    for (size_t i = 0; i < IDLE_READERS && db == NULL; i++)
        if (index->idle[i].db != NULL && index->idle[i].generation == index->generation) {
            db = index->idle[i].db;
            index->idle[i].db = NULL;
        }
    pthread_mutex_unlock(&index->lock);
    return db;
}

/* Notes of which file the connection is, for when it comes back. False: too many are out. */
static bool busy_note(struct task_index *index, struct db *db, unsigned generation)
{
    bool noted = false;
    pthread_mutex_lock(&index->lock);
    for (size_t i = 0; i < IDLE_READERS && !noted && generation == index->generation; i++)
        if (index->busy[i].db == NULL) {
            index->busy[i] = (struct index_reader){db, generation};
            noted = true;
        }
    pthread_mutex_unlock(&index->lock);
    return noted;
}

static enum err reader_open(struct task_index *index, struct op *op, struct db **ret_reader)
{
    unsigned generation;
    struct db *reader = idle_take(index, &generation);
    enum err err = reader == NULL ? db_open_reader(index->url, op, &reader) : ERR_OK;
    if (err == ERR_OK)
        err = db_begin_read(reader, op);
    if (err != ERR_OK) {
        db_close(reader);
        return err;
    }
    /* One that was opened while the file was thrown away may have parts of two files. */
    if (!busy_note(index, reader, generation)) {
        db_close(reader);
        return ERR_BUSY;
    }
    *ret_reader = reader;
    return ERR_OK;
}

void task_index_note_damage(struct task_index *index)
{
    pthread_mutex_lock(&index->lock);
    index->damaged = true;
    pthread_mutex_unlock(&index->lock);
}

enum err task_index_take(struct task_index *index, struct db *db, struct op *op,
                         struct db **ret_reader)
{
    struct index_state state;
    struct db *reader = db;
    if (index->url != NULL && reader_open(index, op, &reader) != ERR_OK) {
        op_forget(op);
        return ERR_UNAVAILABLE;
    }
    enum err err = store_index_begin(reader, op);
    if (err == ERR_OK)
        err = store_index_state(reader, op, &state);
    if (err == ERR_OK && !state.built) /* somebody waits for it */
        task_index_hurry(index, 0);
    if (err == ERR_OK && state.built && state.version == TASK_TERMS_VERSION) {
        *ret_reader = reader;
        return ERR_OK;
    }
    task_index_give(index, reader, err);
    op_forget(op);
    return reader == db && err != ERR_OK ? err : ERR_UNAVAILABLE;
}

void task_index_give(struct task_index *index, struct db *reader, enum err outcome)
{
    if (index->url == NULL)
        return;
    db_rollback(reader);
    /* A badly put question would not be the fault of the index. */
    bool damage = task_index_is_damage(outcome) && outcome != ERR_MISUSE;
    pthread_mutex_lock(&index->lock);
    unsigned generation = index->generation + 1;
    for (size_t i = 0; i < IDLE_READERS; i++)
        if (index->busy[i].db == reader) {
            generation = index->busy[i].generation;
            index->busy[i].db = NULL;
        }
    /* A file that was thrown away says nothing of the one that is there now. */
    index->damaged = index->damaged || (damage && generation == index->generation);
    for (size_t i = 0; i < IDLE_READERS && reader != NULL; i++)
        if (index->idle[i].db == NULL && generation == index->generation && !damage) {
            index->idle[i] = (struct index_reader){reader, generation};
            reader = NULL;
        }
    pthread_mutex_unlock(&index->lock);
    db_close(reader);
}

/* ---- the writer ---- */

static enum err writer_open(struct task_index *index, struct op *op, struct db **ret_writer)
{
    struct db *writer;
    enum err err = db_open(index->url == NULL ? index->store : index->url, op, &writer);
    if (err != ERR_OK)
        return err;
    /* What a crash takes away is made again, so a commit need not wait for the disk. */
    err = store_index_hasten(writer, op);
    if (err == ERR_OK && index->url != NULL)
        err = store_index_make(writer, op);
    if (err != ERR_OK) {
        db_close(writer);
        return err;
    }
    pthread_mutex_lock(&index->lock);
    index->followed = true;
    pthread_mutex_unlock(&index->lock);
    *ret_writer = writer;
    return ERR_OK;
}

enum err task_index_open_writer(struct task_index *index, struct op *op, struct db **ret_writer)
{
    pthread_mutex_lock(&index->file);
    enum err err = writer_open(index, op, ret_writer);
    pthread_mutex_unlock(&index->file);
    return err;
}

/* Throws the file away unless it is open for writing: a writer that has lost its file does not notice
 * it. */
static bool followed_or_discarded(struct task_index *index)
{
    pthread_mutex_lock(&index->file);
    pthread_mutex_lock(&index->lock);
    bool followed = index->followed;
    pthread_mutex_unlock(&index->lock);
    if (!followed)
        task_index_discard(index);
    pthread_mutex_unlock(&index->file);
    return followed;
}

void task_index_close_writer(struct task_index *index, struct db *writer)
{
    db_close(writer);
    pthread_mutex_lock(&index->lock);
    bool discard = index->damaged;
    index->followed = index->damaged = false;
    pthread_mutex_unlock(&index->lock);
    if (discard)
        task_index_discard(index);
}

static enum err clear_body(struct db *db, struct op *op, void *arg)
{
    (void)arg;
    enum err err = db_patient(db, op);
    return err == ERR_OK ? store_index_clear(db, op) : err;
}

enum err task_index_rebuild(struct task_index *index, struct op *op)
{
    if (index->url == NULL) {
        struct db *db;
        enum err err = db_open(index->store, op, &db);
        if (err != ERR_OK)
            return err;
        err = db_transact(db, op, db_begin, clear_body, NULL);
        db_close(db);
        return err;
    }
    if (!followed_or_discarded(index))
        return ERR_OK;
    task_index_note_damage(index);
    task_index_hurry(index, 0);
    return ERR_OK;
}

void task_index_purge(struct task_index *index, int64_t account_id, bool *ret_done)
{
    *ret_done = true;
    if (index->url == NULL) /* the database forgets what is replaced, as it does of all tables */
        return;
    bool followed = followed_or_discarded(index);
    pthread_mutex_lock(&index->lock);
    if (followed && index->purge_for != account_id)
        index->purges_asked++;
    index->purge_for = followed ? account_id : 0;
    pthread_mutex_unlock(&index->lock);
    if (!followed)
        return;
    task_index_hurry(index, PURGE_WAIT_MS);
    pthread_mutex_lock(&index->lock);
    *ret_done = index->purges_done == index->purges_asked;
    if (*ret_done)
        index->purge_for = 0;
    pthread_mutex_unlock(&index->lock);
}

unsigned task_index_purging(struct task_index *index)
{
    pthread_mutex_lock(&index->lock);
    unsigned number = index->purges_asked == index->purges_done ? 0 : index->purges_asked;
    pthread_mutex_unlock(&index->lock);
    return number;
}

void task_index_purged(struct task_index *index, unsigned number)
{
    pthread_mutex_lock(&index->lock);
    index->purges_done = number;
    pthread_cond_broadcast(&index->wrote);
    pthread_mutex_unlock(&index->lock);
}

void task_index_discard(struct task_index *index)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    struct db *old[IDLE_READERS];
    if (index->url == NULL)
        return;
    pthread_mutex_lock(&index->lock);
    index->generation++;
    for (size_t i = 0; i < IDLE_READERS; i++) {
        old[i] = index->idle[i].db;
        index->idle[i].db = NULL;
    }
    pthread_mutex_unlock(&index->lock);
    for (size_t i = 0; i < IDLE_READERS; i++)
        db_close(old[i]);
    const char *path = index->url + sizeof "sqlite:" - 1;
    size_t size = strlen(path) + 8;
    char *name = malloc(size);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0] && name != NULL; i++) {
        snprintf(name, size, "%s%s", path, ends[i]);
        (void)unlink(name);
    }
    free(name);
    /* A reader that has opened it since then has the file of before, or a part of it. */
    pthread_mutex_lock(&index->lock);
    index->generation++;
    pthread_mutex_unlock(&index->lock);
}

bool task_index_is_damage(enum err err)
{
    return err == ERR_CORRUPT || err == ERR_MISUSE || err == ERR_CONSTRAINT || err == ERR_IO;
}

bool task_index_spared(struct db *db, struct op *op, enum err *err)
{
    bool damaged = task_index_is_damage(*err);
    if (damaged) {
        LOG(LOG_WARN, "the index of records could not be asked",
            LOG_TEXT("reason", str_of(op->detail)));
        *err = ERR_UNAVAILABLE;
    }
    if (*err != ERR_UNAVAILABLE)
        return false;
    op_forget(op);
    if (db_fault(db) == ERR_OK)
        return true;
    if (!damaged) /* it is the store that does not answer */
        return false;
    *err = ERR_NOT_READY;
    op_say(
        op,
        "The index of records cannot be read. Try again in a few seconds; if it stays so, ask the "
        "operator to have it built again.");
    return false;
}

/* ---- between the two ---- */

void task_index_hurry(struct task_index *index, int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    int64_t ns = until.tv_nsec + (int64_t)ms * 1000000;
    until.tv_sec += ns / 1000000000;
    until.tv_nsec = ns % 1000000000;
    pthread_mutex_lock(&index->lock);
    index->hurry_until = clock_ticks() + HURRY_MS;
    (void)pthread_cond_timedwait(&index->wrote, &index->lock, &until);
    pthread_mutex_unlock(&index->lock);
}

bool task_index_hurried(struct task_index *index)
{
    pthread_mutex_lock(&index->lock);
    bool hurried = clock_ticks() < index->hurry_until;
    pthread_mutex_unlock(&index->lock);
    return hurried;
}

bool task_index_damaged(struct task_index *index)
{
    pthread_mutex_lock(&index->lock);
    bool damaged = index->damaged;
    pthread_mutex_unlock(&index->lock);
    return damaged;
}

void task_index_wrote(struct task_index *index)
{
    pthread_mutex_lock(&index->lock);
    pthread_cond_broadcast(&index->wrote);
    pthread_mutex_unlock(&index->lock);
}

/* ---- counts that are known ---- */

static unsigned generation_of(const struct task_index *index, const struct db *reader)
{
    for (size_t i = 0; i < IDLE_READERS; i++)
        if (index->busy[i].db == reader)
            return index->busy[i].generation;
    return 0;
}

static struct known_count *count_at(struct task_index *index, const struct sha256 *key)
{
    return &index->counts[(key->bytes[0] | (unsigned)key->bytes[1] << 8) % COUNTS];
}

bool task_index_count_known(struct task_index *index, const struct db *reader,
                            const struct sha256 *key, int64_t *ret_count)
{
    pthread_mutex_lock(&index->lock);
    struct known_count *known = count_at(index, key);
    while (known->counting && sha256_eq(&known->key, key))
        pthread_cond_wait(&index->counted, &index->lock);
    bool is = sha256_eq(&known->key, key) && known->generation == generation_of(index, reader);
    if (is)
        *ret_count = known->count;
    else if (!known->counting)
        *known = (struct known_count){.key = *key, .counting = true};
    pthread_mutex_unlock(&index->lock);
    return is;
}

void task_index_count_keep(struct task_index *index, const struct db *reader,
                           const struct sha256 *key, int64_t count)
{
    pthread_mutex_lock(&index->lock);
    struct known_count *known = count_at(index, key);
    if (sha256_eq(&known->key, key)) {
        *known = (struct known_count){0};
        if (count >= 0)
            *known = (struct known_count){*key, generation_of(index, reader), count};
        pthread_cond_broadcast(&index->counted);
    }
    pthread_mutex_unlock(&index->lock);
}

/* Adds the texts of a record's comments, newest first, as far as a search finds them: those for all,
 * and internal ones. */
static enum err comments_load(struct db *db, struct op *op, const struct task *task,
                              struct str_list ret_texts[2])
{
    enum { AT_ONCE = 32 };
    const size_t most[2] = {(size_t)task->comment_count, (size_t)task->internal_count};
    struct str *texts[2] = {ARENA_ARRAY(op->arena, struct str, most[0]),
                            ARENA_ARRAY(op->arena, struct str, most[1])};
    size_t n[2] = {0, 0}, bytes = 0;
    struct comment_list page = {.n = AT_ONCE};
    if (texts[0] == NULL || texts[1] == NULL)
        return ERR_MEMORY;
    for (int64_t before = INT64_MAX; page.n == AT_ONCE && bytes <= 2 * TASK_TEXT_MAX;) {
        enum err err = store_comments_before(db, op, task->id, before, true, AT_ONCE, &page);
        if (err != ERR_OK)
            return err;
        for (size_t i = 0; i < page.n; i++) {
            struct str text = page.items[i].text;
            bool internal = page.items[i].internal;
            before = page.items[i].id;
            bytes += text.n;
            if (text.p != NULL && n[internal] < most[internal])
                texts[internal][n[internal]++] = text;
        }
    }
    for (int side = 0; side < 2; side++)
        ret_texts[side] = (struct str_list){texts[side], n[side]};
    return ERR_OK;
}

enum err task_text_load(struct db *db, struct op *op, const struct task *task,
                        struct task_text *ret_text)
{
    struct str_list comments[2] = {{NULL, 0}, {NULL, 0}}; /* for all, internal */
    enum err err = ERR_OK;
    if (task->comment_count + task->internal_count > 0)
        err = comments_load(db, op, task, comments);
    return err == ERR_OK ? task_text_make(op->arena, task, comments[0], comments[1], ret_text)
                         : err;
}
