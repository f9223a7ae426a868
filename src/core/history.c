#include "core/history_check.h"

#include "base/buf.h"
#include "base/random.h"
#include "core/history_links.h"
#include "core/history_parts.h"
#include "json/read.h"
#include "model/key.h"
#include "store/alias.h"
#include "store/directory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CHUNK_ROWS = 256,
    CHUNK_EVENTS = 16,               /* each of which may say 8 MiB (core/task.c) */
    CHUNK_BYTES = 192 * 1024 * 1024, /* bound of what a chunk takes */
    FAULT_MAX = 1024,
};

/* ---- reporting what is broken ---- */

enum err history_broken(struct check *check, const char *format, ...)
{
    char text[FAULT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    check->report->broken = true;
    check->report->fault = arena_str(check->op->arena, str_of(text));
    return check->report->fault.p == NULL ? ERR_MEMORY : ERR_CORRUPT;
}

/* "domain EXA-CON-BUS, event 7 (EXA-CON-BUS-WOR-03)" and its fault. */
static enum err event_broken(struct check *check, const struct chain_end *end,
                             const struct event *event, const char *what)
{
    return history_broken(check, "domain %.*s, event %" PRId64 " (%.*s): %s",
                          STR_ARG(end->domain_key), event->seq, STR_ARG(event->key), what);
}

/* ---- links ---- */

/* Adds (record, seq) to a sum. */
static void sum_add(const struct check *check, uint64_t *sum, int64_t task_id, int64_t seq)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_add(&hasher, check->sum_key, sizeof check->sum_key);
    hash_u64(&hasher, (uint64_t)task_id);
    hash_u64(&hasher, (uint64_t)seq);
    struct sha256 hash = hash_end(&hasher);
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof value; i++)
        value = value << 8 | hash.bytes[i];
    *sum += value;
}

/* The newest event of a record that lies within the part that is checked: what has been appended
 * since the check began is left out. */
static enum err last_within(struct check *check, const struct chain_end *end,
                            const struct history_record *record, int64_t *ret_seq)
{
    int64_t seq = record->last_seq;
    while (seq > end->head.seq) {
        struct event event;
        enum err err = store_event_get(check->db, &check->chunk, end->head.domain_id, seq, &event);
        if (err == ERR_NOT_FOUND || (err == ERR_OK && event.previous_seq >= seq))
            break; /* the check of the records finds it */
        if (err != ERR_OK)
            return err;
        seq = event.previous_seq;
    }
    *ret_seq = seq;
    return ERR_OK;
}

/* An event against its record. */
static enum err event_check_record(struct check *check, const struct chain_end *end,
                                   const struct event *event)
{
    struct history_record record;
    enum err err = store_record_get(check->db, &check->chunk, event->task_id, &record);
    if (err == ERR_NOT_FOUND)
        return event_broken(check, end, event, "its record is gone");
    if (err != ERR_OK)
        return err;
    bool right_key;
    err = store_record_has_key(check->db, &check->chunk, &record, event->key, &right_key);
    if (err != ERR_OK)
        return err;
    if (record.domain_id != end->head.domain_id || !right_key)
        return event_broken(check, end, event, "it belongs to a record with another key");
    if (str_eq(event->action, STR("task.created")) != (event->previous_seq == 0))
        return event_broken(check, end, event,
                            "a record's first event, and no other, must be its creation");
    if (event->previous_seq < 0 || event->previous_seq >= event->seq)
        return event_broken(check, end, event, "it is linked to an event that is not before it");
    int64_t last;
    err = last_within(check, end, &record, &last);
    if (err != ERR_OK)
        return err;
    if (event->seq > last)
        return event_broken(check, end, event, "it is newer than its record's newest event");
    if (event->previous_seq > 0)
        sum_add(check, &check->linked, event->task_id, event->previous_seq);
    if (event->seq < last)
        sum_add(check, &check->to_be_linked, event->task_id, event->seq);
    return ERR_OK;
}

/* ---- payloads that are erased ---- */

/* Calls `each` with the seq of every event that an event says it has erased. */
static enum err erased_walk(struct check *check, const struct event *event,
                            enum err (*each)(struct check *check, const struct event *event,
                                             int64_t seq))
{
    const struct json *json = NULL;
    struct arena_mark mark = arena_mark(check->chunk.arena);
    enum err err = json_read_written(&check->chunk, check->chunk.arena, event->payload, &json);
    const struct json *pair =
        err == ERR_OK && json->kind == JSON_OBJECT ? json_member(json, STR("erased")) : NULL;
    const struct json *list =
        pair != NULL && pair->kind == JSON_LIST && pair->n == 2 ? pair->first->next : NULL;
    for (const struct json *one = list != NULL && list->kind == JSON_LIST ? list->first : NULL;
         one != NULL && err == ERR_OK; one = one->next) {
        uint64_t seq;
        err = str_to_u64(one->raw, INT64_MAX, &seq) && seq < (uint64_t)event->seq
                  ? each(check, event, (int64_t)seq)
                  : op_fail(&check->chunk, ERR_CORRUPT,
                            "event %" PRId64 " says that it erased what was not before it",
                            event->seq);
    }
    arena_rewind(check->chunk.arena, mark);
    return err == ERR_SYNTAX ? ERR_CORRUPT : err;
}

static bool says_erased(const struct event *event)
{
    return event->payload.p != NULL && (str_eq(event->action, STR("task.erased")) ||
                                        str_eq(event->action, STR("admin.erased")));
}

/* Was it erased before erasures had events? Then nothing says by whom, and that is all right. */
static bool erased_before(const struct check *check, const struct event *event)
{
    return check->states.first_at != 0 && event->at < check->states.first_at;
}

static enum err said_add(struct check *check, const struct event *event, int64_t seq)
{
    struct event erased;
    struct arena_mark mark = arena_mark(check->chunk.arena);
    enum err err = store_event_get(check->db, &check->chunk, event->domain_id, seq, &erased);
    arena_rewind(check->chunk.arena, mark);
    if (err == ERR_OK && !erased_before(check, &erased))
        sum_add(check, &check->said_erased, event->domain_id, seq);
    return err == ERR_NOT_FOUND ? ERR_OK : err; /* the walk has found that it is missing */
}

/* A payload that is gone must be one that an erasure says it has erased. */
static enum err erased_add(struct check *check, const struct event *event)
{
    if (event->payload.p == NULL && !erased_before(check, event))
        sum_add(check, &check->erased, event->domain_id, event->seq);
    check->report->erased += event->payload.p == NULL;
    return says_erased(event) ? erased_walk(check, event, said_add) : ERR_OK;
}

/* ---- a chain ---- */

/* Calls `each` for the events of a chain up to its head, in order. */
static enum err events_walk(struct check *check, const struct chain_end *end,
                            enum err (*each)(struct check *check, const struct chain_end *end,
                                             const struct event *event, struct sha256 *hash),
                            struct sha256 *hash)
{
    int64_t seq = 0;
    enum err err = ERR_OK;
    while (err == ERR_OK && seq < end->head.seq) {
        struct event_list events;
        arena_reset(&check->arena);
        err = store_events_after(check->db, &check->chunk, &end->head, seq, CHUNK_EVENTS, &events);
        if (err == ERR_OK && events.n == 0)
            err =
                history_broken(check, "domain %.*s: events %" PRId64 " to %" PRId64 " are missing",
                               STR_ARG(end->domain_key), seq + 1, end->head.seq);
        for (size_t i = 0; err == ERR_OK && i < events.n && seq < end->head.seq; i++) {
            const struct event *event = &events.items[i];
            if (event->seq != seq + 1)
                return history_broken(check, "domain %.*s: event %" PRId64 " is missing",
                                      STR_ARG(end->domain_key), seq + 1);
            seq = event->seq;
            err = each(check, end, event, hash);
        }
    }
    return err;
}

static enum err event_check(struct check *check, const struct chain_end *end,
                            const struct event *event, struct sha256 *hash)
{
    struct sha256 payload_hash = event->payload.p == NULL
                                     ? event->payload_hash
                                     : event_payload_hash(event->salt, event->payload);
    if (!bytes_equal_slowly(payload_hash.bytes, event->payload_hash.bytes, SHA256_SIZE))
        return event_broken(check, end, event, "its content was changed");
    struct sha256 expected = event_hash(hash, event);
    if (!bytes_equal_slowly(expected.bytes, event->hash.bytes, SHA256_SIZE))
        return event_broken(check, end, event,
                            "its hash does not match its content and the event before it");
    *hash = event->hash;
    check->report->events++;
    enum err err = erased_add(check, event);
    if (err != ERR_OK)
        return err;
    if (event->task_id == 0 && event->previous_seq != 0)
        return event_broken(check, end, event, "it is linked to another, but is of no record");
    if (event->task_id == 0)
        return history_state_add(check, event);
    /* Parsed, an event takes forty times its bytes: of each, only one at a time is there. */
    struct arena_mark mark = arena_mark(check->chunk.arena);
    err = event_check_record(check, end, event);
    if (err == ERR_OK)
        err = history_part_expect(check->db, &check->chunk, event);
    if (err == ERR_OK)
        err = history_link_expect(check->db, &check->chunk, event);
    arena_rewind(check->chunk.arena, mark);
    return err == ERR_CORRUPT && !check->report->broken
               ? event_broken(check, end, event, check->chunk.detail)
               : err;
}

static enum err seq_push(struct seqs *seqs, int64_t seq)
{
    if (seqs->n == seqs->max) {
        size_t max = seqs->max == 0 ? 1024 : seqs->max * 2;
        int64_t *items = realloc(seqs->items, max * sizeof *items);
        if (items == NULL)
            return ERR_MEMORY;
        seqs->items = items;
        seqs->max = max;
    }
    seqs->items[seqs->n++] = seq;
    return ERR_OK;
}

static enum err gone_note(struct check *check, const struct chain_end *end,
                          const struct event *event, struct sha256 *hash)
{
    (void)end;
    (void)hash;
    return event->payload.p == NULL && !erased_before(check, event)
               ? seq_push(&check->gone, event->seq)
               : ERR_OK;
}

static enum err said_push(struct check *check, const struct event *event, int64_t seq)
{
    (void)event;
    return seq_push(&check->said, seq);
}

static enum err said_note(struct check *check, const struct chain_end *end,
                          const struct event *event, struct sha256 *hash)
{
    (void)end;
    (void)hash;
    return says_erased(event) ? erased_walk(check, event, said_push) : ERR_OK;
}

static int seq_cmp(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Finds the payload that made the sums differ. What has been erased during the check is said by an event
 * that is newer than the heads that were read at its beginning. */
static enum err erased_find(struct check *check, size_t chain)
{
    const struct chain_end *ends, *end = &check->ends[chain];
    size_t n = 0;
    check->gone.n = check->said.n = 0;
    enum err err = events_walk(check, end, gone_note, NULL);
    if (err == ERR_OK)
        err = store_chain_ends(check->db, check->op, &ends, &n);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        if (ends[i].head.ordinal == end->head.ordinal)
            err = events_walk(check, &ends[i], said_note, NULL);
    if (err != ERR_OK)
        return err;
    if (check->said.n > 0)
        qsort(check->said.items, check->said.n, sizeof(int64_t), seq_cmp);
    for (size_t i = 0; i < check->gone.n; i++)
        if (check->said.n == 0 || bsearch(&check->gone.items[i], check->said.items, check->said.n,
                                          sizeof(int64_t), seq_cmp) == NULL)
            return history_broken(check,
                                  "domain %.*s, event %" PRId64 ": its content is gone, but no "
                                  "event says that it was erased",
                                  STR_ARG(end->domain_key), check->gone.items[i]);
    return ERR_OK;
}

static enum err erased_check(struct check *check)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < check->end_count && err == ERR_OK && check->erased != check->said_erased;
         i++)
        err = erased_find(check, i);
    return err;
}

static enum err chain_check(struct check *check, const struct chain_end *end)
{
    struct sha256 hash = event_genesis(end->domain_key);
    if (end->last_seq != end->head.seq)
        return history_broken(
            check, "domain %.*s: its events end at %" PRId64 ", but its head is at %" PRId64,
            STR_ARG(end->domain_key), end->last_seq, end->head.seq);
    enum err err = events_walk(check, end, event_check, &hash);
    if (err != ERR_OK)
        return err;
    if (!bytes_equal_slowly(hash.bytes, end->head.hash.bytes, SHA256_SIZE))
        return history_broken(check,
                              "domain %.*s: its head does not have the hash of event %" PRId64,
                              STR_ARG(end->domain_key), end->head.seq);
    check->report->domains++;
    return ERR_OK;
}

/* Finds the event that made the sums differ: it is not on the way from its record's newest event
 * back to the first. Takes its time; only a broken store comes here. */
static enum err event_find_unlinked(struct check *check, const struct chain_end *end,
                                    const struct event *event, struct sha256 *hash)
{
    (void)hash;
    struct history_record record;
    if (event->task_id == 0)
        return ERR_OK;
    enum err err = store_record_get(check->db, &check->chunk, event->task_id, &record);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    int64_t seq = record.last_seq;
    while (err == ERR_OK && seq > event->seq) {
        struct event at;
        err = store_event_get(check->db, &check->chunk, end->head.domain_id, seq, &at);
        if (err == ERR_OK && (at.task_id != event->task_id || at.previous_seq >= seq))
            return event_broken(check, end, &at,
                                "it does not belong to the record that leads to it");
        if (err == ERR_OK)
            seq = at.previous_seq;
    }
    if (err == ERR_NOT_FOUND || (err == ERR_OK && seq != event->seq))
        return event_broken(check, end, event,
                            "the events of its record that come after it do not lead to it");
    return err;
}

static enum err links_check(struct check *check)
{
    if (check->linked == check->to_be_linked)
        return ERR_OK;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < check->end_count; i++)
        err = events_walk(check, &check->ends[i], event_find_unlinked, NULL);
    return err != ERR_OK
               ? err
               : history_broken(check, "the events of some record are not linked to each other");
}

/* ---- records and numbers ---- */

static enum err records_check(struct check *check)
{
    int64_t after = INT64_MIN;
    for (;;) {
        const struct history_record *records;
        size_t n;
        arena_reset(&check->arena);
        enum err err =
            store_records_after(check->db, &check->chunk, after, CHUNK_ROWS, &records, &n);
        if (err != ERR_OK || n == 0)
            return err;
        for (size_t i = 0; i < n; i++) {
            if (records[i].last_task_id != records[i].id)
                return history_broken(check,
                                      "record %.*s-%02" PRId64 ": its newest event (%" PRId64
                                      ") is missing or belongs to another record",
                                      STR_ARG(records[i].workspace_key), records[i].number,
                                      records[i].last_seq);
            if (records[i].miscounted)
                return history_broken(check,
                                      "record %.*s-%02" PRId64
                                      ": its counts are not those of its comments and attachments",
                                      STR_ARG(records[i].workspace_key), records[i].number);
            check->report->tasks++;
        }
        after = records[n - 1].id;
    }
}

static enum err numbers_check(struct check *check, const struct workspace_counter *counter)
{
    if (counter->number != counter->greatest)
        return history_broken(check,
                              "workspace %.*s: numbers up to %" PRId64
                              " were used, but the highest record is %" PRId64,
                              STR_ARG(counter->workspace_key), counter->number, counter->greatest);
    int64_t number = 0;
    while (number < counter->number) {
        const int64_t *numbers;
        size_t n;
        arena_reset(&check->arena);
        enum err err = store_numbers_after(check->db, &check->chunk, counter->workspace_id, number,
                                           CHUNK_ROWS, &numbers, &n);
        if (err != ERR_OK)
            return err;
        for (size_t i = 0; i < n && numbers[i] == number + 1; i++)
            number++;
        if (n == 0 || numbers[n - 1] != number)
            return history_broken(check, "workspace %.*s: number %" PRId64 " is missing",
                                  STR_ARG(counter->workspace_key), number + 1);
    }
    return ERR_OK;
}

static enum err counters_check(struct check *check)
{
    const struct workspace_counter *counters;
    size_t n;
    enum err err = store_counters(check->db, check->op, &counters, &n);
    for (size_t i = 0; err == ERR_OK && i < n; i++)
        err = numbers_check(check, &counters[i]);
    return err;
}

/* ---- receipts ---- */

static enum err receipt_check(struct check *check, const struct receipt *receipt)
{
    const struct chain_end *end = NULL;
    for (size_t i = 0; i < check->end_count && end == NULL; i++)
        if (str_eq_case(check->ends[i].domain_key, receipt->domain))
            end = &check->ends[i];
    if (end == NULL)
        return history_broken(
            check, "the receipt for event %" PRId64 " of %.*s: that domain has no events",
            receipt->seq, STR_ARG(receipt->domain));
    struct event event;
    arena_reset(&check->arena);
    enum err err =
        store_event_get(check->db, &check->chunk, end->head.domain_id, receipt->seq, &event);
    if (err == ERR_NOT_FOUND)
        return history_broken(check,
                              "the receipt for event %" PRId64
                              " of %.*s: the chain ends at %" PRId64 "; its end was cut off",
                              receipt->seq, STR_ARG(end->domain_key), end->head.seq);
    if (err != ERR_OK)
        return err;
    if (!bytes_equal_slowly(event.hash.bytes, receipt->hash.bytes, SHA256_SIZE))
        return event_broken(check, end, &event,
                            "its hash differs from the receipt; the history was rewritten");
    return ERR_OK;
}

/* ---- all of it ---- */

static enum err check_run(struct check *check, const struct receipt *receipts, size_t receipt_count,
                          history_head_fn *head, void *arg)
{
    int64_t orphan = 0;
    enum err err = store_chain_ends(check->db, check->op, &check->ends, &check->end_count);
    if (err == ERR_OK)
        err = store_event_orphan(check->db, check->op, &orphan);
    if (err == ERR_OK && orphan != 0)
        err = history_broken(
            check, "the event in row %" PRId64 " is not in the chain of any domain", orphan);
    /* That of no domain says since when erasures have events. */
    for (size_t i = 0; err == ERR_OK && i < check->end_count; i++)
        if (check->ends[i].head.domain_id == 0)
            err = chain_check(check, &check->ends[i]);
    for (size_t i = 0; err == ERR_OK && i < check->end_count; i++) {
        if (check->ends[i].head.domain_id != 0)
            err = chain_check(check, &check->ends[i]);
        if (err == ERR_OK && head != NULL)
            head(arg, check->ends[i].domain_key, &check->ends[i].head);
    }
    if (err == ERR_OK)
        err = records_check(check);
    if (err == ERR_OK)
        err = erased_check(check);
    if (err == ERR_OK)
        err = history_comments_check(check->db, &check->chunk);
    if (err == ERR_OK)
        err = history_attachments_check(check->db, &check->chunk);
    if (err == ERR_OK)
        err = history_links_check(check->db, &check->chunk);
    if (err == ERR_OK)
        err = links_check(check);
    if (err == ERR_OK)
        err = history_tasks_check(check);
    if (err == ERR_OK)
        err = history_states_check(check);
    if (err == ERR_OK)
        err = counters_check(check);
    for (size_t i = 0; err == ERR_OK && i < receipt_count; i++)
        err = receipt_check(check, &receipts[i]);
    return err;
}

enum err history_verify(struct db *db, struct op *op, const struct receipt *receipts,
                        size_t receipt_count, history_head_fn *head, void *arg,
                        struct history_report *ret_report)
{
    struct history_report report = {0};
    struct check check = {.db = db, .op = op, .report = &report};
    arena_init(&check.arena, CHUNK_BYTES);
    check.chunk = (struct op){.arena = &check.arena, .now = op->now};
    random_bytes(check.sum_key, sizeof check.sum_key);

    enum err err = check_run(&check, receipts, receipt_count, head, arg);
    const char *detail = check.chunk.detail[0] != '\0' ? check.chunk.detail : op->detail;
    if (err == ERR_CORRUPT && !report.broken) /* the store found a row that cannot be read */
        err = history_broken(&check, "%s", detail[0] != '\0' ? detail : err_meaning(ERR_CORRUPT));
    else if (err != ERR_OK && err != ERR_CORRUPT)
        err = op_fail(op, err, "%s", detail);
    arena_finish(&check.arena);
    store_directory_finish(&check.directory);
    history_states_finish(&check);
    free(check.gone.items);
    free(check.said.items);
    arena_finish(&check.directory_arena);
    if (err != ERR_OK && !report.broken)
        return err;
    *ret_report = report;
    return err == ERR_MEMORY ? ERR_MEMORY : ERR_OK;
}
