/*
 * A form's document, and after a NUL a report that is judged by it, against any bytes. Oracle: a
 * refusal says where and why; a form that is taken judges any report, in a bounded time, and what
 * it takes becomes a record that is JSON.
 */
#include "form/dedup.h"
#include "form/form_json.h"
#include "form/form_sample.h"
#include "form/form_schema.h"
#include "form/judge.h"
#include "form/pattern.h"
#include "json/read.h"
#include "model/draft_json.h"
#include "model/task_encode.h"
#include "model/task_json.h"

#include <time.h>

#include "report.h"

static void judge(struct op *op, struct str body, const struct form *form)
{
    struct task_draft draft;
    struct faults faults, warnings;
    struct judged judged;
    if (task_decode(op, body, &draft) != ERR_OK)
        return;
    faults_init(&faults, op->arena);
    faults_init(&warnings, op->arena);
    pattern_allow(op, PATTERN_WORK_MAX);
    enum err err = task_judge(op, &draft, form, NULL, &fixture_directory,
                              directory_account_by_id(&fixture_directory, ID_EXAMPLE), &faults,
                              &warnings, &judged);
    must(err == ERR_OK || err == ERR_INVALID || err == ERR_MEMORY);
    must(pattern_allowed(op) >= 0);
    if (err == ERR_INVALID)
        check_faults(&faults);
    if (warnings.n > 0)
        check_faults(&warnings);
    if (err != ERR_OK)
        return;
    struct dedup dedup, again;
    must(dedup_make(op, form, &judged.task, &fixture_directory, &dedup) == ERR_OK);
    must(dedup_make(op, form, &judged.task, &fixture_directory, &again) == ERR_OK);
    must(dedup.then == again.then);
    must(memcmp(dedup.digest.bytes, again.digest.bytes, SHA256_SIZE) == 0);
    struct buf buf;
    const struct json *root;
    buf_init(&buf, 16 * 1024 * 1024);
    struct json_writer json;
    json_writer_init(&json, &buf);
    task_encode(&json, NULL, &judged.task, &fixture_directory, STR("http://localhost"), 0);
    must(buf_err(&buf) == ERR_OK);
    /* The report may have been as deep as is allowed, and is one deeper under `extra`. */
    op->detail[0] = '\0';
    if (json_read(op, op->arena, buf_str(&buf), &root) != ERR_OK)
        must(strstr(op->detail, "more than 32 levels deep") != NULL);
    buf_finish(&buf);
}

static void write_schema(struct op *op, const struct form *form)
{
    const struct json *root;
    const struct form_schema schema = {
        .form = form,
        .workspace = directory_workspace_by_id(&fixture_directory, ID_WOR),
        .directory = &fixture_directory,
        .id = STR("http://localhost/schema"),
    };
    struct buf buf;
    buf_init(&buf, 16 * 1024 * 1024);
    buf_form_schema(&buf, &schema);
    must(buf_err(&buf) == ERR_OK);
    must(json_read(op, op->arena, buf_str(&buf), &root) == ERR_OK);
    buf_finish(&buf);
}

/* Any form has a sample that it takes. */
static void write_sample(struct op *op, const struct form *form)
{
    const struct account *caller = directory_account_by_id(&fixture_directory, ID_EXAMPLE);
    const struct form_sample sample = {
        .op = op,
        .form = form,
        .workspace = directory_workspace_by_id(&fixture_directory, ID_WOR),
        .directory = &fixture_directory,
        .caller = caller,
    };
    struct task_draft draft;
    struct faults faults;
    struct judged judged;
    struct buf buf;
    buf_init(&buf, 16 * 1024 * 1024);
    must(buf_form_sample(&buf, &sample) == ERR_OK);
    must(task_decode(op, buf_str(&buf), &draft) == ERR_OK);
    faults_init(&faults, op->arena);
    pattern_allow(op, PATTERN_WORK_MAX);
    must(task_judge(op, &draft, form, NULL, &fixture_directory, caller, &faults, NULL, &judged) ==
         ERR_OK);
    buf_finish(&buf);
}

/* Many times what the patterns of a form and of its reports may take, also with sanitizers. */
enum { SECONDS_MAX = 8 };

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    double began = cpu_seconds();
    arena_init(&arena, 64 * 1024 * 1024);
    struct op op = {.arena = &arena, .now = now};
    struct str rest = {(const char *)data, size};
    struct str document = str_cut(&rest, '\0');
    struct faults faults;
    struct form form;
    const struct form_place place = {
        .directory = &fixture_directory,
        .workspace = directory_workspace_by_id(&fixture_directory, ID_WOR),
        .name = STR("customs"),
        .version = 1,
    };
    faults_init(&faults, &arena);
    enum err err = form_read(&op, &arena, document, &place, &faults, &form);
    must(err == ERR_OK || err == ERR_INVALID || err == ERR_SYNTAX || err == ERR_MEMORY);
    if (err == ERR_INVALID)
        check_faults(&faults);
    if (err == ERR_SYNTAX)
        must(str_starts(str_of(op.detail), STR("line ")));
    if (err == ERR_OK) {
        write_schema(&op, &form);
        write_sample(&op, &form);
        judge(&op, rest, &form);
        judge(&op,
              STR("{\"domainWorkSpace\":\"EXA-CON-BUS-WOR\",\"todoType\":\"INCIDENT\",\"title\":"
                  "\"t\","
                  "\"description\":\"d\",\"reporter\":\"ann@example.com\",\"orderID\":\"o\"}"),
              &form);
    }
    arena_finish(&arena);
    must(cpu_seconds() - began < SECONDS_MAX);
    return 0;
}
