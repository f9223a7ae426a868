/*
 * What calls that change the directory share: a body that is taken apart by a table of members, and
 * judging again when the directory has changed meanwhile.
 */
#ifndef BZCTRL_API_CHANGE_H
#define BZCTRL_API_CHANGE_H

#include "api/call.h"

struct json;

/* How often a change is judged again because the directory changed under it. */
enum { CHANGE_TRIES = 5 };

/* Takes the newest directory and the caller's account in it. False when that may do nothing any
 * more; then the call is answered. */
bool call_judge_again(struct call *call) MUST_CHECK;

/* Parses the body: an object (an empty body is one without members, if it `may_lack`). Takes no
 * query parameter. Answers 400 or 415 itself and returns NULL. */
const struct json *call_body(struct call *call, bool may_lack) MUST_CHECK;

/* True if there is `version` to be changed, as If-Match says; else answers itself. */
bool call_expect_version(struct call *call, int64_t version) MUST_CHECK;

/* ---- members ---- */

enum member_kind {
    MEMBER_TEXT,          /* a struct str */
    MEMBER_TEXT_OR_NULL,  /* a struct str, absent for null; `flag` tells that it was sent */
    MEMBER_TEXTS,         /* a struct str_list; null as if it were empty */
    MEMBER_TEXTS_OR_NULL, /* a struct str_list; `flag` tells that null was sent */
    MEMBER_FLAG,          /* a bool; `flag` tells that it was sent */
    MEMBER_LIST,          /* a const struct json *: the list itself */
};

struct member {
    struct str name;
    enum member_kind kind;
    bool new, change; /* taken of something new, and in a change */
    size_t offset;    /* in the draft */
    size_t flag;      /* likewise, of a bool */
};

/* Takes a body's members into `draft`, those of something new when `new`. What is of another type,
 * or in no line of the table, goes to `faults`. */
void members_decode(const struct member *members, size_t count, const struct json *body, bool new,
                    struct arena *arena, struct faults *faults, void *draft);

/* Adds the fault of a member, or of that element of its list, that is not `wanted`. */
void member_wrong_type(struct faults *faults, struct str name, size_t index, const char *wanted);

/* ---- what they answer with ---- */

/* Appends a time in quotes; null for TIME_NONE. */
void encode_time(struct buf *buf, int64_t time);

/* Answers with call->body and the ETag of `version`; with 201 also where the new thing is: below
 * the API's prefix, such as "/clients/" and `name`, which is percent-encoded. */
void call_answer_version(struct call *call, int status, int64_t version, const char *folder,
                         struct str name);

#endif
