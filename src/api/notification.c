/* /me/notifications, what has happened that concerns the caller, and /me/notifications/settings. */
#include "core/notification.h"
#include "api/api.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/people.h"
#include "api/query.h"
#include "api/record.h"
#include "base/container.h"
#include "json/read.h"
#include "model/faults.h"
#include "model/key.h"
#include "store/mail.h"

enum { IDS_MAX = 200 };

/* A system has no notifications. */
static enum err expect_person(struct call *call)
{
    return call->caller->kind == ACCOUNT_PERSON
               ? ERR_OK
               : call_refuse(call, 403,
                             "Notifications are for people; a client reads GET /changes.");
}

/* ---- the list ---- */

static void row_encode(struct call *call, const struct notification_row *row, struct people *people)
{
    const struct notification *n = &row->notification;
    struct json_writer *json = &call->json;
    const struct workspace *workspace =
        directory_workspace_by_id(call->directory, row->workspace_id);
    const struct account *actor = directory_account_by_id(call->directory, n->actor_id);
    if (actor != NULL)
        people_add(people, actor->id);
    json_begin_object(json, NULL);
    json_put_id(json, "id", n->id);
    json_put_begin(json, "key");
    buf_char(json->buf, '"');
    buf_record_key(json->buf, workspace->key, row->number);
    buf_char(json->buf, '"');
    json_put_text(json, "title", row->title);
    json_put_text(json, "reason", notify_reason_name(n->reason));
    json_put_time(json, "at", n->at);
    json_put_text(json, "by", actor == NULL ? STR_NONE : actor->email);
    if (n->comment_id == 0)
        json_put_null(json, "comment");
    else
        json_put_id(json, "comment", n->comment_id);
    json_put_date(json, "dueDate", n->due_date);
    const struct workspace *original =
        directory_workspace_by_id(call->directory, row->original_workspace_id);
    if (original != NULL) {
        json_put_begin(json, "duplicateOf");
        buf_char(json->buf, '"');
        buf_record_key(json->buf, original->key, row->original_number);
        buf_char(json->buf, '"');
    }
    json_put_i64(json, "events", n->events);
    json_put_flag(json, "read", n->read);
    json_end(json);
}

enum err notification_list(struct call *call)
{
    static const char *const parameters[] = {"unread", "limit", "cursor", NULL};
    struct people people;
    int64_t limit, below, last = 0, unread = 0;
    bool only_unread = false, more = true;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = call_query_cursor(call, &below);
    if (err == ERR_OK)
        err = call_query_flag(call, "unread", &only_unread);
    if (err == ERR_OK)
        err = notifications_unread(call->db, &call->op, call->directory, call->caller, &unread);
    if (err == ERR_OK)
        err = people_begin(call, (size_t)limit, &people);
    if (err != ERR_OK)
        return err;

    /* What the caller may no longer see is passed over, so that a page is full unless it is the last. */
    call_items_begin(call);
    below = below == 0 ? INT64_MAX : below;
    for (int64_t shown = 0; more && err == ERR_OK;) {
        struct notification_rows rows;
        err = store_notifications(call->db, &call->op, call->caller->id,
                                  only_unread ? NOTIFICATION_UNREAD : NOTIFICATION_APP, below,
                                  CALL_LIMIT_MAX, &rows);
        if (err != ERR_OK)
            return err;
        more = rows.n == CALL_LIMIT_MAX;
        for (size_t i = 0; i < rows.n; i++) {
            below = rows.items[i].notification.id;
            if (!notification_visible(call->directory, call->caller, &rows.items[i]))
                continue;
            if (shown++ == limit) {
                json_end(&call->json);
                json_put_id(&call->json, "next", last);
                more = false;
                break;
            }
            row_encode(call, &rows.items[i], &people);
            last = below;
        }
        if (!more && shown <= limit)
            json_end(&call->json);
    }
    people_encode(call, &people);
    json_put_i64(&call->json, "unread", unread);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

/* ---- reading ---- */

struct notification_reading {
    struct core_read read;
    struct call *call;
    struct str key; /* of a record; absent: none */
    int64_t unread;
    struct notify_reading reading;
};

static enum err reading_find(struct core_read *job, struct db *db)
{
    struct notification_reading *reading = container_of(job, struct notification_reading, read);
    struct call *call = reading->call;
    struct record record;
    call->db = db;
    enum err err = record_named(call, reading->key, &record);
    if (err == ERR_OK)
        reading->reading.task_id = record.task.id;
    return err == ERR_NOT_FOUND ? record_missing(call) : err;
}

static enum err reading_count(struct core_read *job, struct db *db)
{
    struct notification_reading *reading = container_of(job, struct notification_reading, read);
    struct call *call = reading->call;
    return notifications_unread(db, &call->op, call->directory, call->caller, &reading->unread);
}

static bool id_read(const struct json *value, int64_t *ret_id)
{
    uint64_t id;
    bool read = value->kind == JSON_TEXT && str_to_u64(value->text, INT64_MAX, &id) && id > 0;
    if (read)
        *ret_id = (int64_t)id;
    return read;
}

static enum err ids_decode(struct notification_reading *reading, const struct json *value,
                           struct faults *faults)
{
    int64_t *ids = ARENA_ARRAY(reading->call->op.arena, int64_t, IDS_MAX);
    bool right = value->kind == JSON_LIST && value->n > 0 && value->n <= IDS_MAX;
    if (ids == NULL)
        return ERR_MEMORY;
    for (const struct json *one = right ? value->first : NULL; one != NULL && right;
         one = one->next)
        right = id_read(one, &ids[reading->reading.n++]);
    reading->reading.ids = ids;
    if (!right)
        fault_add(faults, STR("ids"), FAULT_WHOLE, FAULT_WRONG_TYPE, NO_OPTIONS,
                  "ids must be a list of 1 to %d ids of notifications, as texts.", IDS_MAX);
    return ERR_OK;
}

/* {"ids":["…"]}, {"key":"EXA-CON-BUS-WOR-03"} or {"upTo":"…"}. */
static enum err reading_decode(struct notification_reading *reading, const struct json *body)
{
    struct call *call = reading->call;
    struct faults faults;
    enum err err = ERR_OK;
    faults_init(&faults, call->op.arena);
    for (const struct json *value = body->first; value != NULL && err == ERR_OK;
         value = value->next)
        if (str_eq(value->name, STR("ids"))) {
            err = ids_decode(reading, value, &faults);
        } else if (str_eq(value->name, STR("key"))) {
            reading->key = json_text(value);
            if (reading->key.p == NULL)
                member_wrong_type(&faults, value->name, FAULT_WHOLE, "the key of a record");
        } else if (str_eq(value->name, STR("upTo"))) {
            if (!id_read(value, &reading->reading.up_to))
                member_wrong_type(&faults, value->name, FAULT_WHOLE, "the id of a notification");
        } else {
            fault_add(&faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s cannot be set here.", STR_ARG(fault_excerpt(value->name)));
        }
    if (err == ERR_OK && faults.n == 0 && body->n != 1)
        fault_add(&faults, STR_NONE, FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "Send one of ids, key and upTo: what you have read.");
    return err != ERR_OK ? err
                         : call_judged(call, faults.n > 0 ? ERR_INVALID : faults.err, &faults);
}

enum err notification_read(struct call *call)
{
    struct core *core = api_core(call->api);
    struct notification_reading reading = {
        .read = {.op = &call->op, .run = reading_find},
        .call = call,
        .reading = {.op = &call->op, .account_id = call->caller->id}};
    const struct json *body;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = reading_decode(&reading, body);
    if (err == ERR_OK && reading.key.p != NULL)
        err = core_read_wait(core, &reading.read);
    call->db = NULL;
    if (err == ERR_OK)
        err = notify_read(core, &reading.reading);
    reading.read.run = reading_count;
    if (err == ERR_OK)
        err = core_read_wait(core, &reading.read);
    if (err != ERR_OK)
        return err;
    json_begin_object(&call->json, NULL);
    json_put_i64(&call->json, "unread", reading.unread);
    json_end(&call->json);
    return call_answer_json(call, 200);
}

/* ---- settings ---- */

static enum err settings_answer(struct call *call, const struct notify_settings *settings,
                                const struct mail_address *address)
{
    struct json_writer *json = &call->json;
    json_begin_object(json, NULL);
    json_begin_object(json, "reasons");
    for (unsigned i = 0; i < NOTIFY_REASONS; i++) {
        json_put_name(json, notify_reason_name((enum notify_reason)i));
        json_begin_object(json, NULL);
        json_put_flag(json, "app", (settings->app & 1U << i) != 0);
        json_put_flag(json, "mail", (settings->mail & 1U << i) != 0);
        json_end(json);
    }
    json_end(json);
    json_put_text(json, "bundle", notify_bundle_name(settings->bundle));
    json_put_text(json, "language",
                  language_name(core_language(api_core(call->api), settings->language)));
    json_put_flag(json, "sendsMail", api_sends_mail(call->api));
    if (address->suspended_at == TIME_NONE) {
        json_put_null(json, "suspended");
    } else {
        json_begin_object(json, "suspended");
        json_put_time(json, "at", address->suspended_at);
        json_put_text(json, "reason", address->reason);
        json_end(json);
    }
    json_end(json);
    return call_answer_json(call, 200);
}

enum err notification_settings_get(struct call *call)
{
    struct notify_settings settings;
    struct mail_address address;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = call_query_accept(call, NULL);
    if (err == ERR_OK)
        err = store_notify_settings(call->db, &call->op, call->caller->id, &settings);
    if (err == ERR_OK)
        err = store_mail_address(call->db, &call->op, call->caller->id, &address);
    return err == ERR_OK ? settings_answer(call, &settings, &address) : err;
}

struct notification_change {
    struct core_read read;
    struct call *call;
    struct mail_address address;
    struct notify_setting setting;
};

static enum err setting_find(struct core_read *job, struct db *db)
{
    struct notification_change *setting = container_of(job, struct notification_change, read);
    struct op *op = &setting->call->op;
    int64_t account_id = setting->setting.account_id;
    enum err err = store_notify_settings(db, op, account_id, &setting->setting.before);
    setting->setting.settings = setting->setting.before;
    return err == ERR_OK ? store_mail_address(db, op, account_id, &setting->address) : err;
}

/* {"app":true,"mail":false}, of one reason. */
static void ways_decode(const struct json *value, unsigned bit, struct notify_settings *settings,
                        struct faults *faults)
{
    bool right = value->kind == JSON_OBJECT;
    for (const struct json *way = right ? value->first : NULL; way != NULL; way = way->next) {
        bool app = str_eq(way->name, STR("app"));
        unsigned *ways = app ? &settings->app : &settings->mail;
        right = right && way->kind == JSON_BOOL && (app || str_eq(way->name, STR("mail")));
        *ways = str_eq(way->raw, STR("true")) ? *ways | bit : *ways & ~bit;
    }
    if (!right)
        fault_add(faults, STR("reasons"), FAULT_WHOLE, FAULT_WRONG_TYPE, NO_OPTIONS,
                  "%.*s must be an object with app and mail, each true or false.",
                  STR_ARG(fault_excerpt(value->name)));
}

static void reasons_decode(const struct json *value, struct notify_settings *settings,
                           struct faults *faults)
{
    if (value->kind != JSON_OBJECT) {
        member_wrong_type(faults, value->name, FAULT_WHOLE, "an object, a member for each reason");
        return;
    }
    for (const struct json *one = value->first; one != NULL; one = one->next) {
        unsigned i = 0;
        while (i < NOTIFY_REASONS && !str_eq(one->name, notify_reason_name((enum notify_reason)i)))
            i++;
        if (i < NOTIFY_REASONS)
            ways_decode(one, 1U << i, settings, faults);
        else
            fault_add(faults, STR("reasons"), FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "There is no reason \"%.*s\".", STR_ARG(fault_excerpt(one->name)));
    }
}

static enum err setting_decode(struct notification_change *setting, const struct json *body)
{
    struct notify_settings *settings = &setting->setting.settings;
    struct faults faults;
    faults_init(&faults, setting->call->op.arena);
    for (const struct json *value = body->first; value != NULL; value = value->next)
        if (str_eq(value->name, STR("reasons"))) {
            reasons_decode(value, settings, &faults);
        } else if (str_eq(value->name, STR("bundle"))) {
            if (!notify_bundle_read(json_text(value), &settings->bundle))
                fault_add(&faults, value->name, FAULT_WHOLE, FAULT_NOT_AN_OPTION, NO_OPTIONS,
                          "bundle must be \"at once\", \"4 hours\", \"daily\" or \"weekly\".");
        } else if (str_eq(value->name, STR("language"))) {
            if (!language_read(json_text(value), &settings->language))
                fault_add(&faults, value->name, FAULT_WHOLE, FAULT_NOT_AN_OPTION, NO_OPTIONS,
                          "language must be \"en\" or \"nl\".");
        } else if (str_eq(value->name, STR("suspended"))) {
            setting->setting.resumes = value->kind == JSON_NULL;
            if (!setting->setting.resumes)
                member_wrong_type(&faults, value->name, FAULT_WHOLE,
                                  "null: then the address is tried again");
        } else {
            fault_add(&faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s cannot be set here.", STR_ARG(fault_excerpt(value->name)));
        }
    return call_judged(setting->call, faults.n > 0 ? ERR_INVALID : faults.err, &faults);
}

enum err notification_settings_patch(struct call *call)
{
    struct core *core = api_core(call->api);
    struct notification_change setting = {
        .read = {.op = &call->op, .run = setting_find},
        .call = call,
        .setting = {.op = &call->op, .account_id = call->caller->id}};
    const struct json *body;
    enum err err = expect_person(call);
    if (err == ERR_OK)
        err = call_body(call, false, &body);
    if (err == ERR_OK)
        err = core_read_wait(core, &setting.read);
    if (err == ERR_OK)
        err = setting_decode(&setting, body);
    if (err == ERR_OK)
        err = notify_set(core, &setting.setting);
    if (err != ERR_OK)
        return err;
    if (setting.setting.resumes)
        setting.address.suspended_at = TIME_NONE;
    return settings_answer(call, &setting.setting.settings, &setting.address);
}
