#include "core/rule.h"

#include "base/container.h"
#include "base/id.h"
#include "core/admin_event.h"
#include "core/admin_state.h"
#include "core/rule_recur.h"
#include "model/task_state.h"
#include "store/rule.h"
#include "store/timer.h"

/* ---- events ---- */

static struct str texts_joined(struct op *op, struct str_list texts)
{
    struct buf buf;
    struct str joined = STR_NONE;
    buf_init(&buf, RULE_DOCUMENT_MAX);
    for (size_t i = 0; i < texts.n; i++) {
        buf_add(&buf, i > 0 ? STR("&") : STR(""));
        buf_add(&buf, texts.items[i]);
    }
    return texts.n == 0 || buf_move(&buf, op->arena, &joined) != ERR_OK ? STR_NONE : joined;
}

/* The members of the kind, as JSON; absent: there was no rule. */
static enum err document_text(struct op *op, const struct rule *rule, struct str *ret_text)
{
    struct buf buf;
    struct json_writer json;
    *ret_text = STR_NONE;
    if (rule == NULL)
        return ERR_OK;
    buf_init(&buf, RULE_DOCUMENT_MAX);
    json_writer_init(&json, &buf);
    json_put_rule_document(&json, rule);
    return buf_move(&buf, op->arena, ret_text);
}

static enum err rule_event(struct rule_save *save, struct batch *batch)
{
    struct op *op = save->op;
    const struct rule *before = save->before, *after = &save->rule;
    struct admin_changes changes;
    struct str id = arena_printf(op->arena, "%lld", (long long)after->id), was, is, payload;
    enum err err = document_text(op, before, &was);
    if (err == ERR_OK)
        err = document_text(op, after, &is);
    if (err != ERR_OK || id.p == NULL)
        return err != ERR_OK ? err : ERR_MEMORY;
    admin_changes_begin(&changes);
    admin_change_name(&changes, "rule", before == NULL ? STR_NONE : id, id);
    admin_change_text(&changes, "name", before == NULL ? STR_NONE : before->name, after->name);
    admin_change_text(&changes, "kind", before == NULL ? STR_NONE : rule_kind_name(before->kind),
                      rule_kind_name(after->kind));
    admin_change_number(&changes, "position", before == NULL ? 0 : before->place, after->place);
    admin_change_flag(&changes, "active", before == NULL ? -1 : before->active_at != TIME_NONE,
                      after->active_at != TIME_NONE);
    admin_change_text(&changes, "filter",
                      before == NULL ? STR_NONE : texts_joined(op, before->filter),
                      texts_joined(op, after->filter));
    admin_change_text(&changes, "document", was, is);
    err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK ? admin_event_add(batch, op, save->workspace->domain->id,
                                           save->workspace->key, save->actor_id,
                                           after->ended_at != TIME_NONE ? STR("admin.rule.deleted")
                                           : before == NULL             ? STR("admin.rule.created")
                                                                        : STR("admin.rule.changed"),
                                           payload)
                         : err;
}

/* ---- saving ---- */

/* There is room for it, or it is still as it was judged. */
static enum err rule_expect(struct rule_save *save, struct batch *batch)
{
    struct op *op = save->op;
    struct rule_list rules;
    const struct rule *now = NULL;
    int64_t last = 0;
    enum err err = batch_directory_expect_begun(batch, op, save->directory);
    if (err == ERR_OK)
        err = store_rules(batch_db(batch), op, save->workspace->id, &rules);
    if (err != ERR_OK)
        return err;
    for (size_t i = 0; i < rules.n; i++) {
        last = rules.items[i].place > last ? rules.items[i].place : last;
        if (save->before != NULL && rules.items[i].id == save->before->id)
            now = &rules.items[i];
    }
    if (save->before != NULL && (now == NULL || now->version != save->before->version))
        return ERR_OUTDATED;
    if (save->before == NULL && rules.n >= RULES_MAX)
        return op_fail(op, ERR_CONFLICT, "This workspace has %d rules already; delete one first.",
                       RULES_MAX);
    if (save->rule.place == 0)
        save->rule.place = last + 1;
    return ERR_OK;
}

static enum err rule_apply(struct change *change, struct batch *batch)
{
    struct rule_save *save = container_of(change, struct rule_save, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    /* What is counted stays so many until the commit. */
    enum err err = batch_hold_domain(batch, op, 0);
    if (err == ERR_OK)
        err = rule_expect(save, batch);
    if (err == ERR_OK)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = batch_hold_domain(batch, op, save->workspace->domain->id);
    if (err == ERR_OK)
        err = save->before == NULL ? store_rule_add(db, op, &save->rule)
                                   : store_rule_put(db, op, &save->rule);
    if (err == ERR_OK && save->rule.kind != RULE_ASSIGN && save->rule.kind != RULE_RECUR)
        err = store_sweep_add(db, op, save->workspace->id, 0);
    if (err == ERR_OK)
        err = recur_save(db, op, save->workspace, save->before, &save->rule);
    if (err == ERR_OK)
        err = rule_event(save, batch);
    return err == ERR_OK ? admin_state_add(batch, op, STATE_RULE, save->rule.id, save->actor_id)
                         : err;
}

enum err core_rule_save(struct core *core, struct rule_save *save)
{
    struct rule *rule = &save->rule;
    if (save->before == NULL) {
        rule->id = id_next();
        rule->created_at = save->op->now;
    }
    rule->version = save->before == NULL ? 1 : save->before->version + 1;
    rule->updated_at = save->op->now;
    rule->author_id = save->actor_id;
    save->change = (struct change){.op = save->op, .apart = true, .apply = rule_apply};
    return core_change_wait(core, &save->change);
}

/* ---- working days ---- */

static struct str_list dates_of(struct op *op, const struct workdays *workdays)
{
    struct str *items = ARENA_ARRAY(op->arena, struct str, workdays->holiday_count + 1);
    struct buf buf;
    size_t n = 0;
    buf_init(&buf, 32);
    for (size_t i = 0; items != NULL && i < workdays->holiday_count; i++) {
        buf_clear(&buf);
        buf_date(&buf, workdays->holidays[i]);
        items[n++] = arena_str(op->arena, buf_str(&buf));
    }
    buf_finish(&buf);
    return (struct str_list){n == 0 ? NULL : items, n};
}

static struct str_list days_of(struct op *op, unsigned mask)
{
    struct str *items = ARENA_ARRAY(op->arena, struct str, 7);
    size_t n = 0;
    for (unsigned day = 0; items != NULL && day < 7; day++)
        if ((mask & 2U << day) != 0)
            items[n++] = weekday_names().items[day];
    return (struct str_list){items, n};
}

static enum err workdays_event(struct workdays_save *save, struct batch *batch)
{
    struct op *op = save->op;
    const struct workdays *before = save->before, *after = &save->workdays;
    struct admin_changes changes;
    struct str payload;
    admin_changes_begin(&changes);
    admin_change_texts(&changes, "weekdays", days_of(op, before->weekdays),
                       days_of(op, after->weekdays));
    admin_change_number(&changes, "remindAtMinute", before->remind_at, after->remind_at);
    admin_change_texts(&changes, "holidays", dates_of(op, before), dates_of(op, after));
    enum err err = admin_changes_end(&changes, op->arena, &payload);
    return err == ERR_OK
               ? admin_event_add(batch, op, save->workspace->domain->id, save->workspace->key,
                                 save->actor_id, STR("admin.workdays.changed"), payload)
               : err;
}

static enum err workdays_apply(struct change *change, struct batch *batch)
{
    struct workdays_save *save = container_of(change, struct workdays_save, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct workdays now;
    enum err err = batch_directory_expect_begun(batch, op, save->directory);
    if (err == ERR_OK)
        err = store_workdays(db, op, save->workspace->id, &now);
    if (err == ERR_OK && now.version != save->before->version)
        err = ERR_OUTDATED;
    if (err == ERR_OK)
        err = admin_begin(batch, change);
    if (err == ERR_OK)
        err = store_workdays_put(db, op, &save->workdays);
    if (err == ERR_OK)
        err = store_sweep_add(db, op, save->workspace->id, 0);
    if (err == ERR_OK)
        err = workdays_event(save, batch);
    return err == ERR_OK
               ? admin_state_add(batch, op, STATE_WORKDAYS, save->workspace->id, save->actor_id)
               : err;
}

enum err core_workdays_save(struct core *core, struct workdays_save *save)
{
    save->workdays.version = save->before->version + 1;
    save->change = (struct change){.op = save->op, .apart = true, .apply = workdays_apply};
    return core_change_wait(core, &save->change);
}

/* ---- a set ---- */

static enum err set_begin(struct db *db, struct op *op, const struct workspace *workspace,
                          size_t rules, struct rule_set *set, struct task_filter **ret_filters)
{
    struct filter_workspace *place = ARENA_NEW(op->arena, struct filter_workspace);
    struct task_filter *filters = ARENA_ARRAY(op->arena, struct task_filter, rules + 1);
    if (place == NULL || filters == NULL)
        return ERR_MEMORY;
    *place = (struct filter_workspace){.id = workspace->id, .key = workspace->key};
    *set = (struct rule_set){.workspace = workspace, .place = place, .filters = filters};
    *ret_filters = filters;
    return store_workdays(db, op, workspace->id, &set->workdays);
}

static enum err filter_make(struct op *op, const struct rule *rule,
                            const struct directory *directory, const struct rule_set *set,
                            struct task_filter *ret_filter)
{
    struct str problem;
    enum err err = rule_filter(op, rule, directory, ret_filter, &problem);
    if (err == ERR_OK && ret_filter->workspace_count > 0)
        ret_filter->workspaces = set->place;
    return err;
}

enum err rule_set_load(struct db *db, struct op *op, const struct directory *directory,
                       const struct workspace *workspace, struct rule_set *ret_set,
                       int64_t *ret_stamp)
{
    struct rule_list all = {0};
    struct task_filter *filters;
    struct rule_set set;
    struct str damage = STR_NONE;
    size_t n = 0;
    enum err err = store_rules_stamp(db, op, workspace->id, ret_stamp);
    if (err == ERR_OK && *ret_stamp > 0)
        err = store_rules_readable(db, op, workspace->id, &all, &damage);
    if (err == ERR_OK)
        err = set_begin(db, op, workspace, all.n, &set, &filters);
    for (size_t i = 0; err == ERR_OK && i < all.n; i++) {
        if (all.items[i].active_at == TIME_NONE)
            continue;
        all.items[n] = all.items[i];
        err = filter_make(op, &all.items[n], directory, &set, &filters[n]);
        n++;
    }
    if (err != ERR_OK)
        return err;
    set.rules = all.items;
    set.n = n;
    set.damage = damage;
    *ret_set = set;
    return ERR_OK;
}

enum err rule_set_of(struct db *db, struct op *op, const struct directory *directory,
                     const struct workspace *workspace, const struct rule *rule,
                     struct rule_set *ret_set)
{
    struct task_filter *filters;
    struct rule_set set;
    enum err err = set_begin(db, op, workspace, 1, &set, &filters);
    if (err == ERR_OK)
        err = filter_make(op, rule, directory, &set, &filters[0]);
    if (err != ERR_OK)
        return err;
    set.rules = rule;
    set.n = 1;
    *ret_set = set;
    return ERR_OK;
}

/* ---- a change of a record ---- */

enum err rule_follow(struct db *db, struct op *op, const struct task *before,
                     const struct task *after)
{
    bool opens = !status_is_open(before->status);
    bool reminds = before->reminder_date != DATE_NONE || after->reminder_date != DATE_NONE;
    int64_t stamp = 0;
    if (!rule_waits(after))
        return rule_waits(before) ? store_timer_drop(db, op, after->id) : ERR_OK;
    if (!reminds) {
        enum err err = store_rules_stamp(db, op, after->workspace_id, &stamp);
        if (err != ERR_OK || stamp == 0)
            return err;
    }
    return store_timer_wake(
        db, op, after->id,
        opens || before->due_date != after->due_date ? after->updated_at : TIME_NONE,
        opens || before->reminder_date != after->reminder_date ? after->updated_at : TIME_NONE,
        before->created_at);
}
