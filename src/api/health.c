/* /healthz: the process runs. /readyz: it can take work: the store answers, and no stop is near. */
#include "api/api.h"
#include "api/handlers.h"
#include "store/directory.h"

void health_get(struct call *call)
{
    BUF_LIT(&call->body, "ok\n");
    call_answer(call, 200, STR("text/plain"), NULL, 0);
}

static enum err store_answers(struct core_read *read, struct db *db)
{
    int64_t version;
    return store_directory_version(db, read->op, &version);
}

static void ready_done(struct core_read *read)
{
    struct call *call = call_of_read(read);
    if (read->err != ERR_OK) {
        call_fail(call, read->err);
        return;
    }
    BUF_LIT(&call->body, "ready\n");
    call_answer(call, 200, STR("text/plain"), NULL, 0);
}

void ready_get(struct call *call)
{
    if (api_stopping(call->api) || core_is_broken(api_core(call->api))) {
        call_fail_status(call, 503, "This server is stopping; send to another.");
        return;
    }
    call_read(call, store_answers, ready_done);
}
