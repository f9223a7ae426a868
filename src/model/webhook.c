#include "model/webhook.h"

#include "model/date.h"
#include "model/key.h"
#include "model/right.h"

static const struct str types[] = {
    STR_INIT("task.created"),   STR_INIT("task.updated"),  STR_INIT("task.assigned"),
    STR_INIT("task.closed"),    STR_INIT("task.reopened"), STR_INIT("task.expired"),
    STR_INIT("task.commented"), STR_INIT("task.attached"),
};
const struct str_list webhook_event_types = {types, sizeof types / sizeof types[0]};

struct str webhook_event_type(struct str action)
{
    for (size_t i = 0; i < webhook_event_types.n; i++)
        if (str_eq(types[i], action))
            return types[i];
    bool changes = str_eq(action, STR("task.linked")) || str_eq(action, STR("task.unlinked")) ||
                   str_eq(action, STR("task.occurred"));
    return changes ? STR("task.updated") : STR_NONE;
}

bool webhook_wants(const struct webhook *webhook, struct str type)
{
    for (size_t i = 0; i < webhook->events.n; i++)
        if (str_eq(webhook->events.items[i], type))
            return true;
    return webhook->events.n == 0;
}

struct str webhook_pause_name(enum webhook_pause pause)
{
    static const struct str names[] = {
        [WEBHOOK_RUNS] = {NULL, 0},
        [WEBHOOK_PAUSED] = STR_INIT("paused"),
        [WEBHOOK_GONE] = STR_INIT("gone"),
        [WEBHOOK_FAILING] = STR_INIT("failing"),
        [WEBHOOK_ORPHANED] = STR_INIT("owner"),
        [WEBHOOK_REMOVED] = STR_INIT("removed"),
    };
    return names[pause];
}

bool webhook_is_held_by(const struct directory *directory, const struct account *account,
                        const struct webhook *webhook)
{
    const struct domain *domain = directory_domain_by_id(directory, webhook->domain_id);
    return domain != NULL && account->kind == ACCOUNT_PERSON &&
           right_manages(directory, account, domain);
}

bool webhook_has_owner(const struct directory *directory, const struct webhook *webhook)
{
    const struct account *owner = directory_account_by_id(directory, webhook->owner_id);
    return owner != NULL && !owner->disabled && webhook_is_held_by(directory, owner, webhook);
}

/* ---- judging ---- */

/* What a name resolves to is looked at when it is connected to; an address can be judged now. */
static void url_judge(struct str url, const struct networks *allow, struct faults *faults)
{
    const struct str name = STR("url");
    struct address address;
    bool https;
    struct str host;
    if (url.n > WEBHOOK_URL_MAX) {
        fault_add(faults, name, FAULT_WHOLE, FAULT_TOO_LONG, NO_OPTIONS,
                  "url may have at most %d bytes.", WEBHOOK_URL_MAX);
        return;
    }
    if (!url_split(url, &https, &host)) {
        fault_add(
            faults, name, FAULT_WHOLE, FAULT_PATTERN, NO_OPTIONS,
            "url must be an https address such as https://example.com/hook, without a user and "
            "without a \"#\"; other characters are percent-encoded.");
        return;
    }
    bool literal = address_read_host(host, &address);
    bool allowed = literal ? networks_contain(allow, &address) : allow->n > 0;
    if (!https && !allowed)
        fault_add(faults, name, FAULT_WHOLE, FAULT_PATTERN, NO_OPTIONS,
                  "url must begin with https://. The operator can allow addresses without TLS with "
                  "the setting webhook-allow.");
    else if (literal && !allowed && !address_is_public(&address))
        fault_add(faults, name, FAULT_WHOLE, FAULT_PATTERN, NO_OPTIONS,
                  "url leads to a private address. The operator can allow it with the setting "
                  "webhook-allow.");
}

static void events_judge(struct str_list events, struct faults *faults)
{
    for (size_t i = 0; i < events.n; i++) {
        bool known = false;
        for (size_t k = 0; k < webhook_event_types.n && !known; k++)
            known = str_eq(events.items[i], types[k]);
        if (!known)
            fault_add(faults, STR("events"), i, FAULT_NOT_AN_OPTION, webhook_event_types,
                      "There is no event \"%.*s\".", STR_ARG(fault_excerpt(events.items[i])));
    }
    if (events.n > webhook_event_types.n)
        fault_add(faults, STR("events"), FAULT_WHOLE, FAULT_TOO_MANY, webhook_event_types,
                  "events may name each event once.");
}

/* Where it listens: a workspace, or a domain. What the caller does not see does not exist. */
static enum err place_judge(struct op *op, const struct webhook_draft *draft,
                            const struct directory *directory, const struct account *caller,
                            struct faults *faults, struct webhook *webhook)
{
    const struct domain *domain = NULL;
    if ((draft->workspace.p == NULL) == (draft->domain.p == NULL)) {
        fault_add(faults, STR("workspace"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "Name either a workspace or a domain.");
        return ERR_OK;
    }
    if (draft->workspace.p != NULL) {
        const struct workspace *workspace =
            draft->workspace.n > KEY_MAX ? NULL : directory_workspace(directory, draft->workspace);
        if (workspace != NULL &&
            right_reach(directory, caller, RIGHT_SEE, workspace) != REACH_NONE) {
            webhook->workspace_id = workspace->id;
            domain = workspace->domain;
        } else
            fault_add(faults, STR("workspace"), FAULT_WHOLE, FAULT_UNKNOWN_WORKSPACE, NO_OPTIONS,
                      "There is no workspace %.*s, or you may not see it.",
                      STR_ARG(fault_excerpt(draft->workspace)));
    } else {
        domain = draft->domain.n > KEY_MAX ? NULL : directory_domain(directory, draft->domain);
        if (domain != NULL && !right_sees_domain(directory, caller, domain))
            domain = NULL;
        if (domain == NULL)
            fault_add(faults, STR("domain"), FAULT_WHOLE, FAULT_UNKNOWN_DOMAIN, NO_OPTIONS,
                      "There is no domain %.*s, or you may not see it.",
                      STR_ARG(fault_excerpt(draft->domain)));
    }
    if (domain == NULL)
        return ERR_OK;
    webhook->domain_id = domain->id;
    return right_manages(directory, caller, domain)
               ? ERR_OK
               : op_fail(op, ERR_FORBIDDEN,
                         "To add a webhook you need the role of a manager of its domain.");
}

enum err webhook_judge(struct op *op, const struct webhook_draft *draft,
                       const struct webhook *before, const struct directory *directory,
                       const struct account *caller, const struct networks *allow,
                       struct faults *faults, struct webhook *ret_webhook)
{
    struct webhook webhook = {.paused_at = TIME_NONE,
                              .old_secret_until = TIME_NONE,
                              .succeeded_at = TIME_NONE,
                              .failing_since = TIME_NONE};
    enum err err = ERR_OK;
    if (before == NULL)
        err = place_judge(op, draft, directory, caller, faults, &webhook);
    else
        webhook = *before;
    if (err != ERR_OK)
        return err;

    if (draft->url.p != NULL) {
        url_judge(draft->url, allow, faults);
        webhook.url = draft->url;
    } else if (before == NULL && !faults_have(faults, "/url"))
        fault_add(faults, STR("url"), FAULT_WHOLE, FAULT_REQUIRED, NO_OPTIONS,
                  "url is missing: where the events are to be sent.");
    events_judge(draft->events, faults);
    if (draft->events.items != NULL || draft->events_null)
        webhook.events = draft->events;

    if (draft->paused_sent && draft->paused && webhook.pause == WEBHOOK_RUNS) {
        webhook.pause = WEBHOOK_PAUSED;
        webhook.paused_at = op->now;
    } else if (draft->paused_sent && !draft->paused) {
        webhook.pause = WEBHOOK_RUNS;
        webhook.paused_at = webhook.failing_since = TIME_NONE;
        webhook.warned = false;
    }
    if (before == NULL || draft->url.p != NULL || (draft->paused_sent && !draft->paused))
        webhook.owner_id = caller->id;
    if (faults->err != ERR_OK)
        return faults->err;
    if (faults->n > 0)
        return ERR_INVALID;
    *ret_webhook = webhook;
    return ERR_OK;
}
