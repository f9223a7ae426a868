/*
 * Short words for tests of rules: times of a workspace, passes of the process that applies rules, records
 * and rules.
 */
#ifndef BZCTRL_TESTS_STORE_RULE_WORLD_H
#define BZCTRL_TESTS_STORE_RULE_WORLD_H

#include "query.h"

#include "core/rule_pass.h"
#include "model/rule.h"

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)

enum { WOR, LAB, OFF, MAIN };
enum { FIRST = 22089, YEAR = 52 * 7 };

/* A Monday in June. Times of records never fall in a process, so each test has a later one. */
extern int32_t monday;

/* That minute of a day in a workspace. */
int64_t at(const struct world *world, size_t index, int32_t date, int minute);

/* All there is to do at a time, by a process that has begun, or begins there. */
void pass_on(struct world *world, struct rule_pass *pass, int64_t now);
void pass_at(struct world *world, int64_t now);

/* Events of an action. */
int64_t count(struct world *world, const char *action);

/* Records there are, and a rule that makes them. */
int64_t records(struct world *world);
struct rule recurring(struct schedule schedule, enum rule_missed missed);

/* A record made now, with dates; a rule made now, as it is stored. */
void make(struct world *world, size_t index, int32_t due, int32_t reminder);
struct rule rule_make(struct world *world, size_t index, struct rule rule);

#endif
