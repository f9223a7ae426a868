/* form/pattern: what the patterns of one request may cost. What they mean is in form_document.c. */
#include "tests.h"

#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "form/pattern.h"

static struct arena arena;
static struct op op;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 * 1024 * 1024);
    op = (struct op){.arena = &arena};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* `unit`, so many times, and then `end`. */
struct text {
    const char *unit;
    size_t times;
    const char *end;
};

static struct str text_make(const struct text *text)
{
    struct buf buf;
    buf_init(&buf, 1024 * 1024);
    for (size_t i = 0; i < text->times; i++)
        buf_add(&buf, str_of(text->unit));
    buf_add(&buf, str_of(text->end));
    assert_int_equal(buf_err(&buf), ERR_OK);
    struct str made = arena_str(&arena, buf_str(&buf));
    buf_finish(&buf);
    return made;
}

static const struct pattern *compiled(const char *text)
{
    const struct pattern *pattern;
    op.detail[0] = '\0';
    if (pattern_compile(&op, &arena, str_of(text), &pattern) != ERR_OK)
        fail_msg("%s: %s", text, op.detail);
    return pattern;
}

static double cpu_milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Pairs that are more work than a request may be: repeats that give back one by one, that scan to
 * the end from each place where a match may begin, and that do so unseen, since they fail. */
static const struct {
    const char *pattern;
    struct text text;
} costly[] = {
    {"[ab]{0,19000}[bx]", {"a", 65536, ""}},
    {"\\w+\\s*[=:]\\s*\\w+", {"w", 65536, ""}},
    {"\\w+\\s*[=:]\\s*\\w+", {"w", 19900, " and so on"}},
    {"\\w+[:=]\\w+", {"w", 65536, ""}},
    {"\\s+$", {" ", 65535, "x"}},
    {"\\d+x", {"1", 65535, "!x"}},
    {"^(a+)+$", {"a", 60, "!"}},
    {"(?:a|aa)+$", {"a", 60, "!"}},
    {"^(?:a?){30}a{30}$", {"a", 30, "!"}},
    {"[ab]{30000}[xy]", {"a", 65536, ""}},
    {"[ab]{30000,}?[xy]", {"a", 65536, ""}},
    {"(?=[ab]*)[xya][xy]", {"a", 65536, ""}},
    {"(?:(?=[ab]*)(?=[ab]*)a)*[yz]", {"a", 65535, "!z"}},
    {"(?:(?![ab]*c)a)*[yz]", {"a", 65535, "!z"}},
    {"\\p{L}+\\p{N}", {"\xc3\xa9", 65536, ""}},
    {"[\xc4\x80\xc4\x82\xc4\x84\xc4\x86\xc4\x88\xc4\x8a\xc4\x8c\xc4\x8e\xc4\x90\xc4\x92]+[xyz]",
     {"\xc4\x92", 65536, ""}},
    {"(?<=a{200})a?[bc]", {"a", 65535, "!c"}},
    {".*foo", {"o", 65536, ""}},
};

/* The bound is some thirty times what it takes, so that it holds on slow machines and under
 * sanitizers; without a bound on work most of these take seconds. */
static void nothing_holds_up_the_network_thread(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof costly / sizeof costly[0]; i++) {
        const struct pattern *pattern = compiled(costly[i].pattern);
        struct str text = text_make(&costly[i].text);
        pattern_allow(&op, PATTERN_AT_ONCE_MAX);
        double began = cpu_milliseconds();
        enum pattern_verdict verdict = PATTERN_NO;
        for (int fields = 0; fields < 6; fields++)
            verdict = pattern_match(&op, pattern, text);
        double took = cpu_milliseconds() - began;
        if (took > 50)
            fail_msg("%s takes %.1f ms", costly[i].pattern, took);
        if (verdict != PATTERN_TOO_COSTLY)
            fail_msg("%s: verdict %d", costly[i].pattern, verdict);
    }
}

/* Whatever is matched, no more than what is allowed is spent, and nothing after that. */
static void the_work_of_a_request_is_one_sum(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof costly / sizeof costly[0]; i++) {
        const struct pattern *pattern = compiled(costly[i].pattern);
        pattern_allow(&op, PATTERN_WORK_MAX);
        int matches = 0;
        while (pattern_match(&op, pattern, text_make(&costly[i].text)) != PATTERN_TOO_COSTLY)
            assert_true(++matches < 100);
        assert_int_equal(pattern_allowed(&op), 0);
        assert_int_equal(pattern_match(&op, compiled("a"), STR("a")), PATTERN_TOO_COSTLY);
        assert_int_equal(pattern_allowed(&op), 0);
    }
    /* Each match costs something, also of nothing. */
    pattern_allow(&op, PATTERN_WORK_MAX);
    const struct pattern *any = compiled("");
    size_t n = 0;
    while (pattern_match(&op, any, STR("")) == PATTERN_YES)
        n++;
    assert_in_range(n, 1000, 100000);
}

/* What is left when a match ends is exactly what the next one may take, so that a verdict does not
 * depend on the machine. */
static void work_is_the_same_each_time(void **state)
{
    (void)state;
    const struct pattern *pattern = compiled("(\\w+) (\\w+)$");
    const struct text words = {"word ", 500, "!"};
    struct str text = text_make(&words);
    pattern_allow(&op, PATTERN_WORK_MAX);
    assert_int_equal(pattern_match(&op, pattern, text), PATTERN_NO);
    int64_t spent = PATTERN_WORK_MAX - pattern_allowed(&op);
    assert_true(spent > (int64_t)text.n);
    assert_int_equal(pattern_match(&op, pattern, text), PATTERN_NO);
    assert_int_equal(PATTERN_WORK_MAX - pattern_allowed(&op), 2 * spent);
}

/* What people write, and texts as long as a report can have. */
static void honest_patterns_are_decided(void **state)
{
    (void)state;
    static const struct {
        const char *pattern;
        struct text text;
        enum pattern_verdict verdict;
    } cases[] = {
        {"\\w+\\s*[=:]\\s*\\w+", {"The quick brown fox and 12 lazy dogs. ", 1700, ""}, PATTERN_NO},
        {"\\w+\\s*[=:]\\s*\\w+",
         {"The quick brown fox and 12 lazy dogs. ", 1700, "a = b"},
         PATTERN_YES},
        {"\\w+[:=]\\w+", {"The quick brown fox and 12 lazy dogs. ", 1700, "a=b"}, PATTERN_YES},
        {"\\s+$", {"The quick brown fox and 12 lazy dogs. ", 1700, ""}, PATTERN_YES},
        {"^[^<>]*$", {"The quick brown fox and 12 lazy dogs. ", 1700, ""}, PATTERN_YES},
        {"^[\\s\\S]{1,60000}$", {"\xc3\xa9", 60000, ""}, PATTERN_YES},
        {"(?<!\\d)\\d{4}(?!\\d)", {"12 lazy dogs, 345, and 56789. ", 2000, ""}, PATTERN_NO},
        {"(?<!\\d)\\d{4}(?!\\d)", {"12 lazy dogs, 345, and 56789. ", 2000, "1234"}, PATTERN_YES},
        {"\\b(?:foo|bar|baz)\\b", {"foobar fool barbaz ", 3000, "baz"}, PATTERN_YES},
        {"^(?=.*[A-Z])(?=.*\\d).{8,}$", {"a", 200, "B1"}, PATTERN_YES},
        {"^[A-Za-z0-9._%+\\-]+@[A-Za-z0-9.\\-]+\\.[A-Za-z]{2,}$",
         {"a.", 100, "b@mail.example.com"},
         PATTERN_YES},
        {"^(?:[A-Z]{3}-\\d{4},?){1,30}$", {"ABC-1234,", 30, ""}, PATTERN_YES},
        {"^(?:[A-Z]{3}-\\d{4},?){1,30}$", {"ABC-1234,", 31, ""}, PATTERN_NO},
        {".*foo", {"o", 255, ""}, PATTERN_NO},
        {"\\u{41}{3}", {"A", 3, ""}, PATTERN_YES},
        {"^\\p{Lu}{3}$", {"A", 3, ""}, PATTERN_YES},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct pattern *pattern = compiled(cases[i].pattern);
        pattern_allow(&op, PATTERN_WORK_MAX);
        enum pattern_verdict verdict = pattern_match(&op, pattern, text_make(&cases[i].text));
        if (verdict != cases[i].verdict)
            fail_msg("%s: verdict %d", cases[i].pattern, verdict);
    }
}

/* Twenty letters can compile to 64 KiB. */
static void a_pattern_is_bounded_when_compiled(void **state)
{
    (void)state;
    static const char *const large[] = {"(?:[a-z\\s]{2}){200}", "(?:(?:[a-z]{2}-){20}){20}",
                                        "(?:(?:(?:a{2}){9}){9}){9}"};
    const struct pattern *pattern;
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        op.detail[0] = '\0';
        assert_int_equal(pattern_compile(&op, &arena, str_of(large[i]), &pattern), ERR_INVALID);
        if (strstr(op.detail, "compiled it has") == NULL)
            fail_msg("%s: %s", large[i], op.detail);
    }
    /* What compiling takes besides does not stay in the arena. */
    size_t before = arena.total;
    compiled("^(?:[0-9A-Z]{4}-){3}$");
    assert_in_range(arena.total - before, 0, 2 * PATTERN_SIZE_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_holds_up_the_network_thread), TEST(the_work_of_a_request_is_one_sum),
        TEST(work_is_the_same_each_time),          TEST(honest_patterns_are_decided),
        TEST(a_pattern_is_bounded_when_compiled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
