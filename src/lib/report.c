/* The public calls for reporting and for the outbox. */
#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "json/read.h"
#include "lib/answer.h"
#include "lib/client.h"
#include "lib/outbox.h"
#include "lib/send.h"
#include "lib/timed.h"

enum { REPORT_MAX = 1024 * 1024, REPORT_KEY_MAX = 255, FORM_MAX = 200 };

/* ---- into the outbox ---- */

static bool key_valid(struct str key)
{
    bool valid = key.n > 0 && key.n <= REPORT_KEY_MAX;
    for (size_t i = 0; valid && i < key.n; i++)
        valid = key.p[i] > ' ' && key.p[i] < 0x7F && key.p[i] != '"' && key.p[i] != '\\';
    return valid;
}

static enum err make_key(struct op *op, struct str *ret_key)
{
    unsigned char bytes[16];
    struct buf text;
    random_bytes(bytes, sizeof bytes);
    buf_init(&text, 64);
    buf_hex(&text, bytes, sizeof bytes);
    *ret_key = buf_err(&text) == ERR_OK ? arena_str(op->arena, buf_str(&text)) : STR_NONE;
    buf_finish(&text);
    return ret_key->p == NULL ? ERR_MEMORY : ERR_OK;
}

/* The report as it will be sent. With `timed`, the current time is added if it has none. */
static enum err make_body(struct op *op, struct str json, bool timed, struct outbox_entry *entry)
{
    struct op read = {.arena = op->arena};
    const struct json *root;
    struct buf body;
    enum err err = json_read(&read, op->arena, json, &root);
    if (err == ERR_SYNTAX)
        return op_fail(op, ERR_SYNTAX, "the report is not well-formed JSON: %.180s", read.detail);
    if (err != ERR_OK)
        return err;
    if (root->kind != JSON_OBJECT)
        return op_fail(op, ERR_SYNTAX, "a report must be a JSON object, not %.*s",
                       STR_ARG(json_kind_name(root->kind)));
    for (const struct json *member = root->first; member != NULL; member = member->next)
        timed = timed && !str_eq_case(member->name, STR("occurredAt"));
    buf_init(&body, REPORT_MAX);
    if (timed)
        buf_timed(&body, entry->created_at, json);
    else
        buf_add(&body, json);
    err = buf_err(&body);
    if (err == ERR_TOO_LONG)
        err = op_fail(op, err, "the report is larger than 1 MiB");
    entry->timed = timed;
    entry->json = err == ERR_OK ? arena_str(op->arena, buf_str(&body)) : STR_NONE;
    buf_finish(&body);
    return err == ERR_OK && entry->json.p == NULL ? ERR_MEMORY : err;
}

/* Runs in the caller's transaction. */
static enum err add_one(struct bzctrl *client, struct op *op, const struct bzctrl_item *item,
                        struct str *ret_key)
{
    struct outbox_entry entry = {.created_at = clock_now(),
                                 .key = str_of(item->key),
                                 .form = str_of(item->form == NULL ? "" : item->form)};
    struct str json = str_trim(str_of(item->json));
    struct hasher hasher;
    enum err err = ERR_OK;
    if (json.p == NULL)
        return op_fail(op, ERR_MISUSE, "no report was given");
    /* With the caller's own key the report must have the same bytes on every machine, so no time is
     * added. */
    const bool timed = entry.key.p == NULL;
    if (timed)
        err = make_key(op, &entry.key);
    else if (!key_valid(entry.key))
        err = op_fail(
            op, ERR_INVALID,
            "a key must be 1 to 255 visible ASCII characters, without quotes and backslashes");
    if (err == ERR_OK && entry.form.n > FORM_MAX)
        err = op_fail(op, ERR_INVALID, "the form's name is too long");
    if (err == ERR_OK)
        err = make_body(op, json, timed, &entry);
    if (err != ERR_OK)
        return err;
    hash_begin(&hasher);
    hash_field(&hasher, entry.form);
    hash_field(&hasher, json);
    struct sha256 sum = hash_end(&hasher);
    err =
        outbox_add(client->outbox, op, &entry, (struct str){(const char *)sum.bytes, SHA256_SIZE});
    if (err == ERR_OK)
        *ret_key = entry.key;
    return err;
}

static enum err add_all(struct bzctrl *client, struct op *op, const struct bzctrl_item *items,
                        size_t n, struct str *ret_key)
{
    enum err err = client_outbox(client, op);
    if (err == ERR_OK)
        err = outbox_begin(client->outbox, op);
    if (err != ERR_OK)
        return err;
    /* Again: another process, with other settings, may have claimed the empty outbox. */
    err = client_outbox(client, op);
    for (size_t i = 0; err == ERR_OK && i < n; i++) {
        struct arena_mark mark = arena_mark(op->arena);
        err = add_one(client, op, &items[i], ret_key);
        if (err == ERR_OK && n > 1)
            arena_rewind(op->arena, mark);
    }
    if (err == ERR_OK)
        err = outbox_commit(client->outbox, op);
    if (err != ERR_OK)
        outbox_rollback(client->outbox);
    return err;
}

struct bzctrl_answer *bzctrl_put(struct bzctrl *client, const struct bzctrl_item *items,
                                 size_t count)
{
    enum err err;
    struct str key;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK)
        err = add_all(client, &answer->op, items, count, &key);
    if (err == ERR_OK)
        answer->code = BZCTRL_QUEUED;
    return answer_end(answer, err);
}

/* ---- reporting ---- */

struct report_outcome {
    struct bzctrl_answer *answer;
    enum err err;
};

static struct str copy(struct report_outcome *outcome, const char *text)
{
    struct str result = arena_str(&outcome->answer->arena, str_of(text));
    if (result.p == NULL)
        outcome->err = ERR_MEMORY;
    return result;
}

static void take_outcome(void *arg, const struct bzctrl_entry *entry)
{
    struct report_outcome *outcome = arg;
    struct bzctrl_answer *answer = outcome->answer;
    static const enum bzctrl_code codes[] = {[BZCTRL_WAITING] = BZCTRL_QUEUED,
                                             [BZCTRL_DEAD] = BZCTRL_REFUSED,
                                             [BZCTRL_SENT] = BZCTRL_OK};
    answer->code = codes[entry->state];
    answer->link = copy(outcome, entry->link);
    answer->record = copy(outcome, entry->record);
    answer->receipt = copy(outcome, entry->receipt);
    if (entry->state != BZCTRL_DEAD)
        return;
    op_forget(&answer->op);
    answer->json = copy(outcome, entry->verdict);
    if (outcome->err == ERR_OK)
        outcome->err = answer_problem(answer, answer->json);
}

static enum err report(struct bzctrl *client, struct bzctrl_answer *answer,
                       const struct bzctrl_item *item, int flags)
{
    struct op *op = &answer->op;
    enum err err = add_all(client, op, item, 1, &answer->key);
    if (err != ERR_OK)
        return err;
    answer->code = BZCTRL_QUEUED;
    /* From here on the report is safe: a failure is reported, but the report itself did not fail.
     */
    bool apart;
    if ((flags & BZCTRL_LATER) == 0)
        (void)!send_run(client, op, flags, false, NULL, NULL, &apart);
    struct report_outcome outcome = {.answer = answer};
    struct op quiet = {.arena = op->arena};
    if (outbox_find(client->outbox, &quiet, answer->key, take_outcome, &outcome) != ERR_OK ||
        outcome.err != ERR_OK)
        answer->code = BZCTRL_QUEUED;
    if (answer->code == BZCTRL_OK)
        op_forget(op);
    return ERR_OK;
}

struct bzctrl_answer *bzctrl_report(struct bzctrl *client, const char *form, const char *key,
                                    const char *json, int flags)
{
    enum err err;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    const struct bzctrl_item item = {form, key, json};
    if (err == ERR_OK)
        err = report(client, answer, &item, flags);
    return answer_end(answer, err);
}

/* ---- the outbox ---- */

/* Calls that need no server work with the reports of any server. */
static struct bzctrl_answer *outbox_call_begin(struct bzctrl *client, enum err *ret_err)
{
    struct bzctrl_answer *answer = answer_begin_with(client, ret_err);
    if (*ret_err == ERR_OK)
        *ret_err = client_outbox_any(client, &answer->op);
    return answer;
}

struct bzctrl_answer *bzctrl_outbox_run(struct bzctrl *client, int flags, bzctrl_on_entry *on_entry,
                                        void *arg)
{
    enum err err;
    bool apart = false;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    if (err == ERR_OK)
        err = client_outbox(client, &answer->op);
    if (err == ERR_OK)
        err = send_run(client, &answer->op, flags, true, on_entry, arg, &apart);
    if (apart)
        answer->code = BZCTRL_QUEUED;
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_outbox_move(struct bzctrl *client, const char *from)
{
    enum err err;
    struct bzctrl_answer *answer = answer_begin_with(client, &err);
    struct str url = str_of(from == NULL ? "" : from);
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    if (err == ERR_OK)
        err = client_outbox_move(client, &answer->op, url);
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_outbox_list(struct bzctrl *client, enum bzctrl_state state,
                                         int64_t after, size_t limit, bzctrl_on_entry *on_entry,
                                         void *arg)
{
    enum err err;
    struct bzctrl_answer *answer = outbox_call_begin(client, &err);
    if (err == ERR_OK)
        err = outbox_list(client->outbox, &answer->op, state, after, limit, on_entry, arg);
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_outbox_find(struct bzctrl *client, const char *key,
                                         bzctrl_on_entry *on_entry, void *arg)
{
    enum err err;
    struct bzctrl_answer *answer = outbox_call_begin(client, &err);
    if (err == ERR_OK)
        err = outbox_find(client->outbox, &answer->op, str_of(key), on_entry, arg);
    return answer_end(answer, err);
}

static enum err again(struct bzctrl *client, struct op *op, int64_t id, const char *json)
{
    struct outbox_entry entry = {.created_at = clock_now()};
    enum err err = ERR_OK;
    if (json != NULL)
        err = make_body(op, str_trim(str_of(json)), false, &entry);
    if (err == ERR_OK)
        err = outbox_begin(client->outbox, op);
    if (err != ERR_OK)
        return err;
    err = outbox_again(client->outbox, op, id, &entry);
    if (err == ERR_OK)
        err = outbox_commit(client->outbox, op);
    if (err != ERR_OK)
        outbox_rollback(client->outbox);
    return err;
}

static struct bzctrl_answer *call_again(struct bzctrl *client, int64_t id, const char *json)
{
    enum err err;
    struct bzctrl_answer *answer = outbox_call_begin(client, &err);
    if (err == ERR_OK)
        err = again(client, &answer->op, id, json);
    if (err == ERR_OK)
        answer->code = BZCTRL_QUEUED;
    return answer_end(answer, err);
}

struct bzctrl_answer *bzctrl_outbox_retry(struct bzctrl *client, int64_t id)
{
    return call_again(client, id, NULL);
}

struct bzctrl_answer *bzctrl_outbox_edit(struct bzctrl *client, int64_t id, const char *json)
{
    return call_again(client, id, json == NULL ? "" : json);
}

/* Nothing may be on its way while it is dropped: the server would have it nevertheless. What was refused
 * is not sent. */
static enum err drop_begin(struct bzctrl *client, struct op *op, const int64_t *ids, size_t count)
{
    bool waits = false;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count && !waits; i++)
        err = outbox_waits(client->outbox, op, ids[i], &waits);
    return waits ? outbox_lock(client->outbox, op, client_deadline(client)) : err;
}

struct bzctrl_answer *bzctrl_outbox_drop(struct bzctrl *client, int64_t id)
{
    enum err err;
    struct bzctrl_answer *answer = outbox_call_begin(client, &err);
    if (err == ERR_OK)
        err = drop_begin(client, &answer->op, &id, 1);
    if (err == ERR_OK) {
        err = outbox_drop(client->outbox, &answer->op, id);
        outbox_unlock(client->outbox);
    }
    return answer_end(answer, err);
}

/* An entry that is already gone is not an error: another process may have dropped it. */
static enum err drop_all(struct bzctrl *client, struct op *op, const int64_t *ids, size_t count)
{
    struct op quiet = {.arena = op->arena};
    enum err err = outbox_begin(client->outbox, op);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        op_forget(&quiet);
        err = outbox_drop(client->outbox, &quiet, ids[i]);
        err = err == ERR_NOT_FOUND ? ERR_OK : err;
    }
    err = err == ERR_OK ? outbox_commit(client->outbox, op) : op_fail(op, err, "%s", quiet.detail);
    if (err != ERR_OK)
        outbox_rollback(client->outbox);
    return err;
}

struct bzctrl_answer *bzctrl_outbox_drop_all(struct bzctrl *client, const int64_t *ids,
                                             size_t count)
{
    enum err err;
    struct bzctrl_answer *answer = outbox_call_begin(client, &err);
    if (err == ERR_OK)
        err = drop_begin(client, &answer->op, ids, count);
    if (err == ERR_OK) {
        err = drop_all(client, &answer->op, ids, count);
        outbox_unlock(client->outbox);
    }
    return answer_end(answer, err);
}
