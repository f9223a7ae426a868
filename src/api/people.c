#include "api/people.h"

enum err people_begin(struct call *call, size_t most, struct people *ret_people)
{
    *ret_people = (struct people){.ids = ARENA_ARRAY(call->op.arena, int64_t, most)};
    return ret_people->ids == NULL ? ERR_MEMORY : ERR_OK;
}

void people_add(struct people *people, int64_t id)
{
    for (size_t i = 0; i < people->n; i++)
        if (people->ids[i] == id)
            return;
    people->ids[people->n++] = id;
}

void people_add_task(struct people *people, const struct task *task)
{
    people_add(people, task->assignee_id);
    people_add(people, task->reporter_id);
    people_add(people, task->source_id);
}

void people_encode(struct call *call, const struct people *people)
{
    json_begin_object(&call->json, "people");
    for (size_t i = 0; i < people->n; i++) {
        const struct account *account = directory_account_by_id(call->directory, people->ids[i]);
        struct str name = account == NULL ? STR_NONE : arena_str(call->op.arena, account->email);
        if (name.p == NULL)
            continue;
        json_begin_object(&call->json, name.p);
        json_put_text(&call->json, "name", account->name);
        json_put_flag(&call->json, "active", !account->disabled);
        json_end(&call->json);
    }
    json_end(&call->json);
}
