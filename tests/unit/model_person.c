/* model/right and model/person: who looks after whom. */
#include "tests.h"

#include "directory_fixture.h"
#include "model/person.h"
#include "model/right.h"

enum { CALLER = 1, PERSON = 2 };

/* ELSE, EXA, EXA-CON, EXA-CON-BUS. */
enum { ELSE, EXA, CON, BUS };

struct held {
    int domain;
    enum role role; /* ROLE_NONE: nothing */
};

static struct account accounts[2];
static const struct account *const accounts_by_id[] = {&accounts[0], &accounts[1]};
static struct grant grants[4];
static struct directory directory;

static void directory_make(const struct held caller[2], const struct held person[2])
{
    size_t n = 0;
    const struct held *const held[] = {caller, person};
    for (int64_t account = CALLER; account <= PERSON; account++) {
        accounts[account - 1] = (struct account){.id = account, .kind = ACCOUNT_PERSON};
        for (size_t i = 0; i < 2; i++)
            if (held[account - 1][i].role != ROLE_NONE)
                grants[n++] = (struct grant){account, &fixture_domains[held[account - 1][i].domain],
                                             held[account - 1][i].role};
    }
    directory = fixture_directory;
    directory.accounts = accounts;
    directory.accounts_by_id = accounts_by_id;
    directory.account_count = 2;
    directory.grants = grants;
    directory.grant_count = n;
}

static const struct row {
    struct held caller[2], person[2];
    bool sees, over;
} rows[] = {
    {{{CON, ROLE_MANAGER}}, {{BUS, ROLE_MEMBER}}, true, true},
    {{{CON, ROLE_MANAGER}}, {{CON, ROLE_MANAGER}}, true, true},
    {{{CON, ROLE_MANAGER}}, {{EXA, ROLE_VIEWER}}, false, false},
    {{{CON, ROLE_MANAGER}}, {{BUS, ROLE_VIEWER}, {EXA, ROLE_VIEWER}}, true, false},
    {{{CON, ROLE_MANAGER}}, {{BUS, ROLE_VIEWER}, {ELSE, ROLE_VIEWER}}, true, false},
    {{{CON, ROLE_MANAGER}}, {{ELSE, ROLE_MEMBER}}, false, false},
    {{{CON, ROLE_MANAGER}}, {{0}}, false, false},
    {{{CON, ROLE_MEMBER}}, {{BUS, ROLE_VIEWER}}, false, false},
    {{{CON, ROLE_MANAGER}, {ELSE, ROLE_MEMBER}},
     {{BUS, ROLE_VIEWER}, {ELSE, ROLE_VIEWER}},
     true,
     false},
    {{{CON, ROLE_MANAGER}, {ELSE, ROLE_MANAGER}},
     {{BUS, ROLE_VIEWER}, {ELSE, ROLE_VIEWER}},
     true,
     true},
    {{{0}}, {{BUS, ROLE_VIEWER}}, false, false},
};

static void who_sees_and_looks_after_whom(void **state)
{
    (void)state;
    const struct account *caller = &accounts[0], *person = &accounts[1];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        directory_make(rows[i].caller, rows[i].person);
        if (right_sees_person(&directory, caller, person) != rows[i].sees ||
            right_over_person(&directory, caller, person) != rows[i].over)
            fail_msg("row %zu", i);
        accounts[1].disabled = true; /* changes nothing of that */
        assert_int_equal(right_over_person(&directory, caller, person), rows[i].over);
        accounts[1].admin = true; /* nobody but admins looks after one */
        assert_false(right_over_person(&directory, caller, person));
        accounts[0].admin = true;
        assert_true(right_sees_person(&directory, caller, person));
        assert_true(right_over_person(&directory, caller, person));
        accounts[0].disabled = true; /* and then it may nothing */
        assert_false(right_sees_person(&directory, caller, person));
        assert_false(right_over_person(&directory, caller, person));
        assert_false(right_manages_any(&directory, caller));
        assert_true(right_over_person(&directory, NULL, person)); /* the operator */
    }
}

static void a_client_sees_no_people_and_is_not_a_person(void **state)
{
    (void)state;
    const struct account *machine = &fixture_accounts[5];
    assert_false(right_manages_any(&fixture_directory, machine));
    assert_false(right_sees_person(&fixture_directory, machine, &fixture_accounts[3]));
    assert_false(right_sees_person(&fixture_directory, NULL, machine));
    assert_true(right_sees_domain(&fixture_directory, machine, &fixture_domains[EXA]));
    assert_true(right_sees_domain(&fixture_directory, machine, &fixture_domains[BUS]));
    assert_false(right_sees_domain(&fixture_directory, machine, &fixture_domains[ELSE]));
}

/* ---- roles that are given ---- */

static enum err judge(struct op *op, const struct role_draft *roles, size_t n,
                      struct person_settings *ret_settings)
{
    struct faults faults;
    const struct person_draft draft = {.roles = roles, .role_count = n, .roles_sent = true};
    faults_init(&faults, op->arena);
    return person_judge(op, &draft, &accounts[1], &directory, &accounts[0], &faults, ret_settings);
}

static void roles_elsewhere_stay_whatever_is_sent(void **state)
{
    (void)state;
    static const struct held manager[2] = {{CON, ROLE_MANAGER}};
    static const struct held both[2] = {{BUS, ROLE_MEMBER}, {ELSE, ROLE_MANAGER}};
    static const struct role_draft given = {STR_INIT("exa-con"), STR_INIT("viewer")};
    static const struct role_draft above = {STR_INIT("EXA"), STR_INIT("viewer")};
    struct arena arena;
    arena_init(&arena, 65536);
    struct op op = {.arena = &arena};
    struct person_settings settings;
    directory_make(manager, both);
    /* In the order of the domains' ids: ELSE is the first. */
    assert_int_equal(judge(&op, NULL, 0, &settings), ERR_OK);
    assert_int_equal(settings.grant_count, 1);
    assert_int_equal(settings.grants[0].role, ROLE_MANAGER);
    assert_int_equal(judge(&op, &given, 1, &settings), ERR_OK);
    assert_int_equal(settings.grant_count, 2);
    assert_ptr_equal(settings.grants[0].domain, &fixture_domains[ELSE]);
    assert_ptr_equal(settings.grants[1].domain, &fixture_domains[CON]);
    assert_int_equal(judge(&op, &above, 1, &settings), ERR_INVALID);
    accounts[1].admin = true;
    assert_int_equal(judge(&op, &given, 1, &settings), ERR_FORBIDDEN);
    arena_finish(&arena);
}

/* ---- what somebody who knows the password must not have ---- */

/* The maker of the person's link is the account CALLER. */
static const struct gain {
    int64_t by;
    struct held maker[2], before[2], after[2];
    bool beyond;
} gains[] = {
    {CALLER, {{CON, ROLE_MANAGER}}, {{CON, ROLE_VIEWER}}, {{CON, ROLE_MANAGER}}, false},
    {CALLER, {{CON, ROLE_MANAGER}}, {{CON, ROLE_VIEWER}}, {{BUS, ROLE_MANAGER}}, false},
    {CALLER, {{CON, ROLE_MANAGER}}, {{CON, ROLE_VIEWER}}, {{EXA, ROLE_VIEWER}}, true},
    {CALLER, {{CON, ROLE_MANAGER}}, {{CON, ROLE_VIEWER}}, {{ELSE, ROLE_VIEWER}}, true},
    {CALLER, {{CON, ROLE_MANAGER}}, {{0}}, {{ELSE, ROLE_VIEWER}}, true},
    {CALLER, {{CON, ROLE_MEMBER}}, {{CON, ROLE_VIEWER}}, {{CON, ROLE_MEMBER}}, true},
    {CALLER, {{0}}, {{CON, ROLE_VIEWER}}, {{BUS, ROLE_MEMBER}}, true},
    /* No gain: the same, less, or what a role above gives already. */
    {CALLER, {{0}}, {{CON, ROLE_MEMBER}}, {{CON, ROLE_MEMBER}}, false},
    {CALLER, {{0}}, {{CON, ROLE_MEMBER}}, {{CON, ROLE_VIEWER}}, false},
    {CALLER, {{0}}, {{CON, ROLE_MEMBER}}, {{BUS, ROLE_MEMBER}}, false},
    {CALLER, {{0}}, {{CON, ROLE_MEMBER}}, {{0}}, false},
    {PASSWORD_BY_OPERATOR, {{0}}, {{CON, ROLE_VIEWER}}, {{ELSE, ROLE_MANAGER}}, false},
    {PASSWORD_NONE, {{0}}, {{CON, ROLE_VIEWER}}, {{ELSE, ROLE_MANAGER}}, false},
    {PASSWORD_BY_UNKNOWN, {{0}}, {{CON, ROLE_VIEWER}}, {{BUS, ROLE_MANAGER}}, false},
    {PASSWORD_BY_UNKNOWN, {{0}}, {{CON, ROLE_VIEWER}}, {{EXA, ROLE_VIEWER}}, true},
    {PASSWORD_BY_UNKNOWN, {{0}}, {{CON, ROLE_VIEWER}}, {{ELSE, ROLE_VIEWER}}, true},
    {PASSWORD_BY_OTHERS, {{0}}, {{CON, ROLE_VIEWER}}, {{CON, ROLE_MEMBER}}, true},
};

static bool gains_beyond(const struct gain *gain, bool admin, bool disabled)
{
    struct grant after[2];
    struct person_settings settings = {.admin = admin, .disabled = disabled, .grants = after};
    for (size_t i = 0; i < 2; i++)
        if (gain->after[i].role != ROLE_NONE)
            after[settings.grant_count++] = (struct grant){
                PERSON, &fixture_domains[gain->after[i].domain], gain->after[i].role};
    return person_gains_beyond(&directory, &accounts[1], &settings, gain->by);
}

static void the_maker_of_a_link_gains_nothing_by_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof gains / sizeof gains[0]; i++) {
        const struct gain *gain = &gains[i];
        directory_make(gain->maker, gain->before);
        if (gains_beyond(gain, false, false) != gain->beyond)
            fail_msg("row %zu", i);
        assert_false(gains_beyond(gain, false, true)); /* a disabled person has nothing of it yet */
        bool everywhere = gain->by == PASSWORD_BY_OPERATOR || gain->by == PASSWORD_NONE;
        assert_int_equal(gains_beyond(gain, true, false), !everywhere); /* becomes an admin */
        accounts[0].admin = true; /* an admin may have all, until disabled */
        assert_int_equal(gains_beyond(gain, true, false), !everywhere && gain->by != CALLER);
        accounts[0].disabled = true;
        assert_int_equal(gains_beyond(gain, true, false), !everywhere);
        accounts[1].admin = true; /* stays one */
        assert_false(gains_beyond(gain, true, false));
    }
}

static void to_enable_gives_the_roles_back(void **state)
{
    (void)state;
    static const struct gain same = {
        CALLER, {{CON, ROLE_MANAGER}}, {{CON, ROLE_VIEWER}}, {{CON, ROLE_VIEWER}}, false};
    directory_make(same.maker, same.before);
    accounts[1].disabled = true;
    assert_false(gains_beyond(&same, false, false));
    accounts[0].disabled = true; /* the maker has left since */
    assert_true(gains_beyond(&same, false, false));
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
        cmocka_unit_test(who_sees_and_looks_after_whom),
        cmocka_unit_test(a_client_sees_no_people_and_is_not_a_person),
        cmocka_unit_test(roles_elsewhere_stay_whatever_is_sent),
        cmocka_unit_test(the_maker_of_a_link_gains_nothing_by_others),
        cmocka_unit_test(to_enable_gives_the_roles_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
