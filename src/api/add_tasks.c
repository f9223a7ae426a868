/*
 * POST /task/add-tasks: many reports in one call. Each item is decoded as soon as its bytes are
 * there, and they are not kept. Once the body is whole the read lane judges all items, which may
 * want forms from the database, and the write lane creates them piece by piece, each piece in one
 * transaction and of one domain. Between the lanes the call is on no thread but one, and so is its
 * arena.
 */
#include "api/api.h"
#include "api/bulk_item.h"
#include "api/handlers.h"
#include "api/problem.h"
#include "base/container.h"
#include "core/form.h"
#include "core/task_answer.h"
#include "form/pattern.h"
#include "http/limits.h"
#include "model/draft_json.h"
#include "model/redact.h"
#include "model/task_encode.h"

#include <stdlib.h>

enum {
    BULK_ITEMS_MAX = 1000,
    BULK_TREE_MAX = 64 * BULK_ITEM_MAX,
    BULK_ANSWER_MAX = 2 * HTTP_ARENA_MAX, /* more than a call's arena has to say */
    BULK_PIECE_MAX = 256,                 /* creates in one transaction */
    BULK_WORK_MAX = 64000000,             /* units of a call's patterns (form/pattern.h) */
};

/* The forms that one round of judging took. */
struct round {
    struct round *next;
    const struct form **forms;
    size_t n;
    const struct directory *directory; /* that it judged by, once the call has a newer one */
    struct arena_mark mark;            /* before its verdicts */
    bool settled;                      /* an item, whose answer is made of all this */
};

struct bulk {
    struct call *call;
    struct intake_options options;
    struct json_items reader;
    struct arena tree;  /* of the item that is being decoded */
    struct buf excerpt; /* of the body, for the log of requests */
    struct bulk_item **items;
    size_t n;
    struct round *rounds; /* newest first */
    struct judging judging;
    bool viewed;                /* call->directory knows what the database has shown */
    size_t judged, reached;     /* items: before this turn of the lane, and after */
    size_t forms_before;        /* of the round, likewise */
    int64_t work, work_left;    /* likewise, of BULK_WORK_MAX */
    struct task_create **order; /* what goes to the write lane */
    size_t order_n, at, piece_max;
    struct task_creates piece;
    struct person_save invite; /* of one of their reporters */
};

static struct bulk_item *item_of(struct task_create *create)
{
    return container_of(create, struct bulk_item, intake.create);
}

/* All but the first `kept`. */
static void forms_release(struct round *round, size_t kept)
{
    while (round->n > kept)
        form_release(round->forms[--round->n]);
}

static void bulk_let_go(struct call *call)
{
    struct bulk *bulk = call->state;
    json_items_finish(&bulk->reader);
    buf_finish(&bulk->excerpt);
    arena_finish(&bulk->tree);
    for (struct round *round = bulk->rounds; round != NULL; round = round->next) {
        forms_release(round, 0);
        directory_release(round->directory);
    }
}

/* Out of memory is the call's own fault when it has had its share. */
static void bulk_fail(struct bulk *bulk, enum err err)
{
    struct call *call = bulk->call;
    if (err == ERR_MEMORY && call->op.arena->total > HTTP_ARENA_MAX / 2)
        call_refuse(call, 413, "The items of this call need too much memory; send fewer.");
    else
        call_fail(call, err);
}

/* ---- the answer ---- */

static void encode_problem(struct json_writer *json, struct bulk_item *item, enum err err)
{
    struct call *call = item->intake.call;
    struct str detail = str_of(item->op.detail);
    const struct faults *faults = NULL;
    int status =
        item->status != 0 ? item->status : intake_problem(&item->intake, err, &detail, &faults);
    intake_count(VIA_ADD_TASKS, status, false, false);
    json_put_i64(json, "status", status);
    json_put_begin(json, "problem");
    problem_encode(json->buf, status, detail, faults);
    if (call->note.detail.p == NULL) {
        call->note.detail = detail;
        call->note.faults = faults;
    }
}

static void encode_created(struct json_writer *json, const struct task_create *create)
{
    struct str receipt = task_answer_header(&create->answer, STR("Bzctrl-Receipt"));
    intake_count(VIA_ADD_TASKS, create->answer.status, create->replayed, false);
    json_put_i64(json, "status", create->answer.status);
    json_put_raw(json, "task", create->answer.body);
    if (receipt.p != NULL)
        json_put_text(json, "receipt", receipt);
    if (create->replayed)
        json_put_flag(json, "replayed", true);
}

/* What is to be said of an item; sets item->err. */
static void item_end(struct bulk_item *item)
{
    if (item->status == 0)
        item->err = item->sent ? intake_outcome(&item->intake, item->err) : item->intake.refusal;
}

/* What the log of requests shows: the first refusal, after how many there were. */
static void note_refusals(struct call *call, size_t refused, size_t n, size_t first)
{
    if (refused > 0)
        call->note.detail = arena_printf(
            call->op.arena, "%zu of %zu items were refused; the first is items[%zu]: %.*s", refused,
            n, first, STR_ARG(call->note.detail));
}

/* The workspace of the call, when all its items have the same. */
static int64_t common_workspace(const struct bulk *bulk)
{
    int64_t id = 0;
    for (size_t i = 0; i < bulk->n; i++) {
        const struct workspace *workspace = bulk->items[i]->intake.workspace;
        if (workspace != NULL && id != 0 && workspace->id != id)
            return 0;
        if (workspace != NULL)
            id = workspace->id;
    }
    return id;
}

static void bulk_answer(struct bulk *bulk)
{
    struct call *call = bulk->call;
    size_t refused = 0, first = 0, taken = 0;
    enum err failed = ERR_OK;
    for (size_t i = 0; i < bulk->n; i++) {
        struct bulk_item *item = bulk->items[i];
        item_end(item);
        if (item->status == 0 && item->err == ERR_OK)
            taken++;
        else if (item->status == 0 && failed == ERR_OK && problem_status(item->err) >= 500)
            failed = item->err;
    }
    call->note.workspace_id = common_workspace(bulk);
    /* When the machine failed and nothing is stored, the call as a whole is to be sent again. */
    if (failed != ERR_OK && taken == 0) {
        call_fail(call, failed);
        return;
    }
    struct json_writer *json = &call->json;
    json_begin_object(json, NULL);
    json_begin_list(json, "items");
    for (size_t i = 0; i < bulk->n; i++) {
        struct bulk_item *item = bulk->items[i];
        json_begin_object(json, NULL);
        if (item->status != 0 || item->err != ERR_OK) {
            first = refused++ == 0 ? i : first;
            encode_problem(json, item, item->err);
        } else if (bulk->options.dry_run) {
            intake_count(VIA_ADD_TASKS, 200, false, true);
            json_put_i64(json, "status", 200);
            intake_encode_verdict(json, &item->intake);
        } else {
            encode_created(json, &item->intake.create);
        }
        json_end(json);
    }
    json_end(json);
    json_end(json);
    note_refusals(call, refused, bulk->n, first);
    call_answer_json(call, 200);
}

/* ---- the write lane ---- */

static void bulk_judge(struct bulk *bulk);

/* The directory as it is now; what was judged by the one before still needs that. */
static void bulk_next_directory(struct bulk *bulk)
{
    struct round *round = bulk->rounds;
    if (round->directory == NULL) {
        round->directory = bulk->call->directory;
        bulk->call->directory = NULL;
    }
    call_refresh_directory(bulk->call);
}

static void item_settle(struct bulk *bulk, struct bulk_item *item, enum err err)
{
    item->err = err;
    item->sent = bulk->rounds->settled = true;
}

/* The next creates of one domain. True: they are under way. */
static bool piece_send(struct bulk *bulk)
{
    struct call *call = bulk->call;
    size_t n = 1;
    int64_t domain_id = bulk->order[bulk->at]->change.domain_id;
    while (n < bulk->piece_max && bulk->at + n < bulk->order_n &&
           bulk->order[bulk->at + n]->change.domain_id == domain_id)
        n++;
    bulk->piece.items = bulk->order + bulk->at;
    bulk->piece.n = n;
    enum err err = core_task_create_all(api_core(call->api), &bulk->piece);
    for (size_t i = bulk->at; err != ERR_OK && i < bulk->order_n; i++)
        item_settle(bulk, item_of(bulk->order[i]), err);
    return err == ERR_OK;
}

/* A fault of the machine, which whatever comes next would have too. */
static bool machine_failed(enum err err)
{
    return err == ERR_FULL || err == ERR_UNAVAILABLE || err == ERR_IO;
}

/* True: an item of the piece has the fault, and it is to be found out which. */
static bool piece_split(struct bulk *bulk, enum err err)
{
    if (err == ERR_OK || machine_failed(err) || bulk->piece.n == 1)
        return false;
    bulk->piece_max = 1;
    return true;
}

static void piece_done(struct change *change)
{
    struct task_creates *piece = container_of(change, struct task_creates, change);
    struct bulk *bulk = container_of(piece, struct bulk, piece);
    bool again = false;
    if (!piece_split(bulk, change->err)) {
        /* With the machine's fault it ends here, so that nothing overtakes what is sent again. */
        size_t n = machine_failed(change->err) ? bulk->order_n - bulk->at : piece->n;
        for (size_t i = 0; i < n; i++) {
            enum err err = change->err != ERR_OK ? change->err : piece->items[i]->change.err;
            struct bulk_item *item = item_of(piece->items[i]);
            if (judge_again(&bulk->judging, &item->op, err))
                again = true;
            else
                item_settle(bulk, item, err);
        }
        bulk->at += n;
        if (!again)
            bulk->judging = (struct judging){0};
    }
    if (again) {
        bulk_next_directory(bulk);
        bulk_judge(bulk);
    } else if (bulk->at == bulk->order_n || !piece_send(bulk)) {
        bulk_answer(bulk);
    }
}

/* By domain, and within one as they were sent: the items of a piece lie side by side. */
static int create_cmp(const void *a, const void *b)
{
    const struct bulk_item *left = item_of(*(struct task_create *const *)a);
    const struct bulk_item *right = item_of(*(struct task_create *const *)b);
    int64_t l = left->intake.create.change.domain_id, r = right->intake.create.change.domain_id;
    return l != r ? (l > r) - (l < r) : (left->place > right->place) - (left->place < right->place);
}

/* ---- the read lane ---- */

/* The form that an item is judged by: mostly that of the item before. */
static enum err item_form(struct bulk *bulk, struct db *db, const struct form_head *head,
                          const struct form_head **last, const struct form **form)
{
    struct round *round = bulk->rounds;
    struct form_cache *cache = core_forms(api_core(bulk->call->api));
    if (head == *last)
        return ERR_OK;
    const struct form *taken = head == NULL ? NULL : form_cache_take(cache, head);
    enum err err = head == NULL || taken != NULL
                       ? ERR_OK
                       : form_cache_load(cache, db, &bulk->call->op, head, &taken);
    if (err != ERR_OK)
        return err;
    if (head != NULL)
        round->forms[round->n++] = taken;
    *form = head == NULL ? &form_default : taken;
    *last = head;
    return ERR_OK;
}

/* Does it go to the write lane? */
static bool item_creates(const struct bulk_item *item)
{
    enum intake_next next = intake_next(&item->intake);
    return next == INTAKE_CREATE || next == INTAKE_REPLAY;
}

/* An error is the call's; a refusal is the item's. An item may take as much work as a report may
 * that comes alone, while the call has some left. */
static enum err item_judge(struct bulk *bulk, struct db *db, struct bulk_item *item,
                           const struct form_head **last, const struct form **form)
{
    struct intake *intake = &item->intake;
    enum err err = intake_find_form(intake);
    if (err == ERR_OK) {
        err = item_form(bulk, db, intake->head, last, form);
        if (err != ERR_OK)
            return err;
        int64_t allowed = bulk->work_left < PATTERN_WORK_MAX ? bulk->work_left : PATTERN_WORK_MAX;
        pattern_allow(&item->op, allowed);
        err = intake_judge(intake, *form);
        bulk->work_left -= allowed - pattern_allowed(&item->op);
    }
    if (err == ERR_MEMORY)
        return err;
    return item_creates(item) ? intake_prepare(intake) : ERR_OK;
}

/* One turn ends once the patterns have taken what one report's may, so that others have theirs. */
static enum err judge_run(struct core_read *read, struct db *db)
{
    struct bulk *bulk = call_of_read(read)->state;
    const struct form_head *last = NULL;
    const struct form *form = &form_default;
    enum err err = ERR_OK;
    /* Where nodes share the database, another one may just have made what reports name. */
    if (!bulk->viewed && core_is_shared(api_core(bulk->call->api))) {
        bulk->call->db = db;
        err = call_view_directory(bulk->call);
        if (err == ERR_OK && bulk->call->caller == NULL)
            err = ERR_UNAVAILABLE; /* sent again, it hears that its account is gone */
        bulk->viewed = err == ERR_OK;
    }
    forms_release(bulk->rounds, bulk->forms_before); /* of a run before this one */
    bulk->work_left = bulk->work;
    size_t i = bulk->judged;
    for (; i < bulk->n && err == ERR_OK && bulk->work - bulk->work_left < PATTERN_WORK_MAX; i++)
        if (bulk->items[i]->status == 0 && !bulk->items[i]->sent)
            err = item_judge(bulk, db, bulk->items[i], &last, &form);
    bulk->reached = i;
    return err;
}

/* ---- reporters who are invited ---- */

static bool item_invites(const struct bulk_item *item)
{
    return item->status == 0 && !item->sent && intake_next(&item->intake) == INTAKE_INVITE;
}

static void invite_done(struct change *change);

/* Invites whoever is not known yet, one after the other, and has all judged again when the last one
 * is. False: there is nobody. */
static bool invite_send(struct bulk *bulk)
{
    bool any = false;
    for (size_t i = 0; i < bulk->n; i++) {
        struct bulk_item *item = bulk->items[i];
        if (!item_invites(item))
            continue;
        if (!intake_reporter_known(&item->intake)) {
            enum err err = intake_invite(&item->intake, &bulk->invite, invite_done);
            if (err == ERR_OK)
                return true;
            item_settle(bulk, item, err);
        }
        any = true;
    }
    if (any)
        bulk_judge(bulk);
    return any;
}

static void bulk_create(struct bulk *bulk);

static void invite_done(struct change *change)
{
    struct bulk *bulk = container_of(change, struct bulk, invite.change);
    bool failed = change->err != ERR_OK && !judge_again(&bulk->judging, change->op, change->err);
    if (change->err == ERR_OK)
        bulk->judging = (struct judging){0};
    bulk_next_directory(bulk);
    for (size_t i = 0; failed && i < bulk->n; i++)
        if (item_invites(bulk->items[i]))
            item_settle(bulk, bulk->items[i], change->err);
    if (!invite_send(bulk))
        bulk_create(bulk);
}

static void judge_turn(struct bulk *bulk);

static void judge_done(struct core_read *read)
{
    struct bulk *bulk = call_of_read(read)->state;
    bulk->judged = bulk->reached;
    bulk->work = bulk->work_left;
    if (read->err != ERR_OK)
        bulk_fail(bulk, read->err);
    else if (bulk->judged < bulk->n)
        judge_turn(bulk);
    else if (!invite_send(bulk))
        bulk_create(bulk);
}

static void bulk_create(struct bulk *bulk)
{
    bulk->order_n = bulk->at = 0;
    for (size_t i = 0; i < bulk->n; i++) {
        struct bulk_item *item = bulk->items[i];
        if (item->status == 0 && !item->sent && item_creates(item))
            bulk->order[bulk->order_n++] = &item->intake.create;
    }
    qsort(bulk->order, bulk->order_n, sizeof(struct task_create *), create_cmp);
    bulk->piece.change.op = &bulk->call->op;
    bulk->piece.change.done = piece_done;
    if (bulk->order_n == 0 || !piece_send(bulk))
        bulk_answer(bulk);
}

/* A round that has settled nothing begins once more, so that losing costs no memory. */
static enum err round_begin(struct bulk *bulk)
{
    struct arena *arena = bulk->call->op.arena;
    struct round *round = bulk->rounds;
    if (round != NULL && !round->settled) {
        forms_release(round, 0);
        directory_release(round->directory);
        round->directory = NULL;
        arena_rewind(arena, round->mark);
        return ERR_OK;
    }
    round = ARENA_NEW(arena, struct round);
    if (round != NULL)
        round->forms = ARENA_ARRAY(arena, const struct form *, bulk->n);
    if (round == NULL || round->forms == NULL)
        return ERR_MEMORY;
    round->mark = arena_mark(arena);
    round->next = bulk->rounds;
    bulk->rounds = round;
    return ERR_OK;
}

static void judge_turn(struct bulk *bulk)
{
    bulk->forms_before = bulk->rounds->n;
    call_read(bulk->call, judge_run, judge_done);
}

static void bulk_judge(struct bulk *bulk)
{
    enum err err = round_begin(bulk);
    if (err != ERR_OK) {
        bulk_fail(bulk, err);
        return;
    }
    bulk->judged = 0;
    bulk->work = BULK_WORK_MAX;
    judge_turn(bulk);
}

/* ---- the body ---- */

/* Answers the call itself and returns false when that item is its end. */
static bool item_add(struct bulk *bulk, const struct json_item *sent)
{
    struct call *call = bulk->call;
    if (bulk->n == BULK_ITEMS_MAX) {
        call_refuse(call, 422, "A call can have at most %d items; send the rest in another call.",
                    BULK_ITEMS_MAX);
        return false;
    }
    struct bulk_item *item = ARENA_NEW(call->op.arena, struct bulk_item);
    if (item == NULL) {
        bulk_fail(bulk, ERR_MEMORY);
        return false;
    }
    item->place = bulk->n;
    item->op = (struct op){.arena = call->op.arena, .now = call->op.now};
    item->intake.call = call;
    item->intake.op = &item->op;
    item->intake.options = &bulk->options;
    enum err err = bulk_item_decode(item, &bulk->tree, bulk->reader.form, sent);
    if (err != ERR_OK) {
        bulk_fail(bulk, err);
        return false;
    }
    bulk->items[bulk->n++] = item;
    return true;
}

static bool bulk_take(struct http_request *request, struct str piece)
{
    struct call *call = request->user;
    struct bulk *bulk = call->state;
    buf_add(&bulk->excerpt, str_sub(piece, 0, REDACT_READ_MAX - bulk->excerpt.n));
    call->note.body = buf_str(&bulk->excerpt);
    for (;;) {
        struct json_item item;
        enum err err = json_items_next(&bulk->reader, &call->op, &piece, &item);
        if (err != ERR_OK) {
            call_fail(call, err);
            return false;
        }
        if (item.text.p == NULL)
            return true;
        if (!item_add(bulk, &item))
            return false;
    }
}

static void bulk_end(struct http_request *request)
{
    struct call *call = request->user;
    struct bulk *bulk = call->state;
    struct json_item item;
    enum err err = json_items_end(&bulk->reader, &call->op, &item);
    if (err != ERR_OK) {
        call->note.json = false;
        call_fail(call, err);
        return;
    }
    if (item.text.p != NULL && !item_add(bulk, &item))
        return;
    /* The call itself has been counted. */
    if (bulk->n > 1 && call_expect_rate(call, (int64_t)bulk->n - 1) != ERR_OK)
        return;
    bulk->order = ARENA_ARRAY(call->op.arena, struct task_create *, bulk->n);
    if (bulk->order == NULL)
        bulk_fail(bulk, ERR_MEMORY);
    else if (bulk->n == 0)
        bulk_answer(bulk);
    else
        bulk_judge(bulk);
}

static void bulk_gone(struct http_request *request)
{
    call_drop(request->user);
}

void add_tasks(struct call *call)
{
    static const struct http_reader reader = {bulk_take, bulk_end, bulk_gone};
    static const struct str types[] = {STR_INIT("application/json"),
                                       STR_INIT("application/x-ndjson")};
    size_t type;
    struct bulk *bulk = ARENA_NEW(call->op.arena, struct bulk);
    if (bulk != NULL)
        bulk->items = ARENA_ARRAY(call->op.arena, struct bulk_item *, BULK_ITEMS_MAX);
    if (bulk == NULL || bulk->items == NULL) {
        call_fail(call, ERR_MEMORY);
        return;
    }
    if (!intake_read_query(call, &bulk->options) ||
        call_expect_type(call, (struct str_list){types, 2}, &type) != ERR_OK)
        return;
    if (http_header_count(call->request, STR("idempotency-key")) > 0) {
        call_refuse(
            call, 400,
            "Remove the header: here each item has its own key, as its \"idempotencyKey\".");
        return;
    }
    bulk->call = call;
    bulk->piece_max = BULK_PIECE_MAX;
    json_items_init(&bulk->reader, type == 0 ? JSON_ITEMS_LIST : JSON_ITEMS_LINES, BULK_ITEM_MAX);
    arena_init(&bulk->tree, BULK_TREE_MAX);
    buf_init(&bulk->excerpt, REDACT_READ_MAX);
    call->state = bulk;
    call->let_go = bulk_let_go;
    call->body.max = BULK_ANSWER_MAX;
    call->note.json = true;
    http_read_body(call->request, &reader);
}
