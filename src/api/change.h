/*
 * What calls that change something share: a body that is taken apart by a table of members, what
 * the caller has read before (If-Match), and the answer with the new version.
 */
#ifndef BZCTRL_API_CHANGE_H
#define BZCTRL_API_CHANGE_H

#include "api/call.h"

struct json;

struct faults;

/* Parses the body: an object (an empty body is one without members, if it `may_lack`), of a call
 * that takes no query parameter. ERR_ANSWERED (400, 415), ERR_SYNTAX, ERR_MEMORY. */
enum err call_body(struct call *call, bool may_lack, const struct json **ret_body) MUST_CHECK;

/* ERR_OK if If-Match names `version`; else as call_expect_match(). */
enum err call_expect_version(struct call *call, int64_t version) MUST_CHECK;

/* What a judge has said, for the handler to return: ERR_INVALID becomes the answer with the
 * faults. */
enum err call_judged(struct call *call, enum err err, const struct faults *faults) MUST_CHECK;

/* ---- members ---- */

enum member_kind {
    MEMBER_TEXT,          /* a struct str */
    MEMBER_TEXT_OR_NULL,  /* a struct str, absent for null; `flag` tells that it was sent */
    MEMBER_TEXTS,         /* a struct str_list; null as if it were empty */
    MEMBER_TEXTS_OR_NULL, /* a struct str_list; `flag` tells that null was sent */
    MEMBER_FLAG,          /* a bool; `flag` tells that it was sent */
    MEMBER_LIST,          /* a const struct json *: the list itself */
};

struct body_member {
    struct str name;
    enum member_kind kind;
    bool creates, change; /* taken of something new, and in a change */
    size_t offset;        /* in the draft */
    size_t flag;          /* likewise, of a bool */
};

/* Takes a body's members into `draft`, those of something new when `creates`. What is of another
 * type, or in no line of the table, goes to `faults`. */
void members_decode(const struct body_member *members, size_t count, const struct json *body,
                    bool creates, struct arena *arena, struct faults *faults, void *draft);

/* Adds the fault of a member, or of that element of its list, that is not `wanted`. */
void member_wrong_type(struct faults *faults, struct str name, size_t index, const char *wanted);

/* ---- what they answer with ---- */

/* Answers with call->body and the ETag of `version`; with 201 also where the new thing is: below
 * the API's prefix, such as "/clients/" and `name`, which is percent-encoded. A GET whose caller
 * has that version already gets 304. */
enum err call_answer_version(struct call *call, int status, int64_t version, const char *folder,
                             struct str name);

#endif
