#include "api/change.h"

#include "api/api.h"
#include "api/authentication.h"
#include "api/query.h"
#include "model/date.h"
#include "model/faults.h"
#include "json/read.h"

/* ---- turns ---- */

/* By the newest directory, unless the caller may do nothing any more. */
static void change_start(struct call_change *change)
{
    struct call *call = change->call;
    change->started = true;
    call->op.detail[0] = '\0';
    arena_rewind(call->op.arena, change->mark);
    call_refresh_directory(call);
    if (call->caller != NULL && !call->caller->disabled)
        change->start(change);
    else
        call_challenge(call, 401, STR("invalid_token"), STR_NONE,
                       "The token is unknown, expired or revoked; get a new one.");
}

/* One that answers at once ends its turn inside of its start: the next one is then started here,
 * and not by it, so that many of them need no deep stack. */
static void turns_start(struct call_turns *turns)
{
    if (turns->starting)
        return;
    turns->starting = true;
    while (turns->first != NULL && !turns->first->started)
        change_start(turns->first);
    turns->starting = false;
}

/* Only the call whose turn it is has been answered. */
static void turn_end(struct call *call)
{
    struct call_turns *turns = api_turns(call->api);
    turns->first = turns->first->next;
    turns_start(turns);
}

void call_change_enter(struct call_change *change)
{
    struct call *call = change->call;
    struct call_turns *turns = api_turns(call->api);
    change->mark = arena_mark(call->op.arena);
    call->let_go = turn_end;
    if (turns->first == NULL)
        turns->first = change;
    else
        turns->last->next = change;
    turns->last = change;
    turns_start(turns);
}

void call_change_begin(struct call *call, size_t size, const struct json *body, bool new,
                       void (*start)(struct call_change *change))
{
    struct call_change *change = arena_zalloc(call->op.arena, 1, size);
    if (change == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    *change = (struct call_change){.call = call, .body = body, .new = new, .start = start};
    call_change_enter(change);
}

void call_change_failed(struct call_change *change, enum err err)
{
    if (judge_again(&change->judging, err))
        change_start(change);
    else
        call_fail(change->call, err);
}

bool call_change_judged(struct call_change *change, enum err err, const struct faults *faults)
{
    if (err == ERR_INVALID)
        call_fail_faults(change->call, faults);
    else if (err != ERR_OK)
        call_fail(change->call, err);
    return err == ERR_OK;
}

const struct json *call_body(struct call *call, bool may_lack)
{
    static const struct json empty = {.kind = JSON_OBJECT};
    static const char *const parameters[] = {NULL};
    const struct json *body;
    if (!call_query_accept(call, parameters))
        return NULL;
    if (may_lack && call->request->body.n == 0)
        return &empty;
    if (!call_expect_json(call))
        return NULL;
    enum err err = json_read(&call->op, call->op.arena, call->request->body, &body);
    if (err == ERR_OK && body->kind != JSON_OBJECT)
        err = op_fail(&call->op, ERR_SYNTAX, "The body must be a JSON object.");
    if (err != ERR_OK) {
        call_fail(call, err);
        return NULL;
    }
    return body;
}

bool call_expect_version(struct call *call, int64_t version)
{
    struct http_header etag = call_etag(call, version);
    if (etag.value.p != NULL)
        return call_expect_match(call, etag.value);
    call_fail(call, ERR_MEMORY);
    return false;
}

/* ---- members ---- */

void member_wrong_type(struct faults *faults, struct str name, size_t index, const char *wanted)
{
    fault_add(faults, name, index, FAULT_WRONG_TYPE, NO_OPTIONS, "%.*s must be %s.", STR_ARG(name),
              wanted);
}

static const struct body_member *member_find(const struct body_member *members, size_t count,
                                             struct str name, bool new)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(members[i].name, name))
            return (new ? members[i].new : members[i].change) ? &members[i] : NULL;
    return NULL;
}

static void decode_texts(const struct json *value, struct arena *arena, struct faults *faults,
                         struct str_list *ret_list)
{
    struct str *items = ARENA_ARRAY(arena, struct str, value->n + 1);
    size_t n = 0, i = 0;
    if (items == NULL) {
        faults->err = ERR_MEMORY;
        return;
    }
    const struct json *item = value->kind == JSON_LIST ? value->first : NULL;
    for (; item != NULL; item = item->next, i++)
        if (item->kind == JSON_TEXT)
            items[n++] = item->text;
        else
            member_wrong_type(faults, value->name, i, "a list of texts");
    *ret_list = (struct str_list){items, n};
}

static void member_decode(const struct body_member *member, const struct json *value,
                          struct arena *arena, struct faults *faults, void *draft)
{
    static const char *const wanted[] = {
        [MEMBER_TEXT] = "a text",           [MEMBER_TEXT_OR_NULL] = "a text, or null",
        [MEMBER_TEXTS] = "a list of texts", [MEMBER_TEXTS_OR_NULL] = "a list of texts, or null",
        [MEMBER_FLAG] = "true or false",    [MEMBER_LIST] = "a list",
    };
    void *field = (char *)draft + member->offset;
    bool *flag = (bool *)((char *)draft + member->flag);
    bool null = value->kind == JSON_NULL, taken = false;
    switch (member->kind) {
    case MEMBER_TEXT:
    case MEMBER_TEXT_OR_NULL:
        *(struct str *)field = json_text(value);
        taken = value->kind == JSON_TEXT || (null && member->kind == MEMBER_TEXT_OR_NULL);
        break;
    case MEMBER_TEXTS:
    case MEMBER_TEXTS_OR_NULL:
        taken = null || value->kind == JSON_LIST;
        if (taken && !(null && member->kind == MEMBER_TEXTS_OR_NULL))
            decode_texts(value, arena, faults, field);
        break;
    case MEMBER_FLAG:
        *(bool *)field = str_eq(value->raw, STR("true"));
        taken = value->kind == JSON_BOOL;
        break;
    case MEMBER_LIST:
        *(const struct json **)field = value;
        taken = value->kind == JSON_LIST;
        break;
    }
    if (!taken)
        member_wrong_type(faults, value->name, FAULT_WHOLE, wanted[member->kind]);
    if (member->kind == MEMBER_FLAG || member->kind == MEMBER_TEXT_OR_NULL ||
        (member->kind == MEMBER_TEXTS_OR_NULL && null))
        *flag = true;
}

void members_decode(const struct body_member *members, size_t count, const struct json *body,
                    bool new, struct arena *arena, struct faults *faults, void *draft)
{
    for (const struct json *value = body->first; value != NULL; value = value->next) {
        const struct body_member *member = member_find(members, count, value->name, new);
        if (member != NULL)
            member_decode(member, value, arena, faults, draft);
        else
            fault_add(faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s is no member that can be set here.",
                      STR_ARG(fault_excerpt(value->name)));
    }
}

/* ---- what they answer with ---- */

void encode_time(struct buf *buf, int64_t time)
{
    if (time == TIME_NONE) {
        BUF_LIT(buf, "null");
        return;
    }
    buf_char(buf, '"');
    buf_time(buf, time);
    buf_char(buf, '"');
}

/* The API's URL of something; absent when out of memory. */
static struct str location(struct call *call, const char *folder, struct str name)
{
    static const char unreserved[] = "-._~@"; /* RFC 3986 section 3.3 lets '@' stand in a segment */
    struct buf buf;
    buf_init(&buf, api_public_url(call->api).n + 1024);
    buf_printf(&buf, "%.*s/bzctrl-core-api/api/v1%s", STR_ARG(api_public_url(call->api)), folder);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (ascii_alpha(c) || ascii_digit(c) ||
            str_find(STR(unreserved), c) < sizeof unreserved - 1)
            buf_char(&buf, c);
        else
            buf_printf(&buf, "%%%02X", (unsigned char)c);
    }
    struct str text = buf_err(&buf) == ERR_OK ? arena_str(call->op.arena, buf_str(&buf)) : STR_NONE;
    buf_finish(&buf);
    return text;
}

void call_answer_version(struct call *call, int status, int64_t version, const char *folder,
                         struct str name)
{
    struct http_header headers[2] = {call_etag(call, version)};
    size_t n = 1;
    if (status == 201)
        headers[n++] = (struct http_header){STR("Location"), location(call, folder, name)};
    if (headers[0].value.p == NULL || headers[n - 1].value.p == NULL ||
        buf_err(&call->body) != ERR_OK) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    bool reads = str_eq(call->route->method, STR("GET"));
    if (reads && call_client_has(call, headers[0].value)) {
        buf_clear(&call->body);
        call_answer(call, 304, STR_NONE, headers, 1);
        return;
    }
    call_answer(call, status, STR("application/json"), headers, n);
}
