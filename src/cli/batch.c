/*
 * bzctrl report --batch: a file of reports. A row's key is made from its content, or taken from a
 * column, but never from its position: so the same row is the same report in any file, after a
 * crash, or after other rows were corrected. Equal rows in one file are as many reports.
 */
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/outfile.h"
#include "cli/rows.h"
#include "cli/table.h"
#include "cli/verdict.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE = 1000, /* rows that are queued and sent together */
    PIECE_BYTES = 1024 * 1024,
    KEY_BYTES = 16, /* of a hash, as hex */
    BATCH_KEY_MAX = 255,
    TREE_MAX = 256 * 1024 * 1024,
};

struct report_batch {
    struct cli *cli;
    struct rows reader;
    struct outfile result, refused;
    struct verdicts verdicts;
    const char *form; /* NULL: the workspace's default form */
    bool dry;
    bool offline; /* sending failed or is not wanted: only queue the rest */
    struct table table;
    /* The current piece. */
    struct buf texts;
    struct {
        size_t key, json; /* offsets in texts */
        size_t row;
    } piece[PIECE];
    size_t n;
    struct buf verdict; /* of one row, for people */
    struct arena arena; /* of one verdict */
    long acknowledged, waiting, rejected, valid;
    long before;   /* acknowledged before this run */
    int64_t found; /* the outbox entry that was looked up; 0: none */
    int64_t began_at, shown_at;
    long size; /* of the file */
    int code;
};

/* ---- keys ---- */

/* The key of the `ordinal`th row, from 0, with this content. */
static bool make_key(const struct report_batch *batch, uint32_t ordinal, char *ret_key, size_t size)
{
    struct hasher hasher;
    struct buf hex;
    char number[16];
    snprintf(number, sizeof number, "%u", ordinal);
    hash_begin(&hasher);
    hash_field(&hasher, STR("bzctrl report --batch"));
    hash_field(&hasher, str_of(batch->form == NULL ? "" : batch->form));
    hash_field(&hasher, str_of(batch->reader.json.p));
    hash_field(&hasher, str_of(number));
    struct sha256 hash = hash_end(&hasher);
    buf_init(&hex, 128);
    buf_hex(&hex, hash.bytes, KEY_BYTES);
    snprintf(ret_key, size, "%.*s", STR_ARG(buf_str(&hex)));
    bool good = buf_err(&hex) == ERR_OK;
    buf_finish(&hex);
    return good;
}

/* The key of a row, from its content. Equal rows are counted at the first of them. */
static bool key_by_content(struct report_batch *batch, char *key, size_t size,
                           struct sha256 *ret_mark)
{
    bool good = make_key(batch, 0, key, size);
    *ret_mark = sha256(str_of(key));
    struct row *first = table_find(&batch->table, ret_mark);
    if (!good || first == NULL)
        return good;
    good = make_key(batch, ++first->equals, key, size);
    *ret_mark = sha256(str_of(key));
    return good;
}

/* ---- what became of a row ---- */

/* A spreadsheet must not read a cell as a formula. */
static void add_cell(FILE *file, const char *text, const char *end)
{
    bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    fputc('"', file);
    if (formula)
        fputc('\'', file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fprintf(file, "\"%s", end);
}

static void settle(struct report_batch *batch, struct row *row, enum row_state state,
                   const char *link, const char *receipt, const char *verdict)
{
    static const char *const names[] = {[ROW_ACKNOWLEDGED] = "acknowledged",
                                        [ROW_WAITING] = "waiting",
                                        [ROW_REFUSED] = "refused",
                                        [ROW_VALID] = "valid"};
    row->state = state;
    batch->acknowledged += state == ROW_ACKNOWLEDGED;
    batch->waiting += state == ROW_WAITING;
    batch->rejected += state == ROW_REFUSED;
    batch->valid += state == ROW_VALID;
    fprintf(batch->result.file, "%ld,%s,", row->line, names[state]);
    add_cell(batch->result.file, link, ",");
    add_cell(batch->result.file, receipt, ",");
    add_cell(batch->result.file, verdict, "\n");
}

/* A row that is not a valid report is not even queued. */
static void refuse_row(struct report_batch *batch, struct row *row, const char *why)
{
    verdicts_take_sentence(&batch->verdicts, row->line, str_of(why));
    settle(batch, row, ROW_REFUSED, "", "", why);
}

/* Reads a problem document, or a record with warnings; NULL if it is neither. */
static const struct json *read_problem(struct report_batch *batch, struct str json)
{
    struct op op = {.arena = &batch->arena};
    const struct json *root;
    arena_reset(&batch->arena);
    return json_read(&op, &batch->arena, json, &root) == ERR_OK ? root : NULL;
}

/* The faults as lines for people. */
static const char *verdict_text(struct report_batch *batch, long line, const struct json *problem)
{
    buf_clear(&batch->verdict);
    if (problem != NULL)
        verdicts_take(&batch->verdicts, line, problem, &batch->verdict);
    buf_char(&batch->verdict, '\0');
    return buf_err(&batch->verdict) == ERR_OK ? batch->verdict.p : "";
}

/* Whether the server itself refused it. Otherwise it is dead for another reason and may have been
 * accepted. */
static bool is_refusal(struct report_batch *batch, const struct bzctrl_entry *entry)
{
    return entry->state == BZCTRL_DEAD &&
           json_member(read_problem(batch, str_of(entry->verdict)), STR("status")) != NULL;
}

static void on_entry(void *arg, const struct bzctrl_entry *entry)
{
    struct report_batch *batch = arg;
    struct sha256 mark = sha256(str_of(entry->key));
    struct row *row = table_find(&batch->table, &mark);
    if (row == NULL || row->state != ROW_OPEN)
        return;
    static const enum row_state states[] = {[BZCTRL_WAITING] = ROW_WAITING,
                                            [BZCTRL_DEAD] = ROW_REFUSED,
                                            [BZCTRL_SENT] = ROW_ACKNOWLEDGED};
    /* A refused row goes to the file of refused rows. It does not stay in the outbox, where it
     * could be sent in addition to its correction. */
    row->drop = is_refusal(batch, entry) ? entry->id : 0;
    batch->before += entry->state == BZCTRL_SENT && entry->created_at < batch->began_at;
    const struct json *problem =
        entry->state == BZCTRL_DEAD ? read_problem(batch, str_of(entry->verdict)) : NULL;
    settle(batch, row, states[entry->state], entry->link, entry->receipt,
           verdict_text(batch, row->line, problem));
}

/* ---- progress ---- */

static void show_progress(struct report_batch *batch, bool end)
{
    int64_t now = clock_ticks();
    if (!isatty(STDERR_FILENO) || (!end && now - batch->shown_at < 100))
        return;
    batch->shown_at = now;
    int64_t percent = end || batch->size == 0 ? 100 : ftell(batch->reader.file) * 100 / batch->size;
    static const char full[] = "####################", empty[] = "....................";
    int bar = (int)(percent / 5);
    fprintf(stderr, "\r[%.*s%.*s] %zu read, %ld %s, %ld refused%s", bar, full, 20 - bar, empty,
            batch->table.n, batch->dry ? batch->valid : batch->acknowledged,
            batch->dry ? "valid" : "acknowledged", batch->rejected, end ? "\n" : " ");
    fflush(stderr);
}

/* ---- putting and sending ---- */

static const char *key_at(const struct report_batch *batch, size_t i)
{
    return batch->texts.p + batch->piece[i].key;
}

static const char *json_at(const struct report_batch *batch, size_t i)
{
    return batch->texts.p + batch->piece[i].json;
}

static void on_found(void *arg, const struct bzctrl_entry *entry)
{
    struct report_batch *batch = arg;
    batch->found = is_refusal(batch, entry) ? entry->id : 0;
}

/* The outbox has another report with the key of a row. If that one was refused, the row is its
 * correction and replaces it. */
static bool drop_refused(struct report_batch *batch, const char *key)
{
    batch->found = 0;
    bzctrl_answer_free(bzctrl_outbox_find(batch->cli->client, key, on_found, batch));
    if (batch->found == 0)
        return false;
    struct bzctrl_answer *answer = bzctrl_outbox_drop(batch->cli->client, batch->found);
    bool good = bzctrl_answer_code(answer) == BZCTRL_OK;
    bzctrl_answer_free(answer);
    return good;
}

static void put_rows(struct report_batch *batch, size_t first, size_t n)
{
    struct bzctrl_item items[PIECE] = {0};
    for (size_t i = 0; i < n; i++)
        items[i] = (struct bzctrl_item){.form = batch->form,
                                        .key = key_at(batch, first + i),
                                        .json = json_at(batch, first + i)};
    struct bzctrl_answer *answer = bzctrl_put(batch->cli->client, items, n);
    enum bzctrl_code code = bzctrl_answer_code(answer);
    if (code == BZCTRL_REFUSED && n > 1) {
        /* Nothing was queued; queue them one by one to find the refused ones. */
        for (size_t i = 0; i < n && batch->code == EXIT_DONE; i++)
            put_rows(batch, first + i, 1);
    } else if (code == BZCTRL_REFUSED && batch->reader.key_column != NULL &&
               drop_refused(batch, items[0].key)) {
        put_rows(batch, first, 1);
    } else if (code == BZCTRL_REFUSED) {
        refuse_row(batch, &batch->table.rows[batch->piece[first].row],
                   bzctrl_answer_message(answer));
    } else if (code != BZCTRL_QUEUED) {
        batch->code = fail_answer(answer);
        return;
    }
    bzctrl_answer_free(answer);
}

static void send_rows(struct report_batch *batch)
{
    struct bzctrl_answer *answer =
        bzctrl_outbox_run(batch->cli->client, BZCTRL_NOW, on_entry, batch);
    /* Reports that are set apart (BZCTRL_QUEUED) do not block the rest. */
    if (bzctrl_answer_code(answer) != BZCTRL_OK && bzctrl_answer_code(answer) != BZCTRL_QUEUED) {
        fail(EXIT_LATER, "%s; the remaining rows go into the outbox",
             bzctrl_answer_message(answer));
        batch->offline = true;
    }
    bzctrl_answer_free(answer);
}

/* Rows that this run did not settle: sent by an earlier run, or still waiting. */
static void settle_rest(struct report_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        if (batch->table.rows[batch->piece[i].row].state == ROW_OPEN)
            bzctrl_answer_free(
                bzctrl_outbox_find(batch->cli->client, key_at(batch, i), on_entry, batch));
}

/* ---- a dry run ---- */

static void take_verdicts(struct report_batch *batch, const struct json *items)
{
    const struct json *item = items->first;
    for (size_t i = 0; i < batch->n && item != NULL; i++, item = item->next) {
        struct row *row = &batch->table.rows[batch->piece[i].row];
        const struct json *problem = json_member(item, STR("problem")),
                          *task = json_member(item, STR("task")),
                          *said = problem != NULL ? problem : task;
        settle(batch, row, problem == NULL ? ROW_VALID : ROW_REFUSED, "", "",
               verdict_text(batch, row->line, said));
    }
}

static void judge_rows(struct report_batch *batch)
{
    const char *reports[PIECE];
    struct arena arena;
    struct op op = {.arena = &arena};
    const struct json *root = NULL, *items;
    for (size_t i = 0; i < batch->n; i++)
        reports[i] = json_at(batch, i);
    struct bzctrl_answer *answer =
        bzctrl_dry_run_all(batch->cli->client, batch->form, reports, batch->n);
    if (bzctrl_answer_code(answer) != BZCTRL_OK) {
        batch->code = fail_answer(answer);
        return;
    }
    arena_init(&arena, TREE_MAX);
    if (json_read_written(&op, &arena, str_of(bzctrl_answer_json(answer)), &root) != ERR_OK)
        root = NULL;
    items = json_member(root, STR("items"));
    if (items != NULL && items->kind == JSON_LIST && items->n == batch->n)
        take_verdicts(batch, items);
    else
        batch->code =
            fail(EXIT_UNAVAILABLE, "the server's answer does not have a result for each row");
    arena_finish(&arena);
    bzctrl_answer_free(answer);
}

/* ---- the piece ---- */

static void flush_piece(struct report_batch *batch)
{
    if (batch->n > 0 && batch->code == EXIT_DONE && buf_err(&batch->texts) != ERR_OK)
        batch->code = fail_memory();
    if (batch->n > 0 && batch->code == EXIT_DONE && batch->dry) {
        judge_rows(batch);
    } else if (batch->n > 0 && batch->code == EXIT_DONE) {
        put_rows(batch, 0, batch->n);
        if (batch->code == EXIT_DONE && !batch->offline)
            send_rows(batch);
        settle_rest(batch);
    }
    batch->n = 0;
    buf_clear(&batch->texts);
    show_progress(batch, false);
}

static void add_text(struct buf *texts, const char *text, size_t *ret_at)
{
    *ret_at = texts->n;
    buf_add(texts, str_of(text));
    buf_char(texts, '\0');
}

/* Takes the row that was just read. */
static void take_row(struct report_batch *batch)
{
    struct rows *reader = &batch->reader;
    char key[BATCH_KEY_MAX + 2] = "";
    struct sha256 mark;
    const struct row *other = NULL;
    bool fit = reader->fault[0] == '\0';
    if (fit && reader->key_column != NULL) {
        snprintf(key, sizeof key, "%s", reader->key.p);
        mark = sha256(str_of(key));
        other = table_find(&batch->table, &mark);
    } else if (fit && !key_by_content(batch, key, sizeof key, &mark)) {
        batch->code = fail_memory();
        return;
    }
    if (other != NULL)
        snprintf(reader->fault, sizeof reader->fault,
                 "line %ld has the same key, \"%.60s\"; each row needs a key of its own",
                 other->line, key);
    fit = fit && other == NULL;
    struct row *row = table_add(&batch->table, fit ? &mark : NULL, reader->line);
    if (row == NULL) {
        batch->code = fail_memory();
        return;
    }
    if (!fit) {
        refuse_row(batch, row, reader->fault);
        return;
    }
    size_t n = batch->n++;
    batch->piece[n].row = batch->table.n - 1;
    add_text(&batch->texts, key, &batch->piece[n].key);
    add_text(&batch->texts, reader->json.p, &batch->piece[n].json);
    if (batch->n == PIECE || batch->texts.n > PIECE_BYTES)
        flush_piece(batch);
}

/* ---- the refused rows ---- */

/* Writes the refused rows to a separate file, to be corrected and reported again. */
static void write_refused(struct report_batch *batch, const char *name)
{
    enum rows_result result = ROWS_END;
    batch->code = outfile_open(&batch->refused, name);
    if (batch->code == EXIT_DONE)
        batch->code = rows_rewind(&batch->reader);
    if (batch->code != EXIT_DONE)
        return;
    rows_write_heads(&batch->reader, batch->refused.file);
    for (size_t i = 0; i < batch->table.n && (result = rows_next(&batch->reader)) == ROWS_ROW; i++)
        if (batch->table.rows[i].state == ROW_REFUSED)
            rows_write(&batch->reader, batch->refused.file);
    if (result == ROWS_BAD)
        batch->code = EXIT_NOINPUT;
}

/* The refused rows are in their file, so they can leave the outbox. */
static void drop_rows(struct report_batch *batch)
{
    int64_t ids[PIECE];
    size_t n = 0;
    for (size_t i = 0; i < batch->table.n; i++) {
        if (batch->table.rows[i].drop != 0)
            ids[n++] = batch->table.rows[i].drop;
        if (n == PIECE || (n > 0 && i + 1 == batch->table.n)) {
            bzctrl_answer_free(bzctrl_outbox_drop_all(batch->cli->client, ids, n));
            n = 0;
        }
    }
}

/* ---- the whole ---- */

static int outcome(const struct report_batch *batch, const char *result, const char *refused)
{
    const char *kind = batch->dry ? "valid" : "acknowledged";
    long good = batch->dry ? batch->valid : batch->acknowledged;
    if (batch->code != EXIT_DONE && batch->table.n > 0)
        fail(batch->code,
             "of the rows before that: %ld %s, %ld refused, %ld waiting in the outbox; report the "
             "same file again to continue",
             good, kind, batch->rejected, batch->waiting);
    if (batch->code != EXIT_DONE)
        return batch->code;
    if (batch->cli->json)
        printf("{\"rows\":%zu,\"%s\":%ld,\"refused\":%ld,\"waiting\":%ld}\n", batch->table.n, kind,
               good, batch->rejected, batch->waiting);
    else if (batch->dry)
        printf("%zu row%s, %ld valid, %ld refused\n", batch->table.n,
               batch->table.n == 1 ? "" : "s", good, batch->rejected);
    else
        printf("%zu row%s, %ld acknowledged, %ld refused, %ld waiting\n", batch->table.n,
               batch->table.n == 1 ? "" : "s", good, batch->rejected, batch->waiting);
    if (batch->rejected > 0 && refused[0] == '\0')
        fail(EXIT_DATA, "%ld refused; %s says why", batch->rejected, result);
    else if (batch->rejected > 0)
        fail(EXIT_DATA,
             "%ld refused; %s says why, and %s has the rows: correct them and report that file",
             batch->rejected, result, refused);
    verdicts_print(&batch->verdicts);
    if (batch->before > 0)
        fail(EXIT_DONE,
             "%ld acknowledged before this run: rows with the same content are one report, unless "
             "--key-column gives them different keys",
             batch->before);
    return batch->rejected > 0 ? EXIT_DATA : batch->waiting > 0 ? EXIT_LATER : EXIT_DONE;
}

/* The file for the refused rows: beside the batch file or, if --results names one, beside the
 * results. "" if there cannot be a file. */
static void name_refused(const struct report_batch *batch, const char *base, char *ret_name)
{
    struct stat status;
    ret_name[0] = '\0';
    if (stat(base, &status) != 0 || S_ISREG(status.st_mode))
        snprintf(ret_name, PATH_MAX, "%.4000s.refused.%s", base,
                 batch->reader.lines ? "ndjson" : "csv");
}

static void read_all(struct report_batch *batch)
{
    fprintf(batch->result.file, "line,status,link,receipt,verdict\n");
    while (batch->code == EXIT_DONE) {
        enum rows_result result = rows_next(&batch->reader);
        if (result == ROWS_END)
            break;
        if (result == ROWS_ROW)
            take_row(batch);
        else
            batch->code = EXIT_NOINPUT;
    }
    flush_piece(batch);
    show_progress(batch, true);
}

static int run(struct report_batch *batch, const char *name, const char *result)
{
    char refused[PATH_MAX] = "";
    struct stat status;
    FILE *file;
    batch->code = input_open(name, flag_of(batch->cli, "encoding"), &file);
    if (batch->code != EXIT_DONE)
        return batch->code;
    batch->size = fstat(fileno(file), &status) == 0 ? (long)status.st_size : 0;
    batch->code = rows_open(&batch->reader, name, file);
    if (batch->code == EXIT_DONE)
        batch->code = outfile_open(&batch->result, result);
    if (batch->code == EXIT_DONE)
        read_all(batch);

    /* The refused rows leave the outbox once they are safe in a file. */
    const char *named = flag_of(batch->cli, "results");
    name_refused(batch, named == NULL ? name : named, refused);
    bool separate = batch->rejected > 0 && !batch->dry && refused[0] != '\0';
    if (batch->code == EXIT_DONE && separate)
        write_refused(batch, refused);
    int code = outfile_end(&batch->refused, batch->code == EXIT_DONE);
    batch->code = batch->code == EXIT_DONE ? code : batch->code;
    code = outfile_end(&batch->result, batch->table.n > 0 || batch->code == EXIT_DONE);
    batch->code = batch->code == EXIT_DONE ? code : batch->code;
    if (batch->code == EXIT_DONE && separate)
        drop_rows(batch);
    code = outcome(batch, result, separate ? refused : "");
    rows_finish(&batch->reader);
    fclose(file);
    return code;
}

int report_batch_run(struct cli *cli, const char *name, const struct defaults *defaults)
{
    const char *named = flag_of(cli, "results");
    char result[PATH_MAX];
    struct stat in, out;
    snprintf(result, sizeof result, "%s%s", named != NULL ? named : name,
             named != NULL ? "" : ".result.csv");
    if (named == NULL && strcmp(name, "-") == 0)
        return fail(EXIT_USAGE, "--batch - needs --results FILE, for the result of each row");
    if (stat(name, &in) == 0 && stat(result, &out) == 0 && in.st_dev == out.st_dev &&
        in.st_ino == out.st_ino && S_ISREG(in.st_mode))
        return fail(EXIT_USAGE, "--results would overwrite %s", name);
    struct report_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        return fail_memory();
    batch->cli = cli;
    batch->began_at = clock_now();
    batch->form = flag_of(cli, "form");
    batch->dry = flag_of(cli, "dry-run") != NULL;
    batch->offline = flag_of(cli, "later") != NULL;
    batch->reader.defaults = defaults;
    batch->reader.key_column = flag_of(cli, "key-column");
    buf_init(&batch->texts, 16 * 1024 * 1024);
    buf_init(&batch->verdict, 4 * 1024 * 1024);
    arena_init(&batch->arena, TREE_MAX);
    verdicts_init(&batch->verdicts);
    int code = run(batch, name, result);
    verdicts_finish(&batch->verdicts);
    arena_finish(&batch->arena);
    buf_finish(&batch->verdict);
    buf_finish(&batch->texts);
    table_finish(&batch->table);
    free(batch);
    return code;
}
