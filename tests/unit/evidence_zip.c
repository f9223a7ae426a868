/* evidence/zip and evidence/zip_read: each byte of a file has one possible value, also beyond 4 GiB. */
#include "tests.h"

#include "evidence/zip_read.h"

static void zip_make(struct buf *file)
{
    struct buf directory;
    struct zip_place place = {0};
    buf_init(file, 4096);
    buf_init(&directory, 4096);
    zip_member_add(file, &directory, &place, STR("README.txt"), STR("Hello\n"));
    zip_member_add(file, &directory, &place, STR("empty"), STR(""));
    zip_member_add(file, &directory, &place,
                   STR("a/gr\xC3\xB6\xC3\x9F"
                       "e"),
                   STR("123456789"));
    buf_add(file, buf_str(&directory));
    zip_end(file, &place);
    assert_int_equal(buf_err(file), ERR_OK);
    assert_int_equal(buf_err(&directory), ERR_OK);
    buf_finish(&directory);
}

/* Reads all of it; the bytes of its members come one after the other. */
static enum err zip_read_all(const char *bytes, size_t n, struct buf *members, size_t *ret_count)
{
    struct arena arena;
    struct zip_reader reader;
    bool more = true;
    enum err err = ERR_OK;
    arena_init(&arena, 4096);
    struct op op = {.arena = &arena};
    FILE *file = fmemopen((void *)(uintptr_t)bytes, n, "r");
    assert_non_null(file);
    zip_reader_init(&reader, file, &op);
    *ret_count = 0;
    while (err == ERR_OK && more) {
        err = zip_next(&reader, &more);
        for (size_t got = 1; err == ERR_OK && more && got > 0;) {
            char piece[4];
            err = zip_bytes(&reader, piece, sizeof piece, &got);
            buf_bytes(members, piece, got);
        }
        *ret_count += err == ERR_OK && more;
    }
    if (err != ERR_OK)
        assert_true(op.detail[0] != '\0');
    zip_reader_finish(&reader);
    fclose(file);
    arena_finish(&arena);
    return err;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct buf file, members;
    size_t count;
    zip_make(&file);
    buf_init(&members, 4096);
    assert_int_equal(zip_read_all(file.p, file.n, &members, &count), ERR_OK);
    assert_int_equal(count, 3);
    assert_str(buf_str(&members), "Hello\n123456789");
    assert_int_equal(zip_crc(0, STR("123456789")), 0xCBF43926); /* the check value of CRC-32 */
    buf_finish(&file);
    buf_finish(&members);
}

static void any_other_byte_and_any_other_length_is_refused(void **state)
{
    (void)state;
    struct buf file, members;
    size_t count;
    zip_make(&file);
    buf_init(&members, 4096);
    for (size_t i = 0; i < file.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            file.p[i] = (char)(file.p[i] ^ 1 << bit);
            assert_int_equal(zip_read_all(file.p, file.n, &members, &count), ERR_CORRUPT);
            file.p[i] = (char)(file.p[i] ^ 1 << bit);
            buf_clear(&members);
        }
    for (size_t n = 1; n < file.n; n++) {
        assert_int_equal(zip_read_all(file.p, n, &members, &count), ERR_CORRUPT);
        buf_clear(&members);
    }
    buf_char(&file, '\0');
    assert_int_equal(zip_read_all(file.p, file.n, &members, &count), ERR_CORRUPT);
    buf_finish(&file);
    buf_finish(&members);
}

static void what_begins_beyond_4_gib_has_its_place_in_64_bits(void **state)
{
    (void)state;
    static const unsigned char extra[] = {1, 0, 8, 0, 0, 0, 0, 0, 2, 0, 0, 0};
    struct buf file, directory;
    struct zip_place place = {.offset = UINT64_C(2) << 32, .members = 7};
    buf_init(&file, 4096);
    buf_init(&directory, 4096);
    zip_member_add(&file, &directory, &place, STR("x"), STR("y"));
    assert_int_equal(directory.n, 46 + 1 + sizeof extra);
    assert_memory_equal(directory.p + 42, "\xFF\xFF\xFF\xFFx", 5);
    assert_memory_equal(directory.p + 47, extra, sizeof extra);
    buf_clear(&file);
    zip_end(&file, &place);
    assert_int_equal(file.n, 56 + 20 + 22); /* zip64's end, where it is, and the end */
    assert_memory_equal(file.p, "PK\6\6\x2C", 5);
    assert_memory_equal(file.p + 56, "PK\6\7", 4);
    assert_memory_equal(file.p + 76, "PK\5\6", 4);
    buf_finish(&file);
    buf_finish(&directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(any_other_byte_and_any_other_length_is_refused),
        cmocka_unit_test(what_begins_beyond_4_gib_has_its_place_in_64_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
