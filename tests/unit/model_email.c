/* model/email: addresses, and finding one in a text. */
#include "tests.h"

#include "model/email.h"

static void an_address_is_named_where_it_stands_alone(void **state)
{
    (void)state;
    static const struct {
        const char *text, *masked;
    } cases[] = {
        {"a@b.c", "***"},
        {"A@B.C and <a@b.c>, \"a@b.c\".", "*** and <***>, \"***\"."},
        {"a@b.ca@b.c", "a@b.ca@b.c"},
        {"xa@b.c", "xa@b.c"},
        {"x.a@b.c a@b.com a@b.c.d a@b.c-d a@b.c_ +a@b.c",
         "x.a@b.c a@b.com a@b.c.d a@b.c-d a@b.c_ +a@b.c"},
        {"a@b.c. A", "***. A"},
        {"(a@b.c)a@b.c", "(***)***"},
        {"a@b.", "a@b."},
        {"", ""},
    };
    struct arena arena;
    arena_init(&arena, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct str text = str_of(cases[i].text);
        bool changed = false;
        bool named = email_named(text, STR("a@b.c"));
        assert_int_equal(email_mask(&arena, STR("a@b.c"), &text, &changed), ERR_OK);
        if (!str_eq(text, str_of(cases[i].masked)))
            fail_msg("\"%s\" became \"%.*s\"", cases[i].text, STR_ARG(text));
        assert_int_equal(changed, !str_eq(str_of(cases[i].text), text));
        assert_int_equal(named, changed);
    }
    arena_finish(&arena);
}

static void what_is_no_text_names_nobody(void **state)
{
    (void)state;
    struct str none = STR_NONE;
    bool changed = false;
    assert_false(email_named(none, STR("a@b.c")));
    assert_int_equal(email_mask(NULL, STR("a@b.c"), &none, &changed), ERR_OK);
    assert_null(none.p);
    assert_false(changed);
}

static void addresses_of_the_erased_are_known(void **state)
{
    (void)state;
    assert_true(email_erased(STR("erased-5@Erased.Invalid")));
    assert_false(email_erased(STR("a@not-erased.invalid")));
    assert_false(email_erased(STR("a@b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_named_where_it_stands_alone),
        cmocka_unit_test(what_is_no_text_names_nobody),
        cmocka_unit_test(addresses_of_the_erased_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
