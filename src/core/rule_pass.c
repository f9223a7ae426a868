#include "core/rule_pass.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/random.h"
#include "core/form.h"
#include "core/rule.h"
#include "core/rule_notified.h"
#include "core/rule_recur.h"
#include "core/task_change.h"
#include "db/db.h"
#include "model/key.h"
#include "model/right.h"
#include "store/feed.h"
#include "store/rule.h"
#include "store/task.h"
#include "store/timer.h"

#include <stdlib.h>

enum {
    RECORDS_BYTES = 64 * 1024 * 1024, /* of the records of a step: what is beyond waits */
    EVENTS_READ = 1000,
    POSITION_LAG = 2000, /* events after which a position is stored, though they led to nothing */
    NOTICE_MAX = 256 * 1024,
    OWNER_SIZE = 16,
};

static const int64_t LEASE = 15000, RENEW = 5000; /* milliseconds */

/* How far along a chain it has come; `stored` is what the next process begins with. */
struct position {
    int64_t ordinal, domain_id, seq, stored;
};

struct rule_pass {
    struct core *core;
    struct db *db;
    struct position *positions;
    size_t position_count;
    bool ours;
    int64_t renew_at; /* clock_ticks() */
    unsigned char owner[OWNER_SIZE];
};

/* ---- one record ---- */

/* The rules of a workspace in this step. */
struct loaded {
    struct rule_set set;
    int64_t stamp;
    int64_t turns[RULES_MAX]; /* of rules that assign; -1: not asked yet */
    bool turned[RULES_MAX];
    struct loaded *next;
};

struct pass_item {
    int64_t id;
    struct position *chain; /* that its creation was read from, at `seq`; NULL: it is not new */
    int64_t seq;
    const struct rule_sweep *sweep; /* that it is of, or NULL */
    bool has_timer;
    struct record_timer timer;

    /* Judged. */
    struct task task;
    const struct workspace *workspace;
    struct loaded *rules;
    struct rule_look look;
    struct str notices[RULES_MAX + 1]; /* payloads, of the firings that are notices */
    struct str key;
    struct task_change *change; /* NULL: it does not change */
    bool turned;                /* a rule took a turn, even if it fell to the assignee */
    bool puts, drops;           /* its timer */
};

/* What becomes of the records of one domain. */
struct group {
    struct change change;
    const struct directory *directory;
    int64_t domain_id;
    struct pass_item **items;
    size_t n;
    struct position *chain; /* to be stored up to `seq`; NULL: none */
    int64_t seq;
    const struct rule_sweep *sweep; /* to be moved on to `sweep_number`, or NULL */
    int64_t sweep_number;
    const struct loaded *swept; /* the rules of its workspace */
};

/* Everything of a step. */
struct pass_step {
    struct rule_pass *pass;
    struct op *op;
    const struct directory *directory;
    struct pass_item **items;
    size_t n, capacity;
    struct loaded *loaded;
    struct rule_sweep sweep;
    struct loaded *swept; /* the rules of its workspace */
    bool sweeps, cut;
    int64_t sweep_number;
    int64_t *reached; /* of each chain: the last event that is looked at in this step */
};

static struct pass_item *item_add(struct pass_step *step, int64_t id)
{
    if (step->n == step->capacity)
        return NULL;
    struct pass_item *item = ARENA_NEW(step->op->arena, struct pass_item);
    if (item != NULL) {
        item->id = id;
        step->items[step->n++] = item;
    }
    return item;
}

static enum err rules_of(struct pass_step *step, const struct workspace *workspace,
                         struct loaded **ret_loaded)
{
    for (struct loaded *l = step->loaded; l != NULL; l = l->next)
        if (l->set.workspace == workspace) {
            *ret_loaded = l;
            return ERR_OK;
        }
    struct loaded *loaded = ARENA_NEW(step->op->arena, struct loaded);
    if (loaded == NULL)
        return ERR_MEMORY;
    enum err err = rule_set_load(step->pass->db, step->op, step->directory, workspace, &loaded->set,
                                 &loaded->stamp);
    for (size_t i = 0; i < RULES_MAX; i++)
        loaded->turns[i] = -1;
    loaded->next = step->loaded;
    step->loaded = loaded;
    *ret_loaded = loaded;
    return err;
}

/* ---- what a notice says ---- */

static enum err notice_make(const struct pass_step *step, const struct pass_item *item,
                            const struct rule_firing *firing, struct str *ret_payload)
{
    const struct rule *rule = firing->rule;
    int64_t ids[RULE_NOTIFIED_MAX];
    size_t n = rule_notified(step->directory, item->workspace, &item->task, rule, ids);
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, NOTICE_MAX);
    json_writer_init(&json, &buf);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "notice");
    json_put_null(&json, NULL);
    json_begin_object(&json, NULL);
    if (rule == NULL)
        json_put_null(&json, "rule");
    else
        json_put_id(&json, "rule", rule->id);
    json_put_text(&json, "ruleName", rule == NULL ? STR_NONE : rule->name);
    if (rule != NULL && rule->kind == RULE_REMIND)
        json_put_i64(&json, "step", firing->step);
    else
        json_put_null(&json, "step");
    json_put_date(&json, "date", firing->date);
    json_put_time(&json, "dueAt", firing->due_at);
    json_begin_list(&json, "for");
    for (size_t i = 0; i < n; i++)
        json_put_text(&json, NULL, directory_account_by_id(step->directory, ids[i])->email);
    json_end(&json);
    json_end(&json);
    json_end(&json);
    json_end(&json);
    return buf_move(&buf, step->op->arena, ret_payload);
}

/* ---- judging ---- */

/* A change of the record by a rule. */
static enum err change_make(struct pass_step *step, struct pass_item *item, const struct rule *rule,
                            const struct task *after)
{
    struct op *op = step->op;
    struct task_change *change = ARENA_NEW(op->arena, struct task_change);
    const struct form_head *head = workspace_form(item->workspace, item->task.form);
    struct str id = arena_printf(op->arena, "%lld", (long long)rule->id);
    const struct form *form = &form_default;
    if (change == NULL || id.p == NULL)
        return ERR_MEMORY;
    if (head != NULL) {
        struct form_cache *forms = core_forms(step->pass->core);
        form = form_cache_take(forms, head);
        enum err err =
            form == NULL ? form_cache_load(forms, step->pass->db, op, head, &form) : ERR_OK;
        if (err != ERR_OK)
            return err;
    }
    *change = (struct task_change){
        .op = op,
        .directory = step->directory,
        .form = form,
        .before = &item->task,
        .after = *after,
        .notes = {{"rule", id}, {"ruleName", rule->name}},
    };
    item->change = change;
    return core_task_change_prepare(change);
}

/* The next of the rule's people who may still have the record; 0: nobody. */
static enum err turn_take(struct pass_step *step, struct pass_item *item, const struct rule *rule,
                          int64_t *ret_account_id)
{
    struct loaded *loaded = item->rules;
    size_t place = (size_t)(rule - loaded->set.rules);
    int64_t *turn = &loaded->turns[place];
    enum err err = *turn < 0 ? store_rule_turn(step->pass->db, step->op, rule->id, turn) : ERR_OK;
    *ret_account_id = 0;
    for (size_t i = 0; i < rule->people.n && err == ERR_OK && *ret_account_id == 0; i++) {
        struct str email = rule->people.items[(size_t)*turn % rule->people.n];
        const struct account *account = directory_account(step->directory, email);
        *turn = (int64_t)((size_t)*turn % rule->people.n) + 1;
        loaded->turned[place] = item->turned = rule->people.n > 1;
        if (right_takes_part(step->directory, account, item->workspace))
            *ret_account_id = account->id;
    }
    return err;
}

static enum err assign_judge(struct pass_step *step, struct pass_item *item)
{
    const struct rule *rule = rule_assigns(&item->rules->set, &item->task, step->op->now);
    struct task after = item->task;
    int64_t account_id = 0;
    enum err err = rule == NULL ? ERR_OK : turn_take(step, item, rule, &account_id);
    if (err != ERR_OK || account_id == 0 || account_id == item->task.assignee_id)
        return err;
    after.assignee_id = account_id;
    return change_make(step, item, rule, &after);
}

static enum err firings_judge(struct pass_step *step, struct pass_item *item)
{
    struct firing_list fired = {0};
    const struct task *task = &item->task;
    enum err err = store_firings(step->pass->db, step->op, item->id, task->due_date,
                                 task->reminder_date, &fired);
    if (err == ERR_OK)
        rule_look(&item->rules->set, task, &item->timer, &fired, step->op->now, &item->look);
    for (size_t i = 0; i < item->look.n && err == ERR_OK; i++) {
        const struct rule_firing *firing = &item->look.firings[i];
        if (firing->rule == NULL || firing->rule->kind != RULE_EXPIRE) {
            err = notice_make(step, item, firing, &item->notices[i]);
        } else if (item->change == NULL) {
            struct task after = *task;
            after.status = STATUS_EXPIRED;
            err = change_make(step, item, firing->rule, &after);
        }
    }
    return err;
}

/* What becomes of its timer. A record that changes is looked at again by that change. */
static void timer_judge(struct pass_item *item, bool waits)
{
    bool reminds = item->task.reminder_date != DATE_NONE;
    bool wanted = waits && (reminds || item->rules->set.n > 0);
    int64_t next_at = wanted ? item->look.next_at : TIMER_NEVER;
    item->drops = item->has_timer && !waits;
    item->puts =
        item->change == NULL && waits && (item->has_timer ? item->timer.due_at != next_at : wanted);
    item->timer.due_at = next_at;
}

static enum err item_judge(struct pass_step *step, struct pass_item *item)
{
    struct op *op = step->op;
    struct db *db = step->pass->db;
    struct buf key;
    enum err err = store_task_get_by_id(db, op, item->id, &item->task);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
    item->workspace = directory_workspace_by_id(step->directory, item->task.workspace_id);
    if (item->workspace == NULL)
        return ERR_OUTDATED;
    buf_init(&key, KEY_MAX + 32);
    buf_record_key(&key, item->workspace->key, item->task.number);
    err = buf_move(&key, op->arena, &item->key);
    if (err == ERR_OK)
        err = rules_of(step, item->workspace, &item->rules);
    bool waits = rule_waits(&item->task);
    if (err == ERR_OK && !item->has_timer && waits) {
        int64_t since = item->task.created_at;
        if (item->sweep != NULL && item->sweep->since > since)
            since = item->sweep->since;
        item->timer = (struct record_timer){item->id, TIMER_NEVER, since, since};
        err = store_timer_get(db, op, item->id, &item->has_timer, &item->timer);
    }
    if (err == ERR_OK && item->chain != NULL)
        err = assign_judge(step, item);
    if (err == ERR_OK && waits)
        err = firings_judge(step, item);
    timer_judge(item, waits);
    return err;
}

static bool item_writes(const struct pass_item *item)
{
    return item->look.n > 0 || item->change != NULL || item->turned || item->puts || item->drops;
}

/* ---- the transaction ---- */

/* Are the rules of a workspace as they were loaded? */
static enum err rules_expect(struct db *db, struct op *op, const struct loaded *rules)
{
    int64_t stamp;
    enum err err = store_rules_stamp(db, op, rules->set.workspace->id, &stamp);
    return err == ERR_OK && stamp != rules->stamp ? ERR_OUTDATED : err;
}

/* Is everything as it was judged? */
static enum err group_expect(struct group *group, struct batch *batch)
{
    struct op *op = group->change.op;
    struct db *db = batch_db(batch);
    const struct loaded *checked = NULL;
    enum err err = batch_directory_expect_begun(batch, op, group->directory);
    /* Only what is read under the lock stays as it is until the commit. */
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, group->domain_id);
    /* Rules that came since want a sweep from the beginning. */
    if (err == ERR_OK && group->swept != NULL)
        err = rules_expect(db, op, group->swept);
    for (size_t i = 0; i < group->n && err == ERR_OK; i++) {
        const struct pass_item *item = group->items[i];
        int64_t version, parent_id;
        err = store_task_version(db, op, item->id, &version, &parent_id);
        if (err == ERR_OK && version != item->task.version)
            err = ERR_OUTDATED;
        if (err == ERR_OK && item->rules != checked)
            err = rules_expect(db, op, item->rules);
        checked = item->rules;
    }
    return err;
}

static enum err notices_write(struct pass_item *item, struct batch *batch, struct op *op)
{
    int64_t version = item->task.version, seq = item->task.last_seq;
    enum err err = ERR_OK;
    if (item->change != NULL) {
        version = item->change->after.version;
        seq = item->change->after.last_seq;
    }
    int64_t first = seq;
    for (size_t i = 0; i < item->look.n && err == ERR_OK; i++) {
        const struct rule_firing *firing = &item->look.firings[i];
        struct event event = {
            .domain_id = item->workspace->domain->id,
            .action = firing->rule != NULL && firing->rule->kind == RULE_ESCALATE
                          ? STR("task.escalated")
                          : STR("task.reminded"),
            .key = item->key,
            .task_id = item->id,
            .previous_seq = seq,
            .payload = item->notices[i],
            .version = version + 1,
        };
        bool changes = firing->rule != NULL && firing->rule->kind == RULE_EXPIRE;
        if (changes && (item->change == NULL || item->change->after.status != STATUS_EXPIRED))
            continue; /* it was assigned in this step; the next one expires it */
        if (!changes)
            err = batch_append_event(batch, op, &event);
        if (err == ERR_OK && !changes) {
            version = event.version;
            seq = event.seq;
        }
        if (err == ERR_OK)
            err = store_firing_add(batch_db(batch), op, item->id,
                                   changes ? item->change->written.seq : seq, firing);
    }
    return err == ERR_OK && seq != first
               ? store_task_notice(batch_db(batch), op, item->id, version, seq)
               : err;
}

static enum err item_write(struct pass_item *item, struct batch *batch, struct op *op)
{
    enum err err = item->change == NULL ? ERR_OK : core_task_change_write(item->change, batch);
    if (err == ERR_OK && item->look.n > 0)
        err = notices_write(item, batch, op);
    if (err == ERR_OK && item->drops)
        err = store_timer_drop(batch_db(batch), op, item->id);
    if (err == ERR_OK && item->puts)
        err = store_timer_put(batch_db(batch), op, &item->timer);
    return err;
}

/* The dates of rules that make records stay, but their times are those of the zone as it is now. */
static enum err recur_rearm(const struct group *group, struct db *db, struct op *op)
{
    const struct rule_set *set = &group->swept->set;
    enum err err = ERR_OK;
    for (size_t i = 0; i < set->n && err == ERR_OK; i++) {
        const struct rule *rule = &set->rules[i];
        struct rule_next next;
        if (rule->kind != RULE_RECUR)
            continue;
        err = store_rule_next(db, op, rule->id, &next);
        if (err == ERR_NOT_FOUND)
            err = ERR_OK;
        else if (err == ERR_OK) {
            next.due_at = zone_time(set->workspace->zone, next.date, (int)rule->schedule.minute);
            err = store_rule_next_put(db, op, &next);
        }
    }
    return err;
}

/* Whose turn it is after this. */
static enum err turns_write(const struct group *group, struct db *db, struct op *op)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < group->n; i++) {
        const struct loaded *loaded = group->items[i]->rules;
        if (i > 0 && loaded == group->items[i - 1]->rules)
            continue;
        for (size_t k = 0; k < loaded->set.n && err == ERR_OK; k++)
            if (loaded->turned[k])
                err = store_rule_turn_put(db, op, loaded->set.rules[k].id, loaded->turns[k]);
    }
    return err;
}

static enum err group_apply(struct change *change, struct batch *batch)
{
    struct group *group = container_of(change, struct group, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    enum err err = group_expect(group, batch);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    if (group->chain != NULL)
        err = store_rule_position_move(db, op, group->chain->ordinal, group->chain->stored,
                                       group->seq);
    if (err == ERR_OK && group->sweep != NULL)
        err = store_sweep_move(db, op, group->sweep, group->sweep_number);
    if (err == ERR_OK && group->sweep != NULL && group->sweep->number == 0)
        err = recur_rearm(group, db, op);
    for (size_t i = 0; i < group->n && err == ERR_OK; i++)
        err = item_write(group->items[i], batch, op);
    return err == ERR_OK ? turns_write(group, db, op) : err;
}

/* ---- gathering ---- */

/* From the store, when this process begins, or has become the one that does it. */
static enum err positions_read(struct rule_pass *pass, struct op *op)
{
    struct db_rows rows;
    enum err err = store_rule_positions(pass->db, op, &rows);
    struct position *read = err == ERR_OK ? calloc(rows.n + 1, sizeof *read) : NULL;
    if (err != ERR_OK || read == NULL)
        return err != ERR_OK ? err : ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        int64_t seq = db_get_i64(&rows, i, 1);
        read[i] = (struct position){.ordinal = db_get_i64(&rows, i, 0), .seq = seq, .stored = seq};
    }
    free(pass->positions);
    pass->positions = read;
    pass->position_count = rows.n;
    return ERR_OK;
}

/* One for each chain, in their order: chains that are new begin at 0. */
static enum err positions_match(struct rule_pass *pass, const struct feed_heads *heads)
{
    size_t known = 0;
    if (pass->position_count == heads->n)
        return ERR_OK;
    struct position *matched = calloc(heads->n + 1, sizeof *matched);
    if (matched == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < heads->n; i++) {
        int64_t ordinal = heads->items[i].ordinal;
        bool is_known = known < pass->position_count && pass->positions[known].ordinal == ordinal;
        matched[i] = is_known ? pass->positions[known++] : (struct position){.ordinal = ordinal};
    }
    free(pass->positions);
    pass->positions = matched;
    pass->position_count = heads->n;
    return ERR_OK;
}

/* Is there something that rules may do to a new record? */
static enum err created_concerns(struct pass_step *step, const struct created *created,
                                 bool *ret_does)
{
    const struct workspace *workspace =
        directory_workspace_by_id(step->directory, created->workspace_id);
    struct loaded *loaded = NULL;
    if (workspace == NULL)
        return ERR_OUTDATED;
    enum err err = rules_of(step, workspace, &loaded);
    if (err == ERR_OK)
        *ret_does = loaded->set.n > 0 || created->reminds;
    return err;
}

static enum err chain_gather(struct pass_step *step, const struct feed_head *head, size_t place)
{
    struct position *chain = &step->pass->positions[place];
    int64_t *reached = &step->reached[place];
    struct created_list created;
    if (chain->seq >= head->seq)
        return ERR_OK;
    enum err err = store_created_after(step->pass->db, step->op, head->ordinal, chain->seq,
                                       EVENTS_READ, &created);
    for (size_t i = 0; err == ERR_OK && i < created.n && step->n < RULE_PASS_RECORDS; i++) {
        bool concerned = false;
        *reached = created.items[i].seq;
        if (created.items[i].task_id != 0)
            err = created_concerns(step, &created.items[i], &concerned);
        if (err != ERR_OK || !concerned)
            continue;
        struct pass_item *item = item_add(step, created.items[i].task_id);
        if (item == NULL)
            return ERR_MEMORY;
        item->chain = chain;
        item->seq = *reached;
    }
    step->cut = step->cut || *reached < head->seq;
    return err;
}

/* New records, chain by chain. */
static enum err created_gather(struct pass_step *step)
{
    struct rule_pass *pass = step->pass;
    struct feed_heads heads;
    enum err err = store_feed_heads(pass->db, step->op, &heads);
    if (err == ERR_OK)
        err = positions_match(pass, &heads);
    if (err != ERR_OK)
        return err;
    step->reached = ARENA_ARRAY(step->op->arena, int64_t, heads.n);
    if (step->reached == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < heads.n; i++) {
        step->reached[i] = pass->positions[i].seq;
        pass->positions[i].domain_id = heads.items[i].domain_id;
    }
    for (size_t i = 0; err == ERR_OK && i < heads.n && step->n < RULE_PASS_RECORDS; i++)
        err = chain_gather(step, &heads.items[i], i);
    return err;
}

static struct pass_item *item_known(const struct pass_step *step, int64_t id)
{
    for (size_t i = 0; i < step->n; i++)
        if (step->items[i]->id == id)
            return step->items[i];
    return NULL;
}

static enum err timers_gather(struct pass_step *step)
{
    struct timer_list due;
    enum err err = store_timers_due(step->pass->db, step->op, RULE_PASS_RECORDS, &due);
    size_t created = step->n;
    for (size_t i = 0; err == ERR_OK && i < due.n; i++) {
        struct pass_item *item = created > 0 ? item_known(step, due.items[i].task_id) : NULL;
        if (item == NULL)
            item = item_add(step, due.items[i].task_id);
        if (item == NULL)
            return ERR_MEMORY;
        item->has_timer = true;
        item->timer = due.items[i];
    }
    step->cut = step->cut || (err == ERR_OK && due.n == RULE_PASS_RECORDS);
    return err;
}

/* The next records of a workspace whose rules have changed. */
static enum err sweep_gather(struct pass_step *step)
{
    struct db_rows rows;
    enum err err = store_sweep_next(step->pass->db, step->op, &step->sweep);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK)
        err = store_sweep_records(step->pass->db, step->op, &step->sweep, RULE_PASS_RECORDS, &rows,
                                  &step->sweep_number);
    for (size_t i = 0; err == ERR_OK && i < rows.n; i++) {
        int64_t id = db_get_i64(&rows, i, 0);
        struct pass_item *item = item_known(step, id);
        if (item == NULL)
            item = item_add(step, id);
        if (item == NULL)
            return ERR_MEMORY;
        item->sweep = &step->sweep;
    }
    const struct workspace *workspace =
        directory_workspace_by_id(step->directory, step->sweep.workspace_id);
    if (err == ERR_OK)
        err = workspace == NULL ? ERR_OUTDATED : rules_of(step, workspace, &step->swept);
    step->sweeps = err == ERR_OK;
    step->cut = true;
    return err;
}

/* Judges them as far as the memory of a step goes: what is left comes in the next one. */
static enum err items_judge(struct pass_step *step)
{
    const size_t begun = step->op->arena->total;
    enum err err = ERR_OK;
    size_t n = 0;
    for (; n < step->n && err == ERR_OK; n++) {
        if (n > 0 && step->op->arena->total - begun > RECORDS_BYTES)
            break;
        err = item_judge(step, step->items[n]);
    }
    for (size_t i = n; i < step->n; i++) {
        const struct pass_item *left = step->items[i];
        int64_t *reached =
            left->chain == NULL ? NULL : &step->reached[left->chain - step->pass->positions];
        if (reached != NULL && left->seq <= *reached)
            *reached = left->seq - 1;
        if (left->sweep != NULL)
            step->sweeps = false;
    }
    step->cut = step->cut || n < step->n;
    step->n = n;
    return err;
}

/* ---- a step ---- */

static int item_cmp(const void *a, const void *b)
{
    const struct pass_item *x = *(struct pass_item *const *)a, *y = *(struct pass_item *const *)b;
    int64_t left = x->workspace->domain->id, right = y->workspace->domain->id;
    if (left != right)
        return left < right ? -1 : 1;
    left = x->workspace->id;
    right = y->workspace->id;
    if (left != right)
        return left < right ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* One change of the write lane. */
static enum err group_make(struct pass_step *step, struct group *group)
{
    group->change =
        (struct change){.op = step->op, .domain_id = group->domain_id, .apply = group_apply};
    group->directory = step->directory;
    enum err err = core_change_wait(step->pass->core, &group->change);
    if (err == ERR_OK && group->chain != NULL)
        group->chain->stored = group->chain->seq = group->seq;
    return err;
}

/* What is written of a chain: where it is, if that led to something, or after many events. */
static void chain_add(struct pass_step *step, struct group *group, struct position *chain)
{
    size_t place = (size_t)(chain - step->pass->positions);
    int64_t reached = step->reached[place];
    if (reached > chain->stored && (group->n > 0 || reached - chain->stored >= POSITION_LAG)) {
        group->chain = chain;
        group->seq = reached;
    }
}

static int domain_cmp(const void *a, const void *b)
{
    const struct position *x = *(struct position *const *)a, *y = *(struct position *const *)b;
    return (x->domain_id > y->domain_id) - (x->domain_id < y->domain_id);
}

/* The chains by their domains, since groups come in that order. */
static struct position **chains_by_domain(struct pass_step *step)
{
    struct rule_pass *pass = step->pass;
    struct position **chains =
        ARENA_ARRAY(step->op->arena, struct position *, pass->position_count + 1);
    for (size_t i = 0; i < pass->position_count && chains != NULL; i++)
        chains[i] = &pass->positions[i];
    if (chains != NULL && pass->position_count > 0)
        qsort(chains, pass->position_count, sizeof *chains, domain_cmp);
    return chains;
}

static bool is_sweep_of(const struct pass_step *step, int64_t domain_id)
{
    return step->sweeps && step->swept->set.workspace->domain->id == domain_id;
}

/* Domain by domain. */
static enum err groups_make(struct pass_step *step)
{
    struct rule_pass *pass = step->pass;
    struct position **chains = chains_by_domain(step);
    size_t writing = 0, at = 0;
    enum err err = chains == NULL ? ERR_MEMORY : ERR_OK;
    bool swept = false;
    for (size_t i = 0; i < step->n; i++)
        if (item_writes(step->items[i]))
            step->items[writing++] = step->items[i];
    step->n = writing; /* what holds a form writes */
    if (writing > 0)
        qsort(step->items, writing, sizeof(struct pass_item *), item_cmp);
    for (size_t from = 0; from < writing && err == ERR_OK;) {
        struct group group = {.items = &step->items[from]};
        group.domain_id = step->items[from]->workspace->domain->id;
        while (from < writing && step->items[from]->workspace->domain->id == group.domain_id) {
            from++;
            group.n++;
        }
        while (at < pass->position_count && chains[at]->domain_id < group.domain_id)
            at++;
        if (at < pass->position_count && chains[at]->domain_id == group.domain_id)
            chain_add(step, &group, chains[at]);
        if (is_sweep_of(step, group.domain_id)) {
            group.sweep = &step->sweep;
            group.sweep_number = step->sweep_number;
            group.swept = step->swept;
            swept = true;
        }
        err = group_make(step, &group);
    }

    /* What led to nothing. */
    if (err == ERR_OK && step->sweeps && !swept) {
        struct group group = {.domain_id = step->swept->set.workspace->domain->id,
                              .sweep = &step->sweep,
                              .sweep_number = step->sweep_number,
                              .swept = step->swept};
        err = group_make(step, &group);
    }
    for (size_t i = 0; i < pass->position_count && err == ERR_OK; i++) {
        struct group group = {.domain_id = pass->positions[i].domain_id};
        chain_add(step, &group, &pass->positions[i]);
        if (group.chain != NULL)
            err = group_make(step, &group);
        else if (step->reached[i] > pass->positions[i].seq)
            pass->positions[i].seq = step->reached[i];
    }
    return err;
}

static enum err step_run(struct pass_step *step)
{
    struct rule_pass *pass = step->pass;
    enum err err = db_begin_read(pass->db, step->op);
    if (err == ERR_OK)
        err = core_directory_of_view(pass->core, pass->db, step->op, &step->directory);
    if (err == ERR_OK)
        err = created_gather(step);
    if (err == ERR_OK)
        err = timers_gather(step);
    if (err == ERR_OK)
        err = sweep_gather(step);
    if (err == ERR_OK)
        err = items_judge(step);
    db_rollback(pass->db);
    if (err == ERR_OK)
        err = groups_make(step);
    for (size_t i = 0; i < step->n; i++) {
        const struct task_change *change = step->items[i]->change;
        if (change != NULL && change->form != &form_default)
            form_release(change->form);
    }
    return err;
}

/* ---- one node at a time ---- */

struct lease {
    struct change change;
    struct str owner;
    int64_t until;
    bool ours;
};

static enum err lease_apply(struct change *change, struct batch *batch)
{
    struct lease *lease = container_of(change, struct lease, change);
    batch_writes(batch, change);
    return store_rule_lease(batch_db(batch), change->op, lease->owner, lease->until, &lease->ours);
}

/* Clocks of nodes may differ, and then both have it: what they write is written once nevertheless. */
static enum err lease_take(struct rule_pass *pass, struct op *op)
{
    struct lease lease = {.change = {.op = op, .apply = lease_apply},
                          .owner = {(char *)pass->owner, OWNER_SIZE},
                          .until = op->now + LEASE};
    bool had = pass->ours;
    if (!core_is_shared(pass->core) || clock_ticks() < pass->renew_at)
        return ERR_OK;
    enum err err = core_change_wait(pass->core, &lease.change);
    if (err != ERR_OK)
        return err;
    pass->ours = lease.ours;
    pass->renew_at = clock_ticks() + RENEW;
    return pass->ours && !had ? positions_read(pass, op) : ERR_OK;
}

enum err rule_pass_open(struct core *core, struct op *op, struct rule_pass **ret_pass)
{
    struct rule_pass *pass = calloc(1, sizeof *pass);
    if (pass == NULL)
        return ERR_MEMORY;
    pass->core = core;
    pass->ours = !core_is_shared(core);
    random_bytes(pass->owner, sizeof pass->owner);
    enum err err = core_open_reader(core, op, &pass->db);
    if (err == ERR_OK)
        err = positions_read(pass, op);
    if (err != ERR_OK) {
        rule_pass_close(pass);
        return err;
    }
    *ret_pass = pass;
    return ERR_OK;
}

/* Another node need not wait until it ends; should this fail, it does. */
static void lease_give(struct rule_pass *pass)
{
    struct arena arena;
    struct op op = {.arena = &arena, .now = clock_now()};
    struct lease lease = {.change = {.op = &op, .apply = lease_apply},
                          .owner = {(char *)pass->owner, OWNER_SIZE}};
    arena_init(&arena, 64 * 1024);
    if (core_is_shared(pass->core) && pass->ours &&
        core_change_wait(pass->core, &lease.change) == ERR_OK)
        pass->ours = false;
    arena_finish(&arena);
}

void rule_pass_close(struct rule_pass *pass)
{
    if (pass == NULL)
        return;
    lease_give(pass);
    db_close(pass->db);
    free(pass->positions);
    free(pass);
}

enum err rule_pass_step(struct rule_pass *pass, struct op *op, enum rule_pass_end *ret_end)
{
    struct pass_step step = {.pass = pass, .op = op, .capacity = (size_t)3 * RULE_PASS_RECORDS};
    enum err err = lease_take(pass, op);
    *ret_end = RULE_PASS_AWAY;
    if (err != ERR_OK || !pass->ours)
        return err;
    step.items = ARENA_ARRAY(op->arena, struct pass_item *, step.capacity);
    if (step.items == NULL)
        return ERR_MEMORY;
    bool recurs = false;
    err = step_run(&step);
    if (err == ERR_OK)
        err = recur_step(pass->core, pass->db, op, step.directory, &recurs);
    step.cut = step.cut || recurs;
    directory_release(step.directory);
    /* Something has changed since it was judged: again, by what is there now. */
    bool again = err == ERR_OUTDATED || err == ERR_RETRY;
    if (again) {
        op_forget(op);
        err = positions_read(pass, op);
    }
    *ret_end = again || step.cut ? RULE_PASS_MORE : RULE_PASS_CURRENT;
    return err;
}
