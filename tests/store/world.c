#include "world.h"

#include "core/history.h"
#include "db/db.h"
#include "model/task_fold.h"
#include "store/erasure.h"

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

const char *const world_workspaces[WORLD_WORKSPACES] = {"EXA-CON-BUS-WOR", "EXA-CON-BUS-LAB",
                                                        "EXA-CON-BUS-OFF", "ACME-MAIN"};

/* The directory is written as it lies in the tables: how it is edited is another test's matter. */
static const char directory_sql[] =
    "INSERT INTO domain (id, key, created_at) VALUES (1, 'EXA-CON-BUS', 0), (2, 'ACME', 0);"
    "INSERT INTO workspace (id, domain_id, key, name, zone, created_at) VALUES"
    " (11, 1, 'EXA-CON-BUS-WOR', 'Work', 'Europe/Amsterdam', 0),"
    " (12, 1, 'EXA-CON-BUS-LAB', 'Laboratory', 'UTC', 0),"
    " (13, 1, 'EXA-CON-BUS-OFF', 'Office', 'UTC', 0),"
    " (14, 2, 'ACME-MAIN', 'Main', 'UTC', 0);"
    "INSERT INTO account (id, kind, email, password_grant, admin, disabled, created_at) VALUES"
    " (21, 1, 'one@example.com', 1, 1, 0, 0), (22, 1, 'two@example.com', 1, 1, 0, 0);"
    /* As of an older store: its history gets to know them when it is opened again. */
    "INSERT INTO state_due (id, kind) VALUES (1, 0);";

static void create_ops_finish(struct world *world);

/* ---- opening and closing ---- */

static enum err world_open(struct world *world)
{
    assert_int_equal(mailbox_create(NULL, NULL, &world->mailbox), ERR_OK);
    struct core_options options = {.data_dir = world->database.folder,
                                   .database_url = world->database.url,
                                   .mailbox = world->mailbox};
    enum err err = core_open(&options, &world->op, &world->core);
    if (err == ERR_OK)
        world->directory = core_directory(world->core);
    else
        mailbox_destroy(world->mailbox);
    return err;
}

void world_close(struct world *world)
{
    if (world->core == NULL)
        return;
    directory_release(world->directory);
    core_close(world->core);
    mailbox_deliver(world->mailbox);
    mailbox_destroy(world->mailbox);
    world->core = NULL;
}

void world_reopen(struct world *world)
{
    world_close(world);
    enum err err = world_open(world);
    if (err != ERR_OK)
        fail_msg("core_open: %s: %s", err_name(err), world->op.detail);
}

static enum err write_directory(struct change *change, struct batch *batch)
{
    batch_writes(batch, change);
    enum err err = db_script(batch_db(batch), change->op, str_of(directory_sql));
    /* As a change does, all that it has written is marked. */
    if (err == ERR_OK)
        err = db_script(batch_db(batch), change->op,
                        STR("UPDATE account SET changed = (SELECT version + 1 FROM"
                            " directory_version); UPDATE form SET changed = (SELECT version + 1"
                            " FROM directory_version); UPDATE directory_version SET places ="
                            " version + 1;"));
    return err == ERR_OK ? batch_directory_patched(batch, change->op) : err;
}

enum err world_begin(const struct database *database, struct world *world)
{
    *world = (struct world){.database = *database};
    arena_init(&world->arena, (size_t)1 << 30);
    world->op.arena = &world->arena;
    world->op.now = clock_now();
    return world_open(world);
}

void world_populate(struct world *world)
{
    assert_int_equal(world_change(world, write_directory), ERR_OK);
    directory_release(world->directory);
    world->directory = core_directory(world->core);
}

void world_end(struct world *world)
{
    world_close(world);
    create_ops_finish(world);
    arena_finish(&world->arena);
}

int world_setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct database database;
    database_make(&database);
    assert_int_equal(world_begin(&database, world), ERR_OK);
    world_populate(world);
    *state = world;
    return 0;
}

int world_teardown(void **state)
{
    struct world *world = *state;
    world_end(world);
    database_drop(&world->database);
    free(world);
    clock_set(-1);
    return 0;
}

void world_sql(struct world *world, const char *sql)
{
    assert_null(world->core);
    struct db *db;
    assert_int_equal(db_open(world->database.url, &world->op, &db), ERR_OK);
    enum err err = db_script(db, &world->op, str_of(sql));
    if (err != ERR_OK)
        fail_msg("%s: %s", sql, world->op.detail);
    db_close(db);
}

void world_keep(struct world *world)
{
    assert_null(world->core);
    database_keep(&world->database);
}

void world_put_back(struct world *world)
{
    assert_null(world->core);
    database_put_back(&world->database);
}

/* ---- erasing ---- */

static const struct directory *erasing_directory;
static int64_t erasing_seq;

static enum err erase_apply(struct change *change, struct batch *batch)
{
    struct task task;
    struct event erased;
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    batch_writes(batch, change);
    enum err err = store_event_get(db, op, 1, erasing_seq, &erased);
    if (err == ERR_OK)
        err = store_event_erase_of(db, op, erased.task_id, erasing_seq);
    if (err == ERR_OK)
        err = store_task_get_by_id(db, op, erased.task_id, &task);
    if (err != ERR_OK)
        return err;
    struct event event = {.domain_id = 1,
                          .action = STR("task.erased"),
                          .key = erased.key,
                          .task_id = task.id,
                          .previous_seq = task.last_seq};
    struct buf buf;
    struct json_writer json;
    task.version++;
    buf_init(&buf, 65536);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "erased");
    json_put_null(&json, NULL);
    json_begin_list(&json, NULL);
    json_put_i64(&json, NULL, erasing_seq);
    json_end(&json);
    json_end(&json);
    json_put_task_snapshot(&json, &task, erasing_directory);
    json_end(&json);
    err = buf_move(&buf, op->arena, &event.payload);
    if (err == ERR_OK)
        err = batch_append_event(batch, op, &event);
    task.last_seq = event.seq;
    task.updated_at = event.at;
    return err == ERR_OK ? store_task_put(db, op, &task) : err;
}

void world_erase(struct world *world, int64_t seq)
{
    erasing_directory = world->directory;
    erasing_seq = seq;
    assert_int_equal(world_change(world, erase_apply), ERR_OK);
}

/* ---- work on the lanes ---- */

/* What is waited for: a change's or read's op points into it. */
struct waiting {
    size_t left;
};
static struct waiting waiting;

static void change_done(struct change *change)
{
    (void)change;
    waiting.left--;
}

static void read_done(struct core_read *read)
{
    (void)read;
    waiting.left--;
}

void world_wait(struct world *world)
{
    while (waiting.left > 0) {
        mailbox_wait(world->mailbox);
        mailbox_deliver(world->mailbox);
    }
}

struct at_once {
    struct lane_job job;
    void (*run)(void *item);
    void *item;
};

static void at_once_run(struct lane_job *job, void *worker)
{
    struct at_once *one = (struct at_once *)job;
    (void)worker;
    one->run(one->item);
}

static void at_once_done(struct lane_job *job)
{
    (void)job;
}

void world_at_once(void (*run)(void *item), void *items, size_t n, size_t size)
{
    struct mailbox *mailbox;
    struct lane *lane;
    struct at_once *all = calloc(n, sizeof *all);
    assert_non_null(all);
    assert_int_equal(mailbox_create(NULL, NULL, &mailbox), ERR_OK);
    struct lane_options options = {
        .name = "at once", .threads = 8, .queue_max = n, .mailbox = mailbox};
    assert_int_equal(lane_create(&options, &lane), ERR_OK);
    for (size_t i = 0; i < n; i++) {
        all[i] = (struct at_once){
            {.run = at_once_run, .done = at_once_done}, run, (char *)items + i * size};
        assert_int_equal(lane_submit(lane, &all[i].job), ERR_OK);
    }
    lane_destroy(lane);
    mailbox_destroy(mailbox);
    free(all);
}

enum err world_change(struct world *world, enum err (*apply)(struct change *, struct batch *))
{
    struct change change = {.op = &world->op, .apply = apply, .done = change_done};
    waiting.left = 1;
    assert_int_equal(core_change(world->core, &change), ERR_OK);
    world_wait(world);
    return change.err;
}

enum err world_read(struct world *world, enum err (*run)(struct core_read *, struct db *),
                    struct core_read *read)
{
    read->op = &world->op;
    read->run = run;
    read->done = read_done;
    world->op.detail[0] = '\0';
    waiting.left = 1;
    assert_int_equal(core_read(world->core, read), ERR_OK);
    world_wait(world);
    return read->err;
}

/* ---- creating ---- */

struct create_op {
    struct op op;
    struct arena arena;
    struct create_op *next;
};

static struct op *create_op_make(struct world *world)
{
    struct create_op *made = ARENA_NEW(&world->arena, struct create_op);
    assert_non_null(made);
    arena_init(&made->arena, (size_t)1 << 26);
    made->op = (struct op){.arena = &made->arena, .now = clock_now()};
    made->next = world->create_ops;
    world->create_ops = made;
    return &made->op;
}

static void create_ops_finish(struct world *world)
{
    for (; world->create_ops != NULL; world->create_ops = world->create_ops->next)
        arena_finish(&world->create_ops->arena);
}

const struct workspace *world_workspace(const struct world *world, size_t index)
{
    const struct workspace *workspace =
        directory_workspace(world->directory, str_of(world_workspaces[index]));
    assert_non_null(workspace);
    return workspace;
}

struct task_create *world_create(struct world *world, size_t index, const char *title,
                                 const char *key)
{
    static const struct str categories[] = {{"Customs", 7}, {"A \"quoted\" one,\n", 16}};
    static const struct str orders[] = {{"ORDER 777", 9}};
    static const struct str tags[] = {{"ORDER 777", 9}, {"725462", 6}};
    struct task_create *create = ARENA_NEW(&world->arena, struct task_create);
    assert_non_null(create);
    create->change.op = create_op_make(world);
    create->change.done = change_done;
    create->directory = world->directory;
    create->workspace = world_workspace(world, index);
    create->actor_id = 21;
    create->public_url = STR("http://x");
    create->key = (struct idempotency_key){
        .account_id = 21,
        .endpoint = STR("add-task"),
        .key = key == NULL ? STR_NONE : arena_str(&world->arena, str_of(key)),
        .request = sha256(str_of(title)),
    };
    create->task = (struct task){
        .workspace_id = create->workspace->id,
        .type = TASK_INCIDENT,
        .status = STATUS_IN_PROGRESS,
        .impact = LEVEL_HIGH,
        .likelihood = LEVEL_MEDIUM,
        .priority = LEVEL_LOW,
        .financial_impact = 12357700,
        .reporter_id = 21,
        .assignee_id = 22,
        .source_id = 21,
        .title = arena_str(&world->arena, str_of(title)),
        .description = STR("Operation started without proper approvals"),
        .lrn = STR("725462"),
        .category = {categories, 2},
        .order_id = {orders, 1},
        .tags = {tags, 2},
        .due_date = DATE_NONE,
        .reminder_date = 19993,
        .occurred_at = TIME_NONE,
        .extra = STR("{\"ship\":\"Ä\"}"),
        .form = STR("default"),
        .form_version = 1,
    };
    return create;
}

enum err world_send(struct world *world, struct task_create *create)
{
    waiting.left = 1;
    assert_int_equal(core_task_create(world->core, create), ERR_OK);
    world_wait(world);
    return create->change.err;
}

void world_send_all(struct world *world, struct task_create **creates, size_t n)
{
    waiting.left = n;
    for (size_t i = 0; i < n; i++)
        assert_int_equal(core_task_create(world->core, creates[i]), ERR_OK);
}

/* A change that holds the write lane up until all others wait for it. */
static sem_t gate, taken;

static enum err wait_at_gate(struct change *change, struct batch *batch)
{
    (void)change, (void)batch;
    sem_post(&taken);
    sem_wait(&gate);
    return ERR_CONFLICT;
}

void world_send_together(struct world *world, struct task_create **creates, size_t n)
{
    struct op op = {.arena = &world->arena};
    struct change first = {.op = &op, .apply = wait_at_gate, .done = change_done};
    sem_init(&gate, 0, 0);
    sem_init(&taken, 0, 0);
    waiting.left = n + 1;
    assert_int_equal(core_change(world->core, &first), ERR_OK);
    sem_wait(&taken);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(core_task_create(world->core, creates[i]), ERR_OK);
    sem_post(&gate);
    world_wait(world);
    sem_destroy(&gate);
    sem_destroy(&taken);
}

/* ---- reading ---- */

struct get {
    struct core_read read;
    int64_t workspace_id, number;
    struct task task;
};

static enum err get_run(struct core_read *read, struct db *db)
{
    struct get *get = (struct get *)(void *)read;
    return store_task_get(db, read->op, get->workspace_id, get->number, &get->task);
}

struct task world_get(struct world *world, size_t index, int64_t number)
{
    struct get get = {.workspace_id = world_workspace(world, index)->id, .number = number};
    assert_int_equal(world_read(world, get_run, &get.read), ERR_OK);
    return get.task;
}

struct history_report world_verify(struct world *world, const char *receipt)
{
    struct history_report report = {0};
    struct receipt parsed;
    struct db *reader;
    bool given = receipt != NULL;
    if (given && !receipt_read(str_of(receipt), &parsed))
        fail_msg("%s is not a receipt", receipt);
    enum err err = db_open_reader(world->database.url, &world->op, &reader);
    if (err == ERR_OK) {
        err = history_verify(reader, &world->op, &parsed, given, NULL, NULL, &report);
        db_close(reader);
    }
    if (err != ERR_OK)
        fail_msg("history_verify: %s: %s", err_name(err), world->op.detail);
    return report;
}
