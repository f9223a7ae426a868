/*
 * The members of a record as JSON, in the spelling and order of contract.md, "Names". The record in
 * answers and the payload of its first event are made of the same table (model/task.def).
 */
#ifndef BZCTRL_MODEL_TASK_JSON_H
#define BZCTRL_MODEL_TASK_JSON_H

#include "json/writer.h"
#include "model/directory.h"
#include "model/task_field.h"

/* Writes the members from "todoType" to "formVersion" into an object that has been begun. Absent
 * values are null, and so are people who are no longer in the directory. */
void json_put_task_members(struct json_writer *json, const struct task *task,
                           const struct directory *directory);

/* Appends the payload of an event "task.created": one object, member -> [null, value], without the
 * members that are null, [] or {}. */
void buf_task_created_changes(struct buf *buf, const struct task *task,
                              const struct directory *directory);

/* Writes what differs between two states of a record, member -> [before, after], into an object that
 * has been begun; false when nothing does. What only follows from it (closedAt, dueMoves, …) is not
 * said: the event has its time and actor. */
bool json_put_task_changes(struct json_writer *json, const struct task *before,
                           const struct task *after, const struct directory *directory);

/* One of these members, whether or not it differs. */
void json_put_task_change(struct json_writer *json, const struct task_field *field,
                          const struct task *before, const struct task *after,
                          const struct directory *directory);

/* The value of one member, in a list; null when it has none. */
void json_put_task_value(struct json_writer *json, const struct task_field *field,
                         const struct task *task, const struct directory *directory);

/* The key of its parent, or null. */
void json_put_task_parent(struct json_writer *json, const char *name, const struct task *task,
                          const struct directory *directory);

/* The people who follow it, as a list. */
void json_put_task_followers(struct json_writer *json, const char *name, const struct task *task,
                             const struct directory *directory);

/* Appends the five members that a report is answered with, and the link to a record:
 * "PUBLIC-URL/app/#/todo/EXA-CON-BUS-WOR-03", without quotes. */
void buf_task_created(struct buf *buf, const struct task *task, const struct workspace *workspace,
                      struct str public_url);
void buf_task_link(struct buf *buf, struct str key, int64_t number, struct str public_url);

/* The same link as the member "taskLink". */
void json_put_task_link(struct json_writer *json, struct str key, int64_t number,
                        struct str public_url);

#endif
