/* A report that is built member by member. */
#include "json/write.h"

#include <bzctrl.h>

#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 300, VALUES_MAX = 2000, DRAFT_MAX = 4 * 1024 * 1024 };

struct member_value {
    char *text;
    struct member_value *next; /* of the same member */
};

struct bzctrl_draft {
    struct {
        char *name;
        struct member_value *first, *last;
    } members[MEMBERS_MAX];
    size_t n, value_count;
    bool failed;
    struct buf json;
};

struct bzctrl_draft *bzctrl_draft_new(void)
{
    struct bzctrl_draft *draft = calloc(1, sizeof *draft);
    if (draft != NULL)
        buf_init(&draft->json, DRAFT_MAX);
    return draft;
}

void bzctrl_draft_free(struct bzctrl_draft *draft)
{
    if (draft == NULL)
        return;
    for (size_t i = 0; i < draft->n; i++) {
        free(draft->members[i].name);
        for (struct member_value *value = draft->members[i].first, *next; value != NULL;
             value = next) {
            next = value->next;
            free(value->text);
            free(value);
        }
    }
    buf_finish(&draft->json);
    free(draft);
}

void bzctrl_draft_add(struct bzctrl_draft *draft, const char *member, const char *text)
{
    size_t at = 0;
    if (draft == NULL || draft->failed)
        return;
    draft->failed = true;
    if (!utf8_valid(str_of(member)) || !utf8_valid(str_of(text)))
        return;
    while (at < draft->n && !str_eq_case(str_of(draft->members[at].name), str_of(member)))
        at++;
    if (at == MEMBERS_MAX || draft->value_count == VALUES_MAX)
        return;
    struct member_value *value = calloc(1, sizeof *value);
    if (value == NULL)
        return;
    value->text = strdup(text);
    if (at == draft->n)
        draft->members[at].name = value->text == NULL ? NULL : strdup(member);
    if (value->text == NULL || draft->members[at].name == NULL) {
        free(value->text);
        free(value);
        return;
    }
    draft->n = at == draft->n ? draft->n + 1 : draft->n;
    if (draft->members[at].last == NULL)
        draft->members[at].first = value;
    else
        draft->members[at].last->next = value;
    draft->members[at].last = value;
    draft->value_count++;
    draft->failed = false;
}

const char *bzctrl_draft_json(struct bzctrl_draft *draft)
{
    if (draft == NULL || draft->failed)
        return NULL;
    buf_clear(&draft->json);
    buf_char(&draft->json, '{');
    for (size_t i = 0; i < draft->n; i++) {
        const struct member_value *value = draft->members[i].first;
        bool list = value->next != NULL;
        if (i > 0)
            buf_char(&draft->json, ',');
        buf_json_string(&draft->json, str_of(draft->members[i].name));
        buf_char(&draft->json, ':');
        if (list)
            buf_char(&draft->json, '[');
        for (; value != NULL; value = value->next) {
            buf_json_string(&draft->json, str_of(value->text));
            if (value->next != NULL)
                buf_char(&draft->json, ',');
        }
        if (list)
            buf_char(&draft->json, ']');
    }
    BUF_LIT(&draft->json, "}");
    buf_char(&draft->json, '\0');
    return buf_err(&draft->json) == ERR_OK ? draft->json.p : NULL;
}
