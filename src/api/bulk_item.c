#include "api/bulk_item.h"

#include "api/idempotency_key.h"
#include "json/read.h"
#include "model/draft_json.h"
#include "model/task_encode.h"

/* An item that cannot be judged: the others continue. */
static enum err item_bad(struct bulk_item *item, int status)
{
    item->status = status;
    return ERR_OK;
}

static enum err decode_key(struct bulk_item *item, const struct json *key, struct str sent)
{
    if (key == NULL || key->kind == JSON_NULL)
        return ERR_OK;
    if (idempotency_key_check(&item->op, json_text(key)) != ERR_OK)
        return item_bad(item, 400);
    struct str copy = arena_str(item->op.arena, key->text);
    if (copy.p == NULL)
        return ERR_MEMORY;
    if (!item->intake.options->dry_run)
        intake_set_key(&item->intake, copy, sent);
    return ERR_OK;
}

/* Checks the item itself; ERR_SYNTAX. */
static enum err envelope_check(struct op *op, const struct json *root)
{
    if (root->kind != JSON_OBJECT)
        return op_fail(
            op, ERR_SYNTAX,
            "An item must be an object with \"task\" and optionally \"idempotencyKey\", not %.*s.",
            STR_ARG(json_kind_name(root->kind)));
    if (task_members_inside(root) != 0)
        return op_fail(op, ERR_SYNTAX,
                       "This item is the report itself: put it under \"task\", as in {\"task\": "
                       "{\"todoType\": …}}.");
    for (const struct json *m = root->first; m != NULL; m = m->next) {
        struct str name = fault_excerpt(m->name);
        if (str_eq(m->name, STR("task")) || str_eq(m->name, STR("idempotencyKey")))
            continue;
        if (task_members_inside(m) != 0)
            return op_fail(op, ERR_SYNTAX,
                           "The report was found inside \"%.*s\": put it under \"task\" instead.",
                           STR_ARG(name));
        return op_fail(
            op, ERR_SYNTAX,
            "Unknown member \"%.*s\" of an item: put the members of the report under \"task\".",
            STR_ARG(name));
    }
    const struct json *report = json_member(root, STR("task"));
    if (report == NULL)
        return op_fail(op, ERR_SYNTAX, "The item has no \"task\"; put the report there.");
    if (report->kind != JSON_OBJECT)
        return op_fail(op, ERR_SYNTAX,
                       "\"task\" must be an object with the members of the report, not %.*s.",
                       STR_ARG(json_kind_name(report->kind)));
    return ERR_OK;
}

static enum err decode_envelope(struct bulk_item *item, const struct json *root)
{
    const struct json *report = json_member(root, STR("task"));
    if (envelope_check(&item->op, root) != ERR_OK || report == NULL)
        return item_bad(item, 400);
    enum err err = task_decode_json(&item->op, report, &item->intake.draft);
    return err == ERR_OK ? decode_key(item, json_member(root, STR("idempotencyKey")), report->raw)
                         : err;
}

enum err bulk_item_decode(struct bulk_item *item, struct arena *tree, enum json_items_form form,
                          const struct json_item *sent)
{
    struct call *call = item->intake.call;
    const struct json *root;
    if (sent->too_long) {
        op_say(&item->op, "An item can have at most 1 MiB.");
        return item_bad(item, 413);
    }
    arena_reset(tree);
    enum err err = json_read_at(&item->op, tree, sent->text, sent->place, &root);
    if (err == ERR_SYNTAX && form == JSON_ITEMS_LINES) {
        call->note.json = false;
        return item_bad(item, 400);
    }
    if (err == ERR_SYNTAX) /* where the next item begins is anybody's guess */
        return op_fail(&call->op, err, "%s", item->op.detail);
    return err == ERR_OK ? decode_envelope(item, root) : err;
}
