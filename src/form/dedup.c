#include "form/dedup.h"

#include "base/buf.h"
#include "json/read.h"
#include "model/task_json.h"

enum {
    RECORD_MAX = 8 * 1024 * 1024, /* as JSON; as much as its event may say */
    TREE_MAX = 64 * 1024 * 1024,
};

/* Whether a record is there for a second report. */
static bool task_is_open(const struct task *task)
{
    return task->status != STATUS_DONE && task->status != STATUS_EXPIRED;
}

/* A record's values; the fields that the form adds are read by themselves, since they may be as
 * deep as a text may be. */
struct values {
    const struct json *members, *extra;
};

/* Absent when there is no value. */
static struct str value_of(const struct values *values, struct str name)
{
    const struct json *value = json_member(values->members, name);
    if (value == NULL)
        value = json_member(values->extra, name);
    bool none = value == NULL || value->kind == JSON_NULL ||
                ((value->kind == JSON_LIST || value->kind == JSON_OBJECT) && value->n == 0);
    return none ? STR_NONE : value->raw;
}

static void digest_record(const struct form *form, const struct task *task,
                          const struct values *values, struct dedup *ret_dedup)
{
    const struct form_dedup *rule = &form->dedup;
    struct hasher hasher;
    bool any = false;
    hash_begin(&hasher);
    hash_u64(&hasher, (uint64_t)task->workspace_id);
    hash_field(&hasher, form->name);
    hash_u64(&hasher, rule->across_sources ? 0 : (uint64_t)task->source_id);
    for (size_t i = 0; i < rule->by.n; i++) {
        struct str value = value_of(values, rule->by.items[i]);
        any = any || value.p != NULL;
        hash_field(&hasher, rule->by.items[i]);
        hash_field(&hasher, value);
    }
    *ret_dedup = (struct dedup){.then = any ? rule->then : DEDUP_NONE, .digest = hash_end(&hasher)};
}

enum err dedup_make(struct op *op, const struct form *form, const struct task *task,
                    const struct directory *directory, struct dedup *ret_dedup)
{
    *ret_dedup = (struct dedup){DEDUP_NONE, {{0}}};
    if (form->dedup.then == DEDUP_NONE || !task_is_open(task))
        return ERR_OK;
    struct task source = *task;
    struct values values;
    struct buf text;
    struct json_writer json;
    struct arena tree;
    source.extra = STR("{}");
    buf_init(&text, RECORD_MAX);
    arena_init(&tree, TREE_MAX);
    json_writer_init(&json, &text);
    json_begin_object(&json, NULL);
    json_put_task_members(&json, &source, directory);
    json_end(&json);
    enum err err = buf_err(&text);
    if (err == ERR_OK)
        err = json_read(op, &tree, buf_str(&text), &values.members);
    if (err == ERR_OK)
        err = json_read(op, &tree, task->extra, &values.extra);
    if (err == ERR_OK)
        digest_record(form, task, &values, ret_dedup);
    arena_finish(&tree);
    buf_finish(&text);
    return err;
}
