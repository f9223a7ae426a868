#include "core/bulk_change.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/id.h"
#include "model/receipt.h"

enum { END_MAX = 2048 }; /* bytes of what is known of a change only once it is made */

/* ---- the beginning ---- */

/* The answer that its key is bound to is the id alone: the rest is in the verdicts. */
static enum err begin_found(struct bulk_begin *begin, const struct answer *answer)
{
    uint64_t id;
    if (!str_to_u64(answer->body, INT64_MAX, &id))
        return op_fail(begin->op, ERR_CORRUPT, "the answer to a bulk change is not an id");
    begin->bulk.id = (int64_t)id;
    return ERR_OK;
}

static enum err begin_write(struct bulk_begin *begin, struct batch *batch)
{
    struct op *op = begin->op;
    begin->bulk.id = id_next();
    begin->bulk.repeatable = begin->key.key.p != NULL;
    enum err err = store_bulk_change_add(batch_db(batch), op, &begin->bulk);
    if (err != ERR_OK || !begin->bulk.repeatable)
        return err;
    struct answer answer = {.status = 200,
                            .body = arena_printf(op->arena, "%lld", (long long)begin->bulk.id)};
    return answer.body.p == NULL ? ERR_MEMORY : idempotency_bind(batch, op, &begin->key, &answer);
}

static enum err begin_apply(struct change *change, struct batch *batch)
{
    struct bulk_begin *begin = container_of(change, struct bulk_begin, change);
    struct answer answer;
    begin->repeated = false;
    if (begin->key.key.p != NULL) {
        enum err err = idempotency_find(batch, begin->op, &begin->key, &begin->repeated, &answer);
        if (err != ERR_OK)
            return err;
    }
    if (begin->repeated)
        return begin_found(begin, &answer);
    if (begin->finds)
        return ERR_OK;
    batch_writes(batch, change);
    return begin_write(begin, batch);
}

enum err core_bulk_begin(struct core *core, struct bulk_begin *begin)
{
    begin->change = (struct change){
        .op = begin->op,
        .key = begin->key.key.p != NULL ? &begin->key : NULL,
        .apply = begin_apply,
    };
    return core_change_wait(core, &begin->change);
}

/* ---- a piece ---- */

/* The same call may be at work elsewhere, or was cut off: what it has done is done. */
static enum err piece_look(struct bulk_piece *piece, struct db *db)
{
    struct bulk_verdict_list there = {0};
    int64_t first = piece->items[0].place, last = piece->items[piece->n - 1].place;
    enum err err = piece->undoes ? ERR_OK
                                 : store_bulk_verdicts(db, piece->op, piece->bulk_id, first - 1,
                                                       last + 1 - first, &there);
    for (size_t i = 0, j = 0; err == ERR_OK && i < piece->n; i++) {
        struct bulk_record *record = &piece->items[i];
        record->verdict = (struct bulk_verdict){0};
        while (j < there.n && there.items[j].place < record->place)
            j++;
        if (j < there.n && there.items[j].place == record->place)
            record->verdict = there.items[j];
    }
    return err;
}

static bool record_done(const struct bulk_record *record)
{
    return record->verdict.id != 0;
}

/* The verdict on a record that has been changed: where it is now, its version, and its receipt. */
static enum err verdict_end(const struct bulk_record *record, struct str *ret_text)
{
    const struct task_change *change = record->change;
    const struct event *event = &change->written;
    const struct domain *domain = directory_domain_by_id(change->directory, event->domain_id);
    struct buf buf;
    buf_init(&buf, record->judged.n + END_MAX);
    buf_add(&buf, record->judged);
    if (!str_eq(event->key, record->key))
        buf_printf(&buf, ",\"movedTo\":\"%.*s\"", STR_ARG(event->key));
    buf_printf(&buf, ",\"version\":%lld,\"receipt\":\"", (long long)change->after.version);
    buf_receipt(&buf, domain->key, event->seq, &event->hash);
    BUF_LIT(&buf, "\"}");
    return buf_move(&buf, change->op->arena, ret_text);
}

static enum err record_write(const struct bulk_piece *piece, struct bulk_record *record,
                             struct batch *batch)
{
    struct task_change *change = record->change;
    struct bulk_verdict verdict = {.id = piece->undoes ? record->verdict_id : id_next(),
                                   .bulk_id = piece->bulk_id,
                                   .place = record->place,
                                   .text = record->judged};
    enum err err = ERR_OK;
    if (change != NULL)
        err = core_task_change_write(change, batch);
    if (err == ERR_OK && change != NULL) {
        verdict.task_id = change->before->id;
        verdict.domain_id = change->written.domain_id;
        verdict.seq = change->written.seq;
        verdict.version = change->after.version;
        err = verdict_end(record, &verdict.text);
    }
    if (err == ERR_OK && !piece->undoes)
        err = store_bulk_verdict_add(batch_db(batch), piece->op, &verdict);
    else if (err == ERR_OK && change != NULL)
        err = store_bulk_verdict_undo(batch_db(batch), piece->op, verdict.id);
    if (err == ERR_OK)
        record->verdict = verdict;
    return err;
}

static enum err piece_apply(struct change *change, struct batch *batch)
{
    struct bulk_piece *piece = container_of(change, struct bulk_piece, change);
    enum err err = piece_look(piece, batch_db(batch));
    for (size_t i = 0; i < piece->n && err == ERR_OK; i++)
        if (!record_done(&piece->items[i]) && piece->items[i].change != NULL)
            err = core_task_change_expect(piece->items[i].change, batch);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    for (size_t i = 0; i < piece->n && err == ERR_OK; i++)
        if (!record_done(&piece->items[i]))
            err = record_write(piece, &piece->items[i], batch);
    return err;
}

enum err core_bulk_piece(struct core *core, struct bulk_piece *piece)
{
    piece->change =
        (struct change){.op = piece->op, .domain_id = piece->domain_id, .apply = piece_apply};
    return core_change_wait(core, &piece->change);
}

/* ---- the end ---- */

struct bulk_drop {
    struct change change;
    bool dropped;
};

static enum err drop_apply(struct change *change, struct batch *batch)
{
    struct bulk_drop *drop = container_of(change, struct bulk_drop, change);
    int64_t now = change->op->now;
    batch_writes(batch, change);
    return store_bulk_change_drop(batch_db(batch), change->op, id_at(now - UNDO_MS),
                                  id_at(now - BULK_KEPT_MS), &drop->dropped);
}

enum err core_bulk_changes_drop(struct core *core, struct op *op, bool *ret_more)
{
    struct bulk_drop drop = {.change = {.op = op, .apply = drop_apply}};
    op->now = clock_now();
    enum err err = core_change_wait(core, &drop.change);
    if (err == ERR_OK)
        *ret_more = drop.dropped;
    return err;
}
