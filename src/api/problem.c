#include "api/problem.h"

#include "http/response.h"
#include "json/write.h"
#include "model/faults.h"

int problem_status(enum err err)
{
    switch (err) {
    case ERR_OK:
        return 200;
    case ERR_SYNTAX:
        return 400;
    case ERR_UNAUTHENTICATED:
        return 401;
    case ERR_FORBIDDEN:
        return 403;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_CONFLICT:
        return 409;
    case ERR_STALE:
        return 412;
    case ERR_TOO_LONG:
        return 413;
    case ERR_INVALID:
    case ERR_KEY_REUSED:
        return 422;
    case ERR_THROTTLED:
        return 429;
    case ERR_ANSWERED: /* never a problem: the call has its answer, or goes on */
    case ERR_ELSEWHERE:
    case ERR_MISUSE:
    case ERR_CONSTRAINT:
    case ERR_CORRUPT:
    case ERR_SETTINGS:
        return 500;
    case ERR_MEMORY:
    case ERR_OUTDATED:
    case ERR_BUSY:
    case ERR_RETRY:
    case ERR_FULL:
    case ERR_IO:
    case ERR_NOT_READY:
    case ERR_UNAVAILABLE:
        return 503;
    }
    return 500;
}

struct str problem_detail(enum err err, struct str detail)
{
    if (err == ERR_NOT_READY)
        return detail;
    switch (problem_status(err)) {
    case 500:
        return STR("This is an error of the server, not of your request. The operator can find the "
                   "cause in the log.");
    case 503:
        /* The engine's own words belong into the log. Nothing was stored unless a request that
         * carries the same Idempotency-Key says so. */
        return err == ERR_FULL
                   ? STR("The server has no space left. Nothing was stored; send it again later.")
                   : STR("The server cannot do this right now. Send it again, with the same "
                         "Idempotency-Key if it had one.");
    default:
        return detail;
    }
}

struct str problem_faults_detail(struct arena *arena, const struct faults *faults)
{
    if (faults->n == 1)
        return STR("One thing is wrong with this request; \"errors\" names it.");
    return arena_printf(arena,
                        faults->more ? "More than %zu things are wrong with this request; "
                                       "\"errors\" names the first."
                                     : "%zu things are wrong with this request; \"errors\" "
                                       "names each.",
                        faults->n);
}

void fault_encode(struct buf *buf, const struct fault *fault)
{
    BUF_LIT(buf, "{\"pointer\":");
    buf_json_string(buf, fault->pointer);
    BUF_LIT(buf, ",\"code\":");
    buf_json_string(buf, fault_code_name(fault->code));
    BUF_LIT(buf, ",\"detail\":");
    buf_json_string(buf, fault->detail);
    if (fault->allowed.n > 0) {
        BUF_LIT(buf, ",\"allowed\":");
        buf_json_strings(buf, fault->allowed);
    }
    buf_char(buf, '}');
}

void faults_encode(struct buf *buf, const struct faults *faults)
{
    buf_char(buf, '[');
    for (size_t i = 0; i < faults->n; i++) {
        fault_encode(buf, &faults->items[i]);
        if (i + 1 < faults->n)
            buf_char(buf, ',');
    }
    buf_char(buf, ']');
}

void problem_encode(struct buf *buf, int status, struct str detail, const struct faults *faults)
{
    BUF_LIT(buf, "{\"type\":\"about:blank\",\"title\":");
    buf_json_string(buf, http_reason(status));
    BUF_LIT(buf, ",\"status\":");
    buf_i64(buf, status);
    if (detail.n > 0) {
        BUF_LIT(buf, ",\"detail\":");
        buf_json_string(buf, detail);
    }
    if (faults != NULL && faults->n > 0) {
        BUF_LIT(buf, ",\"errors\":");
        faults_encode(buf, faults);
    }
    buf_char(buf, '}');
}

int problem_retry_after(int status)
{
    return status == 503 ? 5 : status == 429 ? 1 : 0;
}
