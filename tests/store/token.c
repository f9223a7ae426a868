/* core/token over a real database: what a token opens, and when it stops. Time is passed in. */
#include "query.h"

#include "base/clock.h"
#include "core/expiry.h"
#include "core/token.h"

#include <stdio.h>
#include <stdlib.h>

#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

enum { PERSON = 41, CLIENT = 42, OTHER_CLIENT = 43 };

static struct world *world;
static struct tokens *tokens;
static int64_t now;

/* ---- running things on the lanes and waiting for them ---- */

/* Does `step` with what is filled in in *change. */
static enum err run(enum err (*step)(struct tokens *, struct token_change *),
                    struct token_change *change)
{
    struct op op = {.arena = &world->arena, .now = now};
    change->op = &op;
    enum err err = step(tokens, change);
    change->op = NULL;
    return err;
}

static void note_check(struct token_check *check)
{
    *(bool *)check->user = true;
}

static enum err check_kind(struct str text, enum token_kind kind, struct token_grant *ret_grant)
{
    struct op op = {.arena = &world->arena, .now = now};
    bool done = false;
    struct token_check check = {.op = &op, .done = note_check, .user = &done};
    token_check(tokens, &check, kind, text);
    world_wait_for(world, &done);
    if (ret_grant != NULL)
        *ret_grant = check.grant;
    return check.err;
}

static enum err check(struct str text)
{
    return check_kind(text, TOKEN_ACCESS, NULL);
}

static struct token_change issue(int64_t client_id, struct str scope)
{
    struct token_change change = {.account_id = PERSON, .client_id = client_id, .scope = scope};
    assert_int_equal(run(token_issue, &change), ERR_OK);
    return change;
}

static enum err refresh_as(struct str token, int64_t client_id, struct str scope,
                           struct token_change *ret_change)
{
    *ret_change = (struct token_change){.presented = token, .client_id = client_id, .scope = scope};
    return run(token_refresh, ret_change);
}

static enum err refresh(struct str token, struct token_change *ret_change)
{
    return refresh_as(token, 0, STR_NONE, ret_change);
}

static enum err revoke(struct str token, int64_t client_id)
{
    struct token_change change = {.presented = token, .client_id = client_id};
    return run(token_revoke, &change);
}

static int64_t count(const char *text)
{
    struct db_rows rows = world_query(world, text, DB_NO_ARGS);
    return db_get_i64(&rows, 0, 0);
}

static int set_up(void **state)
{
    now = INT64_C(1795000000000);
    if (world_setup(state) != 0)
        return -1;
    world = *state;
    world_query(world,
                "INSERT INTO account (id, kind, email, password_grant, admin, disabled, created_at)"
                " VALUES (41, 1, 'a@b.c', 1, 0, 0, 0), (42, 2, 'client', 0, 0, 0, 0),"
                " (43, 2, 'other', 0, 0, 0, 0)",
                DB_NO_ARGS);
    return tokens_create(world->core, &tokens) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    world_close(world); /* before the tokens: what is under way still needs them */
    tokens_destroy(tokens);
    return world_teardown(state);
}

/* ---- issuing and checking ---- */

static void what_is_issued_opens_what_it_should(void **state)
{
    (void)state;
    struct token_change issued = issue(CLIENT, STR("task:read task:create"));
    struct token_grant grant;
    assert_int_equal(issued.expires_in, 3600);
    assert_str(issued.granted, "task:read task:create");
    for (int i = 0; i < 2; i++) { /* from the store, then from the cache */
        assert_int_equal(check_kind(issued.access, TOKEN_ACCESS, &grant), ERR_OK);
        assert_int_equal(grant.account_id, PERSON);
        assert_int_equal(grant.client_id, CLIENT);
        assert_int_equal(grant.token_id, issued.token_id);
        assert_str(grant.scope, "task:read task:create");
        assert_int_equal(grant.expires_at, now + HOUR);
    }
    assert_int_equal(check_kind(issued.access, TOKEN_SESSION, NULL), ERR_UNAUTHENTICATED);
    assert_int_equal(check_kind(issued.refresh, TOKEN_ACCESS, NULL), ERR_UNAUTHENTICATED);
    assert_int_equal(check_kind(issued.refresh, TOKEN_REFRESH, NULL), ERR_OK);
    assert_int_equal(check(STR("bzat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-wBMfg")),
                     ERR_UNAUTHENTICATED);
    assert_int_equal(check(STR_NONE), ERR_UNAUTHENTICATED);
}

static void an_access_token_ends_after_an_hour_cached_or_not(void **state)
{
    (void)state;
    struct token_change issued = issue(0, STR_NONE);
    now += HOUR - 1;
    assert_int_equal(check(issued.access), ERR_OK);
    now += 1;
    assert_int_equal(check(issued.access), ERR_UNAUTHENTICATED);
    now += 10 * SECOND;
    assert_int_equal(check(issued.access), ERR_UNAUTHENTICATED);
}

static void what_ends_on_another_node_ends_here_within_five_seconds(void **state)
{
    (void)state;
    struct token_change issued = issue(0, STR_NONE);
    assert_int_equal(check(issued.access), ERR_OK);
    world_query(world, "UPDATE token_family SET revoked = 1", DB_NO_ARGS);
    now += 5 * SECOND - 1;
    assert_int_equal(check(issued.access), ERR_OK); /* the cache is there at all */
    now += 1;
    assert_int_equal(check(issued.access), ERR_UNAUTHENTICATED);
}

static void a_clock_that_is_set_back_does_not_prolong_the_cache(void **state)
{
    (void)state;
    struct token_change issued = issue(0, STR_NONE);
    assert_int_equal(check(issued.access), ERR_OK);
    world_query(world, "UPDATE token_family SET revoked = 1", DB_NO_ARGS);
    now -= HOUR;
    assert_int_equal(check(issued.access), ERR_UNAUTHENTICATED);
}

static void a_disabled_account_has_no_tokens(void **state)
{
    (void)state;
    struct token_change issued = issue(0, STR_NONE), ignored;
    world_query(world, "UPDATE account SET disabled = 1 WHERE id = 41", DB_NO_ARGS);
    assert_int_equal(check(issued.access), ERR_UNAUTHENTICATED);
    assert_int_equal(refresh(issued.refresh, &ignored), ERR_UNAUTHENTICATED);
}

static void only_hashes_are_stored(void **state)
{
    char command[256];
    (void)state;
    struct token_change issued = issue(0, STR_NONE);
    assert_int_equal(count("SELECT count(*) FROM token WHERE length(hash) = 32"), 2);
    snprintf(command, sizeof command, "grep -qrF -e %.*s -e %.*s %s",
             STR_ARG(str_sub(issued.access, 5, 43)), STR_ARG(str_sub(issued.refresh, 5, 43)),
             world->database.folder);
    assert_int_not_equal(system(command), 0);
}

/* ---- the truth table of rotation ---- */

enum { STEPS_MAX = 8 };

/* Steps of one family: at `second`, refresh token number `uses` is presented. Number 0 is the first
 * one, each success makes the next number. */
static const struct rotation {
    const char *says;
    struct {
        int64_t second;
        int uses;
        enum err expect;
    } steps[STEPS_MAX];
} rotations[] = {
    {"each token is valid once, for ever on",
     {{0, 0, ERR_OK}, {10, 1, ERR_OK}, {5000, 2, ERR_OK}, {90000, 3, ERR_OK}}},
    {"re-use after the successor was used ends the family",
     {{0, 0, ERR_OK}, {10, 1, ERR_OK}, {20, 0, ERR_UNAUTHENTICATED}, {21, 2, ERR_UNAUTHENTICATED}}},
    {"re-use later than 30 s ends the family",
     {{0, 0, ERR_OK}, {31, 0, ERR_UNAUTHENTICATED}, {32, 1, ERR_UNAUTHENTICATED}}},
    {"a lost answer harms nobody",
     {{0, 0, ERR_OK}, {30, 0, ERR_OK}, {40, 2, ERR_OK}, {50, 3, ERR_OK}}},
    {"nor do several", {{0, 0, ERR_OK}, {1, 0, ERR_OK}, {2, 0, ERR_OK}, {3, 3, ERR_OK}}},
    {"the 30 s run from the first use",
     {{0, 0, ERR_OK}, {20, 0, ERR_OK}, {31, 0, ERR_UNAUTHENTICATED}, {32, 2, ERR_UNAUTHENTICATED}}},
    {"a successor that was replaced is worth nothing, and its use ends the family",
     {{0, 0, ERR_OK}, {5, 0, ERR_OK}, {6, 1, ERR_UNAUTHENTICATED}, {7, 2, ERR_UNAUTHENTICATED}}},
    {"once the last successor was used, the old one is re-use",
     {{0, 0, ERR_OK},
      {5, 0, ERR_OK},
      {6, 2, ERR_OK},
      {7, 0, ERR_UNAUTHENTICATED},
      {8, 3, ERR_UNAUTHENTICATED}}},
    {"a successor's answer may be lost as well",
     {{0, 0, ERR_OK}, {10, 1, ERR_OK}, {15, 1, ERR_OK}, {16, 3, ERR_OK}}},
};

static void refresh_tokens_rotate_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rotations / sizeof rotations[0]; i++) {
        const struct rotation *rotation = &rotations[i];
        struct token_change made[STEPS_MAX + 1] = {issue(0, STR_NONE)};
        int64_t start = now;
        size_t n = 1;
        bool ended = false;
        for (size_t k = 0; k < STEPS_MAX && (k == 0 || rotation->steps[k].second != 0); k++) {
            now = start + rotation->steps[k].second * SECOND;
            struct token_change change;
            enum err err = refresh(made[rotation->steps[k].uses].refresh, &change);
            if (err != rotation->steps[k].expect)
                fail_msg("%s: step %zu is %s", rotation->says, k, err_name(err));
            if (err == ERR_OK)
                made[n++] = change;
            else
                ended = true;
        }
        /* A family that has ended takes its access tokens with it, one that lives does not. */
        assert_int_equal(check(made[n - 1].access), ended ? ERR_UNAUTHENTICATED : ERR_OK);
    }
}

static void refreshing_ends_after_thirty_days(void **state)
{
    (void)state;
    struct token_change made = issue(0, STR_NONE), next;
    for (int day = 1; day < 30; day++) {
        now += DAY;
        assert_int_equal(refresh(made.refresh, &next), ERR_OK);
        made = next;
    }
    now += DAY - 600 * SECOND;
    assert_int_equal(refresh(made.refresh, &next), ERR_OK);
    assert_int_equal(next.expires_in, 600); /* not beyond the family's end */
    made = next;
    now += 600 * SECOND - 1;
    assert_int_equal(check(made.access), ERR_OK);
    now += 1;
    assert_int_equal(check(made.access), ERR_UNAUTHENTICATED);
    assert_int_equal(refresh(made.refresh, &next), ERR_UNAUTHENTICATED);
}

static void a_refresh_token_is_bound_to_its_client(void **state)
{
    (void)state;
    struct token_change of_client = issue(CLIENT, STR_NONE), of_none = issue(0, STR_NONE), made;
    assert_int_equal(refresh_as(of_client.refresh, 0, STR_NONE, &made), ERR_UNAUTHENTICATED);
    assert_int_equal(refresh_as(of_client.refresh, OTHER_CLIENT, STR_NONE, &made),
                     ERR_UNAUTHENTICATED);
    assert_int_equal(refresh_as(of_none.refresh, CLIENT, STR_NONE, &made), ERR_UNAUTHENTICATED);
    /* Trying it under another name has used nothing up. */
    assert_int_equal(refresh_as(of_client.refresh, CLIENT, STR_NONE, &made), ERR_OK);
    assert_int_equal(refresh_as(of_none.refresh, 0, STR_NONE, &made), ERR_OK);
}

static void a_refresh_can_narrow_the_scope_and_not_widen_it(void **state)
{
    (void)state;
    struct token_change first = issue(0, STR("task:read task:create")), second, third, ignored;
    struct token_change bad = {.account_id = PERSON, .scope = STR("task:fly")};
    assert_int_equal(run(token_issue, &bad), ERR_FORBIDDEN);
    bad.scope = STR("task:read  task:create");
    assert_int_equal(run(token_issue, &bad), ERR_FORBIDDEN);
    assert_int_equal(refresh_as(first.refresh, 0, STR("*"), &ignored), ERR_FORBIDDEN);
    assert_int_equal(refresh_as(first.refresh, 0, STR("task:write"), &ignored), ERR_FORBIDDEN);
    assert_int_equal(refresh_as(first.refresh, 0, STR("task:read"), &second), ERR_OK);
    assert_str(second.granted, "task:read");
    assert_int_equal(refresh_as(second.refresh, 0, STR_NONE, &third), ERR_OK);
    assert_str(third.granted, "task:read task:create");
}

struct refreshing {
    struct token_change change;
    struct arena arena;
    struct op op;
    enum err err;
};

static void refreshing_run(void *item)
{
    struct refreshing *refreshing = item;
    refreshing->err = token_refresh(tokens, &refreshing->change);
}

static void of_many_refreshes_at_once_one_stays_good(void **state)
{
    enum { MANY = 20 };
    static struct refreshing made[MANY];
    (void)state;
    struct token_change first = issue(0, STR_NONE), next;
    for (size_t i = 0; i < MANY; i++) {
        arena_init(&made[i].arena, 1024 * 1024);
        made[i].op = (struct op){.arena = &made[i].arena, .now = now};
        made[i].change = (struct token_change){.op = &made[i].op, .presented = first.refresh};
    }
    world_at_once(refreshing_run, made, MANY, sizeof made[0]);
    struct str living = STR_NONE;
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(made[i].err, ERR_OK);
        assert_int_equal(check(made[i].change.access), ERR_OK);
    }
    assert_int_equal(count("SELECT count(*) FROM token WHERE kind = 2 AND used_at = 0"
                           " AND revoked = 0"),
                     1);
    int64_t left = count("SELECT id FROM token WHERE kind = 2 AND used_at = 0 AND revoked = 0");
    for (size_t i = 0; i < MANY; i++)
        if (made[i].change.made[1].id == left)
            living = made[i].change.refresh;
    assert_int_equal(refresh(living, &next), ERR_OK);
    for (size_t i = 0; i < MANY; i++)
        arena_finish(&made[i].arena);
}

/* ---- revoking ---- */

static void revoking_counts_at_once_in_spite_of_the_cache(void **state)
{
    (void)state;
    struct token_change first = issue(0, STR_NONE), other = issue(0, STR_NONE), second;
    assert_int_equal(refresh(first.refresh, &second), ERR_OK);
    assert_int_equal(check(first.access), ERR_OK);
    assert_int_equal(check(second.access), ERR_OK);
    assert_int_equal(check(other.access), ERR_OK);
    assert_int_equal(revoke(first.access, 0), ERR_OK); /* it alone */
    assert_int_equal(check(first.access), ERR_UNAUTHENTICATED);
    assert_int_equal(check(second.access), ERR_OK);
    assert_int_equal(revoke(second.refresh, 0), ERR_OK); /* the family */
    assert_int_equal(check(second.access), ERR_UNAUTHENTICATED);
    assert_int_equal(refresh(second.refresh, &first), ERR_UNAUTHENTICATED);
    assert_int_equal(check(other.access), ERR_OK);
    assert_int_equal(revoke(second.refresh, 0), ERR_OK); /* twice is once */
    assert_int_equal(revoke(STR("nonsense"), 0), ERR_OK);
}

static void another_clients_token_cannot_be_revoked(void **state)
{
    (void)state;
    struct token_change issued = issue(CLIENT, STR_NONE);
    assert_int_equal(revoke(issued.access, 0), ERR_UNAUTHENTICATED);
    assert_int_equal(revoke(issued.access, OTHER_CLIENT), ERR_UNAUTHENTICATED);
    assert_int_equal(check(issued.access), ERR_OK);
    assert_int_equal(revoke(issued.access, CLIENT), ERR_OK);
    assert_int_equal(check(issued.access), ERR_UNAUTHENTICATED);
}

static void re_use_counts_at_once_in_spite_of_the_cache(void **state)
{
    (void)state;
    struct token_change first = issue(0, STR_NONE), second, ignored;
    assert_int_equal(refresh(first.refresh, &second), ERR_OK);
    now += 31 * SECOND;
    assert_int_equal(check(second.access), ERR_OK);
    assert_int_equal(refresh(first.refresh, &ignored), ERR_UNAUTHENTICATED);
    assert_int_equal(check(second.access), ERR_UNAUTHENTICATED);
}

/* ---- sessions ---- */

static struct str open_session(void)
{
    struct token_change change = {.account_id = PERSON};
    assert_int_equal(run(token_open_session, &change), ERR_OK);
    assert_null(change.refresh.p);
    return change.session;
}

static enum err check_session(struct str session)
{
    enum err err = check_kind(session, TOKEN_SESSION, NULL);
    /* Its life is prolonged after the answer. */
    core_flush(world->core);
    mailbox_deliver(world->mailbox);
    return err;
}

static void a_session_lives_while_it_is_used_but_not_for_ever(void **state)
{
    (void)state;
    struct str session = open_session();
    int64_t start = now;
    assert_int_equal(check_kind(session, TOKEN_ACCESS, NULL), ERR_UNAUTHENTICATED);
    while (now + 11 * HOUR < start + 30 * DAY) {
        now += 11 * HOUR;
        assert_int_equal(check_session(session), ERR_OK);
    }
    now = start + 30 * DAY - 1;
    assert_int_equal(check_session(session), ERR_OK);
    now += 1;
    assert_int_equal(check_session(session), ERR_UNAUTHENTICATED);
}

static void an_idle_session_ends_after_twelve_hours(void **state)
{
    (void)state;
    struct str session = open_session();
    now += 6 * HOUR;
    assert_int_equal(check_session(session), ERR_OK);
    now += 12 * HOUR - 1;
    assert_int_equal(check_session(session), ERR_OK);
    now += 12 * HOUR;
    assert_int_equal(check_session(session), ERR_UNAUTHENTICATED);
}

static void a_session_that_is_signed_out_is_over(void **state)
{
    (void)state;
    struct str session = open_session();
    assert_int_equal(check_session(session), ERR_OK);
    assert_int_equal(revoke(session, 0), ERR_OK);
    assert_int_equal(check_session(session), ERR_UNAUTHENTICATED);
}

/* ---- expiry ---- */

static void what_has_expired_is_dropped_and_nothing_else(void **state)
{
    (void)state;
    bool more = true;
    for (int i = 0; i < 300; i++)
        issue(0, STR_NONE);
    assert_int_equal(count("SELECT COUNT(*) FROM token"), 600);
    now += 31 * DAY;
    clock_set(now);
    for (int i = 0; i < 40; i++)
        issue(0, STR_NONE);
    assert_int_equal(core_tokens_drop(world->core, &world->op, &more), ERR_OK);
    assert_int_equal(count("SELECT COUNT(*) FROM token"), 680 - 256);
    while (more)
        assert_int_equal(core_tokens_drop(world->core, &world->op, &more), ERR_OK);
    assert_int_equal(count("SELECT COUNT(*) FROM token"), 80);
    assert_int_equal(count("SELECT COUNT(*) FROM token_family"), 40);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_issued_opens_what_it_should),
        TEST(an_access_token_ends_after_an_hour_cached_or_not),
        TEST(what_ends_on_another_node_ends_here_within_five_seconds),
        TEST(a_clock_that_is_set_back_does_not_prolong_the_cache),
        TEST(a_disabled_account_has_no_tokens),
        TEST(only_hashes_are_stored),
        TEST(refresh_tokens_rotate_as_the_table_says),
        TEST(refreshing_ends_after_thirty_days),
        TEST(a_refresh_token_is_bound_to_its_client),
        TEST(a_refresh_can_narrow_the_scope_and_not_widen_it),
        TEST(of_many_refreshes_at_once_one_stays_good),
        TEST(revoking_counts_at_once_in_spite_of_the_cache),
        TEST(another_clients_token_cannot_be_revoked),
        TEST(re_use_counts_at_once_in_spite_of_the_cache),
        TEST(a_session_lives_while_it_is_used_but_not_for_ever),
        TEST(an_idle_session_ends_after_twelve_hours),
        TEST(a_session_that_is_signed_out_is_over),
        TEST(what_has_expired_is_dropped_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
