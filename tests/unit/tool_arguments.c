/* tool/arguments and admin/config: command lines are read as the help says, and refused with a
 * sentence that helps. */
#include "tests.h"

#include "admin/config.h"
#include "daemon/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena arena;
static struct op op;

static enum err read_words(const char *const *words, struct arguments *arguments)
{
    struct str list[16];
    size_t n = 0;
    for (; words[n] != NULL; n++)
        list[n] = str_of(words[n]);
    op = (struct op){.arena = &arena};
    return arguments_read(&op, &bzctrld_program, list, n, arguments);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void flags_may_come_anywhere(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(read_words(WORDS("user", "add", "--domain", "EXA", "a@example.com",
                                      "--role=member", "--data", "/tmp/x"),
                                &a),
                     ERR_OK);
    assert_string_equal(a.command->name, "user add");
    assert_str(a.operands[0], "a@example.com");
    assert_str(arguments_flag(&a, "domain"), "EXA");
    assert_str(arguments_flag(&a, "role"), "member");
    assert_str(arguments_flag(&a, "data"), "/tmp/x");
    assert_null(arguments_flag(&a, "name").p);

    assert_int_equal(read_words(WORDS("user", "add", "a@example.com", "--admin"), &a), ERR_OK);
    assert_str(arguments_flag(&a, "admin"), "");
    assert_int_equal(read_words(WORDS("--data=/tmp/x", "--environment", "staging", "user", "add",
                                      "a@example.com", "--name", "A"),
                                &a),
                     ERR_OK);
    assert_string_equal(a.command->name, "user add");
    assert_str(arguments_flag(&a, "environment"), "staging");
    assert_str(arguments_flag(&a, "name"), "A");
    assert_int_equal(read_words(WORDS("user", "add", "--", "--odd@example.com"), &a), ERR_OK);
    assert_str(a.operands[0], "--odd@example.com");
    assert_int_equal(read_words(WORDS("serve", "--help"), &a), ERR_OK);
    assert_true(a.help);
}

/* The name of a file has whatever bytes its file system allows. */
static void file_names_are_bytes(void **state)
{
    (void)state;
    struct arguments a;
    assert_int_equal(read_words(WORDS("backup", "/tmp/\xe9t\xe9", "--data", "\xff"), &a), ERR_OK);
    assert_str(a.operands[0], "/tmp/\xe9t\xe9");
    assert_int_equal(read_words(WORDS("user", "add", "a", "--password-file", "\xff"), &a), ERR_OK);
}

static void mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *words[8];
        const char *says;
    } mistakes[] = {
        {{"sevre"}, "sevre"},
        {{"user", "remove"}, "user"},
        {{"serve", "--lisen", "x"}, "--lisen"},
        {{"serve", "--listen"}, "--listen ADDR"},
        {{"serve", "extra"}, "extra"},
        {{"user", "add"}, "user add EMAIL"},
        {{"user", "add", "a", "b"}, "\"b\""},
        {{"user", "add", "a", "--admin=yes"}, "takes no value"},
        {{"serve", "--data", "a", "--data", "b"}, "twice"},
        {{"serve", "--domain", "EXA"}, "--domain"},
        {{"--domain", "EXA", "user", "add", "a"}, "own flags come after the command"},
        {{"--data", "x", "sevre"}, "unknown command \"sevre\""},
        {{"user", "add", "a\xff"}, "an argument is not UTF-8: byte 2 is 0xFF"},
        {{"user", "set", "a", "--name", "\xe9t\xe9"}, "--name is not UTF-8: byte 1 is 0xE9"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct arguments a;
        assert_int_equal(read_words(mistakes[i].words, &a), ERR_SYNTAX);
        if (strstr(op.detail, mistakes[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", op.detail, mistakes[i].says);
    }
}

static struct config config_of(const char *const *words)
{
    struct arguments a;
    struct config config;
    assert_int_equal(read_words(words, &a), ERR_OK);
    assert_int_equal(config_read(&op, &a, &config), ERR_OK);
    return config;
}

static void a_flag_beats_the_environment_and_that_beats_the_file(void **state)
{
    (void)state;
    char name[] = "/tmp/bzctrl-ini-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    fputs("[server]\nlisten = 127.0.0.1:1\ndata = /from-file\npublic-url = https://a.example/\n",
          file);
    fclose(file);
    setenv("BZCTRL_CONFIG", name, 1);
    setenv("BZCTRL_DATA", "/from-environment", 1);

    struct config config = config_of(WORDS("serve", "--listen", "127.0.0.1:2"));
    assert_str(config.listen, "127.0.0.1:2");
    assert_str(config.data, "/from-environment");
    assert_str(config.public_url, "https://a.example");
    assert_str(config.environment, "prod");

    setenv("BZCTRL_ENVIRONMENT_FILE", name, 1);
    struct arguments a;
    assert_int_equal(read_words(WORDS("serve"), &a), ERR_OK);
    assert_int_equal(config_read(&op, &a, &config), ERR_SYNTAX);
    assert_non_null(strstr(op.detail, "environment"));
    unsetenv("BZCTRL_ENVIRONMENT_FILE");
    unsetenv("BZCTRL_DATA");
    unsetenv("BZCTRL_CONFIG");
    unlink(name);
}

static void bad_settings_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *words[8];
        const char *says;
    } mistakes[] = {
        {{"serve", "--config", "/nowhere.ini"}, "/nowhere.ini"},
        {{"serve", "--environment", "test"}, "test"},
        {{"serve", "--public-url", "ftp://x"}, "ftp://x"},
        {{"serve", "--database", "mysql://x"}, "--database"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct arguments a;
        struct config config;
        assert_int_equal(read_words(mistakes[i].words, &a), ERR_OK);
        assert_int_equal(config_read(&op, &a, &config), ERR_SYNTAX);
        if (strstr(op.detail, mistakes[i].says) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", op.detail, mistakes[i].says);
    }
}

static void a_password_in_a_url_is_not_printed(void **state)
{
    (void)state;
    struct config config = {.database = STR("postgresql://bz:s3cret@db.example/bz"),
                            .public_url = STR("https://a.example:8443")};
    struct buf out;
    buf_init(&out, 10000);
    config_print(&config, &out);
    buf_char(&out, '\0');
    assert_null(strstr(out.p, "s3cret"));
    assert_non_null(strstr(out.p, "postgresql://bz:***@db.example/bz"));
    assert_non_null(strstr(out.p, "https://a.example:8443"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_may_come_anywhere),
        cmocka_unit_test(file_names_are_bytes),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(a_flag_beats_the_environment_and_that_beats_the_file),
        cmocka_unit_test(bad_settings_are_named),
        cmocka_unit_test(a_password_in_a_url_is_not_printed),
    };
    arena_init(&arena, 10000000);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_finish(&arena);
    return failed;
}
