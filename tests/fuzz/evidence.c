/*
 * An evidence file against any bytes: first as they are; then as the members that a file begins with,
 * divided at each NUL and packed with the right check sums, so that what is inside is reached. Oracle:
 * no sentence is empty, and nothing else is returned than what check.h says.
 */
#include "evidence/check.h"
#include "evidence/zip.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX = 64 * 1024 * 1024 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check(const void *bytes, size_t size)
{
    struct arena arena;
    struct evidence_report report;
    arena_init(&arena, 64 * 1024 * 1024);
    struct op op = {.arena = &arena};
    FILE *file = fmemopen((void *)(uintptr_t)bytes, size, "r");
    must(file != NULL);
    enum err err = evidence_check(file, &op, NULL, 0, &report);
    must(err == ERR_OK || err == ERR_CORRUPT || err == ERR_MEMORY);
    must(err != ERR_CORRUPT || op.detail[0] != '\0');
    fclose(file);
    arena_finish(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {
        EVIDENCE_HEAD,           EVIDENCE_README,          EVIDENCE_RECORD,
        EVIDENCE_PAGE,           "comments/000001.ndjson", "attachments/1/x",
        "history/000001.ndjson",
    };
    struct str rest = {(const char *)data, size}, parts[7] = {0};
    struct buf file, directory, text;
    struct zip_place place = {0};
    struct arena arena;
    struct evidence_head head;
    if (size == 0)
        return 0;
    check(data, size);

    buf_init(&file, FILE_MAX);
    buf_init(&directory, FILE_MAX);
    buf_init(&text, FILE_MAX);
    arena_init(&arena, FILE_MAX);
    struct op op = {.arena = &arena};
    for (size_t i = 0; i < 7; i++)
        parts[i] = str_cut(&rest, '\0');
    for (size_t i = 0; i < 7; i++) {
        /* What says nothing of its own is made as it must be. */
        buf_cut(&text, 0);
        if (i == 1 && evidence_head_read(&op, parts[0], &head) == ERR_OK)
            buf_evidence_readme(&text, &head);
        else if (i != 3 || buf_evidence_page(&text, &op, parts[2]) != ERR_OK)
            buf_add(&text, parts[i]);
        zip_member_add(&file, &directory, &place, str_of(names[i]), buf_str(&text));
    }
    buf_add(&file, buf_str(&directory));
    zip_end(&file, &place);
    if (buf_err(&file) == ERR_OK && buf_err(&directory) == ERR_OK)
        check(file.p, file.n);
    buf_finish(&file);
    buf_finish(&directory);
    buf_finish(&text);
    arena_finish(&arena);
    return 0;
}
