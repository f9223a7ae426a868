/*
 * `bzctrld events`: the history of administration, or of all there is, as JSON lines or CSV. It reads
 * the store itself, also beside a server, a few events at a time.
 */
#include "admin/command.h"
#include "core/copy.h"
#include "core/core.h"
#include "core/feed.h"
#include "model/date.h"
#include "model/event_json.h"
#include "model/key.h"
#include "store/directory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    EVENTS_AT_ONCE = 64,
    ARENA_MAX = 512 * 1024 * 1024, /* of as many events */
    OUTPUT_MAX = 64 * 1024 * 1024, /* of one event */
};

struct export
{
    struct command_run *run;
    struct db *db;
    struct arena arena;
    struct op op; /* on `arena`, which is emptied after each few events */
    struct directory directory;
    struct str domain; /* and below; absent: all */
    struct str_list actions;
    int64_t since;
    bool csv;
    struct buf out;
};

/* ---- what is written ---- */

/* A field in quotes. What a spreadsheet would take for a formula begins with an apostrophe. */
static void put_field(struct buf *out, struct str field)
{
    if (out->n > 0 && out->p[out->n - 1] != '\n')
        buf_char(out, ',');
    buf_char(out, '"');
    if (field.n > 0 && strchr("=+-@\t\r", field.p[0]) != NULL)
        buf_char(out, '\'');
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] == '"')
            buf_char(out, '"');
        buf_char(out, field.p[i]);
    }
    buf_char(out, '"');
}

static void put_number(struct buf *out, int64_t number)
{
    struct buf text;
    buf_init(&text, 32);
    if (number != 0)
        buf_i64(&text, number);
    put_field(out, buf_str(&text));
    buf_finish(&text);
}

static void put_row(struct export *export, const struct event *event, struct str domain)
{
    struct buf text, *out = &export->out;
    const struct account *actor = directory_account_by_id(&export->directory, event->actor_id);
    buf_init(&text, 256);
    put_field(out, domain);
    put_number(out, event->seq);
    buf_time(&text, event->at);
    put_field(out, buf_str(&text));
    put_field(out, actor == NULL ? STR("") : actor->email);
    put_field(out, event->action);
    put_field(out, event->key);
    put_field(out, event->payload.p == NULL ? STR("") : event->payload);
    put_number(out, event_version(event));
    buf_clear(&text);
    buf_base64(&text, event->hash.bytes, sizeof event->hash.bytes);
    put_field(out, buf_str(&text));
    BUF_LIT(out, "\r\n");
    buf_finish(&text);
}

static enum err out_flush(struct export *export)
{
    enum err err = buf_err(&export->out);
    for (size_t done = 0; done < export->out.n && err == ERR_OK;) {
        ssize_t wrote = write(STDOUT_FILENO, export->out.p + done, export->out.n - done);
        if (wrote < 0 && errno != EINTR)
            err = op_fail(export->run->op, ERR_IO, "cannot write the events: %s", strerror(errno));
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    buf_clear(&export->out);
    return err;
}

static enum err event_put(struct export *export, const struct event *event, struct str domain)
{
    if (export->csv) {
        put_row(export, event, domain);
    } else {
        event_encode_line(&export->out, event, &export->directory, domain);
        buf_char(&export->out, '\n');
    }
    return out_flush(export);
}

/* ---- what is read ---- */

/* The last event of a chain that is older than `since`: times never decrease within one. */
static enum err chain_start(struct export *export, const struct feed_head *head, int64_t *ret_after)
{
    int64_t low = 0, high = head->seq;
    enum err err = ERR_OK;
    while (low < high && export->since != TIME_NONE && err == ERR_OK) {
        int64_t middle = low + (high - low + 1) / 2;
        struct event event;
        arena_reset(&export->arena);
        err = store_event_get(export->db, &export->op, head->domain_id, middle, &event);
        if (err == ERR_OK && event.at < export->since)
            low = middle;
        else
            high = middle - 1;
    }
    *ret_after = low;
    return err;
}

static enum err chain_export(struct export *export, const struct feed_head *head)
{
    int64_t seq;
    struct str domain = feed_domain_key(&export->directory, head->domain_id);
    enum err err = chain_start(export, head, &seq);
    while (seq < head->seq && err == ERR_OK) {
        struct feed_entries entries;
        arena_reset(&export->arena);
        err = store_feed_after(export->db, &export->op, head, seq, EVENTS_AT_ONCE, &entries);
        if (err == ERR_OK && entries.n == 0)
            return op_fail(export->run->op, ERR_CORRUPT,
                           "event %lld of %.*s is missing; see bzctrld verify", (long long)seq + 1,
                           STR_ARG(domain));
        for (size_t i = 0; err == ERR_OK && i < entries.n; i++) {
            seq = entries.items[i].event.seq;
            if (feed_action_wanted(export->actions, entries.items[i].event.action))
                err = event_put(export, &entries.items[i].event, domain);
        }
    }
    return err;
}

static enum err export_run(struct export *export)
{
    struct op *op = export->run->op;
    struct feed_heads heads;
    enum err err = store_directory_load(export->db, op, op->arena, NULL, &export->directory);
    if (err != ERR_OK)
        return err;
    err = store_feed_heads(export->db, op, &heads);
    if (export->csv)
        BUF_LIT(&export->out, "\"domain\",\"seq\",\"at\",\"actor\",\"action\",\"key\",\"changes\","
                              "\"version\",\"hash\"\r\n");
    if (err == ERR_OK)
        err = out_flush(export);
    for (size_t i = 0; err == ERR_OK && i < heads.n; i++)
        if (export->domain.p == NULL ||
            key_covers(export->domain,
                       feed_domain_key(&export->directory, heads.items[i].domain_id)))
            err = chain_export(export, &heads.items[i]);
    store_directory_finish(&export->directory);
    return err;
}

static enum err flags_read(struct export *export)
{
    const struct arguments *arguments = export->run->arguments;
    struct op *op = export->run->op;
    struct str domain = arguments_flag(arguments, "domain");
    struct str since = arguments_flag(arguments, "since");
    int32_t date;
    export->since = TIME_NONE;
    export->csv = arguments_flag(arguments, "csv").p != NULL;
    if (domain.p != NULL && key_read(op->arena, domain, &export->domain) != ERR_OK)
        return op_fail(op, ERR_SYNTAX, "\"%.*s\" is not the key of a domain, such as EXA-CON-BUS",
                       STR_ARG(str_sub(domain, 0, 100)));
    if (since.p != NULL && date_read(since, &date))
        export->since = (int64_t)date * 86400000;
    else if (since.p != NULL && !time_read(since, &export->since))
        return op_fail(op, ERR_SYNTAX,
                       "--since must be a date, or a time such as 2026-09-27T08:00:00Z, not "
                       "\"%.*s\"",
                       STR_ARG(str_sub(since, 0, 100)));
    return arguments_flag_all(op, arguments, "action", &export->actions);
}

static int events_run(struct command_run *run)
{
    struct export export = {.run = run};
    arena_init(&export.arena, ARENA_MAX);
    buf_init(&export.out, OUTPUT_MAX);
    export.op = (struct op){.arena = &export.arena};
    enum err err = flags_read(&export);
    if (err == ERR_OK)
        err = run->core != NULL ? core_open_reader(run->core, run->op, &export.db)
                                : copy_source_open(run->database.p, run->op, &export.db);
    if (err == ERR_OK)
        err = export_run(&export);
    if (err != ERR_OK && export.op.detail[0] != '\0')
        op_say(run->op, "%s", export.op.detail);
    db_close(export.db);
    buf_finish(&export.out);
    arena_finish(&export.arena);
    return err == ERR_OK ? EXIT_DONE : command_fail(run, err);
}

/* ---- the command ---- */

static const struct flag events_flags[] = {
    {"domain", "DOMAIN", "only this domain and every domain below"},
    {"action", "ACTION", "only these, such as admin.*", true},
    {"since", "TIME", "only from this date or time on"},
    {"csv", NULL, "as CSV instead of JSON lines"},
};

const struct admin_command events_commands[] = {
    {.command = {"events", NULL, "print the history, one event a line", FLAGS(events_flags)},
     .existing = true,
     .reads_itself = true,
     .run_store = events_run},
    {{NULL}},
};
