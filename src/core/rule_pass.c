#include "core/rule_pass.h"

#include "base/clock.h"
#include "base/container.h"
#include "base/random.h"
#include "core/rule_item.h"
#include "core/rule_recur.h"
#include "db/db.h"
#include "store/feed.h"
#include "store/rule.h"

#include <stdlib.h>

enum {
    RECORDS_BYTES = 64 * 1024 * 1024, /* of the records of a step: what is beyond waits */
    EVENTS_READ = 1000,
    POSITION_LAG = 2000, /* events after which a position is stored, though they led to nothing */
    OWNER_SIZE = 16,
};

static const int64_t LEASE = 15000, RENEW = 5000, TELL_AGAIN = 60000; /* milliseconds */

/* How far along a chain it has come; `stored` is what the next process begins with. */
struct rule_position {
    int64_t ordinal, domain_id, seq, stored;
};

struct rule_pass {
    struct core *core;
    struct db *db;
    struct rule_position *positions;
    size_t position_count;
    bool ours;
    int64_t renew_at; /* clock_ticks() */
    int64_t tell_at;  /* the same; before it nothing more is said of rules that cannot be read */
    unsigned char owner[OWNER_SIZE];
};

/* What becomes of the records of one domain. */
struct group {
    struct change change;
    const struct directory *directory;
    int64_t domain_id;
    struct rule_item **items;
    size_t n;
    struct rule_position *chain; /* to be stored up to `seq`; NULL: none */
    int64_t seq;
    const struct rule_sweep *sweep; /* to be moved on to `sweep_number`, or NULL */
    int64_t sweep_number;
    const struct rule_loaded *swept; /* the rules of its workspace */
};

/* What of a step cannot be read. */
struct put_off {
    struct change change;
    const struct pass_step *step;
};

/* Everything of a step. */
struct pass_step {
    struct rule_pass *pass;
    struct rule_judge judge;
    struct rule_item **items;
    size_t n, capacity;
    struct rule_sweep sweep;
    struct rule_loaded *swept; /* the rules of its workspace */
    bool sweeps, cut;
    int64_t sweep_number;
    int64_t *reached; /* of each chain: the last event that is looked at in this step */
};

static struct rule_item *item_add(struct pass_step *step, int64_t id)
{
    if (step->n == step->capacity)
        return NULL;
    struct rule_item *item = ARENA_NEW(step->judge.op->arena, struct rule_item);
    if (item != NULL) {
        item->id = id;
        step->items[step->n++] = item;
    }
    return item;
}

/* ---- the transaction ---- */

/* Are the rules of a workspace as they were loaded? */
static enum err rules_expect(struct db *db, struct op *op, const struct rule_loaded *rules)
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
    const struct rule_loaded *checked = NULL;
    enum err err = batch_directory_expect_begun(batch, op, group->directory);
    /* Only what is read under the lock stays as it is until the commit. */
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, group->domain_id);
    /* Rules that came since want a sweep from the beginning. */
    if (err == ERR_OK && group->swept != NULL)
        err = rules_expect(db, op, group->swept);
    for (size_t i = 0; i < group->n && err == ERR_OK; i++) {
        const struct rule_item *item = group->items[i];
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
        const struct rule_loaded *loaded = group->items[i]->rules;
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
        err = rule_item_write(group->items[i], batch, op);
    return err == ERR_OK ? turns_write(group, db, op) : err;
}

/* ---- gathering ---- */

/* From the store, when this process begins, or has become the one that does it. */
static enum err positions_read(struct rule_pass *pass, struct op *op)
{
    struct db_rows rows;
    enum err err = store_rule_positions(pass->db, op, &rows);
    struct rule_position *read = err == ERR_OK ? calloc(rows.n + 1, sizeof *read) : NULL;
    if (err != ERR_OK || read == NULL)
        return err != ERR_OK ? err : ERR_MEMORY;
    for (size_t i = 0; i < rows.n; i++) {
        int64_t seq = db_get_i64(&rows, i, 1);
        read[i] =
            (struct rule_position){.ordinal = db_get_i64(&rows, i, 0), .seq = seq, .stored = seq};
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
    struct rule_position *matched = calloc(heads->n + 1, sizeof *matched);
    if (matched == NULL)
        return ERR_MEMORY;
    for (size_t i = 0; i < heads->n; i++) {
        int64_t ordinal = heads->items[i].ordinal;
        bool is_known = known < pass->position_count && pass->positions[known].ordinal == ordinal;
        matched[i] =
            is_known ? pass->positions[known++] : (struct rule_position){.ordinal = ordinal};
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
        directory_workspace_by_id(step->judge.directory, created->workspace_id);
    struct rule_loaded *loaded = NULL;
    enum err err =
        workspace == NULL ? ERR_CORRUPT : rule_loaded_of(&step->judge, workspace, &loaded);
    if (err == ERR_OK)
        *ret_does = loaded->set.n > 0 || created->reminds;
    if (err != ERR_CORRUPT)
        return err;
    /* The record is put off. */
    op_forget(step->judge.op);
    *ret_does = true;
    return ERR_OK;
}

static enum err chain_gather(struct pass_step *step, const struct feed_head *head, size_t place)
{
    struct rule_position *chain = &step->pass->positions[place];
    int64_t *reached = &step->reached[place];
    struct created_list created;
    if (chain->seq >= head->seq)
        return ERR_OK;
    enum err err = store_created_after(step->pass->db, step->judge.op, head->ordinal, chain->seq,
                                       EVENTS_READ, &created);
    for (size_t i = 0; err == ERR_OK && i < created.n && step->n < RULE_PASS_RECORDS; i++) {
        bool concerned = false;
        *reached = created.items[i].seq;
        if (created.items[i].task_id != 0)
            err = created_concerns(step, &created.items[i], &concerned);
        if (err != ERR_OK || !concerned)
            continue;
        struct rule_item *item = item_add(step, created.items[i].task_id);
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
    enum err err = store_feed_heads(pass->db, step->judge.op, &heads);
    if (err == ERR_OK)
        err = positions_match(pass, &heads);
    if (err != ERR_OK)
        return err;
    step->reached = ARENA_ARRAY(step->judge.op->arena, int64_t, heads.n);
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

static struct rule_item *item_known(const struct pass_step *step, int64_t id)
{
    for (size_t i = 0; i < step->n; i++)
        if (step->items[i]->id == id)
            return step->items[i];
    return NULL;
}

static enum err timers_gather(struct pass_step *step)
{
    struct timer_list due;
    enum err err = store_timers_due(step->pass->db, step->judge.op, RULE_PASS_RECORDS, &due);
    size_t created = step->n;
    for (size_t i = 0; err == ERR_OK && i < due.n; i++) {
        struct rule_item *item = created > 0 ? item_known(step, due.items[i].task_id) : NULL;
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

/* The first sweep that can be made: that of a workspace whose rules cannot be read waits for them. */
static enum err sweep_find(struct pass_step *step)
{
    enum err err = ERR_CORRUPT;
    while (err == ERR_CORRUPT) {
        op_forget(step->judge.op);
        int64_t after = step->sweep.workspace_id;
        err = store_sweep_next(step->pass->db, step->judge.op, after, &step->sweep);
        if (err != ERR_OK)
            return err;
        const struct workspace *workspace =
            directory_workspace_by_id(step->judge.directory, step->sweep.workspace_id);
        err =
            workspace == NULL ? ERR_CORRUPT : rule_loaded_of(&step->judge, workspace, &step->swept);
    }
    return err;
}

/* The next records of a workspace whose rules have changed. */
static enum err sweep_gather(struct pass_step *step)
{
    struct db_rows rows;
    enum err err = sweep_find(step);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err == ERR_OK)
        err = store_sweep_records(step->pass->db, step->judge.op, &step->sweep, RULE_PASS_RECORDS,
                                  &rows, &step->sweep_number);
    for (size_t i = 0; err == ERR_OK && i < rows.n; i++) {
        int64_t id = db_get_i64(&rows, i, 0);
        struct rule_item *item = item_known(step, id);
        if (item == NULL)
            item = item_add(step, id);
        if (item == NULL)
            return ERR_MEMORY;
        item->sweep = &step->sweep;
    }
    step->sweeps = err == ERR_OK;
    step->cut = true;
    return err;
}

/* Judges them as far as the memory of a step goes: what is left comes in the next one. */
static enum err items_judge(struct pass_step *step)
{
    const size_t begun = step->judge.op->arena->total;
    enum err err = ERR_OK;
    size_t n = 0;
    for (; n < step->n && err == ERR_OK; n++) {
        if (n > 0 && step->judge.op->arena->total - begun > RECORDS_BYTES)
            break;
        err = rule_item_judge(&step->judge, step->items[n]);
    }
    for (size_t i = n; i < step->n; i++) {
        const struct rule_item *left = step->items[i];
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
    const struct rule_item *x = *(struct rule_item *const *)a, *y = *(struct rule_item *const *)b;
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
        (struct change){.op = step->judge.op, .domain_id = group->domain_id, .apply = group_apply};
    group->directory = step->judge.directory;
    enum err err = core_change_wait(step->pass->core, &group->change);
    if (err == ERR_OK && group->chain != NULL)
        group->chain->stored = group->chain->seq = group->seq;
    return err;
}

/* What is written of a chain: where it is, if that led to something, or after many events. */
static void chain_add(struct pass_step *step, struct group *group, struct rule_position *chain)
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
    const struct rule_position *x = *(struct rule_position *const *)a,
                               *y = *(struct rule_position *const *)b;
    return (x->domain_id > y->domain_id) - (x->domain_id < y->domain_id);
}

/* The chains by their domains, since groups come in that order. */
static struct rule_position **chains_by_domain(struct pass_step *step)
{
    struct rule_pass *pass = step->pass;
    struct rule_position **chains =
        ARENA_ARRAY(step->judge.op->arena, struct rule_position *, pass->position_count + 1);
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

static enum err put_off_apply(struct change *change, struct batch *batch)
{
    const struct put_off *put_off = container_of(change, struct put_off, change);
    const struct pass_step *step = put_off->step;
    enum err err = ERR_OK;
    batch_writes(batch, change);
    for (size_t i = 0; i < step->n && err == ERR_OK; i++)
        if (step->items[i]->damaged)
            err = store_timer_put(batch_db(batch), change->op, &step->items[i]->timer);
    return err;
}

/* Before chains move on: what cannot be read is looked at again later. */
static enum err damaged_put_off(struct pass_step *step)
{
    struct put_off put_off = {.change = {.op = step->judge.op, .apply = put_off_apply},
                              .step = step};
    bool any = false;
    for (size_t i = 0; i < step->n; i++)
        any = any || step->items[i]->damaged;
    return any ? core_change_wait(step->pass->core, &put_off.change) : ERR_OK;
}

/* Domain by domain. */
static enum err groups_make(struct pass_step *step)
{
    struct rule_pass *pass = step->pass;
    struct rule_position **chains = chains_by_domain(step);
    size_t writing = 0, at = 0;
    enum err err = chains == NULL ? ERR_MEMORY : ERR_OK;
    bool swept = false;
    for (size_t i = 0; i < step->n; i++)
        if (rule_item_writes(step->items[i]))
            step->items[writing++] = step->items[i];
    step->n = writing; /* what holds a form writes */
    if (writing > 0)
        qsort(step->items, writing, sizeof(struct rule_item *), item_cmp);
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
    enum err err = db_begin_read(pass->db, step->judge.op);
    if (err == ERR_OK)
        err = core_directory_of_view(pass->core, pass->db, step->judge.op, &step->judge.directory);
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
        err = damaged_put_off(step);
    if (err == ERR_OK)
        err = groups_make(step);
    for (size_t i = 0; i < step->n; i++)
        rule_item_release(step->items[i]);
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
    struct pass_step step = {
        .pass = pass,
        .judge = {.core = pass->core,
                  .db = pass->db,
                  .op = op,
                  .tells = clock_ticks() >= pass->tell_at},
        .capacity = (size_t)3 * RULE_PASS_RECORDS,
    };
    enum err err = lease_take(pass, op);
    *ret_end = RULE_PASS_AWAY;
    if (err != ERR_OK || !pass->ours)
        return err;
    step.items = ARENA_ARRAY(op->arena, struct rule_item *, step.capacity);
    if (step.items == NULL)
        return ERR_MEMORY;
    bool recurs = false;
    err = step_run(&step);
    if (err == ERR_OK)
        err = recur_step(pass->core, pass->db, op, step.judge.directory, &recurs);
    step.cut = step.cut || recurs;
    if (step.judge.told)
        pass->tell_at = clock_ticks() + TELL_AGAIN;
    directory_release(step.judge.directory);
    /* Something has changed since it was judged: again, by what is there now. */
    bool again = err == ERR_OUTDATED || err == ERR_RETRY;
    if (again) {
        op_forget(op);
        err = positions_read(pass, op);
    }
    *ret_end = again || step.cut ? RULE_PASS_MORE : RULE_PASS_CURRENT;
    return err;
}
