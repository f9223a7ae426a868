/*
 * Reports and what the judge says of them: what the tests of the judge and of single values share.
 * Include it in one file of a program.
 */
#ifndef BZCTRL_TESTS_JUDGED_H
#define BZCTRL_TESTS_JUDGED_H

#include "tests.h"

#include <stdio.h>

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

/* All faults as "pointer code" with "; " between, zero-terminated. */
static const char *faults_listed(void)
{
    buf_clear(&r.text);
    for (size_t i = 0; i < r.faults.n; i++)
        buf_printf(&r.text, "%s%.*s %.*s", i == 0 ? "" : "; ", STR_ARG(r.faults.items[i].pointer),
                   STR_ARG(fault_code_name(r.faults.items[i].code)));
    buf_char(&r.text, '\0');
    assert_int_equal(buf_err(&r.text), ERR_OK);
    return r.text.p;
}

/* The same for a report; "" if it is accepted. */
static const char *faults_of(const char *members)
{
    report_write(&r, members);
    enum err err = report_judge_as(&r, ID_EXAMPLE);
    assert_int_equal(err, r.faults.n == 0 ? ERR_OK : ERR_INVALID);
    return faults_listed();
}

/* What is sent instead of, or beside, the least report; and what the record then holds. */
struct taken {
    const char *sent, *record;
};

#define TAKEN(cases) all_taken((cases), sizeof(cases) / sizeof(cases)[0])

static void all_taken(const struct taken *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *record = report_record(&r, cases[i].sent);
        if (strstr(record, cases[i].record) == NULL)
            fail_msg("%s: %s is not in %s", cases[i].sent, cases[i].record, record);
    }
}

/* … and all the faults that it has: "pointer code; pointer code". */
struct refused {
    const char *sent, *faults;
};

#define REFUSED(cases) all_refused((cases), sizeof(cases) / sizeof(cases)[0])

static void all_refused(const struct refused *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *faults = faults_of(cases[i].sent);
        if (strcmp(faults, cases[i].faults) != 0)
            fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].sent, faults, cases[i].faults);
    }
}

#endif
