#include "core/admin_event.h"

enum { PAYLOAD_MAX = 1024 * 1024 };

void admin_changes_begin(struct admin_changes *changes)
{
    buf_init(&changes->buf, PAYLOAD_MAX);
    json_writer_init(&changes->json, &changes->buf);
    json_begin_object(&changes->json, NULL);
    changes->any = false;
}

static void pair_text(struct admin_changes *changes, const char *name, struct str before,
                      struct str after)
{
    struct json_writer *json = &changes->json;
    json_begin_list(json, name);
    json_put_text(json, NULL, before);
    json_put_text(json, NULL, after);
    json_end(json);
}

void admin_change_text(struct admin_changes *changes, const char *name, struct str before,
                       struct str after)
{
    if ((before.p == NULL) == (after.p == NULL) && str_eq(before, after))
        return;
    pair_text(changes, name, before, after);
    changes->any = true;
}

void admin_change_name(struct admin_changes *changes, const char *name, struct str before,
                       struct str after)
{
    pair_text(changes, name, before, after);
}

static bool texts_equal(struct str_list a, struct str_list b)
{
    if (a.items == NULL || b.items == NULL)
        return a.items == b.items;
    bool equal = a.n == b.n;
    for (size_t i = 0; i < a.n && equal; i++)
        equal = str_eq(a.items[i], b.items[i]);
    return equal;
}

static void put_texts(struct json_writer *json, struct str_list texts)
{
    if (texts.items == NULL)
        json_put_null(json, NULL);
    else
        json_put_texts(json, NULL, texts);
}

void admin_change_texts(struct admin_changes *changes, const char *name, struct str_list before,
                        struct str_list after)
{
    if (texts_equal(before, after))
        return;
    json_begin_list(&changes->json, name);
    put_texts(&changes->json, before);
    put_texts(&changes->json, after);
    json_end(&changes->json);
    changes->any = true;
}

void admin_change_flag(struct admin_changes *changes, const char *name, int before, bool after)
{
    if ((before > 0) == after)
        return;
    json_begin_list(&changes->json, name);
    if (before < 0)
        json_put_null(&changes->json, NULL);
    else
        json_put_flag(&changes->json, NULL, before > 0);
    json_put_flag(&changes->json, NULL, after);
    json_end(&changes->json);
    changes->any = true;
}

static void put_number(struct json_writer *json, int64_t number)
{
    if (number == 0)
        json_put_null(json, NULL);
    else
        json_put_i64(json, NULL, number);
}

void admin_change_number(struct admin_changes *changes, const char *name, int64_t before,
                         int64_t after)
{
    if (before == after)
        return;
    json_begin_list(&changes->json, name);
    put_number(&changes->json, before);
    put_number(&changes->json, after);
    json_end(&changes->json);
    changes->any = true;
}

enum err admin_changes_end(struct admin_changes *changes, struct arena *arena,
                           struct str *ret_payload)
{
    json_end(&changes->json);
    enum err err = buf_err(&changes->buf);
    if (err == ERR_OK)
        err = arena_copy(arena, buf_str(&changes->buf), ret_payload);
    buf_finish(&changes->buf);
    return err;
}

enum err admin_event_add(struct batch *batch, struct op *op, int64_t domain_id, struct str key,
                         int64_t actor_id, struct str action, struct str payload)
{
    struct event event = {.domain_id = domain_id,
                          .actor_id = actor_id,
                          .action = action,
                          .key = key,
                          .payload = payload};
    return batch_append_event(batch, op, &event);
}

enum err admin_event_person(struct batch *batch, struct op *op, const struct directory *directory,
                            const struct account *person, int64_t actor_id, struct str action,
                            struct str payload)
{
    size_t n;
    const struct grant *grants = directory_grants(directory, person->id, &n);
    enum err err = ERR_OK;
    /* In the order in which nodes lock them. */
    if (n == 0 || person->admin)
        err = admin_event_add(batch, op, 0, STR(EVENT_ROOT), actor_id, action, payload);
    for (size_t i = 0; i < n && err == ERR_OK; i++)
        err = admin_event_add(batch, op, grants[i].domain->id, grants[i].domain->key, actor_id,
                              action, payload);
    return err;
}
