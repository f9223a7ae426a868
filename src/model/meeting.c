#include "model/meeting.h"

#include "model/key.h"
#include "model/name.h"
#include "model/right.h"

/* ---- words ---- */

static const struct str reasons[MEETING_REASONS] = {
    STR_INIT("parked"),  STR_INIT("overdue"),   STR_INIT("promised"), STR_INIT("new"),
    STR_INIT("undated"), STR_INIT("untouched"), STR_INIT("added"),
};
static const struct str groups[MEETING_GROUPS] = {STR_INIT("none"), STR_INIT("person"),
                                                  STR_INIT("workspace")};
static const struct str stages[MEETING_STAGES] = {STR_INIT("since"), STR_INIT("walk"),
                                                  STR_INIT("close")};
static const struct str weekdays[] = {
    STR_INIT("Monday"), STR_INIT("Tuesday"),  STR_INIT("Wednesday"), STR_INIT("Thursday"),
    STR_INIT("Friday"), STR_INIT("Saturday"), STR_INIT("Sunday")};

/* What a walk can consist of: what is parked always comes first, and what is added last. */
static const struct str_list walkable = {reasons + MEETING_OVERDUE,
                                         MEETING_ADDED - MEETING_OVERDUE};

/* The place of a word in a list; the list's length if it is not there. */
static size_t place_of(struct str_list words, struct str word)
{
    size_t i = 0;
    while (i < words.n && !str_eq(words.items[i], word))
        i++;
    return i;
}

struct str meeting_reason_name(enum meeting_reason reason)
{
    return reasons[reason];
}

struct str meeting_group_name(enum meeting_group group)
{
    return groups[group];
}

struct str meeting_stage_name(enum meeting_stage stage)
{
    return stages[stage];
}

struct str meeting_weekday_name(int64_t weekday)
{
    return weekday == 0 ? STR_NONE : weekdays[weekday - 1];
}

bool meeting_reason_read(struct str name, enum meeting_reason *ret_reason)
{
    *ret_reason = (enum meeting_reason)place_of((struct str_list){reasons, MEETING_REASONS}, name);
    return *ret_reason < MEETING_REASONS;
}

bool meeting_group_read(struct str name, enum meeting_group *ret_group)
{
    *ret_group = (enum meeting_group)place_of((struct str_list){groups, MEETING_GROUPS}, name);
    return *ret_group < MEETING_GROUPS;
}

bool meeting_stage_read(struct str name, enum meeting_stage *ret_stage)
{
    *ret_stage = (enum meeting_stage)place_of((struct str_list){stages, MEETING_STAGES}, name);
    return *ret_stage < MEETING_STAGES;
}

/* ---- rights ---- */

static enum role role_in(const struct directory *d, const struct account *account,
                         const struct meeting *meeting)
{
    const struct domain *domain = directory_domain_by_id(d, meeting->domain_id);
    return domain == NULL || account->kind != ACCOUNT_PERSON ? ROLE_NONE
                                                             : directory_role(d, account, domain);
}

bool meeting_is_seen(const struct directory *d, const struct account *account,
                     const struct meeting *meeting)
{
    return role_in(d, account, meeting) >= ROLE_VIEWER;
}

bool meeting_is_held_by(const struct directory *d, const struct account *account,
                        const struct meeting *meeting)
{
    return role_in(d, account, meeting) >= ROLE_MEMBER;
}

bool meeting_is_managed_by(const struct directory *d, const struct account *account,
                           const struct meeting *meeting)
{
    return role_in(d, account, meeting) >= ROLE_MANAGER;
}

bool meeting_covers(const struct directory *d, const struct meeting *meeting,
                    const struct workspace *workspace)
{
    const struct domain *domain = directory_domain_by_id(d, meeting->domain_id);
    bool covers = meeting->workspaces.n == 0;
    for (size_t i = 0; i < meeting->workspaces.n && !covers; i++)
        covers = meeting->workspaces.items[i] == workspace->id;
    return covers && domain != NULL && key_covers(domain->key, workspace->domain->key);
}

int32_t meeting_period(const struct meeting *meeting)
{
    return meeting->weeks == 0 ? 7 : (int32_t)(7 * meeting->weeks);
}

/* ---- the judge ---- */

/* The domain that was sent; without one the lowest that is above all the workspaces. */
static const struct domain *meeting_domain_judge(const struct meeting_draft *draft,
                                                 const struct directory *directory,
                                                 const struct account *caller,
                                                 struct faults *faults)
{
    const struct domain *domain =
        draft->domain.n > KEY_MAX ? NULL : directory_domain(directory, draft->domain);
    if (draft->domain.p != NULL) {
        if (domain == NULL || !right_sees_domain(directory, caller, domain))
            fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_UNKNOWN_DOMAIN, NO_OPTIONS,
                      "There is no domain %.*s, or you may not see it.",
                      STR_ARG(fault_excerpt(draft->domain)));
        return domain;
    }
    const struct workspace *first =
        draft->workspaces.n == 0 || draft->workspaces.items[0].n > KEY_MAX
            ? NULL
            : directory_workspace(directory, draft->workspaces.items[0]);
    for (size_t i = 0; first != NULL && i < directory->domain_count; i++) {
        const struct domain *one = &directory->domains[i];
        bool above = right_sees_domain(directory, caller, one);
        for (size_t k = 0; k < draft->workspaces.n && above; k++) {
            struct str key = draft->workspaces.items[k];
            const struct workspace *workspace =
                key.n > KEY_MAX ? NULL : directory_workspace(directory, key);
            above = workspace != NULL && key_covers(one->key, workspace->domain->key);
        }
        if (above && (domain == NULL || one->key.n > domain->key.n))
            domain = one;
    }
    if (domain == NULL && draft->workspaces.n > 0)
        fault_add(faults, STR("workspaces"), FAULT_WHOLE, FAULT_UNKNOWN_WORKSPACE, NO_OPTIONS,
                  "There is no domain that you may see above all these workspaces.");
    else if (domain == NULL)
        fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "domain is missing: what the stand-up is about; or send workspaces.");
    return domain;
}

static bool id_among(const int64_t *ids, size_t n, int64_t id)
{
    bool found = false;
    for (size_t i = 0; i < n && !found; i++)
        found = ids[i] == id;
    return found;
}

/* True if a list is short enough to be looked at. */
static bool list_fits(struct faults *faults, struct str member, struct str_list sent, size_t max)
{
    if (sent.n > max)
        fault_add(faults, member, FAULT_WHOLE, FAULT_TOO_MANY, NO_OPTIONS,
                  "%.*s has %zu elements; at most %zu are possible.", STR_ARG(member), sent.n, max);
    return sent.n <= max;
}

static enum err workspaces_judge(struct op *op, struct str_list sent, const struct domain *domain,
                                 const struct directory *directory, struct faults *faults,
                                 struct id_array *ret_ids)
{
    int64_t *ids = ARENA_ARRAY(op->arena, int64_t, sent.n + 1);
    size_t n = 0;
    if (ids == NULL)
        return ERR_MEMORY;
    if (!list_fits(faults, STR("workspaces"), sent, MEETING_WORKSPACES_MAX))
        return ERR_OK;
    for (size_t i = 0; i < sent.n; i++) {
        const struct workspace *workspace =
            sent.items[i].n > KEY_MAX ? NULL : directory_workspace(directory, sent.items[i]);
        if (workspace == NULL || !key_covers(domain->key, workspace->domain->key))
            fault_add(faults, STR("workspaces"), i, FAULT_UNKNOWN_WORKSPACE, NO_OPTIONS,
                      "There is no workspace %.*s in %.*s.", STR_ARG(fault_excerpt(sent.items[i])),
                      STR_ARG(domain->key));
        else if (!id_among(ids, n, workspace->id))
            ids[n++] = workspace->id;
    }
    *ret_ids = (struct id_array){ids, n};
    return ERR_OK;
}

/* Whoever takes part must be able to read what it is about. */
static enum err people_judge(struct op *op, struct str_list sent, const struct domain *domain,
                             const struct directory *directory, struct faults *faults,
                             struct id_array *ret_ids)
{
    int64_t *ids = ARENA_ARRAY(op->arena, int64_t, sent.n + 1);
    size_t n = 0;
    if (ids == NULL)
        return ERR_MEMORY;
    if (!list_fits(faults, STR("people"), sent, MEETING_PEOPLE_MAX))
        return ERR_OK;
    for (size_t i = 0; i < sent.n; i++) {
        const struct account *account = directory_account(directory, sent.items[i]);
        if (account == NULL || account->kind != ACCOUNT_PERSON ||
            directory_role(directory, account, domain) == ROLE_NONE)
            fault_add(faults, STR("people"), i, FAULT_UNKNOWN_PERSON, NO_OPTIONS,
                      "%.*s has no role on the domain %.*s.", STR_ARG(fault_excerpt(sent.items[i])),
                      STR_ARG(domain->key));
        else if (!id_among(ids, n, account->id))
            ids[n++] = account->id;
    }
    *ret_ids = (struct id_array){ids, n};
    return ERR_OK;
}

static void walk_judge(struct str_list sent, struct faults *faults, struct str_list *ret_walk)
{
    for (size_t i = 0; i < sent.n; i++) {
        if (place_of(walkable, sent.items[i]) == walkable.n)
            fault_add(faults, STR("walk"), i, FAULT_NOT_AN_OPTION, walkable,
                      "walk takes overdue, promised, new, undated and untouched, not %.*s.",
                      STR_ARG(fault_excerpt(sent.items[i])));
        else if (place_of((struct str_list){sent.items, i}, sent.items[i]) < i)
            fault_add(faults, STR("walk"), i, FAULT_DUPLICATE_MEMBER, NO_OPTIONS,
                      "walk has %.*s twice.", STR_ARG(sent.items[i]));
    }
    *ret_walk = sent;
}

static void number_judge(struct faults *faults, struct str member, int64_t sent, int64_t least,
                         int64_t most, int64_t *ret_number)
{
    if (sent < least || sent > most)
        fault_add(faults, member, FAULT_WHOLE, sent < least ? FAULT_NEGATIVE : FAULT_TOO_LARGE,
                  NO_OPTIONS, "%.*s must be a whole number from %d to %d.", STR_ARG(member),
                  (int)least, (int)most);
    else
        *ret_number = sent;
}

static void words_judge(const struct meeting_draft *draft, struct faults *faults,
                        struct meeting *meeting)
{
    static const struct str_list days = {weekdays, 7}, by = {groups, MEETING_GROUPS};
    if (draft->weekday_sent && draft->weekday.p == NULL)
        meeting->weekday = 0;
    if (draft->weekday.p != NULL && place_of(days, draft->weekday) < days.n)
        meeting->weekday = (int64_t)place_of(days, draft->weekday) + 1;
    else if (draft->weekday.p != NULL)
        fault_add(faults, STR("weekday"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, days,
                  "weekday must be Monday to Sunday, or null.");
    if (draft->group.p != NULL && !meeting_group_read(draft->group, &meeting->group))
        fault_add(faults, STR("groupBy"), FAULT_WHOLE, FAULT_NOT_AN_OPTION, by,
                  "groupBy takes none, person and workspace.");
}

enum err meeting_judge(struct op *op, const struct meeting_draft *draft,
                       const struct meeting *before, const struct directory *directory,
                       const struct account *caller, struct faults *faults,
                       struct meeting *ret_meeting)
{
    struct meeting meeting = {.minutes = 15, .walk = walkable, .archived_at = TIME_NONE};
    enum err err = ERR_OK;
    if (before != NULL)
        meeting = *before;
    const struct domain *domain = before == NULL
                                      ? meeting_domain_judge(draft, directory, caller, faults)
                                      : directory_domain_by_id(directory, before->domain_id);
    if ((before == NULL || draft->name.p != NULL) && !faults_have(faults, "/name"))
        name_judge(faults, STR("name"), "what the stand-up is called", draft->name, &meeting.name);
    if (domain != NULL && right_sees_domain(directory, caller, domain)) {
        meeting.domain_id = domain->id;
        if (draft->workspaces.items != NULL)
            err = workspaces_judge(op, draft->workspaces, domain, directory, faults,
                                   &meeting.workspaces);
        if (draft->people.items != NULL && err == ERR_OK)
            err = people_judge(op, draft->people, domain, directory, faults, &meeting.people);
    }
    if (draft->walk.items != NULL)
        walk_judge(draft->walk, faults, &meeting.walk);
    if (draft->weeks_sent && !faults_have(faults, "/everyWeeks"))
        number_judge(faults, STR("everyWeeks"), draft->weeks, 0, MEETING_WEEKS_MAX, &meeting.weeks);
    if (draft->minutes_sent && !faults_have(faults, "/minutes"))
        number_judge(faults, STR("minutes"), draft->minutes, 1, MEETING_MINUTES_MAX,
                     &meeting.minutes);
    words_judge(draft, faults, &meeting);
    if (err != ERR_OK || faults->err != ERR_OK)
        return err != ERR_OK ? err : faults->err;
    if (faults->n > 0)
        return ERR_INVALID;
    if (!meeting_is_held_by(directory, caller, &meeting))
        return op_fail(op, ERR_FORBIDDEN,
                       "To make a stand-up you need the role of a member of its domain.");
    *ret_meeting = meeting;
    return ERR_OK;
}
