#include "store/state.h"

#include "base/hash.h"

enum { PARTS_MAX = 9, COLUMNS_MAX = 20 };

/* How a column is written. */
enum column_kind {
    AS_IT_IS,
    AS_ID,     /* a text: JavaScript's numbers are too small */
    AS_DIGEST, /* its SHA-256 */
    AS_NAME,   /* the same when it may be an address */
};

struct column {
    const char *name;
    enum column_kind kind;
};

/* Some rows of an object: the members of the object itself, or a list of further objects. */
struct state_part {
    const char *name; /* NULL: the object itself, one row */
    const char *sql;  /* by $1, and $2 of what has a version */
    struct column columns[COLUMNS_MAX];
};

/* $2 is for what has a version. */
#define BY_ID(id, table)                                                                           \
    "SELECT " id ", CAST(0 AS BIGINT) FROM " table " WHERE " id                                    \
    " > $1 AND CAST($2 AS BIGINT) IS NOT NULL ORDER BY " id " LIMIT $3"

/* Of sessions, those that are closed. */
#define BY_ID_CLOSED                                                                               \
    "SELECT id, CAST(0 AS BIGINT) FROM meeting_session WHERE id > $1"                              \
    " AND CAST($2 AS BIGINT) IS NOT NULL AND closed_at IS NOT NULL ORDER BY id LIMIT $3"

static const struct state_source {
    const char *name;
    const char *keys; /* (id, version) above ($1, $2), at most $3 */
    struct state_part parts[PARTS_MAX];
} states[] = {
    [STATE_DOMAIN] = {.name = "domain",
                      .keys = BY_ID("id", "domain"),
                      .parts = {{NULL,
                                 "SELECT key, created_at FROM domain WHERE id = $1",
                                 {{"key", AS_IT_IS}, {"createdAt", AS_IT_IS}}}}},
    [STATE_WORKSPACE] =
        {.name = "workspace",
         .keys = BY_ID("id", "workspace"),
         .parts = {{NULL,
                    "SELECT domain_id, key, name, zone, created_at, version FROM workspace"
                    " WHERE id = $1",
                    {{"domain", AS_ID},
                     {"key", AS_IT_IS},
                     {"name", AS_NAME},
                     {"timezone", AS_IT_IS},
                     {"createdAt", AS_IT_IS},
                     {"version", AS_IT_IS}}}}},
    [STATE_ACCOUNT] =
        {.name = "account",
         .keys = BY_ID("id", "account"),
         .parts = {{NULL,
                    "SELECT kind, email, name, password_hash, password_by, password_grant, admin,"
                    " disabled, created_at, version FROM account WHERE id = $1",
                    {{"type", AS_IT_IS},
                     {"email", AS_IT_IS},
                     {"name", AS_NAME},
                     {"password", AS_DIGEST},
                     {"passwordBy", AS_ID},
                     {"passwordGrant", AS_IT_IS},
                     {"admin", AS_IT_IS},
                     {"disabled", AS_IT_IS},
                     {"createdAt", AS_IT_IS},
                     {"version", AS_IT_IS}}},
                   {"roles",
                    "SELECT domain_id, role FROM account_grant WHERE account_id = $1"
                    " ORDER BY domain_id",
                    {{"domain", AS_ID}, {"role", AS_IT_IS}}},
                   {"client",
                    "SELECT domain_id, scope, version FROM client WHERE account_id = $1",
                    {{"domain", AS_ID}, {"scopes", AS_IT_IS}, {"version", AS_IT_IS}}},
                   {"workspaces",
                    "SELECT workspace_id FROM client_workspace WHERE account_id = $1"
                    " ORDER BY workspace_id",
                    {{"workspace", AS_ID}}},
                   {"readAll",
                    "SELECT workspace_id FROM client_reading WHERE account_id = $1"
                    " ORDER BY workspace_id",
                    {{"workspace", AS_ID}}},
                   {"secrets",
                    "SELECT id, hash, hint, created_at, expires_at FROM client_secret"
                    " WHERE account_id = $1 ORDER BY id",
                    {{"id", AS_ID},
                     {"secret", AS_DIGEST},
                     {"hint", AS_IT_IS},
                     {"createdAt", AS_IT_IS},
                     {"expiresAt", AS_IT_IS}}},
                   {"groupRules",
                    "SELECT rule_id FROM group_member WHERE account_id = $1 ORDER BY rule_id",
                    {{"rule", AS_ID}}},
                   {"identities",
                    "SELECT issuer, subject, created_at FROM identity WHERE account_id = $1"
                    " ORDER BY id",
                    {{"issuer", AS_IT_IS}, {"subject", AS_DIGEST}, {"createdAt", AS_IT_IS}}},
                   {"calendar",
                    "SELECT hash, created_at FROM calendar_link WHERE account_id = $1",
                    {{"secret", AS_DIGEST}, {"createdAt", AS_IT_IS}}}}},
    [STATE_LINK] = {.name = "link",
                    .keys = BY_ID("account_id", "password_reset"),
                    .parts = {{NULL,
                               "SELECT hash, made_by, created_at, expires_at FROM password_reset"
                               " WHERE account_id = $1",
                               {{"link", AS_DIGEST},
                                {"madeBy", AS_ID},
                                {"createdAt", AS_IT_IS},
                                {"expiresAt", AS_IT_IS}}}}},
    [STATE_FORM] = {.name = "form",
                    .keys = BY_ID("id", "form"),
                    .parts = {{NULL,
                               "SELECT workspace_id, name, version, is_default, disabled FROM form"
                               " WHERE id = $1",
                               {{"workspace", AS_ID},
                                {"name", AS_NAME},
                                {"version", AS_IT_IS},
                                {"isDefault", AS_IT_IS},
                                {"disabled", AS_IT_IS}}}}},
    [STATE_FORM_VERSION] =
        {.name = "formVersion",
         .keys = "SELECT form_id, version FROM form_version WHERE (form_id, version) > ($1, $2)"
                 " ORDER BY form_id, version LIMIT $3",
         .parts = {{NULL,
                    "SELECT at, account_id, document FROM form_version"
                    " WHERE form_id = $1 AND version = $2",
                    {{"at", AS_IT_IS}, {"account", AS_ID}, {"document", AS_DIGEST}}}}},
    [STATE_MEETING] =
        {.name = "meeting",
         .keys = BY_ID("id", "meeting"),
         .parts = {{NULL,
                    "SELECT domain_id, name, weeks, weekday, minutes, walk, grouped, archived_at,"
                    " version, created_at, updated_at FROM meeting WHERE id = $1",
                    {{"domain", AS_ID},
                     {"name", AS_NAME},
                     {"everyWeeks", AS_IT_IS},
                     {"weekday", AS_IT_IS},
                     {"minutes", AS_IT_IS},
                     {"walk", AS_IT_IS},
                     {"groupBy", AS_IT_IS},
                     {"archivedAt", AS_IT_IS},
                     {"version", AS_IT_IS},
                     {"createdAt", AS_IT_IS},
                     {"updatedAt", AS_IT_IS}}},
                   {"workspaces",
                    "SELECT workspace_id FROM meeting_workspace WHERE meeting_id = $1"
                    " ORDER BY workspace_id",
                    {{"workspace", AS_ID}}},
                   {"people",
                    "SELECT account_id FROM meeting_person WHERE meeting_id = $1"
                    " ORDER BY account_id",
                    {{"person", AS_ID}}}}},
    [STATE_MEETING_SESSION] =
        {.name = "meetingSession",
         .keys = BY_ID_CLOSED,
         .parts =
             {{NULL,
               "SELECT meeting_id, number, version, started_at, started_by, leader_id, stage,"
               " grouped, task_id, task_at, overdue, since, more, closed_at, closed_by, seq,"
               " minutes FROM meeting_session WHERE id = $1 AND closed_at IS NOT NULL",
               {{"meeting", AS_ID},
                {"number", AS_IT_IS},
                {"version", AS_IT_IS},
                {"startedAt", AS_IT_IS},
                {"startedBy", AS_ID},
                {"leader", AS_ID},
                {"stage", AS_IT_IS},
                {"groupBy", AS_IT_IS},
                {"current", AS_ID},
                {"currentSince", AS_IT_IS},
                {"overdue", AS_IT_IS},
                {"since", AS_DIGEST},
                {"more", AS_IT_IS},
                {"closedAt", AS_IT_IS},
                {"closedBy", AS_ID},
                {"event", AS_IT_IS},
                {"minutes", AS_DIGEST}}},
              {"positions",
               "SELECT domain_id, from_seq, start_seq, end_seq FROM meeting_range"
               " WHERE session_id = $1 ORDER BY domain_id",
               {{"domain", AS_ID}, {"from", AS_IT_IS}, {"start", AS_IT_IS}, {"end", AS_IT_IS}}}}},
    [STATE_GROUP_RULE] =
        {.name = "groupRule",
         .keys = BY_ID("id", "group_rule"),
         .parts = {{NULL,
                    "SELECT name, domain_id, role, created_at, ended_at FROM group_rule"
                    " WHERE id = $1",
                    {{"group", AS_NAME},
                     {"domain", AS_ID},
                     {"role", AS_IT_IS},
                     {"createdAt", AS_IT_IS},
                     {"endedAt", AS_IT_IS}}}}},
    [STATE_WEBHOOK] =
        {.name = "webhook",
         .keys = BY_ID("id", "webhook"),
         .parts = {{NULL,
                    "SELECT domain_id, workspace_id, owner_id, url, events, secret, secret_at,"
                    " old_secret, old_secret_until, paused_at, pause, version, created_at,"
                    " updated_at FROM webhook WHERE id = $1",
                    {{"domain", AS_ID},
                     {"workspace", AS_ID},
                     {"owner", AS_ID},
                     {"url", AS_DIGEST},
                     {"events", AS_IT_IS},
                     {"secret", AS_DIGEST},
                     {"secretAt", AS_IT_IS},
                     {"oldSecret", AS_DIGEST},
                     {"oldSecretUntil", AS_IT_IS},
                     {"pausedAt", AS_IT_IS},
                     {"pause", AS_IT_IS},
                     {"version", AS_IT_IS},
                     {"createdAt", AS_IT_IS},
                     {"updatedAt", AS_IT_IS}}}}},
    [STATE_RULE] = {.name = "rule",
                    .keys = BY_ID("id", "rule"),
                    .parts = {{NULL,
                               "SELECT workspace_id, kind, place, name, active_at, document,"
                               " author_id, version, created_at, updated_at, ended_at FROM rule"
                               " WHERE id = $1",
                               {{"workspace", AS_ID},
                                {"type", AS_IT_IS},
                                {"position", AS_IT_IS},
                                {"name", AS_NAME},
                                {"activeAt", AS_IT_IS},
                                {"document", AS_DIGEST},
                                {"author", AS_ID},
                                {"version", AS_IT_IS},
                                {"createdAt", AS_IT_IS},
                                {"updatedAt", AS_IT_IS},
                                {"endedAt", AS_IT_IS}}}}},
    [STATE_WORKDAYS] = {.name = "workdays",
                        .keys = BY_ID("workspace_id", "workdays"),
                        .parts = {{NULL,
                                   "SELECT weekdays, remind_at, holidays, version FROM workdays"
                                   " WHERE workspace_id = $1",
                                   {{"weekdays", AS_IT_IS},
                                    {"remindAt", AS_IT_IS},
                                    {"holidays", AS_IT_IS},
                                    {"version", AS_IT_IS}}}}},
};

struct str state_kind_name(enum state_kind kind)
{
    return str_of(states[kind].name);
}

bool state_kind_read(struct str name, enum state_kind *ret_kind)
{
    for (size_t i = 0; i < STATE_KINDS; i++)
        if (str_eq(name, str_of(states[i].name))) {
            *ret_kind = (enum state_kind)i;
            return true;
        }
    return false;
}

/* ---- writing ---- */

static void digest_put(struct json_writer *json, const char *name, struct str bytes)
{
    struct sha256 hash = sha256(bytes);
    json_put_begin(json, name);
    BUF_LIT(json->buf, "\"sha256:");
    buf_base64(json->buf, hash.bytes, sizeof hash.bytes);
    buf_char(json->buf, '"');
}

static void cell_put(struct json_writer *json, const struct column *column,
                     const struct db_rows *rows, size_t row, size_t cell)
{
    const struct db_value *value = &rows->values[row * rows->columns + cell];
    struct str text = db_get_str(rows, row, cell);
    if (db_is_null(rows, row, cell))
        json_put_null(json, column->name);
    else if (column->kind == AS_DIGEST || (column->kind == AS_NAME && str_find(text, '@') < text.n))
        digest_put(json, column->name, text);
    else if (column->kind == AS_ID)
        json_put_id(json, column->name, value->number);
    else if (value->type == DB_I64)
        json_put_i64(json, column->name, value->number);
    else
        json_put_text(json, column->name, text);
}

static void row_put(struct json_writer *json, const struct state_part *part,
                    const struct db_rows *rows, size_t row)
{
    for (size_t i = 0; i < rows->columns; i++)
        cell_put(json, &part->columns[i], rows, row, i);
}

static enum err part_query(struct db *db, struct op *op, const struct state_part *part,
                           const struct state_key *key, struct db_rows *ret_rows)
{
    return key->kind == STATE_FORM_VERSION
               ? db_query(db, op, part->sql, DB_ARGS(db_i64(key->id), db_i64(key->version)),
                          ret_rows)
               : db_query(db, op, part->sql, DB_ARGS(db_i64(key->id)), ret_rows);
}

enum err store_state_put(struct db *db, struct op *op, const struct state_key *key,
                         struct json_writer *json, const char *name)
{
    const struct state_source *state = &states[key->kind];
    struct db_rows rows;
    enum err err = part_query(db, op, &state->parts[0], key, &rows);
    if (err != ERR_OK || rows.n == 0) {
        json_put_null(json, name);
        return err;
    }
    json_begin_object(json, name);
    json_put_text(json, "kind", str_of(state->name));
    json_put_id(json, "id", key->id);
    if (key->kind == STATE_FORM_VERSION)
        json_put_i64(json, "version", key->version);
    row_put(json, &state->parts[0], &rows, 0);
    for (size_t i = 1; i < PARTS_MAX && state->parts[i].name != NULL && err == ERR_OK; i++) {
        err = part_query(db, op, &state->parts[i], key, &rows);
        if (err != ERR_OK || rows.n == 0)
            continue;
        json_begin_list(json, state->parts[i].name);
        for (size_t row = 0; row < rows.n; row++) {
            json_begin_object(json, NULL);
            row_put(json, &state->parts[i], &rows, row);
            json_end(json);
        }
        json_end(json);
    }
    json_end(json);
    return err;
}

enum err store_state_keys(struct db *db, struct op *op, const struct state_key *after,
                          int64_t limit, const struct state_key **ret_keys, size_t *ret_n)
{
    struct db_rows rows;
    enum err err =
        db_query(db, op, states[after->kind].keys,
                 DB_ARGS(db_i64(after->id), db_i64(after->version), db_i64(limit)), &rows);
    if (err != ERR_OK)
        return err;
    struct state_key *keys = ARENA_ARRAY(op->arena, struct state_key, rows.n);
    if (keys == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++)
        keys[i] = (struct state_key){after->kind, db_get_i64(&rows, i, 0), db_get_i64(&rows, i, 1)};
    *ret_keys = keys;
    *ret_n = rows.n;
    return ERR_OK;
}

/* ---- a store that is older ---- */

enum err store_state_due(struct db *db, struct op *op, enum state_kind *ret_kind)
{
    struct db_rows rows;
    enum err err = db_query(db, op, "SELECT kind FROM state_due", DB_NO_ARGS, &rows);
    if (err == ERR_OK)
        *ret_kind = rows.n == 0 ? STATE_KINDS : (enum state_kind)db_get_i64(&rows, 0, 0);
    return err;
}

enum err store_state_due_put(struct db *db, struct op *op, enum state_kind kind)
{
    return kind == STATE_KINDS
               ? db_run(db, op, "DELETE FROM state_due", DB_NO_ARGS)
               : db_run(db, op, "UPDATE state_due SET kind = $1", DB_ARGS(db_i64(kind)));
}
