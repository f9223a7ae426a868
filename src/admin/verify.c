/* `bzctrld verify`: is the history whole, and do these receipts belong to it? */
#include "admin/verify.h"

#include "base/file.h"
#include "core/core.h"
#include "db/db.h"

enum { RECEIPTS_MAX = 100000 };

static enum err verify_gather(struct op *op, const struct arguments *arguments,
                              struct str *ret_input)
{
    struct str file = arguments_flag(arguments, "receipts");
    return file.p == NULL ? ERR_OK : file_read(op, file, INPUT_MAX, ret_input);
}

static enum err receipts_read(struct command_run *run, struct receipt **ret_receipts, size_t *ret_n)
{
    struct str single = arguments_flag(run->arguments, "receipt");
    struct receipt *receipts = ARENA_ARRAY(run->op->arena, struct receipt, RECEIPTS_MAX);
    size_t n = 0;
    if (receipts == NULL)
        return ERR_MEMORY;
    for (struct str rest = run->input, line = single; line.p != NULL || rest.p != NULL;
         line = STR_NONE) {
        if (line.p == NULL)
            line = str_trim(str_cut(&rest, '\n'));
        if (line.n == 0)
            continue;
        if (n == RECEIPTS_MAX)
            return op_fail(run->op, ERR_TOO_LONG, "more than %d receipts; check fewer at once",
                           RECEIPTS_MAX);
        if (!receipt_read(line, &receipts[n++]))
            return op_fail(
                run->op, ERR_SYNTAX,
                "\"%.*s\" is not a receipt; a receipt looks like EXA-CON-BUS:1042:BASE64",
                STR_ARG(str_sub(line, 0, 100)));
    }
    *ret_receipts = receipts;
    *ret_n = n;
    return ERR_OK;
}

void verify_print_head(void *out, struct str domain_key, const struct chain *head)
{
    buf_receipt(out, domain_key, head->seq, &head->hash);
    buf_char(out, '\n');
}

int verify_print(struct command_run *run, const struct history_report *report, size_t receipts)
{
    if (report->broken) {
        buf_printf(run->err, "bzctrld: the history is NOT whole: %.*s\n", STR_ARG(report->fault));
        BUF_LIT(run->err,
                "The history is what is proved: put back what it says, or restore a backup that "
                "verifies, and find out who can write to the database (doc/history.md).\n");
        return EXIT_REFUSED;
    }
    buf_printf(run->err, "whole: %lld events of %lld records in %lld domains, %lld erased",
               (long long)report->events, (long long)report->tasks, (long long)report->domains,
               (long long)report->erased);
    if (receipts > 0)
        buf_printf(run->err, ", %zu receipts found", receipts);
    buf_char(run->err, '\n');
    if (report->unproved > 0)
        buf_printf(
            run->err,
            "of %lld records something cannot be proved: what said it was erased by an older "
            "version\n",
            (long long)report->unproved);
    return EXIT_DONE;
}

static int verify_run(struct command_run *run)
{
    struct receipt *receipts = NULL;
    size_t n = 0;
    struct db *db = NULL;
    struct history_report report;
    enum err err = receipts_read(run, &receipts, &n);
    if (err == ERR_OK)
        err = core_open_reader(run->core, run->op, &db);
    if (err == ERR_OK)
        err = history_verify(db, run->op, receipts, n, verify_print_head, run->out, &report);
    db_close(db);
    return err == ERR_OK ? verify_print(run, &report, n) : command_fail(run, err);
}

/* ---- the commands ---- */

static const struct flag verify_flags[] = {
    {"receipt", "R", "a Bzctrl-Receipt to look for in the history"},
    {"receipts", "FILE", "a file with one receipt per line, - for standard input"},
};

const struct admin_command verify_commands[] = {
    {.command = {"verify", NULL, "verify the whole history, and receipts against it",
                 FLAGS(verify_flags)},
     .existing = true,
     .gather = verify_gather,
     .run_store = verify_run},
    {{NULL}},
};
