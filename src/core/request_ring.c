#include "core/request_ring.h"

#include "base/metric.h"

#include <stdlib.h>

/* ---- entries ---- */

enum { TEXTS = 9 };

/* The texts of a request, so that all are copied and none is forgotten. */
static void texts_of(struct logged_request *request, struct str *ret_texts[TEXTS])
{
    struct str *const texts[TEXTS] = {
        &request->method,   &request->path,    &request->form, &request->idempotency_key,
        &request->key,      &request->problem, &request->body, &request->asked_form,
        &request->trace_id,
    };
    for (size_t i = 0; i < TEXTS; i++)
        ret_texts[i] = texts[i];
}

static void entry_free(struct ring_entry *entry)
{
    buf_finish(&entry->texts);
    free(entry);
}

static struct ring_entry *entry_make(const struct logged_request *request)
{
    struct ring_entry *entry = malloc(sizeof *entry);
    struct str *texts[TEXTS];
    size_t size = 0;
    if (entry == NULL)
        return NULL;
    *entry = (struct ring_entry){.request = *request};
    buf_init(&entry->texts, REQUEST_RING_TEXT_MAX);
    texts_of(&entry->request, texts);
    for (size_t i = 0; i < TEXTS; i++)
        size += texts[i]->n;
    const char *at = buf_reserve(&entry->texts, size);
    for (size_t i = 0; i < TEXTS && at != NULL; i++) {
        buf_add(&entry->texts, *texts[i]);
        if (texts[i]->p != NULL)
            texts[i]->p = at;
        at += texts[i]->n;
    }
    if (buf_err(&entry->texts) == ERR_OK)
        return entry;
    entry_free(entry);
    return NULL;
}

void ring_entries_free(struct ring_entry *first)
{
    for (struct ring_entry *next; first != NULL; first = next) {
        next = first->next;
        entry_free(first);
    }
}

/* ---- the ring ---- */

static struct ring_account *account_of(struct request_ring *ring, int64_t id)
{
    for (size_t i = 0; i < ring->account_count; i++)
        if (ring->accounts[i].id == id)
            return &ring->accounts[i];
    return NULL;
}

/* Makes room for one: drops the oldest of the account that has the most; of several, the one that
 * has waited longest. */
static void ring_drop(struct request_ring *ring)
{
    struct ring_account *most = &ring->accounts[0];
    for (size_t i = 1; i < ring->account_count; i++) {
        struct ring_account *account = &ring->accounts[i];
        if (account->n > most->n ||
            (account->n == most->n && account->first->order < most->first->order))
            most = account;
    }
    struct ring_entry *oldest = most->first;
    most->first = oldest->next;
    most->n--;
    ring->n--;
    if (most->n == 0)
        *most = ring->accounts[--ring->account_count];
    entry_free(oldest);
    metric_add(METRIC_LOG_DROPPED, 0, 0, 1);
}

void request_ring_add(struct request_ring *ring, const struct logged_request *request)
{
    struct ring_entry *entry = entry_make(request);
    if (entry == NULL) {
        metric_add(METRIC_LOG_DROPPED, 0, 0, 1);
        return;
    }
    if (ring->n == REQUEST_RING_MAX)
        ring_drop(ring);
    struct ring_account *account = account_of(ring, request->account_id);
    entry->order = ring->added++;
    if (account == NULL) {
        account = &ring->accounts[ring->account_count++];
        *account = (struct ring_account){.id = request->account_id, .first = entry};
    } else {
        account->last->next = entry;
    }
    account->last = entry;
    account->n++;
    ring->n++;
}

struct ring_entry *request_ring_take(struct request_ring *ring)
{
    struct ring_entry *all = NULL;
    for (size_t i = 0; i < ring->account_count; i++) {
        ring->accounts[i].last->next = all;
        all = ring->accounts[i].first;
    }
    ring->account_count = ring->n = 0;
    return all;
}

void request_ring_finish(struct request_ring *ring)
{
    ring_entries_free(request_ring_take(ring));
}
