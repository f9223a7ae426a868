#include "evidence/fold.h"

#include "json/write.h"
#include "model/date.h"

#include <inttypes.h>
#include <stdlib.h>

/* What a person's address becomes when the person is erased (model/email.h). */
#define ERASED "@erased.invalid"

/* Members that no event names, since they follow from others, or from the clock. What follows from
 * the events that the file has is compared; the rest is not proven. Every file has had them, from the
 * first one on; a member that comes later is not in the older ones. */
static const struct str derived[] = {
    STR_INIT("key"),
    STR_INIT("createdAt"),
    STR_INIT("updatedAt"),
    STR_INIT("open"),
    STR_INIT("closedAt"),
    STR_INIT("commentCount"),
    STR_INIT("attachmentCount"),
    STR_INIT("taskLink"),
    STR_INIT("version"),
    STR_INIT("overdue"),
    STR_INIT("closedBy"),
    STR_INIT("firstDueDate"),
    STR_INIT("dueMoves"),
};

/* Members that events set, and NULL for each field that has no member. */
static const char *const set_by_events[] = {
#define FIELD(field, kind, member) member,
#include "model/task.def"
#undef FIELD
    "financialImpactCurrency",
    "parent",
    "followers",
    "awaits",
};

/* Of a comment. Who wrote it is not proven: events have the numbers of accounts. */
static const struct str comment_members[] = {
    STR_INIT("id"),       STR_INIT("text"),     STR_INIT("author"),   STR_INIT("createdAt"),
    STR_INIT("editedAt"), STR_INIT("internal"), STR_INIT("mentions"), STR_INIT("deletedAt"),
};

enum {
    DERIVED = sizeof derived / sizeof derived[0],
    SET_BY_EVENTS = sizeof set_by_events / sizeof set_by_events[0],
    COMMENT_MEMBERS = sizeof comment_members / sizeof comment_members[0],
};
_Static_assert(DERIVED + SET_BY_EVENTS <= FOLD_KNOWN_ROOM,
               "there is room for all that are left out");

static bool is_one_of(const struct str *names, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static bool is_derived(struct str name)
{
    return is_one_of(derived, DERIVED, name);
}

static bool is_empty(const struct json *value)
{
    return value == NULL || value->kind == JSON_NULL ||
           ((value->kind == JSON_LIST || value->kind == JSON_OBJECT) && value->n == 0);
}

/* ---- digests ---- */

/* Adds a value: a text by its characters, anything else without its blanks. */
static enum err hash_json(struct hasher *hasher, const struct json *value)
{
    struct buf compact;
    if (is_empty(value)) {
        hash_field(hasher, STR("nothing"));
        return ERR_OK;
    }
    hash_field(hasher, json_kind_name(value->kind));
    if (value->kind == JSON_TEXT) {
        hash_field(hasher, value->text);
        return ERR_OK;
    }
    buf_init(&compact, value->raw.n);
    buf_json_compact(&compact, value->raw);
    enum err err = buf_err(&compact);
    hash_field(hasher, buf_str(&compact));
    buf_finish(&compact);
    return err;
}

static enum err digest_of(const struct json *value, struct sha256 *ret_digest)
{
    struct hasher hasher;
    hash_begin(&hasher);
    enum err err = hash_json(&hasher, value);
    *ret_digest = hash_end(&hasher);
    return err;
}

/* Of a comment what both the list and the events say; a deleted one has nothing but `internal`. */
static enum err comment_digest(const struct json *comment, bool deleted, struct sha256 *ret_digest)
{
    struct hasher hasher;
    hash_begin(&hasher);
    enum err err = hash_json(&hasher, json_member(comment, STR("internal")));
    if (err == ERR_OK)
        err = hash_json(&hasher, deleted ? NULL : json_member(comment, STR("text")));
    if (err == ERR_OK)
        err = hash_json(&hasher, deleted ? NULL : json_member(comment, STR("mentions")));
    *ret_digest = hash_end(&hasher);
    return err;
}

static struct sha256 attachment_digest(struct str name, struct str size, struct str hex)
{
    struct hasher hasher;
    hash_begin(&hasher);
    hash_field(&hasher, name);
    hash_field(&hasher, size);
    hash_field(&hasher, hex);
    return hash_end(&hasher);
}

static bool same(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->bytes, b->bytes, SHA256_SIZE) == 0;
}

/* ---- the table of comments and attachments ---- */

static struct fold_entry *entry_at(struct fold_entry *entries, size_t room, enum fold_part part,
                                   int64_t id)
{
    size_t i = (size_t)(((uint64_t)id * 2 + part) * UINT64_C(0x9E3779B97F4A7C15) >> 20) % room;
    while (entries[i].id != 0 && (entries[i].id != id || entries[i].part != part))
        i = (i + 1) % room;
    return &entries[i];
}

/* The entry of an id, made if there is none. */
static enum err entry_of(struct fold *fold, enum fold_part part, int64_t id,
                         struct fold_entry **ret_entry)
{
    if (fold->entry_count == FOLD_PARTS_MAX) {
        op_say(fold->op,
               "there are more than %d comments and attachments, which is more than can be checked",
               FOLD_PARTS_MAX);
        return ERR_CORRUPT;
    }
    if (fold->entry_count * 2 >= fold->entry_room) {
        size_t room = fold->entry_room == 0 ? 64 : fold->entry_room * 2;
        struct fold_entry *entries = calloc(room, sizeof *entries);
        if (entries == NULL)
            return ERR_MEMORY;
        for (size_t i = 0; i < fold->entry_room; i++)
            if (fold->entries[i].id != 0)
                *entry_at(entries, room, fold->entries[i].part, fold->entries[i].id) =
                    fold->entries[i];
        free(fold->entries);
        fold->entries = entries;
        fold->entry_room = room;
    }
    *ret_entry = entry_at(fold->entries, fold->entry_room, part, id);
    if ((*ret_entry)->id == 0) {
        **ret_entry = (struct fold_entry){.id = id, .part = part};
        fold->entry_count++;
    }
    return ERR_OK;
}

static bool id_of(const struct json *object, int64_t *ret_id)
{
    uint64_t id;
    if (object == NULL || object->kind != JSON_OBJECT ||
        !str_to_u64(json_text(json_member(object, STR("id"))), INT64_MAX, &id) || id == 0)
        return false;
    *ret_id = (int64_t)id;
    return true;
}

/* What the files have; each of them once. */
static enum err found_add(struct fold *fold, enum fold_part part, int64_t id,
                          const struct fold_state *state)
{
    struct fold_entry *entry;
    enum err err = entry_of(fold, part, id, &entry);
    if (err == ERR_OK && entry->found.there)
        return op_fail(fold->op, ERR_CORRUPT, "%s %" PRId64 " is there twice",
                       part == FOLD_COMMENT ? "comment" : "attachment", id);
    if (err != ERR_OK)
        return err;
    entry->found = *state;
    fold->counts[part] += state->deleted_at == TIME_NONE;
    return ERR_OK;
}

/* A member that is a time, or null, or absent. */
static bool time_of(const struct json *object, struct str name, int64_t *ret_time)
{
    const struct json *member = json_member(object, name);
    *ret_time = TIME_NONE;
    return member == NULL || member->kind == JSON_NULL || time_read(json_text(member), ret_time);
}

enum err fold_comment(struct fold *fold, const struct json *comment)
{
    struct fold_state state = {.there = true};
    int64_t id;
    if (!id_of(comment, &id) || !time_of(comment, STR("createdAt"), &state.created_at) ||
        !time_of(comment, STR("editedAt"), &state.edited_at) ||
        !time_of(comment, STR("deletedAt"), &state.deleted_at))
        return op_fail(fold->op, ERR_CORRUPT, "a line is not a comment");
    if (json_member(comment, STR("author")) == NULL)
        return op_fail(fold->op, ERR_CORRUPT, "the author of comment %" PRId64 " is missing", id);
    for (const struct json *m = comment->first; m != NULL; m = m->next)
        if (!is_one_of(comment_members, COMMENT_MEMBERS, m->name) && !is_empty(m))
            return op_fail(fold->op, ERR_CORRUPT,
                           "comment %" PRId64 " has %.*s, which no comment has", id,
                           STR_ARG(utf8_cut(m->name, 80)));
    bool deleted = state.deleted_at != TIME_NONE;
    if (deleted && (!is_empty(json_member(comment, STR("text"))) ||
                    !is_empty(json_member(comment, STR("mentions")))))
        return op_fail(fold->op, ERR_CORRUPT,
                       "comment %" PRId64 " was deleted, and has a text nevertheless", id);
    enum err err = comment_digest(comment, deleted, &state.is);
    return err == ERR_OK ? found_add(fold, FOLD_COMMENT, id, &state) : err;
}

enum err fold_attachment(struct fold *fold, int64_t id, struct str name, int64_t size,
                         const struct sha256 *sha256)
{
    struct buf size_text, hex;
    buf_init(&size_text, 32);
    buf_init(&hex, (size_t)SHA256_SIZE * 2 + 1);
    buf_i64(&size_text, size);
    buf_hex(&hex, sha256->bytes, SHA256_SIZE);
    struct fold_state state = {
        .there = true,
        .is = attachment_digest(name, buf_str(&size_text), buf_str(&hex)),
        .created_at = TIME_NONE,
        .edited_at = TIME_NONE,
        .deleted_at = TIME_NONE,
    };
    enum err err = buf_err(&hex) == ERR_OK ? buf_err(&size_text) : ERR_MEMORY;
    buf_finish(&size_text);
    buf_finish(&hex);
    return err == ERR_OK ? found_add(fold, FOLD_ATTACHMENT, id, &state) : err;
}

/* ---- the events ---- */

static void member_add(struct fold *fold, struct str name, const struct json *found)
{
    fold->members[fold->member_count++] =
        (struct fold_member){.name = name, .found = found, .value = fold->nothing};
}

enum err fold_init(struct fold *fold, struct op *op, const struct json *record)
{
    *fold = (struct fold){.op = op};
    if (record->n > FOLD_MEMBERS_MAX)
        return op_fail(op, ERR_CORRUPT, "it has %" PRIu32 " members, more than a record has",
                       record->n);
    enum err err = digest_of(NULL, &fold->nothing);
    for (const struct json *m = record->first; m != NULL; m = m->next)
        member_add(fold, m->name, m);
    /* What was left out is missing only if there was a value. */
    for (size_t i = 0; i < DERIVED; i++)
        if (json_member(record, derived[i]) == NULL)
            member_add(fold, derived[i], NULL);
    for (size_t i = 0; i < SET_BY_EVENTS; i++)
        if (set_by_events[i] != NULL && json_member(record, str_of(set_by_events[i])) == NULL)
            member_add(fold, str_of(set_by_events[i]), NULL);
    return err;
}

void fold_finish(struct fold *fold)
{
    free(fold->entries);
}

/* Before and after of a change. */
struct sides {
    const struct json *before, *after;
};

static bool sides_of(const struct json *change, struct sides *ret_sides)
{
    if (change == NULL || change->kind != JSON_LIST || change->n != 2)
        return false;
    *ret_sides = (struct sides){change->first, change->first->next};
    return true;
}

/* Whom an event names by an address is named by another one once that person is erased. */
static bool names_erased(const struct json *value)
{
    return memmem(value->raw.p, value->raw.n, ERASED, sizeof ERASED - 1) != NULL;
}

/* The proposal to close has a time in the record, which the event has itself. */
static const struct json *compared(struct str name, const struct json *value)
{
    return str_eq(name, STR("awaits")) && value->kind == JSON_OBJECT ? json_member(value, STR("by"))
                                                                     : value;
}

/* ---- who it was ---- */

static const struct fold_person *person_of(const struct fold *fold, int64_t id, struct str email)
{
    for (size_t i = 0; i < fold->person_count; i++)
        if (fold->people[i].id == id || str_eq(fold->people[i].email, email))
            return &fold->people[i];
    return NULL;
}

/* The source of the record is who reports it; a proposal to close it names who proposes. */
static enum err person_note(struct fold *fold, const struct event *event, const struct json *m,
                            const struct json *after)
{
    struct str email = STR_NONE;
    if (str_eq(m->name, STR("source")) && str_eq(event->action, STR("task.created")))
        email = json_text(after);
    else if (str_eq(m->name, STR("awaits")) && after->kind == JSON_OBJECT)
        email = json_text(json_member(after, STR("by")));
    if (email.p == NULL || person_of(fold, event->actor_id, email) != NULL ||
        fold->person_count == sizeof fold->people / sizeof fold->people[0])
        return ERR_OK;
    struct fold_person *person = &fold->people[fold->person_count++];
    person->id = event->actor_id;
    return arena_copy(fold->op->arena, email, &person->email);
}

/* ---- due dates ---- */

static enum err date_keep(struct fold *fold, const struct json *date, struct str *kept)
{
    struct str text = json_text(date);
    *kept = STR_NONE;
    return text.p == NULL ? ERR_OK : arena_copy(fold->op->arena, text, kept);
}

static enum err due_change(struct fold *fold, const struct event *event, struct sides sides)
{
    enum err err = ERR_OK;
    if (!str_eq(event->action, STR("task.created")) && !is_empty(sides.before) &&
        fold->due_moves++ == 0)
        err = date_keep(fold, sides.before, &fold->first_due);
    return err == ERR_OK ? date_keep(fold, sides.after, &fold->due) : err;
}

/* An erasure says what the record is after it, and an undo what it was before its change. */
static enum err due_restore(struct fold *fold, const struct json *record)
{
    uint64_t moves;
    const struct json *count = json_member(record, STR("dueMoves"));
    if (count == NULL || !str_to_u64(count->raw, INT64_MAX, &moves))
        return ERR_OK;
    fold->due_moves = (int64_t)moves;
    fold->due_unsure = false;
    const struct json *due = json_member(record, STR("dueDate"));
    enum err err = due == NULL ? ERR_OK : date_keep(fold, due, &fold->due);
    return err == ERR_OK
               ? date_keep(fold, json_member(record, STR("firstDueDate")), &fold->first_due)
               : err;
}

static enum err member_change(struct fold *fold, const struct event *event,
                              struct fold_member *member, struct sides sides)
{
    struct sha256 before;
    enum err err = digest_of(compared(member->name, sides.before), &before);
    if (err == ERR_OK && !member->unsure && !same(&before, &member->value) &&
        !names_erased(sides.before) && !str_eq(member->name, STR("parent")))
        return op_fail(fold->op, ERR_CORRUPT,
                       "event %" PRId64 " says that %.*s was something else than what the events "
                       "before it had made it",
                       event->seq, STR_ARG(member->name));
    if (err == ERR_OK)
        err = digest_of(compared(member->name, sides.after), &member->value);
    member->unsure = false;
    if (str_eq(member->name, STR("status"))) {
        bool closed = str_eq(json_text(sides.after), STR("Done"));
        if (closed && !fold->closed) {
            fold->closed_at = event->at;
            fold->closed_by = event->actor_id;
        }
        fold->closed = closed;
        fold->closing_unsure = false;
    }
    return err;
}

/* What one side of a change says of a comment or an attachment. */
static enum err side_digest(enum fold_part part, const struct json *side, struct sha256 *ret_digest)
{
    const struct json *size = json_member(side, STR("size"));
    if (part == FOLD_COMMENT)
        return comment_digest(side, false, ret_digest);
    *ret_digest = attachment_digest(json_text(json_member(side, STR("name"))),
                                    size == NULL ? STR_NONE : size->raw,
                                    json_text(json_member(side, STR("sha256"))));
    return ERR_OK;
}

/* A comment or an attachment was made, changed or deleted. */
static enum err part_change(struct fold *fold, const struct event *event, enum fold_part part,
                            struct sides sides)
{
    bool was = sides.before->kind != JSON_NULL, is = sides.after->kind != JSON_NULL;
    struct fold_entry *entry = NULL;
    struct sha256 before = {0}, after = {0};
    int64_t id = 0, other = 0;
    if ((was && !id_of(sides.before, &id)) || (is && !id_of(sides.after, &other)) ||
        (was && is && id != other) || (!was && !is))
        return op_fail(fold->op, ERR_CORRUPT, "event %" PRId64 " is about something that has no id",
                       event->seq);
    enum err err = entry_of(fold, part, was ? id : other, &entry);
    if (err == ERR_OK && was)
        err = side_digest(part, sides.before, &before);
    if (err == ERR_OK && is)
        err = side_digest(part, sides.after, &after);
    if (err != ERR_OK)
        return err;

    struct fold_state *said = &entry->said;
    bool there = said->there && said->deleted_at == TIME_NONE;
    if (!fold->unsure[part] && (was != there || (was && !same(&before, &said->is))))
        return op_fail(fold->op, ERR_CORRUPT,
                       "event %" PRId64 " says that %s %" PRId64 " was something else than what "
                       "the events before it had made it",
                       event->seq, part == FOLD_COMMENT ? "comment" : "attachment", entry->id);
    /* Times are those of the events; only a deleted comment leaves something. */
    bool timed = part == FOLD_COMMENT;
    if (!was)
        *said = (struct fold_state){.created_at = timed ? event->at : TIME_NONE,
                                    .edited_at = TIME_NONE,
                                    .deleted_at = TIME_NONE};
    else if (is)
        said->edited_at = timed ? event->at : TIME_NONE;
    said->there = is || timed;
    if (is) {
        said->is = after;
        return ERR_OK;
    }
    said->deleted_at = timed ? event->at : TIME_NONE;
    return timed ? comment_digest(sides.before, true, &said->is) : ERR_OK;
}

/* The record has another key from this event on. */
static enum err key_change(struct fold *fold, const struct event *event, struct sides sides)
{
    if (!str_eq(json_text(sides.before), fold->key) || !str_eq(json_text(sides.after), event->key))
        return op_fail(fold->op, ERR_CORRUPT, "event %" PRId64 " moves another record", event->seq);
    return arena_copy(fold->op->arena, event->key, &fold->key);
}

/* Nobody knows any more what the event has changed. */
static void contents_gone(struct fold *fold, const struct event *event)
{
    if (str_eq(event->action, STR("task.commented"))) {
        fold->unsure[FOLD_COMMENT] = true;
    } else if (str_eq(event->action, STR("task.attached"))) {
        fold->unsure[FOLD_ATTACHMENT] = true;
    } else if (!str_eq(event->action, STR("task.occurred"))) {
        fold->closing_unsure = fold->due_unsure = true;
        for (size_t i = 0; i < fold->member_count; i++)
            fold->members[i].unsure = true;
    }
}

static enum err change(struct fold *fold, const struct event *event, const struct json *m)
{
    struct sides sides;
    if (!sides_of(m, &sides))
        return op_fail(fold->op, ERR_CORRUPT,
                       "event %" PRId64 " has a change that is not [before, after]", event->seq);
    if (str_eq(m->name, STR("comment")))
        return part_change(fold, event, FOLD_COMMENT, sides);
    if (str_eq(m->name, STR("attachment")))
        return part_change(fold, event, FOLD_ATTACHMENT, sides);
    enum err err = person_note(fold, event, m, sides.after);
    if (err == ERR_OK && str_eq(m->name, STR("dueDate")))
        err = due_change(fold, event, sides);
    else if (err == ERR_OK && (str_eq(m->name, STR("record")) || str_eq(m->name, STR("undoes"))))
        err = due_restore(fold, sides.after);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < fold->member_count; i++)
        if (str_eq(fold->members[i].name, m->name) && !is_derived(m->name))
            return member_change(fold, event, &fold->members[i], sides);
    return ERR_OK;
}

enum err fold_event(struct fold *fold, struct arena *arena, const struct event *event)
{
    const struct json *payload = NULL;
    struct sides sides;
    struct op op = {.arena = arena};
    bool first = fold->key.p == NULL;
    enum err err = first ? arena_copy(fold->op->arena, event->key, &fold->key) : ERR_OK;
    if (err == ERR_OK && event->payload.p != NULL)
        err = json_read_written(&op, arena, event->payload, &payload);
    if (err == ERR_SYNTAX || (payload != NULL && payload->kind != JSON_OBJECT))
        return op_fail(fold->op, ERR_CORRUPT, "the payload of event %" PRId64 " is not an object",
                       event->seq);
    if (err != ERR_OK)
        return err;
    if (first != str_eq(event->action, STR("task.created")))
        return op_fail(fold->op, ERR_CORRUPT,
                       "event %" PRId64 " is not what a record's history has there: its first "
                       "event, and no other, makes it",
                       event->seq);
    if (first)
        fold->created_at = event->at;
    if (!event_is_notice(event->action))
        fold->updated_at = event->at;
    fold->events++;

    /* The key first: whose event it is. Once erased, a move can no longer say where from. */
    if (payload == NULL && !str_eq(event->key, fold->key))
        err = arena_copy(fold->op->arena, event->key, &fold->key);
    else if (payload != NULL && sides_of(json_member(payload, STR("key")), &sides))
        err = key_change(fold, event, sides);
    if (err == ERR_OK && !str_eq(event->key, fold->key))
        return op_fail(fold->op, ERR_CORRUPT, "event %" PRId64 " is about another record",
                       event->seq);
    if (payload == NULL)
        contents_gone(fold, event);
    else if (!str_eq(event->action, STR("task.occurred")))
        for (const struct json *m = payload->first; m != NULL && err == ERR_OK; m = m->next)
            err = change(fold, event, m);
    return err;
}

/* ---- the end ---- */

static enum err differs(struct fold *fold, struct str name)
{
    return op_fail(fold->op, ERR_CORRUPT, "%.*s is not what the events say",
                   STR_ARG(utf8_cut(name, 80)));
}

/* A member that the record lacks says what null says. */
static enum err missing_end(struct fold *fold, const struct fold_member *member, bool *ret_known)
{
    *ret_known = !member->unsure;
    if (is_derived(member->name) || (*ret_known && !same(&member->value, &fold->nothing)))
        return op_fail(fold->op, ERR_CORRUPT, "%.*s is missing", STR_ARG(member->name));
    return ERR_OK;
}

/* What follows from the events. False: it is not known. */
static bool derived_value(const struct fold *fold, bool withheld, struct str name, struct buf *buf)
{
    bool time = str_eq(name, STR("createdAt"));
    int64_t value = fold->created_at;
    if (str_eq(name, STR("updatedAt")) && !withheld) {
        time = true;
        value = fold->updated_at;
    } else if (str_eq(name, STR("closedAt")) && !fold->closing_unsure) {
        time = true;
        value = fold->closed ? fold->closed_at : TIME_NONE;
    }
    if (time && value != TIME_NONE) {
        buf_char(buf, '"');
        buf_time(buf, value);
        buf_char(buf, '"');
    } else if (time) {
        BUF_LIT(buf, "null");
    } else if (str_eq(name, STR("open")) && !fold->closing_unsure) {
        buf_add(buf, fold->closed ? STR("false") : STR("true"));
    } else if (str_eq(name, STR("key"))) {
        buf_char(buf, '"');
        buf_add(buf, fold->key);
        buf_char(buf, '"');
    } else if (str_eq(name, STR("commentCount"))) {
        buf_i64(buf, fold->counts[FOLD_COMMENT]);
    } else if (str_eq(name, STR("attachmentCount"))) {
        buf_i64(buf, fold->counts[FOLD_ATTACHMENT]);
    } else if (str_eq(name, STR("version")) && !withheld) {
        buf_i64(buf, fold->events);
    } else if (str_eq(name, STR("dueMoves")) && !fold->due_unsure) {
        buf_i64(buf, fold->due_moves);
    } else if (str_eq(name, STR("firstDueDate")) && !fold->due_unsure) {
        struct str first = fold->due_moves > 0 ? fold->first_due : fold->due;
        if (first.p == NULL)
            BUF_LIT(buf, "null");
        else
            buf_json_string(buf, first);
    } else {
        return false;
    }
    return true;
}

/* Events name who closed it by an id. Whose that is they say of some: so it is this one, or another
 * one, or nobody knows. */
static enum err closer_end(struct fold *fold, const struct json *found, bool *ret_known)
{
    struct str email = json_text(found);
    const struct fold_person *person = person_of(fold, fold->closed_by, email);
    *ret_known = !fold->closing_unsure && !names_erased(found) &&
                 (!fold->closed || email.p == NULL || person != NULL);
    bool right = fold->closed ? person != NULL && person->id == fold->closed_by &&
                                    str_eq(person->email, email)
                              : is_empty(found);
    return *ret_known && !right ? differs(fold, STR("closedBy")) : ERR_OK;
}

/* Is it what the events have left, is it not, or does nobody know any more? */
static enum err member_end(struct fold *fold, bool withheld, const struct fold_member *member,
                           bool *ret_known)
{
    struct sha256 found;
    struct buf value;
    *ret_known = true;
    if (member->found == NULL)
        return missing_end(fold, member, ret_known);
    if (str_eq(member->name, STR("closedBy")))
        return closer_end(fold, member->found, ret_known);
    if (is_derived(member->name)) {
        buf_init(&value, 1024);
        *ret_known = derived_value(fold, withheld, member->name, &value);
        bool right = !*ret_known || str_eq(buf_str(&value), member->found->raw);
        enum err err = buf_err(&value);
        buf_finish(&value);
        return err != ERR_OK || right ? err : differs(fold, member->name);
    }
    *ret_known = !member->unsure;
    enum err err = digest_of(compared(member->name, member->found), &found);
    if (err != ERR_OK || member->unsure || same(&found, &member->value))
        return err;
    /* A parent may have moved since, and then has another key. */
    *ret_known = !names_erased(member->found) &&
                 (!str_eq(member->name, STR("parent")) || is_empty(member->found));
    return *ret_known ? differs(fold, member->name) : ERR_OK;
}

static enum err entry_end(struct fold *fold, const struct fold_entry *entry, int64_t *unsure)
{
    const char *what = entry->part == FOLD_COMMENT ? "comment" : "attachment";
    const struct fold_state *found = &entry->found, *said = &entry->said;
    bool equal = found->there == said->there &&
                 (!said->there ||
                  (same(&found->is, &said->is) && found->created_at == said->created_at &&
                   found->edited_at == said->edited_at && found->deleted_at == said->deleted_at));
    if (equal)
        return ERR_OK;
    if (fold->unsure[entry->part]) {
        *unsure += found->there;
        return ERR_OK;
    }
    return op_fail(fold->op, ERR_CORRUPT, "%s %" PRId64 " %s", what, entry->id,
                   !found->there ? "is missing"
                   : said->there ? "is not what the events say"
                                 : "is in no event, or was deleted");
}

enum err fold_end(struct fold *fold, bool withheld, int64_t *ret_unsure,
                  struct str_list *ret_unproven)
{
    struct str *unproven = ARENA_ARRAY(fold->op->arena, struct str, fold->member_count);
    size_t n = 0;
    bool known;
    enum err err = unproven == NULL ? ERR_MEMORY : ERR_OK;
    *ret_unsure = 0;
    for (size_t i = 0; i < fold->entry_room && err == ERR_OK; i++)
        if (fold->entries[i].id != 0)
            err = entry_end(fold, &fold->entries[i], ret_unsure);
    for (size_t i = 0; i < fold->member_count && err == ERR_OK; i++) {
        err = member_end(fold, withheld, &fold->members[i], &known);
        if (err == ERR_OK && !known)
            err = arena_copy(fold->op->arena, fold->members[i].name, &unproven[n++]);
    }
    *ret_unproven = (struct str_list){unproven, n};
    return err;
}
