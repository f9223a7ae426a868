/* base/network: ranges hold what they should, and nothing beside it. */
#include "tests.h"

#include "base/network.h"

static bool contains(struct op *op, const char *list, const char *text)
{
    struct networks networks;
    struct address address;
    assert_int_equal(networks_read(op, str_of(list), &networks), ERR_OK);
    assert_true(address_read(str_of(text), &address));
    return networks_contain(&networks, &address);
}

static void ranges_hold_their_addresses(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 100000);
    struct op op = {.arena = &arena};
    assert_true(contains(&op, "10.0.0.0/8", "10.255.0.1"));
    assert_false(contains(&op, "10.0.0.0/8", "11.0.0.1"));
    assert_true(contains(&op, "192.0.2.128/25", "192.0.2.200"));
    assert_false(contains(&op, "192.0.2.128/25", "192.0.2.127"));
    assert_true(contains(&op, "192.0.2.1", "::ffff:192.0.2.1"));
    assert_true(contains(&op, "10.0.0.0/8, ::1", "::1"));
    assert_true(contains(&op, "2001:db8::/33", "2001:db8:7fff::1"));
    assert_false(contains(&op, "2001:db8::/33", "2001:db8:8000::1"));
    assert_true(contains(&op, "0.0.0.0/0", "8.8.8.8"));
    assert_false(contains(&op, "0.0.0.0/0", "2001:db8::1"));
    assert_false(contains(&op, "", "127.0.0.1"));
    arena_finish(&arena);
}

static void bad_ranges_are_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"10.0.0.0/33", "::/129",      "10.0.0",       "10.0.0.1/",
                                      "localhost",   "10.0.0.0/-1", "fe80::1%eth0", "[::1]"};
    struct arena arena;
    struct networks networks;
    arena_init(&arena, 100000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct op op = {.arena = &arena};
        assert_int_equal(networks_read(&op, str_of(bad[i]), &networks), ERR_SYNTAX);
        assert_non_null(strstr(op.detail, bad[i]));
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_hold_their_addresses),
        cmocka_unit_test(bad_ranges_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
