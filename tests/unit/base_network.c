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

static void only_the_internet_is_public(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        bool public;
    } hosts[] = {
        {"8.8.8.8", true},
        {"1.1.1.1", true},
        {"172.32.0.1", true},
        {"100.128.0.1", true},
        {"[2606:4700::1111]", true},
        {"[2a00:1450::1]", true},
        {"10.0.0.1", false},
        {"10.1", false},
        {"127.0.0.1", false},
        {"2130706433", false},
        {"0x7f000001", false},
        {"0177.0.0.1", false},
        {"127.1.", false},
        {"0", false},
        {"0.0.0.0", false},
        {"169.254.169.254", false},
        {"2852039166", false},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"192.168.1.1", false},
        {"100.64.0.1", false},
        {"192.0.2.1", false},
        {"198.18.0.1", false},
        {"224.0.0.1", false},
        {"255.255.255.255", false},
        {"[::1]", false},
        {"[::]", false},
        {"[fe80::1]", false},
        {"[fd00:ec2::254]", false},
        {"[::ffff:10.0.0.1]", false},
        {"[::ffff:7f00:1]", false},
        {"[64:ff9b::a00:1]", false},
        {"[64:ff9b:1::1]", false},
        {"[2002:a00:1::]", false},
        {"[2001:0:1::1]", false},
        {"[2001:db8::1]", false},
        {"[ff02::1]", false},
        {"[100::1]", false},
        {"[3fff::1]", false},
        {"[::127.0.0.1]", false},
        {"[::ffff:8.8.8.8]", true},
    };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct address address;
        if (!address_read_host(str_of(hosts[i].host), &address) ||
            address_is_public(&address) != hosts[i].public)
            fail_msg("%s is %spublic", hosts[i].host, hosts[i].public ? "" : "not ");
    }
    struct address address;
    static const char *const names[] = {"example.com", "localhost", "", "1.2.3.4.5", "[::1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(address_read_host(str_of(names[i]), &address));
}

static void urls_have_a_scheme_and_a_host(void **state)
{
    (void)state;
    bool https;
    struct str host;
    assert_true(url_split(STR("https://example.com:8443/a?b"), &https, &host));
    assert_true(https && str_eq(host, STR("example.com")));
    assert_true(url_split(STR("http://[::1]:80/a"), &https, &host));
    assert_true(!https && str_eq(host, STR("[::1]")));
    assert_true(url_split(STR("https://10.0.0.1/"), &https, &host));
    assert_true(str_eq(host, STR("10.0.0.1")));
    static const char *const bad[] = {
        "ftp://a/",    "https:///a",    "https://a@b/", "https://a/#b",
        "https://a b", "https://a\r\n", "HTTPS://a/",   ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(url_split(str_of(bad[i]), &https, &host));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_hold_their_addresses),
        cmocka_unit_test(bad_ranges_are_named),
        cmocka_unit_test(only_the_internet_is_public),
        cmocka_unit_test(urls_have_a_scheme_and_a_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
