/*
 * Reports as they are sent, decoded and judged: what the tests of the codec and of the judge share.
 * Include it in one file of a program.
 */
#ifndef BZCTRL_TESTS_REPORT_H
#define BZCTRL_TESTS_REPORT_H

#include "directory_fixture.h"

#include "form/judge.h"
#include "model/draft_json.h"
#include "model/task_encode.h"
#include "model/task_json.h"

/* The least that an incident needs. */
static const struct {
    const char *name, *value;
} report_least[] = {
    {"todoType", "\"INCIDENT\""},
    {"domainWorkSpace", "\"EXA-CON-BUS-WOR\""},
    {"title", "\"Title\""},
    {"description", "\"Description\""},
    {"reporter", "\"example@example.com\""},
    {"orderID", "\"ORDER 1\""},
};

/* 2026-11-23T20:15:04.123Z */
static const int64_t report_now = INT64_C(1795464904123);

/* One report on its way. */
struct report {
    struct arena arena;
    struct op op;
    struct buf text; /* what was sent, and then what came of it */
    struct task_draft draft;
    struct faults faults, warnings;
    const struct form *form; /* NULL: the built-in one */
    struct judged judged;
};

static void report_open(struct report *r)
{
    memset(r, 0, sizeof *r);
    arena_init(&r->arena, 32 * 1024 * 1024);
    buf_init(&r->text, 8 * 1024 * 1024);
    r->op = (struct op){.arena = &r->arena, .now = report_now};
}

static void report_close(struct report *r)
{
    buf_finish(&r->text);
    arena_finish(&r->arena);
}

/* Writes the least report with `members` ("\"a\":1,\"b\":2") in place of its own of those names. */
static void report_write(struct report *r, const char *members)
{
    buf_clear(&r->text);
    buf_char(&r->text, '{');
    for (size_t i = 0; i < sizeof report_least / sizeof report_least[0]; i++) {
        char quoted[32];
        snprintf(quoted, sizeof quoted, "\"%s\":", report_least[i].name);
        if (strstr(members, quoted) == NULL)
            buf_printf(&r->text, "%s%s,", quoted, report_least[i].value);
    }
    buf_add(&r->text, str_of(members));
    if (members[0] == '\0')
        r->text.n--;
    buf_char(&r->text, '}');
    assert_int_equal(buf_err(&r->text), ERR_OK);
}

/* Decodes and judges r->text as an account; a body that does not decode fails the test. */
static enum err report_judge_as(struct report *r, int64_t account_id)
{
    r->op.detail[0] = '\0';
    r->op.work = 0;
    if (task_decode(&r->op, buf_str(&r->text), &r->draft) != ERR_OK)
        fail_msg("%.*s: %s", STR_ARG(str_sub(buf_str(&r->text), 0, 500)), r->op.detail);
    faults_init(&r->faults, &r->arena);
    faults_init(&r->warnings, &r->arena);
    return task_judge(&r->op, &r->draft, r->form != NULL ? r->form : &form_default, NULL,
                      &fixture_directory, directory_account_by_id(&fixture_directory, account_id),
                      &r->faults, &r->warnings, &r->judged);
}

/* The record's members as JSON, zero-terminated; fails if the report is refused. */
static const char *report_record(struct report *r, const char *members)
{
    report_write(r, members);
    if (report_judge_as(r, ID_EXAMPLE) != ERR_OK)
        fail_msg("%s is refused: %s %s", members,
                 r->faults.n == 0 ? "" : r->faults.items[0].pointer.p,
                 r->faults.n == 0 ? "" : r->faults.items[0].detail.p);
    buf_clear(&r->text);
    struct json_writer json;
    json_writer_init(&json, &r->text);
    json_begin_object(&json, NULL);
    json_put_task_members(&json, &r->judged.task, &fixture_directory);
    json_end(&json);
    buf_char(&r->text, '\0');
    assert_int_equal(buf_err(&r->text), ERR_OK);
    return r->text.p;
}

/* Appends a record as answers show it. */
static inline void record_encode(struct buf *buf, const struct task *task,
                                 const struct directory *directory, struct str public_url)
{
    struct json_writer json;
    json_writer_init(&json, buf);
    task_encode(&json, NULL, task, directory, public_url, 0);
}

#endif
