#include "store/meeting.h"

#include "store/list.h"
#include "store/time.h"

static struct db_value id_or_null(int64_t id)
{
    return id == 0 ? db_null() : db_i64(id);
}

/* ---- series ---- */

#define MEETING_COLUMNS                                                                            \
    "m.id, m.domain_id, m.name, m.weeks, m.weekday, m.minutes, m.walk, m.grouped, m.archived_at,"  \
    " m.version, m.created_at, m.updated_at,"                                                      \
    " (SELECT s.id FROM meeting_session s WHERE s.meeting_id = m.id AND s.closed_at IS NULL),"     \
    " (SELECT MAX(s.started_at) FROM meeting_session s WHERE s.meeting_id = m.id)"

static enum err ids_read(struct db *db, struct op *op, const char *sql, int64_t id,
                         struct id_array *ret_ids)
{
    struct db_rows rows;
    enum err err = db_query(db, op, sql, DB_ARGS(db_i64(id)), &rows);
    int64_t *ids = err == ERR_OK ? ARENA_ARRAY(op->arena, int64_t, rows.n + 1) : NULL;
    if (ids == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        ids[i] = db_get_i64(&rows, i, 0);
    *ret_ids = (struct id_array){ids, rows.n};
    return ERR_OK;
}

static enum err meeting_of(struct db *db, struct op *op, const struct db_rows *rows, size_t i,
                           struct meeting *ret_meeting)
{
    struct meeting meeting = {
        .id = db_get_i64(rows, i, 0),
        .domain_id = db_get_i64(rows, i, 1),
        .name = db_get_str(rows, i, 2),
        .weeks = db_get_i64(rows, i, 3),
        .weekday = db_get_i64(rows, i, 4),
        .minutes = db_get_i64(rows, i, 5),
        .group = (enum meeting_group)db_get_i64(rows, i, 7),
        .archived_at = time_or_none(rows, i, 8),
        .version = db_get_i64(rows, i, 9),
        .created_at = db_get_i64(rows, i, 10),
        .updated_at = db_get_i64(rows, i, 11),
        .running_id = db_get_i64(rows, i, 12),
        .last_at = time_or_none(rows, i, 13),
    };
    enum err err = list_read(op, db_get_str(rows, i, 6), &meeting.walk);
    if (err == ERR_OK &&
        (meeting.group >= MEETING_GROUPS || meeting.weekday < 0 || meeting.weekday > 7))
        err = op_fail(op, ERR_CORRUPT, "a row of the table meeting is damaged");
    if (err == ERR_OK)
        err = ids_read(db, op,
                       "SELECT workspace_id FROM meeting_workspace WHERE meeting_id = $1"
                       " ORDER BY workspace_id",
                       meeting.id, &meeting.workspaces);
    if (err == ERR_OK)
        err = ids_read(db, op,
                       "SELECT account_id FROM meeting_person WHERE meeting_id = $1"
                       " ORDER BY account_id",
                       meeting.id, &meeting.people);
    if (err == ERR_OK)
        *ret_meeting = meeting;
    return err;
}

enum err store_meeting_get(struct db *db, struct op *op, int64_t id, struct meeting *ret_meeting)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT " MEETING_COLUMNS " FROM meeting m WHERE m.id = $1",
                            DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    return err == ERR_OK ? meeting_of(db, op, &rows, 0, ret_meeting) : err;
}

enum err store_meetings_before(struct db *db, struct op *op, int64_t before, int64_t limit,
                               bool archived, struct meeting_list *ret_meetings)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT " MEETING_COLUMNS " FROM meeting m WHERE m.id < $1"
        " AND (m.archived_at IS NULL OR $2 = 1) ORDER BY m.id DESC LIMIT $3",
        DB_ARGS(db_i64(before == 0 ? INT64_MAX : before), db_i64(archived), db_i64(limit)), &rows);
    struct meeting *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++)
        err = meeting_of(db, op, &rows, i, &items[i]);
    if (err == ERR_OK)
        *ret_meetings = (struct meeting_list){items, rows.n};
    return err;
}

enum err store_meeting_count(struct db *db, struct op *op, int64_t domain_id, int64_t *ret_count)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op, "SELECT COUNT(*) FROM meeting WHERE domain_id = $1 AND archived_at IS NULL",
        DB_ARGS(db_i64(domain_id)), &rows);
    if (err == ERR_OK)
        *ret_count = db_get_i64(&rows, 0, 0);
    return err;
}

static enum err lists_write(struct db *db, struct op *op, const struct meeting *meeting)
{
    enum err err = db_run(db, op, "DELETE FROM meeting_workspace WHERE meeting_id = $1",
                          DB_ARGS(db_i64(meeting->id)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM meeting_person WHERE meeting_id = $1",
                     DB_ARGS(db_i64(meeting->id)));
    for (size_t i = 0; i < meeting->workspaces.n && err == ERR_OK; i++)
        err = db_run(db, op,
                     "INSERT INTO meeting_workspace (meeting_id, workspace_id) VALUES ($1, $2)",
                     DB_ARGS(db_i64(meeting->id), db_i64(meeting->workspaces.items[i])));
    for (size_t i = 0; i < meeting->people.n && err == ERR_OK; i++)
        err = db_run(db, op, "INSERT INTO meeting_person (meeting_id, account_id) VALUES ($1, $2)",
                     DB_ARGS(db_i64(meeting->id), db_i64(meeting->people.items[i])));
    return err;
}

enum err store_meeting_add(struct db *db, struct op *op, const struct meeting *meeting)
{
    struct str walk;
    enum err err = list_write(op, meeting->walk, &walk);
    if (err == ERR_OK)
        err =
            db_run(db, op,
                   "INSERT INTO meeting (id, domain_id, name, weeks, weekday, minutes, walk,"
                   " grouped, archived_at, version, created_at, updated_at)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                   DB_ARGS(db_i64(meeting->id), db_i64(meeting->domain_id), db_text(meeting->name),
                           db_i64(meeting->weeks), db_i64(meeting->weekday),
                           db_i64(meeting->minutes), db_text(walk), db_i64(meeting->group),
                           time_or_null(meeting->archived_at), db_i64(meeting->version),
                           db_i64(meeting->created_at), db_i64(meeting->updated_at)));
    return err == ERR_OK ? lists_write(db, op, meeting) : err;
}

enum err store_meeting_put(struct db *db, struct op *op, const struct meeting *meeting)
{
    struct str walk;
    struct db_rows rows;
    enum err err = list_write(op, meeting->walk, &walk);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "UPDATE meeting SET name = $2, weeks = $3, weekday = $4, minutes = $5,"
                       " walk = $6, grouped = $7, archived_at = $8, version = $9, updated_at = $10"
                       " WHERE id = $1 AND version = $9 - 1 RETURNING id",
                       DB_ARGS(db_i64(meeting->id), db_text(meeting->name), db_i64(meeting->weeks),
                               db_i64(meeting->weekday), db_i64(meeting->minutes), db_text(walk),
                               db_i64(meeting->group), time_or_null(meeting->archived_at),
                               db_i64(meeting->version), db_i64(meeting->updated_at)),
                       &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_RETRY;
    return err == ERR_OK ? lists_write(db, op, meeting) : err;
}

/* ---- sessions ---- */

#define SESSION_FROM " FROM meeting_session s LEFT JOIN task t ON t.id = s.task_id"
#define SESSION_COLUMNS                                                                            \
    "s.id, s.meeting_id, s.number, s.version, s.started_at, s.started_by, s.leader_id, s.stage,"   \
    " s.grouped, s.task_id, t.workspace_id, t.number, s.task_at, s.overdue, s.more, s.closed_at,"  \
    " s.closed_by, s.seq"

static enum err session_of(struct op *op, const struct db_rows *rows, size_t i,
                           struct meeting_session *ret_session)
{
    struct meeting_session session = {
        .id = db_get_i64(rows, i, 0),
        .meeting_id = db_get_i64(rows, i, 1),
        .number = db_get_i64(rows, i, 2),
        .version = db_get_i64(rows, i, 3),
        .started_at = db_get_i64(rows, i, 4),
        .started_by = db_get_i64(rows, i, 5),
        .leader_id = db_get_i64(rows, i, 6),
        .stage = (enum meeting_stage)db_get_i64(rows, i, 7),
        .group = (enum meeting_group)db_get_i64(rows, i, 8),
        .current = {.task_id = db_get_i64(rows, i, 9),
                    .workspace_id = db_get_i64(rows, i, 10),
                    .number = db_get_i64(rows, i, 11)},
        .current_at = time_or_none(rows, i, 12),
        .overdue = db_get_i64(rows, i, 13),
        .more = db_get_i64(rows, i, 14) != 0,
        .closed_at = time_or_none(rows, i, 15),
        .closed_by = db_get_i64(rows, i, 16),
        .seq = db_get_i64(rows, i, 17),
    };
    if (session.stage >= MEETING_STAGES || session.group >= MEETING_GROUPS)
        return op_fail(op, ERR_CORRUPT, "a row of the table meeting_session is damaged");
    if (rows->columns > 18) {
        session.since = db_get_str(rows, i, 18);
        session.minutes = db_get_str(rows, i, 19);
    }
    *ret_session = session;
    return ERR_OK;
}

static enum err session_find(struct db *db, struct op *op, const char *sql, int64_t id,
                             struct meeting_session *ret_session)
{
    struct db_rows rows;
    enum err err = db_query(db, op, sql, DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    return err == ERR_OK ? session_of(op, &rows, 0, ret_session) : err;
}

enum err store_meeting_session_get(struct db *db, struct op *op, int64_t id,
                                   struct meeting_session *ret_session)
{
    return session_find(
        db, op, "SELECT " SESSION_COLUMNS ", s.since, s.minutes" SESSION_FROM " WHERE s.id = $1",
        id, ret_session);
}

enum err store_meeting_session_newest(struct db *db, struct op *op, int64_t meeting_id,
                                      struct meeting_session *ret_session)
{
    return session_find(db, op,
                        "SELECT " SESSION_COLUMNS SESSION_FROM
                        " WHERE s.meeting_id = $1 ORDER BY s.number DESC LIMIT 1",
                        meeting_id, ret_session);
}

enum err store_meeting_sessions_before(struct db *db, struct op *op, int64_t meeting_id,
                                       int64_t before, int64_t limit,
                                       struct meeting_session_list *ret_sessions)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "SELECT " SESSION_COLUMNS SESSION_FROM
        " WHERE s.meeting_id = $1 AND s.id < $2 ORDER BY s.id DESC LIMIT $3",
        DB_ARGS(db_i64(meeting_id), db_i64(before == 0 ? INT64_MAX : before), db_i64(limit)),
        &rows);
    struct meeting_session *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting_session, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n && err == ERR_OK; i++)
        err = session_of(op, &rows, i, &items[i]);
    if (err == ERR_OK)
        *ret_sessions = (struct meeting_session_list){items, rows.n};
    return err;
}

enum err store_meeting_session_add(struct db *db, struct op *op,
                                   const struct meeting_session *session)
{
    return db_run(db, op,
                  "INSERT INTO meeting_session (id, meeting_id, number, version, started_at,"
                  " started_by, leader_id, stage, grouped, overdue, since, more)"
                  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                  DB_ARGS(db_i64(session->id), db_i64(session->meeting_id), db_i64(session->number),
                          db_i64(session->version), db_i64(session->started_at),
                          db_i64(session->started_by), db_i64(session->leader_id),
                          db_i64(session->stage), db_i64(session->group), db_i64(session->overdue),
                          db_text(session->since), db_i64(session->more)));
}

enum err store_meeting_session_put(struct db *db, struct op *op,
                                   const struct meeting_session *session)
{
    struct db_rows rows;
    enum err err = db_query(
        db, op,
        "UPDATE meeting_session SET version = $2, leader_id = $3, stage = $4, grouped = $5,"
        " task_id = $6, task_at = $7, since = $8, closed_at = $9, closed_by = $10, seq = $11,"
        " minutes = $12 WHERE id = $1 AND version = $2 - 1 RETURNING id",
        DB_ARGS(db_i64(session->id), db_i64(session->version), db_i64(session->leader_id),
                db_i64(session->stage), db_i64(session->group),
                id_or_null(session->current.task_id), time_or_null(session->current_at),
                db_text(session->since), time_or_null(session->closed_at),
                id_or_null(session->closed_by), id_or_null(session->seq),
                db_text(session->minutes)),
        &rows);
    return err == ERR_OK && rows.n == 0 ? ERR_RETRY : err;
}

/* ---- what belongs to a session ---- */

struct meeting_record meeting_record_of(const struct db_rows *rows, size_t row, size_t column)
{
    return (struct meeting_record){.task_id = db_get_i64(rows, row, column),
                                   .workspace_id = db_get_i64(rows, row, column + 1),
                                   .number = db_get_i64(rows, row, column + 2),
                                   .title = db_get_str(rows, row, column + 3)};
}

static enum err ranges_read(struct db *db, struct op *op, int64_t session_id,
                            struct meeting_parts *parts)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT domain_id, from_seq, start_seq, end_seq FROM meeting_range"
                            " WHERE session_id = $1 ORDER BY domain_id",
                            DB_ARGS(db_i64(session_id)), &rows);
    struct meeting_range *ranges =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting_range, rows.n + 1) : NULL;
    if (ranges == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        ranges[i] = (struct meeting_range){
            .domain_id = db_get_i64(&rows, i, 0),
            .from = db_get_i64(&rows, i, 1),
            .start = db_get_i64(&rows, i, 2),
            .end = db_is_null(&rows, i, 3) ? -1 : db_get_i64(&rows, i, 3),
        };
    parts->ranges = ranges;
    parts->range_count = rows.n;
    return ERR_OK;
}

static enum err items_read(struct db *db, struct op *op, int64_t session_id,
                           struct meeting_parts *parts)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT i.task_id, t.workspace_id, t.number, t.title, i.reason, i.ms"
                            " FROM meeting_item i JOIN task t ON t.id = i.task_id"
                            " WHERE i.session_id = $1 ORDER BY i.place",
                            DB_ARGS(db_i64(session_id)), &rows);
    struct meeting_item *items =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting_item, rows.n + 1) : NULL;
    if (items == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++) {
        items[i] = (struct meeting_item){
            .record = meeting_record_of(&rows, i, 0),
            .reason = (enum meeting_reason)db_get_i64(&rows, i, 4),
            .ms = db_get_i64(&rows, i, 5),
        };
        if (items[i].reason >= MEETING_REASONS)
            return op_fail(op, ERR_CORRUPT, "a row of the table meeting_item is damaged");
    }
    parts->items = items;
    parts->item_count = rows.n;
    return ERR_OK;
}

static enum err guests_read(struct db *db, struct op *op, int64_t session_id,
                            struct meeting_parts *parts)
{
    struct db_rows rows;
    enum err err = db_query(db, op,
                            "SELECT account_id, joined_at FROM meeting_guest WHERE session_id = $1"
                            " ORDER BY joined_at, account_id",
                            DB_ARGS(db_i64(session_id)), &rows);
    struct meeting_guest *guests =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting_guest, rows.n + 1) : NULL;
    if (guests == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        guests[i] = (struct meeting_guest){db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1)};
    parts->guests = guests;
    parts->guest_count = rows.n;
    return ERR_OK;
}

#define NOTE_COLUMNS                                                                               \
    "SELECT n.id, n.task_id, t.workspace_id, t.number, t.title, n.author_id, n.parked,"            \
    " n.created_at, n.edited_at, n.text FROM meeting_note n LEFT JOIN task t ON t.id = n.task_id"

static struct meeting_note note_of(const struct db_rows *rows, size_t i)
{
    return (struct meeting_note){
        .id = db_get_i64(rows, i, 0),
        .record = meeting_record_of(rows, i, 1),
        .author_id = db_get_i64(rows, i, 5),
        .parked = db_get_i64(rows, i, 6) != 0,
        .created_at = db_get_i64(rows, i, 7),
        .edited_at = time_or_none(rows, i, 8),
        .text = db_get_str(rows, i, 9),
    };
}

static enum err notes_read(struct db *db, struct op *op, int64_t session_id,
                           struct meeting_parts *parts)
{
    struct db_rows rows;
    enum err err = db_query(db, op, NOTE_COLUMNS " WHERE n.session_id = $1 ORDER BY n.id",
                            DB_ARGS(db_i64(session_id)), &rows);
    struct meeting_note *notes =
        err == ERR_OK ? ARENA_ARRAY(op->arena, struct meeting_note, rows.n + 1) : NULL;
    if (notes == NULL)
        return err == ERR_OK ? ERR_MEMORY : err;
    for (size_t i = 0; i < rows.n; i++)
        notes[i] = note_of(&rows, i);
    parts->notes = notes;
    parts->note_count = rows.n;
    return ERR_OK;
}

enum err store_meeting_session_parts(struct db *db, struct op *op, int64_t session_id,
                                     struct meeting_parts *ret_parts)
{
    enum err err = ranges_read(db, op, session_id, ret_parts);
    if (err == ERR_OK)
        err = items_read(db, op, session_id, ret_parts);
    if (err == ERR_OK)
        err = guests_read(db, op, session_id, ret_parts);
    return err == ERR_OK ? notes_read(db, op, session_id, ret_parts) : err;
}

enum err store_meeting_session_parts_drop(struct db *db, struct op *op, int64_t session_id)
{
    enum err err = db_run(db, op, "DELETE FROM meeting_item WHERE session_id = $1",
                          DB_ARGS(db_i64(session_id)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM meeting_guest WHERE session_id = $1",
                     DB_ARGS(db_i64(session_id)));
    return err == ERR_OK
               ? db_run(db, op, "DELETE FROM meeting_note WHERE session_id = $1 AND parked = 0",
                        DB_ARGS(db_i64(session_id)))
               : err;
}

enum err store_meeting_session_discard(struct db *db, struct op *op, int64_t session_id,
                                       int64_t previous_id)
{
    enum err err = store_meeting_session_parts_drop(db, op, session_id);
    if (err == ERR_OK)
        err = previous_id != 0 ? store_meeting_notes_move(db, op, session_id, previous_id)
                               : db_run(db, op, "DELETE FROM meeting_note WHERE session_id = $1",
                                        DB_ARGS(db_i64(session_id)));
    if (err == ERR_OK)
        err = db_run(db, op, "DELETE FROM meeting_range WHERE session_id = $1",
                     DB_ARGS(db_i64(session_id)));
    return err == ERR_OK ? db_run(db, op, "DELETE FROM meeting_session WHERE id = $1",
                                  DB_ARGS(db_i64(session_id)))
                         : err;
}

enum err store_meeting_range_add(struct db *db, struct op *op, int64_t session_id,
                                 const struct meeting_range *range)
{
    return db_run(db, op,
                  "INSERT INTO meeting_range (session_id, domain_id, from_seq, start_seq)"
                  " VALUES ($1, $2, $3, $4)",
                  DB_ARGS(db_i64(session_id), db_i64(range->domain_id), db_i64(range->from),
                          db_i64(range->start)));
}

enum err store_meeting_range_end(struct db *db, struct op *op, int64_t session_id,
                                 const struct meeting_range *range)
{
    return db_run(db, op,
                  "UPDATE meeting_range SET end_seq = $3 WHERE session_id = $1 AND domain_id = $2",
                  DB_ARGS(db_i64(session_id), db_i64(range->domain_id), db_i64(range->end)));
}

enum err store_meeting_item_add(struct db *db, struct op *op, int64_t session_id, int64_t place,
                                int64_t task_id, enum meeting_reason reason)
{
    return db_run(db, op,
                  "INSERT INTO meeting_item (session_id, place, task_id, reason, ms)"
                  " VALUES ($1, $2, $3, $4, 0)",
                  DB_ARGS(db_i64(session_id), db_i64(place), db_i64(task_id), db_i64(reason)));
}

enum err store_meeting_item_spend(struct db *db, struct op *op, int64_t session_id, int64_t task_id,
                                  int64_t ms)
{
    return db_run(db, op,
                  "UPDATE meeting_item SET ms = ms + $3 WHERE session_id = $1 AND task_id = $2",
                  DB_ARGS(db_i64(session_id), db_i64(task_id), db_i64(ms)));
}

enum err store_meeting_guest_add(struct db *db, struct op *op, int64_t session_id,
                                 const struct meeting_guest *guest)
{
    return db_run(db, op,
                  "INSERT INTO meeting_guest (session_id, account_id, joined_at)"
                  " VALUES ($1, $2, $3) ON CONFLICT (session_id, account_id) DO NOTHING",
                  DB_ARGS(db_i64(session_id), db_i64(guest->account_id), db_i64(guest->joined_at)));
}

enum err store_meeting_guest_drop(struct db *db, struct op *op, int64_t session_id,
                                  int64_t account_id)
{
    return db_run(db, op, "DELETE FROM meeting_guest WHERE session_id = $1 AND account_id = $2",
                  DB_ARGS(db_i64(session_id), db_i64(account_id)));
}

enum err store_meeting_note_add(struct db *db, struct op *op, int64_t session_id,
                                const struct meeting_note *note)
{
    return db_run(
        db, op,
        "INSERT INTO meeting_note (id, session_id, task_id, author_id, parked, created_at,"
        " edited_at, text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        DB_ARGS(db_i64(note->id), db_i64(session_id), id_or_null(note->record.task_id),
                db_i64(note->author_id), db_i64(note->parked), db_i64(note->created_at),
                time_or_null(note->edited_at), db_text(note->text)));
}

enum err store_meeting_note_put(struct db *db, struct op *op, const struct meeting_note *note)
{
    return db_run(db, op,
                  "UPDATE meeting_note SET parked = $2, edited_at = $3, text = $4 WHERE id = $1",
                  DB_ARGS(db_i64(note->id), db_i64(note->parked), time_or_null(note->edited_at),
                          db_text(note->text)));
}

enum err store_meeting_note_drop(struct db *db, struct op *op, int64_t id)
{
    return db_run(db, op, "DELETE FROM meeting_note WHERE id = $1", DB_ARGS(db_i64(id)));
}

enum err store_meeting_notes_move(struct db *db, struct op *op, int64_t from, int64_t to)
{
    return db_run(db, op, "UPDATE meeting_note SET session_id = $2 WHERE session_id = $1",
                  DB_ARGS(db_i64(from), db_i64(to)));
}

enum err store_meeting_note_get(struct db *db, struct op *op, int64_t id,
                                struct meeting_note *ret_note)
{
    struct db_rows rows;
    enum err err = db_query(db, op, NOTE_COLUMNS " WHERE n.id = $1", DB_ARGS(db_i64(id)), &rows);
    if (err == ERR_OK && rows.n == 0)
        err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        *ret_note = note_of(&rows, 0);
    return err;
}

enum err store_meeting_proposed(struct db *db, struct op *op, int64_t workspace_id, int64_t limit,
                                struct meeting_record *items, size_t *ret_n, int64_t *ret_count)
{
    struct db_rows rows, count;
    enum err err = db_query(db, op,
                            "SELECT id, workspace_id, number, title FROM task"
                            " WHERE workspace_id = $1 AND proposed_at IS NOT NULL"
                            " ORDER BY id LIMIT $2",
                            DB_ARGS(db_i64(workspace_id), db_i64(limit)), &rows);
    if (err == ERR_OK)
        err = db_query(db, op,
                       "SELECT COUNT(*) FROM task WHERE workspace_id = $1"
                       " AND proposed_at IS NOT NULL",
                       DB_ARGS(db_i64(workspace_id)), &count);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < rows.n; i++)
        items[i] = meeting_record_of(&rows, i, 0);
    *ret_n = rows.n;
    *ret_count = db_get_i64(&count, 0, 0);
    return ERR_OK;
}
