/*
 * GET /people?workspace=KEY&q=…: those who take part in a workspace, for everybody who reads it, to
 * choose an assignee or somebody to mention. It says no more than that: what else there is of a
 * person, and who is elsewhere, is for managers (person.c).
 */
#include "api/person.h"
#include "api/query.h"
#include "model/key.h"
#include "model/person.h"
#include "model/right.h"

enum { ASSIGNEE_QUERY_MAX = 255 }; /* bytes of q */

/* The workspace, if the caller reads what is in it. */
static enum err workspace_read(struct call *call, const struct workspace **ret_workspace)
{
    struct str key = call_query(call, "workspace");
    const struct workspace *workspace =
        key.n > KEY_MAX ? NULL : directory_workspace(call->directory, key);
    if (workspace == NULL || !right_takes_part(call->directory, call->caller, workspace))
        return call_refuse(call, 404, "There is no workspace %.*s, or you may not see it.",
                           STR_ARG(utf8_cut(key, KEY_MAX)));
    *ret_workspace = workspace;
    return ERR_OK;
}

/* The words of `q`, in `buf`. */
static enum err typed_read(struct call *call, struct buf *buf)
{
    struct str q = call_query(call, "q");
    if (q.n > ASSIGNEE_QUERY_MAX)
        return call_refuse(call, 400, "q can have at most %d bytes.", ASSIGNEE_QUERY_MAX);
    buf_words(buf, q);
    if (buf_err(buf) != ERR_OK)
        return ERR_MEMORY;
    if (buf->n == 0 && utf8_visible(q))
        return call_refuse(call, 400, "q must be the beginning of a name or an address.");
    return ERR_OK;
}

/* Where a page begins: after the person whose id is the cursor, in the order of addresses. */
static enum err first_find(struct call *call, int64_t cursor, size_t *ret_first)
{
    const struct account *last =
        cursor == 0 ? NULL : directory_account_by_id(call->directory, cursor);
    if (cursor != 0 && last == NULL)
        return call_cursor_unknown(call);
    *ret_first = last == NULL ? 0 : (size_t)(last - call->directory->accounts) + 1;
    return ERR_OK;
}

static bool is_wanted(const struct call *call, const struct account *account,
                      const struct workspace *workspace, struct str typed, struct buf *words)
{
    return right_takes_part(call->directory, account, workspace) &&
           person_begins(account, typed, words);
}

static enum err encode_found(struct call *call, const struct workspace *workspace, bool inactive,
                             struct str typed)
{
    const struct directory *d = call->directory;
    int64_t limit, cursor, last = 0;
    size_t first = 0, shown = 0;
    struct buf words;
    enum err err = call_query_limit(call, &limit);
    if (err == ERR_OK)
        err = call_query_cursor(call, &cursor);
    if (err == ERR_OK)
        err = first_find(call, cursor, &first);
    if (err != ERR_OK)
        return err;
    buf_init(&words, PERSON_WORDS_MAX);
    call_items_begin(call);
    for (size_t i = first; i < d->account_count && shown <= (size_t)limit; i++) {
        struct account account = d->accounts[i];
        bool active = !account.disabled;
        account.disabled = false; /* who has left is judged by the role that they would have */
        if ((!active && !inactive) || !is_wanted(call, &account, workspace, typed, &words) ||
            shown++ == (size_t)limit)
            continue;
        last = account.id;
        json_begin_object(&call->json, NULL);
        json_put_text(&call->json, "email", account.email);
        json_put_text(&call->json, "name", account.name);
        json_put_flag(&call->json, "active", active);
        json_put_text(&call->json, "role",
                      str_of(role_name(directory_role(d, &account, workspace->domain))));
        json_end(&call->json);
    }
    err = buf_err(&words);
    buf_finish(&words);
    return err == ERR_OK ? call_items_end(call, shown > (size_t)limit ? last : 0) : err;
}

enum err assignee_list(struct call *call)
{
    const struct workspace *workspace;
    bool inactive;
    struct buf typed;
    buf_init(&typed, PERSON_WORDS_MAX);
    enum err err = workspace_read(call, &workspace);
    if (err == ERR_OK)
        err = call_query_flag(call, "inactive", &inactive);
    if (err == ERR_OK)
        err = typed_read(call, &typed);
    if (err == ERR_OK)
        err = encode_found(call, workspace, inactive, buf_str(&typed));
    buf_finish(&typed);
    return err;
}
