/* /healthz: the process runs. /readyz: it can take work: the store answers, and no stop is near. */
#include "api/api.h"
#include "api/handlers.h"
#include "store/directory.h"

static enum err answer_word(struct call *call, struct str word)
{
    buf_add(&call->body, word);
    return call_answer(call, 200, STR("text/plain"), NULL, 0);
}

enum err health_get(struct call *call)
{
    return answer_word(call, STR("ok\n"));
}

/* Then the call is answered. */
static bool stop_is_near(struct call *call)
{
    bool near = api_stopping(call->api) || core_is_broken(api_core(call->api));
    if (near)
        call_refuse(call, 503, "This server is stopping; use another.");
    return near;
}

static enum err store_asked(struct core_read *read, struct db *db)
{
    int64_t version;
    return store_directory_version(db, read->op, &version);
}

static void store_answered(struct core_read *read)
{
    struct call *call = call_of_read(read);
    if (read->err != ERR_OK)
        call_fail(call, read->err);
    else if (!stop_is_near(call))
        (void)answer_word(call, STR("ready\n"));
}

/* A server that stops says so at once: its readers may be what it waits for. */
void ready_get(struct call *call)
{
    if (!stop_is_near(call))
        call_read(call, store_asked, store_answered);
}
