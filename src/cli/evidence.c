/* bzctrl evidence verify: checks an evidence file without a server. */
#include "cli/cli.h"
#include "evidence/check.h"
#include "json/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { RECEIPTS_MAX = 10000, RECEIPT_LINE = 1024, OUTPUT_MAX = 64 * 1024 };

/* ---- receipts ---- */

struct known_receipts {
    struct evidence_receipt *items; /* room for RECEIPTS_MAX */
    size_t n;
};

/* Adds a receipt; false if the text is not one. */
static bool receipt_add(struct cli *cli, struct str text, struct known_receipts *receipts)
{
    struct receipt receipt;
    if (receipts->n == RECEIPTS_MAX || !receipt_read(text, &receipt) ||
        arena_copy(cli->op->arena, receipt.domain, &receipt.domain) != ERR_OK)
        return false;
    receipts->items[receipts->n++].receipt = receipt;
    return true;
}

static int receipt_file(struct cli *cli, const char *name, struct known_receipts *receipts)
{
    char line[RECEIPT_LINE];
    int code = EXIT_DONE;
    FILE *file = fopen(name, "re");
    if (file == NULL)
        return fail(errno == ENOENT ? EXIT_NOINPUT : EXIT_STORAGE,
                    "--receipt %s is not a receipt, such as EXA-CON-BUS:1042:HASH, and there is no "
                    "such file: %s",
                    name, strerror(errno));
    for (int n = 1; code == EXIT_DONE && fgets(line, sizeof line, file) != NULL; n++) {
        struct str text = str_trim(str_of(line));
        if (text.n > 0 && !receipt_add(cli, text, receipts))
            code = fail(EXIT_DATA,
                        "%s, line %d: this is not a receipt, such as "
                        "EXA-CON-BUS:1042:HASH; or there are more than %d",
                        name, n, RECEIPTS_MAX);
    }
    if (code == EXIT_DONE && ferror(file))
        code = fail(EXIT_STORAGE, "%s cannot be read", name);
    fclose(file);
    return code;
}

static int receipts_read(struct cli *cli, struct known_receipts *receipts)
{
    struct str_list sent;
    int code = EXIT_DONE;
    receipts->n = 0;
    receipts->items = ARENA_ARRAY(cli->op->arena, struct evidence_receipt, RECEIPTS_MAX);
    if (receipts->items == NULL ||
        arguments_flag_all(cli->op, &cli->arguments, "receipt", &sent) != ERR_OK)
        return fail(EXIT_SOFTWARE, "out of memory");
    for (size_t i = 0; i < sent.n && code == EXIT_DONE; i++)
        if (!receipt_add(cli, sent.items[i], receipts))
            code = receipt_file(cli, sent.items[i].p, receipts);
    return code;
}

/* ---- the result ---- */

static void print_json(const struct evidence_report *report, struct str fault, size_t compared)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, OUTPUT_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_put_flag(&json, "whole", fault.p == NULL);
    if (fault.p != NULL) {
        json_put_text(&json, "fault", fault);
    } else {
        json_put_text(&json, "key", report->head.key);
        json_put_i64(&json, "events", report->own);
        json_put_i64(&json, "erased", report->erased);
        json_put_i64(&json, "links", report->links);
        json_put_i64(&json, "withheld", report->withheld);
        json_put_i64(&json, "comments", report->comments);
        json_put_i64(&json, "attachments", report->attachments);
        json_put_i64(&json, "unsure", report->unsure);
        json_put_texts(&json, "unproven", report->unproven);
        json_put_begin(&json, "newest");
        buf_char(&buf, '"');
        buf_receipt(&buf, report->head.newest.domain, report->head.newest.seq,
                    &report->head.newest.hash);
        buf_char(&buf, '"');
        json_put_i64(&json, "receipts", (int64_t)compared);
    }
    json_end(&json);
    buf_char(&buf, '\n');
    fwrite(buf.p, 1, buf.n, stdout);
    buf_finish(&buf);
}

static void print_text(const struct evidence_report *report, size_t compared)
{
    const struct evidence_head *head = &report->head;
    struct buf newest;
    print_shown(stdout, head->key);
    printf(": whole\n\nProven:\n"
           "  %" PRId64 " events of the record follow each other as the hashes say, from event "
           "%" PRId64 " of ",
           report->own, head->first);
    print_shown(stdout, head->newest.domain);
    printf(" on,\n  with %" PRId64 " others between and after them, up to event %" PRId64 "\n",
           report->links, head->newest.seq);
    printf("  the record is what those events say, and so are its comments (%" PRId64
           ") and attachments (%" PRId64 ")\n",
           report->comments, report->attachments);
    if (compared > 0)
        printf("  the server had this history when it gave %zu of the receipts\n", compared);

    printf("\nNot proven:\n");
    if (compared == 0) {
        buf_init(&newest, OUTPUT_MAX);
        buf_receipt(&newest, head->newest.domain, head->newest.seq, &head->newest.hash);
        printf("  that the server had this history, and not another one: compare with a receipt "
               "of\n  these events (--receipt), or have the operator run\n    bzctrld verify "
               "--receipt ");
        print_shown(stdout, buf_str(&newest));
        printf("\n");
        buf_finish(&newest);
    }
    if (report->erased > 0)
        printf("  what %" PRId64 " events said: it was erased; their place in the chain is "
               "proven\n",
               report->erased);
    if (report->unsure > 0)
        printf("  %" PRId64 " of the comments and attachments, since the event that would name "
               "them was erased\n",
               report->unsure);
    if (head->withheld)
        printf("  that nothing else belongs to the record: the file was made for a client\n");
    if (report->withheld > 0)
        printf("  %" PRId64 " events that are withheld, and what comes before them: of those "
               "there is only the hash\n",
               report->withheld);
    printf("  of the record:");
    for (size_t i = 0; i < report->unproven.n; i++) {
        printf("%s ", i == 0 ? "" : ",");
        print_shown(stdout, report->unproven.items[i]);
    }
    printf("\n");
    if (report->comments > 0)
        printf("  which address the authors of comments have: the history has the numbers of "
               "accounts\n");
    printf("  when the file was made, and for whom\n");
}

int evidence_verify_run(struct cli *cli)
{
    const char *name = operand_of(cli, 0);
    struct known_receipts receipts;
    struct evidence_report report;
    size_t compared = 0;
    int code = receipts_read(cli, &receipts);
    if (code != EXIT_DONE)
        return code;
    FILE *file = fopen(name, "re");
    if (file == NULL)
        return fail(errno == ENOENT ? EXIT_NOINPUT : EXIT_STORAGE, "%s: %s", name, strerror(errno));
    enum err err = evidence_check(file, cli->op, receipts.items, receipts.n, &report);
    fclose(file);
    if (err == ERR_CORRUPT && cli->json)
        print_json(&report, str_of(cli->op->detail), 0);
    if (err == ERR_CORRUPT)
        return fail(EXIT_REFUSED, "%s does not hold: %s", name, cli->op->detail);
    if (err != ERR_OK)
        return fail(err == ERR_IO ? EXIT_STORAGE : EXIT_SOFTWARE, "%s: %s", name,
                    cli->op->detail[0] != '\0' ? cli->op->detail : err_meaning(err));

    for (size_t i = 0; i < receipts.n; i++)
        compared += receipts.items[i].compared;
    if (cli->json)
        print_json(&report, STR_NONE, compared);
    else
        print_text(&report, compared);
    for (size_t i = 0; i < receipts.n; i++) {
        const struct receipt *each = &receipts.items[i].receipt;
        if (!receipts.items[i].compared)
            code = fail(EXIT_DATA,
                        "the receipt of event %" PRId64 " of %.*s says nothing about this file, "
                        "which has events %" PRId64 " to %" PRId64 " of %.*s",
                        each->seq, STR_ARG(each->domain), report.head.first, report.head.newest.seq,
                        STR_ARG(report.head.newest.domain));
    }
    return code;
}
