/* Forms that are ready to judge by: what they hold of memory is what is counted. */
#include "world.h"

#include "base/id.h"
#include "core/batch.h"
#include "core/form.h"

#include <string.h>

enum { FORMS = 100, PATTERNS = 100 };

static int64_t workspace_id, ids[FORMS];

/* A hundred patterns of a few letters each, which take some 12 KiB each once they are compiled. */
static enum err forms_apply(struct change *change, struct batch *batch)
{
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct buf document;
    buf_init(&document, 64 * 1024);
    BUF_LIT(&document, "{\"fields\":[");
    for (int i = 0; i < PATTERNS; i++)
        buf_printf(&document,
                   "%s{\"name\":\"f%d\",\"type\":\"text\",\"pattern\":\"([a-z]{2}-){99}\"}",
                   i == 0 ? "" : ",", i);
    BUF_LIT(&document, "]}");
    enum err err = buf_err(&document);
    batch_writes(batch, change);
    for (size_t i = 0; i < FORMS && err == ERR_OK; i++) {
        const struct form_row row = {
            .id = ids[i] = id_next(),
            .workspace_id = workspace_id,
            .name = arena_printf(op->arena, "form-%zu", i),
            .version = 1,
        };
        const struct form_version version = {.version = 1, .at = 1, .document = buf_str(&document)};
        err = store_form_put(db, op, &row);
        if (err == ERR_OK)
            err = store_form_version_add(db, op, row.id, &version);
    }
    buf_finish(&document);
    return err;
}

static struct form_cache *cache;
static size_t first_bytes, most_bytes;

static enum err load_run(struct core_read *read, struct db *db)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < FORMS && err == ERR_OK; i++) {
        const struct form_head head = {.id = ids[i], .name = STR("form"), .version = 1};
        const struct form *form = NULL;
        err = form_cache_load(cache, db, read->op, &head, &form);
        form_release(form);
        first_bytes = i == 0 ? cache->bytes : first_bytes;
        most_bytes = cache->bytes > most_bytes ? cache->bytes : most_bytes;
    }
    return err;
}

static void compiled_patterns_are_counted(void **state)
{
    struct world *world = *state;
    struct core_read read = {0};
    workspace_id = world_workspace(world, 0)->id;
    assert_int_equal(world_change(world, forms_apply), ERR_OK);
    cache = core_forms(world->core);
    assert_int_equal(world_read(world, load_run, &read), ERR_OK);
    assert_in_range(first_bytes, PATTERNS * 8 * 1024, PATTERNS * 32 * 1024);
    assert_in_range(most_bytes, FORM_BYTES_MAX / 2, FORM_BYTES_MAX);
    size_t kept = 0;
    for (size_t i = 0; i < FORM_SLOTS; i++)
        kept += cache->slots[i] != NULL;
    assert_in_range(kept, 2, FORMS - 1); /* there is no room for all */
}

static enum err damaged_apply(struct change *change, struct batch *batch)
{
    const struct form_version version = {.version = 2, .at = 1, .document = STR("{")};
    batch_writes(batch, change);
    return store_form_version_add(batch_db(batch), change->op, ids[0], &version);
}

static enum err damaged_run(struct core_read *read, struct db *db)
{
    const struct form_head head = {.id = ids[0], .name = STR("claim"), .version = 2};
    const struct form *form = NULL;
    return form_cache_load(cache, db, read->op, &head, &form);
}

static void a_form_that_cannot_be_read_is_named(void **state)
{
    struct world *world = *state;
    struct core_read read = {.op = &world->op};
    workspace_id = world_workspace(world, 0)->id;
    assert_int_equal(world_change(world, forms_apply), ERR_OK);
    assert_int_equal(world_change(world, damaged_apply), ERR_OK);
    cache = core_forms(world->core);
    assert_int_equal(world_read(world, damaged_run, &read), ERR_CORRUPT);
    assert_non_null(strstr(read.op->detail, "version 2 of the form claim cannot be read: line 1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(compiled_patterns_are_counted),
                                       TEST(a_form_that_cannot_be_read_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
