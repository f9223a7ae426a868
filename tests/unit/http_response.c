/* The head of an answer. */
#include "tests.h"

#include "base/clock.h"
#include "http/response.h"

static struct buf head;
static struct http_date date;

static struct str head_of(const struct http_response *response, enum http_reuse reuse)
{
    buf_clear(&head);
    response_head(&head, &date, response, (int64_t)response->body.n, reuse);
    assert_int_equal(buf_err(&head), ERR_OK);
    return buf_str(&head);
}

static int start(void **state)
{
    (void)state;
    clock_set(784111777999); /* the moment that RFC 9110 uses */
    buf_init(&head, 1 << 16);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    clock_set(-1);
    buf_finish(&head);
    http_date_finish(&date);
    return 0;
}

static void the_server_adds_its_own_headers(void **state)
{
    (void)state;
    const struct http_header location = {STR("Location"), STR("/x")};
    struct http_response response = {201, &location, 1, STR("hello"), false};
    assert_str(head_of(&response, HTTP_REUSE_IMPLIED),
               "HTTP/1.1 201 Created\r\nLocation: /x\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
               "Content-Length: 5\r\n\r\n");
    response = (struct http_response){.status = 200, .body = STR("")};
    assert_str(head_of(&response, HTTP_REUSE_NEVER),
               "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n"
               "Connection: close\r\n\r\n");
    assert_str(head_of(&response, HTTP_REUSE_SAID),
               "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n"
               "Connection: keep-alive\r\n\r\n");
}

static void the_date_follows_the_clock(void **state)
{
    (void)state;
    const struct http_response response = {.status = 299};
    head_of(&response, HTTP_REUSE_IMPLIED);
    clock_set(784111778000);
    assert_str(head_of(&response, HTTP_REUSE_IMPLIED),
               "HTTP/1.1 299 \r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\nContent-Length: 0\r\n\r\n");
}

static void statuses_without_a_body_say_no_length(void **state)
{
    (void)state;
    struct http_response response = {.status = 304};
    assert_str(head_of(&response, HTTP_REUSE_IMPLIED),
               "HTTP/1.1 304 Not Modified\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
    assert_false(response_may_have_body(204));
    assert_true(response_may_have_body(404));
}

static void a_value_cannot_forge_a_header(void **state)
{
    (void)state;
    const struct http_header headers[] = {
        {STR("X"), STR("a\r\nSet-Cookie: b\0\x7F\tc")},
        {STR("Y\r\nZ"), STR("\n")},
    };
    struct http_response response = {.status = 204, .headers = headers, .header_count = 2};
    assert_str(head_of(&response, HTTP_REUSE_IMPLIED),
               "HTTP/1.1 204 No Content\r\nX: a  Set-Cookie: b  \tc\r\nY  Z:  \r\n"
               "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_server_adds_its_own_headers, start, stop),
        cmocka_unit_test_setup_teardown(the_date_follows_the_clock, start, stop),
        cmocka_unit_test_setup_teardown(statuses_without_a_body_say_no_length, start, stop),
        cmocka_unit_test_setup_teardown(a_value_cannot_forge_a_header, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
