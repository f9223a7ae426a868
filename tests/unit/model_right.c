/* model/right: the role table, for people and for clients. */
#include "tests.h"

#include "directory_fixture.h"
#include "model/right.h"

static const struct workspace *const wor = &fixture_workspaces[3];
static const struct workspace *const kir = &fixture_workspaces[1];
static const struct workspace *const elsewhere = &fixture_workspaces[0];

static struct client_settings settings;
static struct account machine;
static struct client client;

/* A client of EXA-CON-BUS with these scopes. */
static void make_client(unsigned scopes)
{
    settings = (struct client_settings){.domain = &fixture_domains[3], .scopes = scopes};
    client = (struct client){.account = &machine, .settings = settings};
    machine = (struct account){
        .id = 99, .kind = ACCOUNT_CLIENT, .email = {"client-9", 8}, .client = &client};
}

static enum reach reach(enum right right, const struct workspace *workspace)
{
    return right_reach(&fixture_directory, &machine, right, workspace);
}

static void a_person_may_what_the_role_may(void **state)
{
    static const struct {
        size_t account;
        enum right most; /* that reaches all of EXA-CON-BUS-WOR */
    } people[] = {{0, RIGHT_MANAGE}, {2, RIGHT_READ}, {3, RIGHT_WRITE}};
    (void)state;
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++)
        for (enum right right = RIGHT_SEE; right <= RIGHT_MANAGE; right++)
            assert_int_equal(
                right_reach(&fixture_directory, &fixture_accounts[people[i].account], right, wor),
                right <= people[i].most ? REACH_ALL : REACH_NONE);
    for (enum right right = RIGHT_SEE; right <= RIGHT_MANAGE; right++) {
        assert_int_equal(right_reach(&fixture_directory, &fixture_accounts[1], right, wor),
                         REACH_NONE); /* of another domain */
        assert_int_equal(right_reach(&fixture_directory, &fixture_accounts[4], right, wor),
                         REACH_NONE); /* disabled */
    }
}

static void people_who_read_all_take_part(void **state)
{
    const bool part[] = {true, false, true, true, false}; /* another domain; disabled */
    (void)state;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        assert_int_equal(right_takes_part(&fixture_directory, &fixture_accounts[i], wor), part[i]);
    make_client(SCOPE_READ | SCOPE_WRITE);
    assert_false(right_takes_part(&fixture_directory, &machine, wor));
    assert_false(right_takes_part(&fixture_directory, NULL, wor));
}

static void a_client_may_what_its_scopes_may(void **state)
{
    static const struct {
        unsigned scopes;
        enum reach reaches[RIGHT_MANAGE + 1];
    } rows[] = {
        {0, {REACH_NONE, REACH_NONE, REACH_NONE, REACH_NONE, REACH_NONE, REACH_NONE}},
        {SCOPE_CREATE, {REACH_ALL, REACH_NONE, REACH_ALL, REACH_OWN, REACH_NONE, REACH_NONE}},
        {SCOPE_READ, {REACH_ALL, REACH_OWN, REACH_NONE, REACH_NONE, REACH_NONE, REACH_NONE}},
        {SCOPE_WRITE, {REACH_ALL, REACH_NONE, REACH_NONE, REACH_NONE, REACH_OWN, REACH_NONE}},
        {SCOPE_CREATE | SCOPE_READ | SCOPE_WRITE,
         {REACH_ALL, REACH_OWN, REACH_ALL, REACH_OWN, REACH_OWN, REACH_NONE}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (enum right right = RIGHT_SEE; right <= RIGHT_MANAGE; right++) {
            make_client(rows[i].scopes);
            assert_int_equal(reach(right, wor), rows[i].reaches[right]);
            assert_int_equal(reach(right, elsewhere), REACH_NONE);
            machine.disabled = true;
            assert_int_equal(reach(right, wor), REACH_NONE);
            machine.disabled = false;
            machine.client = NULL; /* a row that lacks its settings may nothing */
            assert_int_equal(reach(right, wor), REACH_NONE);
        }
}

static void a_client_is_limited_to_its_workspaces(void **state)
{
    (void)state;
    make_client(SCOPE_CREATE | SCOPE_READ);
    assert_int_equal(reach(RIGHT_CREATE, kir), REACH_ALL);
    client.settings.workspaces = (struct client_places){&wor, 1};
    assert_int_equal(reach(RIGHT_CREATE, wor), REACH_ALL);
    for (enum right right = RIGHT_SEE; right <= RIGHT_MANAGE; right++)
        assert_int_equal(reach(right, kir), REACH_NONE);
}

static void a_client_reads_all_where_it_was_given_that(void **state)
{
    (void)state;
    make_client(SCOPE_READ | SCOPE_WRITE);
    client.settings.read_all = (struct client_places){&wor, 1};
    assert_int_equal(reach(RIGHT_READ, wor), REACH_ALL);
    assert_int_equal(reach(RIGHT_READ, kir), REACH_OWN);
    assert_int_equal(reach(RIGHT_WRITE, wor), REACH_OWN);
    make_client(SCOPE_CREATE);
    client.settings.read_all = (struct client_places){&wor, 1};
    assert_int_equal(reach(RIGHT_READ, wor), REACH_NONE);
}

static void own_is_what_the_account_was_the_source_of(void **state)
{
    (void)state;
    make_client(SCOPE_READ);
    assert_true(reach_covers(REACH_OWN, &machine, 99));
    assert_false(reach_covers(REACH_OWN, &machine, 98));
    assert_true(reach_covers(REACH_ALL, &machine, 98));
    assert_false(reach_covers(REACH_NONE, &machine, 99));
}

static bool person_has(const char *granted, const char *wanted)
{
    return right_scope(&fixture_accounts[3], str_of(granted), str_of(wanted));
}

static bool client_has(const char *granted, const char *wanted)
{
    return right_scope(&machine, str_of(granted), str_of(wanted));
}

static void a_scope_covers_what_it_lists(void **state)
{
    (void)state;
    assert_true(person_has("*", "task:read"));
    assert_true(person_has("*", "*"));
    assert_true(person_has("task:read", ""));
    assert_true(person_has("task:read task:create", "task:create"));
    assert_true(person_has("task:read task:create", "task:create task:read"));
    assert_false(person_has("task:read", "task:create"));
    assert_false(person_has("task:read", "task:read task:create"));
    assert_false(person_has("task:read", "*"));
    assert_false(person_has("task:reader", "task:read"));
    assert_false(person_has("task:read", "task:reader"));
}

static void a_client_has_the_scope_only_while_it_is_given_it(void **state)
{
    (void)state;
    make_client(SCOPE_READ | SCOPE_CREATE);
    assert_true(client_has("task:create task:read", "task:read"));
    assert_false(client_has("task:create", "task:read")); /* a token that was narrowed */
    assert_false(client_has("task:read task:write", "task:write"));
    assert_true(client_has("task:read", ""));
    assert_false(client_has("*", "*"));
    assert_false(client_has("*", "task:write"));
    client.settings.scopes = SCOPE_CREATE;
    assert_false(client_has("task:create task:read", "task:read"));
}

static int setup(void **state)
{
    (void)state;
    fixture_open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_may_what_the_role_may),
        cmocka_unit_test(people_who_read_all_take_part),
        cmocka_unit_test(a_client_may_what_its_scopes_may),
        cmocka_unit_test(a_client_is_limited_to_its_workspaces),
        cmocka_unit_test(a_client_reads_all_where_it_was_given_that),
        cmocka_unit_test(own_is_what_the_account_was_the_source_of),
        cmocka_unit_test(a_scope_covers_what_it_lists),
        cmocka_unit_test(a_client_has_the_scope_only_while_it_is_given_it),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
