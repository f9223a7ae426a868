/*
 * Shared by calls that change something: decoding a body by a table of members, the check of the
 * version that the caller has read (If-Match), and the answer with the new version.
 */
#ifndef BZCTRL_API_CHANGE_H
#define BZCTRL_API_CHANGE_H

#include "api/call.h"

struct json;

struct faults;

/* Parses the body, which must be an object, of a call without query parameters. With `may_lack`,
 * an empty body counts as an empty object. ERR_ANSWERED (400, 415), ERR_SYNTAX, ERR_MEMORY. */
enum err call_body(struct call *call, bool may_lack, const struct json **ret_body) MUST_CHECK;

/* ERR_OK if If-Match names `version`; otherwise as call_expect_match(). */
enum err call_expect_version(struct call *call, int64_t version) MUST_CHECK;

/* Turns the result of a judge into the handler's result: ERR_INVALID becomes an answer with the
 * faults. */
enum err call_judged(struct call *call, enum err err, const struct faults *faults) MUST_CHECK;

/* ---- members ---- */

enum member_kind {
    MEMBER_TEXT,          /* a struct str */
    MEMBER_TEXT_OR_NULL,  /* a struct str, absent for null; `flag` says whether it was sent */
    MEMBER_TEXTS,         /* a struct str_list; null counts as empty */
    MEMBER_TEXTS_OR_NULL, /* a struct str_list; `flag` says whether null was sent */
    MEMBER_FLAG,          /* a bool; `flag` says whether it was sent */
    MEMBER_NUMBER,        /* an int64_t; `flag` says whether it was sent */
    MEMBER_LIST,          /* a const struct json *: the list itself */
    MEMBER_OBJECT,        /* the same: the object, or NULL for null */
};

struct body_member {
    struct str name;
    enum member_kind kind;
    bool creates, change; /* accepted on creation; accepted on change */
    size_t offset;        /* in the draft */
    size_t flag;          /* offset of a bool in the draft */
};

/* Decodes a body's members into `draft`; `creates` selects those accepted on creation. A member of
 * another type, or not in the table, is added to `faults`. */
void members_decode(const struct body_member *members, size_t count, const struct json *body,
                    bool creates, struct arena *arena, struct faults *faults, void *draft);

/* Adds the fault that a member, or an element of its list, is not `wanted`. */
void member_wrong_type(struct faults *faults, struct str name, size_t index, const char *wanted);

/* ---- the answer ---- */

/* Answers with call->body and the ETag of `version`; with 201 also the Location: `folder` below
 * the API's prefix, such as "/clients/", and `name`, percent-encoded. A GET whose caller already
 * has that version gets 304. */
enum err call_answer_version(struct call *call, int status, int64_t version, const char *folder,
                             struct str name);

/* The same with 200, and never 304: for an answer that can change while its version does not. */
enum err call_answer_etag(struct call *call, int64_t version);

#endif
