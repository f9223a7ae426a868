/*
 * api/form_body against any bytes. Oracle: what was accepted is encoded again in the one canonical
 * way, must be accepted again, and mean the same; and each promise of the header holds.
 */
#include "api/form_body.h"
#include "base/buf.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void encode(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        buf_printf(buf, "%%%02x", (unsigned char)text.p[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct form_body form, again;
    struct buf buf;
    arena_init(&arena, 4 * 1024 * 1024);
    buf_init(&buf, 4 * 1024 * 1024);
    struct op op = {.arena = &arena};
    enum err err = form_body_read(&op, (struct str){(const char *)data, size}, &form);
    must(err == ERR_OK || (err == ERR_SYNTAX && op.detail[0] != '\0') || err == ERR_MEMORY);
    if (err == ERR_OK) {
        must(form.n <= FORM_FIELDS_MAX);
        for (size_t i = 0; i < form.n; i++) {
            const struct body_field *field = &form.fields[i];
            must(field->name.n > 0 && field->name.n <= FORM_NAME_MAX);
            must(field->value.n <= FORM_VALUE_MAX);
            must(utf8_valid(field->name) && utf8_valid(field->value));
            must(str_find(field->name, '\0') == field->name.n);
            must(str_find(field->value, '\0') == field->value.n);
            must(str_eq(form_body_get(&form, field->name.p),
                        field->value.n > 0 ? field->value : STR_NONE));
            encode(&buf, field->name);
            buf_char(&buf, '=');
            encode(&buf, field->value);
            buf_char(&buf, '&');
        }
        must(buf_err(&buf) == ERR_OK);
        must(form_body_read(&op, buf_str(&buf), &again) == ERR_OK);
        must(again.n == form.n);
        for (size_t i = 0; i < form.n; i++)
            must(str_eq(again.fields[i].name, form.fields[i].name) &&
                 str_eq(again.fields[i].value, form.fields[i].value));
    }
    buf_finish(&buf);
    arena_finish(&arena);
    return 0;
}
