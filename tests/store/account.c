/* core/account: people, roles and workspaces as the sub-commands make them. */
#include "world.h"

#include "core/account.h"
#include "core/workspace.h"
#include "db/db.h"

#include <stdio.h>

static enum err add(struct world *world, struct account_add *add)
{
    world->op.detail[0] = '\0';
    add->op = &world->op;
    return account_add(world->core, add);
}

static enum err workspace(struct world *world, const char *key, const char *zone)
{
    world->op.detail[0] = '\0';
    const struct workspace_draft draft = {.key = str_of(key), .zone = str_of(zone)};
    struct str made;
    return workspace_add(world->core, &world->op, &draft, &made);
}

static const struct directory *refresh(struct world *world)
{
    directory_release(world->directory);
    world->directory = core_directory(world->core);
    return world->directory;
}

static enum role role_at(struct world *world, const char *email, const char *domain)
{
    const struct directory *directory = refresh(world);
    const struct account *account = directory_account(directory, str_of(email));
    const struct domain *where = directory_domain(directory, str_of(domain));
    assert_non_null(account);
    assert_non_null(where);
    return directory_role(directory, account, where);
}

static void a_new_person_is_in_the_directory_at_once(void **state)
{
    struct world *world = *state;
    struct account_add person = {.email = STR(" New.Person@Example.com "),
                                 .name = STR("New Person"),
                                 .domain = STR("exa-con-bus"),
                                 .role = ROLE_MEMBER};
    assert_int_equal(add(world, &person), ERR_OK);
    assert_false(person.existed);
    assert_str(person.email, "new.person@example.com");
    assert_int_equal(role_at(world, "new.person@example.com", "EXA-CON-BUS"), ROLE_MEMBER);
    const struct account *account =
        directory_account(world->directory, STR("NEW.person@example.com"));
    assert_str(account->name, "New Person");
    assert_false(account->admin);
}

static void adding_a_person_again_changes_only_what_is_given(void **state)
{
    struct world *world = *state;
    struct account_add person = {.email = STR("p@example.com"),
                                 .name = STR("P"),
                                 .domain = STR("EXA-CON-BUS"),
                                 .role = ROLE_MANAGER,
                                 .password_hash = STR("$first")};
    assert_int_equal(add(world, &person), ERR_OK);
    person = (struct account_add){
        .email = STR("P@example.com"), .domain = STR("EXA-CON-BUS"), .role = ROLE_VIEWER};
    assert_int_equal(add(world, &person), ERR_OK);
    assert_true(person.existed);
    assert_int_equal(role_at(world, "p@example.com", "EXA-CON-BUS"), ROLE_VIEWER);
    assert_str(directory_account(world->directory, STR("p@example.com"))->name, "P");

    person = (struct account_add){.email = STR("p@example.com"), .admin = true};
    assert_int_equal(add(world, &person), ERR_OK);
    assert_int_equal(role_at(world, "p@example.com", "ACME"), ROLE_ADMIN);

    struct db *db;
    struct db_rows rows;
    assert_int_equal(core_open_reader(world->core, &world->op, &db), ERR_OK);
    assert_int_equal(db_query(db, &world->op,
                              "SELECT password_hash FROM account WHERE email = 'p@example.com'",
                              DB_NO_ARGS, &rows),
                     ERR_OK);
    assert_str(db_get_str(&rows, 0, 0), "$first");
    db_close(db);
}

static void a_role_on_a_domain_that_does_not_exist_is_refused(void **state)
{
    struct world *world = *state;
    struct account_add person = {
        .email = STR("p@example.com"), .domain = STR("NOWHERE"), .role = ROLE_MEMBER};
    assert_int_equal(add(world, &person), ERR_NOT_FOUND);
    assert_non_null(strstr(world->op.detail, "NOWHERE"));
    assert_null(directory_account(refresh(world), STR("p@example.com")));
}

static void a_text_that_is_not_an_address_or_name_is_refused(void **state)
{
    struct world *world = *state;
    static const char *const addresses[] = {"",        "a",       "@b",          "a@",
                                            "a@b@c",   "a b@c",   "a@b\r\nBcc:", "a,b@c",
                                            "\"a\"@b", "a@b\xff", "<a@b>"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct account_add person = {.email = str_of(addresses[i]), .admin = true};
        if (add(world, &person) != ERR_INVALID)
            fail_msg("\"%s\" was taken", addresses[i]);
    }
    struct account_add person = {.email = STR("a@b"), .admin = true, .name = STR("two\nlines")};
    assert_int_equal(add(world, &person), ERR_INVALID);
}

static void a_workspace_makes_its_domain_and_those_above(void **state)
{
    struct world *world = *state;
    assert_int_equal(workspace(world, "new-sub-leaf-ws", "Europe/Amsterdam"), ERR_OK);
    const struct directory *directory = refresh(world);
    assert_non_null(directory_domain(directory, STR("NEW")));
    assert_non_null(directory_domain(directory, STR("NEW-SUB")));
    assert_non_null(directory_domain(directory, STR("NEW-SUB-LEAF")));
    assert_null(directory_domain(directory, STR("NEW-SUB-LEAF-WS")));
    const struct workspace *made = directory_workspace(directory, STR("NEW-SUB-LEAF-WS"));
    assert_non_null(made);
    assert_str(made->name, "NEW-SUB-LEAF-WS");
    assert_str(made->domain->key, "NEW-SUB-LEAF");
    assert_str(made->zone_name, "Europe/Amsterdam");

    assert_int_equal(workspace(world, "NEW-SUB-LEAF-TWO", NULL), ERR_OK);
    assert_int_equal(refresh(world)->domain_count, 5); /* two of the world and three made here */
    assert_str(directory_workspace(world->directory, STR("NEW-SUB-LEAF-TWO"))->zone_name, "UTC");
}

static void a_workspace_that_exists_or_cannot_be_is_refused(void **state)
{
    struct world *world = *state;
    assert_int_equal(workspace(world, "exa-con-bus-wor", NULL), ERR_CONFLICT);
    assert_int_equal(workspace(world, "ALONE", NULL), ERR_INVALID);
    assert_int_equal(workspace(world, "EXA--WOR", NULL), ERR_INVALID);
    assert_int_equal(workspace(world, "EXA-SEVENTEENLETTERS1", NULL), ERR_INVALID);
    assert_int_equal(workspace(world, "EXA-W", "Middle-Earth/Shire"), ERR_INVALID);
    assert_non_null(strstr(world->op.detail, "Middle-Earth/Shire"));
    assert_null(directory_domain(refresh(world), STR("EXA")));
}

static void ten_thousand_people_are_loaded_each_with_their_role(void **state)
{
    struct world *world = *state;
    world_close(world);
    world_sql(world, "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE"
                     " i < 10999) INSERT INTO account (id, kind, email, name, password_grant,"
                     " admin, disabled, created_at) SELECT i, 1, 'person' || i || '@example.com',"
                     " 'Person ' || i, 1, 0, 0, 0 FROM n;"
                     "INSERT INTO account_grant SELECT id, 1, 2 FROM account WHERE id >= 1000");
    world_reopen(world); /* how long that takes is for bench/run.mjs */
    assert_int_equal(world->directory->account_count, 10002);
    assert_int_equal(role_at(world, "person10999@example.com", "EXA-CON-BUS"), ROLE_MEMBER);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_person_is_in_the_directory_at_once),
        TEST(adding_a_person_again_changes_only_what_is_given),
        TEST(a_role_on_a_domain_that_does_not_exist_is_refused),
        TEST(a_text_that_is_not_an_address_or_name_is_refused),
        TEST(a_workspace_makes_its_domain_and_those_above),
        TEST(a_workspace_that_exists_or_cannot_be_is_refused),
        TEST(ten_thousand_people_are_loaded_each_with_their_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
