#include "api/change.h"

#include "api/api.h"
#include "api/query.h"
#include "base/percent.h"
#include "json/read.h"
#include "model/date.h"
#include "model/faults.h"

enum err call_judged(struct call *call, enum err err, const struct faults *faults)
{
    return err == ERR_INVALID ? call_refuse_faults(call, faults) : err;
}

enum err call_body(struct call *call, bool may_lack, const struct json **ret_body)
{
    static const struct json empty = {.kind = JSON_OBJECT};
    enum err err = call_query_accept(call, NULL);
    if (err != ERR_OK)
        return err;
    if (may_lack && call->request->body.n == 0) {
        *ret_body = &empty;
        return ERR_OK;
    }
    err = call_expect_json(call);
    if (err == ERR_OK)
        err = json_read(&call->op, call->op.arena, call->request->body, ret_body);
    if (err == ERR_OK && (*ret_body)->kind != JSON_OBJECT)
        err = op_fail(&call->op, ERR_SYNTAX, "The body must be a JSON object.");
    return err;
}

enum err call_expect_version(struct call *call, int64_t version)
{
    struct http_header etag = call_etag(call, version);
    return etag.value.p == NULL ? ERR_MEMORY : call_expect_match(call, etag.value);
}

/* ---- members ---- */

void member_wrong_type(struct faults *faults, struct str name, size_t index, const char *wanted)
{
    fault_add(faults, name, index, FAULT_WRONG_TYPE, NO_OPTIONS, "%.*s must be %s.", STR_ARG(name),
              wanted);
}

static const struct body_member *member_find(const struct body_member *members, size_t count,
                                             struct str name, bool creates)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(members[i].name, name))
            return (creates ? members[i].creates : members[i].change) ? &members[i] : NULL;
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

/* A whole number that a double has exactly. */
static bool number_read(const struct json *value, int64_t *ret_number)
{
    static const double most = 9007199254740992.0; /* 2^53 */
    bool whole = value->number >= -most && value->number <= most &&
                 value->number == (double)(int64_t)value->number;
    if (whole)
        *ret_number = (int64_t)value->number;
    return whole;
}

static void member_decode(const struct body_member *member, const struct json *value,
                          struct arena *arena, struct faults *faults, void *draft)
{
    static const char *const wanted[] = {
        [MEMBER_TEXT] = "a text",           [MEMBER_TEXT_OR_NULL] = "a text, or null",
        [MEMBER_TEXTS] = "a list of texts", [MEMBER_TEXTS_OR_NULL] = "a list of texts, or null",
        [MEMBER_FLAG] = "true or false",    [MEMBER_NUMBER] = "a whole number",
        [MEMBER_LIST] = "a list",           [MEMBER_OBJECT] = "an object",
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
    case MEMBER_NUMBER:
        taken = value->kind == JSON_NUMBER && number_read(value, field);
        break;
    case MEMBER_LIST:
        *(const struct json **)field = value;
        taken = value->kind == JSON_LIST;
        break;
    case MEMBER_OBJECT:
        *(const struct json **)field = null ? NULL : value;
        taken = null || value->kind == JSON_OBJECT;
        break;
    }
    if (!taken)
        member_wrong_type(faults, value->name, FAULT_WHOLE, wanted[member->kind]);
    if (member->kind == MEMBER_FLAG || member->kind == MEMBER_NUMBER ||
        member->kind == MEMBER_TEXT_OR_NULL || (member->kind == MEMBER_TEXTS_OR_NULL && null))
        *flag = true;
}

void members_decode(const struct body_member *members, size_t count, const struct json *body,
                    bool creates, struct arena *arena, struct faults *faults, void *draft)
{
    for (const struct json *value = body->first; value != NULL; value = value->next) {
        const struct body_member *member = member_find(members, count, value->name, creates);
        if (member != NULL)
            member_decode(member, value, arena, faults, draft);
        else
            fault_add(faults, value->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
                      "%.*s cannot be set here.", STR_ARG(fault_excerpt(value->name)));
    }
}

/* ---- the answer ---- */

/* The API's URL of something; absent when out of memory. */
static struct str location(struct call *call, const char *folder, struct str name)
{
    struct buf buf;
    buf_init(&buf, api_public_url(call->api).n + 1024);
    buf_printf(&buf, "%.*s/bzctrl-core-api/api/v1%s", STR_ARG(api_public_url(call->api)), folder);
    buf_percent(&buf, name, STR("@")); /* RFC 3986 section 3.3 lets it stand in a segment */
    struct str url;
    return buf_move(&buf, call->op.arena, &url) == ERR_OK ? url : STR_NONE;
}

enum err call_answer_version(struct call *call, int status, int64_t version, const char *folder,
                             struct str name)
{
    struct http_header headers[2] = {call_etag(call, version)};
    size_t n = 1;
    if (status == 201)
        headers[n++] = (struct http_header){STR("Location"), location(call, folder, name)};
    if (headers[0].value.p == NULL || headers[n - 1].value.p == NULL)
        return ERR_MEMORY;
    if (buf_err(&call->body) != ERR_OK)
        return buf_err(&call->body);
    if (str_eq(call->route->method, STR("GET")) && call_client_has(call, headers[0].value)) {
        buf_clear(&call->body);
        return call_answer(call, 304, STR_NONE, headers, 1);
    }
    return call_answer(call, status, STR("application/json"), headers, n);
}

enum err call_answer_etag(struct call *call, int64_t version)
{
    struct http_header etag = call_etag(call, version);
    return etag.value.p == NULL || buf_err(&call->body) != ERR_OK
               ? ERR_MEMORY
               : call_answer(call, 200, STR("application/json"), &etag, 1);
}
