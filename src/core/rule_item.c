#include "core/rule_item.h"

#include "base/log.h"
#include "base/metric.h"
#include "core/form.h"
#include "core/rule.h"
#include "core/rule_notified.h"
#include "core/rule_recur.h"
#include "model/key.h"
#include "model/right.h"
#include "store/task.h"

enum { NOTICE_MAX = 256 * 1024 };

/* ---- the rules of a workspace ---- */

/* Loud, but not in each step, since one comes with each commit. */
static void rule_damage_tell(struct rule_judge *judge, const struct workspace *workspace,
                             struct str damage)
{
    if (!judge->tells)
        return;
    judge->told = true;
    metric_add(METRIC_RULE_DAMAGE, 0, 0, 1);
    LOG(LOG_ERROR, "rules of a workspace cannot be read", LOG_TEXT("workspace", workspace->key),
        LOG_TEXT("error", damage));
}

enum err rule_loaded_of(struct rule_judge *judge, const struct workspace *workspace,
                        struct rule_loaded **ret_loaded)
{
    for (struct rule_loaded *l = judge->loaded; l != NULL; l = l->next)
        if (l->set.workspace == workspace) {
            *ret_loaded = l;
            return ERR_OK;
        }
    struct rule_loaded *loaded = ARENA_NEW(judge->op->arena, struct rule_loaded);
    if (loaded == NULL)
        return ERR_MEMORY;
    enum err err = rule_set_load(judge->db, judge->op, judge->directory, workspace, &loaded->set,
                                 &loaded->stamp);
    if (err == ERR_CORRUPT)
        rule_damage_tell(judge, workspace, str_of(judge->op->detail));
    if (err != ERR_OK)
        return err;
    if (loaded->set.damage.p != NULL)
        rule_damage_tell(judge, workspace, loaded->set.damage);
    for (size_t i = 0; i < RULES_MAX; i++)
        loaded->turns[i] = -1;
    loaded->next = judge->loaded;
    judge->loaded = loaded;
    *ret_loaded = loaded;
    return ERR_OK;
}

/* ---- what a notice says ---- */

static enum err notice_make(const struct rule_judge *judge, const struct rule_item *item,
                            const struct rule_firing *firing, struct str *ret_payload)
{
    const struct rule *rule = firing->rule;
    int64_t ids[RULE_NOTIFIED_MAX];
    size_t n = rule_notified(judge->directory, item->workspace, &item->task, rule, ids);
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
        json_put_text(&json, NULL, directory_account_by_id(judge->directory, ids[i])->email);
    json_end(&json);
    json_end(&json);
    json_end(&json);
    json_end(&json);
    return buf_move(&buf, judge->op->arena, ret_payload);
}

/* ---- judging ---- */

/* A change of the record by a rule; none while its form cannot be read. */
static enum err change_make(struct rule_judge *judge, struct rule_item *item,
                            const struct rule *rule, const struct task *after)
{
    struct op *op = judge->op;
    struct task_change *change = ARENA_NEW(op->arena, struct task_change);
    const struct form_head *head = workspace_form(item->workspace, item->task.form);
    struct str id = arena_printf(op->arena, "%lld", (long long)rule->id);
    const struct form *form = &form_default;
    if (change == NULL || id.p == NULL)
        return ERR_MEMORY;
    if (head != NULL) {
        struct form_cache *forms = core_forms(judge->core);
        form = form_cache_take(forms, head);
        enum err err = form == NULL ? form_cache_load(forms, judge->db, op, head, &form) : ERR_OK;
        if (err == ERR_CORRUPT) {
            LOG(LOG_WARN, "a rule could not change a record", LOG_TEXT("record", item->key),
                LOG_NUM("rule", rule->id), LOG_TEXT("error", str_of(op->detail)));
            op_forget(op);
            item->retries = true;
            return ERR_OK;
        }
        if (err != ERR_OK)
            return err;
    }
    *change = (struct task_change){
        .op = op,
        .directory = judge->directory,
        .form = form,
        .before = &item->task,
        .after = *after,
        .notes = {{"rule", id}, {"ruleName", rule->name}},
    };
    item->change = change;
    return core_task_change_prepare(change);
}

/* The next of the rule's people who may still have the record; 0: nobody. */
static enum err turn_take(struct rule_judge *judge, struct rule_item *item, const struct rule *rule,
                          int64_t *ret_account_id)
{
    struct rule_loaded *loaded = item->rules;
    size_t place = (size_t)(rule - loaded->set.rules);
    int64_t *turn = &loaded->turns[place];
    enum err err = *turn < 0 ? store_rule_turn(judge->db, judge->op, rule->id, turn) : ERR_OK;
    *ret_account_id = 0;
    for (size_t i = 0; i < rule->people.n && err == ERR_OK && *ret_account_id == 0; i++) {
        struct str email = rule->people.items[(size_t)*turn % rule->people.n];
        const struct account *account = directory_account(judge->directory, email);
        *turn = (int64_t)((size_t)*turn % rule->people.n) + 1;
        loaded->turned[place] = item->turned = rule->people.n > 1;
        if (right_takes_part(judge->directory, account, item->workspace))
            *ret_account_id = account->id;
    }
    return err;
}

/* An assignment that cannot be made yet leaves the turn to whom it was. */
static enum err assign_judge(struct rule_judge *judge, struct rule_item *item)
{
    struct rule_loaded *loaded = item->rules;
    const struct rule *rule = rule_assigns(&loaded->set, &item->task, judge->op->now);
    struct task after = item->task;
    int64_t account_id = 0;
    if (rule == NULL)
        return ERR_OK;
    size_t place = (size_t)(rule - loaded->set.rules);
    int64_t turn = loaded->turns[place];
    bool turned = loaded->turned[place];
    enum err err = turn_take(judge, item, rule, &account_id);
    if (err != ERR_OK || account_id == 0 || account_id == item->task.assignee_id)
        return err;
    after.assignee_id = account_id;
    err = change_make(judge, item, rule, &after);
    if (err == ERR_OK && item->retries) {
        item->unassigned = true;
        item->turned = false;
        loaded->turns[place] = turn;
        loaded->turned[place] = turned;
    }
    return err;
}

static enum err firings_judge(struct rule_judge *judge, struct rule_item *item)
{
    struct firing_list fired = {0};
    const struct task *task = &item->task;
    enum err err =
        store_firings(judge->db, judge->op, item->id, task->due_date, task->reminder_date, &fired);
    if (err == ERR_OK)
        rule_look(&item->rules->set, task, &item->timer, &fired, judge->op->now, &item->look);
    for (size_t i = 0; i < item->look.n && err == ERR_OK; i++) {
        const struct rule_firing *firing = &item->look.firings[i];
        if (firing->rule == NULL || firing->rule->kind != RULE_EXPIRE) {
            err = notice_make(judge, item, firing, &item->notices[i]);
        } else if (item->change == NULL) {
            struct task after = *task;
            after.status = STATUS_EXPIRED;
            err = change_make(judge, item, firing->rule, &after);
        }
    }
    return err;
}

/* What becomes of its timer. A record that changes is looked at again by that change. */
static void timer_judge(struct rule_item *item, bool waits, int64_t now)
{
    bool reminds = item->task.reminder_date != DATE_NONE;
    bool wanted = waits && (reminds || item->rules->set.n > 0);
    int64_t next_at = wanted ? item->look.next_at : TIMER_NEVER;
    if (item->retries && next_at > now + RULE_RETRY_MS)
        next_at = now + RULE_RETRY_MS;
    bool stays =
        item->has_timer && item->timer.due_at == next_at && item->timer.assigns == item->unassigned;
    bool kept = waits || item->unassigned;
    item->drops = item->has_timer && !kept;
    item->puts =
        item->change == NULL && kept && !stays && (item->has_timer || wanted || item->unassigned);
    item->timer.task_id = item->id;
    item->timer.due_at = next_at;
    item->timer.assigns = item->unassigned;
}

/* Its timer, or one that it is to have. */
static enum err timer_find(struct rule_judge *judge, struct rule_item *item)
{
    int64_t since = item->task.created_at;
    if (item->sweep != NULL && item->sweep->since > since)
        since = item->sweep->since;
    item->timer = (struct record_timer){
        .task_id = item->id, .due_at = TIMER_NEVER, .due_since = since, .reminder_since = since};
    return store_timer_get(judge->db, judge->op, item->id, &item->has_timer, &item->timer);
}

static enum err readable_judge(struct rule_judge *judge, struct rule_item *item)
{
    struct op *op = judge->op;
    struct db *db = judge->db;
    struct buf key;
    enum err err = store_task_get_by_id(db, op, item->id, &item->task);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
    item->workspace = directory_workspace_by_id(judge->directory, item->task.workspace_id);
    if (item->workspace == NULL)
        return op_fail(op, ERR_CORRUPT, "its workspace is not there");
    buf_init(&key, KEY_MAX + 32);
    buf_record_key(&key, item->workspace->key, item->task.number);
    err = buf_move(&key, op->arena, &item->key);
    if (err == ERR_OK)
        err = rule_loaded_of(judge, item->workspace, &item->rules);
    bool waits = rule_waits(&item->task);
    if (err == ERR_OK && !item->has_timer && waits)
        err = timer_find(judge, item);
    if (err == ERR_OK && (item->chain != NULL || item->timer.assigns))
        err = assign_judge(judge, item);
    if (err == ERR_OK && waits)
        err = firings_judge(judge, item);
    if (err == ERR_OK)
        timer_judge(item, waits, op->now);
    return err;
}

void rule_item_release(struct rule_item *item)
{
    if (item->change != NULL && item->change->form != &form_default)
        form_release(item->change->form);
    item->change = NULL;
}

/* What cannot be read holds up nothing but itself. */
static enum err damaged_judge(struct rule_judge *judge, struct rule_item *item)
{
    struct op *op = judge->op;
    metric_add(METRIC_RULE_DAMAGE, 0, 0, 1);
    LOG(LOG_ERROR, "a record cannot be looked at by rules", LOG_NUM("id", item->id),
        LOG_TEXT_IF_ANY("record", item->key),
        LOG_TEXT("error", str_of(op->detail[0] != '\0' ? op->detail : err_meaning(ERR_CORRUPT))));
    op_forget(op);
    rule_item_release(item);
    item->damaged = true;
    item->turned = false;
    item->look.n = 0;
    enum err err = item->has_timer ? ERR_OK : timer_find(judge, item);
    item->timer.due_at = op->now + RULE_RETRY_MS;
    item->timer.assigns = item->timer.assigns || item->chain != NULL;
    return err;
}

enum err rule_item_judge(struct rule_judge *judge, struct rule_item *item)
{
    enum err err = readable_judge(judge, item);
    return err == ERR_CORRUPT ? damaged_judge(judge, item) : err;
}

bool rule_item_writes(const struct rule_item *item)
{
    return item->look.n > 0 || item->change != NULL || item->turned || item->puts || item->drops;
}

/* ---- writing ---- */

static enum err notices_write(struct rule_item *item, struct batch *batch, struct op *op)
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

enum err rule_item_write(struct rule_item *item, struct batch *batch, struct op *op)
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
