#include "model/comment.h"

#include "json/read.h"
#include "model/right.h"

/* ---- mentions ---- */

/* Can it be in an address that is written into a text? Of what is not ASCII all can. */
static bool of_address(char c, struct str others)
{
    return ascii_alpha(c) || ascii_digit(c) || (unsigned char)c >= 0x80 ||
           str_find(others, c) < others.n;
}

static size_t address_run(struct str text, struct str others)
{
    size_t n = 0;
    while (n < text.n && of_address(text.p[n], others))
        n++;
    return n;
}

/* The address at the start of `text`, without what ends a sentence; empty when there is none. */
static struct str address_at(struct str text)
{
    size_t at = address_run(text, STR("!#$%&'*+-./=?^_`{|}~"));
    if (at == 0 || at == text.n || text.p[at] != '@')
        return STR("");
    size_t n = at + 1 + address_run(str_from(text, at + 1), STR("-."));
    while (text.p[n - 1] == '.' || text.p[n - 1] == '-')
        n--;
    return str_sub(text, 0, n);
}

/* The next address after an "@" that does not belong to a word before it. */
static bool mention_next(struct str *text, struct str *ret_address)
{
    for (size_t i = 0; i < text->n; i++) {
        bool begins = i == 0 || (!ascii_alpha(text->p[i - 1]) && !ascii_digit(text->p[i - 1]));
        struct str address =
            text->p[i] == '@' && begins ? address_at(str_from(*text, i + 1)) : STR("");
        if (address.n == 0)
            continue;
        *text = str_from(*text, i + 1 + address.n);
        *ret_address = address;
        return true;
    }
    return false;
}

/* Somebody's address, maybe with a quotation mark or the like after it that is not ASCII. */
static const struct account *mentioned(const struct directory *directory, struct str address)
{
    const struct account *account = directory_account(directory, address);
    size_t n = str_find(address, '@');
    while (n < address.n && (unsigned char)address.p[n] < 0x80)
        n++;
    if (account == NULL && n < address.n)
        account = directory_account(directory, str_sub(address, 0, n));
    return account != NULL && account->kind == ACCOUNT_PERSON ? account : NULL;
}

static bool ids_have(struct id_array ids, int64_t id)
{
    for (size_t i = 0; i < ids.n; i++)
        if (ids.items[i] == id)
            return true;
    return false;
}

/* An address that nobody has is text; a person without the right to read the record must not hear of it. */
static enum err mentions_find(struct op *op, struct str text, const struct directory *directory,
                              const struct workspace *workspace, struct faults *faults,
                              struct id_array *ret_mentions)
{
    int64_t *ids = ARENA_ARRAY(op->arena, int64_t, COMMENT_MENTIONS_MAX);
    struct id_array found = {ids, 0};
    struct str address;
    if (ids == NULL)
        return ERR_MEMORY;
    while (mention_next(&text, &address)) {
        const struct account *person = mentioned(directory, address);
        if (person == NULL || ids_have(found, person->id))
            continue;
        if (found.n == COMMENT_MENTIONS_MAX) {
            fault_add(faults, STR("text"), FAULT_WHOLE, FAULT_TOO_MANY, NO_OPTIONS,
                      "text mentions more than %d people; mention fewer.", COMMENT_MENTIONS_MAX);
            break;
        }
        ids[found.n++] = person->id;
        if (!right_takes_part(directory, person, workspace))
            fault_add(
                faults, STR("text"), FAULT_WHOLE, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                "text mentions %.*s, and that person cannot read this record; remove the mention.",
                STR_ARG(fault_excerpt(address)));
    }
    *ret_mentions = found;
    return ERR_OK;
}

enum err comment_judge(struct op *op, const struct comment_draft *draft,
                       const struct directory *directory, const struct account *author,
                       const struct workspace *workspace, struct faults *faults,
                       struct id_array *ret_mentions)
{
    size_t length = utf8_length(draft->text);
    enum err err = ERR_OK;
    if (draft->internal && author->kind != ACCOUNT_PERSON)
        fault_add(faults, STR("internal"), FAULT_WHOLE, FAULT_LOCKED, NO_OPTIONS,
                  "internal is for people: a client would not see its own comment.");
    if (length > COMMENT_TEXT_MAX)
        fault_add(faults, STR("text"), FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "text has %zu characters; at most %d are allowed.", length, COMMENT_TEXT_MAX);
    else if (utf8_visible(draft->text))
        err = mentions_find(op, draft->text, directory, workspace, faults, ret_mentions);
    else if (!faults_have(faults, "/text"))
        fault_add(faults, STR("text"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "text is required: what you have to say.");
    if (err != ERR_OK || faults->err != ERR_OK)
        return ERR_MEMORY;
    return faults->n > 0 ? ERR_INVALID : ERR_OK;
}

/* ---- as JSON ---- */

static void put_people(struct json_writer *json, const char *name, struct id_array ids,
                       const struct directory *directory)
{
    json_begin_list(json, name);
    for (size_t i = 0; i < ids.n; i++) {
        const struct account *person = directory_account_by_id(directory, ids.items[i]);
        if (person != NULL)
            json_put_text(json, NULL, person->email);
    }
    json_end(json);
}

void json_put_comment(struct json_writer *json, const struct comment *comment,
                      const struct directory *directory)
{
    const struct account *author = directory_account_by_id(directory, comment->author_id);
    json_begin_object(json, NULL);
    json_put_id(json, "id", comment->id);
    json_put_text(json, "text", comment->text);
    json_put_text(json, "author", author == NULL ? STR_NONE : author->email);
    json_put_time(json, "createdAt", comment->created_at);
    json_put_time(json, "editedAt", comment->edited_at);
    json_put_flag(json, "internal", comment->internal);
    put_people(json, "mentions", comment->mentions, directory);
    if (comment->deleted_at != TIME_NONE)
        json_put_time(json, "deletedAt", comment->deleted_at);
    json_end(json);
}

static void put_side(struct json_writer *json, const struct comment *comment,
                     const struct directory *directory)
{
    if (comment == NULL) {
        json_put_null(json, NULL);
        return;
    }
    json_begin_object(json, NULL);
    json_put_id(json, "id", comment->id);
    json_put_flag(json, "internal", comment->internal);
    json_put_text(json, "text", comment->text);
    put_people(json, "mentions", comment->mentions, directory);
    json_end(json);
}

void buf_comment_changes(struct buf *buf, const struct comment *before, const struct comment *after,
                         const struct directory *directory)
{
    struct json_writer json;
    json_writer_init(&json, buf);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "comment");
    put_side(&json, before, directory);
    put_side(&json, after, directory);
    json_end(&json);
    json_end(&json);
}

enum err comment_event_hidden(struct arena *arena, struct str action, struct str payload,
                              bool *ret_hidden)
{
    const struct json *json;
    struct op op = {.arena = arena};
    *ret_hidden = false;
    if (!str_eq(action, STR("task.commented")))
        return ERR_OK;
    enum err err = payload.p == NULL ? ERR_SYNTAX : json_read(&op, arena, payload, &json);
    if (err == ERR_MEMORY)
        return err;
    *ret_hidden = true; /* what cannot be read is not shown */
    if (err != ERR_OK || json->kind != JSON_OBJECT)
        return ERR_OK;
    const struct json *sides = json_member(json, STR("comment"));
    const struct json *side = sides != NULL && sides->kind == JSON_LIST ? sides->first : NULL;
    for (; side != NULL; side = side->next) {
        const struct json *internal =
            side->kind == JSON_OBJECT ? json_member(side, STR("internal")) : NULL;
        if (internal != NULL)
            *ret_hidden = !str_eq(internal->raw, STR("false"));
    }
    return ERR_OK;
}
