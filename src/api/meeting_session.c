/*
 * GET and POST /meetings/{id}/sessions, GET, PATCH and DELETE …/{session}, GET …/{session}/walk, POST
 * …/{session}/people and …/close, POST …/{session}/notes, PATCH and DELETE …/notes/{note}.
 */
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/meeting.h"
#include "api/part.h"
#include "api/people.h"
#include "api/query.h"
#include "core/meeting.h"
#include "http/response.h"
#include "json/read.h"
#include "model/key.h"
#include "model/receipt.h"
#include "store/event.h"
#include "store/meeting.h"
#include "store/task.h"

#include <stddef.h>

enum {
    PEOPLE_NAMED_MAX = MEETING_PEOPLE_MAX + MEETING_GUESTS_MAX + 2 * MEETING_NOTES_MAX +
                       2 * MEETING_LISTED_MAX + 3 * MEETING_CHANGES_MAX, /* by one session */
    MINUTES_TREE_MAX = 512 * 1024 * 1024,
};

/* A session with its series, as the path names them. */
struct session_found {
    struct meeting meeting;
    struct meeting_session session;
    struct meeting_parts parts; /* of one that runs */
    struct event event;         /* that closed it; seq 0: none did */
};

/* ---- encode ---- */

static enum err receipt_put(struct call *call, const struct session_found *found)
{
    const struct domain *domain = directory_domain_by_id(call->directory, found->meeting.domain_id);
    struct buf buf;
    struct str text;
    if (found->event.seq == 0 || domain == NULL) {
        json_put_null(&call->json, "receipt");
        return ERR_OK;
    }
    buf_init(&buf, KEY_MAX + 128);
    buf_receipt(&buf, domain->key, found->event.seq, &found->event.hash);
    enum err err = buf_move(&buf, call->op.arena, &text);
    if (err == ERR_OK)
        json_put_text(&call->json, "receipt", text);
    return err;
}

/* What lists show of a session; the object stays open. */
static enum err session_begin(struct call *call, const struct session_found *found)
{
    struct json_writer *json = &call->json;
    const struct meeting_session *session = &found->session;
    const struct directory *directory = call->directory;
    json_begin_object(json, NULL);
    json_put_id(json, "id", session->id);
    json_put_id(json, "meeting", session->meeting_id);
    json_put_i64(json, "number", session->number);
    json_put_flag(json, "running", session->closed_at == TIME_NONE);
    json_put_time(json, "startedAt", session->started_at);
    json_put_account(json, "startedBy", session->started_by, directory);
    json_put_time(json, "closedAt", session->closed_at);
    json_put_account(json, "closedBy", session->closed_by, directory);
    json_put_account(json, "leader", session->leader_id, directory);
    json_put_text(json, "stage", meeting_stage_name(session->stage));
    json_put_text(json, "groupBy", meeting_group_name(session->group));
    json_put_meeting_record(json, "current", &session->current, directory);
    json_put_time(json, "currentSince", session->current_at);
    json_put_i64(json, "version", session->version);
    return receipt_put(call, found);
}

/* ---- people ---- */

/* The account of an address in minutes, which may be erased by now. */
static void address_add(struct call *call, const struct json *address, struct people *people)
{
    const struct account *account =
        address == NULL ? NULL : directory_account(call->directory, json_text(address));
    if (account != NULL && people->n < PEOPLE_NAMED_MAX)
        people_add(people, account->id);
}

static const struct json *first_of(const struct json *object, const char *name)
{
    const struct json *list = json_member(object, str_of(name));
    return list == NULL || list->kind != JSON_LIST ? NULL : list->first;
}

/* Whom the items of a list name: themselves, or in a member. */
static void list_people(struct call *call, const struct json *object, const char *list,
                        const char *member, struct people *people)
{
    for (const struct json *one = first_of(object, list); one != NULL; one = one->next)
        address_add(call, member == NULL ? one : json_member(one, str_of(member)), people);
}

/* Who closed and moved records since the session before. */
static void since_people(struct call *call, const struct json *since, struct people *people)
{
    list_people(call, json_member(since, STR("closed")), "items", "by", people);
    list_people(call, json_member(since, STR("moved")), "items", "by", people);
}

/* Who changed records while it ran, whose they were and became, and whose they are. */
static void changes_people(struct call *call, const struct json *changes, struct people *people)
{
    list_people(call, changes, "records", "assignee", people);
    list_people(call, changes, "items", "actor", people);
    for (const struct json *one = first_of(changes, "items"); one != NULL; one = one->next)
        list_people(call, json_member(one, STR("changes")), "assignee", NULL, people);
}

/* Whom fixed minutes name, or what a session that runs began with. */
static enum err written_people(struct call *call, const struct meeting_session *session,
                               struct people *people)
{
    bool closed = session->minutes.p != NULL;
    struct arena arena;
    const struct json *json;
    arena_init(&arena, MINUTES_TREE_MAX);
    enum err err =
        json_read_written(&call->op, &arena, closed ? session->minutes : session->since, &json);
    if (err == ERR_OK && !closed) {
        since_people(call, json, people);
    } else if (err == ERR_OK) {
        list_people(call, json, "present", "email", people);
        list_people(call, json, "absent", NULL, people);
        list_people(call, json, "notes", "author", people);
        since_people(call, json_member(json, STR("since")), people);
        changes_people(call, json_member(json, STR("changes")), people);
    }
    arena_finish(&arena);
    return err;
}

static void head_people(const struct meeting_session *session, struct people *people)
{
    people_add(people, session->started_by);
    people_add(people, session->leader_id);
    people_add(people, session->closed_by);
}

static enum err people_put(struct call *call, const struct session_found *found)
{
    const struct meeting_parts *parts = &found->parts;
    struct people people;
    enum err err = people_begin(call, PEOPLE_NAMED_MAX + 3, &people);
    if (err != ERR_OK)
        return err;
    head_people(&found->session, &people);
    err = written_people(call, &found->session, &people);
    for (size_t i = 0; i < found->meeting.people.n && found->session.minutes.p == NULL; i++)
        people_add(&people, found->meeting.people.items[i]);
    for (size_t i = 0; i < parts->guest_count; i++)
        people_add(&people, parts->guests[i].account_id);
    for (size_t i = 0; i < parts->note_count; i++)
        people_add(&people, parts->notes[i].author_id);
    people_encode(call, &people);
    return err;
}

static enum err session_encode(struct call *call, const struct session_found *found)
{
    enum err err = session_begin(call, found);
    if (err != ERR_OK)
        return err;
    if (found->session.closed_at == TIME_NONE)
        json_put_minutes(&call->json, "minutes", &found->meeting, &found->session, &found->parts,
                         STR_NONE, call->directory);
    else
        json_put_raw(&call->json, "minutes", found->session.minutes);
    err = people_put(call, found);
    json_end(&call->json);
    return err;
}

/* ---- finding ---- */

static enum err refuse_unknown(struct call *call)
{
    return call_refuse(call, 404, "This stand-up has no session %.*s.",
                       STR_ARG(str_sub(call->parameters[1], 0, 40)));
}

static enum err closing_read(struct call *call, struct session_found *found)
{
    found->event = (struct event){0};
    return found->session.closed_at == TIME_NONE
               ? ERR_OK
               : store_event_get(call->db, &call->op, found->meeting.domain_id, found->session.seq,
                                 &found->event);
}

/* The session without what is in other rows. */
static enum err session_find(struct call *call, struct session_found *found)
{
    uint64_t id;
    *found = (struct session_found){0};
    enum err err = meeting_find(call, &found->meeting);
    if (err == ERR_OK && !str_to_u64(call->parameters[1], INT64_MAX, &id))
        return refuse_unknown(call);
    if (err == ERR_OK)
        err = store_meeting_session_get(call->db, &call->op, (int64_t)id, &found->session);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && found->session.meeting_id != found->meeting.id))
        return refuse_unknown(call);
    return err;
}

static enum err session_read(struct call *call, void *arg)
{
    struct session_found *found = arg;
    enum err err = session_find(call, found);
    if (err == ERR_OK && found->session.closed_at == TIME_NONE)
        err = store_meeting_session_parts(call->db, &call->op, found->session.id, &found->parts);
    return err == ERR_OK ? closing_read(call, found) : err;
}

/* For a change: the session, which runs, of a series that the caller holds, or at least sees. */
static enum err running_find(struct call *call, bool holds, struct session_found *found)
{
    enum err err = call_read_wait(call, session_read, found);
    if (err == ERR_OK && holds)
        err = meeting_expect_held(call, &found->meeting);
    if (err == ERR_OK && found->session.closed_at != TIME_NONE)
        err = call_refuse(call, 409, "This stand-up has been closed; its minutes are fixed.");
    return err;
}

/* Answers with the session as it is now. */
static enum err answer_now(struct call *call, int status, int64_t session_id,
                           struct session_found *found)
{
    struct str name = arena_printf(call->op.arena, "%lld", (long long)session_id);
    struct str folder =
        arena_printf(call->op.arena, "/meetings/%.*s/sessions/", STR_ARG(call->parameters[0]));
    if (name.p == NULL || folder.p == NULL)
        return ERR_MEMORY;
    call->parameters[1] = name;
    enum err err = call_read_wait(call, session_read, found);
    if (err == ERR_OK)
        err = session_encode(call, found);
    return err == ERR_OK ? call_answer_version(call, status, found->session.version, folder.p, name)
                         : err;
}

/* ---- reading ---- */

enum err meeting_session_list(struct call *call)
{
    struct meeting_session_list sessions;
    struct session_found found = {0};
    struct people people;
    int64_t limit, before;
    enum err err = call_query_page(call, &limit, &before);
    if (err == ERR_OK)
        err = meeting_find(call, &found.meeting);
    if (err == ERR_OK)
        err = store_meeting_sessions_before(call->db, &call->op, found.meeting.id, before,
                                            limit + 1, &sessions);
    if (err == ERR_OK)
        err = people_begin(call, 3 * sessions.n, &people);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < sessions.n && i < (size_t)limit && err == ERR_OK; i++) {
        found.session = sessions.items[i];
        err = closing_read(call, &found);
        if (err == ERR_OK)
            err = session_begin(call, &found);
        json_end(&call->json);
        head_people(&found.session, &people);
    }
    if (err != ERR_OK)
        return err;
    json_end(&call->json);
    people_encode(call, &people);
    if (sessions.n > (size_t)limit)
        json_put_id(&call->json, "next", sessions.items[limit - 1].id);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

/* Never 304: what records and people are called changes without it. */
enum err meeting_session_get(struct call *call)
{
    struct session_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = session_read(call, &found);
    if (err == ERR_OK)
        err = session_encode(call, &found);
    if (err != ERR_OK)
        return err;
    return call_answer_etag(call, found.session.version);
}

/* The records that are gone through, as they are now. */
enum err meeting_session_walk(struct call *call)
{
    struct session_found found;
    struct people people;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = session_read(call, &found);
    if (err == ERR_OK && found.session.closed_at != TIME_NONE)
        err = call_refuse(call, 409, "This stand-up has been closed; see its minutes.");
    if (err == ERR_OK)
        err = people_begin(call, PEOPLE_OF_TASK * found.parts.item_count, &people);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    for (size_t i = 0; i < found.parts.item_count; i++) {
        const struct meeting_item *item = &found.parts.items[i];
        struct arena_mark mark = arena_mark(call->op.arena);
        struct task task;
        err = store_task_get_by_id(call->db, &call->op, item->record.task_id, &task);
        if (err != ERR_OK)
            return err;
        json_begin_object(&call->json, NULL);
        json_put_text(&call->json, "reason", meeting_reason_name(item->reason));
        call_put_task(call, "task", &task);
        json_end(&call->json);
        people_add_task(&people, &task);
        arena_rewind(call->op.arena, mark);
    }
    json_end(&call->json);
    people_encode(call, &people);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

/* ---- starting and closing ---- */

/* 409 with the session that runs, so that who comes second joins it. */
static enum err refuse_running(struct call *call, int64_t session_id)
{
    static const struct str detail = STR_INIT("This stand-up is running already; join it.");
    struct json_writer *json = &call->json;
    buf_clear(&call->body);
    json_writer_init(json, &call->body);
    call->note.detail = detail;
    json_begin_object(json, NULL);
    json_put_text(json, "type", STR("about:blank"));
    json_put_text(json, "title", http_reason(409));
    json_put_i64(json, "status", 409);
    json_put_text(json, "detail", detail);
    json_put_id(json, "running", session_id);
    json_end(json);
    if (buf_err(&call->body) != ERR_OK)
        return ERR_MEMORY;
    (void)call_answer(call, 409, STR("application/problem+json"), NULL, 0);
    return ERR_ANSWERED;
}

enum err meeting_session_start(struct call *call)
{
    struct session_found found = {0};
    struct meeting_start *start = ARENA_NEW(call->op.arena, struct meeting_start);
    if (start == NULL)
        return ERR_MEMORY;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = meeting_find_wait(call, true, &found.meeting);
    if (err == ERR_OK && found.meeting.archived_at != TIME_NONE)
        err = call_refuse(call, 409, "This stand-up has been archived.");
    if (err != ERR_OK)
        return err;
    *start = (struct meeting_start){.op = &call->op,
                                    .directory = call->directory,
                                    .caller = call->caller,
                                    .meeting = &found.meeting};
    err = core_meeting_start(api_core(call->api), start);
    if (err == ERR_CONFLICT)
        return refuse_running(call, start->session_id);
    return err == ERR_OK ? answer_now(call, 201, start->session_id, &found) : err;
}

/* Closing it again changes nothing, and answers the same. */
enum err meeting_session_close(struct call *call)
{
    struct session_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = call_read_wait(call, session_read, &found);
    if (err == ERR_OK)
        err = meeting_expect_held(call, &found.meeting);
    if (err == ERR_OK && found.session.closed_at == TIME_NONE) {
        struct meeting_close close = {.op = &call->op,
                                      .directory = call->directory,
                                      .caller = call->caller,
                                      .meeting = &found.meeting,
                                      .session = found.session};
        err = core_meeting_close(api_core(call->api), &close);
    }
    if (err == ERR_OK)
        err = call_read_wait(call, session_read, &found);
    if (err == ERR_OK)
        err = session_encode(call, &found);
    if (err != ERR_OK)
        return err;
    const struct domain *domain = directory_domain_by_id(call->directory, found.meeting.domain_id);
    struct http_header headers[2] = {call_etag(call, found.session.version)};
    struct buf buf;
    buf_init(&buf, KEY_MAX + 128);
    buf_receipt(&buf, domain->key, found.event.seq, &found.event.hash);
    headers[1].name = STR("Bzctrl-Receipt");
    err = buf_move(&buf, call->op.arena, &headers[1].value);
    if (err != ERR_OK || headers[0].value.p == NULL || buf_err(&call->body) != ERR_OK)
        return err == ERR_OK ? ERR_MEMORY : err;
    return call_answer(call, 200, STR("application/json"), headers, 2);
}

/* ---- while it runs ---- */

/* What somebody sent. */
struct turn_draft {
    struct str stage, group, current, text, key, email;
    bool current_sent, lead, lead_sent, parked, parked_sent, key_sent, present, present_sent,
        email_sent;
};

#define AT(field) offsetof(struct turn_draft, field)

static const struct body_member step_members[] = {
    {STR_INIT("stage"), MEMBER_TEXT, true, true, AT(stage), 0},
    {STR_INIT("groupBy"), MEMBER_TEXT, true, true, AT(group), 0},
    {STR_INIT("current"), MEMBER_TEXT_OR_NULL, true, true, AT(current), AT(current_sent)},
    {STR_INIT("lead"), MEMBER_FLAG, true, true, AT(lead), AT(lead_sent)},
};
static const struct body_member note_members[] = {
    {STR_INIT("text"), MEMBER_TEXT, true, true, AT(text), 0},
    {STR_INIT("parked"), MEMBER_FLAG, true, true, AT(parked), AT(parked_sent)},
    {STR_INIT("key"), MEMBER_TEXT_OR_NULL, true, false, AT(key), AT(key_sent)},
};
static const struct body_member guest_members[] = {
    {STR_INIT("email"), MEMBER_TEXT_OR_NULL, true, true, AT(email), AT(email_sent)},
    {STR_INIT("present"), MEMBER_FLAG, true, true, AT(present), AT(present_sent)},
};

/* Reads the body, whose faults are added to, and the session that the caller is to change. */
static enum err turn_begin(struct call *call, bool may_lack, bool holds,
                           const struct body_member *members, size_t n, bool creates,
                           struct turn_draft *draft, struct faults *faults,
                           struct session_found *found)
{
    const struct json *body;
    *draft = (struct turn_draft){0};
    faults_init(faults, call->op.arena);
    enum err err = call_body(call, may_lack, &body);
    if (err == ERR_OK)
        err = running_find(call, holds, found);
    if (err == ERR_OK)
        members_decode(members, n, body, creates, call->op.arena, faults, draft);
    return err;
}

static struct meeting_turn turn_of(struct call *call, const struct session_found *found,
                                   enum meeting_deed deed)
{
    return (struct meeting_turn){.op = &call->op,
                                 .directory = call->directory,
                                 .caller = call->caller,
                                 .meeting = &found->meeting,
                                 .session_id = found->session.id,
                                 .deed = deed};
}

/* A record that the series covers. */
struct wanted {
    const struct meeting *meeting;
    struct str key;
    struct meeting_record record; /* the result; task_id 0: there is none */
};

static enum err record_read(struct call *call, void *arg)
{
    struct wanted *wanted = arg;
    struct record record;
    wanted->record = (struct meeting_record){0};
    enum err err = record_named(call, wanted->key, &record);
    if (err == ERR_OK && meeting_covers(call->directory, wanted->meeting, record.workspace))
        wanted->record = (struct meeting_record){.task_id = record.task.id,
                                                 .workspace_id = record.workspace->id,
                                                 .number = record.task.number,
                                                 .title = record.task.title};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err record_find_covered(struct call *call, const struct meeting *meeting,
                                    struct str member, struct str key, struct faults *faults,
                                    struct meeting_record *ret_record)
{
    struct wanted wanted = {.meeting = meeting, .key = key};
    enum err err = call_read_wait(call, record_read, &wanted);
    if (err == ERR_OK && wanted.record.task_id == 0)
        fault_add(faults, member, FAULT_WHOLE, FAULT_UNKNOWN_RECORD, NO_OPTIONS,
                  "This stand-up is not about a record %.*s.", STR_ARG(fault_excerpt(key)));
    if (err == ERR_OK)
        *ret_record = wanted.record;
    return err;
}

static enum err judged(struct call *call, const struct faults *faults)
{
    return call_judged(call, faults->n > 0 ? ERR_INVALID : faults->err, faults);
}

enum err meeting_session_patch(struct call *call)
{
    struct turn_draft draft;
    struct faults faults;
    struct session_found found;
    enum err err =
        turn_begin(call, false, true, step_members, sizeof step_members / sizeof step_members[0],
                   false, &draft, &faults, &found);
    if (err != ERR_OK)
        return err;
    struct meeting_turn turn = turn_of(call, &found, MEETING_STEP);
    turn.step.leads = draft.lead;
    turn.step.stage_sent = draft.stage.p != NULL;
    turn.step.group_sent = draft.group.p != NULL;
    turn.step.current_sent = draft.current_sent;
    if (turn.step.stage_sent && !meeting_stage_read(draft.stage, &turn.step.stage))
        fault_add(&faults, STR("stage"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, NO_OPTIONS,
                  "stage must be since, walk or close.");
    if (turn.step.group_sent && !meeting_group_read(draft.group, &turn.step.group))
        fault_add(&faults, STR("groupBy"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, NO_OPTIONS,
                  "groupBy takes none, person and workspace.");
    if (draft.current.p != NULL)
        err = record_find_covered(call, &found.meeting, STR("current"), draft.current, &faults,
                                  &turn.step.current);
    if (err == ERR_OK)
        err = judged(call, &faults);
    if (err == ERR_OK)
        err = core_meeting_turn(api_core(call->api), &turn);
    return err == ERR_OK ? answer_now(call, 200, found.session.id, &found) : err;
}

/* Everybody comes and goes by themselves; who holds the stand-up also says it of others. */
enum err meeting_session_join(struct call *call)
{
    struct turn_draft draft;
    struct faults faults;
    struct session_found found;
    enum err err =
        turn_begin(call, true, false, guest_members, sizeof guest_members / sizeof guest_members[0],
                   true, &draft, &faults, &found);
    if (err != ERR_OK)
        return err;
    struct meeting_turn turn = turn_of(call, &found, MEETING_GUEST);
    const struct account *guest =
        draft.email.p == NULL ? call->caller : directory_account(call->directory, draft.email);
    if (guest != call->caller)
        err = meeting_expect_held(call, &found.meeting);
    turn.guest.present = !draft.present_sent || draft.present;
    /* A guest who has lost their role can still go. */
    bool may =
        guest != NULL && (meeting_is_seen(call->directory, guest, &found.meeting) ||
                          (!turn.guest.present && meeting_has_guest(&found.parts, guest->id)));
    if (!may)
        fault_add(&faults, STR("email"), FAULT_WHOLE, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                  "%.*s has no role on the domain of this stand-up.",
                  STR_ARG(fault_excerpt(draft.email)));
    if (err == ERR_OK)
        err = judged(call, &faults);
    if (err != ERR_OK || guest == NULL)
        return err;
    turn.guest.account_id = guest->id;
    err = core_meeting_turn(api_core(call->api), &turn);
    return err == ERR_OK ? answer_now(call, 200, found.session.id, &found) : err;
}

enum err meeting_note_create(struct call *call)
{
    struct turn_draft draft;
    struct faults faults;
    struct session_found found;
    enum err err =
        turn_begin(call, false, true, note_members, sizeof note_members / sizeof note_members[0],
                   true, &draft, &faults, &found);
    if (err != ERR_OK)
        return err;
    struct meeting_turn turn = turn_of(call, &found, MEETING_NOTE_ADD);
    if (!faults_have(&faults, "/text"))
        (void)meeting_note_judge(draft.text, &faults);
    if (draft.key.p != NULL)
        err = record_find_covered(call, &found.meeting, STR("key"), draft.key, &faults,
                                  &turn.note.record);
    if (err == ERR_OK)
        err = judged(call, &faults);
    if (err != ERR_OK)
        return err;
    turn.note.text = draft.text;
    turn.note.parked = draft.parked;
    err = core_meeting_turn(api_core(call->api), &turn);
    return err == ERR_OK ? answer_now(call, turn.repeated ? 200 : 201, found.session.id, &found)
                         : err;
}

static enum err note_turn(struct call *call, struct meeting_turn *turn, struct session_found *found)
{
    uint64_t id = 0;
    if (!str_to_u64(call->parameters[2], INT64_MAX, &id))
        return call_refuse(call, 404, "This stand-up has no note with that id.");
    turn->note.id = (int64_t)id;
    enum err err = core_meeting_turn(api_core(call->api), turn);
    return err == ERR_OK ? answer_now(call, 200, found->session.id, found) : err;
}

enum err meeting_note_patch(struct call *call)
{
    struct turn_draft draft;
    struct faults faults;
    struct session_found found;
    enum err err =
        turn_begin(call, false, true, note_members, sizeof note_members / sizeof note_members[0],
                   false, &draft, &faults, &found);
    if (err != ERR_OK)
        return err;
    struct meeting_turn turn = turn_of(call, &found, MEETING_NOTE_CHANGE);
    if (draft.text.p != NULL)
        (void)meeting_note_judge(draft.text, &faults);
    turn.note.text = draft.text;
    turn.note.parked = draft.parked;
    turn.parked_sent = draft.parked_sent;
    err = judged(call, &faults);
    return err == ERR_OK ? note_turn(call, &turn, &found) : err;
}

enum err meeting_note_delete(struct call *call)
{
    struct session_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = running_find(call, true, &found);
    if (err != ERR_OK)
        return err;
    struct meeting_turn turn = turn_of(call, &found, MEETING_NOTE_DROP);
    return note_turn(call, &turn, &found);
}

/* One that was started by mistake: only the history keeps it. */
enum err meeting_session_discard(struct call *call)
{
    struct session_found found;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = running_find(call, true, &found);
    if (err != ERR_OK)
        return err;
    struct meeting_turn turn = turn_of(call, &found, MEETING_DISCARD);
    err = core_meeting_turn(api_core(call->api), &turn);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
