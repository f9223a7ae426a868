/*
 * The names of filters in `q`, and those of their values, as they are typed: in English, and in Dutch
 * as the web app shows them. A name means the same in both, whatever the reader's language; what the
 * server writes itself is English.
 */
#ifndef BZCTRL_MODEL_QUERY_WORD_H
#define BZCTRL_MODEL_QUERY_WORD_H

#include "model/task_filter.h"

/* "status", "order", "behandelaar": a field that can be written in q, in any case. `dutch`: the Dutch
 * names count too. */
bool query_field_find(struct str name, bool dutch, enum filter_field *ret_field);

/* What a record is, in English: "is:open". */
struct query_state {
    const char *name, *value;
    enum filter_field field;
    bool negated;
};

/* Is it the name of a state, "is" or "has"? And the state with that name (absent: any) and value, or
 * NULL. */
bool query_is_state(struct str name, bool dutch);
const struct query_state *query_state_find(struct str name, struct str value);

/* The name that an unknown one resembles; absent: none. `dutch`: of the Dutch names, or else an
 * English one. */
struct str query_name_near(struct str name, bool dutch);

/* The English name of a value of that field: "To do" for "te doen". What has none stays as it is. */
struct str query_value_english(enum filter_field field, struct str value);

#endif
