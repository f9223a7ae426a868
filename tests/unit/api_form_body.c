/* api/form_body: what is well-formed is decoded, everything else is refused with a reason. */
#include "tests.h"

#include "api/form_body.h"
#include "base/buf.h"

static struct arena arena;
static struct op op;
static struct form_body form;

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
    return form_body_read(&op, text, &form);
}

/* Refused, for the reason whose words these are, and `form` is untouched. */
static void refused(struct str text, const char *reason)
{
    form.n = 77;
    assert_int_equal(read_text(text), ERR_SYNTAX);
    if (strstr(op.detail, reason) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", op.detail, reason);
    assert_int_equal(form.n, 77);
}

static void the_request_of_the_source_document_is_read(void **state)
{
    (void)state;
    assert_int_equal(
        read_text(STR("grant_type=password&username=example@example.com&password=Ex@mpl3!")),
        ERR_OK);
    assert_int_equal(form.n, 3);
    assert_str(form_body_get(&form, "grant_type"), "password");
    assert_str(form_body_get(&form, "username"), "example@example.com");
    assert_str(form_body_get(&form, "password"), "Ex@mpl3!");
    assert_null(form_body_get(&form, "Password").p);
    assert_int_equal(
        read_text(STR("username=example%40example.com&password=Ex%40mpl3%21&grant_type=password")),
        ERR_OK);
    assert_str(form_body_get(&form, "username"), "example@example.com");
    assert_str(form_body_get(&form, "password"), "Ex@mpl3!");
}

static void signs_are_decoded(void **state)
{
    (void)state;
    assert_int_equal(read_text(STR("a=b+c%2bd%2B&%e2%82%ac=%26%3D%25%20=&\xE2\x82\xACx=1")),
                     ERR_OK);
    assert_str(form_body_get(&form, "a"), "b c+d+");
    assert_str(form_body_get(&form, "\xE2\x82\xAC"), "&=% =");
    assert_str(form_body_get(&form, "\xE2\x82\xACx"), "1");
}

static void an_empty_value_counts_as_not_sent(void **state)
{
    (void)state;
    assert_int_equal(read_text(STR("a=&b&&c=1&")), ERR_OK);
    assert_int_equal(form.n, 3);
    assert_null(form_body_get(&form, "a").p);
    assert_null(form_body_get(&form, "b").p);
    assert_str(form_body_get(&form, "c"), "1");
    assert_int_equal(read_text(STR("")), ERR_OK);
    assert_int_equal(form.n, 0);
    assert_int_equal(read_text(STR_NONE), ERR_OK);
    assert_int_equal(form.n, 0);
}

static void a_repeated_parameter_is_refused_however_it_is_spelt(void **state)
{
    (void)state;
    refused(STR("a=1&a=1"), "Parameter 2 repeats parameter 1");
    refused(STR("a=1&b=2&%61=3"), "Parameter 3 repeats parameter 1");
    refused(STR("a=&a="), "repeats");
    refused(STR("a&a"), "repeats");
    assert_int_equal(read_text(STR("a=1&A=2")), ERR_OK);
}

static void bad_encoding_is_refused(void **state)
{
    (void)state;
    refused(STR("password=100%"), "a % without two hexadecimal digits");
    refused(STR("a=%2"), "hexadecimal");
    refused(STR("a=%g0"), "hexadecimal");
    refused(STR("a=%0g"), "hexadecimal");
    refused(STR("a=%%41"), "hexadecimal");
    refused(STR("%=1"), "The name of parameter 1");
    refused(STR("a=%u0041"), "hexadecimal");
    refused(STR("a=%2&b=1"), "hexadecimal"); /* must not read over the & */
}

static void bytes_that_are_not_text_are_refused(void **state)
{
    (void)state;
    refused(STR("a=b%00c"), "NUL");
    refused(STR("a%00=b"), "NUL");
    refused(STR("a=%ff"), "not UTF-8");
    refused(STR("a=\xff"), "not UTF-8");
    refused(STR("a=%c0%80"), "not UTF-8");
    refused(STR("a=%ed%a0%80"), "not UTF-8");
    refused(STR("a=%e2%82"), "not UTF-8");
    refused(STR("a=\0"), "control character");
    refused(STR("grant_type=password\nusername=a"), "line break");
    refused(STR("a=b c"), "space");
    refused(STR("a=\x7f"), "control character");
    refused(STR("a=b\r\n"), "line break");
    assert_int_equal(read_text(STR("a=b%0Ac")), ERR_OK);
    assert_str(form_body_get(&form, "a"), "b\nc");
}

static void a_value_without_a_name_is_refused(void **state)
{
    (void)state;
    refused(STR("=1"), "no name");
    refused(STR("="), "no name");
    refused(STR("a=1&=2"), "Parameter 2 has no name");
}

/* `prefix`, then `count` times `piece`. */
static struct str text_of(const char *prefix, const char *piece, size_t count)
{
    struct buf buf;
    buf_init(&buf, 64 * 1024);
    buf_add(&buf, str_of(prefix));
    for (size_t i = 0; i < count; i++)
        buf_add(&buf, str_of(piece));
    struct str text = arena_str(&arena, buf_str(&buf));
    buf_finish(&buf);
    assert_non_null(text.p);
    return text;
}

static void bounds_are_kept_to_the_byte(void **state)
{
    (void)state;
    assert_int_equal(read_text(text_of("a=", "x", FORM_VALUE_MAX)), ERR_OK);
    assert_int_equal(form_body_get(&form, "a").n, FORM_VALUE_MAX);
    refused(text_of("a=", "x", FORM_VALUE_MAX + 1), "longer than 4096 bytes");
    assert_int_equal(read_text(text_of("a=", "%41", FORM_VALUE_MAX)), ERR_OK);
    refused(text_of("a=", "%41", FORM_VALUE_MAX + 1), "too long");
    assert_int_equal(read_text(text_of("", "n", FORM_NAME_MAX)), ERR_OK);
    refused(text_of("", "n", FORM_NAME_MAX + 1), "longer than 64 bytes");
    struct buf buf;
    buf_init(&buf, 1024);
    for (int i = 0; i < FORM_FIELDS_MAX; i++)
        buf_printf(&buf, "p%d=%d&", i, i);
    assert_int_equal(read_text(buf_str(&buf)), ERR_OK);
    assert_int_equal(form.n, FORM_FIELDS_MAX);
    BUF_LIT(&buf, "one=more");
    refused(buf_str(&buf), "More than 32");
    buf_finish(&buf);
}

static void a_refusal_repeats_nothing_that_was_sent(void **state)
{
    static const char *const bodies[] = {"password=s3cret%", "password=s3cret&password=s3cret",
                                         "password=s3cret\n", "password=s3cret%ff",
                                         "password=s3cret%00"};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(read_text(str_of(bodies[i])), ERR_SYNTAX);
        assert_null(strstr(op.detail, "s3cret"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_request_of_the_source_document_is_read),
        TEST(signs_are_decoded),
        TEST(an_empty_value_counts_as_not_sent),
        TEST(a_repeated_parameter_is_refused_however_it_is_spelt),
        TEST(bad_encoding_is_refused),
        TEST(bytes_that_are_not_text_are_refused),
        TEST(a_value_without_a_name_is_refused),
        TEST(bounds_are_kept_to_the_byte),
        TEST(a_refusal_repeats_nothing_that_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
