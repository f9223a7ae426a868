#include "core/rule_recur.h"

#include "base/container.h"
#include "base/log.h"
#include "base/metric.h"
#include "core/form.h"
#include "db/db.h"
#include "form/judge.h"
#include "form/pattern.h"
#include "model/draft_json.h"

/* ---- which date ---- */

static int64_t time_of(const struct rule *rule, const struct workspace *workspace, int32_t date)
{
    return zone_time(workspace->zone, date, (int)rule->schedule.minute);
}

void recur_due(const struct rule *rule, const struct workspace *workspace, int32_t date,
               int64_t now, int32_t *ret_date, int32_t *ret_next)
{
    int32_t next = schedule_next(&rule->schedule, date);
    if (rule->missed != MISSED_ALL)
        while (next != DATE_NONE && time_of(rule, workspace, next) <= now) {
            date = next;
            next = schedule_next(&rule->schedule, date);
        }
    bool late = now - time_of(rule, workspace, date) > RECUR_LATE_MS;
    *ret_date = rule->missed == MISSED_NONE && late ? DATE_NONE : date;
    *ret_next = next;
}

int32_t recur_first(const struct rule *rule, const struct workspace *workspace, int64_t now)
{
    int32_t date = schedule_next(&rule->schedule, zone_date(workspace->zone, now) - 1);
    while (date != DATE_NONE && time_of(rule, workspace, date) <= now)
        date = schedule_next(&rule->schedule, date);
    return date;
}

static enum err next_put(struct db *db, struct op *op, const struct rule *rule,
                         const struct workspace *workspace, int32_t date)
{
    if (date == DATE_NONE)
        return store_rule_next_drop(db, op, rule->id);
    return store_rule_next_put(db, op,
                               &(struct rule_next){rule->id, time_of(rule, workspace, date), date});
}

enum err recur_save(struct db *db, struct op *op, const struct workspace *workspace,
                    const struct rule *before, const struct rule *after)
{
    if (after->kind != RULE_RECUR)
        return ERR_OK;
    if (after->active_at == TIME_NONE)
        return store_rule_next_drop(db, op, after->id);
    /* What is due already stays due. */
    if (before != NULL && before->active_at == after->active_at &&
        schedule_eq(&before->schedule, &after->schedule))
        return ERR_OK;
    return next_put(db, op, after, workspace, recur_first(after, workspace, op->now));
}

/* ---- the record ---- */

/* "+5d" becomes the date so many days later. */
static enum err date_move(struct op *op, struct draft_value *value, int32_t date)
{
    struct str text = value->kind == DRAFT_TEXT ? str_trim(value->text) : STR_NONE;
    uint64_t days;
    struct buf buf;
    if (text.n < 3 || text.p[0] != '+' || text.p[text.n - 1] != 'd' ||
        !str_to_u64(str_sub(text, 1, text.n - 2), 3660, &days))
        return ERR_OK;
    buf_init(&buf, 32);
    buf_date(&buf, date + (int32_t)days);
    return buf_move(&buf, op->arena, &value->text);
}

/* What the template leaves to the rule. */
static enum err draft_complete(struct op *op, const struct workspace *workspace, int32_t date,
                               const struct account *author, struct task_draft *draft)
{
    const struct draft_value place = {
        .kind = DRAFT_TEXT, .name = member_name(MEMBER_DOMAIN_WORKSPACE), .text = workspace->key};
    const struct draft_value reporter = {
        .kind = DRAFT_TEXT, .name = member_name(MEMBER_REPORTER), .text = author->email};
    draft->members[MEMBER_DOMAIN_WORKSPACE] = place;
    draft->members[MEMBER_DOMAIN] = draft->members[MEMBER_WORKSPACE] = (struct draft_value){0};
    if (draft->members[MEMBER_REPORTER].kind == DRAFT_ABSENT)
        draft->members[MEMBER_REPORTER] = reporter;
    enum err err = date_move(op, &draft->members[MEMBER_DUE_DATE], date);
    return err == ERR_OK ? date_move(op, &draft->members[MEMBER_REMINDER_DATE], date) : err;
}

enum err recur_judge(struct core *core, struct db *db, const struct rule *rule, int32_t date,
                     struct faults *faults, struct task_create *create)
{
    struct op *op = create->change.op;
    const struct workspace *workspace = create->workspace;
    const struct account *author = directory_account_by_id(create->directory, rule->author_id);
    const struct form_head *head = workspace->default_form;
    const struct form *form = &form_default, *kept = NULL;
    struct task_draft *draft = ARENA_NEW(op->arena, struct task_draft);
    struct judged judged;
    if (draft == NULL)
        return ERR_MEMORY;
    if (author == NULL)
        return ERR_CORRUPT;
    /* The rule acts for the workspace, whatever has become of who wrote it. */
    struct account caller = *author;
    caller.admin = true;
    caller.disabled = false;
    enum err err = task_decode(op, rule->template, draft);
    if (err == ERR_OK)
        err = draft_complete(op, workspace, date, author, draft);
    if (err == ERR_OK && head != NULL) {
        kept = form_cache_take(core_forms(core), head);
        err = kept == NULL ? form_cache_load(core_forms(core), db, op, head, &kept) : ERR_OK;
        form = kept;
    }
    pattern_allow(op, PATTERN_WORK_MAX);
    if (err == ERR_OK)
        err = task_judge(op, draft, form, workspace, create->directory, &caller, faults, NULL,
                         &judged);
    form_release(kept);
    if (err == ERR_OK && judged.invited.p != NULL) {
        fault_add(faults, STR("reporter"), FAULT_WHOLE, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                  "%.*s is not known in %.*s.", STR_ARG(fault_excerpt(judged.invited)),
                  STR_ARG(workspace->key));
        err = ERR_INVALID;
    }
    if (err == ERR_OK)
        create->task = judged.task;
    return err;
}

/* ---- making it ---- */

struct occurrence {
    struct change change;
    struct rule rule;
    const struct workspace *workspace;
    int64_t stamp;
    struct rule_next was; /* as it was judged */
    int32_t date, next;   /* DATE_NONE: none */
    int64_t retry_at;     /* when no record could be made; 0: it could */
    bool ended;           /* the rule is switched off or gone */
    struct task_create *create;
};

/* The creation's event says which rule it was. */
static enum err payload_name(struct op *op, const struct rule *rule, struct str *payload)
{
    struct buf buf;
    struct json_writer json;
    buf_init(&buf, payload->n + 4096);
    buf_add(&buf, str_sub(*payload, 0, payload->n - 1));
    struct buf more;
    buf_init(&more, 4096);
    json_writer_init(&json, &more);
    json_begin_object(&json, NULL);
    json_begin_list(&json, "rule");
    json_put_null(&json, NULL);
    json_put_id(&json, NULL, rule->id);
    json_end(&json);
    json_begin_list(&json, "ruleName");
    json_put_null(&json, NULL);
    json_put_text(&json, NULL, rule->name);
    json_end(&json);
    json_end(&json);
    buf_char(&buf, ',');
    buf_add(&buf, str_from(buf_str(&more), 1));
    enum err err = buf_err(&more);
    buf_finish(&more);
    if (err == ERR_OK)
        return buf_move(&buf, op->arena, payload);
    buf_finish(&buf);
    return err;
}

static enum err create_make(struct occurrence *occurrence, struct batch *batch)
{
    struct change *one = &occurrence->create->change;
    one->wrote = false;
    enum err err = one->apply(one, batch);
    return err == ERR_OK ? store_occurrence_add(batch_db(batch), one->op, occurrence->rule.id,
                                                occurrence->date, occurrence->create->task.id)
                         : err;
}

static enum err occurrence_apply(struct change *change, struct batch *batch)
{
    struct occurrence *occurrence = container_of(change, struct occurrence, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct rule_next now;
    int64_t stamp = 0;
    bool has = false;
    enum err err = batch_hold_domain(batch, op, occurrence->workspace->domain->id);
    if (err == ERR_OK)
        err = store_rules_stamp(db, op, occurrence->workspace->id, &stamp);
    if (err == ERR_OK)
        err = store_rule_next(db, op, occurrence->rule.id, &now);
    if (err == ERR_NOT_FOUND ||
        (err == ERR_OK && (stamp != occurrence->stamp || now.date != occurrence->was.date ||
                           now.due_at != occurrence->was.due_at)))
        return ERR_OUTDATED;
    if (err == ERR_OK && occurrence->create != NULL)
        err = store_occurrence_has(db, op, occurrence->rule.id, occurrence->date, &has);
    if (err == ERR_OK && occurrence->create != NULL && !has)
        err = create_make(occurrence, batch);
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    if (occurrence->ended)
        return store_rule_next_drop(db, op, occurrence->rule.id);
    if (occurrence->retry_at != 0)
        return store_rule_next_put(
            db, op,
            &(struct rule_next){occurrence->rule.id, occurrence->retry_at, occurrence->was.date});
    return next_put(db, op, &occurrence->rule, occurrence->workspace, occurrence->next);
}

static enum err occurrence_judge(struct core *core, struct db *db, struct op *op,
                                 const struct directory *directory, struct occurrence *occurrence)
{
    const struct rule *rule = &occurrence->rule;
    struct faults faults;
    recur_due(rule, occurrence->workspace, occurrence->was.date, op->now, &occurrence->date,
              &occurrence->next);
    if (occurrence->date == DATE_NONE)
        return ERR_OK;
    struct task_create *create = ARENA_NEW(op->arena, struct task_create);
    if (create == NULL)
        return ERR_MEMORY;
    create->change.op = op;
    create->directory = directory;
    create->workspace = occurrence->workspace;
    faults_init(&faults, op->arena);
    enum err err = recur_judge(core, db, rule, occurrence->date, &faults, create);
    if (err == ERR_INVALID || err == ERR_CORRUPT) {
        LOG(LOG_WARN, "a rule could not make its record",
            LOG_TEXT("workspace", occurrence->workspace->key), LOG_NUM("rule", rule->id),
            LOG_TEXT("pointer", faults.n == 0 ? STR("") : faults.items[0].pointer),
            LOG_TEXT("code", faults.n == 0 ? STR("") : fault_code_name(faults.items[0].code)),
            LOG_TEXT("error", str_of(op->detail)));
        op_forget(op);
        occurrence->retry_at = op->now + RULE_RETRY_MS;
        return ERR_OK;
    }
    if (err == ERR_OK)
        err = core_task_create_prepare(create);
    if (err == ERR_OK)
        err = payload_name(op, rule, &create->payload);
    occurrence->create = create;
    return err;
}

/* A rule that cannot be read is tried again like one whose record cannot be made. */
struct recur_put_off {
    struct change change;
    struct rule_next was;
};

static enum err put_off_apply(struct change *change, struct batch *batch)
{
    const struct recur_put_off *put_off = container_of(change, struct recur_put_off, change);
    struct op *op = change->op;
    struct db *db = batch_db(batch);
    struct rule_next next;
    enum err err = store_rule_next(db, op, put_off->was.rule_id, &next);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && next.due_at != put_off->was.due_at))
        return ERR_OUTDATED;
    if (err != ERR_OK)
        return err;
    batch_writes(batch, change);
    next.due_at = op->now + RULE_RETRY_MS;
    return store_rule_next_put(db, op, &next);
}

static enum err rule_put_off(struct core *core, struct op *op, const struct rule_next *was)
{
    struct recur_put_off put_off = {.change = {.op = op, .apply = put_off_apply}, .was = *was};
    metric_add(METRIC_RULE_DAMAGE, 0, 0, 1);
    LOG(LOG_ERROR, "a rule that makes records cannot be read", LOG_NUM("rule", was->rule_id),
        LOG_TEXT("error", str_of(op->detail)));
    op_forget(op);
    return core_change_wait(core, &put_off.change);
}

enum err recur_step(struct core *core, struct db *db, struct op *op,
                    const struct directory *directory, bool *ret_more)
{
    struct rule_next_list due;
    enum err err = store_rules_due(db, op, RECUR_AT_ONCE, &due);
    for (size_t i = 0; err == ERR_OK && i < due.n; i++) {
        struct occurrence *occurrence = ARENA_NEW(op->arena, struct occurrence);
        if (occurrence == NULL)
            return ERR_MEMORY;
        occurrence->was = due.items[i];
        err = store_rule_get(db, op, due.items[i].rule_id, &occurrence->rule);
        if (err == ERR_NOT_FOUND)
            err = ERR_OUTDATED; /* it has been deleted, and so has its next date */
        if (err == ERR_CORRUPT) {
            err = rule_put_off(core, op, &due.items[i]);
            continue;
        }
        if (err != ERR_OK)
            return err;
        occurrence->ended = occurrence->rule.active_at == TIME_NONE;
        occurrence->workspace = directory_workspace_by_id(directory, occurrence->rule.workspace_id);
        if (occurrence->workspace == NULL)
            return ERR_OUTDATED;
        err = store_rules_stamp(db, op, occurrence->workspace->id, &occurrence->stamp);
        if (err == ERR_OK && !occurrence->ended)
            err = occurrence_judge(core, db, op, directory, occurrence);
        occurrence->change = (struct change){
            .op = op, .domain_id = occurrence->workspace->domain->id, .apply = occurrence_apply};
        if (err == ERR_OK)
            err = core_change_wait(core, &occurrence->change);
    }
    *ret_more = err == ERR_OK && due.n > 0;
    return err;
}
