/*
 * A draft: a report as it was sent, taken apart but not yet judged. Decoding (api/task.c) fills it
 * from JSON; nothing after it knows JSON. All texts lie in the arena of the request.
 */
#ifndef BZCTRL_MODEL_DRAFT_H
#define BZCTRL_MODEL_DRAFT_H

#include "base/str.h"

/* The members that a rule knows. */
enum member {
#define MEMBER(name, text, field, title, description) MEMBER_##name,
#include "model/member.def"
#undef MEMBER
    MEMBER_COUNT
};

enum draft_kind {
    DRAFT_ABSENT, /* was not sent */
    DRAFT_NULL,   /* null: like absent on create; removes a value in a merge patch */
    DRAFT_TEXT,
    DRAFT_NUMBER,
    DRAFT_LIST,
    DRAFT_BOOL,
    DRAFT_OTHER, /* an object, or a list in a list: not valid for any member */
};

/* Elements of a list beyond these are counted, but not kept. */
enum { DRAFT_ITEMS_MAX = 100 };

struct draft_value {
    enum draft_kind kind;
    struct str name;                 /* as it was spelled; of the first, if sent twice */
    struct str text;                 /* DRAFT_TEXT; may be empty. DRAFT_NUMBER: as it was spelled */
    double number;                   /* DRAFT_NUMBER */
    bool truth;                      /* DRAFT_BOOL */
    const struct draft_value *items; /* DRAFT_LIST */
    size_t n;
};

/* A member that was sent again in another spelling. */
struct draft_repeat {
    enum member member;
    struct str name;
};

/* A member that is not built in: a field that the form adds, or an unknown one. */
struct draft_other {
    struct draft_value value;
    struct str json;  /* name, colon and value as compact JSON */
    uint32_t members; /* bits: which of the source's are inside it, when it is an object */
    bool inside;      /* of a patch: sent inside "extra", so no member of the record itself */
};

struct task_draft {
    struct draft_value members[MEMBER_COUNT];
    const struct draft_repeat *repeats;
    size_t repeat_count;
    const struct draft_other *others; /* in the order in which they were sent */
    size_t other_count;
    struct str extra; /* of a patch: how "extra" was spelled, whose members are among the others */
};

/* The name that the contract gives a member: "todoType". */
struct str member_name(enum member member);

/* Ignores case; false for an unknown name. */
bool member_read(struct str name, enum member *ret_member);

#endif
