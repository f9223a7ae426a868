#include "model/form_work.h"

enum { LABEL_MAX = 1000, LANGUAGES_MAX = 20 };

bool work_no_memory(struct work *work)
{
    work->faults->err = ERR_MEMORY;
    return false;
}

bool work_truth(struct work *work, const struct json *json, bool *ret_truth)
{
    if (json->kind != JSON_BOOL) {
        WRONG(work, json->name, WRONG_TYPE, "%.*s is true or false.", STR_ARG(json->name));
        return false;
    }
    *ret_truth = str_eq(json->raw, STR("true"));
    return true;
}

bool work_text(struct work *work, const struct json *json, size_t max, struct str *ret_text)
{
    if (json->kind != JSON_TEXT || json->text.n == 0) {
        WRONG(work, json->name, WRONG_TYPE, "%.*s is a text that is not empty.",
              STR_ARG(json->name));
        return false;
    }
    if (json->text.n > max && utf8_length(json->text) > max) {
        WRONG(work, json->name, TOO_LONG, "%.*s has %zu characters; at most %zu are taken.",
              STR_ARG(json->name), utf8_length(json->text), max);
        return false;
    }
    *ret_text = arena_str(work->arena, json->text);
    return ret_text->p != NULL || work_no_memory(work);
}

/* The place of one of a few words; false after a fault. */
bool work_word(struct work *work, const struct json *json, struct str_list words, size_t *ret_place)
{
    for (size_t i = 0; i < words.n; i++)
        if (json->kind == JSON_TEXT && str_eq(json->text, words.items[i])) {
            *ret_place = i;
            return true;
        }
    fault_add(work->faults, json->name, FAULT_WHOLE, FAULT_NOT_AN_OPTION, words,
              "%.*s is one of the words that \"allowed\" lists.", STR_ARG(json->name));
    return false;
}

/* Texts, none twice in any case. */
bool work_texts(struct work *work, const struct json *json, size_t max, struct str_list *ret_texts)
{
    size_t before = work->faults->n;
    if (json->kind != JSON_LIST || json->n == 0) {
        WRONG(work, json->name, WRONG_TYPE, "%.*s is a list of texts that is not empty.",
              STR_ARG(json->name));
        return false;
    }
    if (json->n > max) {
        WRONG(work, json->name, TOO_MANY, "%.*s has %u elements; at most %zu are taken.",
              STR_ARG(json->name), json->n, max);
        return false;
    }
    struct str *texts = ARENA_ARRAY(work->arena, struct str, json->n);
    if (texts == NULL)
        return work_no_memory(work);
    size_t n = 0;
    for (const struct json *item = json->first; item != NULL; item = item->next, n++) {
        struct str text = str_trim(json_text(item));
        if (text.n == 0 || utf8_length(text) > WORK_SHORT_MAX)
            fault_add(work->faults, json->name, n, FAULT_WRONG_TYPE, NO_OPTIONS,
                      "Each of %.*s is a text of 1 to %d characters.", STR_ARG(json->name),
                      WORK_SHORT_MAX);
        for (size_t i = 0; i < n && text.n > 0; i++)
            if (str_eq_case(texts[i], text))
                fault_add(work->faults, json->name, n, FAULT_DUPLICATE_MEMBER, NO_OPTIONS,
                          "\"%.*s\" stands twice.", STR_ARG(fault_excerpt(text)));
        texts[n] = arena_str(work->arena, text);
        if (text.n > 0 && texts[n].p == NULL)
            return work_no_memory(work);
    }
    *ret_texts = (struct str_list){texts, n};
    return work->faults->n == before;
}

/* "en", "pt-BR": a language tag (RFC 5646), as far as labels need it. */
static bool language_valid(struct str tag)
{
    struct str part = str_cut(&tag, '-');
    if (part.n < 2 || part.n > 3)
        return false;
    for (;;) {
        for (size_t i = 0; i < part.n; i++)
            if (!ascii_alpha(part.p[i]) && !ascii_digit(part.p[i]))
                return false;
        if (tag.p == NULL)
            return true;
        part = str_cut(&tag, '-');
        if (part.n == 0 || part.n > 8)
            return false;
    }
}

/* A text for people: one for all, or one for each of some languages. */
void work_label(struct work *work, const struct json *json)
{
    if (json->kind == JSON_TEXT && json->text.n > 0 && utf8_length(json->text) <= LABEL_MAX)
        return;
    bool right = json->kind == JSON_OBJECT && json->n > 0 && json->n <= LANGUAGES_MAX;
    for (const struct json *l = right ? json->first : NULL; l != NULL; l = l->next)
        right = right && language_valid(l->name) && json_text(l).n > 0 &&
                utf8_length(json_text(l)) <= LABEL_MAX;
    if (!right)
        WRONG(work, json->name, WRONG_TYPE,
              "%.*s is a text of at most %d characters, or an object with one for each of at most "
              "%d languages, such as {\"en\": \"Carrier\", \"nl\": \"Vervoerder\"}.",
              STR_ARG(json->name), LABEL_MAX, LANGUAGES_MAX);
}
