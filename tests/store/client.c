/* core/client over a real database: settings, secrets that take turns, and tokens that end. */
#include "query.h"

#include "core/client.h"
#include "core/introspection.h"
#include "core/login.h"
#include "core/token.h"
#include "model/scope.h"

#include <pthread.h>

#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)

enum { MANY = 64, ROUNDS = 12 };

static struct world *world;
static struct login *login;
static struct tokens *tokens;
static int64_t now;

static int set_up(void **state)
{
    now = INT64_C(1795000000000);
    if (world_setup(state) != 0)
        return -1;
    world = *state;
    world->op.now = now;
    return login_create(world->core, true, &login) == ERR_OK &&
                   tokens_create(world->core, &tokens) == ERR_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    world_close(world); /* before the others: what is under way still needs them */
    login_destroy(login);
    tokens_destroy(tokens);
    return world_teardown(state);
}

/* ---- short words ---- */

/* The directory in force; the test's until it asks again. */
static const struct directory *directory(void)
{
    directory_release(world->directory);
    world->directory = core_directory(world->core);
    return world->directory;
}

static const struct client *client_of(struct str client_id)
{
    const struct account *account = directory_account(directory(), client_id);
    assert_non_null(account);
    assert_non_null(account->client);
    return account->client;
}

static struct client_save make_client(unsigned scopes)
{
    struct op op = {.arena = &world->arena, .now = now};
    struct client_save save = {.op = &op, .directory = directory()};
    save.settings = (struct client_settings){
        .name = STR("Customs"), .domain = world_workspace(world, 0)->domain, .scopes = scopes};
    assert_int_equal(client_save(world->core, &save), ERR_OK);
    return save;
}

static struct client_secret_add more_secret(struct str client_id, int64_t expires_at,
                                            enum err expected)
{
    struct op op = {.arena = &world->arena, .now = now};
    const struct client *client = client_of(client_id);
    struct client_secret_add add = {
        .op = &op, .directory = world->directory, .client = client, .expires_at = expires_at};
    assert_int_equal(client_secret_add(world->core, &add), expected);
    return add;
}

static enum err revoke_secret(struct str client_id, int64_t secret_id)
{
    struct op op = {.arena = &world->arena, .now = now};
    const struct client *client = client_of(client_id);
    struct client_secret_revoke revoke = {
        .op = &op, .directory = world->directory, .client = client, .secret_id = secret_id};
    return client_secret_revoke(world->core, &revoke);
}

struct proof {
    struct op op;
    struct arena arena;
    struct client_check check;
    enum err err;
};

static struct proof prove(struct str client_id, struct str secret)
{
    struct op op = {.arena = &world->arena, .now = now};
    struct proof proof = {.check = {.op = &op, .id = client_id, .secret = secret}};
    proof.err = login_check_client(login, NULL, &proof.check);
    return proof;
}

struct issued {
    struct token_change change;
    enum err err;
};

static struct issued issue(const struct proof *proof, struct str scope)
{
    struct op op = {.arena = &world->arena, .now = now};
    const struct client_check *check = &proof->check;
    struct issued issued = {.change = {
                                .op = &op,
                                .account_id = check->client_id,
                                .client_id = check->client_id,
                                .scope = scope,
                                .most = check->scope,
                                .secret_id = check->secret_id,
                                .secret_expires_at = check->secret_expires_at,
                                .note_use = check->note_use,
                            }};
    issued.err = token_issue_client(tokens, &issued.change);
    return issued;
}

static void note_check(struct token_check *check)
{
    *(bool *)check->user = true;
}

static enum err check_token(struct str text, struct token_grant *ret_grant)
{
    struct op op = {.arena = &world->arena, .now = now};
    bool done = false;
    struct token_check check = {
        .op = &op, .directory_version = directory()->version, .done = note_check, .user = &done};
    token_check(tokens, &check, TOKEN_ACCESS, text);
    world_wait_for(world, &done);
    if (ret_grant != NULL)
        *ret_grant = check.grant;
    return check.err;
}

static struct {
    struct str text;
    int64_t client_id;
    bool active;
} introspected;

static enum err introspect_run(struct core_read *read, struct db *db)
{
    struct token token;
    return introspect(db, read->op, introspected.text, introspected.client_id, &introspected.active,
                      &token);
}

static bool active(struct str text, int64_t client_id)
{
    struct op op = {.arena = &world->arena, .now = now};
    struct core_read read = {.op = &op, .run = introspect_run};
    introspected.text = text;
    introspected.client_id = client_id;
    assert_int_equal(core_read_wait(world->core, &read), ERR_OK);
    return introspected.active;
}

/* ---- settings ---- */

static void a_client_is_in_the_directory_at_once_and_after_a_restart(void **state)
{
    (void)state;
    struct client_save save = make_client(SCOPE_CREATE | SCOPE_READ);
    assert_true(str_starts(save.client_id, STR("client-")));
    assert_true(token_text_valid(save.secret_text, STR("bzcs_")));
    for (int i = 0; i < 2; i++) {
        const struct client *client = client_of(save.client_id);
        assert_int_equal(client->account->kind, ACCOUNT_CLIENT);
        assert_str(client->settings.name, "Customs");
        assert_int_equal(client->settings.scopes, SCOPE_CREATE | SCOPE_READ);
        assert_int_equal(client->settings.workspaces.n, 0);
        assert_int_equal(client->version, 1);
        assert_int_equal(client->created_at, now);
        world_reopen(world);
    }
}

static void new_settings_raise_the_version_and_replace_the_places(void **state)
{
    (void)state;
    struct client_save made = make_client(0);
    for (size_t n = 2; n <= 3; n++) {
        struct op op = {.arena = &world->arena, .now = now};
        const struct client *client = client_of(made.client_id);
        const struct workspace *places[2] = {world_workspace(world, n - 2),
                                             world_workspace(world, 2)};
        struct client_save save = {.op = &op, .directory = world->directory, .before = client};
        save.settings = client->settings;
        save.settings.disabled = n == 3;
        save.settings.workspaces = (struct client_places){places, n == 2 ? 2 : 1};
        save.settings.read_all = (struct client_places){places, 1};
        assert_int_equal(client_save(world->core, &save), ERR_OK);
        client = client_of(made.client_id);
        assert_int_equal(client->version, n);
        assert_int_equal(client->account->disabled, n == 3);
        assert_int_equal(client->settings.scopes, 0);
        assert_int_equal(client->settings.workspaces.n, n == 2 ? 2 : 1);
        assert_int_equal(client->settings.read_all.n, 1);
        assert_true(client_works_in(client, world_workspace(world, n - 2)));
        assert_true(client_reads_all(client, world_workspace(world, n - 2)));
        assert_int_equal(client_works_in(client, world_workspace(world, 0)), n == 2);
        assert_false(client_works_in(client, world_workspace(world, 3)));
    }
}

static void what_was_judged_by_an_older_directory_is_to_be_judged_again(void **state)
{
    (void)state;
    struct client_save first = make_client(SCOPE_READ);
    struct op op = {.arena = &world->arena, .now = now};
    const struct directory *old = core_directory(world->core);
    const struct client *client = directory_account(old, first.client_id)->client;
    make_client(SCOPE_READ);
    struct client_save save = {.op = &op, .directory = old, .before = client};
    save.settings = client->settings;
    assert_int_equal(client_save(world->core, &save), ERR_OUTDATED);
    struct client_secret_revoke revoke = {
        .op = &op, .directory = old, .client = client, .secret_id = first.secret.id};
    assert_int_equal(client_secret_revoke(world->core, &revoke), ERR_OUTDATED);
    assert_int_equal(prove(first.client_id, first.secret_text).err, ERR_OK);
    directory_release(old);
}

/* ---- secrets ---- */

static void five_secrets_are_the_most_and_expired_ones_do_not_count(void **state)
{
    (void)state;
    struct client_save made = make_client(SCOPE_CREATE);
    struct client_secret_add brief = more_secret(made.client_id, now + HOUR, ERR_OK);
    for (int i = 0; i < 3; i++)
        more_secret(made.client_id, TIME_NONE, ERR_OK);
    more_secret(made.client_id, TIME_NONE, ERR_CONFLICT);
    assert_int_equal(prove(made.client_id, brief.secret_text).err, ERR_OK);
    now += HOUR;
    assert_int_equal(prove(made.client_id, brief.secret_text).err, ERR_UNAUTHENTICATED);
    more_secret(made.client_id, TIME_NONE, ERR_OK);
    more_secret(made.client_id, TIME_NONE, ERR_CONFLICT);
    assert_int_equal(revoke_secret(made.client_id, brief.secret.id), ERR_NOT_FOUND);
}

static void another_clients_secret_cannot_be_revoked(void **state)
{
    (void)state;
    struct client_save one = make_client(SCOPE_CREATE), two = make_client(SCOPE_CREATE);
    assert_int_equal(revoke_secret(one.client_id, two.secret.id), ERR_NOT_FOUND);
    assert_int_equal(prove(two.client_id, two.secret_text).err, ERR_OK);
    assert_int_equal(prove(one.client_id, two.secret_text).err, ERR_UNAUTHENTICATED);
}

static void proof_run(void *item)
{
    struct proof *proof = item;
    proof->err = login_check_client(login, NULL, &proof->check);
}

/* MANY proofs, of either secret by turns. */
static void proofs_prepare(struct proof *proofs, struct str client_id, struct str one,
                           struct str other)
{
    for (size_t i = 0; i < MANY; i++) {
        struct proof *proof = &proofs[i];
        arena_init(&proof->arena, 64 * 1024);
        proof->op = (struct op){.arena = &proof->arena, .now = now};
        proof->check = (struct client_check){
            .op = &proof->op, .id = client_id, .secret = i % 2 == 0 ? one : other};
    }
}

static void *proofs_run(void *arg)
{
    struct proof *proofs = arg;
    world_at_once(proof_run, proofs, MANY, sizeof proofs[0]);
    for (size_t i = 0; i < MANY; i++)
        arena_finish(&proofs[i].arena);
    return NULL;
}

static void two_secrets_take_turns_under_load(void **state)
{
    static struct proof proofs[2][MANY];
    (void)state;
    struct client_save made = make_client(SCOPE_CREATE);
    struct str old = made.secret_text;
    int64_t old_id = made.secret.id;
    for (int round = 0; round < ROUNDS; round++) {
        struct client_secret_add next = more_secret(made.client_id, TIME_NONE, ERR_OK);
        struct proof by_old = prove(made.client_id, old);
        struct issued got = issue(&by_old, STR_NONE);
        assert_int_equal(check_token(got.change.access, NULL), ERR_OK);

        /* Both work while both are there; whatever is asked after the revocation is refused. */
        proofs_prepare(proofs[0], made.client_id, old, next.secret_text);
        proofs_run(proofs[0]);
        for (size_t i = 0; i < MANY; i++)
            assert_int_equal(proofs[0][i].err, ERR_OK);
        proofs_prepare(proofs[0], made.client_id, old, next.secret_text);
        pthread_t meanwhile;
        assert_int_equal(pthread_create(&meanwhile, NULL, proofs_run, proofs[0]), 0);
        assert_int_equal(revoke_secret(made.client_id, old_id), ERR_OK);
        proofs_prepare(proofs[1], made.client_id, old, next.secret_text);
        proofs_run(proofs[1]);
        pthread_join(meanwhile, NULL);
        assert_int_equal(check_token(got.change.access, NULL), ERR_UNAUTHENTICATED);
        for (size_t i = 0; i < MANY; i++) {
            if (i % 2 == 1)
                assert_int_equal(proofs[0][i].err, ERR_OK);
            if (i % 2 == 1)
                assert_int_equal(proofs[1][i].err, ERR_OK);
            else
                assert_true(proofs[1][i].err == ERR_UNAUTHENTICATED ||
                            proofs[1][i].err == ERR_THROTTLED);
        }
        old = next.secret_text;
        old_id = next.secret.id;
    }
}

static void when_a_secret_was_used_is_noted_to_the_hour(void **state)
{
    (void)state;
    struct client_save made = make_client(SCOPE_CREATE);
    int64_t used[3];
    for (size_t i = 0; i < 3; i++) {
        struct proof proof = prove(made.client_id, made.secret_text);
        assert_int_equal(issue(&proof, STR_NONE).err, ERR_OK);
        struct db_rows rows = world_query(world, "SELECT used_at FROM client_secret", DB_NO_ARGS);
        used[i] = db_get_i64(&rows, 0, 0);
        now += HOUR / 2;
    }
    assert_int_equal(used[0], now - 3 * HOUR / 2);
    assert_int_equal(used[1], used[0]);
    assert_int_equal(used[2], used[0] + HOUR);
}

/* ---- tokens ---- */

static void a_clients_token_carries_its_scope_or_less(void **state)
{
    struct token_grant grant;
    (void)state;
    struct client_save made = make_client(SCOPE_CREATE | SCOPE_READ);
    struct proof proof = prove(made.client_id, made.secret_text);
    struct issued whole = issue(&proof, STR_NONE), part = issue(&proof, STR("task:read"));
    assert_str(whole.change.granted, "task:create task:read");
    assert_null(whole.change.refresh.p);
    assert_int_equal(whole.change.expires_in, 3600);
    assert_str(part.change.granted, "task:read");
    assert_int_equal(issue(&proof, STR("task:write")).err, ERR_FORBIDDEN);
    assert_int_equal(issue(&proof, STR("*")).err, ERR_FORBIDDEN);
    assert_int_equal(issue(&proof, STR("other")).err, ERR_FORBIDDEN);
    assert_int_equal(check_token(part.change.access, &grant), ERR_OK);
    assert_str(grant.scope, "task:read");
    assert_int_equal(grant.account_id, proof.check.client_id);
    assert_int_equal(grant.client_id, proof.check.client_id);
}

static void a_token_ends_with_its_secret(void **state)
{
    (void)state;
    struct client_save made = make_client(SCOPE_CREATE);
    struct client_secret_add brief = more_secret(made.client_id, now + 60 * SECOND, ERR_OK);
    struct proof proof = prove(made.client_id, brief.secret_text);
    struct issued issued = issue(&proof, STR_NONE);
    assert_int_equal(issued.change.expires_in, 60);
    assert_int_equal(check_token(issued.change.access, NULL), ERR_OK);
    now += 60 * SECOND;
    assert_int_equal(check_token(issued.change.access, NULL), ERR_UNAUTHENTICATED);
}

static void a_disabled_client_has_no_valid_token(void **state)
{
    (void)state;
    struct client_save made = make_client(SCOPE_CREATE);
    struct proof proof = prove(made.client_id, made.secret_text);
    struct issued issued = issue(&proof, STR_NONE);
    assert_int_equal(check_token(issued.change.access, NULL), ERR_OK);
    struct op op = {.arena = &world->arena, .now = now};
    const struct client *client = client_of(made.client_id);
    struct client_save save = {.op = &op, .directory = world->directory, .before = client};
    save.settings = client->settings;
    save.settings.disabled = true;
    assert_int_equal(client_save(world->core, &save), ERR_OK);
    assert_int_equal(check_token(issued.change.access, NULL), ERR_UNAUTHENTICATED);
    assert_false(active(issued.change.access, proof.check.client_id));
    assert_int_equal(prove(made.client_id, made.secret_text).err, ERR_UNAUTHENTICATED);
}

static void only_its_own_access_tokens_are_active_to_a_client(void **state)
{
    (void)state;
    struct client_save one = make_client(SCOPE_CREATE), two = make_client(SCOPE_CREATE);
    struct proof proof = prove(one.client_id, one.secret_text);
    struct issued issued = issue(&proof, STR_NONE);
    assert_true(active(issued.change.access, one.account_id));
    assert_false(active(issued.change.access, two.account_id));
    assert_false(active(STR("bzat_"), one.account_id));
    now += HOUR;
    assert_false(active(issued.change.access, one.account_id));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_client_is_in_the_directory_at_once_and_after_a_restart),
        TEST(new_settings_raise_the_version_and_replace_the_places),
        TEST(what_was_judged_by_an_older_directory_is_to_be_judged_again),
        TEST(five_secrets_are_the_most_and_expired_ones_do_not_count),
        TEST(another_clients_secret_cannot_be_revoked),
        TEST(two_secrets_take_turns_under_load),
        TEST(when_a_secret_was_used_is_noted_to_the_hour),
        TEST(a_clients_token_carries_its_scope_or_less),
        TEST(a_token_ends_with_its_secret),
        TEST(a_disabled_client_has_no_valid_token),
        TEST(only_its_own_access_tokens_are_active_to_a_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
