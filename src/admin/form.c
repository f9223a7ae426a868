/* `bzctrld form …`: forms as text, for review and for moving from one server to another. */
#include "admin/command.h"

#include "admin/diff.h"
#include "base/clock.h"
#include "base/file.h"
#include "core/form.h"
#include "form/form_document.h"
#include "form/form_json.h"

enum { TEXT_MAX = 16 * 1024 * 1024, EXIT_TROUBLE = 2 };

/* ---- what the words name ---- */

/* NULL, with op->detail, if it does not exist. */
static const struct workspace *workspace_named(struct command_run *run,
                                               const struct directory *directory)
{
    struct str key = run->arguments->operands[0];
    const struct workspace *workspace = directory_workspace(directory, key);
    if (workspace == NULL)
        op_say(run->op, "there is no workspace %.*s", STR_ARG(str_sub(key, 0, 100)));
    return workspace;
}

/* A form as stored; the built-in one has an empty document. */
struct stored {
    struct str name, document;
    int64_t version; /* 0: there is no such form */
};

static enum err stored_get(struct command_run *run, const struct workspace *workspace,
                           struct str name, struct stored *ret_stored)
{
    const struct form_head *head = workspace_form(workspace, name);
    struct form_version version = {.document = STR("{}")};
    struct db *db = NULL;
    enum err err = ERR_OK;
    if (head != NULL) {
        err = core_open_reader(run->core, run->op, &db);
        if (err == ERR_OK)
            err = store_form_version_get(db, run->op, head->id, head->version, &version);
        db_close(db);
    } else if (str_eq_case(name, form_default.name)) {
        version.version = FORM_BUILT_IN_VERSION;
    }
    if (err != ERR_OK)
        return err;
    *ret_stored = (struct stored){
        .name = arena_str(run->op->arena, head == NULL ? form_default.name : head->name),
        .document = version.document,
        .version = version.version};
    return ret_stored->name.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* The form of the first two words, for review; released is all but what is in the arena. */
static enum err stored_named(struct command_run *run, struct stored *ret_stored,
                             struct str *ret_key)
{
    const struct directory *directory = core_directory(run->core);
    const struct workspace *workspace = workspace_named(run, directory);
    struct str name = run->arguments->operands[1];
    enum err err = workspace == NULL ? ERR_NOT_FOUND : stored_get(run, workspace, name, ret_stored);
    if (err == ERR_OK && ret_stored->version == 0)
        err = op_fail(run->op, ERR_NOT_FOUND, "there is no form %.*s in %.*s",
                      STR_ARG(str_sub(name, 0, 100)), STR_ARG(workspace->key));
    if (err == ERR_OK) {
        *ret_key = arena_str(run->op->arena, workspace->key);
        err = ret_key->p == NULL ? ERR_MEMORY : ERR_OK;
    }
    directory_release(directory);
    return err;
}

/* ---- list, export ---- */

static void show_head(struct buf *out, const struct form_head *head)
{
    buf_printf(out, "%.*s\t%lld\t%s\t%s\n", STR_ARG(head->name), (long long)head->version,
               head->disabled ? "disabled" : "enabled", head->is_default ? "default" : "-");
}

static int form_list_run(struct command_run *run)
{
    const struct directory *directory = core_directory(run->core);
    const struct workspace *workspace = workspace_named(run, directory);
    if (workspace != NULL && workspace_form(workspace, form_default.name) == NULL)
        show_head(run->out, &(struct form_head){.name = form_default.name,
                                                .version = FORM_BUILT_IN_VERSION,
                                                .is_default = workspace->default_form == NULL});
    for (size_t i = 0; workspace != NULL && i < workspace->form_count; i++)
        show_head(run->out, &workspace->forms[i]);
    directory_release(directory);
    return workspace != NULL ? EXIT_DONE : command_fail(run, ERR_NOT_FOUND);
}

static int form_export_run(struct command_run *run)
{
    struct stored stored;
    struct str key;
    enum err err = stored_named(run, &stored, &key);
    if (err == ERR_OK)
        err = form_document_write(run->op, stored.document, stored.name, run->out);
    return err == ERR_OK ? EXIT_DONE : command_fail(run, err);
}

/* ---- import ---- */

/* What the target lacks, or the form says wrong: each with its place in the text. */
static int refuse(struct command_run *run, const struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++)
        buf_printf(run->err, "bzctrld: %.*s: %.*s\n", STR_ARG(faults->items[i].pointer),
                   STR_ARG(faults->items[i].detail));
    return EXIT_REFUSED;
}

/* Do both say the same, however they are written? */
static enum err same_text(struct op *op, const struct stored *stored, struct str document,
                          bool *ret_same)
{
    struct buf before, after;
    buf_init(&before, TEXT_MAX);
    buf_init(&after, TEXT_MAX);
    enum err err = form_document_write(op, stored->document, stored->name, &before);
    if (err == ERR_OK)
        err = form_document_write(op, document, stored->name, &after);
    if (err == ERR_OK)
        *ret_same = str_eq(buf_str(&before), buf_str(&after));
    buf_finish(&before);
    buf_finish(&after);
    return err;
}

/* One try: judged by the directory that is in force. *ret_same: nothing was to be done. */
static enum err import_try(struct command_run *run, struct form_put *put, struct faults *faults,
                           bool *ret_same)
{
    struct op *op = run->op;
    struct form form;
    struct stored stored = {0};
    faults_init(faults, op->arena);
    put->workspace = workspace_named(run, put->directory);
    if (put->workspace == NULL)
        return ERR_NOT_FOUND;
    const struct form_place place = {
        .directory = put->directory, .workspace = put->workspace, .name = put->name, .version = 1};
    enum err err = form_read(op, op->arena, put->document, &place, faults, &form);
    if (err == ERR_OK)
        err = stored_get(run, put->workspace, put->name, &stored);
    if (err == ERR_OK && workspace_form(put->workspace, put->name) != NULL)
        err = same_text(op, &stored, put->document, ret_same);
    if (err != ERR_OK || *ret_same) {
        put->version = stored.version;
        return err;
    }
    put->is_default = form.is_default;
    put->disabled = form.disabled;
    return core_form_put(run->core, put);
}

static int form_import_run(struct command_run *run)
{
    struct op *op = run->op;
    struct form_put put = {.op = op};
    struct judging judging = {0};
    struct faults faults = {0};
    bool same = false;
    op->now = clock_now();
    enum err err = form_document_take(op, run->input, &put.document, &put.name);
    if (err == ERR_OK && !form_name_valid(put.name))
        err = op_fail(op, ERR_SYNTAX,
                      "the form needs a \"name\": 1 to 63 lower-case letters, digits and dashes, "
                      "not starting with a dash");
    if (err != ERR_OK)
        return command_fail(run, err);
    do {
        put.directory = core_directory(run->core);
        err = import_try(run, &put, &faults, &same);
        directory_release(put.directory);
    } while (judge_again(&judging, op, err));
    if (err == ERR_INVALID)
        return refuse(run, &faults);
    if (err != ERR_OK)
        return command_fail(run, err);
    buf_printf(run->err, "%s %.*s version %lld\n", same ? "unchanged" : "imported",
               STR_ARG(put.name), (long long)put.version);
    return EXIT_DONE;
}

/* ---- diff ---- */

static enum err diff_write(struct command_run *run)
{
    struct op *op = run->op;
    struct stored stored;
    struct str key;
    struct buf before, after, lines;
    buf_init(&before, TEXT_MAX);
    buf_init(&after, TEXT_MAX);
    buf_init(&lines, TEXT_MAX);
    enum err err = stored_named(run, &stored, &key);
    if (err == ERR_OK)
        err = form_document_write(op, stored.document, stored.name, &before);
    if (err == ERR_OK)
        err = form_document_write(op, run->input, stored.name, &after);
    if (err == ERR_OK)
        err = buf_diff(op, buf_str(&before), buf_str(&after), &lines);
    if (err == ERR_OK && lines.n > 0) {
        buf_printf(run->out, "--- %.*s/%.*s version %lld\n+++ %.*s\n", STR_ARG(key),
                   STR_ARG(stored.name), (long long)stored.version,
                   STR_ARG(run->arguments->operands[2]));
        buf_add(run->out, buf_str(&lines));
    }
    buf_finish(&before);
    buf_finish(&after);
    buf_finish(&lines);
    return err;
}

static int form_diff_run(struct command_run *run)
{
    enum err err = diff_write(run);
    if (err == ERR_OK)
        return run->out->n > 0 ? EXIT_REFUSED : EXIT_DONE;
    (void)!command_fail(run, err);
    return EXIT_TROUBLE;
}

/* ---- on the caller's side: FILE is the last word of those that have one ---- */

static enum err form_file_gather(struct op *op, const struct arguments *arguments,
                                 struct str *ret_input)
{
    return file_read(op, arguments->operands[arguments->operand_count - 1], INPUT_MAX, ret_input);
}

/* ---- the commands ---- */

const struct admin_command form_commands[] = {
    {.command = {"form list", "WORKSPACE",
                 "print a workspace's forms: name, version, whether enabled, whether the default"},
     .existing = true,
     .run_store = form_list_run},
    {.command = {"form export", "WORKSPACE NAME",
                 "print a form as text to review, keep or import elsewhere"},
     .existing = true,
     .run_store = form_export_run},
    {.command =
         {"form import", "WORKSPACE FILE",
          "add or change a form from FILE (- for standard input); an unchanged form is left as "
          "it is"},
     .gather = form_file_gather,
     .run_store = form_import_run},
    {.command =
         {"form diff", "WORKSPACE NAME FILE",
          "print what importing FILE would change; exit code 0: nothing, 1: something, 2: failure"},
     .trouble = 2,
     .existing = true,
     .gather = form_file_gather,
     .run_store = form_diff_run},
    {{NULL}},
};
