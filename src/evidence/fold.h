/*
 * What a record's events say there is, put together event by event, and compared with what is
 * there: the members of the record, its comments and its attachments. An event whose contents were
 * erased may have changed anything of its kind, so what it leaves open is counted and not compared.
 *
 * ERR_CORRUPT, with one sentence in op->detail, when something differs.
 */
#ifndef BZCTRL_EVIDENCE_FOLD_H
#define BZCTRL_EVIDENCE_FOLD_H

#include "base/hash.h"
#include "base/op.h"
#include "json/read.h"
#include "model/event.h"

enum {
    FOLD_MEMBERS_MAX = 256, /* of the record in a file */
    FOLD_KNOWN_ROOM = 64,   /* for members that it can lack */
    FOLD_PARTS_MAX = 1000000,
};

/* A comment or an attachment. */
enum fold_part { FOLD_COMMENT, FOLD_ATTACHMENT, FOLD_PARTS };

struct fold_member {
    struct str name;
    const struct json *found; /* the record's; NULL: it was left out */
    struct sha256 value;      /* what the events have left */
    bool unsure;
};

/* What a comment or an attachment is. A deleted comment stays, without its text; the times are of
 * comments alone, and TIME_NONE where there is none. */
struct fold_state {
    bool there;
    struct sha256 is;
    int64_t created_at, edited_at, deleted_at;
};

struct fold_entry {
    int64_t id; /* 0: free */
    enum fold_part part;
    struct fold_state found, said; /* in the files; by the events */
};

/* An account, by its id in the chain and its address: an event says both where somebody reports the
 * record or proposes to close it. */
struct fold_person {
    int64_t id;
    struct str email;
};

struct fold {
    struct op *op;
    struct sha256 nothing; /* the digest of null */
    struct fold_member members[FOLD_MEMBERS_MAX + FOLD_KNOWN_ROOM];
    size_t member_count;
    struct fold_entry *entries; /* a hash table by id */
    size_t entry_count, entry_room;
    int64_t counts[FOLD_PARTS]; /* that the files have, and are not deleted */
    bool unsure[FOLD_PARTS];
    bool closing_unsure, closed, due_unsure;
    int64_t created_at, updated_at, closed_at;
    int64_t events, due_moves;
    int64_t closed_by;             /* an account's id */
    struct str due, first_due;     /* dates; absent: none. In op->arena */
    struct fold_person people[64]; /* those who come first */
    size_t person_count;
    struct str key; /* the record's, after the events so far: in op->arena */
};

/* `record` and its tree must live as long as the fold. */
enum err fold_init(struct fold *fold, struct op *op, const struct json *record) MUST_CHECK;
void fold_finish(struct fold *fold);

/* A comment, as a line of the file has it; an attachment by its id and what its bytes are. */
enum err fold_comment(struct fold *fold, const struct json *comment) MUST_CHECK;
enum err fold_attachment(struct fold *fold, int64_t id, struct str name, int64_t size,
                         const struct sha256 *sha256) MUST_CHECK;

/* The record's next event; its payload is what its hash says. `arena` is for the time of the call. */
enum err fold_event(struct fold *fold, struct arena *arena, const struct event *event) MUST_CHECK;

/* After the last event: compares. `withheld`: there are events that the file does not show. What
 * cannot be compared is counted, and the members' names are in the arena of the op. */
enum err fold_end(struct fold *fold, bool withheld, int64_t *ret_unsure,
                  struct str_list *ret_unproven) MUST_CHECK;

#endif
