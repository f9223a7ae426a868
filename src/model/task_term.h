/*
 * The terms that the index keeps of a record, and how a filter becomes an expression over terms.
 *
 * A term is a word of the text (model/task_text.h), or a facet: a letter that names the field, '_',
 * and the value. Facets contain '_' and words do not, so they never meet. Terms consist of small
 * ASCII letters, digits, '_' and whatever is not ASCII: neither engine takes them apart.
 *
 * A value that is ordered (a date, a time, an amount) is in several terms, one per level: the value
 * itself, and ever wider buckets that it lies in. So a range is a few buckets, and an order is a
 * walk over buckets.
 */
#ifndef BZCTRL_MODEL_TASK_TERM_H
#define BZCTRL_MODEL_TASK_TERM_H

#include "model/task_filter.h"
#include "model/task_text.h"

/* Raised whenever the terms of the same record change, or its figure (model/figure.h): an index of
 * another version is rebuilt. */
enum { TASK_TERMS_VERSION = 7 };

/* The term of every record, and one of none. */
#define TERM_ALL   "z_1"
#define TERM_NEVER "z_0"

/* Before a word of an internal comment. */
#define TERM_INTERNAL "x_"
/* Of a record whose closing awaits somebody, and of one that nobody has touched (model/inbox.h). */
#define TERM_AWAITS  "z_2"
#define TERM_UNTAKEN "z_3"

/* Appends the terms of a record, with a blank between them; some may occur twice. */
void buf_task_terms(struct buf *buf, const struct task *task, const struct task_text *text);

/* ---- buckets ---- */

enum { SCALE_LEVELS_MAX = 8 };

/* How an ordered field is divided: level 0 is the widest. */
struct scale {
    char letter;
    unsigned levels;
    unsigned char shifts[SCALE_LEVELS_MAX]; /* a bucket has 2^shift places */
    int64_t (*place)(int64_t value);        /* grows with the value; several can share one */
    int64_t place_max;
};

/* NULL for a field that is not ordered. */
const struct scale *task_scale(enum filter_field field);

/* Appends the term of the bucket of a level that holds the place. */
void buf_bucket(struct buf *buf, const struct scale *scale, unsigned level, int64_t place);

/* Appends the term of a record that has no value there. */
void buf_bucket_none(struct buf *buf, const struct scale *scale);

/* Do all values of the place equal each other? */
bool scale_is_exact(const struct scale *scale, int64_t place);

/* ---- terms of filters ---- */

/* Appends the term of who has assigned the record, or proposed to close it. */
enum task_actor { ACTOR_ASSIGNED, ACTOR_PROPOSED };
void buf_actor_term(struct buf *buf, enum task_actor actor, int64_t account_id);

/* Appends the facet of a value of a field that is not ordered. */
void buf_facet(struct buf *buf, enum filter_field field, const struct filter_value *value);

/*
 * Appends the term of a folded identifier, and of a number in a workspace. The term of a number's
 * beginning is the beginning of its term.
 *
 * Of an identifier's beginning it would be, too, but a short one begins hundreds of thousands of
 * terms, which engines read one by one. So the beginnings of up to IDENTIFIER_BEGINNING_MAX bytes
 * are terms as well: buf_beginning_term() returns true if the term is whole, and false if it is the
 * beginning of the terms wanted.
 */
enum { IDENTIFIER_BEGINNING_MAX = 8 };
void buf_identifier_term(struct buf *buf, struct str folded);
bool buf_beginning_term(struct buf *buf, struct str folded);
void buf_number_term(struct buf *buf, int64_t workspace_id, struct str digits);

#endif
