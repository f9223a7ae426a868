#include "model/meeting_session.h"

#include "json/read.h"
#include "model/key.h"

enum { CHANGED_TEXT_MAX = 600 }; /* bytes of a value that minutes show */

/* ---- parts ---- */

bool meeting_has_guest(const struct meeting_parts *parts, int64_t account_id)
{
    for (size_t i = 0; i < parts->guest_count; i++)
        if (parts->guests[i].account_id == account_id)
            return true;
    return false;
}

void json_put_account(struct json_writer *json, const char *name, int64_t id,
                      const struct directory *directory)
{
    const struct account *account = directory_account_by_id(directory, id);
    json_put_text(json, name, account == NULL ? STR_NONE : account->email);
}

void json_put_meeting_record(struct json_writer *json, const char *name,
                             const struct meeting_record *record, const struct directory *directory)
{
    const struct workspace *workspace =
        record->task_id == 0 ? NULL : directory_workspace_by_id(directory, record->workspace_id);
    if (workspace == NULL) {
        json_put_null(json, name);
        return;
    }
    json_put_begin(json, name);
    buf_char(json->buf, '"');
    buf_record_key(json->buf, workspace->key, record->number);
    buf_char(json->buf, '"');
}

static void ranges_put(struct json_writer *json, const struct meeting_parts *parts,
                       const struct directory *directory)
{
    json_begin_list(json, "positions");
    for (size_t i = 0; i < parts->range_count; i++) {
        const struct meeting_range *range = &parts->ranges[i];
        const struct domain *domain = directory_domain_by_id(directory, range->domain_id);
        json_begin_object(json, NULL);
        json_put_text(json, "domain", domain == NULL ? STR_NONE : domain->key);
        json_put_i64(json, "from", range->from);
        json_put_i64(json, "start", range->start);
        if (range->end < 0)
            json_put_null(json, "end");
        else
            json_put_i64(json, "end", range->end);
        json_end(json);
    }
    json_end(json);
}

static void items_put(struct json_writer *json, const struct meeting_parts *parts,
                      const struct directory *directory)
{
    json_begin_list(json, "walk");
    for (size_t i = 0; i < parts->item_count; i++) {
        const struct meeting_item *item = &parts->items[i];
        json_begin_object(json, NULL);
        json_put_meeting_record(json, "key", &item->record, directory);
        json_put_text(json, "title", item->record.title);
        json_put_text(json, "reason", meeting_reason_name(item->reason));
        json_put_i64(json, "seconds", (item->ms + 500) / 1000);
        json_end(json);
    }
    json_end(json);
}

static void notes_put(struct json_writer *json, const struct meeting_parts *parts,
                      const struct directory *directory)
{
    json_begin_list(json, "notes");
    for (size_t i = 0; i < parts->note_count; i++) {
        const struct meeting_note *note = &parts->notes[i];
        json_begin_object(json, NULL);
        json_put_id(json, "id", note->id);
        json_put_meeting_record(json, "key", &note->record, directory);
        json_put_text(json, "title", note->record.task_id == 0 ? STR_NONE : note->record.title);
        json_put_text(json, "text", note->text);
        json_put_flag(json, "parked", note->parked);
        json_put_account(json, "author", note->author_id, directory);
        json_put_time(json, "createdAt", note->created_at);
        json_put_time(json, "editedAt", note->edited_at);
        json_end(json);
    }
    json_end(json);
}

static void guests_put(struct json_writer *json, const struct meeting *meeting,
                       const struct meeting_parts *parts, const struct directory *directory)
{
    json_begin_list(json, "present");
    for (size_t i = 0; i < parts->guest_count; i++) {
        json_begin_object(json, NULL);
        json_put_account(json, "email", parts->guests[i].account_id, directory);
        json_put_time(json, "joinedAt", parts->guests[i].joined_at);
        json_end(json);
    }
    json_end(json);
    json_begin_list(json, "absent");
    for (size_t i = 0; i < meeting->people.n; i++) {
        if (!meeting_has_guest(parts, meeting->people.items[i]))
            json_put_account(json, NULL, meeting->people.items[i], directory);
    }
    json_end(json);
}

void json_put_minutes(struct json_writer *json, const char *name, const struct meeting *meeting,
                      const struct meeting_session *session, const struct meeting_parts *parts,
                      struct str changes, const struct directory *directory)
{
    json_begin_object(json, name);
    json_put_text(json, "name", meeting->name);
    json_put_i64(json, "plannedMinutes", meeting->minutes);
    ranges_put(json, parts, directory);
    json_put_raw(json, "since", session->since);
    items_put(json, parts, directory);
    json_put_flag(json, "more", session->more);
    notes_put(json, parts, directory);
    guests_put(json, meeting, parts, directory);
    json_put_raw(json, "changes", changes);
    json_end(json);
}

/* ---- notes ---- */

bool meeting_note_judge(struct str text, struct faults *faults)
{
    size_t n = text.p == NULL ? 0 : utf8_length(text);
    if (text.p == NULL || !utf8_visible(text))
        fault_add(faults, STR("text"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "text is missing: what the note says.");
    else if (n > MEETING_NOTE_MAX)
        fault_add(faults, STR("text"), FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "text has %zu characters; at most %d are possible.", n, MEETING_NOTE_MAX);
    return faults->n == 0;
}

/* ---- changes ---- */

static void value_put(struct json_writer *json, const struct json *value)
{
    if (value->kind == JSON_TEXT && value->text.n > CHANGED_TEXT_MAX)
        json_put_text(json, NULL, utf8_cut(value->text, CHANGED_TEXT_MAX));
    else
        json_put_raw(json, NULL, value->raw);
}

void json_put_meeting_change(struct json_writer *json, const struct json *payload)
{
    static const char *const members[] = {
        "status",     "dueDate",   "dueReason", "assignee",        "priority",     "impact",
        "likelihood", "result",    "cause",     "financialImpact", "title",        "parent",
        "key",        "workspace", "category",  "awaits",          "reminderDate",
    };
    json_begin_object(json, "changes");
    for (size_t i = 0; payload != NULL && i < sizeof members / sizeof members[0]; i++) {
        const struct json *pair =
            payload->kind == JSON_OBJECT ? json_member(payload, str_of(members[i])) : NULL;
        if (pair == NULL || pair->kind != JSON_LIST || pair->n != 2)
            continue;
        json_begin_list(json, members[i]);
        value_put(json, pair->first);
        value_put(json, pair->first->next);
        json_end(json);
    }
    json_end(json);
}
