#include "api/form_body.h"

#include "base/percent.h"

/* Decodes a name or a value of at most `max` bytes; `place` says where it stands, for the
 * detail. */
static enum err piece_decode(struct op *op, struct str raw, size_t max, const char *place,
                             size_t number, struct str *ret_text)
{
    /* Encoded it is at most three times as long: anything beyond need not be looked at. */
    if (raw.n > 3 * max)
        return op_fail(op, ERR_SYNTAX, "The %s of parameter %zu is too long.", place, number);
    char *to = arena_alloc(op->arena, raw.n + 1);
    size_t n = 0;
    if (to == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < raw.n; i++) {
        unsigned char c = (unsigned char)raw.p[i];
        if (c <= ' ' || c == 0x7f)
            return op_fail(op, ERR_SYNTAX,
                           "The %s of parameter %zu contains a space, line break or control "
                           "character; percent-encode parameters and join them with &.",
                           place, number);
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            int byte = percent_byte(str_from(raw, i));
            if (byte < 0)
                return op_fail(op, ERR_SYNTAX,
                               "The %s of parameter %zu has a %% without two hexadecimal digits; "
                               "send %% itself as %%25.",
                               place, number);
            c = (unsigned char)byte;
            i += 2;
        }
        if (c == '\0')
            return op_fail(op, ERR_SYNTAX, "The %s of parameter %zu contains a NUL.", place,
                           number);
        to[n++] = (char)c;
    }
    to[n] = '\0';
    struct str text = {to, n};
    if (n > max)
        return op_fail(op, ERR_SYNTAX, "The %s of parameter %zu is longer than %zu bytes.", place,
                       number, max);
    if (!utf8_valid(text))
        return op_fail(op, ERR_SYNTAX, "The %s of parameter %zu is not UTF-8.", place, number);
    *ret_text = text;
    return ERR_OK;
}

enum err form_body_read(struct op *op, struct str text, struct form_body *ret_form)
{
    struct form_body form = {.n = 0};
    for (struct str rest = text; rest.p != NULL;) {
        struct str value = str_cut(&rest, '&');
        if (value.n == 0)
            continue;
        if (form.n == FORM_FIELDS_MAX)
            return op_fail(op, ERR_SYNTAX, "More than %d parameters.", FORM_FIELDS_MAX);
        struct str name = str_cut(&value, '=');
        struct body_field *field = &form.fields[form.n];
        enum err err = piece_decode(op, name, FORM_NAME_MAX, "name", form.n + 1, &field->name);
        if (err == ERR_OK)
            err = piece_decode(op, value, FORM_VALUE_MAX, "value", form.n + 1, &field->value);
        if (err != ERR_OK)
            return err;
        if (field->name.n == 0)
            return op_fail(op, ERR_SYNTAX, "Parameter %zu has no name.", form.n + 1);
        for (size_t i = 0; i < form.n; i++)
            if (str_eq(form.fields[i].name, field->name))
                return op_fail(op, ERR_SYNTAX, "Parameter %zu repeats parameter %zu.", form.n + 1,
                               i + 1);
        form.n++;
    }
    *ret_form = form;
    return ERR_OK;
}

struct str form_body_get(const struct form_body *form, const char *name)
{
    for (size_t i = 0; i < form->n; i++)
        if (str_eq(form->fields[i].name, str_of(name)))
            return form->fields[i].value.n > 0 ? form->fields[i].value : STR_NONE;
    return STR_NONE;
}
