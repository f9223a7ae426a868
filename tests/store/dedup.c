/* The dedup rule as the write lane applies it: in one batch, and once a record is closed. */
#include "world.h"

#include "store/dedup.h"

#include <string.h>

/* A create of a form with a rule, whose digest is made of one byte. */
static struct task_create *create_of(struct world *world, enum dedup_then then, unsigned char byte)
{
    struct task_create *create = world_create(world, 0, "Again", NULL);
    create->dedup.then = then;
    memset(create->dedup.digest.bytes, byte, SHA256_SIZE);
    return create;
}

static void in_one_batch_one_is_created(void **state)
{
    static const struct {
        enum dedup_then then;
        enum err err;
        int64_t version;
    } ways[] = {
        {DEDUP_ANSWER, ERR_OK, 1}, {DEDUP_OCCURRENCE, ERR_OK, 9}, {DEDUP_REFUSE, ERR_CONFLICT, 1}};
    struct world *world = *state;
    for (size_t w = 0; w < 3; w++) {
        struct task_create *creates[9];
        for (size_t i = 0; i < 9; i++)
            creates[i] = create_of(world, ways[w].then, (unsigned char)w);
        world_send_together(world, creates, 9);
        assert_int_equal(creates[0]->change.err, ERR_OK);
        assert_null(creates[0]->first);
        int64_t number = creates[0]->task.number;
        assert_int_equal(number, w + 1);
        for (size_t i = 1; i < 9; i++) {
            assert_int_equal(creates[i]->change.err, ways[w].err);
            assert_non_null(creates[i]->first);
            assert_int_equal(creates[i]->first->number, number);
            assert_int_equal(creates[i]->event.seq > 0, ways[w].then == DEDUP_OCCURRENCE);
        }
        struct task stored = world_get(world, 0, number);
        assert_int_equal(stored.version, ways[w].version);
        if (ways[w].then == DEDUP_OCCURRENCE)
            assert_int_equal(stored.last_seq, creates[8]->event.seq);
    }
}

static int64_t closed_id;

static enum err close_apply(struct change *change, struct batch *batch)
{
    batch_writes(batch, change);
    return store_dedup_free(batch_db(batch), change->op, closed_id);
}

static void a_record_that_is_closed_is_found_no_more(void **state)
{
    struct world *world = *state;
    struct task_create *first = create_of(world, DEDUP_REFUSE, 7);
    assert_int_equal(world_send(world, first), ERR_OK);
    assert_int_equal(world_send(world, create_of(world, DEDUP_REFUSE, 7)), ERR_CONFLICT);
    closed_id = first->task.id;
    for (int i = 0; i < 2; i++)
        assert_int_equal(world_change(world, close_apply), ERR_OK);
    struct task_create *next = create_of(world, DEDUP_REFUSE, 7);
    assert_int_equal(world_send(world, next), ERR_OK);
    assert_null(next->first);
    assert_int_equal(next->task.number, 2);
    assert_int_equal(world_send(world, create_of(world, DEDUP_REFUSE, 7)), ERR_CONFLICT);
}

static void what_is_open_is_known_after_a_restart(void **state)
{
    struct world *world = *state;
    assert_int_equal(world_send(world, create_of(world, DEDUP_ANSWER, 9)), ERR_OK);
    world_reopen(world);
    struct task_create *again = create_of(world, DEDUP_ANSWER, 9);
    assert_int_equal(world_send(world, again), ERR_OK);
    assert_non_null(again->first);
    assert_int_equal(again->first->number, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(in_one_batch_one_is_created),
        TEST(a_record_that_is_closed_is_found_no_more),
        TEST(what_is_open_is_known_after_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
