/* model/redact: what was sent, without its secrets, bounded and well-formed. */
#include "tests.h"

#include "base/arena.h"
#include "model/redact.h"

#include <stdlib.h>

static struct buf buf;
static struct arena arena;

static struct str json(struct str text)
{
    buf_clear(&buf);
    redact_json(&buf, text);
    assert_int_equal(buf_err(&buf), ERR_OK);
    return buf_str(&buf);
}

static struct str text(struct str sent)
{
    buf_clear(&buf);
    redact_text(&buf, sent);
    assert_int_equal(buf_err(&buf), ERR_OK);
    return buf_str(&buf);
}

/* `n` bytes of a pattern between two ends. */
static struct str filled(const char *start, const char *pattern, size_t n, const char *end)
{
    size_t a = strlen(start), b = strlen(end), p = strlen(pattern);
    char *all = arena_alloc(&arena, a + n + b);
    assert_non_null(all);
    for (size_t i = 0; i < a + n + b; i++)
        all[i] = i < a ? start[i] : i < a + n ? pattern[(i - a) % p] : end[i - a - n];
    return (struct str){all, a + n + b};
}

static bool ends(struct str s, const char *end)
{
    struct str e = str_of(end);
    return s.n >= e.n && str_eq(str_from(s, s.n - e.n), e);
}

static void names_that_look_like_secrets(void **state)
{
    static const char *const secret[] = {
        "password",     "Password",       "userPassword", "PASSWORD2",          "secret",
        "clientSecret", "token",          "access_token", "refresh-token",      "Authorization",
        "apikey",       "apiKey",         "API_KEY",      "x-api-key",          "API Key",
        "passwd",       "pass\\u0077ord", "\\u0054oken",  "proxyAuthorization", "credentials",
    };
    static const char *const plain[] = {
        "",
        "title",
        "pass",
        "word",
        "secre",
        "api",
        "key",
        "toke",
        "LRN",
        "author",
        "d\\u00e9partement",
        "\\",
        "\\u",
        "\\u00",
    };
    (void)state;
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        if (!redact_secret_name(str_of(secret[i])))
            fail_msg("\"%s\" is not recognized as a secret", secret[i]);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (redact_secret_name(str_of(plain[i])))
            fail_msg("\"%s\" is mistaken for a secret", plain[i]);
}

static void values_of_secrets_are_taken_out_of_json_and_nothing_else(void **state)
{
    (void)state;
    assert_str(json(STR("{\"title\":\"T\",\"password\":\"hunter2\",\"n\":1}")),
               "{\"title\":\"T\",\"password\":\"***\",\"n\":1}");
    assert_str(json(STR("{ \"a\" : { \"apiKey\" : 17 , \"b\":[ {\"token\":null} ] } }")),
               "{ \"a\" : { \"apiKey\" : \"***\" , \"b\":[ {\"token\":\"***\"} ] } }");
    assert_str(json(STR("{\"secret\":{\"a\":[1,\"}]\",{\"b\":2}]},\"c\":3}")),
               "{\"secret\":\"***\",\"c\":3}");
    assert_str(json(STR("{\"secret\":[\"a\\\"b\\\\\",\"]\"],\"c\":3}")),
               "{\"secret\":\"***\",\"c\":3}");
    assert_str(json(STR("{\"pass\\u0077ord\":\"hunter2\"}")), "{\"pass\\u0077ord\":\"***\"}");
    assert_str(json(STR("{\"password\":\"a\\\"b\",\"x\":\"\\\\\",\"token\":\"c\"}")),
               "{\"password\":\"***\",\"x\":\"\\\\\",\"token\":\"***\"}");
    assert_str(json(STR("{\"token\":true}")), "{\"token\":\"***\"}");
    assert_str(json(STR("{\"token\":-1.5e3\n}")), "{\"token\":\"***\"\n}");
    /* A value is not a name. */
    assert_str(json(STR("{\"title\":\"password\",\"b\":\"token\"}")),
               "{\"title\":\"password\",\"b\":\"token\"}");
    assert_str(json(STR("[\"password\",\"hunter2\"]")), "[\"password\",\"hunter2\"]");
    assert_str(json(STR("{\"ship\":\"\xC3\x84 \xE2\x82\xAC\"}")),
               "{\"ship\":\"\xC3\x84 \xE2\x82\xAC\"}");
}

static void what_is_cut_is_whole_characters_and_says_so(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        struct str sent = filled(&"{\"d\":\"aaa"[shift], "\xF0\x9F\x98\x80", 8000, "\"}");
        struct str cut = json(sent);
        assert_in_range(cut.n, REDACT_JSON_MAX - 8, REDACT_JSON_MAX);
        assert_true(utf8_valid(cut));
        assert_true(ends(cut, "\xF0\x9F\x98\x80…"));
        cut = text(sent);
        assert_in_range(cut.n, REDACT_TEXT_MAX - 8, REDACT_TEXT_MAX);
        assert_true(utf8_valid(cut));
        assert_true(ends(cut, "…"));
    }
    struct str fits = filled("\"", "a", REDACT_JSON_MAX - 2, "\"");
    assert_true(str_eq(json(fits), fits));
    struct str more = filled("\"", "a", REDACT_JSON_MAX - 1, "\"");
    assert_int_equal(json(more).n, REDACT_JSON_MAX);
    assert_true(ends(buf_str(&buf), "a…"));
}

static void a_secret_of_any_length_is_left_out(void **state)
{
    (void)state;
    for (size_t n = 0; n < 200000; n = n * 3 + 1000) {
        struct str sent = filled("{\"token\":\"", "S\xC3\x84", n, "\",\"b\":\"S\"}");
        struct str shown = json(sent);
        assert_true(utf8_valid(shown));
        assert_true(str_starts(shown, STR("{\"token\":\"***\"")));
        assert_true(str_find(str_sub(shown, 0, 14), 'S') == 14);
        assert_true(shown.n < 64);
    }
}

static void a_text_after_a_word_that_names_a_secret_is_not_shown(void **state)
{
    (void)state;
    assert_str(text(STR("title=T&password=hunter2&x=y")), "title=T&password***");
    assert_str(text(STR("{\"a\":1,\n\"Api-Key\":\n\"hunter2\", tags\"]")),
               "{\"a\":1,\n\"Api-Key***");
    assert_str(text(STR("Authorization: Bearer abc\nx")), "Authorization***");
    assert_str(text(STR("p\0a\0s\0s\0w\0o\0r\0d\0=\0x\0")),
               "p\xEF\xBF\xBD"
               "a\xEF\xBF\xBDs\xEF\xBF\xBDs\xEF\xBF\xBDw\xEF\xBF\xBDo\xEF\xBF\xBDr\xEF\xBF\xBD"
               "d\xEF\xBF\xBD***");
    assert_str(text(STR("{\"a\":1, tags\"]}")), "{\"a\":1, tags\"]}");
    assert_str(text(STR("")), "");
}

static void a_byte_that_is_not_utf8_becomes_a_replacement_character(void **state)
{
    (void)state;
    assert_str(text(STR("a\xFF"
                        "b\0c\xC3")),
               "a\xEF\xBF\xBD"
               "b\xEF\xBF\xBD"
               "c\xEF\xBF\xBD");
    char all[5000];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)(i * 7919 >> 3);
    for (size_t i = 0; i < 2000; i++) {
        struct str shown = text((struct str){all + i, sizeof all - i});
        assert_true(shown.n <= REDACT_TEXT_MAX);
        assert_true(utf8_valid(shown));
        assert_int_equal(str_find(shown, '\0'), shown.n);
    }
}

static void broken_json_does_no_harm(void **state)
{
    (void)state;
    struct str sent =
        STR("{\"a\":{\"secret\":[\"x\\\"\",{\"y\":\"z\"}],\"b\\u0041\":\"\\\\\"},\"token\":1}");
    for (size_t n = 0; n <= sent.n; n++) {
        char *copy = malloc(n + 1); /* so that a read beyond its end is seen */
        for (size_t i = 0; i < n; i++)
            copy[i] = sent.p[i];
        assert_true(json((struct str){copy, n}).n <= sent.n + 8);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_look_like_secrets),
        cmocka_unit_test(values_of_secrets_are_taken_out_of_json_and_nothing_else),
        cmocka_unit_test(what_is_cut_is_whole_characters_and_says_so),
        cmocka_unit_test(a_secret_of_any_length_is_left_out),
        cmocka_unit_test(a_text_after_a_word_that_names_a_secret_is_not_shown),
        cmocka_unit_test(a_byte_that_is_not_utf8_becomes_a_replacement_character),
        cmocka_unit_test(broken_json_does_no_harm),
    };
    buf_init(&buf, 64 * 1024);
    arena_init(&arena, 64 * 1024 * 1024);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&arena);
    buf_finish(&buf);
    return failed;
}
