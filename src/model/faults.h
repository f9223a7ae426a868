/*
 * Faults: everything that is wrong with what was sent, gathered so that one answer can report it
 * all. Each names its member by a JSON pointer (RFC 6901) into the body as it was sent. Warnings
 * are kept in the same list type.
 */
#ifndef BZCTRL_MODEL_FAULTS_H
#define BZCTRL_MODEL_FAULTS_H

#include "base/arena.h"

enum fault_code {
#define FAULT(name, code) FAULT_##name,
#include "model/fault_code.def"
#undef FAULT
};

struct fault {
    struct str pointer; /* "/orderID/1"; "" is the whole body */
    enum fault_code code;
    struct str detail;       /* a sentence for people */
    struct str_list allowed; /* the right values, where there are only a few */
};

/* Far more than a report has members and list elements that can be wrong. */
enum { FAULTS_MAX = 1000 };

struct faults {
    struct arena *arena;
    struct str base; /* what pointers begin with: "/fields/3"; absent: they begin with the member */
    struct fault *items;
    size_t n, capacity;
    bool more;    /* there were more than FAULTS_MAX; they are not listed */
    enum err err; /* ERR_MEMORY sticks, as in struct buf */
};

/* Makes an empty list whose texts go into `arena`. */
void faults_init(struct faults *faults, struct arena *arena);

/* Adds one about the body's member `name` (absent: about the whole body) or, with an index that is
 * not FAULT_WHOLE, about that element of the member's list. `name` is escaped here; `allowed` is
 * borrowed and must outlive the list. */
#define FAULT_WHOLE SIZE_MAX
#define NO_OPTIONS  (struct str_list){0}
void fault_add(struct faults *faults, struct str name, size_t index, enum fault_code code,
               struct str_list allowed, const char *detail, ...) PRINTF_LIKE(6, 7);

/* True if there is one at that pointer, so that a malformed member is not also reported as
 * missing. */
bool faults_have(const struct faults *faults, const char *pointer);

/* The beginning of a text that was sent, whole characters, short enough to be quoted in a detail.
 */
struct str fault_excerpt(struct str text);

/* The code as answers show it: "not_a_number". */
struct str fault_code_name(enum fault_code code);

#endif
