/* core/login over a real database: who gets in, who does not, and that all of them look alike. */
#include "query.h"

#include "core/login.h"
#include "core/password.h"
#include "core/password_reset.h"

#include <sodium.h>

enum { PERSON = 41, MANY = 256 };

static struct world *world;
static struct login *login;

static int set_up(void **state)
{
    struct str hash;
    if (world_setup(state) != 0)
        return -1;
    world = *state;
    if (password_hash(&world->op, STR("Ex@mpl3!"), &hash) != ERR_OK)
        return -1;
    struct sha256 secret = sha256(STR("a client's secret"));
    struct sha256 second = sha256(STR("its second secret"));
    world_query(world,
                "INSERT INTO account"
                " (id, kind, email, password_hash, password_grant, admin, disabled, created_at)"
                " VALUES (41, 1, 'example@example.com', $1, 1, 0, 0, 0),"
                " (42, 1, 'disabled@example.com', $1, 1, 0, 1, 0),"
                " (43, 1, 'app-only@example.com', $1, 0, 0, 0, 0),"
                " (44, 1, 'no-password@example.com', NULL, 1, 0, 0, 0),"
                " (45, 2, 'client', NULL, 0, 0, 0, 0),"
                " (46, 2, 'disabled-client', NULL, 0, 0, 1, 0)",
                DB_ARGS(db_text(hash)));
    world_query(world,
                "INSERT INTO client (account_id, domain_id, scope)"
                " VALUES (45, 1, 'task:create'), (46, 1, 'task:create')",
                DB_NO_ARGS);
    world_query(world,
                "INSERT INTO client_secret (id, account_id, hash, hint, created_at, expires_at)"
                " VALUES (451, 45, $1, '', 0, NULL), (452, 45, $2, '', 0, 5000),"
                " (461, 46, $1, '', 0, NULL)",
                DB_ARGS(db_blob(secret.bytes, sizeof secret.bytes),
                        db_blob(second.bytes, sizeof second.bytes)));
    return login_create(world->core, true, &login) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    login_destroy(login);
    return world_teardown(state);
}

struct
try {
    struct login_attempt attempt;
    struct arena arena;
    struct op op;
    enum err err;
};

static struct try try_as(const char *email, const char *password, enum login_way way)
{
    struct op op = {.arena = &world->arena};
    struct try try = {.attempt = {
                          .op = &op,
                          .way = way,
                          .email = str_of(email),
                          .password = str_of(password),
                          .address = STR("192.0.2.1"),
                      }};
    try.err = login_check(login, &try.attempt);
    return try;
}

static void the_right_password_gets_in_however_the_address_is_written(void **state)
{
    static const char *const spellings[] = {"example@example.com", "Example@Example.COM"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct try try = try_as(spellings[i], "Ex@mpl3!", LOGIN_GRANT);
        assert_int_equal(try.err, ERR_OK);
        assert_int_equal(try.attempt.account_id, PERSON);
    }
}

static void nobody_else_gets_in_and_all_end_alike(void **state)
{
    static const struct {
        const char *email, *password;
        enum login_way way;
    } attempts[] = {
        {"example@example.com", "Ex@mpl3?", LOGIN_GRANT},
        {"example@example.com", "", LOGIN_GRANT},
        {"nobody@example.com", "Ex@mpl3!", LOGIN_GRANT},
        {"", "Ex@mpl3!", LOGIN_GRANT},
        {"disabled@example.com", "Ex@mpl3!", LOGIN_GRANT},
        {"disabled@example.com", "Ex@mpl3!", LOGIN_APP},
        {"app-only@example.com", "Ex@mpl3!", LOGIN_GRANT},
        {"no-password@example.com", "Ex@mpl3!", LOGIN_APP},
        {"client", "a client's secret", LOGIN_GRANT},
        {"example@example.com'--", "Ex@mpl3!", LOGIN_GRANT},
        {"%", "Ex@mpl3!", LOGIN_GRANT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        struct try try = try_as(attempts[i].email, attempts[i].password, attempts[i].way);
        assert_int_equal(try.err, ERR_UNAUTHENTICATED);
        assert_int_equal(try.attempt.account_id, 0);
        assert_int_equal(try.attempt.retry_after, 0);
    }
    assert_int_equal(try_as("app-only@example.com", "Ex@mpl3!", LOGIN_APP).err, ERR_OK);
}

static void guessing_is_throttled_for_known_and_unknown_alike(void **state)
{
    static const char *const emails[] = {"example@example.com", "nobody@example.com"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (int k = 0; k < 6; k++)
            assert_int_equal(try_as(emails[i], "wrong password", LOGIN_GRANT).err,
                             ERR_UNAUTHENTICATED);
        struct try try = try_as(emails[i], "Ex@mpl3!", LOGIN_APP); /* another door */
        assert_int_equal(try.err, ERR_THROTTLED);
        assert_int_equal(try.attempt.retry_after, 1);
    }
}

static void try_run(void *item)
{
    struct try *try = item;
    try->err = login_check(login, &try->attempt);
}

/* Makes MANY attempts at once. */
static void try_many(struct try tries[MANY], const char *password)
{
    for (size_t i = 0; i < MANY; i++) {
        arena_init(&tries[i].arena, 64 * 1024);
        tries[i].op = (struct op){.arena = &tries[i].arena};
        tries[i].attempt = (struct login_attempt){
            .op = &tries[i].op,
            .way = LOGIN_GRANT,
            .email = STR("Example@example.com"),
            .password = str_of(password),
            .address = STR("192.0.2.1"),
        };
    }
    world_at_once(try_run, tries, MANY, sizeof tries[0]);
    for (size_t i = 0; i < MANY; i++)
        arena_finish(&tries[i].arena);
}

static void any_number_of_right_passwords_at_once_get_in(void **state)
{
    static struct try tries[MANY];
    (void)state;
    try_many(tries, "Ex@mpl3!");
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(tries[i].err, ERR_OK);
}

static void many_guesses_at_once_are_no_more_than_one_after_the_other(void **state)
{
    static struct try tries[MANY];
    size_t judged = 0;
    (void)state;
    try_many(tries, "wrong password");
    for (size_t i = 0; i < MANY; i++) {
        assert_int_not_equal(tries[i].err, ERR_OK);
        judged += tries[i].err == ERR_UNAUTHENTICATED;
    }
    assert_in_range(judged, 5, 7);
}

/* What is asked before an attempt goes to where passwords are hashed. */
static void asking_refuses_what_would_be_and_counts_nothing(void **state)
{
    struct op op = {.arena = &world->arena};
    struct login_attempt attempt = {
        .op = &op, .email = STR("Example@example.com"), .address = STR("192.0.2.1")};
    (void)state;
    for (int i = 0; i < MANY; i++)
        assert_int_equal(login_ask(login, &attempt), ERR_OK);
    for (int i = 0; i < 6; i++)
        assert_int_equal(try_as("example@example.com", "wrong password", LOGIN_GRANT).err,
                         ERR_UNAUTHENTICATED);
    assert_int_equal(login_ask(login, &attempt), ERR_THROTTLED);
    assert_int_equal(attempt.retry_after, 1);
}

static void a_hash_of_former_costs_is_renewed(void **state)
{
    char old[crypto_pwhash_STRBYTES];
    (void)state;
    assert_int_equal(
        crypto_pwhash_str_alg(old, "Ex@mpl3!", 8, 1, 8 * 1024 * 1024, crypto_pwhash_ALG_ARGON2ID13),
        0);
    world_query(world, "UPDATE account SET password_hash = $1 WHERE id = 41",
                DB_ARGS(db_text(str_of(old))));
    assert_int_equal(try_as("example@example.com", "wrong password", LOGIN_GRANT).err,
                     ERR_UNAUTHENTICATED);
    struct db_rows rows =
        world_query(world, "SELECT password_hash FROM account WHERE id = 41", DB_NO_ARGS);
    assert_str(db_get_str(&rows, 0, 0), old);
    assert_int_equal(try_as("example@example.com", "Ex@mpl3!", LOGIN_GRANT).err, ERR_OK);
    rows = world_query(world, "SELECT password_hash FROM account WHERE id = 41", DB_NO_ARGS);
    assert_true(str_starts(db_get_str(&rows, 0, 0), STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_int_equal(try_as("example@example.com", "Ex@mpl3!", LOGIN_GRANT).err, ERR_OK);
}

struct proof {
    struct client_check check;
    enum err err;
};

static struct proof try_client(struct str id, struct str secret, int64_t now)
{
    struct op op = {.arena = &world->arena, .now = now};
    struct proof proof = {
        .check = {.op = &op, .id = id, .secret = secret, .address = STR("192.0.2.1")}};
    proof.err = login_check_client(login, NULL, &proof.check);
    return proof;
}

static void a_client_needs_one_of_its_secrets(void **state)
{
    (void)state;
    struct str secret = STR("a client's secret"), second = STR("its second secret");
    struct proof right = try_client(STR("client"), secret, 1);
    assert_int_equal(right.err, ERR_OK);
    assert_int_equal(right.check.client_id, 45);
    assert_int_equal(right.check.secret_id, 451);
    assert_true(right.check.note_use);
    assert_str(right.check.scope, "task:create");
    right = try_client(STR("client"), second, 4999);
    assert_int_equal(right.err, ERR_OK);
    assert_int_equal(right.check.secret_id, 452);
    assert_int_equal(right.check.secret_expires_at, 5000);
    assert_int_equal(try_client(STR("client"), second, 5000).err, ERR_UNAUTHENTICATED);
    assert_int_equal(try_client(STR("client"), STR("another"), 1).err, ERR_UNAUTHENTICATED);
    assert_int_equal(try_client(STR("client"), STR(""), 1).err, ERR_UNAUTHENTICATED);
    assert_int_equal(try_client(STR("client"), STR_NONE, 1).err, ERR_UNAUTHENTICATED);
    assert_int_equal(try_client(STR("unknown"), secret, 1).err, ERR_UNAUTHENTICATED);
    assert_int_equal(try_client(STR("disabled-client"), secret, 1).err, ERR_UNAUTHENTICATED);
    assert_int_equal(try_client(STR("example@example.com"), STR("Ex@mpl3!"), 1).err,
                     ERR_UNAUTHENTICATED);
}

static void a_wrong_secret_is_throttled_and_the_right_one_never(void **state)
{
    static const char *const names[] = {"client", "unknown"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct str name = str_of(names[i]);
        for (int k = 0; k < 6; k++)
            assert_int_equal(try_client(name, STR("wrong"), 1).err, ERR_UNAUTHENTICATED);
        struct proof proof = try_client(name, STR("wrong"), 1);
        assert_int_equal(proof.err, ERR_THROTTLED);
        assert_int_equal(proof.check.retry_after, 1);
    }
    assert_int_equal(try_client(STR("client"), STR("a client's secret"), 1).err, ERR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Opens the store and the login again, so that the directory has what was written by hand. */
static void reopen(void)
{
    login_destroy(login);
    login = NULL;
    world_reopen(world);
    assert_int_equal(login_create(world->core, true, &login), ERR_OK);
}

static void addresses_that_were_stored_before_they_were_folded_sign_in(void **state)
{
    static const struct {
        const char *email;
        int64_t account_id;
    } attempts[] = {
        /* Stored with a capital letter: each spelling is that account. */
        {"jÜrgen@example.com", 51},
        {"JÜRGEN@example.com", 51},
        {"jürgen@example.com", 51},
        {" ju\xCC\x88rgen@example.com\xC2\xA0", 51},
        /* Two accounts by now: each by its own spelling, and all others are the folded one's. */
        {"Émile@example.com", 52},
        {"émile@example.com", 53},
        {"e\xCC\x81mile@example.com", 53},
        /* Neither is folded: what is neither's own spelling is the older one's. */
        {"ÄÖ@example.com", 54},
        {"Äö@example.com", 55},
        {"äÖ@example.com", 54},
        {"Strasse@example.com", 56},
        {"STRA\xE1\xBA\x9E"
         "E@example.com",
         56},
    };
    (void)state;
    world_query(world,
                "INSERT INTO account"
                " (id, kind, email, password_hash, password_grant, admin, disabled, created_at)"
                " SELECT n.id, 1, n.email, a.password_hash, 1, 0, 0, 0 FROM account a,"
                " (SELECT 51 AS id, 'jÜrgen@example.com' AS email"
                " UNION ALL SELECT 52, 'Émile@example.com'"
                " UNION ALL SELECT 53, 'émile@example.com' UNION ALL SELECT 54, 'ÄÖ@example.com'"
                " UNION ALL SELECT 55, 'Äö@example.com'"
                " UNION ALL SELECT 56, 'straße@example.com') n"
                " WHERE a.id = 41",
                DB_NO_ARGS);
    reopen();
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        struct try try = try_as(attempts[i].email, "Ex@mpl3!", LOGIN_GRANT);
        if (try.err != ERR_OK || try.attempt.account_id != attempts[i].account_id)
            fail_msg("%s: error %d, account %lld", attempts[i].email, (int)try.err,
                     (long long)try.attempt.account_id);
    }
}

/* Who calls it judges again, with what else it was judged by: so it does not try again by itself. */
static void a_reset_that_another_node_came_before_changes_nothing(void **state)
{
    struct op *op = &world->op;
    (void)state;
    if (database_on_postgres()) /* where the lane hears of it at once */
        skip();
    reopen();
    directory_release(world->directory);
    world->directory = core_directory(world->core);
    struct password_reset_make make = {.op = op,
                                       .directory = world->directory,
                                       .person = directory_account_by_id(world->directory, PERSON)};
    assert_int_equal(password_reset_make(world->core, &make), ERR_OK);
    world_query(world, "UPDATE directory_version SET version = version + 1", DB_NO_ARGS);
    assert_int_equal(password_reset_use(world->core, op, make.token, STR("Another 0ne!")),
                     ERR_OUTDATED);
    assert_int_equal(try_as("example@example.com", "Ex@mpl3!", LOGIN_GRANT).err, ERR_OK);
    assert_int_equal(password_reset_use(world->core, op, make.token, STR("Another 0ne!")), ERR_OK);
    assert_int_equal(try_as("example@example.com", "Another 0ne!", LOGIN_GRANT).err, ERR_OK);
    assert_int_equal(password_reset_use(world->core, op, make.token, STR("Another 0ne!")),
                     ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_right_password_gets_in_however_the_address_is_written),
        TEST(addresses_that_were_stored_before_they_were_folded_sign_in),
        TEST(nobody_else_gets_in_and_all_end_alike),
        TEST(guessing_is_throttled_for_known_and_unknown_alike),
        TEST(any_number_of_right_passwords_at_once_get_in),
        TEST(asking_refuses_what_would_be_and_counts_nothing),
        TEST(many_guesses_at_once_are_no_more_than_one_after_the_other),
        TEST(a_hash_of_former_costs_is_renewed),
        TEST(a_reset_that_another_node_came_before_changes_nothing),
        TEST(a_client_needs_one_of_its_secrets),
        TEST(a_wrong_secret_is_throttled_and_the_right_one_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
