/* api/authorization: the header is read as its RFCs have it, and nothing else passes. */
#include "tests.h"

#include "api/authorization.h"

static struct arena arena;
static struct op op;
static struct authorization authorization;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static enum err read_text(struct str text)
{
    op = (struct op){.arena = &arena};
    authorization = (struct authorization){0};
    return authorization_read(&op, text, &authorization);
}

static void a_bearer_token_is_found_whatever_the_case_of_its_scheme(void **state)
{
    static const char *const headers[] = {
        "Bearer abc-._~+/019Z==", "bearer abc-._~+/019Z==", "BEARER abc-._~+/019Z=="};
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        assert_int_equal(read_text(str_of(headers[i])), ERR_OK);
        assert_int_equal(authorization.scheme, AUTHORIZATION_BEARER);
        assert_str(authorization.token, "abc-._~+/019Z==");
    }
}

static void a_text_that_is_not_a_token_is_refused(void **state)
{
    (void)state;
    const struct str headers[] = {
        STR("Bearer"),
        STR("Bearer "),
        STR("Bearer =="),
        STR("Bearer a b"),
        STR("Bearer  a"),
        STR("Bearer a,b"),
        STR("Bearer a=b"),
        STR("Bearer a\tb"),
        STR("Bearer a "),
        STR("Bearer \"a\""),
        STR("Bearer a\0"),
        STR("Bearer \xC3\xA9"),
        STR("Bearer a, Bearer b"),
        STR("Bearer token=\"a\""),
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        assert_int_equal(read_text(headers[i]), ERR_SYNTAX);
        assert_int_equal(authorization.scheme, 0);
        assert_true(op.detail[0] != '\0');
    }
}

static void basic_is_decoded_as_oauth_wants_it(void **state)
{
    (void)state;
    assert_int_equal(read_text(STR("Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW")), ERR_OK);
    assert_int_equal(authorization.scheme, AUTHORIZATION_BASIC);
    assert_str(authorization.user, "s6BhdRkqt3");
    assert_str(authorization.secret, "gX1fBat3bV");
    assert_int_equal(read_text(STR("basic YSUzQWI6YytkJTI1OmU=")), ERR_OK); /* a%3Ab:c+d%25:e */
    assert_str(authorization.user, "a:b");
    assert_str(authorization.secret, "c d%:e");
    assert_int_equal(read_text(STR("Basic Og==")), ERR_OK); /* ":" */
    assert_str(authorization.user, "");
    assert_str(authorization.secret, "");
}

static void bad_basic_is_refused(void **state)
{
    (void)state;
    const struct str headers[] = {
        STR("Basic"),
        STR("Basic "),
        STR("Basic ===="),
        STR("Basic Og"), /* no padding */
        STR("Basic Og==="),
        STR("Basic O g="),
        STR("Basic Og==x"),
        STR("Basic Oh=="),     /* bits beyond the end */
        STR("Basic YWJj"),     /* no colon */
        STR("Basic YTpiAA=="), /* NUL */
        STR("Basic Ojr/"),     /* not UTF-8 */
        STR("Basic YTol"),     /* a:% */
        STR("Basic _-__"),     /* base64url */
        STR("Basic user:password"),
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (read_text(headers[i]) != ERR_SYNTAX)
            fail_msg("\"%.*s\" was taken", STR_ARG(headers[i]));
        assert_int_equal(authorization.scheme, 0);
    }
}

static void another_scheme_is_named_in_the_refusal(void **state)
{
    (void)state;
    const struct str headers[] = {STR("Digest username=\"a\""),
                                  STR("Negotiate abc"),
                                  STR("Bearerabc"),
                                  STR("bzat_abc"),
                                  STR(" Bearer a"),
                                  STR("")};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        assert_int_equal(read_text(headers[i]), ERR_OK);
        assert_int_equal(authorization.scheme, AUTHORIZATION_OTHER);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bearer_token_is_found_whatever_the_case_of_its_scheme),
        TEST(a_text_that_is_not_a_token_is_refused),
        TEST(basic_is_decoded_as_oauth_wants_it),
        TEST(bad_basic_is_refused),
        TEST(another_scheme_is_named_in_the_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
