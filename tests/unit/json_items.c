/* json/items finds the items of a list and of lines, wherever the text is cut. */
#include "tests.h"

#include "json/items.h"

static struct arena arena;
static struct op op;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1024 * 1024);
    op = (struct op){.arena = &arena};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_finish(&arena);
    return 0;
}

static void add(struct buf *found, const struct json_item *item)
{
    if (item->text.p == NULL)
        return;
    buf_printf(found, "%zu:%zu%s ", item->place.lines + 1, item->place.columns + 1,
               item->too_long ? " too long" : "");
    buf_add(found, item->text);
    buf_char(found, '|');
}

/* The items as "line:column text|…", and the sentence of a refusal. */
static struct str split(enum json_items_form form, struct str text, size_t step)
{
    struct json_items items;
    struct json_item item;
    struct buf found;
    enum err err = ERR_OK;
    op.detail[0] = '\0';
    buf_init(&found, 4096);
    json_items_init(&items, form, 20);
    while (text.n > 0 && err == ERR_OK) {
        struct str piece = str_sub(text, 0, step);
        text = str_from(text, piece.n);
        do {
            err = json_items_next(&items, &op, &piece, &item);
            if (err == ERR_OK)
                add(&found, &item);
        } while (err == ERR_OK && item.text.p != NULL);
    }
    if (err == ERR_OK) {
        err = json_items_end(&items, &op, &item);
        if (err == ERR_OK)
            add(&found, &item);
    }
    if (err != ERR_OK)
        buf_add(&found, str_of(op.detail));
    struct str text_found = arena_str(&arena, buf_str(&found));
    buf_finish(&found);
    json_items_finish(&items);
    return text_found;
}

static void expect(enum json_items_form form, const char *text, const char *expected)
{
    for (size_t step = 1; step < 30; step++)
        assert_string_equal(split(form, str_of(text), step).p, expected);
    assert_string_equal(split(form, str_of(text), SIZE_MAX).p, expected);
}

static void items_of_a_list(void **state)
{
    (void)state;
    expect(JSON_ITEMS_LIST, "[]", "");
    expect(JSON_ITEMS_LIST, " [\n] ", "");
    expect(JSON_ITEMS_LIST, "[{\"a\":[1,2]},\n {}]", "1:2 {\"a\":[1,2]}|2:2 {}|");
    expect(JSON_ITEMS_LIST, "[1,\"a,]\" , null,-1.5e3]",
           "1:2 1|1:4 \"a,]\"|1:12 null|1:17 -1.5e3|");
    expect(JSON_ITEMS_LIST, "[\"\\\"]\",[[]],{\"}\":\"\\\\\"}]",
           "1:2 \"\\\"]\"|1:8 [[]]|1:13 {\"}\":\"\\\\\"}|");
    expect(JSON_ITEMS_LIST, "[\"é\",1]", "1:2 \"é\"|1:6 1|");
}

static void a_text_that_is_not_a_list(void **state)
{
    (void)state;
    expect(JSON_ITEMS_LIST, "",
           "line 1, column 1: expected '[', since the body is a list, found the end");
    expect(JSON_ITEMS_LIST, "{}",
           "line 1, column 1: expected '[', since the body is a list, found '{'");
    expect(JSON_ITEMS_LIST, "[", "line 1, column 2: expected an item, or ']', found the end");
    expect(JSON_ITEMS_LIST, "[,", "line 1, column 2: expected an item, or ']', found ','");
    expect(JSON_ITEMS_LIST, "[1,]", "1:2 1|line 1, column 4: expected an item, found ']'");
    expect(JSON_ITEMS_LIST, "[1\n2]",
           "1:2 1|line 2, column 1: expected a comma or ']' after the item, found '2'");
    expect(JSON_ITEMS_LIST, "[1",
           "line 1, column 3: expected a comma or ']' after the item, found the end");
    expect(JSON_ITEMS_LIST, "[{}",
           "1:2 {}|line 1, column 4: expected a comma or ']' after the item, found the end");
    expect(JSON_ITEMS_LIST, "[] x",
           "line 1, column 4: expected nothing more after the list, found 'x'");
}

/* Where an item is cut off, the reader of items knows best what is missing. */
static void an_item_that_is_cut(void **state)
{
    (void)state;
    expect(JSON_ITEMS_LIST, "[\n {\"a\":", "line 2, column 7: expected a value, found the end");
}

static void lines(void **state)
{
    (void)state;
    expect(JSON_ITEMS_LINES, "", "");
    expect(JSON_ITEMS_LINES, "\n \r\n\t\n", "");
    expect(JSON_ITEMS_LINES, "{}\r\n\n  [1] \nx", "1:1 {}|3:3 [1]|4:1 x|");
    expect(JSON_ITEMS_LINES, "{}\n", "1:1 {}|");
    expect(JSON_ITEMS_LINES, "é\n\n é", "1:1 é|3:2 é|");
}

static void items_that_are_too_long(void **state)
{
    (void)state;
    expect(JSON_ITEMS_LIST, "[\"aaaaaaaaaaaaaaaaaa\",\"aaaaaaaaaaaaaaaaaaa\",2]",
           "1:2 \"aaaaaaaaaaaaaaaaaa\"|1:23 too long |1:45 2|");
    expect(JSON_ITEMS_LINES, "aaaaaaaaaaaaaaaaaaaa\naaaaaaaaaaaaaaaaaaaaa\nb",
           "1:1 aaaaaaaaaaaaaaaaaaaa|2:1 too long |3:1 b|");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_of_a_list),         cmocka_unit_test(a_text_that_is_not_a_list),
        cmocka_unit_test(an_item_that_is_cut),     cmocka_unit_test(lines),
        cmocka_unit_test(items_that_are_too_long),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
