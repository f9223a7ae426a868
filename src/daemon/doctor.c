#include "daemon/doctor.h"

#include "base/clock.h"
#include "base/folder.h"
#include "db/db.h"
#include "db/lock.h"
#include "json/writer.h"

#include <stdarg.h>
#include <stdio.h>

enum { ASK_MS = 5000 };

static const struct {
    const char *name;
    doctor_check_fn *check;
} checks[] = {
#define CHECK(name, check) {name, check},
#include "daemon/doctor.def"
#undef CHECK
};

static const char *const level_names[] = {"ok", "warning", "fault"};

/* ---- findings ---- */

void doctor_say(struct checkup *checkup, enum doctor_level level, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct doctor_finding *finding = ARENA_NEW(checkup->op->arena, struct doctor_finding);
    struct str rest = arena_str(checkup->op->arena, str_of(text));
    if (finding == NULL || rest.p == NULL) {
        checkup->failed = true;
        return;
    }
    finding->check = checkup->check;
    finding->level = level;
    finding->detail = str_cut(&rest, '\n');
    finding->remedy = rest;
    *checkup->last = finding;
    checkup->last = &finding->next;
    checkup->said++;
}

void doctor_say_err(struct checkup *checkup, enum doctor_level level, enum err err,
                    const char *remedy)
{
    struct op *op = checkup->op;
    doctor_say(checkup, level, "%s\n%s", op->detail[0] != '\0' ? op->detail : err_meaning(err),
               remedy);
    op_forget(op);
}

enum err doctor_ask(struct checkup *checkup, struct str socket, struct str url,
                    struct fetch_answer *ret_answer)
{
    struct fetch_options options = {.socket = socket, .timeout = ASK_MS, .body_max = 64 * 1024};
    struct fetch_request request = {.method = STR("GET"), .url = url};
    op_forget(checkup->op);
    return fetch_exchange(checkup->fetch, checkup->op, &options, &request, ret_answer);
}

/* ---- what is there ---- */

/* Who holds the data folder and the database, and which database a running server has open: its
 * settings may be other ones than ours. */
static enum err installation_find(struct checkup *checkup)
{
    struct op *op = checkup->op;
    struct config *config = &checkup->run->config;
    struct fetch_answer answer;
    struct str holder = STR_NONE, ignored;
    bool folder_held = false, database_held = false;
    struct str lock = arena_printf(op->arena, "%.*s/lock", STR_ARG(config->data));
    checkup->url = config_database(op, config);
    if (lock.p == NULL || checkup->url.p == NULL)
        return ERR_MEMORY;
    /* A lock that cannot be looked at is of a folder or a file that the checks cannot read either. */
    if (file_lock_look(op, lock.p, &folder_held, &ignored) != ERR_OK ||
        db_lock_look(checkup->url, op, &database_held, &holder) != ERR_OK)
        op_forget(op);
    checkup->running = folder_held || database_held;
    if (holder.p != NULL && !folder_held)
        config->data = holder;
    struct str socket = arena_printf(op->arena, "%.*s/control.sock", STR_ARG(config->data));
    if (socket.p == NULL)
        return ERR_MEMORY;
    if (checkup->running &&
        doctor_ask(checkup, socket, STR("http://control/database"), &answer) == ERR_OK &&
        answer.status == 200)
        checkup->url = arena_str(op->arena, answer.body);
    op_forget(op);
    struct str file = db_file(checkup->url);
    checkup->folder = file.p == NULL ? config->data : folder_of(op, file);
    return checkup->url.p == NULL || checkup->folder.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* ---- the report ---- */

static void print_text(const struct checkup *checkup, struct buf *out)
{
    for (const struct doctor_finding *f = checkup->first; f != NULL; f = f->next) {
        buf_printf(out, "%-8s %-12s %.*s\n", level_names[f->level], f->check, STR_ARG(f->detail));
        if (f->remedy.n > 0)
            buf_printf(out, "%22s-> %.*s\n", "", STR_ARG(f->remedy));
    }
}

static void print_json(const struct checkup *checkup, enum doctor_level worst, struct buf *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    json_put_text(&json, "worst", str_of(level_names[worst]));
    json_begin_list(&json, "checks");
    for (const struct doctor_finding *f = checkup->first; f != NULL; f = f->next) {
        json_begin_object(&json, NULL);
        json_put_text(&json, "check", str_of(f->check));
        json_put_text(&json, "level", str_of(level_names[f->level]));
        json_put_text(&json, "detail", f->detail);
        json_put_text(&json, "remedy", f->remedy.n > 0 ? f->remedy : STR_NONE);
        json_end(&json);
    }
    json_end(&json);
    json_end(&json);
    buf_char(out, '\n');
}

static int checkup_report(struct checkup *checkup)
{
    struct command_run *run = checkup->run;
    enum doctor_level worst = DOCTOR_OK;
    for (const struct doctor_finding *f = checkup->first; f != NULL; f = f->next)
        worst = f->level > worst ? f->level : worst;
    if (checkup->failed)
        return command_fail(run, ERR_MEMORY);
    if (arguments_flag(run->arguments, "json").p != NULL)
        print_json(checkup, worst, run->out);
    else
        print_text(checkup, run->out);
    return worst == DOCTOR_FAULT ? EXIT_REFUSED : EXIT_DONE;
}

static int checkup_run(struct command_run *run)
{
    struct op *op = run->op;
    struct checkup checkup = {.run = run,
                              .op = op,
                              .config = &run->config,
                              .full = arguments_flag(run->arguments, "full").p != NULL};
    checkup.last = &checkup.first;
    op->now = clock_now();

    /* Without settings there is nothing to look at. */
    checkup.check = checks[0].name;
    if (run->config_err != ERR_OK) {
        doctor_say_err(&checkup, DOCTOR_FAULT, run->config_err,
                       "correct it; `bzctrld config` prints the settings once they are readable");
        return checkup_report(&checkup);
    }
    enum err err = fetch_create(&checkup.fetch);
    if (err == ERR_OK)
        err = installation_find(&checkup);
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && err == ERR_OK; i++) {
        checkup.check = checks[i].name;
        op_forget(op);
        checks[i].check(&checkup);
    }
    db_close(checkup.db);
    fetch_destroy(checkup.fetch);
    return err == ERR_OK ? checkup_report(&checkup) : command_fail(run, err);
}

static const struct flag doctor_flags[] = {
    {"json", NULL, "print the findings as one JSON object"},
    {"full", NULL, "check a large database whole, too, which can take minutes"},
    {"mail-to", "ADDRESS", "send a test mail there"},
};

const struct admin_command doctor_commands[] = {
    {.command = {"doctor", NULL,
                 "say what is wrong with this installation; changes nothing. Exit code 1: a fault",
                 FLAGS(doctor_flags)},
     .judges_config = true,
     .run_direct = checkup_run},
    {{NULL}},
};
