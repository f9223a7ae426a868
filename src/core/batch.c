#include "core/batch.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/id.h"
#include "base/metric.h"
#include "base/random.h"
#include "core/idempotency.h"
#include "core/once.h"
#include "db/db.h"
#include "store/directory.h"
#include "store/event.h"
#include "store/task.h"

#include <stdlib.h>

enum {
    RENEW_MS = 10000, /* of the lease, when idle */
};

/* What a batch holds of the database: the greatest number of a workspace, and the head of a
 * domain's chain. Each list has the newest first, which is the one that is wanted next as a
 * rule. */
struct batch_counter {
    struct batch_counter *next;
    int64_t workspace_id, number;
};

struct head {
    struct head *next;
    struct chain chain;
};

/* What a transaction is to do: by domain, and in the order of arrival within one. Nodes lock
 * domains in that order, and so do not wait for each other in a circle. A change that locks other
 * domains than its own can still close one: the database then has one of them run again. */
struct load {
    struct change **changes; /* room for BATCH_MAX, if there is a lane */
    size_t n;
    struct lane *lane;     /* may have more changes; NULL: accept no more */
    struct lane_job *last; /* of those it gave */
};

/* One transaction. */
struct batch {
    struct writer *writer;
    struct op op; /* for what no single change asks; its arena is the writer's */
    struct change *current;
    struct batch_counter *counters;
    struct head *heads;
    int64_t directory_version; /* 0: not read yet */
    bool directory_changed;    /* by this transaction: raised by one */
    bool node_lost;            /* the lease ran out, and another has the node's number */
    bool own_error;            /* it failed by what a change itself said after its writes */
};

/* ---- for apply ---- */

struct db *batch_db(struct batch *batch)
{
    return batch->writer->db;
}

void batch_writes(struct batch *batch, struct change *change)
{
    (void)batch;
    change->wrote = true;
}

const struct change *batch_current(const struct batch *batch)
{
    return batch->current;
}

struct idempotency *batch_idempotency(struct batch *batch)
{
    return batch->writer->idempotency;
}

uint64_t batch_serial(const struct batch *batch)
{
    return batch->writer->serial;
}

enum err batch_directory_version(struct batch *batch, struct op *op, int64_t *ret_version)
{
    if (batch->directory_version == 0) {
        enum err err = store_directory_version(batch_db(batch), op, &batch->directory_version);
        if (err != ERR_OK)
            return err;
    }
    *ret_version = batch->directory_version;
    return ERR_OK;
}

enum err batch_directory_expect(struct batch *batch, struct op *op,
                                const struct directory *judged_by)
{
    int64_t version;
    enum err err = batch_directory_version(batch, op, &version);
    return err == ERR_OK && version != judged_by->version ? ERR_OUTDATED : err;
}

enum err batch_directory_expect_begun(struct batch *batch, struct op *op,
                                      const struct directory *judged_by)
{
    int64_t version;
    enum err err = batch_directory_version(batch, op, &version);
    return err == ERR_OK && version - batch->directory_changed != judged_by->version ? ERR_OUTDATED
                                                                                     : err;
}

enum err batch_directory_patched(struct batch *batch, struct op *op)
{
    int64_t before;
    batch_writes(batch, batch->current);
    if (batch->directory_changed)
        return ERR_OK;
    enum err err = batch_directory_version(batch, op, &before);
    if (err == ERR_OK)
        err = store_directory_raise(batch_db(batch), op, &batch->directory_version);
    if (err != ERR_OK)
        return err;
    batch->directory_changed = true;
    /* Another node was faster: a change judged by the earlier version must be judged again. */
    return batch->directory_version == before + 1 ? ERR_OK : ERR_RETRY;
}

static size_t head_slot(int64_t domain_id)
{
    return (size_t)((uint64_t)domain_id * UINT64_C(0x9E3779B97F4A7C15) >> 54);
}

/* A domain's identifiers rise with its numbers, whichever node makes them and whatever its clock
 * says: lists count on it. After another node's they begin in the next millisecond. */
static void ids_follow(const struct writer *writer, const struct chain *chain)
{
    size_t slot = head_slot(chain->domain_id);
    bool own =
        writer->heads[slot].domain_id == chain->domain_id && writer->heads[slot].seq == chain->seq;
    if (db_shared(writer->db) && !own && chain->seq > 0)
        id_seen(id_at(chain->at + 1) - 1);
}

/* Notes which heads are this node's, once they are committed. */
static void heads_note(struct writer *writer, const struct head *heads)
{
    for (const struct head *head = heads; head != NULL; head = head->next) {
        size_t slot = head_slot(head->chain.domain_id);
        writer->heads[slot].domain_id = head->chain.domain_id;
        writer->heads[slot].seq = head->chain.seq;
    }
}

/* The head of a domain's chain, which is also what nodes lock a domain by: whoever holds it may
 * number records and append events there. */
static enum err head_of(struct batch *batch, struct op *op, int64_t domain_id,
                        struct head **ret_head)
{
    struct head *head = batch->heads;
    while (head != NULL && head->chain.domain_id != domain_id)
        head = head->next;
    if (head == NULL) {
        head = ARENA_NEW(batch->op.arena, struct head);
        if (head == NULL)
            return ERR_MEMORY;
        enum err err = store_chain_take(batch_db(batch), op, domain_id, &head->chain);
        if (err != ERR_OK)
            return err;
        ids_follow(batch->writer, &head->chain);
        head->next = batch->heads;
        batch->heads = head;
    }
    *ret_head = head;
    return ERR_OK;
}

enum err batch_hold_domain(struct batch *batch, struct op *op, int64_t domain_id)
{
    struct head *head;
    return head_of(batch, op, domain_id, &head);
}

enum err batch_next_number(struct batch *batch, struct op *op, const struct workspace *workspace,
                           int64_t *ret_number)
{
    struct head *head; /* held before the counter is read */
    batch_writes(batch, batch->current);
    enum err err = head_of(batch, op, workspace->domain->id, &head);
    if (err != ERR_OK)
        return err;
    struct batch_counter *counter = batch->counters;
    while (counter != NULL && counter->workspace_id != workspace->id)
        counter = counter->next;
    if (counter == NULL) {
        counter = ARENA_NEW(batch->op.arena, struct batch_counter);
        if (counter == NULL)
            return ERR_MEMORY;
        counter->workspace_id = workspace->id;
        err = store_counter_load(batch_db(batch), op, workspace->id, &counter->number);
        if (err != ERR_OK)
            return err;
        counter->next = batch->counters;
        batch->counters = counter;
    }
    *ret_number = ++counter->number;
    return ERR_OK;
}

static void salt_draw(struct writer *writer, struct event *event)
{
    if (writer->salts.left == 0) {
        random_bytes(writer->salts.bytes, sizeof writer->salts.bytes);
        writer->salts.left = sizeof writer->salts.bytes / EVENT_SALT_SIZE;
    }
    const unsigned char *salt = writer->salts.bytes[--writer->salts.left];
    for (size_t i = 0; i < EVENT_SALT_SIZE; i++)
        event->salt[i] = salt[i];
}

enum err batch_append_event(struct batch *batch, struct op *op, struct event *event)
{
    struct head *head;
    batch_writes(batch, batch->current);
    enum err err = head_of(batch, op, event->domain_id, &head);
    if (err != ERR_OK)
        return err;
    struct chain *chain = &head->chain;
    event->seq = chain->seq + 1;
    event->at = op->now > chain->at ? op->now : chain->at;
    salt_draw(batch->writer, event);
    event->payload_hash = event_payload_hash(event->salt, event->payload);
    event->hash = event_hash(&chain->hash, event);
    err = store_event_add(batch_db(batch), op, chain, event);
    if (err != ERR_OK)
        return err;
    chain->seq = event->seq;
    chain->at = event->at;
    chain->hash = event->hash;
    return ERR_OK;
}

/* ---- one transaction ---- */

/* Runs one change. Its refusal, before it has written anything, is its own affair and no error. */
static enum err change_apply(struct batch *batch, struct change *change)
{
    change->wrote = false;
    op_forget(change->op);
    batch->current = change;
    change->err = once_expect(batch, change->op);
    if (change->err == ERR_OK)
        change->err = change->apply(change, batch);
    if (change->err == ERR_OK)
        change->err = once_promise(batch, change);
    enum err fault = db_fault(batch_db(batch));
    if (fault != ERR_OK)
        return fault;
    batch->own_error = change->wrote && change->err != ERR_OK;
    return batch->own_error ? change->err : ERR_OK;
}

static enum err batch_flush(struct batch *batch)
{
    enum err err = ERR_OK;
    for (struct batch_counter *c = batch->counters; c != NULL && err == ERR_OK; c = c->next)
        err = store_counter_save(batch_db(batch), &batch->op, c->workspace_id, c->number);
    for (struct head *h = batch->heads; h != NULL && err == ERR_OK; h = h->next)
        err = store_chain_save(batch_db(batch), &batch->op, &h->chain);
    return err;
}

static struct change *change_of(struct lane_job *job)
{
    return container_of(job, struct change, job);
}

static int change_cmp(const void *a, const void *b)
{
    const struct change *left = *(struct change *const *)a, *right = *(struct change *const *)b;
    int64_t l = left->domain_id, r = right->domain_id;
    return l != r ? (l > r) - (l < r)
                  : (left->arrival > right->arrival) - (left->arrival < right->arrival);
}

static void load_add(struct load *load, struct lane_job *first)
{
    for (struct lane_job *job = first; job != NULL; job = job->next) {
        struct change *change = change_of(job);
        change->arrival = load->n;
        load->changes[load->n++] = change;
        load->last = job;
    }
    qsort(load->changes, load->n, sizeof(struct change *), change_cmp);
}

static bool in_order(struct lane_job *job, void *first_domain)
{
    return change_of(job)->domain_id >= *(const int64_t *)first_domain;
}

/* Waits until no other node holds the first domain, and adds the changes that arrived in between:
 * otherwise nodes that take turns at a busy domain would each commit small batches, at the price of
 * large ones. */
static enum err load_wait(struct load *load, struct batch *batch)
{
    size_t i = 0;
    while (i < load->n && load->changes[i]->domain_id == 0)
        i++;
    if (i == load->n || load->lane == NULL)
        return ERR_OK;
    struct head *head;
    int64_t domain_id = load->changes[i]->domain_id;
    enum err err = head_of(batch, &batch->op, domain_id, &head);
    if (err == ERR_OK)
        load_add(load,
                 lane_join(load->lane, load->last, BATCH_MAX - load->n, in_order, &domain_id));
    return err;
}

/* What a transaction begins with where other processes write too. */
static enum err batch_renew(struct batch *batch, struct load *load)
{
    struct writer *writer = batch->writer;
    enum err err = node_renew(&writer->node, writer->db, &batch->op, &batch->directory_version);
    if (err == ERR_NOT_FOUND) {
        batch->node_lost = true;
        return ERR_RETRY;
    }
    if (err == ERR_OK)
        err = load_wait(load, batch);
    /* The wait may have been for the change of another node that takes a right away. */
    if (err == ERR_OK)
        err = store_directory_version(writer->db, &batch->op, &batch->directory_version);
    return err == ERR_OK ? idempotency_look_ahead(writer->idempotency, writer->db, &batch->op,
                                                  load->changes, load->n)
                         : err;
}

static enum err batch_once(struct batch *batch, struct load *load)
{
    struct writer *writer = batch->writer;
    *batch = (struct batch){.writer = writer, .op = {.arena = &writer->arena, .now = clock_now()}};
    writer->serial++;
    enum err err = db_begin(writer->db, &batch->op);
    if (err != ERR_OK)
        return err;
    if (db_shared(writer->db))
        err = batch_renew(batch, load);
    for (size_t i = 0; i < load->n && err == ERR_OK; i++)
        err = change_apply(batch, load->changes[i]);
    if (err == ERR_OK)
        err = batch_flush(batch);
    if (err != ERR_OK) {
        db_rollback(writer->db);
        return err;
    }
    int64_t begun = clock_micros();
    err = db_commit(writer->db, &batch->op);
    metric_observe(METRIC_BATCH_COMMIT, 0, clock_micros() - begun);
    if (err == ERR_IO)
        atomic_store(&writer->broken, true);
    if (err != ERR_OK)
        return err;
    if (batch->directory_version != 0)
        writer->directory_version = batch->directory_version;
    heads_note(writer, batch->heads);
    metric_observe(METRIC_BATCH_SIZE, 0, (int64_t)load->n);
    atomic_fetch_add(&writer->batches, 1);
    atomic_fetch_add(&writer->changes, load->n);
    if (batch->heads != NULL)
        commits_tell(writer->commits);
    return ERR_OK;
}

static void load_fail(const struct load *load, enum err err, const char *detail)
{
    for (size_t i = 0; i < load->n; i++) {
        struct change *change = load->changes[i];
        change->err = detail[0] == '\0' ? err : op_fail(change->op, err, "%s", detail);
    }
}

static void batch_run(struct writer *writer, struct load *load)
{
    struct batch batch = {.writer = writer};
    struct arena_mark mark = arena_mark(&writer->arena);
    struct db_retry retry = {0};
    enum err err;
    bool blamed; /* it is one of several changes that failed, and the others need not wait for it */
    do {
        arena_rewind(&writer->arena, mark);
        err = batch_once(&batch, load);
        if (err != ERR_OK)
            metric_add(METRIC_BATCH_FAILURES, 0, 0, 1);
        blamed = batch.own_error && load->n > 1;
        if (batch.node_lost) {
            err = node_claim(&writer->node, writer->db, &batch.op);
            err = err == ERR_OK ? ERR_RETRY : err;
        }
    } while (err == ERR_RETRY && !blamed && db_retry(&retry));

    if (err == ERR_OK)
        return;
    if (err == ERR_RETRY && !blamed) {
        load_fail(load, ERR_UNAVAILABLE,
                  "another program is keeping the database busy; try again later");
        return;
    }
    /* An error of the disk or the database applies to each of them. */
    bool alike = err == ERR_FULL || err == ERR_UNAVAILABLE || atomic_load(&writer->broken);
    if (load->n == 1 || alike) {
        load_fail(load, err, batch.op.detail);
        return;
    }
    arena_rewind(&writer->arena, mark);
    for (size_t i = 0; i < load->n; i++) {
        struct load one = {.changes = &load->changes[i], .n = 1};
        if (atomic_load(&writer->broken))
            load_fail(&one, ERR_UNAVAILABLE, "");
        else
            batch_run(writer, &one);
    }
}

/* ---- the worker ---- */

/* Puts the newest directory in force. Should that fail, the next batch tries again; until then
 * creates are told that the one they were judged by is outdated. */
static void directory_follow(struct writer *writer)
{
    if (writer->directory_version == directory_place_version(writer->directory))
        return;
    struct op op = {.arena = &writer->arena, .now = clock_now()};
    (void)!directory_place_load(writer->directory, writer->db, &op);
}

/* While nothing is written: keeps the lease, and hears of what other nodes did to the directory. */
static enum err node_idle(struct writer *writer, struct op *op)
{
    if (!db_shared(writer->db))
        return ERR_OK;
    if (clock_ticks() < writer->renew_at)
        return store_directory_version(writer->db, op, &writer->directory_version);
    writer->renew_at = clock_ticks() + RENEW_MS;
    enum err err = node_renew(&writer->node, writer->db, op, &writer->directory_version);
    return err == ERR_NOT_FOUND ? node_claim(&writer->node, writer->db, op) : err;
}

static void upkeep(struct writer *writer, bool idle)
{
    if (atomic_load(&writer->broken))
        return;
    struct op op = {.arena = &writer->arena, .now = clock_now()};
    enum err err = db_upkeep(writer->db, &op, idle);
    if (err == ERR_OK && idle)
        err = node_idle(writer, &op);
    if (err == ERR_IO)
        atomic_store(&writer->broken, true);
}

/* Takes out the changes that run apart. */
static size_t load_part(struct load *load, struct change **apart)
{
    size_t kept = 0, n = 0;
    for (size_t i = 0; i < load->n; i++) {
        struct change *change = load->changes[i];
        if (change->apart)
            apart[n++] = change;
        else
            load->changes[kept++] = change;
    }
    load->n = kept;
    return n;
}

static void writer_run_load(struct writer *writer, struct load *load)
{
    if (load->n == 0)
        return;
    if (atomic_load(&writer->broken))
        load_fail(load, ERR_UNAVAILABLE, "");
    else
        batch_run(writer, load);
}

void writer_run(struct lane *lane, void *worker, struct lane_job *first)
{
    struct writer *writer = worker;
    struct change *changes[BATCH_MAX], *apart[BATCH_MAX];
    struct load load = {.changes = changes, .lane = lane};
    load_add(&load, first);
    size_t apart_count = load_part(&load, apart);

    /* Now rather than after the batch before: its answers are out already. */
    upkeep(writer, false);
    writer_run_load(writer, &load);
    for (size_t i = 0; i < apart_count; i++) {
        struct load one = {.changes = &apart[i], .n = 1};
        writer_run_load(writer, &one);
    }
    if (!atomic_load(&writer->broken))
        directory_follow(writer);
    arena_reset(&writer->arena);
}

void writer_idle(void *worker)
{
    struct writer *writer = worker;
    upkeep(writer, true);
    directory_follow(writer);
    arena_reset(&writer->arena);
}
