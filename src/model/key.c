#include "model/key.h"

static bool segments_valid(struct str key)
{
    size_t length = 0; /* of the segment so far */
    if (key.n > KEY_MAX)
        return false;
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        if (c == '-') {
            if (length == 0)
                return false;
            length = 0;
        } else if ((!ascii_alpha(c) && !ascii_digit(c)) || ++length > KEY_SEGMENT_MAX) {
            return false;
        }
    }
    return length > 0;
}

enum err key_read(struct arena *arena, struct str text, struct str *ret_key)
{
    if (!segments_valid(text))
        return ERR_SYNTAX;
    char *capitals = arena_alloc(arena, text.n + 1);
    if (capitals == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < text.n; i++)
        capitals[i] = ascii_upper(text.p[i]);
    capitals[text.n] = '\0';
    *ret_key = (struct str){capitals, text.n};
    return ERR_OK;
}

bool key_covers(struct str domain, struct str below)
{
    return str_starts(below, domain) && (below.n == domain.n || below.p[domain.n] == '-');
}

bool key_split(struct str key, struct str *ret_domain, struct str *ret_segment)
{
    size_t dash = key.n;
    while (dash > 0 && key.p[dash - 1] != '-')
        dash--;
    if (dash == 0)
        return false;
    *ret_domain = str_sub(key, 0, dash - 1);
    *ret_segment = str_from(key, dash);
    return true;
}

enum err key_read_record(struct arena *arena, struct str text, struct str *ret_workspace,
                         int64_t *ret_number)
{
    struct str workspace, digits, domain, segment;
    uint64_t number;
    if (!key_split(text, &workspace, &digits) || !key_split(workspace, &domain, &segment) ||
        !str_to_u64(digits, INT64_MAX, &number) || number == 0)
        return ERR_SYNTAX;
    enum err err = key_read(arena, workspace, ret_workspace);
    if (err == ERR_OK)
        *ret_number = (int64_t)number;
    return err;
}

void buf_record_key(struct buf *buf, struct str workspace, int64_t number)
{
    buf_add(buf, workspace);
    buf_char(buf, '-');
    if (number < 10)
        buf_char(buf, '0');
    buf_i64(buf, number);
}
