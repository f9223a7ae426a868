#include "core/history_links.h"

#include "json/read.h"
#include "store/event.h"
#include "store/history.h"
#include "store/link.h"

#include <inttypes.h>

enum { SIDES_READ = 256 }; /* at once */

static enum err side_broken(struct op *op, const struct link *side, const char *fault)
{
    op_say(op, "a link of record %" PRId64 ", made by event %" PRId64 ": %s", side->task_id,
           side->seq, fault);
    return ERR_CORRUPT;
}

/* What a payload says of a link: it makes it, or removes it. NULL when it says nothing. */
static enum err link_said(struct op *op, struct str payload, const struct json **ret_link,
                          bool *ret_removes)
{
    const struct json *json;
    *ret_link = NULL;
    enum err err = json_read_written(op, op->arena, payload, &json);
    if (err != ERR_OK)
        return err == ERR_SYNTAX ? ERR_CORRUPT : err;
    const struct json *sides = json->kind == JSON_OBJECT ? json_member(json, STR("link")) : NULL;
    if (sides == NULL || sides->kind != JSON_LIST || sides->n != 2)
        return ERR_OK;
    *ret_removes = sides->first->kind == JSON_OBJECT;
    const struct json *link = *ret_removes ? sides->first : sides->first->next;
    *ret_link = link->kind == JSON_OBJECT ? link : NULL;
    return ERR_OK;
}

enum err history_link_expect(struct db *db, struct op *op, const struct event *event)
{
    static const struct str actions[] = {STR_INIT("task.linked"), STR_INIT("task.unlinked"),
                                         STR_INIT("task.closed")};
    const struct json *said = NULL;
    struct link side;
    bool may = false, removes = false;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        may = may || str_eq(event->action, actions[i]);
    enum err err =
        may && event->payload.p != NULL ? link_said(op, event->payload, &said, &removes) : ERR_OK;
    if (err == ERR_OK && said != NULL)
        err = store_link_of_event(db, op, event->task_id, event->seq, removes, &side);
    return err == ERR_NOT_FOUND ? op_fail(op, ERR_CORRUPT, "its link is gone") : err;
}

/* The event that made or removed it is one of the record's, and says so, unless it is erased. */
static enum err event_check_side(struct db *db, struct op *op, const struct link *side, bool ended)
{
    struct history_record here, there;
    struct event event = {0};
    const struct json *said;
    bool removes = false, same = false;
    enum err err = store_record_get(db, op, side->task_id, &here);
    if (err == ERR_OK)
        err = store_record_get(db, op, side->other_id, &there);
    if (err == ERR_OK)
        err = store_event_get(db, op, here.domain_id, ended ? side->ended_seq : side->seq, &event);
    if (err == ERR_NOT_FOUND)
        return side_broken(op, side, "a record or an event of it is missing");
    if (err != ERR_OK)
        return err;
    if (event.task_id != side->task_id || here.domain_id != there.domain_id)
        return side_broken(op, side, "an event of it is of something else");
    if (event.payload.p == NULL)
        return ERR_OK;
    err = link_said(op, event.payload, &said, &removes);
    if (err == ERR_OK &&
        (said == NULL || removes != ended ||
         !str_eq(json_text(json_member(said, STR("kind"))), link_kind_name(side->kind))))
        return side_broken(op, side, "an event of it says something else");
    if (err == ERR_OK)
        err = store_record_has_key(db, op, &there, json_text(json_member(said, STR("key"))), &same);
    return err == ERR_OK && !same ? side_broken(op, side, "its event names another record") : err;
}

/* The other record has it too. */
static enum err other_side_check(struct db *db, struct op *op, const struct link *side)
{
    struct link_list links;
    bool found = false;
    enum err err = store_links_between(db, op, side->other_id, side->task_id, &links);
    for (size_t i = 0; err == ERR_OK && i < links.n && !found; i++)
        found = links.items[i].kind == link_kind_inverse(side->kind);
    return err == ERR_OK && !found ? side_broken(op, side, "the other record does not have it")
                                   : err;
}

static enum err side_check(struct db *db, struct op *op, const struct link *side)
{
    if (side->kind < LINK_RELATES || side->kind > LINK_CAUSES)
        return side_broken(op, side, "it is of an unknown kind");
    enum err err = event_check_side(db, op, side, false);
    if (err == ERR_OK)
        err = side->ended_seq == 0 ? other_side_check(db, op, side)
                                   : event_check_side(db, op, side, true);
    return err;
}

enum err history_links_check(struct db *db, struct op *op)
{
    int64_t task_id = INT64_MIN, seq = 0;
    for (;;) {
        struct link_list sides;
        arena_reset(op->arena);
        enum err err = store_links_after(db, op, task_id, seq, SIDES_READ, &sides);
        if (err != ERR_OK || sides.n == 0)
            return err;
        for (size_t i = 0; i < sides.n && err == ERR_OK; i++) {
            struct arena_mark mark = arena_mark(op->arena);
            err = side_check(db, op, &sides.items[i]);
            arena_rewind(op->arena, mark);
        }
        if (err != ERR_OK)
            return err;
        task_id = sides.items[sides.n - 1].task_id;
        seq = sides.items[sides.n - 1].seq;
    }
}
