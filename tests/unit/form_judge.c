/* model/judge: every rule of the contract's table for creating, by reports as they are sent. */
#include "judged.h"

/* The texts that the last faults have in "allowed", with '|' between. */
static const char *allowed(void)
{
    buf_clear(&r.text);
    for (size_t i = 0; i < r.faults.n; i++)
        for (size_t k = 0; k < r.faults.items[i].allowed.n; k++)
            buf_printf(&r.text, "%.*s|", STR_ARG(r.faults.items[i].allowed.items[k]));
    buf_char(&r.text, '\0');
    return r.text.p;
}

static void the_least_report_gets_the_defaults(void **state)
{
    (void)state;
    assert_string_equal(
        report_record(&r, ""),
        "{\"todoType\":\"INCIDENT\",\"workspace\":\"EXA-CON-BUS-WOR\",\"title\":\"Title\","
        "\"description\":\"Description\",\"result\":null,\"financialImpact\":null,"
        "\"financialImpactCurrency\":null,\"impact\":null,\"likelihood\":null,\"status\":\"In "
        "Progress\",\"priority\":null,\"assignee\":\"example@example.com\",\"reporter\":"
        "\"example@example.com\",\"source\":\"example@example.com\",\"category\":[],"
        "\"subCategory\":[],\"orderID\":[\"ORDER 1\"],\"LRN\":null,\"tags\":[\"ORDER 1\"],"
        "\"dueDate\":null,\"reminderDate\":null,\"occurredAt\":null,\"extra\":{},\"form\":"
        "\"default\",\"formVersion\":1}");
    assert_int_equal(r.judged.task.id, 0);
    assert_int_equal(r.judged.task.number, 0);
    assert_int_equal(r.judged.task.workspace_id, ID_WOR);
    assert_int_equal(r.judged.workspace->id, ID_WOR);
    assert_int_equal(r.judged.task.source_id, ID_EXAMPLE);
}

static void required_members_are_named_all_at_once(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"\"todoType\":null,\"domainWorkSpace\":null,\"title\":null,\"description\":null,"
         "\"reporter\":null,\"orderID\":null",
         "/domainWorkSpace required; /todoType required; /title required; /description required; "
         "/reporter required; /orderID required"},
        {"\"title\":\"\",\"description\":\"\",\"orderID\":\"\"",
         "/title required; /description required; /orderID required"},
        /* Nothing but blanks is nothing. */
        {"\"title\":\" \\t\\r\\n\",\"description\":\"  \",\"orderID\":\" \"",
         "/title required; /description required; /orderID required"},
        {"\"orderID\":[]", "/orderID required"},
        {"\"orderID\":[null,\"\",\"  \"]", "/orderID required"},
        {"\"reporter\":\"\"", "/reporter required"},
        {"\"todoType\":\"\"", "/todoType required"},
    };
    REFUSED(cases);
    buf_clear(&r.text);
    BUF_LIT(&r.text, "{}");
    assert_int_equal(report_judge_as(&r, ID_EXAMPLE), ERR_INVALID);
    assert_string_equal(faults_listed(),
                        "/domainWorkSpace required; /todoType required; /title required; "
                        "/description required; /reporter required; /orderID required");
}

static void todo_type_is_accepted_in_any_case(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"todoType\":\"incident\"", "\"todoType\":\"INCIDENT\""},
        {"\"todoType\":\"Task\"", "\"todoType\":\"TASK\""},
        {"\"todoType\":\" TASK\\t\"", "\"todoType\":\"TASK\""},
    };
    static const struct refused refused[] = {
        {"\"todoType\":1", "/todoType wrong_type"},
        {"\"todoType\":[\"TASK\"]", "/todoType wrong_type"},
        {"\"todoType\":\"PROBLEM\"", "/todoType not_an_option"},
        /* What is for one type only is not blamed while the type is unknown. */
        {"\"todoType\":\"x\",\"result\":\"r\",\"impact\":\"High\"", "/todoType not_an_option"},
    };
    TAKEN(taken);
    REFUSED(refused);
    assert_string_equal(allowed(), "INCIDENT|TASK|");
}

static void the_place_is_accepted_in_each_spelling(void **state)
{
    (void)state;
    static const char wor[] = "\"workspace\":\"EXA-CON-BUS-WOR\"";
    const struct taken taken[] = {
        {"\"domainWorkSpace\":\"exa-con-bus-wor\"", wor},
        {"\"domainWorkSpace\":null,\"domain\":\"EXA-CON-BUS\",\"workspace\":\"WOR\"", wor},
        {"\"domainWorkSpace\":\"\",\"domain\":\"exa-con-bus\",\"workspace\":\"wor\"", wor},
        /* As the source's table prints it. */
        {"\"domainWorkSpace\":null,\"domain\":\"EXA-CON-BUS-WOR\",\"workspace\":\"WOR\"", wor},
        {"\"domainWorkSpace\":null,\"domain\":\"exa-con-bus-wor\",\"workspace\":\"Wor\"", wor},
        /* The plain joining comes first: there is an EXA-CON-BUS-KIR-KIR. */
        {"\"domainWorkSpace\":null,\"domain\":\"EXA-CON-BUS-KIR\",\"workspace\":\"KIR\"",
         "\"workspace\":\"EXA-CON-BUS-KIR-KIR\""},
        /* Both at once. */
        {"\"domain\":\"EXA-CON-BUS\",\"workspace\":\"WOR\"", wor},
        {"\"domain\":\"exa-con-bus-wor\",\"workspace\":\"wor\"", wor},
        {"\"domain\":\"EXA-CON-BUS\"", wor},
        {"\"domain\":\"EXA-CON-BUS-WOR\"", wor},
        {"\"workspace\":\"wor\"", wor},
        /* As a field of a fixed width has it. */
        {"\"domainWorkSpace\":\" EXA-CON-BUS-WOR  \"", wor},
        {"\"domainWorkSpace\":\" \",\"domain\":\"EXA-CON-BUS-WOR \",\"workspace\":\"WOR  \"", wor},
    };
    static const struct refused refused[] = {
        {"\"domain\":\"EXA-CON-BUS\",\"workspace\":\"KIR\"", "/domainWorkSpace mismatch"},
        {"\"domain\":\"EXA-CON\"", "/domainWorkSpace mismatch"},
        {"\"workspace\":\"KIR\"", "/domainWorkSpace mismatch"},
        {"\"domain\":\"no\",\"workspace\":\"where\"", "/domainWorkSpace mismatch"},
        {"\"domainWorkSpace\":\"EXA-CON-BUS-KIR\",\"domain\":\"EXA-CON-BUS-KIR\",\"workspace\":"
         "\"KIR\"",
         "/domainWorkSpace mismatch"},
        {"\"domainWorkSpace\":null,\"domain\":\"EXA-CON-BUS\"", "/workspace required"},
        {"\"domainWorkSpace\":null,\"workspace\":\"WOR\"", "/domain required"},
        {"\"domainWorkSpace\":4", "/domainWorkSpace wrong_type"},
        {"\"domain\":[\"EXA\"],\"workspace\":7", "/domain wrong_type; /workspace wrong_type"},
        {"\"domainWorkSpace\":\"EXA-CON-BUS-NIX\"", "/domainWorkSpace unknown_workspace"},
        {"\"domainWorkSpace\":\"EXA-CON-BUS\"", "/domainWorkSpace unknown_workspace"},
        {"\"domainWorkSpace\":\"no key!\"", "/domainWorkSpace unknown_workspace"},
        {"\"domainWorkSpace\":\"EXA-CON-BUS -WOR\"", "/domainWorkSpace unknown_workspace"},
        {"\"domainWorkSpace\":null,\"domain\":\"EXA-CON-BUS-KIR\",\"workspace\":\"WOR\"",
         "/workspace unknown_workspace"},
        {"\"domainWorkSpace\":null,\"domain\":\"-\",\"workspace\":\"-\"",
         "/workspace unknown_workspace"},
    };
    TAKEN(taken);
    REFUSED(refused);
    /* A bad place hides no other fault. */
    assert_string_equal(faults_of("\"domainWorkSpace\":\"X-Y\",\"title\":null"),
                        "/domainWorkSpace unknown_workspace; /title required");
}

static void what_the_caller_may_not_see_does_not_exist(void **state)
{
    (void)state;
    static const struct {
        int64_t account_id;
        const char *place;
        enum err err;
    } cases[] = {
        {ID_EXAMPLE, "EXA-CON-BUS-WOR", ERR_OK},    {ID_ADMIN, "EXA-CON-BUS-WOR", ERR_OK},
        {ID_MACHINE, "EXA-CON-BUS-WOR", ERR_OK},    {ID_ANN, "EXA-CON-BUS-WOR", ERR_OK},
        {ID_ALIEN, "EXA-CON-BUS-WOR", ERR_INVALID}, {ID_GONE, "EXA-CON-BUS-WOR", ERR_INVALID},
        {ID_EXAMPLE, "ELSE-WHERE", ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char members[100];
        snprintf(members, sizeof members, "\"domainWorkSpace\":\"%s\"", cases[i].place);
        report_write(&r, members);
        assert_int_equal(report_judge_as(&r, cases[i].account_id), cases[i].err);
        if (cases[i].err == ERR_OK)
            assert_int_equal(r.judged.task.source_id, cases[i].account_id);
        else
            assert_string_equal(faults_listed(), "/domainWorkSpace unknown_workspace");
    }
    /* What may not be seen and what does not exist read the same. */
    faults_of("\"domainWorkSpace\":\"ELSE-WHERE\"");
    assert_str(
        r.faults.items[0].detail,
        "domainWorkSpace is unknown: there is no workspace \"ELSE-WHERE\", or you may not see it.");
    faults_of("\"domainWorkSpace\":\"NONE-WHERE\"");
    assert_str(
        r.faults.items[0].detail,
        "domainWorkSpace is unknown: there is no workspace \"NONE-WHERE\", or you may not see it.");
}

/* `"member":"xx…x"`, n characters of so many bytes each. */
static const char *long_text(const char *member, const char *character, size_t n)
{
    struct buf buf;
    buf_init(&buf, 1024 * 1024);
    buf_printf(&buf, "\"%s\":\"", member);
    for (size_t i = 0; i < n; i++)
        buf_add(&buf, str_of(character));
    BUF_LIT(&buf, "\"");
    struct str text = arena_str(&r.arena, buf_str(&buf));
    buf_finish(&buf);
    assert_non_null(text.p);
    return text.p;
}

static void lengths_are_counted_in_characters(void **state)
{
    (void)state;
    static const char ship[] = "\xF0\x9F\x9A\xA2";
    static const struct {
        const char *member;
        size_t max;
    } cases[] = {{"title", 255}, {"description", 65536}, {"orderID", 255},    {"LRN", 255},
                 {"tags", 255},  {"category", 255},      {"subCategory", 255}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char expected[64];
        snprintf(expected, sizeof expected, "/%s too_long", cases[i].member);
        assert_string_equal(faults_of(long_text(cases[i].member, "x", cases[i].max)), "");
        assert_string_equal(faults_of(long_text(cases[i].member, ship, cases[i].max)), "");
        assert_string_equal(faults_of(long_text(cases[i].member, "x", cases[i].max + 1)), expected);
        assert_string_equal(faults_of(long_text(cases[i].member, ship, cases[i].max + 1)),
                            expected);
    }
    faults_of(long_text("title", ship, 300));
    assert_str(r.faults.items[0].detail, "title has 300 characters; at most 255 are allowed.");
}

static void members_of_the_other_type_are_kept_with_a_warning(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        /* The sample of the original's developers, and that of a customer of theirs. */
        {"\"todoType\":\"TASK\",\"financialImpact\":\"5\",\"impact\":\"HIGH\",\"likelihood\":"
         "\"LOW\","
         "\"result\":\"Sent\"",
         "\"result\":\"Sent\",\"financialImpact\":\"5.00\",\"financialImpactCurrency\":\"EUR\","
         "\"impact\":\"High\",\"likelihood\":\"Low\""},
        {"\"result\":\"Sent\"", "\"result\":\"Sent\""},
    };
    static const struct refused refused[] = {
        {"\"todoType\":\"TASK\",\"impact\":\"High\",\"likelihood\":\"huge\"",
         "/likelihood not_an_option"},
        {"\"result\":7", "/result wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
    report_write(&r, "\"result\":\"Sent\"");
    assert_int_equal(report_judge_as(&r, ID_EXAMPLE), ERR_OK);
    assert_int_equal(r.warnings.n, 1);
    assert_str(r.warnings.items[0].pointer, "/result");
    assert_int_equal(r.warnings.items[0].code, FAULT_NOT_FOR_INCIDENT);
    assert_str(r.warnings.items[0].detail, "result is for tasks only; it is kept and shown.");
}

static void a_form_may_refuse_members_of_the_other_type(void **state)
{
    (void)state;
    struct form strict = form_default;
    strict.refuses_other_type = true;
    r.form = &strict;
    static const struct taken taken[] = {
        {"\"todoType\":\"TASK\",\"result\":\"Sent\"", "\"result\":\"Sent\""},
        {"\"todoType\":\"TASK\",\"priority\":\"low\"", "\"priority\":\"Low\""},
        /* null and "" are absent, so they belong to nothing. */
        {"\"todoType\":\"TASK\",\"impact\":\"\",\"likelihood\":null,\"financialImpact\":\"\"",
         "\"impact\":null"},
        {"\"result\":\" \"", "\"result\":null"},
    };
    static const struct refused refused[] = {
        {"\"result\":\"Sent\"", "/result not_for_incident"},
        {"\"todoType\":\"TASK\",\"financialImpact\":5", "/financialImpact not_for_task"},
        {"\"todoType\":\"TASK\",\"impact\":\"High\",\"likelihood\":\"huge\"",
         "/impact not_for_task; /likelihood not_for_task"},
        {"\"todoType\":\"TASK\",\"result\":7", "/result wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
    r.form = &form_default;
}

static void money_is_a_number_or_its_text(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"financialImpact\":\"123577\"",
         "\"financialImpact\":\"123577.00\",\"financialImpactCurrency\":\"EUR\""},
        {"\"financialImpact\":123577", "\"123577.00\""},
        {"\"financialImpact\":\"123577.50\"", "\"123577.50\""},
        {"\"financialImpact\":123577.5", "\"123577.50\""},
        {"\"financialImpact\":\"  1250.50\"", "\"1250.50\""},
        {"\"financialImpact\":\"  \"", "\"financialImpact\":null"},
        {"\"financialImpact\":0", "\"financialImpact\":\"0.00\""},
        {"\"financialImpact\":-0", "\"financialImpact\":\"0.00\""},
        {"\"financialImpact\":1e3", "\"1000.00\""},
        {"\"financialImpact\":10000000000000", "\"10000000000000.00\""},
        {"\"financialImpact\":null", "\"financialImpact\":null,\"financialImpactCurrency\":null"},
    };
    static const struct refused refused[] = {
        {"\"financialImpact\":true", "/financialImpact wrong_type"},
        {"\"financialImpact\":[1]", "/financialImpact wrong_type"},
        {"\"financialImpact\":{\"amount\":1}", "/financialImpact wrong_type"},
        {"\"financialImpact\":\"many\"", "/financialImpact not_a_number"},
        {"\"financialImpact\":\"1 000\"", "/financialImpact not_a_number"},
        {"\"financialImpact\":-1", "/financialImpact negative"},
        {"\"financialImpact\":12.345", "/financialImpact too_precise"},
        {"\"financialImpact\":9223372036854775807", "/financialImpact too_large"},
        {"\"financialImpact\":1e30", "/financialImpact too_large"},
    };
    TAKEN(taken);
    REFUSED(refused);
}

static void options_are_accepted_in_any_case(void **state)
{
    (void)state;
    static const char *const members[] = {"impact", "likelihood", "priority"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char sent[64], record[64], faults[64];
        static const char *const spellings[][2] = {
            {"HIGH", "High"}, {"medium", "Medium"}, {"lOW", "Low"}, {"High ", "High"}};
        for (size_t k = 0; k < 4; k++) {
            snprintf(sent, sizeof sent, "\"%s\":\"%s\"", members[i], spellings[k][0]);
            snprintf(record, sizeof record, "\"%s\":\"%s\"", members[i], spellings[k][1]);
            assert_non_null(strstr(report_record(&r, sent), record));
        }
        snprintf(faults, sizeof faults, "/%s not_an_option", members[i]);
        snprintf(sent, sizeof sent, "\"%s\":\"Highest\"", members[i]);
        assert_string_equal(faults_of(sent), faults);
        assert_string_equal(allowed(), "High|Medium|Low|");
        snprintf(sent, sizeof sent, "\"%s\":1", members[i]);
        snprintf(faults, sizeof faults, "/%s wrong_type", members[i]);
        assert_string_equal(faults_of(sent), faults);
    }
}

static void status_is_accepted_with_any_mark_or_without_one_between_its_words(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"status\":\"to do\"", "\"status\":\"To do\""},
        {"\"status\":\"TO_DO\"", "\"status\":\"To do\""},
        {"\"status\":\"in-progress\"", "\"status\":\"In Progress\""},
        {"\"status\":\"TODO\"", "\"status\":\"To do\""},
        {"\"status\":\"ToDo\"", "\"status\":\"To do\""},
        {"\"status\":\"INPROGRESS\"", "\"status\":\"In Progress\""},
        {"\"status\":\"InProgress \"", "\"status\":\"In Progress\""},
        {"\"status\":\"IN PROGRESS\"", "\"status\":\"In Progress\""},
        {"\"status\":\"expired\"", "\"status\":\"Expired\""},
        {"\"status\":\"DONE\"", "\"status\":\"Done\""},
        {"\"status\":\"\"", "\"status\":\"In Progress\""},
        {"\"status\":null", "\"status\":\"In Progress\""},
    };
    static const struct refused refused[] = {
        {"\"status\":\"tod o\"", "/status not_an_option"},
        {"\"status\":\"to do it\"", "/status not_an_option"},
        {"\"status\":\"inprogres\"", "/status not_an_option"},
        {"\"status\":\"in  progress\"", "/status not_an_option"},
        {"\"status\":\"Done.\"", "/status not_an_option"},
        {"\"status\":false", "/status wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
    assert_string_equal(allowed(), "To do|In Progress|Done|Expired|");
}

static void done_sets_the_due_date_to_the_day_of_the_transaction(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        /* Now is 2026-11-23 20:15 in UTC, and the next day in Kiritimati. */
        {"\"status\":\"Done\"", "\"dueDate\":\"2026-11-23\""},
        {"\"status\":\"Done\",\"dueDate\":\"2031-01-01\"", "\"dueDate\":\"2026-11-23\""},
        {"\"status\":\"Done\",\"domainWorkSpace\":\"EXA-CON-BUS-KIR\"",
         "\"dueDate\":\"2026-11-24\""},
        {"\"status\":\"Done\",\"occurredAt\":\"2026-11-01T09:59:59Z\"",
         "\"dueDate\":\"2026-11-01\""},
        {"\"status\":\"Done\",\"occurredAt\":\"2026-11-01T09:59:59Z\",\"domainWorkSpace\":"
         "\"EXA-CON-BUS-KIR\"",
         "\"dueDate\":\"2026-11-01\""},
        {"\"status\":\"Done\",\"occurredAt\":\"2026-11-01T10:00:00Z\",\"domainWorkSpace\":"
         "\"EXA-CON-BUS-KIR\"",
         "\"dueDate\":\"2026-11-02\""},
        {"\"status\":\"Expired\",\"dueDate\":\"2031-01-01\"", "\"dueDate\":\"2031-01-01\""},
        {"\"status\":\"To do\"", "\"dueDate\":null"},
    };
    static const struct refused refused[] = {
        {"\"status\":\"Done\",\"dueDate\":\"2031-02-29\"", "/dueDate not_a_date"},
    };
    TAKEN(taken);
    REFUSED(refused);
}

static void dates_are_days_or_times_with_a_zone(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"dueDate\":\"2028-02-29\"", "\"dueDate\":\"2028-02-29\""},
        {"\"reminderDate\":\"2000-01-01\"", "\"reminderDate\":\"2000-01-01\""},
        {"\"dueDate\":\"2027-01-31T10:00:00Z\"", "\"dueDate\":\"2027-01-31\""},
        {"\"dueDate\":\"2027-01-31T00:30:00+01:00\"", "\"dueDate\":\"2027-01-30\""},
        {"\"dueDate\":\"2027-01-31T00:30:00+0100\"", "\"dueDate\":\"2027-01-30\""},
        {"\"dueDate\":\"2027-01-31 00:30:00+01:00\"", "\"dueDate\":\"2027-01-30\""},
        {"\"dueDate\":\"2027-01-31T10:00:00Z\",\"domainWorkSpace\":\"EXA-CON-BUS-KIR\"",
         "\"dueDate\":\"2027-02-01\""},
    };
    static const struct refused refused[] = {
        {"\"dueDate\":\"2025-02-29\"", "/dueDate not_a_date"},
        {"\"dueDate\":\"2027-01-31T10:00:00\"", "/dueDate not_a_date"},
        {"\"dueDate\":\"+14d\",\"reminderDate\":\"tomorrow\"",
         "/dueDate not_a_date; /reminderDate not_a_date"},
        {"\"dueDate\":20240927", "/dueDate wrong_type"},
        {"\"reminderDate\":[\"2024-09-27\"]", "/reminderDate wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
}

static void occurred_at_lies_within_30_days_back_and_5_minutes_ahead(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"occurredAt\":\"2026-10-24T20:15:04.123Z\"",
         "\"occurredAt\":\"2026-10-24T20:15:04.123Z\""},
        {"\"occurredAt\":\"2026-11-23T20:20:04.123Z\"",
         "\"occurredAt\":\"2026-11-23T20:20:04.123Z\""},
        {"\"occurredAt\":\"2026-11-23t22:15:04+02:00\"",
         "\"occurredAt\":\"2026-11-23T20:15:04.000Z\""},
    };
    static const struct refused refused[] = {
        {"\"occurredAt\":\"2026-10-24T20:15:04.122Z\"", "/occurredAt too_old"},
        {"\"occurredAt\":\"2026-11-23T20:20:04.124Z\"", "/occurredAt in_the_future"},
        {"\"occurredAt\":\"2026-11-23\"", "/occurredAt not_a_time"},
        {"\"occurredAt\":\"now\"", "/occurredAt not_a_time"},
        {"\"occurredAt\":5", "/occurredAt wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
}

static void people_must_be_known_to_the_domain(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"reporter\":\"EXAMPLE@Example.com\",\"assignee\":\"Ann@example.com\"",
         "\"assignee\":\"ann@example.com\",\"reporter\":\"example@example.com\""},
        {"\"reporter\":\"ann@example.com\"", "\"assignee\":\"ann@example.com\",\"reporter\":"},
        {"\"reporter\":\"ann@example.com\",\"assignee\":\"\"", "\"assignee\":\"ann@example.com\""},
        {"\"reporter\":\"admin@example.com\"", "\"reporter\":\"admin@example.com\""},
    };
    static const struct refused refused[] = {
        {"\"reporter\":\"nobody@example.com\"", "/reporter unknown_person"},
        {"\"assignee\":\"alien@example.com\"", "/assignee unknown_person"},
        {"\"assignee\":\"gone@example.com\"", "/assignee unknown_person"},
        {"\"assignee\":\"machine\"", "/assignee unknown_person"},
        {"\"reporter\":\"\xC3\xA9\",\"assignee\":\"no address\"",
         "/reporter unknown_person; /assignee unknown_person"},
        {"\"reporter\":{},\"assignee\":3", "/reporter wrong_type; /assignee wrong_type"},
        /* Without a workspace there is nobody to know; only the shape is judged. */
        {"\"domainWorkSpace\":\"X-Y\",\"reporter\":\"nobody@example.com\",\"assignee\":3",
         "/domainWorkSpace unknown_workspace; /assignee wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
}

static void lists_are_taken_as_one_text_too(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"category\":\"Customs\"", "\"category\":[\"Customs\"]"},
        {"\"subCategory\":[\"IT\",\"HR\"]", "\"subCategory\":[\"IT\",\"HR\"]"},
        {"\"category\":[\"\",null,\"a\",\" \"]", "\"category\":[\"a\"]"},
        {"\"category\":[]", "\"category\":[]"},
    };
    static const struct refused refused[] = {
        {"\"orderID\":[\"A\",true]", "/orderID/1 wrong_type"},
        {"\"tags\":[\"A\",\"B\",[\"C\"],{}]", "/tags/2 wrong_type; /tags/3 wrong_type"},
        {"\"category\":7,\"subCategory\":{}", "/category wrong_type; /subCategory wrong_type"},
        {"\"orderID\":true", "/orderID wrong_type"},
        {"\"LRN\":725462.5", "/LRN wrong_type"},
        {"\"LRN\":[\"725462\"]", "/LRN wrong_type"},
    };
    TAKEN(taken);
    REFUSED(refused);
}

static void orders_lrn_and_tags_become_tags_without_repeats(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"tags\":\"t\",\"LRN\":\"l\",\"orderID\":\"o\"", "\"tags\":[\"o\",\"l\",\"t\"]"},
        {"\"orderID\":[\"B\",\"A\",\"B\"],\"LRN\":\"7\",\"tags\":[\"z\",\"A\",\"y\",\"7\",\"z\"]",
         "\"tags\":[\"B\",\"A\",\"7\",\"z\",\"y\"]"},
        {"\"orderID\":[\"B\",\"A\",\"B\"]", "\"orderID\":[\"B\",\"A\",\"B\"]"},
        /* Only exactly the same text is a repeat. */
        {"\"orderID\":\"a\",\"tags\":[\"A\",\"a b\"]", "\"tags\":[\"a\",\"A\",\"a b\"]"},
    };
    TAKEN(taken);
}

static void lists_hold_at_most_100(void **state)
{
    (void)state;
    static const char *const members[] = {"orderID", "tags", "category", "subCategory"};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        for (size_t n = 100; n <= 10000; n = n == 100 ? 101 : n == 101 ? 10000 : n + 1) {
            struct buf buf;
            buf_init(&buf, 1024 * 1024);
            buf_printf(&buf, "\"%s\":[\"0\"", members[i]);
            for (size_t k = 1; k < n; k++)
                buf_printf(&buf, ",\"%zu\"", k);
            buf_char(&buf, ']');
            buf_char(&buf, '\0');
            char expected[64] = "";
            if (n > 100)
                snprintf(expected, sizeof expected, "/%s too_many", members[i]);
            assert_string_equal(faults_of(buf.p), expected);
            buf_finish(&buf);
        }
    assert_str(r.faults.items[0].detail,
               "subCategory has 10000 elements; at most 100 are allowed.");
}

static void absent_elements_count_for_the_length_too(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 10000);
    BUF_LIT(&buf, "\"tags\":[null");
    for (int i = 1; i < 100; i++)
        BUF_LIT(&buf, ",null");
    BUF_LIT(&buf, ",\"a\"]");
    buf_char(&buf, '\0');
    assert_string_equal(faults_of(buf.p), "/tags too_many");
    buf_finish(&buf);
}

static void names_match_without_regard_to_case(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"lrn\":\"L\"", "\"LRN\":\"L\",\"tags\":[\"ORDER 1\",\"L\"]"},
    };
    static const struct refused refused[] = {
        {"\"lrn\":\"A\",\"LRN\":\"B\"", "/LRN duplicate_member"},
        {"\"LRN\":\"A\",\"lrn\":\"A\",\"Lrn\":\"A\"",
         "/lrn duplicate_member; /Lrn duplicate_member"},
        {"\"LRN\":null,\"lrn\":\"A\"", "/lrn duplicate_member"},
        {"\"IMPACT\":\"huge\"", "/IMPACT not_an_option"},
    };
    TAKEN(taken);
    REFUSED(refused);
}

static void unknown_members_are_kept_as_they_were_sent(void **state)
{
    (void)state;
    static const struct taken taken[] = {
        {"\"vesselName\" : \"Ever Given\" , \"a\\/b\":[ 1 , 2.50, {\"x\" : null} ],\"\":1e2",
         "\"extra\":{\"vesselName\":\"Ever Given\",\"a\\/b\":[1,2.50,{\"x\":null}],\"\":1e2}"},
        {"\"a\":1,\"A\":2", "\"extra\":{\"a\":1,\"A\":2}"},
        {"\"extra\":{\"y\":1}", "\"extra\":{\"extra\":{\"y\":1}}"},
    };
    TAKEN(taken);
    assert_string_equal(faults_of(long_text("filler", "x", EXTRA_MAX - 13)), "");
    assert_string_equal(faults_of(long_text("filler", "x", EXTRA_MAX - 12)), " too_long");
}

static void faults_are_bounded(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1024 * 1024);
    /* One member in more spellings than there is room for. */
    for (unsigned spelling = 0; spelling < FAULTS_MAX + 100; spelling++) {
        char name[] = "description";
        for (size_t i = 0; i < sizeof name - 1; i++)
            name[i] = (spelling >> i & 1) != 0 ? ascii_upper(name[i]) : name[i];
        buf_printf(&buf, "%s\"%s\":\"x\"", spelling == 0 ? "" : ",", name);
    }
    buf_char(&buf, '\0');
    faults_of(buf.p);
    assert_int_equal(r.faults.n, FAULTS_MAX);
    assert_true(r.faults.more);
    buf_finish(&buf);
}

static void another_form_is_the_same_judge(void **state)
{
    (void)state;
    struct form form = form_default;
    form.name = STR("strict");
    form.version = 7;
    form.fields[MEMBER_LRN].tag = false;
    form.fields[MEMBER_CATEGORY].tag = true;
    form.fields[MEMBER_ORDER_ID].required = false;
    form.fields[MEMBER_PRIORITY].required = true;
    form.fields[MEMBER_TITLE].length_max = 3;
    form.fields[MEMBER_IMPACT].preset =
        (struct draft_value){.kind = DRAFT_TEXT, .text = STR("low")};
    static const char *const sent[] = {
        "{\"todoType\":\"INCIDENT\",\"domainWorkSpace\":\"EXA-CON-BUS-WOR\",\"title\":\"long\","
        "\"description\":\"d\",\"reporter\":\"ann@example.com\"}",
        "{\"todoType\":\"INCIDENT\",\"domainWorkSpace\":\"EXA-CON-BUS-WOR\",\"title\":\"t\","
        "\"description\":\"d\",\"reporter\":\"ann@example.com\",\"priority\":\"low\",\"LRN\":\"l\","
        "\"category\":\"c\"}"};
    const struct account *caller = directory_account_by_id(&fixture_directory, ID_EXAMPLE);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(task_decode(&r.op, str_of(sent[i]), &r.draft), ERR_OK);
        faults_init(&r.faults, &r.arena);
        enum err err = task_judge(&r.op, &r.draft, &form, NULL, &fixture_directory, caller,
                                  &r.faults, NULL, &r.judged);
        assert_int_equal(err, i == 0 ? ERR_INVALID : ERR_OK);
        if (i == 0)
            assert_string_equal(faults_listed(), "/title too_long; /priority required");
    }
    assert_str(r.judged.task.form, "strict");
    assert_int_equal(r.judged.task.form_version, 7);
    assert_int_equal(r.judged.task.impact, LEVEL_LOW);
    assert_int_equal(r.judged.task.tags.n, 1);
    assert_str(r.judged.task.tags.items[0], "c");
}

static void a_judge_without_memory_says_so(void **state)
{
    (void)state;
    report_write(&r, "");
    assert_int_equal(task_decode(&r.op, buf_str(&r.text), &r.draft), ERR_OK);
    struct arena none;
    arena_init(&none, 0);
    struct op op = {.arena = &none, .now = report_now};
    struct judged judged;
    struct faults faults;
    faults_init(&faults, &none);
    const struct account *caller = directory_account_by_id(&fixture_directory, ID_EXAMPLE);
    assert_int_equal(task_judge(&op, &r.draft, &form_default, NULL, &fixture_directory, caller,
                                &faults, NULL, &judged),
                     ERR_MEMORY);
    faults_init(&faults, &none);
    r.draft.members[MEMBER_TITLE].kind = DRAFT_ABSENT;
    assert_int_equal(task_judge(&op, &r.draft, &form_default, NULL, &fixture_directory, caller,
                                &faults, NULL, &judged),
                     ERR_MEMORY);
}

/* ---- did you mean ---- */

static const char *suggestions(const char *members)
{
    report_write(&r, members);
    assert_int_equal(report_judge_as(&r, ID_EXAMPLE), ERR_OK);
    buf_clear(&r.text);
    for (size_t i = 0; i < r.warnings.n; i++) {
        struct str detail = r.warnings.items[i].detail;
        assert_int_equal(r.warnings.items[i].code, FAULT_UNKNOWN_MEMBER);
        buf_printf(&r.text, "%s %s;", r.warnings.items[i].pointer.p,
                   strstr(detail.p, "did you mean ") + strlen("did you mean "));
    }
    buf_char(&r.text, '\0');
    return r.text.p;
}

static void slips_of_the_pen_are_noticed(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"\"priorty\":1", "/priorty priority?;"},
        {"\"prioirty\":1", "/prioirty priority?;"},
        {"\"order_id\":1,\"due-date\":2,\"FINANCIAL_IMPACT\":3",
         "/order_id orderID?;/due-date dueDate?;/FINANCIAL_IMPACT financialImpact?;"},
        {"\"tag\":1", "/tag tags?;"},
        {"\"lnr\":1", "/lnr LRN?;"},
        {"\"order/ID\":1,\"due~Date\":2", "/order~1ID orderID?;/due~0Date dueDate?;"},
        {"\"tax\":1,\"lrx\":2,\"lxx\":3", "/lrx LRN?;"},
        {"\"vesselName\":1,\"x\":2,\"\":3,\"id\":4,\"date\":5,\"type\":6,\"name\":7", ""},
        {"\"domainWorkspaceOfTheCustomer\":1", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(suggestions(cases[i][0]), cases[i][1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_least_report_gets_the_defaults),
        TEST(required_members_are_named_all_at_once),
        TEST(todo_type_is_accepted_in_any_case),
        TEST(the_place_is_accepted_in_each_spelling),
        TEST(what_the_caller_may_not_see_does_not_exist),
        TEST(lengths_are_counted_in_characters),
        TEST(members_of_the_other_type_are_kept_with_a_warning),
        TEST(a_form_may_refuse_members_of_the_other_type),
        TEST(money_is_a_number_or_its_text),
        TEST(options_are_accepted_in_any_case),
        TEST(status_is_accepted_with_any_mark_or_without_one_between_its_words),
        TEST(done_sets_the_due_date_to_the_day_of_the_transaction),
        TEST(dates_are_days_or_times_with_a_zone),
        TEST(occurred_at_lies_within_30_days_back_and_5_minutes_ahead),
        TEST(people_must_be_known_to_the_domain),
        TEST(lists_are_taken_as_one_text_too),
        TEST(orders_lrn_and_tags_become_tags_without_repeats),
        TEST(lists_hold_at_most_100),
        TEST(absent_elements_count_for_the_length_too),
        TEST(names_match_without_regard_to_case),
        TEST(unknown_members_are_kept_as_they_were_sent),
        TEST(faults_are_bounded),
        TEST(another_form_is_the_same_judge),
        TEST(a_judge_without_memory_says_so),
        TEST(slips_of_the_pen_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
