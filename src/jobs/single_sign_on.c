#include "jobs/single_sign_on.h"

#include "base/clock.h"
#include "base/log.h"
#include "core/identity.h"
#include "oidc/provider.h"

#define SECOND INT64_C(1000)

static const int64_t again_ms = 300 * SECOND; /* while the provider does not answer */
static const int64_t turn_ms = 5 * SECOND;    /* then other jobs have their turn */

/* Asks the provider about one session, and gives its person the roles of their groups. *session then has what is to be
 * kept for the next time; where it fails, no more than the refresh token, should the provider have sent another. */
static enum err confirm(struct core *core, struct op *op, const struct single_sign_on *sso,
                        struct provider_session *session)
{
    struct provider_answer answer = {0};
    struct str refresh;
    if (sso->provider == NULL || session->refresh.p == NULL ||
        !str_eq(session->issuer, provider_issuer(sso->provider)))
        return op_fail(op, ERR_UNAUTHENTICATED, "nobody can be asked about it");
    enum err err = provider_unseal(sso->provider, op, session->refresh, &refresh);
    if (err == ERR_INVALID)
        return op_fail(op, ERR_UNAUTHENTICATED, "its token was sealed by another client secret");
    if (err == ERR_OK)
        err = provider_refresh(sso->provider, op, refresh, session->subject, &answer);
    if (answer.refresh_token.p != NULL) {
        enum err sealed = provider_seal(sso->provider, op, answer.refresh_token, &session->refresh);
        if (sealed != ERR_OK)
            return sealed;
    }
    if (err != ERR_OK)
        return err;

    struct identity_sign_in sign_in = {.op = op, .identity = &answer.identity};
    err = identity_sign_in(core, &sign_in);
    if (err == ERR_OK && sign_in.verdict != SIGN_IN_RIGHT && sign_in.verdict != SIGN_IN_NO_ROLE)
        return op_fail(op, ERR_UNAUTHENTICATED, "the account is disabled, or gone");
    session->checked_at = op->now;
    session->due_at = op->now + sso->check_ms;
    return err;
}

/* A provider that is merely away must not sign everybody out, nor a stop of this server anybody; one that lies may. */
static enum err session_check(struct core *core, struct op *op, const struct single_sign_on *sso,
                              struct provider_session *session)
{
    struct str refresh = session->refresh;
    enum err err = confirm(core, op, sso, session);
    bool renewed = session->refresh.p != refresh.p;
    bool away = err == ERR_UNAVAILABLE || err == ERR_INVALID;
    bool ends = err == ERR_UNAUTHENTICATED || (away && !provider_stopped(sso->provider) &&
                                               op->now - session->checked_at >= sso->grace_ms);
    if (ends || away)
        LOG(ends ? LOG_INFO : LOG_WARN,
            ends ? "a session of single sign-on ends" : "a session could not be confirmed",
            LOG_NUM("id", session->family_id), LOG_TEXT("reason", str_of(op->detail)));
    if (err == ERR_OK || ends || away)
        op_forget(op);
    /* A token that the provider has renewed is the only one that counts there, whatever failed after that. */
    enum err noted =
        err == ERR_OK || ends || renewed ? provider_session_note(core, op, session, ends) : ERR_OK;
    return err == ERR_OK || ends || away ? noted : err;
}

static enum err run(struct core *core, struct op *op, struct job_attempt *attempt)
{
    const struct single_sign_on *sso = attempt->arg;
    int64_t until = clock_ticks() + turn_ms;
    enum err err = ERR_OK;
    while (err == ERR_OK && clock_ticks() < until && !*attempt->stop) {
        struct arena_mark mark = arena_mark(op->arena);
        struct provider_session session;
        op->now = clock_now();
        err = provider_session_claim(core, op, op->now + again_ms, &session);
        if (err == ERR_OK)
            err = session_check(core, op, sso, &session);
        arena_rewind(op->arena, mark);
    }
    if (err == ERR_OK)
        attempt->period_ms = 0;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static const int64_t soon[] = {5 * SECOND, 30 * SECOND};

const struct job_kind single_sign_on_job = {
    STR_INIT("single sign-on"),
    {.period_ms = 30 * SECOND, .retries_ms = soon, .retry_count = sizeof soon / sizeof soon[0]},
    300 * SECOND,
    run};
