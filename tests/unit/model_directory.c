/* model/directory: who is found, and what a role covers. */
#include "tests.h"

#include "model/old_email.h"

/* STR() is not a constant at file scope. */
#define TEXT(literal) {(literal), sizeof(literal) - 1}

/* Ordered by key; "EXA-CON" before "EXAM", as bytes are. */
static const struct domain domains[] = {
    {1, TEXT("ACME")},        {2, TEXT("EXA")},  {3, TEXT("EXA-CON")},
    {4, TEXT("EXA-CON-BUS")}, {5, TEXT("EXAM")},
};
static const struct workspace workspaces[] = {
    {.id = 12, .domain = &domains[0], .key = TEXT("ACME-MAIN")},
    {.id = 11, .domain = &domains[3], .key = TEXT("EXA-CON-BUS-WOR")},
};
static const struct account accounts[] = {
    {.id = 25, .kind = ACCOUNT_PERSON, .email = TEXT("admin@example.com"), .admin = true},
    {.id = 24, .kind = ACCOUNT_CLIENT, .email = TEXT("client-1")},
    {.id = 23, .kind = ACCOUNT_PERSON, .email = TEXT("gone@example.com"), .disabled = true},
    {.id = 22, .kind = ACCOUNT_PERSON, .email = TEXT("leaf@example.com")},
    {.id = 21, .kind = ACCOUNT_PERSON, .email = TEXT("root@example.com")},
};
static const struct account *const by_id[] = {&accounts[4], &accounts[3], &accounts[2],
                                              &accounts[1], &accounts[0]};
static const struct workspace *const workspaces_by_id[] = {&workspaces[1], &workspaces[0]};
static const struct grant grants[] = {
    {21, &domains[1], ROLE_VIEWER}, {21, &domains[3], ROLE_MANAGER},
    {22, &domains[3], ROLE_MEMBER}, {23, &domains[1], ROLE_MANAGER},
    {24, &domains[3], ROLE_MEMBER},
};
static const struct directory directory = {
    .version = 7,
    .domains = domains,
    .domain_count = 5,
    .workspaces = workspaces,
    .workspace_count = 2,
    .accounts = accounts,
    .account_count = 5,
    .accounts_by_id = by_id,
    .workspaces_by_id = workspaces_by_id,
    .grants = grants,
    .grant_count = 5,
};

static enum role role_of(const char *email, const char *domain)
{
    const struct account *account = directory_account(&directory, str_of(email));
    const struct domain *where = directory_domain(&directory, str_of(domain));
    assert_non_null(account);
    assert_non_null(where);
    return directory_role(&directory, account, where);
}

static void names_are_found_in_any_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++)
        assert_ptr_equal(directory_domain(&directory, domains[i].key), &domains[i]);
    for (size_t i = 0; i < 5; i++)
        assert_ptr_equal(directory_account(&directory, accounts[i].email), &accounts[i]);
    assert_ptr_equal(directory_domain(&directory, STR("exa-Con")), &domains[2]);
    assert_ptr_equal(directory_workspace(&directory, STR("exa-con-bus-wor")), &workspaces[1]);
    assert_ptr_equal(directory_account(&directory, STR("Root@Example.COM")), &accounts[4]);
}

static void an_address_is_found_in_any_spelling(void **state)
{
    (void)state;
    /* Ordered by the bytes of what is stored: two old spellings of one name, and a folded one. */
    static const struct account stored[] = {
        {.id = 1, .kind = ACCOUNT_PERSON, .email = TEXT("a\xCC\x8Asa@example.com")},
        {.id = 2, .kind = ACCOUNT_PERSON, .email = TEXT("jÜrgen@example.com")},
        {.id = 3, .kind = ACCOUNT_PERSON, .email = TEXT("Åsa@example.com")},
        {.id = 4, .kind = ACCOUNT_PERSON, .email = TEXT("émile@example.com")},
    };
    static const struct account *const stored_by_id[] = {&stored[0], &stored[1], &stored[2],
                                                         &stored[3]};
    struct directory d = {.accounts = stored, .account_count = 4, .accounts_by_id = stored_by_id};
    struct arena arena;
    arena_init(&arena, 65536);
    assert_int_equal(directory_note_old_emails(&d, &arena), ERR_OK);
    assert_int_equal(d.old_email_count, 3);
    static const struct {
        const char *email;
        int64_t id;
    } cases[] = {
        {"ÉMILE@example.com", 4},  {"e\xCC\x81mile@Example.com", 4}, {"jürgen@example.com", 2},
        {"JÜRGEN@example.com", 2}, {"Åsa@example.com", 3},           {"ÅSA@EXAMPLE.com", 3},
        {"åsa@example.com", 1}, /* nobody's own spelling: the older account's */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct account *account = directory_account(&d, str_of(cases[i].email));
        if (account == NULL || account->id != cases[i].id)
            fail_msg("%s: %lld", cases[i].email, account == NULL ? 0LL : (long long)account->id);
    }
    assert_null(directory_account(&d, STR("jurgen@example.com")));
    assert_null(directory_account(&d, STR("\xFF")));
    arena_finish(&arena);
}

static void what_does_not_exist_is_not_found(void **state)
{
    (void)state;
    static const struct directory empty = {0};
    assert_null(directory_domain(&directory, STR("EX")));
    assert_null(directory_domain(&directory, STR("EXA-CON-BU")));
    assert_null(directory_domain(&directory, STR("EXA-CON-BUS-")));
    assert_null(directory_domain(&directory, STR("")));
    assert_null(directory_workspace(&directory, STR("EXA-CON-BUS")));
    assert_null(directory_account(&directory, STR("nobody@example.com")));
    assert_null(directory_account_by_id(&directory, 99));
    assert_null(directory_workspace_by_id(&directory, 13));
    assert_null(directory_domain(&empty, STR("EXA")));
    assert_null(directory_account(&empty, STR("a@b")));
    assert_null(directory_account_by_id(&empty, 1));
    assert_null(directory_workspace_by_id(&empty, 1));
}

static void ids_find_what_has_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++)
        assert_ptr_equal(directory_account_by_id(&directory, accounts[i].id), &accounts[i]);
    for (size_t i = 0; i < 2; i++)
        assert_ptr_equal(directory_workspace_by_id(&directory, workspaces[i].id), &workspaces[i]);
}

static void a_role_covers_its_domain_and_all_below_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(role_of("root@example.com", "EXA"), ROLE_VIEWER);
    assert_int_equal(role_of("root@example.com", "EXA-CON"), ROLE_VIEWER);
    assert_int_equal(role_of("root@example.com", "EXAM"), ROLE_NONE);
    assert_int_equal(role_of("root@example.com", "ACME"), ROLE_NONE);
    assert_int_equal(role_of("leaf@example.com", "EXA-CON-BUS"), ROLE_MEMBER);
    assert_int_equal(role_of("leaf@example.com", "EXA-CON"), ROLE_NONE);
    assert_int_equal(role_of("leaf@example.com", "EXA"), ROLE_NONE);
}

static void of_several_grants_the_greatest_counts(void **state)
{
    (void)state;
    assert_int_equal(role_of("root@example.com", "EXA-CON-BUS"), ROLE_MANAGER);
}

static void an_admin_may_do_everything_and_a_disabled_account_nothing(void **state)
{
    (void)state;
    assert_int_equal(role_of("admin@example.com", "ACME"), ROLE_ADMIN);
    assert_int_equal(role_of("gone@example.com", "EXA"), ROLE_NONE);
    struct account gone = accounts[0];
    gone.disabled = true;
    assert_int_equal(directory_role(&directory, &gone, &domains[0]), ROLE_NONE);
}

static void only_people_who_are_known_there_can_be_named(void **state)
{
    (void)state;
    assert_true(directory_knows(&directory, &accounts[4], &domains[3]));
    assert_true(directory_knows(&directory, &accounts[0], &domains[0]));
    assert_false(directory_knows(&directory, &accounts[4], &domains[0]));
    assert_false(directory_knows(&directory, &accounts[2], &domains[1]));
    assert_false(directory_knows(&directory, &accounts[1], &domains[3]));
}

static void roles_have_the_names_of_the_command_line(void **state)
{
    (void)state;
    enum role role = ROLE_NONE;
    for (enum role each = ROLE_VIEWER; each <= ROLE_ADMIN; each++) {
        assert_true(role_read(str_of(role_name(each)), &role));
        assert_int_equal(role, each);
    }
    assert_false(role_read(STR("owner"), &role));
    assert_false(role_read(STR("none"), &role));
    assert_false(role_read(STR("Viewer"), &role));
    assert_int_equal(role, ROLE_ADMIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_in_any_case),
        cmocka_unit_test(what_does_not_exist_is_not_found),
        cmocka_unit_test(an_address_is_found_in_any_spelling),
        cmocka_unit_test(ids_find_what_has_them),
        cmocka_unit_test(a_role_covers_its_domain_and_all_below_and_nothing_else),
        cmocka_unit_test(of_several_grants_the_greatest_counts),
        cmocka_unit_test(an_admin_may_do_everything_and_a_disabled_account_nothing),
        cmocka_unit_test(only_people_who_are_known_there_can_be_named),
        cmocka_unit_test(roles_have_the_names_of_the_command_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
