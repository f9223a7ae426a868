/*
 * "Did you mean" for a search that found nothing: people type "overdue warehouse" where they mean
 * "is:overdue warehouse". Pure; whether the other text finds anything is for the caller to see.
 *
 * Outside quotes and filters these become filters, in English or Dutch:
 * - the name of an ordered field with a day after it (model/day_word.h), and "before" or the like between
 *   them: "due before 31/12/2026" is "due:<2026-12-31";
 * - a state, status, type or priority: "overdue", "to do", "high"; and "is" with a state;
 * - the name of any other field, with the word after it: "category IT".
 */
#ifndef BZCTRL_MODEL_QUERY_HINT_H
#define BZCTRL_MODEL_QUERY_HINT_H

#include "base/op.h"

/* `q` with words as filters, in the arena; absent if it has none of these. ERR_MEMORY. */
enum err query_hint_filters(struct op *op, struct str q, struct str *ret_hint) MUST_CHECK;

/* `q` with the words that are left, if they are one run, as whom a record is assigned to
 * (assignee:"jan jans"), or of a number alone as an order ("order 777"): an index has identifiers by their
 * beginnings and not by their ends, and that is how most orders begin. Absent if there is no such run. */
enum err query_hint_run(struct op *op, struct str q, struct str *ret_hint) MUST_CHECK;

/* `q` with its last word as the beginning of one; absent if that is too short, or not a word. */
enum err query_hint_beginning(struct op *op, struct str q, struct str *ret_hint) MUST_CHECK;

#endif
