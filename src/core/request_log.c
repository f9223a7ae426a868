#include "core/request_log.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/id.h"
#include "base/metric.h"
#include "core/change.h"
#include "core/request_ring.h"
#include "model/redact.h"
#include "store/request.h"

#include <stdlib.h>

enum {
    ARENA_MAX = 8 * 1024 * 1024,
};

struct request_log {
    struct change change;
    struct core *core;
    struct request_ring ring;
    struct ring_entry *writing; /* on the write lane; NULL: nothing is */
    struct arena arena;         /* of the change */
    struct op op;
    int64_t due_at; /* clock_ticks() */
    enum err outcome;
};

/* Identifiers are made here and not before, so that they are this node's, whatever number it had
 * when the requests came. */
static enum err log_apply(struct change *change, struct batch *batch)
{
    struct request_log *log = container_of(change, struct request_log, change);
    enum err err = ERR_OK;
    batch_writes(batch, change);
    for (struct ring_entry *entry = log->writing; entry != NULL && err == ERR_OK;
         entry = entry->next) {
        entry->request.id = id_next();
        err = store_request_add(batch_db(batch), change->op, &entry->request);
    }
    return err;
}

static void writing_end(struct request_log *log, enum err err)
{
    for (const struct ring_entry *lost = err == ERR_OK ? NULL : log->writing; lost != NULL;
         lost = lost->next)
        metric_add(METRIC_LOG_DROPPED, 0, 0, 1);
    ring_entries_free(log->writing);
    log->writing = NULL;
    log->outcome = err;
}

static void log_done(struct change *change)
{
    writing_end(container_of(change, struct request_log, change), change->err);
}

void request_log_add(struct request_log *log, const struct logged_request *request)
{
    struct logged_request copy = *request;
    copy.body = str_sub(request->body, 0, REDACT_READ_MAX);
    request_ring_add(&log->ring, &copy);
}

/* For requests about to be written. A body is dropped when memory is short. */
static void secrets_remove(struct request_log *log)
{
    struct buf excerpt;
    buf_init(&excerpt, 4 * REDACT_READ_MAX);
    for (struct ring_entry *entry = log->writing; entry != NULL; entry = entry->next) {
        struct logged_request *request = &entry->request;
        if (request->body.p == NULL)
            continue;
        buf_clear(&excerpt);
        if (request->body_json)
            request->whole = redact_json(&excerpt, request->body);
        else
            redact_text(&excerpt, request->body);
        request->body =
            buf_err(&excerpt) == ERR_OK ? arena_str(&log->arena, buf_str(&excerpt)) : STR_NONE;
    }
    buf_finish(&excerpt);
}

enum err request_log_write(struct request_log *log, bool now)
{
    enum err outcome = log->outcome;
    log->outcome = ERR_OK;
    int64_t ticks = clock_ticks();
    if (log->writing != NULL || log->ring.n == 0 || (ticks < log->due_at && !now))
        return outcome;
    log->due_at = ticks + REQUEST_LOG_PERIOD_MS;
    log->writing = request_ring_take(&log->ring);
    arena_reset(&log->arena);
    secrets_remove(log);
    log->op = (struct op){.arena = &log->arena, .now = clock_now()};
    log->change =
        (struct change){.op = &log->op, .apply = log_apply, .done = log_done, .apart = true};
    enum err err = core_change(log->core, &log->change);
    if (err != ERR_OK)
        writing_end(log, err);
    return outcome;
}

enum err request_log_create(struct core *core, struct request_log **ret_log)
{
    struct request_log *log = calloc(1, sizeof *log);
    if (log == NULL)
        return ERR_MEMORY;
    log->core = core;
    arena_init(&log->arena, ARENA_MAX);
    *ret_log = log;
    return ERR_OK;
}

void request_log_destroy(struct request_log *log)
{
    if (log == NULL)
        return;
    ring_entries_free(log->writing);
    request_ring_finish(&log->ring);
    arena_finish(&log->arena);
    free(log);
}
