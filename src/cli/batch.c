/*
 * bzctrl report --batch: a file of reports. Each row's key is made of the file's content and the
 * row's line, so that the same file is one batch, however often it is given: after a crash the same
 * command goes on where it ended.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "cli/cli.h"
#include "cli/csv.h"
#include "json/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE = 1000, /* rows that are put, and sent, at once */
    PIECE_BYTES = 1024 * 1024,
    BATCH_KEY = SHA256_SIZE, /* characters of hex: half of the hash */
    ROWS_MAX = 10000000,
};

struct batch {
    struct cli *cli;
    FILE *file, *result;
    bool lines; /* NDJSON, and not CSV */
    char id[BATCH_KEY + 1];
    struct csv csv;
    char *heads[CSV_FIELDS_MAX];
    size_t head_count;
    char *line; /* of NDJSON */
    size_t line_size;
    long line_number;
    /* The piece that is being gathered. */
    struct buf texts;
    struct {
        size_t key, json; /* offsets in texts */
        long line;
    } rows[PIECE];
    size_t n;
    unsigned char *told; /* a bit per line: its result is written */
    size_t told_size;
    long total, sent, refused, waiting;
    int64_t shown_at;
    long size;    /* of the file */
    bool offline; /* sending failed: the rest is only put into the outbox */
    int code;
};

/* ---- the result file ---- */

static void add_cell(FILE *file, const char *text, const char *end)
{
    /* No cell may become a formula where the file is opened. */
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

static bool told(struct batch *batch, long line, bool set)
{
    size_t at = (size_t)line / 8;
    unsigned char bit = (unsigned char)(1U << (line % 8));
    if (at >= batch->told_size) {
        size_t size = at * 2 + 1024;
        unsigned char *bits = realloc(batch->told, size);
        if (bits == NULL)
            return false;
        memset(bits + batch->told_size, 0, size - batch->told_size);
        batch->told = bits;
        batch->told_size = size;
    }
    bool was = (batch->told[at] & bit) != 0;
    if (set)
        batch->told[at] |= bit;
    return was;
}

static void add_result(struct batch *batch, long line, const char *status, const char *link,
                       const char *receipt, const char *verdict)
{
    told(batch, line, true);
    fprintf(batch->result, "%ld,%s,", line, status);
    add_cell(batch->result, link, ",");
    add_cell(batch->result, receipt, ",");
    add_cell(batch->result, verdict, "\n");
}

/* The line of a row of this batch; 0: the entry is none of it. */
static long line_of(const struct batch *batch, const char *key)
{
    if (strncmp(key, batch->id, BATCH_KEY) != 0 || key[BATCH_KEY] != '-')
        return 0;
    long line = strtol(key + BATCH_KEY + 1, NULL, 10);
    return line > 0 && line <= ROWS_MAX ? line : 0;
}

static void on_entry(void *arg, const struct bzctrl_entry *entry)
{
    struct batch *batch = arg;
    static const char *const names[] = {
        [BZCTRL_WAITING] = "waiting", [BZCTRL_DEAD] = "refused", [BZCTRL_SENT] = "acknowledged"};
    long line = line_of(batch, entry->key);
    if (line == 0 || told(batch, line, false))
        return;
    batch->sent += entry->state == BZCTRL_SENT;
    batch->refused += entry->state == BZCTRL_DEAD;
    batch->waiting += entry->state == BZCTRL_WAITING;
    add_result(batch, line, names[entry->state], entry->link, entry->receipt, entry->verdict);
}

/* A row that is no report, and so is not even put into the outbox. */
static void refuse_row(struct batch *batch, long line, const char *why)
{
    batch->refused++;
    add_result(batch, line, "refused", "", "", why);
    fail(EXIT_DATA, "line %ld: %s", line, why);
}

/* ---- progress ---- */

static void show_progress(struct batch *batch, bool end)
{
    int64_t now = clock_ticks();
    if (!isatty(STDERR_FILENO) || (!end && now - batch->shown_at < 100))
        return;
    batch->shown_at = now;
    int64_t percent = end || batch->size == 0 ? 100 : ftell(batch->file) * 100 / batch->size;
    static const char full[] = "####################", empty[] = "....................";
    int bar = (int)(percent / 5);
    fprintf(stderr, "\r[%.*s%.*s] %ld read, %ld acknowledged, %ld refused%s", bar, full, 20 - bar,
            empty, batch->total, batch->sent, batch->refused, end ? "\n" : " ");
    fflush(stderr);
}

/* ---- putting and sending ---- */

static void put_rows(struct batch *batch, size_t first, size_t n)
{
    struct bzctrl_item items[PIECE] = {0};
    for (size_t i = 0; i < n; i++)
        items[i] = (struct bzctrl_item){.form = flag_of(batch->cli, "form"),
                                        .key = batch->texts.p + batch->rows[first + i].key,
                                        .json = batch->texts.p + batch->rows[first + i].json};
    struct bzctrl_answer *answer = bzctrl_put(batch->cli->client, items, n);
    enum bzctrl_code code = bzctrl_answer_code(answer);
    if (code == BZCTRL_REFUSED && n > 1) {
        /* All or none: so none, and one by one it turns out which. */
        for (size_t i = 0; i < n && batch->code == EXIT_DONE; i++)
            put_rows(batch, first + i, 1);
    } else if (code == BZCTRL_REFUSED) {
        refuse_row(batch, batch->rows[first].line, bzctrl_answer_message(answer));
    } else if (code != BZCTRL_QUEUED) {
        batch->code = fail_answer(answer);
        return;
    }
    bzctrl_answer_free(answer);
}

static void send_rows(struct batch *batch)
{
    struct bzctrl_answer *answer =
        bzctrl_outbox_run(batch->cli->client, BZCTRL_NOW, on_entry, batch);
    /* What waits apart (BZCTRL_QUEUED) does not hold up the rest. */
    if (bzctrl_answer_code(answer) != BZCTRL_OK && bzctrl_answer_code(answer) != BZCTRL_QUEUED) {
        fail(EXIT_LATER, "%s; the rest goes into the outbox", bzctrl_answer_message(answer));
        batch->offline = true;
    }
    bzctrl_answer_free(answer);
}

static void flush_rows(struct batch *batch)
{
    if (batch->n > 0 && buf_err(&batch->texts) != ERR_OK)
        batch->code = fail(EXIT_SOFTWARE, "there is no memory left");
    if (batch->n > 0 && batch->code == EXIT_DONE)
        put_rows(batch, 0, batch->n);
    if (batch->n > 0 && batch->code == EXIT_DONE && !batch->offline &&
        flag_of(batch->cli, "later") == NULL)
        send_rows(batch);
    batch->n = 0;
    buf_clear(&batch->texts);
    show_progress(batch, false);
}

static void add_row(struct batch *batch, const char *json, long line)
{
    size_t n = batch->n;
    batch->rows[n].line = line;
    batch->rows[n].key = batch->texts.n;
    buf_printf(&batch->texts, "%s-%ld", batch->id, line);
    buf_char(&batch->texts, '\0');
    batch->rows[n].json = batch->texts.n;
    buf_add(&batch->texts, str_of(json));
    buf_char(&batch->texts, '\0');
    batch->n++;
    batch->total++;
    if (batch->n == PIECE || batch->texts.n > PIECE_BYTES)
        flush_rows(batch);
}

/* ---- reading ---- */

static int bad_row(struct batch *batch, enum csv_result result)
{
    return result == CSV_IO
               ? fail(EXIT_NOINPUT, "the file cannot be read: %s", strerror(errno))
               : fail(EXIT_DATA,
                      "the row of line %ld has a quote that is not closed, or is too long",
                      batch->csv.line);
}

static void read_heads(struct batch *batch)
{
    csv_init(&batch->csv, batch->file);
    enum csv_result result = csv_next(&batch->csv);
    if (result != CSV_ROW) {
        batch->code = result == CSV_END ? fail(EXIT_DATA, "the file has no row with names")
                                        : bad_row(batch, result);
        return;
    }
    for (size_t i = 0; i < batch->csv.n; i++) {
        batch->heads[i] = strdup(csv_field(&batch->csv, i));
        if (batch->heads[i] == NULL)
            batch->code = fail(EXIT_SOFTWARE, "there is no memory left");
    }
    batch->head_count = batch->csv.n;
}

/* A column that stands twice makes a list; empty cells are left out. */
static void read_csv_row(struct batch *batch)
{
    struct csv *csv = &batch->csv;
    if (csv->n > batch->head_count) {
        batch->total++;
        if (!told(batch, csv->line, false))
            refuse_row(batch, csv->line, "the row has more cells than there are names");
        return;
    }
    struct bzctrl_draft *draft = bzctrl_draft_new();
    bool workspace = false, reporter = false;
    for (size_t i = 0; i < csv->n; i++) {
        const char *text = csv_field(csv, i);
        workspace = workspace || strncasecmp(batch->heads[i], "domain", 6) == 0;
        reporter = reporter || strcasecmp(batch->heads[i], "reporter") == 0;
        if (text[0] != '\0' && batch->heads[i][0] != '\0')
            bzctrl_draft_add(draft, batch->heads[i], text);
    }
    const char *standard = bzctrl_get(batch->cli->client, "workspace");
    if (!workspace && standard != NULL)
        bzctrl_draft_add(draft, "domainWorkSpace", standard);
    standard = bzctrl_get(batch->cli->client, "reporter");
    if (!reporter && standard != NULL)
        bzctrl_draft_add(draft, "reporter", standard);
    const char *json = bzctrl_draft_json(draft);
    if (json == NULL)
        batch->code = fail(EXIT_SOFTWARE, "there is no memory left");
    else
        add_row(batch, json, csv->line);
    bzctrl_draft_free(draft);
}

static void read_csv(struct batch *batch)
{
    read_heads(batch);
    while (batch->code == EXIT_DONE) {
        enum csv_result result = csv_next(&batch->csv);
        if (result == CSV_END)
            break;
        if (result == CSV_ROW)
            read_csv_row(batch);
        else
            batch->code = bad_row(batch, result);
    }
}

static void read_lines(struct batch *batch)
{
    ssize_t n;
    while (batch->code == EXIT_DONE &&
           (n = getline(&batch->line, &batch->line_size, batch->file)) >= 0) {
        batch->line_number++;
        if (str_trim((struct str){batch->line, (size_t)n}).n == 0)
            continue;
        if (strlen(batch->line) == (size_t)n)
            add_row(batch, batch->line, batch->line_number);
        else if (batch->total++, !told(batch, batch->line_number, false))
            refuse_row(batch, batch->line_number, "the line has a zero byte");
    }
    if (batch->code == EXIT_DONE && ferror(batch->file))
        batch->code = fail(EXIT_NOINPUT, "the file cannot be read: %s", strerror(errno));
}

/* ---- the whole ---- */

/* The batch's id: the first half of the hash of the file, in hex. */
static bool make_id(struct batch *batch)
{
    struct hasher hasher;
    struct buf hex;
    char block[16 * 1024];
    size_t got;
    hash_begin(&hasher);
    while ((got = fread(block, 1, sizeof block, batch->file)) > 0)
        hash_add(&hasher, block, got);
    struct sha256 hash = hash_end(&hasher);
    buf_init(&hex, 128);
    buf_hex(&hex, hash.bytes, BATCH_KEY / 2);
    bool good = !ferror(batch->file) && buf_err(&hex) == ERR_OK;
    if (good)
        snprintf(batch->id, sizeof batch->id, "%.*s", STR_ARG(buf_str(&hex)));
    buf_finish(&hex);
    batch->size = ftell(batch->file);
    rewind(batch->file);
    return good;
}

/* What this run did not tell: sent by an earlier one, or still waiting. */
static void tell_rest(struct batch *batch)
{
    long lines = batch->lines ? batch->line_number : batch->csv.lines;
    for (long line = 1; line <= lines; line++) {
        char key[BATCH_KEY + 32];
        if (told(batch, line, false))
            continue;
        snprintf(key, sizeof key, "%s-%ld", batch->id, line);
        bzctrl_answer_free(bzctrl_outbox_find(batch->cli->client, key, on_entry, batch));
    }
}

static int outcome(struct batch *batch)
{
    if (batch->code != EXIT_DONE)
        return batch->code;
    if (batch->cli->json)
        printf("{\"rows\":%ld,\"acknowledged\":%ld,\"refused\":%ld,\"waiting\":%ld}\n",
               batch->total, batch->sent, batch->refused, batch->waiting);
    else
        printf("%ld rows, %ld acknowledged, %ld refused, %ld waiting\n", batch->total, batch->sent,
               batch->refused, batch->waiting);
    return batch->refused > 0 ? EXIT_DATA : batch->waiting > 0 ? EXIT_LATER : EXIT_DONE;
}

static void batch_read(struct batch *batch, const char *name)
{
    size_t length = strlen(name);
    batch->lines = !(length > 4 && strcasecmp(name + length - 4, ".csv") == 0);
    if (!make_id(batch)) {
        batch->code = fail(EXIT_NOINPUT, "%s cannot be read", name);
        return;
    }
    fprintf(batch->result, "line,status,link,receipt,verdict\n");
    if (batch->lines)
        read_lines(batch);
    else
        read_csv(batch);
    flush_rows(batch);
    tell_rest(batch);
    show_progress(batch, true);
}

int batch_run(struct cli *cli, const char *name)
{
    struct batch *batch = calloc(1, sizeof *batch);
    char result[4096];
    if (batch == NULL)
        return fail(EXIT_SOFTWARE, "there is no memory left");
    const char *named = flag_of(cli, "results");
    snprintf(result, sizeof result, "%s%s", named != NULL ? named : name,
             named != NULL ? "" : ".result.csv");
    batch->cli = cli;
    buf_init(&batch->texts, 8 * 1024 * 1024);
    batch->file = fopen(name, "re");
    batch->result = batch->file == NULL ? NULL : fopen(result, "we");
    if (batch->result == NULL)
        batch->code = fail(batch->file == NULL ? EXIT_NOINPUT : EXIT_STORAGE, "%s: %s",
                           batch->file == NULL ? name : result, strerror(errno));
    else
        batch_read(batch, name);
    if (batch->result != NULL && (ferror(batch->result) || fclose(batch->result) != 0) &&
        batch->code == EXIT_DONE)
        batch->code = fail(EXIT_STORAGE, "%s cannot be written: %s", result, strerror(errno));
    int code = outcome(batch);
    if (batch->file != NULL)
        fclose(batch->file);
    for (size_t i = 0; i < batch->head_count; i++)
        free(batch->heads[i]);
    csv_finish(&batch->csv);
    buf_finish(&batch->texts);
    free(batch->line);
    free(batch->told);
    free(batch);
    return code;
}
