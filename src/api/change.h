/*
 * What calls that change the directory share: they are judged, handed to the write lane, and judged
 * again when the directory has changed meanwhile; and a body that is taken apart by a table of
 * members.
 */
#ifndef BZCTRL_API_CHANGE_H
#define BZCTRL_API_CHANGE_H

#include "api/call.h"

struct json;

struct faults;

/* What such a call keeps begins with this. The calls of a node take turns, in the order in which
 * they came: of two at once one would be judged in vain. What outdates the judgement of one whose
 * turn it is comes from elsewhere: another node, the operator, or an invitation. */
struct call_change {
    struct call *call;
    const struct json *body; /* NULL when it has none */
    bool new;                /* it makes something, and changes nothing that is there */
    /* Judges by the directory as it is now and hands the change over, or answers. */
    void (*start)(struct call_change *change);

    struct judging judging; /* from here on the file's own */
    struct arena_mark mark; /* what a start takes of the arena is given back before the next one */
    struct call_change *next;
    bool started;
};

/* Those that wait, after the one whose turn it is. Of the network thread. */
struct call_turns {
    struct call_change *first, *last;
    bool starting;
};

/* Starts it when its turn comes. The call and what it has to do are set; call->let_go is taken. */
void call_change_enter(struct call_change *change);

/* Makes it, as the first of the `size` zeroed bytes that the call keeps, and enters it. */
void call_change_begin(struct call *call, size_t size, const struct json *body, bool new,
                       void (*start)(struct call_change *change));

/* What the write lane came back with, and is not ERR_OK. After ERR_OUTDATED it starts once more, by
 * the newest directory, unless the caller may do nothing any more; else it answers. */
void call_change_failed(struct call_change *change, enum err err);

/* True if the judge has said ERR_OK; else answers with the faults or the error. */
bool call_change_judged(struct call_change *change, enum err err,
                        const struct faults *faults) MUST_CHECK;

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

struct body_member {
    struct str name;
    enum member_kind kind;
    bool new, change; /* taken of something new, and in a change */
    size_t offset;    /* in the draft */
    size_t flag;      /* likewise, of a bool */
};

/* Takes a body's members into `draft`, those of something new when `new`. What is of another type,
 * or in no line of the table, goes to `faults`. */
void members_decode(const struct body_member *members, size_t count, const struct json *body,
                    bool new, struct arena *arena, struct faults *faults, void *draft);

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
