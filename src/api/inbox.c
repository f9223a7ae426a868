/* GET /me/inbox, POST /me/inbox/{key}. */
#include "core/inbox.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/list_page.h"
#include "api/query.h"
#include "api/record.h"
#include "core/task_index.h"
#include "json/read.h"
#include "model/faults.h"

enum { SNOOZE_DAYS_MAX = 366 };

static const int64_t DAY_MS = INT64_C(86400000);

/* A system has no inbox. */
static enum err expect_person(struct call *call)
{
    return call->caller->kind == ACCOUNT_PERSON
               ? ERR_OK
               : call_refuse(call, 403, "An inbox is for people; a client reads GET /changes.");
}

/* ---- the list ---- */

static enum err reasons_read(struct call *call, unsigned *ret_wanted)
{
    struct str_list names;
    unsigned wanted = 0;
    enum err err = call_query_all(call, "reason", &names);
    for (size_t i = 0; i < names.n && err == ERR_OK; i++) {
        unsigned bit = inbox_reason_read(names.items[i]);
        if (bit == 0)
            err = call_refuse(call, 400,
                              "reason must be one of assigned, due, overdue, new, confirm, "
                              "mentioned, not \"%.*s\".",
                              STR_ARG(utf8_cut(names.items[i], 60)));
        wanted |= bit;
    }
    *ret_wanted = wanted;
    return err;
}

/* {"reason":"overdue","since":"2026-11-28","by":null}: a day where a day brought it about, in the
 * workspace's zone; else the moment, and who it was. */
static void reason_encode(struct call *call, const struct inbox *inbox, const struct task *task,
                          unsigned place, struct people *people)
{
    struct json_writer *json = &call->json;
    int64_t at = task->created_at, by = task->source_id;
    int32_t day = DATE_NONE;
    const struct inbox_mention *mention = inbox_mention_find(inbox, task->id);
    switch (1U << place) {
    case INBOX_ASSIGNED:
        at = task_assigned_at(task);
        by = task_assigned_by(task);
        break;
    case INBOX_DUE:
        day = task->due_date - INBOX_DUE_DAYS;
        break;
    case INBOX_OVERDUE:
        day = task->due_date + 1;
        break;
    case INBOX_CONFIRM:
        at = task->proposed_at;
        by = task->proposed_by;
        break;
    case INBOX_MENTIONED:
        at = mention->at;
        by = mention->author_id;
        break;
    default:
        break;
    }
    const struct account *account =
        day == DATE_NONE ? directory_account_by_id(call->directory, by) : NULL;
    if (account != NULL)
        people_add(people, by);
    json_begin_object(json, NULL);
    json_put_text(json, "reason", inbox_reason_name(place));
    if (day == DATE_NONE)
        json_put_time(json, "since", at);
    else
        json_put_date(json, "since", day);
    json_put_text(json, "by", account == NULL ? STR_NONE : account->email);
    json_end(json);
}

static void row_encode(struct call *call, const struct task_filter *filter, const struct task *task,
                       struct people *people)
{
    struct json_writer *json = &call->json;
    const struct inbox *inbox = filter->inbox;
    const struct inbox_mark *mark = inbox->put_off ? inbox_mark_find(inbox, task->id) : NULL;
    unsigned reasons = filter_inbox_reasons(filter, task);
    json_begin_object(json, NULL);
    json_begin_list(json, "reasons");
    for (unsigned place = 0; place < INBOX_REASONS; place++)
        if ((reasons & 1U << place) != 0)
            reason_encode(call, inbox, task, place, people);
    json_end(json);
    json_put_time(json, "snooze", mark == NULL ? TIME_NONE : mark->until);
    call_put_task(call, "task", task);
    people_add_task(people, task);
    json_end(json);
}

enum err inbox_list(struct call *call)
{
    static const char *const parameters[] = {"reason*", "snoozed", "total",
                                             "limit",   "cursor",  NULL};
    struct task_list_request list = {0};
    unsigned wanted = 0;
    bool snoozed = false;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_flag(call, "snoozed", &snoozed);
    if (err == ERR_OK)
        err = call_query_flag(call, "total", &list.total);
    if (err == ERR_OK)
        err = reasons_read(call, &wanted);
    if (err == ERR_OK)
        err = inbox_filter(call->db, &call->op, call->directory, call->caller, wanted, snoozed,
                           &list.filter);
    return err == ERR_OK ? list_page_answer(call, &list, row_encode) : err;
}

/* ---- an answer ---- */

struct answering {
    struct call *call;
    struct record record;
    struct task_filter filter;
    unsigned reasons;
    struct inbox_answer answer;
    bool done, done_sent;
    int64_t until; /* TIME_NONE: not put off */
};

static void snooze_decode(const struct json *value, struct answering *answering,
                          struct faults *faults)
{
    int64_t now = answering->call->op.now, *until = &answering->until;
    const char *wrong = NULL;
    enum fault_code code = FAULT_NOT_A_TIME;
    if (value->kind != JSON_TEXT || !time_read(value->text, until)) {
        wrong = "a time with its zone (RFC 3339), such as 2027-09-27T08:30:00Z";
    } else if (*until <= now) {
        wrong = "in the future";
        code = FAULT_TOO_OLD;
    } else if (*until > now + SNOOZE_DAYS_MAX * DAY_MS) {
        wrong = "within a year";
        code = FAULT_IN_THE_FUTURE;
    }
    if (wrong != NULL)
        fault_add(faults, STR("snooze"), FAULT_WHOLE, code, NO_OPTIONS, "snooze must be %s.",
                  wrong);
}

/* {"done":true}, {"done":false} or {"snooze":"2027-09-27T08:30:00Z"}. */
static enum err answer_decode(struct answering *answering, const struct json *body)
{
    struct call *call = answering->call;
    struct faults faults;
    faults_init(&faults, call->op.arena);
    answering->until = TIME_NONE;
    for (const struct json *value = body->first; value != NULL; value = value->next)
        if (str_eq(value->name, STR("snooze"))) {
            snooze_decode(value, answering, &faults);
        } else if (str_eq(value->name, STR("done"))) {
            answering->done = str_eq(value->raw, STR("true"));
            answering->done_sent = true;
            if (value->kind != JSON_BOOL)
                member_wrong_type(&faults, value->name, FAULT_WHOLE, "true or false");
        } else {
            fault_add(&faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s cannot be set here.", STR_ARG(fault_excerpt(value->name)));
        }
    if (faults.n == 0 && faults.err == ERR_OK &&
        answering->done_sent == (answering->until != TIME_NONE))
        fault_add(&faults, STR_NONE, FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "Send either done, true or false, or snooze, the time until which the record is "
                  "put off.");
    return call_judged(call, faults.n > 0 ? ERR_INVALID : faults.err, &faults);
}

static enum err answering_read(struct call *call, void *arg)
{
    struct answering *answering = arg;
    enum err err = record_find(call, RIGHT_READ, &answering->record);
    if (err == ERR_OK && http_header_count(call->request, STR("if-match")) > 0)
        err = record_expect_version(call, &answering->record);
    if (err == ERR_OK)
        err = inbox_filter(call->db, &call->op, call->directory, call->caller, 0, false,
                           &answering->filter);
    if (err == ERR_OK)
        answering->reasons = filter_inbox_reasons(&answering->filter, &answering->record.task);
    return err;
}

enum err inbox_post(struct call *call)
{
    struct answering answering = {.call = call};
    struct inbox_answer *answer = &answering.answer;
    const struct json *body;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = answer_decode(&answering, body);
    if (err == ERR_OK)
        err = call_read_wait(call, answering_read, &answering);
    if (err != ERR_OK)
        return err;
    *answer = (struct inbox_answer){
        .op = &call->op,
        .account_id = call->caller->id,
        .mark = inbox_mark_of(answering.filter.inbox, &answering.record.task, answering.reasons,
                              answering.until),
        .takes_back = answering.done_sent && !answering.done,
    };
    if (!answer->takes_back && answering.reasons == 0)
        return call_refuse(call, 409, "This record needs nothing from you now.");
    err = inbox_answer(api_core(call->api), answer);
    if (err != ERR_OK)
        return err;
    json_begin_object(&call->json, NULL);
    json_put_flag(&call->json, "done", answering.done);
    json_put_time(&call->json, "snooze", answering.until);
    json_end(&call->json);
    return call_answer_json(call, 200);
}
