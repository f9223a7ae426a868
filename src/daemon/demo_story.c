#include "daemon/demo_story.h"

#include "base/clock.h"
#include "base/container.h"
#include "core/account.h"
#include "core/attachment.h"
#include "core/client.h"
#include "core/comment.h"
#include "core/meeting.h"
#include "core/task.h"
#include "core/task_change.h"
#include "core/task_index.h"
#include "core/workspace.h"
#include "daemon/demo_form.h"
#include "form/change.h"
#include "form/judge.h"
#include "model/comment.h"
#include "model/draft_json.h"
#include "model/scope.h"
#include "model/task_encode.h"

#include <string.h>

enum { REPORTS = 160, DAY_MS = 86400000 };
/* Stand-ups are held on Fridays (day 0 is a Thursday), and wait for the index of records. */
enum { FRIDAY = 1, WEEK = 7, STANDUP_DAYS = 8 * WEEK, STANDUP_RECORDS = 10 };
enum { FORM_DAYS = 60 }; /* until a form is built, and until it is changed */
enum { INDEX_TRIES = 60, INDEX_WAIT_MS = 500 };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct item {
    const char *type, *title, *description, *category, *sub_category;
    uint32_t impact;
    const char *cause, *result;
} items[] = {
#define ITEM(type, title, description, category, sub_category, impact, cause, result)              \
    {type, title, description, category, sub_category, impact, cause, result},
#include "daemon/demo_items.def"
#undef ITEM
};

static const char *const comments[] = {
#define COMMENT(text) text,
#include "daemon/demo_talk.def"
};

static const char *const reasons[] = {
#define REASON(text) text,
#include "daemon/demo_talk.def"
};

static const char *const notes[] = {
#define NOTE(text) text,
#include "daemon/demo_talk.def"
};

static const char *const files[] = {
#define LIST_FILE(name) name,
#include "daemon/demo_talk.def"
};

static const char *const parked[] = {
#define PARKED(text) text,
#include "daemon/demo_talk.def"
};

static const struct item measures[] = {
#define MEASURE(title, description)                                                                \
    {"TASK", title, description, "Compliance", "Measures", 0, "", "Done and explained to all."},
#include "daemon/demo_talk.def"
};

static const struct {
    const char *email, *name;
} people[] = {
    {DEMO_EMAIL, "Control desk"},
    {"declarations@example.com", "Declarations"},
    {"warehouse@example.com", "Warehouse"},
    {"transport@example.com", "Transport planning"},
    {"compliance@example.com", "Compliance"},
};

/* ---- chance, always the same ---- */

/* SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere. */
static uint32_t story_random(uint64_t *state, uint32_t below)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

#define STORY_PICK(state, list) ((list)[story_random((state), (uint32_t)COUNT(list))])

/* ---- what can happen, each with the clock at op->now ---- */

struct story {
    struct core *core;
    struct str source; /* the account of the system that reports */
    struct arena arena;
    struct op op; /* of the step that is being made */
    struct buf body;
    uint64_t state;
    struct story_record {
        int64_t id;
        const struct item *item;
        int32_t due;                     /* DATE_NONE: no due date */
        int32_t made, taken_on, ends_on; /* days; ends_on DATE_NONE: it stays open */
        bool measured, ended;
    } records[REPORTS * 2];
    size_t n;
    struct meeting standup; /* held every Friday of the last weeks */
};

static void add_text(struct buf *body, const char *name, const char *text)
{
    buf_printf(body, ",\"%s\":\"", name);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\n')
            BUF_LIT(body, "\\n");
        else
            buf_char(body, *c);
    }
    buf_char(body, '"');
}

static void add_day(struct buf *body, const char *name, int32_t day)
{
    buf_printf(body, ",\"%s\":\"", name);
    buf_date(body, day);
    buf_char(body, '"');
}

/* Ends a step: without what it needed, and with what went wrong, if anything. */
static enum err step_end(struct story *story, struct op *op, enum err err)
{
    if (err != ERR_OK)
        err = op_fail(op, err, "the demo's story: %s",
                      story->op.detail[0] == 0 ? err_name(err) : story->op.detail);
    buf_clear(&story->body);
    arena_reset(&story->arena);
    return err;
}

/* Takes story->body for a report, as `reporter` or, absent, as the system. */
static enum err report_add(struct story *story, struct op *op, int64_t *ret_id)
{
    struct task_draft draft;
    struct judged judged;
    struct faults faults;
    faults_init(&faults, &story->arena);
    const struct directory *directory = core_directory(story->core);
    const struct account *source = directory_account(directory, story->source);
    enum err err = buf_err(&story->body);
    if (err == ERR_OK)
        err = task_decode(&story->op, buf_str(&story->body), &draft);
    if (err == ERR_OK)
        err = task_judge(&story->op, &draft, &form_default, NULL, directory, source, &faults, NULL,
                         &judged);
    if (err == ERR_INVALID)
        err = op_fail(&story->op, err, "%.*s %.*s", STR_ARG(faults.items[0].pointer),
                      STR_ARG(faults.items[0].detail));
    if (err == ERR_OK) {
        struct task_create create = {.change = {.op = &story->op},
                                     .task = judged.task,
                                     .directory = directory,
                                     .workspace = judged.workspace,
                                     .actor_id = source->id};
        err = core_task_create_wait(story->core, &create);
        *ret_id = create.task.id;
    }
    directory_release(directory);
    return step_end(story, op, err);
}

struct record_read {
    struct core_read read;
    int64_t id;
    struct task task;
};

static enum err record_read_run(struct core_read *read, struct db *db)
{
    struct record_read *record = container_of(read, struct record_read, read);
    return store_task_get_by_id(db, read->op, record->id, &record->task);
}

static enum err record_read(struct story *story, int64_t id, struct task *ret_task)
{
    struct record_read record = {.read = {.op = &story->op, .run = record_read_run}, .id = id};
    enum err err = core_read_wait(story->core, &record.read);
    *ret_task = record.task;
    return err;
}

/* Takes story->body for a merge patch by that person; and the record with that id, if it is not 0,
 * for the parent. */
static enum err record_patch(struct story *story, struct op *op, int64_t id, const char *email,
                             int64_t parent_id)
{
    struct task before, parent;
    struct task_draft draft;
    struct task_changed changed;
    struct faults faults;
    faults_init(&faults, &story->arena);
    const struct directory *directory = core_directory(story->core);
    enum err err = buf_err(&story->body);
    if (err == ERR_OK)
        err = record_read(story, id, &before);
    if (err == ERR_OK && parent_id != 0)
        err = record_read(story, parent_id, &parent);
    if (err == ERR_OK)
        err = task_decode_patch(&story->op, buf_str(&story->body), &draft);
    if (err == ERR_OK) {
        const struct task_change_by by = {
            .op = &story->op,
            .directory = directory,
            .workspace = directory_workspace_by_id(directory, before.workspace_id),
            .form = &form_default,
            .caller = directory_account(directory, str_of(email)),
            .before = &before,
            .faults = &faults,
        };
        err = task_change_judge(&by, &draft, &changed);
        if (err == ERR_INVALID)
            err = op_fail(&story->op, err, "%.*s %.*s", STR_ARG(faults.items[0].pointer),
                          STR_ARG(faults.items[0].detail));
        if (err == ERR_OK) {
            struct task_change change = {.op = &story->op,
                                         .directory = directory,
                                         .form = &form_default,
                                         .before = &before,
                                         .after = changed.task,
                                         .actor_id = by.caller->id,
                                         .closes = changed.closes,
                                         .reopens = changed.reopens,
                                         .notes = {{"dueReason", changed.due_reason}}};
            if (parent_id != 0) {
                change.after.parent_id = parent.id;
                change.after.parent_workspace_id = parent.workspace_id;
                change.after.parent_number = parent.number;
            }
            err = core_task_change(story->core, &change);
        }
    }
    directory_release(directory);
    return step_end(story, op, err);
}

/* What a comment and an attachment need to know. */
static enum err part_begin(struct story *story, const struct directory *directory, int64_t id,
                           const char *email, struct part_change *part)
{
    struct task task;
    enum err err = record_read(story, id, &task);
    if (err != ERR_OK)
        return err;
    part->change.op = &story->op;
    part->directory = directory;
    part->workspace = directory_workspace_by_id(directory, task.workspace_id);
    part->task_id = id;
    part->actor_id = directory_account(directory, str_of(email))->id;
    return ERR_OK;
}

static enum err comment_add(struct story *story, struct op *op, int64_t id, const char *email,
                            const char *text)
{
    struct comment_save save = {.comment = {.text = str_of(text)}};
    struct faults faults;
    faults_init(&faults, &story->arena);
    const struct directory *directory = core_directory(story->core);
    const struct comment_draft draft = {.text = str_of(text)};
    enum err err = part_begin(story, directory, id, email, &save.part);
    if (err == ERR_OK)
        err = comment_judge(&story->op, &draft, directory,
                            directory_account(directory, str_of(email)), save.part.workspace,
                            &faults, &save.comment.mentions);
    if (err == ERR_OK)
        err = comment_save(story->core, &save);
    directory_release(directory);
    return step_end(story, op, err);
}

/* A list of containers, as systems write them. */
static enum err file_attach(struct story *story, struct op *op, int64_t id, const char *email)
{
    const struct directory *directory = core_directory(story->core);
    buf_printf(&story->body, "container;gross kg;seal\r\n");
    for (unsigned i = 0, lines = 3 + story_random(&story->state, 9); i < lines; i++)
        buf_printf(&story->body, "EXAU%07u;%u;%06u\r\n", story_random(&story->state, 10000000),
                   9000 + story_random(&story->state, 18000), story_random(&story->state, 1000000));
    struct str bytes = buf_str(&story->body);
    struct attachment_add add = {.sent = {.name = str_of(STORY_PICK(&story->state, files)),
                                          .type = STR("text/csv"),
                                          .size = (int64_t)bytes.n,
                                          .sha256 = sha256(bytes)},
                                 .bytes = bytes};
    enum err err = buf_err(&story->body);
    if (err == ERR_OK)
        err = part_begin(story, directory, id, email, &add.part);
    if (err == ERR_OK)
        err = attachment_add(story->core, &add);
    directory_release(directory);
    return step_end(story, op, err);
}

/* ---- the days ---- */

/* The next moment of a working day: some minutes after the last one. */
static void moment_next(struct story *story)
{
    story->op.now += (1 + (int64_t)story_random(&story->state, 5)) * 60000;
    clock_set(story->op.now);
}

static int32_t today(const struct story *story)
{
    return date_of_time(story->op.now);
}

/* Adds what comes in: by the system, or, with `parent`, as a measure that comes out of an incident. */
static enum err report_happens(struct story *story, struct op *op, const struct item *item,
                               const struct story_record *parent)
{
    static const char *const levels[] = {"High", "Medium", "Low"};
    struct buf *body = &story->body;
    uint64_t *state = &story->state;
    struct story_record record = {.item = item, .made = today(story), .due = DATE_NONE};
    record.taken_on = record.made + (int32_t)story_random(state, 3);
    record.ends_on = story_random(state, 100) < 82
                         ? record.made + 3 + (int32_t)story_random(state, 45)
                         : DATE_NONE;
    if (story_random(state, 10) < 8)
        record.due = record.made + 7 + (int32_t)story_random(state, 28);
    if (story->n == COUNT(story->records))
        return ERR_OK;
    moment_next(story);
    buf_printf(body, "{\"todoType\":\"%s\",\"domainWorkSpace\":\"EXA-CON-BUS-DEC\"", item->type);
    add_text(body, "title", item->title);
    add_text(body, "description", item->description);
    add_text(body, "category", item->category);
    add_text(body, "subCategory", item->sub_category);
    add_text(body, "status", "To do");
    add_text(body, "priority", STORY_PICK(state, levels));
    add_text(body, "reporter", STORY_PICK(state, people).email);
    add_text(body, "assignee", STORY_PICK(state, people).email);
    buf_printf(body, ",\"orderID\":\"ORDER %u\"", 1000 + (unsigned)story->n * 3);
    if (strcmp(item->type, "INCIDENT") == 0) {
        buf_printf(body, ",\"financialImpact\":%u",
                   item->impact / 20 * (1 + story_random(state, 20)));
        add_text(body, "impact", STORY_PICK(state, levels));
        add_text(body, "likelihood", STORY_PICK(state, levels));
    }
    if (story_random(state, 3) > 0)
        buf_printf(body, ",\"LRN\":\"26EXA%06u\"", story_random(state, 1000000));
    if (record.due != DATE_NONE)
        add_day(body, "dueDate", record.due);
    buf_char(body, '}');
    enum err err = report_add(story, op, &record.id);
    if (err == ERR_OK && parent != NULL) {
        moment_next(story);
        BUF_LIT(body, "{}");
        err = record_patch(story, op, record.id, DEMO_EMAIL, parent->id);
    }
    story->records[story->n++] = record;
    return err;
}

static enum err due_date_moves(struct story *story, struct op *op, struct story_record *record)
{
    record->due = today(story) + 7 + (int32_t)story_random(&story->state, 15);
    moment_next(story);
    buf_printf(&story->body, "{\"dueReason\":\"%s\"", STORY_PICK(&story->state, reasons));
    add_day(&story->body, "dueDate", record->due);
    buf_char(&story->body, '}');
    return record_patch(story, op, record->id, STORY_PICK(&story->state, people).email, 0);
}

static enum err record_closes(struct story *story, struct op *op, struct story_record *record)
{
    const struct item *item = record->item;
    record->ended = true;
    moment_next(story);
    BUF_LIT(&story->body, "{\"status\":\"Done\"");
    add_text(&story->body, "result", item->result);
    if (item->cause[0] != '\0')
        add_text(&story->body, "cause", item->cause);
    buf_char(&story->body, '}');
    return record_patch(story, op, record->id, STORY_PICK(&story->state, people).email, 0);
}

/* What happens to an open record on this day; mostly nothing. */
static enum err record_lives(struct story *story, struct op *op, struct story_record *record)
{
    uint64_t *state = &story->state;
    int32_t day = today(story);
    const char *somebody = STORY_PICK(state, people).email;
    if (record->made == day || record->ended)
        return ERR_OK;
    if (record->ends_on != DATE_NONE && day >= record->ends_on)
        return record_closes(story, op, record);
    if (day == record->taken_on + 1) {
        moment_next(story);
        buf_printf(&story->body, "{\"status\":\"In Progress\"}");
        return record_patch(story, op, record->id, somebody, 0);
    }
    if (record->due != DATE_NONE && (day == record->due - 1 || day > record->due) &&
        story_random(state, 100) < (day > record->due ? 8 : 50))
        return due_date_moves(story, op, record);
    if (record->due != DATE_NONE && day > record->due + 5 && story_random(state, 100) < 12) {
        moment_next(story);
        record->due = DATE_NONE; /* nobody looks after its date any more */
        BUF_LIT(&story->body, "{\"status\":\"Expired\"}");
        return record_patch(story, op, record->id, somebody, 0);
    }
    uint32_t chance = story_random(state, 100);
    if (chance < 6) {
        moment_next(story);
        return comment_add(story, op, record->id, somebody, STORY_PICK(state, comments));
    }
    if (chance < 7) {
        moment_next(story);
        return file_attach(story, op, record->id, somebody);
    }
    if (chance < 9 && !record->measured && strcmp(record->item->type, "INCIDENT") == 0) {
        record->measured = true;
        return report_happens(story, op, &STORY_PICK(state, measures), record);
    }
    return ERR_OK;
}

/* ---- the stand-up ---- */

static enum err standup_make(struct story *story, struct op *op)
{
    struct str workspace = STR("EXA-CON-BUS-DEC"), emails[COUNT(people)];
    for (size_t i = 0; i < COUNT(people); i++)
        emails[i] = str_of(people[i].email);
    const struct meeting_draft draft = {.name = STR("Declarations"),
                                        .workspaces = {&workspace, 1},
                                        .people = {emails, COUNT(people)},
                                        .weekday = STR("Friday"),
                                        .weekday_sent = true,
                                        .weeks = 1,
                                        .weeks_sent = true,
                                        .minutes = 15,
                                        .minutes_sent = true};
    struct faults faults;
    faults_init(&faults, op->arena);
    const struct directory *directory = core_directory(story->core);
    const struct account *caller = directory_account(directory, STR(DEMO_EMAIL));
    struct meeting_save save = {.op = op, .directory = directory, .actor_id = caller->id};
    enum err err = meeting_judge(op, &draft, NULL, directory, caller, &faults, &save.meeting);
    if (err == ERR_OK)
        err = core_meeting_save(story->core, &save);
    story->standup = save.meeting; /* its texts are in the arena of the caller's operation */
    directory_release(directory);
    return err;
}

/* Some seconds later, the first person does something in the session. */
static enum err standup_turn(struct story *story, struct meeting_turn *turn, int64_t session_id,
                             enum meeting_deed deed)
{
    story->op.now += (15 + (int64_t)story_random(&story->state, 20)) * 1000;
    clock_set(story->op.now);
    turn->op = &story->op;
    turn->meeting = &story->standup;
    turn->session_id = session_id;
    turn->deed = deed;
    return core_meeting_turn(story->core, turn);
}

static enum err people_come(struct story *story, const struct directory *directory,
                            int64_t session_id)
{
    enum err err = ERR_OK;
    for (size_t i = 1; i < COUNT(people) && err == ERR_OK; i++) {
        const struct account *guest = directory_account(directory, str_of(people[i].email));
        struct meeting_turn turn = {.directory = directory,
                                    .caller = guest,
                                    .guest = {.account_id = guest->id, .present = true}};
        if (story_random(&story->state, 6) > 0)
            err = standup_turn(story, &turn, session_id, MEETING_GUEST);
    }
    return err;
}

/* A record is talked about: mostly a note, sometimes another date, or that it is done. */
static enum err record_is_discussed(struct story *story, struct op *op,
                                    const struct directory *directory, int64_t session_id,
                                    struct story_record *record)
{
    struct task task;
    struct meeting_turn turn = {.directory = directory,
                                .caller = directory_account(directory, STR(DEMO_EMAIL)),
                                .step = {.current_sent = true}};
    enum err err = record_read(story, record->id, &task);
    turn.step.current =
        (struct meeting_record){task.id, task.workspace_id, task.number, task.title};
    if (err == ERR_OK)
        err = standup_turn(story, &turn, session_id, MEETING_STEP);
    /* What the last one parked is mostly settled outside by now. */
    for (size_t i = 0; i < turn.parts.note_count && err == ERR_OK; i++) {
        const struct meeting_note *note = &turn.parts.notes[i];
        struct meeting_turn settled = {.directory = directory,
                                       .caller = turn.caller,
                                       .note = {.id = note->id},
                                       .parked_sent = true};
        if (note->record.task_id == task.id && story_random(&story->state, 4) > 0)
            err = standup_turn(story, &settled, session_id, MEETING_NOTE_CHANGE);
    }
    uint32_t chance = story_random(&story->state, 10);
    if (err == ERR_OK && chance < 5 && !record->ended) {
        turn.note =
            (struct meeting_note){.record = turn.step.current,
                                  .parked = chance == 0 && story_random(&story->state, 2) > 0};
        turn.note.text = str_of(turn.note.parked ? STORY_PICK(&story->state, parked)
                                                 : STORY_PICK(&story->state, notes));
        err = standup_turn(story, &turn, session_id, MEETING_NOTE_ADD);
    }
    err = step_end(story, op, err);
    if (err == ERR_OK && chance == 5 && record->due != DATE_NONE && !record->ended)
        err = due_date_moves(story, op, record);
    if (err == ERR_OK && chance == 6 && !record->ended)
        err = record_closes(story, op, record);
    return err;
}

/* It begins with what the last one had parked, and ends with its minutes. */
static enum err standup_is_held(struct story *story, struct op *op)
{
    int64_t session_id = 0, picks[STANDUP_RECORDS];
    size_t n = 0;
    const struct directory *directory = core_directory(story->core);
    const struct account *caller = directory_account(directory, STR(DEMO_EMAIL));
    struct meeting_start *start = ARENA_NEW(&story->arena, struct meeting_start);
    enum err err = start == NULL ? ERR_MEMORY : ERR_OK;
    moment_next(story);
    if (err == ERR_OK) {
        *start = (struct meeting_start){
            .op = &story->op, .directory = directory, .caller = caller, .meeting = &story->standup};
        err = core_meeting_start(story->core, start);
        for (int i = 0; i < INDEX_TRIES && err == ERR_UNAVAILABLE; i++) {
            op_forget(&story->op);
            task_index_hurry(core_task_index(story->core), INDEX_WAIT_MS);
            err = core_meeting_start(story->core, start);
        }
        session_id = start->session_id;
        for (; n < start->reading.pick_count && n < STANDUP_RECORDS; n++)
            picks[n] = start->reading.picks[n].task_id;
    }
    if (err == ERR_OK)
        err = people_come(story, directory, session_id);
    err = step_end(story, op, err);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        for (size_t k = 0; k < story->n && err == ERR_OK; k++)
            if (story->records[k].id == picks[i])
                err = record_is_discussed(story, op, directory, session_id, &story->records[k]);
    struct meeting_turn last = {.directory = directory,
                                .caller = caller,
                                .step = {.stage_sent = true, .stage = MEETING_CLOSE}};
    if (err == ERR_OK)
        err = standup_turn(story, &last, session_id, MEETING_STEP);
    struct meeting_close close = {.op = &story->op,
                                  .directory = directory,
                                  .caller = caller,
                                  .meeting = &story->standup,
                                  .session = last.session};
    if (err == ERR_OK)
        err = core_meeting_close(story->core, &close);
    directory_release(directory);
    return step_end(story, op, err);
}

static enum err days_pass(struct story *story, struct op *op)
{
    enum err err = ERR_OK;
    size_t reported = 0, form = 0;
    for (int32_t day = DEMO_DAYS; day > 0 && err == ERR_OK; day--) {
        int64_t morning = op->now - (int64_t)day * DAY_MS;
        if (morning > story->op.now)
            story->op.now = morning;
        for (size_t i = 0; i < story->n && err == ERR_OK; i++)
            err = record_lives(story, op, &story->records[i]);
        size_t until = (size_t)(DEMO_DAYS - day + 1) * REPORTS / DEMO_DAYS;
        for (; reported < until && err == ERR_OK; reported++)
            err = report_happens(story, op, &STORY_PICK(&story->state, items), NULL);
        if (err == ERR_OK && (DEMO_DAYS - day) % FORM_DAYS == FORM_DAYS - 1 &&
            form < DEMO_FORM_VERSIONS)
            err = step_end(story, op,
                           demo_form_save(story->core, &story->op, STR("EXA-CON-BUS-DEC"),
                                          STR(DEMO_EMAIL), form++));
        if (err == ERR_OK && day <= STANDUP_DAYS && today(story) % WEEK == FRIDAY)
            err = standup_is_held(story, op);
    }
    return err;
}

/* ---- who and where ---- */

static enum err places_make(struct core *core, struct op *op, struct str password_hash)
{
    static const struct {
        const char *key, *name;
    } workspaces[] = {
        {"EXA-CON-BUS-WOR", "Work orders"},
        {"EXA-CON-BUS-DEC", "Declarations"},
    };
    enum err err = ERR_OK;
    for (size_t i = 0; i < COUNT(workspaces) && err == ERR_OK; i++) {
        const struct workspace_draft draft = {.key = str_of(workspaces[i].key),
                                              .name = str_of(workspaces[i].name),
                                              .zone = STR("Europe/Amsterdam")};
        struct str key;
        err = workspace_add(core, op, &draft, &key);
    }
    for (size_t i = 0; i < COUNT(people) && err == ERR_OK; i++) {
        struct account_add add = {.op = op,
                                  .email = str_of(people[i].email),
                                  .name = str_of(people[i].name),
                                  .domain = STR("EXA-CON-BUS"),
                                  .role = i == 0 ? ROLE_MANAGER : ROLE_MEMBER,
                                  .password_hash = password_hash};
        err = account_add(core, &add);
    }
    return err;
}

/* The declaration system, whose secret nobody is given. */
static enum err system_add(struct core *core, struct op *op, struct str *ret_account)
{
    const struct directory *directory = core_directory(core);
    struct client_save save = {
        .op = op,
        .directory = directory,
        .settings = {.name = STR("Declaration system"),
                     .domain = directory_domain(directory, STR("EXA-CON-BUS")),
                     .scopes = SCOPE_CREATE | SCOPE_READ}};
    enum err err = client_save(core, &save);
    *ret_account = save.client_id;
    directory_release(directory);
    return err;
}

enum err demo_story(struct core *core, struct op *op, struct str password_hash)
{
    /* Identifiers and times are of one clock and never fall, so all of it begins in the past. */
    int64_t now = op->now;
    op->now -= (int64_t)(DEMO_DAYS + 1) * DAY_MS;
    clock_set(op->now);
    struct story *story = ARENA_NEW(op->arena, struct story);
    enum err err = story == NULL ? ERR_MEMORY : places_make(core, op, password_hash);
    if (err == ERR_OK)
        err = system_add(core, op, &story->source);
    if (err == ERR_OK) {
        story->core = core;
        err = standup_make(story, op);
    }
    if (err == ERR_OK) {
        story->state = 12;
        arena_init(&story->arena, 16 * 1024 * 1024);
        buf_init(&story->body, 64 * 1024);
        story->op = (struct op){.arena = &story->arena, .now = op->now};
        op->now = now;
        err = days_pass(story, op);
        buf_finish(&story->body);
        arena_finish(&story->arena);
    }
    op->now = now;
    clock_set(-1);
    return err;
}
