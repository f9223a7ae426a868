/*
 * Names as in contract.md, "Names": a domain is segments [A-Z0-9]{1,16} joined by '-', a
 * workspace's key is its domain, '-' and one more segment, a record's key is the workspace's key,
 * '-' and its number with at least two digits. All match without regard to case and are written in
 * capitals.
 */
#ifndef BZCTRL_MODEL_KEY_H
#define BZCTRL_MODEL_KEY_H

#include "base/arena.h"
#include "base/buf.h"

enum { KEY_SEGMENT_MAX = 16, KEY_MAX = 255 };

/* Checks a domain's or workspace's key and returns it in capitals, in the arena. ERR_SYNTAX if it
 * is not a key (blanks around it are not removed), ERR_MEMORY. */
enum err key_read(struct arena *arena, struct str text, struct str *ret_key) MUST_CHECK;

/* True if `domain` is `of` or lies below it in the tree: key_covers("EXA", "EXA-CON"). Both in
 * capitals. */
bool key_covers(struct str domain, struct str below);

/* Splits a workspace's key: "EXA-CON-BUS-WOR" into "EXA-CON-BUS" and "WOR". False when there is
 * only one segment. */
bool key_split(struct str key, struct str *ret_domain, struct str *ret_segment);

/* Splits a record's key, any case, leading zeros allowed: workspace key in capitals, number ≥ 1. */
enum err key_read_record(struct arena *arena, struct str text, struct str *ret_workspace,
                         int64_t *ret_number) MUST_CHECK;

/* Appends "EXA-CON-BUS-WOR-03". */
void buf_record_key(struct buf *buf, struct str workspace, int64_t number);

#endif
