/*
 * The people whom an answer names by their e-mail addresses, as the map that lists have beside their
 * items: {"a@b.example":{"name":"…","active":true}}.
 */
#ifndef BZCTRL_API_PEOPLE_H
#define BZCTRL_API_PEOPLE_H

#include "api/call.h"
#include "model/task.h"

struct people {
    int64_t *ids;
    size_t n;
};

enum { PEOPLE_OF_TASK = 3 };

/* There is room for so many. ERR_MEMORY. */
enum err people_begin(struct call *call, size_t most, struct people *ret_people) MUST_CHECK;

/* Adds an account, once; and the PEOPLE_OF_TASK whom a record names. */
void people_add(struct people *people, int64_t id);
void people_add_task(struct people *people, const struct task *task);

/* Writes the member "people" into call->json. */
void people_encode(struct call *call, const struct people *people);

#endif
