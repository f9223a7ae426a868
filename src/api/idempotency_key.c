#include "api/idempotency_key.h"

static enum err key_bad(struct op *op)
{
    return op_fail(op, ERR_SYNTAX,
                   "An Idempotency-Key must be a string of 1 to %d printable ASCII characters, "
                   "such as \"8e03978e-40d5-43dd-bc93-6894a57f9324\".",
                   IDEMPOTENCY_KEY_MAX);
}

/* The text between the quotes, without the backslashes before '"' and '\'. */
static bool unquote(struct str quoted, char *to, size_t *ret_n)
{
    size_t n = 0, i = 1;
    for (; i < quoted.n && quoted.p[i] != '"'; i++) {
        if (quoted.p[i] == '\\') {
            i++;
            if (i == quoted.n || (quoted.p[i] != '"' && quoted.p[i] != '\\'))
                return false;
        }
        to[n++] = quoted.p[i];
    }
    *ret_n = n;
    return i + 1 == quoted.n; /* the closing quote is the last byte */
}

enum err idempotency_key_check(struct op *op, struct str key)
{
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] < ' ' || key.p[i] > '~')
            return key_bad(op);
    return key.n == 0 || key.n > IDEMPOTENCY_KEY_MAX ? key_bad(op) : ERR_OK;
}

enum err idempotency_key_read(struct op *op, struct str value, struct str *ret_key)
{
    bool quoted = value.n > 0 && value.p[0] == '"';
    for (size_t i = 0; i < value.n; i++) {
        char c = value.p[i];
        bool separates = c == ' ' || c == ',' || c == ';' || c == '"' || c == '\\';
        if (c < ' ' || c > '~' || (!quoted && separates))
            return key_bad(op);
    }
    struct str key = value;
    if (quoted) {
        char *text = arena_alloc(op->arena, value.n);
        if (text == NULL)
            return ERR_MEMORY;
        key.p = text;
        if (!unquote(value, text, &key.n))
            return key_bad(op);
    }
    if (idempotency_key_check(op, key) != ERR_OK)
        return ERR_SYNTAX;
    *ret_key = key;
    return ERR_OK;
}
