/*
 * POST /tasks/bulk: one merge patch for many records, named by their keys or selected by a filter.
 * decode → look whether the key was used → select → store the beginning → change piece by piece.
 */
#include "api/api.h"
#include "api/bulk_work.h"
#include "api/change.h"
#include "api/handlers.h"
#include "api/idempotency_key.h"
#include "api/list_query.h"
#include "api/query.h"
#include "base/container.h"
#include "core/task_cursor.h"
#include "core/task_index.h"
#include "json/read.h"
#include "model/key.h"

enum {
    BULK_TREE_MAX = 64 * 1024 * 1024,       /* of a body of 1 MiB */
    BULK_KEYS_MAX = BULK_RECORDS_MAX * 320, /* bytes of keys, KEY_MAX and a number each */
    BULK_STORED_AT_ONCE = 100,              /* verdicts that are read again */
};

/* What was sent. */
struct sent {
    const struct json *keys, *filter, *patch, *versions;
};

struct bulk_call {
    struct call *call;
    struct bulk_work *work;
    struct faults faults;
    struct str filter; /* absent: keys were sent */
    struct bulk_line *versions;
    size_t version_count;
    struct idempotency_key key;
    struct bulk_begin begin;

    /* Selecting. */
    struct core_read read;
    struct buf keys; /* of the pages so far, as bulk_change.keys */
    size_t keys_before;
    struct str cursor;
    char cursor_text[TASK_LIST_CURSOR_MAX];
    int64_t total;
};

/* ---- a record ---- */

static enum err line_judge(struct record_change *change)
{
    const struct bulk_line *line = bulk_line_of(change);
    const struct record *record = &change->record;
    if (line->version == 0 || line->version == record->task.version)
        return record_patch_judge(change);
    struct record_since since;
    enum err err = record_changed_since(change->call, record, line->version, &since);
    return err == ERR_OK ? record_refuse_stale(change->call, record, &since,
                                               STR("This record has another version than the one "
                                                   "that was sent; it was not changed."),
                                               false)
                         : err;
}

/* ---- what was sent ---- */

static void fault(struct bulk_call *bulk, const char *member, size_t index, enum fault_code code,
                  const char *detail)
{
    fault_add(&bulk->faults, str_of(member), index, code, NO_OPTIONS, "%s", detail);
}

/* Takes a member of the body; one that must be of another kind counts as not sent. */
static void sent_take(struct bulk_call *bulk, const struct json *member, struct sent *sent)
{
    const struct {
        const char *name;
        enum json_kind kind;
        const char *wrong;
        const struct json **to;
    } members[] = {
        {"keys", JSON_LIST, "keys must be a list of records' keys.", &sent->keys},
        {"filter", JSON_TEXT, "filter must be the query string of GET /tasks, as one text.",
         &sent->filter},
        {"patch", JSON_OBJECT, "patch must be an object with the members to change.", &sent->patch},
        {"versions", JSON_OBJECT, "versions must be an object of keys with their versions.",
         &sent->versions},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!str_eq(member->name, str_of(members[i].name)))
            continue;
        if (member->kind == members[i].kind)
            *members[i].to = member;
        else
            fault(bulk, members[i].name, FAULT_WHOLE, FAULT_WRONG_TYPE, members[i].wrong);
        return;
    }
    fault_add(&bulk->faults, member->name, FAULT_WHOLE, FAULT_UNKNOWN_MEMBER, NO_OPTIONS,
              "A bulk change has no member %.*s, but keys or filter, patch, and versions.",
              STR_ARG(fault_excerpt(member->name)));
}

/* "", but also "&", "q=" or "sort=created", which filter nothing. */
static void fault_everything(struct bulk_call *bulk)
{
    fault(bulk, "filter", FAULT_WHOLE, FAULT_REQUIRED,
          "filter must select something: without a filter in it, it would change every record.");
}

static void sent_check(struct bulk_call *bulk, const struct sent *sent)
{
    if (bulk->faults.n > 0)
        return;
    if (sent->patch == NULL)
        fault(bulk, "patch", FAULT_WHOLE, FAULT_REQUIRED,
              "patch is required: an object with the members to change.");
    else if (sent->patch->n == 0)
        fault(bulk, "patch", FAULT_WHOLE, FAULT_REQUIRED, "patch must name a member to change.");
    if ((sent->keys == NULL) == (sent->filter == NULL))
        fault(bulk, "keys", FAULT_WHOLE, FAULT_REQUIRED,
              "Either keys or filter is required, and only one of them.");
    if (sent->keys != NULL && sent->keys->n > BULK_RECORDS_MAX)
        fault_add(
            &bulk->faults, STR("keys"), FAULT_WHOLE, FAULT_TOO_MANY, NO_OPTIONS,
            "keys has %u records, and a call can change at most %d; nothing was changed. Send "
            "the rest in another call.",
            sent->keys->n, BULK_RECORDS_MAX);
    if (sent->filter != NULL && !utf8_visible(sent->filter->text))
        fault_everything(bulk);
}

/* A key as records show it, in the arena, and its domain. A text that is not a key stays as it was
 * sent: there is no such record. */
static enum err key_take(struct call *call, struct str text, struct bulk_line *ret_line)
{
    struct str workspace_key;
    int64_t number;
    struct bulk_line line = {0};
    enum err err = key_read_record(call->op.arena, utf8_trim(text), &workspace_key, &number);
    if (err == ERR_SYNTAX) {
        op_forget(&call->op);
        err = arena_copy(call->op.arena, utf8_cut(text, KEY_MAX), &line.key);
    } else if (err == ERR_OK) {
        const struct workspace *workspace = directory_workspace(call->directory, workspace_key);
        struct buf key;
        buf_init(&key, KEY_MAX + 32);
        buf_record_key(&key, workspace_key, number);
        err = buf_move(&key, call->op.arena, &line.key);
        line.domain_id = workspace == NULL ? 0 : workspace->domain->id;
    }
    if (err == ERR_OK)
        *ret_line = line;
    return err;
}

static struct bulk_line *line_named(struct bulk_work *work, struct str key)
{
    for (size_t i = 0; i < work->n; i++)
        if (str_eq(work->lines[i].key, key))
            return &work->lines[i];
    return NULL;
}

/* Adds a line unless the call has one with that key. */
static enum err line_add(struct bulk_work *work, struct str text)
{
    struct bulk_line line;
    enum err err = key_take(work->call, text, &line);
    if (err == ERR_OK && line_named(work, line.key) == NULL)
        work->lines[work->n++] = line;
    return err;
}

static enum err keys_take(struct bulk_call *bulk, const struct json *keys)
{
    size_t i = 0;
    enum err err = ERR_OK;
    for (const struct json *key = keys->first; key != NULL && err == ERR_OK; key = key->next, i++)
        if (key->kind == JSON_TEXT)
            err = line_add(bulk->work, key->text);
        else
            fault(bulk, "keys", i, FAULT_WRONG_TYPE, "keys must be a list of records' keys.");
    return err;
}

/* The version that a record must have, as a line of its own: what a filter selects is not known yet. */
static enum err version_take(struct bulk_call *bulk, const struct json *sent)
{
    uint64_t version = 0;
    struct bulk_line line;
    enum err err = key_take(bulk->call, sent->name, &line);
    if (err != ERR_OK)
        return err;
    if (sent->kind != JSON_NUMBER || !str_to_u64(sent->raw, INT64_MAX, &version) || version == 0)
        fault_add(&bulk->faults, STR("versions"), FAULT_WHOLE, FAULT_WRONG_TYPE, NO_OPTIONS,
                  "The version of %.*s must be a whole number from 1.",
                  STR_ARG(fault_excerpt(sent->name)));
    else if (bulk->filter.p == NULL && line_named(bulk->work, line.key) == NULL)
        fault_add(&bulk->faults, STR("versions"), FAULT_WHOLE, FAULT_MISMATCH, NO_OPTIONS,
                  "versions names %.*s, which is not among keys.",
                  STR_ARG(fault_excerpt(sent->name)));
    line.version = (int64_t)version;
    bulk->versions[bulk->version_count++] = line;
    return ERR_OK;
}

static enum err versions_take(struct bulk_call *bulk, const struct json *versions)
{
    enum err err = ERR_OK;
    if (versions == NULL)
        return ERR_OK;
    if (versions->n > BULK_RECORDS_MAX) {
        fault(bulk, "versions", FAULT_WHOLE, FAULT_TOO_MANY,
              "versions names more records than a call can change.");
        return ERR_OK;
    }
    bulk->versions = ARENA_ARRAY(bulk->call->op.arena, struct bulk_line, versions->n);
    if (bulk->versions == NULL)
        return ERR_MEMORY;
    for (const struct json *m = versions->first; m != NULL && err == ERR_OK; m = m->next)
        err = version_take(bulk, m);
    return err;
}

static void versions_apply(const struct bulk_call *bulk)
{
    for (size_t i = 0; i < bulk->version_count; i++) {
        struct bulk_line *line = line_named(bulk->work, bulk->versions[i].key);
        if (line != NULL)
            line->version = bulk->versions[i].version;
    }
}

static enum err body_decode(struct bulk_call *bulk, const struct json *root)
{
    struct call *call = bulk->call;
    struct sent sent = {0};
    if (root->kind != JSON_OBJECT)
        return op_fail(&call->op, ERR_SYNTAX, "The body must be a JSON object.");
    for (const struct json *m = root->first; m != NULL; m = m->next)
        sent_take(bulk, m, &sent);
    sent_check(bulk, &sent);
    if (bulk->faults.n > 0 || sent.patch == NULL)
        return call_refuse_faults(call, &bulk->faults);
    enum err err = task_decode_patch(&call->op, sent.patch->raw, &bulk->work->draft);
    if (err == ERR_OK && sent.filter != NULL)
        err = arena_copy(call->op.arena, utf8_trim(sent.filter->text), &bulk->filter);
    if (err == ERR_OK && sent.keys != NULL)
        err = keys_take(bulk, sent.keys);
    if (err == ERR_OK)
        err = versions_take(bulk, sent.versions);
    if (err == ERR_OK)
        err = bulk->faults.err;
    return err == ERR_OK && bulk->faults.n > 0 ? call_refuse_faults(call, &bulk->faults) : err;
}

/* The tree of a body is many times as large as the body, and not needed for long. */
static enum err body_read(struct bulk_call *bulk)
{
    struct call *call = bulk->call;
    const struct json *root;
    struct arena tree;
    arena_init(&tree, BULK_TREE_MAX);
    faults_init(&bulk->faults, call->op.arena);
    enum err err = json_read(&call->op, &tree, call->request->body, &root);
    if (err == ERR_OK)
        err = body_decode(bulk, root);
    arena_finish(&tree);
    return err;
}

static enum err idempotency_read(struct bulk_call *bulk)
{
    struct call *call = bulk->call;
    struct hasher hasher;
    size_t count = http_header_count(call->request, STR("idempotency-key"));
    if (count == 0 || bulk->work->dry_run)
        return ERR_OK;
    if (count > 1)
        return call_refuse(call, 400, "Idempotency-Key appears more than once; send it once.");
    enum err err = idempotency_key_read(
        &call->op, http_header_get(call->request, STR("idempotency-key")), &bulk->key.key);
    if (err != ERR_OK)
        return err;
    call->note.idempotency_key = bulk->key.key;
    hash_begin(&hasher);
    hash_field(&hasher, call->request->query);
    hash_field(&hasher, call->request->body);
    bulk->key.account_id = call->caller->id;
    bulk->key.endpoint = STR("tasks/bulk");
    bulk->key.request = hash_end(&hasher);
    return ERR_OK;
}

/* ---- what a filter selects ---- */

static enum err refuse_total(struct bulk_call *bulk)
{
    fault_add(&bulk->faults, STR("filter"), FAULT_WHOLE, FAULT_TOO_MANY, NO_OPTIONS,
              "filter selects %lld records, and a call can change at most %d; nothing was changed. "
              "Narrow it, for example by createdBefore.",
              (long long)bulk->total, BULK_RECORDS_MAX);
    return call_refuse_faults(bulk->call, &bulk->faults);
}

static enum err page_take(struct bulk_call *bulk, const struct task_page *page)
{
    const struct directory *directory = bulk->call->directory;
    for (size_t i = 0; i < page->tasks.n; i++) {
        const struct task *task = &page->tasks.items[i];
        const struct workspace *workspace =
            directory_workspace_by_id(directory, task->workspace_id);
        if (workspace == NULL)
            continue;
        buf_record_key(&bulk->keys, workspace->key, task->number);
        buf_char(&bulk->keys, '\n');
    }
    bulk->cursor = task_cursor_keep(page->next, bulk->cursor_text);
    return buf_err(&bulk->keys);
}

/* A page, in a read of its own: the index may be newer than the read before. */
static enum err page_run(struct core_read *read, struct db *db)
{
    struct bulk_call *bulk = container_of(read, struct bulk_call, read);
    struct call *call = bulk->call;
    struct task_list_request list;
    struct task_page page;
    bool filters = false;
    buf_cut(&bulk->keys, bulk->keys_before);
    call->db = db;
    enum err err = call_list_select(call, bulk->filter, &filters, &list);
    if (err != ERR_OK)
        return err;
    if (!filters) {
        fault_everything(bulk);
        return call_refuse_faults(call, &bulk->faults);
    }
    list.total = bulk->cursor.p == NULL;
    list.limit = TASK_LIST_MAX;
    list.cursor = bulk->cursor;
    err = core_task_list(db, &call->op, core_task_index(api_core(call->api)), &list, &page);
    if (err != ERR_OK)
        return err;
    if (list.total)
        bulk->total = page.total;
    return page_take(bulk, &page);
}

static enum err lines_take(struct bulk_work *work, struct str keys)
{
    enum err err = ERR_OK;
    while (keys.n > 0 && err == ERR_OK && work->n < BULK_RECORDS_MAX)
        err = line_add(work, str_cut(&keys, '\n'));
    return err;
}

static enum err filter_select(struct bulk_call *bulk)
{
    struct call *call = bulk->call;
    struct arena_mark mark = arena_mark(call->op.arena);
    size_t selected = 0;
    enum err err = ERR_OK;
    do {
        bulk->keys_before = bulk->keys.n;
        bulk->read = (struct core_read){.op = &call->op, .run = page_run};
        err = core_read_wait(api_core(call->api), &bulk->read);
        call->db = NULL;
        if (err != ERR_OK)
            return err;
        call->query = (struct query){0};
        arena_rewind(call->op.arena, mark);
        for (size_t i = bulk->keys_before; i < bulk->keys.n; i++)
            selected += bulk->keys.p[i] == '\n';
        if ((int64_t)selected > bulk->total)
            bulk->total = (int64_t)selected;
        if (bulk->total > BULK_RECORDS_MAX)
            return refuse_total(bulk);
    } while (bulk->cursor.p != NULL);
    return lines_take(bulk->work, buf_str(&bulk->keys));
}

/* ---- the same call before ---- */

static enum err stored_run(struct core_read *read, struct db *db)
{
    struct bulk_call *bulk = container_of(read, struct bulk_call, read);
    struct bulk_work *work = bulk->work;
    struct op *op = &bulk->call->op;
    struct bulk_verdict_list stored = {0};
    int64_t after = -1;
    work->verdicts.n = 0;
    enum err err = store_bulk_change_get(db, op, bulk->begin.bulk.id, &bulk->begin.bulk);
    if (err == ERR_OK && bulk->filter.p != NULL) {
        work->n = 0;
        err = lines_take(work, bulk->begin.bulk.keys);
    }
    do {
        if (err == ERR_OK)
            err = store_bulk_verdicts(db, op, bulk->begin.bulk.id, after, BULK_STORED_AT_ONCE,
                                      &stored);
        for (size_t i = 0; i < stored.n && err == ERR_OK; i++) {
            const struct bulk_verdict *verdict = &stored.items[i];
            struct bulk_line *line = &work->lines[verdict->place];
            bulk_work_settle(work, line, verdict->text);
            line->task_id = verdict->task_id;
            after = verdict->place;
        }
    } while (err == ERR_OK && stored.n == BULK_STORED_AT_ONCE);
    return err;
}

/* What it has done is done; the rest is done now. */
static enum err bulk_resume(struct bulk_call *bulk)
{
    struct call *call = bulk->call;
    bulk->read = (struct core_read){.op = &call->op, .run = stored_run};
    enum err err = core_read_wait(api_core(call->api), &bulk->read);
    if (err == ERR_NOT_FOUND)
        return call_refuse(
            call, 422,
            "This Idempotency-Key was used for a bulk change that is no longer kept; "
            "send a new one.");
    return err;
}

/* ---- the call ---- */

static enum err bulk_begin(struct bulk_call *bulk, bool finds)
{
    struct call *call = bulk->call;
    bulk->begin = (struct bulk_begin){
        .op = &call->op,
        .key = bulk->key,
        .finds = finds,
        .bulk = {.account_id = call->caller->id,
                 .keys = bulk->filter.p == NULL ? STR_NONE : buf_str(&bulk->keys)},
    };
    return core_bulk_begin(api_core(call->api), &bulk->begin);
}

/* Which records it changes, and under which id. */
static enum err bulk_start(struct bulk_call *bulk)
{
    enum err err = ERR_OK;
    if (bulk->key.key.p != NULL)
        err = bulk_begin(bulk, true);
    if (err == ERR_OK && !bulk->begin.repeated && bulk->filter.p != NULL)
        err = filter_select(bulk);
    if (err == ERR_OK && !bulk->begin.repeated && !bulk->work->dry_run)
        err = bulk_begin(bulk, false);
    if (err == ERR_OK && bulk->begin.repeated)
        err = bulk_resume(bulk);
    if (err != ERR_OK)
        return err;
    versions_apply(bulk);
    struct str id = arena_printf(bulk->call->op.arena, "%lld", (long long)bulk->begin.bulk.id);
    bulk->work->bulk_id = bulk->begin.bulk.id;
    bulk->work->note = (struct task_note){"bulkId", id};
    return id.p == NULL ? ERR_MEMORY : ERR_OK;
}

/* Reads what was sent. */
static enum err bulk_decode(struct bulk_call *bulk)
{
    static const char *const parameters[] = {"dryRun", NULL};
    struct call *call = bulk->call;
    enum err err = call_query_accept(call, parameters);
    if (err == ERR_OK)
        err = call_query_flag(call, "dryRun", &bulk->work->dry_run);
    if (err == ERR_OK)
        err = call_expect_json(call);
    if (err == ERR_OK)
        err = body_read(bulk);
    call->note.dry_run = bulk->work->dry_run;
    return err == ERR_OK ? idempotency_read(bulk) : err;
}

enum err bulk_change(struct call *call)
{
    struct bulk_call *bulk = ARENA_NEW(call->op.arena, struct bulk_call);
    if (bulk == NULL)
        return ERR_MEMORY;
    enum err err = bulk_work_create(call, &bulk->work);
    if (err != ERR_OK)
        return err;
    bulk->call = call;
    bulk->work->judge = line_judge;
    buf_init(&bulk->keys, BULK_KEYS_MAX);
    err = bulk_decode(bulk);
    if (err == ERR_OK)
        err = bulk_start(bulk);
    if (err == ERR_OK)
        err = bulk_work_run(bulk->work);
    buf_finish(&bulk->keys);
    return err == ERR_OK ? bulk_work_answer(bulk->work, bulk->begin.repeated) : err;
}
