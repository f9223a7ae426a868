/* core/token: the text of a token; what is stored is tested in tests/store/token.c. */
#include "tests.h"

#include "core/token.h"

/* Made elsewhere: prefix, base64url of 32 bytes, base64url of zlib's CRC-32 of the two before it.
 */
static const struct {
    enum token_kind kind;
    const char *text;
} vectors[] = {
    {TOKEN_ACCESS, "bzat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-wBMfg"},
    {TOKEN_REFRESH, "bzrt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8CYb1EA"},
    {TOKEN_SESSION, "bzst___________________________________________8jQSMTw"},
};

static void a_token_is_known_by_its_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        for (enum token_kind kind = TOKEN_ACCESS; kind <= TOKEN_SESSION; kind++)
            assert_int_equal(token_looks_valid(str_of(vectors[i].text), kind),
                             kind == vectors[i].kind);
}

static void every_slip_of_one_character_is_seen(void **state)
{
    char text[TOKEN_SIZE + 1];
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        for (size_t at = 0; at < TOKEN_SIZE; at++)
            for (int c = 0; c < 256; c++) {
                struct str whole = str_of(vectors[i].text);
                for (size_t k = 0; k < TOKEN_SIZE; k++)
                    text[k] = whole.p[k];
                if (text[at] == (char)c)
                    continue;
                text[at] = (char)c;
                assert_false(token_looks_valid((struct str){text, TOKEN_SIZE}, vectors[i].kind));
            }
}

static void another_length_is_refused(void **state)
{
    struct str whole = str_of(vectors[0].text);
    (void)state;
    for (size_t n = 0; n < whole.n; n++)
        assert_false(token_looks_valid(str_sub(whole, 0, n), TOKEN_ACCESS));
    assert_false(token_looks_valid(STR_NONE, TOKEN_ACCESS));
    assert_false(token_looks_valid(STR("bzat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-wBMfg="),
                                   TOKEN_ACCESS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_known_by_its_form),
        cmocka_unit_test(every_slip_of_one_character_is_seen),
        cmocka_unit_test(another_length_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
