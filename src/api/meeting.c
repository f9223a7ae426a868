/* GET and POST /meetings, GET, PATCH and DELETE /meetings/{id}. */
#include "api/meeting.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/part.h"
#include "api/people.h"
#include "api/query.h"
#include "core/meeting.h"
#include "model/key.h"
#include "model/right.h"
#include "store/meeting.h"

#include <stddef.h>

/* ---- decode, encode ---- */

#define AT(field) offsetof(struct meeting_draft, field)

static const struct body_member members[] = {
    {STR_INIT("name"), MEMBER_TEXT, true, true, AT(name), 0},
    {STR_INIT("domain"), MEMBER_TEXT, true, false, AT(domain), 0},
    {STR_INIT("workspaces"), MEMBER_TEXTS, true, true, AT(workspaces), 0},
    {STR_INIT("everyWeeks"), MEMBER_NUMBER, true, true, AT(weeks), AT(weeks_sent)},
    {STR_INIT("weekday"), MEMBER_TEXT_OR_NULL, true, true, AT(weekday), AT(weekday_sent)},
    {STR_INIT("minutes"), MEMBER_NUMBER, true, true, AT(minutes), AT(minutes_sent)},
    {STR_INIT("people"), MEMBER_TEXTS, true, true, AT(people), 0},
    {STR_INIT("walk"), MEMBER_TEXTS, true, true, AT(walk), 0},
    {STR_INIT("groupBy"), MEMBER_TEXT, true, true, AT(group), 0},
};

static void meeting_encode(struct call *call, const struct meeting *meeting)
{
    struct json_writer *json = &call->json;
    const struct domain *domain = directory_domain_by_id(call->directory, meeting->domain_id);
    json_begin_object(json, NULL);
    json_put_id(json, "id", meeting->id);
    json_put_text(json, "name", meeting->name);
    json_put_text(json, "domain", domain == NULL ? STR_NONE : domain->key);
    json_begin_list(json, "workspaces");
    for (size_t i = 0; i < meeting->workspaces.n; i++) {
        const struct workspace *workspace =
            directory_workspace_by_id(call->directory, meeting->workspaces.items[i]);
        if (workspace != NULL)
            json_put_text(json, NULL, workspace->key);
    }
    json_end(json);
    json_put_i64(json, "everyWeeks", meeting->weeks);
    json_put_text(json, "weekday", meeting_weekday_name(meeting->weekday));
    json_put_i64(json, "minutes", meeting->minutes);
    json_begin_list(json, "people");
    for (size_t i = 0; i < meeting->people.n; i++)
        json_put_account(json, NULL, meeting->people.items[i], call->directory);
    json_end(json);
    json_put_texts(json, "walk", meeting->walk);
    json_put_text(json, "groupBy", meeting_group_name(meeting->group));
    if (meeting->running_id == 0)
        json_put_null(json, "running");
    else
        json_put_id(json, "running", meeting->running_id);
    json_put_time(json, "lastAt", meeting->last_at);
    json_put_flag(json, "archived", meeting->archived_at != TIME_NONE);
    json_put_flag(json, "mayHold", meeting_is_held_by(call->directory, call->caller, meeting));
    json_put_time(json, "createdAt", meeting->created_at);
    json_put_time(json, "updatedAt", meeting->updated_at);
    json_put_i64(json, "version", meeting->version);
    json_end(json);
}

/* ---- finding one ---- */

enum err meeting_find(struct call *call, struct meeting *ret_meeting)
{
    uint64_t id = 0;
    enum err err = str_to_u64(call->parameters[0], INT64_MAX, &id)
                       ? store_meeting_get(call->db, &call->op, (int64_t)id, ret_meeting)
                       : ERR_NOT_FOUND;
    if (err == ERR_NOT_FOUND ||
        (err == ERR_OK && !meeting_is_seen(call->directory, call->caller, ret_meeting)))
        return call_refuse(call, 404, "There is no stand-up %.*s, or you may not see it.",
                           STR_ARG(str_sub(call->parameters[0], 0, 40)));
    return err;
}

enum err meeting_expect_held(struct call *call, const struct meeting *meeting)
{
    return meeting_is_held_by(call->directory, call->caller, meeting)
               ? ERR_OK
               : call_refuse(call, 403,
                             "You can only follow this stand-up; to run it you need the role of a "
                             "member of its domain.");
}

static enum err read_meeting(struct call *call, void *arg)
{
    return meeting_find(call, arg);
}

enum err meeting_find_wait(struct call *call, bool holds, struct meeting *ret_meeting)
{
    enum err err = call_read_wait(call, read_meeting, ret_meeting);
    return err == ERR_OK && holds ? meeting_expect_held(call, ret_meeting) : err;
}

/* ---- reading ---- */

/* Only of one domain, or of those below it. */
static enum err list_domain(struct call *call, const struct domain **ret_domain)
{
    struct str key = call_query(call, "domain");
    *ret_domain = NULL;
    if (key.p == NULL)
        return ERR_OK;
    *ret_domain = key.n > KEY_MAX ? NULL : directory_domain(call->directory, key);
    if (*ret_domain == NULL || !right_sees_domain(call->directory, call->caller, *ret_domain))
        return call_refuse(call, 404, "There is no domain %.*s, or you may not see it.",
                           STR_ARG(str_sub(key, 0, KEY_MAX)));
    return ERR_OK;
}

static bool is_listed(const struct call *call, const struct domain *domain,
                      const struct meeting *meeting)
{
    const struct domain *own = directory_domain_by_id(call->directory, meeting->domain_id);
    return own != NULL && meeting_is_seen(call->directory, call->caller, meeting) &&
           (domain == NULL || key_covers(domain->key, own->key));
}

enum err meeting_list(struct call *call)
{
    static const char *const parameters[] = {"domain", "archived", "limit", "cursor", NULL};
    const struct domain *domain;
    struct meeting_list meetings;
    struct people people;
    int64_t limit, before, shown = 0, next = 0;
    bool archived;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = call_query_cursor(call, &before);
    if (err == ERR_OK)
        err = call_query_flag(call, "archived", &archived);
    if (err == ERR_OK)
        err = list_domain(call, &domain);
    if (err == ERR_OK)
        err = people_begin(call, (size_t)limit * MEETING_PEOPLE_MAX, &people);
    if (err != ERR_OK)
        return err;
    call_items_begin(call);
    /* Some that are read are not shown to everybody, so a page can take several reads. */
    do {
        err = store_meetings_before(call->db, &call->op, before, limit + 1, archived, &meetings);
        if (err != ERR_OK)
            return err;
        for (size_t i = 0; i < meetings.n && next == 0; i++) {
            const struct meeting *meeting = &meetings.items[i];
            if (is_listed(call, domain, meeting) && shown++ == limit) {
                next = before;
                break;
            }
            before = meeting->id;
            if (!is_listed(call, domain, meeting))
                continue;
            meeting_encode(call, meeting);
            for (size_t k = 0; k < meeting->people.n; k++)
                people_add(&people, meeting->people.items[k]);
        }
    } while (next == 0 && meetings.n == (size_t)limit + 1);
    json_end(&call->json);
    people_encode(call, &people);
    if (next != 0)
        json_put_id(&call->json, "next", next);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

/* Never 304: whether it runs changes without it. */
enum err meeting_get(struct call *call)
{
    struct meeting meeting;
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = meeting_find(call, &meeting);
    if (err != ERR_OK)
        return err;
    meeting_encode(call, &meeting);
    return call_answer_etag(call, meeting.version);
}

/* ---- making and changing ---- */

/* Judges the body, stores it, and answers with the resulting series. `before` NULL: a new one. */
static enum err save_and_answer(struct call *call, const struct json *body,
                                const struct meeting *before)
{
    struct meeting_draft draft = {0};
    struct meeting_save save = {.op = &call->op,
                                .directory = call->directory,
                                .before = before,
                                .actor_id = call->caller->id};
    struct faults faults;
    faults_init(&faults, call->op.arena);
    members_decode(members, sizeof members / sizeof members[0], body, before == NULL,
                   call->op.arena, &faults, &draft);
    enum err err = meeting_judge(&call->op, &draft, before, call->directory, call->caller, &faults,
                                 &save.meeting);
    if (err == ERR_OK)
        err = core_meeting_save(api_core(call->api), &save);
    if (err != ERR_OK)
        return call_judged(call, err, &faults);
    meeting_encode(call, &save.meeting);
    struct str id = arena_printf(call->op.arena, "%lld", (long long)save.meeting.id);
    return id.p == NULL ? ERR_MEMORY
                        : call_answer_version(call, before == NULL ? 201 : 200,
                                              save.meeting.version, "/meetings/", id);
}

enum err meeting_create(struct call *call)
{
    const struct json *body;
    enum err err = call_body(call, false, &body);
    return err == ERR_OK ? save_and_answer(call, body, NULL) : err;
}

enum err meeting_patch(struct call *call)
{
    struct meeting before;
    const struct json *body;
    enum err err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = meeting_find_wait(call, true, &before);
    if (err == ERR_OK)
        err = call_expect_version(call, before.version);
    if (err == ERR_OK && before.archived_at != TIME_NONE)
        err = call_refuse(call, 409, "This stand-up has been archived.");
    return err == ERR_OK ? save_and_answer(call, body, &before) : err;
}

/* If-Match is looked at when it is sent. */
enum err meeting_archive(struct call *call)
{
    struct meeting before;
    struct meeting_save save = {.op = &call->op,
                                .directory = call->directory,
                                .before = &before,
                                .actor_id = call->caller->id};
    enum err err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = meeting_find_wait(call, true, &before);
    if (err == ERR_OK && http_header_count(call->request, STR("if-match")) > 0)
        err = call_expect_version(call, before.version);
    if (err != ERR_OK)
        return err;
    save.meeting = before;
    save.meeting.archived_at = call->op.now;
    if (before.archived_at == TIME_NONE)
        err = core_meeting_save(api_core(call->api), &save);
    return err == ERR_OK ? call_answer_empty(call) : err;
}
