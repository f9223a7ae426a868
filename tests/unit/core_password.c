/* core/password: which passwords are accepted, and that the hash distinguishes right from wrong. */
#include "tests.h"

#include "base/buf.h"
#include "core/password.h"

#include <sodium.h>
#include <time.h>

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, 1024 * 1024);
    return sodium_init() < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static enum err check(struct str password, struct op *op)
{
    *op = (struct op){.arena = &arena};
    return password_check(op, password);
}

/* `count` times one character, zero-terminated. */
static struct str repeated(const char *character, size_t count)
{
    struct buf buf;
    buf_init(&buf, 8192);
    for (size_t i = 0; i < count; i++)
        buf_add(&buf, str_of(character));
    struct str text = arena_str(&arena, buf_str(&buf));
    assert_non_null(text.p);
    buf_finish(&buf);
    return text;
}

static void the_password_of_the_source_document_is_accepted(void **state)
{
    struct op op;
    (void)state;
    assert_int_equal(check(STR("Ex@mpl3!"), &op), ERR_OK);
}

static void length_counts_characters_and_not_bytes(void **state)
{
    struct op op;
    (void)state;
    assert_int_equal(check(STR("1234567"), &op), ERR_INVALID);
    assert_string_equal(op.detail, "The password has 7 characters; it needs at least 8.");
    assert_int_equal(check(repeated("\xE2\x82\xAC", 7), &op), ERR_INVALID);
    assert_int_equal(check(repeated("\xE2\x82\xAC", 8), &op), ERR_OK);
    assert_int_equal(check(repeated("\xF0\x9F\x98\x80", 1024), &op), ERR_OK);
    assert_int_equal(check(repeated("\xF0\x9F\x98\x80", 1025), &op), ERR_INVALID);
    assert_int_equal(check(repeated("y", 1025), &op), ERR_INVALID);
}

static void the_commonest_are_refused_in_any_case(void **state)
{
    struct op op;
    (void)state;
    assert_int_equal(check(STR("password"), &op), ERR_INVALID);
    assert_int_equal(check(STR("PassWord"), &op), ERR_INVALID);
    assert_int_equal(check(STR("12345678"), &op), ERR_INVALID);
    assert_int_equal(check(STR("qwertyuiop"), &op), ERR_INVALID);
    assert_int_equal(check(STR("iloveyou"), &op), ERR_INVALID);
    assert_int_equal(check(STR("passwordx9"), &op), ERR_OK);
}

static void the_commonest_are_in_order_and_appear_once(void **state)
{
    static const char *const commonest[] = {
#define COMMON(password) password,
#include "core/password_common.def"
#undef COMMON
    };
    (void)state;
    for (size_t i = 1; i < sizeof commonest / sizeof commonest[0]; i++)
        assert_true(strcmp(commonest[i - 1], commonest[i]) < 0);
}

static void bytes_that_are_not_text_are_refused(void **state)
{
    struct op op;
    (void)state;
    assert_int_equal(check(STR("abcdefgh\xFF"), &op), ERR_INVALID);
    assert_int_equal(check(STR("abcd\0efgh"), &op), ERR_INVALID);
    assert_int_equal(check(STR_NONE, &op), ERR_INVALID);
}

static void the_hash_knows_its_password_and_no_other(void **state)
{
    struct op op = {.arena = &arena};
    struct str first, second, long_one = repeated("z", 1024);
    (void)state;
    assert_int_equal(password_hash(&op, STR("Ex@mpl3!"), &first), ERR_OK);
    assert_int_equal(password_hash(&op, STR("Ex@mpl3!"), &second), ERR_OK);
    assert_true(str_starts(first, STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert_false(str_eq(first, second)); /* salted */
    assert_int_equal(password_verify(first.p, STR("Ex@mpl3!")), ERR_OK);
    assert_int_equal(password_verify(first.p, STR("Ex@mpl3")), ERR_UNAUTHENTICATED);
    assert_int_equal(password_verify(first.p, STR("ex@mpl3!")), ERR_UNAUTHENTICATED);
    assert_int_equal(password_verify(first.p, STR("Ex@mpl3!!")), ERR_UNAUTHENTICATED);
    assert_int_equal(password_verify("not a hash", STR("Ex@mpl3!")), ERR_UNAUTHENTICATED);
    /* Nothing is cut off, not even the last of 1,024. */
    assert_int_equal(password_hash(&op, long_one, &first), ERR_OK);
    assert_int_equal(password_verify(first.p, long_one), ERR_OK);
    assert_int_equal(password_verify(first.p, str_sub(long_one, 0, 1023)), ERR_UNAUTHENTICATED);
}

static void a_hash_of_other_costs_is_outdated(void **state)
{
    struct op op = {.arena = &arena};
    struct str hash;
    char cheaper[crypto_pwhash_STRBYTES];
    (void)state;
    assert_int_equal(password_hash(&op, STR("Ex@mpl3!"), &hash), ERR_OK);
    assert_false(password_outdated(hash.p));
    assert_int_equal(crypto_pwhash_str_alg(cheaper, "Ex@mpl3!", 8, 1, 8 * 1024 * 1024,
                                           crypto_pwhash_ALG_ARGON2ID13),
                     0);
    assert_true(password_outdated(cheaper));
    assert_int_equal(password_verify(cheaper, STR("Ex@mpl3!")), ERR_OK);
}

/* Processor time of one verify. */
static double verify_time(const char *hash)
{
    struct timespec a, b;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
    assert_int_equal(password_verify(hash, STR("wrong password")), ERR_UNAUTHENTICATED);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
    return (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
}

/* The least times of both, taken in turns: whatever else the machine does only adds to them, so
 * more rounds bring them together unless the program itself takes longer for one. */
static void an_unknown_account_takes_as_long_as_a_wrong_password(void **state)
{
    struct op op = {.arena = &arena};
    struct str hash;
    double wrong = 1e9, unknown = 1e9;
    bool alike = false;
    (void)state;
    assert_int_equal(password_hash(&op, STR("Ex@mpl3!"), &hash), ERR_OK);
    for (int round = 0; round < 100 && (round < 9 || !alike); round++) {
        double w = verify_time(hash.p), u = verify_time(NULL);
        wrong = w < wrong ? w : wrong;
        unknown = u < unknown ? u : unknown;
        alike = unknown > 0.7 * wrong && unknown < 1.3 * wrong;
    }
    assert_true(alike);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_password_of_the_source_document_is_accepted),
        TEST(length_counts_characters_and_not_bytes),
        TEST(the_commonest_are_refused_in_any_case),
        TEST(the_commonest_are_in_order_and_appear_once),
        TEST(bytes_that_are_not_text_are_refused),
        TEST(the_hash_knows_its_password_and_no_other),
        TEST(a_hash_of_other_costs_is_outdated),
        TEST(an_unknown_account_takes_as_long_as_a_wrong_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
