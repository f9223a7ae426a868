#include "form/change.h"

#include "form/judging.h"
#include "form/life.h"
#include "json/merge.h"
#include "model/inbox.h"
#include "model/right.h"
#include "model/task_field.h"
#include "model/task_state.h"

#include <stdlib.h>

enum { TREE_MAX = 128 * 1024 * 1024 };

/* Members that only changes know. */
enum { CHANGE_EXTRA, CHANGE_CAUSE, CHANGE_DUE_REASON, CHANGE_PARENT, CHANGE_FOLLOWERS, CHANGES };

/* A change on its way. */
struct patch_work {
    const struct task_change_by *by;
    struct task_changed *changed;
    struct report_judging j;
    struct form form;         /* the record's, for changes */
    bool *known;              /* of the draft's other members: it is not for `extra` */
    struct str sent[CHANGES]; /* how those that only changes know were spelled */
    struct arena tree;        /* of `extra`, before and after */
    const struct json *extra_before, *extra_after;
};

/* Turns to a member that only changes know. */
static struct reading *turn_to(struct patch_work *work, const struct draft_value *value,
                               const struct form_field *field, struct str name)
{
    struct reading *reading = &work->j.reading;
    reading->field = field;
    reading->name = name;
    reading->sent = value->name;
    return reading;
}

/* ---- members of the source ---- */

/* Removes a value; a record always has some of them. */
static void member_clear(struct report_judging *j, enum member member)
{
    const struct form_field *field = j->reading.field;
    void *target = judging_target(&j->task, member);
    bool needed = member == MEMBER_TITLE || member == MEMBER_DESCRIPTION ||
                  (field->required && (field->types & (1U << j->task.type)) != 0);
    if (field->locked) {
        VALUE_FAULT(&j->reading, LOCKED, "is filled in by the form; leave it out.");
        return;
    }
    if (needed && !field->like_reporter) {
        VALUE_FAULT(&j->reading, REQUIRED, "is required and cannot be removed.");
        return;
    }
    switch (field->kind) {
    case KIND_TEXT:
        *(struct str *)target = STR_NONE;
        return;
    case KIND_TEXTS:
        *(struct str_list *)target = NO_OPTIONS;
        return;
    case KIND_MONEY:
        *(int64_t *)target = CENTS_NONE;
        return;
    case KIND_LEVEL:
        *(enum level *)target = LEVEL_NONE;
        return;
    case KIND_DATE:
        *(int32_t *)target = DATE_NONE;
        return;
    case KIND_TIME:
        *(int64_t *)target = TIME_NONE;
        return;
    case KIND_PERSON:
        if (field->like_reporter) {
            *(int64_t *)target = j->task.reporter_id;
            return;
        }
        break;
    case KIND_TYPE:
    case KIND_STATUS:
    case KIND_PLACE:
    case KIND_NUMBER:
    case KIND_EMAIL:
    case KIND_BOOL:
        break;
    }
    VALUE_FAULT(&j->reading, REQUIRED, "is required and cannot be removed.");
}

/* Is it whom the record has there already? They may have left since: only somebody else must be known
 * in the domain. */
static bool person_stays(struct report_judging *j, const struct draft_value *value,
                         enum member member)
{
    if (j->form->fields[member].kind != KIND_PERSON || value->kind != DRAFT_TEXT)
        return false;
    const struct account *account = directory_account(j->reading.directory, utf8_trim(value->text));
    return account != NULL && account->id == *(int64_t *)judging_target(&j->task, member);
}

static void change_member(struct report_judging *j, enum member member)
{
    const struct draft_value *value = &j->draft->members[member];
    if (value->kind == DRAFT_ABSENT || j->form->fields[member].kind == KIND_PLACE)
        return;
    if (person_stays(j, value, member))
        return;
    judging_turn(j, member);
    j->reading.inviting = NULL; /* a change invites nobody */
    if (value_absent(value, j->reading.field->kind))
        member_clear(j, member);
    else
        (void)judging_value(j, value, judging_target(&j->task, member));
}

/* The other type asks for other members: those that are not sent must be there already. */
static void change_type(struct patch_work *work)
{
    struct report_judging *j = &work->j;
    unsigned before = 1U << work->by->before->type, after = 1U << j->task.type;
    for (enum member member = 0; member < MEMBER_COUNT && before != after; member++) {
        const struct form_field *field = &j->form->fields[member];
        if (j->draft->members[member].kind != DRAFT_ABSENT || field->kind == KIND_PLACE)
            continue;
        const struct task_field *place = task_field_named(member_name(member));
        bool has = place != NULL && task_field_has(&j->task, place);
        judging_turn(j, member);
        if (!has && field->required && (field->types & after) != 0 && (field->types & before) == 0)
            VALUE_FAULT(&j->reading, REQUIRED, "is required for the new todoType.");
        else if (has && j->form->refuses_other_type && (field->types & after) == 0)
            fault_add(j->reading.faults, j->reading.sent, FAULT_WHOLE,
                      j->task.type == TASK_INCIDENT ? FAULT_NOT_FOR_INCIDENT : FAULT_NOT_FOR_TASK,
                      NO_OPTIONS, "%.*s is not for the new todoType; remove it with null.",
                      STR_ARG(j->reading.name));
    }
}

/* ---- the workspace ---- */

static struct str place_text(struct patch_work *work, enum member member)
{
    const struct draft_value *value = &work->j.draft->members[member];
    struct reading *reading = judging_turn(&work->j, member);
    if (value->kind == DRAFT_ABSENT)
        return STR_NONE;
    if (value_absent(value, KIND_PLACE))
        VALUE_FAULT(reading, REQUIRED, "is required and cannot be removed.");
    else if (value->kind != DRAFT_TEXT)
        VALUE_FAULT(reading, WRONG_TYPE, "must be the key of a workspace.");
    else
        return utf8_trim(value->text);
    return STR_NONE;
}

/* It keeps its form where there is one of that name; else it has that workspace's own. */
static void move(struct patch_work *work, const struct workspace *to)
{
    struct task *task = &work->j.task;
    const struct form_head *head = workspace_form(to, task->form);
    if (head == NULL && !str_eq(task->form, form_default.name))
        head = to->default_form;
    work->changed->workspace = to;
    task->workspace_id = to->id;
    task->form = head == NULL ? form_default.name : head->name;
    task->form_version = head == NULL ? form_default.version : head->version;
}

/* "workspace", as records show it, or one of the spellings of a report; always in the domain that
 * the record is in. */
static void change_workspace(struct patch_work *work)
{
    struct report_judging *j = &work->j;
    const struct domain *domain = work->by->workspace->domain;
    size_t faults = work->by->faults->n;
    struct str whole = place_text(work, MEMBER_DOMAIN_WORKSPACE);
    struct str above = place_text(work, MEMBER_DOMAIN);
    struct str segment = place_text(work, MEMBER_WORKSPACE);
    enum member named = whole.p != NULL ? MEMBER_DOMAIN_WORKSPACE : MEMBER_WORKSPACE;
    if (work->by->faults->n > faults || (whole.p == NULL && above.p == NULL && segment.p == NULL))
        return;
    if (whole.p == NULL && segment.p == NULL) {
        VALUE_FAULT(judging_turn(j, MEMBER_WORKSPACE), REQUIRED,
                    "is required together with domain.");
        return;
    }

    /* "workspace" can be a whole key, as records show it. */
    const struct workspace *shown = segment.p == NULL ? NULL : judging_workspace(j, segment);
    const struct workspace *found = shown;
    if (whole.p != NULL)
        found = judging_workspace(j, whole);
    else if (found == NULL)
        found = judging_parts(j, above.p != NULL ? above : domain->key, segment);
    if (shown == found)
        segment = STR_NONE;
    struct reading *reading = judging_turn(j, named);
    if (found == NULL ||
        right_reach(work->by->directory, work->by->caller, RIGHT_WRITE, found) == REACH_NONE)
        VALUE_FAULT(reading, UNKNOWN_WORKSPACE,
                    "is unknown: there is no such workspace, or you may not change records in it.");
    else if (!judging_parts_agree(j, found, above, segment))
        VALUE_FAULT(reading, MISMATCH, "does not match what was sent beside it; send only one.");
    else if (found->domain->id != domain->id)
        VALUE_FAULT(reading, MISMATCH, "must be a workspace of %.*s: a record stays in its domain.",
                    STR_ARG(domain->key));
    else if (found->id != work->by->workspace->id)
        move(work, found);
}

/* ---- members that only changes know ---- */

static void change_cause(struct patch_work *work, const struct draft_value *value)
{
    static const struct form_field field = {
        .kind = KIND_TEXT, .types = FOR_BOTH, .length_max = CAUSE_MAX};
    struct reading *reading = turn_to(work, value, &field, STR("cause"));
    if (value_absent(value, KIND_TEXT))
        work->j.task.cause = STR_NONE;
    else
        value_read(reading, value, &work->j.task.cause);
}

static void change_due_reason(struct patch_work *work, const struct draft_value *value)
{
    static const struct form_field field = {
        .kind = KIND_TEXT, .types = FOR_BOTH, .length_max = DUE_REASON_MAX};
    if (!value_absent(value, KIND_TEXT))
        value_read(turn_to(work, value, &field, STR("dueReason")), value,
                   &work->changed->due_reason);
}

static void change_parent(struct patch_work *work, const struct draft_value *value)
{
    if (value_absent(value, KIND_TEXT))
        work->changed->parent = (struct draft_value){.kind = DRAFT_NULL, .name = value->name};
    else if (value->kind == DRAFT_TEXT)
        work->changed->parent = *value;
    else
        VALUE_FAULT(turn_to(work, value, NULL, STR("parent")), WRONG_TYPE,
                    "must be the key of a record, or null.");
}

static int id_cmp(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* By their ids, without repeats. */
static void followers_set(struct task *task, int64_t *ids, size_t n)
{
    size_t kept = 0;
    qsort(ids, n, sizeof ids[0], id_cmp);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    task->followers = ids;
    task->follower_count = (int64_t)kept;
}

/* Those who may read the record; those who may no longer can stay until they are removed. */
static bool may_follow(const struct task_change_by *by, const struct account *account)
{
    for (int64_t i = 0; account != NULL && i < by->before->follower_count; i++)
        if (by->before->followers[i] == account->id)
            return true;
    return right_takes_part(by->directory, account, by->workspace);
}

static void change_followers(struct patch_work *work, const struct draft_value *value)
{
    static const struct form_field field = {
        .kind = KIND_TEXTS, .types = FOR_BOTH, .length_max = 255, .items_max = FOLLOWERS_MAX};
    const struct task_change_by *by = work->by;
    struct reading *reading = turn_to(work, value, &field, STR("followers"));
    struct str_list emails = NO_OPTIONS;
    if (!value_absent(value, KIND_TEXTS))
        value_read(reading, value, &emails);
    int64_t *ids = ARENA_ARRAY(by->op->arena, int64_t, emails.n);
    size_t n = 0;
    if (ids == NULL) {
        by->faults->err = ERR_MEMORY;
        return;
    }
    for (size_t i = 0; i < emails.n; i++) {
        const struct account *account = directory_account(by->directory, emails.items[i]);
        if (may_follow(by, account))
            ids[n++] = account->id;
        else
            VALUE_FAULT_AT(reading, i, UNKNOWN_PERSON, NO_OPTIONS,
                           "can be people who may read this record; \"%.*s\" is not one of them.",
                           STR_ARG(fault_excerpt(emails.items[i])));
    }
    followers_set(&work->j.task, ids, n);
}

/* The members of an object are among the others (api/task.h). */
static void change_extra_whole(struct patch_work *work, const struct draft_value *value)
{
    VALUE_FAULT(turn_to(work, value, NULL, STR("extra")), WRONG_TYPE,
                "must be an object; remove a member of it by sending null for that member.");
}

static const struct {
    struct str name;
    void (*change)(struct patch_work *work, const struct draft_value *value);
} changes[CHANGES] = {
    [CHANGE_EXTRA] = {STR_INIT("extra"), change_extra_whole},
    [CHANGE_CAUSE] = {STR_INIT("cause"), change_cause},
    [CHANGE_DUE_REASON] = {STR_INIT("dueReason"), change_due_reason},
    [CHANGE_PARENT] = {STR_INIT("parent"), change_parent},
    [CHANGE_FOLLOWERS] = {STR_INIT("followers"), change_followers},
};

/* What answers show and the server alone sets. */
static const struct str fixed[] = {
    STR_INIT("key"),          STR_INIT("source"),          STR_INIT("financialImpactCurrency"),
    STR_INIT("form"),         STR_INIT("formVersion"),     STR_INIT("taskLink"),
    STR_INIT("createdAt"),    STR_INIT("updatedAt"),       STR_INIT("version"),
    STR_INIT("open"),         STR_INIT("overdue"),         STR_INIT("closedAt"),
    STR_INIT("closedBy"),     STR_INIT("firstDueDate"),    STR_INIT("dueMoves"),
    STR_INIT("commentCount"), STR_INIT("attachmentCount"), STR_INIT("awaits"),
};

/* True if the member is one of those, and not a field of the form. */
static bool change_other(struct patch_work *work, const struct draft_value *value)
{
    for (size_t i = 0; i < CHANGES; i++)
        if (str_eq_case(value->name, changes[i].name)) {
            if (work->sent[i].p != NULL) {
                judging_twice(&work->j, value->name, work->sent[i]);
                return true;
            }
            work->sent[i] = value->name;
            changes[i].change(work, value);
            return true;
        }
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (str_eq_case(value->name, fixed[i])) {
            VALUE_FAULT(turn_to(work, value, NULL, fixed[i]), LOCKED,
                        "is set by the server; leave it out.");
            return true;
        }
    return false;
}

/* ---- the form's own fields, and what no rule knows ---- */

static void custom_patch(struct report_judging *j, size_t i, const struct draft_value *sent,
                         struct buf *patch)
{
    const struct form_custom *custom = &j->form->customs[i];
    if (!value_absent(sent, custom->field.kind)) {
        judging_custom(j, i, sent, patch);
        return;
    }
    j->reading.field = &custom->field;
    j->reading.name = custom->name;
    j->reading.sent = sent->name;
    if (custom->field.locked)
        VALUE_FAULT(&j->reading, LOCKED, "is filled in by the form; leave it out.");
    else if (custom->field.required && (custom->field.types & (1U << j->task.type)) != 0)
        VALUE_FAULT(&j->reading, REQUIRED, "is required and cannot be removed.");
    buf_printf(patch, "%s\"%.*s\":null", patch->n == 0 ? "{" : ",", STR_ARG(custom->name));
}

/* What was sent for `extra` as one object, in `patch`; without a last brace. */
static void extra_patch(struct patch_work *work, struct buf *patch)
{
    struct report_judging *j = &work->j;
    const struct task_draft *draft = j->draft;
    const struct draft_value **sent =
        ARENA_ARRAY(j->op->arena, const struct draft_value *, j->form->custom_count);
    if (sent == NULL) {
        j->reading.faults->err = ERR_MEMORY;
        return;
    }
    judging_customs(j, sent, work->known);
    work->sent[CHANGE_EXTRA] = draft->extra;
    for (size_t i = 0; i < draft->other_count; i++)
        if (!work->known[i] && !draft->others[i].inside)
            work->known[i] = change_other(work, &draft->others[i].value);
    for (size_t i = 0; i < j->form->custom_count; i++)
        if (sent[i] != NULL)
            custom_patch(j, i, sent[i], patch);
    for (size_t i = 0; i < draft->other_count; i++) {
        const struct draft_other *other = &draft->others[i];
        if (work->known[i])
            continue;
        if (other->value.kind != DRAFT_NULL) {
            judging_unknown(j, other, patch);
            continue;
        }
        buf_char(patch, patch->n == 0 ? '{' : ','); /* what is there may always be removed */
        buf_add(patch, other->json);
    }
}

/* Merges it into what is there. */
static enum err extra_merge(struct patch_work *work, struct str patch)
{
    struct report_judging *j = &work->j;
    const struct json *change;
    struct buf merged;
    enum err err = json_read(j->op, &work->tree, patch, &change);
    if (err == ERR_SYNTAX) {
        op_forget(j->op);
        fault_add(j->reading.faults, STR("extra"), FAULT_WHOLE, FAULT_DUPLICATE_MEMBER, NO_OPTIONS,
                  "A member was sent twice: once inside extra, and once beside it.");
        return ERR_OK;
    }
    if (err != ERR_OK)
        return err;
    buf_init(&merged, EXTRA_MAX);
    err = buf_json_merge(&merged, &work->tree, work->extra_before, change);
    if (err == ERR_OK)
        err = arena_copy(j->op->arena, buf_str(&merged), &j->task.extra);
    buf_finish(&merged);
    if (err == ERR_TOO_LONG) {
        fault_add(j->reading.faults, STR_NONE, FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "The members kept under extra would have more than %d bytes in all; send less.",
                  EXTRA_MAX);
        return ERR_OK;
    }
    return err == ERR_OK ? json_read(j->op, &work->tree, j->task.extra, &work->extra_after) : err;
}

static void change_extra(struct patch_work *work)
{
    struct report_judging *j = &work->j;
    struct buf patch;
    work->known = ARENA_ARRAY(j->op->arena, bool, j->draft->other_count);
    if (work->known == NULL) {
        j->reading.faults->err = ERR_MEMORY;
        return;
    }
    buf_init(&patch, 2 * (size_t)EXTRA_MAX);
    extra_patch(work, &patch);
    enum err err = ERR_OK;
    if (patch.n > 0) {
        buf_char(&patch, '}');
        err = buf_err(&patch);
        if (err == ERR_OK)
            err = extra_merge(work, buf_str(&patch));
    }
    buf_finish(&patch);
    if (err != ERR_OK)
        j->reading.faults->err = err;
}

/* ---- tags ---- */

/* The tags that a field of the form's own makes, as `extra` has its value. */
static struct str_list custom_tags(struct report_judging *j, size_t i, const struct json *extra)
{
    const struct form_custom *custom = &j->form->customs[i];
    const struct json *value = custom->field.tag ? json_member(extra, custom->name) : NULL;
    const struct json *item = value == NULL || value->kind != JSON_LIST ? value : value->first;
    size_t n = 0;
    struct str *tags = ARENA_ARRAY(j->op->arena, struct str,
                                   value != NULL && value->kind == JSON_LIST ? value->n : 1);
    if (tags == NULL)
        j->reading.faults->err = ERR_MEMORY;
    for (; item != NULL && tags != NULL; item = item->next) {
        struct str text = item->kind == JSON_TEXT ? arena_str(j->op->arena, item->text) : STR_NONE;
        if (text.p != NULL)
            tags[n++] = text;
        if (item == value)
            break;
    }
    return (struct str_list){tags, n};
}

/* Makes the record's tags: `further` ones, and what its members and fields make. */
static struct str_list tags_make(struct report_judging *j, const struct task *task,
                                 const struct json *extra, struct str_list further)
{
    j->task = *task;
    j->task.tags = further;
    for (size_t i = 0; i < j->form->custom_count; i++)
        j->tags[MEMBER_COUNT + i] = custom_tags(j, i, extra);
    judging_tags(j);
    return j->task.tags;
}

static bool texts_have(struct str_list texts, struct str text)
{
    for (size_t i = 0; i < texts.n; i++)
        if (str_eq(texts.items[i], text))
            return true;
    return false;
}

/* Those of `all` that are not in `made`. */
static struct str_list texts_without(struct report_judging *j, struct str_list all,
                                     struct str_list made)
{
    struct str *rest = ARENA_ARRAY(j->op->arena, struct str, all.n);
    size_t n = 0;
    if (rest == NULL)
        j->reading.faults->err = ERR_MEMORY;
    for (size_t i = 0; i < all.n && rest != NULL; i++)
        if (!texts_have(made, all.items[i]))
            rest[n++] = all.items[i];
    return (struct str_list){rest, n};
}

/* They stay as they are unless tags were sent, or something that makes some of them has changed. */
static void change_tags(struct patch_work *work)
{
    struct report_judging *j = &work->j;
    const struct task *before = work->by->before;
    struct task after = j->task;
    bool sent = j->draft->members[MEMBER_TAGS].kind != DRAFT_ABSENT;
    struct str_list was = tags_make(j, before, work->extra_before, NO_OPTIONS);
    struct str_list is = tags_make(j, &after, work->extra_after, NO_OPTIONS);
    bool same = was.n == is.n;
    for (size_t i = 0; i < was.n && same; i++)
        same = str_eq(was.items[i], is.items[i]);
    j->task = after;
    if (sent || !same)
        after.tags = tags_make(j, &after, work->extra_after,
                               sent ? after.tags : texts_without(j, before->tags, was));
    j->task = after;
}

/* ---- the assignee ---- */

/* Reports often name who follows them up. When a person leaves it at that, nothing else of the record
 * may change, and yet it is not new any more. A system may send all members of a record again. */
static bool affirms(const struct task_change_by *by, const struct task_draft *draft,
                    const struct task *after)
{
    return draft->members[MEMBER_ASSIGNEE].kind == DRAFT_TEXT && status_is_open(after->status) &&
           by->caller->kind == ACCOUNT_PERSON && after->assignee_id == by->before->assignee_id &&
           task_is_untaken(by->before);
}

/* ---- all of it ---- */

/* What a form fixes of the status and the assignee is how reports arrive: work continues from there. */
static struct form form_of_changes(const struct form *form)
{
    struct form copy = *form;
    copy.fields[MEMBER_STATUS].locked = copy.fields[MEMBER_ASSIGNEE].locked = false;
    copy.fields[MEMBER_STATUS].options = NO_OPTIONS;
    return copy;
}

static enum err work_run(struct patch_work *work)
{
    struct report_judging *j = &work->j;
    struct faults *faults = work->by->faults;
    enum err err = json_read(j->op, &work->tree, work->by->before->extra, &work->extra_before);
    if (err != ERR_OK)
        return err;
    work->extra_after = work->extra_before;
    change_workspace(work);
    j->reading.workspace = work->changed->workspace;
    for (enum member member = 0; member < MEMBER_COUNT; member++)
        change_member(j, member);
    change_type(work);
    change_extra(work);
    judging_repeats(j);
    if (faults->err == ERR_OK && faults->n == 0)
        change_tags(work);
    work->changed->task = j->task;
    return faults->err;
}

enum err task_change_judge(const struct task_change_by *by, const struct task_draft *draft,
                           struct task_changed *ret_changed)
{
    struct task_changed changed = {.workspace = by->workspace};
    struct patch_work work = {
        .by = by,
        .changed = &changed,
        .form = form_of_changes(by->form),
        .j = {.op = by->op,
              .draft = draft,
              .caller = by->caller,
              .reading = {.op = by->op,
                          .directory = by->directory,
                          .workspace = by->workspace,
                          .faults = by->faults,
                          .warnings = by->warnings},
              .task = *by->before},
    };
    work.j.form = &work.form;
    arena_init(&work.tree, TREE_MAX);
    enum err err = work_run(&work);
    arena_finish(&work.tree);
    if (err == ERR_OK)
        err = life_follow(by, &changed);
    changed.affirms = err == ERR_OK && affirms(by, draft, &changed.task);
    if (err == ERR_OK || err == ERR_INVALID || err == ERR_CONFLICT)
        *ret_changed = changed;
    return err;
}
