/*
 * The body of add-tasks against any bytes, cut into pieces anywhere. The first byte says whether it
 * is a list or lines, the second how it is cut. Oracle: where it is cut makes no difference,
 * neither to the items nor to the place of a refusal; a list is taken exactly when json_read()
 * takes it whole, with the same items; and what stands in an item is judged or refused, as add-task
 * would.
 */
#include "form/judge.h"
#include "json/items.h"
#include "json/read.h"
#include "model/draft_json.h"
#include "model/task_encode.h"

#include "report.h"

enum { ITEM_MAX = 4096, ITEMS_MAX = 64 };

struct outcome {
    struct json_item items[ITEMS_MAX];
    size_t n;
    enum err err;
    char detail[256];
    bool deep; /* refused for its depth, which a list adds to */
};

/* Judges what an item may have under "task". */
static void judge_item(struct arena *arena, const struct json *root)
{
    struct op op = {.arena = arena, .now = now};
    struct task_draft draft;
    struct faults faults;
    struct judged judged;
    const struct json *task = json_member(root, STR("task"));
    if (task == NULL || task_decode_json(&op, task, &draft) != ERR_OK)
        return;
    faults_init(&faults, arena);
    enum err err =
        task_judge(&op, &draft, &form_default, NULL, &fixture_directory,
                   directory_account_by_id(&fixture_directory, ID_EXAMPLE), &faults, NULL, &judged);
    must(err == ERR_OK || err == ERR_INVALID || err == ERR_MEMORY);
    if (err == ERR_INVALID)
        check_faults(&faults);
}

static enum err add_item(struct arena *arena, struct op *op, const struct json_items *items,
                         const struct json_item *item, struct outcome *outcome)
{
    const struct json *root;
    if (item->text.p == NULL)
        return ERR_OK;
    must(item->too_long ? item->text.n == 0 : item->text.n > 0);
    must(item->text.n <= ITEM_MAX);
    if (outcome->n < ITEMS_MAX) {
        outcome->items[outcome->n] = *item;
        outcome->items[outcome->n++].text = arena_str(arena, item->text);
    }
    if (item->too_long)
        return ERR_OK;
    op->detail[0] = '\0';
    enum err err = json_read_at(op, arena, item->text, item->place, &root);
    outcome->deep = outcome->deep || strstr(op->detail, "levels deep") != NULL;
    if (err == ERR_OK)
        judge_item(arena, root);
    return items->form == JSON_ITEMS_LINES && err == ERR_SYNTAX ? ERR_OK : err;
}

static void split(struct arena *arena, enum json_items_form form, struct str body, size_t step,
                  struct outcome *outcome)
{
    struct json_items items;
    struct json_item item;
    struct op op = {.arena = arena, .now = now};
    enum err err = ERR_OK;
    *outcome = (struct outcome){0};
    json_items_init(&items, form, ITEM_MAX);
    while (body.n > 0 && err == ERR_OK) {
        struct str piece = str_sub(body, 0, step);
        body = str_from(body, piece.n);
        do {
            err = json_items_next(&items, &op, &piece, &item);
            if (err == ERR_OK)
                err = add_item(arena, &op, &items, &item, outcome);
        } while (err == ERR_OK && item.text.p != NULL);
        must(err != ERR_OK || piece.n == 0);
    }
    if (err == ERR_OK)
        err = json_items_end(&items, &op, &item);
    if (err == ERR_OK)
        err = add_item(arena, &op, &items, &item, outcome);
    must(err == ERR_OK || err == ERR_MEMORY || err == ERR_SYNTAX);
    must(err != ERR_SYNTAX || str_starts(str_of(op.detail), STR("line ")));
    outcome->err = err;
    for (size_t i = 0; i < sizeof outcome->detail && err == ERR_SYNTAX; i++)
        outcome->detail[i] = op.detail[i];
    json_items_finish(&items);
}

static void check_alike(const struct outcome *a, const struct outcome *b)
{
    /* A character that is cut is not shown as what it is. */
    const char *found = strstr(a->detail, "found ");
    size_t alike = found == NULL ? sizeof a->detail : (size_t)(found - a->detail);
    must(a->n == b->n && a->err == b->err && strncmp(a->detail, b->detail, alike) == 0);
    for (size_t i = 0; i < a->n; i++) {
        must(str_eq(a->items[i].text, b->items[i].text));
        must(a->items[i].too_long == b->items[i].too_long);
        must(a->items[i].place.lines == b->items[i].place.lines);
        must(a->items[i].place.columns == b->items[i].place.columns);
    }
}

/* A list against the reader of whole texts. */
static void check_list(struct arena *arena, struct str body, const struct outcome *outcome)
{
    const struct json *root;
    struct op op = {.arena = arena, .now = now};
    enum err err = json_read(&op, arena, body, &root);
    for (size_t i = 0; i < outcome->n; i++)
        if (outcome->items[i].too_long)
            return;
    if (err == ERR_MEMORY || outcome->deep || strstr(op.detail, "levels deep") != NULL)
        return;
    must((err == ERR_OK && root->kind == JSON_LIST) == (outcome->err == ERR_OK));
    if (outcome->err != ERR_OK || root->n > ITEMS_MAX)
        return;
    must(root->n == outcome->n);
    const struct json *element = root->first;
    for (size_t i = 0; i < outcome->n; i++, element = element->next)
        must(str_eq(element->raw, outcome->items[i].text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct outcome whole, pieces;
    if (size < 2)
        return 0;
    struct arena arena;
    struct str body = {(const char *)data + 2, size - 2};
    enum json_items_form form = data[0] % 2 == 0 ? JSON_ITEMS_LIST : JSON_ITEMS_LINES;
    arena_init(&arena, 64 * 1024 * 1024);
    split(&arena, form, body, SIZE_MAX, &whole);
    split(&arena, form, body, 1 + data[1] % 16, &pieces);
    if (whole.err != ERR_MEMORY && pieces.err != ERR_MEMORY)
        check_alike(&whole, &pieces);
    if (form == JSON_ITEMS_LIST)
        check_list(&arena, body, &whole);
    arena_finish(&arena);
    return 0;
}
