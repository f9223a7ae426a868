#include "lib/send.h"

#include "base/clock.h"
#include "base/percent.h"
#include "json/read.h"
#include "json/write.h"
#include "lib/outbox.h"
#include "lib/pace.h"
#include "lib/timed.h"

#include <stdio.h>

enum {
    CHUNK_MAX = 1000,                 /* items of a bulk call */
    REQUEST_MAX = 16 * 1024 * 1024,   /* the server's limit for a bulk call */
    CHUNK_MEMORY = 256 * 1024 * 1024, /* an answer's tree is at most 40 times its text */
    TIME_SLACK = 5 * 60 * 1000,       /* how far ahead the server allows a report's time to be */
    HOUR = 60 * 60 * 1000,
    DAY = 24 * HOUR,
    PROBES = 3,       /* reports that fail alone in a row before a run gives up */
    BROKEN_TRIES = 5, /* runs in which a report fails alone (5xx) before another is tried */
    APART_FIRST = 60 * 1000,
    APART_MAX = HOUR, /* milliseconds between attempts for a report that is set apart */
};

/* The outcome of an entry of a chunk: open until an answer or its age decides it. */
struct outcome {
    enum { OPEN, SENT, DEAD, MENDED } kind;
    struct str verdict;               /* of a dead one */
    struct str record, link, receipt; /* of a sent one */
    int64_t time;                     /* of a corrected one: its new time */
};

/* A report that failed alone in this run. */
struct failed {
    int64_t id, tries;
    char why[256];
};

struct sender {
    struct bzctrl *client;
    struct op *op; /* of one chunk: its arena is emptied afterwards */
    bzctrl_on_entry *on_entry;
    void *arg;
    bool all;         /* each chunk has its own deadline */
    int64_t deadline; /* clock_ticks() */
    struct outbox_entry *entries;
    struct outcome *outcomes;
    size_t n;
    struct pace pace;
    /* Reports that failed alone since something got through. When something does, they are at fault
     * and not the server: from then on they are set apart, each with a pause of its own. */
    struct failed failed[PROBES];
    size_t failed_count;
    bool through;        /* something got through in this run */
    bool apart;          /* the line is empty: try the reports that are set apart */
    size_t apart_failed; /* how many of them failed */
    char apart_why[256]; /* why a report that was tried in this run stays apart */
};

/* ---- what became of an entry ---- */

static enum err settle_sent(struct sender *sender, struct outcome *outcome, struct str link,
                            struct str receipt)
{
    struct arena *arena = sender->op->arena;
    struct str record = link;
    for (size_t i = 0; i < link.n; i++)
        if (link.p[i] == '/')
            record = str_from(link, i + 1);
    *outcome = (struct outcome){.kind = SENT,
                                .record = arena_str(arena, record),
                                .link = arena_str(arena, link),
                                .receipt = arena_str(arena, receipt.p == NULL ? STR("") : receipt)};
    return outcome->record.p == NULL || outcome->link.p == NULL || outcome->receipt.p == NULL
               ? ERR_MEMORY
               : ERR_OK;
}

static enum err settle_dead(struct sender *sender, struct outcome *outcome, struct str verdict)
{
    *outcome = (struct outcome){.kind = DEAD, .verdict = arena_str(sender->op->arena, verdict)};
    return outcome->verdict.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* Whether the only fault is the time that we added ourselves, by a clock that was wrong. */
static bool only_time(const struct outbox_entry *entry, const struct json *problem)
{
    const struct json *errors = json_member(problem, STR("errors"));
    if (!entry->timed || errors == NULL || errors->kind != JSON_LIST || errors->n != 1)
        return false;
    return str_eq(json_text(json_member(errors->first, STR("pointer"))), STR("/occurredAt"));
}

static enum err settle_refused(struct sender *sender, size_t i, const struct json *problem)
{
    if (only_time(&sender->entries[i], problem)) {
        int64_t now;
        enum err err = client_server_time(sender->client, sender->op, &now);
        if (err != ERR_OK)
            return err;
        /* The clock was ahead then, or it is far behind now and presumably was then. Otherwise the
         * fault is a different one, and another time would not help. */
        int64_t time = sender->entries[i].created_at, wrong = now - clock_now();
        if (time > now + HOUR / 60)
            time = now;
        else if (wrong > HOUR && time < now - INT64_C(29) * DAY)
            time = time + wrong < now ? time + wrong : now;
        if (time != sender->entries[i].created_at) {
            sender->outcomes[i] = (struct outcome){.kind = MENDED, .time = time};
            return ERR_OK;
        }
    }
    return settle_dead(sender, &sender->outcomes[i], problem->raw);
}

static bool temporary(int64_t status)
{
    return status == 401 || status == 408 || status == 425 || status == 429 || status >= 500;
}

/* Settles one entry by the answer of add-task, or by an item of the answer of add-tasks. */
static enum err settle(struct sender *sender, size_t i, int64_t status, const struct json *task,
                       struct str receipt, const struct json *problem)
{
    if (status == 200 || status == 201) {
        struct str link = json_text(json_member(task, STR("taskLink")));
        if (link.n > 0)
            return settle_sent(sender, &sender->outcomes[i], link, receipt);
    } else if (temporary(status)) {
        sender->client->blame = status >= 500 ? BLAME_BROKEN : BLAME_SERVER;
        sender->client->status = (int)status;
        return op_fail(sender->op, ERR_UNAVAILABLE, "the server answered %d", (int)status);
    } else if (status >= 400 && problem != NULL && problem->kind == JSON_OBJECT) {
        return settle_refused(sender, i, problem);
    }
    return op_fail(sender->op, ERR_UNAVAILABLE, "the answer (%d) does not come from bzctrl",
                   (int)status);
}

/* ---- calling ---- */

static enum err call(struct sender *sender, const char *path, struct str body, struct str key,
                     struct fetch_answer *ret_answer, const struct json **ret_root)
{
    struct op *op = sender->op;
    struct buf url;
    enum err err = client_url(sender->client, op, path, &url);
    if (err != ERR_OK)
        return err;
    if (sender->entries[0].form.n > 0) {
        BUF_LIT(&url, "?form=");
        buf_percent(&url, sender->entries[0].form, STR_NONE);
    }
    struct fetch_request request = {.method = STR("POST"),
                                    .content_type = STR("application/json"),
                                    .body = body,
                                    .idempotency_key = key};
    request.url = buf_err(&url) == ERR_OK ? arena_str(op->arena, buf_str(&url)) : STR_NONE;
    buf_finish(&url);
    if (request.url.p == NULL)
        return ERR_MEMORY;
    err = client_call(sender->client, op, &request, sender->deadline, ret_answer);
    if (err != ERR_OK)
        return err;
    /* In case the answer turns out not to be bzctrl's. */
    sender->client->blame = BLAME_FOREIGN;
    struct op quiet = {.arena = op->arena};
    err = json_read_written(&quiet, op->arena, ret_answer->body, ret_root);
    return err == ERR_OK || err == ERR_MEMORY
               ? err
               : op_fail(op, ERR_UNAVAILABLE, "the server's answer is not JSON: %.150s",
                         quiet.detail);
}

static enum err send_one(struct sender *sender)
{
    const struct outbox_entry *entry = &sender->entries[0];
    struct fetch_answer answer;
    const struct json *root;
    enum err err = call(sender, "/task/add-task", entry->json, entry->key, &answer, &root);
    return err == ERR_OK ? settle(sender, 0, answer.status, root, answer.receipt, root) : err;
}

/* The verdicts are in the order of the entries; entries without a usable verdict stay open. */
static enum err read_verdicts(struct sender *sender, const struct json *root)
{
    const struct json *items = json_member(root, STR("items"));
    enum err failed = ERR_OK;
    if (items == NULL || items->kind != JSON_LIST || items->n != sender->n)
        return op_fail(sender->op, ERR_UNAVAILABLE,
                       "the server's answer does not have a result for each report");
    const struct json *item = items->first;
    for (size_t i = 0; i < sender->n; i++, item = item->next) {
        const struct json *status = json_member(item, STR("status"));
        double number = status != NULL && status->kind == JSON_NUMBER ? status->number : 0;
        enum err err =
            settle(sender, i, number >= 100 && number < 1000 ? (int64_t)number : 0,
                   json_member(item, STR("task")), json_text(json_member(item, STR("receipt"))),
                   json_member(item, STR("problem")));
        if (err != ERR_OK && err != ERR_UNAVAILABLE)
            return err;
        failed = failed != ERR_OK ? failed : err;
    }
    return failed;
}

static enum err send_bulk(struct sender *sender)
{
    struct buf body;
    struct fetch_answer answer;
    const struct json *root;
    buf_init(&body, REQUEST_MAX);
    for (size_t i = 0; i < sender->n; i++) {
        buf_char(&body, i == 0 ? '[' : ',');
        BUF_LIT(&body, "{\"idempotencyKey\":");
        buf_json_string(&body, sender->entries[i].key);
        BUF_LIT(&body, ",\"task\":");
        buf_add(&body, sender->entries[i].json);
        buf_char(&body, '}');
    }
    buf_char(&body, ']');
    enum err err = buf_err(&body);
    if (err == ERR_OK)
        err = call(sender, "/task/add-tasks", buf_str(&body), STR_NONE, &answer, &root);
    buf_finish(&body);
    if (err != ERR_OK)
        return err;
    if (answer.status == 200)
        return read_verdicts(sender, root);
    /* The call as a whole is refused; smaller calls will show why. */
    return op_fail(sender->op, ERR_UNAVAILABLE, "the server refused the bulk call (%d)",
                   answer.status);
}

/* ---- the age ---- */

/* Finds the entries that are too old. The server forgets keys by its own clock, so age is measured
 * by that clock; the server is asked for it if ours is in doubt, or if many reports are sent. A
 * report that was written while our clock was ahead has a time that the server refuses, so it
 * cannot have been accepted before; it gets the right time. A report that the server might accept a
 * second time is dead. *ret_settled is true if there are outcomes without sending. */
static enum err check_ages(struct sender *sender, bool *ret_settled)
{
    const int64_t max = settings_number(&sender->client->settings, SETTING_MAX_AGE) * DAY;
    int64_t own = clock_now(), now = own;
    bool doubt = false, settled = false;
    for (size_t i = 0; i < sender->n; i++)
        doubt = doubt || sender->entries[i].created_at > own + TIME_SLACK ||
                own - sender->entries[i].created_at > max;
    if (!doubt && sender->n == 1)
        return ERR_OK;
    enum err err = client_server_time(sender->client, sender->op, &now);
    /* A filter may let reports through but not this question. Then use our own clock, or the time
     * that the filter sends. */
    if (err == ERR_UNAVAILABLE && sender->client->blame == BLAME_FOREIGN) {
        if (doubt && sender->client->server_time == 0)
            return err;
        op_forget(sender->op);
        err = doubt ? client_server_time(sender->client, sender->op, &now) : ERR_OK;
    }
    for (size_t i = 0; err == ERR_OK && i < sender->n; i++) {
        int64_t age = now - sender->entries[i].created_at,
                own_age = own - sender->entries[i].created_at;
        /* A clock that was and is far behind still counts days correctly. */
        if (age > max && (own_age > max || own_age < 0))
            err = settle_dead(
                sender, &sender->outcomes[i],
                STR("{\"detail\":\"This report has waited for too long: the server may no longer "
                    "know whether it already has it. Check there before you send it again.\"}"));
        else if (age < -TIME_SLACK)
            sender->outcomes[i] = (struct outcome){.kind = MENDED, .time = now};
        settled = settled || sender->outcomes[i].kind != OPEN;
    }
    *ret_settled = settled;
    return err;
}

/* ---- writing what became of them ---- */

static enum err write_mended(struct sender *sender, const struct outbox_entry *entry, int64_t time)
{
    struct buf json;
    buf_init(&json, REQUEST_MAX);
    if (entry->timed)
        buf_retimed(&json, time, entry->json);
    else
        buf_add(&json, entry->json);
    enum err err = buf_err(&json);
    if (err == ERR_OK)
        err = outbox_mend(sender->client->outbox, sender->op, entry->id, buf_str(&json), time);
    buf_finish(&json);
    return err;
}

static enum err write_outcome(struct sender *sender, size_t i)
{
    struct outbox *outbox = sender->client->outbox;
    const struct outcome *outcome = &sender->outcomes[i];
    const struct outbox_entry *entry = &sender->entries[i];
    switch (outcome->kind) {
    case OPEN:
        return ERR_OK;
    case SENT:
        return outbox_sent(outbox, sender->op, entry, outcome->record, outcome->link,
                           outcome->receipt);
    case DEAD:
        return outbox_dead(outbox, sender->op, entry->id, outcome->verdict);
    case MENDED:
        return write_mended(sender, entry, outcome->time);
    }
    return ERR_MISUSE;
}

static const char *shown(struct str text)
{
    return text.p == NULL ? "" : text.p;
}

static void tell(struct sender *sender, size_t i)
{
    const struct outcome *outcome = &sender->outcomes[i];
    const struct outbox_entry *entry = &sender->entries[i];
    if (sender->on_entry == NULL || outcome->kind == OPEN || outcome->kind == MENDED)
        return;
    const struct bzctrl_entry told = {.id = entry->id,
                                      .state = outcome->kind == SENT ? BZCTRL_SENT : BZCTRL_DEAD,
                                      .created_at = entry->created_at,
                                      .key = entry->key.p,
                                      .form = entry->form.p,
                                      .json = entry->json.p,
                                      .verdict = shown(outcome->verdict),
                                      .record = shown(outcome->record),
                                      .link = shown(outcome->link),
                                      .receipt = shown(outcome->receipt)};
    sender->on_entry(sender->arg, &told);
}

/* Stores all outcomes in one transaction, then reports them. */
static enum err write_outcomes(struct sender *sender)
{
    struct outbox *outbox = sender->client->outbox;
    enum err err = outbox_begin(outbox, sender->op);
    for (size_t i = 0; err == ERR_OK && i < sender->n; i++)
        err = write_outcome(sender, i);
    if (err == ERR_OK)
        err = outbox_commit(outbox, sender->op);
    if (err != ERR_OK) {
        outbox_rollback(outbox);
        return err;
    }
    for (size_t i = 0; i < sender->n; i++)
        tell(sender, i);
    return ERR_OK;
}

/* ---- what does not get through ---- */

/* Stores why an entry failed alone, in place of its verdict. It stays in line, or is set apart
 * until a time. */
static enum err write_failed(struct sender *sender, const struct failed *failed,
                             int64_t apart_until)
{
    struct buf text, verdict;
    buf_init(&text, 1024);
    buf_init(&verdict, 4096);
    if (failed->tries == 1)
        buf_printf(&text, "Tried alone once: %s.", failed->why);
    else
        buf_printf(&text, "Tried alone %lld times. Last error: %s.", (long long)failed->tries,
                   failed->why);
    if (apart_until > 0) {
        BUF_LIT(&text, " Other reports are sent without it; it will be tried again at ");
        buf_utc(&text, apart_until);
    }
    BUF_LIT(&verdict, "{\"detail\":");
    buf_json_string(&verdict, buf_str(&text));
    buf_char(&verdict, '}');
    enum err err = buf_err(&text) == ERR_OK ? buf_err(&verdict) : buf_err(&text);
    if (err == ERR_OK)
        err = outbox_failed(sender->client->outbox, sender->op, failed->id, buf_str(&verdict),
                            failed->tries, apart_until);
    buf_finish(&text);
    buf_finish(&verdict);
    return err;
}

static enum err set_apart(struct sender *sender, const struct failed *failed)
{
    int64_t pause = (int64_t)APART_FIRST << (failed->tries < 7 ? failed->tries - 1 : 6);
    snprintf(sender->apart_why, sizeof sender->apart_why, "%s", failed->why);
    return write_failed(sender, failed, clock_now() + (pause < APART_MAX ? pause : APART_MAX));
}

/* The server accepts others, so these reports fail because of their content. */
static enum err set_failed_apart(struct sender *sender)
{
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < sender->failed_count; i++)
        err = set_apart(sender, &sender->failed[i]);
    sender->failed_count = 0;
    return err;
}

/* An entry failed alone. ERR_OK: the run may continue with another. */
static enum err note_failed(struct sender *sender, enum err why)
{
    bool broken = sender->client->blame == BLAME_BROKEN;
    struct failed failed = {.id = sender->entries[0].id, .tries = sender->entries[0].tries + 1};
    snprintf(failed.why, sizeof failed.why, "%s", sender->op->detail);
    if (sender->apart) {
        sender->apart_failed += broken ? PROBES : 1;
        return set_apart(sender, &failed);
    }
    enum err err = write_failed(sender, &failed, 0);
    /* 5xx is mostly the server's fault: do not try others before this has happened often. */
    if (err != ERR_OK || (broken && failed.tries < BROKEN_TRIES))
        return err != ERR_OK ? err : why;
    sender->failed[sender->failed_count++] = failed;
    return sender->failed_count < PROBES ? ERR_OK : why;
}

static size_t chunk_bytes(const struct sender *sender)
{
    size_t bytes = 0;
    for (size_t i = 0; i < sender->n; i++)
        bytes += sender->entries[i].json.n + sender->entries[i].key.n + OUTBOX_ENVELOPE;
    return bytes;
}

/* A call ended with `err`: adapts the size of calls, and settles the reports that failed before. */
static enum err learn(struct sender *sender, enum err err)
{
    bool through = false;
    for (size_t i = 0; i < sender->n; i++)
        through = through || sender->outcomes[i].kind != OPEN;
    if (through) {
        sender->through = true;
        pace_grow(&sender->pace);
        enum err written = set_failed_apart(sender);
        return written != ERR_OK ? written : err;
    }
    if (err != ERR_UNAVAILABLE || sender->client->blame == BLAME_SERVER)
        return err;
    if (sender->n == 1)
        return note_failed(sender, err);
    pace_shrink(&sender->pace, sender->client, chunk_bytes(sender));
    return sender->client->blame == BLAME_FOREIGN ? ERR_OK : err;
}

/* ---- the run ---- */

/* Loads the next entries in line; only one of them after a failure alone; and finally one that is
 * set apart. */
static enum err load_chunk(struct sender *sender)
{
    struct outbox *outbox = sender->client->outbox;
    const struct failed *failed = sender->failed;
    if (sender->apart)
        return outbox_load_apart(outbox, sender->op, clock_now(), APART_MAX, sender->entries,
                                 &sender->n);
    return sender->failed_count == 0
               ? outbox_load(outbox, sender->op, CHUNK_MAX, pace_room(&sender->pace),
                             sender->entries, &sender->n)
               : outbox_load_other(outbox, sender->op, failed[0].id,
                                   sender->failed_count > 1 ? failed[1].id : 0, sender->entries,
                                   &sender->n);
}

/* The line is empty. */
static enum err end_line(struct sender *sender)
{
    sender->apart = true;
    if (sender->failed_count == 0)
        return ERR_OK;
    return sender->through ? set_failed_apart(sender)
                           : op_fail(sender->op, ERR_UNAVAILABLE, "%s",
                                     sender->failed[sender->failed_count - 1].why);
}

/* Loads and sends a chunk. *ret_more is true if there was something to do. */
static enum err send_chunk(struct sender *sender, bool *ret_more)
{
    struct op *op = sender->op;
    bool settled = false;
    sender->entries = ARENA_ARRAY(op->arena, struct outbox_entry, CHUNK_MAX);
    sender->outcomes = ARENA_ARRAY(op->arena, struct outcome, CHUNK_MAX);
    if (sender->entries == NULL || sender->outcomes == NULL)
        return ERR_MEMORY;
    enum err err = load_chunk(sender);
    /* The same while there was nothing to send. With reports in it, it stays whose it is. */
    if (err == ERR_OK && sender->n > 0)
        err = client_outbox(sender->client, op);
    if (err == ERR_OK && sender->n == 0) {
        *ret_more = !sender->apart;
        return *ret_more ? end_line(sender) : ERR_OK;
    }
    if (err == ERR_OK)
        err = check_ages(sender, &settled);
    if (err != ERR_OK)
        return err;
    if (!settled)
        err = sender->n == 1 ? send_one(sender) : send_bulk(sender);
    if (err == ERR_MEMORY)
        return err;
    enum err written = write_outcomes(sender);
    if (written != ERR_OK)
        return written;
    if (!settled)
        err = learn(sender, err);
    *ret_more = sender->apart_failed < PROBES;
    return err;
}

static enum err send_all(struct sender *sender, struct op *op)
{
    struct arena arena;
    struct op chunk = {.arena = &arena};
    enum err err = ERR_OK;
    arena_init(&arena, CHUNK_MEMORY);
    sender->op = &chunk;
    for (bool more = true; more && err == ERR_OK;) {
        arena_reset(&arena);
        op_forget(&chunk);
        if (sender->all)
            sender->deadline = client_deadline(sender->client);
        err = send_chunk(sender, &more);
        if (err == ERR_OK && more && !sender->all && clock_ticks() >= sender->deadline)
            err = op_fail(&chunk, ERR_UNAVAILABLE, "there was no time to send everything");
    }
    /* A run that ended early also has failures to settle. */
    if (sender->through && sender->failed_count < PROBES) {
        enum err written = set_failed_apart(sender);
        err = err == ERR_OK ? written : err;
    }
    if (err != ERR_OK)
        err = op_fail(op, err, "%s", chunk.detail);
    arena_finish(&arena);
    sender->op = NULL;
    return err;
}

/* Runs with the sender's lock. */
static enum err run_locked(struct sender *sender, struct op *op, int flags)
{
    struct bzctrl *client = sender->client;
    struct op quiet = {.arena = op->arena};
    /* While this one waited for the lock, another process may have got the outbox for its own settings. */
    enum err err = client_outbox(client, op);
    if (err == ERR_OK)
        err = outbox_pace(client->outbox, op, &sender->pace);
    if (err == ERR_OK)
        err = (flags & BZCTRL_NOW) != 0 ? outbox_apart_due(client->outbox, op)
                                        : pace_check(&sender->pace, op);
    if (err != ERR_OK)
        return err;
    client->asked_wait = 0;
    err = send_all(sender, op);
    if (sender->through)
        sender->pace.failures = 0;
    pace_end(&sender->pace, err, client->asked_wait);
    enum err noted = outbox_set_pace(client->outbox, &quiet, &sender->pace);
    return err == ERR_OK && noted != ERR_OK ? op_fail(op, noted, "%s", quiet.detail) : err;
}

enum err send_run(struct bzctrl *client, struct op *op, int flags, bool all,
                  bzctrl_on_entry *on_entry, void *arg, bool *ret_apart)
{
    struct sender sender = {.client = client,
                            .on_entry = on_entry,
                            .arg = arg,
                            .all = all,
                            .deadline = client_deadline(client)};
    enum err err = outbox_lock(client->outbox, op, sender.deadline);
    if (err != ERR_OK)
        return err;
    err = run_locked(&sender, op, flags);
    outbox_unlock(client->outbox);
    *ret_apart = err == ERR_OK && sender.apart_why[0] != '\0';
    if (*ret_apart)
        op_say(op, "some reports do not get through (see `bzctrl outbox list`): %s",
               sender.apart_why);
    return err;
}
