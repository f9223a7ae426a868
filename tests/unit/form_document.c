/* model/form_json, and the judge by forms that people make: what a form may say, and what that does
 * to a report. */
#include "tests.h"

#include <stdio.h>
#include <time.h>

#include "report.h"

#include "form/customs.h"
#include "form/form_json.h"
#include "form/pattern.h"

static struct report r;
static struct form form;
static struct arena form_arena;

static int setup(void **state)
{
    (void)state;
    fixture_open();
    report_open(&r);
    arena_init(&form_arena, 64 * 1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&form_arena);
    report_close(&r);
    fixture_close();
    return 0;
}

/* All faults as "pointer code" with "; " between, zero-terminated. */
static const char *listed(const struct faults *faults)
{
    buf_clear(&r.text);
    for (size_t i = 0; i < faults->n; i++)
        buf_printf(&r.text, "%s%.*s %.*s", i == 0 ? "" : "; ", STR_ARG(faults->items[i].pointer),
                   STR_ARG(fault_code_name(faults->items[i].code)));
    buf_char(&r.text, '\0');
    assert_int_equal(buf_err(&r.text), ERR_OK);
    return r.text.p;
}

static enum err read_document(const char *document)
{
    struct form_place place = {.directory = &fixture_directory,
                               .workspace = directory_workspace_by_id(&fixture_directory, ID_WOR),
                               .name = STR("customs"),
                               .version = 3};
    r.op.detail[0] = '\0';
    faults_init(&r.faults, &r.arena);
    return form_read(&r.op, &form_arena, str_of(document), &place, &r.faults, &form);
}

/* A form whose fields are `fields`: the text between the brackets. */
static void use_fields(const char *fields)
{
    static char document[20000];
    snprintf(document, sizeof document, "{\"fields\":[%s]}", fields);
    enum err err = read_document(document);
    if (err != ERR_OK)
        fail_msg("%s: %s %s", document, err_name(err), listed(&r.faults));
    r.form = &form;
}

/* The faults of the least report with `members`, judged by the form in use; "" if it is
 * accepted. */
static const char *faults_of(const char *members)
{
    report_write(&r, members);
    enum err err = report_judge_as(&r, ID_EXAMPLE);
    assert_int_equal(err, r.faults.n == 0 ? ERR_OK : ERR_INVALID);
    return listed(&r.faults);
}

/* ---- documents ---- */

static void a_form_says_nothing_and_is_the_built_in_one(void **state)
{
    (void)state;
    assert_int_equal(read_document("{}"), ERR_OK);
    assert_str(form.name, "customs");
    assert_int_equal(form.version, 3);
    assert_int_equal(form.custom_count, 0);
    assert_memory_equal(form.fields, form_default.fields, sizeof form.fields);
}

static void a_value_that_is_not_an_object_is_reported_with_its_place(void **state)
{
    (void)state;
    assert_int_equal(read_document("{\"title\":}"), ERR_SYNTAX);
    assert_non_null(strstr(r.op.detail, "line 1, column 10"));
    assert_int_equal(read_document("[]"), ERR_SYNTAX);
    assert_non_null(strstr(r.op.detail, "a form must be an object"));
}

static void each_slip_in_a_form_is_reported_with_its_pointer(void **state)
{
    (void)state;
    static const struct {
        const char *document, *faults;
    } cases[] = {
        {"{\"titel\":\"x\"}", "/titel unknown_member"},
        {"{\"title\":7,\"help\":{},\"default\":\"yes\"}",
         "/title wrong_type; /help wrong_type; /default wrong_type"},
        {"{\"title\":{\"en_GB\":\"x\"}}", "/title wrong_type"},
        {"{\"name\":\"other\"}", "/name mismatch"},
        {"{\"default\":true,\"disabled\":true}", "/disabled mismatch"},
        {"{\"todoType\":\"BOTH\",\"unknownMembers\":\"drop\"}",
         "/todoType not_an_option; /unknownMembers not_an_option"},
        {"{\"accounts\":[\"example@example.com\",\"nobody@example.com\",\"EXAMPLE@example.com\"]}",
         "/accounts/2 duplicate_member"},
        {"{\"accounts\":[\"example@example.com\",\"nobody@example.com\"]}",
         "/accounts/1 unknown_person"},
        {"{\"fields\":{}}", "/fields wrong_type"},
        {"{\"fields\":[7,{},{\"name\":\"\"}]}",
         "/fields/0 wrong_type; /fields/1 wrong_type; /fields/2 wrong_type"},
        {"{\"fields\":[{\"name\":\"carrier\"}]}", "/fields/0/type required"},
        {"{\"fields\":[{\"name\":\"carrier\",\"type\":\"txt\"}]}", "/fields/0/type not_an_option"},
        {"{\"fields\":[{\"name\":\"a b\",\"type\":\"text\"},{\"name\":\"1a\",\"type\":\"text\"}]}",
         "/fields/0/name wrong_type; /fields/1/name wrong_type"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"text\"},{\"name\":\"A\",\"type\":\"text\"}]}",
         "/fields/1/name duplicate_member"},
        {"{\"fields\":[{\"name\":\"Title\"},{\"name\":\"title\"}]}",
         "/fields/1/name duplicate_member"},
        {"{\"fields\":[{\"name\":\"title\",\"type\":\"text\",\"for\":\"TASK\"}]}",
         "/fields/0/type mismatch; /fields/0/for mismatch"},
        {"{\"fields\":[{\"name\":\"todoType\"},{\"name\":\"domain\"}]}",
         "/fields/0/name mismatch; /fields/1/name mismatch"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"text\",\"lable\":\"x\",\"required\":1}]}",
         "/fields/0/lable unknown_member; /fields/0/required wrong_type"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"choice\"}]}", "/fields/0/options required"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"choice\",\"options\":[]}]}",
         "/fields/0/options wrong_type"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"choice\",\"options\":[\"x\",\"x\\u00a0\"]},"
         "{\"name\":\"b\",\"type\":\"choice\",\"required\":true,\"options\":[\"\\u3164\","
         "\"\\u2028\"]}]}",
         "/fields/0/options/1 duplicate_member; /fields/1/options required"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"choice\",\"options\":[\"x\",7,\"X\"]}]}",
         "/fields/0/options/1 wrong_type; /fields/0/options/2 duplicate_member"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"money\",\"options\":[\"1\"],\"pattern\":\"1\","
         "\"maxLength\":3,\"tag\":true,\"check\":\"warn\"}]}",
         "/fields/0/options mismatch; /fields/0/pattern mismatch; /fields/0/maxLength mismatch; "
         "/fields/0/tag mismatch; /fields/0/check mismatch"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"text\",\"pattern\":\"[a\"}]}",
         "/fields/0/pattern pattern"},
        {"{\"fields\":[{\"name\":\"title\",\"maxLength\":256}]}", "/fields/0/maxLength too_large"},
        {"{\"fields\":[{\"name\":\"description\",\"tag\":true}]}", "/fields/0/tag mismatch"},
        {"{\"fields\":[{\"name\":\"MRN\",\"type\":\"mrn\",\"check\":\"maybe\"}]}",
         "/fields/0/check not_an_option"},
        {"{\"title\":\" \"}", "/title wrong_type"},
        {"{\"title\":{\"en\":\"x\",\"EN\":\"y\"},\"help\":{\"en\":\"\"}}",
         "/title wrong_type; /help wrong_type"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"choice\",\"options\":[{\"value\":\"x\"},"
         "{\"value\":\"X\"},{\"label\":\"y\"},{\"value\":\"z\",\"label\":{\"e\":\"z\"}},"
         "{\"value\":\"w\",\"lable\":\"w\"}]}]}",
         "/fields/0/options/1 duplicate_member; /fields/0/options/2 wrong_type; "
         "/fields/0/options/3 wrong_type; /fields/0/options/4 wrong_type"},
        {"{\"accounts\":[{\"value\":\"example@example.com\"}]}", "/accounts/0 wrong_type"},
        {"{\"fields\":[{\"name\":\"a\",\"type\":\"number\",\"example\":\"x\"},"
         "{\"name\":\"title\",\"example\":\"\"}]}",
         "/fields/0/example not_a_number; /fields/1/example wrong_type"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(read_document(cases[i].document), ERR_INVALID);
        const char *faults = listed(&r.faults);
        if (strcmp(faults, cases[i].faults) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].document, faults, cases[i].faults);
    }
}

static void labels_are_picked_by_language(void **state)
{
    (void)state;
    assert_int_equal(
        read_document(
            "{\"title\":{\"de\":\"Anspruch\",\"pt-BR\":\"Reclamação\",\"en\":\"Claim\"},"
            "\"help\":\"Help\",\"fields\":[{\"name\":\"title\",\"label\":{\"nl\":\"Titel\"}},"
            "{\"name\":\"mode\",\"type\":\"choice\",\"options\":[\"Sea\",{\"value\":\"Air\","
            "\"label\":{\"de\":\"Luft\"}}],\"label\":\"Mode\",\"example\":\"air\"}]}"),
        ERR_OK);
    assert_str(label_pick(form.title, STR("DE")), "Anspruch");
    assert_str(label_pick(form.title, STR("pt-PT")), "Reclamação");
    assert_str(label_pick(form.title, STR("fr")), "Claim");
    assert_str(label_pick(form.title, STR_NONE), "Claim");
    assert_str(label_pick(form.help, STR("de")), "Help");
    assert_str(label_pick(form_caption(&form, MEMBER_TITLE)->label, STR("en")), "Titel");
    assert_null(label_pick(form_caption(&form, MEMBER_LRN)->label, STR("en")).p);
    const struct form_caption *mode = form_caption(&form, MEMBER_COUNT);
    assert_str(label_pick(mode->label, STR("en")), "Mode");
    assert_str(form.customs[0].field.options.items[1], "Air");
    assert_int_equal(mode->options[0].n, 0);
    assert_str(label_pick(mode->options[1], STR_NONE), "Luft");
    assert_str(mode->example.text, "Air"); /* as the options spell it */
}

static void language_tags_are_those_of_rfc_5646(void **state)
{
    (void)state;
    static const char *const right[] = {"en",
                                        "EN",
                                        "fil",
                                        "pt-BR",
                                        "es-419",
                                        "zh-Hant",
                                        "zh-Hant-TW",
                                        "zh-yue-HK",
                                        "sl-rozaj-biske",
                                        "de-1996",
                                        "de-CH-1901",
                                        "en-u-ca-buddhist",
                                        "en-a-bbb-x-a-ccc",
                                        "en-x-a-b",
                                        "sr-Latn-RS"};
    static const char *const wrong[] = {"",
                                        "e",
                                        "e1",
                                        "en-",
                                        "-en",
                                        "en--us",
                                        "en_US",
                                        "en-u",
                                        "en-a-b-cc",
                                        "en-x",
                                        "a-DE",
                                        "de-419-DE",
                                        "en-toolongtag",
                                        "en-US-Latn",
                                        "\xc3\xa9n",
                                        "en us",
                                        "english-language-tag-x",
                                        "en-x-12345678-12345678-12345678-12345"};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        if (!language_valid(str_of(right[i])))
            fail_msg("%s", right[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (language_valid(str_of(wrong[i])))
            fail_msg("%s", wrong[i]);
}

static void a_form_that_contradicts_itself_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *field, *faults;
    } cases[] = {
        {"\"name\":\"a\",\"type\":\"choice\",\"options\":[\"x\",\"y\"],\"default\":\"z\"",
         "/fields/0/default not_an_option"},
        {"\"name\":\"a\",\"type\":\"text\",\"maxLength\":2,\"default\":\"long\"",
         "/fields/0/default too_long"},
        {"\"name\":\"a\",\"type\":\"text\",\"pattern\":\"^x\",\"default\":\"y\"",
         "/fields/0/default pattern"},
        {"\"name\":\"a\",\"type\":\"text\",\"pattern\":\"^x\",\"options\":[\"x1\",\"y\"]",
         "/fields/0/options pattern"},
        {"\"name\":\"a\",\"type\":\"date\",\"default\":\"14d\"", "/fields/0/default not_a_date"},
        {"\"name\":\"a\",\"type\":\"date\",\"default\":\"+4000d\"", "/fields/0/default not_a_date"},
        {"\"name\":\"a\",\"type\":\"number\",\"default\":\"1e3\"",
         "/fields/0/default not_a_number"},
        {"\"name\":\"a\",\"type\":\"boolean\",\"default\":\"perhaps\"",
         "/fields/0/default wrong_type"},
        {"\"name\":\"a\",\"type\":\"email\",\"default\":\"nobody\"",
         "/fields/0/default not_an_email"},
        {"\"name\":\"a\",\"type\":\"text\",\"default\":\" \"", "/fields/0/default wrong_type"},
        {"\"name\":\"a\",\"type\":\"text\",\"locked\":true", "/fields/0/locked mismatch"},
        {"\"name\":\"a\",\"type\":\"text\",\"hidden\":true,\"required\":true",
         "/fields/0/hidden mismatch"},
        {"\"name\":\"title\",\"required\":false", "/fields/0/required mismatch"},
        {"\"name\":\"status\",\"options\":[\"to do\",\"to_do\"]",
         "/fields/0/options/1 duplicate_member"},
        {"\"name\":\"priority\",\"options\":[\"High\",\"Urgent\"]",
         "/fields/0/options not_an_option"},
        {"\"name\":\"priority\",\"options\":[\"High\"],\"default\":\"low\"",
         "/fields/0/default not_an_option"},
        {"\"name\":\"assignee\",\"default\":\"alien@example.com\"",
         "/fields/0/default unknown_person"},
    };
    char document[1000];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(document, sizeof document, "{\"fields\":[{%s}]}", cases[i].field);
        assert_int_equal(read_document(document), ERR_INVALID);
        const char *faults = listed(&r.faults);
        if (strcmp(faults, cases[i].faults) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", document, faults, cases[i].faults);
    }
}

static void a_form_has_bounds(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1024 * 1024);
    for (int extra = 0; extra < 2; extra++) {
        buf_clear(&buf);
        BUF_LIT(&buf, "{\"fields\":[");
        for (int i = 0; i < FORM_CUSTOM_MAX + extra; i++)
            buf_printf(&buf, "%s{\"name\":\"f%d\",\"type\":\"text\"}", i == 0 ? "" : ",", i);
        BUF_LIT(&buf, "]}");
        buf_char(&buf, '\0');
        assert_int_equal(read_document(buf.p), extra == 0 ? ERR_OK : ERR_INVALID);
    }
    assert_string_equal(listed(&r.faults), "/fields/100 too_many");
    buf_finish(&buf);
}

static void reading_a_form_without_memory_says_so(void **state)
{
    (void)state;
    static const char document[] =
        "{\"title\":{\"en\":\"x\"},\"accounts\":[\"example@example.com\"],\"todoType\":\"TASK\","
        "\"fields\":[{\"name\":\"a\",\"type\":\"choices\",\"options\":[\"x\",{\"value\":\"y\","
        "\"label\":"
        "{\"nl\":\"z\"}}],\"label\":\"l\",\"example\":\"x\",\"default\":["
        "\"x\"],\"pattern\":\"^[a-z]+$\"},{\"name\":\"b\",\"type\":\"nothing\"}]}";
    struct form_place place = {.directory = &fixture_directory,
                               .workspace = directory_workspace_by_id(&fixture_directory, ID_WOR),
                               .name = STR("customs")};
    enum err err = ERR_MEMORY;
    for (size_t max = 0; err == ERR_MEMORY && max < 1000000; max += 512) {
        struct arena arena;
        struct form made;
        arena_init(&arena, max);
        struct op op = {.arena = &arena, .now = report_now};
        struct faults faults;
        faults_init(&faults, &arena);
        err = form_read(&op, &arena, str_of(document), &place, &faults, &made);
        arena_finish(&arena);
    }
    assert_int_equal(err, ERR_INVALID);
}

/* ---- reports ---- */

/* Each rule, with a value that is allowed, defaulted, locked, missing and wrong. */
static void each_rule_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *field, *sent;
        const char *faults; /* or "" and what the record holds */
        const char *record;
    } cases[] = {
        /* the source's members */
        {"\"name\":\"priority\",\"required\":true", "", "/priority required", NULL},
        {"\"name\":\"priority\",\"required\":true", "\"priority\":\"low\"", "",
         "\"priority\":\"Low\""},
        {"\"name\":\"priority\",\"default\":\"high\"", "", "", "\"priority\":\"High\""},
        {"\"name\":\"priority\",\"default\":\"high\"", "\"priority\":\"low\"", "",
         "\"priority\":\"Low\""},
        {"\"name\":\"priority\",\"default\":\"high\",\"locked\":true", "", "",
         "\"priority\":\"High\""},
        {"\"name\":\"priority\",\"default\":\"high\",\"locked\":true", "\"priority\":\"high\"",
         "/priority locked", NULL},
        {"\"name\":\"priority\",\"default\":\"high\",\"locked\":true", "\"priority\":null", "",
         "\"priority\":\"High\""},
        {"\"name\":\"priority\",\"options\":[\"High\",\"Low\"]", "\"priority\":\"medium\"",
         "/priority not_an_option", NULL},
        {"\"name\":\"priority\",\"options\":[\"High\",\"Low\"]", "\"priority\":\"LOW\"", "",
         "\"priority\":\"Low\""},
        {"\"name\":\"status\",\"options\":[\"To do\",\"In Progress\"]", "\"status\":\"DONE\"",
         "/status not_an_option", NULL},
        {"\"name\":\"status\",\"options\":[\"in_progress\"]", "\"status\":\"IN-PROGRESS\"", "",
         "\"status\":\"In Progress\""},
        {"\"name\":\"status\",\"options\":[\"To do\"],\"default\":\"to_do\"", "", "",
         "\"status\":\"To do\""},
        {"\"name\":\"orderID\",\"required\":false", "\"orderID\":null", "", "\"orderID\":[]"},
        {"\"name\":\"orderID\",\"tag\":false", "", "", "\"tags\":[]"},
        {"\"name\":\"category\",\"options\":[\"Customs\",\"IT\"],\"tag\":true",
         "\"category\":[\"it\",\"CUSTOMS\"]", "", "\"category\":[\"IT\",\"Customs\"]"},
        {"\"name\":\"category\",\"options\":[\"Customs\",\"IT\"]", "\"category\":[\"IT\",\"Law\"]",
         "/category/1 not_an_option", NULL},
        {"\"name\":\"category\",\"default\":[\"a\",\"b\"]", "", "", "\"category\":[\"a\",\"b\"]"},
        {"\"name\":\"dueDate\",\"default\":\"+14d\"", "", "", "\"dueDate\":\"2026-12-07\""},
        {"\"name\":\"dueDate\",\"default\":\"+14d\"", "\"dueDate\":\"+14d\"", "/dueDate not_a_date",
         NULL},
        {"\"name\":\"dueDate\",\"default\":\"2030-01-01\"", "", "", "\"dueDate\":\"2030-01-01\""},
        {"\"name\":\"assignee\",\"default\":\"ann@example.com\"", "", "",
         "\"assignee\":\"ann@example.com\""},
        {"\"name\":\"assignee\",\"locked\":true", "\"assignee\":\"ann@example.com\"",
         "/assignee locked", NULL},
        {"\"name\":\"assignee\",\"locked\":true", "", "", "\"assignee\":\"example@example.com\""},
        {"\"name\":\"reporter\",\"default\":\"ann@example.com\"", "\"reporter\":null", "",
         "\"reporter\":\"ann@example.com\""},
        {"\"name\":\"title\",\"maxLength\":4", "\"title\":\"12345\"", "/title too_long", NULL},
        {"\"name\":\"title\",\"pattern\":\"^[A-Z]\"", "\"title\":\"abc\"", "/title pattern", NULL},
        {"\"name\":\"title\",\"pattern\":\"^[A-Z]\"", "\"title\":\"Abc\"", "", "\"title\":\"Abc\""},
        {"\"name\":\"orderID\",\"pattern\":\"^ORDER \\\\d+$\"",
         "\"orderID\":[\"ORDER 7\",\"ORDER x\"]", "/orderID/1 pattern", NULL},
        {"\"name\":\"financialImpact\",\"default\":\"100.5\"", "", "",
         "\"financialImpact\":\"100.50\""},
        {"\"name\":\"financialImpact\",\"required\":true", "\"todoType\":\"TASK\"", "",
         "\"financialImpact\":null"},
        {"\"name\":\"financialImpact\",\"default\":7", "\"todoType\":\"TASK\"", "",
         "\"financialImpact\":null"},
        {"\"name\":\"LRN\",\"check\":\"refuse\"", "\"lrn\":\"with blank\"", "/lrn not_a_reference",
         NULL},
        {"\"name\":\"LRN\"", "\"lrn\":\"with blank\"", "", "\"LRN\":\"with blank\""},
        /* its own: each type */
        {"\"name\":\"note\",\"type\":\"text\",\"required\":true", "", "/note required", NULL},
        {"\"name\":\"note\",\"type\":\"text\"", "", "", "\"extra\":{}"},
        {"\"name\":\"note\",\"type\":\"text\"", "\"NOTE\":\"x\"", "", "\"extra\":{\"note\":\"x\"}"},
        {"\"name\":\"note\",\"type\":\"text\"", "\"note\":7", "/note wrong_type", NULL},
        {"\"name\":\"note\",\"type\":\"text\"", "\"note\":\"x\",\"Note\":\"y\"",
         "/Note duplicate_member", NULL},
        {"\"name\":\"note\",\"type\":\"text\",\"tag\":true", "\"note\":\"x\"", "",
         "\"tags\":[\"ORDER 1\",\"x\"]"},
        {"\"name\":\"note\",\"type\":\"text\",\"default\":\"d\",\"tag\":true", "", "",
         "\"tags\":[\"ORDER 1\",\"d\"]"},
        {"\"name\":\"note\",\"type\":\"text\",\"default\":\"d\",\"locked\":true", "\"note\":\"d\"",
         "/note locked", NULL},
        {"\"name\":\"note\",\"type\":\"text\",\"for\":\"TASK\"", "\"note\":\"x\"",
         "/note not_for_incident", NULL},
        {"\"name\":\"note\",\"type\":\"text\",\"for\":\"TASK\",\"required\":true", "", "",
         "\"extra\":{}"},
        {"\"name\":\"weight\",\"type\":\"number\"", "\"weight\":-12.50", "",
         "\"extra\":{\"weight\":-12.50}"},
        {"\"name\":\"weight\",\"type\":\"number\"", "\"weight\":\"12.5\"", "",
         "\"extra\":{\"weight\":12.5}"},
        {"\"name\":\"weight\",\"type\":\"number\"", "\"weight\":\"1,5\"", "/weight not_a_number",
         NULL},
        {"\"name\":\"weight\",\"type\":\"number\"", "\"weight\":\"01\"", "/weight not_a_number",
         NULL},
        {"\"name\":\"weight\",\"type\":\"number\"", "\"weight\":\"-\"", "/weight not_a_number",
         NULL},
        {"\"name\":\"weight\",\"type\":\"number\"", "\"weight\":true", "/weight wrong_type", NULL},
        {"\"name\":\"duty\",\"type\":\"money\"", "\"duty\":\"12.5\"", "",
         "\"extra\":{\"duty\":\"12.50\"}"},
        {"\"name\":\"duty\",\"type\":\"money\"", "\"duty\":-1", "/duty negative", NULL},
        {"\"name\":\"day\",\"type\":\"date\",\"default\":\"+0d\"", "", "",
         "\"extra\":{\"day\":\"2026-11-23\"}"},
        {"\"name\":\"day\",\"type\":\"date\"", "\"day\":\"2026-02-30\"", "/day not_a_date", NULL},
        {"\"name\":\"mode\",\"type\":\"choice\",\"options\":[\"Sea\",\"Air\"]", "\"mode\":\"SEA\"",
         "", "\"extra\":{\"mode\":\"Sea\"}"},
        {"\"name\":\"mode\",\"type\":\"choice\",\"options\":[\"Sea\",\"Air\"]", "\"mode\":\"Rail\"",
         "/mode not_an_option", NULL},
        {"\"name\":\"modes\",\"type\":\"choices\",\"options\":[\"Sea\",\"Air\"]",
         "\"modes\":[\"air\",\"sea\"]", "", "\"extra\":{\"modes\":[\"Air\",\"Sea\"]}"},
        {"\"name\":\"modes\",\"type\":\"choices\",\"options\":[\"Sea\",\"Air\"]",
         "\"modes\":[\"air\",\"rail\"]", "/modes/1 not_an_option", NULL},
        {"\"name\":\"mail\",\"type\":\"email\"", "\"mail\":\"a@b.example\"", "",
         "\"extra\":{\"mail\":\"a@b.example\"}"},
        {"\"name\":\"mail\",\"type\":\"email\"", "\"mail\":\"a@\"", "/mail not_an_email", NULL},
        {"\"name\":\"ok\",\"type\":\"boolean\"", "\"ok\":true", "", "\"extra\":{\"ok\":true}"},
        {"\"name\":\"ok\",\"type\":\"boolean\"", "\"ok\":\"NO\"", "", "\"extra\":{\"ok\":false}"},
        {"\"name\":\"ok\",\"type\":\"boolean\"", "\"ok\":1", "/ok wrong_type", NULL},
        {"\"name\":\"MRN\",\"type\":\"mrn\"", "\"mrn\":\"24NL000396A1B2C3D4\"", "",
         "\"extra\":{\"MRN\":\"24NL000396A1B2C3D4\"}"},
        {"\"name\":\"MRN\",\"type\":\"mrn\"", "\"mrn\":\"24NL000396A1B2C3D2\"",
         "/mrn not_a_reference", NULL},
        {"\"name\":\"office\",\"type\":\"customsOffice\"", "\"office\":\"NL000396\"", "",
         "\"extra\":{\"office\":\"NL000396\"}"},
        {"\"name\":\"office\",\"type\":\"customsOffice\"", "\"office\":\"NL39\"",
         "/office not_a_reference", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char field[1000];
        snprintf(field, sizeof field, "{%s}", cases[i].field);
        use_fields(field);
        const char *found =
            cases[i].record == NULL ? faults_of(cases[i].sent) : report_record(&r, cases[i].sent);
        if (cases[i].record == NULL ? strcmp(found, cases[i].faults) != 0
                                    : strstr(found, cases[i].record) == NULL)
            fail_msg("%s, %s: \"%s\" instead of \"%s\"", cases[i].field, cases[i].sent, found,
                     cases[i].record == NULL ? cases[i].faults : cases[i].record);
    }
}

static void its_own_fields_come_first_and_unknown_ones_after_them(void **state)
{
    (void)state;
    use_fields("{\"name\":\"b\",\"type\":\"text\"},{\"name\":\"a\",\"type\":\"text\"}");
    const char *record = report_record(&r, "\"z\":[1 , 2],\"A\":\"1\",\"b\":\"2\",\"y\":null");
    assert_non_null(strstr(record, "\"extra\":{\"b\":\"2\",\"a\":\"1\",\"z\":[1,2],\"y\":null}"));
}

static void a_form_may_refuse_what_it_does_not_know(void **state)
{
    (void)state;
    assert_int_equal(read_document("{\"unknownMembers\":\"refuse\",\"fields\":[{\"name\":"
                                   "\"carrier\",\"type\":\"text\"}]}"),
                     ERR_OK);
    r.form = &form;
    assert_string_equal(faults_of("\"carrier\":\"x\""), "");
    assert_string_equal(faults_of("\"carier\":\"x\",\"vessel\":1"),
                        "/carier unknown_member; /vessel unknown_member");
    assert_non_null(strstr(r.faults.items[0].detail.p, "did you mean carrier?"));
}

/* Text copied out of documents has them, and a report's value is compared without its own. */
static void blanks_around_an_option_are_not_part_of_it(void **state)
{
    (void)state;
    use_fields(
        "{\"name\":\"mode\",\"type\":\"choice\",\"options\":[\"Sea\\ufeff\",\"\\u00a0Air\"]}");
    assert_string_equal(faults_of("\"mode\":\"sea\""), "");
    assert_string_equal(faults_of("\"mode\":\"Air\\u00a0\""), "");
    assert_string_equal(faults_of("\"mode\":\"Sea\\ufeff\""), "");
}

static void a_long_name_is_not_a_slip_of_another(void **state)
{
    (void)state;
    use_fields("{\"name\":\"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\",\"type\":"
               "\"text\"}");
    assert_string_equal(faults_of("\"abcdefghijklmnopqrstuvwx\":1,\"prioirty\":1"), "");
    assert_int_equal(r.warnings.n, 1);
    assert_str(r.warnings.items[0].pointer, "/prioirty");
}

/* As many members as a report has room for, each as long as the form's own names, and each one slip
 * away from one of them. It is the least time of a few, so that a busy machine does no harm. */
static void the_first_unknown_members_get_a_suggestion(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 4 * 1024 * 1024);
    for (int i = 0; i < FORM_CUSTOM_MAX; i++)
        buf_printf(&buf, "%s{\"name\":\"abcdefghijklmnopqrst_%03d\",\"type\":\"text\"}",
                   i == 0 ? "" : ",", i);
    buf_char(&buf, '\0');
    use_fields(buf.p);
    buf_clear(&buf);
    for (int i = 0; i < 30000; i++)
        buf_printf(&buf, "%s\"%05dfghijklmnopqrst_%03d\":1", i == 0 ? "" : ",", i, i % 100);
    buf_printf(&buf, ",\"titel\":1");
    buf_char(&buf, '\0');
    assert_int_equal(buf_err(&buf), ERR_OK);
    assert_string_equal(faults_of(buf.p), "");
    assert_int_equal(r.warnings.n, 0); /* the first hundred resemble none that we know */

    buf_clear(&buf);
    for (int i = 0; i < 30000; i++)
        buf_printf(&buf, "%s\"abcdefghijklmnopqr%05d\":1", i == 0 ? "" : ",", i);
    buf_char(&buf, '\0');
    double least = 1e9;
    for (int i = 0; i < 3; i++) {
        struct timespec began, ended;
        report_write(&r, buf.p);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &began);
        assert_int_equal(report_judge_as(&r, ID_EXAMPLE), ERR_OK);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ended);
        double took = (double)(ended.tv_sec - began.tv_sec) * 1e3 +
                      (double)(ended.tv_nsec - began.tv_nsec) / 1e6;
        least = took < least ? took : least;
    }
    assert_true(r.warnings.n <= SUGGESTED_MAX);
    if (least > 1000)
        fail_msg("it takes %.1f ms", least);
    buf_finish(&buf);
}

static void a_form_may_fix_the_type(void **state)
{
    (void)state;
    assert_int_equal(read_document("{\"todoType\":\"TASK\"}"), ERR_OK);
    r.form = &form;
    assert_non_null(strstr(report_record(&r, "\"todoType\":null"), "\"todoType\":\"TASK\""));
    assert_non_null(strstr(report_record(&r, "\"todoType\":\"task\""), "\"todoType\":\"TASK\""));
    assert_string_equal(faults_of("\"todoType\":\"INCIDENT\""), "/todoType not_an_option");
    assert_int_equal(r.faults.items[0].allowed.n, 1);
    assert_str(r.faults.items[0].allowed.items[0], "TASK");
}

static void a_reference_may_only_be_warned_of(void **state)
{
    (void)state;
    use_fields("{\"name\":\"MRN\",\"type\":\"mrn\",\"check\":\"warn\"}");
    assert_string_equal(faults_of("\"MRN\":\"24NL000396A1B2C3D2\""), "");
    assert_int_equal(r.warnings.n, 1);
    assert_str(r.warnings.items[0].pointer, "/MRN");
    assert_int_equal(r.warnings.items[0].code, FAULT_NOT_A_REFERENCE);
    assert_string_equal(faults_of("\"MRN\":\"24NL000396A1B2C3D4\""), "");
    assert_int_equal(r.warnings.n, 0);
}

static void a_form_serves_whom_it_names(void **state)
{
    (void)state;
    assert_int_equal(read_document("{\"accounts\":[\"Ann@example.com\",\"machine\"]}"), ERR_OK);
    assert_true(form_serves(&form, STR("ann@example.com")));
    assert_true(form_serves(&form, STR("machine")));
    assert_false(form_serves(&form, STR("example@example.com")));
    assert_true(form_serves(&form_default, STR("example@example.com")));
}

static void names_of_forms(void **state)
{
    (void)state;
    assert_true(form_name_valid(STR("customs-claim")));
    assert_true(form_name_valid(STR("2nd")));
    static const char *const wrong[] = {"", "-a", "A", "a_b", "a b", "\xc3\xa9", "a/b"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(form_name_valid(str_of(wrong[i])));
    assert_true(
        form_name_valid(STR("a12345678901234567890123456789012345678901234567890123456789012")));
    assert_false(
        form_name_valid(STR("a123456789012345678901234567890123456789012345678901234567890123")));
}

/* ---- what texts are compared with ---- */

static void patterns_are_those_of_json_schema(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        enum pattern_verdict verdict;
    } cases[] = {
        {"b", "abc", PATTERN_YES},
        {"^b", "abc", PATTERN_NO},
        {"^.$", "\xc3\xa9", PATTERN_YES},
        {"^a$", "a\n", PATTERN_NO},
        {"^\\d+$", "12", PATTERN_YES},
        {"^\\d$", "\xd9\xa1", PATTERN_NO}, /* an Arabic digit */
        {"^\\u00e9$", "\xc3\xa9", PATTERN_YES},
        {"^\\u{1F600}$", "\xf0\x9f\x98\x80", PATTERN_YES},
        {"^(?=.*a)b", "ba", PATTERN_YES},
        {"^.$", "\r", PATTERN_NO},           /* ends a line */
        {"^.$", "\xe2\x80\xa8", PATTERN_NO}, /* so does U+2028 */
        {"^\\s$", "\xc2\xa0", PATTERN_YES},  /* a blank that does not break */
        {"^[\\s]$", "\xef\xbb\xbf", PATTERN_YES},
        {"^\\S$", "\xe3\x80\x80", PATTERN_NO},
        {"^[\\s\\S]$", "\xc2\xa0", PATTERN_YES},
        {"^[^\\S]$", "\xe1\x9a\x80", PATTERN_YES},
        {"^[\\S]+$", "a\xf0\x9f\x98\x80!", PATTERN_YES},
        {"^\\v$", "\v", PATTERN_YES},
        {"^\\v$", "\n", PATTERN_NO},
        {"^\\p{Lu}\\P{L}$", "\xc3\x89\x31", PATTERN_YES},
        {"^[[:alpha:\\]]$", "[", PATTERN_YES},
        {"^[[:alpha:\\]]$", "b", PATTERN_NO},
        {"^[a-]$", "-", PATTERN_YES},
        {"^[--/]$", ".", PATTERN_YES},
        {"[]", "a", PATTERN_NO},
        {"^[^]$", "\n", PATTERN_YES},
        {"^a{2,}?$", "aaa", PATTERN_YES},
        {"^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", PATTERN_TOO_COSTLY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct pattern *pattern;
        assert_int_equal(pattern_compile(&r.op, &form_arena, str_of(cases[i].pattern), &pattern),
                         ERR_OK);
        assert_str(pattern_text(pattern), cases[i].pattern);
        r.op.work = 0;
        if (pattern_match(&r.op, pattern, str_of(cases[i].text)) != cases[i].verdict)
            fail_msg("%s against %s", cases[i].text, cases[i].pattern);
    }
}

/* So that nobody who checks by the schema comes to another verdict. */
static void patterns_that_engines_disagree_on_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *why;
    } cases[] = {
        {"ab(c", "a ( is not closed, at character 5"},
        {"\xc3\xa9)", "closes nothing, at character 2"},
        {"[a", "this [ is not closed, at character 1"},
        {"a\\", "escapes nothing, at character 2"},
        {"*a", "nothing to repeat, at character 1"},
        {"a++", "nothing to repeat, at character 3"},
        {"(?=a)*", "nothing to repeat"},
        {"\\b+", "nothing to repeat"},
        {"(*UTF)a", "nothing to repeat"},
        {"a{,2}", "must be written \\{"},
        {"a{2", "must be written \\{"},
        {"a}", "a ] or } that closes nothing"},
        {"a]", "a ] or } that closes nothing"},
        {"(a)\\1", "references to a group"},
        {"(?<n>a)", "no such group"},
        {"(?i)a", "no such group"},
        {"(?>a)", "no such group"},
        {"\\-", "no such escape"},
        {"\\A", "no such escape"},
        {"\\Qa\\E", "no such escape"},
        {"\\h", "no such escape"},
        {"\\u12", "no such escape"},
        {"\\p{Greek}", "general categories"},
        {"[a-\\d]", "a character at each end"},
        {"[z-a]", "out of order"},
        {"(?<=a+)b", "lookbehind"},
    };
    const struct pattern *pattern;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r.op.detail[0] = '\0';
        if (pattern_compile(&r.op, &form_arena, str_of(cases[i].pattern), &pattern) != ERR_INVALID)
            fail_msg("%s is accepted", cases[i].pattern);
        if (strstr(r.op.detail, cases[i].why) == NULL)
            fail_msg("%s: %s", cases[i].pattern, r.op.detail);
    }
}

/* Nobody can hold up the server with a form and a report that are made for it. */
static void one_pattern_that_takes_too_long_is_enough(void **state)
{
    (void)state;
    use_fields("{\"name\":\"category\",\"pattern\":\"^(a+)+$\"},"
               "{\"name\":\"subCategory\",\"pattern\":\"^b$\"}");
    assert_string_equal(faults_of("\"category\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\",\"a\"],"
                                  "\"subCategory\":\"b\""),
                        "/category/0 too_costly; /category/1 too_costly; /subCategory too_costly");
    assert_non_null(strstr(r.faults.items[2].detail.p, "takes too long"));
    assert_string_equal(faults_of("\"category\":\"a\",\"subCategory\":\"b\""), "");
}

static void references_of_customs(void **state)
{
    (void)state;
    assert_true(lrn_well_formed(STR("1234567890123456789012")));
    assert_false(lrn_well_formed(STR("12345678901234567890123")));
    assert_false(lrn_well_formed(STR("")));
    assert_false(lrn_well_formed(STR("a b")));
    assert_false(lrn_well_formed(STR("\xc3\xa9")));
    assert_true(mrn_well_formed(STR("24NL000396A1B2C3D4")));
    static const char *const wrong[] = {
        "24NL000396A1B2C3D",  "24NL000396A1B2C3D42", "2XNL000396A1B2C3D4", "24nl000396A1B2C3D4",
        "24NL000396A1B2C3-1", "24NL000396A1B2C3DA",  "24NL000369A1B2C3D4"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(mrn_well_formed(str_of(wrong[i])));
    assert_true(office_well_formed(STR("DE004851")));
    assert_false(office_well_formed(STR("DE00485")));
    assert_false(office_well_formed(STR("D4004851")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_form_says_nothing_and_is_the_built_in_one),
        TEST(a_value_that_is_not_an_object_is_reported_with_its_place),
        TEST(each_slip_in_a_form_is_reported_with_its_pointer),
        TEST(labels_are_picked_by_language),
        TEST(language_tags_are_those_of_rfc_5646),
        TEST(a_form_that_contradicts_itself_is_refused),
        TEST(a_form_has_bounds),
        TEST(reading_a_form_without_memory_says_so),
        TEST(each_rule_is_judged),
        TEST(its_own_fields_come_first_and_unknown_ones_after_them),
        TEST(a_form_may_refuse_what_it_does_not_know),
        TEST(blanks_around_an_option_are_not_part_of_it),
        TEST(a_long_name_is_not_a_slip_of_another),
        TEST(the_first_unknown_members_get_a_suggestion),
        TEST(a_form_may_fix_the_type),
        TEST(a_reference_may_only_be_warned_of),
        TEST(a_form_serves_whom_it_names),
        TEST(names_of_forms),
        TEST(patterns_are_those_of_json_schema),
        TEST(patterns_that_engines_disagree_on_are_refused),
        TEST(one_pattern_that_takes_too_long_is_enough),
        TEST(references_of_customs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
