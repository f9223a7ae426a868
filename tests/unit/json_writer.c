/* json/writer: commas, names and brackets match whatever is written, and the result reads back. */
#include "tests.h"

#include "json/read.h"
#include "json/writer.h"

static void members_and_elements_are_separated(void **state)
{
    (void)state;
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, 1000);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_put_text(&json, "text", STR("a \"b\""));
    json_put_text(&json, "absent", STR_NONE);
    json_put_i64(&json, "number", -7);
    json_put_id(&json, "id", INT64_MAX);
    json_put_flag(&json, "flag", true);
    json_put_raw(&json, "raw", STR("[1]"));
    json_put_raw(&json, "rawless", STR_NONE);
    json_begin_list(&json, "list");
    json_put_i64(&json, NULL, 1);
    json_begin_object(&json, NULL);
    json_put_name(&json, STR("na\"me"));
    json_put_null(&json, NULL);
    json_put_null(&json, "next");
    json_end(&json);
    json_begin_list(&json, NULL);
    json_end(&json);
    json_end(&json);
    json_begin_object(&json, "empty");
    json_end(&json);
    json_end(&json);
    assert_int_equal(buf_err(&buf), ERR_OK);
    assert_str(buf_str(&buf),
               "{\"text\":\"a \\\"b\\\"\",\"absent\":null,\"number\":-7,"
               "\"id\":\"9223372036854775807\",\"flag\":true,\"raw\":[1],\"rawless\":null,"
               "\"list\":[1,{\"na\\\"me\":null,\"next\":null},[]],\"empty\":{}}");
    buf_finish(&buf);
}

/* What was written before at a depth says nothing about what is written there next. */
static void siblings_begin_afresh(void **state)
{
    (void)state;
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, 1000);
    json_writer_init(&json, &buf);
    json_begin_list(&json, NULL);
    for (int i = 0; i < 3; i++) {
        json_begin_list(&json, NULL);
        json_put_i64(&json, NULL, i);
        json_end(&json);
    }
    json_end(&json);
    assert_str(buf_str(&buf), "[[0],[1],[2]]");
    buf_finish(&buf);
}

static void too_deep_is_an_error_and_no_overflow(void **state)
{
    (void)state;
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, 1000);
    json_writer_init(&json, &buf);
    for (int i = 0; i < 2 * JSON_WRITE_DEPTH_MAX; i++)
        json_begin_list(&json, NULL);
    for (int i = 0; i < 2 * JSON_WRITE_DEPTH_MAX; i++)
        json_end(&json);
    assert_int_equal(buf_err(&buf), ERR_TOO_LONG);
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_elements_are_separated),
        cmocka_unit_test(siblings_begin_afresh),
        cmocka_unit_test(too_deep_is_an_error_and_no_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
