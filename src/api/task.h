/*
 * Records as the JSON of answers; model/draft_json.h has the reverse. Pure; the handlers are in other
 * files.
 */
#ifndef BZCTRL_API_TASK_H
#define BZCTRL_API_TASK_H

#include "base/op.h"
#include "json/writer.h"
#include "model/directory.h"
#include "model/draft_json.h"
#include "model/task.h"

/* Writes the whole record. Before it is stored (number 0: a dry run) key, taskLink, createdAt,
 * updatedAt and version are null. `now` decides whether it is overdue. */
void task_encode(struct json_writer *json, const char *name, const struct task *task,
                 const struct directory *directory, struct str public_url, int64_t now);

/* The same in short, as one record is shown beside another. */
void task_encode_short(struct json_writer *json, const char *name, const struct task *task,
                       const struct directory *directory, int64_t now);

#endif
