/* api/task: what is sent arrives as it was meant, and what is answered reads back as the record. */
#include "tests.h"

#include <stdio.h>
#include <stdlib.h>

#include "json/read.h"
#include "json/write.h"
#include "report.h"

static struct report r;

static int setup(void **state)
{
    (void)state;
    fixture_open();
    report_open(&r);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    report_close(&r);
    fixture_close();
    return 0;
}

/* The source document's, with the one slip corrected. */
static const char sample[] = "{\n"
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
                             "\"lrn\":\"725462\",\n"
                             "\"orderID\":[\"ORDER 777\"],\n"
                             "\"reminderDate\":\"2024-09-27\"\n"
                             "}";

/* Judges the sample and makes it a stored record. */
static const struct task *sample_task(void)
{
    buf_clear(&r.text);
    buf_add(&r.text, str_of(sample));
    assert_int_equal(report_judge_as(&r, ID_EXAMPLE), ERR_OK);
    r.judged.task.number = 3;
    r.judged.task.version = 1;
    r.judged.task.created_at = r.judged.task.updated_at = report_now;
    buf_clear(&r.text);
    return &r.judged.task;
}

static void the_sample_gets_the_answer_of_the_source(void **state)
{
    (void)state;
    const struct task *task = sample_task();
    buf_task_created(&r.text, task, r.judged.workspace, STR("https://www.bzctrl.com"));
    assert_str(buf_str(&r.text),
               "{\"title\":\"Potential Customs claim\",\"taskType\":\"INCIDENT\","
               "\"description\":\"Operation started without proper approvals\","
               "\"taskLink\":\"https://www.bzctrl.com/app/#/todo/EXA-CON-BUS-WOR-03\","
               "\"tags\":[\"ORDER 777\",\"725462\"]}");
}

static void the_record_has_every_member_in_the_order_of_the_contract(void **state)
{
    (void)state;
    record_encode(&r.text, sample_task(), &fixture_directory, STR("http://x"));
    assert_str(
        buf_str(&r.text),
        "{\"key\":\"EXA-CON-BUS-WOR-03\",\"todoType\":\"INCIDENT\",\"workspace\":"
        "\"EXA-CON-BUS-WOR\",\"title\":\"Potential Customs claim\",\"description\":\"Operation "
        "started without proper approvals\",\"result\":null,\"financialImpact\":\"123577.00\","
        "\"financialImpactCurrency\":\"EUR\",\"impact\":\"High\",\"likelihood\":\"Medium\","
        "\"status\":\"In Progress\",\"priority\":\"High\",\"assignee\":\"example@example.com\","
        "\"reporter\":\"example@example.com\",\"source\":\"example@example.com\",\"category\":["
        "\"Customs\"],\"subCategory\":[\"IT\"],\"orderID\":[\"ORDER 777\"],\"LRN\":\"725462\","
        "\"tags\":[\"ORDER 777\",\"725462\"],\"dueDate\":null,\"reminderDate\":\"2024-09-27\","
        "\"occurredAt\":null,\"extra\":{},\"form\":\"default\",\"formVersion\":1,"
        "\"commentCount\":0,\"attachmentCount\":0,\"taskLink\":"
        "\"http://x/app/#/todo/EXA-CON-BUS-WOR-03\",\"createdAt\":\"2026-11-23T20:15:04.123Z\","
        "\"updatedAt\":\"2026-11-23T20:15:04.123Z\",\"version\":1,\"open\":true,\"overdue\":"
        "false,\"closedAt\":null,\"closedBy\":null,\"firstDueDate\":null,\"dueMoves\":0,"
        "\"parent\":null,\"cause\":null,\"followers\":[],\"awaits\":null}");
}

static void a_record_that_is_not_stored_has_no_number_and_no_link(void **state)
{
    (void)state;
    sample_task();
    r.judged.task.number = 0;
    record_encode(&r.text, &r.judged.task, &fixture_directory, STR("http://x"));
    buf_char(&r.text, '\0');
    assert_non_null(strstr(r.text.p, "{\"key\":null,\"todoType\":"));
    assert_non_null(strstr(r.text.p, ",\"taskLink\":null,\"createdAt\":null,\"updatedAt\":null,"
                                     "\"version\":null,\"open\":true,\"overdue\":false,"));
}

static void people_who_are_gone_are_null(void **state)
{
    (void)state;
    sample_task();
    r.judged.task.reporter_id = 999;
    record_encode(&r.text, &r.judged.task, &fixture_directory, STR("http://x"));
    buf_char(&r.text, '\0');
    assert_non_null(strstr(r.text.p, "\"reporter\":null,"));
}

static void the_event_has_the_members_that_are_set_and_no_others(void **state)
{
    (void)state;
    buf_task_created_changes(&r.text, sample_task(), &fixture_directory);
    assert_str(buf_str(&r.text),
               "{\"todoType\":[null,\"INCIDENT\"],\"workspace\":[null,\"EXA-CON-BUS-WOR\"],"
               "\"title\":[null,\"Potential Customs claim\"],\"description\":[null,\"Operation "
               "started without proper approvals\"],\"financialImpact\":[null,\"123577.00\"],"
               "\"financialImpactCurrency\":[null,\"EUR\"],\"impact\":[null,\"High\"],"
               "\"likelihood\":[null,\"Medium\"],\"status\":[null,\"In Progress\"],\"priority\":["
               "null,\"High\"],\"assignee\":[null,\"example@example.com\"],\"reporter\":[null,"
               "\"example@example.com\"],\"source\":[null,\"example@example.com\"],\"category\":["
               "null,[\"Customs\"]],\"subCategory\":[null,[\"IT\"]],\"orderID\":[null,[\"ORDER "
               "777\"]],\"LRN\":[null,\"725462\"],\"tags\":[null,[\"ORDER 777\",\"725462\"]],"
               "\"reminderDate\":[null,\"2024-09-27\"],\"form\":[null,\"default\"],"
               "\"formVersion\":[null,1]}");
}

static void other_members_reach_the_event_too(void **state)
{
    (void)state;
    report_record(&r, "\"todoType\":\"TASK\",\"result\":\"r\",\"dueDate\":\"2027-01-01\","
                      "\"occurredAt\":\"2026-11-23T20:00:00Z\",\"x\":{\"y\":[]}");
    buf_clear(&r.text);
    buf_task_created_changes(&r.text, &r.judged.task, &fixture_directory);
    buf_char(&r.text, '\0');
    static const char *const parts[] = {"\"todoType\":[null,\"TASK\"]", "\"result\":[null,\"r\"]",
                                        "\"dueDate\":[null,\"2027-01-01\"]",
                                        "\"occurredAt\":[null,\"2026-11-23T20:00:00.000Z\"]",
                                        "\"extra\":[null,{\"x\":{\"y\":[]}}]"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        assert_non_null(strstr(r.text.p, parts[i]));
    assert_null(strstr(r.text.p, "financialImpact"));
}

static void a_body_that_is_not_an_object_is_refused_in_words(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"[]", "not a list"},
                                           {"\"title\"", "not a text"},
                                           {"null", "not null"},
                                           {"7", "not a number"},
                                           {" true ", "not true or false"},
                                           {"", "found the end"},
                                           {"{\"a\":1,\"a\":2}", "second time"}};
    struct task_draft draft = {.other_count = 77};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r.op.detail[0] = '\0';
        assert_int_equal(task_decode(&r.op, str_of(cases[i][0]), &draft), ERR_SYNTAX);
        assert_non_null(strstr(r.op.detail, cases[i][1]));
        assert_ptr_equal(strstr(r.op.detail, "line 1, column "), r.op.detail);
    }
    assert_int_equal(task_decode(&r.op, STR_NONE, &draft), ERR_SYNTAX);
    assert_int_equal(draft.other_count, 77);
}

static void a_draft_says_what_was_sent(void **state)
{
    (void)state;
    struct task_draft d;
    assert_int_equal(
        task_decode(
            &r.op,
            STR("{\"TITLE\":\"\",\"result\":null,\"financialImpact\":12.5,\"impact\":true,"
                "\"tags\":[\"a\",1,null,[],{}],\"X\":[ ],\"title\":\"b\",\"y\":\"\\u00e9\"}"),
            &d),
        ERR_OK);
    assert_int_equal(d.members[MEMBER_TITLE].kind, DRAFT_TEXT);
    assert_str(d.members[MEMBER_TITLE].name, "TITLE");
    assert_str(d.members[MEMBER_TITLE].text, "");
    assert_int_equal(d.members[MEMBER_RESULT].kind, DRAFT_NULL);
    assert_true(d.members[MEMBER_FINANCIAL_IMPACT].number == 12.5);
    assert_int_equal(d.members[MEMBER_IMPACT].kind, DRAFT_BOOL);
    assert_true(d.members[MEMBER_IMPACT].truth);
    assert_str(d.members[MEMBER_FINANCIAL_IMPACT].text, "12.5");
    assert_int_equal(d.members[MEMBER_DESCRIPTION].kind, DRAFT_ABSENT);
    const struct draft_value *tags = &d.members[MEMBER_TAGS];
    static const enum draft_kind kinds[] = {DRAFT_TEXT, DRAFT_NUMBER, DRAFT_NULL, DRAFT_OTHER,
                                            DRAFT_OTHER};
    assert_int_equal(tags->n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(tags->items[i].kind, kinds[i]);
    assert_int_equal(d.repeat_count, 1);
    assert_int_equal(d.repeats[0].member, MEMBER_TITLE);
    assert_str(d.repeats[0].name, "title");
    assert_int_equal(d.other_count, 2);
    assert_str(d.others[0].json, "\"X\":[]");
    assert_int_equal(d.others[0].value.kind, DRAFT_LIST);
    assert_str(d.others[1].value.name, "y");
    assert_str(d.others[1].value.text, "\u00e9");
    assert_str(d.others[1].json, "\"y\":\"\\u00e9\"");
}

static void decoding_without_memory_says_so(void **state)
{
    (void)state;
    static const char body[] = "{\"TITLE\":\"a\",\"Title\":\"b\",\"tags\":[\"c\"],\"x\":1}";
    enum err err = ERR_MEMORY;
    /* Every bound of the arena, up to the one that suffices. */
    for (size_t max = 0; err != ERR_OK && max < 100000; max += 1024) {
        struct arena arena;
        arena_init(&arena, max);
        struct op op = {.arena = &arena};
        err = task_decode(&op, str_of(body), &r.draft);
        assert_true(err == ERR_OK || err == ERR_MEMORY);
        arena_finish(&arena);
    }
    assert_int_equal(err, ERR_OK);
}

/* ---- hostile texts ---- */

static void round_trip(struct str text)
{
    struct str body;
    const struct json *json;
    struct op op = {.arena = &r.arena};
    buf_clear(&r.text);
    BUF_LIT(&r.text, "{\"title\":");
    buf_json_string(&r.text, text);
    BUF_LIT(&r.text, ",\"LRN\":");
    buf_json_string(&r.text, text);
    BUF_LIT(&r.text, ",");
    buf_json_string(&r.text, text);
    BUF_LIT(&r.text, ":");
    buf_json_string(&r.text, text);
    BUF_LIT(&r.text, ",\"todoType\":\"INCIDENT\",\"domainWorkSpace\":\"EXA-CON-BUS-WOR\","
                     "\"description\":\"d\",\"reporter\":\"ann@example.com\",\"orderID\":\"o\"}");
    /* A title with nothing visible in it counts as absent. */
    enum err err = report_judge_as(&r, ID_EXAMPLE);
    assert_int_equal(err, utf8_visible(text) ? ERR_OK : ERR_INVALID);
    if (err != ERR_OK)
        return;
    assert_true(str_eq(r.judged.task.title, text));
    buf_clear(&r.text);
    record_encode(&r.text, &r.judged.task, &fixture_directory, STR("http://x"));
    body = buf_str(&r.text);
    if (json_read(&op, op.arena, body, &json) != ERR_OK)
        fail_msg("%s in %.*s", op.detail, STR_ARG(body));
    assert_true(str_eq(json_text(json_member(json, STR("title"))), text));
    /* An identifier loses the blanks around it. */
    assert_true(str_eq(json_text(json_member(json, STR("LRN"))), utf8_trim(text)));
    const struct json *extra = json_member(json, STR("extra"));
    assert_int_equal(extra->n, 1);
    assert_true(str_eq(json_text(json_member(extra, text)), text));
}

static void naughty_strings_come_back_as_they_were(void **state)
{
    (void)state;
    const char *corpora = getenv("BZCTRL_CORPORA");
    struct str path = corpora != NULL ? arena_printf(&r.arena, "%s/naughty-strings.json", corpora)
                                      : arena_printf(&r.arena, "%.*s/../../../shared/corpora/%s",
                                                     (int)(strrchr(__FILE__, '/') - __FILE__),
                                                     __FILE__, "naughty-strings.json");
    FILE *file = fopen(path.p, "rb");
    if (file == NULL) {
        print_message("SKIPPED: there is no %s; set BZCTRL_CORPORA\n", path.p);
        skip();
    }
    char *content = arena_alloc(&r.arena, 1024 * 1024);
    size_t n = fread(content, 1, 1024 * 1024, file);
    const struct json *list;
    size_t tried = 0;
    fclose(file);
    assert_int_equal(json_read(&r.op, &r.arena, (struct str){content, n}, &list), ERR_OK);
    for (const struct json *item = list->first; item != NULL; item = item->next) {
        struct str text = json_text(item);
        /* What counts as absent, is too long for a title, or is a member that has rules. */
        if (str_trim(text).n == 0 || utf8_length(text) > 255)
            continue;
        round_trip(text);
        tried++;
    }
    assert_true(tried > 300);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_sample_gets_the_answer_of_the_source),
        TEST(the_record_has_every_member_in_the_order_of_the_contract),
        TEST(a_record_that_is_not_stored_has_no_number_and_no_link),
        TEST(people_who_are_gone_are_null),
        TEST(the_event_has_the_members_that_are_set_and_no_others),
        TEST(other_members_reach_the_event_too),
        TEST(a_body_that_is_not_an_object_is_refused_in_words),
        TEST(a_draft_says_what_was_sent),
        TEST(decoding_without_memory_says_so),
        TEST(naughty_strings_come_back_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
