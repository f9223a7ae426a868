/* json/read takes JSON and nothing else, and says where a fault is. */
#include "tests.h"

#include "json/read.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

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

/* The detail that a text is refused with; fails if it is accepted. */
static const char *refusal(struct str text)
{
    const struct json *json = NULL;
    op.detail[0] = '\0';
    assert_int_equal(json_read(&op, &arena, text, &json), ERR_SYNTAX);
    assert_null(json);
    return op.detail;
}

static const struct json *taken(struct str text)
{
    const struct json *json = NULL;
    op.detail[0] = '\0';
    enum err err = json_read(&op, &arena, text, &json);
    if (err != ERR_OK)
        fail_msg("\"%.*s\" is refused: %s", STR_ARG(text), op.detail);
    return json;
}

static void the_detail_names_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text, *detail;
    } cases[] = {
        {"", "line 1, column 1: expected a value, found the end"},
        {"  ", "line 1, column 3: expected a value, found the end"},
        {"hello", "line 1, column 1: expected a value, found 'h'"},
        {"{\"a\":1,\n  \"b\" 2}",
         "line 2, column 7: expected ':' after the name of the member, found '2'"},
        {"{\"a\":1,\n\n\"b\":nul}", "line 3, column 5: expected a value, found 'n'"},
        {"{\"a\":True}", "line 1, column 6: expected a value, found 'T'"},
        {"{\"a\":1,}", "line 1, column 8: expected the name of a member in quotes, found '}'"},
        {"{a:1}", "line 1, column 2: expected the name of a member in quotes, or '}', found 'a'"},
        {"{'a':1}", "line 1, column 2: expected the name of a member in quotes, or '}', found '''"},
        {"{\"a\":1 \"b\":2}",
         "line 1, column 8: expected a comma or '}' after the value, found '\"'"},
        {"{\"a\":1", "line 1, column 7: expected a comma or '}' after the value, found the end"},
        {"[1 2]", "line 1, column 4: expected a comma or ']' after the value, found '2'"},
        {"[1,]", "line 1, column 4: expected a value, found ']'"},
        {"{}{}", "line 1, column 3: expected nothing more after the value, found '{'"},
        {"{}\n}", "line 2, column 1: expected nothing more after the value, found '}'"},
        {"{/* */}", "line 1, column 2: expected the name of a member in quotes, or '}', found '/'"},
        {"\xEF\xBB\xBF{}", "line 1, column 1: expected a value, found a byte order mark"},
        {"{\"a\":\"x", "line 1, column 6: the text that begins here has no closing quote"},
        {"{\"a\":\"x\ny\"}", "line 1, column 8: expected the closing quote, or this character as "
                             "an escape, found a line break"},
        {"[\"\x01\"]", "line 1, column 3: expected the closing quote, or this character as an "
                       "escape, found U+0001"},
        {"[\"\\x\"]", "line 1, column 3: a backslash in a text must be followed by one of \" \\ / "
                      "b f n r t u"},
        {"[\"\\u12g4\"]", "line 1, column 3: \\u must be followed by four hexadecimal digits"},
        {"[\"a\\u0000\"]", "line 1, column 4: U+0000 is not allowed in a text"},
        {"{\"\\u0000\":1}", "line 1, column 3: U+0000 is not allowed in a text"},
        {"[\"\\ud800\"]", "line 1, column 3: half of a surrogate pair, which is not a character"},
        {"[\"\\udc00\\ud800\"]",
         "line 1, column 3: half of a surrogate pair, which is not a character"},
        {"[\"\\ud800\\u0041\"]",
         "line 1, column 3: half of a surrogate pair, which is not a character"},
        {"[\"\xFF\"]",
         "line 1, column 3: expected a text in UTF-8, found the byte 0xFF, which is not UTF-8"},
        {"[\"\xC3\"]",
         "line 1, column 3: expected a text in UTF-8, found the byte 0xC3, which is not UTF-8"},
        {"[\"\xED\xA0\x80\"]",
         "line 1, column 3: expected a text in UTF-8, found the byte 0xED, which is not UTF-8"},
        {"[\"\xC0\xAF\"]",
         "line 1, column 3: expected a text in UTF-8, found the byte 0xC0, which is not UTF-8"},
        /* Columns are characters, not bytes. */
        {"{\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\":x}",
         "line 1, column 8: expected a value, found 'x'"},
        {"[\xE2\x80\x9Cx\xE2\x80\x9D]", "line 1, column 2: expected a value, found '\xE2\x80\x9C'"},
        {"[01]", "line 1, column 3: expected no digit after a leading zero, found '1'"},
        {"[+1]", "line 1, column 2: expected a value, found '+'"},
        {"[.5]", "line 1, column 2: expected a value, found '.'"},
        {"[1.]", "line 1, column 4: expected a digit, found ']'"},
        {"[1e]", "line 1, column 4: expected a digit, found ']'"},
        {"[-]", "line 1, column 3: expected a digit, found ']'"},
        {"[1.5x]", "line 1, column 5: expected a comma or ']' after the value, found 'x'"},
        {"[9223372036854775808]", "line 1, column 2: this number is too large to be kept exactly"},
        {"{\"a\": 1e400}", "line 1, column 7: this number is too large to be kept exactly"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(refusal(str_of(cases[i].text)), cases[i].detail);
    assert_string_equal(refusal(STR("{}\0")),
                        "line 1, column 3: expected nothing more after the value, found U+0000");
    assert_string_equal(refusal(STR("[1\0]")),
                        "line 1, column 3: expected a comma or ']' after the value, found U+0000");
    assert_string_equal(refusal(STR("true\0")),
                        "line 1, column 5: expected nothing more after the value, found U+0000");
    assert_string_equal(refusal(STR("[\"a\0b\"]")),
                        "line 1, column 4: expected the closing quote, or this character as an "
                        "escape, found U+0000");
}

/* The sample of the source document as it is printed. */
static void the_slip_of_the_source_is_found_at_its_line_and_column(void **state)
{
    (void)state;
    assert_string_equal(
        refusal(STR("{\n"
                    "\"todoType\":\"INCIDENT\",\n"
                    "\"domainWorkSpace\":\"EXA-CON-BUS-WOR\",\n"
                    "\"title\":\"Potential Customs claim\",\n"
                    "\"description\":\"Operation started without proper approvals\",\n"
                    "\"financialImpact\":\"123577\",\n"
                    "\"impact\":\"HIGH\",\n"
                    "\"likelihood\":\"MEDIUM\",\n"
                    "\"status\":\"IN PROGRESS\",\n"
                    "\"priority\":\"HIGH\",\n"
                    "\"assignee\":\"Example@example.com\",\n"
                    "\"reporter\":\"Example@example.com\",\n"
                    "\"category\":[\"Customs\"],\n"
                    "\"subCategory\":[\"IT\"],\n"
                    "\"lrn\":\"725462\",tags\"\n"
                    "\"orderID\":[\"ORDER 777\"],\n"
                    "\"reminderDate\":\"2024-09-27\"\n"
                    "}\n")),
        "line 15, column 16: expected the name of a member in quotes, found 't'");
}

static void a_repeated_member_is_refused_at_its_second_place(void **state)
{
    (void)state;
    static const char again[] = "this member appears a second time in the same object";
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"{\"a\":1,\"a\":2}", "line 1, column 8: "},
        {"{\n\"a\":1,\n \"a\":2}", "line 3, column 2: "},
        {"{\"title\":\"a\",\"t\\u0069tle\":\"b\"}", "line 1, column 14: "},
        {"{\"x\":{\"y\":[{\"z\":1,\n\"z\":2}]}}", "line 2, column 1: "},
        {"{\"a\\\"\":1, \"a\\\"\" :2}", "line 1, column 11: "},
        {"{\"\":1,\"\":2}", "line 1, column 7: "},
        {"{\"\\\\\":1,\"\\\\\":2}", "line 1, column 9: "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *detail = refusal(str_of(cases[i].text));
        assert_ptr_equal(strstr(detail, cases[i].place), detail);
        assert_string_equal(detail + strlen(cases[i].place), again);
    }
    assert_int_equal(taken(STR("{\"a\":1,\"A\":2,\"b\":{\"a\":1}}"))->n, 3);
}

/* Few members are compared and many are sorted: both find the first repeated one. */
static void the_first_of_several_repeated_members_is_named(void **state)
{
    (void)state;
    for (int n = 2; n < 70; n++) {
        struct buf buf;
        char place[64];
        buf_init(&buf, 4096);
        for (int i = 0; i < n; i++)
            buf_printf(&buf, "%s\"m%d\":0", i == 0 ? "{" : ",", i);
        snprintf(place, sizeof place, "line 1, column %zu: ", buf.n + 2);
        BUF_LIT(&buf, ",\"m1\":0,\"m0\":0}");
        assert_int_equal(buf_err(&buf), ERR_OK);
        const char *detail = refusal(buf_str(&buf));
        assert_ptr_equal(strstr(detail, place), detail);
        buf_finish(&buf);
    }
}

/* `n` opening brackets, then their closing ones if `closed`. */
static struct str nested(size_t n, bool closed)
{
    char *text = arena_alloc(&arena, 2 * n);
    assert_non_null(text);
    memset(text, '[', n);
    memset(text + n, ']', n);
    return (struct str){text, closed ? 2 * n : n};
}

static void depth_and_size_are_bounded(void **state)
{
    (void)state;
    taken(nested(32, true));
    assert_string_equal(refusal(nested(33, true)),
                        "line 1, column 33: nested more than 32 levels deep");
    assert_string_equal(refusal(nested(100000, false)),
                        "line 1, column 33: nested more than 32 levels deep");
    taken(STR("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"]"));
}

/* Of each byte of a text the tree takes no more than it promises. */
static void the_tree_of_the_smallest_values_has_its_bound(void **state)
{
    (void)state;
    enum { PAIRS = 300000 };
    static char text[2 * PAIRS + 1];
    for (size_t i = 0; i < PAIRS; i++) {
        text[2 * i] = i == 0 ? '[' : ',';
        text[2 * i + 1] = '1';
    }
    text[2 * PAIRS] = ']';
    assert_int_equal(taken((struct str){text, sizeof text})->n, PAIRS);
    assert_true(arena.total < 42 * sizeof text);
}

static void without_memory_nothing_is_read(void **state)
{
    (void)state;
    struct arena none;
    const struct json *json = NULL;
    arena_init(&none, 0);
    assert_int_equal(json_read(&op, &none, STR("{}"), &json), ERR_MEMORY);
    arena_init(&none, 8192); /* one chunk: the tree's first nodes, but not all */
    struct str large = nested(32, true);
    char text[5000] = "[\"\\n";
    memset(text + 4, 'x', sizeof text - 6);
    memcpy(text + sizeof text - 2, "\"]", 2);
    assert_int_equal(json_read(&op, &none, large, &json), ERR_OK);
    assert_int_equal(json_read(&op, &none, (struct str){text, sizeof text}, &json), ERR_OK);
    assert_int_equal(json_read(&op, &none, (struct str){text, sizeof text}, &json), ERR_MEMORY);
    arena_finish(&none);
}

static void values_come_out_as_they_went_in(void **state)
{
    (void)state;
    const struct json *root =
        taken(STR(" {\"text\":\"a\\u00e9\\n\", \"list\":[1,2.5,\"x\"],\"yes\":true,"
                  "\"none\":null,\"object\":{\"a\":{}}} "));
    assert_int_equal(root->kind, JSON_OBJECT);
    assert_int_equal(root->n, 5);
    assert_str(json_text(json_member(root, STR("text"))), "a\xC3\xA9\n");
    const struct json *list = json_member(root, STR("list"));
    assert_int_equal(list->kind, JSON_LIST);
    assert_int_equal(list->n, 3);
    const struct json *item = list->first;
    assert_true(item->number == 1);
    assert_null(json_text(item).p);
    assert_true((item = item->next)->number == 2.5);
    assert_str(json_text(item = item->next), "x");
    assert_null(item->next);
    assert_int_equal(json_member(root, STR("yes"))->kind, JSON_BOOL);
    assert_int_equal(json_member(root, STR("none"))->kind, JSON_NULL);
    assert_null(json_member(root, STR("Text")));
    assert_null(json_member(list, STR("text")));
    assert_null(json_text(json_member(root, STR("nothing"))).p);
}

static void numbers_are_the_nearest_double(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double number;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"123577", 123577},
        {"-1", -1},
        {"0.1", 0.1},
        {"1E2", 100},
        {"12.50e-1", 1.25},
        {"9223372036854775807", 9223372036854775807.0},
        {"-9223372036854775808", -9223372036854775808.0},
        {"1e-400", 0},
        {"1.7e308", 1.7e308},
        {"0.30000000000000000000000000000000000000000000000001", 0.3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct json *json = taken(str_of(cases[i].text));
        assert_int_equal(json->kind, JSON_NUMBER);
        if (json->number != cases[i].number)
            fail_msg("%s is read as %.17g", cases[i].text, json->number);
        assert_str(json->raw, cases[i].text);
    }
    refusal(STR("-9223372036854775809"));
}

static void escapes_stand_for_characters(void **state)
{
    (void)state;
    assert_str(taken(STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""))->text, "\"\\/\b\f\n\r\t");
    assert_str(taken(STR("\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00!\""))->text,
               "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80!");
    assert_str(taken(STR("\"\\ud7ff\\ue000\\uffff\\udbff\\udfff\""))->text,
               "\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF");
    assert_str(taken(STR("\"\""))->text, "");
}

static void members_are_walked_in_order_with_their_own_text(void **state)
{
    (void)state;
    static const struct {
        const char *name, *raw_name, *raw;
    } expected[] = {
        {"b", "\"b\"", "1.10"},    {"a\"]", "\"a\\\"]\"", "[ \"x]}\\\"\" , {\"y\" : [] } ]"},
        {"", "\"\"", "\"{\\\\\""}, {"e", "\"\\u0065\"", "{\"n\": { }}"},
        {"z", "\"z\"", "-0.0e+5"}, {"t", "\"t\"", "null"},
    };
    const struct json *object =
        taken(STR("\t{ \"b\" : 1.10 ,\"a\\\"]\":[ \"x]}\\\"\" , {\"y\" : [] } ]\n,"
                  "\"\":\"{\\\\\",\"\\u0065\" :{\"n\": { }} , \"z\":-0.0e+5,"
                  "\"t\": null\r\n}\n"));
    size_t n = 0;
    for (const struct json *member = object->first; member != NULL; member = member->next, n++) {
        assert_true(n < sizeof expected / sizeof expected[0]);
        assert_str(member->name, expected[n].name);
        assert_str(member->raw_name, expected[n].raw_name);
        assert_str(member->raw, expected[n].raw);
    }
    assert_int_equal(n, sizeof expected / sizeof expected[0]);
    assert_null(taken(STR("{ }"))->first);
}

static void compacting_drops_only_the_blanks_between(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    buf_json_compact(&buf, STR(" [ 1 ,\t\"a \\\" b\" , { \"c \" :\r\n1.10 } ] "));
    assert_str(buf_str(&buf), "[1,\"a \\\" b\",{\"c \":1.10}]");
    buf_finish(&buf);
}

/* ---- JSONTestSuite ---- */

/* y_ texts that are refused all the same, as the contract has it. */
static const struct {
    const char *name, *reason;
} refused[] = {
    {"y_object_duplicated_key.json", "a second time"},
    {"y_object_duplicated_key_and_value.json", "a second time"},
    {"y_object_escaped_null_in_key.json", "U+0000"},
    {"y_string_null_escape.json", "U+0000"},
};

static const char *refusal_reason(const char *name)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (strcmp(refused[i].name, name) == 0)
            return refused[i].reason;
    return NULL;
}

static struct str read_file(const char *folder, const char *name)
{
    struct str path = arena_printf(&arena, "%s/%s", folder, name);
    char *content = arena_alloc(&arena, 1024 * 1024);
    FILE *file = fopen(path.p, "rb");
    assert_non_null(file);
    assert_non_null(content);
    size_t n = fread(content, 1, 1024 * 1024, file);
    fclose(file);
    return (struct str){content, n};
}

static void check_file(const char *folder, const char *name)
{
    struct str text = read_file(folder, name);
    const char *reason = refusal_reason(name);
    const struct json *json = NULL;
    op.detail[0] = '\0';
    enum err err = json_read(&op, &arena, text, &json);
    if (name[0] == 'y' && reason == NULL && err != ERR_OK)
        fail_msg("%s is refused: %s", name, op.detail);
    if (name[0] == 'y' && reason != NULL && strstr(op.detail, reason) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", name, op.detail, reason);
    if (name[0] == 'n' && err != ERR_SYNTAX)
        fail_msg("%s ends with %s", name, err_name(err));
    if (err != ERR_OK && (err != ERR_SYNTAX || strncmp(op.detail, "line ", 5) != 0))
        fail_msg("%s: %s without a place: %s", name, err_name(err), op.detail);
}

static void the_json_test_suite_agrees(void **state)
{
    (void)state;
    const char *corpora = getenv("BZCTRL_CORPORA");
    struct str folder =
        corpora != NULL
            ? arena_printf(&arena, "%s/JSONTestSuite/test_parsing", corpora)
            : arena_printf(&arena, "%.*s/../../../shared/corpora/JSONTestSuite/%s",
                           (int)(strrchr(__FILE__, '/') - __FILE__), __FILE__, "test_parsing");
    DIR *dir = opendir(folder.p);
    size_t files = 0;
    if (dir == NULL) {
        print_message("SKIPPED: there is no JSONTestSuite at %s; set BZCTRL_CORPORA\n", folder.p);
        skip();
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        if (strstr(entry->d_name, ".json") != NULL) {
            struct arena keep = arena;
            arena_init(&arena, 4 * 1024 * 1024);
            check_file(folder.p, entry->d_name);
            arena_finish(&arena);
            arena = keep;
            files++;
        }
    closedir(dir);
    assert_true(files > 300);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_detail_names_line_and_column),
        TEST(the_slip_of_the_source_is_found_at_its_line_and_column),
        TEST(a_repeated_member_is_refused_at_its_second_place),
        TEST(the_first_of_several_repeated_members_is_named),
        TEST(depth_and_size_are_bounded),
        TEST(the_tree_of_the_smallest_values_has_its_bound),
        TEST(without_memory_nothing_is_read),
        TEST(values_come_out_as_they_went_in),
        TEST(numbers_are_the_nearest_double),
        TEST(escapes_stand_for_characters),
        TEST(members_are_walked_in_order_with_their_own_text),
        TEST(compacting_drops_only_the_blanks_between),
        TEST(the_json_test_suite_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
