#include "form/form_work.h"

enum { LABEL_MAX = 1000, LANGUAGES_MAX = 20 };

bool work_no_memory(struct work *work)
{
    work->faults->err = ERR_MEMORY;
    return false;
}

bool work_truth(struct work *work, const struct json *json, bool *ret_truth)
{
    if (json->kind != JSON_BOOL) {
        WRONG(work, json->name, WRONG_TYPE, "%.*s must be true or false.", STR_ARG(json->name));
        return false;
    }
    *ret_truth = str_eq(json->raw, STR("true"));
    return true;
}

bool work_text(struct work *work, const struct json *json, size_t max, struct str *ret_text)
{
    if (json->kind != JSON_TEXT || json->text.n == 0) {
        WRONG(work, json->name, WRONG_TYPE, "%.*s must be a text and must not be empty.",
              STR_ARG(json->name));
        return false;
    }
    if (json->text.n > max && utf8_length(json->text) > max) {
        WRONG(work, json->name, TOO_LONG, "%.*s has %zu characters; at most %zu are allowed.",
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
              "%.*s must be one of the words that \"allowed\" lists.", STR_ARG(json->name));
    return false;
}

/* ---- lists of texts ---- */

static bool label_read(struct work *work, const struct json *json, struct label *ret_label);

/* One of the texts, which may have its own label; absent after a fault or when out of memory. */
static struct str text_item(struct work *work, const struct json *item, struct label *label)
{
    struct str text = json_text(item);
    bool right = true;
    if (label != NULL && item->kind == JSON_OBJECT) {
        const struct json *named = json_member(item, STR("label"));
        text = json_text(json_member(item, STR("value")));
        right =
            item->n == (named != NULL ? 2 : 1) && (named == NULL || label_read(work, named, label));
    }
    text = str_trim(text);
    /* Without the blanks that a report's value loses before the two are compared. */
    struct str bare = utf8_trim(text);
    if (bare.n > 0)
        text = bare;
    if (!right || text.n == 0 || utf8_length(text) > WORK_SHORT_MAX)
        return STR_NONE;
    text = arena_str(work->arena, text);
    if (text.p == NULL)
        (void)work_no_memory(work);
    return text;
}

bool work_texts(struct work *work, const struct json *json, size_t max, struct str_list *ret_texts,
                const struct label **ret_labels)
{
    size_t before = work->faults->n;
    if (json->kind != JSON_LIST || json->n == 0) {
        WRONG(work, json->name, WRONG_TYPE, "%.*s must be a list of texts and must not be empty.",
              STR_ARG(json->name));
        return false;
    }
    if (json->n > max) {
        WRONG(work, json->name, TOO_MANY, "%.*s has %u elements; at most %zu are allowed.",
              STR_ARG(json->name), json->n, max);
        return false;
    }
    struct str *texts = ARENA_ARRAY(work->arena, struct str, json->n);
    struct label *labels =
        ret_labels == NULL ? NULL : ARENA_ARRAY(work->arena, struct label, json->n);
    if (texts == NULL || (ret_labels != NULL && labels == NULL))
        return work_no_memory(work);
    size_t n = 0, labelled = 0;
    for (const struct json *item = json->first; item != NULL; item = item->next, n++) {
        texts[n] = text_item(work, item, labels == NULL ? NULL : &labels[n]);
        labelled += labels != NULL && labels[n].n > 0;
        if (texts[n].p == NULL)
            fault_add(work->faults, json->name, n, FAULT_WRONG_TYPE, NO_OPTIONS,
                      "Each element of %.*s must be a text of 1 to %d characters%s.",
                      STR_ARG(json->name), WORK_SHORT_MAX,
                      labels == NULL ? "" : ", or {\"value\": …, \"label\": …} with such a text");
        /* A stored form was right by the rules of its day, which did not trim all blanks. */
        for (size_t i = 0; i < n && texts[n].n > 0 && work->place->directory != NULL; i++)
            if (str_eq_case(texts[i], texts[n]))
                fault_add(work->faults, json->name, n, FAULT_DUPLICATE_MEMBER, NO_OPTIONS,
                          "\"%.*s\" appears twice.", STR_ARG(fault_excerpt(texts[n])));
    }
    *ret_texts = (struct str_list){texts, n};
    if (labelled > 0)
        *ret_labels = labels;
    return work->faults->n == before && work->faults->err == ERR_OK;
}

/* ---- labels ---- */

static bool label_text_right(struct str text)
{
    return str_trim(text).n > 0 && utf8_length(text) <= LABEL_MAX;
}

/* Not of one language twice, in any case. */
static bool languages_right(const struct json *json)
{
    for (const struct json *l = json->first; l != NULL; l = l->next) {
        if (!language_valid(l->name) || !label_text_right(json_text(l)))
            return false;
        for (const struct json *other = json->first; other != l; other = other->next)
            if (str_eq_case(other->name, l->name))
                return false;
    }
    return true;
}

/* False if it is not a label, or when out of memory, which is noted among the faults. */
static bool label_read(struct work *work, const struct json *json, struct label *ret_label)
{
    bool many = json->kind == JSON_OBJECT;
    if (many ? json->n == 0 || json->n > LANGUAGES_MAX || !languages_right(json)
             : !label_text_right(json_text(json)))
        return false;
    struct label_text *items = ARENA_ARRAY(work->arena, struct label_text, many ? json->n : 1);
    if (items == NULL)
        return work_no_memory(work);
    size_t n = 0;
    for (const struct json *l = many ? json->first : json; l != NULL; l = many ? l->next : NULL) {
        items[n].language = many ? arena_str(work->arena, l->name) : STR_NONE;
        items[n].text = arena_str(work->arena, json_text(l));
        if (items[n].text.p == NULL || (many && items[n].language.p == NULL))
            return work_no_memory(work);
        n++;
    }
    *ret_label = (struct label){items, n};
    return true;
}

void work_label(struct work *work, const struct json *json, struct label *ret_label)
{
    if (!label_read(work, json, ret_label))
        WRONG(
            work, json->name, WRONG_TYPE,
            "%.*s must be a text of at most %d characters, or an object with one text for each of "
            "at most %d languages, such as {\"en\": \"Carrier\", \"pt-BR\": \"Transportador\"}.",
            STR_ARG(json->name), LABEL_MAX, LANGUAGES_MAX);
}

void work_members(struct work *work, const struct json *object, const char *where,
                  const struct work_member *members, size_t n)
{
    for (const struct json *m = object->first; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < n && !str_eq(m->name, members[i].name))
            i++;
        if (i < n)
            members[i].read(work, m);
        else
            WRONG(work, m->name, UNKNOWN_MEMBER, "Unknown member \"%.*s\" in %s.",
                  STR_ARG(fault_excerpt(m->name)), where);
    }
}
