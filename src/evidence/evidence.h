/*
 * What an evidence file says (doc/evidence.md), in the words that the server writes and
 * `bzctrl evidence verify` checks: its first members, and a line of the history. Pure.
 */
#ifndef BZCTRL_EVIDENCE_EVIDENCE_H
#define BZCTRL_EVIDENCE_EVIDENCE_H

#include "base/op.h"
#include "json/writer.h"
#include "model/event.h"
#include "model/receipt.h"

#define EVIDENCE_FORMAT "bzctrl evidence 1"

/* The members that every file begins with, in this order. */
#define EVIDENCE_HEAD   "evidence.json"
#define EVIDENCE_README "README.txt"
#define EVIDENCE_RECORD "record.json"
#define EVIDENCE_PAGE   "record.html"

/* Then these, each from 000001 on: comments and history in some lines of JSON per member, and the
 * attachments by id and name. */
#define EVIDENCE_COMMENTS    "comments/"
#define EVIDENCE_ATTACHMENTS "attachments/"
#define EVIDENCE_HISTORY     "history/"

/* What the file is about. */
struct evidence_head {
    struct str key, made_at, made_for; /* the record's key; when, and for which account */
    int64_t first;                     /* seq of the record's first event */
    struct sha256 before;              /* hash of the event before it, or the chain's genesis */
    struct receipt newest;             /* of the domain's chain, when the file was made */
    bool withheld;                     /* parts are not for the account that it was made for */
};

void buf_evidence_head(struct buf *buf, const struct evidence_head *head);

/* Reads it again; the texts lie in the arena or in `text`. ERR_CORRUPT: op->detail says why not.
 * ERR_MEMORY. */
enum err evidence_head_read(struct op *op, struct str text,
                            struct evidence_head *ret_head) MUST_CHECK;

/* README.txt. */
void buf_evidence_readme(struct buf *buf, const struct evidence_head *head);

/* The record as a page to read, with nothing in it that runs or is fetched. `record` is the text of
 * record.json: one object. ERR_SYNTAX, ERR_MEMORY. */
enum err buf_evidence_page(struct buf *buf, struct op *op, struct str record) MUST_CHECK;

/* A line of the history. What is known of the event: the record's own has its salt and its payload
 * (both null once erased), another's has not, and of one that is not for the reader there is only
 * the hash. Of a comment whose event was erased a client sees no more either, but that there was one.
 */
enum evidence_line { EVIDENCE_OWN, EVIDENCE_LINK, EVIDENCE_WITHHELD, EVIDENCE_COMMENT_GONE };
void buf_evidence_line(struct buf *buf, enum evidence_line kind, const struct event *event);

/* Reads a line; ERR_CORRUPT, ERR_MEMORY. */
enum err evidence_line_read(struct op *op, struct str line, enum evidence_line *ret_kind,
                            struct event *ret_event) MUST_CHECK;

#endif
