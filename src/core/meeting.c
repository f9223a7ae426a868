#include "core/meeting.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "model/key.h"
#include "store/meeting.h"

/* ---- events ---- */

/* Appends an event of a series, in the chain of its domain. */
static enum err meeting_event(struct batch *batch, struct op *op, const struct directory *directory,
                              const struct meeting *meeting, int64_t actor_id, struct str action,
                              struct admin_changes *changes, struct event *ret_event)
{
    const struct domain *domain = directory_domain_by_id(directory, meeting->domain_id);
    struct event event = {.domain_id = meeting->domain_id, .actor_id = actor_id, .action = action};
    enum err err = admin_changes_end(changes, op->arena, &event.payload);
    if (err != ERR_OK)
        return err;
    event.key = domain->key;
    err = batch_append_event(batch, op, &event);
    if (err == ERR_OK && ret_event != NULL)
        *ret_event = event;
    return err;
}

static enum err name_id(struct op *op, struct admin_changes *changes, const char *name, int64_t id,
                        bool is_new)
{
    struct str text = arena_printf(op->arena, "%lld", (long long)id);
    if (text.p == NULL)
        return ERR_MEMORY;
    admin_change_name(changes, name, is_new ? STR_NONE : text, text);
    return ERR_OK;
}

/* The keys of workspaces, or the addresses of people. */
static enum err texts_of(struct op *op, const struct directory *directory, struct id_array ids,
                         bool people, struct str_list *ret_texts)
{
    struct str *items = ARENA_ARRAY(op->arena, struct str, ids.n + 1);
    size_t n = 0;
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < ids.n; i++) {
        const struct account *account =
            people ? directory_account_by_id(directory, ids.items[i]) : NULL;
        const struct workspace *workspace =
            people ? NULL : directory_workspace_by_id(directory, ids.items[i]);
        if (account != NULL)
            items[n++] = account->email;
        else if (workspace != NULL)
            items[n++] = workspace->key;
    }
    *ret_texts = (struct str_list){n == 0 ? NULL : items, n};
    return ERR_OK;
}

/* ---- series ---- */

static enum err save_event(struct meeting_save *save, struct batch *batch)
{
    static const struct meeting none = {.archived_at = TIME_NONE};
    struct op *op = save->op;
    const struct meeting *before = save->before == NULL ? &none : save->before;
    const struct meeting *after = &save->meeting;
    struct str_list was_in, is_in, were, are;
    struct admin_changes changes;
    bool archives = after->archived_at != TIME_NONE;
    enum err err = texts_of(op, save->directory, before->workspaces, false, &was_in);
    if (err == ERR_OK)
        err = texts_of(op, save->directory, after->workspaces, false, &is_in);
    if (err == ERR_OK)
        err = texts_of(op, save->directory, before->people, true, &were);
    if (err == ERR_OK)
        err = texts_of(op, save->directory, after->people, true, &are);
    if (err != ERR_OK)
        return err;
    admin_changes_begin(&changes);
    err = name_id(op, &changes, "meeting", after->id, save->before == NULL);
    admin_change_text(&changes, "name", before->name, after->name);
    admin_change_texts(&changes, "workspaces", was_in, is_in);
    admin_change_texts(&changes, "people", were, are);
    admin_change_number(&changes, "everyWeeks", before->weeks, after->weeks);
    admin_change_text(&changes, "weekday", meeting_weekday_name(before->weekday),
                      meeting_weekday_name(after->weekday));
    admin_change_number(&changes, "minutes", before->minutes, after->minutes);
    admin_change_texts(&changes, "walk", before->walk, after->walk);
    admin_change_text(&changes, "groupBy",
                      save->before == NULL ? STR_NONE : meeting_group_name(before->group),
                      meeting_group_name(after->group));
    if (err != ERR_OK) {
        buf_finish(&changes.buf);
        return err;
    }
    return meeting_event(batch, op, save->directory, after, save->actor_id,
                         archives               ? STR("meeting.archived")
                         : save->before == NULL ? STR("meeting.created")
                                                : STR("meeting.changed"),
                         &changes, NULL);
}

/* The series as it is, which must be the one that was judged. */
static enum err meeting_expect(struct db *db, struct op *op, const struct meeting *judged,
                               struct meeting *ret_now)
{
    enum err err = store_meeting_get(db, op, judged->id, ret_now);
    return err == ERR_NOT_FOUND || (err == ERR_OK && ret_now->version != judged->version)
               ? ERR_OUTDATED
               : err;
}

static enum err save_apply(struct change *change, struct batch *batch)
{
    struct meeting_save *save = container_of(change, struct meeting_save, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct meeting now = {0};
    int64_t count = 0;
    bool archives = save->meeting.archived_at != TIME_NONE;
    enum err err = batch_directory_expect_begun(batch, op, save->directory);
    /* Locked before it is read, as in start_apply(); nodes lock the chain of no domain first. */
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, 0);
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, save->meeting.domain_id);
    if (err == ERR_OK)
        err = save->before == NULL ? store_meeting_count(db, op, save->meeting.domain_id, &count)
                                   : meeting_expect(db, op, save->before, &now);
    if (err == ERR_OK && count >= MEETINGS_MAX)
        err = op_fail(op, ERR_CONFLICT, "This domain has %d stand-ups already; archive one first.",
                      MEETINGS_MAX);
    if (err == ERR_OK && archives && now.running_id != 0)
        err = op_fail(op, ERR_CONFLICT, "This stand-up is running; close it first.");
    if (err == ERR_OK)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = save->before == NULL ? store_meeting_add(db, op, &save->meeting)
                                   : store_meeting_put(db, op, &save->meeting);
    if (err == ERR_OK)
        err = save_event(save, batch);
    return err == ERR_OK
               ? admin_state_add(batch, op, STATE_MEETING, save->meeting.id, save->actor_id)
               : err;
}

enum err core_meeting_save(struct core *core, struct meeting_save *save)
{
    struct meeting *meeting = &save->meeting;
    if (save->before == NULL) {
        meeting->id = id_next();
        meeting->created_at = save->op->now;
        meeting->last_at = TIME_NONE;
    }
    meeting->version = save->before == NULL ? 1 : save->before->version + 1;
    meeting->updated_at = save->op->now;
    save->change = (struct change){.op = save->op, .apart = true, .apply = save_apply};
    return core_change_wait(core, &save->change);
}

/* ---- starting ---- */

static enum err start_event(struct meeting_start *start, struct batch *batch)
{
    struct op *op = start->op;
    struct admin_changes changes;
    admin_changes_begin(&changes);
    enum err err = name_id(op, &changes, "meeting", start->meeting->id, false);
    if (err == ERR_OK)
        err = name_id(op, &changes, "session", start->session_id, true);
    admin_change_number(&changes, "records", 0, (int64_t)start->reading.pick_count);
    if (err != ERR_OK) {
        buf_finish(&changes.buf);
        return err;
    }
    return meeting_event(batch, op, start->directory, start->meeting, start->caller->id,
                         STR("meeting.started"), &changes, NULL);
}

static enum err start_write(struct meeting_start *start, struct batch *batch)
{
    struct op *op = start->op;
    struct db *db = batch_db(batch);
    const struct meeting_reading *reading = &start->reading;
    struct meeting_guest guest = {start->caller->id, op->now};
    struct meeting_session session = {
        .id = start->session_id,
        .meeting_id = start->meeting->id,
        .number = reading->number,
        .version = 1,
        .started_at = op->now,
        .started_by = start->caller->id,
        .leader_id = start->caller->id,
        .group = start->meeting->group,
        .overdue = reading->overdue,
        .since = reading->since,
        .more = reading->more,
    };
    enum err err = store_meeting_session_add(db, op, &session);
    for (size_t i = 0; i < reading->range_count && err == ERR_OK; i++)
        err = store_meeting_range_add(db, op, session.id, &reading->ranges[i]);
    for (size_t i = 0; i < reading->pick_count && err == ERR_OK; i++)
        err = store_meeting_item_add(db, op, session.id, (int64_t)i, reading->picks[i].task_id,
                                     reading->picks[i].reason);
    if (err == ERR_OK)
        err = store_meeting_guest_add(db, op, session.id, &guest);
    if (err == ERR_OK && reading->previous_id != 0)
        err = store_meeting_notes_move(db, op, reading->previous_id, session.id);
    return err == ERR_OK ? start_event(start, batch) : err;
}

static enum err start_apply(struct change *change, struct batch *batch)
{
    struct meeting_start *start = container_of(change, struct meeting_start, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct meeting_session newest = {0};
    struct meeting now;
    enum err err = batch_directory_expect_begun(batch, op, start->directory);
    /* Locked before it is read, so that other nodes come before or after, and not between. */
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, start->meeting->domain_id);
    if (err == ERR_OK)
        err = store_meeting_session_newest(db, op, start->meeting->id, &newest);
    if (err == ERR_NOT_FOUND)
        err = ERR_OK;
    if (err == ERR_OK && newest.id != 0 && newest.closed_at == TIME_NONE) {
        start->session_id = newest.id;
        return ERR_CONFLICT;
    }
    if (err == ERR_OK && newest.id != start->reading.previous_id)
        err = ERR_OUTDATED;
    if (err == ERR_OK)
        err = meeting_expect(db, op, start->meeting, &now);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    return start_write(start, batch);
}

enum err core_meeting_start(struct core *core, struct meeting_start *start)
{
    struct meeting_reading *reading = &start->reading;
    enum err err = core_meeting_read(core, start->op, start->directory, start->caller,
                                     start->meeting, reading);
    if (err != ERR_OK)
        return err;
    if (reading->running) {
        start->session_id = reading->previous_id;
        return ERR_CONFLICT;
    }
    start->session_id = id_next();
    start->change = (struct change){
        .op = start->op, .domain_id = start->meeting->domain_id, .apply = start_apply};
    return core_change_wait(core, &start->change);
}

/* ---- while it runs ---- */

static struct str record_key(struct op *op, const struct directory *directory,
                             const struct meeting_record *record)
{
    const struct workspace *workspace =
        record->task_id == 0 ? NULL : directory_workspace_by_id(directory, record->workspace_id);
    struct buf buf;
    struct str key = STR_NONE;
    if (workspace == NULL)
        return STR_NONE;
    buf_init(&buf, KEY_MAX + 32);
    buf_record_key(&buf, workspace->key, record->number);
    return buf_move(&buf, op->arena, &key) == ERR_OK ? key : STR_NONE;
}

/* The session that is changed, for its event. */
static enum err change_names(struct meeting_turn *turn, struct admin_changes *changes)
{
    struct op *op = turn->op;
    admin_changes_begin(changes);
    enum err err = name_id(op, changes, "meeting", turn->meeting->id, false);
    if (err == ERR_OK)
        err = name_id(op, changes, "session", turn->session_id, false);
    if (err != ERR_OK)
        buf_finish(&changes->buf);
    return err;
}

/* Is the record that the step goes to one of the walk? */
static bool item_is_known(const struct meeting_turn *turn)
{
    const struct meeting_parts *parts = &turn->parts;
    for (size_t i = 0; i < parts->item_count; i++)
        if (parts->items[i].record.task_id == turn->step.current.task_id)
            return true;
    return false;
}

/* What a step may refuse. */
static enum err step_expect(const struct meeting_turn *turn)
{
    struct op *op = turn->op;
    const struct meeting_session *now = &turn->session;
    const struct account *leader = directory_account_by_id(turn->directory, now->leader_id);
    if (!turn->step.leads && now->leader_id != turn->caller->id)
        return op_fail(op, ERR_CONFLICT, "%.*s leads this stand-up; send lead: true to take over.",
                       STR_ARG(leader == NULL ? STR("Somebody else") : leader->email));
    if (turn->step.current.task_id != 0 && turn->parts.item_count >= MEETING_ITEMS_MAX &&
        !item_is_known(turn))
        return op_fail(op, ERR_CONFLICT,
                       "This stand-up has %d records; close it and start another.",
                       MEETING_ITEMS_MAX);
    return ERR_OK;
}

static enum err step_apply(struct meeting_turn *turn, struct batch *batch)
{
    struct op *op = turn->op;
    struct meeting_session *now = &turn->session;
    const struct meeting_session before = *now;
    const struct directory *directory = turn->directory;
    struct admin_changes changes;
    if (turn->step.leads)
        now->leader_id = turn->caller->id;
    if (turn->step.group_sent)
        now->group = turn->step.group;
    if (turn->step.stage_sent)
        now->stage = turn->step.stage;
    if (turn->step.current_sent) {
        now->current = turn->step.current;
        if (now->current.task_id != 0 && !turn->step.stage_sent)
            now->stage = MEETING_WALK;
    }
    /* A record is talked about in the walk only. */
    if (now->stage != MEETING_WALK)
        now->current = (struct meeting_record){0};
    bool moves = now->current.task_id != before.current.task_id;
    if (!moves && now->stage == before.stage && now->group == before.group &&
        now->leader_id == before.leader_id)
        return ERR_OK;

    batch_writes(batch, &turn->change);
    enum err err = ERR_OK;
    if (moves && before.current.task_id != 0 && op->now > before.current_at)
        err = store_meeting_item_spend(batch_db(batch), op, now->id, before.current.task_id,
                                       op->now - before.current_at);
    if (moves)
        now->current_at = now->current.task_id == 0 ? TIME_NONE : op->now;
    if (err == ERR_OK && moves && now->current.task_id != 0 && !item_is_known(turn))
        err = store_meeting_item_add(batch_db(batch), op, now->id, (int64_t)turn->parts.item_count,
                                     now->current.task_id, MEETING_ADDED);
    now->version++;
    if (err == ERR_OK)
        err = store_meeting_session_put(batch_db(batch), op, now);
    if (err == ERR_OK)
        err = change_names(turn, &changes);
    if (err != ERR_OK)
        return err;
    const struct account *was = directory_account_by_id(directory, before.leader_id);
    admin_change_text(&changes, "stage", meeting_stage_name(before.stage),
                      meeting_stage_name(now->stage));
    admin_change_text(&changes, "current", record_key(op, directory, &before.current),
                      record_key(op, directory, &now->current));
    admin_change_text(&changes, "groupBy", meeting_group_name(before.group),
                      meeting_group_name(now->group));
    if (before.leader_id != now->leader_id)
        admin_change_text(&changes, "leader", was == NULL ? STR_NONE : was->email,
                          turn->caller->email);
    return meeting_event(batch, op, directory, turn->meeting, turn->caller->id,
                         STR("meeting.stepped"), &changes, NULL);
}

/* Raises the version, and says in one more event what has been done. */
static enum err change_end(struct meeting_turn *turn, struct batch *batch, struct str action,
                           struct admin_changes *changes)
{
    turn->session.version++;
    enum err err = store_meeting_session_put(batch_db(batch), turn->op, &turn->session);
    if (err != ERR_OK) {
        buf_finish(&changes->buf);
        return err;
    }
    return meeting_event(batch, turn->op, turn->directory, turn->meeting, turn->caller->id, action,
                         changes, NULL);
}

static enum err guest_apply(struct meeting_turn *turn, struct batch *batch)
{
    struct op *op = turn->op;
    struct meeting_guest guest = {turn->guest.account_id, op->now};
    const struct account *account = directory_account_by_id(turn->directory, guest.account_id);
    struct admin_changes changes;
    bool comes = turn->guest.present;
    if (meeting_has_guest(&turn->parts, guest.account_id) == comes)
        return ERR_OK;
    if (comes && turn->parts.guest_count >= MEETING_GUESTS_MAX)
        return op_fail(op, ERR_CONFLICT, "There are %d people in this stand-up already.",
                       MEETING_GUESTS_MAX);
    batch_writes(batch, &turn->change);
    enum err err =
        comes ? store_meeting_guest_add(batch_db(batch), op, turn->session_id, &guest)
              : store_meeting_guest_drop(batch_db(batch), op, turn->session_id, guest.account_id);
    if (err == ERR_OK)
        err = change_names(turn, &changes);
    if (err != ERR_OK)
        return err;
    admin_change_text(&changes, "person", comes ? STR_NONE : account->email,
                      comes ? account->email : STR_NONE);
    return change_end(turn, batch, comes ? STR("meeting.joined") : STR("meeting.left"), &changes);
}

static void note_put(struct json_writer *json, const struct meeting_turn *turn,
                     const struct meeting_note *note)
{
    if (note == NULL) {
        json_put_null(json, NULL);
        return;
    }
    json_begin_object(json, NULL);
    json_put_id(json, "id", note->id);
    json_put_meeting_record(json, "key", &note->record, turn->directory);
    json_put_text(json, "text", note->text);
    json_put_flag(json, "parked", note->parked);
    json_end(json);
}

static enum err note_event(struct meeting_turn *turn, struct batch *batch,
                           const struct meeting_note *before, const struct meeting_note *after)
{
    struct admin_changes changes;
    enum err err = change_names(turn, &changes);
    if (err != ERR_OK)
        return err;
    json_begin_list(&changes.json, "note");
    note_put(&changes.json, turn, before);
    note_put(&changes.json, turn, after);
    json_end(&changes.json);
    return change_end(turn, batch, STR("meeting.noted"), &changes);
}

/* What somebody says twice, as by a double click, is there once. */
static enum err note_add(struct meeting_turn *turn, struct batch *batch)
{
    const struct meeting_parts *parts = &turn->parts;
    struct meeting_note *note = &turn->note;
    for (size_t i = 0; i < parts->note_count && !turn->repeated; i++) {
        const struct meeting_note *other = &parts->notes[i];
        turn->repeated = other->author_id == turn->caller->id &&
                         other->record.task_id == note->record.task_id &&
                         other->parked == note->parked && str_eq(other->text, note->text);
        if (turn->repeated)
            *note = *other;
    }
    if (turn->repeated)
        return ERR_OK;
    if (parts->note_count >= MEETING_NOTES_MAX)
        return op_fail(turn->op, ERR_CONFLICT, "This stand-up has %d notes already.",
                       MEETING_NOTES_MAX);
    batch_writes(batch, &turn->change);
    note->id = id_next();
    note->author_id = turn->caller->id;
    note->created_at = turn->op->now;
    note->edited_at = TIME_NONE;
    enum err err = store_meeting_note_add(batch_db(batch), turn->op, turn->session_id, note);
    return err == ERR_OK ? note_event(turn, batch, NULL, note) : err;
}

static enum err note_change(struct meeting_turn *turn, struct batch *batch)
{
    const struct meeting_parts *parts = &turn->parts;
    const struct meeting_note *before = NULL;
    struct op *op = turn->op;
    for (size_t i = 0; i < parts->note_count && before == NULL; i++)
        if (parts->notes[i].id == turn->note.id)
            before = &parts->notes[i];
    if (before == NULL)
        return op_fail(op, ERR_NOT_FOUND, "This stand-up has no note with that id.");
    bool own = before->author_id == turn->caller->id;
    if (turn->deed == MEETING_NOTE_DROP) {
        if (!own && turn->session.leader_id != turn->caller->id)
            return op_fail(op, ERR_FORBIDDEN,
                           "Only its author or the person who leads can remove a note.");
        batch_writes(batch, &turn->change);
        enum err err = store_meeting_note_drop(batch_db(batch), op, before->id);
        return err == ERR_OK ? note_event(turn, batch, before, NULL) : err;
    }
    struct meeting_note after = *before;
    if (turn->note.text.p != NULL)
        after.text = turn->note.text;
    if (turn->parked_sent)
        after.parked = turn->note.parked;
    turn->note = after;
    bool rewritten = !str_eq(after.text, before->text);
    if (rewritten && !own)
        return op_fail(op, ERR_FORBIDDEN, "Only its author can edit a note.");
    if (!rewritten && after.parked == before->parked)
        return ERR_OK;
    batch_writes(batch, &turn->change);
    if (rewritten)
        turn->note.edited_at = op->now;
    enum err err = store_meeting_note_put(batch_db(batch), op, &turn->note);
    return err == ERR_OK ? note_event(turn, batch, before, &turn->note) : err;
}

static enum err discard_apply(struct meeting_turn *turn, struct batch *batch)
{
    struct op *op = turn->op;
    struct meeting_session_list before;
    struct admin_changes changes;
    if (turn->session.leader_id != turn->caller->id &&
        !meeting_is_managed_by(turn->directory, turn->caller, turn->meeting))
        return op_fail(op, ERR_FORBIDDEN,
                       "A stand-up can be discarded by the one who leads and by a manager.");
    batch_writes(batch, &turn->change);
    enum err err = store_meeting_sessions_before(batch_db(batch), op, turn->meeting->id,
                                                 turn->session_id, 1, &before);
    if (err == ERR_OK)
        err = store_meeting_session_discard(batch_db(batch), op, turn->session_id,
                                            before.n == 0 ? 0 : before.items[0].id);
    if (err == ERR_OK)
        err = change_names(turn, &changes);
    return err == ERR_OK ? meeting_event(batch, op, turn->directory, turn->meeting,
                                         turn->caller->id, STR("meeting.discarded"), &changes, NULL)
                         : err;
}

/* A session that still runs, with what belongs to it, locked against other nodes. */
static enum err running_read(struct batch *batch, struct op *op, const struct meeting *meeting,
                             int64_t session_id, struct meeting_session *ret_session,
                             struct meeting_parts *ret_parts)
{
    struct db *db = batch_db(batch);
    enum err err = batch_hold_domain(batch, op, meeting->domain_id);
    if (err == ERR_OK)
        err = store_meeting_session_get(db, op, session_id, ret_session);
    if (err == ERR_OK && ret_session->closed_at != TIME_NONE)
        err = op_fail(op, ERR_CONFLICT, "This stand-up has been closed; its minutes are fixed.");
    return err == ERR_OK ? store_meeting_session_parts(db, op, session_id, ret_parts) : err;
}

static enum err change_apply(struct change *change, struct batch *batch)
{
    struct meeting_turn *turn = container_of(change, struct meeting_turn, change);
    struct op *op = change->op;
    const struct meeting_note sent = turn->note;
    turn->repeated = false;
    enum err err = batch_directory_expect_begun(batch, op, turn->directory);
    if (err == ERR_OK)
        err =
            running_read(batch, op, turn->meeting, turn->session_id, &turn->session, &turn->parts);
    if (err == ERR_OK && turn->deed == MEETING_STEP)
        err = step_expect(turn);
    if (err != ERR_OK)
        return err;
    switch (turn->deed) {
    case MEETING_STEP:
        return step_apply(turn, batch);
    case MEETING_GUEST:
        return guest_apply(turn, batch);
    case MEETING_NOTE_ADD:
        return note_add(turn, batch);
    case MEETING_NOTE_CHANGE:
    case MEETING_NOTE_DROP:
        err = note_change(turn, batch);
        if (err != ERR_OK) /* it may run again */
            turn->note = sent;
        return err;
    case MEETING_DISCARD:
        return discard_apply(turn, batch);
    }
    return ERR_MISUSE;
}

enum err core_meeting_turn(struct core *core, struct meeting_turn *turn)
{
    turn->change = (struct change){
        .op = turn->op, .domain_id = turn->meeting->domain_id, .apply = change_apply};
    return core_change_wait(core, &turn->change);
}

/* ---- closing ---- */

/* {"minutes":[null,"sha256:…"]}: what they were when the session was closed. */
static enum err close_event(struct meeting_close *close, struct batch *batch)
{
    struct op *op = close->op;
    struct sha256 hash = sha256(close->session.minutes);
    struct admin_changes changes;
    admin_changes_begin(&changes);
    enum err err = name_id(op, &changes, "meeting", close->meeting->id, false);
    if (err == ERR_OK)
        err = name_id(op, &changes, "session", close->session.id, false);
    json_begin_list(&changes.json, "minutes");
    json_put_null(&changes.json, NULL);
    json_put_begin(&changes.json, NULL);
    BUF_LIT(&changes.buf, "\"sha256:");
    buf_base64(&changes.buf, hash.bytes, sizeof hash.bytes);
    buf_char(&changes.buf, '"');
    json_end(&changes.json);
    if (err != ERR_OK) {
        buf_finish(&changes.buf);
        return err;
    }
    return meeting_event(batch, op, close->directory, close->meeting, close->caller->id,
                         STR("meeting.closed"), &changes, &close->event);
}

static enum err close_apply(struct change *change, struct batch *batch)
{
    struct meeting_close *close = container_of(change, struct meeting_close, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct meeting_session now;
    enum err err = batch_directory_expect_begun(batch, op, close->directory);
    if (err == ERR_OK)
        err = store_meeting_session_get(db, op, close->session.id, &now);
    if (err == ERR_OK && now.version + 1 != close->session.version)
        err = ERR_OUTDATED;
    if (err == ERR_OK)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, close->meeting->domain_id);
    if (err == ERR_OK)
        err = close_event(close, batch);
    if (err != ERR_OK)
        return err;
    close->session.seq = close->event.seq;
    err = store_meeting_session_put(db, op, &close->session);
    for (size_t i = 0; i < close->parts.range_count && err == ERR_OK; i++)
        err = store_meeting_range_end(db, op, close->session.id, &close->parts.ranges[i]);
    if (err == ERR_OK)
        err = store_meeting_session_parts_drop(db, op, close->session.id);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_MEETING_SESSION, close->session.id,
                                           close->caller->id)
                         : err;
}

/* Until now the record that is talked about has had its time. */
static enum err current_spend(struct meeting_close *close)
{
    struct meeting_session *session = &close->session;
    struct meeting_item *items =
        ARENA_ARRAY(close->op->arena, struct meeting_item, close->parts.item_count + 1);
    if (items == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < close->parts.item_count; i++) {
        items[i] = close->parts.items[i];
        if (session->current.task_id != 0 && close->op->now > session->current_at &&
            items[i].record.task_id == session->current.task_id)
            items[i].ms += close->op->now - session->current_at;
    }
    close->parts.items = items;
    session->current = (struct meeting_record){0};
    session->current_at = TIME_NONE;
    return ERR_OK;
}

static enum err minutes_make(struct meeting_close *close, struct str changes)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, MEETING_MINUTES_BYTES);
    json_writer_init(&json, &buf);
    json_put_minutes(&json, NULL, close->meeting, &close->session, &close->parts, changes,
                     close->directory);
    return buf_move(&buf, close->op->arena, &close->session.minutes);
}

enum err core_meeting_close(struct core *core, struct meeting_close *close)
{
    struct meeting_session *session = &close->session;
    struct str changes;
    enum err err = core_meeting_read_end(core, close->op, close->directory, close->meeting, session,
                                         &close->parts, &changes);
    if (err == ERR_OK)
        err = current_spend(close);
    if (err == ERR_OK)
        err = minutes_make(close, changes);
    if (err != ERR_OK)
        return err;
    session->version++;
    session->stage = MEETING_CLOSE;
    session->since = STR_NONE;
    session->closed_at = close->op->now;
    session->closed_by = close->caller->id;
    close->change = (struct change){.op = close->op, .apart = true, .apply = close_apply};
    return core_change_wait(core, &close->change);
}

enum err core_meeting_minutes_put(struct batch *batch, struct op *op,
                                  struct meeting_session *session)
{
    session->version++;
    enum err err = store_meeting_session_put(batch_db(batch), op, session);
    /* One that runs is in no state yet. */
    return err == ERR_OK && session->closed_at != TIME_NONE
               ? admin_state_add(batch, op, STATE_MEETING_SESSION, session->id, 0)
               : err;
}
