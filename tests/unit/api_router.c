/* api/router: paths find their route, and only theirs. */
#include "tests.h"

#include "api/router.h"

static const struct route table[] = {
    {.method = STR_INIT("GET"), .path = STR_INIT("/tasks")},
    {.method = STR_INIT("POST"), .path = STR_INIT("/tasks")},
    {.method = STR_INIT("GET"), .path = STR_INIT("/tasks/{key}")},
    {.method = STR_INIT("GET"), .path = STR_INIT("/tasks/{key}/events/{seq}")},
    {.method = STR_INIT("GET"), .path = STR_INIT("/app/*")},
    {.method = STR_INIT("GET"), .path = STR_INIT("/")},
};

static struct route_match find(const char *method, const char *path)
{
    return router_find(table, sizeof table / sizeof table[0], str_of(method), str_of(path));
}

static void a_path_finds_its_route(void **state)
{
    (void)state;
    assert_ptr_equal(find("GET", "/tasks").route, &table[0]);
    assert_ptr_equal(find("HEAD", "/tasks").route, &table[0]);
    assert_ptr_equal(find("POST", "/tasks").route, &table[1]);
    assert_ptr_equal(find("GET", "/").route, &table[5]);

    struct route_match match = find("GET", "/tasks/EXA-03/events/7");
    assert_ptr_equal(match.route, &table[3]);
    assert_str(match.parameters[0], "EXA-03");
    assert_str(match.parameters[1], "7");

    match = find("GET", "/app/deep/file.js");
    assert_ptr_equal(match.route, &table[4]);
    assert_str(match.parameters[0], "deep/file.js");
    assert_str(find("GET", "/app/").parameters[0], "");
}

static void other_paths_find_none(void **state)
{
    (void)state;
    static const char *const strangers[] = {
        "/task", "/tasks/", "/tasks//events/7", "/tasks/x/y", "/Tasks", "//tasks", "/app",
        "",      "tasks",   "/tasks/x/events"};
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        assert_null(find("GET", strangers[i]).route);
        assert_false(find("GET", strangers[i]).path_exists);
    }
    assert_null(find("DELETE", "/tasks").route);
    assert_true(find("DELETE", "/tasks").path_exists);
    assert_null(find("get", "/tasks").route);
}

static void allow_lists_the_methods(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    router_allow(table, sizeof table / sizeof table[0], STR("/tasks"), &buf);
    assert_str(buf_str(&buf), "GET, HEAD, POST");
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_finds_its_route),
        cmocka_unit_test(other_paths_find_none),
        cmocka_unit_test(allow_lists_the_methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
