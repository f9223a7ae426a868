/* model/task_query: what is typed, and what it selects. */
#include "tests.h"

#include "directory_fixture.h"
#include "model/task_query.h"
#include "model/task_text.h"

static struct arena arena;
static struct op op;
static struct task_query query;
static struct task_filter filter;

static struct task task;

static int set_up(void **state)
{
    static const struct str orders[] = {{"ORDER 777", 9}, {"A/12-3.b", 8}};
    static const struct str categories[] = {{"Customs", 7}, {"IT", 2}};
    (void)state;
    arena_init(&arena, 16 * 1024 * 1024);
    op = (struct op){.arena = &arena, .now = INT64_C(20500) * 86400000};
    query = (struct task_query){
        .op = &op, .directory = &fixture_directory, .caller = &fixture_accounts[0]};
    task = (struct task){.workspace_id = ID_WOR,
                         .number = 3,
                         .type = TASK_INCIDENT,
                         .status = STATUS_TODO,
                         .priority = LEVEL_HIGH,
                         .assignee_id = ID_ADMIN,
                         .reporter_id = ID_EXAMPLE,
                         .source_id = ID_EXAMPLE,
                         .title = STR("Seal broken"),
                         .description = STR("M\xC3\xBCller: the well-known port"),
                         .financial_impact = 1000000,
                         .due_date = 20400,
                         .reminder_date = 20390,
                         .order_id = {orders, 2},
                         .category = {categories, 2},
                         .created_at = INT64_C(20300) * 86400000 + 5,
                         .updated_at = INT64_C(20300) * 86400000 + 5,
                         .due_moves = 3,
                         .form = STR("default")};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

/* Does the record match what is typed? Each is a query of its own. */
static bool matches(const char *q)
{
    struct task_text text;
    query.n = 0;
    query.typed = STR_NONE;
    op_forget(&op);
    enum err err = task_query_read(&query, str_of(q));
    if (err == ERR_OK)
        err = task_query_end(&query, &filter);
    if (err != ERR_OK)
        fail_msg("%s: %s", q, op.detail);
    assert_int_equal(task_text_make(&arena, &task, (struct str_list){NULL, 0},
                                    (struct str_list){NULL, 0}, &text),
                     ERR_OK);
    return task_matches(&filter, &task, &text);
}

/* Does the record match a parameter of GET /tasks? */
static bool listed(const char *name, const char *text)
{
    struct str value = str_of(text);
    query.n = 0;
    op_forget(&op);
    assert_int_equal(task_query_parameter(&query, str_of(name), (struct str_list){&value, 1}),
                     ERR_OK);
    assert_int_equal(task_query_end(&query, &filter), ERR_OK);
    return task_matches(&filter, &task, NULL);
}

static void a_bound_that_is_a_day_begins_with_the_day_and_a_moment_is_excluded(void **state)
{
    static const int64_t DAY = INT64_C(86400000);
    static const char *const after[] = {"createdAfter", "updatedAfter", "closedAfter"};
    (void)state;
    task.status = STATUS_DONE;
    task.closed_by = ID_EXAMPLE;
    for (int64_t ms = -1; ms <= 1; ms++) {
        task.created_at = task.updated_at = task.closed_at = 20300 * DAY + ms;
        for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
            assert_int_equal(listed(after[i], "2025-07-31"), ms >= 0);
            assert_int_equal(listed(after[i], "2025-07"), true);
            assert_int_equal(listed(after[i], "2025-07-31T00:00:00Z"), ms > 0);
        }
        assert_int_equal(listed("createdBefore", "2025-07-31"), ms < 0);
        assert_int_equal(listed("closedBefore", "2025-07-31"), ms < 0);
        assert_int_equal(listed("createdBefore", "2025-07-31T00:00:00Z"), ms < 0);
    }
    task.created_at = 20301 * DAY - 1;
    assert_true(listed("createdAfter", "2025-07-31"));
    assert_false(listed("createdAfter", "2025-08-01"));
    /* A due date has no time: after a day is after it. */
    assert_false(listed("dueAfter", "2025-11-08"));
    assert_true(listed("dueAfter", "2025-11-07"));
}

/* That each query of an array finds the record, or that none does. */
#define ASSERT_MATCHES(queries, wanted)                                                            \
    do {                                                                                           \
        for (size_t i = 0; i < sizeof(queries) / sizeof *(queries); i++)                           \
            if (matches((queries)[i]) != (wanted))                                                 \
                fail_msg("%s", (queries)[i]);                                                      \
    } while (0)

static void assert_refused(const char *q, const char *detail)
{
    query.n = 0;
    op_forget(&op);
    assert_int_equal(task_query_read(&query, str_of(q)), ERR_SYNTAX);
    assert_str(str_of(op.detail), detail);
}

static void words_must_all_occur(void **state)
{
    static const char *const yes[] = {
        "seal",       "BROKEN seal",  "muller",          "M\xC3\x9CLLER port",
        "well-known", "known/well",   "seal & broken",   "",
        "   ",        "Seal: broken", "\"seal broken\"", "\"the well known\"",
        "\"!\" seal"};
    static const char *const no[] = {"sea", "seal nothing", "\"broken seal\"", "\"broken muller\"",
                                     "&",   "seals",        "\"eal broken\""};
    (void)state;
    ASSERT_MATCHES(yes, true);
    ASSERT_MATCHES(no, false);
}

static void identifiers_count_whole_or_from_their_beginning(void **state)
{
    static const char *const yes[] = {"ORDER 777",
                                      "order 7",
                                      "ORD",
                                      "a/12-3.b",
                                      "A/1",
                                      "exa-con-bus-wor-03",
                                      "EXA-CON-BUS-WOR-3",
                                      "exa-con-bus-wor-003",
                                      "EXA-CON-BUS-W",
                                      "exa",
                                      "exa-con-bus-wor-0",
                                      "seal ORD"};
    static const char *const no[] = {"777",
                                     "or",
                                     "a/",
                                     "exa-con-bus-wor-4",
                                     "exa-con-bus-wor-033",
                                     "exa-con-bus-wor-03x",
                                     "ex",
                                     "ORDER 78",
                                     "12-3.b"};
    (void)state;
    ASSERT_MATCHES(yes, true);
    ASSERT_MATCHES(no, false);
}

static void filters_can_be_written_as_words(void **state)
{
    static const char *const yes[] = {"status:todo,expired",
                                      "Status:\"to do\"",
                                      "-status:done",
                                      "category:IT",
                                      "-category:Other",
                                      "due:<2026-01-01",
                                      "due:2025-11-08",
                                      "due:>=2025-11-08",
                                      "due:<=2025-11-08",
                                      "-due:none",
                                      "reminder:2025-10-29",
                                      "reminderDate:<2025-10-30",
                                      "eur:>=10000",
                                      "eur:10000",
                                      "eur:<10000.01",
                                      "financialImpact:>9999.99",
                                      "is:open",
                                      "is:overdue",
                                      "is:mine",
                                      "-is:closed",
                                      "moved:>2",
                                      "moved:3",
                                      "assignee:me",
                                      "reporter:EXAMPLE@example.com",
                                      "order:\"ORDER 777\"",
                                      "priority:high,low",
                                      "impact:none",
                                      "workspace:exa-con-bus-wor",
                                      "domain:EXA",
                                      "-domain:ELSE",
                                      "created:2025-07-31",
                                      "created:>2025-07-30",
                                      "created:<=2025-07-31",
                                      "created:>=2025-07-31",
                                      "closed:none",
                                      "type:incident",
                                      "form:default",
                                      "seal is:open eur:>=1",
                                      "seal port -category:Other",
                                      "due:<2026-01-01,none"};
    static const char *const no[] = {"status:done",
                                     "-status:todo",
                                     "category:it",
                                     "-category:IT",
                                     "due:none",
                                     "due:>2025-11-08",
                                     "reminder:>2025-10-29",
                                     "reminder:none",
                                     "due:<2025-11-08",
                                     "eur:>10000",
                                     "eur:none",
                                     "is:closed",
                                     "-is:open",
                                     "-is:mine",
                                     "moved:>3",
                                     "moved:0",
                                     "assignee:example@example.com",
                                     "assignee:nobody@example.com",
                                     "created:2025-07-30",
                                     "created:>2025-07-31",
                                     "created:<2025-07-31",
                                     "closed:>2020-01-01",
                                     "workspace:exa-con-bus-kir",
                                     "domain:ELSE",
                                     "-workspace:exa-con-bus-wor",
                                     "workspace:!",
                                     "nothing is:open"};
    (void)state;
    ASSERT_MATCHES(yes, true);
    ASSERT_MATCHES(no, false);
}

static void a_word_that_only_looks_like_a_filter_is_refused(void **state)
{
    char many[2000] = "";
    (void)state;
    assert_refused("seal staus:todo", "q, character 6: there is no filter \"staus\"; did you mean "
                                      "\"status\"? Put it in quotes to search for the words.");
    assert_refused("\xC3\xBC xyzzy:1",
                   "q, character 3: there is no filter \"xyzzy\". Put it in quotes to "
                   "search for the words.");
    assert_refused("status:", "q, character 1: status: lacks a value.");
    assert_refused("status:todo,", "q, character 1: status: lacks a value.");
    assert_refused("status:gone",
                   "q, character 1: status must be one of To do, In Progress, Done, Expired, "
                   "not \"gone\".");
    assert_refused("due:<x",
                   "q, character 1: due must be a day that exists, such as 31/12/2026 (the day "
                   "first), 2026-12-31, tomorrow, +7d or this month, not \"x\".");
    assert_refused("eur:1e3", "q, character 1: eur must be an amount such as 10000, 10.000,50 or "
                              "10,000.50, not \"1e3\".");
    assert_refused("moved:>x", "q, character 1: moved must be a number such as 2, not \"x\".");
    assert_refused("is:asleep",
                   "q, character 1: is must be one of open, closed, overdue, mine, not "
                   "\"asleep\".");
    assert_refused("is:open,mine",
                   "q, character 1: is: takes one word; write is:open is:mine to ask for "
                   "both.");
    assert_refused("a \"b c",
                   "q, character 3: the quotation mark has no partner; add one at the end of the "
                   "phrase.");
    memset(many, 'a', TASK_QUERY_MAX + 1);
    assert_refused(many, "q has 1001 bytes; at most 1000 are possible.");
    many[0] = '\0';
    for (int i = 0; i <= TASK_CLAUSES_MAX; i++)
        strcat(many, "is:open ");
    assert_refused(many, "There are more than 48 filters; use fewer.");
    /* The next one is read as ever. */
    query.n = 0;
    assert_true(matches("seal"));
}

static void a_caller_reaches_no_more_than_the_right_to_read(void **state)
{
    (void)state;
    query.caller = &fixture_accounts[1]; /* of ELSE */
    assert_false(matches(""));
    assert_int_equal(filter.workspace_count, 1);
    query.caller = &fixture_accounts[5]; /* a client that may only create */
    assert_false(matches("seal"));
    query.caller = &fixture_accounts[0];
    assert_true(matches("") && filter.everywhere);
    assert_true(matches("domain:EXA") && !filter.everywhere);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bound_that_is_a_day_begins_with_the_day_and_a_moment_is_excluded),
        TEST(words_must_all_occur),
        TEST(identifiers_count_whole_or_from_their_beginning),
        TEST(filters_can_be_written_as_words),
        TEST(a_word_that_only_looks_like_a_filter_is_refused),
        TEST(a_caller_reaches_no_more_than_the_right_to_read),
    };
    fixture_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    fixture_close();
    return failed;
}
